"""The owner of a row: the subject, another person, or in doubt.

The search goes from the subject down to their rows. This module goes from a row up to its person, so that a row found
some time ago, or another row that points at the same file, is judged by its present content.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import InitVar, dataclass, field, replace
from typing import Final, TypeAlias

from connectors.sql.client import Reads, Row
from connectors.sql.column_settings import Reference, fulfils
from connectors.sql.persons import Named
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.table_settings import TableSettings
from connectors.sql.values import compared
from rightsflow.domain.attribution import Attribution, Candidate, claims, resolve
from rightsflow.domain.chain_claims import contradiction
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import Identifiers, contested_numbers, strong
from rightsflow.domain.ownership import (
    SUBJECTS,
    Claim,
    Claims,
    OwnershipRuling,
    Standing,
    below_several,
    inherits_sharing,
    judge,
)
from rightsflow.domain.subject import Known
from rightsflow.domain.turns import told_day
from rightsflow.domain.vocabulary.records import RecordRef

NO_VALUE: Final = (None, "")
"""Values that lead nowhere."""
_MOST_PARENTS = 10_000


@dataclass(frozen=True, slots=True)
class Judged:
    """The judgement on a row's owner.

    Args:
        ruling: Whose, and why that is in doubt.
        is_shared: Whether other people stand in it, or in what it belongs to.
        claims: What it says by itself.
        is_guest: Whether the subject only stands in an object in it: what belongs to it is the other person's.
    """

    ruling: OwnershipRuling
    is_shared: bool
    claims: Claims
    is_guest: bool = False

    @property
    def standing(self) -> Standing:
        """The standing of the row's owner."""
        return self.ruling.standing

    @property
    def is_alone(self) -> bool:
        """True if the row is the subject's and no one else's."""
        return self.standing is Standing.MINE and not self.is_shared


_Place: TypeAlias = tuple[str, ...]
"""A table, a column of it and a value there; or a table, a row's key and what it is judged by."""
_NO_ONES: Final = Judged(OwnershipRuling(Standing.NO_ONES), is_shared=False, claims=Claims(claim=Claim.NONE))


