"""Input and output of a handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import QueryParams

from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import forbidden, parameter_missing, too_many_values
from rightsflow_sandbox.helpdesk.state import HelpdeskState

MOST_IDS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An authenticated request to the API.

    Args:
        state: The helpdesk.
        client: Who calls; ``None`` without credentials, where that is allowed.
        path: The path without a trailing ``.json``.
        params: The variable parts of the path.
        query: The query's parameters.
        body: The JSON object in the body, or an empty one.
        headers: The request's headers, names in lower case.
        raw: The body as sent.
    """

    state: HelpdeskState
    client: Client | None
    path: str
    params: Mapping[str, Any]
    query: QueryParams
    body: Record
    headers: Mapping[str, str]
    raw: bytes = b""

    @property
    def agent(self) -> Client:
        """The calling client.

        Raises:
            ApiError: 403, no user is signed in.
        """
        if self.client is None:
            raise forbidden()
        return self.client

    def number(self, name: str) -> int:
        """Return a whole number out of the path."""
        return int(self.params[name])

    def ids(self, name: str = "ids") -> list[int]:
        """Return the ids of a bulk call.

        Raises:
            ApiError: 400, none or too many.
        """
        listed = [int(one) for one in self.query.get(name, "").split(",") if one.strip().isdigit()]
        if not listed:
            raise parameter_missing(name)
        if len(listed) > MOST_IDS:
            raise too_many_values(MOST_IDS)
        return listed

    def values(self, name: str) -> set[str]:
        """Return the values of a parameter that may be repeated, spelled ``name`` or ``name[]``."""
        return {*self.query.getlist(name), *self.query.getlist(f"{name}[]")}

    def includes(self, what: str) -> bool:
        """Return whether the query asks for these records beside the answer's own."""
        return what in self.query.get("include", "").split(",")

    def section(self, name: str) -> Record:
        """Return the object of that name in the body.

        Raises:
            ApiError: 400, there is none.
        """
        given = self.body.get(name)
        if not isinstance(given, dict):
            raise parameter_missing(name)
        return given


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Args:
        body: A JSON document, bytes, or ``None`` for an empty body.
        status: The HTTP status.
        content_type: The type of a body of bytes.
        headers: Extra headers.
    """

    body: Any = None
    status: int = 200
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Call], Reply]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint of the API.

    Args:
        method: The HTTP method.
        path: The path below ``/api/v2/``, variable parts in braces.
        handle: What answers it.
        scope: The resource that a narrow scope must name; empty where any scope with the right will do.
        admin: Whether only administrators may call it.
        deletes: Whether an agent needs the permission to delete.
        limits: Its own rate limits by name, each with the variable part of the path by which it is counted; empty
            for the whole account.
        anonymous: Whether it answers without credentials too.
        binary: Whether the body is a file rather than JSON.
    """

    method: str
    path: str
    handle: Handler
    scope: str = ""
    admin: bool = False
    deletes: bool = False
    limits: Mapping[str, str] = field(default_factory=dict)
    anonymous: bool = False
    binary: bool = False
