"""Taking the subject out of tickets that stay, and blanking their fields."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from rightsflow.domain.errors import Transient
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import find
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, erase, known, running


def ref(number: int) -> RecordRef:
    return RecordRef("helpdesk", "ticket", str(number))


def everything_known(desk: Desk) -> Identifiers:
    return find(desk.connector(), known(email=world.EMAIL)).known


def redact(desk: Desk, number: int, given: Identifiers | None = None) -> Outcome:
    [outcome] = erase(desk.connector(), [ref(number)], given or everything_known(desk), Method.REDACT)
    return outcome


def state_of(desk: Desk, number: int, given: Identifiers) -> PresenceState:
    [seen] = desk.connector().presence([ref(number)], given)
    return seen.state


def comments(desk: Desk, number: int) -> dict[int, dict[str, Any]]:
    return {one["id"]: one for one in desk.state.comments[number]}


@pytest.mark.apart
def test_what_she_wrote_goes_whole_and_the_rest_stays(desk: Desk) -> None:
    given = everything_known(desk)
    assert state_of(desk, world.SHARED, given) is PresenceState.PRESENT
    assert redact(desk, world.SHARED, given).kind is OutcomeKind.REDACTED
    held = comments(desk, world.SHARED)
    assert set(held[107]["body"]) == {"▇"}
    assert held[107]["attachments"][0]["file_name"] == "redacted.txt"
    assert held[108]["body"] == "Ben here: ▇▇▇▇▇▇▇▇▇ is out, ring me at 030 901820."
    assert held[108]["attachments"][0]["file_name"] == "ben.pdf"
    # As long as her profile is there, the ticket leads to it.
    assert state_of(desk, world.SHARED, given) is PresenceState.RESIDUE


@pytest.mark.apart
def test_marks_reach_links_entities_and_numbers_across_tags(desk: Desk) -> None:
    redact(desk, world.SHARED)
    html = comments(desk, world.SHARED)[109]["html_body"]
    assert "mailto" not in html
    assert "anna" not in html.casefold()
    assert "5678" not in html
    assert "dear Ben Berg" in html
    assert "&amp;" in html


@pytest.mark.apart
def test_fields_and_copies_of_her_go_and_an_own_ticket_is_closed(desk: Desk) -> None:
    redact(desk, world.SHARED)
    ticket = desk.state.tickets[world.SHARED]
    assert set(ticket["subject"]) == {"▇"}, "the headline is her own words"
    assert ticket["custom_fields"] == [{"id": 31, "value": None}, {"id": 32, "value": "blue"}]
    assert ticket["tags"] == ["vip"]
    assert ticket["status"] == "closed"
    assert ticket["email_cc_ids"] == [world.BEN]


def test_headline_that_staff_typed_in_for_her_loses_her_name_alone(desk: Desk) -> None:
    desk.state.tickets[world.SHARED]["submitter_id"] = next(
        key for key, user in desk.state.users.items() if user["role"] != "end-user"
    )
    redact(desk, world.SHARED)
    assert desk.state.tickets[world.SHARED]["subject"] == "Delivery for ▇▇▇▇▇▇▇▇▇ and family"


@pytest.mark.apart
def test_headline_of_hers_that_an_agent_put_back_is_seen(desk: Desk) -> None:
    given = everything_known(desk)
    redact(desk, world.SHARED, given)
    desk.state.tickets[world.SHARED] |= {"subject": "Delivery", "raw_subject": "Delivery"}
    assert state_of(desk, world.SHARED, given) is PresenceState.PRESENT


@pytest.mark.apart
def test_closing_unblocks_the_profile() -> None:
    with running(world.data(without_tickets=(world.OWN,))) as desk:
        given = everything_known(desk)
        redact(desk, world.SHARED, given)
        [outcome] = erase(desk.connector(), [RecordRef("helpdesk", "user", str(world.ANNA))], given)
        assert outcome.kind is OutcomeKind.ERASED
        assert state_of(desk, world.SHARED, given) is PresenceState.ABSENT


@pytest.mark.apart
def test_anothers_ticket_stays_open_and_she_leaves_it(desk: Desk) -> None:
    assert redact(desk, world.COPIED).kind is OutcomeKind.REDACTED
    ticket = desk.state.tickets[world.COPIED]
    assert ticket["status"] == "open"
    assert ticket["email_cc_ids"] == [world.CARLA]
    held = comments(desk, world.COPIED)
    assert held[110]["body"] == "The boiler is cold."
    assert set(held[111]["body"]) == {"▇"}


@pytest.mark.apart
def test_account_that_takes_copies_by_actions_only_gets_them(desk: Desk) -> None:
    unchanged = {"ticket": desk.state.tickets[world.COPIED] | {"id": world.COPIED}}
    desk.fault("PUT", f"/tickets/{world.COPIED}$", status=200, body=unchanged)
    redact(desk, world.COPIED)
    assert desk.calls("PUT", f"/tickets/{world.COPIED}") == 1 + 1 + 1  # the file, the ticket, the action


@pytest.mark.apart
def test_mention_goes_and_the_sentence_stays(desk: Desk) -> None:
    given = everything_known(desk)
    assert redact(desk, world.MENTION, given).kind is OutcomeKind.REDACTED
    body = comments(desk, world.MENTION)[113]["body"]
    assert world.EMAIL not in body
    assert world.CUSTOMER_ID not in body
    assert body.startswith("It belongs to ▇")
    assert body.endswith(" Sorry, Carla!")
    assert state_of(desk, world.MENTION, given) is PresenceState.ABSENT


@pytest.mark.apart
def test_second_run_changes_nothing(desk: Desk) -> None:
    given = everything_known(desk)
    redact(desk, world.SHARED, given)
    before = desk.everything()
    desk.state.journal.clear()
    assert redact(desk, world.SHARED, given).kind is OutcomeKind.REDACTED
    assert desk.calls("PUT", "/") == 0
    assert desk.everything() == before


@pytest.mark.apart
def test_ticket_that_is_gone_is_erased(desk: Desk) -> None:
    assert redact(desk, 999).kind is OutcomeKind.ERASED


@pytest.fixture
def closed_desk() -> Iterator[Desk]:
    data = world.data()
    [shared] = [one for one in data["tickets"] if one["id"] == world.SHARED]
    shared["status"] = "closed"
    with running(data) as desk:
        yield desk


@pytest.mark.apart
def test_headline_of_a_closed_ticket_stays_and_is_said(closed_desk: Desk) -> None:
    given = everything_known(closed_desk)
    outcome = redact(closed_desk, world.SHARED, given)
    assert outcome.kind is OutcomeKind.RESIDUE
    assert "closed" in outcome.reason
    assert state_of(closed_desk, world.SHARED, given) is PresenceState.PRESENT
    held = comments(closed_desk, world.SHARED)
    assert set(held[107]["body"]) == {"▇"}
    assert held[107]["attachments"][0]["file_name"] == "redacted.txt"


@pytest.mark.apart
def test_headline_without_her_name_stays_in_a_closed_ticket_and_is_said(closed_desk: Desk) -> None:
    closed_desk.state.tickets[world.SHARED] |= {"subject": "Late again", "custom_fields": [], "tags": []}
    outcome = redact(closed_desk, world.SHARED)
    assert outcome.kind is OutcomeKind.RESIDUE
    assert "its headline, which the person wrote" in outcome.reason


def test_closed_ticket_of_another_in_which_she_only_read_is_not_said_to_be_blacked_out() -> None:
    data = world.data()
    [copied] = [one for one in data["tickets"] if one["id"] == world.COPIED]
    copied["status"] = "closed"
    data["comments"] = [
        one for one in data["comments"] if one["ticket_id"] != world.COPIED or one["author_id"] != world.ANNA
    ]
    with running(data) as desk:
        outcome = redact(desk, world.COPIED)
        assert outcome.kind is OutcomeKind.REDACTED
        assert outcome.reason.startswith("Nothing in the ticket was written by you or names you")


@pytest.mark.apart
def test_file_that_a_closed_ticket_does_not_give_up_is_a_failure(closed_desk: Desk) -> None:
    invalid = {"error": "RecordInvalid", "description": "Record validation errors", "details": {}}
    closed_desk.fault("PUT", "/comment_redactions/107", status=422, body=invalid)
    outcome = redact(closed_desk, world.SHARED)
    assert outcome.kind is OutcomeKind.FAILED
    assert "file" in outcome.reason
    assert "passport" not in outcome.reason


@pytest.mark.apart
def test_comment_that_changed_meanwhile_is_a_failure_and_goes_through_the_next_time(desk: Desk) -> None:
    desk.fault("PUT", "/comment_redactions/111", status=422, body={"error": "RecordInvalid", "details": {}})
    given = everything_known(desk)
    assert redact(desk, world.COPIED, given).kind is OutcomeKind.FAILED
    assert state_of(desk, world.COPIED, given) is PresenceState.PRESENT
    assert redact(desk, world.COPIED, given).kind is OutcomeKind.REDACTED
    assert state_of(desk, world.COPIED, given) is PresenceState.ABSENT


@pytest.mark.apart
def test_ticket_that_an_agent_changes_meanwhile_is_tried_again(desk: Desk) -> None:
    desk.fault("PUT", f"/tickets/{world.COPIED}$", status=409, body={"error": "UpdateConflict"})
    given = everything_known(desk)
    with pytest.raises(Transient):
        redact(desk, world.COPIED, given)
    assert redact(desk, world.COPIED, given).kind is OutcomeKind.REDACTED


@pytest.mark.apart
def test_files_reach_the_limit_per_ticket_and_the_rest_waits(desk: Desk) -> None:
    desk.fault("PUT", "/attachments/904/redact", status=429, body="Number of allowed", retry_after=600)
    with pytest.raises(Transient) as raised:
        redact(desk, world.COPIED)
    assert raised.value.retry_after == 600


@pytest.mark.apart
def test_comment_of_somebody_deleted_leaves_the_ticket_unknown(desk: Desk) -> None:
    given = everything_known(desk)
    redact(desk, world.COPIED, given)
    ghost = desk.state.comments[world.COPIED][0] | {"id": 999, "author_id": 424242}
    desk.state.comments[world.COPIED].append(ghost)
    assert state_of(desk, world.COPIED, given) is PresenceState.UNKNOWN


@pytest.mark.apart
def test_name_of_anothers_file_cannot_be_changed_and_is_said() -> None:
    data = world.data()
    data["comments"][7]["attachments"][0]["file_name"] = "letter to Anna Berg.pdf"
    with running(data) as desk:
        outcome = redact(desk, world.SHARED)
    assert outcome.kind is OutcomeKind.FAILED
    assert "another's file" in outcome.reason


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
