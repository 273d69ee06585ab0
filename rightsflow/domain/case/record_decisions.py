"""Decisions on single records at the approval gate, and the lines in which they are written. Pure.

A line is ``WHICH: WHAT``. WHICH is the numbers of the sheet (``3-7, 12``) or a system and a kind (``helpdesk ticket``).
WHAT is ``erase``, ``keep | ground | provision | until 2027-01-31``, ``keep | ground | provision | ends when …``,
``leave out | ground | provision`` or ``class trade letter``. ``restrict`` is written as ``keep`` is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput
from rightsflow.domain.law import Law
from rightsflow.domain.vocabulary.records import DocumentClass

RIGHTS_OF_OTHERS: Final = "Art. 15(4)"
"""Default provision for data left out of a copy."""
NAMED_IN_DECISION: Final = "what the decision names has happened"
"""Placeholder for the end of a retention whose wording by a person must not be shown."""


class RecordAct(StrEnum):
    """A person's act on a record."""

    ERASE = "erase"
    KEEP = "keep"
    RESTRICT = "restrict"
    """Keep it, and mark it at its system so that it is stored and used for nothing else (Art. 18 GDPR)."""
    LEAVE_OUT = "leave out"
    CLASSIFY = "class"
    """State which class of document it is; the law then says what becomes of it."""
    NEEDED = "needed"
    """The claim of the legal hold needs it."""
    NOT_NEEDED = "not needed"
    """The claim of the legal hold does not need it, so that the plan goes on as without the hold."""
    TAKE_IN = "take in"
    """Give a copy of it although it is in doubt whose it is (:mod:`rightsflow.domain.gates.package_changes`)."""


