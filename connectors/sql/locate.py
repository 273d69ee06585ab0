"""Finding the subject's rows and files, and what the plan has to know of them, such as the rows that refer to them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final

import sqlalchemy as sa

from connectors.sql.belonging import Belonging, Judged
from connectors.sql.client import ReadConnection, Row
from connectors.sql.column_settings import FileColumn
from connectors.sql.errors import translated
from connectors.sql.files import is_unreachable
from connectors.sql.foreign_keys import CascadingTable, dependents, equal_to
from connectors.sql.persons import Named, WholeRow
from connectors.sql.pointing import Pointer, Pointing, required
from connectors.sql.rows import FAR_OFF, SqlSite, TableRows, batches
from connectors.sql.values import compared
from rightsflow.domain.identifiers import Identifiers, strong
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.ownership import SUBJECTS, Standing
from rightsflow.domain.vocabulary.records import Fact, Located, RecordRef

_Values = tuple[str, ...]
_AT_ONCE: Final = 100


@dataclass(slots=True, kw_only=True)
class Match:
    """A row that was found.

    Args:
        ref: Where it lies.
        row: The row.
        named: Whom it names.
        judged: Whose it is, as far as its system tells.
        via: The record it was reached through, if it was not found by itself alone.
    """

    ref: RecordRef
    row: Row
    named: Named
    judged: Judged
    via: RecordRef | None = None

    @property
    def is_walked(self) -> bool:
        """True if rows that belong to the match may be the subject's."""
        return self.judged.standing is not Standing.OTHER and not self.judged.is_guest

    @property
    def is_theirs(self) -> bool:
        """True if the match is another person's entry in a thread of the subject."""
        return self.judged.standing is Standing.THEIRS


