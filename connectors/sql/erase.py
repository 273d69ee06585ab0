"""Erasing in transactions of bounded size: a file before the rows that point at it are changed.

What is not there any more is told of as what was erased now: the run before may have erased it and been killed before
it could say so.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.belonging import Belonging, SureRows
from connectors.sql.changed_along import at_once
from connectors.sql.client import Row, rows_of
from connectors.sql.errors import is_refusal, translated
from connectors.sql.extract import SHARED_FILE
from connectors.sql.files import FileStore, is_unreachable, value_of
from connectors.sql.foreign_keys import CascadingTable, hanging
from connectors.sql.formats import Unreadable
from connectors.sql.pointing import Pointer, Pointing
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.stores import StoreLock
from connectors.sql.text import holds
from connectors.sql.whereabouts import PresentPlace, whereabouts
from connectors.sql.writing import delete_rows, raise_versions, together_or_alone, update_rows, updated
from rightsflow.domain.errors import Refused
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import LeftToPerson, Method, Outcome, OutcomeKind, RecordRef, settled_together

_log = logging.getLogger(__name__)

_LOCKED = "A lock in the store keeps it, with all files of the same call,"
_NOT_THERE = "The record is not there any more."
_OTHERS_ENTRY = "This entry is, or may be, another person's, so it was left as it is."
BY_NOW = "By now it belongs to another person, so it was left as it is."
"""Reason for a row that is another person's by now."""
_SHARED_NOW = "By now another person's data stand in it as well, so it was left as it is."
_REDACTED_NOW = "By now another person's data stand in it as well, so only yours were removed from it."
_SAME_COLUMN = (
    "One column names you together with other people, or with what may be theirs, and only a person can take your part "
    "out of it; what stands apart from other people's data in the entry is gone."
)
_RIGHTS_OF_OTHERS = "Rights of others"
_ELSEWHERE = (
    "The entry names a file that lies elsewhere than in the configured location; erase that file by hand and empty the "
    "entry's column, then the entry is erased."
)
_MISSING = (
    "The entry names a file that is not in the configured location; find out where it is and erase it, then empty the "
    "entry's column, and the entry is erased."
)
_UNREADABLE = (
    "What is in {columns} can be read neither as JSON, as a serialised value nor as a mail, or is built in another way "
    "than the paths to its fields, so nothing inside it was blanked; let a person blank it."
)
_POINTS_AT_LOST_FILE = "The entry is the only trace of a file that could not be found; it stays until that is settled."
_POINTS_AT_FILE = (
    "The file that the entry names is there: it was moved, or put there, since it was last looked for. The entry stays "
    "until that file is erased: erase it by hand and empty the entry's column, then the entry is erased."
)
_HANGING = (
    "Entries of {table} refer to it, which the configuration does not name, and the database would remove them along "
    "with it; name that table in the key tables, or let a person settle what is in it first."
)
_ALONG = (
    "Entries of {table} refer to it, which the configuration does not name, and the database would change them along "
    "with it; name that table in the key tables, or let a person settle what is in it first."
)
_STAYS = "Other entries ({words}) that stay refer to it, and the database does not let it go without them."
_STAYS_BLANKED = f"{_STAYS} Your data were removed from it."
_STAY_UNCHANGED = "Other entries ({words}) refer to it, and the database would change them along with it."
_WRITTEN_ALONG = (
    "When that was done, the database itself wrote something into {tables}, and no one has looked yet whether it is a "
    "copy; a person has to."
)
_APART = "What the database wrote along with each entry cannot be told for several at once."
_NOT_CLEARED = (
    "The database keeps the name of the file in the entry, since another table has to have it; put a value for no file "
    "there and name it in the key file.cleared."
)
_NO_BLANKS = "The configuration names no columns to blank in this table, so it cannot be redacted."


