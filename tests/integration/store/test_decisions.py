"""Decisions: one per gate, by a person with a name, and never by the person who opened the case."""

from __future__ import annotations

import unicodedata
from dataclasses import replace

import pytest

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.store import Store
from tests.support.casework import opened

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


def test_a_decision_comes_back_whole_and_once_at_each_gate(store, clock):
    assert recorded(store, opened(store), APPROVAL) == replace(APPROVAL, decided_at=clock.moment)

    for gate in list(Gate):
        case_id = opened(store)
        recorded(store, case_id, replace(APPROVAL, gate=gate))
        with pytest.raises(Conflict, match=f"{gate.value} gate"), store.case_file(case_id) as file:
            file.decisions.record(replace(APPROVAL, gate=gate, by="Somebody Else"))

    case_id = opened(store)
    recorded(store, case_id, APPROVAL)
    with store.case_file(case_id) as file:
        assert file.decisions.at(Gate.IDENTITY) is None
    assert recorded(store, case_id, replace(APPROVAL, gate=Gate.IDENTITY)).gate is Gate.IDENTITY

    case_id = opened(store, opened_by="Olga Opener")
    assert recorded(store, case_id, replace(APPROVAL, gate=Gate.IDENTITY, by="Olga Opener")).by == "Olga Opener"

    assert recorded(store, opened(store), replace(APPROVAL, by="  Dana   Decider ")).by == "Dana Decider"

    case_id = opened(store)
    for by in ("", " \t", "D" * 201, "Dana\x00"):
        with pytest.raises(BadInput, match="name"), store.case_file(case_id) as file:
            file.decisions.record(replace(APPROVAL, by=by))


def test_the_opener_cannot_decide_however_the_name_is_written(store):
    for opener, approver in (
        ("Olga Opener", "Olga Opener"),
        ("Olga Opener", "  olga   OPENER "),
        ("José Núñez", unicodedata.normalize("NFD", "José Núñez")),
        (unicodedata.normalize("NFD", "José Núñez"), "JOSÉ NÚÑEZ"),
        ("Jürgen Groß", "JÜRGEN GROSS"),
        ("Olga Opener", "Olga\u00a0Opener"),
    ):
        for verdict in (Verdict.APPROVED, Verdict.REFUSED):
            case_id = opened(store, opened_by=opener)
            with pytest.raises(Conflict, match="four eyes"), store.case_file(case_id) as file:
                file.decisions.record(replace(APPROVAL, by=approver, verdict=verdict))
