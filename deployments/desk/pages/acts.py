"""Actions on a case other than decisions at its gates: each a small form on one page."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.conversation import message_words
from deployments.desk.pages.form_fields import beside, owner_choices, typed_day, typed_number, typed_numbers, worded
from deployments.desk.task_words import DONE, TASK_WORDS, can_be_approved, shown, words_of
from deployments.desk.visit import Visit
from rightsflow.cases.course.conversation import read_conversation
from rightsflow.cases.course.evidence.bundle import hold_evidence, release_evidence
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.letters.complaints import record_complaint
from rightsflow.cases.course.letters.further_letters import (
    TypedFee,
    announce_fee,
    ask_for_more,
    extend,
    name_recipients,
    write_interim,
)
from rightsflow.cases.course.letters.questions import ask_clarification, record_clarified_on
from rightsflow.cases.course.withdrawal import read_repeated, stop_case, withdraw
from rightsflow.cases.facts.deadlines.alerts import acknowledge
from rightsflow.cases.facts.people import Duty, hand_over
from rightsflow.cases.work.erasure.brakes import release_brake, set_brake
from rightsflow.cases.work.narrowing import TypedNarrowing, categories_of, narrow
from rightsflow.domain.accounts import Permission
from rightsflow.domain.case.acts import StopReason, read_stop_reason
from rightsflow.domain.case.manual_tasks import TaskEnd, ends_of, read_end
from rightsflow.domain.case.record_decisions import read_provision, read_record_numbers
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.letter_rules import FeeGround
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.wording import day
from rightsflow.store.case.case_tasks import CaseTask


@page("/cases/{case_id}/acts", needs=Permission.READ_CASES)
def acts(visit: Visit) -> Response:
    """The forms that the case may need."""
    seen, app = read_case(visit), visit.app
    question = seen.open_question
    is_asked = question is not None and question.kind is ClockEventKind.CLARIFICATION_REQUESTED
    is_open = not seen.state.is_settled
    tasks = [task for task in seen.tasks if task.is_open]
    to_do = [task for task in tasks if TASK_WORDS[task.kind].below == DONE]
    ends = ends_of(task.kind for task in to_do)
    to_approve = [task for task in tasks if can_be_approved(task)]
    to_prolong = [task for task in tasks if task.can_be_prolonged]
    return visit.show(
        "acts.html",
        case=seen,
        shade=seen.light.value,
        shades=SHADES,
        alerts=[alert for alert in seen.alerts if not alert.ended_at and not alert.acknowledged_by],
        is_open=is_open,
        may_ask=is_open and seen.right is Right.ACCESS and not is_asked,
        is_asked=is_asked,
        replies=_replies(visit) if is_asked else [],
        fee_grounds=worded(FeeGround),
        may_narrow=is_open and seen.right in {Right.ACCESS, Right.ERASURE},
        categories=", ".join(categories_of(app)),
        is_failing=is_open and bool(seen.failures),
        is_unidentified=is_open and seen.state not in {CaseState.RECEIVED, CaseState.IDENTITY_PENDING},
        has_recipients=seen.state is CaseState.ANSWERED and seen.right.has_plan,
        hears_complaints=app.settings.controller.law.hears_complaints(app.today),
        is_held=seen.evidence_hold is not None,
        tasks=_by_system(task for task in to_do if task.due_on <= seen.due_on),
        later=_by_system(task for task in to_do if task.due_on > seen.due_on),
        corrects=seen.right is Right.RECTIFICATION,
        task_words=words_of(to_do),
        decided_elsewhere=shown(task for task in tasks if task.kind.is_by_hand and task not in to_do),
        task_ends=worded(ends),
        ends_with_reason=" or ".join(end.value for end in ends if end is not TaskEnd.DONE),
        to_approve=_choices(to_approve),
        approve_words=words_of(to_approve),
        to_prolong=_choices(to_prolong),
        prolong_words=words_of(to_prolong),
        restricted=[str(number) for number in liftable(app, seen.case_id)] if seen.closed_at else [],
        stop_reasons=worded(StopReason),
        repeated=_repeated(visit) if is_open else [],
        may_stop=seen.right in ERASING and not (seen.closed_at and not tasks),
        is_stopped=any(item.system == seen.case_id for item in app.store.brakes.present()),
        may_hand_over=bool(seen.closed_at is None or tasks),
        owner=Duty.of(app).name(seen.owner),
        people=owner_choices(app),
        today=app.today.isoformat(),
    )


@acts.act("/acknowledge", needs=Permission.HANDLE_CASES)
def take_note(visit: Visit) -> Response:
    """Take note of the case's alerts."""
    return _done(visit, acknowledge(visit.app, visit.path("case_id"), by=visit.actor))


