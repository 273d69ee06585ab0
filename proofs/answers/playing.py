"""From the request to the search: opening, questions, identity, extension, refusal, and what the systems answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from proofs.answers.controllers import KINDS, SYSTEMS
from proofs.answers.course import DAY, DECIDER, MARK, OFFICER, OPENER, Course
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.answers import write_refusal
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import (
    ask_attribution,
    ask_clarification,
    ask_identity,
    record_clarified,
    remind_of_proof,
)
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.overview.account import searched_by
from rightsflow.cases.work.erasure.plan import decide_corrections
from rightsflow.cases.work.search import resolve_identifiers
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.gates.decisions import ELSEWHERE, Decision, Gate, IdentityCheck, IdentityMethod, OnFile, Verdict
from rightsflow.domain.gates.refusals import REASONS, Reason
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.rectification.changes import Change, FieldEnd, became, gone, without_field
from rightsflow.domain.rectification.corrections import wanted
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Fact, Located, Outcome, OutcomeKind, RecordRef
from rightsflow.domain.vocabulary.rights import RestrictionGround
from tests.support.reading import read_then_decide

_WANTED = (
    f"name | {MARK} Anna Quil | {MARK} Anna Quillfeather | a letter is missing | {MARK} passport seen",
    f"date of birth | | 1980-02-01 | {MARK} it is missing",
    f"delivery note | {MARK} first floor | {MARK} second floor",
)
_RULINGS = (
    "accept", "accept", "accept", "refuse | the contract of 4 May 2025 shows the same",
    "complete | she says that it was another day",
)  # fmt: skip
_LEFT = (FieldEnd.ANOTHER, FieldEnd.NOT_TAKEN, FieldEnd.OTHERS, FieldEnd.WITH_OTHERS)


def items_of(course: Course) -> str:
    return "\n".join(course.dice.sample(_WANTED, course.dice.randint(1, len(_WANTED))))


def decide_items(course: Course) -> None:
    with course.file() as file:
        numbers = [one.item.number for one in file.corrections.all()]
    for number in (*numbers, *(one for one in numbers if course.maybe(0.1))):
        lines = (f"{number}: {course.dice.choice(_RULINGS)}",)
        decide_corrections(current_app(), course.case_id, lines, by=OFFICER)
    if numbers:
        view = reach_gate(current_app(), course.case_id, Gate.APPROVAL)
        course.note("gate", describe_gate(current_app(), view))


def corrected(course: Course, one: Finding) -> Outcome:
    """Return the answer of a system that was asked to correct a record."""
    with course.file() as file:
        changes = wanted(file.corrections.all())
    what = course.dice.choices(("done", "left", "gone", "without"), (70, 20, 5, 5))[0]
    if what == "gone":
        return gone([one.ref])[0]
    if what == "without":
        return without_field(one.ref)
    ends: dict[Change, FieldEnd] = dict.fromkeys(changes, FieldEnd.DONE)
    if what == "left":
        ends[course.dice.choice(changes)] = course.dice.choice(_LEFT)
    return became(one.ref, ends, f"req-{course.dice.randrange(10**6)}")


CORRECTED = frozenset({OutcomeKind.RECTIFIED})
"""What is read again."""

DOUBT = "The request came from an address that was not used before."
HOURS = "140 hours of recordings in three systems have to be screened."
_LANGUAGES = ("", "", "de", "fr", "pl", "it", "el", "tr", "en", "de-AT")
_CHANNELS = ("not stated", "e-mail", "web form", "letter", "phone")
_COUNTRIES = ("", "", "", "PL", "GR", "IE")


def open_case(course: Course) -> None:
    """Open the case of a request."""
    dice = course.dice
    fields: dict[str, Any] = dict(course.who) | {
        "language": dice.choice(_LANGUAGES),
        "country": dice.choice(_COUNTRIES),
    }
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
    """Wait for the answer to the question, with its reminder; for R1 until the time is over."""
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
    with suppress(Conflict, BadInput):
        ask_clarification(current_app(), course.case_id, areas=("service tickets", "payments"), by=OFFICER)
        course.capture()
        if course.target.suspended or course.target.law == "gdpr":
            course.send("L3")
        course.pass_days(1, 5)
        if course.maybe(0.7):
            record_clarified(current_app(), course.case_id, by=OFFICER)


def ask_whose(course: Course) -> None:
    with course.file() as file:
        alike = [each for each in file.planned.alike() if each.one.attribution is Attribution.UNCLEAR]
    numbers = [number for each in alike if not each.one.names_person for number in each.numbers]
    if numbers:
        with suppress(Conflict):
            ask_attribution(current_app(), course.case_id, numbers, by=OFFICER)
            course.capture()
            course.send("L3")


def extend_period(course: Course) -> None:
    if not course.target.extended and not course.maybe(0.06):
        return
    course.pass_days(0, 2)
    with suppress(Conflict, BadInput):
        extend(current_app(), course.case_id, reason=HOURS, by=OFFICER)
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
    read_then_decide(current_app(), course.case_id, decision)


def take_back(course: Course) -> None:
    withdraw(current_app(), course.case_id, by=OFFICER)
    course.answered("L18")


def refuse(course: Course, gate: Gate) -> None:
    """Refuse the request for the target's reason, by two people for R2."""
    code = course.target.end.partition(" ")[0]
    details = {label: f"The {label.casefold()} is as written here." for label in REASONS[Reason(code)][1]}
    if code == Reason.EXCEPTION:
        details["Kept until"] = "31 December 2035"
    decision = Decision(
        gate=gate, verdict=Verdict.REFUSED, by=OFFICER, reason="The facts are these.", code=code, details=details
    )
    if code != Reason.NOT_IDENTIFIED and course.maybe(0.3):
        course.pass_days(10, 40)
    read_then_decide(current_app(), course.case_id, decision)
    if code == Reason.UNFOUNDED_OR_EXCESSIVE:
        read_then_decide(current_app(), course.case_id, replace(decision, by=DECIDER))
    write_refusal(current_app(), course.case_id)
    course.answered("L7")


