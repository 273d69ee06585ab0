"""How often a database is asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Engine, event


@dataclass(slots=True)
class Asked:
    """What a database was asked for.

    Args:
        transactions: How many were begun.
        statements: How many were executed in them.
    """

    transactions: int = 0
    statements: int = 0


@contextmanager
def counted_asking(engine: Engine) -> Iterator[Asked]:
    """Counts what is asked of a database until the block ends.

    Args:
        engine: Of the database.
    """
    asked = Asked()

    def begin(*_: object) -> None:
        asked.transactions += 1

    def execute(*_: object) -> None:
        asked.statements += 1

    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", execute)
    try:
        yield asked
    finally:
        event.remove(engine, "begin", begin)
        event.remove(engine, "before_cursor_execute", execute)
