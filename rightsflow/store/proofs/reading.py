"""Reading for a check: a few rows at a time, and whatever was put there, without falling over it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.orm import Session

_AT_ONCE = 1_000


def rows(session: Session, query: Executable) -> Iterator[Any]:
    """Yield the rows of a query, a few at a time, without the overhead of an object-relational mapper.

    Args:
        session: The open transaction.
        query: What is asked for.
    """
    yield from session.connection().execute(query, execution_options={"yield_per": _AT_ONCE})


@contextmanager
def any_text(session: Session) -> Iterator[None]:
    r"""Read invalid texts with ``\xff`` for each wrong byte.

    SQLite keeps whatever bytes it is given, and its driver would fail over them. Nothing that the ledger writes holds a
    backslash before an x, so that such a text is never taken for another. PostgreSQL keeps texts only.
    """
    connection: Any = session.connection().connection.dbapi_connection
    if session.get_bind().dialect.name != "sqlite":
        yield
        return
    connection.text_factory = _text_of
    try:
        yield
    finally:
        connection.text_factory = str


def parsed(text: str) -> object:
    """Parse a text as JSON; ``None`` if it is not JSON."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _text_of(raw: bytes) -> str:
    return raw.decode("utf-8", "backslashreplace")
