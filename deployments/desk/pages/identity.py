"""The identity gate: confirm who asks, ask for proof, or refuse."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.form_fields import beside, beside_named, refusal_choices, typed_day, typed_refusal, worded
from deployments.desk.pages.person import PersonLook, known_person
from deployments.desk.visit import Visit
from rightsflow.cases.course.contacts_on_file import (
    AddressOnFile,
    OnFileAnswer,
    addresses_on_file,
    refuse_unknown_there,
    reveal_address,
)
from rightsflow.cases.course.gates.gates import confirmation, record_decision
from rightsflow.cases.course.identity import (
    GivenBack,
    check_identity_code,
    codes_of,
    send_identity_code,
)
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.facts.deadlines.clock import arrival_instant
from rightsflow.cases.facts.overview.sheet_lines import sent_lines
from rightsflow.domain.accounts import Permission
from rightsflow.domain.gates.decisions import ELSEWHERE, Decision, Gate, IdentityMethod, Mandate, OnFile
from rightsflow.domain.gates.identity import CODE_DIGITS, StatedCheck, StatedMandate, read_mandate
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import counted, day

_METHODS: Final = worded(IdentityMethod)
_MANDATES: Final = worded(Mandate)
_OF_THE_CHECK: Final = ("method", "done", "at", "against", "held_by", "since")
_GIVEN_BACK: Final = worded(GivenBack)
_ON_FILE: Final = worded(OnFile)


@page("/cases/{case_id}/identity", needs=Permission.READ_CASES)
def identity(visit: Visit) -> Response:
    """Show the requester's details, and the ways to check their identity."""
    # A form about an address that could not be accepted is shown again with the addresses.
    is_again = visit.request.url.path.endswith(("/send-code", "/address"))
    return _shown(visit, _looked_up(visit) if is_again else None)


def _words(address_on_file: AddressOnFile) -> str:
    since = (
        f"on file since {day(address_on_file.since)}" if address_on_file.since else "on file; the system gives no day"
    )
    return f"{address_on_file.masked}, {address_on_file.system}, {since}"


def _looked_up(visit: Visit) -> OnFileAnswer:
    return addresses_on_file(visit.app, visit.path("case_id"), by=visit.actor)


def _shown(visit: Visit, found: OnFileAnswer | None, revealed: str = "", known: PersonLook | None = None) -> Response:
    seen, app = read_case(visit), visit.app
    systems = [(name, name) for name in app.settings.systems]
    return visit.show(
        "identity.html",
        case=seen,
        sent=list(sent_lines(seen.order, seen.agent)),
        shade=seen.light.value,
        shades=SHADES,
        given=[counted(count, *kind_words(kind)) for kind, count in sorted(seen.identifiers.items())],
        decided=next((decision for decision in seen.decisions if decision.gate is Gate.IDENTITY), None),
        methods=_METHODS,
        codes=codes_of(app, seen.case_id),
        found=found,
        choices=[(address.choice, _words(address)) for address in found.addresses] if found else [],
        revealed=revealed,
        known=known,
        now=app.now(),
        mandates=_MANDATES,
        given_back=_GIVEN_BACK,
        digits=CODE_DIGITS,
        on_file=_ON_FILE,
        held_by=[*systems, (ELSEWHERE, "Elsewhere (say where above)")],
        today=app.today.isoformat(),
        refusals=refusal_choices(seen.right, Gate.IDENTITY, app.settings.controller.law.name),
    )


@identity.act("/confirm", needs=Permission.CHECK_IDENTITY)
def confirm(visit: Visit) -> Response:
    """Record that identity is confirmed, and let the run go on."""
    visit.needed(
        {
            "method": "Choose how the identity was checked.",
            "done": "Say what was done, in a sentence.",
            "at": "Give the day and time of the check.",
            "against": "Choose what it was checked against.",
            "held_by": "Choose the system that holds that.",
            "since": "Give the day since which it is on file.",
        }
    )
    stated = StatedCheck(
        method=visit.typed("method"),
        done=visit.typed("done"),
        at=visit.typed("at"),
        against=visit.typed("against"),
        held_by=visit.typed("held_by"),
        since=visit.typed("since"),
    )
    mandate = _mandate(visit, "representative")
    with beside_named(*_OF_THE_CHECK):
        decision = confirmation(visit.app, stated, by=visit.actor, note=visit.typed("note"), mandate=mandate)
        if decision.check:
            refuse_unknown_there(visit.app, visit.path("case_id"), decision.check.held_by)
    return _decided(visit, decision, "Identity is confirmed; the systems are searched now.")


