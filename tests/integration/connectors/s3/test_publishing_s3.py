"""Seals in a bucket with Object Lock: put once, never overwritten, and not to be removed before their time."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from connectors.publishing_s3 import LockedBucket, bucket_place
from rightsflow.config.sections.mail_server import SealBucket
from rightsflow.domain.errors import Misconfigured, Refused, Transient
from rightsflow.domain.publication import Publication
from tests.support.peers.seaweedfs import S3Peer

NOW = datetime(2026, 11, 24, 1, 30, tzinfo=UTC)
_numbers = itertools.count(1)


def seal(text: str = "one\n") -> Publication:
    return Publication(number=1, name="seal-00000001.json", text=text, digest="a" * 64)


@pytest.fixture
def place(s3: Any, peer: S3Peer, keys: None) -> Callable[..., LockedBucket]:
    """Makes a place in a prefix of its own."""

    def make(bucket: str = "locking", prefix: str = "", **changes: Any) -> LockedBucket:
        given = {
            "endpoint_url": peer.endpoint,
            "access_key_id": "env:TEST_S3_ID",
            "secret_access_key": "env:TEST_S3_SECRET",
        } | changes
        path = f"{bucket}/{prefix or f'seals{next(_numbers)}/'}"
        return bucket_place(path, SealBucket.model_validate(given), 10, lambda: NOW)

    return make


def test_a_seal_is_put_with_a_lock(s3: Any, place: Callable[..., LockedBucket]) -> None:
    there = place()
    there.publish(seal())
    key = f"{there.prefix}seal-00000001.json"
    found = s3.get_object(Bucket="locking", Key=key)
    assert (found["Body"].read(), found["ContentType"]) == (b"one\n", "application/json")
    lock = s3.get_object_retention(Bucket="locking", Key=key)["Retention"]
    assert (lock["Mode"], lock["RetainUntilDate"].date().isoformat()) == ("COMPLIANCE", "2036-11-24")
    with pytest.raises(ClientError):
        s3.delete_object(Bucket="locking", Key=key, VersionId=found["VersionId"])


def test_the_same_seal_again_changes_nothing_and_another_is_refused(
    s3: Any, place: Callable[..., LockedBucket]
) -> None:
    there = place()
    there.publish(seal())
    there.publish(seal())
    with pytest.raises(Refused, match="another object"):
        there.publish(seal("two\n"))
    versions = s3.list_object_versions(Bucket="locking", Prefix=there.prefix)["Versions"]
    assert len(versions) == 1


@pytest.mark.apart
def test_a_prefix_may_be_left_out_or_written_without_its_end(place: Callable[..., LockedBucket]) -> None:
    assert place(prefix="a/b").prefix == place(prefix="a/b/").prefix == "a/b/"
    assert bucket_place("locking", SealBucket(region="eu-central-1"), 1, lambda: NOW).prefix == ""
    assert bucket_place("locking/", SealBucket(region="eu-central-1"), 1, lambda: NOW).prefix == ""


def test_a_bucket_without_locks_is_refused(place: Callable[..., LockedBucket]) -> None:
    with pytest.raises(Misconfigured, match="Object Lock"):
        place("plain").publish(seal())


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"secret_access_key": "env:TEST_S3_WRONG_SECRET"}, Misconfigured),
        ({"access_key_id": "env:TEST_S3_READER_ID", "secret_access_key": "env:TEST_S3_READER_SECRET"}, Misconfigured),
        ({"endpoint_url": "http://127.0.0.1:9"}, Transient),
    ],
)
def test_what_does_not_work_is_said(
    place: Callable[..., LockedBucket], changes: dict[str, str], fault: type[Exception]
) -> None:
    with pytest.raises(fault):
        place(**changes).publish(seal())


def test_a_bucket_that_is_not_there_is_said(place: Callable[..., LockedBucket]) -> None:
    with pytest.raises(Misconfigured):
        place("nowhere").publish(seal())