def erase(site: SqlSite, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
    """Erase rows or files, one outcome per ref.

    Args:
        site: The system.
        refs: What to erase, all of one kind.
        method: How. A table whose rows are kept by configuration is blanked in either case, and says so.
        known: The subject's identifiers.
    """
    sure = SureRows(site, known)
    if site.files is not None:
        site.files.check()
    for rows, batch in site.batches(refs):
        outcomes: list[Outcome] = []
        if rows is not None:
            outcomes = _erase_rows(rows, batch, method, sure)
        elif site.files is not None:
            remove = partial(_remove_files, site, site.files, known)
            outcomes = together_or_alone(remove, batch, OutcomeKind.FAILED)
        refused = sum(outcome.refused for outcome in outcomes)
        _log.info("%s erase %s: %d done, %d refused", site.system, refs[0].kind, len(outcomes) - refused, refused)
        yield from settled_together(outcomes)


def _erase_rows(rows: TableRows, refs: Sequence[RecordRef], method: Method, sure: SureRows) -> list[Outcome]:
    settings = rows.settings
    deletes = method is Method.ERASE and settings.erase == "delete"
    if not deletes and not settings.blanks:
        return [_failed(ref, _NO_BLANKS) for ref in refs]

    def carry_out(some: Sequence[RecordRef]) -> list[Outcome]:
        change = _change(rows, some, sure, deletes=deletes)
        staying = change.staying if deletes and settings.blanks else {}
        if not staying:
            return [change.outcome(ref, deletes=deletes) for ref in some]
        # First, since what is deleted may be that by which the rest is told to be the subject's.
        redacted = _change(rows, list(staying), sure, deletes=False)
        rest = [ref for ref in some if ref not in staying]
        outcomes = {ref: _said_why(redacted.outcome(ref, deletes=False), why) for ref, why in staying.items()}
        outcomes |= {outcome.record: outcome for outcome in (carry_out(rest) if rest else ())}
        return [outcomes[ref] for ref in some]

    return together_or_alone(carry_out, refs, OutcomeKind.FAILED)


@dataclass(slots=True)
class _Change:
    """The effect of one transaction on the rows of some refs.

    Args:
        changed: The rows that were deleted or blanked.
        kept: Those that other people wrote.
        others_now: Those that are another person's by now.
        shared: Those to be deleted in which other people's data stand by now.
        mixed: Those with a column in which the subject stands together with other people.
        stuck: Those that cannot be changed, such as the only trace of a file, each with its outcome.
        hanging: Those on which rows hang that stay, each with the table of these.
        statements: By ref, the statement that changed its rows and how many, such as ``delete-rows:1``: a database
            gives no id of its own to a request.
        along: What the database wrote elsewhere of its own, in a sentence; empty where it wrote nothing.
    """

    changed: dict[RecordRef, list[Row]] = field(default_factory=dict)
    kept: set[RecordRef] = field(default_factory=set)
    others_now: set[RecordRef] = field(default_factory=set)
    shared: dict[RecordRef, None] = field(default_factory=dict)
    mixed: set[RecordRef] = field(default_factory=set)
    stuck: dict[RecordRef, Outcome] = field(default_factory=dict)
    hanging: dict[RecordRef, CascadingTable] = field(default_factory=dict)
    statements: dict[RecordRef, str] = field(default_factory=dict)
    along: str = ""

    @property
    def staying(self) -> dict[RecordRef, str]:
        """The rows to be deleted that have to stay and can be blanked instead, each with the reason."""
        refers = {ref: _STAYS_BLANKED.format(words=of.words) for ref, of in self.hanging.items() if of.words}
        return dict.fromkeys(self.shared, _REDACTED_NOW) | refers

    def leave(self, hanging: dict[RecordRef, CascadingTable]) -> None:
        """Leave some rows as they are."""
        self.hanging |= hanging
        for ref in hanging:
            self.changed.pop(ref, None)

    def outcome(self, ref: RecordRef, *, deletes: bool) -> Outcome:
        """Return the outcome for the rows of one ref."""
        if ref in self.stuck:
            return self.stuck[ref]
        if ref in self.hanging:
            return _left(ref, self.hanging[ref], deletes=deletes)
        if ref in self.kept:
            # Asked to redact, there is nothing that can be told to be the subject's; the text may still be about them.
            return _kept(ref, _OTHERS_ENTRY, OutcomeKind.RETAINED if deletes else OutcomeKind.RESIDUE)
        if ref in self.shared:
            return _kept(ref, _SHARED_NOW)
        if ref in self.others_now and ref not in self.changed:
            return _kept(ref, BY_NOW)
        return self._done(ref, deletes=deletes)

    def _done(self, ref: RecordRef, *, deletes: bool) -> Outcome:
        left = frozenset({LeftToPerson.PERHAPS_COPIED} if self.along else ())
        done = Outcome(
            record=ref,
            kind=OutcomeKind.ERASED if deletes else OutcomeKind.REDACTED,
            reason=self.along,
            request_id=self.statements.get(ref, ""),
            left=left,
        )
        if not deletes and ref in self.mixed:
            reason = f"{_SAME_COLUMN} {self.along}".rstrip()
            left |= {LeftToPerson.SHARED_FIELD}
            return replace(done, kind=OutcomeKind.RESIDUE, reason=reason, refused=True, left=left)
        if deletes or ref in self.changed:
            return done
        return Outcome(record=ref, kind=OutcomeKind.ERASED, reason=_NOT_THERE)


def _said_why(outcome: Outcome, why: str) -> Outcome:
    """The outcome of a record that was to be deleted and was redacted, with the reason."""
    is_done = outcome.kind is OutcomeKind.REDACTED
    return replace(outcome, reason=f"{why} {outcome.reason}".rstrip()) if is_done else outcome


def _left(ref: RecordRef, hanging: CascadingTable, *, deletes: bool) -> Outcome:
    """A row on which others hang: what is configured has been judged, and stays; else a person has to look first."""
    if hanging.words:
        reason = (_STAYS if deletes else _STAY_UNCHANGED).format(words=hanging.words)
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=reason, refused=True)
    reason = (_HANGING if deletes else _ALONG).format(table=hanging.table.name)
    return _failed(ref, reason)


