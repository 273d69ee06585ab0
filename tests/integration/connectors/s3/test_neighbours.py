"""Recordings of people who share keys, versions and numbers: one asks, and everybody else's stay as they are.

On both servers, in buckets with versions, with suspended versions and without, filled at random.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
from botocore.exceptions import ClientError

from connectors.s3 import S3Connector
from connectors.s3.objects import read_name
from rightsflow.domain.vocabulary.records import Blob, Method, OutcomeKind, PresenceState
from rightsflow.testing.bench import find
from tests.integration.connectors.s3.clients import client
from tests.integration.connectors.s3.shop import (
    BY_METADATA,
    CUSTOMER,
    NEIGHBOUR,
    OTHER_PHONE,
    PHONE,
    PLACE,
    known_as,
    settings,
)
from tests.support.peers.seaweedfs import S3Peer

WHO = known_as(customer_id=CUSTOMER, phone=PHONE)
PEOPLE: dict[str, dict[str, str]] = {
    "mine": {"customer-id": CUSTOMER, "caller": PHONE},
    "theirs": {"caller": OTHER_PHONE},
    # The household's number, which the subject uses too.
    "family": {"customer-id": NEIGHBOUR, "caller": PHONE},
    "number": {"caller": PHONE},
    "withheld": {"caller": "anonymous"},
    "nobody": {},
}
KEYS = [f"desk-{number}.wav" for number in range(4)]
Facts = dict[tuple[str, str], dict[str, Any]]


@pytest.fixture(
    params=[
        pytest.param("peer", marks=pytest.mark.xdist_group("s3"), id="SeaweedFS"),
        pytest.param("rados", marks=[pytest.mark.xdist_group("rados"), pytest.mark.apart], id="RadosGW"),
    ]
)
def server(request: pytest.FixtureRequest) -> S3Peer:
    peer: S3Peer = request.getfixturevalue(request.param)
    return peer


class Desk:
    """A bucket in which calls are stored under one key for each desk.

    Args:
        s3: A client.
        bucket: The bucket's name; made here.
        sort: ``versioned``, ``suspended`` or ``plain``.
        seed: Of what is stored.
    """

    def __init__(self, s3: Any, bucket: str, sort: str, seed: int) -> None:
        self.s3, self.bucket, self._chance = s3, bucket, random.Random(seed)
        s3.create_bucket(Bucket=bucket)
        if sort != "plain":
            self._versioning("Enabled")
        self._calls(30)
        if sort == "suspended":
            self._versioning("Suspended")
            self._calls(12)
        self._put("home.wav", "family", "from home")
        # Keys of the subject alone, with transcripts that name no one.
        for number in range(3):
            self._put(f"own-{number}.wav", "mine", f"{number}")
            self._put(f"own-{number}.json", "mine", f"text {number}", is_named=False)

    def snapshot(self) -> Facts:
        """Every version and marker with all that is of it."""
        found: Facts = {}
        for page in self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket):
            for one in page.get("DeleteMarkers", ()):
                found[one["Key"], one["VersionId"]] = {"at": one["LastModified"]}
            for one in page.get("Versions", ()):
                found[one["Key"], one["VersionId"]] = self._version(one)
        return found

    def current(self, key: str) -> bytes | None:
        """What a plain read gives."""
        try:
            body: bytes = self.s3.get_object(Bucket=self.bucket, Key=key)["Body"].read()
        except ClientError:
            return None
        return body

    def _version(self, one: Any) -> dict[str, Any]:
        where = {"Bucket": self.bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        answer = self.s3.get_object(**where)
        return {
            "at": one["LastModified"],
            "is_latest": one["IsLatest"],
            "etag": one["ETag"],
            "metadata": answer["Metadata"],
            "type": answer["ContentType"],
            "tags": self.s3.get_object_tagging(**where)["TagSet"],
            "content": answer["Body"].read(),
        }

    def _versioning(self, status: str) -> None:
        self.s3.put_bucket_versioning(Bucket=self.bucket, VersioningConfiguration={"Status": status})

    def _calls(self, number: int) -> None:
        for call in range(number):
            key = self._chance.choice(KEYS)
            if self._chance.random() < 0.2:
                self.s3.delete_object(Bucket=self.bucket, Key=key)
            else:
                self._put(key, self._chance.choice(sorted(PEOPLE)), f"call {call} of {number}")

    def _put(self, key: str, who: str, what: str, *, is_named: bool = True) -> None:
        metadata = PEOPLE[who] if is_named else {}
        tags = f"team=blue&call={what.replace(' ', '-')}"
        body = f"{who} {what}".encode()
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=body, Metadata=metadata, Tagging=tags)


@pytest.mark.parametrize("seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(2, 12))])
@pytest.mark.parametrize(
    "sort", ["versioned", *(pytest.param(sort, marks=pytest.mark.apart) for sort in ("suspended", "plain"))]
)
def test_what_is_not_the_subjects_is_neither_given_nor_changed(
    sort: str, seed: int, server: S3Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3 = client(server.endpoint, server.access_key, server.secret_key)
    desk = Desk(s3, f"desk-{sort}-{seed}", sort, seed)
    monkeypatch.setenv("TEST_S3_ID", server.access_key)
    monkeypatch.setenv("TEST_S3_SECRET", server.secret_key)
    connector = S3Connector("recordings", settings(desk.bucket, BY_METADATA, server.endpoint), PLACE, attempts=1)
    before = desk.snapshot()
    currents = {key: desk.current(key) for key, _ in before}
    mine = {entry: one["content"] for entry, one in before.items() if one.get("content", b"").startswith(b"mine")}
    assert mine

    found = find(connector, WHO)
    assert {(name.key, name.version_id) for name in map(read_name, (one.ref for one in found.refs))} == set(mine)
    given = [_content(part) for part in connector.extract(found.refs, found.known)]
    assert sorted(given) == sorted(mine.values())
    assert desk.snapshot() == before

    for kind in connector.capabilities.kinds:
        refs = [ref for ref in found.refs if ref.kind == kind.name]
        for _ in range(2):
            outcomes = list(connector.erase(refs, Method.ERASE, found.known))
            assert {one.kind for one in outcomes} <= {OutcomeKind.ERASED}
    after = desk.snapshot()
    _assert_others_unchanged(before, after, set(mine))
    emptied = {key for key, _ in mine} - {key for key, _ in set(before) - set(mine)}
    for key, current in currents.items():
        was_mine = current is not None and current.startswith(b"mine")
        assert desk.current(key) == (None if was_mine else current)
    assert not emptied & {key for key, _ in after}
    assert {one.state for one in connector.presence(found.refs, found.known)} == {PresenceState.ABSENT}
    assert find(connector, WHO).refs == []


def _assert_others_unchanged(before: Facts, after: Facts, mine: set[tuple[str, str]]) -> None:
    """Every other version is the same byte for byte; markers are added only over keys that had a version of mine."""
    others = {entry: one for entry, one in before.items() if "content" in one and entry not in mine}
    assert {entry: one for entry, one in after.items() if "content" in one} == others
    kept = {entry for entry, one in before.items() if "content" not in one and entry[0] in {key for key, _ in others}}
    markers = {entry for entry, one in after.items() if "content" not in one}
    assert kept <= markers
    assert {key for key, _ in markers - kept} <= {key for key, _ in mine}


def _content(part: object) -> bytes:
    assert isinstance(part, Blob)
    return b"".join(part.open())
