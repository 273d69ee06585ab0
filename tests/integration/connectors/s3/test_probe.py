"""The probe, the translation of errors and the limits of waiting, on SeaweedFS behind a front that can fail."""

from __future__ import annotations

import io
import logging
import socket
import traceback
from collections.abc import Callable
from time import monotonic

import pytest

from connectors.bounds import AnswerBounds, AnswerTooSlow, MeteredBytes
from connectors.s3 import S3Connector
from rightsflow.domain.circuit_breaker import SLOWEST
from rightsflow.domain.errors import Misconfigured, Permanent, Refused, RightsflowError, Transient
from tests.integration.connectors.s3.frozen import HEAD, frozen_server
from tests.integration.connectors.s3.shop import BY_METADATA, PHONE, PLACE, Shop, known_as, settings
from tests.support.peers.faulty import Fault, FaultyFront

Connect = Callable[..., S3Connector]
NewShop = Callable[..., Shop]
READER = {"access_key_id": "env:TEST_S3_READER_ID", "secret_access_key": "env:TEST_S3_READER_SECRET"}


@pytest.mark.apart
def test_the_state_of_the_bucket_is_told_and_left_as_it_is(
    new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    # The state of the bucket is told.
    for bucket, said in (
        ("plain", "versioning is off; Object Lock is off"),
        ("versioned", "versioning is on; Object Lock is off"),
        ("locking", "versioning is on; Object Lock is on"),
    ):
        shop = new_shop(bucket)
        for _ in range(2):  # empty, then with an object to try the encryption key on
            health = connect(shop, BY_METADATA).probe()
            assert health.ok, health.detail
            assert said in health.detail
            shop.put("1.wav", b"")
            shop.put("2.wav")
    # The probe leaves nothing behind.
    shop = new_shop()
    assert connect(shop, {"by": "tags", "keys": {"customer": "customer_id"}}).probe().ok
    assert shop.left() == []
    assert "s3:ListAllMyBuckets" in " ".join(connect(new_shop(), BY_METADATA).probe().excessive_rights)
    # Versions that only a hardware token removes are told.
    shop = new_shop()
    with_token = Fault(
        200,
        b"<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
    )
    with front.failing(lambda _method, path: with_token if path.endswith("?versioning") else None):
        health = connect(shop, BY_METADATA).probe()
    assert not health.ok
    assert "MFA delete" in health.detail
    # Replication is told.
    rule = b"<Role>r</Role><Rule><Status>Enabled</Status></Rule>"
    replicated = Fault(200, b"<ReplicationConfiguration>" + rule + b"</ReplicationConfiguration>")
    with front.failing(lambda _method, path: replicated if path.endswith("?replication") else None):
        health = connect(new_shop(), BY_METADATA).probe()
    assert health.ok
    assert "replicas have to be erased in their own bucket" in health.detail


@pytest.mark.apart
def test_what_is_missing_or_wrong_is_named_with_its_mend(
    new_shop: NewShop, connect: Connect, front: FaultyFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A right that is missing is named.
    health = connect(new_shop(), BY_METADATA, **READER).probe()
    assert not health.ok
    assert "s3:DeleteObjectVersion" in health.detail
    assert "s3:GetObjectVersion" not in health.detail
    # A right to the encryption key that is missing is named.
    shop = new_shop()
    shop.put("1.wav")

    def denied(method: str, path: str) -> Fault | None:
        return Fault(403, b"<Error><Code>AccessDenied</Code></Error>") if "1.wav" in path and method == "GET" else None

    with front.failing(denied):
        health = connect(shop, BY_METADATA).probe()
    assert not health.ok
    assert "kms:Decrypt" in health.detail
    # A wrong setting is named with its mend.
    for changes, mend in (
        ({"bucket": "no-such-bucket"}, "correct the key bucket"),
        ({"secret_access_key": "env:TEST_S3_WRONG_SECRET"}, "secret does not fit"),
        ({"access_key_id": "env:TEST_S3_WRONG_SECRET"}, "does not know the access key"),
        ({"access_key_id": "env:TEST_S3_UNSET"}, "TEST_S3_UNSET is not set"),
    ):
        connector = connect(new_shop(), BY_METADATA, **changes)
        health = connector.probe()
        assert not health.ok
        assert mend in health.detail
        with pytest.raises(Misconfigured, match=mend):
            list(connector.locate(known_as(phone=PHONE)))
    # Without any credentials the keys are asked for.
    for name in ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    connector = connect(new_shop(), BY_METADATA, access_key_id=None, secret_access_key=None)
    assert "access_key_id" in connector.probe().detail


def test_an_answer_that_makes_no_sense_is_an_error(
    keys: None, new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    # A server that is not there is transient.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        endpoint = f"http://127.0.0.1:{free.getsockname()[1]}"
    connector = S3Connector("recordings", settings("versioned", BY_METADATA, endpoint), PLACE, attempts=1)
    assert "cannot be reached" in connector.probe().detail
    with pytest.raises(Transient):
        list(connector.locate(known_as(phone=PHONE)))
    with front.failing(lambda _method, _path: Fault(200, b"<html><p>maintenance")), pytest.raises(Transient):
        list(connect(new_shop(), BY_METADATA).locate(known_as(phone=PHONE)))
    # A listing that goes in circles is permanent.
    page = b"<ListVersionsResult><IsTruncated>true</IsTruncated><NextKeyMarker>a</NextKeyMarker></ListVersionsResult>"
    with front.failing(lambda _method, _path: Fault(200, page)), pytest.raises(Permanent, match="same page"):
        list(connect(new_shop(), BY_METADATA).locate(known_as(phone=PHONE)))


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (503, "SlowDown", Transient),
        (500, "InternalError", Transient),
        (400, "RequestTimeout", Transient),
        (403, "AccessDenied", Misconfigured),
        (403, "RequestTimeTooSkewed", Misconfigured),
        (400, "ExpiredToken", Misconfigured),
        (400, "KMS.DisabledException", Misconfigured),
        (400, "AuthorizationHeaderMalformed", Misconfigured),
        (403, "InvalidObjectState", Refused),
        (418, "TeapotIsEmpty", Permanent),
        (502, "", Transient),
    ],
)
def test_each_error_code_is_grouped_by_what_recovers_from_it(
    status: int,
    code: str,
    error: type[RightsflowError],
    new_shop: NewShop,
    connect: Connect,
    front: FaultyFront,
    caplog: pytest.LogCaptureFixture,
) -> None:
    body = f"<Error><Code>{code}</Code><Message>of {PHONE}</Message><Key>{PHONE}</Key></Error>" if code else ""
    fault = Fault(status, body.encode(), {"x-amz-request-id": "R-4711", "Retry-After": "7"})
    caplog.set_level(logging.DEBUG, logger="connectors")
    with front.failing(lambda _method, _path: fault), pytest.raises(error) as caught:
        list(connect(new_shop(), BY_METADATA).locate(known_as(phone=PHONE)))
    assert type(caught.value) is error
    assert "R-4711" in str(caught.value)
    assert getattr(caught.value, "retry_after", 7) == 7
    said = "".join(traceback.format_exception(caught.value)) + caplog.text
    assert "R-4711" in caplog.text
    assert PHONE not in said


LIMIT = 1.0
# The rest is for the repeats' pauses and for a machine that is busy.
HELD_AT_MOST = 100.0
WHO = known_as(phone=PHONE)


@pytest.mark.apart
@pytest.mark.parametrize(
    ("begins", "drips"),
    [
        pytest.param(b"", b"", id="nothing", marks=pytest.mark.apart),
        pytest.param(b"", b"H", id="a-byte-at-a-time", marks=pytest.mark.apart),
        pytest.param(b"HTTP/1.1 200 OK\r\n", b"x", id="headers-without-end", marks=pytest.mark.apart),
        pytest.param(HEAD, b"", id="no-body", marks=pytest.mark.apart),
        pytest.param(HEAD, b" ", id="a-body-a-byte-at-a-time"),
    ],
)
def test_a_frozen_store_holds_a_search_no_longer_than_its_limit(begins: bytes, drips: bytes, keys: None) -> None:
    """Each byte that came began the socket's time limit anew, and a step was held for good."""
    with frozen_server(begins, drips) as server:
        given = settings("frozen", BY_METADATA, server.endpoint, answers_within=LIMIT)
        connector = S3Connector("recordings", given, PLACE, attempts=2)
        began = monotonic()
        with pytest.raises(Transient):
            list(connector.locate(WHO))
        assert monotonic() - began < HELD_AT_MOST
        assert server.connections == 2
        assert not connector.probe().ok


class _Arriving(io.RawIOBase):
    """Bytes that arrive at given seconds of a clock that only they move."""

    def __init__(self, clock: Clock, arrivals: list[tuple[float, int]]) -> None:
        self._clock, self._arrivals = clock, iter(arrivals)

    def readinto(self, buffer: object) -> int:
        seconds, count = next(self._arrivals, (0.0, 0))
        if seconds > self._clock.limit:
            self._clock.now += self._clock.limit
            raise TimeoutError
        self._clock.now += seconds
        return count


class Clock(socket.socket):
    """A clock, and the socket whose time limit it knows."""

    now = 0.0
    limit = 0.0

    def settimeout(self, value: float | None) -> None:
        self.limit = value or 0.0


def read_all(clock: Clock, arrivals: list[tuple[float, int]]) -> None:
    bounds = AnswerBounds(seconds=60.0).call(streamed=True, idle_seconds=60.0)
    stream = MeteredBytes(_Arriving(clock, arrivals), clock, bounds, lambda: clock.now)
    while stream.readinto(bytearray(SLOWEST)):
        pass


def test_a_stream_takes_as_long_as_it_needs_and_no_silence_longer_than_the_limit() -> None:
    with Clock() as clock:
        read_all(clock, [(0.9, SLOWEST)] * 1000)
        assert clock.now > 800
    # One that drips ends after the limit.
    with Clock() as clock:
        with pytest.raises(AnswerTooSlow):
            read_all(clock, [(59.0, 1)] * 1000)
        assert clock.now < 61
    # So does a silence after much that came fast.
    with Clock() as clock:
        with pytest.raises(AnswerTooSlow):
            read_all(clock, [(0.01, SLOWEST)] * 10_000 + [(3600.0, 1)])
        assert clock.now < 100 + 61
