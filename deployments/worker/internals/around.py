"""What is taken of Prefect around the worker: the forms of deployments, and the server as an application."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal

from prefect.deployments.runner import RunnerDeployment
from prefect.utilities.callables import ParameterSchema

if TYPE_CHECKING:
    from fastapi import FastAPI


class _Form(ParameterSchema):
    """A form that says whether it may have fields besides."""

    additionalProperties: Literal[False]  # noqa: N815 - JSON Schema's name


def form_of(deployment: RunnerDeployment) -> dict[str, object]:
    """A deployment's form as JSON Schema, as the server has it.

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
    """Prefect's API server with its UI.

    Args:
        webserver_only: Whether its background services run elsewhere.
    """
    # Late: the server takes seconds to import, and nothing else here needs it.
    from prefect.server.api.server import create_app  # noqa: PLC0415

    return create_app(final=True, webserver_only=webserver_only)
