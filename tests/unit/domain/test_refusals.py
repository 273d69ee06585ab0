"""The grounds of a refusal, as rules."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.refusals import REASONS, ProofAsked, Reason, check_refusal, read_details, reasons_for
from rightsflow.domain.vocabulary.rights import Right

TODAY = date(2026, 3, 5)
CODES = st.sampled_from(["", "R0", *Reason])
GATES = st.sampled_from([Gate.IDENTITY, Gate.APPROVAL])


@st.composite
def details(draw):
    labels = sorted({label for _, needed in REASONS.values() for label in needed})
    return draw(st.dictionaries(st.sampled_from(labels), st.sampled_from(["", " ", "said"])))


@st.composite
def asked(draw):
    if draw(st.booleans()):
        return None
    sent_on = TODAY + timedelta(days=draw(st.integers(-60, 0)))
    return ProofAsked(sent_on=sent_on, answer_by=sent_on + timedelta(days=30))


@given(CODES, details(), st.sampled_from(Right), GATES, asked())
def test_what_passes_has_a_chosen_code_that_fits_and_all_its_details(code, details, right, gate, asked):
    refusal = Decision(gate=gate, verdict=Verdict.REFUSED, by="Dana", reason="in words", code=code, details=details)
    try:
        reason = check_refusal(refusal, right=right, asked=asked, today=TODAY)
    except RightsflowError:
        return
    assert reason == code
    assert reason in reasons_for(right, gate)
    assert reason is not Reason.RIGHTS_OF_OTHERS
    if reason is Reason.NOT_IDENTIFIED:
        assert gate is Gate.IDENTITY
        assert asked is not None
        assert asked.answer_by < TODAY
    else:
        assert all(details[label].strip() for label in REASONS[reason][1])


def test_a_reason_is_given_somewhere_and_its_details_are_read_line_by_line():
    # Every reason but the partial one can be given somewhere.
    somewhere = {one for right in Right for gate in (Gate.IDENTITY, Gate.APPROVAL) for one in reasons_for(right, gate)}
    somewhere |= reasons_for(Right.ACCESS, Gate.APPROVAL, nothing_held=True, whose_is_open=True)
    assert somewhere == set(Reason) - {Reason.RIGHTS_OF_OTHERS}
    lines = ["provision:  § 29  BDSG ", "", "What PROOF is needed: a letter: signed"]
    assert read_details(lines) == {"Provision": "§ 29 BDSG", "What proof is needed": "a letter: signed"}
    # An unreadable detail is refused without being quoted.
    for line in ("no label", "Unknown: text", "Provision:", "Provision:   "):
        with pytest.raises(BadInput, match="not readable") as caught:
            read_details([line])
        assert "Unknown" not in str(caught.value)
