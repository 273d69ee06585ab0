"""Fields of tickets that hold identifiers: searched, given, learnt in the person's own tickets, emptied."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Document, Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import find
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, erase, known, running

ANNA = known(email=world.EMAIL)
NUMBER = 31
FIELDS = {"ticket_identifier_fields": {str(NUMBER): "customer_id"}}
HER_ID, BENS_ID = "KD-777001", "KD-555002"


def field_of(desk: Desk, ticket: int) -> object:
    with desk.state.lock:
        return {item["id"]: item["value"] for item in desk.state.tickets[ticket]["custom_fields"]}.get(NUMBER)


@pytest.fixture
def desk() -> Iterator[Desk]:
    """Anna's own ticket has her customer number, which her profile lacks; Ben's has his, and an agent's hers again."""
    data = world.data()
    next(user for user in data["users"] if user["id"] == world.ANNA)["external_id"] = None
    for ticket in data["tickets"]:
        value = {world.OWN: HER_ID, world.BENS: BENS_ID}.get(ticket["id"])
        if value:
            ticket["custom_fields"] = [{"id": NUMBER, "value": value}, {"id": 32, "value": "blue"}]
    own = next(ticket for ticket in data["tickets"] if ticket["id"] == world.OWN)
    typed_in = {"requester_id": world.AGENT, "submitter_id": world.AGENT, "subject": "call", "description": "call"}
    data["tickets"].append({**own, "id": 20, **typed_in, "collaborator_ids": [], "email_cc_ids": []})
    with running(data) as desk:
        yield desk


def tickets(found: Identifiers, desk: Desk) -> set[int]:
    subject = find(desk.connector(**FIELDS), found).subject
    return {int(item.record.ref) for item in subject if item.record.kind == "ticket"}


def test_a_field_is_learnt_in_her_own_ticket_and_leads_to_others(desk: Desk) -> None:
    """By her address the agent's ticket is found as well; by the number alone hers is, below a profile to decide on."""
    assert 20 not in {
        int(item.record.ref) for item in find(desk.connector(), ANNA).subject if item.record.kind == "ticket"
    }
    connector = desk.connector(**FIELDS)
    found = find(connector, ANNA)
    assert known(customer_id=HER_ID) <= found.known
    assert {world.OWN, 20} <= tickets(ANNA, desk)
    alone = find(connector, known(customer_id=HER_ID))
    assert ("ticket", str(world.OWN)) in {(item.record.kind, item.record.ref) for item in alone.everything}
    assert tickets(known(customer_id=HER_ID), desk) == {20}
    desk.state.ignores_filters = True
    assert world.BENS not in tickets(known(customer_id=HER_ID), desk)


def test_a_declared_field_is_given_and_emptied_and_read_again(desk: Desk) -> None:
    """In her ticket it goes with the redaction, in the copy it is given; Ben's and other fields stay."""
    connector, own = desk.connector(**FIELDS), RecordRef("helpdesk", "ticket", str(world.OWN))
    given = find(connector, ANNA).known
    (document,) = (part for part in connector.extract([own], given) if isinstance(part, Document))
    assert HER_ID in str(document.content)
    before = next(iter(connector.presence([own], given)))
    assert before.state is PresenceState.PRESENT
    (outcome,) = erase(connector, [own], ANNA, Method.REDACT)
    assert outcome.kind is OutcomeKind.REDACTED
    assert field_of(desk, world.OWN) is None
    assert field_of(desk, world.BENS) == BENS_ID
    assert {"id": 32, "value": "blue"} in desk.state.tickets[world.OWN]["custom_fields"]
    desk.state.tickets[world.OWN]["custom_fields"][0]["value"] = HER_ID
    after = next(iter(connector.presence([own], ANNA)))
    assert (after.state, after.detail) == (
        PresenceState.PRESENT,
        "A field with an identifier of the person is still filled in the ticket.",
    )


def test_doctor_reads_the_declared_fields(desk: Desk) -> None:
    """A field that holds something else is noticed."""
    (sample,) = (item for item in desk.connector(**FIELDS).samples() if "ticket field" in item.what)
    assert (sample.looked_at, sample.readable) == (4, 4)
    wrong = {"ticket_identifier_fields": {"32": "email"}}
    (sample,) = (item for item in desk.connector(**wrong).samples() if "ticket field" in item.what)
    assert sample.is_wrong
