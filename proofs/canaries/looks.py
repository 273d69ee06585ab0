"""What is looked at: places, the bytes in each, and what was found in them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from psycopg import sql

from proofs.canaries.controls import labels
from proofs.canaries.person import CANARIES, SHORT, TYPED_AT_REVEAL
from tests.support.canary import Hit, Scanner, batches, files
from tests.support.peers.postgres import PostgresDatabase

REASON_AT_REVEAL = "reason at reveal"
"""The label of what is typed where personal data are revealed."""
SCANNER = Scanner(CANARIES | labels() | {REASON_AT_REVEAL: TYPED_AT_REVEAL}, SHORT)
_OF_THE_PERSON = CANARIES.keys() | SHORT.keys() | {REASON_AT_REVEAL}


class Place(StrEnum):
    """Where is looked."""

    BY_SQL = "Prefect's database, by SQL"
    FILES = "Prefect's database files, the server running"
    STOPPED = "Prefect's database files, after the end"
    HOME = "Prefect's home: the server's log and the rest"
    LOGS = "logs of all loggers at DEBUG"
    OUTPUT = "what the process prints"
    COMMANDS = "what the commands print"
    BROWSERS = "addresses, headers and titles of the desk's answers"
    LISTENER = "what the listener for others answers"
    POST = "mails and webhooks"
    STORE_BY_SQL = "case store, by SQL"
    STORE = "case store's files"
    WORK = "working folder"
    TEMPORARY = "temporary files"
    CLIENT = "Prefect home of the runs' process"


Pieces = Iterable[tuple[str, bytes]]
"""Bytes with what they are, such as a file or a table."""


_RAW = frozenset({Place.FILES, Place.STOPPED})
_CUT_BY_PAGES = 2


@dataclass(frozen=True)
class Look:
    """What was found in one place."""

    place: Place
    size: int
    planted: frozenset[str]
    hits: frozenset[Hit] = field(repr=False)

    @property
    def found(self) -> frozenset[str]:
        return self.planted & {hit.canary.removeprefix("control ") for hit in self.hits}

    @property
    def has_its_controls(self) -> bool:
        missed = len(self.planted - self.found)
        return bool(self.planted) and missed <= (_CUT_BY_PAGES if self.place in _RAW else 0)

    @property
    def leaks(self) -> list[tuple[str, str, tuple[str, ...]]]:
        ours = [hit for hit in self.hits if hit.canary in _OF_THE_PERSON]
        return sorted((hit.canary, hit.place, hit.wrappings) for hit in ours)


def look(place: Place, pieces: Pieces, planted: Iterable[str]) -> Look:
    size, hits = 0, set()
    for name, data in pieces:
        size += len(data)
        hits |= SCANNER.scan(data, name)
    assert size, f"nothing to scan in {place}"
    return Look(place, size, frozenset(planted), frozenset(hits))


_TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'm', 't') AND n.nspname <> 'information_schema' ORDER BY 1, 2
"""
"""All tables of all schemas with Prefect's catalogue and the parts of long values; foreign to none."""
_COLUMNS = """
SELECT a.attname, a.atttypid = 'bytea'::regtype FROM pg_attribute a
WHERE a.attrelid = format('%%I.%%I', %s::text, %s::text)::regclass AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum
"""


def postgres_tables(database: PostgresDatabase) -> Iterator[tuple[str, bytes]]:
    with database.server.admin(database.name) as admin:
        for schema, table in admin.execute(_TABLES).fetchall():
            columns = admin.execute(_COLUMNS, [schema, table]).fetchall()
            wanted = [
                sql.Identifier(name) if is_binary else sql.SQL("{}::text").format(sql.Identifier(name))
                for name, is_binary in columns
            ]
            query = sql.SQL("SELECT {} FROM {}").format(sql.SQL(", ").join(wanted), sql.Identifier(schema, table))
            rows = admin.execute(query)
            yield from batches(f"table {schema}.{table}", (value for row in rows for value in row))


_RELATIONS = """
SELECT pg_relation_filepath(oid), oid::regclass::text FROM pg_class WHERE pg_relation_filepath(oid) IS NOT NULL
"""


def postgres_files(database: PostgresDatabase) -> Iterator[tuple[str, bytes]]:
    with database.server.admin(database.name) as admin:
        admin.execute("CHECKPOINT")
        names = dict(admin.execute(_RELATIONS).fetchall())
        [shown] = admin.execute("SHOW data_directory").fetchall()
        folder = Path(shown[0])
    for path, data in files(folder):
        kind = "the write-ahead log" if path.startswith("pg_wal/") else path
        yield f"the file of {names[path]}" if path in names else kind, data
