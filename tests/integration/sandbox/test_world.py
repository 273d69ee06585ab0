"""The world is repeatable, invented, and holds every crossing it promises."""

from __future__ import annotations

import base64
import re
import struct
import tomllib
import zlib
from dataclasses import replace
from datetime import UTC, date, datetime, time
from itertools import pairwise

import phonenumbers
import pytest

from rightsflow.config.settings import Settings
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.spellings.wordforms import Own
from rightsflow_sandbox.demo.demonstration import configuration_text
from rightsflow_sandbox.helpdesk.helpdesk_data import ACCOUNT_FIELD, helpdesk_data
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk, load_helpdesk
from rightsflow_sandbox.world.names import CAST, HOTLINE
from rightsflow_sandbox.world.people import FEWEST
from rightsflow_sandbox.world.world import World

TODAY = date(2026, 11, 24)


@pytest.fixture(scope="module")
def world():
    return World.make(seed=7, customers=300, today=TODAY)


@pytest.fixture(scope="module")
def data(world):
    return helpdesk_data(world)


def test_no_address_of_a_customer_counts_as_the_teams_own(world):
    """Before, third parties at example.com, the domain of the demo's owners, stayed legible in the packages."""
    systems = "".join(f'[systems.{name}]\nconnector = "fake"\n\n' for name in ("helpdesk", "payments", "recordings"))
    settings = Settings.model_validate(tomllib.loads(configuration_text(systems)))
    people = (getattr(settings.owners, role) for role in type(settings.owners).model_fields)
    own = Own(domains=frozenset(person.email.rpartition("@")[2] for person in people))
    addresses = [customer.email for customer in world.people]
    assert any(address.endswith("@example.com") for address in addresses)
    assert [address for address in addresses if own.has_domain(address.rpartition("@")[2])] == []


@pytest.mark.apart
def test_it_is_the_same_each_time_and_large_enough(world, data):
    # The same arguments give the same world to the byte.
    again = World.make(seed=7, customers=300, today=TODAY)
    assert again == world
    assert helpdesk_data(again) == data
    # More customers leave those before them as they were.
    small = World.make(seed=7, customers=40, today=TODAY)
    assert small.people == world.people[:40]
    assert [account for account in small.accounts if account.owner == "C-10030"] == [
        account for account in world.accounts if account.owner == "C-10030"
    ]
    # It is large enough to be taken for a call centre.
    assert len(world.people) == 300
    assert len(world.tickets) > 600
    assert len(world.calls) > 300
    assert sum(len(account.payments) for account in world.accounts) > 400
    assert all(len(world.tickets_of(person)) >= 1 for person in world.people)
    # It refuses fewer people than the crossings need.
    with pytest.raises(ValueError, match=str(FEWEST)):
        World.make(seed=7, customers=FEWEST - 1, today=TODAY)
    assert len(World.make(seed=7, customers=FEWEST, today=TODAY).people) == FEWEST == len(CAST)


@pytest.mark.apart
def test_other_arguments_give_another_world(world):
    for change in ({"seed": 8}, {"today": date(2026, 11, 25)}):
        assert World.make(**{"seed": 7, "customers": 300, "today": TODAY} | change) != world


def test_keys_numbers_and_addresses_are_fit_for_fiction(world):
    # Every key is given once.
    for keys in (
        [key for person in world.people for key in person.customer_ids],
        [person.user_id for person in world.people] + [agent.user_id for agent in world.agents],
        [email for person in world.people for email in person.emails],
        [account.id for account in world.accounts],
        [ticket.id for ticket in world.tickets],
        [comment.id for ticket in world.tickets for comment in ticket.comments],
        [call.unique_id for call in world.calls],
        [payment.charge for account in world.accounts for payment in account.payments],
    ):
        assert len(keys) == len(set(keys))
    assert all(re.fullmatch(r"C-\d{5}", key) for person in world.people for key in person.customer_ids)
    assert all(person.user_id > 2**53 for person in world.people)
    # Everything happened before today.
    end = datetime.combine(TODAY, time(), tzinfo=UTC)
    moments = [comment.created_at for ticket in world.tickets for comment in ticket.comments]
    moments += [call.started_at for call in world.calls]
    for account in world.accounts:
        moments += [payment.paid_at for payment in account.payments] + [bill.issued_at for bill in account.bills]
        moments += [contract.ended_at or contract.started_at for contract in account.contracts]
    assert max(moments) < end
    assert min(moments) > datetime(2024, 1, 1, tzinfo=UTC)
    # Numbers are valid and come from ranges kept for fiction.
    fiction = re.compile(
        r"\+49(3023125|6990009|4066969|2214710|8999998)\d{3}|\+49(17139200|176040690)\d{2}"
        r"|\+442079460\d{3}|\+3319900\d{4}|\+467017406\d{2}|\+121255501\d{2}"
    )
    for person in world.people:
        for number in person.phones:
            assert fiction.fullmatch(number)
            assert phonenumbers.is_valid_number(phonenumbers.parse(number))
            assert number != HOTLINE
    # Addresses reach no one.
    emails = [email for person in world.people for email in person.emails]
    emails += [account.email for account in world.accounts] + [agent.email for agent in world.agents]
    assert all(re.fullmatch(r"[a-z0-9.]+@(agents\.)?example\.(com|net|org)", email) for email in emails)


