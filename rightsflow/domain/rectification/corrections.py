"""Corrections that a person wants, item by item, and the ruling on each (Art. 16 GDPR). Pure.

A correction's line is ``WHAT | WRONG | RIGHT | GROUND | PROOF``; the last two may be left out, and WRONG is empty where
something is missing. A bar within a value is written with a backslash before it. A ruling's line is ``1-3: accept``,
``2: refuse | reason`` or ``4: complete | statement``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, NamedTuple

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.rectification.changes import (
    BIRTH_DATE,
    EMAIL,
    NAME,
    PHONE,
    STATEMENT,
    Change,
    in_one_spelling,
    in_words,
    known_after,
    known_before,
)

MOST_ITEMS: Final = 50
LONGEST: Final = 500
"""Longest value, ground or proof, in characters."""

_BAR: Final = re.compile(r"(?<!\\)\|")
_FIELD: Final = re.compile(r"[^\W\d_][^\W\d_]*(?:[ -][^\W\d_]+){0,5}")
_LONGEST_FIELD: Final = 40
_PARTS: Final = range(3, 6)
_SAME: Final = {
    "e-mail": EMAIL,
    "e-mail address": EMAIL,
    "email address": EMAIL,
    "mail": EMAIL,
    "phone number": PHONE,
    "telephone": PHONE,
    "telephone number": PHONE,
    "full name": NAME,
}
_KINDS: Final = {EMAIL: IdentifierKind.EMAIL, PHONE: IdentifierKind.PHONE}
_TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
"""Characters that change the direction of text, which can make a value look like another one."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Correction:
    """An item of a request. Everything but the field may be personal data.

    Args:
        number: Its number within the request, from 1.
        field: What is wrong or missing, in words such as ``phone`` or ``date of birth``.
        old: What stands there wrongly; empty where something is missing.
        new: What is right.
        ground: Why, in the person's words; may be empty.
        proof: What shows it, and what was seen of it; may be empty.
    """

    number: int
    field: str
    old: str
    new: str
    ground: str = ""
    proof: str = ""

    @property
    def change(self) -> Change:
        """Change for a system to carry out once the correction is accepted."""
        return Change(self.field, self.old, self.new, self.number)


