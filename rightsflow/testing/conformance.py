"""The conformance suite: what every connector, ours and third parties', has to do.

Subclass :class:`ConnectorConformance` in a test module and override its fixture ``bench`` (see
:class:`~rightsflow.testing.bench.Bench`). Each test holds one sentence of the contract in
``rightsflow.domain.connector``.
"""

# ruff: noqa: S101 - asserting is what a test suite is for

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace

import pytest

from rightsflow.domain.attribution import claims
from rightsflow.domain.connector import MOST_SAMPLED, ReadsRequesters, ShowsCoverage
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.requesters import NoRequester, WhyNot
from rightsflow.domain.vocabulary.records import Blob, Document, Fact, OutcomeKind, PresenceState
from rightsflow.testing.bench import Bench, by_kind, find
from rightsflow.testing.checks import (
    FAILURES,
    OtherPeople,
    assert_absent,
    assert_found,
    assert_names_a_mend,
    digest,
    erasable,
    erase,
    everything_said,
    read_all,
    shared_by_many,
    told,
    with_wrong_credentials,
)

__all__ = ["Bench", "ConnectorConformance"]

GONE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.RESIDUE, OutcomeKind.PSEUDONYMISED})

UNSEEN = frozenset({PresenceState.ABSENT, PresenceState.UNKNOWN})


