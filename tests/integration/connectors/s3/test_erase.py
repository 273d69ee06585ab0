"""Erasure and looking again, on SeaweedFS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from connectors.s3 import S3Connector
from connectors.s3.bucket import PAGE_SIZE
from connectors.s3.objects import name_of
from rightsflow.domain.errors import Misconfigured, Permanent, RightsflowError, Transient
from rightsflow.domain.vocabulary.records import Blob, Method, Outcome, OutcomeKind, PresenceState, RecordRef
from tests.integration.connectors.s3.shop import BY_METADATA, CUSTOMER, OTHER_PHONE, PHONE, Shop, known_as
from tests.support.peers.faulty import Fault, FaultyFront, Judge

Connect = Callable[..., S3Connector]
NewShop = Callable[..., Shop]


WHO = known_as(customer_id=CUSTOMER, phone=PHONE)
MINE, THEIRS = {"caller": PHONE}, {"caller": OTHER_PHONE}


def erase(connector: S3Connector, *refs: RecordRef) -> list[Outcome]:
    return list(connector.erase(refs, Method.ERASE, WHO))


def state(connector: S3Connector, ref: RecordRef) -> tuple[PresenceState, str]:
    (seen,) = connector.presence([ref], WHO)
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


def suspend(s3: Any, shop: Shop) -> None:
    s3.put_bucket_versioning(Bucket=shop.bucket, VersioningConfiguration={"Status": "Suspended"})


def enable(s3: Any, shop: Shop) -> None:
    s3.put_bucket_versioning(Bucket=shop.bucket, VersioningConfiguration={"Status": "Enabled"})


def delete_answers(shop: Shop, name: str, code: str) -> Judge:
    """What S3 answers where of several objects one could not be deleted."""
    body = f"<DeleteResult><Error><Key>{shop.prefix}{name}</Key><Code>{code}</Code>"
    version = next(one["VersionId"] for page in shop.pages() for one in page["Versions"] if one["Key"].endswith(name))
    answer = Fault(200, f"{body}<VersionId>{version}</VersionId></Error></DeleteResult>".encode())
    return lambda method, path: answer if method == "POST" and "delete" in path else None


@pytest.mark.apart
def test_all_versions_and_markers_of_exactly_the_key_go(new_shop: NewShop, connect: Connect) -> None:
    # All versions and markers of exactly the key go.
    for bucket in ("versioned", "locking"):
        shop = new_shop(bucket)
        for name in ("1.wav", "1.wav.json", "1.wav-copy", "11.wav"):
            shop.put(name)
            shop.put(name)
            shop.mark_deleted(name)
            shop.put(name)
        connector = connect(shop, BY_METADATA)
        refs = shop.refs("1.wav")
        assert len(refs) == 3
        outcomes = erase(connector, *refs)
        assert {one.kind for one in outcomes} == {OutcomeKind.ERASED}
        assert {one.reason for one in outcomes} == {"It is gone from the store for good."}
        assert all(one.request_id for one in outcomes)
        assert sorted(set(shop.left())) == ["1.wav-copy", "1.wav.json", "11.wav"]
        assert len(shop.left()) == 12
        assert {state(connector, ref)[0] for ref in refs} == {PresenceState.ABSENT}
        again = erase(connector, *refs)
        assert [(one.kind, one.reason) for one in again] == [(one.kind, one.reason) for one in outcomes]
    # A bucket without versions is erased too.
    shop = new_shop("plain")
    shop.put("1.wav")
    shop.put("2.wav")
    first, second = shop.ref("1.wav"), shop.ref("2.wav")
    connector = connect(shop, BY_METADATA)
    (outcome,) = erase(connector, first)
    assert outcome.kind is OutcomeKind.ERASED
    assert shop.left() == ["2.wav"]
    assert state(connector, first)[0] is PresenceState.ABSENT
    assert state(connector, second) == (PresenceState.PRESENT, "It can still be read.")
    # Keys with unusual characters are erased.
    shop = new_shop()
    names = [
        "a b+c.wav",
        "ä&<>\"'.wav",
        "100%25.wav",
        "in-(030)-1.wav",
        "日本.wav",
        "two\nlines.wav",
        "a?versionId=b&stored=c",
    ]
    beside = [
        "a b c.wav",
        "a%20b+c.wav",
        "a\u0308&<>\"'.wav",
        "100%.wav",
        "100%2525.wav",
        "two lines.wav",
        "two",
        "a",
        "a?versionId=b",
    ]
    for name in beside:
        shop.put(name, name.encode(), mine=False, Metadata=THEIRS)
    before = shop.everything_else()
    for name in names:
        shop.put(name)
        shop.mark_deleted(name)
    refs = [ref for name in names for ref in shop.refs(name)]
    outcomes = erase(connect(shop, BY_METADATA), *refs)
    assert [one.kind for one in outcomes] == [OutcomeKind.ERASED] * len(names)
    assert shop.left() == sorted(beside)
    assert shop.everything_else() == before
    # A marker kept as it is is present and can be erased.
    shop = new_shop()
    version = shop.put("1.wav")
    ref = shop.ref("1.wav")
    shop.mark_deleted("1.wav")
    shop.remove("1.wav", version)
    connector = connect(shop, BY_METADATA)
    told = (PresenceState.PRESENT, "A delete marker still holds the object's name.")
    assert state(connector, ref) == told
    erase(connector, ref)
    assert state(connector, ref)[0] is PresenceState.ABSENT
    assert shop.left() == []


@pytest.mark.apart
def test_a_lock_or_a_hold_keeps_its_version(new_shop: NewShop, connect: Connect) -> None:
    # The key of the tests may bypass governance; the connector never asks for that.
    for mode in ("GOVERNANCE", "COMPLIANCE"):
        shop = new_shop("locking")
        until = datetime.now(UTC) + timedelta(days=3)
        shop.put("1.wav", ObjectLockMode=mode, ObjectLockRetainUntilDate=until)
        shop.put("1.wav")
        shop.put("2.wav")
        connector = connect(shop, BY_METADATA)
        free, locked = shop.refs("1.wav")
        outcomes = {one.record: one for one in erase(connector, locked, free, shop.ref("2.wav"))}
        last_day = until.astimezone(connector._zone).date()
        told = outcomes[locked]
        assert (told.kind, told.refused, told.until) == (OutcomeKind.RETAINED, True, last_day)
        assert told.reason == f"Object Lock in the store keeps it until {last_day}."
        assert {one.kind for ref, one in outcomes.items() if ref != locked} == {OutcomeKind.ERASED}
        assert "1.wav" in shop.left()
        (again,) = erase(connector, locked)
        assert (again.kind, again.reason, again.until) == (told.kind, told.reason, told.until)
        assert state(connector, locked)[0] is PresenceState.PRESENT
        assert state(connector, free)[0] is PresenceState.ABSENT
    # A legal hold keeps without an end and goes when it is lifted.
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


@pytest.mark.apart
def test_a_missing_right_is_not_taken_for_a_lock(new_shop: NewShop, connect: Connect, front: FaultyFront) -> None:
    # A missing right is not taken for a lock.
    shop = new_shop("locking")
    shop.put("1.wav")
    reader = connect(
        shop, BY_METADATA, access_key_id="env:TEST_S3_READER_ID", secret_access_key="env:TEST_S3_READER_SECRET"
    )
    with pytest.raises(Misconfigured, match="s3:DeleteObjectVersion"):
        erase(reader, shop.ref("1.wav"))
    assert shop.left() == ["1.wav"]
    # A policy may deny the deletion and let the key read the locks.
    for bucket in ("versioned", "locking"):
        shop = new_shop(bucket)
        shop.put("1.wav")
        denied = delete_answers(shop, "1.wav", "AccessDenied")
        with front.failing(denied), pytest.raises(Misconfigured, match="s3:DeleteObjectVersion"):
            erase(connect(shop, BY_METADATA), shop.ref("1.wav"))


@pytest.mark.apart
def test_what_could_not_be_deleted_now_stops_the_step_and_is_told(
    new_shop: NewShop, connect: Connect, front: FaultyFront
) -> None:
    # A key that could not be deleted now stops the step after the others are told.
    for code in ("SlowDown", "InternalError"):
        shop = new_shop()
        shop.put("1.wav")
        shop.put("2.wav")
        refs = [shop.ref("1.wav"), shop.ref("2.wav")]
        with front.failing(delete_answers(shop, "1.wav", code)):
            given, error = until_error(connect(shop, BY_METADATA).erase(refs, Method.ERASE, WHO))
        assert [one.record for one in given] == [refs[1]]
        assert isinstance(error, Transient)
    # A code that no one knows is a failed record.
    shop = new_shop()
    shop.put("1.wav")
    with front.failing(delete_answers(shop, "1.wav", "TeapotIsEmpty")):
        (outcome,) = erase(connect(shop, BY_METADATA), shop.ref("1.wav"))
    assert outcome.kind is OutcomeKind.FAILED
    assert "TeapotIsEmpty" in outcome.reason
    # Redaction is refused before anything happens.
    shop = new_shop()
    shop.put("1.wav")
    with pytest.raises(Permanent, match="redacted"):
        list(connect(shop, BY_METADATA).erase([shop.ref("1.wav")], Method.REDACT, WHO))
    assert shop.left() == ["1.wav"]
    # Presence is unknown where the answer is unclear.
    shop = new_shop()
    shop.put("1.wav")
    ref = shop.ref("1.wav")
    with front.failing(lambda _method, _path: Fault(418, b"<Error><Code>TeapotIsEmpty</Code></Error>")):
        seen, detail = state(connect(shop, BY_METADATA), ref)
    assert seen is PresenceState.UNKNOWN
    assert "TeapotIsEmpty" in detail
    # A failure of one call leaves the rest for the next time.
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


@pytest.mark.parametrize("size", [5, pytest.param(PAGE_SIZE, marks=pytest.mark.slow)])
def test_more_versions_than_a_page_and_a_batch_hold(new_shop: NewShop, connect: Connect, size: int) -> None:
    shop = new_shop()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: shop.put("1.wav", b"x", Metadata=MINE), range(size + 3)))
    shop.put("1.wav2", b"x")
    shop.put("2.wav", b"x")
    connector = connect(shop, BY_METADATA, page_size=size)
    refs = [RecordRef("recordings", "recording", name_of(one)) for one in shop.entries("1.wav")]
    assert len({one.record for one in connector.presence(refs, WHO) if one.state is PresenceState.PRESENT}) == size + 3
    outcomes = erase(connector, *refs, shop.ref("2.wav"))
    assert [one.kind for one in outcomes] == [OutcomeKind.ERASED] * (size + 4)
    assert shop.left() == ["1.wav2"]


@pytest.mark.apart
def test_another_persons_version_neither_appears_nor_goes(new_shop: NewShop, connect: Connect, s3: Any) -> None:
    # Seen on servers: with the current version gone, the older one of another person was current again.
    for bucket in ("versioned", "suspended"):
        shop = new_shop(bucket)
        shop.put("1.wav", b"theirs", mine=False, Metadata=THEIRS)
        if bucket == "suspended":
            suspend(s3, shop)
        shop.put("1.wav", b"mine", Metadata=MINE)
        before = shop.everything_else()
        connector = connect(shop, BY_METADATA)
        ref = shop.ref("1.wav")
        (outcome,) = erase(connector, ref)
        assert outcome.kind is OutcomeKind.ERASED
        assert outcome.reason.endswith("is not known to be yours and was not touched.")
        assert shop.everything_else() == before
        with pytest.raises(ClientError, match="NoSuchKey"):
            s3.get_object(Bucket=shop.bucket, Key=f"{shop.prefix}1.wav")
        assert state(connector, ref)[0] is PresenceState.ABSENT
        left = shop.left()
        (again,) = erase(connector, ref)
        assert (again.kind, again.reason) == (outcome.kind, outcome.reason)
        assert shop.left() == left == ["1.wav", "1.wav"]
        # And when the other person asks, nothing of the key is left, the marker included.
        (theirs,) = erase(connector, *shop.refs("1.wav"))
        assert theirs.kind is OutcomeKind.ERASED
        # SeaweedFS 4.48 says that it removed a marker named null, and keeps it.
        assert shop.left() == ([] if bucket == "versioned" else ["1.wav"])
    # Where versions are suspended, a plain deletion takes the version ``null`` away for good.
    shop = new_shop("suspended")
    suspend(s3, shop)
    shop.put("1.wav", b"theirs", mine=False, Metadata=THEIRS)
    enable(s3, shop)
    shop.put("1.wav", b"mine", Metadata=MINE)
    suspend(s3, shop)
    (outcome,) = erase(connect(shop, BY_METADATA), shop.ref("1.wav"))
    assert outcome.kind is OutcomeKind.ERASED
    assert s3.get_object(Bucket=shop.bucket, Key=f"{shop.prefix}1.wav")["Body"].read() == b"theirs"
    assert shop.left() == ["1.wav"]
    # Another person's current version stays current.
    shop = new_shop()
    shop.put("1.wav", b"mine", Metadata=MINE)
    marker = shop.mark_deleted("1.wav")
    shop.put("1.wav", b"theirs", mine=False, Metadata=THEIRS)
    before = shop.everything_else()
    refs = [ref for ref in shop.refs("1.wav") if ref != shop.ref("1.wav")]
    assert [one.kind for one in erase(connect(shop, BY_METADATA), *refs)] == [OutcomeKind.ERASED]
    assert shop.everything_else() == before
    assert marker in {one.version_id for one in shop.entries("1.wav")}
    assert s3.get_object(Bucket=shop.bucket, Key=f"{shop.prefix}1.wav")["Body"].read() == b"theirs"
    # Another person's deleted version stays deleted.
    shop = new_shop()
    shop.put("1.wav", b"theirs", mine=False, Metadata=THEIRS)
    shop.mark_deleted("1.wav")
    shop.put("1.wav", b"mine", Metadata=MINE)
    before, entries = shop.everything_else(), shop.entries("1.wav")
    erase(connect(shop, BY_METADATA), shop.ref("1.wav"))
    assert shop.everything_else() == before
    # Where all was stored within one second, another marker may be put on top, since the order is not known.
    assert {one.version_id for one in entries[1:]} <= {one.version_id for one in shop.entries("1.wav")}
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.get_object(Bucket=shop.bucket, Key=f"{shop.prefix}1.wav")


@pytest.mark.apart
def test_what_is_stored_at_the_very_moment_is_asked_whose_it_is(
    new_shop: NewShop, connect: Connect, front: FaultyFront, s3: Any
) -> None:
    # A recording stored at the very moment of the erasure is not hidden.
    shop = new_shop()
    shop.put("1.wav", b"theirs", mine=False, Metadata=THEIRS)
    shop.put("1.wav", b"mine", Metadata=MINE)
    ref = shop.ref("1.wav")

    def stored_before_the_marker(method: str, _path: str) -> Fault | None:
        if method == "DELETE":
            shop.put("1.wav", b"new", mine=False, Metadata=THEIRS)
        return None

    with front.failing(stored_before_the_marker):
        (outcome,) = erase(connect(shop, BY_METADATA), ref)
    assert outcome.kind is OutcomeKind.ERASED
    assert s3.get_object(Bucket=shop.bucket, Key=f"{shop.prefix}1.wav")["Body"].read() == b"new"
    # Without versions a key is overwritten in place: another person's new recording went for the subject's old one.
    for metadata, is_mine in (("MINE", True), ("THEIRS", False), ("NOBODYS", False)):
        shop = new_shop("plain")
        shop.put("1.wav", b"old", Metadata=MINE)
        ref = shop.ref("1.wav")
        shop.put("1.wav", b"new", Metadata={"MINE": MINE, "THEIRS": THEIRS, "NOBODYS": {}}[metadata])
        connector = connect(shop, BY_METADATA)
        assert len(list(connector.extract([ref], WHO))) == is_mine
        assert state(connector, ref)[0] is PresenceState.ABSENT, "the old one is gone, whoever's the new one is"
        (outcome,) = erase(connector, ref)
        assert outcome.kind is OutcomeKind.ERASED
        assert shop.left() == ([] if is_mine else ["1.wav"])


class TestRecordsLocatedEarlier:
    """A case that was located when a record was a whole key, and goes on with versions told apart."""

    @pytest.mark.apart
    def test_what_is_the_subjects_goes_and_the_rest_stays(self, new_shop: NewShop, connect: Connect) -> None:
        # What is the subject's goes and the rest stays.
        shop = new_shop()
        shop.put("1.wav", b"mine", Metadata=MINE)
        shop.put("1.wav", b"theirs", mine=False, Metadata=THEIRS)
        shop.put("1.wav", b"mine too", Metadata=MINE)
        shop.put("1.wav", b"nobody's", mine=False)
        before = shop.everything_else()
        connector, ref = connect(shop, BY_METADATA), shop.old_ref("1.wav")
        given = [b"".join(part.open()) for part in connector.extract([ref], WHO) if isinstance(part, Blob)]
        assert sorted(given) == [b"mine", b"mine too"]
        assert state(connector, ref) == (PresenceState.PRESENT, "2 versions of it can still be read.")
        first, again = erase(connector, ref), erase(connector, ref)
        assert [one.kind for one in first] == [one.kind for one in again] == [OutcomeKind.ERASED]
        assert first[0].reason == again[0].reason
        assert state(connector, ref)[0] is PresenceState.ABSENT
        assert shop.everything_else() == before
        # Companions follow.
        shop = new_shop()
        shop.put("7.a.wav", Metadata=MINE)
        shop.put("7.a.json", b"{}")
        connector = connect(shop, BY_METADATA)
        assert len(list(connector.extract([shop.old_ref("7.a.json")], WHO))) == 1
        erase(connector, shop.old_ref("7.a.json"), shop.old_ref("7.a.wav"))
        assert shop.left() == []
        # All of a key that names the person goes.
        for is_deleted in (False, True):
            shop = new_shop()
            name = f"{CUSTOMER}/1.wav"
            versions = [shop.put(name), shop.put(name)]
            shop.mark_deleted(name)
            for version in versions if is_deleted else ():
                shop.remove(name, version)
            connector, ref = connect(shop, {"by": "key", "template": "{customer_id}/"}), shop.old_ref(name)
            assert len(list(connector.extract([ref], WHO))) == (1 if is_deleted else 2)
            assert state(connector, ref)[0] is PresenceState.PRESENT
            assert [one.kind for one in erase(connector, ref)] == [OutcomeKind.ERASED]
            assert shop.left() == []
