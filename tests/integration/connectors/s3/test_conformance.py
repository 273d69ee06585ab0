"""The conformance suite on SeaweedFS, once per way of matching.

Besides the first, whose bucket holds all that a bucket may hold, they are apart.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import ClassVar

import pytest

from tests.integration.connectors.s3.conformance import ByContact, S3Conformance
from tests.integration.connectors.s3.shop import BY_METADATA, CUSTOMER, NEIGHBOUR, OTHER_PHONE, PHONE, Shop, known_as
from tests.integration.connectors.s3.sounds import wav


@pytest.mark.apart
class TestByMetadata(S3Conformance):
    match: ClassVar = BY_METADATA
    known = known_as(customer_id=CUSTOMER, phone=PHONE)
    nobody = known_as(customer_id="C-1", phone="+4930901899")
    expected: ClassVar = {"recording": 7, "transcript": 1}

    def fill(self, shop: Shop) -> None:
        both = {"caller": "030 901820", "customer-id": CUSTOMER}
        shop.put("calls/1.wav", wav(), Metadata=both)
        shop.put("calls/1.wav", wav(fill=b"\x01"), Metadata=both)
        shop.put("calls/1.json", b'{"Transcript": [{"Content": "hello-from-the-subject"}]}')
        shop.put("calls/2.wav", wav(), Metadata={"caller": PHONE})
        shop.put("calls/3.wav", wav(), Metadata={"customer-id": CUSTOMER, "caller": "anonymous"})
        shop.mark_deleted("calls/3.wav")
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        shop.put("calls/4.wav", wav(), Metadata=both, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=tomorrow)
        shop.put("calls/5.wav", wav(), Metadata=both, ObjectLockLegalHoldStatus="ON")
        shop.put("calls/1.wav.old.wav", wav(), mine=False, Metadata={"customer-id": NEIGHBOUR})
        shop.put("calls/12.wav", wav(), mine=False, Metadata={"caller": OTHER_PHONE, "customer-id": NEIGHBOUR})
        shop.put("calls/13.wav", wav(), mine=False)
        # One key for every call at a desk: before the subject, another caller.
        shop.put("calls/desk-7.wav", wav(fill=b"\x02"), mine=False, Metadata={"caller": OTHER_PHONE})
        shop.put("calls/desk-7.wav", wav(fill=b"\x03"), Metadata=both)


@pytest.mark.apart
class TestByTags(S3Conformance):
    match: ClassVar = {"by": "tags", "keys": {"Customer": "customer_id"}}
    known = known_as(customer_id=CUSTOMER)
    nobody = known_as(customer_id="C-1")
    expected: ClassVar = {"recording": 1, "screen-recording": 1}

    def fill(self, shop: Shop) -> None:
        shop.put("a.wav", wav(channels=1), Tagging=f"Customer={CUSTOMER}&team=blue")
        shop.put("b.mp4", b"moving pictures", Tagging=f"Customer={CUSTOMER}")
        shop.put("c.wav", wav(), mine=False, Tagging=f"Customer={NEIGHBOUR}")
        shop.put("d.wav", wav(), mine=False, Tagging=f"customer={CUSTOMER}")


@pytest.mark.apart
class TestByKey(S3Conformance):
    match: ClassVar = {"by": "key", "template": "{customer_id}/{date}/{phone}_"}
    known = known_as(customer_id=CUSTOMER, phone=PHONE)
    nobody = known_as(customer_id="C-1", phone="+4930901899")
    expected: ClassVar = {"recording": 2, "transcript": 1}

    def fill(self, shop: Shop) -> None:
        shop.put(f"{CUSTOMER}/2026-03-01/{PHONE}_1.wav", wav())
        shop.put(f"{CUSTOMER}/2026-03-01/{PHONE}_1.json", json.dumps(["hello-from-the-subject"]).encode())
        shop.put(f"{CUSTOMER}/20260302/030901822_2.wav", wav())
        shop.put(f"{NEIGHBOUR}/2026-03-01/{OTHER_PHONE}_1.wav", wav(), mine=False)
        # The household's telephone: the neighbour called from the subject's number.
        shop.put(f"{NEIGHBOUR}/2026-03-02/{PHONE}_1.wav", wav(), mine=False)
        shop.put(f"{CUSTOMER}/notes.txt", b"of no known form", mine=False)


@pytest.mark.apart
class TestByContact(ByContact):
    """On SeaweedFS."""
