"""Erasure and looking again, on SeaweedFS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from connectors.s3 import S3Connector
from connectors.s3.bucket import PAGE_SIZE, Bucket
from rightsflow.errors import Misconfigured, Permanent, RightsflowError, Transient
from rightsflow.records import Method, Outcome, OutcomeKind, PresenceState, RecordRef
from tests.connectors.s3.shop import BY_METADATA, Shop
from tests.peers.faulty import Fault, FaultyFront, Judge

Connect = Callable[..., S3Connector]
NewShop = Callable[..., Shop]


def erase(connector: S3Connector, *refs: RecordRef) -> list[Outcome]:
    return list(connector.erase(refs, Method.ERASE, frozenset()))


def state(connector: S3Connector, ref: RecordRef) -> tuple[PresenceState, str]:
    (seen,) = connector.presence([ref], frozenset())
    return seen.state, seen.detail


def until_error(outcomes: Iterator[Outcome]) -> tuple[list[Outcome], RightsflowError | None]:
    given: list[Outcome] = []
    try:
        given.extend(iter(lambda: next(outcomes), None))
    except StopIteration:
        return given, None
    except RightsflowError as error:
        return given, error
    raise AssertionError


def delete_answers(shop: Shop, name: str, code: str) -> Judge:
    """What S3 answers where of several objects one could not be deleted."""
    body = f"<DeleteResult><Error><Key>{shop.prefix}{name}</Key><Code>{code}</Code>"
    version = next(one["VersionId"] for page in shop.pages() for one in page["Versions"] if one["Key"].endswith(name))
    answer = Fault(200, f"{body}<VersionId>{version}</VersionId></Error></DeleteResult>".encode())
    return lambda method, path: answer if method == "POST" and "delete" in path else None


@pytest.mark.parametrize("bucket", ["versioned", "locking"])
def test_all_versions_and_markers_of_exactly_the_key_go(bucket: str, new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop(bucket)
    for name in ("1.wav", "1.wav.json", "1.wav-copy", "11.wav"):
        shop.put(name)
        shop.put(name)
        shop.mark_deleted(name)
        shop.put(name)
    connector = connect(shop, BY_METADATA)
    (outcome,) = erase(connector, shop.ref("1.wav"))
    assert outcome.kind is OutcomeKind.ERASED
    assert outcome.reason == "It is gone from the store for good, with every version of it."
    assert outcome.request_id
    assert sorted(set(shop.left())) == ["1.wav-copy", "1.wav.json", "11.wav"]
    assert len(shop.left()) == 12
    assert state(connector, shop.ref("1.wav"))[0] is PresenceState.ABSENT
    (again,) = erase(connector, shop.ref("1.wav"))
    assert (again.kind, again.reason) == (outcome.kind, outcome.reason)


def test_a_bucket_without_versions_is_erased_too(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop("plain")
    shop.put("1.wav")
    shop.put("2.wav")
    connector = connect(shop, BY_METADATA)
    (outcome,) = erase(connector, shop.ref("1.wav"))
    assert outcome.kind is OutcomeKind.ERASED
    assert shop.left() == ["2.wav"]
    assert state(connector, shop.ref("1.wav"))[0] is PresenceState.ABSENT
    assert state(connector, shop.ref("2.wav")) == (PresenceState.PRESENT, "1 version can still be read.")


def test_keys_with_unusual_characters_are_erased(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop()
    names = ["a b+c.wav", "ä&<>\"'.wav", "100%25.wav", "in-(030)-1.wav", "日本.wav"]
    for name in names:
        shop.put(name)
        shop.mark_deleted(name)
    outcomes = erase(connect(shop, BY_METADATA), *map(shop.ref, names))
    assert [one.kind for one in outcomes] == [OutcomeKind.ERASED] * len(names)
    assert shop.left() == []


def test_a_marker_left_alone_is_present_and_can_be_erased(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop()
    version = shop.put("1.wav")
    shop.mark_deleted("1.wav")
    shop.remove("1.wav", version)
    connector = connect(shop, BY_METADATA)
    assert state(connector, shop.ref("1.wav")) == (
        PresenceState.PRESENT,
        "A delete marker still holds the object's name.",
    )
    erase(connector, shop.ref("1.wav"))
    assert state(connector, shop.ref("1.wav"))[0] is PresenceState.ABSENT


@pytest.mark.parametrize("mode", ["GOVERNANCE", "COMPLIANCE"])
def test_object_lock_keeps_its_versions_until_its_day(mode: str, new_shop: NewShop, connect: Connect) -> None:
    """The key of the tests may bypass governance; the connector never asks for that."""
    shop = new_shop("locking")
    until = datetime.now(UTC) + timedelta(days=3)
    shop.put("1.wav", ObjectLockMode=mode, ObjectLockRetainUntilDate=until)
    shop.put("1.wav")
    shop.put("2.wav")
    connector = connect(shop, BY_METADATA)
    locked, free = erase(connector, shop.ref("1.wav"), shop.ref("2.wav"))
    last_day = until.astimezone(connector._zone).date()
    assert (locked.kind, locked.refused, locked.until) == (OutcomeKind.RETAINED, True, last_day)
    assert "1 version of it" in locked.reason
    assert free.kind is OutcomeKind.ERASED
    assert shop.left() == ["1.wav"]
    (again,) = erase(connector, shop.ref("1.wav"))
    assert (again.kind, again.reason, again.until) == (locked.kind, locked.reason, locked.until)
    assert state(connector, shop.ref("1.wav"))[0] is PresenceState.PRESENT


def test_a_legal_hold_keeps_without_an_end_and_goes_when_it_is_lifted(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop("locking")
    until = datetime.now(UTC) + timedelta(days=3)
    shop.put("1.wav", ObjectLockLegalHoldStatus="ON")
    shop.put("2.wav", ObjectLockLegalHoldStatus="ON", ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)
    connector = connect(shop, BY_METADATA)
    for outcome in erase(connector, shop.ref("1.wav"), shop.ref("2.wav")):
        assert (outcome.kind, outcome.refused, outcome.until) == (OutcomeKind.RETAINED, True, None)
        assert "legal hold" in outcome.reason
    where = {"Bucket": shop.bucket, "Key": f"{shop.prefix}1.wav"}
    shop.s3.put_object_legal_hold(**where, LegalHold={"Status": "OFF"})
    assert erase(connector, shop.ref("1.wav"))[0].kind is OutcomeKind.ERASED


def test_a_missing_right_is_not_taken_for_a_lock(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop("locking")
    shop.put("1.wav")
    reader = connect(
        shop, BY_METADATA, access_key_id="env:TEST_S3_READER_ID", secret_access_key="env:TEST_S3_READER_SECRET"
    )
    with pytest.raises(Misconfigured, match="s3:DeleteObjectVersion"):
        erase(reader, shop.ref("1.wav"))
    assert shop.left() == ["1.wav"]


@pytest.mark.parametrize("bucket", ["versioned", "locking"])
def test_a_denial_without_a_lock_behind_it_is_a_missing_right(
    bucket: str, new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    """A policy may deny the deletion and let the key read the locks."""
    shop = new_shop(bucket)
    shop.put("1.wav")
    denied = delete_answers(shop, "1.wav", "AccessDenied")
    with front.failing(denied), pytest.raises(Misconfigured, match="s3:DeleteObjectVersion"):
        erase(connect(shop, BY_METADATA), shop.ref("1.wav"))


@pytest.mark.parametrize("code", ["SlowDown", "InternalError"])
def test_a_key_that_could_not_be_deleted_now_stops_the_step_after_the_others_are_told(
    code: str, new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    shop = new_shop()
    shop.put("1.wav")
    shop.put("2.wav")
    with front.failing(delete_answers(shop, "1.wav", code)):
        refs = [shop.ref("1.wav"), shop.ref("2.wav")]
        given, error = until_error(connect(shop, BY_METADATA).erase(refs, Method.ERASE, frozenset()))
    assert [one.record for one in given] == [shop.ref("2.wav")]
    assert isinstance(error, Transient)


def test_a_code_that_nobody_knows_is_a_failed_record(new_shop: NewShop, connect: Connect, front: FaultyFront) -> None:
    shop = new_shop()
    shop.put("1.wav")
    with front.failing(delete_answers(shop, "1.wav", "TeapotIsEmpty")):
        (outcome,) = erase(connect(shop, BY_METADATA), shop.ref("1.wav"))
    assert outcome.kind is OutcomeKind.FAILED
    assert "TeapotIsEmpty" in outcome.reason


def test_redaction_is_refused_before_anything_happens(new_shop: NewShop, connect: Connect) -> None:
    shop = new_shop()
    shop.put("1.wav")
    with pytest.raises(Permanent, match="redacted"):
        list(connect(shop, BY_METADATA).erase([shop.ref("1.wav")], Method.REDACT, frozenset()))
    assert shop.left() == ["1.wav"]


def test_presence_is_unknown_where_the_answer_is_unclear(
    new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    shop = new_shop()
    shop.put("1.wav")
    with front.failing(lambda _method, _path: Fault(418, b"<Error><Code>TeapotIsEmpty</Code></Error>")):
        seen, detail = state(connect(shop, BY_METADATA), shop.ref("1.wav"))
    assert seen is PresenceState.UNKNOWN
    assert "TeapotIsEmpty" in detail


@pytest.mark.parametrize("size", [5, pytest.param(PAGE_SIZE, marks=pytest.mark.slow)])
def test_more_versions_than_a_page_and_a_batch_hold(
    new_shop: NewShop, connect: Connect, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr("connectors.s3.erasure.PAGE_SIZE", size)
    monkeypatch.setitem(cast("dict[str, Any]", Bucket.__init__.__kwdefaults__), "page_size", size)
    shop = new_shop()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: shop.put("1.wav", b"x"), range(size + 3)))
    shop.put("1.wav2", b"x")
    shop.put("2.wav", b"x")
    connector = connect(shop, BY_METADATA)
    assert state(connector, shop.ref("1.wav")) == (PresenceState.PRESENT, f"{size + 3} versions can still be read.")
    first, second = erase(connector, shop.ref("1.wav"), shop.ref("2.wav"))
    assert (first.kind, second.kind) == (OutcomeKind.ERASED, OutcomeKind.ERASED)
    assert shop.left() == ["1.wav2"]


def test_a_failure_of_one_call_leaves_the_rest_for_the_next_time(
    new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    shop = new_shop()
    for number in range(4):
        shop.put(f"{number}.wav")
    refs = [shop.ref(f"{number}.wav") for number in range(4)]
    cut: dict[str, Any] = {"left": 1}

    def break_off(method: str, _path: str) -> Fault | None:
        if method == "POST" and cut["left"]:
            cut["left"] -= 1
            return Fault()
        return None

    connector = connect(shop, BY_METADATA)
    with front.failing(break_off):
        with pytest.raises(Transient):
            erase(connector, *refs)
        assert [one.kind for one in erase(connector, *refs)] == [OutcomeKind.ERASED] * 4
    assert shop.left() == []