def _kept(ref: RecordRef, reason: str, kind: OutcomeKind = OutcomeKind.RETAINED) -> Outcome:
    return Outcome(record=ref, kind=kind, reason=reason, legal_basis=_RIGHTS_OF_OTHERS, refused=True)


def _change(rows: TableRows, refs: Sequence[RecordRef], sure: SureRows, *, deletes: bool) -> _Change:
    """Delete or blank the rows in one transaction, in which each row is looked at again."""
    site, table = rows.site, rows.table
    with translated(site.system, "erase", rows.settings.name), site.database.engine.begin() as connection:
        belonging = Belonging(site, sure.known, connection, sure)
        selected = connection.execute(sa.select(table).where(rows.condition_of(refs)).with_for_update())
        found = list(rows.whole(rows_of(selected), "erase", connection))
        change = _sort_out(rows, found, belonging, deletes=deletes)
        blanked = [name for name in rows.settings.blanked_columns if table.c[name].computed is None]
        # What stays keeps that to which it refers in its own table.
        while left := hanging(connection, rows, change.changed, None if deletes else blanked):
            change.leave(left)
        if deletes and rows.settings.blanks and change.staying:
            return change
        if deletes:
            written = change.changed
            along = delete_rows(connection, rows, [row for same in written.values() for row in same])
        else:
            written, along = _blank(rows, change.changed, sure.known, connection)
        change.along = _said_along(rows, along)
        if change.along and len(written) > 1:
            raise Refused(_APART)
        verb = "delete" if deletes else "update"
        change.statements = {ref: f"{verb}-rows:{len(same)}" for ref, same in written.items()}
        raise_versions(connection, belonging, rows, [row for same in written.values() for row in same])
    return change


def _sort_out(rows: TableRows, selected: list[Row], belonging: Belonging, *, deletes: bool) -> _Change:
    change, refs = _Change(), {*map(rows.ref, selected)}
    for row in selected:
        ref = rows.ref(row)
        if belonging.is_kept(rows, row):
            change.kept.add(ref)
        elif not belonging.is_subjects(rows, row):
            if not deletes and _is_blanked(rows, row, belonging.known):
                # As a row is that a run before this one blanked: it does not name the subject any more.
                change.changed.setdefault(ref, [])
            else:
                change.others_now.add(ref)
        else:
            _take(change, rows, row, belonging, refs, deletes=deletes)
    for ref in {*change.kept, *change.stuck, *change.shared}:
        change.changed.pop(ref, None)
    return change


