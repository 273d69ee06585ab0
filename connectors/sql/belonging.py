"""Whose a row is, asked of the row itself: by whom it names, what it hangs on, and who wrote it.

The search goes from the subject down to their rows. Here the question goes from a row up to its person, so that a row
that was found some time ago, or another row that points at the same file, is judged by what stands there now.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import InitVar, dataclass, field
from enum import StrEnum

from connectors.sql.column_values import Where
from connectors.sql.person_settings import Reference
from connectors.sql.persons import Named
from connectors.sql.reading import Reads
from connectors.sql.rows import Row, SqlSite, TableRows
from connectors.sql.settings import TableSettings
from rightsflow.domain.attribution import Attribution, Candidate, claims, resolve
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.records import RecordRef

_NO_VALUE = (None, "")
_MOST_PARENTS = 10_000


class Standing(StrEnum):
    """Whose a row is."""

    MINE = "mine"
    """The subject's: it names them, or hangs on a row of theirs and on nothing of another person."""
    DOUBTFUL = "in doubt"
    """It carries something of the subject, or hangs on a row that does, and something else in that row contradicts it:
    a person decides. Beside a row that surely is the subject's it counts as another person's."""
    THEIRS = "theirs"
    """It hangs on a row of the subject, and another person wrote it, is named in it, or it hangs on a row of theirs."""
    NO_ONES = "no one's"
    """It names no one and hangs on nothing that is still there."""
    OTHER = "other"
    """Another person's."""


SUBJECTS = (Standing.MINE, Standing.DOUBTFUL)
"""What may be the subject's, the surer first."""


@dataclass(slots=True)
class SureRows:
    """Which rows that carry something of the subject surely are theirs, by the rule that decides whose records are.

    A mailbox or a number that several people use leads to all of their rows. Only where rows hang on several others, or
    have an author, it matters here who of them it is; the whole decision is made where all systems' answers are.

    Args:
        site: The system.
        known: The subject's identifiers.
    """

    site: SqlSite
    known: Identifiers
    _sure: dict[str, frozenset[RecordRef]] = field(default_factory=dict)

    def learn(self, rows: TableRows, found: Sequence[tuple[Row, Named]]) -> None:
        """Judge the rows of a table that a search by the known identifiers has found, so that none is made again."""
        if not self._matters:
            return
        owners = {str(number): named.owner(self.known) for number, (_, named) in enumerate(found)}
        decided = resolve(self.known, [Candidate(key=key, owner=owner) for key, owner in owners.items()])
        surely = decided.attributions.items()
        doubtful = {rows.ref(found[int(key)][0]) for key, whose in surely if whose is not Attribution.SUBJECT}
        self._sure[rows.settings.name] = frozenset(rows.ref(row) for row, _ in found) - doubtful

    def is_sure(self, rows: TableRows, row: Row, by: Reads | None = None) -> bool:
        """Whether a row that carries something of the subject surely is theirs, as far as its table tells.

        Args:
            rows: The table.
            row: The row.
            by: By what to read; without it the look has a connection of its own.
        """
        if not self._matters:
            return True
        if rows.settings.name not in self._sure:
            self.learn(rows, list(rows.search(self.known, by)))
        return rows.ref(row) in self._sure[rows.settings.name]

    @property
    def _matters(self) -> bool:
        return any(_joins(table) for table in self.site.settings.tables)


def _joins(table: TableSettings) -> bool:
    """Whether rows of a table may hang on rows of two people."""
    return bool(table.author) or len(table.references) > 1


