"""From the request to the search: opening, questions, identity, extension, withdrawal and refusal."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from proofs.answers.cases.controllers import SYSTEMS
from proofs.answers.cases.correcting import items_of
from proofs.answers.cases.course import DAY, DECIDER, OFFICER, OPENER, Course
from rightsflow.app import current_app
from rightsflow.cases.deadlines.extension import extend
from rightsflow.cases.gates.gate_texts import describe_gate
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.gates.gates import record_decision
from rightsflow.cases.intake.opening import open_request_form
from rightsflow.cases.letters.answering import write_refusal
from rightsflow.cases.letters.questions import ask_attribution, ask_clarification, ask_identity, record_clarified
from rightsflow.cases.letters.reminding import remind_of_proof
from rightsflow.cases.withdrawal import withdraw
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.erasure.restriction import RestrictionGround
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import ELSEWHERE, Decision, Gate, IdentityCheck, IdentityMethod, OnFile, Verdict
from rightsflow.domain.gates.refusals import REASONS, Reason
from rightsflow.domain.request import RequestForm

DOUBT = "The request came from an address that was not used before."
HOURS = "140 hours of recordings in three systems have to be screened."
_LANGUAGES = ("", "", "de", "fr", "pl", "it", "el", "tr", "en", "de-AT")
_CHANNELS = ("not stated", "e-mail", "web form", "letter", "phone")
_COUNTRIES = ("", "", "", "PL", "GR", "IE")


def open_case(course: Course) -> None:
    """The request arrives."""
    dice = course.dice
    fields = dict(course.who) | {"language": dice.choice(_LANGUAGES), "country": dice.choice(_COUNTRIES)}
    course.names_language = bool(fields["language"])
    # Not drawn, so that the cases keep their course.
    fields["channel"] = _CHANNELS[sum(map(ord, course.who["email"])) % len(_CHANNELS)]
    if course.target.right == "restriction":
        fields["ground"] = dice.choice([one.value for one in RestrictionGround])
    if course.target.right == "rectification":
        fields["corrections"] = items_of(course)
    form = RequestForm(right=course.target.right, opened_by=OPENER, **fields)
    course.case_id = open_request_form(current_app(), form, despite_duplicate=True).case_id
    reach_gate(current_app(), course.case_id, Gate.IDENTITY)
    course.capture()
    if course.maybe(0.2):
        view = reach_gate(current_app(), course.case_id, Gate.IDENTITY)
        course.note("gate", describe_gate(current_app(), view))
    if course.maybe(0.8):
        course.world.moment[0] += timedelta(hours=dice.randint(1, 5))
        course.send("L1", hours_ago=dice.randint(0, 1))


def ask_who(course: Course) -> None:
    """Identity is asked for: in time, so that the clock is suspended, or so that it is not: too late, or never sent."""
    target = course.target
    if target.suspended:
        _ask(course, is_sent=True)
    elif target.end.startswith("R1"):
        course.pass_days(20, 21)
        _ask(course, is_sent=True, days=1)
    elif course.maybe(0.15):
        _ask(course, is_sent=False)


def _ask(course: Course, *, is_sent: bool, days: int = 0) -> None:
    ask_identity(current_app(), course.case_id, doubt=DOUBT, by=OFFICER)
    course.capture()
    if is_sent:
        course.pass_days(0, days)
        course.send("L2")


def wait_for_proof(course: Course) -> None:
    """The time in which an answer to the question is waited for, with its reminder; for R1 until it is over."""
    with course.file() as file:
        if not any(one.template_id == "L2" and one.sent_at for one in file.outbox.lines()):
            return
    waits_in_vain = course.target.end.startswith("R1")
    if course.maybe(0.5) or waits_in_vain:
        course.pass_days(15, 17)
        _remind(course)
    if waits_in_vain:
        course.pass_days(26, 60)
    else:
        course.pass_days(1, 5)


def _remind(course: Course) -> None:
    remind_of_proof(current_app())
    course.capture()
    if course.maybe(0.8):
        course.send("L14")


def ask_what(course: Course) -> None:
    """The person is asked what they mean; under the UK GDPR that stops the clock."""
    with suppress(Conflict, BadInput):
        ask_clarification(current_app(), course.case_id, areas=("service tickets", "payments"), by=OFFICER)
        course.capture()
        if course.target.suspended or course.target.law == "gdpr":
            course.send("L3")
        course.pass_days(1, 5)
        if course.maybe(0.7):
            record_clarified(current_app(), course.case_id, by=OFFICER)


def ask_whose(course: Course) -> None:
    """Before an erasure is decided on, the person is asked about what no one could attribute; nothing is drawn."""
    with course.file() as file:
        alike = [each for each in file.planned.alike() if each.one.attribution is Attribution.UNCLEAR]
    numbers = [number for each in alike if not each.one.names_person for number in each.numbers]
    if numbers:
        with suppress(Conflict):
            ask_attribution(current_app(), course.case_id, numbers, by=OFFICER)
            course.capture()
            course.send("L3")


def extend_period(course: Course) -> None:
    """The notice of extension goes out in time, or is only written."""
    if not course.target.extended and not course.maybe(0.06):
        return
    course.pass_days(0, 2)
    with suppress(Conflict, BadInput):
        extend(
            current_app(),
            course.case_id,
            reason=HOURS,
            by=OFFICER,
        )
        course.capture()
        if course.target.extended:
            course.send("L6")


def identify(course: Course) -> None:
    """Identity is confirmed, in some way."""
    dice, now = course.dice, course.world.moment[0]
    check = IdentityCheck(
        done="Called the number on file, and the person named the last order.",
        at=now - timedelta(minutes=dice.randint(0, 1)),
        against=dice.choice(tuple(OnFile)),
        held_by=dice.choice((*SYSTEMS, ELSEWHERE)),
        on_file_since=date(2020, 1, 1) + DAY * dice.randint(0, 1500),
    )
    method = dice.choice(tuple(IdentityMethod))
    decision = Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by=OFFICER, method=method, check=check)
    record_decision(current_app(), course.case_id, decision)


def take_back(course: Course) -> None:
    """The person takes the request back."""
    withdraw(current_app(), course.case_id, by=OFFICER)
    course.answered("L18")


def refuse(course: Course, gate: Gate) -> None:
    """The request is refused for the target's reason, by two people where it is R2."""
    code = course.target.end.partition(" ")[0]
    details = {label: f"The {label.casefold()} is as written here." for label in REASONS[Reason(code)][1]}
    if code == Reason.EXCEPTION:
        details["Kept until"] = "31 December 2035"
    decision = Decision(
        gate=gate, verdict=Verdict.REFUSED, by=OFFICER, reason="The facts are these.", code=code, details=details
    )
    if code != Reason.NOT_IDENTIFIED and course.maybe(0.3):
        course.pass_days(10, 40)
    record_decision(current_app(), course.case_id, decision)
    if code == Reason.UNFOUNDED_OR_EXCESSIVE:
        record_decision(current_app(), course.case_id, replace(decision, by=DECIDER))
    write_refusal(current_app(), course.case_id)
    course.answered("L7")
