"""Arrive at a gate: note that the case waits there, and say where it stands."""

from __future__ import annotations

from dataclasses import dataclass

from rightsflow.cases.app import App
from rightsflow.cases.facts.search.systems import concerned_systems, in_order
from rightsflow.cases.work.erasure.planning import renew_questions
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True)
class GateView:
    """A case's status at a gate.

    Args:
        case_id: The case.
        gate: The gate.
        right: What the case is about.
        state: Where the case stands.
        verdict: What was decided, or ``None``.
        is_nothing_held: Whether the decision is about the answer that nothing is held.
        is_search_due: Whether the systems have to be searched before there is anything to decide on.
        concerned: The systems that the case concerns, in the order of the configuration.
        with_records: Those of them, and the processors, of which the case has records.
    """

    case_id: str
    gate: Gate
    right: Right
    state: CaseState
    verdict: Verdict | None
    is_nothing_held: bool
    is_search_due: bool
    concerned: tuple[str, ...]
    with_records: tuple[str, ...]

    @property
    def has_ended(self) -> bool:
        """True if the request was withdrawn or its case stopped, so that no decision is needed any more."""
        return self.state.ends_unanswered

    @property
    def is_open(self) -> bool:
        """True if a person has to decide at this gate now."""
        return self.verdict is None and not self.has_ended and not self.is_search_due


def reach_gate(app: App, case_id: str, gate: Gate) -> GateView:
    """Note that the case waits at a gate and say where it stands there.

    Args:
        app: What it works with.
        case_id: The case.
        gate: The gate.
    """
    with app.store.case_file(case_id) as file:
        return arrive(file, app, gate)


def arrive(file: CaseFile, app: App, gate: Gate) -> GateView:
    """The same of a case file that is open.

    Args:
        file: The case file.
        app: What it works with.
        gate: The gate.
    """
    decision = file.decisions.at(gate)
    is_search_due = gate.needs_search(file.state, is_searched=file.is_searched)
    action = gate.action_on_arrival(file.state, is_searched=file.is_searched)
    if decision is None and action is not None:
        file.advance(action)
    if decision is None and gate is Gate.APPROVAL and file.right.has_plan:
        renew_questions(file, app)
    return GateView(
        case_id=file.case_id,
        gate=gate,
        right=file.right,
        state=file.state,
        verdict=decision.verdict if decision else None,
        is_nothing_held=gate is Gate.APPROVAL and file.found_nothing,
        is_search_due=is_search_due,
        concerned=tuple(concerned_systems(file, app)),
        with_records=tuple(in_order(app, file.findings.systems())),
    )
