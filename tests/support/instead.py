"""Parts of the application as a test has them, to be handed in; and a database that refuses statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event


class Instead:
    """All that something can, but for what the test gives instead.

    Args:
        real: The thing.
        others: By name, what is there instead of its own.
    """

    def __init__(self, real: Any, **others: Any) -> None:
        self._real = real
        vars(self).update(others)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@contextmanager
def statements_fail(engine: Engine, beginning: str, error: BaseException) -> Iterator[None]:
    """Let each statement that begins so fail for the duration of the block, before the database hears of it.

    Args:
        engine: Of the database.
        beginning: The first words, such as ``DELETE FROM cases``.
        error: What is raised.
    """

    def refuse(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.startswith(beginning):
            raise error

    event.listen(engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", refuse)
