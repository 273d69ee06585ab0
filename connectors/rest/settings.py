"""The section of a described system in the configuration."""

from __future__ import annotations

from pydantic import Field

from connectors.http import ServiceUrl
from connectors.settings import HttpSystemSettings, SecretRef


class RestSettings(HttpSystemSettings):
    """A system with a REST API that is described in a file.

    Files for some systems are included; for any other one you write it, without a program: see [describe a REST
    system](../../how-to/operators/describe-a-rest-system.md).

    Args:
        file: The name of an included description, such as ``"freshdesk"``, or the path of a file of your own.
        values: The values that the description asks for, such as ``{ subdomain = "example" }``.
        base_url: The address of the API, if it is another one than the description says.
        user: The user or client id that signs in, if the system has one.
        secret: The password, token, key or client secret that signs in.
        timeout: Seconds without a byte of an answer.
    """

    file: str = Field(min_length=1)
    values: dict[str, str] = Field(default_factory=dict)
    base_url: ServiceUrl | None = None
    user: str = ""
    secret: SecretRef | None = None
    timeout: float = Field(default=30.0, gt=0, le=300)
