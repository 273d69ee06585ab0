"""Freshdesk's description, on a double written from its API reference."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import pytest

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import Bench, find
from tests.integration.connectors.rest import freshdesk as world
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.conformance import ConformanceInWalks

LISTS = ("GET .*/contacts$", "GET .*/tickets$", "GET .*/conversations$")


@pytest.fixture
def account(monkeypatch):
    monkeypatch.setenv("FRESHDESK_KEY", world.KEY)
    monkeypatch.setenv("WRONG_KEY", "wrong")
    account = world.Freshdesk()
    with account.double.running():
        yield account


def connector(account, secret="env:FRESHDESK_KEY"):
    address = f"{account.double.address}/api/v2"
    return connector_on(address, "freshdesk", secret, values={"subdomain": "example"})


def give_to_ben(account) -> RecordRef:
    account.tickets[world.LATER] |= {"requester_id": world.BEN, "subject": "Ben's oven"}
    account.conversations = {k: v for k, v in account.conversations.items() if v["ticket_id"] != world.LATER}
    return RecordRef("desk", "ticket", str(world.LATER))


def add_many(account) -> tuple[Identifiers, dict[str, int]]:
    account.contacts[world.IDA] = world._contact(world.IDA, "Ida Busy", "ida@example.com")
    for number in range(91, 96):
        account.tickets[number] = world._ticket(number, world.IDA, "Again", "It leaks again.")
    return known(email="ida@example.com"), {"contact": 1, "ticket": 5}


def bench_on(account) -> Bench:
    double = account.double
    return Bench(
        connector=connector(account),
        known=known(email=world.EMAIL),
        nobody=known(email="nobody@example.net", phone="+4940111222333", customer_id="KD-999999"),
        expected={"contact": 1, "ticket": 3},
        canaries=frozenset({world.EMAIL, world.EMAIL.replace("@", "%40"), world.CUSTOMER_ID, world.NAME, "30901820"}),
        neighbours=account.of_others,
        outage=partial(double.failing, ".", 503),
        method_for={"ticket": Method.ERASE, "contact": Method.ERASE},
        wrong_credentials=lambda: connector(account, "env:WRONG_KEY"),
        ignoring_filters=double.ignoring_filters,
        refused_lists={
            f"{path} {status}": partial(double.failing, path, status) for path in LISTS for status in (403, 404, 0)
        },
        refused_reads={
            f"{path} {status}": partial(double.failing, rf"GET .*/{path}/\d+$", status)
            for path in ("contacts", "tickets")
            for status in (403, 500)
        },
        residue=frozenset({"ticket"}),
        beyond_a_page=partial(add_many, account),
        change_hands=partial(give_to_ben, account),
        first=(("ticket", "contact"),),
        tickets={
            str(world.OWN): next(iter(known(email=world.EMAIL))),
            str(world.BENS): next(iter(known(email="ben.stone@example.com"))),
            "987654": WhyNot.NO_TICKET,
            "INC-7": WhyNot.NO_TICKET,
        },
        given=frozenset({"A humming kettle", "It hums in A flat.", "Thank you for the parcel."}),
        withheld=frozenset({"Mine fell off.", "My stove stays cold.", "My toaster smokes."}),
    )


class TestDeleting(ConformanceInWalks):
    """Her tickets go to the trash, and with her profile for good."""

    @pytest.fixture
    def bench(self, account) -> Bench:
        account.tickets.pop(world.SHARED)
        account.conversations = {k: v for k, v in account.conversations.items() if v["ticket_id"] != world.SHARED}
        bench = bench_on(account)
        return replace(
            bench,
            expected={"contact": 1, "ticket": 2},
            never_shared="The ticket of several people is taken out of this account.",
            withheld=bench.withheld - {"Mine fell off."},
            held=account.held,
            given=bench.given,
        )


@pytest.mark.apart
class TestRedacting(ConformanceInWalks):
    """A ticket in which another customer wrote keeps their words and loses hers."""

    @pytest.fixture
    def bench(self, account) -> Bench:
        shared = frozenset({RecordRef("desk", "ticket", str(world.SHARED))})
        return replace(bench_on(account), method_for={"ticket": Method.REDACT}, shared=shared)


def test_a_profile_stays_as_long_as_a_ticket_would_go_with_it(account):
    """Tickets are retained or erased by their own outcome, and never along with the profile."""
    desk = connector(account)
    found = find(desk, known(email=world.EMAIL))
    profile = [ref for ref in found.refs if ref.kind == "contact"]
    (outcome,) = desk.erase(profile, Method.ERASE, found.known)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert "service tickets" in outcome.reason
    assert world.ANNA in account.contacts


def test_a_ticket_in_the_trash_of_a_profile_that_stays_is_a_residue(account):
    """No call empties the trash: what is left there is said, and not that it is erased."""
    desk = connector(account)
    found = find(desk, known(email=world.EMAIL))
    tickets = [RecordRef("desk", "ticket", str(world.OWN))]
    assert [one.kind for one in desk.erase(tickets, Method.ERASE, found.known)] == [OutcomeKind.ERASED]
    (seen,) = desk.presence(tickets, found.known)
    assert seen.state is PresenceState.RESIDUE
    assert "30 days" in seen.detail


def test_new_texts_are_those_that_customers_wrote_since(account):
    """Of a changed ticket what is older is left out, and so is what an employee wrote; the filter is not believed."""
    account.conversations[5001]["created_at"] = "2026-03-05T10:00:00Z"
    account.tickets[world.SHARED]["updated_at"] = "2026-03-05T10:00:00Z"
    texts = list(connector(account).new_texts(datetime(2026, 3, 3, tzinfo=UTC)))
    assert [(one.record.ref, one.text) for one in texts] == [(str(world.SHARED), "Please hurry with my lid.")]
    all_of_them = list(connector(account).new_texts(datetime(2026, 1, 1, tzinfo=UTC)))
    assert {"My lid is stuck.", "Mine fell off.", "Still waiting."} <= {one.text for one in all_of_them}
    assert not [one for one in all_of_them if "We shall look" in one.text]
    assert not [one for one in all_of_them if "lid" in repr(one)]
