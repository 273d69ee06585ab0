"""Statements that read: built once and kept, and asked one after the other by one connection.

A statement is built without the values that it is asked with, which costs more than to ask it: a search of one person
has as many values as that of another one. What is kept of it holds no value of a search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Self

import sqlalchemy as sa

from connectors.sql.client import SqlDatabase

Row = Mapping[str, object]
Values = Mapping[str, object]

_FEW: Final = 1000
"""Almost always there are no more rows; a cursor on the server, for which memory stays flat, takes three more calls."""
_KEPT: Final = "rightsflow_statements"
_MOST_KEPT: Final = 200
"""Statements of a table, each for another number of values, before they are built anew."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A query of whole rows.

    Args:
        whole: It itself.
        few: The same for one row more than are read at once.
    """

    whole: sa.Select[Any]
    few: sa.Select[Any]

    @classmethod
    def of(cls, table: sa.Table, condition: sa.ColumnElement[bool]) -> Statement:
        """The rows of a table that fulfil a condition."""
        whole = sa.select(table).where(condition)
        return cls(whole, whole.limit(_FEW + 1))

    @classmethod
    def kept(cls, table: sa.Table, shape: object, condition: Callable[[], sa.ColumnElement[bool]]) -> Statement:
        """The same, built once for a table as it was reflected.

        Args:
            table: The table.
            shape: What tells the condition from others; hashable.
            condition: Builds it, with places in which values are bound, and without any value of a search.
        """
        known: dict[object, Statement] = table.info.setdefault(_KEPT, {})
        statement = known.get(shape)
        if statement is None:
            if len(known) >= _MOST_KEPT:
                known.clear()
            statement = known[shape] = cls.of(table, condition())
        return statement


class ReadConnection:
    """One connection for several statements, each a transaction of its own; opened for the first of them.

    Args:
        database: The database.
    """

    def __init__(self, database: SqlDatabase) -> None:
        self._database = database
        self._connection: sa.Connection | None = None

    def __enter__(self) -> Self:
        """Open nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Give the connection back."""
        self.close()

    @property
    def connection(self) -> sa.Connection:
        """The connection; who asks by it says when that is at its end (:meth:`end`)."""
        if self._connection is None:
            self._connection = self._database.reading.connect()
        return self._connection

    def end(self) -> None:
        """End the transaction, if the database begins one by itself, so that the next statement sees what is new."""
        if self._connection is not None and self._database.reading is self._database.engine:
            self._connection.rollback()

    def close(self) -> None:
        """Give the connection back; the next statement opens another one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def read(self, statement: Statement, values: Values) -> Iterable[Row]:
        """The rows; those that are many come as they are asked for, by another connection, when this one is free."""
        few = rows_of(self.connection.execute(statement.few, values))
        self.end()
        if len(few) <= _FEW:
            return few
        self.close()
        return _many(self._database, statement, values)


Reads = sa.Connection | ReadConnection
"""The source of a read: the transaction that changes rows, or a connection for reading."""


def rows_of(result: sa.CursorResult[Any]) -> list[Row]:
    """All rows of a result.

    Args:
        result: The result.
    """
    names = tuple(result.keys())
    return [dict(zip(names, row, strict=True)) for row in result.all()]


def _many(database: SqlDatabase, statement: Statement, values: Values) -> Iterator[Row]:
    with database.engine.connect() as connection:
        result = connection.execution_options(yield_per=_FEW).execute(statement.whole, values)
        names = tuple(result.keys())
        for row in result:
            yield dict(zip(names, row, strict=True))
