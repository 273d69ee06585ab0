"""How a person's objects are found, on SeaweedFS."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from connectors.s3 import S3Connector
from connectors.s3.belonging import Read, ReadVersion, belongings
from connectors.s3.bucket import Bucket
from connectors.s3.locate import ContactFinder
from connectors.s3.objects import Version, read_name
from connectors.s3.settings import MatchByContact
from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Blob, Fact, Located
from rightsflow.testing.bench import find
from tests.integration.connectors.s3.clients import client
from tests.integration.connectors.s3.shop import (
    BY_METADATA,
    CONTACT,
    CUSTOMER,
    NEIGHBOUR,
    OTHER_CONTACT,
    OTHER_PHONE,
    PHONE,
    PLACE,
    Shop,
)
from tests.integration.connectors.s3.shop import known_as as known
from tests.support.peers.faulty import Fault, FaultyFront

Connect = Callable[..., S3Connector]
NewShop = Callable[..., Shop]


def named(shop: Shop, located: list[Located]) -> list[str]:
    return sorted(key_of(one).removeprefix(shop.prefix) for one in located)


def key_of(located: Located) -> str:
    return read_name(located.record.ref).key


def locate(connector: S3Connector, who: Identifiers) -> list[Located]:
    return list(connector.locate(who))


@pytest.mark.apart
def test_metadata_in_any_spelling_name_the_caller_of_each_version(new_shop: NewShop, connect: Connect) -> None:
    # Metadata in any spelling names the caller.
    shop = new_shop()
    spellings = (
        "030 / 90 18 20", "+49 30 901820", "004930901820", "%2B4930901820", "=?UTF-8?B?KzQ5MzA5MDE4MjA=?=",
        "4930901820", "sip:+4930901820@pbx.example.com:5060;user=phone", "tel:+49-30-901820", "030 901820 (privat)",
        f"{OTHER_PHONE}, {PHONE}",
    )  # fmt: skip
    for number, spelling in enumerate(spellings):
        shop.put(f"{number}.wav", Metadata={"Caller": spelling})
    shop.put("other.wav", Metadata={"Caller": OTHER_PHONE})
    shop.put("nobody.wav", Metadata={"Caller": "anonymous"})
    found = locate(connect(shop, BY_METADATA), known(phone=PHONE))
    assert named(shop, found) == sorted(f"{number}.wav" for number in range(len(spellings)))
    assert {one.owner for one in found} == {known(phone=PHONE)}
    # An object deleted or replaced is still found by its older versions.
    shop = new_shop()
    deleted = shop.put("deleted.wav", Metadata={"customer-id": CUSTOMER})
    shop.mark_deleted("deleted.wav")
    replaced = shop.put("replaced.wav", Metadata={"customer-id": CUSTOMER})
    shop.put("replaced.wav", Metadata={}, mine=False)
    found = locate(connect(shop, BY_METADATA), known(customer_id=CUSTOMER))
    wanted = [shop.ref("deleted.wav", deleted), shop.ref("replaced.wav", replaced)]
    assert [one.record for one in found] == wanted
    # Seen on servers: an older version of one person and a current one of another counted as one record of both.
    for who in ({"customer_id": CUSTOMER}, {"phone": PHONE}):
        shop = new_shop()
        match = {"by": "metadata", "keys": {"caller": "phone", "customer-id": "customer_id"}}
        names = {"customer_id": "customer-id", "phone": "caller"}
        ((kind, value),) = who.items()
        other = {"customer_id": NEIGHBOUR, "phone": OTHER_PHONE}[kind]
        mine = [shop.put("desk-7.wav", Metadata={names[kind]: value})]
        shop.put("desk-7.wav", Metadata={names[kind]: other}, mine=False)
        mine.append(shop.put("desk-7.wav", Metadata={names[kind]: value}))
        shop.put("desk-7.wav", Metadata={"caller": "anonymous"}, mine=False)
        shop.put("desk-7.wav", mine=False)
        found = locate(connect(shop, match), known(**who))
        assert {one.record for one in found} == {shop.ref("desk-7.wav", one) for one in mine}
        assert {one.owner for one in found} == {known(**who)}
        assert {one.facts for one in found} == {frozenset()}
    # The brand's own number is not learnt.
    shop = new_shop()
    match = {"by": "metadata", "keys": {"from": "phone", "to": "phone"}}
    shop.put("in.wav", Metadata={"from": PHONE, "to": "+498000000000"})
    shop.put("other.wav", Metadata={"from": OTHER_PHONE, "to": "+498000000000"})
    found = find(connect(shop, match), known(phone=PHONE))
    assert named(shop, list(found.everything)) == ["in.wav"]
    assert found.known == known(phone=PHONE)


@pytest.mark.apart
def test_a_recording_of_two_people_is_left_alone(new_shop: NewShop, connect: Connect) -> None:
    # Before, every number but the subject's was taken for the brand's: a recording of two customers was given and
    # erased as that of one.
    for metadata in (
        {"from": f"{PHONE}, {OTHER_PHONE}"},
        {"from": PHONE, "to": OTHER_PHONE},
        {"from": OTHER_PHONE, "to": PHONE},
    ):
        shop = new_shop()
        shop.put("two.wav", Metadata=metadata)
        shop.put("two.json")
        connector = connect(shop, {"by": "metadata", "keys": {"from": "phone", "to": "phone"}})
        who = known(phone=PHONE)
        found, text = connector.locate(who)
        assert (found.owner, found.facts) == (who, frozenset({Fact.SHARED}))
        assert (text.owner, text.via, text.facts) == (frozenset(), found.record, found.facts)
        assert not [one for one in connector.extract([found.record, text.record], who) if isinstance(one, Blob)]
    # Before, the address beside the subject's was learnt as theirs, and all that its owner had was theirs.
    for kind, mine, others in (("email", "anna@example.com", "ben@example.com"), ("customer_id", CUSTOMER, NEIGHBOUR)):
        shop = new_shop()
        shop.put("1.eml", Metadata={"from": mine, "to": others})
        shop.put("2.eml", Metadata={"from": others}, mine=False)
        shop.put("3.eml", Metadata={"from": mine})
        who = known(**{kind: mine})
        found = find(connect(shop, {"by": "metadata", "keys": {"from": kind, "to": kind}}), who)
        assert found.known == who
        facts = {key_of(one).removeprefix(shop.prefix): one.facts for one in found.everything}
        assert facts == {"1.eml": frozenset({Fact.SHARED}), "3.eml": frozenset()}
    # A block of lines in the settings, or one that the letters name.
    for where in ("settings", "controller"):
        shop = new_shop()
        shop.put("in.wav", Metadata={"from": PHONE, "to": "030 901000"})
        lines = {"own_numbers": ["+4930901*"]} if where == "settings" else {}
        place = PLACE if where == "settings" else replace(PLACE, own_lines=("+4930901000",))
        who = known(phone="+49 171 3920012")
        shop.put("mine.wav", Metadata={"from": "+49 171 3920012", "to": "030 901000"})
        connector = connect(shop, {"by": "metadata", "keys": {"from": "phone", "to": "phone"}}, place=place, **lines)
        assert [one.facts for one in connector.locate(who)] == [frozenset()]
        assert [one.readable for one in connector.samples()] == [2, 2]
    # A customer number beside two numbers names one person.
    shop = new_shop()
    shop.put("in.wav", Metadata={"from": PHONE, "to": OTHER_PHONE, "customer-id": CUSTOMER})
    match = {"by": "metadata", "keys": {"from": "phone", "to": "phone", "customer-id": "customer_id"}}
    assert [one.facts for one in connect(shop, match).locate(known(customer_id=CUSTOMER))] == [frozenset()]
    # What is learnt finds more.
    shop = new_shop()
    shop.put("1.wav", Metadata={"customer-id": CUSTOMER, "caller": PHONE})
    shop.put("2.wav", Metadata={"caller": PHONE})
    found = find(connect(shop, BY_METADATA), known(customer_id=CUSTOMER))
    assert named(shop, list(found.subject)) == ["1.wav", "2.wav"]


@pytest.mark.apart
def test_a_transcript_beside_a_recording_shares_its_owner(new_shop: NewShop, connect: Connect) -> None:
    # A transcript beside a recording shares its owner.
    shop = new_shop()
    shop.put("7.wav", Metadata={"customer-id": CUSTOMER})
    shop.put("7.json")
    shop.put("77.json", mine=False)
    shop.put("7.a.wav", Metadata={"customer-id": NEIGHBOUR}, mine=False)
    shop.put("7.a.json", mine=False)
    found = {one.record: one for one in connect(shop, BY_METADATA).locate(known(customer_id=CUSTOMER))}
    assert set(found) == {shop.ref("7.wav"), shop.ref("7.json")}
    assert found[shop.ref("7.json")].via == shop.ref("7.wav")
    without = connect(shop, {**BY_METADATA, "companions": False})
    assert named(shop, locate(without, known(customer_id=CUSTOMER))) == ["7.wav"]
    # A transcript beside recordings of two people stays as it is.
    for name in ("7.vtt", "7.mp3", "7.wav"):
        shop = new_shop()
        shop.put("7.wav", Metadata={"customer-id": CUSTOMER})
        shop.put(name, Metadata={"customer-id": NEIGHBOUR}, mine=False)
        shop.put("7.json", mine=False)
        found = locate(connect(shop, BY_METADATA), known(customer_id=CUSTOMER))
        assert named(shop, found) == ["7.wav"]
    # Recordings under one key by one person and then by others; a transcript of the same second is in doubt.
    at = datetime(2026, 1, 31, 10, tzinfo=UTC)

    def version(key: str, number: int, minute: int) -> Version:
        return Version(
            key=key,
            version_id=str(number),
            is_marker=False,
            is_latest=False,
            modified_at=at + timedelta(minutes=minute),
        )

    who = known(customer_id=CUSTOMER)
    mine = ReadVersion(version("7.wav", 1, 0), who, is_named=True)
    others = ReadVersion(version("7.wav", 2, 10), known(phone=OTHER_PHONE), is_named=True)
    unknown = ReadVersion(version("7.wav", 3, 20))
    texts = [ReadVersion(version("7.json", number, minute)) for number, minute in ((1, 1), (2, 10), (3, 12), (4, 30))]
    around = [Read("7.wav", (mine, others, unknown)), Read("7.json", tuple(texts))]
    assert list(belongings(around, "7", who)) == [(texts[0].version, mine.version, False)]
    assert list(belongings(around, "7", known(phone=OTHER_PHONE))) == []
    alone = [Read("7.wav", (mine,)), Read("7.json", (*texts, ReadVersion(version("7.json", 5, -1))))]
    assert [parent for _, parent, _ in belongings(alone, "7", who)] == [mine.version] * 5


def test_locks_are_told_of_each_version(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop("locking")
    who = {"Metadata": {"customer-id": CUSTOMER}}
    soon, later = (datetime.now(UTC) + timedelta(days=days) for days in (2, 9))
    compliance = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": later}
    governance = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": soon}
    versions = {
        shop.put("locked.wav", **compliance, **who): (frozenset({Fact.LOCKED}), later),
        shop.put("locked.wav", **governance, **who): (frozenset({Fact.LOCKED}), soon),
        shop.put("held.wav", ObjectLockLegalHoldStatus="ON", **who): (frozenset({Fact.LEGAL_HOLD}), None),
        shop.put("held.wav", **who): (frozenset(), None),
        shop.put("both.wav", ObjectLockLegalHoldStatus="ON", **governance, **who): (
            frozenset({Fact.LEGAL_HOLD, Fact.LOCKED}),
            soon,
        ),
    }
    connector = connect(shop, BY_METADATA)
    found = {read_name(one.record.ref).version_id: one for one in connector.locate(known(customer_id=CUSTOMER))}
    zone = connector._zone
    wanted = {
        version: (facts, end.astimezone(zone).date() if end else None) for version, (facts, end) in versions.items()
    }
    assert {version: (one.facts, one.locked_until) for version, one in found.items()} == wanted


@pytest.mark.apart
def test_numbers_in_tags_and_keys_are_read_as_they_are_written(
    new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    # A number in a tag is read as trunks and telephones write it.
    shop = new_shop()
    for number, spelling in enumerate(("4930901820", "sip:%2B4930901820@pbx.example.com", "030 901820")):
        shop.put(f"{number}.wav", Tagging=f"caller={spelling}")
    shop.put("other.wav", Tagging="caller=4930901821")
    found = locate(connect(shop, {"by": "tags", "keys": {"caller": "phone"}}), known(phone=PHONE))
    assert named(shop, found) == ["0.wav", "1.wav", "2.wav"]
    # Tags are read with their case.
    shop = new_shop()
    shop.put("a.wav", Tagging=f"Customer={CUSTOMER}")
    shop.put("b.wav", Tagging=f"customer={CUSTOMER}")
    found = locate(connect(shop, {"by": "tags", "keys": {"Customer": "customer_id"}}), known(customer_id=CUSTOMER))
    assert named(shop, found) == ["a.wav"]
    # A number is found in a key as telephone systems write it.
    for spelling in (
        "+4930901820",
        "4930901820",
        "004930901820",
        "030901820",
        "%2B4930901820",
        "sip:+4930901820@pbx.example.com",
        "sip:4930901820@pbx.example.com;user=phone",
        "sip%3A%2B4930901820%40pbx.example.com",
        "tel:030901820",
    ):
        shop = new_shop()
        shop.put(f"calls/{spelling}/20260131.wav")
        shop.put(
            f"calls/{spelling.replace('4930901820', '49309018201').replace('030901820', '0309018201')}/20260131.wav"
        )
        found = locate(connect(shop, {"by": "key", "template": "calls/{phone}/"}), known(phone=PHONE))
        assert named(shop, found) == [f"calls/{spelling}/20260131.wav"]
    # A key lists its own prefix only where that is possible.
    shop = new_shop()
    shop.put(f"{CUSTOMER}/1.wav")
    before = len(front.requests)
    locate(connect(shop, {"by": "key", "template": "{customer_id}/"}), known(customer_id=CUSTOMER))
    listings = [path for _, path in front.requests[before:] if "versions" in path]
    assert listings
    assert all(f"{CUSTOMER}%2F" in path for path in listings)


def test_the_day_and_a_deleted_name_are_read_from_the_store(new_shop: NewShop, connect: Connect) -> None:
    # The day comes from the key or from the store.
    shop = new_shop()
    shop.put(f"20260131/{PHONE}_1.wav")
    shop.put(f"20261399/{PHONE}_2.wav")
    connector = connect(shop, {"by": "key", "template": "{date}/{phone}_"})
    days = {key_of(one)[-5:]: one.occurred_on for one in connector.locate(known(phone=PHONE))}
    stored_on = datetime.now(connector._zone).date()
    assert days["1.wav"] == date(2026, 1, 31)
    assert stored_on - timedelta(days=1) <= (days["2.wav"] or date.min) <= stored_on
    # A deletion that remembers the name is found by the name.
    shop = new_shop()
    version = shop.put(f"{PHONE}/1.wav")
    shop.mark_deleted(f"{PHONE}/1.wav")
    shop.remove(f"{PHONE}/1.wav", version)
    found = locate(connect(shop, {"by": "key", "template": "{phone}/"}), known(phone=PHONE))
    assert named(shop, found) == [f"{PHONE}/1.wav"]


class TestContacts:
    """Amazon Connect's folders."""

    @pytest.mark.apart
    def test_contacts_are_found_in_the_folders_of_their_days(
        self, new_shop: NewShop, connect: Connect, s3: Any, front: FaultyFront
    ) -> None:
        # The recording and its analysis lie under different days.
        shop = new_shop()
        names = [
            f"connect/example/CallRecordings/2026/01/31/{CONTACT}_20260131T23:30_UTC.wav",
            f"connect/example/CallRecordings/ivr/2026/01/31/{CONTACT}_20260131T23:20_UTC.wav",
            f"Analysis/Voice/2026/02/03/{CONTACT}_analysis_2026-02-03T00:10:00Z.json",
            f"Analysis/Voice/Redacted/2026/02/03/{CONTACT}_analysis_redacted_2026-02-03T00:10:00Z.json",
        ]
        for name in names:
            shop.put(name)
            shop.put(name.replace(CONTACT, OTHER_CONTACT))
            shop.put(name.replace(CONTACT, f"{CONTACT}-2"))
        found = locate(connect(shop, {"by": "contact", "alias": "example"}), known(account_id=CONTACT))
        assert named(shop, found) == sorted(names)
        # 23:30 UTC is half past midnight of the next day in Berlin.
        days = {key_of(one).rpartition("_")[0][-14:]: one.occurred_on for one in found}
        assert days["20260131T23:30"] == date(2026, 2, 1)
        # Days before the first are not looked at.
        for since, years in (("2024-01-01", [2024, 2025]), ("2024-12-02", [2025])):
            shop = new_shop()
            for year in (2023, 2024, 2025):
                shop.put(f"connect/example/ChatTranscripts/{year}/12/01/{CONTACT}_{year}1201T10:00_UTC.json")
            match = {"by": "contact", "alias": "example", "since": since}
            found = locate(connect(shop, match), known(account_id=CONTACT))
            assert [one.occurred_on.year for one in found if one.occurred_on] == years
        # A day of more than a page is read to its end.
        for contacts in (1, 30):
            shop = new_shop()
            ids = [f"{number:08x}{CONTACT[8:]}" for number in range(contacts)]
            for number in range(40):
                shop.put(f"calls/2026/01/31/{number:08x}{CONTACT[8:]}_20260131T10:00_UTC.wav")
            match = MatchByContact(by="contact", alias="example", folders=("calls",))
            bucket = Bucket(s3, shop.bucket, "recordings", "locate", page_size=3)
            who = frozenset().union(*(known(account_id=one) for one in ids))
            found = [hit.version.key for hit in ContactFinder(match, shop.prefix, "recordings").find(bucket, who)]
            assert len(found) == len(set(found)) == contacts
        # Without a contact id nothing can be there and nothing is asked.
        connector = connect(new_shop(), {"by": "contact", "alias": "example"})
        before = len(front.requests)
        assert locate(connector, known(account_id="cus_J5example", phone=PHONE)) == []
        assert len(front.requests) == before