ANSWERS: Final = frozenset({RecordAct.CLASSIFY, RecordAct.NEEDED, RecordAct.NOT_NEEDED})
"""Acts that answer a question of the plan, which then decides; they keep and erase nothing by themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDecision:
    """A person's decision on one record.

    Args:
        act: What.
        ground: Why, in words for the person; they may name a person, so they are encrypted and never shown in Prefect.
        provision: The provision, where the record is kept or left out.
        until: The last day on which it is kept.
        ends_when: What ends the retention, where no day is known; encrypted too.
        by: Who decided.
        document: Which class of document the record is.
        named: Of a record that was taken in, the keyed hash of its doubt and of whom it named then.
        content: Of such a one, the keyed hash of what it said when it was looked at.
    """

    act: RecordAct
    ground: str = field(default="", repr=False)
    provision: str = ""
    until: date | None = None
    ends_when: str = field(default="", repr=False)
    by: str = ""
    document: DocumentClass | None = None
    named: str = ""
    content: str = ""

    def cited(self, law: Law) -> str:
        """Return the provision with the law's name, if it is an article of that law without its name.

        Args:
            law: The law that the request comes under.
        """
        return f"{self.provision} {law.name}" if _OF_THE_LAW.fullmatch(self.provision) else self.provision


_OF_THE_LAW = re.compile(r"Art\. ?(?:1[5-9]|2[01]|6)(?:\([0-9a-z]+\))*")
_PROVISION = re.compile(r"(?:Art|§|s\.|sec|Sec|Sch|Reg|para)[\w§(),.;/ -]{1,68}")
_NUMBERS = re.compile(r"[0-9]{1,6}(?: ?- ?[0-9]{1,6})?")
_MOST_NUMBERS = 100_000
_EXAMPLE = "write it like 4: erase"


def read_record_decisions(lines: Iterable[str]) -> dict[str, RecordDecision]:
    """Decisions from their lines, by the record's number or by system and kind.

    Args:
        lines: One to the line; empty lines are passed over.

    Raises:
        BadInput: A line is not readable, says too little, or decides on a record again. The sentence quotes nothing of
            what was typed but the line's number.
    """
    decisions: dict[str, RecordDecision] = {}
    filled = ((number, " ".join(line.split())) for number, line in enumerate(lines, start=1))
    for number, line in filled:
        if not line:
            continue
        which, colon, what = line.partition(":")
        if not colon:
            raise BadInput(f"Line {number} of the decisions on records has no colon; {_EXAMPLE}.")
        decision = _read_decision(number, [part.strip() for part in what.split("|")])
        for record in _read_records(number, which.strip()):
            if record in decisions:
                raise BadInput(f"Line {number} decides on a record that an earlier line decides on; leave one of them.")
            decisions[record] = decision
    return decisions


def _read_records(number: int, which: str) -> Iterator[str]:
    if not which[:1].isdigit():
        system, _, kind = which.partition(" ")
        if not (system and kind):
            raise BadInput(
                f"Line {number} of the decisions on records does not say which; give numbers of records before the "
                "colon, or a system and a kind, such as helpdesk ticket."
            )
        yield which
        return
    for part in (item.strip() for item in which.split(",")):
        if not _NUMBERS.fullmatch(part):
            raise BadInput(f"Line {number} names records in a way that is not readable; give numbers like 3-7, 12.")
        first, _, last = part.partition("-")
        start, end = int(first), int(last or first)
        if not start <= end < start + _MOST_NUMBERS:
            raise BadInput(f"Line {number} names a range of records that is not valid; give it like 3-7.")
        yield from map(str, range(start, end + 1))


def read_record_numbers(text: str) -> frozenset[int]:
    """Read the numbers of records from a text like ``3-7, 12``.

    Args:
        text: As typed.

    Raises:
        BadInput: It is not readable.
    """
    try:
        return frozenset(int(record) for record in _read_records(1, text.strip()))
    except (BadInput, ValueError):
        raise BadInput("The numbers of records are not readable; give them like 3-7, 12.") from None


def _read_decision(number: int, parts: list[str]) -> RecordDecision:
    word, rest = parts[0].casefold(), parts[1:]
    act, _, named = word.partition(" ")
    if act == RecordAct.CLASSIFY and not rest:
        return RecordDecision(act=RecordAct.CLASSIFY, document=_read_class(number, named))
    if word == RecordAct.TAKE_IN:
        raise BadInput(
            f"Line {number} takes a record in; that is done before the release, of one record at a time, after a look "
            "at it: rightsflow case take-in, or at the desk."
        )
    if word not in set(_READERS):
        raise BadInput(
            f"Line {number} of the decisions on records does not say erase, keep, restrict, leave out, needed, not "
            f"needed or class; {_EXAMPLE}."
        )
    return _READERS[RecordAct(word)](number, rest)


def _read_class(number: int, named: str) -> DocumentClass:
    word = named.strip().replace(" ", "_").replace("-", "_")
    if word not in set(DocumentClass):
        known = ", ".join(item.value.replace("_", " ") for item in DocumentClass)
        raise BadInput(f"Line {number} names no class of document; give one of {known}.")
    return DocumentClass(word)


def _answered(act: RecordAct) -> Callable[[int, list[str]], RecordDecision]:
    def read(number: int, rest: list[str]) -> RecordDecision:
        if rest:
            raise BadInput(f"Line {number} says more than {act.value}; remove what follows it.")
        return RecordDecision(act=act)

    return read


def _keep(number: int, rest: list[str]) -> RecordDecision:
    return _kept(number, rest, RecordAct.KEEP, "defence of a claim of 4 May 2026 | Art. 17(3)(e)")


def _restrict(number: int, rest: list[str]) -> RecordDecision:
    return _kept(number, rest, RecordAct.RESTRICT, "the person needs it for a claim | Art. 18(1)(c)")


def _kept(number: int, rest: list[str], act: RecordAct, example: str) -> RecordDecision:
    if len(rest) != _KEEP_PARTS or not all(rest):
        raise BadInput(
            f"Line {number} {act.value}s a record; give its ground, its provision and its end, such as "
            f"{act.value} | {example} | until 2027-01-31."
        )
    ground, provision, end = rest
    until, ends_when = _read_end(number, end)
    return RecordDecision(
        act=act,
        ground=ground,
        provision=_read_provision(number, provision),
        until=until,
        ends_when=ends_when,
    )


def _leave_out(number: int, rest: list[str]) -> RecordDecision:
    if len(rest) not in {1, 2} or not all(rest):
        raise BadInput(
            f"Line {number} leaves a record out; give its ground, and its provision where that is not "
            f"{RIGHTS_OF_OTHERS}, such as leave out | rights of others."
        )
    provision = rest[1] if len(rest) > 1 else RIGHTS_OF_OTHERS
    return RecordDecision(act=RecordAct.LEAVE_OUT, ground=rest[0], provision=_read_provision(number, provision))


_KEEP_PARTS: Final = 3
_READERS: Final = {
    RecordAct.ERASE: _answered(RecordAct.ERASE),
    RecordAct.KEEP: _keep,
    RecordAct.RESTRICT: _restrict,
    RecordAct.LEAVE_OUT: _leave_out,
    RecordAct.NEEDED: _answered(RecordAct.NEEDED),
    RecordAct.NOT_NEEDED: _answered(RecordAct.NOT_NEEDED),
}


def _read_provision(number: int, provision: str) -> str:
    try:
        return read_provision(provision)
    except BadInput:
        raise BadInput(
            f"Line {number} names no provision that is readable; give it like Art. 17(3)(e) or § 29 BDSG, in at most "
            "70 characters."
        ) from None


def read_provision(provision: str) -> str:
    """Read a provision as it is cited in a letter.

    Args:
        provision: As typed.

    Raises:
        BadInput: It is not readable.
    """
    if not _PROVISION.fullmatch(provision) or not any(letter.isdigit() for letter in provision):
        raise BadInput(
            "The provision is not readable; give it like Art. 17(3)(e) or § 29 BDSG, in at most 70 characters."
        )
    return provision


def _read_end(number: int, end: str) -> tuple[date | None, str]:
    word, _, rest = end.partition(" ")
    if word.casefold() == "until":
        try:
            return date.fromisoformat(rest), ""
        except ValueError:
            raise BadInput(f"Line {number} names a day that is not a date; write until 2027-01-31.") from None
    begins, _, what = end.partition(" when ")
    if begins.casefold() != "ends" or not what.strip():
        raise BadInput(f"Line {number} does not say how long; write until 2027-01-31, or ends when and what ends it.")
    return None, what.strip()
