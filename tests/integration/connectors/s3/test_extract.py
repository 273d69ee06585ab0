"""What the person gets, and the samples that a setting is checked by, on SeaweedFS."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from connectors.s3 import S3Connector
from rightsflow.domain.connector import Sample
from rightsflow.domain.errors import Misconfigured, Refused, Transient
from rightsflow.domain.vocabulary.records import Blob, Document, Part
from tests.integration.connectors.s3.shop import (
    BY_METADATA,
    CONTACT,
    CUSTOMER,
    NEIGHBOUR,
    OTHER_PHONE,
    PHONE,
    Shop,
    known_as,
)
from tests.integration.connectors.s3.sounds import wav
from tests.support.peers.faulty import Fault, FaultyFront, Judge

Connect = Callable[..., S3Connector]
NewShop = Callable[..., Shop]
WHO = known_as(phone=PHONE)
BY_CONTACT = {"by": "contact", "alias": "example"}


def only_part(connector: S3Connector, shop: Shop, name: str) -> Part:
    (part,) = connector.extract([shop.ref(name)], WHO)
    return part


def blob(connector: S3Connector, shop: Shop, name: str) -> Blob:
    part = only_part(connector, shop, name)
    assert isinstance(part, Blob)
    return part


def on_get(fault: Fault, times: int = 100) -> Judge:
    """Fail so many reads of an object."""
    left = [fault] * times

    def judge(method: str, path: str) -> Fault | None:
        return left.pop() if method == "GET" and "versionId" in path and left else None

    return judge


@pytest.mark.apart
def test_a_recording_comes_with_its_facts(new_shop: NewShop, connect: Connect) -> None:
    # A recording comes with its facts.
    shop = new_shop()
    name = f"connect/example/CallRecordings/2026/01/31/{CONTACT}_20260131T23%3A30_UTC.wav"
    content = wav(seconds=2.5)
    shop.put(name, content, ContentType="audio/x-wav")
    found = blob(connect(shop, BY_CONTACT), shop, name)
    assert b"".join(found.open()) == content
    assert (found.name, found.media_type) == (f"{CONTACT}_20260131T23:30_UTC.wav", "audio/wav")
    facts = dict(found.metadata)
    assert facts.pop("stored_at")
    assert facts == {
        "size_bytes": len(content),
        "started_at": "2026-02-01T00:30:00+01:00",
        "channels": 2,
        "sample_rate_hz": 8000,
        "seconds": 2.5,
        "left_channel": "the customer and everybody conferenced in",
        "right_channel": "the agent",
    }
    # Who is on which channel is not guessed.
    shop = new_shop()
    shop.put("1.wav", wav(channels=2))
    assert "left_channel" not in blob(connect(shop, BY_METADATA), shop, "1.wav").metadata
    # Each version is given with its dates.
    shop = new_shop()
    for number in (1, 2):
        shop.put("1.wav", wav(fill=bytes([number])), Metadata={"caller": PHONE})
    connector = connect(shop, BY_METADATA)
    newer, older = (one for one in connector.extract(shop.refs("1.wav"), WHO) if isinstance(one, Blob))
    assert (newer.name, {"replaced_at", "deleted_at"} & set(newer.metadata)) == ("1.wav", set())
    assert b"".join(older.open()) == wav(fill=b"\x01")
    assert older.name.startswith("1 (stored 2")
    assert older.name.endswith(").wav")
    assert older.metadata["replaced_at"] == newer.metadata["stored_at"]
    assert older.metadata["stored_at"] <= newer.metadata["stored_at"]
    shop.mark_deleted("1.wav")
    newer, older = (one for one in connector.extract(shop.refs("1.wav"), WHO) if isinstance(one, Blob))
    assert newer.metadata["deleted_at"]
    assert older.metadata["replaced_at"] == newer.metadata["stored_at"]
    assert b"".join(newer.open()) == wav(fill=b"\x02")
    # Each version of a transcript is given with its dates.
    shop = new_shop()
    for number in (1, 2):
        shop.put("1.json", json.dumps({"text": number}).encode(), Metadata={"caller": PHONE})
    connector = connect(shop, BY_METADATA)
    newer, older = (one for one in connector.extract(shop.refs("1.json"), WHO) if isinstance(one, Document))
    assert newer.content == {"text": 2}
    assert older.content["text"] == 1
    assert set(older.content["version_in_the_store"]) == {"stored_at", "replaced_at"}


def test_what_is_left_out_or_deleted_is_said(new_shop: NewShop, connect: Connect, front: FaultyFront) -> None:
    # Seen on servers: the current version, another person's, was handed out for the subject's older one.
    shop = new_shop()
    mine = shop.put("1.wav", b"mine", Metadata={"caller": PHONE})
    shop.put("1.wav", b"theirs", mine=False, Metadata={"caller": OTHER_PHONE})
    connector = connect(shop, BY_METADATA)
    refs = [one.record for one in connector.locate(WHO)]
    assert refs == [shop.ref("1.wav", mine)]
    (found,) = (one for one in connector.extract(refs, WHO) if isinstance(one, Blob))
    assert b"".join(found.open()) == b"mine"
    assert found.metadata["left_out"].endswith("not known to be yours and is left out.")
    # A name that only a deletion remembers is told.
    shop = new_shop()
    version = shop.put("1.wav")
    shop.mark_deleted("1.wav")
    shop.remove("1.wav", version)
    part = only_part(connect(shop, BY_METADATA), shop, "1.wav")
    assert isinstance(part, Document)
    assert part.content["name"] == "1.wav"
    # A recording that is listed and not shown is not passed over.
    shop = new_shop()
    shop.put("1.mp3")
    with (
        front.failing(lambda method, _path: Fault(404) if method == "HEAD" else None),
        pytest.raises(Transient, match="does not show it"),
    ):
        only_part(connect(shop, BY_METADATA), shop, "1.mp3")


@pytest.mark.apart
def test_a_transcript_is_a_document_without_the_controllers_account(new_shop: NewShop, connect: Connect) -> None:
    # A transcript is a document without the controller's account.
    shop = new_shop()
    said = [
        {"DisplayName": "Kim Beispiel", "ParticipantRole": "AGENT", "ParticipantId": CONTACT, "Content": "Hello"},
        {"DisplayName": "Anna Muster", "ParticipantRole": "CUSTOMER", "ParticipantId": CONTACT, "Content": "Hi"},
    ]
    transcript = {"AccountId": "123456789012", "CustomerMetadata": {"InputS3Uri": "s3://x/y"}, "Transcript": said}
    shop.put("1.json", json.dumps(transcript).encode())
    part = only_part(connect(shop, BY_METADATA), shop, "1.json")
    assert isinstance(part, Document)
    assert part.others == {"Kim Beispiel"}
    assert [one["Content"] for one in part.content["Transcript"]] == ["Hello", "Hi"]
    text = json.dumps(part.content)
    assert not [ours for ours in ("123456789012", "s3://", CONTACT) if ours in text]
    # What looks like JSON reaches the person in any case.
    for content in (b"{broken", b"\xff\xfe\x00", b'{"seconds": NaN}', b"[1]"):
        shop = new_shop()
        shop.put("1.json", content)
        part = only_part(connect(shop, BY_METADATA), shop, "1.json")
        if isinstance(part, Document):
            json.dumps(part.content, allow_nan=False)
        else:
            assert b"".join(part.open()) == content
            assert part.media_type == "application/json"


@pytest.mark.apart
def test_a_broken_connection_is_taken_up_where_it_broke(
    new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    # A broken connection is taken up where it broke.
    shop = new_shop()
    content = bytes(range(256)) * 4096
    shop.put("1.mp3", content)
    found = blob(connect(shop, BY_METADATA), shop, "1.mp3")
    before = len(front.requests)
    with front.failing(on_get(Fault(cut_after=300_000), times=2)):
        assert b"".join(found.open()) == content
    assert len(front.requests) - before == 3
    # A connection that keeps breaking is transient.
    shop = new_shop()
    shop.put("1.mp3", b"sound" * 1000)
    found = blob(connect(shop, BY_METADATA), shop, "1.mp3")
    with front.failing(on_get(Fault(cut_after=10))), pytest.raises(Transient):
        list(found.open())
    # Without versions, a key may be overwritten between two reads of it.
    shop = new_shop("plain")
    shop.put("1.mp3", b"a" * 600_000)
    found = blob(connect(shop, BY_METADATA), shop, "1.mp3")
    shop.put("1.mp3", b"b" * 600_000)
    with pytest.raises(Transient):
        list(found.open())


def test_what_cannot_be_read_names_what_is_missing(new_shop: NewShop, connect: Connect, front: FaultyFront) -> None:
    # A missing right to the encryption key names it.
    shop = new_shop()
    shop.put("1.mp3")
    found = blob(connect(shop, BY_METADATA), shop, "1.mp3")
    denied = Fault(403, b"<Error><Code>AccessDenied</Code><Message>ciphertext</Message></Error>")
    with front.failing(on_get(denied)), pytest.raises(Misconfigured, match=r"kms:Decrypt"):
        list(found.open())
    # An archived recording is asked to be restored.
    for restore, is_readable in (("", False), ('ongoing-request="true"', False), ('ongoing-request="false"', True)):
        shop = new_shop()
        shop.put("1.mp3")
        headers = {"x-amz-storage-class": "GLACIER", "Last-Modified": "Sat, 31 Jan 2026 10:00:00 GMT"}
        head = Fault(200, headers={**headers, **({"x-amz-restore": restore} if restore else {})})
        with front.failing(lambda method, _path, head=head: head if method == "HEAD" else None):
            if is_readable:
                assert blob(connect(shop, BY_METADATA), shop, "1.mp3")
            else:
                with pytest.raises(Refused, match="restore"):
                    only_part(connect(shop, BY_METADATA), shop, "1.mp3")


def counted(samples: list[Sample]) -> list[tuple[int, int]]:
    return [(one.looked_at, one.readable) for one in samples]


@pytest.fixture
def shop(new_shop: NewShop) -> Shop:
    shop = new_shop()
    for number in range(4):
        shop.put(f"calls/{PHONE}/{number}.wav", Metadata={"caller": PHONE}, Tagging=f"Customer={NEIGHBOUR}")
    shop.put(f"calls/{PHONE}/0.json")
    shop.put(f"calls/{PHONE}/4.wav", Metadata={"caller": "anonymous", "customer-id": CUSTOMER})
    return shop


def test_a_right_setting_shows_as_right(shop: Shop, connect: Connect) -> None:
    """A transcript without metadata does not count against the key; what is there and not readable does."""
    match = {"by": "metadata", "keys": {"caller": "phone", "customer-id": "customer_id"}}
    samples = list(connect(shop, match).samples())
    assert counted(samples) == [(5, 4), (1, 1)]
    assert samples[0].what == f"objects under {shop.prefix} with the metadata key caller"
    assert not any(one.is_wrong or one.is_unproven for one in samples)


@pytest.mark.parametrize(
    ("match", "expected"),
    [
        ({"by": "metadata", "keys": {"calller": "phone", "caller": "phone"}}, [(6, 0), (5, 4)]),
        ({"by": "metadata", "keys": {"customer-id": "email"}}, [(1, 0)]),
        ({"by": "tags", "keys": {"customer": "customer_id", "Customer": "customer_id"}}, [(6, 0), (4, 4)]),
        ({"by": "key", "template": "calls/{date}/{phone}/"}, [(6, 0)]),
        ({"by": "contact", "alias": "example", "folders": ["calls"]}, [(0, 0)]),
    ],
    ids=["typing-error", "wrong-kind", "case-of-a-tag", "template", "folders"],
)
def test_a_wrong_setting_reads_nothing(
    match: dict[str, Any], expected: list[tuple[int, int]], shop: Shop, connect: Connect
) -> None:
    """Seen on servers: with a typing error in a metadata key, each search ended as "Nothing held"."""
    assert counted(list(connect(shop, match).samples())) == expected


@pytest.mark.parametrize(
    "match",
    [
        {"by": "metadata", "keys": {"caller": "phone"}},
        {"by": "tags", "keys": {"Customer": "customer_id"}},
        {"by": "key", "template": "calls/{phone}/"},
    ],
    ids=["metadata", "tags", "key"],
)
def test_a_wrong_prefix_proves_nothing(match: dict[str, Any], shop: Shop, connect: Connect) -> None:
    (sample,) = connect(shop, match, prefix=f"{shop.prefix}cals/").samples()
    assert sample.is_unproven
    assert f"under {shop.prefix}cals/" in str(sample)
    (right,) = connect(shop, match).samples()
    assert not right.is_unproven


def test_contact_ids_are_looked_for_in_the_folders_by_day(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop()
    folder = "connect/example/CallRecordings/2026/01/31"
    shop.put(f"{folder}/{CONTACT}_20260131T10:00_UTC.wav")
    shop.put(f"{folder}/attachment.pdf")
    match = {"by": "contact", "alias": "example"}
    assert counted(list(connect(shop, match).samples())) == [(2, 1)]
    assert counted(list(connect(shop, {**match, "alias": "another"}).samples())) == [(0, 0)]


@pytest.mark.apart
def test_no_more_objects_are_read_than_are_needed(new_shop: NewShop, connect: Connect, front: FaultyFront) -> None:
    shop = new_shop()
    for number in range(120):
        shop.put(f"{number:03}.wav", b"", Metadata={"caller": PHONE})
    before = len(front.requests)
    (sample,) = connect(shop, {"by": "metadata", "keys": {"caller": "phone"}}).samples()
    assert sample.readable == sample.looked_at == 50
    assert len(front.requests) - before < 120


def test_an_object_that_may_not_be_read_fails_the_sample(shop: Shop, connect: Connect, front: FaultyFront) -> None:
    denied = Fault(403, b"<Error><Code>AccessDenied</Code></Error>")
    match = {"by": "metadata", "keys": {"caller": "phone"}}
    with front.failing(lambda method, _path: denied if method == "HEAD" else None), pytest.raises(Misconfigured):
        list(connect(shop, match).samples())
