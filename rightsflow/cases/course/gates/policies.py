"""Decisions by a policy of the controller in a person's place, recorded as what they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons import other_cases
from rightsflow.cases.work.access.package import ASSEMBLE
from rightsflow.cases.work.access.release import package_seen
from rightsflow.cases.work.search import proven_systems
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.policies import Policy, SearchOutcome, policy_for, policy_releasing
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.store import CaseFile
from rightsflow.store.core.case_ledger import MACHINE


def decide_by_policy(app: App, case_id: str) -> bool:
    """Approve that nothing is held, where a policy decides that and the draw leaves it to the policy.

    Args:
        app: What it works with.
        case_id: The case, just searched.

    Returns:
        Whether the policy decided; otherwise a person does.
    """
    policies = [item.policy for item in app.settings.policies]
    if not policies:
        return False
    with app.store.case_file(case_id) as file:
        policy = policy_for(policies, _searched(file, app))
        if file.state is not CaseState.IN_PROGRESS or policy is None:
            return False
        return _decided(
            file, policy, CaseEvent.REVIEW_SKIPPED_BY_POLICY, lambda: {"systems": sorted(proven_systems(file, app))}
        )


def _searched(file: CaseFile, app: App) -> SearchOutcome:
    identity = file.decisions.at(Gate.IDENTITY)
    confirmed = identity if identity and identity.verdict is Verdict.CONFIRMED else None
    return SearchOutcome(
        right=file.right,
        found_nothing=file.found_nothing,
        # Who may have been here before is a person's to find out.
        is_proven=bool(proven_systems(file, app)) and not other_cases(file).perhaps,
        identity=confirmed.method if confirmed else None,
        is_represented=file.agents.is_one or bool(confirmed and confirmed.check and confirmed.check.representative),
    )


def release_by_policy(app: App, case_id: str) -> bool:
    """Release a package of plain records, where a policy does and the draw leaves it to the policy.

    Args:
        app: What it works with.
        case_id: The case, whose package has just been made.

    Returns:
        Whether the policy released it; otherwise a person decides.
    """
    policies = [item.policy for item in app.settings.policies if item.fields]
    if not policies:
        return False
    with app.store.case_file(case_id) as file:
        if file.state is not CaseState.IN_PROGRESS or not file.steps.done(ASSEMBLE):
            return False
        policy = policy_releasing(policies, _searched(file, app), package_seen(file, app))
        if policy is None:
            return False
        return _decided(file, policy, CaseEvent.RELEASED_BY_POLICY, lambda: _package_told(file))


def _decided(file: CaseFile, policy: Policy, event: CaseEvent, told: Callable[[], Mapping[str, object]]) -> bool:
    """Let the policy decide and note the facts it knew; return False if the draw sends the case to a person."""
    drawn = _drawn(file, policy)
    if policy.sends_to_a_person(file.case_id):
        file.ledger.append(CaseEvent.REVIEW_DRAWN, actor=MACHINE, **drawn)
        return False
    file.advance(CaseAction.SUBMIT_FOR_APPROVAL)
    file.ledger.append(event, actor=policy.actor, **told(), **drawn)
    file.decide(Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=policy.actor))
    return True


def _package_told(file: CaseFile) -> Mapping[str, object]:
    systems = sorted(file.findings.systems())
    return {"package": file.what_is_approved(), "records": len(file.findings.all()), "systems": systems}


def _drawn(file: CaseFile, policy: Policy) -> dict[str, object]:
    """Return the policy and the case's draw, for the ledger."""
    details: dict[str, object] = {"policy": policy.name, "version": policy.version, "sha256": policy.digest}
    return details | {"draw": policy.draw(file.case_id), "every": policy.every}
