"""The tutorial's bench lets the connector of its page pass, and finds each fault that an outside author planted."""

from __future__ import annotations

import ast
import functools
import inspect
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from rightsflow.domain.connector import Sample
from rightsflow.domain.errors import ConnectorError, Permanent, RightsflowError
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import (
    Located,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    PresenceState,
    RecordRef,
)
from rightsflow.testing.bench import Bench
from rightsflow.testing.conformance import ConnectorConformance
from tests.unit.testing.desk_connector import CUSTOMER, TICKET, DeskConnector, Row
from tests.unit.testing.desk_peer import DeskPeer

PAGE = Path(__file__).parents[3] / "docs" / "tutorial" / "first-connector.md"


def bench_on(desk_peer: Any) -> Bench:
    """A desk with Anna, Ben, who wrote in a ticket of hers, and Eve, who shares her telephone."""
    desk_peer.fill()
    return Bench(
        connector=desk_peer.connector(),
        known=frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")}),
        nobody=frozenset({identifier(IdentifierKind.EMAIL, "nobody@example.com")}),
        expected={"ticket": 3, "customer": 1},
        canaries=frozenset({"anna@example.com", "+4930901820", "K-1001", "Anna Quill", "kettle"}),
        neighbours=desk_peer.of_others,
        outage=functools.partial(desk_peer.failing, "*", 503),
        method_for={"ticket": Method.REDACT, "customer": Method.ERASE},
        wrong_credentials=lambda: desk_peer.connector(token="wrong"),
        # A record of two people, what has to be given of the whole, and what never.
        shared=frozenset({RecordRef("desk", "ticket", "12")}),
        given=frozenset({"A humming kettle", "It hums in A flat.", "My lid is stuck.", "Thank you for the parcel."}),
        withheld=frozenset({"Mine fell off.", "My stove stays cold.", "My toaster smokes.", "Ben Stone"}),
        held=desk_peer.held,
        change_hands=desk_peer.give_to_ben,
        first=(("ticket", "customer"),),
        # What servers do that no author thinks of.
        ignoring_filters=desk_peer.ignoring_filters,
        refused_lists={
            f"{sort} {status}": functools.partial(desk_peer.failing, f"{sort} list", status)
            for sort in ("customers", "tickets", "messages")
            for status in (403, 404)
        },
        refused_reads={
            f"{sort} {status}": functools.partial(desk_peer.failing, f"{sort} read", status)
            for sort in ("customers", "tickets")
            for status in (403, 500)
        },
        leaving_residue=functools.partial(desk_peer.keeping, "was anna@example.com"),
        beyond_a_page=desk_peer.add_many,
    )


class TestConformance(ConnectorConformance):
    @pytest.fixture
    def bench(self) -> Bench:
        return bench_on(DeskPeer())


def test_the_page_has_this_bench():
    (shown,) = (one for one in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL) if "def bench_on" in one)
    (function,) = (one for one in ast.parse(shown).body if isinstance(one, ast.FunctionDef))
    ours = ast.parse(inspect.getsource(bench_on)).body[0]
    assert isinstance(ours, ast.FunctionDef)
    assert ast.dump(ast.Module(function.body, [])) == ast.dump(ast.Module(ours.body, []))


# -- the faults ----------------------------------------------------------------------------------------------------


class BelievesTheFilter(DeskConnector):
    """Takes what a list gives for what was asked for."""

    def is_hit(self, customer: Row, asked: Identifier) -> bool:
        return True

    def is_of(self, ticket: Row, customer: Row) -> bool:
        return True


class CallsHitsTheSubjects(DeskConnector):
    """Says of each customer that was found that it is the subject, also of who shares the telephone."""

    def located(self, customer: Row, known: Identifiers) -> Iterator[Located]:
        for one in super().located(customer, known):
            yield one if one.via else replace(one, owner=one.owner | known)


class ReadsTheFirstPage(DeskConnector):
    def listed(self, operation: str, path: str, asked: Row) -> Iterator[Row]:
        yield from self.page(operation, path, asked, 0)[0]


class ReadsOnlyTheFirstMessages(DeskConnector):
    """Reads lists of records to their end, and of a ticket's messages one page."""

    def messages(self, operation: str, ticket: Row) -> list[Row]:
        return self.page(operation, f"/tickets/{ticket['id']}/messages", {}, 0)[0]


class ReadsForbiddenAsEmpty(DeskConnector):
    def page(self, operation: str, path: str, asked: Row, number: int) -> tuple[list[Row], bool]:
        try:
            return super().page(operation, path, asked, number)
        except Permanent:
            return [], False


class CutsTexts(DeskConnector):
    """A column of its own that is too short."""

    def ticket_content(self, ticket: Row, known: Identifiers) -> Row:
        content = super().ticket_content(ticket, known)
        return content | {"messages": [one[:250] for one in content["messages"]]}