@identity.act("/on-file", needs=Permission.CHECK_IDENTITY)
def look_up(visit: Visit) -> Response:
    """Show which addresses the systems have on file, of each only the beginnings."""
    return _shown(visit, _looked_up(visit))


@identity.act("/address", needs=Permission.REVEAL)
def look(visit: Visit) -> Response:
    """Show an address on file in clear, once; that it was looked at, and why, is noted."""
    visit.needed({"address": "Choose the address.", "why": "Say why you have to see it; that is kept, encrypted."})
    case_id, choice = visit.path("case_id"), visit.typed("address")
    clear = reveal_address(visit.app, case_id, choice, by=visit.actor, reason=visit.typed("why"))
    return _shown(visit, _looked_up(visit), clear)


@identity.act("/known", needs=Permission.REVEAL)
def look_at_person(visit: Visit) -> Response:
    """Show what is known of the person and the contacts on file, once; the look and its reason are noted."""
    return _shown(visit, None, known=known_person(visit))


@identity.act("/send-code", needs=Permission.CHECK_IDENTITY)
def send_code(visit: Visit) -> Response:
    """Send a code to an address on file."""
    visit.needed({"address": "Choose the address that the code is sent to."})
    since = typed_day(visit, "address_since") if visit.typed("address_since") else None
    case_id = read_case_id(visit.path("case_id"))
    with beside("address_since"):
        done = send_identity_code(visit.app, case_id, visit.typed("address"), since=since, by=visit.actor)
    return visit.go(case_address("", case_id) + "/identity", done)


@identity.act("/check-code", needs=Permission.CHECK_IDENTITY)
def check_code(visit: Visit) -> Response:
    """Take the code that the person gave back."""
    visit.needed({"given_code": "Type the code that the person gave.", "given_back": "Choose how it was given."})
    case_id, app, mandate = read_case_id(visit.path("case_id")), visit.app, _mandate(visit, "code_representative")
    with beside("code_arrived_on"):
        proof_at = arrival_instant(visit.typed("code_arrived_on"), app)
    with beside("given_code"):
        check_identity_code(
            app,
            case_id,
            visit.typed("given_code"),
            visit.typed("given_back"),
            by=visit.actor,
            mandate=mandate,
            proof_at=proof_at,
        )
    visit.desk.resume(case_id, Gate.IDENTITY)
    return to_case(visit, "Identity is confirmed by the code; the systems are searched now.")


def _mandate(visit: Visit, field: str) -> StatedMandate:
    stated = StatedMandate(
        name=visit.typed(field),
        mandate=visit.typed(f"{field}_mandate"),
        seen_on=visit.typed(f"{field}_seen_on"),
        address=visit.typed(f"{field}_address"),
    )
    with beside(field):
        read_mandate(stated, visit.app.today)
    return stated


@identity.act("/ask", needs=Permission.CHECK_IDENTITY)
def ask(visit: Visit) -> Response:
    """Write the letter that asks the person for proof."""
    visit.needed({"doubt": "Say why there is doubt, in words for the person."})
    with beside("doubt"):
        done = ask_identity(visit.app, visit.path("case_id"), doubt=visit.typed("doubt"), by=visit.actor)
    return to_case(visit, done)


@identity.act("/refuse", needs=Permission.CHECK_IDENTITY)
def refuse(visit: Visit) -> Response:
    """Refuse the request."""
    return _decided(visit, typed_refusal(visit, Gate.IDENTITY), "The request is refused; the letter is being written.")


def _decided(visit: Visit, decision: Decision, said: str) -> Response:
    case_id, app = read_case_id(visit.path("case_id")), visit.app
    with beside("arrived_on"):
        proof_at = arrival_instant(visit.typed("arrived_on"), app)
    with beside_named(*_OF_THE_CHECK):
        record_decision(app, case_id, replace(decision, proof_at=proof_at))
    visit.desk.resume(case_id, Gate.IDENTITY)
    return to_case(visit, said)
