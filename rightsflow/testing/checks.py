"""The steps and checks that the sentences of the conformance suite are made of."""

# ruff: noqa: S101 - asserting is what a test suite is for

from __future__ import annotations

import hashlib
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import pytest

from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import ConnectorError, Misconfigured
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import Blob, Outcome, Part, Presence, PresenceState, RecordRef
from rightsflow.testing.bench import Bench, Found, by_kind, find, may_go

FAILURES = (ConnectorError, Misconfigured)
"""The errors that a connector may raise: a missing file cannot be distinguished from a wrong path."""
LARGEST_CHUNK = 1024 * 1024
"""Bytes that one chunk of a blob may have: memory stays flat whatever the size."""


def with_wrong_credentials(bench: Bench) -> Connector:
    """The connector that the system refuses; skips the test where the system knows no credentials."""
    connector = bench.wrong_credentials()
    if connector is None:
        pytest.skip("the system knows no credentials")
    return connector


def assert_names_a_mend(detail: str) -> None:
    """A house rule more than a proof: a sentence with a part after the fault, as in: X is wrong; do Y."""
    assert detail.endswith("."), detail
    assert len(detail.split()) >= 5, detail
    assert any(mark in detail for mark in ("; ", ", ", ". ", ": ")), detail


def assert_found(found: Found, expected: Mapping[str, int]) -> None:
    """Hold how many records of each kind are the subject's."""
    seen = dict(Counter(ref.kind for ref in found.refs))
    assert seen == {kind: number for kind, number in expected.items() if number}, f"located {seen}"


def shared_by_many(known: Identifiers) -> Identifiers:
    """Return identifiers that identify no one: the known names and dates of birth, and further ones."""
    some = {Identifier(IdentifierKind.NAME, "Anna Quill"), Identifier(IdentifierKind.BIRTH_DATE, "1980-02-13")}
    return frozenset(identifier for identifier in known if not identifier.finds) | some


def erasable(bench: Bench, found: Found) -> list[RecordRef]:
    """The subject's records that a plan would erase by the bench's methods."""
    return [
        item.record
        for item in found.subject
        if item.record.kind in bench.method_for and may_go(item, bench.method_for[item.record.kind])
    ]


def erase(bench: Bench, found: Found) -> list[Outcome]:
    """Erase in the declared order of kinds, and hold that each ref has exactly one outcome."""
    outcomes: list[Outcome] = []
    for kind, refs in by_kind(bench.connector, erasable(bench, found)):
        batch = list(bench.connector.erase(refs, bench.method_for[kind], found.known))
        assert Counter(ref.record for ref in batch) == Counter(refs), f"not one outcome per {kind}"
        outcomes += batch
    return outcomes


def told(outcomes: Iterable[Outcome]) -> dict[RecordRef, tuple[object, ...]]:
    """Return the facts that a person is told of each record, without the vendor's request id."""
    return {
        outcome.record: (outcome.kind, outcome.reason, outcome.legal_basis, outcome.until, outcome.refused)
        for outcome in outcomes
    }


def assert_absent(bench: Bench, refs: Sequence[RecordRef], found: Found) -> None:
    """Hold that a fresh read shows each of the refs once: absent, or as the residue that the bench declares."""
    seen = list(bench.connector.presence(refs, found.known))
    assert Counter(ref.record for ref in seen) == Counter(refs)
    wrong = [ref for ref in seen if ref.state not in _after(bench, ref)]
    assert not wrong, sorted({f"{ref.record.kind} {ref.state}: {ref.detail}" for ref in wrong})
    assert all(ref.fields and ref.detail for ref in seen if ref.state is PresenceState.RESIDUE)


def _after(bench: Bench, seen: Presence) -> frozenset[PresenceState]:
    """Return the states that a fresh read after an erasure may show of a record."""
    keeps = seen.record.kind in bench.residue
    return frozenset({PresenceState.ABSENT, PresenceState.RESIDUE} if keeps else {PresenceState.ABSENT})


def read_all(bench: Bench, found: Found) -> None:
    """Extract everything and drain the blobs."""
    for part in bench.connector.extract(found.refs, found.known):
        if isinstance(part, Blob):
            digest(part)


def texts_in(part: Part) -> list[str]:
    """Return all texts that a part gives the person, before other people's data are redacted."""
    if isinstance(part, Blob):
        content = b"".join(part.open()).decode("utf-8", "replace")
        return [part.name, *_texts_of(part.metadata), content]
    texts = list(_texts_of(part.content))
    for other in sorted(part.others, key=len, reverse=True):
        texts = [text.replace(other, "") for text in texts]
    return texts


def _texts_of(value: object) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from (str(key), *_texts_of(inner))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts_of(inner)
    else:
        yield str(value)


def digest(blob: Blob) -> str:
    """Read a blob from the beginning, and hold that it streams in bounded chunks and is not empty."""
    digest, size = hashlib.sha256(), 0
    for chunk in blob.open():
        assert len(chunk) <= LARGEST_CHUNK
        digest.update(chunk)
        size += len(chunk)
    assert size, "a blob was empty"
    return digest.hexdigest()


def everything_said(bench: Bench) -> Iterator[str]:
    """All texts that a whole life of the subject's records brings forth, outside the data themselves."""
    connector = bench.connector
    found = find(connector, bench.known)
    yield repr(connector)
    yield connector.probe().detail
    for located in found.everything:
        yield f"{located!r} {located} {located.category}"
    for part in connector.extract(found.refs, found.known):
        yield f"{part!r} {part}"
    yield from _said_in_an_outage(bench, found)
    for outcome in erase(bench, found):
        yield f"{outcome!r} {outcome.request_id}"
    for seen in connector.presence(found.refs, found.known):
        yield repr(seen)


def _said_in_an_outage(bench: Bench, found: Found) -> Iterator[str]:
    connector = bench.connector
    calls: list[Callable[[], Iterable[object]]] = [
        lambda: connector.locate(bench.known),
        lambda: connector.extract(found.refs, found.known),
        lambda: connector.presence(found.refs, found.known),
    ]
    for kind, refs in by_kind(connector, erasable(bench, found)):
        calls.append(partial(connector.erase, refs, bench.method_for[kind], found.known))
    with bench.outage():
        yield connector.probe().detail
        for call in calls:
            try:
                yield from map(repr, call())
            except FAILURES as error:
                yield f"{error} {error!r}"
                yield "".join(traceback.format_exception(error))
