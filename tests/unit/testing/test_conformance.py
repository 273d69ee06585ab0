"""The suite passes a whole system and fails every broken one."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from rightsflow.domain.connector import Health
from rightsflow.domain.errors import ConnectorError, Misconfigured, Permanent
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import (
    Blob,
    Document,
    Located,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    RecordRef,
)
from rightsflow.testing.bench import Bench
from rightsflow.testing.conformance import ConnectorConformance
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from rightsflow.testing.remote import FakeRemote, Filter
from tests.support.conformance import ConformanceInWalks
from tests.unit.testing.population import EMAIL, bench_on


def refused() -> FakeSystem:
    system = FakeSystem()
    for operation in ("probe", "locate"):
        system.fail(operation, Misconfigured("The login is refused; put a valid one there."), times=None)
    return system


class TestConformance(ConnectorConformance):
    @pytest.fixture
    def bench(self) -> Bench:
        return bench_on(FakeSystem(), refused)


class TestConformanceOfARemoteSystem(ConformanceInWalks):
    @pytest.fixture
    def bench(self) -> Bench:
        return bench_on(FakeRemote(), refused)


class ReadsARefusalAsEmpty(FakeRemote):
    """Takes one status of a list for an empty list."""

    status = ""

    def read_list(self, listed: str, fits: Filter) -> Iterator[FakeRecord]:
        try:
            yield from super().read_list(listed, fits)
        except ConnectorError as error:
            if error.status != self.status:
                raise


class ReadsNotFoundAsEmpty(ReadsARefusalAsEmpty):
    status = "404"


class ReadsARefusedConnectionAsEmpty(ReadsARefusalAsEmpty):
    status = ""


class WalksEverybodysProfile(FakeRemote):
    """Lists what hangs on a profile without asking ``claims``."""

    def may_walk(self, profile: FakeRecord, known: Identifiers) -> bool:
        return True


class LeavesThePhoneOut(FakeRemote):
    """Gives an owner without the number that the record was found by."""

    def owner_of(self, record: FakeRecord) -> Identifiers:
        return frozenset(one for one in record.owner if one.kind is not IdentifierKind.PHONE)


class TakesAnybodysAccount(FakeRemote):
    """Compares account ids without the system that issued them."""

    def sought(self, known: Identifiers) -> list[Identifier]:
        mine = {replace(one, issuer=self.system) if one.issuer else one for one in known}
        return super().sought(frozenset(mine))


class SwallowsAnOutage(FakeSystem):
    def locate(self, known: Identifiers) -> Iterator[Located]:
        try:
            yield from super().locate(known)
        except ConnectorError:
            return


class NamesNoFields(FakeSystem):
    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        yield from (replace(seen, fields=()) for seen in super().presence(refs, known))


class RaisesFromItsProbe(FakeSystem):
    def probe(self) -> Health:
        list(super().locate(frozenset()))
        return Health(ok=True, detail="The system answers.")


class MissesTheSecondPage(FakeSystem):
    def locate(self, known: Identifiers) -> Iterator[Located]:
        yield from list(super().locate(known))[:-1]


class FindsEverybody(FakeSystem):
    def locate(self, known: Identifiers) -> Iterator[Located]:
        everybody = frozenset(one for record in self.records() for who, _ in record.texts for one in who)
        yield from super().locate(known | everybody)


class SaysNotWhose(FakeSystem):
    def locate(self, known: Identifiers) -> Iterator[Located]:
        for located in super().locate(known):
            yield Located(record=located.record, category=located.category)


class DropsADocument(FakeSystem):
    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        yield from super().extract(refs[1:], known)


class GivesWhatJsonCannotHold(FakeSystem):
    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for part in super().extract(refs, known):
            if isinstance(part, Document):
                yield Document(record=part.record, category=part.category, content={"known": (1, 2)})
            else:
                yield part


class StreamsOnce(FakeSystem):
    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for part in super().extract(refs, known):
            if isinstance(part, Blob):
                stream = part.open()
                yield Blob(
                    record=part.record,
                    category=part.category,
                    name=part.name,
                    media_type=part.media_type,
                    open=lambda stream=stream: stream,
                )
            else:
                yield part


class StreamsWhole(FakeSystem):
    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for part in super().extract(refs, known):
            if isinstance(part, Blob):
                yield Blob(
                    record=part.record,
                    category=part.category,
                    name=part.name,
                    media_type=part.media_type,
                    open=lambda: iter([b"R" * 2_000_000]),
                )
            else:
                yield part


class CannotRepeat(FakeSystem):
    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        held = {(record.kind, record.key) for record in self.records()}
        if any((ref.kind, ref.ref) not in held for ref in refs):
            raise Permanent("The record is not there; look it up.", system=self.system)
        yield from super().erase(refs, method, known)


class TellsWhatWasGone(FakeSystem):
    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        held = {(record.kind, record.key) for record in self.records()}
        for outcome in super().erase(refs, method, known):
            was_there = (outcome.record.kind, outcome.record.ref) in held
            yield outcome if was_there else replace(outcome, reason="It was gone already.")


class LeavesOneOut(FakeSystem):
    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        yield from list(super().erase(refs, method, known))[1:]


class ErasesNothing(FakeSystem):
    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        yield from (Outcome(record=ref, kind=OutcomeKind.ERASED) for ref in refs)


class ErasesTheNeighboursToo(FakeSystem):
    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        yield from super().erase(refs, Method.ERASE if method is Method.REDACT else method, known)
        with self._lock:
            for ref in [ref for ref in self._records if ref.kind == "ticket"]:
                del self._records[ref]


class ForcesLocks(FakeSystem):
    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        with self._lock:
            for ref in refs:
                self._records.pop(ref, None)
        yield from super().erase(refs, method, known)


class ChainsTheVendorsError(FakeSystem):
    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        try:
            yield from super().presence(refs, known)
        except ConnectorError:
            vendors = ValueError(f"404 for /users?query={EMAIL.value}")
            raise Permanent("There is no answer; look at the system.", system=self.system) from vendors


BROKEN = {
    ReadsNotFoundAsEmpty: "test_a_list_that_is_refused_does_not_look_empty",
    ReadsARefusedConnectionAsEmpty: "test_a_list_that_is_refused_does_not_look_empty",
    WalksEverybodysProfile: "test_what_hangs_on_somebody_else_is_not_listed",
    LeavesThePhoneOut: "test_every_declared_search_finds_and_names_what_was_asked_for",
    TakesAnybodysAccount: "test_an_account_of_another_system_finds_nothing",
    SwallowsAnOutage: "test_locate_in_an_outage_raises",
    NamesNoFields: "test_what_leads_back_after_an_erasure_is_a_residue_with_its_fields",
    RaisesFromItsProbe: "test_probe_in_an_outage_says_so_and_does_not_raise",
    MissesTheSecondPage: "test_locate_finds_exactly_the_subjects_records",
    FindsEverybody: "test_locate_of_a_stranger_is_empty",
    SaysNotWhose: "test_locate_says_whose_each_record_is",
    DropsADocument: "test_extract_gives_at_least_one_part_per_record",
    GivesWhatJsonCannotHold: "test_extracted_documents_are_json",
    StreamsOnce: "test_extracted_blobs_stream_and_can_be_read_again",
    StreamsWhole: "test_extracted_blobs_stream_and_can_be_read_again",
    CannotRepeat: "test_erase_can_be_repeated_and_is_told_of_in_the_same_words",
    TellsWhatWasGone: "test_erase_can_be_repeated_and_is_told_of_in_the_same_words",
    LeavesOneOut: "test_erase_gives_one_outcome_per_record_and_a_fresh_read_shows_nothing",
    ErasesNothing: "test_erase_gives_one_outcome_per_record_and_a_fresh_read_shows_nothing",
    ErasesTheNeighboursToo: "test_erase_leaves_everybody_else_alone",
    ForcesLocks: "test_a_record_the_system_holds_is_an_outcome_with_refused",
    ChainsTheVendorsError: "test_nothing_said_or_logged_shows_the_subject",
}


@pytest.mark.long
def test_a_broken_connector_fails(caplog: pytest.LogCaptureFixture):
    """Besides the faults that the tutorial's bench finds: ``tests/unit/testing/test_first_connector.py``."""
    for broken, sentence in BROKEN.items():
        caplog.clear()
        test = getattr(ConnectorConformance(), sentence)
        given = {"bench": bench_on(broken(), refused), "caplog": caplog}
        with pytest.raises((AssertionError, pytest.fail.Exception, ConnectorError)):
            test(**{name: given[name] for name in inspect.signature(test).parameters})


@pytest.mark.apart
def test_credentials_that_are_not_checked_fail(caplog: pytest.LogCaptureFixture):
    suite = ConnectorConformance()
    with pytest.raises(AssertionError):
        suite.test_probe_with_wrong_credentials_says_so_and_does_not_raise(bench_on(FakeSystem(), FakeSystem))
    with pytest.raises(pytest.fail.Exception):
        suite.test_wrong_credentials_do_not_look_like_an_empty_system(bench_on(FakeSystem(), FakeSystem))
