"""Published layouts of other programs (``layouts.toml``), in SQLite, filled with invented people."""

from __future__ import annotations

import json
import sqlite3
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

MARK: Final = "zorblax"
"""Stands in every value that is about a person."""
PEOPLE: Final = 24

LAYOUTS: Final[dict[str, str]] = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a layout."""

    name: str
    type: str
    content: str


def tables(layout: str) -> dict[str, list[Column]]:
    """The tables of a layout."""
    found: dict[str, list[Column]] = {}
    for line in LAYOUTS[layout].strip().splitlines():
        name, _, columns = line.partition(" | ")
        found[name] = [Column(*text.split()) for text in columns.replace("(10,2)", "").split(", ")]
    return found


def wanted(layout: str) -> dict[str, set[str]]:
    """The identity columns that a careful person writes down, and under ``?`` those that may be."""
    found: dict[str, set[str]] = {"*": set(), "?": set()}
    for table, columns in tables(layout).items():
        for column in columns:
            if column.content[0] in found:
                found[column.content[0]].add(f"{table}.{column.name}")
    return found


def build(layout: str, path: Path, rows: int = PEOPLE) -> str:
    """Make a filled SQLite database of a layout; gives its URL."""
    with sqlite3.connect(path) as database:
        for table, columns in tables(layout).items():
            database.execute(f'CREATE TABLE "{table}" ({", ".join(_columns(columns))})')
            for number in range(1, rows + 1):
                values = [_value(column, number) for column in columns]
                marks = ", ".join("?" for _ in values)
                database.execute(f'INSERT INTO "{table}" VALUES ({marks})', values)
    database.close()
    return f"sqlite:///{path}"


def _columns(columns: list[Column]) -> Iterator[str]:
    for column in columns:
        yield f'"{column.name}" {column.type}' + (" PRIMARY KEY" if column.content == "pk" else "")
    for column in columns:
        if column.content.startswith(">"):
            table, _, to = column.content[1:].partition(".")
            yield f'FOREIGN KEY ("{column.name}") REFERENCES "{table}" ("{to}")'


def _value(column: Column, number: int) -> object:
    content = column.content.lstrip("*?")
    if content == "pk" or content[:1] in {">", "~"}:
        return number if column.type == "int" else f"{MARK[:3]}{number:02}"
    if content.startswith("="):
        return content[1:]
    return _VALUES[content](number)


_VALUES: Final = {
    "name": lambda number: f"{MARK.title()}{chr(96 + number)}",
    "email": lambda number: f"{MARK}.{number}@example.org",
    "own": lambda _: "help@example.com",
    "phone": lambda number: f"+49 30 901820{number:02}",
    "callerid": lambda number: f'"{MARK.title()} {number}" <+493090182{number:03}>',
    "mailfrom": lambda number: f'"{MARK.title()} {number}" <{MARK}.{number}@example.org>',
    "mailheader": lambda number: (
        f"From: {MARK}.{number}@example.org\nTo: help@example.com\nSubject: the {MARK} of " * 3
    ),
    "mid": lambda number: f"<{number}.{MARK}.abc@mail.example.org>",
    "channel": lambda number: f"PJSIP/+493090182{number:03}-0000{number:04}",
    "number": lambda number: f"K-{number:05}{MARK[:2]}",
    "born": lambda number: f"19{60 + number}-05-{number:02}",
    "iban": lambda number: f"DE89370400440532013{number:03}",
    "imei": lambda number: f"3569380356438{number:02}",
    "street": lambda number: f"{MARK.title()}weg {number}",
    "login": lambda number: f"{MARK}{number}",
    "text": lambda number: f"The washing machine of {MARK} number {number} stopped, please call back. " * 2,
    "title": lambda number: f"Something {number} for sale",
    "word": lambda number: f"Town {number % 9}",
    "code": lambda number: ("new", "open", "closed")[number % 3],
    "lang": lambda number: ("de", "en")[number % 2],
    "ip": lambda number: f"192.0.2.{number}",
    "secret": lambda number: f"$2y${MARK}{number}abcdef",
    "unique": lambda number: f"17{number:08}.{number}",
    "file": lambda number: f"2026/03/{MARK}-{number}.wav",
    "at": lambda number: f"2026-03-{number:02} 10:00:00",
    "int": lambda number: number % 5,
    "zero": lambda _: 0,
    "none": lambda _: None,
    "yaml": lambda number: f"---\n:no_self_notified: '1'\n:x: {number}\n",
    "json": lambda number: json.dumps({"contact": {"email": f"{MARK}.{number}@example.org"}, "level": number % 3}),
}
