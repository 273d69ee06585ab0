"""Muting what a tag marks, in the store itself, on SeaweedFS."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from connectors.s3 import S3Connector
from rightsflow.domain.erasure.partial_erasure import HELD, NOT_MUTED
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind, PresenceState
from tests.integration.connectors.s3.shop import BY_METADATA, CUSTOMER, OTHER_PHONE, PHONE, Shop, known_as
from tests.integration.connectors.s3.sounds import wav

WHO = known_as(customer_id=CUSTOMER, phone=PHONE)
MINE, THEIRS = {"caller": PHONE}, {"caller": OTHER_PHONE}
TAG = "card-code"
SOUND = wav(seconds=1)
BEGINS = SOUND.index(b"data") + 8
SILENCED = SOUND[: BEGINS + 4000] + b"\xff" * 4000 + SOUND[BEGINS + 8000 :]
"""The second quarter of the second, of two channels with 8,000 samples each."""
MARKED: dict[str, Any] = {"Metadata": MINE, "Tagging": f"{TAG}=0.25-0.5&queue=support", "ContentType": "audio/wav"}

NewShop = Callable[..., Shop]
Connect = Callable[..., S3Connector]


def bodies(shop: Shop, name: str) -> list[bytes]:
    """What the versions under a name hold, the newest first; of a delete marker nothing."""
    return [
        b""
        if one.is_marker
        else shop.s3.get_object(Bucket=shop.bucket, Key=one.key, VersionId=one.version_id)["Body"].read()
        for one in shop.entries(name)
    ]


def tags(shop: Shop, name: str) -> dict[str, str]:
    answer = shop.s3.get_object_tagging(Bucket=shop.bucket, Key=shop.prefix + name)
    return {each["Key"]: each["Value"] for each in answer["TagSet"]}


@pytest.mark.apart
def test_the_marked_seconds_are_silenced_and_it_keeps_its_name(new_shop: NewShop, connect: Connect) -> None:
    # The marked seconds are silenced and nothing else is changed.
    for bucket in ("versioned", "plain", "suspended"):
        shop = new_shop(bucket)
        shop.put("a.wav", SOUND, **MARKED)
        shop.put("b.wav", SOUND, mine=False, Metadata=THEIRS, Tagging=f"{TAG}=0.25-0.5")
        mine, before = shop.ref("a.wav"), shop.everything_else()
        if bucket == "suspended":
            shop.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
        connector = connect(shop, BY_METADATA, card_code_tag=TAG)
        (found,) = [one for one in connector.locate(WHO) if one.record == mine]
        assert Fact.CARD_CODE in found.facts
        (done,) = connector.erase([mine], Method.MUTE, WHO)
        assert (done.kind, done.reason, done.sha256) == (OutcomeKind.RETAINED, "", hashlib.sha256(SILENCED).hexdigest())
        assert bodies(shop, "a.wav") == [SILENCED]
        head = shop.s3.head_object(Bucket=bucket, Key=shop.prefix + "a.wav")
        assert (head["Metadata"], head["ContentType"]) == (MINE, "audio/wav")
        assert set(tags(shop, "a.wav")) == {"queue", "rightsflow-muted"}
        shop.mine |= {(one.key, one.version_id) for one in shop.entries("a.wav")}
        assert shop.everything_else() == before, "another person's recording was touched"
    # It is found erased and missed by the name that it had.
    shop = new_shop()
    shop.put("a.wav", SOUND, **MARKED)
    mine, connector = shop.ref("a.wav"), connect(shop, BY_METADATA, card_code_tag=TAG)
    (before,) = connector.locate(WHO)
    list(connector.erase([mine], Method.MUTE, WHO))
    (after,) = connector.locate(WHO)
    assert (after.record, after.occurred_on, after.facts) == (mine, before.occurred_on, frozenset())
    (again,) = connector.erase([mine], Method.MUTE, WHO)
    assert (again.kind, again.sha256) == (OutcomeKind.RETAINED, hashlib.sha256(SILENCED).hexdigest())
    assert [one.state for one in connector.presence([mine], WHO)] == [PresenceState.PRESENT]
    assert b"".join(next(iter(connector.extract([mine], WHO))).open()) == SILENCED  # type: ignore[union-attr]
    (gone,) = connector.erase([mine], Method.ERASE, WHO)
    assert (gone.kind, shop.left()) == (OutcomeKind.ERASED, [])
    assert [one.state for one in connector.presence([mine], WHO)] == [PresenceState.ABSENT]


@pytest.mark.apart
def test_other_recordings_and_older_states_are_told_apart(new_shop: NewShop, connect: Connect) -> None:
    # Older states of the recording go and what was deleted stays hidden.
    shop = new_shop()
    for _ in range(3):
        shop.put("a.wav", SOUND, **MARKED)
    refs = shop.refs("a.wav")
    shop.mark_deleted("a.wav")
    done = {one.record: one.kind for one in connect(shop, BY_METADATA, card_code_tag=TAG).erase(refs, Method.MUTE, WHO)}
    assert sorted(done.values()) == [OutcomeKind.ERASED, OutcomeKind.ERASED, OutcomeKind.RETAINED]
    assert bodies(shop, "a.wav") == [b"", SILENCED, b""]
    # Another recording over it is neither hidden nor taken for it.
    shop = new_shop()
    shop.put("a.wav", SOUND, **MARKED)
    mine = shop.ref("a.wav")
    shop.put("a.wav", wav(seconds=1, fill=b"\x01"), mine=False, Metadata=THEIRS)
    before = bodies(shop, "a.wav")
    (kept,) = connect(shop, BY_METADATA, card_code_tag=TAG).erase([mine], Method.MUTE, WHO)
    assert (kept.kind, kept.refused, bodies(shop, "a.wav")) == (OutcomeKind.RETAINED, True, before)
    assert kept.reason.startswith(NOT_MUTED)


@pytest.mark.apart
def test_what_cannot_be_muted_is_left_and_said(new_shop: NewShop, connect: Connect) -> None:
    # What cannot be muted is left and said.
    shop = new_shop()
    cases = {
        "no WAV": (b"ID3 no wave", "0.25-0.5"),
        "compressed": (wav(form=0x55), "0.25-0.3"),
        "beyond its end": (SOUND, "9-10"),
        "no seconds": (SOUND, "from the start"),
        "backwards": (SOUND, "0.5-0.25"),
        "no such channel": (SOUND, "0.1-0.2@7"),
    }
    for name, (body, seconds) in cases.items():
        shop.put(f"{name}.wav", body, Metadata=MINE, Tagging=f"{TAG}={seconds}")
    refs = [shop.ref(f"{name}.wav") for name in cases]
    kept = list(connect(shop, BY_METADATA, card_code_tag=TAG).erase(refs, Method.MUTE, WHO))
    assert [(one.kind, one.refused) for one in kept] == [(OutcomeKind.RETAINED, True)] * len(cases)
    assert [bodies(shop, f"{name}.wav") for name in cases] == [[body] for body, _ in cases.values()]
    assert all(one.reason.startswith(NOT_MUTED) for one in kept)
    assert all(one.reason.endswith("a person has to do that by hand.") for one in kept)
    # What the store locks is left as it is.
    shop = new_shop("locking")
    shop.put("a.wav", SOUND, **MARKED)
    held = shop.ref("a.wav")
    hold = {"Bucket": shop.bucket, "Key": shop.prefix + "a.wav"}
    shop.s3.put_object_legal_hold(**hold, LegalHold={"Status": "ON"})
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    lock = {"ObjectLockMode": "GOVERNANCE", "ObjectLockRetainUntilDate": until}
    shop.put("b.wav", SOUND, **MARKED, **lock)
    connector = connect(shop, BY_METADATA, card_code_tag=TAG)
    kept = list(connector.erase([held, shop.ref("b.wav")], Method.MUTE, WHO))
    assert [(one.kind, one.refused, one.reason) for one in kept] == [(OutcomeKind.RETAINED, True, HELD)] * 2
    assert [one.until is not None for one in kept] == [False, True]
    assert bodies(shop, "a.wav") == bodies(shop, "b.wav") == [SOUND]
    shop.s3.put_object_legal_hold(**hold, LegalHold={"Status": "OFF"})
    # What it had stored stands beside the unmuted version, which is the record still.
    shop, done = new_shop(), new_shop()
    done.put("a.wav", SOUND, **MARKED)
    list(connect(done, BY_METADATA, card_code_tag=TAG).erase([done.ref("a.wav")], Method.MUTE, WHO))
    shop.put("a.wav", SOUND, **MARKED)
    mine = shop.ref("a.wav")
    name = mine.ref.rpartition("=")[2]
    stored = tags(done, "a.wav")["rightsflow-muted"].split()[1:]
    shop.put("a.wav", SILENCED, Metadata=MINE, Tagging=f"rightsflow-muted={' '.join([name, *stored])}")
    connector = connect(shop, BY_METADATA, card_code_tag=TAG)
    assert [one.record for one in connector.locate(WHO)] == [mine]
    (after,) = connector.erase([mine], Method.MUTE, WHO)
    assert (after.kind, bodies(shop, "a.wav")) == (OutcomeKind.RETAINED, [SILENCED])


@pytest.mark.slow
def test_a_long_recording_is_muted_as_a_stream(new_shop: NewShop, connect: Connect) -> None:
    shop, sound = new_shop(), wav(seconds=1500)
    shop.put("a.wav", sound, Metadata=MINE, Tagging=f"{TAG}=700-720.5@2")
    (done,) = connect(shop, BY_METADATA, card_code_tag=TAG).erase([shop.ref("a.wav")], Method.MUTE, WHO)
    (body,) = bodies(shop, "a.wav")
    changed = [number for number in range(len(sound)) if sound[number] != body[number]]
    begins = sound.index(b"data") + 8
    assert (len(body), len(changed), changed[0]) == (len(sound), 20_500 * 8, begins + 700 * 16_000 + 1)
    assert changed == list(range(changed[0], changed[0] + 20_500 * 16, 2))
    assert (done.kind, done.sha256) == (OutcomeKind.RETAINED, hashlib.sha256(body).hexdigest())
