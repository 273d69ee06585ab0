"""A wrong setting is seen before a search by it finds nothing, on SeaweedFS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.s3 import S3Connector
from rightsflow.domain.connector import Sample
from rightsflow.domain.errors import Misconfigured
from tests.integration.connectors.s3.shop import CONTACT, CUSTOMER, NEIGHBOUR, PHONE, Shop
from tests.support.peers.faulty import Fault, FaultyFront

Connect = Callable[..., S3Connector]
NewShop = Callable[..., Shop]


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
