"""The connector on Ceph's RadosGW, a second server with versions: conformance, versions, and policies that hide."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import pytest

from connectors.s3 import S3Connector
from connectors.s3.bucket import PAGE_SIZE
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.vocabulary.records import Method
from tests.integration.connectors.s3.clients import client
from tests.integration.connectors.s3.conformance import ByContact, S3Conformance
from tests.integration.connectors.s3.restoring import restored_as_new_versions
from tests.integration.connectors.s3.shop import (
    BY_METADATA,
    CUSTOMER,
    NEIGHBOUR,
    OTHER_PHONE,
    PHONE,
    PLACE,
    Shop,
    known_as,
    settings,
)
from tests.integration.connectors.s3.sounds import wav
from tests.support.peers.faulty import FaultyFront, running_front
from tests.support.peers.radosgw import restrict
from tests.support.peers.seaweedfs import S3Peer

# The same matrix as on the first server, on a second one of another maker.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("rados")]

_numbers = itertools.count(1)
WHO = known_as(customer_id=CUSTOMER)
READER = {"access_key_id": "env:TEST_S3_READER_ID", "secret_access_key": "env:TEST_S3_READER_SECRET"}
EVERYTHING = {"Effect": "Allow", "Action": ["s3:*"]}
NewShop = Callable[..., Shop]
Connect = Callable[..., S3Connector]


@pytest.fixture(scope="session")
def front(rados: S3Peer) -> Iterator[FaultyFront]:
    with running_front(rados.endpoint) as running:
        yield running


@pytest.fixture(scope="session")
def s3(rados: S3Peer) -> Any:
    return client(rados.endpoint, rados.access_key, rados.secret_key)


@pytest.fixture
def new_shop(s3: Any) -> NewShop:
    """Makes a shop with a bucket of its own; there are no locks here."""

    def make(bucket: str = "versioned") -> Shop:
        shop = Shop(s3, f"{bucket}-{next(_numbers)}", "t/")
        s3.create_bucket(Bucket=shop.bucket)
        if bucket != "plain":
            s3.put_bucket_versioning(Bucket=shop.bucket, VersioningConfiguration={"Status": "Enabled"})
        return shop

    return make


@pytest.fixture
def connect(front: FaultyFront, rados: S3Peer, monkeypatch: pytest.MonkeyPatch) -> Connect:
    monkeypatch.setenv("TEST_S3_ID", rados.access_key)
    monkeypatch.setenv("TEST_S3_SECRET", rados.secret_key)
    monkeypatch.setenv("TEST_S3_READER_ID", rados.reader_access_key)
    monkeypatch.setenv("TEST_S3_READER_SECRET", rados.reader_secret_key)
    monkeypatch.setenv("TEST_S3_WRONG_SECRET", "not-the-secret")

    def make(shop: Shop, match: dict[str, Any], page_size: int = PAGE_SIZE, **changes: Any) -> S3Connector:
        given = settings(shop.bucket, match, front.endpoint, **{"prefix": shop.prefix, **changes})
        return S3Connector("recordings", given, PLACE, attempts=1, page_size=page_size)

    return make


class TestByContact(ByContact):
    """As on SeaweedFS."""


class TestByMetadata(S3Conformance):
    match: ClassVar = BY_METADATA
    known = known_as(customer_id=CUSTOMER, phone=PHONE)
    nobody = known_as(customer_id="C-1", phone="+4930901899")
    expected: ClassVar = {"recording": 4, "transcript": 1}

    def fill(self, shop: Shop) -> None:
        both, others = {"caller": "030 901820", "customer-id": CUSTOMER}, {"caller": OTHER_PHONE}
        shop.put("calls/1.wav", wav(), Metadata=both)
        shop.put("calls/1.wav", wav(fill=b"\x01"), Metadata=both)
        shop.put("calls/1.json", b'{"Transcript": [{"Content": "hello-from-the-subject"}]}')
        shop.put("calls/2.wav", wav(), mine=False, Metadata=others)
        shop.put("calls/2.wav", wav(), Metadata=both)
        shop.put("calls/3.wav", wav(), Metadata=both)
        shop.put("calls/3.wav", wav(), mine=False, Metadata={"customer-id": NEIGHBOUR})
        shop.put("calls/4.wav", wav(), mine=False)


def test_a_bucket_and_its_versions_are_told_as_they_are(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop()
    restored_as_new_versions(shop, connect(shop, BY_METADATA))
    # Seen on this server: an empty answer of 200 to the question of replication counted as "replication is on".
    shop = new_shop()
    shop.put("1.wav")
    health = connect(shop, BY_METADATA).probe()
    assert health.ok, health.detail
    assert health.detail == "The bucket answers; versioning is on; Object Lock is off."
    # On ``dbstore`` this server begins a page with what it has shown of the last page's last key.
    shop = new_shop()
    for _, name in itertools.product(range(3), ("1.wav", "1.wav.x", "2.wav")):
        shop.put(name, Metadata={"customer-id": CUSTOMER})
    for page_size in (4, 5, 7):
        located = [one.record for one in connect(shop, BY_METADATA, page_size=page_size).locate(WHO)]
        assert len(located) == len(set(located)) == 9


class TestPolicies:
    """What a policy hides never looks as if it were not there."""

    @pytest.fixture
    def shop(self, new_shop: NewShop, s3: Any) -> Shop:
        shop = new_shop()
        shop.put("1.wav", Metadata={"customer-id": CUSTOMER}, Tagging=f"customer={CUSTOMER}")
        shop.put("secret/2.wav", Metadata={"customer-id": CUSTOMER}, Tagging=f"customer={CUSTOMER}")
        restrict(s3, shop.bucket, EVERYTHING)
        return shop

    def test_with_every_right_in_the_bucket_all_is_found(self, shop: Shop, connect: Connect) -> None:
        connector = connect(shop, BY_METADATA, **READER)
        assert connector.probe().ok
        assert len(list(connector.locate(WHO))) == 2
        assert connector.probe().excessive_rights == ()

    @pytest.mark.parametrize(
        ("action", "under"),
        [
            (["s3:ListBucketVersions"], ""),
            (["s3:GetObject", "s3:GetObjectVersion"], "t/secret/"),
            (["s3:GetObject", "s3:GetObjectVersion"], ""),
        ],
    )
    def test_what_is_denied_fails_the_search(
        self, action: list[str], under: str, shop: Shop, connect: Connect, s3: Any
    ) -> None:
        restrict(s3, shop.bucket, EVERYTHING, {"Effect": "Deny", "Action": action, "under": under})
        connector = connect(shop, BY_METADATA, **READER)
        with pytest.raises(Misconfigured, match=action[-1]):
            list(connector.locate(WHO))
        with pytest.raises(Misconfigured, match=action[-1]):
            list(connector.samples())

    def test_tags_that_are_denied_in_part_fail_the_search(self, shop: Shop, connect: Connect, s3: Any) -> None:
        denied = {"Effect": "Deny", "Action": ["s3:GetObjectVersionTagging"], "under": "t/secret/"}
        restrict(s3, shop.bucket, EVERYTHING, denied)
        connector = connect(shop, {"by": "tags", "keys": {"customer": "customer_id"}}, **READER)
        with pytest.raises(Misconfigured, match="s3:GetObjectVersionTagging"):
            list(connector.locate(WHO))

    def test_a_list_for_another_prefix_only_fails_the_search(self, shop: Shop, connect: Connect, s3: Any) -> None:
        elsewhere = {
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketVersions"],
            "Condition": {"StringLike": {"s3:prefix": "elsewhere/*"}},
        }
        restrict(s3, shop.bucket, elsewhere, {"Effect": "Allow", "Action": ["s3:Get*"]})
        connector = connect(shop, BY_METADATA, **READER)
        assert not connector.probe().ok
        with pytest.raises(Misconfigured, match="s3:ListBucket"):
            list(connector.locate(WHO))
        assert list(connect(shop, BY_METADATA, prefix="elsewhere/", **READER).locate(WHO)) == []

    def test_a_recording_that_may_not_be_read_is_not_passed_over(self, shop: Shop, connect: Connect, s3: Any) -> None:
        refs = [one.record for one in connect(shop, BY_METADATA).locate(WHO)]
        denied = {"Effect": "Deny", "Action": ["s3:GetObject", "s3:GetObjectVersion"], "under": "t/secret/"}
        restrict(s3, shop.bucket, EVERYTHING, denied)
        with pytest.raises(Misconfigured):
            list(connect(shop, BY_METADATA, **READER).extract(refs, WHO))

    def test_a_deletion_that_is_denied_is_no_erasure(self, shop: Shop, connect: Connect, s3: Any) -> None:
        """Before another person's version could be shown, a marker has to hide it, which needs a right of its own."""
        action = "s3:DeleteObject"
        shop.put("3.wav", mine=False, Metadata={"customer-id": NEIGHBOUR})
        shop.put("3.wav", Metadata={"customer-id": CUSTOMER})
        restrict(s3, shop.bucket, EVERYTHING, {"Effect": "Deny", "Action": [action]})
        before = shop.left()
        with pytest.raises(Misconfigured, match=action):
            list(connect(shop, BY_METADATA, **READER).erase([shop.ref("3.wav")], Method.ERASE, WHO))
        assert set(shop.left()) == set(before)
