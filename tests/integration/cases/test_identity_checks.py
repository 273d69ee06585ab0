"""How a person was identified: asked without a preset, kept, shown on the sheet, and named in the evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from rightsflow.app import current_app
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.page import page
from rightsflow.cases.course.contacts_on_file import refuse_unknown_there
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityMethod, Verdict
from rightsflow.domain.vocabulary.states import CaseState
from tests.support.desk import DOUBT, TEXT
from tests.support.identity import confirmed
from tests.support.looks import entries, state
from tests.support.steps import objection_to
from tests.support.story import CONTROLLER

NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def test_identity_is_not_confirmed_without_the_facts_of_the_check_or_by_one_before_the_request(bench):
    """A name was enough, and the evidence said that a code had been sent."""
    case_id = bench.open("access")
    for decision in [
        Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by="Ida"),
        Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by="Ida", method=IdentityMethod.CODE),
        replace(confirmed(NOON), method=None),
    ]:
        with pytest.raises(BadInput, match="not confirmed without all facts"):
            record_decision(current_app(), case_id, decision)
        assert state(bench, case_id) is CaseState.RECEIVED
    assert "before the request" in objection_to(case_id, confirmed(bench.moment[0].replace(year=2025)))


def test_a_person_whom_a_system_does_not_know_is_not_confirmed_by_what_is_on_file_there(bench):
    """Before, a stranger was confirmed by a number on file at the helpdesk, which holds nothing of them."""
    stranger, anna = bench.open("access", email="nobody@example.net"), bench.open("access")
    with pytest.raises(BadInput, match="helpdesk holds nothing of the person"):
        refuse_unknown_there(current_app(), stranger, "helpdesk")
    refuse_unknown_there(current_app(), stranger, "elsewhere")
    refuse_unknown_there(current_app(), anna, "helpdesk")
    # A system that does not answer says nothing.
    bench.systems["helpdesk"].fail("locate", times=None)
    refuse_unknown_there(current_app(), stranger, "helpdesk")


def test_sheet_and_evidence_say_how_the_person_was_identified(bench):
    case_id = bench.open("access")
    check = replace(confirmed(bench.moment[0]).check, done=f"The {TEXT} kettle.")
    record_decision(current_app(), case_id, replace(confirmed(NOON), check=check))
    sheet = render_sheet(read_overview(current_app(), case_id), bench.runtime)
    assert (
        "Identity: call back to the known number, Thu 05 Mar 2026, 10:00, against the phone number on file in helpdesk "
        "since 3 May 2024."
    ) in sheet
    record = fold(entries(bench, case_id))
    assert (record.identity.against, record.identity.held_by) == ("phone number", "helpdesk")
    shown = page(record, CONTROLLER).decode()
    assert "against the phone number on file in helpdesk since 3 May 2024" in " ".join(shown.split())
    assert TEXT not in sheet + shown + repr([one.details for one in entries(bench, case_id)])


def test_an_act_is_named_for_what_happened(bench):
    """The ledger said of every case that identity had been asked for."""
    waits, asked = bench.open("access"), bench.open("erasure")
    reach_gate(current_app(), waits, Gate.IDENTITY)
    ask_identity(current_app(), asked, doubt=DOUBT, by="Ida")
    named = {one: [entry.event for entry in entries(bench, one) if "dentity" in entry.event] for one in (waits, asked)}
    assert named[waits] == ["IdentityReviewAwaited"]
    assert "IdentityAsked" in named[asked]
    assert fold(entries(bench, waits)).state == fold(entries(bench, asked)).state == "identity pending"
