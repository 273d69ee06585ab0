"""Plan, erase, and verify."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import groupby
from typing import TypeVar

from rightsflow.cases.app import App
from rightsflow.cases.erasure.braking import admit, while_released
from rightsflow.cases.erasure.planning import decide_by_rules
from rightsflow.cases.search.naming import insist_on_kinds
from rightsflow.cases.step.attempt import Attempt, attempt
from rightsflow.cases.step.calling import calling
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.connector import Connector
from rightsflow.domain.erasure.legal_hold import RELEASED
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.events import StepName
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.records import Method, Outcome, OutcomeKind, Presence, PresenceState, RecordRef

T = TypeVar("T")

_BATCH = 1000
_TOGETHER = 100
"""How many outcomes or looks are noted in one transaction at most."""
_GONE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED})


def prepare_plan(app: App, case_id: str) -> dict[str, int]:
    """Decide per record what is meant to be done; returns how many records are planned for which outcome."""
    with attempt(app, case_id, StepName.PLAN) as trial, trial.app.store.case_file(case_id) as file:
        if not trial.already_done:
            insist_on_kinds((one.ref for one in file.findings.all()), trial.app.capabilities, case_id)
            file.findings.plan(decide_by_rules(file.findings.all(), file, trial.app, include_unclear=False))
            trial.counts.update(_count(file.findings.all()))
            trial.details["plan"] = file.findings.plan_hash()
            trial.finish(file)
    return trial.counts


def settle_plan(app: App, case_id: str) -> dict[str, int]:
    """Make the plan binding as it was shown and approved; what needs no call at a system has its outcome from now on.

    Raises:
        Conflict: A record stands in the case that the approver was not shown.
    """
    with attempt(app, case_id, StepName.SETTLE_PLAN) as trial, trial.app.store.case_file(case_id) as file:
        if not trial.already_done:
            trial.details["plan"] = file.findings.plan_hash()
            file.findings.bind_plan()
            trial.counts.update(_count(file.findings.all()))
            trial.finish(file)
    return trial.counts


def _count(findings: list[Finding]) -> dict[str, int]:
    return dict(Counter(finding.planned.value for finding in findings if finding.planned))


def erase_records(app: App, case_id: str, system: str) -> dict[str, int]:
    """Carry the approved plan out at one system, kind by kind in its safe order; returns outcomes and their number.

    Outcomes are noted before the next call is made, so that a run that was cut short goes on with what is left. A
    kind of record is begun only when the kinds before it are done: the profile by which the others are found goes last.
    """
    with attempt(app, case_id, StepName.ERASE, system, calls=True) as trial:
        if not trial.already_done:
            with calling(app, trial):
                carry_out_plan(trial, system)
            with trial.app.store.case_file(case_id) as file:
                trial.counts.update(_count_outcomes(file.findings.all(system)))
                trial.finish(file)
    return trial.counts


def carry_out_plan(trial: Attempt[None], system: str) -> None:
    """Erase at one system what its plan says and is not done yet, kind by kind in its safe order.

    Args:
        trial: The step's attempt.
        system: The system.

    Raises:
        Transient: A record could not be erased.
        Unavailable: Erasing is braked there.
    """
    connector = trial.app.connectors[system]
    with trial.app.store.case_file(trial.case_id) as file:
        known = file.identifiers.known()
        planned = [finding for finding in file.findings.all(system) if finding.method is not None]
    insist_on_kinds((one.ref for one in planned), trial.app.capabilities, trial.case_id)
    open_ones = [finding for finding in planned if _is_to_do(finding)]
    if open_ones:
        admit(trial, sum(one.method is not None and one.method.removes for one in planned))
    order = [kind.name for kind in connector.capabilities.kinds]
    open_ones.sort(key=lambda finding: (order.index(finding.ref.kind), finding.method or Method.ERASE))
    for (_, method), group in groupby(open_ones, key=lambda finding: (finding.ref.kind, finding.method)):
        if method is not None:
            refs = _not_held(trial, list(group)) if method.removes else [one.ref for one in group]
            if refs:
                _erase_kind(trial, connector, refs, method, known)


def _not_held(trial: Attempt[None], findings: list[Finding]) -> list[RecordRef]:
    """Those of some records that no legal hold covers; the others are kept from now on, whatever was approved."""
    with trial.app.store.case_file(trial.case_id) as file:
        if not file.legal_holds.scopes():
            return [one.ref for one in findings]
        planned = decide_by_rules(findings, file, trial.app, include_unclear=True)
        held = [one for one in planned if one.ends_when == RELEASED]
        file.kept.keep(held)
    refs = {one.ref for one in held}
    return [one.ref for one in findings if one.ref not in refs]


def _is_to_do(finding: Finding) -> bool:
    return finding.method is not None and finding.outcome in {None, OutcomeKind.FAILED}


def _erase_kind(
    trial: Attempt[None], connector: Connector, refs: list[RecordRef], method: Method, known: Identifiers
) -> None:
    failed = answered = 0
    for start in range(0, len(refs), _BATCH):
        outcomes = while_released(trial, connector.erase(refs[start : start + _BATCH], method, known))
        for outcome in _noted(outcomes, partial(_note_outcomes, trial), _is_followed_by_a_call):
            answered += 1
            failed += outcome.kind is OutcomeKind.FAILED
    if answered != len(refs):
        raise Permanent(
            "The connector did not answer for every record; report this as a fault.",
            system=connector.system,
            operation="erase",
        )
    if failed:
        raise Transient(
            f"{failed} of {len(refs)} records could not be erased; they are tried again, the later kinds wait.",
            system=connector.system,
            operation="erase",
        )


def verify_erasure(app: App, case_id: str, system: str) -> dict[str, int]:
    """Verify, by a fresh read, every record that was erased or redacted; returns what was seen and how often.

    A record in which something is left that leads back to the person, and that the system does not let be removed, is
    a residue from then on.

    Raises:
        Transient: Something is still there, or the system gave no clear answer.
    """
    with attempt(app, case_id, StepName.VERIFY, system, calls=True) as trial:
        if not trial.already_done:
            with calling(app, trial):
                trial.counts.update(read_again(trial, system))
            insist_on_absence(trial.counts, system)
    return trial.counts


def read_again(trial: Attempt[None], system: str) -> dict[str, int]:
    """Read every record afresh that is gone by its outcome and was not seen absent since; returns what was seen.

    Args:
        trial: The step's attempt.
        system: The system.
    """
    with trial.app.store.case_file(trial.case_id) as file:
        known = file.identifiers.known()
        findings = file.findings.all(system)
        _insist_on_outcomes(findings, system)
        # Of a residue a part is still there; its outcome and the answer say so.
        gone = [one for one in findings if one.outcome in _GONE]
        # Those that an attempt has found which was cut short are not looked at again, and count all the same.
        residues = sum(one.outcome is OutcomeKind.RESIDUE and one.verified is PresenceState.RESIDUE for one in findings)
    refs = [one.ref for one in gone if not _is_seen_absent(one)]
    seen = Counter({state.value: 0 for state in PresenceState if state is not PresenceState.RESIDUE})
    seen[PresenceState.ABSENT.value] = len(gone) - len(refs)
    if residues:
        seen[PresenceState.RESIDUE.value] = residues
    looks = trial.app.connectors[system].presence(refs, known) if refs else ()
    for presence in _noted(looks, partial(_note_looks, trial), _is_never_urgent):
        seen[presence.state.value] += 1
    if sum(seen.values()) != len(gone) + residues:
        raise Permanent(
            "The connector did not answer for every record; report this as a fault.", system=system, operation="verify"
        )
    return dict(seen)


def _noted(items: Iterable[T], note: Callable[[list[T]], None], is_urgent: Callable[[T], bool]) -> Iterator[T]:
    """Note results, many in one transaction; those before a fault too, so that nothing is repeated needlessly."""
    waiting: list[T] = []
    try:
        for one in items:
            waiting.append(one)
            if len(waiting) == _TOGETHER or is_urgent(one):
                note(waiting)
                waiting.clear()
            yield one
    finally:
        if waiting:
            note(waiting)


def _is_followed_by_a_call(outcome: Outcome) -> bool:
    return not outcome.settled_with_next


def _is_never_urgent(_look: Presence) -> bool:
    """A look that is lost is taken again, and changes nothing."""
    return False


def _note_outcomes(trial: Attempt[None], outcomes: list[Outcome]) -> None:
    with trial.app.store.case_file(trial.case_id) as file:
        for outcome in outcomes:
            file.findings.record_outcome(outcome)


def _note_looks(trial: Attempt[None], looks: list[Presence]) -> None:
    with trial.app.store.case_file(trial.case_id) as file:
        for presence in looks:
            file.findings.record_presence(presence)
            if presence.state is PresenceState.RESIDUE:
                # Erasing once more would leave the same: it is said what stays, in place of "erased" or "redacted".
                file.findings.record_outcome(
                    Outcome(record=presence.record, kind=OutcomeKind.RESIDUE, reason=presence.detail, refused=True)
                )
            if presence.state is PresenceState.PRESENT:
                # A person wrote into it meanwhile, or it was not what the system said: erase it once more.
                file.findings.reopen(presence.record)
                if not trial.step.is_follow_up:
                    file.steps.fail(
                        StepName.ERASE, trial.system, "After the erasure something was still there; it is erased again."
                    )


def _is_seen_absent(finding: Finding) -> bool:
    """Whether a fresh read has shown it absent since it was erased, in an attempt that was cut short."""
    if finding.verified is not PresenceState.ABSENT or finding.verified_at is None or finding.acted_at is None:
        return False
    return finding.verified_at >= finding.acted_at


def _insist_on_outcomes(findings: list[Finding], system: str) -> None:
    waiting = sum(_is_to_do(finding) for finding in findings)
    if waiting:
        raise Transient(
            f"{waiting} records wait to be erased again; start the case's run again.", system=system, operation="verify"
        )


def insist_on_absence(seen: dict[str, int], system: str) -> None:
    """Refuse to go on while something was seen, or could not be checked.

    Raises:
        Transient: It was.
    """
    present, unknown = seen[PresenceState.PRESENT.value], seen[PresenceState.UNKNOWN.value]
    if present or unknown:
        raise Transient(
            f"After the erasure {present} records are still there and {unknown} could not be checked; "
            "they are looked at again.",
            system=system,
            operation="verify",
        )


def _count_outcomes(findings: list[Finding]) -> dict[str, int]:
    counts: dict[str, int] = {}
    for finding in findings:
        word = finding.outcome.value if finding.outcome else "open"
        counts[word] = counts.get(word, 0) + 1
    return counts