@pytest.mark.apart
@pytest.mark.parametrize("page_size", range(1, 8))
def test_a_page_boundary_inside_a_key_gives_the_key_once(page_size: int, moto: str) -> None:
    """On moto: SeaweedFS 4.48 loses a key at a page's end whose name another continues (``a.wav``, ``a.wav.json``)."""
    s3 = client(moto, "any", "any")
    shop = Shop(s3, f"paged-{page_size}", "t/")
    s3.create_bucket(Bucket=shop.bucket)
    s3.put_bucket_versioning(Bucket=shop.bucket, VersioningConfiguration={"Status": "Enabled"})
    names = ("a.wav", "a.wav.json", "b.wav")
    for name in names:
        for _ in range(3):
            shop.put(name)
        shop.mark_deleted(name)
    bucket = Bucket(s3, shop.bucket, "recordings", "locate", page_size=page_size)
    seen = [(one.key, len(one.entries)) for one in bucket.stored("t/")]
    assert seen == [(f"t/{name}", 4) for name in names]
    assert len(bucket.exact("t/a.wav").entries) == 4


@pytest.mark.apart
def test_a_fault_in_a_list_is_no_short_list(new_shop: NewShop, connect: Connect, front: FaultyFront) -> None:
    # Seen from outside, a listing that broke off in the middle would look like a complete one.
    shop = new_shop()
    for number in range(5):
        shop.put(f"{number}.wav", Metadata={"customer-id": CUSTOMER})

    def busy(method: str, path: str) -> Fault | None:
        return (
            Fault(503, b"<Error><Code>SlowDown</Code></Error>") if path.endswith("3.wav") or "3.wav?" in path else None
        )

    with front.failing(busy), pytest.raises(Transient):
        locate(connect(shop, BY_METADATA), known(customer_id=CUSTOMER))
    # A policy that hides an object as missing looks like one that is gone meanwhile.
    shop = new_shop()
    shop.put("1.wav", Metadata={"customer-id": CUSTOMER})
    with (
        front.failing(lambda method, _path: Fault(404) if method == "HEAD" else None),
        pytest.raises(Transient, match="does not show it"),
    ):
        locate(connect(shop, BY_METADATA), known(customer_id=CUSTOMER))
    # A version that cannot be read is not passed over.
    for match in (BY_METADATA, {"by": "tags", "keys": {"customer": "customer_id"}}):
        shop = new_shop()
        shop.put("1.wav", Metadata={"customer-id": CUSTOMER})
        shop.put("2.wav", Metadata={"customer-id": NEIGHBOUR}, mine=False)
        denied = Fault(403, b"<Error><Code>AccessDenied</Code></Error>")
        with (
            front.failing(lambda _method, path, denied=denied: denied if "2.wav" in path else None),
            pytest.raises(Misconfigured),
        ):
            locate(connect(shop, match), known(customer_id=CUSTOMER))