class ConnectorConformance(OtherPeople):
    """The suite; a subclass named ``Test…`` with its own ``bench`` fixture is collected by pytest."""

    @pytest.fixture
    def bench(self) -> Iterator[Bench]:
        """Override this with a bench on fresh peer state."""
        raise NotImplementedError("override the fixture `bench` in your subclass")

    # -- probe -----------------------------------------------------------------------------------------------------

    def test_probe_of_a_healthy_system_is_ok(self, bench: Bench) -> None:
        """A reachable system with good credentials is healthy, and says what was seen."""
        health = bench.connector.probe()
        assert health.ok, health.detail
        assert health.detail.strip()

    def test_probe_in_an_outage_says_so_and_does_not_raise(self, bench: Bench) -> None:
        """An unhealthy system is an answer with a mend, not an error."""
        with bench.outage():
            health = bench.connector.probe()
        assert not health.ok
        assert_names_a_mend(health.detail)

    def test_probe_with_wrong_credentials_says_so_and_does_not_raise(self, bench: Bench) -> None:
        """Credentials that the system refuses are an answer with a mend, not an error."""
        health = with_wrong_credentials(bench).probe()
        assert not health.ok
        assert_names_a_mend(health.detail)

    # -- samples ---------------------------------------------------------------------------------------------------

    def test_samples_show_that_the_mapping_reads_what_is_there(self, bench: Bench) -> None:
        """On a system that holds people no mapping is wrong, and no sample is larger than it may be."""
        for sample in bench.connector.samples():
            assert not sample.is_wrong, str(sample)
            assert 0 <= sample.readable <= sample.looked_at <= MOST_SAMPLED
            assert sample.what.strip()

    # -- locate ----------------------------------------------------------------------------------------------------

    def test_locate_finds_exactly_the_subjects_records(self, bench: Bench) -> None:
        """No record is missed and none is counted that is not the subject's."""
        found = bench.found
        assert_found(found, bench.expected)

    def test_locate_lists_each_record_once_and_as_declared(self, bench: Bench) -> None:
        """Refs are unique, bear the system's name, and their kinds are declared."""
        connector = bench.connector
        listed = [located.record for located in connector.locate(bench.known)]
        assert not [ref for ref, times in Counter(listed).items() if times > 1]
        assert {ref.system for ref in listed} <= {connector.system}
        assert {ref.kind for ref in listed} <= {kind.name for kind in connector.capabilities.kinds}

    def test_locate_says_whose_each_record_is(self, bench: Bench) -> None:
        """Each record names its owner, or a record it was reached through that was listed too."""
        everything = list(bench.connector.locate(bench.known))
        listed = {located.record for located in everything}
        assert all(located.owner or located.via in listed for located in everything)
        assert all(located.category.strip() for located in everything)
        assert all(located.locked_until for located in everything if Fact.LOCKED in located.facts)

    def test_locate_of_a_stranger_is_empty(self, bench: Bench) -> None:
        """No other person's records come up for a person that the system does not hold."""
        assert list(bench.connector.locate(bench.nobody)) == []

    # -- a search hit is a claim -----------------------------------------------------------------------------------

    def test_a_server_that_ignores_filters_gives_nobody_elses_records(self, bench: Bench) -> None:
        """A hit counts only if it carries the identifier that was asked for, whatever the server was asked."""
        if bench.ignoring_filters is None:
            pytest.skip("the system cannot ignore filters")
        with bench.ignoring_filters():
            assert_found(find(bench.connector, bench.known), bench.expected)
            assert list(bench.connector.locate(bench.nobody)) == []

    def test_every_declared_search_finds_and_names_what_was_asked_for(self, bench: Bench) -> None:
        """Each declared kind of identifier finds something by itself, and what it finds carries that identifier.

        Attribution judges by what a record names: one found by a number that it does not give would never be contested.
        """
        known = bench.found.known
        for kind in sorted(bench.connector.capabilities.searches):
            asked = [frozenset({item}) for item in known if item.kind == kind]
            assert asked, f"the bench's subject has no {kind}: give it one, or do not declare the search"
            found = [(item, list(bench.connector.locate(item))) for item in asked]
            assert any(listed for _, listed in found), f"the search by {kind} is declared and finds nothing"
            unnamed = [
                item.record.kind
                for given, listed in found
                for item in listed
                if not item.via and not item.is_context and not item.owner & given
            ]
            assert not unnamed, f"records found by {kind} that do not name it: {sorted(set(unnamed))}"

    def test_an_account_of_another_system_finds_nothing(self, bench: Bench) -> None:
        """Two systems give the same account id to different people."""
        known = bench.found.known
        accounts = [item for item in known if item.kind is IdentifierKind.ACCOUNT_ID]
        # Nor does what many people share: a name, a date of birth.
        strange = shared_by_many(known).union(
            replace(account, issuer=f"not-{account.issuer}"[:32]) for account in accounts
        )
        assert list(bench.connector.locate(strange)) == []

    def test_what_hangs_on_somebody_else_is_not_listed(self, bench: Bench) -> None:
        """A profile that matches by a number only and names another person is not walked: see ``claims``."""
        found = bench.found
        strangers = {
            located.record for located in found.everything if not located.via and not claims(located.owner, found.known)
        }
        if not strangers:
            pytest.skip("the bench has no person who shares a number with the subject")
        assert not [located.record.kind for located in found.everything if located.via in strangers]

    def test_records_beyond_the_first_page_are_found(self, bench: Bench) -> None:
        """A list is read to its end."""
        if bench.beyond_a_page is None:
            pytest.skip("the system has no pages")
        known, expected = bench.beyond_a_page()
        assert_found(find(bench.connector, known), expected)

    # -- coverage --------------------------------------------------------------------------------------------------

    def test_coverage_names_places_and_no_values(self, bench: Bench) -> None:
        """Where offered, each place has a name and what it looks like; nothing of a record is in it."""
        connector = bench.connector
        if not isinstance(connector, ShowsCoverage):
            pytest.skip("the connector shows no coverage")
        places = list(connector.uncovered())
        assert len({place.key for place in places}) == len(places)
        assert all(place.name.strip() and place.looks_like.strip() for place in places)
        texts = [text for place in places for text in (place.words, place.looks_like, place.lines)]
        assert not [canary for canary in bench.canaries if any(canary in text for text in texts)]

    def test_coverage_in_an_outage_raises(self, bench: Bench) -> None:
        """A system that could not be read is not one in which everything is configured."""
        connector = bench.connector
        if not isinstance(connector, ShowsCoverage):
            pytest.skip("the connector shows no coverage")
        with bench.outage():
            with pytest.raises(FAILURES):
                list(connector.uncovered())
            assert not bench.connector.probe().ok

    # -- tickets ---------------------------------------------------------------------------------------------------

    def test_the_requester_of_a_ticket_is_read_or_refused_in_a_sentence(self, bench: Bench) -> None:
        """Where declared, a customer's ticket gives that person, and any other is refused without quoting anything."""
        connector = bench.connector
        if not connector.capabilities.has_tickets:
            pytest.skip("the connector reads no requester from a ticket")
        assert isinstance(connector, ReadsRequesters)
        assert any(isinstance(of, Identifier) for of in bench.tickets.values()), "the bench needs a customer's ticket"
        for ticket, of in {**bench.tickets, "99999999": WhyNot.NO_TICKET}.items():
            if isinstance(of, WhyNot):
                with pytest.raises(NoRequester) as refused:
                    connector.requester_of(ticket)
                assert str(refused.value) == of.value, ticket
                continue
            requester = connector.requester_of(ticket)
            assert of in requester.identifiers, ticket
            assert requester.asked_at is None or requester.asked_at.tzinfo is not None
            assert not [canary for canary in bench.canaries if canary in repr(requester)]

    def test_the_requester_of_a_ticket_in_an_outage_raises(self, bench: Bench) -> None:
        """A ticket that could not be read is not one that does not exist."""
        connector = bench.connector
        if not isinstance(connector, ReadsRequesters) or not connector.capabilities.has_tickets:
            pytest.skip("the connector reads no requester from a ticket")
        with bench.outage(), pytest.raises(FAILURES) as failed:
            connector.requester_of(next(iter(bench.tickets)))
        assert not isinstance(failed.value, NoRequester)

    # -- a failed source never looks like an empty one -------------------------------------------------------------

    def test_locate_in_an_outage_raises(self, bench: Bench) -> None:
        """An iterator that ended normally would be a finding that there is nothing."""
        with bench.outage(), pytest.raises(FAILURES):
            list(bench.connector.locate(bench.known))

    def test_a_list_that_is_refused_does_not_look_empty(self, bench: Bench) -> None:
        """403, 404 and a refused connection raise, whichever of the lists it is: nothing was seen there."""
        if not bench.refused_lists:
            pytest.skip("the bench refuses no list")
        known = bench.found.known
        silent = [name for name, refused in bench.refused_lists.items() if not _raises(bench, refused, known)]
        assert not silent, f"read as empty: {silent}"

    def test_samples_in_an_outage_raise(self, bench: Bench) -> None:
        """A mapping that could not be looked at is not one that was."""
        if not list(bench.connector.samples()):
            pytest.skip("the connector has no mapping to check")
        with bench.outage(), pytest.raises(FAILURES):
            list(bench.connector.samples())

    def test_extract_in_an_outage_raises(self, bench: Bench) -> None:
        """Data that could not be read may not be missing from an answer unnoticed."""
        found = bench.found
        with bench.outage(), pytest.raises(FAILURES):
            read_all(bench, found)

    def test_erase_in_an_outage_raises_and_goes_on_afterwards(self, bench: Bench) -> None:
        """The step stops with an error, and the same call goes through when the system is back."""
        found = bench.found
        for kind, refs in by_kind(bench.connector, erasable(bench, found)):
            with bench.outage(), pytest.raises(FAILURES):
                list(bench.connector.erase(refs, bench.method_for[kind], found.known))
        assert {outcome.kind for outcome in erase(bench, found)} <= GONE

    def test_presence_in_an_outage_is_unknown(self, bench: Bench) -> None:
        """Neither absent nor present can be said of a system that does not answer."""
        found = bench.found
        with bench.outage():
            try:
                seen = list(bench.connector.presence(found.refs, found.known))
            except FAILURES:
                return
        assert Counter(ref.record for ref in seen) == Counter(found.refs)
        assert {ref.state for ref in seen} == {PresenceState.UNKNOWN}

    def test_wrong_credentials_do_not_look_like_an_empty_system(self, bench: Bench) -> None:
        """A refused login raises, since nothing was searched."""
        connector = with_wrong_credentials(bench)
        with pytest.raises(RightsflowError):
            list(connector.locate(bench.known))

    # -- extract ---------------------------------------------------------------------------------------------------

    def test_extract_gives_at_least_one_part_per_record(self, bench: Bench) -> None:
        """Every located record reaches the person, and nothing that was not asked for."""
        found = bench.found
        parts = list(bench.connector.extract(found.refs, found.known))
        asked, given = set(found.refs), {part.record for part in parts}
        assert asked <= given, f"no part for {sorted(asked - given)}"
        assert given <= asked, f"parts that were not asked for: {sorted(given - asked)}"

    def test_extracted_documents_are_json(self, bench: Bench) -> None:
        """Documents go into the package as JSON, without a converter that guesses."""
        found = bench.found
        documents = [part for part in bench.connector.extract(found.refs, found.known) if isinstance(part, Document)]
        for document in documents:
            assert json.loads(json.dumps(document.content, allow_nan=False)) == dict(document.content)

    def test_extracted_blobs_stream_and_can_be_read_again(self, bench: Bench) -> None:
        """Bytes come in chunks of at most 1 MiB, and a retry reads the same from the beginning."""
        found = bench.found
        for part in bench.connector.extract(found.refs, found.known):
            if isinstance(part, Blob):
                assert part.name
                assert "/" in part.media_type
                json.dumps(part.metadata, allow_nan=False)
                assert digest(part) == digest(part)

    # -- erase and verify ------------------------------------------------------------------------------------------

    def test_erase_gives_one_outcome_per_record_and_a_fresh_read_shows_nothing(self, bench: Bench) -> None:
        """In the declared order of kinds everything goes, and verifying and searching again prove it."""
        found = bench.found
        refs = erasable(bench, found)
        assert refs, "the bench has nothing to erase: give `method_for` and records that may go"
        # In a record shared with others, nothing of the subject need stand at all.
        alone = [item.record for item in found.subject if item.record in refs and Fact.SHARED not in item.facts]
        assert not {presence.state for presence in bench.connector.presence(alone, found.known)} & UNSEEN
        outcomes = erase(bench, found)
        assert {outcome.kind for outcome in outcomes} <= GONE, sorted({item.reason for item in outcomes})
        assert_absent(bench, refs, found)
        erased = {outcome.record for outcome in outcomes if outcome.kind is OutcomeKind.ERASED}
        assert not erased & {located.record for located in bench.connector.locate(found.known)}
        assert list(bench.connector.extract(sorted(erased), found.known)) == [], "a ref that leads nowhere gave a part"

    def test_what_leads_back_after_an_erasure_is_a_residue_with_its_fields(self, bench: Bench) -> None:
        """``absent`` is said only where a fresh read shows no identifier, no name and no key that leads back."""
        if bench.leaving_residue is None:
            pytest.skip("the system keeps nothing of what is erased")
        with bench.leaving_residue():
            found = find(bench.connector, bench.known)
            refs = erasable(bench, found)
            outcomes = erase(bench, found)
            seen = list(bench.connector.presence(refs, found.known))
        assert Counter(ref.record for ref in seen) == Counter(refs)
        said = {outcome.record for outcome in outcomes if outcome.kind is OutcomeKind.RESIDUE}
        left = [ref for ref in seen if ref.state is PresenceState.RESIDUE]
        assert said or left, "something was left that leads back to the person, and it was called absent"
        assert all(ref.fields and ref.detail.strip() for ref in left)
        shown = " ".join(f"{ref.detail} {ref.fields}" for ref in left)
        assert not any(canary in shown for canary in bench.canaries)

    def test_erase_can_be_repeated_and_is_told_of_in_the_same_words(self, bench: Bench) -> None:
        """A record that is gone already is a success, so a crashed step can run again and no answer shows it."""
        found = bench.found
        for kind, refs in by_kind(bench.connector, erasable(bench, found)):
            first, again = (list(bench.connector.erase(refs, bench.method_for[kind], found.known)) for _ in range(2))
            assert told(again) == told(first), kind
        assert {outcome.kind for outcome in erase(bench, found)} <= GONE
        assert_absent(bench, erasable(bench, found), found)

    def test_erase_leaves_everybody_else_alone(self, bench: Bench) -> None:
        """The neighbours' data are the same before and after, byte for byte."""
        before = bench.neighbours()
        found = bench.found
        read_all(bench, found)
        erase(bench, found)
        erase(bench, found)
        assert bench.neighbours() == before

    def test_a_record_the_system_holds_is_an_outcome_with_refused(self, bench: Bench) -> None:
        """A lock of the system is reported and not an error, and the record is still there."""
        found = bench.found
        held = [item.record for item in found.subject if item.facts & {Fact.LOCKED, Fact.LEGAL_HOLD}]
        held = [ref for ref in held if ref.kind in bench.method_for]
        if not held:
            pytest.skip("the bench has no record that the system holds")
        for kind, refs in by_kind(bench.connector, held):
            outcomes = list(bench.connector.erase(refs, bench.method_for[kind], found.known))
            assert Counter(outcome.record for outcome in outcomes) == Counter(refs)
            assert all(outcome.refused and outcome.kind not in GONE and outcome.reason for outcome in outcomes)
            assert {item.state for item in bench.connector.presence(refs, found.known)} == {PresenceState.PRESENT}

    def test_nothing_asked_is_nothing_done(self, bench: Bench) -> None:
        """Empty lists of refs give empty answers."""
        connector = bench.connector
        assert list(connector.extract([], bench.known)) == []
        assert list(connector.presence([], bench.known)) == []
        for method in sorted(set(bench.method_for.values())):
            assert list(connector.erase([], method, bench.known)) == []

    # -- no personal data outside the data -------------------------------------------------------------------------

    def test_nothing_said_or_logged_shows_the_subject(self, bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
        """Reprs, reasons, errors with their tracebacks, and log lines hold no clear value of the subject."""
        package = type(bench.connector).__module__.partition(".")[0]
        for logger in {package, "rightsflow"}:
            caplog.set_level(logging.DEBUG, logger=logger)
        said = list(everything_said(bench))
        # The root logger stays at its level: warnings of HTTP clients (with URLs in them) count too.
        said += [logging.Formatter().format(record) for record in caplog.records]
        assert bench.canaries, "the bench needs canaries"
        assert not [text for text in said if any(canary in text for canary in bench.canaries)]


def _raises(bench: Bench, refused: Callable[[], AbstractContextManager[object]], known: Identifiers) -> bool:
    """Return whether locating reports that access was refused."""
    with refused():
        try:
            list(bench.connector.locate(known))
        except RightsflowError:
            return True
    return False
