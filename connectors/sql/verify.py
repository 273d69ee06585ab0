"""Verification after an erasure, by fresh reads in transactions of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.sql.belonging import Belonging, SureRows
from connectors.sql.client import Row
from connectors.sql.extract import UNREACHABLE
from connectors.sql.files import FileStore, is_unreachable
from connectors.sql.formats import Unreadable
from connectors.sql.pointing import Pointing
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.text import readable
from connectors.sql.whereabouts import whereabouts
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, left
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Presence, PresenceState, RecordRef

_ROW_THERE = "The row can still be read."
_NOT_BLANK = "The row is still there and not all of its columns are blank."
_FILE_THERE = "The file can still be read."
_STILL_NAMED = "The file is gone, but a row still holds its name."


def presence(site: SqlSite, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
    """One answer per ref."""
    sure = SureRows(site, known)
    for rows, batch in site.batches(refs):
        if rows is not None:
            yield from _of_rows(rows, batch, known, sure)
        elif site.files is not None:
            yield from _of_files(site, site.files, batch, known)


def _of_rows(rows: TableRows, refs: Sequence[RecordRef], known: Identifiers, sure: SureRows) -> Iterator[Presence]:
    belonging = Belonging(rows.site, known, shared=sure)
    found = rows.with_keys(refs, "presence")
    for ref in refs:
        mine = [row for row in found.get(ref, ()) if belonging.is_subjects(rows, row)]
        if mine and not rows.settings.blanks:
            yield _answer(ref, PresenceState.PRESENT, _ROW_THERE)
        elif any(_is_filled(rows, row, known) for row in mine):
            yield _answer(ref, PresenceState.PRESENT, _NOT_BLANK)
        else:
            record = found.get(ref, [])
            fields = [*fields_left([_as_read(row) for row in record], _trail(rows, known)), *_own_marks(rows, record)]
            yield left(ref, list(dict.fromkeys(field.partition(".")[0] for field in fields)), remains=bool(record))


def _is_filled(rows: TableRows, row: Row, known: Identifiers) -> bool:
    try:
        return bool(rows.to_blank(row, known)) or rows.inseparable(row, known)
    except Unreadable:
        return True


def _own_marks(rows: TableRows, record: Sequence[Row]) -> list[str]:
    """The column that still names a case of ours, by which the row leads back to the person."""
    mark = rows.settings.restriction
    return [mark.case_column] if mark and any(mark.case_in(row) for row in record) else []


def _as_read(row: Row) -> dict[str, object]:
    """A row with every column of its table, as people read it: old programs wrote text in other encodings."""
    return {name: readable(value) if isinstance(value, str) else value for name, value in row.items()}


def _trail(rows: TableRows, known: Identifiers) -> ResidueTrail:
    """Return the traces that identify the person in a remaining row, also in columns not blanked and in the key."""
    ids = {identity.column for identity in rows.settings.identities if identity.kind.is_id}
    return ResidueTrail(known=known, country=rows.site.phones.country, id_fields=frozenset(ids))


def _of_files(site: SqlSite, files: FileStore, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
    files.check()
    pointing = Pointing(site, Belonging(site, known), "presence")
    now = whereabouts(pointing, refs)
    named = pointing.by_path([each.path for each in now.values() if not is_unreachable(each.path)])
    for ref in refs:
        path = now[ref].path
        if is_unreachable(path):
            is_missing = now[ref].is_missing
            yield _answer(ref, PresenceState.UNKNOWN, UNREACHABLE) if is_missing else _answer(ref, PresenceState.ABSENT)
        elif files.members(path):
            yield _answer(ref, PresenceState.PRESENT, _FILE_THERE)
        elif any(item.rows.clears_file and not item.is_beside for item in named.get(path, ())):
            yield _answer(ref, PresenceState.PRESENT, _STILL_NAMED)
        else:
            yield _answer(ref, PresenceState.ABSENT)


def _answer(ref: RecordRef, state: PresenceState, detail: str = "") -> Presence:
    return Presence(record=ref, state=state, detail=detail)
