"""Finding the subject's rows and files, and what the plan has to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from connectors.sql.belonging import Belonging, Standing, applying
from connectors.sql.file_settings import FileColumn
from connectors.sql.persons import Named
from connectors.sql.pointing import Pointer, Pointing, required
from connectors.sql.reading import ReadConnection
from connectors.sql.referred import referred
from connectors.sql.rows import Row, SqlSite, TableRows, batches, compared
from connectors.sql.times import FAR_OFF
from rightsflow.domain.attribution import claims
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.records import Fact, Located, RecordRef


@dataclass(slots=True, kw_only=True)
class Match:
    """A row that was found.

    Args:
        ref: Where it lies.
        row: The row.
        named: Whom it names.
        via: The record it was reached through, if it was not found by itself.
        mine: Whether what hangs on it may be walked.
        theirs: Whether it is another person's entry in a thread of the subject.
        doubtful: Whether it is in doubt whose it is, as far as its table tells.
        shared: Whether another person stands in it.
    """

    ref: RecordRef
    row: Row
    named: Named
    via: RecordRef | None = None
    mine: bool = True
    theirs: bool = False
    doubtful: bool = False
    shared: bool = False

    @property
    def is_alone(self) -> bool:
        """Whether it is the subject's, and no one else's."""
        return self.mine and not (self.theirs or self.doubtful or self.shared)


@dataclass(slots=True)
class SqlLocator:
    """One walk through a system for one subject.

    Args:
        site: The system.
        known: The subject's identifiers.
    """

    site: SqlSite
    known: Identifiers
    _found: dict[str, dict[RecordRef, Match]] = field(default_factory=dict)
    _belonging: Belonging = field(init=False)

    def __post_init__(self) -> None:
        """Begin knowing of no row whose it is."""
        self._belonging = Belonging(self.site, self.known)

    def walk(self) -> Iterator[Located]:
        """Every record, what others hang on first."""
        tables = self.site.tables()[::-1]
        if self.site.files is not None:
            self.site.files.check()
        for rows, held in self._walk_rows(tables):
            found = self._found[rows.settings.name].values()
            yield from (self._located(rows, match, held.get(match.ref)) for match in found)
        for kind in dict.fromkeys(rows.settings.file.kind for rows in tables if rows.settings.file):
            yield from self._files_of(kind)

    def _walk_rows(self, tables: Sequence[TableRows]) -> list[tuple[TableRows, dict[RecordRef, Fact]]]:
        """Find the rows of each table, by one connection; gives to which of them others refer."""
        with self._reading() as reading:
            for rows in tables:
                found = self._found[rows.settings.name] = self._rows_of(rows, reading)
                self._note(rows, found.values())
            own = {
                name: {ref: one.row for ref, one in found.items() if one.is_alone}
                for name, found in self._found.items()
            }
            referring = {name: [*rows.values()] for name, rows in own.items()}
            return [(rows, referred(rows, own[rows.settings.name], referring, reading)) for rows in tables]

    @contextmanager
    def _reading(self) -> Iterator[ReadConnection]:
        """One connection, by which it is also read whose rows are."""
        with ReadConnection(self.site.database) as reading:
            self._belonging.by = reading
            try:
                yield reading
            finally:
                self._belonging.by = None

    def _rows_of(self, rows: TableRows, reading: ReadConnection) -> dict[RecordRef, Match]:
        found: dict[RecordRef, Match] = {}
        hits = list(rows.search(self.known, reading))
        self._belonging.sure.learn(rows, hits)
        # What hangs on a row that surely is the subject's is reached through that one.
        for row, parent in sorted(self._referring(rows, reading), key=lambda reached: reached[1].doubtful):
            standing = self._belonging.of(rows, row)
            theirs, doubtful = standing is Standing.THEIRS, standing is Standing.DOUBTFUL
            match = Match(ref=rows.ref(row), row=row, named=rows.named(row), theirs=theirs, doubtful=doubtful)
            match.via = parent.ref
            self._add(found, match)
        for row, named in hits:
            mine = claims(named.owner(self.known), self.known)
            doubtful = not self._belonging.sure.is_sure(rows, row)
            self._add(found, Match(ref=rows.ref(row), row=row, named=named, mine=mine, doubtful=doubtful))
        if rows.settings.group:
            for match in list(self._grouped(rows, found, reading)):
                self._add(found, match)
        return found

    def _add(self, found: dict[RecordRef, Match], match: Match) -> None:
        """Add a row, or unite it with one of the same key; a row that is the subject's stands for both."""
        match.shared = match.theirs or bool(match.named.others(self.known))
        before = found.setdefault(match.ref, match)
        if before is not match:
            shared = before.shared or match.shared or before.mine != match.mine
            if match.mine and not before.mine:
                found[match.ref] = match
            found[match.ref].shared = shared

    def _note(self, rows: TableRows, matches: Iterable[Match]) -> None:
        """Let rows that hang on these be judged without reading them again."""
        for match in matches:
            subjects = Standing.DOUBTFUL if match.doubtful else Standing.MINE
            mine = subjects if match.mine else Standing.OTHER
            self._belonging.note(rows, match.row, Standing.THEIRS if match.theirs else mine)

    def _referring(self, rows: TableRows, reading: ReadConnection) -> Iterator[tuple[Row, Match]]:
        """Rows that refer to one which was found, with that one."""
        for reference in rows.settings.references:
            parents = [match for match in self._found[reference.table].values() if match.mine]
            exact = {str(match.row[reference.to]): match for match in reversed(parents)}
            alike = {compared(match.row[reference.to]): match for match in reversed(parents)}
            values = [match.row[reference.to] for match in parents]
            for row in rows.with_values(reference.column, values, "locate", reading):
                if reference not in applying(rows.settings.references, row):
                    continue
                value = row[reference.column]
                if str(value) in exact:
                    yield row, exact[str(value)]
                elif not self._belonging.hangs_on_anothers(reference, row):
                    yield row, alike[compared(value)]

    def _grouped(self, rows: TableRows, found: dict[RecordRef, Match], reading: ReadConnection) -> Iterator[Match]:
        """Further rows of the same events (a transfer leg) that name no one else."""
        column = rows.settings.group
        events = {match.row[column]: match.ref for match in reversed(found.values()) if match.mine}
        for row in rows.with_values(column, events, "locate", reading):
            named, ref = rows.named(row), rows.ref(row)
            if row[column] in events and ref not in found and not named.others(self.known):
                yield Match(ref=ref, row=row, named=named, via=events[row[column]])

    def _located(self, rows: TableRows, match: Match, held: Fact | None) -> Located:
        settings = rows.settings
        occurred_at = rows.occurred_at(match.row)
        occurred_on = occurred_at.date() if occurred_at else None
        facts = set(settings.facts) | ({Fact.SHARED} if self._is_shared(rows, match) else set())
        facts |= {held} if held else set()
        if settings.preflight:
            today = rows.site.clock().astimezone(rows.site.zone).date()
            facts |= settings.preflight.facts(dict(match.row), occurred_on, today)
        return Located(
            record=match.ref,
            category=settings.words_for_category,
            owner=frozenset() if match.via else match.named.owner(self.known),
            via=match.via,
            occurred_on=occurred_on,
            facts=frozenset(facts),
            # In a row in which several people stand, no one can say whose language it is.
            language="" if match.shared or not settings.language else language_on_file(match.row[settings.language]),
        )

    @staticmethod
    def _is_shared(rows: TableRows, match: Match) -> bool:
        """Whether the plan spares another person's data; their entries are not spared where that is configured."""
        return match.shared and not (match.theirs and rows.settings.erase_others)

    def _files_of(self, kind: str) -> Iterator[Located]:
        """The files that the found rows point at, each once."""
        pointed: dict[str, tuple[TableRows, FileColumn, list[Match]]] = {}
        for rows, column in self.site.with_files(kind):
            for path, match in self._paths(rows, column):
                pointed.setdefault(path, (rows, column, []))[2].append(match)
        for batch in batches(pointed.items(), self.site.settings.batch_size):
            shared = self._shared([path for path, _ in batch])
            for path, (rows, column, matches) in batch:
                first = _first(rows, matches)
                occurred_at = rows.occurred_at(first.row)
                yield Located(
                    record=RecordRef(self.site.system, kind, path),
                    category=column.title,
                    via=first.ref,
                    occurred_on=occurred_at.date() if occurred_at else None,
                    facts=frozenset({Fact.SHARED} if path in shared else ()),
                )

    def _paths(self, rows: TableRows, column: FileColumn) -> Iterator[tuple[str, Match]]:
        for match in self._found[rows.settings.name].values():
            value = rows.file_value(match.row)
            if value:
                yield required(self.site.files).find(value, column, rows.occurred_at(match.row)), match

    def _shared(self, paths: Sequence[str]) -> set[str]:
        """Those files that a row points at which is not the subject's alone."""
        with self._reading():
            found = Pointing(self.site, self._belonging, "locate").by_path(paths)
        shared = {path for path, pointers in found.items() if not all(map(self._is_only_mine, pointers))}
        # One row is surely theirs, and of another one that is in doubt.
        return shared | {path for path, pointers in found.items() if len({*map(self._is_doubtful, pointers)}) > 1}

    def _is_doubtful(self, pointer: Pointer) -> bool:
        match = self._found[pointer.rows.settings.name].get(pointer.rows.ref(pointer.row))
        return match is not None and match.doubtful

    def _is_only_mine(self, pointer: Pointer) -> bool:
        rows = pointer.rows
        match = self._found[rows.settings.name].get(rows.ref(pointer.row))
        if match is None or not match.mine:
            return False
        allowed = rows.settings.erase_others or not match.theirs
        return allowed and not rows.named(pointer.row).others(self.known)


def _first(rows: TableRows, matches: list[Match]) -> Match:
    """The row that decides whose a file is: the earliest, and a row of the subject before any other's."""
    return min(matches, key=lambda match: (not match.mine, rows.occurred_at(match.row) or FAR_OFF))