@dataclass(slots=True)
class Belonging:
    """Judges the rows of one system for one subject.

    Args:
        site: The system.
        known: The subject's identifiers.
        by: By what to read; without it each look has a connection of its own.
        shared: Who surely is the subject, where several of these ask for the same one.
    """

    site: SqlSite
    known: Identifiers
    by: Reads | None = None
    shared: InitVar[SureRows | None] = None
    sure: SureRows = field(init=False)
    _parents: dict[tuple[str, str, str], Standing] = field(default_factory=dict)
    _tables: dict[str, TableRows] = field(default_factory=dict)
    _joined: dict[str, frozenset[str]] = field(default_factory=dict)

    def __post_init__(self, shared: SureRows | None) -> None:
        """Begin knowing of no one who it is."""
        self.sure = SureRows(self.site, self.known) if shared is None else shared

    def learn(self, rows: TableRows, column: str, value: object, standing: Standing) -> None:
        """Note whose the row with a value in a column is, so that it need not be read again."""
        if value not in _NO_VALUE:
            key = (rows.settings.name, column, str(value))
            self._parents[key] = _nearest({standing, self._parents.get(key, Standing.NO_ONES)})

    def note(self, rows: TableRows, row: Row, standing: Standing) -> None:
        """Let rows that hang on this one be judged without reading it again."""
        if rows.settings.name not in self._joined:
            tables = self.site.settings.tables
            joined = {one.to for table in tables for one in table.references if one.table == rows.settings.name}
            self._joined[rows.settings.name] = frozenset(joined)
        for column in self._joined[rows.settings.name]:
            self.learn(rows, column, row[column], standing)

    def forget_many(self) -> None:
        """Forget whose rows are, if that is noted of very many."""
        if len(self._parents) > _MOST_PARENTS:
            self._parents.clear()

    def of(self, rows: TableRows, row: Row) -> Standing:
        """Whose a row is."""
        if not fulfils(rows.settings.where, row):
            return Standing.OTHER
        named = rows.named(row)
        if named.matching(self.known):
            if not claims(named.owner(self.known), self.known):
                return Standing.OTHER
            return Standing.MINE if self.sure.is_sure(rows, row, self.by) else Standing.DOUBTFUL
        standing = self._by_what_it_hangs_on(rows, row, named)
        if standing in (*SUBJECTS, Standing.THEIRS):
            author = self._author(rows, row, named)
            if author is not None:
                # Who is in doubt wrote what hangs on the same doubt, and nothing that surely is the subject's.
                return author if author in (Standing.MINE, standing) else Standing.THEIRS
        return standing

    def is_subjects(self, rows: TableRows, row: Row, standing: Standing | None = None) -> bool:
        """Whether a row that was located earlier can still be the subject's.

        Databases give a key out again (SQLite after the last row went): a row that names another person and not the
        subject is not the one that was located, nor is one that hangs on another person's record. A row that names
        no one may be one whose names are blank already.

        Args:
            rows: The table.
            row: The row.
            standing: Whose it is, where that was asked already.
        """
        standing = self.of(rows, row) if standing is None else standing
        return standing is not Standing.OTHER or bool(rows.named(row).matching(self.known))

    def is_subjects_alone(
        self, rows: Sequence[tuple[TableRows, Row]], others_too: Callable[[TableSettings], bool]
    ) -> bool:
        """Whether all of some rows are of one person, who may be the subject: none of them is anybody else's.

        Args:
            rows: The rows, with their tables.
            others_too: Whether another person's entry in the subject's thread counts as theirs in a table.
        """
        standings = [(table, self.of(table, row)) for table, row in rows]
        theirs = {one for table, one in standings if one is not Standing.THEIRS or not others_too(table.settings)}
        return theirs <= {Standing.MINE} or theirs <= {Standing.DOUBTFUL}

    def hangs_on_anothers(self, reference: Reference, row: Row) -> bool:
        """Whether a row hangs, by one reference, on a row of another person."""
        return self._parent(reference, row) is Standing.OTHER

    def may_hang_on_anothers(self, reference: Reference, row: Row) -> bool:
        """The same, also where it is in doubt whose that row is."""
        return self._parent(reference, row) in {Standing.OTHER, Standing.DOUBTFUL}

    def is_kept(self, rows: TableRows, row: Row) -> bool:
        """Whether a row is another person's entry in the subject's thread, which is left as it is."""
        return not rows.settings.erase_others and self.of(rows, row) is Standing.THEIRS

    def _by_what_it_hangs_on(self, rows: TableRows, row: Row, named: Named) -> Standing:
        by_column = [(one.column, self._parent(one, row)) for one in applying(rows.settings.references, row)]
        parents = {standing for _, standing in by_column}
        names_others = bool(named.others(self.known))
        if parents & {*SUBJECTS, Standing.THEIRS}:
            apart = {standing for column, standing in by_column if column != rows.settings.author}
            if names_others or Standing.OTHER in apart or {*SUBJECTS} <= parents & (apart | {Standing.MINE}):
                return Standing.THEIRS
            return next((one for one in SUBJECTS if one in parents), Standing.THEIRS)
        if not names_others and self._in_subjects_group(rows, row):
            return Standing.MINE
        return Standing.OTHER if names_others or Standing.OTHER in parents else Standing.NO_ONES

    def _author(self, rows: TableRows, row: Row, named: Named) -> Standing | None:
        """Whether the subject or another person wrote the row; ``None`` where that is not recorded."""
        column = rows.settings.author
        if not column or row[column] in _NO_VALUE:
            return None
        if any(one.column.column == column for one in named.mentions):
            # A row that names the subject in any column is theirs and is not asked for its author.
            return Standing.OTHER
        references = [one for one in applying(rows.settings.references, row) if one.column == column]
        return _nearest({self._parent(one, row) for one in references}) if references else None

    def _parent(self, reference: Reference, row: Row) -> Standing:
        key = (reference.table, reference.to, str(row[reference.column]))
        if key not in self._parents:
            parents, value = self._table(reference.table), row[reference.column]
            found = list(parents.with_values(reference.to, [value], "look up", self.by))
            exact = [one for one in found if str(one[reference.to]) == key[-1]]
            standings = {self.of(parents, one) for one in exact or found}
            # Which of several spellings is meant that the database calls equal, no one can tell.
            in_doubt = not exact and Standing.OTHER in standings
            self._parents[key] = Standing.OTHER if in_doubt else _nearest(standings)
        return self._parents[key]

    def _table(self, name: str) -> TableRows:
        """A table, which remembers what it has read."""
        if name not in self._tables:
            self._tables[name] = self.site.table(name)
        return self._tables[name]

    def _in_subjects_group(self, rows: TableRows, row: Row) -> bool:
        column = rows.settings.group
        if not column or row[column] in _NO_VALUE:
            return False
        found = rows.with_values(column, [row[column]], "look up", self.by)
        named = (rows.named(one) for one in found if one[column] == row[column])
        return any(one.matching(self.known) and claims(one.owner(self.known), self.known) for one in named)


def applying(references: tuple[Reference, ...], row: Row) -> Iterator[Reference]:
    """The references that a row has: those whose column is filled and whose ``where`` it fulfils."""
    for one in references:
        if row[one.column] not in _NO_VALUE and fulfils(one.where, row):
            yield one


def fulfils(where: Where, row: Row) -> bool:
    """Whether a row has one of the wanted values in each column."""
    return all(row[name] in (value if isinstance(value, tuple) else (value,)) for name, value in where.items())


def _nearest(standings: set[Standing]) -> Standing:
    """Of several rows the one that stands nearest to the subject."""
    return next((one for one in Standing if one is not Standing.NO_ONES and one in standings), Standing.NO_ONES)
