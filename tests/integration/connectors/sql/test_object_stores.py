"""Recordings under vendors' ids in stores of objects: versions, locks, and what a store keeps of removed files."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from connectors.sql import SqlConnector
from rightsflow.domain.vocabulary.records import Blob, Fact, Located, Method, OutcomeKind, PresenceState
from tests.integration.connectors.sql import vendors
from tests.integration.connectors.sql.peer import Peer
from tests.integration.connectors.sql.vendors import ACCOUNT, ANNA, MINE, OTHERS, SHARED, digests
from tests.support.peers.azurite import running_azurite
from tests.support.peers.fake_gcs import running_fake_gcs
from tests.support.peers.seaweedfs import S3Peer, running_seaweedfs

pytestmark = pytest.mark.apart
KNOWN = frozenset({ANNA})


@pytest.fixture(scope="module")
def weed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Peer]:
    with running_seaweedfs(tmp_path_factory.mktemp("weed")) as peer:
        yield peer


@pytest.fixture(scope="module")
def s3(weed: S3Peer) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=weed.endpoint,
        region_name="us-east-1",
        aws_access_key_id=weed.access_key,
        aws_secret_access_key=weed.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )


def location_of(peer: Peer, weed: S3Peer, bucket: str) -> dict[str, Any]:
    (peer.folder.parent / "secret").write_text(weed.secret_key)
    (peer.folder.parent / "key").write_text(weed.access_key)
    options = {
        "key": f"file:{peer.folder.parent}/key",
        "secret": f"file:{peer.folder.parent}/secret",
        "endpoint_url": weed.endpoint,
    }
    return {"files": f"s3://{bucket}/audio", "files_options": options}


def in_bucket(peer: Peer, weed: S3Peer, bucket: str) -> SqlConnector:
    return vendors.twilio(peer, **location_of(peer, weed, bucket))


def fill(peer: Peer, s3: Any, bucket: str) -> None:
    vendors.fill_tables(peer)
    for path in sorted({*MINE, *SHARED, *OTHERS}):
        s3.put_object(Bucket=bucket, Key=f"audio/{path}", Body=vendors.content(peer, path))


def held(s3: Any, bucket: str) -> dict[tuple[str, str], str]:
    """Every version and marker in a bucket."""
    page = s3.list_object_versions(Bucket=bucket)
    entries = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
    return {(item["Key"].removeprefix("audio/"), item["VersionId"]): item.get("ETag", "") for item in entries}


def recordings(connector: SqlConnector) -> dict[str, Located]:
    return {item.record.ref: item for item in connector.locate(KNOWN) if item.record.kind == "recording"}


def test_every_version_is_given_and_erased(sqlite_peer: Peer, weed: S3Peer, s3: Any):
    s3.create_bucket(Bucket="calls")
    s3.put_bucket_versioning(Bucket="calls", VersioningConfiguration={"Status": "Enabled"})
    fill(sqlite_peer, s3, "calls")
    # An older version below, and a file that was deleted, which a plain listing does not show.
    s3.put_object(Bucket="calls", Key=f"audio/{ACCOUNT}/RE1.wav", Body=b"converted")
    s3.delete_object(Bucket="calls", Key=f"audio/{ACCOUNT}/RE2.mp3")
    before, connector = held(s3, "calls"), in_bucket(sqlite_peer, weed, "calls")
    health = connector.probe()
    assert health.ok, health.detail
    found = recordings(connector)
    assert sorted(found) == ["recording:RE1", "recording:RE2", "recording:RE4"]
    parts = list(connector.extract([found["recording:RE1"].record, found["recording:RE2"].record], KNOWN))
    sounds = [b"".join(part.open()) for part in parts if isinstance(part, Blob) and "audio" in part.media_type]
    assert len(sounds) == 3
    assert b"converted" in sounds
    refs = [item.record for item in found.values()]
    outcomes = {item.record.ref: item.kind for item in connector.erase(refs, Method.ERASE, KNOWN)}
    assert [outcomes[f"recording:RE{number}"] for number in (1, 2, 4)] == [
        OutcomeKind.ERASED,
        OutcomeKind.ERASED,
        OutcomeKind.RETAINED,
    ]
    assert held(s3, "calls") == {name: etag for name, etag in before.items() if name[0] not in MINE}
    states = {item.record.ref: item.state for item in connector.presence(refs, KNOWN)}
    assert states["recording:RE1"] is states["recording:RE2"] is PresenceState.ABSENT


def test_older_versions_under_a_plain_name_are_no_ones(sqlite_peer: Peer, weed: S3Peer, s3: Any):
    s3.create_bucket(Bucket="named")
    s3.put_bucket_versioning(Bucket="named", VersioningConfiguration={"Status": "Enabled"})
    vendors.fill_tables(sqlite_peer)
    calls, entries = vendors.TWILIO
    plain = entries | {"file": {"column": "sid", "extensions": [".wav"], "optional": True}}
    for body in (b"another person's", b"Anna's"):
        s3.put_object(Bucket="named", Key="audio/RE1.wav", Body=body)
    connector = sqlite_peer.connector(
        [calls, plain], own_numbers=[vendors.OWN], **location_of(sqlite_peer, weed, "named")
    )
    (found,) = recordings(connector).values()
    (part,) = connector.extract([found.record], KNOWN)
    assert isinstance(part, Blob)
    assert b"".join(part.open()) == b"Anna's"
    before = held(s3, "named")
    (outcome,) = connector.erase([found.record], Method.ERASE, KNOWN)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.FAILED, True)
    assert held(s3, "named") == before


def test_a_locked_file_keeps_its_whole_family(sqlite_peer: Peer, weed: S3Peer, s3: Any):
    s3.create_bucket(Bucket="locked", ObjectLockEnabledForBucket=True)
    fill(sqlite_peer, s3, "locked")
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=3)
    s3.put_object_retention(
        Bucket="locked",
        Key=f"audio/{ACCOUNT}/RE1.wav",
        Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until},
    )
    before, connector = held(s3, "locked"), in_bucket(sqlite_peer, weed, "locked")
    found = recordings(connector)["recording:RE1"]
    assert Fact.LOCKED in found.facts
    assert found.locked_until == until.date() or found.locked_until == (until + timedelta(days=1)).date()
    (outcome,) = connector.erase([found.record], Method.ERASE, KNOWN)
    assert (outcome.kind, outcome.until) == (OutcomeKind.RETAINED, found.locked_until)
    assert held(s3, "locked") == before


@pytest.fixture(scope="module")
def azurite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_azurite(tmp_path_factory.mktemp("azurite")) as connection_string:
        yield connection_string


def test_azure_says_how_long_it_keeps_removed_files(sqlite_peer: Peer, azurite: str):
    blobs = pytest.importorskip("azure.storage.blob").BlobServiceClient.from_connection_string(azurite)
    container = blobs.create_container("calls")
    vendors.fill_tables(sqlite_peer)
    for path in sorted({*MINE, *SHARED, *OTHERS}):
        container.upload_blob(f"audio/{path}", vendors.content(sqlite_peer, path))
    before = {blob.name: blob.etag for blob in container.list_blobs()}
    secret = sqlite_peer.folder.parent / "azure"
    secret.write_text(azurite)
    options = {"connection_string": f"file:{secret}"}
    connector = vendors.twilio(sqlite_peer, files="az://calls/audio", files_options=options)
    _given_and_erased(connector)
    kept = {name: etag for name, etag in before.items() if name.removeprefix("audio/") not in MINE}
    assert {blob.name: blob.etag for blob in container.list_blobs()} == kept
    # What is removed while soft delete is on stays for its days, which the answer has to say.
    policy = pytest.importorskip("azure.storage.blob").RetentionPolicy(enabled=True, days=14)
    blobs.set_service_properties(delete_retention_policy=policy)
    assert "removed files for 14 days (soft delete)" in connector.probe().detail
    assert not connector.probe().ok
    calls, entries = vendors.TWILIO
    stated = entries | {"file": entries["file"] | {"residue": "Azure keeps removed files for 14 days."}}
    told = sqlite_peer.connector([calls, stated], files="az://calls/audio", files_options=options)
    assert told.probe().ok
    assert next(kind.residue for kind in told.capabilities.kinds if kind.name == "recording").startswith("Azure keeps")


def _given_and_erased(connector: SqlConnector) -> None:
    health = connector.probe()
    assert health.ok, health.detail
    refs = [item.record for item in recordings(connector).values()]
    assert len(list(connector.extract(refs, KNOWN))) == 5
    erased = [item.record for item in connector.erase(refs, Method.ERASE, KNOWN) if item.kind is OutcomeKind.ERASED]
    assert len(erased) == 2
    assert {item.state for item in connector.presence(erased, KNOWN)} == {PresenceState.ABSENT}


def test_files_in_google_cloud_storage(sqlite_peer: Peer, tmp_path_factory: pytest.TempPathFactory):
    with running_fake_gcs(tmp_path_factory.mktemp("gcs")) as url:
        requests.post(f"{url}/storage/v1/b", json={"name": "calls"}, timeout=5).raise_for_status()
        vendors.fill_tables(sqlite_peer)
        for path in sorted({*MINE, *SHARED, *OTHERS}):
            where = {"uploadType": "media", "name": f"audio/{path}"}
            content = vendors.content(sqlite_peer, path)
            requests.post(
                f"{url}/upload/storage/v1/b/calls/o", params=where, data=content, timeout=5
            ).raise_for_status()
        token = sqlite_peer.folder.parent / "token"
        token.write_text("anon")
        options = {"token": f"file:{token}", "endpoint_url": url, "project": "test"}
        _given_and_erased(vendors.twilio(sqlite_peer, files="gs://calls/audio", files_options=options))
        listed = requests.get(f"{url}/storage/v1/b/calls/o", timeout=5).json()["items"]
        assert {item["name"].removeprefix("audio/") for item in listed} == {*SHARED, *OTHERS}


def test_a_csv_file_in_a_bucket_keeps_no_older_version(sqlite_peer: Peer, weed: S3Peer, s3: Any):
    vendors.fill_connect(sqlite_peer)
    s3.create_bucket(Bucket="contacts")
    s3.put_bucket_versioning(Bucket="contacts", VersioningConfiguration={"Status": "Enabled"})
    for path in digests(sqlite_peer.folder):
        s3.put_object(Bucket="contacts", Key=f"audio/{path}", Body=(sqlite_peer.folder / path).read_bytes())
    connector = vendors.connect(sqlite_peer, **location_of(sqlite_peer, weed, "contacts"))
    found = [item.record for item in connector.locate(KNOWN) if Fact.SHARED not in item.facts]
    for kind in ("recording", "contact"):
        group = [ref for ref in found if ref.kind == kind]
        assert {item.kind for item in connector.erase(group, Method.ERASE, KNOWN)} == {OutcomeKind.ERASED}
    left = [name for name, _ in held(s3, "contacts")]
    assert left.count(vendors.CONTACTS) == 1
    assert not any(vendors.CONTACT.format(number) in name for name in left for number in (1, 2))
    body = s3.get_object(Bucket="contacts", Key=f"audio/{vendors.CONTACTS}")["Body"].read()
    assert vendors.CONTACT.format(1).encode() not in body
    assert vendors.CONTACT.format(3).encode() in body