class SwallowsErrorsOfAnExtract(DeskConnector):
    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for ref in refs:
            try:
                yield from super().extract([ref], known)
            except RightsflowError:
                continue


class SkipsRefusedRecords(DeskConnector):
    """An outage stops it, a record that it may not read does not."""

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for ref in refs:
            try:
                yield from super().extract([ref], known)
            except Permanent:
                continue


class ErasesWithoutALook(DeskConnector):
    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        done = OutcomeKind.REDACTED if method is Method.REDACT else OutcomeKind.ERASED
        for ref in refs:
            if ref.kind == CUSTOMER:
                self._call("DELETE", self.path(ref), {})
            elif (row := self.read("erase", ref)) is not None:
                authors = {one["author"] for one in self.messages("erase", row)} - {"staff"}
                mine = known | {identifier(IdentifierKind.EMAIL, one) for one in authors if len(authors) == 1 and one}
                self.remove(ref, row, mine)
            yield Outcome(record=ref, kind=done)


class ErasesNothing(DeskConnector):
    """Says so of tickets, and believes itself when it looks."""

    def remove(self, ref: RecordRef, row: Row, known: Identifiers) -> None:
        if ref.kind == CUSTOMER:
            super().remove(ref, row, known)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        for seen in super().presence(refs, known):
            yield Presence(record=seen.record, state=PresenceState.ABSENT) if seen.record.kind == TICKET else seen


class CallsRefusedAbsent(DeskConnector):
    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        for ref in refs:
            try:
                yield from super().presence([ref], known)
            except Permanent:
                yield Presence(record=ref, state=PresenceState.ABSENT)


class CallsOutagesAbsent(DeskConnector):
    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        for ref in refs:
            try:
                yield from super().presence([ref], known)
            except ConnectorError:
                yield Presence(record=ref, state=PresenceState.ABSENT)


class DeletesSharedTickets(DeskConnector):
    """Deletes where it should redact."""

    def remove(self, ref: RecordRef, row: Row, known: Identifiers) -> None:
        self.send("DELETE", self.path(ref), {})


class KeepsQuietAboutSharing(DeskConnector):
    def is_shared(self, ticket: Row, owner: Identifiers) -> bool:
        return False


class GivesEverybodysMessages(DeskConnector):
    def ticket_content(self, ticket: Row, known: Identifiers) -> Row:
        messages = [one["text"] for one in self.messages("extract", ticket)]
        return super().ticket_content(ticket, known) | {"messages": messages}


class ErasesCustomersFirst(DeskConnector):
    order = (CUSTOMER, TICKET)


class GoesByTheKeyAlone(DeskConnector):
    """What is at the key is the subject's."""

    def is_the_subjects(self, operation: str, ref: RecordRef, row: Row, known: Identifiers) -> bool:
        return bool(row.get("customer", True))


class GivesTwice(DeskConnector):
    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        for part in super().extract(refs, known):
            yield from (part, part)


class ListsTwice(DeskConnector):
    def located(self, customer: Row, known: Identifiers) -> Iterator[Located]:
        for one in super().located(customer, known):
            yield from (one, one)


class ShowsInItsRepr(DeskConnector):
    def locate(self, known: Identifiers) -> Iterator[Located]:
        self.last = sorted(one.value for one in known)
        yield from super().locate(known)

    def __repr__(self) -> str:
        return f"<DeskConnector {vars(self)}>"


class LogsPaths(DeskConnector):
    def page(self, operation: str, path: str, asked: Row, number: int) -> tuple[list[Row], bool]:
        import logging

        logging.getLogger("rightsflow.example_desk").info("GET %s %s", path, asked)
        return super().page(operation, path, asked, number)


class QuotesInErrors(DeskConnector):
    def page(self, operation: str, path: str, asked: Row, number: int) -> tuple[list[Row], bool]:
        try:
            return super().page(operation, path, asked, number)
        except ConnectorError as error:
            raise Permanent(f"No answer for {asked}; look at the desk.", system="desk") from error


class ClaimsASearch(DeskConnector):
    """Says that it searches by customer number, and asks for a field that the desk does not have."""

    def listed(self, operation: str, path: str, asked: Row) -> Iterator[Row]:
        yield from () if "number" in asked else super().listed(operation, path, asked)


class LeavesTheHeadline(DeskConnector):
    """Empties messages, and looks at messages alone."""

    def send(self, method: str, path: str, given: Row) -> None:
        super().send(method, path, {name: value for name, value in given.items() if name != "subject"})


class ComparesWithoutCase(DeskConnector):
    """Lists everybody and compares ids as it compares addresses."""

    def listed(self, operation: str, path: str, asked: Row) -> Iterator[Row]:
        yield from super().listed(operation, path, {} if "number" in asked else asked)

    def is_hit(self, customer: Row, asked: Identifier) -> bool:
        return any(one.value.casefold() == asked.value.casefold() for one in self.owner_of(customer))


