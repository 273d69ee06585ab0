"""Values of databases for which Python has no type: infinite times, dates before Christ, lengths of time in months.

They are read as the text that the database writes, so that one such row, no matter whose, does not end a search.
"""

from __future__ import annotations

from psycopg import DataError
from psycopg.abc import AdaptContext, Buffer, Loader
from psycopg.types.datetime import DateLoader, TimeLoader, TimestampLoader, TimestamptzLoader, TimetzLoader
from psycopg.types.string import TextLoader

_Timed = DateLoader | TimeLoader | TimetzLoader | TimestampLoader | TimestamptzLoader

_STRICT: dict[str, type[_Timed]] = {
    "date": DateLoader,
    "time": TimeLoader,
    "timetz": TimetzLoader,
    "timestamp": TimestampLoader,
    "timestamptz": TimestamptzLoader,
}


def _tolerant(strict: type[_Timed]) -> type[Loader]:
    class Tolerant(strict):  # type: ignore[misc,valid-type]
        """Reads what Python can hold, and gives all else as text."""

        def load(self, data: Buffer) -> object:
            try:
                return super().load(data)
            except DataError:
                return bytes(data).decode()

    return Tolerant


_LOADERS = {name: _tolerant(strict) for name, strict in _STRICT.items()} | {"interval": TextLoader}


def read_odd_values(connection: AdaptContext, _record: object = None) -> None:
    """Let a psycopg connection read every value of the types above.

    Args:
        connection: The connection, just opened.
    """
    for name, loader in _LOADERS.items():
        connection.adapters.register_loader(name, loader)