@acts.act("/extend", needs=Permission.HANDLE_CASES)
def extend_period(visit: Visit) -> Response:
    """Extend the period, and write the notice to the person."""
    visit.needed({"extend_reason": "Give the concrete reason; it is quoted to the person."})
    with beside("extend_reason"):
        done = extend(visit.app, visit.path("case_id"), reason=visit.typed("extend_reason"), by=visit.actor)
    return _done(visit, done.sentence)


@acts.act("/interim", needs=Permission.HANDLE_CASES)
def answer_in_between(visit: Visit) -> Response:
    """Write the interim answer, where a system fails near the last day or after it."""
    return _done(visit, write_interim(visit.app, visit.path("case_id"), by=visit.actor))


@acts.act("/cannot-identify", needs=Permission.HANDLE_CASES)
def say_what_can_be_added(visit: Visit) -> Response:
    """Write the letter that asks for further details, if no data can be attributed to the person."""
    return _done(visit, ask_for_more(visit.app, visit.path("case_id"), by=visit.actor))


@acts.act("/fee", needs=Permission.APPROVE)
def tell_fee(visit: Visit) -> Response:
    """Announce a fee before anything is charged."""
    visit.needed({"fee_ground": "Choose the ground."})
    names = ("ground", "amount", "facts", "costs")
    with beside("fee_amount", conflicts=True):
        typed = TypedFee(**{name: visit.typed(f"fee_{name}") for name in names})
        done = announce_fee(visit.app, visit.path("case_id"), typed, by=visit.actor)
    return _done(visit, done)


@acts.act("/recipients", needs=Permission.HANDLE_CASES)
def tell_recipients(visit: Visit) -> Response:
    """Name the notified recipients to the person."""
    visit.needed({"asked_on": "Give the day on which the person asked."})
    with beside("asked_on", conflicts=True):
        on = typed_day(visit, "asked_on")
        done = name_recipients(visit.app, visit.path("case_id"), asked_on=on, by=visit.actor)
    return _done(visit, done)


@acts.act("/complaint", needs=Permission.HANDLE_CASES)
def take_complaint(visit: Visit) -> Response:
    """Record a complaint of the person to the controller."""
    visit.needed({"complaint": "Say what the person complains about.", "complained_on": "Give the day of receipt."})
    with beside("complained_on", conflicts=True):
        done = record_complaint(
            visit.app,
            visit.path("case_id"),
            about=visit.typed("complaint"),
            received_on=typed_day(visit, "complained_on"),
            by=visit.actor,
        )
    return _done(visit, done)


@acts.act("/ask", needs=Permission.HANDLE_CASES)
def ask(visit: Visit) -> Response:
    """Ask the person which data they mean."""
    visit.needed({"areas": "Name what the person can choose from, separated by commas."})
    with beside("areas"):
        areas = visit.typed("areas").split(",")
        done = ask_clarification(visit.app, visit.path("case_id"), areas=areas, by=visit.actor)
    return _done(visit, done)


@acts.act("/clarified", needs=Permission.HANDLE_CASES)
def note_clarified(visit: Visit) -> Response:
    """Note that the person has clarified the request."""
    message = typed_number(visit, "clarified_message") if visit.typed("clarified_message") else None
    is_dated = message is None or visit.typed("clarified_on").strip()
    with beside("clarified_on"):
        arrived_on = typed_day(visit, "clarified_on").isoformat() if is_dated else ""
        done = record_clarified_on(
            visit.app,
            visit.path("case_id"),
            arrived_on,
            answer=visit.typed("clarified_words"),
            message=message,
            about=_narrowing(visit),
            by=visit.actor,
        )
    return _done(visit, done)


