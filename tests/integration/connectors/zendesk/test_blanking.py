"""Fields of tickets that are kept are emptied over the real interface of the sandbox's helpdesk."""

from __future__ import annotations

from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, known

ANNA: Identifiers = known(email=world.EMAIL, customer_id=world.CUSTOMER_ID)
FIELDS = {"order number": 31, "colour": 32}


def ticket(number: int) -> RecordRef:
    return RecordRef("helpdesk", "ticket", str(number))


def held(desk: Desk, number: int) -> dict[int, object]:
    with desk.state.lock:
        return {one["id"]: one["value"] for one in desk.state.tickets[number]["custom_fields"]}


def test_the_fields_of_her_own_ticket_are_emptied_and_those_of_a_shared_one_stay(desk: Desk) -> None:
    connector = desk.connector(ticket_fields=FIELDS)
    kind = connector.capabilities.kind("ticket")
    assert Method.BLANK in kind.methods
    assert kind.blankable == FIELDS.keys()
    shared = held(desk, world.SHARED)
    for _ in range(2):
        (done,) = connector.blank([ticket(world.OWN)], FIELDS, ANNA)
        assert (done.kind, done.reason) == (OutcomeKind.RETAINED, "")
    assert held(desk, world.OWN)[31] is None
    (left,) = connector.blank([ticket(world.SHARED)], FIELDS, ANNA)
    assert left.refused
    assert "another person's data stand in the same record" in left.reason
    (others,) = connector.blank([ticket(world.BENS)], FIELDS, ANNA)
    assert others.kind is OutcomeKind.RETAINED
    assert held(desk, world.SHARED) == shared
    (gone,) = connector.blank([ticket(424242)], FIELDS, ANNA)
    assert gone.kind is OutcomeKind.NOT_HELD


def test_without_the_setting_nothing_is_blanked(desk: Desk) -> None:
    assert not any(Method.BLANK in kind.methods for kind in desk.connector().capabilities.kinds)
