"""The certificates of authorities, read once for all of a process's clients of Prefect's server.

Each client that is made reads a few hundred kilobytes of them, also where the server is called by plain HTTP; that was
nine tenths of what making one took, and one is made for each run, each decision and each look of the keeper.
"""

from __future__ import annotations

import ssl
from functools import lru_cache
from pathlib import Path
from typing import Final

from prefect.client import orchestration

_KEPT: Final = 4


class _Ssl:
    """In the place of the module ``ssl`` where Prefect makes its clients: all of it, but for one thing."""

    def __getattr__(self, name: str) -> object:
        """Everything else is the module's."""
        return getattr(ssl, name)

    def create_default_context(self, *given: object, **named: object) -> ssl.SSLContext:
        """A context that checks by the authorities of a file, as the file is now; any other one is made each time.

        Args:
            *given: As the module's own takes them.
            **named: As the module's own takes them.
        """
        file = named.get("cafile")
        if given or named.keys() != {"cafile"} or not isinstance(file, str):
            # Prefect loosens one that checks nothing; it must be no one else's.
            return ssl.create_default_context(*given, **named)  # type: ignore[arg-type]
        status = Path(file).stat()
        return _checking_by(file, (status.st_mtime_ns, status.st_size, status.st_ino))


@lru_cache(_KEPT)
def _checking_by(file: str, _state: tuple[int, ...]) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=file)


def read_certificates_once() -> bool:
    """Let clients of Prefect's server share what was read; returns whether they do.

    A Prefect that makes its clients in another way is left as it is.
    """
    if getattr(orchestration, "ssl", None) is not ssl:
        return False
    orchestration.ssl = _Ssl()  # type: ignore[attr-defined, assignment]
    return True
