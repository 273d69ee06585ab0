"""The conformance suite on an object store, as SeaweedFS and RadosGW share it."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, ClassVar

import pytest

from connectors.s3 import S3Connector
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import Method
from rightsflow.testing.bench import Bench
from tests.integration.connectors.s3.shop import CONTACT, CUSTOMER, OTHER_CONTACT, PHONE, Shop
from tests.integration.connectors.s3.sounds import wav
from tests.support.conformance import ConformanceInWalks
from tests.support.peers.faulty import Fault, FaultyFront

SLOW_DOWN = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate</Message></Error>"


KINDS = ("transcript", "screen-recording", "recording")


def refuse_lists(front: FaultyFront, status: int) -> AbstractContextManager[None]:
    """Answer each list of versions with a status and no body, or with a connection that is cut."""
    return front.failing(lambda _method, path: Fault(status) if "versions" in path.partition("?")[2] else None)


class S3Conformance(ConformanceInWalks):
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
            never_shared="In this bucket each object is of one contact.",
            wrong_credentials=lambda: connect(shop, self.match, secret_access_key="env:TEST_S3_WRONG_SECRET"),
        )


class ByContact(S3Conformance):
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
