"""Decisions by a policy of the controller in a person's place, recorded as what they are."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.retention.purge import note_settled
from rightsflow.cases.search.locating import proven_systems
from rightsflow.domain.case.states import CaseAction, CaseState
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.policies import Policy, SearchOutcome, policy_for
from rightsflow.store import CaseFile
from rightsflow.store.case.case_ledger import MACHINE


def decide_by_policy(app: App, case_id: str) -> bool:
    """Approve that nothing is held, where a policy decides that and the draw leaves it to the policy.

    Args:
        app: What it works with.
        case_id: The case, just searched.

    Returns:
        Whether the policy decided; otherwise a person does.
    """
    policies = [one.policy for one in app.settings.policies]
    if not policies:
        return False
    with app.store.case_file(case_id) as file:
        policy = policy_for(policies, _searched(file, app))
        if file.state is not CaseState.IN_PROGRESS or policy is None:
            return False
        return _applied(file, policy, app)


def _searched(file: CaseFile, app: App) -> SearchOutcome:
    identity = file.decisions.at(Gate.IDENTITY)
    confirmed = identity if identity and identity.verdict is Verdict.CONFIRMED else None
    return SearchOutcome(
        right=file.right,
        found_nothing=file.found_nothing,
        is_proven=bool(proven_systems(file, app)),
        identity=confirmed.method if confirmed else None,
        is_represented=file.agents.is_one or bool(confirmed and confirmed.check and confirmed.check.representative),
    )


def _applied(file: CaseFile, policy: Policy, app: App) -> bool:
    drawn: dict[str, object] = {
        "policy": policy.name,
        "version": policy.version,
        "draw": policy.draw(file.case_id),
        "every": policy.every,
    }
    if policy.sends_to_a_person(file.case_id):
        file.ledger.append(CaseEvent.REVIEW_DRAWN, actor=MACHINE, **drawn)
        return False
    file.advance(CaseAction.SUBMIT_FOR_APPROVAL)
    systems = sorted(proven_systems(file, app))
    file.ledger.append(CaseEvent.REVIEW_SKIPPED_BY_POLICY, actor=policy.actor, systems=systems, **drawn)
    file.decide(Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=policy.actor))
    note_settled(file, app)
    return True
