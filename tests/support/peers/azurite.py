"""Microsoft's own imitation of Azure Blob Storage for the tests: Azurite, on a free loopback port."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from deployments.ports import free_ports
from tests.support.peers.waiting import wait_until

# The account that Azurite documents for everybody.
_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@contextmanager
def running_azurite(tmp: Path) -> Iterator[str]:
    """Start the server, wait until it answers, and stop it at the end; gives the connection string.

    Args:
        tmp: An empty folder for its data and log.
    """
    pytest.importorskip("adlfs", reason="adlfs is not installed: pip install 'rightsflow[azure]'")
    beside = Path(sys.prefix) / "node_modules" / ".bin"
    server = shutil.which("azurite-blob", path=os.pathsep.join([str(beside), os.environ.get("PATH", os.defpath)]))
    if server is None:
        pytest.skip("Azurite is not installed: npm install azurite")
    (port,) = free_ports(1)
    options = ["--blobHost", "127.0.0.1", "--blobPort", str(port), "--location", str(tmp), "--skipApiVersionCheck"]
    with (tmp / "azurite.log").open("wb") as log:
        process = subprocess.Popen([server, *options, "--disableTelemetry"], stdout=log, stderr=log)
    try:
        wait_until(
            lambda: b"successfully listen" in (tmp / "azurite.log").read_bytes(),
            within=60,
            what="Azurite does not listen.",
        )
        yield (
            f"DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey={_KEY};"
            f"BlobEndpoint=http://127.0.0.1:{port}/devstoreaccount1;"
        )
    finally:
        process.terminate()
        process.wait(20)