_ON_FILE = ("de", "fr-BE", "pl", "it", "el", "en-GB", "tr")
_WITHOUT_RECORDS = {"L8"}
_MINE_NEEDED = {"L9", "L10", "L11", "failed", "R3 at approval", "R4 at approval"}


def search(course: Course) -> None:
    """Search every system, also by the identifiers learnt from the records."""
    located = _answers(course)
    with course.file() as file:
        scope, known = file.identifiers.scope(), file.identifiers.known()
        for system in SYSTEMS:
            file.findings.replace(system, located[system])
            counts = {"matches": len(located[system]), "recalled": 0, "unproven": 0}
            details = _noted(course, system, known)
            course.finish(file, StepName.LOCATE, system, scope, details=details, counts=counts)
    for _ in range(3):
        with suppress(RightsflowError):
            if not resolve_identifiers(current_app(), course.case_id).learnt:
                return
        with course.file() as file:
            scope, known = file.identifiers.scope(), file.identifiers.known()
            for system in SYSTEMS:
                details = _noted(course, system, known)
                counts = {"matches": len(located[system])}
                course.finish(file, StepName.LOCATE, system, scope, details=details, counts=counts)


def _answers(course: Course) -> dict[str, list[Located]]:
    """Return what each system finds: nothing, records of the person, some that no one can attribute, or those alone."""
    with course.file() as file:
        known = file.identifiers.known()
    mine = frozenset(one for one in known if one.kind is not IdentifierKind.NAME)
    phone = frozenset(one for one in known if one.kind is IdentifierKind.PHONE)
    other = frozenset({identifier(IdentifierKind.EMAIL, f"boris.{course.dice.randrange(10**9)}@example.org")})
    what = _what(course, has_phone=bool(phone))
    owner = {"found": mine, "named": phone | other}.get(what)
    located = {system: list(_located(course, system, owner)) for system in SYSTEMS}
    # What is found is drawn before, so that the cases keep their course.
    located |= {system: [] for system in SYSTEMS if not searched_by(known, course.runtime.capabilities[system])}
    if what == "found" and not any(located.values()):
        located["helpdesk"].append(_record(course, "helpdesk", "ticket", mine))
    some_unclear = what == "found" and phone and course.target.end != "L10" and course.maybe(0.3)
    if what == "unclear" or some_unclear:
        located["helpdesk"].append(_record(course, "helpdesk", "profile", phone | other))
        count = course.dice.randint(1, 3)
        located["call-store"] += [_record(course, "call-store", "recording", phone) for _ in range(count)]
    if what == "found" and course.target.end != "L10":
        located["helpdesk"] += [
            _record(course, "helpdesk", "ticket", owner) for owner in _doubtful(course, mine, other)
        ]
    return located


