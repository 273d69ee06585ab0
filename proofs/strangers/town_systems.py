"""A town's own systems: a helpdesk, and a shop's database with its files."""

from __future__ import annotations

import base64
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from proofs.strangers import tables
from proofs.strangers.announced import OWN_FILE, Record, System
from proofs.strangers.people import OWN_NUMBER, Person, Town, spellings
from proofs.strangers.planted import Marks, Row, Snapshot, of_folder
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from rightsflow_sandbox.helpdesk.server import running_helpdesk
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Pace

NAME = "helpdesk"
_SECRET = "an-invented-secret"
_ADMIN, _AGENT, _FIRST_USER, _FIRST_TICKET = 900_001, 900_002, 1001, 4001
_BEGAN = datetime(2026, 1, 5, 9, tzinfo=UTC)

SECTION = """
[systems.helpdesk]
connector         = "zendesk"
base_url          = "{url}"
client_id         = "rightsflow"
client_secret     = "file:{secret}"
job_poll_seconds  = 0.05
purposes          = ["handling service requests"]
categories        = ["contact data", "service tickets"]
source            = "the data subject"
recipients        = "none"
retention         = "24 months"
transfers         = "none"
backup_days = 0
document_classes  = {{ ticket = "none", call-recording = "none", partner-recording = "none" }}
"""
"""What an operator writes for it."""


@contextmanager
def running(town: Town, marks: Marks, folder: Path) -> Iterator[tuple[System, str]]:
    state = load_helpdesk(_Tickets(town, marks).data(), pace=Pace(job_polls=1))
    secret = folder / "helpdesk-secret"
    secret.write_text(_SECRET, encoding="utf-8")
    with running_helpdesk(state, client_secret=_SECRET) as url:
        yield _system(state), SECTION.format(url=url, secret=secret)


class _Tickets:
    """Draws them."""

    def __init__(self, town: Town, marks: Marks) -> None:
        self._town, self._dice, self._marks = town, town.dice, marks
        self._comments, self._files = count(19_001), count(60_001)
        self._same_file = base64.b64encode(b"The manual that everybody attaches.").decode()

    def data(self) -> dict[str, object]:
        """Return all data with which the helpdesk begins."""
        staff = [
            {"id": _ADMIN, "name": "Helga Desk", "email": "admin@agents.example.com", "role": "admin"},
            {"id": _AGENT, "name": "Agnes Care", "email": "agnes@agents.example.com", "role": "agent"},
        ]
        tickets, comments = [], []
        for number in range(2 * len(self._town.people)):
            ticket, thread = self._ticket(_FIRST_TICKET + number)
            tickets.append(ticket)
            comments += thread
        users = [*staff, *map(self._user, self._town.people)]
        for user in users:
            user["created_at"] = _stamp(_BEGAN - timedelta(days=90))
        return {"users": users, "identities": list(self._further()), "tickets": tickets, "comments": comments}

    def _user(self, person: Person) -> dict[str, object]:
        phone = person.phones[0]
        note = self._marks.own(NAME, person.number, "note in the profile")
        named = {"id": _FIRST_USER + person.number, "name": person.name, "email": person.emails[0], "phone": phone}
        known = {"shared_phone_number": len(self._town.having(phone)) > 1, "external_id": person.customer}
        return {**named, **known, "notes": f"Likes kettles, {note}.", "role": "end-user"}

    def _further(self) -> Iterator[dict[str, object]]:
        numbers = count(14_001)
        for person in self._town.people:
            for email in person.emails[1:]:
                of = {"user_id": _FIRST_USER + person.number, "type": "email", "value": email}
                yield {"id": next(numbers), "created_at": _stamp(_BEGAN), **of}

    def _ticket(self, number: int) -> tuple[dict[str, object], list[dict[str, object]]]:
        dice, town = self._dice, self._town
        requester = dice.choice(town.people)
        readers = town.some(2, but=frozenset({requester})) if dice.random() < 0.4 else []
        at = _BEGAN + timedelta(hours=number - _FIRST_TICKET)
        title = self._marks.own(NAME, requester.number, f"subject of ticket {number}")
        # One who wrote may have been taken out of the list of readers since.
        writers = [requester, *readers, *(town.some(1, but=frozenset({requester})) if dice.random() < 0.2 else [])]
        thread = [self._comment(number, 0, requester, at)]
        for place in range(1, dice.randint(1, 5)):
            writer = dice.choice([*writers, None])
            thread.append(self._comment(number, place, writer, at + timedelta(minutes=place)))
        said: dict[str, object] = {"id": number, "subject": f"Kettle {title}{self._naming(0.1)}", "tags": ["kettle"]}
        said |= {"status": dice.choice(("closed", "solved", "open", "pending")), "assignee_id": _AGENT}
        said |= {"requester_id": _FIRST_USER + requester.number, "created_at": _stamp(at)}
        ids = [_FIRST_USER + one.number for one in readers]
        copied = {"email_cc_ids": ids, "collaborator_ids": [*ids]}
        return {**said, **copied, "updated_at": _stamp(at + timedelta(hours=1))}, thread

    def _comment(self, ticket: int, place: int, writer: Person | None, at: datetime) -> dict[str, object]:
        owners = [writer.number] if writer else []
        who = writer.number if writer else "staff"
        mark = self._marks.plant(NAME, f"{who}: comment {place} of ticket {ticket}", owners)
        files = []
        if writer and self._dice.random() < 0.3:
            own = self._marks.plant(NAME, f"{who}: {OWN_FILE} of comment {place} of ticket {ticket}", owners)
            content = base64.b64encode(f"A picture of {own}.{self._naming(0.5)}".encode()).decode()
            files = [self._file("picture.txt", content), self._file("manual.txt", self._same_file)]
        name, author = (writer.name, _FIRST_USER + writer.number) if writer else ("Agnes Care", _AGENT)
        body = f"{name} here: it leaks, {mark}.{self._naming(0.25)}"
        said = {"id": next(self._comments), "ticket_id": ticket, "author_id": author, "body": body}
        return {**said, "public": True, "created_at": _stamp(at), "attachments": files}

    def _file(self, name: str, content: str) -> dict[str, object]:
        kind = {"file_name": name, "content_type": "text/plain"}
        return {"id": next(self._files), **kind, "content_base64": content}

    def _naming(self, chance: float) -> str:
        if self._dice.random() > chance:
            return ""
        named = self._dice.choice(self._town.people)
        by = self._dice.choice((named.emails[-1], self._dice.choice(spellings(named.phones[-1])), named.name))
        return f" Ask {by} as well."


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"


