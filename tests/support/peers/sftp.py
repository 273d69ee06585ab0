"""A real SFTP server for the tests: OpenSSH on a free loopback port, with keys and a configuration of its own."""

from __future__ import annotations

import getpass
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from deployments.ports import free_ports
from tests.support.peers.waiting import wait_until

_CONFIG = """
ListenAddress 127.0.0.1
Port {port}
HostKey {folder}/host
AuthorizedKeysFile {folder}/client.pub
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
Subsystem sftp internal-sftp
"""


@dataclass(frozen=True, slots=True)
class SftpPeer:
    """How to reach the server, which shows the files of this machine.

    Args:
        port: Its port.
        folder: Its configuration and keys.
    """

    port: int
    folder: Path

    def url(self, path: Path) -> str:
        """The location of a folder."""
        return f"sftp://{getpass.getuser()}@127.0.0.1:{self.port}{path}"

    @property
    def options(self) -> dict[str, str]:
        """The options of a user who may log in and knows the server."""
        return {"private_key": f"file:{self.folder}/client", "known_hosts": f"{self.folder}/known_hosts"}


@contextmanager
def running_sftp(tmp: Path) -> Iterator[SftpPeer]:
    """Start the server, wait until it answers, and stop it at the end.

    Args:
        tmp: An empty folder for its keys and configuration.
    """
    server, keygen = shutil.which("sshd", path="/usr/sbin:/usr/local/sbin"), shutil.which("ssh-keygen")
    if server is None or keygen is None:
        pytest.skip("OpenSSH's server is not installed: apt-get install openssh-server")
    (port,) = free_ports(1)
    for name in ("host", "client", "other"):
        subprocess.run([keygen, "-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", str(tmp / name)], check=True)
    public = (tmp / "host.pub").read_text(encoding="utf-8")
    (tmp / "known_hosts").write_text(f"[127.0.0.1]:{port} {public}", encoding="utf-8")
    config = tmp / "sshd_config"
    config.write_text(_CONFIG.format(port=port, folder=tmp), encoding="utf-8")
    # The folder that Debian's service makes, into which the server shuts the part that is not logged in yet.
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    with (tmp / "sshd.log").open("wb") as log:
        process = subprocess.Popen([server, "-D", "-e", "-f", str(config)], stdout=log, stderr=log)
    try:
        wait_until(
            lambda: b"Server listening" in (tmp / "sshd.log").read_bytes(), within=30, what="sshd does not listen."
        )
        yield SftpPeer(port, tmp)
    finally:
        process.terminate()
        process.wait(10)
