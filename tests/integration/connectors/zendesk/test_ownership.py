"""A ticket, a recording or a profile is judged by everybody in it and above it, also when it is read again."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Blob, Fact, Method, Outcome, OutcomeKind, RecordRef
from rightsflow.testing.bench import decide, key_of
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, known, running

ANNA = known(email=world.EMAIL, name=world.NAME)
ALL = ANNA | known(phone=world.LANDLINE, customer_id=world.CUSTOMER_ID) | known(phone=world.MOBILE)


def whose(desk: Desk, given: Identifiers) -> dict[str, Attribution]:
    """Whose the records are that were found, by kind and key."""
    found = list(desk.connector().locate(given))
    decided = decide(found, given).attributions
    return {f"{one.record.kind} {one.record.ref}": decided[key_of(one.record)] for one in found if not one.is_context}


def erased(desk: Desk, kind: str, ref: object, given: Identifiers = ALL) -> Outcome:
    (outcome,) = desk.connector().erase([RecordRef("helpdesk", kind, str(ref))], Method.ERASE, given)
    return outcome


def call(number: int, caller: str, author: int = world.AGENT) -> dict[str, Any]:
    return {
        "id": number,
        "ticket_id": world.SHARED,
        "author_id": author,
        "type": "VoiceComment",
        "body": "A call",
        "data": {"from": caller, "to": "+4930555000", "call_id": number},
        "recording_base64": "UklGRg==",
    }


def test_a_number_alone_in_anothers_ticket_leaves_it_theirs() -> None:
    """Before, the ticket counted as the subject's: excerpts of it were given out and parts of it blacked out."""
    data = world.data(without_tickets=(world.MENTION,))
    data["tickets"].append({"id": 41, "subject": "Other", "status": "open", "requester_id": world.CARLA})
    body = f"my sister's line is {world.LANDLINE}, 030 901820"
    data["comments"].append({"id": 201, "ticket_id": 41, "author_id": world.CARLA, "body": body})
    given = ANNA | known(phone=world.LANDLINE)
    with running(data) as desk:
        found = {(one.record.kind, one.record.ref): one for one in desk.connector().locate(given)}
        assert whose(desk, given)["ticket 41"] is Attribution.ANOTHER
    assert found["user", str(world.CARLA)].is_context
    assert found["ticket", "41"].above == (found["user", str(world.CARLA)].record,)


def test_an_address_in_anothers_ticket_stays_a_mention_of_the_subject(desk: Desk) -> None:
    assert whose(desk, ANNA)[f"ticket {world.MENTION}"] is Attribution.SUBJECT


def test_a_call_by_a_number_of_two_people_in_a_ticket_is_neither_given_nor_erased() -> None:
    """Before, the recording of a relative's call from the shared landline was handed out and deleted."""
    data = world.data()
    data["comments"] += [call(201, world.LANDLINE), call(202, world.MOBILE), call(203, "anonymous", world.ANNA)]
    keys = [f"{world.SHARED}:{number}:{number}" for number in (201, 202, 203)]
    refs = [RecordRef("helpdesk", "call-recording", key) for key in keys]
    with running(data) as desk:
        found = {one.record.ref: one for one in desk.connector().locate(ALL)}
        given = [part.record.ref for part in desk.connector().extract(refs, ALL) if isinstance(part, Blob)]
        kept = erased(desk, "call-recording", keys[0])
        assert desk.calls("DELETE", "/calls/201/recordings") == 0
        gone = erased(desk, "call-recording", keys[1])
        decided = decide(list(found.values()), ALL)
    assert Fact.SHARED in found[keys[0]].facts
    assert given == keys[1:]
    assert (kept.kind, gone.kind) == (OutcomeKind.RETAINED, OutcomeKind.ERASED)
    assert key_of(refs[0]) in decided.shared
    assert key_of(refs[2]) not in decided.shared, "the subject's own entry in a ticket of two people"


@pytest.mark.parametrize("change", ["requester", "copy", "comment"])
def test_a_ticket_that_another_takes_part_in_by_now_is_not_deleted(desk: Desk, change: str) -> None:
    ticket = desk.state.tickets[world.OWN]
    if change == "requester":
        ticket["requester_id"] = world.CARLA
    elif change == "copy":
        ticket["email_cc_ids"] = [world.CARLA]
    else:
        desk.state.comments[world.OWN][0]["author_id"] = world.CARLA
    assert erased(desk, "ticket", world.OWN).kind is OutcomeKind.RETAINED
    assert desk.calls("DELETE", "/tickets") == 0
    assert erased(desk, "ticket", world.CLOSED).kind is OutcomeKind.ERASED


def test_a_recording_in_a_ticket_that_became_anothers_is_left(desk: Desk) -> None:
    desk.state.tickets[world.OWN]["requester_id"] = world.CARLA
    for comment in desk.state.comments[world.OWN]:
        comment["author_id"] = world.CARLA if comment["author_id"] == world.ANNA else comment["author_id"]
        if comment.get("data"):
            comment["data"]["from"] = "+4917099999999"
    key = f"{world.OWN}:{world.VOICE_COMMENT}:{world.CALL}"
    assert erased(desk, "call-recording", key).kind is OutcomeKind.RETAINED
    assert desk.calls("DELETE", "/recordings") == 0


def test_a_profile_that_became_anothers_is_neither_given_nor_deleted(desk: Desk) -> None:
    """Found: a profile whose address and number an agent had replaced was deleted for the one who had it before."""
    user = RecordRef("helpdesk", "user", str(world.CARLA))
    assert list(desk.connector().extract([user], ALL)) == []
    assert erased(desk, "user", world.CARLA).kind is OutcomeKind.RETAINED
    assert desk.calls("DELETE", "/users") == 0


def test_a_suspended_message_under_another_name_is_in_doubt() -> None:
    data = world.data()
    data["suspended_tickets"][0]["author"]["name"] = "Ben Berg"
    with running(data) as desk:
        assert whose(desk, ANNA)[f"suspended-ticket {world.SUSPENDED}"] is Attribution.UNCLEAR