def test_people_cross_each_others_ways(world):
    # A direct line has one owner and a shared one several.
    owners: dict[str, list[bool]] = {}
    for person in world.people:
        owners.setdefault(person.phone, []).append(person.phone_is_shared)
    assert all(len(shared) == 1 or all(shared) for shared in owners.values())
    # Names with accents and other letters are there.
    names = {person.name for person in world.cases.accented}
    assert {
        "José Ñíguez",
        "Zoë Müller-Lüdenscheidt",
        "Søren Ødegård",
        "Łukasz Żółć",
        "王 小明",
        "Aoife O’Connor",
    } <= names
    assert len({person.email for person in world.cases.accented}) == len(world.cases.accented)
    # Two people write on one ticket.
    requester, reader = world.cases.shared_ticket_people
    ticket = world.cases.shared_ticket
    assert ticket in world.tickets
    assert (ticket.requester_id, ticket.cc_ids) == (requester.user_id, (reader.user_id,))
    assert {requester.user_id, reader.user_id} <= {comment.author_id for comment in ticket.comments}
    assert [one.created_at for one in ticket.comments] == sorted(one.created_at for one in ticket.comments)
    # The orphan call is one of the calls.
    orphan = world.cases.orphan_call
    assert orphan in world.calls
    assert (orphan.number, orphan.account_code, orphan.recorded) == (world.cases.number_in_turn, "", True)
    # One person has two accounts under one address.
    person = world.cases.two_accounts
    accounts = world.accounts_of(person)
    assert len(set(person.customer_ids)) == len(accounts) == 2
    assert {account.email for account in accounts} == {person.email}
    assert [account.customer_id for account in accounts] == list(person.customer_ids)
    assert all(account.payments for account in accounts)
    # A family shares a landline.
    family = world.cases.family
    assert {person.phone for person in family} == {world.cases.family_landline}
    assert all(person.phone_is_shared for person in family)
    for person in family:
        codes = {call.account_code for call in world.calls_of(person)}
        assert codes == {person.customer_id, ""}
    # Money is open and disputed.
    owing = world.accounts_of(world.cases.open_invoice)[0]
    assert [bill for account in world.accounts for bill in account.bills if not bill.paid] == [world.cases.open_bill]
    assert world.cases.open_bill in owing.bills
    disputed = [payment for account in world.accounts for payment in account.payments if payment.dispute]
    assert disputed == [world.cases.disputed_payment]
    assert disputed[0] in world.accounts_of(world.cases.disputed_charge)[0].payments
    # A person is named in the text of another's ticket.
    named, ticket = world.cases.mentioned, world.cases.mention
    text = ticket.comments[0].body
    assert named.name in text
    assert named.email in text
    assert named.phone in text
    assert ticket.requester_id != named.user_id
    assert named.user_id not in {*ticket.cc_ids, *(comment.author_id for comment in ticket.comments)}
    # The erasure subject reads another's ticket.
    ticket, person = world.cases.subject_copied_ticket, world.erasure_subject
    assert ticket.requester_id != person.user_id
    assert ticket.cc_ids == (person.user_id,)
    assert person.user_id in {comment.author_id for comment in ticket.comments}
    assert world.cases.subject_number_people[1] == person


