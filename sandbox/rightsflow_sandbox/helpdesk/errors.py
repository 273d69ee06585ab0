"""The API's error answers; it has four envelopes, and clients must cope with all of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class DataError(ValueError):
    """The data file cannot be loaded; the sentence names the place and how to fix it."""


class ApiError(Exception):
    """An answer other than success, raised from wherever it is noticed.

    Args:
        status: The HTTP status.
        body: A JSON document, a text (sent as text/plain), or ``None`` for an empty body.
        headers: Extra headers such as ``Retry-After``.
    """

    def __init__(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


def not_found() -> ApiError:
    """Return the error for a record that does not exist, or no longer."""
    return ApiError(404, {"error": "RecordNotFound", "description": "Not found"})


def invalid_endpoint() -> ApiError:
    """Return the error for a path that does not exist, or a feature that is not on the plan."""
    return ApiError(404, {"error": "InvalidEndpoint", "description": "Not found"})


def not_authenticated() -> ApiError:
    """Missing, wrong or expired credentials."""
    return ApiError(401, {"error": "Couldn't authenticate you"})


def forbidden() -> ApiError:
    """Return the error for a call beyond the token's scope or the agent's role."""
    message = (
        "You do not have access to this page. Please contact the account owner of this help desk for further help."
    )
    return ApiError(403, {"error": {"title": "Forbidden", "message": message}})


def too_many_values(limit: int) -> ApiError:
    """More ids in one call than allowed (the two spaces are the vendor's)."""
    return ApiError(
        400,
        {
            "error": "TooManyValues",
            "description": f"Parameter  cannot specify more than {limit} values",
            "max_count": limit,
        },
    )


def parameter_missing(name: str) -> ApiError:
    """Return the error for a required parameter that is absent."""
    return ApiError(400, {"error": "ParameterMissing", "description": f"Parameter {name} is required"})


def invalid_page(controller: str) -> ApiError:
    """Return the error for a ``page`` that is no number, and for ``page[size]`` at an offset-only endpoint."""
    message = (
        "You passed an invalid value for the page attribute. "
        f"Invalid parameter: page must be an integer from api/v2/{controller}"
    )
    return ApiError(400, {"error": {"title": "Invalid attribute", "message": message}})


def invalid_pagination(code: str, detail: str) -> ApiError:
    """Return the error for a page too deep or too large, or an invalid cursor."""
    return ApiError(400, {"errors": [{"code": code, "title": "Invalid pagination", "detail": detail}]})


def record_invalid(field: str, description: str, error: str | None = None) -> ApiError:
    """Return the error for a change that would make a record invalid; ``base`` means the whole record."""
    detail = {"description": description} | ({"error": error} if error else {})
    body = {"error": "RecordInvalid", "description": "Record validation errors", "details": {field: [detail]}}
    return ApiError(422, body)


def search_too_large() -> ApiError:
    """Return the error for a search beyond its first 1000 results."""
    description = "Invalid search: Requested response size was greater than Search Response Limits"
    return ApiError(422, {"error": "invalid", "description": description})


def too_many_requests(retry_after: int) -> ApiError:
    """Return the error for a rate limit that is used up; the body is plain text."""
    text = "Number of allowed API requests per minute exceeded"
    return ApiError(429, text, {"Retry-After": str(retry_after)})


def too_many_jobs(current: list[str], limit: int) -> ApiError:
    """Return the error for too many queued or running background jobs (the status 429 is unverified)."""
    body = {
        "error": "TooManyJobs",
        "description": f"Only {limit} jobs may be queued or running at a time",
        "current_job_ids": current,
    }
    return ApiError(429, body, {"Retry-After": "60"})
