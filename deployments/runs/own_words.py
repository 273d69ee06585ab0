"""The words of a run that are our own: names, tags, keys and numbers that Rightsflow and Prefect set themselves.

Everything else was typed by a person or put there by a program that is not ours, and may name the person.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from prefect.client.schemas.objects import FlowRun

from flows.fields import SEALED, is_case_id
from flows.starting import BULK_QUEUE
from rightsflow.domain.board.traffic_light import Light
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import read_case_id
from tasks.prefect_io.kinds import Values
from tasks.prefect_io.server_shapes import remembering_only, suspensions_of

_GATES: Final = "|".join(gate.value for gate in Gate)
_CASE: Final = r"DSR-\d{4}-[0-9A-Z]{6}"
_UUID: Final = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SUSPENSION: Final = re.compile(rf"({_GATES})-\d{{1,4}}(-{_CASE.lower()})?")
_MADE_BY_US: Final = re.compile(
    rf"{_CASE}|{_UUID}|scheduled( {_UUID}){{1,2}} [\d :.+TZ-]{{10,40}}|[0-9a-f]{{32,64}}", re.IGNORECASE
)
_MADE_BY_PREFECT: Final = re.compile(r"[a-z]{2,20}-[a-z]{2,20}")
_VERSION: Final = re.compile(r"[0-9a-f]{0,64}")
_PROCESS: Final = re.compile(r"\d{1,10}|[\w.-]{1,80}:\d{1,10}|[0-9a-f-]{12,64}")
_LABEL: Final = re.compile(r"prefect\.[a-z.-]{1,60}")
_MADE_BY_SCHEDULE: Final = re.compile("(Interval|Cron|RRule)Schedule")
_TAGS: Final = frozenset({"rightsflow", "watch", "auto-scheduled"} | {right.value for right in Right}) | {
    light.value for light in Light
}
_E_MAIL: Final = re.compile(r"[^\s@]@[^\s@]+\.[^\s@]")
_NUMBER: Final = re.compile(r"(?<![\w.:+-])(\+|00?)[1-9](?:[ /()-]{0,2}\d){5,14}(?![\w:-])")


@dataclass(frozen=True, slots=True)
class Owner:
    """The flow and deployments that a run belongs to.

    Args:
        flow: The name of its flow.
        run_name: What runs of the flow are called; empty for those that are called by their case.
        queues: The work queues that its deployments use.
        systems: The names of the configured systems.
    """

    flow: str
    run_name: str
    queues: frozenset[str]
    systems: frozenset[str]


def changes(run: FlowRun, owner: Owner) -> Values:
    """Return the values of a run, besides its parameters, that are to be overwritten, with their replacements.

    Args:
        run: The run.
        owner: What it belongs to.
    """
    wanted: dict[str, object] = {
        "name": _name(run, owner),
        "tags": sorted(tag for tag in run.tags if tag in _TAGS | owner.systems),
        "job_variables": {} if run.job_variables and _waits(run) else run.job_variables,
        "flow_version": run.flow_version if _fits(_VERSION, run.flow_version) else "0",
        "infrastructure_pid": run.infrastructure_pid if _fits(_PROCESS, run.infrastructure_pid) else "0",
    }
    present = {"tags": sorted(run.tags)} | {name: getattr(run, name) for name in wanted if name != "tags"}
    changed: Values = {name: value for name, value in wanted.items() if value != present[name]}
    keys = suspensions_of(run)
    kept = {key for key in keys if _SUSPENSION.fullmatch(key)}
    if keys != kept:
        changed["empirical_policy"] = remembering_only(run, kept)
    return changed


def is_lasting(run: FlowRun, owner: Owner) -> bool:
    """Return True if a run holds data that no call can overwrite, so that the run itself has to be deleted.

    Args:
        run: The run.
        owner: What it belongs to.
    """
    return any(
        (
            bool(run.context),
            bool(run.job_variables and not _waits(run)),
            any(not _LABEL.fullmatch(key) for key in run.labels or {}),
            not _fits(_MADE_BY_US, run.idempotency_key),
            bool(run.created_by and not _fits(_MADE_BY_SCHEDULE, run.created_by.display_value)),
            (run.work_queue_name or "default") not in owner.queues | {"default", BULK_QUEUE},
            bool(run.state and holds_identifier(run.state.message or "")),
        )
    )


def holds_identifier(text: str) -> bool:
    """Return True if a text seems to hold an e-mail address or a phone number; our own sentences hold neither.

    Args:
        text: The text.
    """
    return bool(_E_MAIL.search(text) or _NUMBER.search(text))


def _name(run: FlowRun, owner: Owner) -> str:
    if owner.run_name:
        is_given = run.auto_scheduled and _fits(_MADE_BY_PREFECT, run.name)
        return run.name if is_given else owner.run_name
    case_id = str(run.parameters.get("case_id", ""))
    return read_case_id(case_id) if case_id != SEALED and is_case_id(case_id) else owner.flow


def _waits(run: FlowRun) -> bool:
    """Return True if no worker has taken the run yet; only then does the server accept other job variables."""
    return run.state is None or run.state.is_scheduled()


def _fits(pattern: re.Pattern[str], text: str | None) -> bool:
    return not text or pattern.fullmatch(text) is not None
