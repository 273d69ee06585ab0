"""Keys that look alike, or like something else, on two servers: the subject's go, and each neighbour's stays.

Each pair of keys is of two people, once this way round and once the other.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from itertools import count
from typing import Any

import pytest
from botocore.exceptions import ClientError

from connectors.s3 import S3Connector
from connectors.s3.objects import read_name
from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.domain.vocabulary.records import Blob, Method, Outcome, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import find
from tests.integration.connectors.s3.clients import client
from tests.integration.connectors.s3.shop import BY_METADATA, CUSTOMER, NEIGHBOUR, PLACE, Shop, known_as, settings
from tests.support.peers.seaweedfs import S3Peer

pytestmark = pytest.mark.slow

WHO = known_as(customer_id=CUSTOMER)
MINE, THEIRS = {"customer-id": CUSTOMER}, {"customer-id": NEIGHBOUR}
_APART = unicodedata.normalize("NFD", "Zoë ä.wav")
PAIRS = [
    ("a/b.wav", "a//b.wav"),
    ("/a/b.wav", "//a/b.wav"),
    ("a.wav", "a/../a.wav"),
    ("./c.wav", "../c.wav"),
    ("d/e.wav", "d%2Fe.wav"),
    ("d%252Fe.wav", "d%2fe.wav"),
    (unicodedata.normalize("NFC", _APART), _APART),
    ("f g.wav", "f+g.wav"),
    ("f%20g.wav", "f g.wav "),
    ("h.wav", "h.wav.bak"),
    ("i/j", "i"),
    ("K.wav", "k.wav"),
    ("l.wav?versionId=null", "l.wav"),
    ("m&n<o>.wav", "m&amp;n&lt;o&gt;.wav"),
    ("p\nq.wav", "p\rq.wav"),
    ("r\x01s.wav", "r\x02s.wav"),
    ("t*.wav", "t?.wav"),
    ("\U0001f600.wav", "u\ufeff.wav"),
    ("x" * 200 + "/" + "y" * 200 + ".wav", "x" * 200 + "/" + "y" * 200 + ".wav.z"),
]
_numbers = count(1)


@pytest.fixture(
    params=[
        pytest.param("peer", marks=pytest.mark.xdist_group("s3"), id="SeaweedFS"),
        pytest.param("rados", marks=pytest.mark.xdist_group("rados"), id="RadosGW"),
    ]
)
def server(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> S3Peer:
    peer: S3Peer = request.getfixturevalue(request.param)
    monkeypatch.setenv("TEST_S3_ID", peer.access_key)
    monkeypatch.setenv("TEST_S3_SECRET", peer.secret_key)
    return peer


@pytest.fixture(params=["versioned", "plain"])
def shop(request: pytest.FixtureRequest, server: S3Peer) -> Shop:
    return new_shop(server, request.param)


def new_shop(server: S3Peer, sort: str) -> Shop:
    shop = Shop(client(server.endpoint, server.access_key, server.secret_key), f"odd-{sort}-{next(_numbers)}")
    shop.s3.create_bucket(Bucket=shop.bucket)
    if sort == "versioned":
        shop.s3.put_bucket_versioning(Bucket=shop.bucket, VersioningConfiguration={"Status": "Enabled"})
    return shop


def connected(server: S3Peer, shop: Shop, match: dict[str, Any], **changes: Any) -> S3Connector:
    return S3Connector("recordings", settings(shop.bucket, match, server.endpoint, **changes), PLACE, attempts=1)


def put_pairs(shop: Shop, pairs: list[tuple[str, str]], *, swapped: bool) -> dict[str, bool]:
    """Store both of each pair; whose each is that the server took, and shows under its own name and no other's."""
    for pair in pairs:
        for number, key in enumerate(pair):
            is_mine = (number == 0) != swapped
            try:
                shop.put(key, f"{key!r} of {is_mine}".encode(), mine=is_mine, Metadata=MINE if is_mine else THEIRS)
            except ClientError:
                # What a server does not take cannot be in it.
                shop.mine = {one for one in shop.mine if one[0] != key}
    kept = {}
    for page in shop.pages():
        for one in page.get("Versions", ()):
            # Some servers have one name for several of these keys; then the last one that was stored is there.
            body = shop.s3.get_object(Bucket=shop.bucket, Key=one["Key"], VersionId=one["VersionId"])["Body"].read()
            is_mine = body.endswith(b"True")
            kept[f"{one['Key']}\0{one['VersionId']}"] = is_mine
            (shop.mine.add if is_mine else shop.mine.discard)((one["Key"], one["VersionId"]))
    return kept


