"""One object store for the acceptance list."""

from __future__ import annotations

import pytest

from tests.support.peers.seaweedfs import running_seaweedfs


@pytest.fixture(scope="session")
def store(tmp_path_factory):
    with running_seaweedfs(tmp_path_factory.mktemp("weed")) as peer:
        yield peer