def _doubtful(course: Course, mine: Identifiers, other: Identifiers) -> Iterator[Identifiers]:
    turn = sum(map(ord, course.who.get("email", ""))) % 5
    addresses = frozenset(one for one in mine if one.kind is IdentifierKind.EMAIL)
    numbers = frozenset(one for one in mine if one.kind is IdentifierKind.CUSTOMER_ID)
    stranger = frozenset({Identifier(IdentifierKind.NAME, "Zdenka Quandt")})
    if turn in {0, 1} and addresses:
        yield addresses | stranger
    if turn in {1, 2} and numbers and addresses:
        yield numbers | other
        yield numbers


def _what(course: Course, *, has_phone: bool) -> str:
    end = course.target.end
    # What an earlier case left is found again.
    may_be_nothing = end not in _MINE_NEEDED and not course.earlier
    if end in _WITHOUT_RECORDS or (may_be_nothing and course.maybe(0.15)):
        return "nothing"
    if not has_phone or end in {"L10", "failed", "R3 at approval", "R4 at approval"}:
        return "found"
    return course.dice.choices(("found", "unclear", "named"), (80, 13, 7))[0]


def _located(course: Course, system: str, owner: frozenset[Identifier] | None) -> Iterator[Located]:
    for kind, _, _ in KINDS[system] if owner else ():
        # Vouchers are kept by the law, so that an erasure of everything finds none.
        if owner and not (course.target.end == "L10" and kind == "invoice"):
            for _ in range(course.dice.choice((0, 0, 1, 1, 2, 4))):
                yield _record(course, system, kind, owner)


def _record(course: Course, system: str, kind: str, owner: frozenset[Identifier]) -> Located:
    facts = set[Fact]()
    if course.target.end != "L10":
        shares = ((Fact.SHARED, 0.15), (Fact.LEGAL_HOLD, 0.07), (Fact.OPEN_DISPUTE, 0.05))
        facts |= {fact for fact, share in shares if course.maybe(share)}
        if kind == "invoice" and course.maybe(0.8):
            facts |= {Fact.ACCOUNTING} | ({Fact.OPEN_INVOICE} if course.maybe(0.2) else set())
        if kind == "profile" and course.maybe(0.1):
            facts.add(Fact.ACTIVE_CONTRACT)
    return Located(
        record=RecordRef(system, kind, f"{MARK}{course.dice.randrange(10**12)}"),
        category=next(title for name, title, _ in KINDS[system] if name == kind),
        owner=owner,
        occurred_on=date(2014, 1, 1) + DAY * course.dice.randint(0, 4400) if course.maybe(0.85) else None,
        facts=frozenset(facts),
        language=_language(course) if kind == "profile" else "",
    )


def _language(course: Course) -> str:
    """Return the language on file: mostly one in all of a person's records, sometimes another or none.

    Where the request names none, so that the records decide, they disagree more often.
    """
    if course.maybe(0.2):
        return ""
    usual = sum(map(ord, course.who.get("email", "")))
    drawn = course.dice.random()
    if drawn < 0.15:
        return course.dice.choice(_ON_FILE)
    # Not drawn, so that the cases keep their course.
    is_another = drawn < 0.5 and not course.names_language
    return _ON_FILE[(usual + is_another) % len(_ON_FILE)]


def _noted(course: Course, system: str, known: Identifiers) -> dict[str, object]:
    capabilities = course.runtime.capabilities[system]
    return {"by": searched_by(known, capabilities), "cannot_find": list(capabilities.cannot_find)}
