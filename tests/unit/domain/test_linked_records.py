"""A record that stays is never made unreachable, and what its system is known to refuse is said before."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.connector import Capabilities, RecordKind
from rightsflow.domain.erasure.linked_records import KEPT_WITH_ANOTHER, linked_with
from rightsflow.domain.erasure.plan import plan_erasure
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.record_decision_rules import refuse_loosened
from rightsflow.domain.law import LAWS
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, Method, OutcomeKind
from tests.support.linked_records import record

NONE = DocumentClass.NONE
ALL = frozenset(Method)
CENTRE = Capabilities(
    kinds=(
        RecordKind(name="recording", title="recordings", methods=ALL, document=NONE, found_through=frozenset({"call"})),
        RecordKind(name="call", title="calls", methods=ALL, document=NONE),
        RecordKind(name="ticket", title="tickets", methods=ALL, document=NONE),
        RecordKind(
            name="user",
            title="users",
            methods=ALL,
            document=NONE,
            blocked_by={"ticket": Fact.OPEN_TICKET},
            blocked_note="It will be refused.",
        ),
    ),
    searches=frozenset({"phone"}),
)
HERE = PlanRules(
    country="DE",
    law=LAWS["gdpr"],
    today=date(2026, 11, 24),
    include_unclear=False,
    capabilities={"helpdesk": CENTRE},
)
KEEP = RecordDecision(act=RecordAct.KEEP, ground="A claim.", provision="Art. 17(3)(e)", until=date(2027, 1, 31))


def test_a_kept_recording_takes_its_call_along_until_the_same_day() -> None:
    """Before, the call was erased, and no search led to the recording any more."""
    call = record("call", "c")
    recording = record("recording", "r", via="c", decided=KEEP)
    kept, row = plan_erasure([recording, call], HERE)
    assert (kept.expected, row.expected, row.method) == (OutcomeKind.RETAINED, OutcomeKind.RETAINED, None)
    assert (row.until, row.legal_basis, row.reason) == (kept.until, kept.legal_basis, KEPT_WITH_ANOTHER)
    # Each goes with the other where nothing keeps it, and a kept call does not keep its recording.
    assert [plan.method for plan in plan_erasure([replace(recording, decided=None), call], HERE)] == [Method.ERASE] * 2
    goes, stays = plan_erasure([replace(recording, decided=None), replace(call, decided=KEEP)], HERE)
    assert (goes.method, stays.expected) == (Method.ERASE, OutcomeKind.RETAINED)


def test_the_call_of_a_recording_to_which_another_entry_leads_goes_alone() -> None:
    call, recording = record("call", "c"), record("recording", "r", Fact.NAMED_ELSEWHERE, via="c", decided=KEEP)
    assert [plan.method for plan in plan_erasure([recording, call], HERE)] == [None, Method.ERASE]


def test_to_erase_the_call_of_a_kept_recording_is_refused_with_the_reason() -> None:
    call = record("call", "c", decided=RecordDecision(act=RecordAct.ERASE))
    recording = record("recording", "r", via="c", decided=KEEP)
    planned = plan_erasure([recording, call], HERE)
    with pytest.raises(BadInput, match="found only through this one"):
        refuse_loosened([recording, call], planned)


def test_a_user_whose_open_ticket_stays_is_foreseen_as_refused() -> None:
    user = record("user", "u")
    ticket = record("ticket", "t", Fact.OPEN_TICKET, via="u", decided=KEEP)
    assert plan_erasure([ticket, user], HERE)[1].note.endswith("It will be refused.")
    closed = replace(ticket, facts=frozenset())
    assert plan_erasure([closed, user], HERE)[1].note == ""
    assert "It will be refused." not in plan_erasure([replace(ticket, decided=None), user], HERE)[1].note


FACTS = st.frozensets(st.sampled_from(Fact), max_size=3)
DECISIONS = st.sampled_from([None, KEEP, RecordDecision(act=RecordAct.ERASE)])


@st.composite
def families(draw) -> list[Finding]:
    calls = [
        record("call", f"c{n}", *draw(FACTS), decided=draw(DECISIONS), attribution=draw(st.sampled_from(Attribution)))
        for n in range(draw(st.integers(1, 3)))
    ]
    recordings = [
        record(
            "recording",
            f"r{n}",
            *draw(FACTS),
            via=draw(st.sampled_from(calls)).key,
            decided=draw(DECISIONS),
            attribution=draw(st.sampled_from(Attribution)),
        )
        for n in range(draw(st.integers(1, 4)))
    ]
    return draw(st.permutations([*calls, *recordings]))


@given(families())
def test_no_recording_that_stays_loses_its_call(records) -> None:
    planned = dict(zip((item.key for item in records), plan_erasure(records, HERE), strict=True))
    for item in records:
        stays = planned[item.key].method is None and planned[item.key].question is None
        if item.via and stays and Fact.NAMED_ELSEWHERE not in item.facts:
            assert planned[item.via].method is not Method.ERASE


def test_what_is_linked_is_found_in_both_directions() -> None:
    call, recording, other = record("call", "c"), record("recording", "r", via="c"), record("call", "d")
    assert linked_with([recording], [call, recording, other]) == [call]
    assert linked_with([call], [call, recording, other]) == [recording]
