"""All that Rightsflow takes of Prefect by names that it does not promise to keep: called, and never replaced.

There are three: the request by which a run stops between two steps, the form of a deployment, and the server as an
application. :func:`why_not` compares their sources with those that this version was made for; where one differs,
``rightsflow up`` says so and starts Prefect's own worker type ``process`` instead of ours.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterable, Mapping
from importlib import import_module
from typing import TYPE_CHECKING, Final, Literal, NamedTuple
from uuid import UUID

import prefect
from prefect.deployments.runner import RunnerDeployment
from prefect.utilities.callables import ParameterSchema

from tasks.prefect_io.kinds import AnyState

if TYPE_CHECKING:
    from fastapi import FastAPI


def request_stop(run_id: UUID, state: AnyState) -> bool:
    """Let a run of this process stop before its next step; returns whether one heard of it that has not ended.

    Each step, and each waiting for steps, then raises Prefect's ``Pause`` with the state.

    Args:
        run_id: The run.
        state: The state that it takes for its own.
    """
    # Late: `why_not` has to say that it is not there.
    from prefect._flow_run_suspension import mark_flow_run_suspension_requested  # noqa: PLC0415

    return mark_flow_run_suspension_requested(run_id, state)


class _Form(ParameterSchema):
    """A form that says whether it may have fields besides."""

    additionalProperties: Literal[False]  # noqa: N815 - JSON Schema's name


def form_of(deployment: RunnerDeployment) -> dict[str, object]:
    """Return a deployment's form as JSON Schema, as the server has it.

    Args:
        deployment: The deployment.
    """
    return deployment._parameter_openapi_schema.model_dump(exclude_unset=True)  # noqa: SLF001 - no other way to read it


def set_form(deployment: RunnerDeployment, form: Mapping[str, object]) -> None:
    """Give a deployment another form. The server refuses what a form does not allow.

    Args:
        deployment: The deployment, changed in place.
        form: The form as JSON Schema.
    """
    deployment._parameter_openapi_schema = _Form.model_validate(form)  # noqa: SLF001 - no other way to say it


def server_application(*, webserver_only: bool) -> FastAPI:
    """Prefect's API server with its UI, as ``prefect server start`` makes it.

    Args:
        webserver_only: Whether its background services run elsewhere.
    """
    # Late: the server takes seconds to import, and nothing else here needs it.
    from prefect.server.api.server import create_app  # noqa: PLC0415

    return create_app(final=True, webserver_only=webserver_only)


class Expected(NamedTuple):
    """A function or class of Prefect's.

    Args:
        module: The module that has it.
        name: Its name there, behind that of its class where it has one.
        digests: The first digits of SHA-256 of its source, in each version of Prefect that the tests passed on.
    """

    module: str
    name: str
    digests: frozenset[str]


_SUSPENSION: Final = "prefect._flow_run_suspension"

EXPECTED: Final = (
    Expected(
        _SUSPENSION,
        "mark_flow_run_suspension_requested",
        frozenset({"fd6bf970a2b4f3b1"}),
    ),
    Expected(
        _SUSPENSION,
        "FlowRunSuspensionRequest",
        frozenset({"e3bee10370795aeb"}),
    ),
    Expected(
        "prefect.deployments.runner",
        "RunnerDeployment._set_defaults_from_flow",
        frozenset({"ce1a20bf838d52d1"}),
    ),
)
"""The calls to Prefect, the calls that those make in turn, and the form filling of a deployment.

The server's factory is not among them: its source changes with every version, and ``prefect server start`` itself names
it to uvicorn.
"""


def differences(expected: Iterable[Expected] = EXPECTED) -> list[str]:
    """Return the names that the installed Prefect lacks, or has in another form.

    Args:
        expected: What is called.
    """
    return [f"{item.module}.{item.name}" for item in expected if digest_of(item) not in item.digests]


def why_not(expected: Iterable[Expected] = EXPECTED) -> str:
    """Return the reason our worker must not run with the installed Prefect, in a sentence; empty where it may.

    Args:
        expected: What is called.
    """
    found = differences(expected)
    if not found:
        return ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    installed = f"Prefect {prefect.__version__}"
    return f"{installed} differs from the one that Rightsflow's worker was made for ({found[0]}{more})."


def digest_of(expected: Expected) -> str:
    """Return the digest of a source of the installed Prefect; empty where it has none.

    Args:
        expected: The function or class.
    """
    try:
        found: object = import_module(expected.module)
        for name in expected.name.split("."):
            found = getattr(found, name)
        return hashlib.sha256(inspect.getsource(found).encode()).hexdigest()[:16]  # type: ignore[arg-type]
    except (ImportError, AttributeError, TypeError, OSError):
        return ""
