"""What a person is given: hers in whole, of others' tickets her part."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef
from rightsflow.testing.bench import find
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, known, running

ANNA = known(email=world.EMAIL)


def parts(desk: Desk, kind: str, key: object) -> list[Part]:
    connector = desk.connector()
    given = find(connector, ANNA).known
    return list(connector.extract([RecordRef("helpdesk", kind, str(key))], given))


def document(desk: Desk, kind: str, key: object) -> Document:
    [found] = [part for part in parts(desk, kind, key) if isinstance(part, Document)]
    return found


def blobs(desk: Desk, kind: str, key: object) -> list[Blob]:
    return [part for part in parts(desk, kind, key) if isinstance(part, Blob)]


@pytest.mark.apart
def test_own_ticket_is_given_whole_and_others_as_far_as_she_wrote(desk: Desk) -> None:
    # Own ticket is given whole.
    content = document(desk, "ticket", world.OWN).content
    assert content["ticket"]["subject"] == "Washing machine leaks"
    assert content["ticket"]["custom_fields"] == [{"id": 31, "value": "ORD-77"}]
    bodies = [(one["author"], one["public"], one["body"]) for one in content["comments"]]
    assert ("you", True, "It leaks & floods.\nPlease call +49 151 12345678") in bodies
    assert ("agent", False, "customer sounds upset") in bodies
    assert content["comments"][0]["attachments"] == [
        {"file_name": "invoice.pdf", "content_type": "application/pdf", "size": len(world.PDF)}
    ]
    assert content["comments"][3]["call"]["transcription_text"] == "hello"
    # Found: Zendesk names the caller as its author, and the package had the person say "Call from +49 …".
    for author in (world.ANNA, world.AGENT):
        desk.state.comments[world.OWN][3]["author_id"] = author
        comment = document(desk, "ticket", world.OWN).content["comments"][3]
        assert comment["author"] == "telephone system"
        assert comment["call"]["call_duration"] == 61
    # Network address is given of own comments only.
    comments = document(desk, "ticket", world.OWN).content["comments"]
    assert comments[0]["metadata"]["ip_address"] == "203.0.113.101"
    assert [one["author"] for one in comments if "metadata" in one] == ["you"]
    # Employees and the interfaces addresses are not in it.
    text = json.dumps([document(desk, "ticket", world.OWN).content, document(desk, "user", world.ANNA).content])
    for absent in ("Gerd", "gerd@desk.example", "/api/v2", "assignee_id", "recording_url", "content_url", "token"):
        assert absent not in text
    # Own shared ticket names whom to mask.
    found = document(desk, "ticket", world.SHARED)
    assert found.others == {"Ben Berg", "ben.berg@example.com", "030 901820"}
    assert [one["author"] for one in found.content["comments"]] == ["you", "another person", "agent"]
    assert "203.0.113.108" not in json.dumps(found.content)
    assert [one.name for one in blobs(desk, "ticket", world.SHARED)] == ["anna-berg-passport.pdf"]
    # Another's ticket is given as far as she wrote in it.
    found = document(desk, "ticket", world.COPIED)
    assert [one["body"] for one in found.content["comments"]] == ["I saw it drip too."]
    assert "boiler" not in json.dumps(found.content)
    assert {"Ben Berg", "Carla Cruz", "carla@example.com"} <= found.others
    assert [one.name for one in blobs(desk, "ticket", world.COPIED)] == ["drip.pdf"]
    # Mention is given as an excerpt.
    found = document(desk, "ticket", world.MENTION)
    assert found.content["comments"] == []
    assert world.EMAIL in found.content["mentions"][0]["excerpt"]
    assert "parcel" not in json.dumps(found.content)
    assert "Carla Cruz" in found.others
    # Files and recordings stream their bytes without credentials to other hosts.
    [file] = blobs(desk, "ticket", world.OWN)
    [recording] = blobs(desk, "call-recording", f"{world.OWN}:{world.VOICE_COMMENT}:{world.CALL}")
    assert b"".join(file.open()) == world.PDF
    assert b"".join(recording.open()) == world.WAV
    assert recording.media_type == "audio/wav"
    assert recording.name == f"call-{world.VOICE_COMMENT}.wav"
    assert recording.metadata["call_duration"] == 61
    read = desk.state.journal.calls("GET", "/attachments/")
    assert [one.status for one in read] == [200]
    assert not any(one.leaked_authorization or one.authenticated for one in read)
    assert document(desk, "suspended-ticket", world.SUSPENDED).content["suspended_ticket"]["content"] == "hi"


@pytest.mark.apart
def test_a_profiles_time_zone_is_given_once() -> None:
    """Found: "User › time zone: Berlin" above "User › Time zone: Europe/Berlin"."""
    data = world.data()
    data["users"][2] |= {"time_zone": "Berlin", "iana_time_zone": "Europe/Berlin"}
    with running(data) as desk:
        user = document(desk, "user", world.ANNA).content["user"]
        assert user["iana_time_zone"] == "Europe/Berlin"
        assert "time_zone" not in user
        desk.state.users[world.ANNA]["iana_time_zone"] = None
        assert document(desk, "user", world.ANNA).content["user"]["time_zone"] == "Berlin"


@pytest.mark.apart
def test_profile_is_given_with_identities_organisations_and_photo() -> None:
    data = world.data()
    data["users"][2]["tags"] = ["vip"]
    data["organizations"] = [{"id": 61, "name": "Berg & Co"}]
    data["organization_memberships"] = [
        {"id": 62, "user_id": world.ANNA, "organization_id": 61, "organization_name": "Berg & Co", "default": None}
    ]
    with running(data) as desk:
        photo = {"id": 950, "file_name": "me.png", "content_type": "image/png", "size": 9, "content_url": desk.url}
        desk.state.users[world.ANNA]["photo"] = photo
        content = document(desk, "user", world.ANNA).content
        [portrait] = blobs(desk, "user", world.ANNA)
    assert content["user"]["notes"] == "prefers to be called in the evening"
    assert content["user"]["user_fields"] == {"payment_customer": world.ACCOUNT_ID}
    assert [one["value"] for one in content["identities"]] == [world.EMAIL, world.SECOND_EMAIL, "+49 151 12345678"]
    assert content["organizations"] == ["Berg & Co"]
    assert (portrait.name, portrait.media_type) == ("me.png", "image/png")


@pytest.mark.apart
def test_infected_file_is_named_and_withheld() -> None:
    data = world.data()
    attachment: dict[str, Any] = data["comments"][0]["attachments"][0]
    attachment["malware_scan_result"] = "malware_found"
    with running(data) as desk:
        found = parts(desk, "ticket", world.OWN)
    [only] = found
    assert isinstance(only, Document)
    assert "withheld" in only.content["comments"][0]["attachments"][0]


def test_inline_images_are_given_too() -> None:
    data = world.data()
    data["comments"][0]["attachments"][0]["inline"] = True
    with running(data) as desk:
        assert [one.name for one in blobs(desk, "ticket", world.OWN)] == ["invoice.pdf"]


@pytest.mark.apart
def test_a_reader_of_the_ticket_whose_number_was_typed_into_the_request_stays_another_person(desk: Desk) -> None:
    """Found: who had the customer number that the request gave by mistake was taken for the subject."""
    connector = desk.connector()
    found = find(connector, ANNA | known(customer_id="KD-200001"))
    assert not [one for one in found.refs if one.ref in {str(world.BEN), str(world.BENS)}]
    given = connector.extract([RecordRef("helpdesk", "ticket", str(world.SHARED))], found.known)
    [shared] = [one for one in given if isinstance(one, Document)]
    assert "Ben Berg" in shared.others
    assert "another person" in {one["author"] for one in shared.content["comments"]}
    assert known(customer_id="KD-200001", email="ben.berg@example.com") & found.known == known(customer_id="KD-200001")
