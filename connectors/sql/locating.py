"""Finding the subject's rows and files, and what the plan has to know of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.sql.files import FileStore
from connectors.sql.persons import Named
from connectors.sql.rows import Row, Site, TableRows, batches
from connectors.sql.settings import FileColumn
from connectors.sql.times import FAR_OFF
from rightsflow.attribution import claims
from rightsflow.identifiers import Identifiers
from rightsflow.records import Fact, Located, RecordRef


@dataclass(slots=True, kw_only=True)
class Match:
    """A row that was found.

    Args:
        ref: Where it lies.
        row: The row.
        named: Whom it names.
        via: The record it was reached through, if it was not found by itself.
        mine: Whether what hangs on it may be walked.
        shared: Whether somebody else stands in it.
    """

    ref: RecordRef
    row: Row
    named: Named
    via: RecordRef | None = None
    mine: bool = True
    shared: bool = False


@dataclass(slots=True)
class Locator:
    """One walk through a system for one subject.

    Args:
        site: The system.
        known: The subject's identifiers.
    """

    site: Site
    known: Identifiers
    _found: dict[str, dict[RecordRef, Match]] = field(default_factory=dict)

    def walk(self) -> Iterator[Located]:
        """Every record, what others hang on first."""
        tables = self.site.tables()[::-1]
        if self.site.files is not None:
            self.site.files.check()
        for rows in tables:
            found = self._found[rows.settings.name] = self._rows_of(rows)
            yield from (self._located(rows, match) for match in found.values())
        for kind in dict.fromkeys(rows.settings.file.kind for rows in tables if rows.settings.file):
            yield from self._files_of(kind)

    def _rows_of(self, rows: TableRows) -> dict[RecordRef, Match]:
        found: dict[RecordRef, Match] = {}
        for row, via in self._referring(rows):
            self._add(found, Match(ref=rows.ref(row), row=row, named=rows.named(row), via=via))
        for row, named in rows.search(self.known):
            mine = claims(named.owner(self.known), self.known)
            self._add(found, Match(ref=rows.ref(row), row=row, named=named, mine=mine))
        if rows.settings.group:
            for match in list(self._grouped(rows, found)):
                self._add(found, match)
        return found

    def _add(self, found: dict[RecordRef, Match], match: Match) -> None:
        """Add a row, or unite it with one of the same key; a row that is the subject's stands for both."""
        match.shared = bool(match.named.others(self.known))
        before = found.setdefault(match.ref, match)
        if before is not match:
            shared = before.shared or match.shared or before.mine != match.mine
            if match.mine and not before.mine:
                found[match.ref] = match
            found[match.ref].shared = shared

    def _referring(self, rows: TableRows) -> Iterator[tuple[Row, RecordRef]]:
        for reference in rows.settings.references:
            parents = [match for match in self._found[reference.table].values() if match.mine]
            refs = {str(match.row[reference.to]): match.ref for match in reversed(parents)}
            for row in rows.with_values(reference.column, [match.row[reference.to] for match in parents], "locate"):
                yield row, refs[str(row[reference.column])]

    def _grouped(self, rows: TableRows, found: dict[RecordRef, Match]) -> Iterator[Match]:
        """Further rows of the same events (a transfer leg) that name nobody else."""
        column = rows.settings.group
        events = {match.row[column]: match.ref for match in reversed(found.values()) if match.mine}
        for row in rows.with_values(column, events, "locate"):
            named, ref = rows.named(row), rows.ref(row)
            if ref not in found and not named.others(self.known):
                yield Match(ref=ref, row=row, named=named, via=events[row[column]])

    def _located(self, rows: TableRows, match: Match) -> Located:
        settings = rows.settings
        occurred_at = rows.occurred_at(match.row)
        return Located(
            record=match.ref,
            category=settings.words_for_category,
            owner=frozenset() if match.via else match.named.owner(self.known),
            via=match.via,
            occurred_on=occurred_at.date() if occurred_at else None,
            facts=frozenset(settings.facts) | ({Fact.SHARED} if match.shared else set()),
        )

    def _files_of(self, kind: str) -> Iterator[Located]:
        """The files that the found rows point at, each once."""
        pointed: dict[str, tuple[TableRows, FileColumn, list[Match]]] = {}
        for rows, column in self.site.with_files(kind):
            for path, match in self._paths(rows, column):
                pointed.setdefault(path, (rows, column, []))[2].append(match)
        for batch in batches(pointed.items(), self.site.settings.batch_size):
            shared = self._shared(kind, [path for path, _ in batch])
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
        files = _required(self.site.files)
        for match in self._found[rows.settings.name].values():
            value = rows.file_value(match.row)
            path = files.find(value, column, rows.occurred_at(match.row)) if value else None
            if path is not None:
                yield path, match

    def _shared(self, kind: str, paths: Iterable[str]) -> set[str]:
        """Those files that a row points at which names somebody else."""
        shared: set[str] = set()
        wanted = set(paths)
        for rows, column in self.site.with_files(kind):
            for path, row in rows_pointing_at(self.site, rows, column, sorted(wanted), "locate"):
                if rows.named(row).others(self.known):
                    shared.add(path)
        return shared


def _first(rows: TableRows, matches: list[Match]) -> Match:
    """The row that decides whose a file is: the earliest, and a row of the subject before any other's."""
    return min(matches, key=lambda match: (not match.mine, rows.occurred_at(match.row) or FAR_OFF))


def rows_pointing_at(
    site: Site, rows: TableRows, column: FileColumn, paths: list[str], operation: str
) -> Iterator[tuple[str, Row]]:
    """Every row that points at one of these files, whoever it names, with the file's path."""
    files = _required(site.files)
    wanted = files.by_spelling(paths, column)
    for row in rows.with_values(column.column, wanted, operation):
        # Databases that compare without case or trailing blanks may give a row too many.
        path = wanted.get(rows.file_value(row))
        if path is not None:
            yield path, row


def _required(files: FileStore | None) -> FileStore:
    assert files is not None, "the settings make sure that a file column has a location"  # noqa: S101
    return files
