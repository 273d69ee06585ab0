"""The steps and checks that the sentences of the conformance suite are made of."""

from __future__ import annotations

import hashlib
import traceback
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

import pytest

from rightsflow.domain.connector import Connector
from rightsflow.domain.errors import ConnectorError, Misconfigured
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import Blob, Fact, Method, Outcome, Part, Presence, PresenceState, RecordRef
from rightsflow.testing.bench import Bench, Found, by_kind, find, may_go

# ruff: noqa: S101 - asserting is what a test suite is for


FAILURES = (ConnectorError, Misconfigured)
"""The errors that a connector may raise: a missing file cannot be distinguished from a wrong path."""
LARGEST_CHUNK = 1024 * 1024
"""Bytes that one chunk of a blob may have: memory stays flat whatever the size."""


def with_wrong_credentials(bench: Bench) -> Connector:
    """Return the connector that the system refuses; skips the test where the system has no credentials."""
    connector = bench.wrong_credentials()
    if connector is None:
        pytest.skip("the system knows no credentials")
    return connector


def assert_names_a_mend(detail: str) -> None:
    """Check that a sentence names a fault and its remedy, as in: X is wrong; do Y."""
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
    """Return the subject's records that a plan would erase by the bench's methods."""
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
    """Return all texts that a whole life of the subject's records produces, outside the data themselves."""
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


# ruff: noqa: S101 - asserting is what a test suite is for


NO_SHARED = (
    "The bench has no record that other people share with the subject; add one and name it in `shared`, or say in "
    "`never_shared` why the system has none."
)


