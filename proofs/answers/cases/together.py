"""Two open requests of one person side by side, in systems that truly hold their records, and cases that are stopped.

The steps of both are taken in a drawn order, by the tasks themselves; the double systems hold a stranger's records too.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from proofs.answers.cases import asking, erasing, giving
from proofs.answers.cases.combinations import Combination
from proofs.answers.cases.controllers import SYSTEMS
from proofs.answers.cases.course import DAY, DECIDER, OFFICER, OPENER
from proofs.answers.cases.double import Double
from proofs.answers.cases.outsourcing import instruct, prove, tell
from proofs.answers.cases.side import Side, Town
from rightsflow.app import current_app
from rightsflow.cases.access.copies import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.deadlines.extension import extend
from rightsflow.cases.erasure.erasing import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.gates.gates import record_decision
from rightsflow.cases.intake.opening import open_request_form
from rightsflow.cases.letters.answering import write_answer, write_nothing_held
from rightsflow.cases.letters.questions import ask_identity
from rightsflow.cases.search.locating import locate_records, resolve_identifiers
from rightsflow.cases.stopping import stop_case
from rightsflow.domain.case.stopping import StopReason
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.request import RequestForm

_Steps = Iterator[None]
_PAIRS: Final = (
    ("access", "erasure"),
    ("erasure", "access"),
    ("erasure", "restriction"),
    ("restriction", "erasure"),
    ("erasure", "erasure"),
    ("access", "restriction"),
)
_ANSWERS: Final = ("L8", "L9", "L10", "L11", "L22")
_WHY: Final = "The same message had been typed twice."


def play_together(course: Side, dice: random.Random, who: Mapping[str, str]) -> list[Side]:
    """Play one such pair, or a case that is stopped; returns the cases that were opened.

    Args:
        course: The first case, before it is opened.
        dice: What is drawn with.
        who: What the person is known by.
    """
    town = Town(who)
    town.settle(dice)
    play: Callable[[Side, Side, random.Random], None] = dice.choice((_side_by_side, _side_by_side, _joined, _stopped))
    second = replace(course, who=_known_by(who, dice), written=[], double=Double(), town=town)
    course.town, course.other, second.other = town, second, course
    play(course, second, dice)
    return [one for one in (course, second) if one.case_id]


def _known_by(who: Mapping[str, str], dice: random.Random) -> Mapping[str, str]:
    """The second request gives the same address, and sometimes less besides."""
    return who if dice.random() < 0.6 else {name: value for name, value in who.items() if name != "customer_id"}


def _towards(side: Side, right: str) -> None:
    side.target = Combination(right, side.target.law, "together", extended=False, suspended=False)


def _in_turns(sides: list[tuple[Side, _Steps]], dice: random.Random) -> None:
    """Take steps of each in a drawn order, with days between them, until all are at their end."""
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
    asking.open_case(first)
    _in_turns([(first, _go(first)), (second, _opened(second))], dice)


def _opened(side: Side) -> _Steps:
    asking.open_case(side)
    yield
    yield from _go(side)


def _go(side: Side) -> _Steps:
    """From the identity to the answer."""
    asking.identify(side)
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
    record_decision(current_app(), side.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER))


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
    erasing.cool_down(side)
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
    """A second request for access joins the first while that one is not answered, and is one of its own after it."""
    for side in (first, second):
        _towards(side, "access")
    asking.open_case(first)
    with first.file() as file:
        first.received_on = current_app().day_of(file.received_at)
    steps = _waited(first, dice) if dice.random() < 0.5 else _go(first)
    received_on = first.received_on - DAY * dice.randint(1, 25) if dice.random() < 0.6 else None
    _in_turns([(first, steps), (second, _asked_again(second, dice.randint(0, 9), received_on))], dice)


def _waited(side: Side, dice: random.Random) -> _Steps:
    """Before the search a question and a notice wait in the outbox, and are sent or not."""
    if dice.random() < 0.6:
        ask_identity(current_app(), side.case_id, doubt=asking.DOUBT, by=OFFICER)
    if dice.random() < 0.6:
        with suppress(Conflict):
            extend(current_app(), side.case_id, reason=asking.HOURS, by=OFFICER)
    for letter in ("", "L2", "L1", "L6", ""):
        yield
        if letter in side.letters() and dice.random() < 0.4:
            side.send(letter)
    yield from _go(side)


def _asked_again(side: Side, waits: int, received_on: date | None) -> _Steps:
    """The request once more, entered later; it may have lain in the post room since before the first one came."""
    for _ in range(waits):
        yield
    day = received_on.isoformat() if received_on else ""
    form = RequestForm(right="access", opened_by=OPENER, received=day, **side.who)
    try:
        side.case_id = open_request_form(current_app(), form).case_id
    except Conflict:
        if side.other is not None:
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
    asking.open_case(first)
    if dice.random() < 0.35:
        _in_turns([(first, _in_error(first, dice))], dice)
        return
    first.pass_days(0, 12)
    asking.open_case(second)
    stop = _Stop(first, second) if dice.random() < 0.4 else _Stop(second, first)
    assert stop.instead is not None
    sides = [(stop.instead, _go_on(stop.instead, dice)), (stop.stopped, _until_stopped(stop, dice))]
    _in_turns(sides, dice)


def _go_on(side: Side, dice: random.Random) -> _Steps:
    """The one that goes on; in some of them the person is asked who they are, and answers later."""
    if dice.random() < 0.3:
        side.target = replace(side.target, suspended=True)
        asking.ask_who(side)
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
        asking.ask_who(replace(side, target=replace(side.target, suspended=True)))
        yield
    side.pass_days(0, 5)
    with suppress(BadInput, Conflict):
        stop_case(current_app(), side.case_id, StopReason.OPENED_IN_ERROR, _WHY, by=dice.choice((DECIDER, OFFICER)))
    side.capture()
    yield
    side.send("L27")