def _system(state: HelpdeskState) -> System:
    """Whose its things are: a comment is its writer's; a ticket, and what staff wrote in it, of all who take part."""

    def snapshot() -> Snapshot:
        with state.lock:
            dump = dump_helpdesk(state)
        held: dict[str, dict[str, str]] = {}
        for name in ("users", "identities", "tickets", "comments"):
            held |= {f"{name}/{one['id']}": _row(one) for one in dump[name]}
        # What the helpdesk notes of its own deletions, and blanks some time later by itself.
        held |= {f"purged/{one['record']['id']}": {"id": str(one["record"]["id"])} for one in dump["deleted_users"]}
        held |= {f"trash/{one['ticket']['id']}": _row(one["ticket"]) for one in dump["deleted_tickets"]}
        return held

    return _beginning_with(snapshot, snapshot())


def _beginning_with(snapshot: Callable[[], Snapshot], begun: Snapshot) -> System:
    parts = _participants(begun)
    written = {(row["ticket_id"], row["author_id"]) for place, row in begun.items() if place.startswith("comments/")}

    def only_reads(record: Record, number: int) -> bool:
        user, ticket = str(_FIRST_USER + number), begun.get(f"tickets/{record[1]}", {})
        wrote = (record[1], user) in written or ticket.get("requester_id") == user
        return ticket.get("status") == "closed" and not wrote and number in parts.get(record[1], ())

    def owners(place: str, row: Row) -> frozenset[int]:
        table = place.partition("/")[0]
        if table == "tickets":
            return parts[row["id"]]
        writer = _customer(row.get("author_id", row.get("user_id", row["id"])))
        return writer or parts.get(row.get("ticket_id", ""), frozenset())

    # What Zendesk keeps of a deleted profile, without anything of the person, and when a thing was changed last.
    return System(
        NAME, snapshot, owners, _record,
        is_own=lambda row, number: row.get("requester_id") == str(_FIRST_USER + number), only_reads=only_reads,
        ids=lambda number: frozenset({str(_FIRST_USER + number)}), may_come=frozenset({"purged", "trash"}),
        moves=frozenset({"updated_at"}), beginning_with=partial(_beginning_with, snapshot),
    )  # fmt: skip


def _row(record: dict[str, Any]) -> dict[str, str]:
    row = {
        name: value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
        for name, value in record.items()
    }
    # What is in the files, where marks can be seen.
    files = [base64.b64decode(one.get("content_base64", "")) for one in record.get("attachments", ())]
    return row | ({"in files": b"\n".join(files).decode()} if files else {})


def _record(_place: str, row: Row) -> Record | None:
    if "ticket_id" in row:
        return "ticket", row["ticket_id"]
    if "requester_id" in row:
        return "ticket", row["id"]
    return "user", row["user_id"] if "user_id" in row else row["id"]