@dataclass(slots=True)
class SureRows:
    """The rows of the subject that are surely theirs, by the rule that decides the owners of records.

    A mailbox or a number that several people use leads to all of their rows. Only where rows hang on several others, or
    have an author, it matters here who of them it is; the whole decision is made where all systems' answers are.
    """

    site: SqlSite
    known: Identifiers
    _sure: dict[str, frozenset[RecordRef]] = field(default_factory=dict)

    def learn(self, rows: TableRows, found: Sequence[tuple[Row, Named]]) -> None:
        """Judge the rows of a table that a search by the known identifiers has found, so that none is made again."""
        if not self._matters:
            return
        owners = {str(number): named.owner(self.known) for number, (_, named) in enumerate(found)}
        dates, today = {key: rows.occurred_at(found[int(key)][0]) for key in owners}, self.site.clock().date()
        candidates = [
            Candidate(key=key, owner=owner, occurred_on=told_day(at.date() if (at := dates[key]) else None, today))
            for key, owner in owners.items()
        ]
        decided = resolve(self.known, candidates, contested_numbers(self.known))
        surely = decided.attributions.items()
        doubtful = {rows.ref(found[int(key)][0]) for key, whose in surely if whose is not Attribution.SUBJECT}
        self._sure[rows.settings.name] = frozenset(rows.ref(row) for row, _ in found) - doubtful

    def is_sure(self, rows: TableRows, row: Row, by: Reads | None = None) -> bool:
        """Return True if a row that carries an identifier of the subject surely is theirs, as far as its table tells.

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
        keys = {(table.name, *table.key) for table in self.site.settings.tables}
        return any(_joins(table, keys) for table in self.site.settings.tables)


def _joins(table: TableSettings, keys: Collection[tuple[str, ...]]) -> bool:
    """Return True if rows of a table may refer to rows of two people, also by one value that is not the key there."""
    leads_to_several = any((reference.table, reference.to) not in keys for reference in table.references)
    return bool(table.author) or len(table.references) > 1 or leads_to_several


@dataclass(slots=True)
class Belonging:
    """Judges the rows of one system for one subject, by :mod:`rightsflow.domain.ownership`.

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
    _state: Known = field(init=False)
    _judged: dict[_Place, Judged] = field(default_factory=dict)
    _parents: dict[_Place, list[Row]] = field(default_factory=dict)
    _tables: dict[str, TableRows] = field(default_factory=dict)

    def __post_init__(self, shared: SureRows | None) -> None:
        """Begin knowing of no one who it is."""
        self.sure = SureRows(self.site, self.known) if shared is None else shared
        self._state = Known(self.known)

    def note(self, rows: TableRows, row: Row, judged: Judged) -> None:
        """Let rows that belong to this one be judged without judging it again."""
        self._judged[_place(rows, row)] = judged

    def forget_many(self) -> None:
        """Forget whose rows are, if that is noted of very many."""
        if len(self._judged) + len(self._parents) > _MOST_PARENTS:
            self._judged.clear()
            self._parents.clear()

    def prefetch(self, rows: TableRows, found: Sequence[Row]) -> None:
        """Read what many rows belong to with one query for each reference, on each floor up."""
        for reference in rows.settings.references:
            parents = self._table(reference.table)
            leading = (reference.value(row) for row in found if reference.applies(row))
            values = {
                str(value): value
                for value in leading
                if (reference.table, reference.to, str(value)) not in self._parents
            }
            alike: dict[str, list[Row]] = {compared(value): [] for value in values.values()}
            for row in parents.with_values(reference.to, values.values(), "look up", self.by):
                alike[compared(row[reference.to])].append(row)
            for text, value in values.items():
                self._parents[reference.table, reference.to, text] = alike[compared(value)]
            if reached := [row for same in alike.values() for row in same]:
                self.prefetch(parents, reached)

    def of(self, rows: TableRows, row: Row) -> Standing:
        """Return the standing of a row's owner."""
        return self.judge(rows, row).standing

    def judge(self, rows: TableRows, row: Row) -> Judged:
        """Judge a row by what it says, what it belongs to and who wrote it."""
        if not fulfils(rows.settings.where, row):
            return Judged(OwnershipRuling(Standing.OTHER), is_shared=False, claims=Claims(claim=Claim.NONE))
        named = rows.named(row)
        said = self._claims(rows, row, named)
        is_anothers = named.is_anothers(self.known)
        if said.is_entry and named.matching(self.known) and not (is_anothers or self.wrote_another(rows, row, named)):
            is_guest = named.in_objects(self.known).is_guest
            return Judged(judge(said, []), is_shared=said.names_others, claims=said, is_guest=is_guest)
        if said.is_entry and named.matching(self.known) and not is_anothers:
            # The subject got a copy, or is named in it: that makes it no one's but its author's.
            said = Claims(claim=Claim.NONE, is_entry=True, names_others=True)
        apart: Sequence[Judged] = [judged for item in self._apart(rows, row) for judged in self._parents_by(item, row)]
        if any(judged.is_shared for judged in apart):
            said = below_several(said)
        author = self._author(rows, row, named)
        ruling = _written(said, [item.ruling for item in apart], author.ruling if author else None)
        if ruling.standing in (Standing.NO_ONES, Standing.OTHER) and said.claim is Claim.NONE:
            ruling, apart = self._by_group(rows, row, said, ruling, apart)
        is_shared, is_guest = self._is_shared(said, ruling, apart, author), named.in_objects(self.known).is_guest
        return Judged(ruling, is_shared=is_shared, claims=said, is_guest=is_guest)

    @staticmethod
    def _is_shared(said: Claims, ruling: OwnershipRuling, apart: Sequence[Judged], author: Judged | None) -> bool:
        if ruling.standing is Standing.THEIRS or said.names_others:
            return True
        if author is not None and author.standing is Standing.MINE:
            return author.is_shared
        return inherits_sharing(said) and any(judged.is_shared for judged in apart)

    def is_subjects(self, rows: TableRows, row: Row, standing: Standing | None = None) -> bool:
        """Return True if a row that was located earlier can still be the subject's.

        Databases give a key out again (SQLite after the last row went): a row that names another person and not the
        subject is not the one that was located, nor is one that belongs to another person's record. A row that names
        no one may be one whose names are blank already.
        """
        return (self.of(rows, row) if standing is None else standing) is not Standing.OTHER

    def is_shared_by_now(self, rows: TableRows, row: Row) -> bool:
        """Return True if other people's data stand in a row of the subject, in its parts or in what it belongs to.

        Another person's entry in the subject's thread is a matter of its own (:meth:`is_kept`).
        """
        judged = self.judge(rows, row)
        return judged.is_shared and judged.standing is not Standing.THEIRS

    def is_subjects_alone(
        self, rows: Sequence[tuple[TableRows, Row]], others_too: Callable[[TableSettings], bool]
    ) -> bool:
        """Return True if all rows are of one person, who may be the subject: none of them is anybody else's.

        Args:
            rows: The rows, with their tables.
            others_too: Whether another person's entry in the subject's thread counts as theirs in a table.
        """
        judged = [(table, self.judge(table, row)) for table, row in rows]
        counted = [
            item for table, item in judged if item.standing is not Standing.THEIRS or not others_too(table.settings)
        ]
        theirs = {item.standing for item in counted}
        return not any(item.is_shared for item in counted) and len(theirs) <= 1 and theirs <= {*SUBJECTS}

    def belongs_to(self, rows: TableRows, row: Row) -> Iterator[tuple[TableRows, Row]]:
        """The rows that a row belongs to and that say whose it is: none of an entry, whose author does."""
        if rows.settings.author:
            return
        for reference in self._apart(rows, row):
            parents, told = (
                self._table(reference.table),
                {judged.standing for judged in self._parents_by(reference, row)},
            )
            for parent in self._read_parents(reference, row):
                if self._judged_before(parents, parent).standing in told:
                    yield parents, parent

    def hangs_on_anothers(self, reference: Reference, row: Row) -> bool:
        """Return True if a row belongs, by one reference, to a row of another person."""
        return self._parent(reference, row).standing is Standing.OTHER

    def may_hang_on_anothers(self, reference: Reference, row: Row) -> bool:
        """The same, also where it is in doubt whose that row is."""
        return self._parent(reference, row).standing in {Standing.OTHER, Standing.DOUBTFUL}

    def is_kept(self, rows: TableRows, row: Row) -> bool:
        """Return True if a row stays unchanged: another person's entry in the subject's thread, or one untold whose."""
        is_theirs = self.of(rows, row) is Standing.THEIRS
        return not rows.settings.erase_others and (is_theirs or self.is_untold(rows, row))

    def is_untold(self, rows: TableRows, row: Row) -> bool:
        """Return True if no one can tell which of several people a row is about that names none of them by itself.

        It is a row whose parts name them, a part of such a row, or belongs to one.
        """
        return self._is_untold(rows, row, set())

    def _is_untold(self, rows: TableRows, row: Row, passed: set[_Place]) -> bool:
        named, place = rows.named(row), _place(rows, row)
        if named.is_untold(self.known):
            return True
        if place in passed or not named.is_mute or self._author(rows, row, named) is not None:
            return False
        passed.add(place)
        return any(
            self._is_untold(self._table(reference.table), above, passed)
            for reference in self._apart(rows, row)
            for above in self._read_parents(reference, row)
        )

    @staticmethod
    def _is_entry(rows: TableRows, named: Named) -> bool:
        return bool(rows.settings.author) or not named.one_person

    def _claims(self, rows: TableRows, row: Row, named: Named) -> Claims:
        """Return the claims that a row makes by itself."""
        owner, names_others = named.owner(self.known), bool(named.others(self.known) or named.other_names(self.known))
        is_entry = self._is_entry(rows, named)
        against = None if is_entry else contradiction(owner, self._state)
        if not named.matching(self.known):
            claim = Claim.FOREIGN if strong(owner) else Claim.NONE
            # Of a row of one person, the others are all that it names.
            return Claims(
                claim=claim,
                against=against,
                is_entry=is_entry,
                names_others=names_others and not named.one_person,
                is_named=self._state.is_same(owner),
            )
        if not claims(owner, self.known):
            # With two of one sort, of which none is known, it is told to be several people's.
            return Claims(claim=Claim.FOREIGN, against=against, is_entry=is_entry, names_others=not named.one_person)
        is_contested = named.matching(self.known) <= contested_numbers(self.known)
        if not is_contested and not self.sure.is_sure(rows, row, self.by):
            return Claims(claim=Claim.DOUBTED, doubt=against, is_entry=is_entry, names_others=names_others)
        claim = Claim.OWN if strong(owner) & self.known else Claim.NUMBER
        # Without an author, the records above say whose it is, also of a call or of a ticket with copies.
        return Claims(
            claim=claim,
            doubt=RecordDoubt.LEARNT_NUMBER if is_contested else None,
            against=against,
            is_entry=bool(rows.settings.author),
            names_others=names_others,
            is_named=self._state.is_same(owner),
        )

    def _apart(self, rows: TableRows, row: Row) -> Iterator[Reference]:
        """The references of a row to what it belongs to, without the one to its author, or to a thing of a time."""
        applied = applying(rows.settings.references, row)
        return (
            reference
            for reference in applied
            if reference.column != rows.settings.author and not self.site.is_owned_in_turn(reference)
        )

    def _by_group(
        self, rows: TableRows, row: Row, said: Claims, ruling: OwnershipRuling, apart: Sequence[Judged]
    ) -> tuple[OwnershipRuling, Sequence[Judged]]:
        """The ruling on a row that names no one, by the row of the subject in its group."""
        if said.names_others or ruling.standing is Standing.OTHER:
            return ruling, apart
        column = rows.settings.group
        if not column or row[column] in NO_VALUE:
            return ruling, apart
        found = rows.with_values(column, [row[column]], "look up", self.by)
        same = [value for value in found if value[column] == row[column] and rows.named(value).matching(self.known)]
        mine = [judged for value in same if (judged := self.judge(rows, value)).standing in SUBJECTS]
        return (_nearest(mine).ruling, mine) if mine else (ruling, apart)

    def wrote_another(self, rows: TableRows, row: Row, named: Named) -> bool:
        """Return True if the author column of a row names another person, by itself or by a reference."""
        author = self._author(rows, row, named)
        return author is not None and author.standing is Standing.OTHER

    def _author(self, rows: TableRows, row: Row, named: Named) -> Judged | None:
        """Return the judgement on a row's author, the subject or another person; ``None`` if no author is recorded."""
        column = rows.settings.author
        if not column or row[column] in NO_VALUE:
            return None
        references = [reference for reference in applying(rows.settings.references, row) if reference.column == column]
        led = _nearest([self._parent(reference, row) for reference in references]) if references else None
        if led is not None and led.standing is not Standing.NO_ONES:
            # Names of accounts and addresses of those who have none may stand in one column.
            return led
        told = [mention.read for mention in named.mentions if mention.column.column == column and mention.read]
        if told and not any(read & self.known for read in told):
            return Judged(OwnershipRuling(Standing.OTHER), is_shared=False, claims=Claims(claim=Claim.FOREIGN))
        return led

    def _parent(self, reference: Reference, row: Row) -> Judged:
        """The nearest to the subject of the rows to which a reference leads."""
        return _nearest(self._parents_by(reference, row))

    def _parents_by(self, reference: Reference, row: Row) -> list[Judged]:
        """The rulings on the rows to which a reference leads: of several, all count, as of a thing of two people."""
        parents, found = self._table(reference.table), self._read_parents(reference, row)
        exact = [parent for parent in found if str(parent[reference.to]) == str(reference.value(row))]
        judged = [self._judged_before(parents, parent) for parent in exact or found]
        told = [item for item in judged if item.standing is not Standing.NO_ONES]
        others = [item for item in told if item.standing is Standing.OTHER]
        if others and not exact:
            # Which of several spellings is meant that the database calls equal, no one can tell.
            return others[:1]
        return [_nearest(told)] if reference.contact_points and told else told

    def _judged_before(self, rows: TableRows, row: Row) -> Judged:
        place = _place(rows, row)
        if place not in self._judged:
            self._judged[place] = self.judge(rows, row)
        judged = self._judged[place]
        return replace(judged, ruling=OwnershipRuling(Standing.OTHER)) if judged.is_guest else judged

    def _read_parents(self, reference: Reference, row: Row) -> list[Row]:
        value = reference.value(row)
        place = (reference.table, reference.to, str(value))
        if place not in self._parents:
            found = self._table(reference.table).with_values(reference.to, [value], "look up", self.by)
            self._parents[place] = list(found)
        return self._parents[place]

    def _table(self, name: str) -> TableRows:
        """A table, which remembers what it has read."""
        if name not in self._tables:
            self._tables[name] = self.site.table(name)
        return self._tables[name]


