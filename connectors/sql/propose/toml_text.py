"""A proposal as a commented section of ``rightsflow.toml``. Pure."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from connectors.settings import UNDECIDED
from connectors.sql.propose.sections import TableSection, note_key, sections, ticket_table
from connectors.sql.propose.selection import Selection

_BARE: Final = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH: Final = 116
_LISTED: Final = ("identities", "references")
_HEAD: Final = (
    "Proposed from the database's schema and at most {most} rows of each table. No value of a row is in this file.",
    "“sure” comes from the database's own keys, “likely” from names and content, “guess” from a name alone.",
    "Check each line, decide what says “to be decided”, and run `rightsflow doctor`, which names what is still open.",
)
_STATED: Final = (
    'recipients = ["…"]    # who gets the data, by name; "none" if there are none',
    'transfers = "…"       # to third countries, with the safeguards; "none" if there are none',
    "backup_days = 30      # how long back-ups hold what was erased",
    'own_numbers = ["…"]   # your own telephone lines in this system, which name no one',
)


def render(
    name: str,
    place: Mapping[str, object],
    selection: Selection,
    most: int,
    more: Mapping[str, Mapping[str, object]],
    told: str = "",
) -> str:
    """Return the section of a system.

    Args:
        name: The system's name.
        place: The keys that say where it is, such as ``url``.
        selection: The tables.
        most: How many rows of each table were looked at at most.
        more: Further keys of tables, by their names.
        told: What else a person has to know, in a sentence.
    """
    proposed = sections(selection)
    for section in proposed:
        for key, value in more.get(section.name, {}).items():
            section.put(key, value)
    lines = [*_comment(*(sentence.format(most=most) for sentence in _HEAD)), "", f"[systems.{name}]"]
    lines += ['connector = "sql"', *(keyed_line(key, value) for key, value in place.items() if value)]
    lines += [f"{key} = {_value([UNDECIDED])}" for key in ("purposes", "categories")]
    lines += [f"{key} = {_value(UNDECIDED)}" for key in ("source", "retention")]
    lines += [f"# {line}" for line in _STATED]
    if tickets := ticket_table(selection):
        lines += ["# guess: by the table's name; a request can then be opened by a ticket's number"]
        lines += [f"tickets = {_value(tickets)}"]
    lines += _left_out(selection)
    for section in proposed:
        lines += ["", *table_lines(name, section)]
    if not proposed:
        lines += ["", *_comment("No table was seen in which people can be found, so this section is not complete.")]
    if told:
        lines += ["", *_comment(told)]
    if selection.others:
        told = "Tables without a column that names people, and without one that leads to the tables below or above: "
        lines += ["", *_comment(told + ", ".join(map(plain, selection.others)) + ".")]
    return "\n".join(lines) + "\n"


def _left_out(selection: Selection) -> Iterator[str]:
    if not selection.left_out:
        return
    yield ""
    yield from _comment("Left out; add a table, or name it in not_personal if it holds no personal data:")
    for name, reason in sorted(selection.left_out.items()):
        yield from _comment(f"  {plain(name)}: {plain(reason)}")


def table_lines(system: str, section: TableSection) -> Iterator[str]:
    """Yield the lines of a table's section.

    Args:
        system: The system's name.
        section: The section.
    """
    yield f"[[systems.{system}.tables]]"
    for key, value in section.keys.items():
        if key in _LISTED and isinstance(value, list):
            yield from _listed(key, value, section.notes)
        else:
            note = section.notes.get(key, "")
            yield f"{key} = {_value(value)}" + (f"  # {plain(note)}" if note else "")
    for doubt in section.doubts:
        yield from _comment(f"? {plain(doubt)}")


def _listed(key: str, items: Iterable[Mapping[str, object]], notes: Mapping[str, str]) -> Iterator[str]:
    yield f"{key} = ["
    for item in items:
        yield f"  {_value(item)},  # {plain(notes.get(note_key(key, item), ''))}".rstrip(" #")
    yield "]"


def keyed_line(key: str, value: object) -> str:
    """A key with its value as TOML writes it, whatever signs are in the value."""
    return f"{key} = {_value(value)}"


def _value(value: object) -> str:
    """A value as TOML writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(str(key))} = {_value(item)}" for key, item in value.items()) + " }"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_value, value)) + "]"
    # Text of JSON is text of TOML, but for one sign that JSON leaves as it is.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _comment(*sentences: str) -> list[str]:
    return [f"# {line}" for sentence in sentences for line in textwrap.wrap(sentence, _WIDTH)]


def plain(text: str) -> str:
    """A text that cannot end a comment."""
    return "".join(character if character.isprintable() else "?" for character in text)
