"""The erasure: plan, decisions on single records, outcomes of the systems, answer, and what is left by hand."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, time

from proofs.answers.cases.asking import ask_whose
from proofs.answers.cases.controllers import SYSTEMS
from proofs.answers.cases.correcting import CORRECTED, corrected, decide_items
from proofs.answers.cases.course import DECIDER, OFFICER, Course
from proofs.answers.cases.outsourcing import instruct, prove, tell
from rightsflow.app import current_app
from rightsflow.cases.erasure.cooling_off import cool_off
from rightsflow.cases.erasure.ending_tasks import mark_task_done
from rightsflow.cases.erasure.erasing import settle_plan
from rightsflow.cases.gates.gates import record_decision
from rightsflow.cases.letters.answering import write_answer
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.task_ends import StatedEnd, TaskEnd
from rightsflow.domain.case.task_kinds import TaskKind
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.events import StepName
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.record_decision_rules import acts_on
from rightsflow.domain.gates.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.records import Method, Outcome, OutcomeKind, Presence, PresenceState
from rightsflow.domain.request import Right
from rightsflow.store import CaseFile

_REASONS = (
    "A retention lock of the system ends then.",
    "The system keeps the record because of a dispute.",
)
_KEPT = (OutcomeKind.RETAINED, OutcomeKind.RESIDUE, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED)
_GONE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED})


def erase(course: Course) -> None:
    """The plan is approved and carried out, and the answer written unless a record failed."""
    ask_whose(course)
    course.pass_days(0, 2)
    decide_items(course)
    _approve(course)
    cool_down(course)
    settle_plan(current_app(), course.case_id)
    instruct(course)
    course.pass_days(0, 1)
    with course.file() as file:
        todo = [one for one in file.findings.all() if one.method is not None]
    outcomes = _outcomes(course, todo)
    with course.file() as file:
        for system in SYSTEMS:
            _carry_out(course, file, system, outcomes)
    course.pass_days(0, 1)
    tell(course)
    prove(course, 0.5)
    _answer(course)
    for letter in ("L10", "L11", "L17", "L22", "L23", "L25"):
        course.answered(letter)
    prove(course, 0.8)
    course.answered("L20")
    course.pass_days(0, 3)
    _do_tasks(course)
    course.capture()


def cool_down(course: Course) -> None:
    """The person is told from which day on the erasure begins, and that day comes."""
    if on := cool_off(current_app(), course.case_id):
        course.capture()
        course.world.moment[0] = max(course.world.moment[0], datetime.combine(on, time(6), UTC))


def _answer(course: Course) -> None:
    try:
        write_answer(current_app(), course.case_id)
    except RightsflowError as error:
        # A case that cannot be answered yet is none; a letter that cannot be written is a fault.
        if "The letter " in str(error):
            raise


def _approve(course: Course) -> None:
    decided = _decided(course) if course.maybe(0.4) else {}
    decision = Decision(
        gate=Gate.APPROVAL,
        verdict=Verdict.APPROVED,
        by=DECIDER,
        include_unclear=course.maybe(0.4),
        records=decided,
    )
    try:
        record_decision(current_app(), course.case_id, decision)
    except BadInput:  # A record that a decision must not erase; the plan stands as it is.
        record_decision(
            current_app(), course.case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=DECIDER)
        )


def _decided(course: Course) -> dict[str, RecordDecision]:
    """A person decides on one or two records by their numbers: kept for a claim, or erased; or that it is about others.

    The last of a request that erases nothing, also on records of which no one can tell whose they are.
    """
    leaves_out = acts_on(Right(course.target.right)) == {RecordAct.LEAVE_OUT}
    with course.file() as file:
        findings = file.findings.all()
    numbers = [one.number for one in findings if one.method is not None or leaves_out]
    if leaves_out:
        unclear = [one.number for one in findings if one.attribution is Attribution.UNCLEAR]
        numbers = unclear if unclear and course.maybe(0.5) else numbers
    count = min(len(numbers), course.dice.choice((1, 2)))
    if leaves_out:
        return dict.fromkeys(map(str, course.dice.sample(numbers, count)), _LEFT_OUT)
    acts = (RecordAct.ERASE,) if course.target.end == "L10" else (RecordAct.KEEP, RecordAct.KEEP, RecordAct.ERASE)
    return {str(one): _decision(course, course.dice.choice(acts)) for one in course.dice.sample(numbers, count)}


def _decision(course: Course, act: RecordAct) -> RecordDecision:
    if act is RecordAct.ERASE:
        return RecordDecision(act=act)
    until, ends_when = course.dice.choice(
        ((date(2031, 6, 30), ""), (None, "the claim is settled"), (date(2031, 6, 30), "the claim is settled"))
    )
    return RecordDecision(
        act=act,
        ground="A claim about this purchase is pending.",
        provision="Art. 17(3)(e)",
        until=until,
        ends_when=ends_when,
    )


def _outcomes(course: Course, todo: list[Finding]) -> dict[int, Outcome]:
    """What the systems answer, so that the case ends as it is played."""
    outcomes = {
        one.number: corrected(course, one)
        if one.method is Method.RECTIFY
        else _outcome(course, one, _drawn(course, one))
        for one in todo
    }
    if not todo:
        return outcomes
    first = course.dice.choice(todo)
    kinds = {one.kind for one in outcomes.values()}
    if course.target.end == "failed":
        outcomes[first.number] = _outcome(course, first, OutcomeKind.FAILED)
    if course.target.end == "L11" and not kinds & set(_KEPT):
        outcomes[first.number] = _outcome(course, first, course.dice.choice(_KEPT))
    return outcomes


def _drawn(course: Course, one: Finding) -> OutcomeKind:
    if one.method is Method.RESTRICT:
        marked = (OutcomeKind.RESTRICTED, OutcomeKind.RETAINED, OutcomeKind.NOT_HELD)
        return course.dice.choices(marked, (85, 10, 5))[0]
    usual = OutcomeKind.ERASED if one.method is Method.ERASE else OutcomeKind.REDACTED
    gone = (usual, OutcomeKind.DELEGATED, OutcomeKind.NOT_HELD)
    if course.target.end == "L10":
        return course.dice.choices(gone, (84, 10, 6))[0]
    return course.dice.choices((*gone, *_KEPT), (70, 6, 2, 8, 6, 4, 4))[0]


def _outcome(course: Course, one: Finding, kind: OutcomeKind) -> Outcome:
    refused = kind in {OutcomeKind.RETAINED, OutcomeKind.RESIDUE}
    kept = kind in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED}
    is_restricted = kind is OutcomeKind.RESTRICTED
    return Outcome(
        record=one.ref,
        kind=kind,
        reason=course.dice.choice(_REASONS) if kept or refused else "",
        legal_basis="Art. 18(1)(b) of the law" if is_restricted else "",
        until=date(2031, 5, 31) if (kept and course.maybe(0.6)) or is_restricted else None,
        refused=refused,
        request_id=f"req-{course.dice.randrange(10**6)}",
    )


def _carry_out(course: Course, file: CaseFile, system: str, outcomes: dict[int, Outcome]) -> None:
    looked = 0
    for one in file.findings.all(system):
        if one.method is None:
            continue
        outcome = outcomes[one.number]
        file.findings.record_outcome(outcome)
        if outcome.kind in _GONE | CORRECTED and not outcome.refused:
            file.findings.record_presence(Presence(record=one.ref, state=PresenceState.ABSENT))
            looked += 1
    after = Counter(one.outcome.value for one in file.findings.all(system) if one.outcome)
    counts = {name.replace(" ", "_"): count for name, count in after.items()}
    course.finish(file, StepName.ERASE, system, counts=counts)
    course.finish(file, StepName.VERIFY, system, counts={"absent": looked})


_LEFT_OUT = RecordDecision(
    act=RecordAct.LEAVE_OUT, ground="The request is about another purchase.", provision="Art. 12(2)"
)
_STILL_NEEDED = StatedEnd(end=TaskEnd.KEPT, reason="What keeps it goes on.")


def _do_tasks(course: Course) -> None:
    """Some of what is left to a person is done at once; what is kept until a day is not."""
    with course.file() as file:
        tasks = file.tasks.all()
    for one in tasks:
        if one.kept_until is None and course.maybe(0.5):
            with suppress(Conflict, BadInput):
                stated = _STILL_NEEDED if one.kind is TaskKind.CHECK else StatedEnd()
                mark_task_done(current_app(), course.case_id, one.number, on=None, by=OFFICER, stated=stated)