def _take(
    change: _Change, rows: TableRows, row: Row, belonging: Belonging, beside: Collection[RecordRef], *, deletes: bool
) -> None:
    """Note what is done with a row of the subject."""
    ref, known = rows.ref(row), belonging.known
    if deletes and belonging.is_shared_by_now(rows, row):
        change.shared[ref] = None
    elif outcome := _stuck(rows, row, belonging, beside, deletes=deletes):
        change.stuck[ref] = outcome
    else:
        change.changed.setdefault(ref, []).append(row)
        if not deletes and rows.inseparable(row, known):
            change.mixed.add(ref)


def _is_blanked(rows: TableRows, row: Row, known: Identifiers) -> bool:
    """Return True if nothing in a row is left to blank, but what is other people's in a row of several."""
    try:
        return not (rows.filled(row) if rows.named(row).one_person else rows.to_blank(row, known))
    except Unreadable:
        return False


def _stuck(
    rows: TableRows, row: Row, belonging: Belonging, beside: Collection[RecordRef], *, deletes: bool
) -> Outcome | None:
    """Return the outcome of a row that cannot be changed; ``None`` where it can."""
    if not deletes:
        try:
            rows.blanked(row, rows.to_blank(row, belonging.known))
        except Unreadable:
            return _failed(rows.ref(row), _UNREADABLE.format(columns=" and ".join(sorted(rows.settings.fields_inside))))
    column, value, files = rows.settings.file, rows.file_value(row), rows.site.files
    if column is None or files is None or not value or not (deletes or column.column in rows.settings.blanked):
        return None
    path = files.find(value, column, rows.occurred_at(row))
    if is_unreachable(path):
        return None if column.optional else _failed(rows.ref(row), _POINTS_AT_LOST_FILE)
    if not _is_only_trace(rows, path, belonging, beside):
        return None
    # Files go before their rows: this one is kept, or it was moved or put there since.
    lock = files.lock(path)
    is_held = lock is not None and lock.holds_at(rows.site.clock())
    return _locked(rows.ref(row), lock, rows.site.zone) if lock and is_held else _failed(rows.ref(row), _POINTS_AT_FILE)


def _is_only_trace(rows: TableRows, path: str, belonging: Belonging, beside: Collection[RecordRef]) -> bool:
    """Return True if a file is the subject's alone, and no row names it but some that are changed at once."""
    pointing = Pointing(rows.site, belonging, "erase")
    pointers = pointing.by_path([path]).get(path, [])
    is_theirs = pointing.is_subjects(pointers, others_too=attrgetter("erase_others"))
    return is_theirs and all(pointer.rows.ref(pointer.row) in beside for pointer in pointers)


def _failed(ref: RecordRef, reason: str) -> Outcome:
    return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=reason, refused=True)


def _blank(
    rows: TableRows, found: dict[RecordRef, list[Row]], known: Identifiers, connection: sa.Connection
) -> tuple[dict[RecordRef, list[Row]], frozenset[str]]:
    """Blank in each row what may be the subject's, in one statement for all rows that need the same.

    Returns:
        Which rows, and the tables into which the database itself wrote beside it.
    """
    alike: dict[str, tuple[dict[str, object], list[Row]]] = {}
    for row in (row for same in found.values() for row in same):
        wanted, mark = rows.blanked(row, rows.to_blank(row, known)), rows.settings.restriction
        wanted |= mark.emptied(row) if mark else {}
        if wanted:
            alike.setdefault(repr(sorted(wanted.items())), (wanted, []))[1].append(row)
    along: set[str] = set()
    for given, same in alike.values():
        # What the database computes from other columns follows them, and cannot be written.
        written = {name: value for name, value in given.items() if rows.table.c[name].computed is None}
        along |= update_rows(connection, rows, same, written)
    written_rows = [row for _, same in alike.values() for row in same]
    blanked = {ref: mine for ref, same in found.items() if (mine := [row for row in same if row in written_rows])}
    return blanked, frozenset(along)