def _written(said: Claims, above: Sequence[OwnershipRuling], author: OwnershipRuling | None) -> OwnershipRuling:
    """The ruling on a row of which it may be recorded who wrote it."""
    if author is None:
        return judge(said, above)
    if author.standing is Standing.MINE:
        return author
    thread = judge(said, [*above, *([author] if author.standing in SUBJECTS else [])])
    if thread.standing in (*SUBJECTS, Standing.THEIRS):
        # Who is in doubt wrote what belongs to the same doubt, and nothing that surely is the subject's.
        return thread if author.standing is thread.standing else OwnershipRuling(Standing.THEIRS)
    return author if author.standing is Standing.OTHER else thread


def _place(rows: TableRows, row: Row) -> _Place:
    """A row with what it is judged by, since rows may agree in their key."""
    settings = rows.settings
    told = (
        *(identity.column for identity in settings.identities),
        *(reference.column for reference in settings.references),
    )
    return settings.name, rows.ref(row).ref, *(str(row[column]) for column in told)


def applying(references: tuple[Reference, ...], row: Row) -> Iterator[Reference]:
    """The references that a row has."""
    return (reference for reference in references if reference.applies(row))


def _nearest(judged: Sequence[Judged]) -> Judged:
    """Return the judgement nearest to the subject; a row without an owner counts least."""
    told = [item for item in judged if item.standing is not Standing.NO_ONES]
    return min(told, key=lambda item: [*Standing].index(item.standing), default=_NO_ONES)