def test_a_number_is_used_by_two_people_in_turn(world):
    for case in ("number_in_turn", "subject_number"):
        number = {"number_in_turn": world.cases.number_in_turn, "subject_number": world.cases.subject_number_in_turn}[
            case
        ]
        earlier, later = getattr(world.cases, f"{case}_people")
        calls = [call for call in world.calls if call.number == number]
        by_first = [call for call in calls if call.account_code == earlier.customer_id]
        by_second = [call for call in calls if call.account_code == later.customer_id]
        assert len(by_first) == 2
        assert len(by_second) >= 2
        assert later.phone == number != earlier.phone
        unknown = [call for call in calls if not call.account_code]
        assert [call.owner for call in unknown] == [earlier.customer_id]
        # Nothing the telephone system knows tells whose that call was; only the world does.
        assert all(call.started_at < unknown[0].started_at for call in by_first)


@pytest.mark.apart
def test_what_the_systems_hold_fits_together(world, data):
    # A second address stands among the identities only.
    person = world.cases.secondary_email
    second = person.emails[1]
    assert [one["user_id"] for one in data["identities"] if one["value"] == second] == [person.user_id]
    assert second not in str([data["users"], data["tickets"], data["comments"], world.accounts])
    # Numbers in calls are written in several ways that mean the same.
    ways = {re.match(r"\+|00|0", call.shown_as)[0] for call in world.cases.unnormalised_calls}
    assert ways == {"00", "0"}
    for call in world.calls:
        read = identifier(IdentifierKind.PHONE, call.shown_as, country="DE")
        assert read.value == call.number
    # The helpdesk takes the data.
    dump = dump_helpdesk(load_helpdesk(data))
    assert len(dump["users"]) == len(world.people) + len(world.agents) + 1
    assert len(dump["tickets"]) == len(world.tickets)
    assert len(dump["comments"]) == sum(len(ticket.comments) for ticket in world.tickets)
    assert dump["satisfaction_ratings"]
    # Tickets are numbered in order of time.
    assert all(
        first.id + 1 == second.id and first.comments[0].created_at <= second.comments[0].created_at
        for first, second in pairwise(world.tickets)
    )
    # Calls that opened a ticket stand in it.
    voices = [one for one in data["comments"] if one["type"] == "VoiceComment"]
    assert len(voices) > 30
    numbers = {call.number for call in world.calls}
    assert all(({one["data"]["from"], one["data"]["to"]} - {HOTLINE}) <= numbers for one in voices)
    assert len({one["data"]["call_id"] for one in voices}) == len(voices)
    # Attached files open.
    files: dict[str, bytes] = {}
    for comment in data["comments"]:
        for one in comment["attachments"]:
            files[one["content_type"]] = base64.b64decode(one["content_base64"])
    assert set(files) == {"text/plain", "image/png", "application/pdf"}
    assert "link" in files["text/plain"].decode("utf-8")
    assert files["application/pdf"].startswith(b"%PDF-1.4\n")
    offset = int(re.search(rb"startxref\n(\d+)\n%%EOF\n$", files["application/pdf"])[1])
    assert files["application/pdf"][offset:].startswith(b"xref\n0 6\n")
    assert len(_pixels(files["image/png"])) == 24 * (1 + 24 * 3)
    # A printed person shows no personal data.
    shown = repr(replace(world.access_subject)) + repr(world)
    assert world.access_subject.name not in shown
    assert world.access_subject.email not in shown


def test_only_a_chain_joins_what_is_held_on_a_subject(world, data):
    for who in ("access_subject", "erasure_subject"):
        person = getattr(world, who)
        account, second = world.accounts_of(person)[0], person.other_phones[0]
        assert len(world.tickets_of(person)) >= 3
        assert len(account.payments) >= 3
        assert sum(call.recorded for call in world.calls_of(person)) >= 2
        # The address of the request is not the till's; the profile names the account.
        assert account.email not in person.emails
        profile = next(user for user in data["users"] if user["id"] == person.user_id)
        assert profile["user_fields"][ACCOUNT_FIELD] == account.id
        assert profile["external_id"] == account.customer_id
        # The second number is known at the till, and some calls bear nothing else.
        assert account.phone == second
        assert second not in str(data)
        assert any(call.number == second and not call.account_code for call in world.calls_of(person))


def _pixels(png: bytes) -> bytes:
    """The raw rows of a PNG file, its checksums verified."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    place, pixels = 8, b""
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        kind, content = png[place + 4 : place + 8], png[place + 8 : place + 8 + size]
        assert struct.unpack(">I", png[place + 8 + size : place + 12 + size])[0] == zlib.crc32(kind + content)
        pixels += content if kind == b"IDAT" else b""
        place += 12 + size
    return zlib.decompress(pixels)