def _customer(user_id: str) -> frozenset[int]:
    number = int(user_id) - _FIRST_USER
    return frozenset({number}) if 0 <= number < _ADMIN - _FIRST_USER else frozenset()


def _participants(held: Snapshot) -> dict[str, frozenset[int]]:
    ids: dict[str, set[int]] = {}
    for place, row in held.items():
        if place.startswith("tickets/"):
            listed = json.loads(row["email_cc_ids"]) + json.loads(row["collaborator_ids"])
            ids.setdefault(row["id"], set()).update(int(one) for one in (row["requester_id"], *listed))
        elif place.startswith("comments/"):
            ids.setdefault(row["ticket_id"], set()).add(int(row["author_id"]))
    people = range(_FIRST_USER, _ADMIN)
    return {key: frozenset(one - _FIRST_USER for one in some if one in people) for key, some in ids.items()}


SHOP = "shop"
_SHOP_BEGAN = datetime(2026, 1, 7, 8, tzinfo=UTC)
_TABLES = """
CREATE TABLE contact (id INTEGER PRIMARY KEY, email TEXT, phone TEXT, customer TEXT, name TEXT, remark TEXT,
  locked INTEGER DEFAULT 0);
CREATE TABLE ticket (id INTEGER PRIMARY KEY, contact_id INTEGER, title TEXT, created TEXT, locked INTEGER DEFAULT 0);
CREATE TABLE message (
  id INTEGER PRIMARY KEY, ticket_id INTEGER, author_id INTEGER, body TEXT, file TEXT, created TEXT
);
CREATE TABLE card (
  id INTEGER PRIMARY KEY, contact_id INTEGER, token TEXT, holder TEXT, paid TEXT DEFAULT '2026-01-07'
);
CREATE TABLE call (
  id INTEGER PRIMARY KEY, src TEXT, dst TEXT, account TEXT, note TEXT, recording TEXT, started TEXT
);
"""
_SECTION = """
[systems.shop]
connector   = "sql"
url         = "file:{url}"
files       = "{files}"
own_numbers = ["{own}"]
document_classes = {{ file = "none", recording = "none" }}
purposes    = ["customer care"]
categories  = ["service data"]
source      = "the data subject"
recipients  = "none"
retention   = "24 months"
transfers   = "none"
backup_days = 0
"""


def fill(town: Town, marks: Marks, folder: Path) -> tuple[System, str]:
    database, files, url = folder / "shop.sqlite", folder / "files", folder / "shop-url"
    files.mkdir()
    url.write_text(f"sqlite:///{database}", encoding="utf-8")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(_TABLES)
        _Rows(town, marks, connection, files).draw()
    return _shop_system(town, database, files), _SECTION.format(
        url=url, files=files.as_uri(), own=OWN_NUMBER
    ) + tables.SHOP