@pytest.mark.parametrize("swapped", [False, True])
def test_of_two_keys_that_look_alike_the_subjects_goes_alone(server: S3Peer, shop: Shop, swapped: bool) -> None:
    # SeaweedFS lists a sign of control as another one, under which it has nothing.
    pairs = [one for one in PAIRS if "\x01" not in one[0] or "rados" in server.access_key or shop_keeps(shop, one[0])]
    kept = put_pairs(shop, pairs, swapped=swapped)
    mine = {name for name, is_mine in kept.items() if is_mine}
    assert len(mine) > 12
    assert len(kept) - len(mine) > 12
    before, connector = shop.everything_else(), connected(server, shop, BY_METADATA)
    found = find(connector, WHO)
    named = [read_name(one.ref) for one in found.refs]
    assert {f"{one.key}\0{one.version_id}" for one in named} == mine
    given = [b"".join(one.open()) for one in connector.extract(found.refs, WHO) if isinstance(one, Blob)]
    assert len(given) == len(mine)
    assert all(one.endswith(b"True") for one in given)
    for kind in sorted({one.kind for one in found.refs}):
        outcomes = list(connector.erase([one for one in found.refs if one.kind == kind], Method.ERASE, WHO))
        assert {(one.kind, one.refused) for one in outcomes} == {(OutcomeKind.ERASED, False)}
    assert {one.state for one in connector.presence(found.refs, WHO)} == {PresenceState.ABSENT}
    assert shop.everything_else() == before


def shop_keeps(shop: Shop, key: str) -> bool:
    """Whether a server shows a key as it was stored."""
    shop.s3.put_object(Bucket=shop.bucket, Key=key, Body=b"")
    listed = shop.s3.list_object_versions(Bucket=shop.bucket).get("Versions", ())
    for one in listed:
        shop.s3.delete_object(Bucket=shop.bucket, Key=key, VersionId=one["VersionId"])
    return [one["Key"] for one in listed] == [key]


def test_of_folders_that_look_alike_the_subjects_goes_alone(server: S3Peer, shop: Shop) -> None:
    mine = [f"calls/{CUSTOMER}/{name}" for name in ("1.wav", "2 +%.wav", "x/3.wav", "ä.wav")]
    theirs = [f"calls/{NEIGHBOUR}/1.wav", f"calls/{CUSTOMER}%2F1/1.wav", f"calls/{CUSTOMER}", f"calls/{CUSTOMER}.wav"]
    theirs += [f"calls/x{CUSTOMER}/1.wav", f"Calls/{CUSTOMER}/1.wav", f"calls/{NEIGHBOUR}/{CUSTOMER}/1.wav"]
    theirs += [f"calls/{CUSTOMER}-{CUSTOMER}/1.wav", f"xcalls/{CUSTOMER}/1.wav"]
    for key in (*mine, *theirs):
        shop.put(key, key.encode(), mine=key in mine)
    before = shop.everything_else()
    connector = connected(server, shop, {"by": "key", "template": "calls/{customer_id}/"})
    found = find(connector, WHO)
    assert sorted(read_name(one.ref).key for one in found.refs) == sorted(mine)
    outcomes = list(connector.erase(found.refs, Method.ERASE, WHO))
    assert {one.kind for one in outcomes} == {OutcomeKind.ERASED}
    assert shop.everything_else() == before
    assert sorted(shop.left()) == sorted(theirs)


def while_deleting(connector: S3Connector, act: Callable[[], object]) -> None:
    """Let something happen once, between the last look and the deletion."""
    left = [act]

    def happen(**_: object) -> None:
        while left:
            left.pop()()

    connector._clients.current().meta.events.register("before-send.s3.DeleteObjects", happen)


def overwritten(server: S3Peer, sort: str) -> tuple[Shop, S3Connector, list[RecordRef]]:
    shop = new_shop(server, sort)
    shop.put("1.wav", b"old", Metadata=MINE)
    shop.put("2.wav", b"other", Metadata=MINE)
    refs = [shop.ref("1.wav"), shop.ref("2.wav")]
    connector = connected(server, shop, BY_METADATA)
    while_deleting(connector, lambda: shop.put("1.wav", b"new", mine=False, Metadata=THEIRS))
    return shop, connector, refs