class ComparesBeginnings(DeskConnector):
    """Lists everybody and takes a number for another one with an extension."""

    def listed(self, operation: str, path: str, asked: Row) -> Iterator[Row]:
        yield from super().listed(operation, path, {} if "phone" in asked else asked)

    def is_hit(self, customer: Row, asked: Identifier) -> bool:
        return any(one.value.startswith(asked.value) for one in self.owner_of(customer))


class SamplesNothingInAnOutage(DeskConnector):
    def samples(self) -> Iterator[Sample]:
        try:
            yield from super().samples()
        except ConnectorError:
            return


class CallsWhatIsKeptAbsent(DeskConnector):
    def left_in(self, ref: RecordRef, row: Row, known: Identifiers) -> tuple[str, ...]:
        return ()


FAULTS = {
    BelievesTheFilter: "test_a_server_that_ignores_filters_gives_nobody_elses_records",
    CallsHitsTheSubjects: "test_locate_finds_exactly_the_subjects_records",
    ReadsTheFirstPage: "test_records_beyond_the_first_page_are_found",
    ReadsOnlyTheFirstMessages: "test_an_extract_holds_what_is_the_subjects_and_nothing_of_anybody_else",
    ReadsForbiddenAsEmpty: "test_a_list_that_is_refused_does_not_look_empty",
    CutsTexts: "test_an_extract_holds_what_is_the_subjects_and_nothing_of_anybody_else",
    SwallowsErrorsOfAnExtract: "test_extract_in_an_outage_raises",
    SkipsRefusedRecords: "test_a_read_that_is_refused_does_not_look_empty",
    ErasesWithoutALook: "test_a_record_that_changed_hands_is_neither_given_nor_erased",
    ErasesNothing: "test_what_is_erased_is_gone_from_the_system",
    CallsRefusedAbsent: "test_a_read_that_is_refused_does_not_look_empty",
    CallsOutagesAbsent: "test_presence_in_an_outage_is_unknown",
    DeletesSharedTickets: "test_erase_leaves_everybody_else_alone",
    KeepsQuietAboutSharing: "test_a_record_of_several_people_is_reported_as_shared",
    GivesEverybodysMessages: "test_an_extract_holds_what_is_the_subjects_and_nothing_of_anybody_else",
    ErasesCustomersFirst: "test_each_kind_is_erased_before_the_one_it_hangs_on",
    GoesByTheKeyAlone: "test_a_record_that_changed_hands_is_neither_given_nor_erased",
    GivesTwice: "test_an_extract_gives_each_document_and_file_once",
    ListsTwice: "test_locate_lists_each_record_once_and_as_declared",
    ShowsInItsRepr: "test_nothing_said_or_logged_shows_the_subject",
    LogsPaths: "test_nothing_said_or_logged_shows_the_subject",
    QuotesInErrors: "test_nothing_said_or_logged_shows_the_subject",
    ClaimsASearch: "test_every_declared_search_finds_and_names_what_was_asked_for",
    LeavesTheHeadline: "test_what_is_erased_is_gone_from_the_system",
    ComparesWithoutCase: "test_nearly_the_same_identifier_finds_nothing",
    ComparesBeginnings: "test_nearly_the_same_identifier_finds_nothing",
    SamplesNothingInAnOutage: "test_samples_in_an_outage_raise",
    CallsWhatIsKeptAbsent: "test_what_leads_back_after_an_erasure_is_a_residue_with_its_fields",
}


class FaultyPeer(DeskPeer):
    """The desk, read by a connector with a fault."""

    faulty: type[DeskConnector] = DeskConnector

    def connector(self, kind: type[DeskConnector] | None = None, token: str = "right") -> DeskConnector:
        return super().connector(kind or self.faulty, token)


@pytest.mark.apart
def test_a_planted_fault_is_found_with_the_tutorials_bench(caplog: pytest.LogCaptureFixture):
    for fault, sentence in FAULTS.items():
        caplog.clear()
        peer = FaultyPeer()
        peer.faulty = fault
        test = getattr(ConnectorConformance(), sentence)
        given = {"bench": bench_on(peer), "caplog": caplog}
        with pytest.raises((AssertionError, pytest.fail.Exception)):
            test(**{name: given[name] for name in inspect.signature(test).parameters})


def test_a_bench_without_a_shared_record_is_refused_with_a_sentence():
    suite, bench = ConnectorConformance(), bench_on(DeskPeer())
    with pytest.raises(AssertionError, match="no record that other people share"):
        suite.test_a_record_of_several_people_is_reported_as_shared(replace(bench, shared=frozenset()))
    reason = "The desk has no records of several people."
    suite.test_a_record_of_several_people_is_reported_as_shared(replace(bench, shared=frozenset(), never_shared=reason))
