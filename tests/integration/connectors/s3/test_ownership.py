"""A companion is shared as its recording is, and what was tagged anew is judged by what its tags say now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from connectors.s3 import S3Connector
from rightsflow.domain.vocabulary.records import Blob, Document, Fact, Method, OutcomeKind
from rightsflow.testing.bench import decide, key_of
from tests.integration.connectors.s3.shop import BY_METADATA, CUSTOMER, NEIGHBOUR, OTHER_PHONE, PHONE, Shop, known_as

pytestmark = pytest.mark.xdist_group("s3")
WHO = known_as(customer_id=CUSTOMER, phone=PHONE)
BY_TAGS: dict[str, Any] = {"by": "tags", "keys": {"customer": "customer_id"}}


def test_what_is_of_two_people_or_anothers_by_now_is_left(
    new_shop: Callable[..., Shop], connect: Callable[..., S3Connector]
) -> None:
    # Before, it was not reported at all; the recording was, as of two people.
    shop = new_shop()
    metadata = {"caller": f"{PHONE}, {OTHER_PHONE}"}
    shop.put("7.wav", mine=False, Metadata=metadata)
    shop.put("7.json", b'{"text": "his secret"}', mine=False)
    shop.put("8.wav", Metadata={"customer-id": CUSTOMER})
    shop.put("8.json", b'{"text": "hers"}')
    connector = connect(shop, BY_METADATA)
    found = {one.record: one for one in connector.locate(WHO)}
    decided = decide(list(found.values()), WHO)
    text, own = shop.ref("7.json"), shop.ref("8.json")
    assert Fact.SHARED in found[text].facts
    assert found[text].via == shop.ref("7.wav")
    assert (key_of(text) in decided.shared, key_of(own) in decided.shared) == (True, False)
    parts = list(connector.extract([text], WHO))
    assert all("secret" not in str(one.content) for one in parts if isinstance(one, Document))
    assert not [one for one in parts if isinstance(one, Blob)]
    assert "hers" in str([one.content for one in connector.extract([own], WHO) if isinstance(one, Document)])
    # Before, a recording whose tag was put right after the search was given out and erased.
    shop = new_shop()
    for name in ("1.wav", "2.wav"):
        shop.put(name, Tagging=f"customer={CUSTOMER}")
    connector = connect(shop, BY_TAGS)
    refs = [shop.ref(name) for name in ("1.wav", "2.wav")]
    assert {one.record for one in connector.locate(WHO)} == set(refs)
    tags = {"TagSet": [{"Key": "customer", "Value": NEIGHBOUR}]}
    shop.s3.put_object_tagging(Bucket=shop.bucket, Key=f"{shop.prefix}1.wav", Tagging=tags)
    assert {one.record for one in connector.extract(refs, WHO)} == {refs[1]}
    outcomes = {one.record: one.kind for one in connector.erase(refs, Method.ERASE, WHO)}
    assert outcomes == {refs[0]: OutcomeKind.RETAINED, refs[1]: OutcomeKind.ERASED}
    assert "1.wav" in shop.left()
    assert "2.wav" not in shop.left()
