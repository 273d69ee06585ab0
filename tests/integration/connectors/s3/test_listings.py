"""Many recordings are looked at by few listings, and each for itself where that proves nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from connectors.s3 import S3Connector
from connectors.s3.bucket import Bucket
from rightsflow.domain.errors import Permanent
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.s3.clients import client
from tests.integration.connectors.s3.shop import BY_METADATA, OTHER_PHONE, PHONE, Shop, known_as
from tests.support.peers.faulty import Fault, FaultyFront

Connect = Callable[..., S3Connector]
NewShop = Callable[..., Shop]
WHO = known_as(phone=PHONE)
MANY = 24


@pytest.fixture
def shop(new_shop: NewShop) -> Shop:
    """Recordings of the person in two folders, under keys that begin alike, with another person's among them."""
    made = new_shop()
    for number in range(MANY):
        made.put(f"2026/{number % 2}/{number}.wav", Metadata={"caller": PHONE})
    for name in ("2026/0/1.wav", "2026/1/2.wav", "2026/0/0.wav.json"):
        made.put(name, mine=False, Metadata={"caller": OTHER_PHONE})
    return made


def refs_of(shop: Shop) -> list[RecordRef]:
    return [ref for number in range(MANY) for ref in shop.refs(f"2026/{number % 2}/{number}.wav")]


def listings(front: FaultyFront, since: int) -> int:
    return sum("versions" in path and "delete" not in path for _, path in front.requests[since:])


def states(connector: S3Connector, refs: list[RecordRef]) -> Counter[PresenceState]:
    return Counter(one.state for one in connector.presence(refs, WHO))


@pytest.mark.apart
def test_many_keys_are_erased_and_looked_at_by_two_listings(shop: Shop, connect: Connect, front: FaultyFront) -> None:
    connector, refs, others = connect(shop, BY_METADATA), refs_of(shop), shop.everything_else()
    since = len(front.requests)
    outcomes = list(connector.erase(refs, Method.ERASE, WHO))
    assert [one.record for one in outcomes] == refs
    assert {one.kind for one in outcomes} == {OutcomeKind.ERASED}
    assert states(connector, refs) == {PresenceState.ABSENT: MANY}
    assert listings(front, since) == 2
    assert shop.everything_else() == others


@pytest.mark.apart
@pytest.mark.parametrize("page_size", [5, pytest.param(2, marks=pytest.mark.slow)])
def test_a_prefix_that_is_too_full_is_given_up_and_each_key_asked_for(
    page_size: int, shop: Shop, connect: Connect, front: FaultyFront
) -> None:
    connector, refs, others = connect(shop, BY_METADATA, page_size=page_size), refs_of(shop), shop.everything_else()
    assert states(connector, refs) == {PresenceState.PRESENT: MANY}
    since = len(front.requests)
    assert {one.kind for one in connector.erase(refs, Method.ERASE, WHO)} == {OutcomeKind.ERASED}
    assert listings(front, since) >= MANY
    assert states(connector, refs) == {PresenceState.ABSENT: MANY}
    assert shop.everything_else() == others


@pytest.mark.apart
def test_a_listing_that_is_refused_leaves_each_key_to_itself(shop: Shop, connect: Connect, front: FaultyFront) -> None:
    refs, refused = refs_of(shop), Fault(501, b"<Error><Code>NotImplemented</Code></Error>")
    only_whole_keys = lambda _method, path: refused if "versions" in path and ".wav" not in path else None  # noqa: E731
    with front.failing(only_whole_keys):
        assert states(connect(shop, BY_METADATA), refs) == {PresenceState.PRESENT: MANY}


PREFIX_NEIGHBOURS = ("anna/1.wav", "anna/2.wav", "anna/3.wav", "anna-b/1.wav", "anna-b/2.wav", "anna.wav")


def test_a_store_that_loses_entries_between_pages_is_found_out_and_no_search_of_it_ends(
    new_shop: NewShop, connect: Connect
) -> None:
    """SeaweedFS goes folder by folder, and begins each page after a key that sorts after what it has not shown."""
    shop = new_shop()
    for name in PREFIX_NEIGHBOURS:
        shop.put(name, Metadata={"caller": PHONE})
    for _ in range(2):
        with pytest.raises(Permanent, match="loses entries between the pages of a listing"):
            list(connect(shop, BY_METADATA, page_size=2).locate(WHO))
    assert len(list(connect(shop, BY_METADATA).locate(WHO))) == len(PREFIX_NEIGHBOURS)


@pytest.mark.apart
def test_a_store_that_sorts_is_read_page_by_page(moto: str) -> None:
    s3 = client(moto, "key", "secret")
    s3.create_bucket(Bucket="sorted")
    for name in PREFIX_NEIGHBOURS:
        s3.put_object(Bucket="sorted", Key=name, Body=b"sound")
    for size in (1, 2, 3, 5):
        found = Bucket(s3, "sorted", "recordings", "locate", page_size=size).stored("")
        assert sorted(one.key for one in found) == sorted(PREFIX_NEIGHBOURS)
