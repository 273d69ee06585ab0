"""A SeaweedFS server per worker with one bucket of each sort, and a prefix of its own for each test.

A fresh bucket per test would cost a fifth of a second each, for its first volume.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.server import ThreadedMotoServer

from connectors.registry import ControllerPlace
from connectors.s3 import S3Connector
from connectors.s3.bucket import PAGE_SIZE
from tests.integration.connectors.s3.clients import client
from tests.integration.connectors.s3.shop import PLACE, Shop, settings
from tests.support.peers.faulty import FaultyFront, running_front
from tests.support.peers.radosgw import running_radosgw
from tests.support.peers.seaweedfs import S3Peer, running_seaweedfs

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Peer]:
    with running_seaweedfs(tmp_path_factory.mktemp("weed")) as running:
        yield running


@pytest.fixture(scope="session")
def rados(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Peer]:
    """Another S3 server, one for the process that has the group ``rados``."""
    with running_radosgw(tmp_path_factory.mktemp("rados")) as running:
        yield running


@pytest.fixture(scope="session")
def front(peer: S3Peer) -> Iterator[FaultyFront]:
    with running_front(peer.endpoint) as running:
        yield running


@pytest.fixture(scope="session")
def s3(peer: S3Peer) -> Any:
    """The tests' own client, which goes straight to the server, with the buckets made."""
    made = client(peer.endpoint, peer.access_key, peer.secret_key)
    made.create_bucket(Bucket="plain")
    made.create_bucket(Bucket="versioned")
    made.put_bucket_versioning(Bucket="versioned", VersioningConfiguration={"Status": "Enabled"})
    made.create_bucket(Bucket="suspended")
    made.create_bucket(Bucket="locking", ObjectLockEnabledForBucket=True)
    return made


@pytest.fixture(scope="session")
def moto() -> Iterator[str]:
    """The URL of moto's imitation of S3, a second opinion that takes thousands of objects quickly."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


@pytest.fixture
def keys(peer: S3Peer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_S3_ID", peer.access_key)
    monkeypatch.setenv("TEST_S3_SECRET", peer.secret_key)
    monkeypatch.setenv("TEST_S3_READER_ID", peer.reader_access_key)
    monkeypatch.setenv("TEST_S3_READER_SECRET", peer.reader_secret_key)
    monkeypatch.setenv("TEST_S3_WRONG_SECRET", "not-the-secret")


@pytest.fixture
def new_shop(s3: Any) -> Callable[..., Shop]:
    """Makes an empty shop in the bucket ``plain``, ``versioned`` (the default), ``suspended`` or ``locking``.

    The bucket ``suspended`` keeps versions until a test suspends them.
    """

    def make(bucket: str = "versioned") -> Shop:
        if bucket == "suspended":
            s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        return Shop(s3, bucket, f"t{next(_numbers)}/")

    return make


@pytest.fixture
def connect(front: FaultyFront, keys: None) -> Callable[..., S3Connector]:
    """Makes a connector on a shop, behind the front that can fail."""

    def make(
        shop: Shop, match: dict[str, Any], *, place: ControllerPlace = PLACE, page_size: int = PAGE_SIZE, **changes: Any
    ) -> S3Connector:
        given = settings(shop.bucket, match, front.endpoint, **{"prefix": shop.prefix, **changes})
        return S3Connector("recordings", given, place, attempts=1, page_size=page_size)

    return make
