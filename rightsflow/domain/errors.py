"""Errors grouped by what recovers from them.

    RightsflowError
    ├── BadInput            the caller gave something unusable; nothing was changed
    │   └── Misconfigured   a setting or credential is wrong; a person must mend it
    ├── Conflict            the case is in a state that does not allow this
    └── ConnectorError      a system did not do what it was asked
        ├── Transient       the same call may go through later (``retry_after`` seconds, if the system said so)
        │   └── Unavailable it was not made: the circuit breaker is open, or the system busy; others need not wait
        │       └── Underway the system works something off by itself; it is looked at again later
        ├── Permanent       the same call will never go through; a person must look
        └── Refused         the system understood and says no: a legal hold, an open dispute, Object Lock

Every message is one sentence (or two) that names what is wrong and how to fix it. No message may hold personal data:
messages end up in logs, in Prefect's database and in notifications. A vendor's request id is kept only when no
person's data can hide in it, since some systems and proxies repeat there what they were asked (Art. 5(1)(c), 25(1)
GDPR).
"""

from __future__ import annotations

import hashlib
import re
from enum import StrEnum

_PLAIN = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_HASHED_DIGITS = 16


def safe_request_id(given: str) -> str:
    """Return a vendor's request id as it may be stored: as it is, or a hash that the vendor's support can match.

    What is safe already stays as it is, however often it comes by. None is none.

    Args:
        given: The id as the vendor gave it.
    """
    if not given or _PLAIN.fullmatch(given):
        return given
    # Whatever bytes a header held; those that are no text as well.
    digest = hashlib.sha256(given.encode("utf-8", "surrogatepass")).hexdigest()
    return f"sha256:{digest[:_HASHED_DIGITS]}"


class RightsflowError(Exception):
    """The root of all errors that Rightsflow raises on purpose; its text is safe to show and to log."""


class BadInput(RightsflowError):
    """Invalid input; nothing was changed. The text never quotes the value.

    Args:
        text: What is wrong and how to put it right.
        about: Which of the things that were given, by its name there; empty where it is about more than one.
    """

    def __init__(self, text: str = "", *, about: str = "") -> None:
        super().__init__(text)
        self.about = about


class Misconfigured(BadInput):
    """A setting, a secret or a right at a system is wrong. The text names the key and how to fix it."""


class Conflict(RightsflowError):
    """The case does not allow this now, for example a decision by the person who opened it."""


class ConnectorError(RightsflowError):
    """A system did not do what it was asked.

    Args:
        message: One sentence without personal data.
        system: The system's name in the configuration.
        operation: What was being done, for example ``"locate"``.
        status: The HTTP status or the vendor's own code, where there is one.
        request_id: The vendor's request id, which its support can look up; one that may quote data is hashed.
    """

    def __init__(
        self, message: str, *, system: str = "", operation: str = "", status: str = "", request_id: str = ""
    ) -> None:
        super().__init__(message)
        self.system = system
        self.operation = operation
        self.status = status
        self.request_id = safe_request_id(request_id)

    def __str__(self) -> str:
        """Return the sentence with everything that identifies the call, ready for a log line."""
        marks = [
            f"{name} {value}"
            for name, value in (
                ("system", self.system),
                ("operation", self.operation),
                ("status", self.status),
                ("request", self.request_id),
            )
            if value
        ]
        return f"{self.args[0]} ({', '.join(marks)})" if marks else str(self.args[0])


class Transient(ConnectorError):
    """The same call may go through later: time-outs, 429, 5xx, a lock held by another.

    Args:
        message: One sentence without personal data.
        retry_after: Seconds the system asked us to wait, or ``None``.
        system: The system's name in the configuration.
        operation: What was being done.
        status: The HTTP status or the vendor's own code.
        request_id: The vendor's request id.
    """

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        system: str = "",
        operation: str = "",
        status: str = "",
        request_id: str = "",
    ) -> None:
        super().__init__(message, system=system, operation=operation, status=status, request_id=request_id)
        self.retry_after = retry_after


class Unavailable(Transient):
    """The call was not made: the circuit breaker is open, or the system busy. The run yields its slot."""


class Underway(Unavailable):
    """The system works something off by itself, for minutes or weeks. Nothing failed; it is looked at again later."""


class Permanent(ConnectorError):
    """The same call will never go through as it is; a person must look."""


class Refused(ConnectorError):
    """The system understood and says no, for a reason of its own: a legal hold, an open dispute, Object Lock."""


class StepFault(StrEnum):
    """The sort of fault of a step, by what recovers from it."""

    SILENT = "silent"
    """Nothing answered, or not yet: it is tried again by itself."""
    REFUSED = "refused"
    """The system answered and said no: a person removes the reason, or decides otherwise."""
    BROKEN = "broken"
    """The same attempt never goes through: a person looks into it."""

    @property
    def needs_person(self) -> bool:
        """True if it is not tried again by itself."""
        return self is not StepFault.SILENT


def fault_of(error: RightsflowError) -> StepFault:
    """Return the sort of a fault.

    Args:
        error: The fault.
    """
    if isinstance(error, Transient):
        return StepFault.SILENT
    return StepFault.REFUSED if isinstance(error, Refused) else StepFault.BROKEN
