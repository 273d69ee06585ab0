"""The status of an agent's request, read from its case."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.registered_agents import agents_of
from rightsflow.cases.facts.deadlines.case_clock import proof_asked
from rightsflow.domain.agents.requests import AgentFacts, AgentStanding, standing_of
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.delivery import AddressKind, DeliveryChannel
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile

_WHAT: Final = {
    LetterId.ACCESS_COVER: "The answer, with the data, was sent",
    LetterId.ERASURE_CONFIRMATION: "The data were erased; the answer, which says what, was sent",
    LetterId.PARTIAL_ERASURE: "The data were erased in part; the answer, which says what is kept and why, was sent",
}
_HOW: Final = {
    DeliveryChannel.POST: "by post",
    DeliveryChannel.REGISTERED_POST: "by registered post",
    DeliveryChannel.EMAIL: "by e-mail",
    DeliveryChannel.PORTAL: "by a portal",
    DeliveryChannel.HANDED_OVER: "by hand",
}


def read_standing(file: CaseFile, app: App) -> AgentStanding:
    """Return the status of a case's request.

    Args:
        file: The case file, open.
        app: What it works with.

    Raises:
        Misconfigured: No requests of agents are taken.
    """
    controller = app.settings.controller
    kept = file.keeping.evidence_until
    return standing_of(
        AgentFacts(
            state=file.state,
            is_closed=file.is_closed,
            received_at=file.received_at,
            expected_by=end_of_day(file.due_on, controller.zone),
            refusal=_refusal(file),
            law=controller.law.name,
            asked_until=_asked_until(file, app),
            verification_url=agents_of(app).verification_url,
            is_suspended=file.suspended_since is not None,
            is_extended=file.is_extended,
            answer=_answer(file, app),
            kept_until=end_of_day(kept, controller.zone) if kept and file.is_closed else None,
            now=app.now(),
        )
    )


def _refusal(file: CaseFile) -> str:
    if file.state is not CaseState.REFUSED:
        return ""
    decided = (file.decisions.at(gate) for gate in Gate)
    return next((item.code for item in decided if item and item.verdict is Verdict.REFUSED and item.code), "")


def _asked_until(file: CaseFile, app: App) -> datetime | None:
    if file.identity_is_clear or file.state.is_settled:
        return None
    asked = proof_asked(file, app)
    return end_of_day(asked.answer_by, app.settings.controller.zone) if asked else None


def _answer(file: CaseFile, app: App) -> str:
    """Return the way in which the answer was given, as far as it was noted when the letter was sent."""
    sent = [entry for entry in file.ledger.entries(CaseEvent.LETTER_SENT) if entry.details["letter"] in ANSWERS]
    if not sent:
        return ""
    said = sent[-1].details
    letter, channel, address = LetterId(said["letter"]), said.get("channel"), said.get("address")
    parts = [
        _WHAT.get(letter, "The answer was sent"),
        _HOW[DeliveryChannel(channel)] if channel else "",
        f"to {AddressKind(address).value}" if address else "",
        f"on {day(app.day_of(datetime.fromisoformat(said['at'])))}",
    ]
    return f"{' '.join(filter(None, parts))}."
