"""Decisions: one per gate, by a person with a name, and never by the person who opened the case."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.store import Store
from tests.support.casework import Clock, opened

APPROVAL = Decision(
    gate=Gate.APPROVAL,
    verdict=Verdict.APPROVED,
    by="Dana Decider",
    reason="Anna Quill was heard",
    code="R2",
    include_unclear=True,
)


def recorded(store: Store, case_id: str, decision: Decision) -> Decision:
    with store.case_file(case_id) as file:
        file.decisions.record(decision)
    with store.case_file(case_id) as file:
        found = file.decisions.at(decision.gate)
    assert found is not None
    return found


def test_a_decision_comes_back_whole(store: Store, clock: Clock) -> None:
    assert recorded(store, opened(store), APPROVAL) == replace(APPROVAL, decided_at=clock.moment)


def test_gates_are_decided_apart(store: Store) -> None:
    case_id = opened(store)
    recorded(store, case_id, APPROVAL)
    with store.case_file(case_id) as file:
        assert file.decisions.at(Gate.IDENTITY) is None
    assert recorded(store, case_id, replace(APPROVAL, gate=Gate.IDENTITY)).gate is Gate.IDENTITY


@pytest.mark.parametrize("gate", list(Gate))
def test_a_second_decision_at_a_gate_is_refused(store: Store, gate: Gate) -> None:
    case_id = opened(store)
    recorded(store, case_id, replace(APPROVAL, gate=gate))
    with pytest.raises(Conflict, match=f"{gate.value} gate"), store.case_file(case_id) as file:
        file.decisions.record(replace(APPROVAL, gate=gate, by="Somebody Else"))


@pytest.mark.parametrize(
    ("opener", "approver"),
    [
        ("Olga Opener", "Olga Opener"),
        ("Olga Opener", "  olga   OPENER "),
        ("José Núñez", unicodedata.normalize("NFD", "José Núñez")),
        (unicodedata.normalize("NFD", "José Núñez"), "JOSÉ NÚÑEZ"),
        ("Jürgen Groß", "JÜRGEN GROSS"),
        ("Olga Opener", "Olga\u00a0Opener"),
    ],
    ids=["the same", "spaces and case", "other accents", "accents and case", "sharp s", "hard space"],
)
@pytest.mark.parametrize("verdict", [Verdict.APPROVED, Verdict.REFUSED])
def test_the_opener_cannot_decide_however_the_name_is_written(
    store: Store, opener: str, approver: str, verdict: Verdict
) -> None:
    case_id = opened(store, opened_by=opener)
    with pytest.raises(Conflict, match="four eyes"), store.case_file(case_id) as file:
        file.decisions.record(replace(APPROVAL, by=approver, verdict=verdict))


def test_the_opener_may_confirm_identity(store: Store) -> None:
    case_id = opened(store, opened_by="Olga Opener")
    assert recorded(store, case_id, replace(APPROVAL, gate=Gate.IDENTITY, by="Olga Opener")).by == "Olga Opener"


@pytest.mark.parametrize("by", ["", " \t", "D" * 201, "Dana\x00"], ids=["empty", "blank", "too long", "unprintable"])
def test_a_decision_needs_a_name(store: Store, by: str) -> None:
    case_id = opened(store)
    with pytest.raises(BadInput, match="name"), store.case_file(case_id) as file:
        file.decisions.record(replace(APPROVAL, by=by))


def test_the_name_is_kept_without_its_extra_spaces(store: Store) -> None:
    assert recorded(store, opened(store), replace(APPROVAL, by="  Dana   Decider ")).by == "Dana Decider"