@acts.act("/narrow", needs=Permission.HANDLE_CASES)
def narrow_request(visit: Visit) -> Response:
    """Narrow the request to what the person asked for."""
    with beside("categories", conflicts=True):
        done = narrow(visit.app, visit.path("case_id"), _narrowing(visit), by=visit.actor)
    return _done(visit, done)


def _narrowing(visit: Visit) -> TypedNarrowing:
    return TypedNarrowing(categories=visit.typed("categories"), since=visit.typed("since"), until=visit.typed("until"))


@acts.act("/hand-over", needs=Permission.HANDLE_CASES)
def hand_on(visit: Visit) -> Response:
    """Let another person answer for the case."""
    visit.needed({"to": "Choose who answers for it from now on.", "hand_over_reason": "Say why it changes hands."})
    with beside("to", conflicts=True):
        done = hand_over(
            visit.app,
            visit.path("case_id"),
            visit.typed("to"),
            by=visit.actor,
            reason=visit.typed("hand_over_reason"),
        )
    return _done(visit, done)


@acts.act("/withdraw", needs=Permission.HANDLE_CASES)
def take_back(visit: Visit) -> Response:
    """Note that the person has withdrawn the request, and let its run end."""
    case_id = read_case_id(visit.path("case_id"))
    with beside("withdraw_reason"):
        done = withdraw(visit.app, case_id, by=visit.actor, reason=visit.typed("withdraw_reason"))
    visit.desk.resume(case_id, None)
    return _done(visit, done)


@acts.act("/stop", needs=Permission.HANDLE_CASES)
def stop(visit: Visit) -> Response:
    """Stop the case without an answer, since it was opened in error or twice, and let its run end."""
    case_id, other = read_case_id(visit.path("case_id")), visit.typed("duplicate_of")
    visit.needed({"stop_why": "Choose why it is stopped.", "stop_known": "Say how that is known."})
    with beside("stop_why"):
        reason = read_stop_reason(visit.typed("stop_why"))
    with beside("duplicate_of"):
        done = stop_case(visit.app, case_id, reason, visit.typed("stop_known"), by=visit.actor, duplicate_of=other)
    visit.desk.resume(case_id, None)
    if other:
        visit.desk.follow(read_case_id(other))
    return _done(visit, done)


@acts.act("/brake", needs=Permission.SET_BRAKES)
def brake(visit: Visit) -> Response:
    """Stop erasing in the case, at every system."""
    visit.needed({"brake_reason": "Say why; it is kept encrypted."})
    case_id = read_case_id(visit.path("case_id"))
    with beside("brake_reason", conflicts=True):
        done = set_brake(visit.app, case_id, by=visit.actor, reason=visit.typed("brake_reason"))
    return _done(visit, done)


@acts.act("/release", needs=Permission.SET_BRAKES)
def release(visit: Visit) -> Response:
    """Let erasing in the case go on."""
    visit.needed({"release_reason": "Say why; it is kept encrypted."})
    case_id = read_case_id(visit.path("case_id"))
    with beside("release_reason", conflicts=True):
        done = release_brake(visit.app, case_id, by=visit.actor, reason=visit.typed("release_reason"))
    return _done(visit, done)


@acts.act("/hold", needs=Permission.HOLD_EVIDENCE)
def hold(visit: Visit) -> Response:
    """Hold the case's evidence, so that it is not purged."""
    visit.needed({"hold_reason": "Say which complaint or claim is pending."})
    until = typed_day(visit, "hold_until") if visit.typed("hold_until").strip() else None
    with beside("hold_until"):
        done = hold_evidence(visit.app, visit.path("case_id"), until, by=visit.actor, reason=visit.typed("hold_reason"))
    return _done(visit, done)


@acts.act("/lift", needs=Permission.HOLD_EVIDENCE)
def lift(visit: Visit) -> Response:
    """Lift the hold on the case's evidence."""
    visit.needed({"lift_reason": "Say how the complaint or the claim ended."})
    with beside("lift_reason"):
        done = release_evidence(visit.app, visit.path("case_id"), by=visit.actor, reason=visit.typed("lift_reason"))
    return _done(visit, done)


