"""Ceph's S3 server for the tests: RadosGW on SQLite files (``dbstore``), without a Ceph cluster.

It is a second implementation of S3 beside SeaweedFS: versions, markers and suspended buckets as on Amazon, bucket
policies with conditions, an empty answer of 200 to ``GET replication``, 400 where a lock is asked for.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from deployments.ports import free_ports
from tests.support.peers.seaweedfs import S3Peer

LIMITED = {"AWS": ["arn:aws:iam:::user/limited"]}
"""In a policy: the principal of ``reader_access_key``, which has no right but those of the bucket's policy."""
_READY_WITHIN_SECONDS = 150.0
_TOOL_SECONDS = 10.0
_ATTEMPTS = 5
_CONFIGURATION = """\
[client]
rgw_backend_store = dbstore
rgw_config_store = dbstore
dbstore_db_dir = {folder}
dbstore_config_uri = file:{folder}/configuration.db
rgw_data = {folder}
rgw_frontends = beast endpoint=127.0.0.1:{port}
rgw_enable_apis = s3
run_dir = {folder}
admin_socket =
log_file = {folder}/radosgw.log
"""


@contextmanager
def running_radosgw(folder: Path) -> Iterator[S3Peer]:
    """Start the server, wait until it answers, and stop it at the end.

    Args:
        folder: An empty folder for its databases, configuration and log.
    """
    server, admin = shutil.which("radosgw"), shutil.which("radosgw-admin")
    if server is None or admin is None:
        pytest.skip("RadosGW is not installed: apt-get install --no-install-recommends radosgw")
    (port,) = free_ports(1)
    peer = S3Peer(
        endpoint=f"http://127.0.0.1:{port}",
        access_key="testadmin",
        secret_key="test-admin-secret",
        reader_access_key="testlimited",
        reader_secret_key="test-limited-secret",
    )
    (folder / "ceph.conf").write_text(_CONFIGURATION.format(folder=folder, port=port), encoding="utf-8")
    common = ["--no-mon-config", "-c", str(folder / "ceph.conf"), "-n", "client.rgw.test"]
    for name, key, secret in (
        ("admin", peer.access_key, peer.secret_key),
        ("limited", peer.reader_access_key, peer.reader_secret_key),
    ):
        who = [f"--uid={name}", f"--display-name={name}", f"--access-key={key}", f"--secret-key={secret}"]
        _create_user([admin, *common, "user", "create", *who])
    with (folder / "out.log").open("wb") as log:
        process = subprocess.Popen([server, "-f", *common], stdout=log, stderr=log, cwd=folder)
        try:
            _wait_until_ready(port, process, folder / "out.log")
            yield peer
        finally:
            process.kill()
            process.wait()


def restrict(s3: Any, bucket: str, *statements: dict[str, Any]) -> None:
    """Set the policy that the limited user has in a bucket.

    Args:
        s3: The owner's client.
        bucket: The bucket.
        statements: Statements without principal and resource; ``under`` names what the keys begin with.
    """
    whole = [
        {
            "Principal": LIMITED,
            "Resource": [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/{one.get('under', '')}*"],
            **{name: value for name, value in one.items() if name != "under"},
        }
        for one in statements
    ]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": whole}))


def _create_user(command: list[str]) -> None:
    """Create a user; now and then the tool hangs when it ends, with its work done or not."""
    for _ in range(_ATTEMPTS):
        try:
            made = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_TOOL_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        if made.returncode == 0 or "exists" in made.stderr:
            return
        raise RuntimeError(f"RadosGW did not create a user: {made.stderr[-2000:]}")
    raise RuntimeError("RadosGW's tool hangs; run the tests again.")


def _wait_until_ready(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _READY_WITHIN_SECONDS
    while True:
        connection = HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        finally:
            connection.close()
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"RadosGW did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
