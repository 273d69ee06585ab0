"""A case's history, in words for people: the ledger's entries, related ones folded into one line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Final

from rightsflow.audit.ledger import Entry
from rightsflow.domain.erasure.safeguards import ALL
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId

_MACHINE: Final = "rightsflow"
_WORDS: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
_TOLD: Final = (
    "gate",
    "verdict",
    "code",
    "step",
    "system",
    "letter",
    "because",
    "channel",
    "address",
    "attached",
)
"""The details of an entry that people read; the rest is hashes and counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """One line of what happened.

    Args:
        at: When (aware).
        what: What, in words.
        details: Which gate, step, system or letter.
        by: Who; empty for what no one did by hand.
        proof: How it is known who it was; empty for an entry that does not say.
        times: How many entries the line stands for.
    """

    at: datetime
    what: str
    details: str
    by: str
    proof: str
    times: int = 1


def timeline(ledger: Iterable[Entry]) -> list[Happened]:
    """Return the lines, oldest first.

    Args:
        ledger: The case's entries, oldest first.
    """
    return list(_folded(ledger))


def overtaken(ledger: Iterable[Entry]) -> dict[str, str]:
    """Return the letters that are not to be sent any more, each with the reason.

    Args:
        ledger: The case's entries, oldest first.
    """
    reasons: dict[str, str] = {}
    for entry in ledger:
        letter = str(entry.details.get("letter", ""))
        if entry.event == CaseEvent.LETTER_OVERTAKEN:
            reasons[letter] = str(entry.details["because"])
        elif entry.event == CaseEvent.LETTER_RETURNED and letter in ANSWERS:
            # The person has no answer after all.
            reasons.pop(LetterId.ACKNOWLEDGEMENT, None)
    return reasons


def _folded(ledger: Iterable[Entry]) -> Iterator[Happened]:
    for (what, by, proof, details), same in groupby(ledger, key=_key):
        entries = list(same)
        yield Happened(at=entries[-1].at, what=what, details=details, by=by, proof=proof, times=len(entries))


def _key(entry: Entry) -> tuple[str, str, str, str]:
    by = "" if entry.actor == _MACHINE else entry.actor
    proof = str(entry.details.get("signed_in", ""))
    return _words(entry.event), by, proof, _details(entry)


def _words(event: str) -> str:
    first, *others = _WORDS.split(event)
    return " ".join([first, *map(str.lower, others)])


def _details(entry: Entry) -> str:
    if entry.event == CaseEvent.OUTCOME_RECORDED:
        return str(entry.details.get("system", ""))
    if entry.event == CaseEvent.RECORDS_READ:
        return str(entry.details["numbers"])
    values = (str(entry.details[name]) for name in _TOLD if entry.details.get(name))
    return ", ".join("all systems" if item == ALL else item for item in values)
