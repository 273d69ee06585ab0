"""Requests of agents: where they stand in the protocol's words, whatever the case is, and how that is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

from rightsflow.domain.agents.requests import (
    AgentClaims,
    AgentFacts,
    AgentRequest,
    DrpReason,
    DrpStatus,
    Exercise,
    drp_instant,
    standing_of,
    status_object,
)
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.vocabulary.states import CaseState

NOW = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
FACTS = AgentFacts(
    state=CaseState.RECEIVED,
    is_closed=False,
    received_at=NOW,
    expected_by=NOW + timedelta(days=31),
    refusal="",
    law="GDPR",
    asked_until=None,
    verification_url="",
    is_suspended=False,
    is_extended=False,
    answer="",
    kept_until=None,
    now=NOW,
)
REQUEST = AgentRequest(
    case_id="DSR-2026-7K3M9Q",
    agent="first",
    name="Example Agent",
    request_id="c789ff35-7644-4ceb-9981-4b35c264aac3",
    agent_request_id="",
    exercise=Exercise.DELETION,
    regime="",
    claims=AgentClaims(verified=(), has_attorney=False),
    received_at=NOW,
    callback="",
    told="",
)


def test_an_agent_is_told_what_is_proved_and_no_more():
    # Nothing is final before the case is closed and everything is then.
    for state in list(CaseState):
        open_ = standing_of(replace(FACTS, state=state))
        assert open_.status is (DrpStatus.OPEN if state is CaseState.RECEIVED else DrpStatus.IN_PROGRESS)
        assert (open_.is_final, open_.expected_by) == (False, FACTS.expected_by)
        closed = standing_of(replace(FACTS, state=state, is_closed=True))
        assert (closed.is_final, closed.expected_by) == (True, None)
    # A refusal says what its code proves and no more.
    for code, reason in (
        (Reason.NOT_IDENTIFIED, DrpReason.INSUFFICIENT_VERIFICATION),
        (Reason.UNFOUNDED_OR_EXCESSIVE, DrpReason.OTHER),
        (Reason.NO_GROUND, DrpReason.CLAIM_NOT_COVERED),
        (Reason.EXCEPTION, DrpReason.CLAIM_NOT_COVERED),
        (Reason.RIGHTS_OF_OTHERS, DrpReason.OTHER),
        (Reason.NATIONAL_RESTRICTION, DrpReason.CLAIM_NOT_COVERED),
        (Reason.NOT_CONTROLLER, DrpReason.OTHER),
        (Reason.NO_AUTHORITY, DrpReason.OTHER),
        (Reason.LAW_NOT_APPLICABLE, DrpReason.OUTSIDE_JURISDICTION),
        ("", DrpReason.OTHER),
    ):
        found = standing_of(replace(FACTS, state=CaseState.REFUSED, is_closed=True, refusal=code))
        assert (found.status, found.reason) == (DrpStatus.DENIED, reason)
        assert found.details.startswith("It was refused: ")
        assert "{" not in found.details
    # Nothing held is no match and a withdrawn request is revoked.
    nothing = standing_of(replace(FACTS, state=CaseState.NOTHING_HELD, is_closed=True))
    assert (nothing.status, nothing.reason) == (DrpStatus.DENIED, DrpReason.NO_MATCH)
    assert standing_of(replace(FACTS, state=CaseState.WITHDRAWN, is_closed=True)).status is DrpStatus.REVOKED
    # It expires with the time for which it is kept.
    kept = replace(FACTS, state=CaseState.ANSWERED, is_closed=True, answer="Sent.", kept_until=NOW)
    assert standing_of(kept).status is DrpStatus.FULFILLED
    assert standing_of(replace(kept, now=NOW + timedelta(seconds=1))).status is DrpStatus.EXPIRED


def test_proof_of_identity_is_awaited_in_the_protocols_words():
    # Proof of identity is awaited in the protocols words only where there is a page for it.
    asked = replace(FACTS, state=CaseState.IDENTITY_PENDING, asked_until=NOW + timedelta(days=14), is_suspended=True)
    without = standing_of(asked)
    assert (without.reason, without.verification_url, without.expires_at) == (None, "", None)
    assert "asked by a letter" in without.details
    assert "suspended" in without.details
    with_page = standing_of(replace(asked, verification_url="https://example.com/prove"))
    assert with_page.reason is DrpReason.NEED_USER_VERIFICATION
    assert with_page.expires_at == asked.asked_until
    url = status_object(REQUEST, with_page)["user_verification_url"]
    assert url == f"https://example.com/prove?request_id={REQUEST.request_id}"
    # Another day or reason has to be told and the same one not.
    one = standing_of(replace(FACTS, state=CaseState.IN_PROGRESS))
    assert one.mark == standing_of(replace(FACTS, state=CaseState.AWAITING_APPROVAL)).mark
    later = replace(FACTS, state=CaseState.IN_PROGRESS, expected_by=NOW + timedelta(days=90), is_extended=True)
    assert one.mark != standing_of(later).mark
    assert "extended" in standing_of(later).details
    # Instants are written as the protocols tester reads them.
    assert drp_instant(NOW) == "2026-03-05T09:00:00.000+00:00"
    there = datetime(2026, 3, 5, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    assert drp_instant(there) == "2026-03-05T09:00:00.123+00:00"
    assert set(status_object(REQUEST, standing_of(FACTS))) == {"request_id", "status", "received_at", "expected_by"}
