"""What the letters of a case promise, read from their texts alone.

Every day that is still to come has to stand in a sentence that is understood here: a promise that no one can read is a
finding of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_DAY = r"\d{1,2} (?:" + "|".join(_MONTHS) + r") \d{4}"
_ERASED = re.compile(rf"on (?P<on>{_DAY}) \((?P<what>[\w ]+, [\d,]+ records?(?:; [\w ]+, [\d,]+ records?)*)\)")
_EVIDENCE = re.compile(rf"A record of this [a-z ]+: .+? We keep it until (?P<until>{_DAY})")
_ENDS = re.compile(rf"Kept until (?P<ends>{_DAY}.*?)(?:\. |\.\n|$)", re.MULTILINE)
_BACKUP = re.compile(rf"[Bb]ack-ups? .*?(?P<until>{_DAY})")
_ANSWER = re.compile(rf"You will get our answer by (?P<by>{_DAY}) at the latest")
_MARKED = re.compile(
    r"^- .+ \((?P<system>[\w ]+)\): (?P<count>[\d,]+) records?, marked in the system to be stored only$", re.MULTILINE
)
_LIFTED = re.compile(rf"From (?P<on>{_DAY}) on we use these data again")
_OBJECTED = re.compile(rf"write to us before {_DAY}: you can object")
_KNOWN = (_ERASED, _EVIDENCE, _ENDS, _BACKUP, _ANSWER, _LIFTED, _OBJECTED)
_LETTERS = frozenset({"L1", "L8", "L10", "L11", "L15", "L17", "L22", "L23"})


@dataclass(slots=True)
class Promises:
    """What a person was promised.

    Args:
        kept: How many records of a system are kept until which day, and erased on the day after.
        marked: How many records of a system are marked, to be stored only.
        lifted_on: From which day they are used again; the first of all days where no letter says so.
        evidence_until: Until which day the record of the erasure is kept at least.
        faults: What contradicts itself, or cannot be read as a promise.
    """

    kept: Counter[tuple[str, date]] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)
    lifted_on: date = date.min
    evidence_until: date = date.min
    faults: list[str] = field(default_factory=list)

    def of(self, system: str, today: date) -> int:
        """How many records of a system have to be there on a day.

        Args:
            system: The system.
            today: The day.
        """
        return sum(count for (name, until), count in self.kept.items() if name == system and until >= today)

    @property
    def last(self) -> date:
        """The last day on which anything is kept."""
        return max((until for _, until in self.kept), default=date.min)


def read_promises(letters: Mapping[str, str], answered_on: date) -> Promises:
    """Read what the letters of a case promise.

    Args:
        letters: Their texts, by the letter's number.
        answered_on: The day of the answer.
    """
    done = Promises()
    for letter, text in letters.items():
        if letter not in _LETTERS:
            done.faults.append(f"{letter} is no letter that is read here")
        done.faults += _unread(letter, text, answered_on)
        for found in _ERASED.finditer(text):
            until = read_day(found["on"]) - timedelta(days=1)
            for one in found["what"].split("; "):
                system, _, count = one.removesuffix("s").removesuffix(" record").rpartition(", ")
                done.kept[system.lower(), until] += int(count.replace(",", ""))
        for found in _MARKED.finditer(text):
            done.marked[found["system"].lower()] += int(found["count"].replace(",", ""))
        for found in _LIFTED.finditer(text):
            done.lifted_on = read_day(found["on"])
        for found in _EVIDENCE.finditer(text):
            done.evidence_until = read_day(found["until"])
        for found in _ANSWER.finditer(text):
            if read_day(found["by"]) < answered_on:
                done.faults.append(f"{letter} promised the answer by {found['by']}")
        ends = {read_day(one) for found in _ENDS.finditer(text) for one in re.findall(_DAY, found["ends"])}
        if letter == "L11" and ends != {until for _, until in done.kept}:
            done.faults.append(f"{letter} keeps records until days on which it does not say that they are erased")
    return done


def _unread(letter: str, text: str, answered_on: date) -> Iterator[str]:
    """The days to come that stand in no sentence that is understood."""
    spans = [found.span() for one in _KNOWN for found in one.finditer(text)]
    for found in re.finditer(_DAY, text):
        is_read = any(start <= found.start() and found.end() <= end for start, end in spans)
        if read_day(found[0]) > answered_on and not is_read:
            yield f"{letter} names {found[0]} in a sentence that is not understood"


def read_day(text: str) -> date:
    """A day as the letters write it.

    Args:
        text: Such as ``31 December 2032``.
    """
    number, month, year = text.split()
    return date(int(year), _MONTHS.index(month) + 1, int(number))
