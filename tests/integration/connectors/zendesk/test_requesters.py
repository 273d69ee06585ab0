"""Who asked in a ticket: the end user on file, without numbers of several people, and never an agent."""

from __future__ import annotations

import pytest

from rightsflow.domain.identifiers import IdentifierKind, of_kind
from rightsflow.domain.request import Channel
from rightsflow.domain.requesters import NoRequester, WhyNot
from tests.integration.connectors.zendesk import world


def change(desk, kind, key, **fields):
    with desk.state.lock:
        getattr(desk.state, kind)[key].update(fields)


def test_the_requesters_own_identifiers_channel_and_day_are_read(desk):
    change(desk, "tickets", world.OWN, via={"channel": "email"})
    requester = desk.connector().requester_of(str(world.OWN))
    assert of_kind(requester.identifiers, IdentifierKind.EMAIL) == [world.EMAIL.lower()]
    assert of_kind(requester.identifiers, IdentifierKind.CUSTOMER_ID) == [world.CUSTOMER_ID]
    assert (requester.channel, requester.asked_at.isoformat()) == (Channel.EMAIL, "2026-02-28T23:30:00+00:00")


def test_a_number_that_several_people_share_is_not_the_requesters(desk):
    requester = desk.connector().requester_of(str(world.BENS))
    assert of_kind(requester.identifiers, IdentifierKind.PHONE) == []
    assert of_kind(requester.identifiers, IdentifierKind.EMAIL) == ["ben.berg@example.com"]


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"requester_id": world.AGENT}, WhyNot.AGENT),
        ({"requester_id": None}, WhyNot.NO_REQUESTER),
        ({"requester_id": 987654321}, WhyNot.NO_REQUESTER),
    ],
    ids=["agent's own", "no requester", "requester is gone"],
)
def test_a_ticket_without_a_customer_is_refused(desk, fields, why):
    change(desk, "tickets", world.OWN, **fields)
    with pytest.raises(NoRequester, match=why.value[:40]):
        desk.connector().requester_of(str(world.OWN))


def test_a_requester_who_is_deleted_or_has_no_identifier_is_refused(desk):
    change(desk, "users", world.BEN, email=None, external_id=None, user_fields={})
    for number in (world.BENS, world.COPIED):
        with pytest.raises(NoRequester, match="names no requester"):
            desk.connector().requester_of(str(number))