@acts.act("/task-done", needs=Permission.HANDLE_CASES)
def note_task(visit: Visit) -> Response:
    """Note the result of manual tasks that were done together."""
    visit.needed({"task": "Choose the tasks.", "done_on": "Give the day on which they were done."})
    numbers, on = typed_numbers(visit, "task"), typed_day(visit, "done_on")
    with beside("task_end"):
        stated = read_end(visit.typed("task_end"), visit.typed("task_reason"), visit.typed("task_corrected"))
    with beside("task_end", conflicts=True):
        done = mark_task_done(visit.app, visit.path("case_id"), *numbers, on=on, by=visit.actor, stated=stated)
    return _done(visit, done)


@acts.act("/approve-task", needs=Permission.APPROVE)
def approve_erasing(visit: Visit) -> Response:
    """Approve that the follow-up erases the records of a task."""
    visit.needed({"approve_task": "Choose the task."})
    number = typed_number(visit, "approve_task")
    with beside("approve_task", conflicts=True):
        return _done(visit, approve_task(visit.app, visit.path("case_id"), number, by=visit.actor))


@acts.act("/lift-restriction", needs=Permission.APPROVE)
def lift_marks(visit: Visit) -> Response:
    """Notify the person that a restriction is lifted, and lift it on the day."""
    visit.needed({"lifted_records": "Give the numbers of the records.", "lifted_why": "Say why, for the person."})
    lifted_on = typed_day(visit, "lifted_on")
    with beside("lifted_records"):
        numbers = read_record_numbers(visit.typed("lifted_records"))
        case_id, reason = visit.path("case_id"), visit.typed("lifted_why")
        done = announce_lifting(visit.app, case_id, numbers, lifted_on, reason=reason, by=visit.actor)
    return _done(visit, done)


@acts.act("/keep-longer", needs=Permission.HANDLE_CASES)
def prolong(visit: Visit) -> Response:
    """Retain the records of a task longer than the letter said; telling the person is a task of its own."""
    visit.needed(
        {
            "keep_task": "Choose the task.",
            "keep_until": "Give the new last day.",
            "keep_ground": "Give the ground, in words for the person.",
            "keep_provision": "Give the provision, such as Art. 17(3)(e).",
        }
    )
    number, until = typed_number(visit, "keep_task"), typed_day(visit, "keep_until")
    with beside("keep_provision"):
        read_provision(visit.typed("keep_provision"))
    with beside("keep_until"):
        done = keep_longer(
            visit.app,
            visit.path("case_id"),
            number,
            until,
            ground=visit.typed("keep_ground"),
            provision=visit.typed("keep_provision"),
            by=visit.actor,
        )
    return _done(visit, done)


def _replies(visit: Visit) -> list[tuple[str, str]]:
    """Return the messages that may be the person's answer."""
    replies = read_conversation(visit.app, visit.path("case_id")).replies
    return [(str(reply.number), message_words(reply)) for reply in replies]


def _repeated(visit: Visit) -> list[tuple[str, str]]:
    zone = visit.app.settings.controller.zone
    return [
        (
            repeated.case_id,
            f"{repeated.case_id}: received on {day(repeated.received_at.astimezone(zone))}, {repeated.state.value}",
        )
        for repeated in read_repeated(visit.app, visit.path("case_id"))
    ]


def _by_system(tasks: Iterable[CaseTask]) -> list[tuple[str, list[CaseTask]]]:
    """Return tasks by the system at which they are done."""
    systems: dict[str, list[CaseTask]] = {}
    for task in tasks:
        systems.setdefault(task.system, []).append(task)
    return sorted(systems.items())


def _choices(tasks: Iterable[CaseTask]) -> list[tuple[str, str]]:
    return [
        (str(task.number), f"{task.number}: {TASK_WORDS[task.kind].title}, {task.system}. {task.what}")
        for task in tasks
    ]


def _done(visit: Visit, said: str) -> Response:
    visit.desk.follow(read_case_id(visit.path("case_id")))
    return to_case(visit, said)
