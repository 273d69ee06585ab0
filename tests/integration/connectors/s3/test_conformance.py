"""The conformance suite on SeaweedFS, once per way of matching."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, ClassVar

import pytest

from connectors.s3 import S3Connector
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.records import Method
from rightsflow.testing.conformance import Bench, ConnectorConformance
from tests.integration.connectors.s3.shop import (
    BY_METADATA,
    CONTACT,
    CUSTOMER,
    NEIGHBOUR,
    OTHER_CONTACT,
    OTHER_PHONE,
    PHONE,
    Shop,
    known_as,
)
from tests.integration.connectors.s3.sounds import wav
from tests.support.peers.faulty import Fault, FaultyFront

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>"
KINDS = ("transcript", "screen-recording", "recording")


def refuse_lists(front: FaultyFront, status: int) -> AbstractContextManager[None]:
    """Answer each list of versions with a status and no body, or with a connection that is cut."""
    return front.failing(lambda _method, path: Fault(status) if "versions" in path.partition("?")[2] else None)


class S3Conformance(ConnectorConformance):
    """What the benches have in common."""

    match: ClassVar[dict[str, Any]]
    known: Identifiers
    nobody: Identifiers
    expected: ClassVar[dict[str, int]]

    def fill(self, shop: Shop) -> None:
        raise NotImplementedError

    @pytest.fixture
    def bench(self, new_shop: Callable[..., Shop], connect: Callable[..., S3Connector], front: FaultyFront) -> Bench:
        shop = new_shop("locking")
        self.fill(shop)

        def outage() -> AbstractContextManager[None]:
            return front.failing(lambda _method, _path: Fault(503, SLOW_DOWN))

        return Bench(
            connector=connect(shop, self.match),
            known=self.known,
            nobody=self.nobody,
            expected=self.expected,
            canaries=frozenset({PHONE, PHONE[1:], CUSTOMER, CONTACT, "hello-from-the-subject"}),
            neighbours=shop.everything_else,
            outage=outage,
            refused_lists={str(status): partial(refuse_lists, front, status) for status in (403, 404, 0)},
            method_for=dict.fromkeys(KINDS, Method.ERASE),
            wrong_credentials=lambda: connect(shop, self.match, secret_access_key="env:TEST_S3_WRONG_SECRET"),
        )


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


class TestByContact(S3Conformance):
    match: ClassVar = {"by": "contact", "alias": "example"}
    known = frozenset(Identifier(IdentifierKind.ACCOUNT_ID, one, "recordings") for one in (CONTACT, "cus_J5example"))
    nobody = frozenset({Identifier(IdentifierKind.ACCOUNT_ID, "0" * 8 + CONTACT[8:], "recordings")})
    expected: ClassVar = {"recording": 2, "transcript": 2, "screen-recording": 1}

    def fill(self, shop: Shop) -> None:
        for contact, mine in ((CONTACT, True), (OTHER_CONTACT, False)):
            root = "connect/example"
            shop.put(f"{root}/CallRecordings/2026/01/31/{contact}_20260131T23:30_UTC.wav", wav(), mine=mine)
            shop.put(f"{root}/ScreenRecordings/2026/02/01/{contact}_20260201T00:01_UTC.mp4", b"film", mine=mine)
            text = json.dumps({"Participants": [{"ParticipantRole": "CUSTOMER"}], "Transcript": []}).encode()
            stamp = "2026-02-01T00:02:03Z"
            for name in (f"Analysis/Voice/2026/02/01/{contact}_analysis_{stamp}.json",
                         f"Analysis/Voice/Redacted/2026/02/01/{contact}_analysis_redacted_{stamp}.json"):  # fmt: skip
                shop.put(name, text, mine=mine)
            redacted = f"Analysis/Voice/Redacted/2026/02/01/{contact}_call_recording_redacted_{stamp}.wav"
            shop.put(redacted, wav(), mine=mine)
