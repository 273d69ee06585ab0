"""Intercom's description, on a double written from its OpenAPI document."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import Bench, find
from tests.integration.connectors.rest import intercom as world
from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.conformance import ConformanceInWalks

LISTS = (
    "POST .*/contacts/search$",
    "POST .*/conversations/search$",
    "POST .*/tickets/search$",
    "POST .*/calls/search$",
)
READS = tuple(rf"GET .*/{name}/\w+$" for name in ("contacts", "conversations", "tickets", "calls"))


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("VENDOR_KEY", world.KEY)
    monkeypatch.setenv("WRONG_KEY", "wrong")
    site = world.Intercom()
    with site.double.running():
        yield site


def connector(site, secret="env:VENDOR_KEY"):
    return connector_on(site.double.address, "intercom", secret)


def give_to_ben(site) -> RecordRef:
    site.rows["conversations"].pop(world.LATER)
    site.add(world.LATER, (world.BEN,), ((world.BEN, "Ben's oven"),))
    return RecordRef("desk", "conversation", world.LATER)


def add_many(site):
    site.rows["contacts"][world.IDA] = world.contact(world.IDA, "Ida Busy", "ida@example.com")
    for number in range(600, 605):
        site.add(str(number), (world.IDA,), ((world.IDA, "Again."),))
    return known(email="ida@example.com"), {"contact": 1, "conversation": 5, "first_message": 5}


def bench_on(site) -> Bench:
    return worlds.bench_on(
        site,
        partial(connector, site),
        expected={"contact": 1, "conversation": 3, "first_message": 3, "ticket": 1, "call": 1},
        lists=LISTS,
        reads=READS,
        method_for={
            "contact": Method.ERASE,
            "conversation": Method.ERASE,
            "first_message": Method.REDACT,
            "ticket": Method.ERASE,
        },
        beyond_a_page=partial(add_many, site),
        change_hands=partial(give_to_ben, site),
        first=(("conversation", "contact"), ("first_message", "conversation")),
        tickets={
            world.OWN: next(iter(known(email=worlds.EMAIL))),
            world.BENS: next(iter(known(email=worlds.BEN_EMAIL))),
            "987654": WhyNot.NO_TICKET,
        },
        given=frozenset({"It hums in A flat.", "Thank you for the parcel.", "My lid is stuck."}),
        withheld=frozenset({"Mine fell off.", "My stove stays cold.", "A toaster"}),
    )


class TestDeleting(ConformanceInWalks):
    """Her conversations go, then her profile."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        site.rows["conversations"].pop(world.SHARED)
        bench = bench_on(site)
        return replace(
            bench,
            expected={**bench.expected, "conversation": 2, "first_message": 2},
            never_shared="The conversation of several people is taken out.",
            withheld=bench.withheld - {"Mine fell off."},
            held=site.held,
        )


class TestRedacting(ConformanceInWalks):
    """A conversation with another contact keeps their words and loses hers; her address stays beside them."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        shared = frozenset({RecordRef("desk", "conversation", world.SHARED)})
        methods = {"conversation": Method.REDACT, "first_message": Method.REDACT}
        return replace(
            bench_on(site),
            method_for=methods,
            shared=shared,
            residue=frozenset({"conversation", "first_message"}),
            first=(("first_message", "conversation"),),
        )


def test_a_message_without_a_text_is_not_called_redacted(site):
    """Intercom redacts texts only: what is a picture alone stays, with the reason."""
    part = site.rows["conversations"][world.SHARED]["conversation_parts"]["conversation_parts"][1]
    part |= {"body": "", "attachments": [{"name": "lid.png", "url": "https://x.intercomcdn.com/lid.png"}]}
    desk = connector(site)
    found = find(desk, known(email=worlds.EMAIL))
    ref = RecordRef("desk", "conversation", world.SHARED)
    (outcome,) = desk.erase([ref], Method.REDACT, found.known)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert outcome.reason == "Intercom keeps it because it only redacts messages with a text."


def test_a_profile_stays_as_long_as_a_conversation_would_go_with_it(site):
    """The vendor removes all conversations of a contact, also those with other people."""
    desk = connector(site)
    found = find(desk, known(email=worlds.EMAIL))
    assert {item.kind for item in found.known} >= {IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID}
    (outcome,) = desk.erase([RecordRef("desk", "contact", world.ANNA)], Method.ERASE, found.known)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert world.SHARED in site.rows["conversations"]
