"""What happens once a request is answered; and every case, played to its end with all that was written of it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Final

from proofs.answers import giving, playing
from proofs.answers.controllers import (
    Combination,
    World,
    Written,
    group_of,
    runtime_for,
    target_of,
    under_other_rules,
    with_rights_beside,
)
from proofs.answers.course import DAY, DECIDER, MARK, OFFICER, Course, Double
from proofs.answers.playing import search
from proofs.answers.together import Side, play_together
from rightsflow.app import current_app, installed
from rightsflow.audit.evidence.dpv import export
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.page import page
from rightsflow.audit.evidence.record import certificate
from rightsflow.cases.course.evidence.bundle import facts_of, hold_evidence, stated
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.changed_rules import look_by_todays_rules
from rightsflow.cases.course.follow_up.lifting import announce_lifting, lift_restriction, liftable
from rightsflow.cases.course.follow_up.retention import end_retention
from rightsflow.cases.course.follow_up.verification import read_everything, systems_to_read, verify_again
from rightsflow.cases.course.processors.processor_answers import check_processor_answer
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.work.erasure.legal_hold import place_hold, release_hold
from rightsflow.cases.work.erasure.remaining_tasks import GONE
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Fact, OutcomeKind, PresenceState
from rightsflow.domain.vocabulary.states import CaseState

_KEPT: Final = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})
_REASON: Final = "We have checked the data, and they are right."
_GROUND: Final = {"ground": "The law orders it.", "provision": "Art. 17(3)(b)"}
_EVENTS: Final = ("restored", "lifted", "held", "disputed", "ruled")


def go_on(course: Course) -> None:
    """Play some of what can happen after an answer; it has its own dice, so that cases keep their course."""
    with course.file() as file:
        if file.state is not CaseState.ANSWERED or not file.right.has_plan:
            return
        course.double.begin(file)
    dice = random.Random(f"{course.who['email']}/afterwards")
    events: Mapping[str, Callable[[Course, random.Random], None]] = {
        "restored": _restore, "lifted": _lift, "held": _hold, "disputed": _dispute, "ruled": _change_rules,
    }  # fmt: skip
    for event in dice.sample(_EVENTS, dice.choice((0, 1, 2, 3))):
        _go_to(course, current_app().today + DAY * dice.randint(0, 40))
        events[event](course, dice)
        _note(course)


def _note(course: Course) -> None:
    course.capture()
    course.note("sheet", render_sheet(read_overview(current_app(), course.case_id), current_app()))


def _go_to(course: Course, day: date) -> None:
    course.world.moment[0] = max(course.world.moment[0], datetime.combine(day, time(9), UTC))


# -- one round of the follow-up, of this case --------------------------------------------------------------------------
def follow(course: Course) -> None:
    """Do what is due: ends of retention, restrictions that end, records that are read again."""
    app, today = current_app(), current_app().today
    with course.file() as file:
        due = [one for one in file.tasks.all() if one.is_open and one.kind.is_followed_up and one.due_on <= today]
    for task in due:
        end = lift_restriction if task.kind is TaskKind.LIFT else end_retention
        _try(lambda end=end, task=task: end(app, course.case_id, task))  # type: ignore[misc]
    with course.file() as file:
        systems = systems_to_read(file, app)
    for system in systems:
        _try(lambda system=system: verify_again(app, course.case_id, system))  # type: ignore[misc]
    _look(course)


def _try(act: Callable[[], object]) -> None:
    try:
        act()
    except RightsflowError as error:
        if "The letter " in str(error):
            raise


def _look(course: Course) -> None:
    with course.file() as file:
        course.double.look(file, current_app().today)
    course.capture()


def _open(course: Course, *kinds: TaskKind) -> list[int]:
    with course.file() as file:
        return [one.number for one in file.tasks.all() if one.is_open and one.kind in kinds]


def _approve(course: Course, *kinds: TaskKind) -> None:
    for number in _open(course, *kinds):
        with suppress(Conflict, BadInput):
            approve_task(current_app(), course.case_id, number, by=DECIDER)


# -- a restored back-up ------------------------------------------------------------------------------------------------
def _restore(course: Course, dice: random.Random) -> None:
    """Bring some erased records back; they are seen, and erased again once that is approved."""
    with course.file() as file:
        gone = [one for one in file.findings.all() if _is_gone(one)]
    if not gone:
        return
    system = dice.choice([*sorted({one.ref.system for one in gone}), *_claimed(course, gone)])
    these = [one for one in gone if one.ref.system == system]
    course.double.bring_back(dice.sample(these, dice.randint(1, len(these))))
    app = current_app()
    _try(lambda: read_everything(app, course.case_id, system))
    _look(course)
    _note(course)
    if dice.random() < 0.2:
        return
    _go_to(course, app.today + DAY * dice.choice((0, 0, 1, 9)))
    _approve(course, TaskKind.RETURNED)
    course.double.begin_again()
    if (faulty := dice.random()) < 0.4:
        # It cannot erase, or the read afterwards fails: the next round goes on, if the case file is not closed before.
        operation = "presence" if faulty < 0.25 else "erase"
        app.connectors[system].fail(operation, Transient("It does not answer; try again.", system=system))  # type: ignore[attr-defined]
        follow(course)
        app.connectors[system].heal()  # type: ignore[attr-defined]
        _note(course)
        if dice.random() < 0.3:
            return
        _go_to(course, app.today + DAY)
    follow(course)
    _check_doubted(course, dice)


def _claimed(course: Course, gone: list[Finding]) -> list[str]:
    app, there = current_app(), {one.ref.system for one in gone}
    with course.file() as file:
        claiming = {one.processor for one in file.instructions.all() if one.last and one.last.answer.claims}
    systems = {name for one in claiming for name in app.settings.processors[one].systems}
    return 2 * sorted(there & systems)


def _is_gone(one: Finding) -> bool:
    is_theirs = one.attribution is Attribution.SUBJECT
    return is_theirs and one.outcome in GONE and not one.refused and one.verified in {None, PresenceState.ABSENT}


def _check_doubted(course: Course, dice: random.Random) -> None:
    with course.file() as file:
        doubted = [one.number for one in file.instructions.all() if one.last and one.last.doubts]
    for number in doubted:
        if dice.random() < 0.8:
            with suppress(Conflict, BadInput):
                check_processor_answer(current_app(), course.case_id, number, reason="By telephone.", by=OFFICER)
    course.capture()


# -- a restriction that ends -------------------------------------------------------------------------------------------
def _lift(course: Course, dice: random.Random) -> None:
    """Lift restrictions: the person is told before, mostly a week before, or they stay."""
    app = current_app()
    numbers = liftable(app, course.case_id)
    if not numbers:
        return
    these = sorted(dice.sample(numbers, dice.randint(1, len(numbers))))
    on = app.today + DAY * dice.randint(8, 20)
    try:
        announce_lifting(app, course.case_id, these, on, reason=_REASON, by=DECIDER)
    except Conflict:  # A message about the restriction has not gone out yet.
        return
    with course.file() as file:
        course.double.announce(file, these, on, _REASON)
    course.capture()
    follow(course)
    with course.file() as file:
        name = [one.template_id for one in file.outbox.lines() if one.template_id.startswith("L15")][-1]
    if dice.random() < 0.85:
        course.send(name)
    _go_to(course, on - DAY)
    follow(course)
    _note(course)
    _go_to(course, on)
    follow(course)


# -- what arrives after the letter -------------------------------------------------------------------------------------
def _kept_until(course: Course) -> list[Finding]:
    with course.file() as file:
        return [one for one in file.findings.all() if one.outcome in _KEPT and one.until]


def _hold(course: Course, dice: random.Random) -> None:
    """Place a hold after the letter: past its day the record stays, and goes once the hold is released."""
    kept, app = _kept_until(course), current_app()
    if not kept:
        return
    number, _ = place_hold(app, "A claim", app.today + 90 * DAY, by=OFFICER, owner="case_owner", case_id=course.case_id)
    _note(course)
    _go_to(course, min(one.until for one in kept if one.until) + DAY)
    follow(course)
    _approve(course, TaskKind.APPROVE)
    follow(course)
    _note(course)
    if dice.random() < 0.7:
        _go_to(course, current_app().today + DAY * dice.randint(1, 60))
        release_hold(app, number, by=DECIDER, reason="The claim is settled.")
        _note(course)
        follow(course)
        _approve(course, TaskKind.RELEASED)
        follow(course)


def _dispute(course: Course, dice: random.Random) -> None:
    kept = _kept_until(course)
    if not kept:
        return
    one = dice.choice(kept)
    course.double.put(one, facts=frozenset(one.facts) - {Fact.LEGAL_HOLD} | {Fact.OPEN_DISPUTE})
    _go_to(course, (one.until or current_app().today) + DAY)
    follow(course)
    _approve(course, TaskKind.APPROVE)
    follow(course)


def _change_rules(course: Course, dice: random.Random) -> None:
    before, other = course.world.runtime, under_other_rules(course.world.runtime, dice)
    course.world.runtime = other
    with installed(other):
        _look_by_todays_rules(course)
        if dice.random() < 0.6:
            _decide_by_todays_rules(course)
    course.world.runtime = before
    _look_by_todays_rules(course)


def _look_by_todays_rules(course: Course) -> None:
    with course.file() as file:
        look_by_todays_rules(file, current_app())
    _note(course)


def _decide_by_todays_rules(course: Course) -> None:
    _approve(course, TaskKind.EARLIER, TaskKind.UNDATED)
    for number in _open(course, TaskKind.LATER):
        until = max((one.until for one in _kept_until(course) if one.until), default=current_app().today) + 400 * DAY
        with suppress(Conflict, BadInput):
            keep_longer(current_app(), course.case_id, number, until, **_GROUND, by=DECIDER)
    _note(course)
    _go_to(course, current_app().today + DAY)
    follow(course)
    _note(course)


_BEFORE = {"L8": ("L9", "L8", "withdrawn", "R2 at identity", "L10")}
_ANY_BEFORE = ("L8", "L9", "L10", "L11", "L11", "failed", "withdrawn", "R7 at approval")
"""How an earlier case of the same person ended; after one that left something, "nothing held" cannot be played to."""


def write_case(world: World, number: int) -> list[Written]:
    """Play one case and give everything that was written of it."""
    dice, target = random.Random(number), target_of(number)
    world.runtime = runtime_for(world.base, target.law, dice)
    if group_of(number) != "main":
        world.runtime = with_rights_beside(world.runtime, random.Random(number))
    world.moment[0] = datetime(2026, 2, 1, 8, tzinfo=UTC) + DAY * dice.randint(0, 700)
    course = Course(world, dice, target, _person(dice))
    if group_of(number) == "together":
        return _write_together(Side(world, dice, target, course.who))
    with installed(world.runtime):
        if course.maybe(0.25):
            _play_earlier(course)
        _play(course)
        go_on(course)
        _end(course)
    return course.written


def _write_together(course: Side) -> list[Written]:
    with installed(course.world.runtime):
        sides = play_together(course, course.dice, course.who)
        for one in sides:
            _end(one)
    return [written for one in sides for written in one.written]


def _person(dice: random.Random) -> Mapping[str, str]:
    fields = {"email": f"anna.{MARK}{dice.randrange(10**9)}@example.com"}
    if dice.random() < 0.65:
        fields["phone"] = f"+49 30 23{dice.randint(100000, 999999)}"
    if dice.random() < 0.4:
        fields["customer_id"] = f"C-{dice.randint(10000, 99999)}{dice.randrange(10**6)}"
    if dice.random() < 0.7:
        fields["name"] = "Anna Quillfeather"
    return fields


def _play_earlier(course: Course) -> None:
    end = course.dice.choice(_BEFORE.get(course.target.end, _ANY_BEFORE))
    right = "access" if end == "L9" else "erasure"
    target = Combination(right, course.target.law, end)
    earlier = replace(course, target=target, written=[], double=Double())
    _play(earlier)
    with earlier.file() as file:
        course.earlier = [earlier.dumped(file)]
    course.pass_days(20, 200)


def _play(course: Course) -> None:
    """From the request to the end that it is played towards."""
    end = course.target.end
    playing.open_case(course)
    playing.ask_who(course)
    playing.extend_period(course)
    stops_here = end in {"withdrawn", "waiting"} and course.maybe(0.5)
    playing.wait_for_proof(course)
    if end.endswith("at identity"):
        playing.refuse(course, Gate.IDENTITY)
    elif not stops_here:
        playing.identify(course)
        stops_clock = course.target.law == "uk-gdpr"
        asks = course.target.right == "access" and course.target.suspended >= stops_clock and course.maybe(0.4)
        # A question that stops the clock waits for the search, which alone shows whether it is needed.
        if asks and not stops_clock:
            playing.ask_what(course)
        search(course)
        if asks and stops_clock:
            playing.ask_what(course)
        _work(course)
    if end == "withdrawn":
        playing.take_back(course)


def _work(course: Course) -> None:
    """From the search to the gate and beyond it."""
    with course.file() as file:
        findings = file.findings.all()
    end = course.target.end
    if findings and course.target.right == "access":
        giving.prepare_package(course)
    elif findings:
        prepare_plan(current_app(), course.case_id)
    if not giving.show_gate(course):
        return
    if end.endswith("at approval"):
        playing.refuse(course, Gate.APPROVAL)
    elif end in {"withdrawn", "waiting"}:
        return
    elif not findings:
        giving.report_nothing(course)
    elif course.target.right == "access":
        giving.give(course)
    else:
        giving.erase(course)


def _end(course: Course) -> None:
    """Make the sheet and the evidence of the case at its end."""
    course.capture()
    current = course.runtime
    if course.maybe(0.08):
        hold_evidence(
            current_app(), course.case_id, current.today + 400 * DAY, by=OFFICER, reason="A complaint is pending."
        )
    with course.file() as file:
        file.ledger.append(CaseEvent.EVIDENCE_EXPORTED, actor="Aud Itor", **stated(current, file.ownership.owner))
    course.note("sheet", render_sheet(read_overview(current_app(), course.case_id), current))
    with course.file() as file:
        record, controller = fold(list(file.ledger.entries())), facts_of(current.settings.controller)
    course.note("page", page(record, controller).decode())
    course.note("certificate", certificate(record))
    course.note("dpv", json.dumps(export(record, controller)))
