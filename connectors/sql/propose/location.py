"""A location of files as it is: its CSV files as tables, and the layout of recordings by the ids in their names.

File names may hold telephone numbers and names of people. Nothing of them comes into a proposal but a few words that
programs use for folders, the signs beside an id, and the form of days; everything else is ``*``.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import NullPool

from connectors.sql.csv_files import CsvFile, CsvTable, read_table
from connectors.sql.layouts import EVERYTHING, ID, StoredEntry, checked_pattern, is_id
from connectors.sql.propose.facts import MOST_ROWS, SEVERAL
from connectors.sql.stores import FsspecStore
from rightsflow.domain.errors import RightsflowError

MOST_FILES: Final = 5_000
_SAMPLE: Final = 1 << 20
_SHORTEST_ID: Final = 6
_DEEPEST: Final = 12
_TABLES: Final = frozenset({".csv", ".tsv"})
_DELIMITERS: Final = (",", ";", "\t", "|")
_WORDS: Final = frozenset(
    {
        *("analysis", "archive", "audio", "call", "callrecordings", "calls", "chat", "connect", "export", "exports"),
        *("ivr", "media", "monitor", "raw", "recording", "recordings", "redacted", "screen", "text", "transcript"),
        *("transcripts", "video", "voice"),
    }
)
_DAY: Final = re.compile(r"(\d{4})([-_.]?)(\d\d)\2(\d\d)")
_TIMES: Final = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y",
)
_ISO: Final = frozenset(_TIMES[:3])
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Location:
    """What is in a location.

    Args:
        csv: Its CSV files as tables, by the names of these.
        engine: These tables, in memory.
        keeper: The connection without which these would be gone.
        paths: The other files.
    """

    csv: Mapping[str, CsvFile]
    engine: Engine
    keeper: sa.Connection
    paths: tuple[str, ...]


def look_over(system: str, store: FsspecStore, say: Say) -> Location:
    """Read the names of at most :data:`MOST_FILES` files, and the beginnings of CSV files.

    Args:
        system: The system's name.
        store: The location.
        say: Is told what goes on.

    Raises:
        Misconfigured: The location cannot be opened.
        Transient: It does not answer.
    """
    say("Reading the names of files …")
    names, paths = defaultdict[str, list[str]](list), list[str]()
    for path in _files(store):
        if PurePosixPath(path).suffix.lower() in _TABLES:
            names[re.sub(r"\d+([-_.]?\d+)*", "*", path)].append(path)
        else:
            paths.append(path)
    url = f"sqlite:///file:/rightsflow-{uuid4()}?vfs=memdb&uri=true"
    engine, tables = sa.create_engine(url, poolclass=NullPool), dict[str, CsvFile]()
    keeper = engine.connect()
    for form, alike in sorted(names.items()):
        # A file that cannot be read whole says nothing of its table.
        if (table := _table(form if len(alike) > 1 else alike[0], store, alike[-1], system)) is not None:
            name = _named(form, tables)
            tables[name] = table.settings.model_copy(update={"times": _load(engine, name, table)})
    return Location(tables, engine, keeper, tuple(paths))


def _files(store: FsspecStore, folder: str = "", depth: int = _DEEPEST) -> Iterator[str]:
    ahead, seen = [(folder, depth)], 0
    while ahead:
        folder, depth = ahead.pop()
        for entry in sorted(store.listing(folder), key=lambda item: item.name):
            path = f"{folder}/{entry.name}" if folder else entry.name
            if _is_passed_over(entry):
                continue
            if entry.is_folder and depth:
                ahead.append((path, depth - 1))
            elif not entry.is_folder:
                yield path
                seen += 1
                if seen >= MOST_FILES:
                    return


def _is_passed_over(entry: StoredEntry) -> bool:
    return entry.is_link or entry.name.startswith(".")


def _table(path: str, store: FsspecStore, some: str, system: str) -> CsvTable | None:
    content = store.beginning(some, _SAMPLE)
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else _encoding(content)
    text = content.decode(encoding, "replace")
    if len(content) == _SAMPLE:
        text = text[: text.rfind("\n") + 1]
    first = text.partition("\n")[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        settings = CsvFile.model_validate({"path": path, "delimiter": delimiter, "encoding": encoding})
        return read_table(text.encode(encoding), settings, system) if delimiter in first else None
    except (RightsflowError, ValueError):
        return None


def _encoding(content: bytes) -> str:
    try:
        content[: content.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _named(form: str, taken: Mapping[str, object]) -> str:
    """Return a table's name by the words in its file's name that programs use, else a number."""
    words = [word for word in re.findall(r"[a-z]+", PurePosixPath(form).stem.lower()) if word in _WORDS]
    name = "_".join(words) or "table"
    return name if name not in taken else f"{name}_{len(taken) + 1}"


def _load(engine: Engine, name: str, table: CsvTable) -> dict[str, str]:
    """Make a table in memory; returns the forms of its times that are not ISO 8601."""
    rows = [line.values for line in table.lines if line.values][-MOST_ROWS:]
    forms = {column: _form(row[place] for row in rows) for place, column in enumerate(table.columns)}
    columns = [sa.Column(column, sa.DateTime() if forms[column] else sa.Text()) for column in table.columns]
    made = sa.Table(name, sa.MetaData(), *columns)
    with engine.begin() as connection:
        made.create(connection)
        marks = ", ".join("?" * len(columns))
        quoted = engine.dialect.identifier_preparer.quote(name)
        if rows:
            connection.exec_driver_sql(f"INSERT INTO {quoted} VALUES ({marks})", rows)  # noqa: S608 - a name of ours
    return {column: form for column, form in forms.items() if form and form not in _ISO}


def _form(values: Iterator[str]) -> str:
    """Return the form of the times in a column; empty if it has none."""
    filled = [value for value in values if value.strip()]
    return next((form for form in _TIMES if filled and all(_fits(value, form) for value in filled)), "")


def _fits(value: str, form: str) -> bool:
    try:
        datetime.strptime(value.strip(), form)  # noqa: DTZ007 - its form is asked for
    except ValueError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class FoundLayout:
    """Where files have the ids of a column in their names.

    Args:
        table: The table.
        column: The column.
        patterns: The layout.
        fitting: How many files fit it.
    """

    table: str
    column: str
    patterns: tuple[str, ...]
    fitting: int


def layout_of(
    paths: Sequence[str], engine: Engine, columns: Mapping[str, Sequence[str]], dated: frozenset[str]
) -> FoundLayout | None:
    """Return the layout of files by the column that has the ids in most of their names; ``None`` if none has.

    Args:
        paths: The files.
        engine: The tables.
        columns: The columns of text of each table.
        dated: The tables whose rows have a date; the layout of others has no days.
    """
    best: FoundLayout | None = None
    for table, names in columns.items():
        for name in names:
            ids = _ids(engine, table, name)
            found = Counter(pattern for path in paths if (pattern := _pattern(path, ids, is_dated=table in dated)))
            fitting = sum(found.values())
            if fitting >= SEVERAL and (best is None or fitting > best.fitting):
                best = FoundLayout(table, name, tuple(sorted(found)), fitting)
    return best


def _ids(engine: Engine, table: str, name: str) -> frozenset[str]:
    place: Any = sa.table(table.rpartition(".")[2], sa.column(name), schema=table.rpartition(".")[0] or None)
    text = sa.cast(place.c[name], sa.Text)
    with engine.connect() as connection:
        asked = sa.select(text).distinct().where(sa.func.length(text) >= _SHORTEST_ID).limit(MOST_FILES)
        return frozenset(value for value in connection.execute(asked).scalars() if is_id(value))


def _pattern(path: str, ids: frozenset[str], *, is_dated: bool) -> str:
    """Return the pattern of a file that has one of some ids in its path; empty if it has none."""
    parts = path.split("/")
    for place, part in enumerate(parts):
        if found := _id_in(part, ids):
            before, _, after = part.partition(found)
            name = f"{'*' + before[-1] if before else ''}{ID}{after[0] + '*' if after else ''}"
            rest = [] if place == len(parts) - 1 else [EVERYTHING]
            try:
                return checked_pattern("/".join([*_folders(parts[:place], is_dated=is_dated), name, *rest]))
            except ValueError:
                return ""
    return ""


def _id_in(part: str, ids: frozenset[str]) -> str:
    edges = sorted({0, len(part), *(edge for sign in re.finditer(r"[^0-9A-Za-z]", part) for edge in sign.span())})
    whole = (part[begin:end] for begin in edges for end in reversed(edges) if end - begin >= _SHORTEST_ID)
    return next((value for value in whole if value in ids), "")


def _folders(parts: Sequence[str], *, is_dated: bool) -> list[str]:
    """The folders of a pattern: words of programs and days; all others are ``*``."""
    text = "/".join(part if part.lower() in _WORDS or part.isdigit() or _DAY.fullmatch(part) else "*" for part in parts)
    if is_dated:
        text = re.sub(r"(?<![^/])(?:19|20)\d\d/(?:0[1-9]|1[0-2])/(?:0[1-9]|[12]\d|3[01])(?![^/])", "%Y/%m/%d", text)
        text = re.sub(
            r"(?<![^/])(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?![^/])", r"%Y\1%m\1%d", text
        )
    return [part if "%" in part or part.lower() in _WORDS else "*" for part in text.split("/")] if text else []
