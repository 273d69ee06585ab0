"""Health of a described system: it answers, its rights suffice, and its searches ask for what they are given."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from connectors.rest.calls import RecordSearch
from connectors.rest.client import RestApi
from connectors.rest.kinds import DescribedKind
from connectors.rest.locate import search_values
from connectors.rest.paths import has_place, values_at
from connectors.rest.records import RestRecord, RestSession
from rightsflow.domain.connector import MOST_SAMPLED, Health, Sample
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.wording import listed

_TRIED: Final = 3
"""The largest number of sampled records that are searched, read and walked."""
_IMPOSSIBLE: Final = {
    IdentifierKind.EMAIL: "rightsflow-check@none.invalid",
    # Of the numbers that the regulator keeps for films.
    IdentifierKind.PHONE: "+4917139200999",
    IdentifierKind.CUSTOMER_ID: "rightsflow-check-0000000000",
    IdentifierKind.ACCOUNT_ID: "999999999999999999",
}
"""By kind, an identifier that no system has, so that a search for it finds nothing."""


def probe(session: RestSession) -> Health:
    """Return the answer to a probe; never an error."""
    api = session.api
    described = api.system.probe
    try:
        answer = api.prove()
        if wrong := [need.says for need in described.needs if not need.holds(answer)]:
            return Health(ok=False, detail=" ".join(wrong))
        ignored = [
            f"{kind.title} by {search.by.value.replace('_', ' ')}"
            for kind in session.description.kinds.values()
            for search in kind.find
            if not search.ignores_filter and _finds_anyone(api, search, session.place.country)
        ]
    except RightsflowError as error:
        return Health(ok=False, detail=str(error.args[0]))
    excessive = tuple(need.says for need in described.excessive if need.holds(answer))
    if ignored:
        detail = (
            f"{api.system.title} ignores what is asked for in the search of {listed(ignored)}: a search for no one is "
            "answered with records, which are all read and dropped. Correct the search in its description."
        )
        return Health(ok=True, detail=detail, excessive_rights=excessive, is_doubtful=True)
    detail = f"{api.system.title} answers, and each search finds nothing for an identifier that no one has."
    return Health(ok=True, detail=detail, excessive_rights=excessive)


def _finds_anyone(api: RestApi, search: RecordSearch, country: str) -> bool:
    issuer = api.http.system if search.by is IdentifierKind.ACCOUNT_ID else ""
    asked = Identifier(search.by, _impossible(search.by), issuer)
    given = next(search_values(search, asked, country))
    return next(api.rows(search, given, pages=1), None) is not None


def _impossible(kind: IdentifierKind) -> str:
    """An identifier that no system has; of a kind of the configuration its made-up example."""
    return _IMPOSSIBLE.get(kind) or kind.declaration.read(kind.declaration.example, "")


def samples(session: RestSession) -> Iterator[Sample]:
    """Yield, for each kind with a sample, how many stored records have a readable identifier and are found by it.

    Of the first ones, every read and list of the description is called, so that a wrong one is noticed.
    """
    for name, kind in session.description.kinds.items():
        if kind.sample is not None:
            yield from _samples(session, name, kind)


def _samples(session: RestSession, name: str, kind: DescribedKind) -> Iterator[Sample]:
    rows = list(session.api.rows(kind.sample, {}, pages=1))[:MOST_SAMPLED] if kind.sample else []
    records = [record for row in rows if (record := session.hit(name, row, kind.sample)) is not None]
    customers = [item for item in records if kind.staff is None or not kind.staff.holds(item.row)]
    readable = sum(any(item.finds for item in record.names) for record in customers)
    yield Sample(what=f"{kind.title} with an identifier", looked_at=len(customers), readable=readable)
    for of in sorted({search.by for search in kind.find} & kind.names.keys()):
        held = [item for item in customers if any(values_at(item.row, path) for path in kind.names[of])]
        read = [record for record in held if any(item.kind is of for item in record.names)]
        if held or not any(has_place(item.row, path) for item in customers for path in kind.names[of]):
            yield Sample(what=f"{kind.title} with the fields of {of.value}", looked_at=len(held), readable=len(read))
        yield from _searched(session, name, of, read[:_TRIED])
    walk = _Walk(session)
    for record in records[:_TRIED]:
        walk.call_each(record)
    yield from walk.samples()


def _searched(session: RestSession, name: str, of: IdentifierKind, records: Sequence[RestRecord]) -> Iterator[Sample]:
    """Yield how many records are found by what they have on file."""
    kind = session.description.kinds[name]
    searches = [search for search in kind.find if search.by is of and not search.ignores_filter]
    if not (searches and records):
        return
    asked = [next(item for item in sorted(record.names) if item.kind is of) for record in records]
    found = sum(any(_finds(session, name, search, item) for search in searches) for item in asked)
    what = f"{kind.title} searched by their own {of.value.replace('_', ' ')}"
    yield Sample(what=what, looked_at=len(asked), readable=found, proves="were found")


def _finds(session: RestSession, name: str, search: RecordSearch, asked: Identifier) -> bool:
    rows = (
        row
        for given in search_values(search, asked, session.place.country)
        for row in session.api.rows(search, given, pages=1)
    )
    hits = (session.hit(name, row, search) for row in rows)
    return any(record is not None and asked in record.names for record in hits)


class _Walk:
    """Calls each read and list for a few records, and counts what the answers prove."""

    def __init__(self, session: RestSession) -> None:
        self._session = session
        self._counts: dict[tuple[str, str], list[int]] = {}

    def call_each(self, record: RestRecord) -> None:
        """Read a record, its entries, and the first record of each list below it."""
        fresh = self._session.read(record.ref)
        self._count(record.kind.title, "could be read by their ids", is_good=fresh is not None and not fresh.is_trashed)
        if fresh is None:
            return
        if mask := record.kind.mask:
            shows = any(has_place(fresh.row, path) for path in mask.places)
            self._count(
                f"{record.kind.title} with fields that mask replaces", "show one under that name", is_good=shows
            )
        for entry in self._session.entries(fresh):
            if not entry.is_staff:
                self._count(f"entries of {record.kind.title}", "name their author", is_good=bool(entry.names))
        for name, parent in self._session.below[record.ref.kind]:
            dropped = self._session.api.dropped
            child = next(self._session.children(fresh, name, parent), None)
            if child is not None:
                self.call_each(child)
            if child is not None or self._session.api.dropped > dropped:
                title = self._session.description.kinds[name].title
                what = f"{title} listed below {record.kind.title}"
                self._count(what, "name what they belong to", is_good=child is not None)

    def _count(self, what: str, proves: str, *, is_good: bool) -> None:
        counts = self._counts.setdefault((what, proves), [0, 0])
        counts[0] += 1
        counts[1] += is_good

    def samples(self) -> Iterator[Sample]:
        """Yield what was seen."""
        for (what, proves), (looked_at, readable) in self._counts.items():
            seen, good = min(looked_at, MOST_SAMPLED), min(readable, MOST_SAMPLED)
            yield Sample(what=what, looked_at=seen, readable=good, proves=proves)
