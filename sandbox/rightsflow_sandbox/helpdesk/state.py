"""The helpdesk's data, and the look-ups that several parts of the API need."""

from __future__ import annotations

import copy
import itertools
import secrets
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from rightsflow_sandbox.helpdesk.access import ApiAccess
from rightsflow_sandbox.helpdesk.defaults import Record, instant, stamp
from rightsflow_sandbox.helpdesk.errors import not_found
from rightsflow_sandbox.helpdesk.faults import OrderedFaults
from rightsflow_sandbox.helpdesk.jobs import Jobs
from rightsflow_sandbox.helpdesk.journal import Journal
from rightsflow_sandbox.helpdesk.limits import Limits
from rightsflow_sandbox.helpdesk.values import Pace, Purged, Site, Trashed

ARCHIVED_AFTER: Final = timedelta(days=120)
"""The time between closing and archiving a ticket: it leaves the list of all tickets and cannot be restored."""
FIRST_OWN_ID: Final = 9_007_199_254_740_993
"""Ids that the helpdesk gives itself begin here, past 2^53, to catch clients that read ids as floats."""


@dataclass(slots=True)
class _Old:
    """The version of a record that the search index still shows; ``None`` while the index does not know it."""

    until: datetime
    record: Record | None


def utc_now() -> datetime:
    """Return the present instant, the clock unless another is injected."""
    return datetime.now(UTC)


@dataclass(eq=False)
class HelpdeskState:
    """The whole helpdesk. Hold :attr:`lock` to change it from another thread while a server runs on it.

    Args:
        now: The clock.
        pace: How slowly background work goes.
        limits: The rate limits; none by default.
        ignores_filters: Whether searches and lists of one person answer with everybody's records, as servers do that
            ignore a filter they do not know. Zendesk does not: it is for tests of what a connector believes.
    """

    now: Callable[[], datetime] = utc_now
    pace: Pace = field(default_factory=Pace)
    limits: Limits = field(default_factory=Limits)
    ignores_filters: bool = False
    site: Site = field(default_factory=Site)
    users: dict[int, Record] = field(default_factory=dict)
    """Active and soft-deleted users by id."""
    purged: dict[int, Purged] = field(default_factory=dict)
    identities: dict[int, list[Record]] = field(default_factory=dict)
    """By user id."""
    organizations: dict[int, Record] = field(default_factory=dict)
    memberships: dict[int, Record] = field(default_factory=dict)
    tickets: dict[int, Record] = field(default_factory=dict)
    trash: dict[int, Trashed] = field(default_factory=dict)
    comments: dict[int, list[Record]] = field(default_factory=dict)
    """By ticket id, oldest first, those of soft-deleted tickets included."""
    suspended: dict[int, Record] = field(default_factory=dict)
    ratings: dict[int, Record] = field(default_factory=dict)
    ticket_fields: dict[int, Record] = field(default_factory=dict)
    user_fields: dict[int, Record] = field(default_factory=dict)
    brands: dict[int, Record] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.lock = threading.RLock()
        self.faults = OrderedFaults()
        self.journal = Journal()
        self.jobs = Jobs()
        self.access = ApiAccess()
        self.secret = secrets.token_hex(16)
        self.uploads: dict[str, Record] = {}
        self.idempotent: dict[str, tuple[str, Record]] = {}
        self._old: dict[tuple[str, int], _Old] = {}
        self._ids = itertools.count(FIRST_OWN_ID)

    def next_id(self) -> int:
        """Return an id that no record has."""
        return next(self._ids)

    def reserve(self, used: int) -> None:
        """Make :meth:`next_id` return ids above one that is in use."""
        if used >= FIRST_OWN_ID:
            self._ids = itertools.count(max(used + 1, next(self._ids)))

    def stamp(self) -> str:
        """Return the present instant as the API writes it."""
        return stamp(self.now())

    def user(self, user_id: int, *, deleted: bool = False) -> Record:
        """Return a user; soft-deleted users are returned only with ``deleted``.

        Raises:
            ApiError: 404, there is none.
        """
        found = self.users.get(user_id)
        if found is None or not (found["active"] or deleted):
            raise not_found()
        return found

    def ticket(self, ticket_id: int) -> Record:
        """Return a ticket that is not deleted.

        Raises:
            ApiError: 404, there is none.
        """
        found = self.tickets.get(ticket_id)
        if found is None:
            raise not_found()
        return found

    def comment(self, ticket_id: int, comment_id: int) -> Record:
        """Return a comment of a ticket that is not deleted.

        Raises:
            ApiError: 404, there is none.
        """
        self.ticket(ticket_id)
        for comment in self.comments.get(ticket_id, ()):
            if comment["id"] == comment_id:
                return comment
        raise not_found()

    def all_comments(self) -> Iterator[Record]:
        """Yield every comment of tickets that are not deleted."""
        for ticket_id in self.tickets:
            yield from self.comments.get(ticket_id, ())

    def files(self) -> Iterator[Record]:
        """Yield every attachment that can be read: of comments, and uploads that no comment has yet."""
        for comment in self.all_comments():
            yield from comment["attachments"]
        yield from self.uploads.values()

    def is_archived(self, ticket: Record) -> bool:
        """Return whether a ticket has been closed for so long that it was moved to the archive."""
        return ticket["status"] == "closed" and self.now() - instant(ticket["updated_at"]) > ARCHIVED_AFTER

    def touch(self, kind: str, record_id: int, before: Record | None) -> None:
        """Note a change, so that the search index shows the version before it for a while.

        Args:
            kind: ``"user"`` or ``"ticket"``.
            record_id: The record's id.
            before: A copy from before the change; ``None`` for a new record.
        """
        lag = timedelta(seconds=self.pace.index_lag_seconds)
        old = self._old.get((kind, record_id))
        if lag and (old is None or old.until <= self.now()):
            self._old[kind, record_id] = _Old(until=self.now() + lag, record=copy.deepcopy(before))

    def indexed(self, kind: str) -> Iterator[Record]:
        """Yield the records of one kind as the search index knows them: deleted ones are not in it."""
        live = self.users if kind == "user" else self.tickets
        now = self.now()
        late = {key[1]: old.record for key, old in self._old.items() if key[0] == kind and old.until > now}
        for record_id, record in live.items():
            if record_id not in late and record.get("active", True):
                yield record
        yield from (record for record in late.values() if record is not None)
