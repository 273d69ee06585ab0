"""Small parts of the state: addresses, the pace of background work, deleted records."""

from __future__ import annotations

from dataclasses import dataclass

from rightsflow_sandbox.helpdesk.defaults import Record


@dataclass(slots=True)
class Site:
    """The addresses of the helpdesk.

    Args:
        account_url: Scheme, host and port of the API.
        content_url: The same of the place where attachments lie; another host, so that a client which sends its
            token there is noticed.
    """

    account_url: str = "http://helpdesk.invalid"
    content_url: str = "http://content.invalid"


@dataclass(slots=True)
class Pace:
    """The pace of the API's background work.

    Args:
        job_polls: How many reads of a job it takes until it is completed: the first shows it queued, those between
            show it working.
        job_seconds: After how many seconds a job that is not read is completed as well.
        compliance_polls: How many reads of a permanent deletion's state show it unfinished.
        compliance_seconds: After how many seconds it is finished, read or not.
        rename_reads: How many lists of deleted users still show the name of a permanently deleted one.
        rename_seconds: After how many seconds the name is gone, listed or not.
        index_lag_seconds: How long the search index shows the old version of a changed record.
    """

    job_polls: int = 3
    job_seconds: float = 5.0
    compliance_polls: int = 2
    compliance_seconds: float = 10.0
    rename_reads: int = 2
    rename_seconds: float = 10.0
    index_lag_seconds: float = 0.0


@dataclass(slots=True)
class Purged:
    """A user after permanent deletion, as long as the products still work on it.

    Args:
        record: The user as it was.
        asked_at: When permanent deletion was asked for.
        executer_id: Who asked.
        polls: How often the state of the deletion was read.
        reads: How often lists of deleted users showed it.
    """

    record: Record
    asked_at: str
    executer_id: int | None = None
    polls: int = 0
    reads: int = 0


@dataclass(slots=True)
class Trashed:
    """A soft-deleted ticket.

    Args:
        ticket: The ticket as it was.
        deleted_at: When, as the API writes it.
        actor: Who: ``{"id", "name"}``.
        archived: Whether it was archived before, in which case no list shows it.
    """

    ticket: Record
    deleted_at: str
    actor: Record
    archived: bool
