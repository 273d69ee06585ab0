"""Erasing in transactions of bounded size: a file before the rows that point at it are changed.

What is not there any more is told of as what was erased now: the run before may have erased it and been killed before
it could say so.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Sequence

import sqlalchemy as sa

from connectors.sql.extracting import OUTSIDE
from connectors.sql.faults import translated
from connectors.sql.files import FileStore, is_outside
from connectors.sql.rows import Row, Site, TableRows, batches
from rightsflow.errors import Refused
from rightsflow.identifiers import Identifiers
from rightsflow.records import Method, Outcome, OutcomeKind, RecordRef, settled_together

_log = logging.getLogger(__name__)

_NOT_THERE = "The record is not there any more."
_NO_BLANKS = "The configuration names no columns to blank in this table, so it cannot be redacted."


def erase(site: Site, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
    """Erase rows or files, one outcome per ref.

    Args:
        site: The system.
        refs: What to erase, all of one kind.
        method: How. A table whose rows are kept by configuration is blanked in either case, and says so.
        known: The subject's identifiers.
    """
    if not refs:
        return
    site.check_kinds(refs)
    rows = site.of_kind(refs[0].kind)
    for batch in batches(refs, site.settings.batch_size):
        outcomes: list[Outcome] = []
        if rows is not None:
            outcomes = _erase_rows(rows, batch, method, known)
        elif site.files is not None:
            outcomes = _erase_files(site, site.files, batch)
        refused = sum(one.refused for one in outcomes)
        _log.info("%s erase %s: %d done, %d refused", site.system, refs[0].kind, len(outcomes) - refused, refused)
        yield from settled_together(outcomes)


def _erase_rows(rows: TableRows, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> list[Outcome]:
    settings = rows.settings
    deletes = method is Method.ERASE and settings.erase == "delete"
    if not deletes and not settings.blanked:
        return [Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_NO_BLANKS, refused=True) for ref in refs]
    try:
        found = _change(rows, refs, known, deletes=deletes)
    except Refused as error:
        if len(refs) > 1:
            # One row in the way rolled back all of them: find out which.
            return [outcome for ref in refs for outcome in _erase_rows(rows, [ref], method, known)]
        return [Outcome(record=refs[0], kind=OutcomeKind.FAILED, reason=str(error.args[0]), refused=True)]
    if deletes:
        return [Outcome(record=ref, kind=OutcomeKind.ERASED) for ref in refs]
    return [
        Outcome(record=ref, kind=OutcomeKind.REDACTED)
        if ref in found
        else Outcome(record=ref, kind=OutcomeKind.ERASED, reason=_NOT_THERE)
        for ref in refs
    ]


def _change(
    rows: TableRows, refs: Sequence[RecordRef], known: Identifiers, *, deletes: bool
) -> dict[RecordRef, list[Row]]:
    """Delete or blank the rows in one transaction; gives those that were there and are to be changed."""
    site, table = rows.site, rows.table
    with translated(site.system, "erase", rows.settings.name), site.database.engine.begin() as connection:
        selected = connection.execute(sa.select(table).where(rows.condition_of(refs)).with_for_update())
        found: dict[RecordRef, list[Row]] = {}
        for row in map(dict, selected.mappings()):
            if rows.is_subjects(row, known):
                found.setdefault(rows.ref(row), []).append(row)
            elif not deletes and not rows.settings.one_person:
                # As a row of several people is once the subject's part of it is blank.
                found.setdefault(rows.ref(row), [])
        if deletes and found:
            connection.execute(sa.delete(table).where(rows.condition_of(list(found))))
        elif found:
            _blank(connection, rows, found, known)
    return found


def _blank(connection: sa.Connection, rows: TableRows, found: dict[RecordRef, list[Row]], known: Identifiers) -> None:
    """Blank in each row what may be the subject's, in one statement for all rows that need the same."""
    alike: defaultdict[frozenset[str], list[RecordRef]] = defaultdict(list)
    for ref, same in found.items():
        alike[frozenset().union(*(rows.to_blank(row, known) for row in same))].append(ref)
    for columns, refs in alike.items():
        if columns:
            values = {rows.table.c[name]: rows.settings.blanked[name] for name in columns}
            connection.execute(sa.update(rows.table).where(rows.condition_of(refs)).values(values))


def _erase_files(site: Site, files: FileStore, refs: Sequence[RecordRef]) -> list[Outcome]:
    files.check()
    paths = [ref.ref for ref in refs if not is_outside(ref.ref)]
    with translated(site.system, "erase"), site.database.engine.begin() as connection:
        for rows, column in site.with_files(refs[0].kind):
            spelled = sorted(files.by_spelling(paths, column))
            pointing = rows.table.c[column.column]
            for batch in batches(spelled, site.settings.batch_size):
                change = sa.update(rows.table).where(pointing.in_(batch)).values({pointing: column.cleared})
                connection.execute(change)
        # The rows are sure to be changed when the files go, and only committed when they are gone.
        for path in paths:
            files.remove(path)
    return [_file_outcome(ref) for ref in refs]


def _file_outcome(ref: RecordRef) -> Outcome:
    if is_outside(ref.ref):
        return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=OUTSIDE, refused=True)
    return Outcome(record=ref, kind=OutcomeKind.ERASED)