class _Rows:
    """Draws them."""

    def __init__(self, town: Town, marks: Marks, connection: sqlite3.Connection, files: Path) -> None:
        self._town, self._dice, self._marks = town, town.dice, marks
        self._connection, self._files = connection, files
        self._contacts: dict[int, list[int]] = {one.number: [] for one in town.people}
        self._numbers = count(1)

    def draw(self) -> None:
        for person in self._town.people:
            # Each address and each number stands somewhere beside the customer number, as it does in real shops.
            for place in range(max(len(person.emails), len(person.phones))):
                self._contact(person, place)
        for _ in range(2 * len(self._town.people)):
            self._ticket()
        for person in self._town.people:
            for _ in range(self._dice.randint(0, 2)):
                self._call(person)

    def _contact(self, person: Person, place: int) -> None:
        key = len(self._contacts[person.number])
        phone = person.phones[min(place, len(person.phones) - 1)]
        email = person.emails[min(place, len(person.emails) - 1)]
        remark = self._plant(person, f"remark {key}")
        written = self._dice.choice(spellings(phone))
        row = (email, written, person.customer, person.name, f"A friend, {remark}.")
        self._contacts[person.number].append(self._insert("contact", "email, phone, customer, name, remark", row))
        if self._dice.random() < 0.6:
            # Several people pay with one card; each has a row.
            token = f"tok_{self._dice.randint(1, len(self._town.people) // 3 + 1)}"
            holder = self._plant(person, f"card {key}")
            self._insert("card", "contact_id, token, holder", (self._contacts[person.number][-1], token, holder))

    def _ticket(self) -> None:
        owner = self._dice.choice(self._town.people)
        contact = self._dice.choice(self._contacts[owner.number])
        title = self._plant(owner, f"title {next(self._numbers)}")
        ticket = self._insert(
            "ticket", "contact_id, title, created", (contact, f"Kettle {title}", _SHOP_BEGAN.isoformat())
        )
        writers = [owner, *self._town.some(2, but=frozenset({owner}))]
        for place in range(self._dice.randint(1, 4)):
            writer = self._dice.choice(writers)
            author = self._dice.choice(self._contacts[writer.number])
            text = self._plant(writer, f"message {next(self._numbers)}")
            made = (_SHOP_BEGAN + timedelta(minutes=place)).isoformat()
            row = (ticket, author, f"It leaks, {text}.", self._file(writer), made)
            self._insert("message", "ticket_id, author_id, body, file, created", row)

    def _file(self, writer: Person) -> str:
        chance = self._dice.random()
        if chance > 0.6:
            return ""
        if chance > 0.3:
            content = f"The same picture, number {self._dice.randint(1, len(self._town.people) // 4 + 1)}."
        else:
            content = f"A picture of {self._plant(writer, f'file {next(self._numbers)}')}."
        name = f"{sha256(content.encode()).hexdigest()[:16]}.txt"
        (self._files / name).write_text(content, encoding="utf-8")
        return name

    def _call(self, person: Person) -> None:
        """Make a call of one person or of two, with or without the customer number."""
        phone, dice, town = self._dice.choice(person.phones), self._dice, self._town
        other = dice.choice(town.people) if dice.random() < 0.2 else None
        ends = [dice.choice(spellings(phone)), dice.choice(spellings(other.phones[0])) if other else OWN_NUMBER]
        dice.shuffle(ends)
        is_known = dice.random() < 0.5 and other is None
        owners = {person.number} if is_known else set(town.having(phone))
        owners |= town.having(other.phones[0]) if other else set()
        number = next(self._numbers)
        note = self._marks.plant(SHOP, f"{sorted(owners)}: call {number}", owners)
        recording = f"call-{number}.wav" if dice.random() < 0.5 else ""
        if recording:
            (self._files / recording).write_text(f"RIFF {note}", encoding="utf-8")
        row = (*ends, person.customer if is_known else "", note, recording, _SHOP_BEGAN.isoformat())
        self._insert("call", "src, dst, account, note, recording, started", row)

    def _plant(self, person: Person, what: str) -> str:
        return self._marks.own(SHOP, person.number, what)

    def _insert(self, table: str, columns: str, values: tuple[object, ...]) -> int:
        places = ", ".join("?" * len(values))
        done = self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)
        return int(done.lastrowid or 0)


def _shop_system(town: Town, database: Path, files: Path) -> System:
    def snapshot() -> Snapshot:
        held: dict[str, dict[str, str]] = {}
        with closing(sqlite3.connect(database)) as connection:
            connection.row_factory = sqlite3.Row
            for table in ("contact", "ticket", "message", "card", "call"):
                for row in connection.execute(f"SELECT * FROM {table}"):
                    held[f"{table}/{row['id']}"] = {name: _text(row[name]) for name in row.keys()}  # noqa: SIM118
        return held | of_folder(files)

    begun = snapshot()
    of_contact = {row["id"]: _person(town, row) for place, row in begun.items() if place.startswith("contact/")}
    whose = dict(_owners(town, begun, of_contact))
    return System(SHOP, snapshot, lambda place, _row: whose.get(place, frozenset()), _shop_record)


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _person(town: Town, row: Row) -> frozenset[int]:
    return frozenset(one.number for one in town.people if one.customer == row["customer"])


def _owners(town: Town, held: Snapshot, of_contact: dict[str, frozenset[int]]) -> Iterator[tuple[str, frozenset[int]]]:
    """Whose each row and each file is as they were at the beginning."""
    pointing: dict[str, set[int]] = {}
    for place, row in held.items():
        table = place.partition("/")[0]
        if table == "files":
            continue
        if table == "call":
            owners = _of_call(town, row)
        else:
            owners = of_contact[row[{"contact": "id", "message": "author_id"}.get(table, "contact_id")]]
        yield place, owners
        if name := row.get("file") or row.get("recording"):
            pointing.setdefault(name, set()).update(owners)
    yield from ((f"files/{name}", frozenset(owners)) for name, owners in pointing.items())


def _of_call(town: Town, row: Row) -> frozenset[int]:
    if row["account"]:
        return frozenset(one.number for one in town.people if one.customer == row["account"])
    ends = {row["src"], row["dst"]}
    return frozenset(one.number for one in town.people for phone in one.phones if ends & set(spellings(phone)))


def _shop_record(place: str, row: Row) -> Record | None:
    table, _, key = place.partition("/")
    if table == "files":
        return ("recording" if key.endswith(".wav") else "file"), key
    return (table, json.dumps([int(row["id"])], separators=(",", ":"))) if table else None
