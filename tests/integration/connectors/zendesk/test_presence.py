"""Looking again: what is certain, what is not, and what is no answer at all."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.errors import Permanent
from rightsflow.domain.vocabulary.records import PresenceState, RecordRef
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, known

ANNA = known(email=world.EMAIL)
USER = RecordRef("helpdesk", "user", str(world.ANNA))
TICKET = RecordRef("helpdesk", "ticket", str(world.OWN))


def state_of(desk: Desk, ref: RecordRef) -> PresenceState:
    [seen] = desk.connector().presence([ref], ANNA)
    return seen.state


def test_deleted_profile_that_still_shows_its_name_is_unknown(desk: Desk) -> None:
    old = {"user": {"id": world.ANNA, "active": False, "email": world.EMAIL, "name": world.NAME, "phone": None}}
    desk.fault("GET", f"/users/{world.ANNA}$", status=200, body=old)
    assert state_of(desk, USER) is PresenceState.UNKNOWN


def test_deleted_profile_that_was_blanked_is_absent(desk: Desk) -> None:
    blank = {"id": world.ANNA, "active": False, "email": None, "name": "Permanently Deleted User", "phone": None}
    desk.fault("GET", f"/users/{world.ANNA}$", status=200, body={"user": blank})
    desk.fault("GET", f"/deleted_users/{world.ANNA}$", status=200, body={"deleted_user": blank})
    assert state_of(desk, USER) is PresenceState.ABSENT


@pytest.mark.parametrize(
    "body",
    [{"error": "InvalidEndpoint", "description": "Not found"}, "<html>No help desk here</html>"],
    ids=["unknown address", "web page"],
)
def test_not_found_that_does_not_speak_of_the_record_proves_nothing(desk: Desk, body: Any) -> None:
    desk.fault("GET", f"/tickets/{world.OWN}$", status=404, body=body)
    with pytest.raises(Permanent):
        state_of(desk, TICKET)


def test_empty_not_found_counts(desk: Desk) -> None:
    desk.fault("GET", f"/tickets/{world.OWN}$", status=404, body=None)
    assert state_of(desk, TICKET) is PresenceState.ABSENT


def test_search_is_never_asked(desk: Desk) -> None:
    refs = [USER, TICKET, RecordRef("helpdesk", "suspended-ticket", str(world.SUSPENDED))]
    assert {one.state for one in desk.connector().presence(refs, ANNA)} == {PresenceState.PRESENT}
    assert not [one for one in desk.state.journal.entries if "search" in one.path]


def test_link_to_a_partners_recording_that_went_with_its_ticket_is_unknown(desk: Desk) -> None:
    assert state_of(desk, RecordRef("helpdesk", "partner-recording", "999:1:")) is PresenceState.UNKNOWN


def test_stub_of_a_permanently_deleted_profile_that_keeps_the_customer_id_is_a_residue(desk: Desk) -> None:
    """It was called absent by address, number and name alone; its external_id is the customer id in the shop."""
    blank = {"id": world.ANNA, "active": False, "email": None, "name": "Permanently Deleted User", "phone": None}
    stub = blank | {"external_id": world.CUSTOMER_ID, "notes": f"formerly {world.EMAIL}"}
    desk.fault("GET", f"/users/{world.ANNA}$", status=200, body={"user": stub})
    desk.fault("GET", f"/deleted_users/{world.ANNA}$", status=404, body=None)
    [seen] = desk.connector().presence([USER], ANNA)
    assert (seen.state, set(seen.fields)) == (PresenceState.RESIDUE, {"external_id", "notes"})
    assert "the customer id" in seen.detail


@pytest.mark.parametrize("said", ["To Berg, Anna.", "For ANNA  BERG", "Send it to anna.berg%40example.com"])
def test_a_spelling_that_no_redaction_looks_for_is_a_residue(desk: Desk, said: str) -> None:
    """The ticket was called absent: the name was looked for as the profile spells it."""
    ticket = RecordRef("helpdesk", "ticket", str(world.DORAS))
    desk.state.comments[world.DORAS][0] |= {"plain_body": said, "body": said}
    [seen] = desk.connector().presence([ticket], ANNA | known(name=world.NAME))
    assert seen.state in {PresenceState.RESIDUE, PresenceState.PRESENT}
    assert said not in seen.detail


def test_senders_address_in_the_technical_data_of_a_redacted_ticket_is_a_residue(desk: Desk) -> None:
    """A redaction cannot reach it, and the ticket was called absent."""
    ticket = RecordRef("helpdesk", "ticket", str(world.DORAS))
    [before] = desk.connector().presence([ticket], ANNA)
    assert before.state is PresenceState.ABSENT
    [comment] = desk.state.comments[world.DORAS]
    comment["via"] = {"channel": "email", "source": {"from": {"address": world.EMAIL, "name": None}, "to": {}}}
    [seen] = desk.connector().presence([ticket], ANNA)
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, ("comments.via.source.from.address",))