class OtherPeople:
    """Sentences about records of several people, of other people, and of kinds that hang on each other."""

    # -- shared records --------------------------------------------------------------------------------------------

    def test_a_record_of_several_people_is_reported_as_shared(self, bench: Bench) -> None:
        """A plan redacts such a record and never removes it, and knows it by its fact alone."""
        assert bench.shared or bench.never_shared, NO_SHARED
        facts = {located.record: located.facts for located in bench.found.everything}
        assert bench.shared <= facts.keys(), "a shared record of the subject was not found"
        unsaid = sorted({ref.kind for ref in bench.shared if Fact.SHARED not in facts[ref]})
        assert not unsaid, f"not reported as shared: {unsaid}"

    # -- extract ---------------------------------------------------------------------------------------------------

    def test_an_extract_holds_what_is_the_subjects_and_nothing_of_anybody_else(self, bench: Bench) -> None:
        """Every planted text of the subject is given to its end, and none of a neighbour, in shared records too."""
        if not (bench.given or bench.withheld):
            pytest.skip("the bench names no texts to look for")
        found = bench.found
        texts = [text for part in bench.connector.extract(found.refs, found.known) for text in texts_in(part)]
        missing = [item for item in bench.given if not any(item in text for text in texts)]
        assert not missing, f"{len(missing)} texts of the subject are missing or cut"
        strange = [withheld for withheld in bench.withheld if any(withheld in text for text in texts)]
        assert not strange, f"{len(strange)} texts of other people were given"

    def test_an_extract_gives_each_document_and_file_once(self, bench: Bench) -> None:
        """A page that is read twice is a copy in which everything stands twice."""
        found = bench.found
        parts = list(bench.connector.extract(found.refs, found.known))
        given = Counter(
            (part.record, part.name if isinstance(part, Blob) else repr(dict(part.content))) for part in parts
        )
        assert not [record.kind for (record, _), times in given.items() if times > 1]

    def test_a_read_that_is_refused_does_not_look_empty(self, bench: Bench) -> None:
        """A record that could not be read is neither left out of an extract nor called absent."""
        if not bench.refused_reads:
            pytest.skip("the bench refuses no read of a record")
        found = bench.found
        for name, refused in bench.refused_reads.items():
            with refused():
                with pytest.raises(FAILURES):
                    read_all(bench, found)
                try:
                    states = {ref.state for ref in bench.connector.presence(found.refs, found.known)}
                except FAILURES:
                    continue
                assert not states & {PresenceState.ABSENT, PresenceState.RESIDUE}, f"{name}: read as absent"

    # -- a fresh look ----------------------------------------------------------------------------------------------

    def test_a_record_that_changed_hands_is_neither_given_nor_erased(self, bench: Bench) -> None:
        """Each step reads again whose a record is: days lie between the search and the erasure."""
        if bench.change_hands is None:
            pytest.skip("no record of the system can become another person's")
        found, before = bench.found, bench.neighbours()
        ref = bench.change_hands()
        assert ref in found.refs, "`change_hands` has to give away a record of the subject"
        after = bench.neighbours()
        assert after != before, "`neighbours` has to show the record that changed hands"
        assert not list(bench.connector.extract([ref], found.known)), "another person's record was given"
        outcomes = list(bench.connector.erase([ref], bench.method_for[ref.kind], found.known))
        assert [outcome.record for outcome in outcomes] == [ref]
        assert bench.neighbours() == after, "another person's record was erased"
        (seen,) = bench.connector.presence([ref], found.known)
        assert seen.state is not PresenceState.PRESENT, "another person's record was taken for the subject's"

    # -- the order of kinds ----------------------------------------------------------------------------------------

    def test_each_kind_is_erased_before_the_one_it_hangs_on(self, bench: Bench) -> None:
        """The profile by which other records are found goes last, where it is removed and not redacted."""
        places = {kind.name: place for place, kind in enumerate(bench.connector.capabilities.kinds)}
        everything = bench.found.everything
        pairs = {(located.record.kind, located.via.kind) for located in everything if located.via}
        pairs = {pair for pair in pairs if bench.method_for.get(pair[1]) is Method.ERASE} | set(bench.first)
        wrong = sorted(f"{first} after {then}" for first, then in pairs if places[first] > places[then])
        assert not wrong, f"the declared order of kinds loses records: {wrong}"

    def test_what_is_not_yet_erased_is_still_found(self, bench: Bench) -> None:
        """A run that is killed between two kinds goes on where it was, with what the request gave."""
        found = bench.found
        groups = by_kind(bench.connector, erasable(bench, found))
        for number, (kind, refs) in enumerate(groups):
            list(bench.connector.erase(refs, bench.method_for[kind], found.known))
            later = {ref for _, some in groups[number + 1 :] for ref in some}
            lost = later and later - {located.record for located in find(bench.connector, bench.known).everything}
            assert not lost, f"gone or not found once {kind} was erased: {sorted({ref.kind for ref in lost})}"

    def test_what_is_erased_is_gone_from_the_system(self, bench: Bench) -> None:
        """The connector's word is not taken for it: the system itself is asked for the planted texts."""
        if bench.held is None:
            pytest.skip("the bench does not show what the system holds")
        planted = bench.given | bench.withheld
        assert all(withheld in bench.held() for withheld in planted), (
            "the system does not hold all texts that the bench names"
        )
        found = bench.found
        erase(bench, found)
        held = bench.held()
        assert not [item for item in bench.given if item in held], "texts of the subject are still held"
        assert all(withheld in held for withheld in bench.withheld), "texts of other people are gone"

    # -- nearly the same -------------------------------------------------------------------------------------------

    def test_nearly_the_same_identifier_finds_nothing(self, bench: Bench) -> None:
        """A number with a digit more or less, an id in other capitals and a longer address are other people's."""
        known = bench.found.known
        searched = [item for item in known if item.kind.value in bench.connector.capabilities.searches]
        wrong: set[str] = set()
        for near in (near for item in sorted(searched) for near in _nearly(item)):
            if near not in known:
                listed = bench.connector.locate(frozenset({near}))
                found = (item for item in listed if not item.via and not item.is_context)
                wrong |= {near.kind.value for located in found if near not in located.owner}
        assert not wrong, f"records of other identifiers were found by: {sorted(wrong)}"


def _nearly(identifier: Identifier) -> Iterator[Identifier]:
    """Identifiers that a careless comparison takes for this one."""
    if identifier.kind is IdentifierKind.EMAIL:
        values = {f"x{identifier.value}", f"{identifier.value}.au"}
    else:
        values = {f"{identifier.value}0", identifier.value[:-1]}
        values |= set() if identifier.kind is IdentifierKind.PHONE else {identifier.value.swapcase()}
    yield from (replace(identifier, value=value) for value in sorted(values - {identifier.value, ""}))
