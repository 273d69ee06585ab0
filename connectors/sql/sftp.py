"""SFTP servers, known by their host keys. Needs paramiko (extra ``sftp``).

``fsspec`` accepts any host key that it does not know, and its client loads no known ones, so that the check is a policy
of ours.
"""

from __future__ import annotations

import io
import stat
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import paramiko
from fsspec.core import url_to_fs

from rightsflow.domain.errors import Misconfigured

_KNOWN_HOSTS: Final = ("~/.ssh/known_hosts", "/etc/ssh/ssh_known_hosts")


class KnownHosts(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]
    """Accepts only servers whose key is in a file of known hosts.

    Args:
        system: The system's name in the configuration.
        path: The file; empty for those of OpenSSH.
    """

    def __init__(self, system: str, path: str) -> None:
        self._system = system
        self._paths = [Path(item).expanduser() for item in ([path] if path else _KNOWN_HOSTS)]

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        """Accept a server or raise.

        Raises:
            Misconfigured: Its key is not in the file.
        """
        known = paramiko.HostKeys()
        for path in self._paths:
            if path.is_file():
                known.load(str(path))
        if not known.check(hostname, key):
            raise Misconfigured(
                f"The key of the SFTP server of the system {self._system} is not among the known hosts; compare it "
                f"with its operator's, and add the line of ssh-keyscan -t {key.get_name().removeprefix('ssh-')} to "
                "the file that known_hosts in files_options names."
            )


def open_sftp(system: str, url: str, options: Mapping[str, Any], timeout: int) -> Any:
    """Open a connection.

    Args:
        system: The system's name in the configuration.
        url: The location.
        options: Arguments of paramiko's ``connect``, and ``known_hosts`` and ``private_key`` (the key itself).
        timeout: Seconds that connecting, or one answer, may take.

    Raises:
        Misconfigured: The server is not known, or refuses the login.
    """
    given = dict(options)
    given["host_key_policy"] = KnownHosts(system, str(given.pop("known_hosts", "")))
    if private := given.pop("private_key", ""):
        given["pkey"] = _private_key(system, private, given.get("passphrase"))
    waits = dict.fromkeys(("timeout", "banner_timeout", "auth_timeout"), timeout)
    try:
        fs, _ = url_to_fs(url, allow_agent=False, look_for_keys=False, skip_instance_cache=True, **waits, **given)
    except paramiko.AuthenticationException:
        raise Misconfigured(f"The SFTP server of the system {system} refuses the login; mend files_options.") from None
    fs.ftp.get_channel().settimeout(timeout)
    return fs


def is_link(fs: Any, path: str) -> bool:
    """Return True for a link on the server.

    Args:
        fs: As :func:`open_sftp` gives it.
        path: A path on the server.
    """
    return stat.S_ISLNK(fs.ftp.lstat(path).st_mode or 0)


def replace(fs: Any, path: str, beside: str, content: bytes) -> None:
    """Write a file in place of another one.

    Args:
        fs: As :func:`open_sftp` gives it.
        path: The file.
        beside: Where it is written first.
        content: What is written.
    """
    mode = fs.ftp.stat(path).st_mode or 0o600
    try:
        with fs.ftp.open(beside, "wb") as stream:
            fs.ftp.chmod(beside, 0o600)
            stream.write(content)
        fs.ftp.chmod(beside, stat.S_IMODE(mode))
        fs.ftp.posix_rename(beside, path)
    except BaseException:
        with suppress(OSError):
            fs.ftp.remove(beside)
        raise


def _private_key(system: str, text: str, passphrase: str | None) -> paramiko.PKey:
    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        try:
            return kind.from_private_key(io.StringIO(text), password=passphrase)
        except (paramiko.SSHException, ValueError):
            continue
    raise Misconfigured(f"The private_key in files_options of the system {system} is no key, or needs a passphrase.")