@pytest.mark.parametrize("sort", ["versioned", "plain"])
def test_what_is_stored_over_a_recording_while_it_is_erased_stays(peer: S3Peer, keys: None, sort: str) -> None:
    shop, connector, refs = overwritten(peer, sort)
    outcomes = list[Outcome]()
    if sort == "plain":
        with pytest.raises(Transient, match="replaced meanwhile"):
            outcomes += connector.erase(refs, Method.ERASE, WHO)
    outcomes += connector.erase(refs, Method.ERASE, WHO)
    assert {one.kind for one in outcomes} == {OutcomeKind.ERASED}
    assert shop.s3.get_object(Bucket=shop.bucket, Key="1.wav")["Body"].read() == b"new"
    assert shop.left() == ["1.wav"]


def test_what_a_rule_of_the_store_removes_meanwhile_is_gone_and_hides_no_one(server: S3Peer) -> None:
    """As lifecycle rules do: markers over current versions, and older versions taken away for good."""
    shop = new_shop(server, "versioned")
    oldest = shop.put("1.wav", b"theirs", mine=False, Metadata=THEIRS)
    middle = shop.put("1.wav", b"mine 1", Metadata=MINE)
    shop.put("1.wav", b"mine 2", Metadata=MINE)
    alone = shop.put("2.wav", b"mine 3", Metadata=MINE)
    connector, refs = connected(server, shop, BY_METADATA), [*shop.refs("1.wav"), shop.ref("2.wav")]
    mine = [one for one in refs if read_name(one.ref).version_id != oldest]

    def expire() -> None:
        shop.remove("1.wav", middle)
        shop.mark_deleted("1.wav")
        shop.remove("2.wav", alone)

    while_deleting(connector, expire)
    before = shop.s3.get_object(Bucket=shop.bucket, Key="1.wav", VersionId=oldest)["Body"].read()
    outcomes = list(connector.erase(mine, Method.ERASE, WHO))
    assert {one.kind for one in outcomes} == {OutcomeKind.ERASED}
    assert shop.s3.get_object(Bucket=shop.bucket, Key="1.wav", VersionId=oldest)["Body"].read() == before
    assert {one.state for one in connector.presence(mine, WHO)} == {PresenceState.ABSENT}


def test_an_object_with_a_key_of_its_writer_is_named(peer: S3Peer, keys: None) -> None:
    shop = new_shop(peer, "plain")
    shop.put("1.wav", Metadata=MINE)
    shop.put("2.wav", mine=False, SSECustomerAlgorithm="AES256", SSECustomerKey="k" * 32)
    connector = connected(peer, shop, BY_METADATA)
    with pytest.raises(Misconfigured, match="SSE-C"):
        list(connector.locate(WHO))
    assert len(list(connected(peer, shop, BY_METADATA, prefix="1").locate(WHO))) == 1
    assert shop.left() == ["1.wav", "2.wav"]


def test_a_recording_stored_in_parts_is_told_from_another_in_its_place(server: S3Peer) -> None:
    shop = new_shop(server, "plain")
    for name, of in (("1.wav", MINE), ("2.wav", MINE)):
        _put_in_parts(shop, name, of, b"old")
    connector, refs = connected(server, shop, BY_METADATA), [shop.ref("1.wav"), shop.ref("2.wav")]
    _put_in_parts(shop, "2.wav", THEIRS, b"new")
    list(connector.erase(refs, Method.ERASE, WHO))
    assert shop.left() == ["2.wav"]
    assert shop.s3.head_object(Bucket=shop.bucket, Key="2.wav")["Metadata"] == THEIRS


def _put_in_parts(shop: Shop, name: str, metadata: dict[str, str], end: bytes) -> None:
    where = {"Bucket": shop.bucket, "Key": name}
    begun = {**where, "UploadId": shop.s3.create_multipart_upload(**where, Metadata=metadata)["UploadId"]}
    parts = []
    for number, body in ((1, b"1" * (5 << 20)), (2, end)):
        etag = shop.s3.upload_part(**begun, PartNumber=number, Body=body)["ETag"]
        parts.append({"PartNumber": number, "ETag": etag})
    shop.s3.complete_multipart_upload(**begun, MultipartUpload={"Parts": parts})
