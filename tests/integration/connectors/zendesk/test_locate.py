"""What is found of a person or of a ticket, and what of others is not touched."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured, Permanent
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier, of_kind
from rightsflow.domain.request import Channel
from rightsflow.domain.requesters import NoRequester, WhyNot
from rightsflow.domain.vocabulary.records import Fact, Located, Method
from rightsflow.testing.bench import find
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import Desk, known, running

ANNA = known(email=world.EMAIL)


def located(desk: Desk, given: Identifiers, **settings: Any) -> dict[tuple[str, str], Located]:
    everything = list(desk.connector(**settings).locate(given))
    assert len({one.record for one in everything}) == len(everything)
    return {(one.record.kind, one.record.ref): one for one in everything}


def tickets(found: dict[tuple[str, str], Located]) -> set[int]:
    return {int(ref) for kind, ref in found if kind == "ticket"}


@pytest.mark.apart
def test_what_is_found_tells_whose_it_is_and_walks_no_neighbour(desk: Desk) -> None:
    # Profile names every identifier of its owner.
    owner = located(desk, ANNA)["user", str(world.ANNA)].owner
    assert owner == known(
        email=world.EMAIL,
        customer_id=world.CUSTOMER_ID,
        account_id=world.ACCOUNT_ID,
        phone=world.LANDLINE,
        name=world.NAME,
    ) | known(email=world.SECOND_EMAIL, phone=world.MOBILE)
    # Near hits of the index are dropped.
    found = located(desk, known(email=world.EMAIL, customer_id=world.CUSTOMER_ID))
    assert ("user", str(world.DORA)) not in found
    assert world.DORAS not in tickets(found)
    # Shared number lists the profiles and walks neither.
    found = located(desk, known(phone=world.LANDLINE))
    assert {ref for kind, ref in found if kind == "user"} == {str(world.ANNA), str(world.BEN)}
    assert not [one for one in found.values() if one.via]
    # Neighbour on the same number is listed and not walked.
    found = located(desk, ANNA | known(phone=world.LANDLINE))
    assert ("user", str(world.BEN)) in found
    assert world.BENS not in tickets(found)
    assert {one.via.ref for one in found.values() if one.via and one.via.kind == "user"} == {str(world.ANNA)}
    # Facts tell whose ticket it is.
    found = located(desk, ANNA)
    facts = {number: found["ticket", str(number)].facts for number in tickets(found)}
    assert facts[world.OWN] == {Fact.OPEN_TICKET}
    assert facts[world.CLOSED] == frozenset()
    assert facts[world.SHARED] == facts[world.COPIED] == {Fact.SHARED}
    assert facts[world.MENTION] == {Fact.MENTION, Fact.SHARED}
    assert found["ticket", str(world.MENTION)].owner == ANNA
    # Dates are those of the controller's time zone.
    found = located(desk, ANNA)
    assert found["ticket", str(world.OWN)].occurred_on == date(2026, 3, 1)
    assert found["user", str(world.ANNA)].occurred_on == date(2026, 1, 1)
    # Recording is reached through its ticket.
    found = located(desk, ANNA)
    recording = found["call-recording", f"{world.OWN}:{world.VOICE_COMMENT}:{world.CALL}"]
    assert recording.via is not None
    assert (recording.via.kind, recording.via.ref) == ("ticket", str(world.OWN))


def test_short_ids_are_not_looked_for_in_texts(desk: Desk) -> None:
    assert located(desk, known(customer_id="42")) == {}
    assert desk.calls("GET", "/search") == 0


def test_the_export_of_which_few_calls_are_allowed_is_called_only_for_what_one_page_does_not_hold(desk: Desk) -> None:
    found = located(desk, ANNA)
    assert (desk.calls("GET", "/search/export"), desk.calls("GET", "/search") > 0) == (0, True)
    desk.fault("GET", "/v2/search$", times=99, status=200, body={"results": [], "count": 101})
    assert located(desk, ANNA) == found
    assert desk.calls("GET", "/search/export") > 0


@pytest.mark.apart
@pytest.mark.parametrize(
    "given",
    [
        {"email": world.SECOND_EMAIL},
        {"customer_id": world.CUSTOMER_ID},
        {"customer_id": "kd-100482"},
        {"account_id": world.ACCOUNT_ID},
        {"email": world.EMAIL, "phone": "0151 12345678"},
    ],
    ids=["second address", "customer id", "customer id in another case", "account id", "address and number"],
)
def test_person_is_found_by_any_strong_identifier(desk: Desk, given: dict[str, str]) -> None:
    found = find(desk.connector(), known(**given))
    assert str(world.ANNA) in {ref.ref for ref in found.refs if ref.kind == "user"}
    assert {int(ref.ref) for ref in found.refs if ref.kind == "ticket"} >= {world.OWN, world.SHARED, world.COPIED}


@pytest.mark.apart
def test_tickets_and_calls_are_found_by_who_took_part() -> None:
    # Recording of another person's call in a shared ticket stays as it is.
    data = world.data()
    for number, caller in ((201, "+4917099999999"), (202, world.MOBILE)):
        data["comments"].append(
            {
                "id": number,
                "ticket_id": world.SHARED,
                "author_id": world.AGENT,
                "type": "VoiceComment",
                "body": "A call",
                "data": {"from": caller, "to": "+4930555000", "call_id": number},
                "recording_base64": "UklGRg==",
            }
        )
    with running(data) as desk:
        found = find(desk.connector(), ANNA)
    recordings = {ref.ref for ref in found.refs if ref.kind == "call-recording"}
    assert f"{world.SHARED}:202:202" in recordings
    assert f"{world.SHARED}:201:201" not in recordings
    # Recording at a telephone partner is its own kind.
    data = world.data()
    call = {"from": world.MOBILE, "to": "+4930555000", "recording_url": "https://partner.example/r/1"}
    voice = {"id": 201, "ticket_id": world.OWN, "author_id": world.ANNA, "type": "TpeVoiceComment", "data": call}
    data["comments"].append(voice)
    with running(data) as desk:
        assert ("partner-recording", f"{world.OWN}:201:") in located(desk, ANNA)
    # Unnamed caller is walked.
    data = world.data()
    data["users"].append({"id": 301, "name": "Caller +49 170 5550001", "phone": "+49 170 5550001"})
    data["tickets"].append({"id": 31, "subject": "Call", "status": "closed", "requester_id": 301})
    with running(data) as desk:
        found = located(desk, known(phone="+491705550001"))
    assert tickets(found) == {31}
    assert found["user", "301"].owner == known(phone="+491705550001")
    # Ticket she wrote on without being in copy is found.
    data = world.data()
    data["comments"].append({"id": 201, "ticket_id": world.BENS, "author_id": world.ANNA, "body": "Me too."})
    with running(data) as desk:
        found = located(desk, ANNA)
    assert found["ticket", str(world.BENS)].facts == {Fact.SHARED}
    assert found["ticket", str(world.BENS)].via is not None


@pytest.mark.apart
def test_mention_is_found_in_any_spelling_the_index_gives() -> None:
    for text in (
        "ring +49 151 12345678",
        "ring 0151/123 456-78",
        "ring 00491511234 5678",
        f"pays as {world.ACCOUNT_ID}",
    ):
        data = world.data(without_tickets=(world.MENTION,))
        data["tickets"].append({"id": 41, "subject": "Other", "status": "open", "requester_id": world.CARLA})
        # Our search words bring the ticket up; the exact comparison is what the texts are for.
        body = f"{text} (0151 12345678, {world.ACCOUNT_ID})"
        data["comments"].append({"id": 201, "ticket_id": 41, "author_id": world.AGENT, "body": body})
        with running(data) as desk:
            found = located(desk, ANNA | known(phone=world.MOBILE, account_id=world.ACCOUNT_ID))
        assert found["ticket", "41"].owner == known(phone=world.MOBILE, account_id=world.ACCOUNT_ID)


@pytest.mark.apart
def test_a_deleted_profile_counts_while_it_is_held() -> None:
    # Softly deleted profile still counts as held.
    data = world.data(without_tickets=(world.OWN, world.SHARED))
    with running(data) as desk:
        connector = desk.connector()
        desk.fault("DELETE", "/deleted_users", status=403, body={"error": "Forbidden"})
        user = [one.record for one in connector.locate(ANNA) if one.record.kind == "user"]
        with pytest.raises(Misconfigured, match="right"):
            list(connector.erase(user, Method.ERASE, ANNA))
        assert ("user", str(world.ANNA)) in located(desk, ANNA)
        assert ("user", str(world.ANNA)) not in located(desk, ANNA, search_deleted=False)
    # Permanently deleted profile with its old name is not held.
    data = world.data(without_tickets=(world.OWN, world.SHARED, world.COPIED, world.MENTION))
    with running(data) as desk:
        connector = desk.connector()
        user = [one.record for one in connector.locate(ANNA) if one.record.kind == "user"]
        list(connector.erase(user, Method.ERASE, ANNA))
        assert world.EMAIL in desk.everything()
        assert ("user", str(world.ANNA)) not in located(desk, ANNA)


def many_tickets(number: int) -> Iterator[dict[str, Any]]:
    for one in range(number):
        yield {"id": 1000 + one, "subject": "Many", "status": "closed", "requester_id": world.ERNA}


@pytest.mark.apart
def test_pages_end_where_the_vendor_says_and_not_where_links_end() -> None:
    for number, pages in ((100, 1), (101, 2)):
        data = world.data()
        data["users"].append({"id": world.ERNA, "name": "Erna Ende", "email": "erna@example.com"})
        data["tickets"] += many_tickets(number)
        with running(data) as desk:
            found = located(desk, known(email="erna@example.com"))
            assert len(tickets(found)) == number
            assert desk.calls("GET", f"/users/{world.ERNA}/tickets/requested") == pages


def test_user_search_is_followed_to_its_last_page() -> None:
    data = world.data()
    # Each of these mentions the address in its notes, so the full-text search gives them all before the right one.
    data["users"] += [{"id": 2000 + one, "name": f"N{one}", "notes": "zoe@example.com"} for one in range(200)]
    data["users"].append({"id": 9000, "name": "Zoe Zahn", "email": "zoe@example.com"})
    with running(data) as desk:
        assert set(located(desk, known(email="zoe@example.com"))) == {("user", "9000")}
        assert desk.calls("GET", "/users/search") == 3


@pytest.mark.parametrize(
    "body",
    [
        {"tickets": [], "meta": {"has_more": True, "after_cursor": "same", "before_cursor": None}, "links": {}},
        {"tickets": []},
        {"meta": {"has_more": False, "after_cursor": None}},
        {"tickets": [], "meta": {"has_more": True, "after_cursor": None}},
        "maintenance",
    ],
    ids=["endless cursor", "no end mark", "no list", "no cursor", "no JSON"],
)
def test_list_that_cannot_be_read_is_not_an_empty_list(desk: Desk, body: Any) -> None:
    desk.fault("GET", "/tickets/requested", status=200, body=body, times=None)
    with pytest.raises(Permanent):
        list(desk.connector().locate(ANNA))


def test_customer_id_in_a_user_field_of_its_own() -> None:
    data = world.data()
    data["users"][2] |= {"external_id": None, "user_fields": {"crm_number": world.CUSTOMER_ID}}
    with running(data) as desk:
        found = located(desk, known(customer_id=world.CUSTOMER_ID), customer_id_field="crm_number")
    assert identifier(IdentifierKind.CUSTOMER_ID, world.CUSTOMER_ID) in found["user", str(world.ANNA)].owner


def test_the_date_of_birth_stands_in_a_user_field_and_finds_no_one() -> None:
    data = world.data()
    data["users"][2] |= {"user_fields": {"born": "1956-03-14T00:00:00+00:00"}}
    born = identifier(IdentifierKind.BIRTH_DATE, "1956-03-14")
    with running(data) as desk:
        assert born in located(desk, ANNA, birth_date_field="born")["user", str(world.ANNA)].owner
        assert located(desk, frozenset({born}), birth_date_field="born") == {}


def test_an_order_with_the_number_of_a_customer_is_nobodys_mention(desk: Desk) -> None:
    """Another person's ticket was taken for a mention because its order number was the subject's customer number."""
    [comment] = desk.state.comments[world.DORAS]
    comment["body"] = comment["plain_body"] = comment["html_body"] = "Where is order 4711123?"
    found = located(desk, ANNA | known(customer_id="4711123", account_id="4711123"))
    assert world.DORAS not in tickets(found)
    assert any("digits alone" in one for one in desk.connector().capabilities.cannot_find)


@pytest.mark.parametrize(("locale", "language"), [("fr-BE", "fr-BE"), ("pt-br", "pt-br"), (None, ""), ("", "")])
def test_a_profile_tells_the_language_on_file_and_a_ticket_none(desk: Desk, locale: str | None, language: str) -> None:
    """``locale`` of the user: the vendor's field for the language of a profile."""
    desk.state.users[world.ANNA]["locale"] = locale
    found = located(desk, ANNA, default_locale="en-US")
    assert found["user", str(world.ANNA)].language == language
    assert {one.language for (kind, _), one in found.items() if kind != "user"} == {""}


@pytest.mark.parametrize(("locale", "default"), [("en-US", "en-US"), ("en-US", "en-us"), ("en-US", ""), ("fr", "")])
def test_the_accounts_own_language_says_nothing_of_the_person(desk: Desk, locale: str, default: str) -> None:
    """Before, a person whom an agent had entered in an English account was taken for a reader of English."""
    desk.state.users[world.ANNA]["locale"] = locale
    assert located(desk, ANNA, default_locale=default)["user", str(world.ANNA)].language == ""


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