@dataclass(slots=True)
class SqlLocator:
    """One walk through a system for one subject."""

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
            with self._reading():
                located = [self._located(rows, match, held.get(match.ref)) for match in found]
                located += self._context((rows, match) for match in found)
            yield from located
        for kind in dict.fromkeys(rows.settings.file.kind for rows in tables if rows.settings.file):
            yield from self._files_of(kind)

    def _walk_rows(self, tables: Sequence[TableRows]) -> list[tuple[TableRows, dict[RecordRef, Fact]]]:
        """Find the rows of each table, by one connection; gives to which of them others refer."""
        with self._reading() as reading:
            for rows in tables:
                found = self._found[rows.settings.name] = self._rows_of(rows, reading)
                self._note(rows, found.values())
            own = {
                name: {ref: item.row for ref, item in found.items() if item.judged.is_alone}
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
        reached = list(self._referring(rows, reading))
        self._belonging.prefetch(rows, [row for row, _ in (*hits, *reached)])
        # What belongs to a row that surely is the subject's is reached through that one.
        for row, parent in sorted(reached, key=lambda each: each[1].judged.standing is not Standing.MINE):
            match = self._match(rows, row, via=None if isinstance(row, WholeRow) and row.of_thing else parent.ref)
            if match.judged.claims.is_entry and match.judged.is_alone and parent.judged.standing is not Standing.MINE:
                # What the subject wrote is theirs, not its thread's.
                match.via = None
            self._add(found, match)
        for row, _ in hits:
            self._add(found, self._match(rows, row))
        if rows.settings.group:
            for match in list(self._grouped(rows, found, reading)):
                self._add(found, match)
        return found

    def _match(self, rows: TableRows, row: Row, *, via: RecordRef | None = None) -> Match:
        judged = self._belonging.judge(rows, row)
        return Match(ref=rows.ref(row), row=row, named=rows.named(row), judged=judged, via=via)

    @staticmethod
    def _add(found: dict[RecordRef, Match], match: Match) -> None:
        """Add a row, or unite it with one of the same key; a row that is the subject's counts for both."""
        before = found.setdefault(match.ref, match)
        if before is match or before.row == match.row:
            return
        kept, other = (match, before) if match.is_walked and not before.is_walked else (before, match)
        is_shared = kept.judged.is_shared or other.judged.is_shared or kept.is_walked != other.is_walked
        kept.judged = replace(kept.judged, is_shared=is_shared)
        found[match.ref] = kept

    def _note(self, rows: TableRows, matches: Iterable[Match]) -> None:
        """Let rows that belong to these be judged without reading them again."""
        for match in matches:
            self._belonging.note(rows, match.row, match.judged)

    def _referring(self, rows: TableRows, reading: ReadConnection) -> Iterator[tuple[Row, Match]]:
        """Rows that refer to one which was found, with that one."""
        for reference in rows.settings.references:
            in_turn = self.site.is_owned_in_turn(reference)
            parents = [match for match in self._found[reference.table].values() if match.is_walked or in_turn]
            exact = {str(match.row[reference.to]): match for match in reversed(parents)}
            alike = {compared(match.row[reference.to]): match for match in reversed(parents)}
            values = [reference.stored(match.row[reference.to]) for match in parents]
            for row in rows.with_values(reference.column, values, "locate", reading):
                if not reference.applies(row):
                    continue
                value = reference.value(row)
                if str(value) in exact:
                    yield row, exact[str(value)]
                elif not self._belonging.hangs_on_anothers(reference, row):
                    yield row, alike[compared(value)]

    def _grouped(self, rows: TableRows, found: dict[RecordRef, Match], reading: ReadConnection) -> Iterator[Match]:
        """Further rows of the same events (a transfer leg) that name no one else."""
        column = rows.settings.group
        events = {match.row[column]: match for match in reversed(found.values()) if match.is_walked}
        for row in rows.with_values(column, events, "locate", reading):
            named, ref = rows.named(row), rows.ref(row)
            if row[column] in events and ref not in found and not named.others(self.known):
                event = events[row[column]]
                yield Match(ref=ref, row=row, named=named, judged=event.judged, via=event.ref)

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
            owner=self._owner(rows, match),
            via=match.via,
            above=tuple(above.ref(row) for above, row in self._above(rows, match)),
            occurred_on=occurred_on,
            facts=frozenset(facts),
            # In a row in which several people stand, no one can say whose language it is.
            language=""
            if match.judged.is_shared or not settings.language
            else language_on_file(match.row[settings.language]),
        )

    @staticmethod
    def _is_shared(rows: TableRows, match: Match) -> bool:
        """Return True if the plan spares another person's data; configuration may erase the entries of others."""
        return match.judged.is_shared and not (match.is_theirs and rows.settings.erase_others)

    def _owner(self, rows: TableRows, match: Match) -> Identifiers:
        """Return the owner's identifiers; for entries or shared rows, none unless the row names the subject."""
        is_one_persons = match.named.one_person and not rows.settings.author
        if rows.settings.author and self._belonging.wrote_another(rows, match.row, match.named):
            by = rows.settings.author
            of_author = (mention.read for mention in match.named.mentions if mention.column.column == by)
            return frozenset() if match.via else strong(frozenset().union(*of_author))
        owner = match.named.owner(self.known) if is_one_persons or match.named.matching(self.known) else frozenset()
        return owner | match.row.of_thing if isinstance(match.row, WholeRow) else owner

    def _above(self, rows: TableRows, match: Match) -> Iterator[tuple[TableRows, Row]]:
        """Yield the rows that a row belongs to, besides the row that led to it."""
        for above, row in self._belonging.belongs_to(rows, match.row):
            if above.ref(row) != match.via:
                yield above, row

    def _context(self, found: Iterable[tuple[TableRows, Match]]) -> Iterator[Located]:
        """The rows that found ones belong to, on every floor up, which no search has found themselves."""
        listed = {ref for same in self._found.values() for ref in same}
        waiting = [above for rows, match in found for above in self._above(rows, match)]
        while waiting:
            rows, row = waiting.pop()
            match = self._match(rows, row)
            if match.ref in listed:
                continue
            listed.add(match.ref)
            above = list(self._above(rows, match))
            waiting.extend(above)
            yield Located(
                record=match.ref,
                category=rows.settings.words_for_category,
                owner=self._owner(rows, match),
                above=tuple(each.ref(item) for each, item in above),
                is_context=True,
            )

    def _files_of(self, kind: str) -> Iterator[Located]:
        """The files that the found rows point at, each once."""
        pointed: dict[str, tuple[TableRows, FileColumn, list[Match]]] = {}
        for rows, column in self.site.with_files(kind):
            for path, match in self._paths(rows, column):
                pointed.setdefault(path, (rows, column, []))[2].append(match)
        for batch in batches(pointed.items(), self.site.settings.batch_size):
            shared, elsewhere = self._shared([path for path, _ in batch])
            for path, (rows, column, matches) in batch:
                first = _first(rows, matches)
                occurred_at = rows.occurred_at(first.row)
                kept, locked_until = self._locked(path)
                yield Located(
                    record=RecordRef(self.site.system, kind, path),
                    category=column.title,
                    via=first.ref,
                    occurred_on=occurred_at.date() if occurred_at else None,
                    facts=kept
                    | ({Fact.SHARED} if path in shared else set())
                    | ({Fact.NAMED_ELSEWHERE} if path in elsewhere else set()),
                    locked_until=locked_until,
                )

    def _locked(self, path: str) -> tuple[frozenset[Fact], date | None]:
        """What keeps a file in its store, and until when."""
        lock = None if is_unreachable(path) else required(self.site.files).lock(path)
        if lock is None:
            return frozenset(), None
        held = frozenset({Fact.LEGAL_HOLD} if lock.is_held else ())
        if lock.until is None or lock.until <= self.site.clock():
            return held, None
        return held | {Fact.LOCKED}, lock.until.astimezone(self.site.zone).date()

    def _paths(self, rows: TableRows, column: FileColumn) -> Iterator[tuple[str, Match]]:
        for match in self._found[rows.settings.name].values():
            value = rows.file_value(match.row)
            path = required(self.site.files).find(value, column, rows.occurred_at(match.row)) if value else ""
            if path and not (column.optional and is_unreachable(path)):
                yield path, match

    def _shared(self, paths: Sequence[str]) -> tuple[set[str], set[str]]:
        """Return the files that a row points at which is not the subject's alone, and those that one not found does."""
        with self._reading():
            found = Pointing(self.site, self._belonging, "locate").by_path(paths)
            shared = {path for path, pointers in found.items() if not all(map(self._is_only_mine, pointers))}
        # One row is surely theirs, and of another one that is in doubt.
        shared |= {path for path, pointers in found.items() if len({*map(self._is_doubtful, pointers)}) > 1}
        return shared, {path for path, pointers in found.items() if any(map(self._is_not_found, pointers))}

    def _is_not_found(self, pointer: Pointer) -> bool:
        """Return True if a row points at the file that is no record of this search, and so stays as it is."""
        return not pointer.is_beside and self._match_of(pointer) is None

    def _is_doubtful(self, pointer: Pointer) -> bool:
        match = self._match_of(pointer)
        return match is not None and match.judged.standing is Standing.DOUBTFUL

    def _match_of(self, pointer: Pointer) -> Match | None:
        return self._found[pointer.rows.settings.name].get(pointer.rows.ref(pointer.row))

    def _is_only_mine(self, pointer: Pointer) -> bool:
        if pointer.is_beside:
            return False
        match = self._match_of(pointer)
        if match is None or not match.is_walked or self._is_shared(pointer.rows, match):
            return False
        # Another row of the same key may be another person's.
        return pointer.row == match.row or self._belonging.of(pointer.rows, pointer.row) in SUBJECTS


