"""The log of requests, by which tests see what a client really sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True, kw_only=True)
class JournalEntry:
    """A request.

    Args:
        method: The HTTP method.
        path: The path as sent, without the query.
        query: The query as sent.
        status: The status of the answer; 0 while there is none, or if the connection was cut.
        authenticated: Whether a valid token was sent.
        idempotency_key: The ``Idempotency-Key`` header, or empty.
        leaked_authorization: Whether an ``Authorization`` header was sent to the host of the attachments, which is
            not the account's.
        request_id: The ``X-Request-Id`` of the answer.
    """

    method: str
    path: str
    query: str = ""
    status: int = 0
    authenticated: bool = False
    idempotency_key: str = ""
    leaked_authorization: bool = False
    request_id: str = ""


@dataclass(slots=True)
class Journal:
    """All requests since the start, or since :meth:`clear`, oldest first."""

    entries: list[JournalEntry] = field(default_factory=list)

    def clear(self) -> None:
        """Delete all entries."""
        self.entries.clear()

    def calls(self, method: str = "", path: str = "") -> list[JournalEntry]:
        """Return the entries of one method (all if empty) whose path has this beginning."""
        return [one for one in self.entries if one.method.startswith(method) and one.path.startswith(path)]

    def as_json(self) -> list[dict[str, Any]]:
        """Return the entries for the admin endpoint."""
        return [asdict(entry) for entry in self.entries]
