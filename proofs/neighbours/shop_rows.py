"""A shop's own database: customers, tickets with messages, cards and calls, and files that several rows point at."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import count
from pathlib import Path
from typing import Any

from proofs.neighbours.drawn import OWN_LINE, Resident, Town, spellings
from proofs.neighbours.judging import Record, System
from proofs.strangers.planted import Marks, Row, Snapshot
from proofs.strangers.snapshots import of_folder

NAME = "shop"
_BEGAN = datetime(2026, 1, 7, 8, tzinfo=UTC)
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

[[systems.shop.tables]]
name       = "contact"
document_class = "none"
key        = ["id"]
identities = [
  {{ column = "email", kind = "email" }},
  {{ column = "phone", kind = "phone" }},
  {{ column = "customer", kind = "customer_id" }},
]

[[systems.shop.tables]]
name       = "ticket"
document_class = "none"
key        = ["id"]
references = [{{ column = "contact_id", table = "contact", to = "id" }}]
erase      = "blank"
blank      = {{ title = "" }}

[[systems.shop.tables]]
name       = "message"
document_class = "none"
key        = ["id"]
references = [
  {{ column = "author_id", table = "contact", to = "id" }},
  {{ column = "ticket_id", table = "ticket", to = "id" }},
]
author     = "author_id"
file       = {{ column = "file", kind = "file", title = "files" }}

[[systems.shop.tables]]
name       = "card"
document_class = "none"
key        = ["id"]
references = [{{ column = "contact_id", table = "contact", to = "id" }}]

[[systems.shop.tables]]
name       = "call"
document_class = "none"
key        = ["id"]
one_person = false
identities = [
  {{ column = "src", kind = "phone", direction = "incoming" }},
  {{ column = "dst", kind = "phone", direction = "outgoing" }},
  {{ column = "account", kind = "customer_id" }},
]
blank      = {{ src = "", dst = "", account = "" }}
file       = {{ column = "recording" }}
"""


def fill(town: Town, marks: Marks, folder: Path) -> tuple[System, str]:
    """Make the database and its files; gives its side of the proof and its section of the configuration.

    Args:
        town: Everybody.
        marks: Where what is planted is noted.
        folder: An empty folder.
    """
    database, files, url = folder / "shop.sqlite", folder / "files", folder / "shop-url"
    files.mkdir()
    url.write_text(f"sqlite:///{database}", encoding="utf-8")
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(_TABLES)
        _Rows(town, marks, connection, files).draw()
    return _system(town, database, files), _SECTION.format(url=url, files=files.as_uri(), own=OWN_LINE)


class _Rows:
    """Draws them."""

    def __init__(self, town: Town, marks: Marks, connection: sqlite3.Connection, files: Path) -> None:
        self._town, self._dice, self._marks = town, town.dice, marks
        self._connection, self._files = connection, files
        self._contacts: dict[int, list[int]] = {one.number: [] for one in town.people}
        self._numbers = count(1)

    def draw(self) -> None:
        """Everything, each table's rows in an order of chance."""
        for person in self._town.people:
            # Each address and each number stands somewhere beside the customer number, as it does in real shops.
            for place in range(max(len(person.emails), len(person.phones))):
                self._contact(person, place)
        for _ in range(2 * len(self._town.people)):
            self._ticket()
        for person in self._town.people:
            for _ in range(self._dice.randint(0, 2)):
                self._call(person)

    def _contact(self, person: Resident, place: int) -> None:
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
        ticket = self._insert("ticket", "contact_id, title, created", (contact, f"Kettle {title}", _BEGAN.isoformat()))
        writers = [owner, *self._town.some(2, but=frozenset({owner}))]
        for place in range(self._dice.randint(1, 4)):
            writer = self._dice.choice(writers)
            author = self._dice.choice(self._contacts[writer.number])
            text = self._plant(writer, f"message {next(self._numbers)}")
            made = (_BEGAN + timedelta(minutes=place)).isoformat()
            row = (ticket, author, f"It leaks, {text}.", self._file(writer), made)
            self._insert("message", "ticket_id, author_id, body, file, created", row)

    def _file(self, writer: Resident) -> str:
        """A file of the writer's own, one that several people attached and that lies there once, or none."""
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

    def _call(self, person: Resident) -> None:
        """A call of one person, or of two; with or without the customer number."""
        phone, dice, town = self._dice.choice(person.phones), self._dice, self._town
        other = dice.choice(town.people) if dice.random() < 0.2 else None
        ends = [dice.choice(spellings(phone)), dice.choice(spellings(other.phones[0])) if other else OWN_LINE]
        dice.shuffle(ends)
        is_known = dice.random() < 0.5 and other is None
        owners = {person.number} if is_known else set(town.having(phone))
        owners |= town.having(other.phones[0]) if other else set()
        number = next(self._numbers)
        note = self._marks.plant(NAME, f"{sorted(owners)}: call {number}", owners)
        recording = f"call-{number}.wav" if dice.random() < 0.5 else ""
        if recording:
            (self._files / recording).write_text(f"RIFF {note}", encoding="utf-8")
        row = (*ends, person.customer if is_known else "", note, recording, _BEGAN.isoformat())
        self._insert("call", "src, dst, account, note, recording, started", row)

    def _plant(self, person: Resident, what: str) -> str:
        return self._marks.plant(NAME, f"{person.number}: {what}", [person.number])

    def _insert(self, table: str, columns: str, values: tuple[object, ...]) -> int:
        places = ", ".join("?" * len(values))
        done = self._connection.execute(f"INSERT INTO {table} ({columns}) VALUES ({places})", values)
        return int(done.lastrowid or 0)


def _system(town: Town, database: Path, files: Path) -> System:
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
    return System(NAME, snapshot, lambda place, _row: whose.get(place, frozenset()), _record)


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


def _record(place: str, row: Row) -> Record | None:
    table, _, key = place.partition("/")
    if table == "files":
        return ("recording" if key.endswith(".wav") else "file"), key
    return (table, json.dumps([int(row["id"])], separators=(",", ":"))) if table else None
