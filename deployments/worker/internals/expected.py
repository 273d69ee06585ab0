"""What the worker expects of Prefect, and whether the installed one has it."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Sequence
from importlib import import_module
from types import ModuleType
from typing import Final, NamedTuple

import prefect


class Expected(NamedTuple):
    """A function or method of Prefect's.

    Args:
        module: The module that has it.
        name: Its name there, behind that of its class where it has one.
        parameters: The names of what it takes, in their order.
    """

    module: str
    name: str
    parameters: Sequence[str]


_ENGINE, _SUSPENSION, _WORKER = "prefect.flow_engine", "prefect._flow_run_suspension", "prefect.workers.base"
_POOL_RUNS: Final = ("self", "work_pool_name", "work_queue_names", "scheduled_before")

EXPECTED: Final = (
    Expected(_ENGINE, "_flow_parameters", ("flow", "flow_run", "parameters")),
    Expected(_SUSPENSION, "register_flow_run_suspension_request", ("flow_run_id", "suspension_request")),
    Expected(_SUSPENSION, "raise_if_flow_run_suspension_requested", ()),
    Expected(_SUSPENSION, "FlowRunSuspensionRequest.mark_requested", ("self", "state")),
    Expected(_SUSPENSION, "FlowRunSuspensionRequest.raise_if_requested", ("self",)),
    Expected(_ENGINE, "FlowRunEngine.setup_flow_run_suspension_request", ("self",)),
    Expected(_ENGINE, "FlowRunEngine.handle_success", ("self", "result")),
    Expected(_ENGINE, "FlowRunEngine.start", ("self",)),
    Expected(_ENGINE, "FlowRunEngine.run_context", ("self",)),
    Expected(_ENGINE, "FlowRunEngine.call_flow_fn", ("self",)),
    Expected(_ENGINE, "FlowRunEngine.set_state", ("self", "state", "force")),
    Expected(_ENGINE, "FlowRunEngine.is_running", ("self",)),
    Expected(_WORKER, "BaseWorker._propose_pending_state", ("self", "flow_run")),
    Expected(_WORKER, "BaseWorker._submit_run_and_capture_errors", ("self", "flow_run", "task_status")),
    Expected(_WORKER, "BaseWorker._emit_flow_run_submitted_event", ("self", "configuration")),
    Expected(_WORKER, "BaseWorker._propose_submitting_state", ("self", "flow_run")),
    Expected(_WORKER, "BaseWorker._give_worker_labels_to_flow_run", ("self", "flow_run_id")),
    Expected(_WORKER, "BaseWorker._worker_metadata", ("self",)),
    Expected(_WORKER, "BaseJobConfiguration._base_environment", ()),
    Expected(
        "prefect.utilities.engine",
        "emit_task_run_state_change_event",
        ("task_run", "initial_state", "validated_state", "follows"),
    ),
    Expected(
        "prefect.task_runners",
        "ThreadPoolTaskRunner.submit",
        ("self", "task", "parameters", "wait_for", "dependencies"),
    ),
    Expected("prefect.client.orchestration", "PrefectClient.get_scheduled_flow_runs_for_work_pool", _POOL_RUNS),
)
"""What is called or replaced."""


def differences(expected: Iterable[Expected] = EXPECTED) -> list[str]:
    """The names of what the installed Prefect does not have, or has with other parameters.

    Args:
        expected: What is called or replaced.
    """
    return [f"{one.module}.{one.name}" for one in expected if not _is_there(one)]


def why_not(expected: Iterable[Expected] = EXPECTED) -> str:
    """Why the worker must not run with the installed Prefect, in a sentence; empty where it may.

    Args:
        expected: What is called or replaced.
    """
    found = differences(expected)
    if not found:
        return ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    installed = f"Prefect {prefect.__version__}"
    return f"{installed} differs from the one that Rightsflow's worker was made for ({found[0]}{more})."


def _is_there(one: Expected) -> bool:
    found: object = _module(one.module)
    for name in one.name.split("."):
        found = getattr(found, name, None)
    return callable(found) and tuple(inspect.signature(found).parameters) == tuple(one.parameters)


def _module(name: str) -> ModuleType | None:
    try:
        return import_module(name)
    except ImportError:
        return None
