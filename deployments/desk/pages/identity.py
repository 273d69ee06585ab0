"""The identity gate: confirm who asks, ask for proof, or refuse."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case, to_case
from deployments.desk.pages.refusing import refusal_choices, typed_refusal
from deployments.desk.visit import Visit
from rightsflow.cases.deadlines.case_clock import arrived_on
from rightsflow.cases.gates.gates import confirmation, record_decision
from rightsflow.cases.letters.questions import ask_identity
from rightsflow.cases.search.search_lines import KIND_WORDS
from rightsflow.domain.case.states import read_case_id
from rightsflow.domain.gates.decisions import ELSEWHERE, Decision, Gate, IdentityMethod, OnFile
from rightsflow.domain.gates.identity import StatedCheck
from rightsflow.domain.roles import Permission
from rightsflow.domain.wording import counted

_METHODS: Final = tuple((one.value, one.value.capitalize()) for one in IdentityMethod)
_ON_FILE: Final = tuple((one.value, one.value.capitalize()) for one in OnFile)


@page("/cases/{case_id}/identity", needs=Permission.READ_CASES)
def identity(visit: Visit) -> Response:
    """What was given, and the three answers."""
    seen, app = read_case(visit), visit.app
    systems = [(name, name) for name in app.settings.systems]
    return visit.show(
        "identity.html",
        case=seen,
        shade=seen.light.value,
        shades=SHADES,
        given=[counted(count, *KIND_WORDS[kind]) for kind, count in sorted(seen.identifiers.items())],
        decided=next((one for one in seen.decisions if one.gate is Gate.IDENTITY), None),
        methods=_METHODS,
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
    decision = confirmation(visit.app, stated, by=visit.actor, note=visit.typed("note"))
    return _decided(visit, decision, "Identity is confirmed; the systems are searched now.")


@identity.act("/ask", needs=Permission.CHECK_IDENTITY)
def ask(visit: Visit) -> Response:
    """Write the letter that asks the person for proof."""
    visit.needed({"doubt": "Say why there is doubt, in words for the person."})
    return to_case(visit, ask_identity(visit.app, visit.path("case_id"), doubt=visit.typed("doubt"), by=visit.actor))


@identity.act("/refuse", needs=Permission.CHECK_IDENTITY)
def refuse(visit: Visit) -> Response:
    """Refuse the request."""
    return _decided(visit, typed_refusal(visit, Gate.IDENTITY), "The request is refused; the letter is being written.")


def _decided(visit: Visit, decision: Decision, said: str) -> Response:
    case_id, app = read_case_id(visit.path("case_id")), visit.app
    record_decision(app, case_id, decision, proof_at=arrived_on(visit.typed("arrived_on"), app))
    visit.desk.resume(case_id, Gate.IDENTITY)
    return to_case(visit, said)
