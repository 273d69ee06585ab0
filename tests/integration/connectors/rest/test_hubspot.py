"""HubSpot's description, on a double written from its OpenAPI documents."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import Bench, find
from tests.integration.connectors.rest import hubspot as world
from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.conformance import ConformanceInWalks

# One more peer of the engine, which the other files of this folder try in `make test`.
pytestmark = pytest.mark.apart

KINDS = ("contacts", "tickets", "emails", "calls", "notes")
LISTS = ("POST .*/contacts/search$", *(f"GET .*/associations/{name}$" for name in KINDS[1:]))
READS = tuple(rf"GET .*/v3/objects/{name}/\d+$" for name in KINDS)


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("VENDOR_KEY", world.KEY)
    monkeypatch.setenv("WRONG_KEY", "wrong")
    site = world.HubSpot()
    with site.double.running():
        yield site


def connector(site, secret="env:VENDOR_KEY"):
    return connector_on(site.double.address, "hubspot", secret)


def give_to_ben(site) -> RecordRef:
    site.put("tickets", world.LATER, (world.BEN,), subject="Ben's oven", content="It smells.")
    return RecordRef("desk", "ticket", world.LATER)


def add_many(site):
    site.contact(world.IDA, "Ida Busy", "ida@example.com")
    for number in range(600, 605):
        site.put("tickets", str(number), (world.IDA,), subject="Again", content="It leaks again.")
    return known(email="ida@example.com"), {"contact": 1, "ticket": 5}


def bench_on(site) -> Bench:
    return worlds.bench_on(
        site,
        partial(connector, site),
        expected={"contact": 1, "ticket": 3, "email": 1, "call": 1, "note": 1},
        lists=LISTS,
        reads=READS,
        method_for=dict.fromkeys(("contact", "ticket", "email", "call", "note"), Method.ERASE),
        shared=frozenset({RecordRef("desk", "ticket", world.SHARED)}),
        beyond_a_page=partial(add_many, site),
        change_hands=partial(give_to_ben, site),
        first=(("ticket", "contact"), ("email", "contact")),
        tickets={
            world.OWN: next(iter(known(email=worlds.EMAIL))),
            world.BENS: next(iter(known(email=worlds.BEN_EMAIL))),
            world.SHARED: WhyNot.SEVERAL,
            "987654": WhyNot.NO_TICKET,
        },
        given=frozenset({"It hums in A flat.", "Thank you for the parcel.", "Rings early in the morning."}),
        withheld=frozenset({"My stove stays cold.", "My toaster smokes."}),
    )


class TestDeleting(ConformanceInWalks):
    """What hangs below is blanked and thrown away, then the profile goes for good; a ticket of two people stays."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        return replace(bench_on(site), held=site.held)


def test_an_address_is_never_put_on_the_block_list(site):
    """A permanent deletion names the contact by its id; by an unknown address it would block that address."""
    desk = connector(site)
    found = find(desk, known(email=world.SECOND_EMAIL))
    profile = RecordRef("desk", "contact", world.ANNA)
    for kind in ("email", "call", "note"):
        list(desk.erase([ref for ref in found.refs if ref.kind == kind], Method.ERASE, found.known))
    for _ in range(2):
        (outcome,) = desk.erase([profile], Method.ERASE, found.known)
        assert outcome.kind is OutcomeKind.ERASED
    assert not site.blocked
    assert world.SHARED in site.rows["tickets"]


def test_a_ticket_of_two_contacts_keeps_its_place_and_is_masked(site):
    """It is deleted for neither alone; its text is replaced where a person decides so."""
    desk = connector(site)
    found = find(desk, known(email=worlds.EMAIL))
    ref = RecordRef("desk", "ticket", world.SHARED)
    (kept,) = desk.erase([ref], Method.ERASE, found.known)
    assert (kept.kind, kept.refused) == (OutcomeKind.RETAINED, True)
    (masked,) = desk.erase([ref], Method.REDACT, found.known)
    assert masked.kind is OutcomeKind.REDACTED
    assert site.rows["tickets"][world.SHARED]["properties"]["content"] == "Erased"
