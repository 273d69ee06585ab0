"""Each statement to a system's database is timed, by its verb."""

from __future__ import annotations

from time import perf_counter
from typing import Final

from sqlalchemy import Connection, Engine, ExceptionContext, event

from rightsflow.domain.telemetry import recorder

_VERBS: Final = frozenset({"select", "insert", "update", "delete"})
_BEGAN: Final = "rightsflow_began"


def count_statements(engine: Engine, system: str) -> None:
    """Let every statement of an engine be counted, until its first row is there.

    Args:
        engine: The engine.
        system: The system's name in the configuration.
    """

    def begin(connection: Connection, *_: object) -> None:
        connection.info[_BEGAN] = perf_counter()

    def end(connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        _say(connection, statement, "ok")

    def fail(context: ExceptionContext) -> None:
        # Without a connection nothing was sent.
        if context.connection is not None and context.statement is not None:
            _say(context.connection, context.statement, "error")

    def _say(connection: Connection, statement: str, status: str) -> None:
        began = connection.info.pop(_BEGAN, None)
        if began is not None:
            verb = statement.split(maxsplit=1)[0].lower()
            recorder().call(system, verb if verb in _VERBS else "other", status, perf_counter() - began)

    for name, handler in (("before_cursor_execute", begin), ("after_cursor_execute", end), ("handle_error", fail)):
        event.listen(engine, name, handler)
