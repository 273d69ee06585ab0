"""A fake system behind a server with lists, pages and filters, for what goes wrong between a connector and a server.

A server may ignore filters that it does not know and answer with everybody's records; it refuses a list, breaks off, or
gives page after page. :class:`FakeRemote` reads such a server as a connector has to, in small steps, each of which a
test can replace by a mistake.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rightsflow.domain.attribution import claims
from rightsflow.domain.errors import ConnectorError, Permanent
from rightsflow.domain.identifiers import Identifier, Identifiers
from rightsflow.domain.vocabulary.records import Located, RecordRef
from rightsflow.testing.fakes import FakeRecord, FakeSystem

Filter = Callable[[FakeRecord], bool]

SEARCH, BELONGINGS = "search", "belongings"
"""The server's lists: records that name a person, and records that hang on a profile."""


@dataclass(slots=True)
class FakeRemote(FakeSystem):
    """A fake system that finds by the lists of a server.

    Args:
        page_size: How many records a page holds.
        ignores_filters: Whether every list answers with everybody's records.
        refused: The error of each list that does not answer.
    """

    page_size: int = 3
    ignores_filters: bool = False
    refused: dict[str, ConnectorError] = field(default_factory=dict)

    # -- the server ------------------------------------------------------------------------------------------------

    @contextmanager
    def ignoring_filters(self) -> Iterator[None]:
        """While entered, every list answers with everybody's records."""
        self.ignores_filters = True
        try:
            yield
        finally:
            self.ignores_filters = False

    @contextmanager
    def refusing(self, listed: str, status: str) -> Iterator[None]:
        """While entered, one list answers with an error.

        Args:
            listed: The list.
            status: The HTTP status of its answers, or empty where the connection is refused.
        """
        message = "The system refused a list; give the connector the right to read it."
        self.refused[listed] = Permanent(message, system=self.system, operation="locate", status=status)
        try:
            yield
        finally:
            del self.refused[listed]

    def page(self, listed: str, fits: Filter, number: int) -> tuple[list[FakeRecord], bool]:
        """Return a page as the server gives it, and whether there are more.

        Args:
            listed: The list.
            fits: The filter.
            number: The page, from 0.

        Raises:
            ConnectorError: The list is refused.
        """
        if error := self.refused.get(listed):
            raise error
        rows = [record for record in self.records() if bool(record.profile) is (listed == BELONGINGS)]
        rows = rows if self.ignores_filters else [row for row in rows if fits(row)]
        start = number * self.page_size
        return rows[start : start + self.page_size], len(rows) > start + self.page_size

    # -- the connector ---------------------------------------------------------------------------------------------

    def read_list(self, listed: str, fits: Filter) -> Iterator[FakeRecord]:
        """Read a whole list, page by page."""
        number, has_more = 0, True
        while has_more:
            rows, has_more = self.page(listed, fits, number)
            yield from rows
            number += 1

    def is_hit(self, record: FakeRecord, asked: Identifier) -> bool:
        """Return whether a record from the server has the identifier that was searched for."""
        return record.names(frozenset({asked}))

    def is_below(self, record: FakeRecord, profile: FakeRecord) -> bool:
        """Return whether a record from the server belongs to the profile that was asked for."""
        return record.profile == profile.key

    def may_walk(self, profile: FakeRecord, known: Identifiers) -> bool:
        """Return whether the records below a profile may be listed."""
        return claims(profile.owner, known)

    def owner_of(self, record: FakeRecord) -> Identifiers:
        """Return the identifiers by which a record names its owner."""
        return record.owner

    def sought(self, known: Identifiers) -> list[Identifier]:
        """Return the identifiers that are searched for."""
        return sorted(
            identifier
            for identifier in known
            if identifier.is_searchable and identifier.kind in self.capabilities.searches
        )

    def _find(self, known: Identifiers) -> Iterator[Located]:
        records: dict[RecordRef, FakeRecord] = {}
        for asked in self.sought(known):
            for record in self.read_list(SEARCH, lambda item, asked=asked: item.names(frozenset({asked}))):  # type: ignore[misc]
                if self.is_hit(record, asked):
                    records[RecordRef(self.system, record.kind, record.key)] = record
        for ref, record in records.items():
            yield self._as_found(record, self.owner_of(record))
            if record.kind == "profile" and self.may_walk(record, known):
                yield from self._below(record, ref)

    def _below(self, profile: FakeRecord, via: RecordRef) -> Iterator[Located]:
        for record in self.read_list(BELONGINGS, lambda belonging: belonging.profile == profile.key):
            if self.is_below(record, profile) and record.texts:
                yield self._as_found(record, frozenset(), via)

    def _as_found(self, record: FakeRecord, owner: Identifiers, via: RecordRef | None = None) -> Located:
        located = self._located(record, via)
        return (
            located
            if owner == located.owner
            else Located(record=located.record, category=located.category, owner=owner, via=via)
        )
