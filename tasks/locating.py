"""Locate the subject's records in every system, to a fixpoint of identifiers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from prefect import task

from rightsflow.attribution import Attribution
from rightsflow.store import CaseFile
from tasks.attempt import attempt
from tasks.calling import calling
from tasks.options import STEP
from tasks.runtime import runtime


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a round of searching came to.

    Args:
        learnt: Whether identifiers appeared that are still to be searched for.
        subject: Records that are the subject's.
        unclear: Records whose attribution a person has to decide.
    """

    learnt: bool
    subject: int
    unclear: int


@task(name="locate", task_run_name="locate {system}", **STEP)
def locate_records(case_id: str, system: str) -> int:
    """Search one system for everything that matches the identifiers known so far; returns how many records."""
    with runtime().store.case_file(case_id) as file:
        known, scope = file.identifiers.known(), file.identifiers.scope()
    with attempt(case_id, "locate", system, scope) as trial:
        if not trial.already_done:
            with calling(trial):
                located = list(trial.runtime.connectors[system].locate(known))
            with trial.runtime.store.case_file(case_id) as file:
                file.findings.replace(system, located)
                trial.counts["matches"] = len(located)
                trial.details["by"] = Counter(one.kind.value for one in known)
                trial.finish(file)
    return int(trial.counts["matches"])


@task(name="resolve identifiers", task_run_name="resolve identifiers", **STEP)
def resolve_identifiers(case_id: str) -> Resolved:
    """Decide whose each record is, over all systems, and learn the identifiers that the subject's records name.

    Done once per set of identifiers: other people's records are forgotten at the end, and without them a number that
    several people used would look like the subject's alone.
    """
    with runtime().store.case_file(case_id) as file:
        scope = file.identifiers.scope()
    with attempt(case_id, "resolve", scope=scope) as trial:
        if not trial.already_done:
            with trial.runtime.store.case_file(case_id) as file:
                trial.counts.update(_resolve(file))
                trial.details["records"] = file.findings.tally()
                # Together with what it forgot: without the others a repeat would decide differently.
                trial.finish(file)
    counts = trial.counts
    return Resolved(bool(counts["learnt"]), int(counts["subject"]), int(counts["unclear"]))


def _resolve(file: CaseFile) -> dict[str, int]:
    learnt, resolution = file.findings.resolve()
    others = 0
    if not learnt:
        # Only at the end: until then another person's record may still turn out to be the subject's.
        file.identifiers.mark_contested(frozenset(str(one) for one in resolution.contested))
        others = file.findings.forget_others()
    found = [finding.attribution for finding in file.findings.all()]
    return {
        "learnt": int(learnt),
        "subject": found.count(Attribution.SUBJECT),
        "unclear": found.count(Attribution.UNCLEAR),
        "others": others,
    }
