"""Requests of agents: where they stand in the protocol's words, whatever the case is, and how that is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

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


@pytest.mark.parametrize("state", list(CaseState))
def test_nothing_is_final_before_the_case_is_closed_and_everything_is_then(state):
    open_ = standing_of(replace(FACTS, state=state))
    assert open_.status is (DrpStatus.OPEN if state is CaseState.RECEIVED else DrpStatus.IN_PROGRESS)
    assert (open_.is_final, open_.expected_by) == (False, FACTS.expected_by)
    closed = standing_of(replace(FACTS, state=state, is_closed=True))
    assert (closed.is_final, closed.expected_by) == (True, None)


@pytest.mark.parametrize(
    ("code", "reason"),
    [
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
    ],
)
def test_a_refusal_says_what_its_code_proves_and_no_more(code, reason):
    found = standing_of(replace(FACTS, state=CaseState.REFUSED, is_closed=True, refusal=code))
    assert (found.status, found.reason) == (DrpStatus.DENIED, reason)
    assert found.details.startswith("It was refused: ")
    assert "{" not in found.details


def test_nothing_held_is_no_match_and_a_withdrawn_request_is_revoked():
    nothing = standing_of(replace(FACTS, state=CaseState.NOTHING_HELD, is_closed=True))
    assert (nothing.status, nothing.reason) == (DrpStatus.DENIED, DrpReason.NO_MATCH)
    assert standing_of(replace(FACTS, state=CaseState.WITHDRAWN, is_closed=True)).status is DrpStatus.REVOKED


def test_it_expires_with_the_time_for_which_it_is_kept():
    kept = replace(FACTS, state=CaseState.ANSWERED, is_closed=True, answer="Sent.", kept_until=NOW)
    assert standing_of(kept).status is DrpStatus.FULFILLED
    assert standing_of(replace(kept, now=NOW + timedelta(seconds=1))).status is DrpStatus.EXPIRED


def test_proof_of_identity_is_awaited_in_the_protocols_words_only_where_there_is_a_page_for_it():
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


def test_another_day_or_reason_has_to_be_told_and_the_same_one_not():
    one = standing_of(replace(FACTS, state=CaseState.IN_PROGRESS))
    assert one.mark == standing_of(replace(FACTS, state=CaseState.AWAITING_APPROVAL)).mark
    later = replace(FACTS, state=CaseState.IN_PROGRESS, expected_by=NOW + timedelta(days=90), is_extended=True)
    assert one.mark != standing_of(later).mark
    assert "extended" in standing_of(later).details


def test_instants_are_written_as_the_protocols_tester_reads_them():
    assert drp_instant(NOW) == "2026-03-05T09:00:00.000+00:00"
    there = datetime(2026, 3, 5, 10, 0, 0, 123456, tzinfo=timezone(timedelta(hours=1)))
    assert drp_instant(there) == "2026-03-05T09:00:00.123+00:00"
    assert set(status_object(REQUEST, standing_of(FACTS))) == {"request_id", "status", "received_at", "expected_by"}