def _said_along(rows: TableRows, tables: Iterable[str]) -> str:
    """Return the sentence on tables that the database itself wrote to, unless the operator has stated the residue."""
    words = {table.name.rpartition(".")[2]: table.words for table in rows.site.settings.tables}
    named = sorted(words.get(table, table) for table in tables)
    return _WRITTEN_ALONG.format(tables=" and ".join(named)) if named and not rows.settings.residue else ""


def _remove_files(site: SqlSite, files: FileStore, known: Identifiers, refs: Sequence[RecordRef]) -> list[Outcome]:
    """Remove files that are the subject's alone, judged in the transaction in which the rows stop pointing at them."""
    files.check()
    with translated(site.system, "erase"), site.database.engine.begin() as connection:
        at_once(connection)
        pointing = _pointing(site, known, connection)
        now = whereabouts(pointing, refs)
        paths = list(dict.fromkeys(each.path for each in now.values()))
        found = pointing.by_path(paths)
        shared = {path for path, pointers in found.items() if not _are_subjects(site, known, connection, pointers)}
        going = [path for path in paths if path not in shared and not is_unreachable(path)]
        # One locked file keeps its family.
        locks = {path: lock for path in going if (lock := files.lock(path)) and lock.holds_at(site.clock())}
        going = [path for path in going if path not in locks]
        for path in going:
            for pointer in found.get(path, ()):
                if pointer.rows.clears_file:
                    _clear(connection, pointer)
        # A row that was written meanwhile points at the file as well.
        again = _pointing(site, known, connection).by_path(going)
        shared |= {
            path for path, pointers in again.items() if any(_is_new(item, found.get(path, ())) for item in pointers)
        }
        # The rows are sure to be changed when the files go, and only committed when they are gone.
        for path in going:
            if path not in shared:
                files.remove(path)
    return [
        _locked(ref, locks[now[ref].path], site.zone)
        if now[ref].path in locks
        else _file_outcome(files, ref, now[ref], is_shared=now[ref].path in shared)
        for ref in refs
    ]


def _is_new(pointer: Pointer, before: Sequence[Pointer]) -> bool:
    """Return True unless the row pointed at the file before and keeps the id by which it does."""
    return pointer.rows.clears_file or all(pointer.row != item.row for item in before)


def _pointing(site: SqlSite, known: Identifiers, connection: sa.Connection) -> Pointing:
    return Pointing(site, Belonging(site, known, connection), "erase")


def _are_subjects(site: SqlSite, known: Identifiers, connection: sa.Connection, pointers: Sequence[Pointer]) -> bool:
    return _pointing(site, known, connection).is_subjects(pointers, others_too=attrgetter("erase_others"))


def _clear(connection: sa.Connection, pointer: Pointer) -> None:
    """Empty the column of the row; rows that agree in their key may point at different files.

    Where the column takes no empty text, as a number and a foreign key do not, nothing at all stands for no file.
    """
    rows, name = pointer.rows, pointer.column.column
    this_row = sa.and_(rows.condition_of_row(pointer.row), holds(rows.table.c[name], pointer.row[name]))
    for value in (pointer.column.cleared, *(() if pointer.column.cleared else (None,))):
        try:
            # A refused statement ends the whole transaction of PostgreSQL, and no other database's.
            is_whole = connection.dialect.name == "postgresql"
            with connection.begin_nested() if is_whole else nullcontext():
                connection.execute(updated(rows, this_row, {name: value}))
        except sa.exc.DBAPIError as error:
            if not is_refusal(error):
                raise
        else:
            return
    raise Refused(_NOT_CLEARED)


def _locked(ref: RecordRef, lock: StoreLock, zone: ZoneInfo) -> Outcome:
    until = None if lock.is_held or lock.until is None else lock.until.astimezone(zone).date()
    reason = f"{_LOCKED} until {until.isoformat()}." if until else f"{_LOCKED} without an end date."
    return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=reason, until=until, refused=True)


def _file_outcome(files: FileStore, ref: RecordRef, now: PresentPlace, *, is_shared: bool) -> Outcome:
    if now.is_missing:
        reason = _ELSEWHERE if files.lies_elsewhere(value_of(ref.ref)) else _MISSING
        return _failed(ref, reason)
    return _kept(ref, SHARED_FILE) if is_shared else Outcome(record=ref, kind=OutcomeKind.ERASED)
