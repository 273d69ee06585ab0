"""The helpdesk: profiles, and tickets in which several people read along, write, attach files and name each other."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

from proofs.neighbours.drawn import Resident, Town, spellings
from proofs.neighbours.handed_out import OWN_FILE
from proofs.neighbours.judging import Record, System
from proofs.strangers.planted import Marks, Row, Snapshot
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
    """Serve a helpdesk with the town's tickets; gives its side of the proof and its section of the configuration.

    Args:
        town: Everybody.
        marks: Where what is planted is noted.
        folder: For the secret.
    """
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
        """Everything that the helpdesk begins with."""
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
        return {
            "users": users,
            "identities": list(self._further()),
            "tickets": tickets,
            "comments": comments,
        }

    def _user(self, person: Resident) -> dict[str, object]:
        phone = person.phones[0]
        note = self._marks.plant(NAME, f"{person.number}: note in the profile", [person.number])
        return {
            "id": _FIRST_USER + person.number,
            "name": person.name,
            "email": person.emails[0],
            "phone": phone,
            "shared_phone_number": len(self._town.having(phone)) > 1,
            "external_id": person.customer,
            "notes": f"Likes kettles, {note}.",
            "role": "end-user",
        }

    def _further(self) -> Iterator[dict[str, object]]:
        """Second addresses; the first ones and the numbers of one person alone are derived."""
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
        title = self._marks.plant(NAME, f"{requester.number}: subject of ticket {number}", [requester.number])
        # One who wrote may have been taken out of the list of readers since.
        writers = [requester, *readers, *(town.some(1, but=frozenset({requester})) if dice.random() < 0.2 else [])]
        thread = [self._comment(number, 0, requester, at)]
        for place in range(1, dice.randint(1, 5)):
            writer = dice.choice([*writers, None])
            thread.append(self._comment(number, place, writer, at + timedelta(minutes=place)))
        return {
            "id": number,
            "subject": f"Kettle {title}{self._naming(0.1)}",
            "status": dice.choice(("closed", "solved", "open", "pending")),
            "requester_id": _FIRST_USER + requester.number,
            "assignee_id": _AGENT,
            "email_cc_ids": [_FIRST_USER + one.number for one in readers],
            "collaborator_ids": [_FIRST_USER + one.number for one in readers],
            "tags": ["kettle"],
            "created_at": _stamp(at),
            "updated_at": _stamp(at + timedelta(hours=1)),
        }, thread

    def _comment(self, ticket: int, place: int, writer: Resident | None, at: datetime) -> dict[str, object]:
        owners = [writer.number] if writer else []
        who = writer.number if writer else "staff"
        mark = self._marks.plant(NAME, f"{who}: comment {place} of ticket {ticket}", owners)
        files = []
        if writer and self._dice.random() < 0.3:
            own = self._marks.plant(NAME, f"{who}: {OWN_FILE} of comment {place} of ticket {ticket}", owners)
            content = base64.b64encode(f"A picture of {own}.{self._naming(0.5)}".encode()).decode()
            files = [self._file("picture.txt", content), self._file("manual.txt", self._same_file)]
        name = writer.name if writer else "Agnes Care"
        return {
            "id": next(self._comments),
            "ticket_id": ticket,
            "author_id": _FIRST_USER + writer.number if writer else _AGENT,
            "body": f"{name} here: it leaks, {mark}.{self._naming(0.25)}",
            "public": True,
            "created_at": _stamp(at),
            "attachments": files,
        }

    def _file(self, name: str, content: str) -> dict[str, object]:
        kind = {"file_name": name, "content_type": "text/plain"}
        return {"id": next(self._files), **kind, "content_base64": content}

    def _naming(self, chance: float) -> str:
        """A sentence that names anybody, by anything."""
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
        NAME,
        snapshot,
        owners,
        _record,
        is_own=lambda row, number: row.get("requester_id") == str(_FIRST_USER + number),
        only_reads=only_reads,
        ids=lambda number: frozenset({str(_FIRST_USER + number)}),
        may_come=frozenset({"purged", "trash"}),
        moves=frozenset({"updated_at"}),
        beginning_with=partial(_beginning_with, snapshot),
    )


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
    """Who takes part in each ticket, by the ticket's number."""
    ids: dict[str, set[int]] = {}
    for place, row in held.items():
        if place.startswith("tickets/"):
            listed = json.loads(row["email_cc_ids"]) + json.loads(row["collaborator_ids"])
            ids.setdefault(row["id"], set()).update(int(one) for one in (row["requester_id"], *listed))
        elif place.startswith("comments/"):
            ids.setdefault(row["ticket_id"], set()).add(int(row["author_id"]))
    people = range(_FIRST_USER, _ADMIN)
    return {key: frozenset(one - _FIRST_USER for one in some if one in people) for key, some in ids.items()}
