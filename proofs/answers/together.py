"""Two requests of one person side by side, in systems that truly hold their records, and cases that are stopped."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final, cast

from proofs.answers import giving, playing
from proofs.answers.controllers import KINDS, SYSTEMS, Combination, Written
from proofs.answers.course import DAY, DECIDER, MARK, OFFICER, OPENER, Course, Double
from proofs.answers.giving import instruct, prove, tell
from proofs.answers.package import SOUND
from rightsflow.app import current_app
from rightsflow.cases.course.intake.opening import join_request, open_request_form
from rightsflow.cases.course.letters.answers import write_answer, write_nothing_held
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.withdrawal import stop_case
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.case.acts import StopReason
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.field_words import PLAIN
from rightsflow.domain.vocabulary.records import Fact, RecordRef
from rightsflow.store import CaseFile
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from tests.support.reading import read_then_decide

_NAME_DATES = frozenset({"L1", "L2", "L3", "L6", "L14"})
_KINDS = {"email": IdentifierKind.EMAIL, "phone": IdentifierKind.PHONE, "customer_id": IdentifierKind.CUSTOMER_ID}


@dataclass(slots=True)
class Town:
    """The double systems with the records of the person and of a stranger."""

    who: Mapping[str, str]
    mine: set[RecordRef] = field(default_factory=set)
    stranger: Identifiers = frozenset()
    before: list[FakeRecord] = field(default_factory=list)

    @property
    def me(self) -> Identifiers:
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
        return [one.texts for one in self._of(self.stranger)] == [one.texts for one in self.before]

    def is_there(self, ref: RecordRef) -> FakeRecord | None:
        there = (one for one in _fake(ref.system).records() if (one.kind, one.key) == (ref.kind, ref.ref))
        return next((one for one in there if one.names(self.me)), None)

    def holds(self, file: CaseFile) -> dict[str, Any]:
        known = {one.ref: one.number for one in file.findings.all()}
        records = {}
        for ref, number in known.items():
            held = self.is_there(ref)
            records[str(number)] = {"there": held is not None, "marked": held is not None and held.restricted}
        beside = [ref.system for ref in sorted(self.mine - set(known)) if self.is_there(ref)]
        return {"records": records, "beside": beside, "is_stranger_unharmed": self.is_stranger_unharmed}


@dataclass(slots=True)
class Side(Course):
    """One of two cases of a person."""

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
        said: dict[str, object] = {"holds": self.town.holds(file)} if self.town else {}
        said |= {"joined": self.joined, "is_duplicate": self.instead is not None}
        said |= {"received_on": self.received_on.isoformat() if self.received_on else ""}
        return Course.dumped(self, file) | said

    def capture(self) -> None:
        self.look_beside()
        Course.capture(self)

    def note(self, kind: str, text: str) -> None:
        self.look_beside()
        Course.note(self, kind, text)

    def look_beside(self) -> None:
        if self.other is None or not self.other.case_id:
            return
        with self.other.file() as file:
            self.earlier = [Course.dumped(self.other, file) | {"earlier": []}]


def _fake(system: str) -> FakeSystem:
    return cast("FakeSystem", current_app().connectors[system])


_Steps = Iterator[None]
_PAIRS: Final = (
    ("access", "erasure"), ("erasure", "access"), ("erasure", "restriction"), ("restriction", "erasure"),
    ("erasure", "erasure"), ("access", "restriction"),
)  # fmt: skip
_ANSWERS: Final = ("L8", "L9", "L10", "L11", "L22")
_WHY: Final = "The same message had been typed twice."


def play_together(course: Side, dice: random.Random, who: Mapping[str, str]) -> list[Side]:
    town = Town(who)
    town.settle(dice)
    play: Callable[[Side, Side, random.Random], None] = dice.choice((_side_by_side, _side_by_side, _joined, _stopped))
    second = replace(course, who=_known_by(who, dice), written=[], double=Double(), town=town)
    course.town, course.other, second.other = town, second, course
    play(course, second, dice)
    return [one for one in (course, second) if one.case_id]


def _known_by(who: Mapping[str, str], dice: random.Random) -> Mapping[str, str]:
    return who if dice.random() < 0.6 else {name: value for name, value in who.items() if name != "customer_id"}


def _towards(side: Side, right: str) -> None:
    side.target = Combination(right, side.target.law, "together")


def _in_turns(sides: list[tuple[Side, _Steps]], dice: random.Random) -> None:
    while sides:
        side, steps = dice.choice(sides)
        try:
            next(steps)
        except StopIteration:
            sides.remove((side, steps))
        if side.case_id:
            side.capture()
        if dice.random() < 0.4:
            side.pass_days(0, 2)


# -- two requests beside each other ------------------------------------------------------------------------------------
def _side_by_side(first: Side, second: Side, dice: random.Random) -> None:
    rights = dice.choice(_PAIRS)
    for side, right in zip((first, second), rights, strict=True):
        _towards(side, right)
    playing.open_case(first)
    _in_turns([(first, _go(first)), (second, _opened(second))], dice)


def _opened(side: Side) -> _Steps:
    playing.open_case(side)
    yield
    yield from _go(side)


def _go(side: Side) -> _Steps:
    """From the identity to the answer."""
    playing.identify(side)
    yield
    _search(side)
    yield
    with side.file() as file:
        has_records = bool(file.findings.all())
    if not has_records:
        yield from _report_nothing(side)
    elif side.target.right == "access":
        yield from _give(side)
    else:
        yield from _carry_out(side)
    yield
    for letter in _ANSWERS:
        if letter in side.letters():
            side.send(letter)


def _search(side: Side) -> None:
    app = current_app()
    for _ in range(4):
        for system in SYSTEMS:
            locate_records(app, side.case_id, system)
        if not resolve_identifiers(app, side.case_id).learnt:
            return


def _approve(side: Side) -> None:
    read_then_decide(current_app(), side.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER))


def _report_nothing(side: Side) -> _Steps:
    if not giving.show_gate(side):
        return
    yield
    _approve(side)
    write_nothing_held(current_app(), side.case_id)


def _pack(side: Side) -> None:
    app = current_app()
    for system in SYSTEMS:
        extract_records(app, side.case_id, system)
        redact_third_parties(app, side.case_id, system)
    assemble_package(app, side.case_id)
    side.look_beside()
    giving.keep_package(side)


def _give(side: Side) -> _Steps:
    _pack(side)
    yield
    if not giving.show_gate(side):
        return
    yield
    _approve(side)
    if make_copies_again(current_app(), side.case_id):
        _pack(side)
    write_answer(current_app(), side.case_id)


def _carry_out(side: Side) -> _Steps:
    app = current_app()
    prepare_plan(app, side.case_id)
    yield
    if not giving.show_gate(side):
        return
    yield
    _approve(side)
    giving.cool_down(side)
    settle_plan(app, side.case_id)
    instruct(side)
    for system in SYSTEMS:
        yield
        erase_records(app, side.case_id, system)
        verify_erasure(app, side.case_id, system)
    tell(side)
    prove(side, 0.5)
    yield
    try:
        write_answer(app, side.case_id)
    except RightsflowError as error:
        # A case that cannot be answered yet is none; a letter that cannot be written is a fault.
        if "The letter " in str(error):
            raise


# -- the same request once more ----------------------------------------------------------------------------------------
def _joined(first: Side, second: Side, dice: random.Random) -> None:
    for side in (first, second):
        _towards(side, "access")
    playing.open_case(first)
    with first.file() as file:
        first.received_on = current_app().day_of(file.received_at)
    steps = _waited(first, dice) if dice.random() < 0.5 else _go(first)
    received_on = first.received_on - DAY * dice.randint(1, 25) if dice.random() < 0.6 else None
    _in_turns([(first, steps), (second, _asked_again(second, dice.randint(0, 9), received_on))], dice)


def _waited(side: Side, dice: random.Random) -> _Steps:
    if dice.random() < 0.6:
        ask_identity(current_app(), side.case_id, doubt=playing.DOUBT, by=OFFICER)
    if dice.random() < 0.6:
        with suppress(Conflict):
            extend(current_app(), side.case_id, reason=playing.HOURS, by=OFFICER)
    for letter in ("", "L2", "L1", "L6", ""):
        yield
        if letter in side.letters() and dice.random() < 0.4:
            side.send(letter)
    yield from _go(side)


def _asked_again(side: Side, waits: int, received_on: date | None) -> _Steps:
    """Enter the request once more, later; it may have been in the post room since before the first one."""
    for _ in range(waits):
        yield
    day = received_on.isoformat() if received_on else ""
    form = RequestForm(right="access", opened_by=OPENER, received=day, **dict[str, Any](side.who))
    try:
        side.case_id = open_request_form(current_app(), form).case_id
    except Conflict:
        if side.other is not None:
            # The refusal changes nothing; joining is an act of its own.
            join_request(current_app(), form)
            side.other.join(received_on)
        return
    yield
    yield from _go(side)


# -- a case that is stopped --------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Stop:
    """What is stopped, and why."""

    stopped: Side
    instead: Side | None


def _stopped(first: Side, second: Side, dice: random.Random) -> None:
    """Opened in error, or twice: one of the two is stopped at some point of its way."""
    right = dice.choice(("access", "erasure", "restriction"))
    for side in (first, second):
        _towards(side, right)
    playing.open_case(first)
    if dice.random() < 0.35:
        _in_turns([(first, _in_error(first, dice))], dice)
        return
    first.pass_days(0, 12)
    playing.open_case(second)
    stop = _Stop(first, second) if dice.random() < 0.4 else _Stop(second, first)
    assert stop.instead is not None
    sides = [(stop.instead, _go_on(stop.instead, dice)), (stop.stopped, _until_stopped(stop, dice))]
    _in_turns(sides, dice)


def _go_on(side: Side, dice: random.Random) -> _Steps:
    if dice.random() < 0.3:
        side.target = replace(side.target, suspended=True)
        playing.ask_who(side)
        yield
        yield
    for _ in range(dice.choice((0, 0, 1, 3))):
        side.pass_days(3, 15)
        yield
    yield from _go(side)


def _until_stopped(stop: _Stop, dice: random.Random) -> _Steps:
    side, steps = stop.stopped, _go(stop.stopped)
    for _ in range(dice.randint(0, 4)):
        with suppress(StopIteration):
            next(steps)
        yield
    # What was changed or answered cannot be stopped: then the case goes its way.
    with suppress(Conflict):
        assert stop.instead is not None
        stop_case(
            current_app(), side.case_id, StopReason.DUPLICATE, _WHY, by=DECIDER, duplicate_of=stop.instead.case_id
        )
        side.instead = stop.instead
        side.capture()
        side.send("L27")
        return
    yield from steps


def _in_error(side: Side, dice: random.Random) -> _Steps:
    if dice.random() < 0.5:
        playing.ask_who(replace(side, target=replace(side.target, suspended=True)))
        yield
    side.pass_days(0, 5)
    with suppress(BadInput, Conflict):
        stop_case(current_app(), side.case_id, StopReason.OPENED_IN_ERROR, _WHY, by=dice.choice((DECIDER, OFFICER)))
    side.capture()
    yield
    side.send("L27")