def _first(rows: TableRows, matches: list[Match]) -> Match:
    """The row that decides whose a file is: the earliest, and a row of the subject before any other's."""
    return min(matches, key=lambda match: (not match.is_walked, rows.occurred_at(match.row) or FAR_OFF))


def referred(
    rows: TableRows, found: Mapping[RecordRef, Row], own: Mapping[str, Sequence[Row]], by: ReadConnection
) -> dict[RecordRef, Fact]:
    """To which of some rows others refer, in tables that the configuration names.

    Args:
        rows: The table of the rows, whose erasure removes them.
        found: The subject's rows, by their records.
        own: What is the subject's alone in each table, by its name.
        by: By what to read.
    """
    if rows.settings.erase != "delete" or not found:
        return {}
    facts: dict[RecordRef, Fact] = {}
    with translated(rows.site.system, "locate", rows.settings.name):
        for dependent in dependents(by.connection, rows):
            if dependent.name and all(to in rows.table.c for _, to in dependent.columns):
                for ref, fact in _by(dependent, by.connection, found, _going(dependent, rows.site, own)):
                    facts[ref] = fact if facts.get(ref) is not Fact.REFERRED_TO else Fact.REFERRED_TO
        by.end()
    return facts


def _going(cascading_table: CascadingTable, site: SqlSite, own: Mapping[str, Sequence[Row]]) -> Sequence[Row]:
    """The subject's rows that refer, and are removed or stop to refer, unless something keeps them."""
    settings = site.table(cascading_table.name).settings
    lets_go = settings.erase == "delete" or any(
        settings.blanked.get(column, "") is None for column, _ in cascading_table.columns
    )
    return own.get(cascading_table.name, ()) if lets_go else ()


def _by(
    cascading_table: CascadingTable,
    connection: sa.Connection,
    found: Mapping[RecordRef, Row],
    own: Sequence[Row],
) -> Iterator[tuple[RecordRef, Fact]]:
    """The rows to which the entries of one table refer: some that stay, or the subject's alone."""
    named = {ref: _values(row, [to for _, to in cascading_table.columns]) for ref, row in found.items()}
    there = _counted(cascading_table, connection, found.values())
    going = Counter(_values(row, [column for column, _ in cascading_table.columns]) for row in own)
    for ref, values in named.items():
        if there[values]:
            yield ref, Fact.REFERRED_TO if there[values] > going[values] else Fact.REFERRED_BY_OWN


def _values(row: Row, columns: Iterable[str]) -> _Values:
    return tuple(compared(row[column]) for column in columns)


def _counted(cascading_table: CascadingTable, connection: sa.Connection, found: Iterable[Row]) -> Counter[_Values]:
    """Count the entries of a table that refer to each of some rows."""
    columns = [cascading_table.table.c[name] for name, _ in cascading_table.columns]
    wanted = {tuple(row[to] for _, to in cascading_table.columns) for row in found}
    counted: Counter[_Values] = Counter()
    for batch in batches([each for each in wanted if None not in each], _AT_ONCE):
        these = sa.or_(*(equal_to(columns, each) for each in batch))
        query = sa.select(*columns, sa.func.count()).where(these).group_by(*columns)
        for *values, count in connection.execute(query):
            counted[tuple(map(compared, values))] += count
    return counted
