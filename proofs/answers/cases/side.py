"""One of two cases of a person that are open side by side, and what the double systems truly hold of the person."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, cast

from proofs.answers.cases.controllers import KINDS, SYSTEMS
from proofs.answers.cases.course import DAY, MARK, Course
from proofs.answers.cases.world import Written
from proofs.answers.package.recordings import SOUND
from rightsflow.app import current_app
from rightsflow.domain.disclosure.field_words import PLAIN
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.records import Fact, RecordRef
from rightsflow.store import CaseFile
from rightsflow.testing.fake_records import FakeRecord
from rightsflow.testing.fakes import FakeSystem

_NAME_DATES = frozenset({"L1", "L2", "L3", "L6", "L14"})
_KINDS = {
    "email": IdentifierKind.EMAIL,
    "phone": IdentifierKind.PHONE,
    "customer_id": IdentifierKind.CUSTOMER_ID,
}


@dataclass(slots=True)
class Town:
    """The double systems with the records of the person and of a stranger.

    Args:
        who: What the person is known by.
        mine: The person's records that were put there.
        stranger: By what the systems know the stranger.
        before: What the stranger had at first.
    """

    who: Mapping[str, str]
    mine: set[RecordRef] = field(default_factory=set)
    stranger: Identifiers = frozenset()
    before: list[FakeRecord] = field(default_factory=list)

    @property
    def me(self) -> Identifiers:
        """By what the systems know the person."""
        return frozenset(identifier(_KINDS[name], value) for name, value in self.who.items() if name in _KINDS)

    def settle(self, dice: random.Random) -> None:
        """Put records of the person and of a stranger into every system; some are of both."""
        number = dice.randrange(10**9)
        stranger = frozenset({identifier(IdentifierKind.EMAIL, f"boris.{number}@example.org")})
        for system in filter(self._can_be_searched, SYSTEMS):
            # What they give of a record are texts, no fields of a payment.
            _fake(system).kinds = tuple(replace(one, words=PLAIN) for one in _fake(system).kinds)
            for kind, _, _ in KINDS[system]:
                records = [self._record(system, kind, dice) for _ in range(dice.choice((0, 1, 1, 2)))]
                others = [replace(self._record(system, kind, dice), texts=((stranger, f"{MARK} theirs"),))]
                if kind == "ticket" and dice.random() < 0.4:
                    mine = self._record(system, kind, dice)
                    records.append(replace(mine, texts=(*mine.texts, (stranger, f"{MARK} theirs"))))
                self.mine.update(_fake(system).add(*records))
                _fake(system).add(*others)
        self.stranger, self.before = stranger, list(self._of(stranger))

    def _can_be_searched(self, system: str) -> bool:
        return any(one.kind.value in _fake(system).searches for one in self.me)

    def _record(self, system: str, kind: str, dice: random.Random) -> FakeRecord:
        facts: set[Fact] = {Fact.ACCOUNTING} if kind == "invoice" else set()
        return FakeRecord(
            kind=kind,
            key=f"{MARK}{dice.randrange(10**12)}",
            texts=((self._by(system, dice), f"{MARK} my kettle leaks"),),
            audio=SOUND if kind == "recording" else b"",
            occurred_on=date(2014, 1, 1) + DAY * dice.randint(0, 4400),
            facts=frozenset(facts | ({Fact.LEGAL_HOLD} if dice.random() < 0.06 else set())),
        )

    def _by(self, system: str, dice: random.Random) -> Identifiers:
        """What a record names of the person: the address, or the number where the system is searched by that alone."""
        by_number = IdentifierKind.EMAIL.value not in _fake(system).searches
        given = {one.kind: one for one in self.me}
        first = given[IdentifierKind.PHONE if by_number else IdentifierKind.EMAIL]
        return frozenset({first, *dice.sample(sorted(self.me), dice.randint(0, len(self.me)))})

    def _of(self, who: Identifiers) -> Iterator[FakeRecord]:
        for system in SYSTEMS:
            for one in _fake(system).records():
                if one.names(who):
                    yield replace(one, texts=tuple(each for each in one.texts if each[0] & who), restricted=False)

    @property
    def is_stranger_unharmed(self) -> bool:
        """Whether the stranger's words are all there as they were."""
        return [one.texts for one in self._of(self.stranger)] == [one.texts for one in self.before]

    def is_there(self, ref: RecordRef) -> FakeRecord | None:
        """The record, while anything of the person is in it."""
        there = (one for one in _fake(ref.system).records() if (one.kind, one.key) == (ref.kind, ref.ref))
        return next((one for one in there if one.names(self.me)), None)

    def holds(self, file: CaseFile) -> dict[str, Any]:
        """What is truly there of the person at this moment: of each record of a case, and beside them."""
        known = {one.ref: one.number for one in file.findings.all()}
        records = {}
        for ref, number in known.items():
            held = self.is_there(ref)
            records[str(number)] = {"there": held is not None, "marked": held is not None and held.restricted}
        beside = [ref.system for ref in sorted(self.mine - set(known)) if self.is_there(ref)]
        return {"records": records, "beside": beside, "is_stranger_unharmed": self.is_stranger_unharmed}


@dataclass(slots=True)
class Side(Course):
    """One of two cases of a person.

    Args:
        other: The other one.
        town: What the systems hold.
        instead: The case that answers the request, where this one was stopped as a duplicate.
        joined: How many further requests joined it.
        received_on: The day of its earliest receipt, where further requests are played.
    """

    other: Side | None = None
    town: Town | None = None
    instead: Side | None = None
    joined: int = 0
    received_on: date | None = None

    def join(self, received_on: date | None) -> None:
        """Note that a further request joined it; what waits to be sent is judged by the dates that hold now."""
        self.joined += 1
        if received_on is None or self.received_on is None or received_on >= self.received_on:
            return
        self.received_on = received_on
        self.look_beside()
        with self.file() as file:
            case = self.dumped(file)
            wait = {one.template_id for one in file.outbox.lines() if one.sent_at is None} & _NAME_DATES
            # Once it is clear who asks, the question for it goes out no more.
            wait -= {"L2", "L14"} if file.decisions.at(Gate.IDENTITY) else set()
            if not file.state.is_settled:
                texts = (one for one in file.outbox.letters() if one.template_id in wait)
                self.written.extend(Written(one.template_id, one.body, case) for one in texts)

    def dumped(self, file: CaseFile) -> dict[str, object]:
        """The case file as plain data, with the other case and what the systems truly hold."""
        said: dict[str, object] = {"holds": self.town.holds(file)} if self.town else {}
        said |= {"joined": self.joined, "is_duplicate": self.instead is not None}
        said |= {"received_on": self.received_on.isoformat() if self.received_on else ""}
        return Course.dumped(self, file) | said

    def capture(self) -> None:
        """Keep each letter that is new, with the case file of this moment."""
        self.look_beside()
        Course.capture(self)

    def note(self, kind: str, text: str) -> None:
        """Keep a text, with the case file of this moment."""
        self.look_beside()
        Course.note(self, kind, text)

    def look_beside(self) -> None:
        """The other case, as it is now; before the file of this one is open."""
        if self.other is None or not self.other.case_id:
            return
        with self.other.file() as file:
            self.earlier = [Course.dumped(self.other, file) | {"earlier": []}]


def _fake(system: str) -> FakeSystem:
    return cast("FakeSystem", current_app().connectors[system])
