"""A case's transaction writes what it changed as it ends: no query in it may ask a table for which something waits."""

from __future__ import annotations

import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Delete, Select, Update, event, inspect
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

_SESSION = "session of the tests"


@contextmanager
def no_query_misses_what_waits() -> Iterator[None]:
    """For the duration of the block, whatever asks or changes a table has written first what waits for it, or fails.

    What is put in by objects and waits is in no row yet that a statement could change or remove.
    """

    def begun(session: Session, _transaction: object, connection: Connection) -> None:
        connection.info[_SESSION] = weakref.ref(session)

    def asked(connection: Connection, statement: Any, _many: object, _one: object, options: Any) -> None:
        session = connection.info.get(_SESSION, lambda: None)()
        if session is None or session.autoflush or session._flushing or options.get("rightsflow_asks_others"):
            return
        if isinstance(statement, Select | CompoundSelect | Update | Delete) and (waiting := _waiting_in(session)):
            missed = sorted(table.name for table in waiting.intersection(visitors.iterate(statement)))
            assert not missed, f"what waits for {', '.join(missed)} is missing in what is asked"

    event.listen(Session, "after_begin", begun)
    event.listen(Engine, "before_execute", asked)
    try:
        yield
    finally:
        event.remove(Engine, "before_execute", asked)
        event.remove(Session, "after_begin", begun)


def _waiting_in(session: Session) -> set[Any]:
    """The tables for which something of a session waits."""
    changed = (one for one in session.dirty if session.is_modified(one))
    return {inspect(type(one)).local_table for one in (*session.new, *session.deleted, *changed)}