def read_corrections(text: str, country: str = "") -> tuple[Correction, ...]:
    """Read the items of a request from their lines.

    Args:
        text: One to the line; empty lines are passed over.
        country: In which country national phone numbers are read (ISO 3166-1 alpha-2).

    Raises:
        BadInput: There is none, or one cannot be read. The sentence names its number and quotes nothing of it.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise BadInput(
            "What is to be corrected is missing (Art. 16 GDPR); give a line for each item, such as phone | what stands "
            "there | what is right | why | proof."
        )
    return checked((_read_line(number, line) for number, line in enumerate(lines, start=1)), country)


def _read_line(number: int, line: str) -> Correction:
    parts = [" ".join(part.replace("\\|", "|").split()) for part in _BAR.split(line)]
    if len(parts) not in _PARTS:
        raise BadInput(
            f"Item {number} to be corrected cannot be read; write it as what | what stands there | what is right | why "
            "| proof, the last two may be left out."
        )
    what, old, new, *rest = parts
    ground, proof = (*rest, "", "")[:2]
    return Correction(number=number, field=what, old=old, new=new, ground=ground, proof=proof)


def checked(items: Iterable[Correction], country: str = "") -> tuple[Correction, ...]:
    """Return items that can be decided on, with their fields and numbers in one spelling.

    Args:
        items: As typed.
        country: In which country national phone numbers are read.

    Raises:
        BadInput: One cannot be used, or there are too many; the sentence quotes nothing of it.
    """
    items_checked = [_checked(item, country) for item in items]
    if len(items_checked) > MOST_ITEMS:
        raise BadInput(f"More than {MOST_ITEMS} items are to be corrected; open a further request for the rest.")
    _refuse_opposed(items_checked, country)
    return tuple(items_checked)


def _refuse_opposed(items: Iterable[Correction], country: str) -> None:
    """Refuse items that undo each other, so that their order would matter."""
    wrong, right = dict[tuple[str, str], int](), dict[tuple[str, str], int]()
    for item in items:
        old, new = ((item.field, in_one_spelling(item.field, text, country)) for text in (item.old, item.new))
        if old in wrong:
            raise BadInput(f"Item {item.number} is about a value that an earlier item corrects; leave one of them.")
        if other := right.get(old) or wrong.get(new):
            raise BadInput(f"Items {other} and {item.number} give the same value as wrong and as right; correct one.")
        wrong[old] = right[new] = item.number


def _checked(correction: Correction, country: str) -> Correction:
    name = read_field(correction.field, f"Item {correction.number}")
    if name == STATEMENT:
        raise BadInput(
            f"Item {correction.number} is a statement; name the field that it completes, and what is right there."
        )
    for text in (correction.old, correction.new, correction.ground, correction.proof):
        _refuse_unreadable(text, f"Item {correction.number}")
    if not correction.new:
        raise BadInput(
            f"Item {correction.number} does not say what is right. Where nothing is right, it is an erasure "
            "(Art. 17 GDPR) "
            "or a restriction while it is checked (Art. 18(1)(a) GDPR)."
        )
    if correction.old == correction.new:
        raise BadInput(f"Item {correction.number} has the same value as wrong and as right; correct one of them.")
    return Correction(
        number=correction.number,
        field=name,
        old=correction.old,
        new=_in_one_spelling(correction, name, country),
        ground=correction.ground,
        proof=correction.proof,
    )


def born_in(items: Iterable[Correction]) -> Identifiers:
    """Return the dates of birth in items, the wrong ones too: a record of the person may be known by either.

    Args:
        items: The items.
    """
    changes = [item.change for item in items if item.field == BIRTH_DATE]
    return known_before(changes) | known_after(frozenset(), changes)


def read_field(text: str, what: str = "This") -> str:
    """Read the name of a field in one spelling.

    Args:
        text: As typed.
        what: What names it, to begin the sentence with.

    Raises:
        BadInput: It is none in words, so that it may be a value.
    """
    name = " ".join(text.casefold().split())
    name = _SAME.get(name, name)
    if len(name) > _LONGEST_FIELD or not _FIELD.fullmatch(name):
        raise BadInput(
            f"{what} does not name a field in words; give it like phone, email, name or date of birth, without digits, "
            "in at most 40 letters."
        )
    return name


def _in_one_spelling(correction: Correction, name: str, country: str) -> str:
    """Return a number in its international form, and a valid address."""
    kind = _KINDS.get(name)
    if kind is None:
        return correction.new
    try:
        read = identifier(kind, correction.new, country=country).value
    except BadInput:
        words = (
            "an e-mail address" if name == EMAIL else "a phone number; give it with its country, like +49 30 23125 000"
        )
        raise BadInput(f"What is right in item {correction.number} is not {words}.") from None
    return read if name == PHONE else correction.new


def _refuse_unreadable(text: str, what: str) -> None:
    """Refuse a text that is too long, or that does not look as it reads."""
    if len(text) > LONGEST:
        raise BadInput(f"{what} has a value of more than {LONGEST} characters; give the value alone.")
    if _TURNING.search(text) or any(unicodedata.category(item) in {"Cc", "Co", "Cs", "Cn"} for item in text):
        raise BadInput(f"{what} holds characters that cannot be seen; type it again.")


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
    rulings: dict[int, Ruling] = {}
    for at, line in enumerate((" ".join(item.split()) for item in lines), start=1):
        if not line:
            continue
        which, colon, what = line.partition(":")
        word, _, text = what.partition("|")
        if not colon or not _NUMBERS.fullmatch(which.strip()):
            raise BadInput(f"Line {at} does not say on which items; write it like 1: accept, or 2: refuse | reason.")
        ruling = checked_ruling(word, text, f"Line {at}")
        for number in _numbers(which):
            if number in rulings:
                raise BadInput(f"Line {at} decides on an item that an earlier line decides on; leave one of them.")
            rulings[number] = ruling
    if not rulings:
        raise BadInput("Nothing is decided; give a line for each item, like 1: accept, or 2: refuse | reason.")
    return rulings


def _numbers(which: str) -> Iterable[int]:
    for part in which.split(","):
        first, _, last = part.strip().partition("-")
        yield from range(int(first), int(last or first) + 1)


def checked_ruling(word: str, text: str, what: str) -> Ruling:
    """Return a decision that can be carried out.

    Args:
        word: ``accept``, ``refuse`` or ``complete``.
        text: The reason, or the statement.
        what: What it is about, to begin the sentence with.

    Raises:
        BadInput: It is not one, or lacks its reason or statement.
    """
    kind = next((item for item in RulingKind if item == word.strip().casefold()), None)
    statement = " ".join(text.split())
    if kind is None:
        raise BadInput(
            f"{what} does not say accept, refuse or complete; write it like 1: accept, or 2: refuse | reason."
        )
    if kind is RulingKind.ACCEPTED and statement:
        raise BadInput(f"{what} says more than accept; leave out what follows it.")
    if kind is RulingKind.REFUSED and not statement:
        raise BadInput(f"{what} refuses without a reason, which the person has to be told (Art. 12(4) GDPR); give it.")
    if kind is RulingKind.COMPLETED and not statement:
        raise BadInput(f"{what} lacks the statement that completes the data (Art. 16 GDPR); give it after a bar.")
    _refuse_unreadable(statement, what)
    return Ruling(kind=kind, text=statement)


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
