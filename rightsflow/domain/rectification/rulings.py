"""Rulings on each item: accepted, refused with a reason, or completed by a statement (Art. 16 GDPR). Pure.

A line is ``1-3: accept``, ``2: refuse | reason`` or ``4: complete | statement``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.rectification.change import STATEMENT, Change, in_words
from rightsflow.domain.rectification.corrections import Correction, refuse_unreadable


class RulingKind(StrEnum):
    """The ruling on an item."""

    ACCEPTED = "accept"
    """It is corrected as the person says."""
    REFUSED = "refuse"
    """It stays as it is, for a reason that the person is told (Art. 12(4) GDPR)."""
    COMPLETED = "complete"
    """It stays as it is, and a supplementary statement is put beside it (Art. 16, second sentence, GDPR)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A decision on an item.

    Args:
        kind: What.
        text: The reason of a refusal, for the person, or the statement; it may name them, so that it is encrypted.
        by: Who decided.
    """

    kind: RulingKind
    text: str = field(default="", repr=False)
    by: str = ""


class RuledItem(NamedTuple):
    """An item with what was decided on it; ``None`` while nothing is."""

    item: Correction
    ruling: Ruling | None


_NUMBERS: Final = re.compile(r"[0-9]{1,3}(?:-[0-9]{1,3})?(?:, ?[0-9]{1,3}(?:-[0-9]{1,3})?)*")


def read_rulings(lines: Iterable[str]) -> dict[int, Ruling]:
    """Decisions on items from their lines.

    Args:
        lines: One to the line; empty lines are passed over.

    Raises:
        BadInput: One is not readable, or decides on an item again; the sentence quotes nothing of it.
    """
    found: dict[int, Ruling] = {}
    for at, line in enumerate((" ".join(item.split()) for item in lines), start=1):
        if not line:
            continue
        which, colon, what = line.partition(":")
        word, _, text = what.partition("|")
        if not colon or not _NUMBERS.fullmatch(which.strip()):
            raise BadInput(f"Line {at} does not say on which items; write it like 1: accept, or 2: refuse | reason.")
        ruling = checked_ruling(word, text, f"Line {at}")
        for number in _numbers(which):
            if number in found:
                raise BadInput(f"Line {at} decides on an item that an earlier line decides on; leave one of them.")
            found[number] = ruling
    if not found:
        raise BadInput("Nothing is decided; give a line for each item, like 1: accept, or 2: refuse | reason.")
    return found


def _numbers(which: str) -> Iterable[int]:
    for part in which.split(","):
        first, _, last = part.strip().partition("-")
        yield from range(int(first), int(last or first) + 1)


def checked_ruling(word: str, text: str, what: str) -> Ruling:
    """A decision that can be carried out.

    Args:
        word: ``accept``, ``refuse`` or ``complete``.
        text: The reason, or the statement.
        what: What it is about, to begin the sentence with.

    Raises:
        BadInput: It is not one, or lacks its reason or statement.
    """
    kind = next((item for item in RulingKind if item == word.strip().casefold()), None)
    said = " ".join(text.split())
    if kind is None:
        raise BadInput(
            f"{what} does not say accept, refuse or complete; write it like 1: accept, or 2: refuse | reason."
        )
    if kind is RulingKind.ACCEPTED and said:
        raise BadInput(f"{what} says more than accept; leave out what follows it.")
    if kind is RulingKind.REFUSED and not said:
        raise BadInput(f"{what} refuses without a reason, which the person has to be told (Art. 12(4) GDPR); give it.")
    if kind is RulingKind.COMPLETED and not said:
        raise BadInput(f"{what} lacks the statement that completes the data (Art. 16 GDPR); give it after a bar.")
    refuse_unreadable(said, what)
    return Ruling(kind=kind, text=said)


def refuse_unknown(rulings: Mapping[int, Ruling], items: Sequence[Correction]) -> None:
    """Refuse decisions on items that there are not.

    Args:
        rulings: The decisions.
        items: The items of the request.

    Raises:
        BadInput: One is about none of them.
    """
    if rulings.keys() - {item.number for item in items}:
        raise BadInput(f"A number is none of an item of this request; its items are 1 to {len(items)}.")


def refuse_undecided(items: Sequence[RuledItem]) -> None:
    """Refuse to carry out a request of which an item is open; nothing favourable is assumed.

    Args:
        items: Its items.

    Raises:
        Conflict: One is.
    """
    if left := [str(item.item.number) for item in items if item.ruling is None]:
        raise Conflict(
            "Decide on each item to be corrected first (Art. 16 GDPR): accept, refuse or complete. "
            f"Open: {', '.join(left)}."
        )


def wanted(items: Sequence[RuledItem]) -> tuple[Change, ...]:
    """Return the changes for systems to carry out, as far as they are decided.

    Args:
        items: The items of the request.
    """
    accepted = [item.item.change for item in items if item.ruling and item.ruling.kind is RulingKind.ACCEPTED]
    added = [
        _statement(item.item, item.ruling.text)
        for item in items
        if item.ruling and item.ruling.kind is RulingKind.COMPLETED
    ]
    return (*accepted, *added)


def _statement(item: Correction, text: str) -> Change:
    """Return the statement beside an unchanged item; its text names the field for readers at the system."""
    name = in_words(item.field)
    return Change(STATEMENT, "", f"{name[:1].upper()}{name[1:]}: {text}", item.number, completes=item.field)


def concerned(items: Sequence[RuledItem]) -> frozenset[str]:
    """Return the fields of the plan: those of accepted items and of items not decided yet.

    Args:
        items: The items of the request.
    """
    still_open = {item.item.field for item in items if item.ruling is None}
    return frozenset(still_open | {item.field for item in wanted(items)})
