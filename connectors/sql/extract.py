"""Giving the data: a document per row, the bytes of the files that rows point at, and what is left out, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import attrgetter
from pathlib import PurePosixPath
from typing import Final

from connectors.sql.belonging import Belonging, applying
from connectors.sql.client import ReadConnection, Row
from connectors.sql.column_settings import BlobColumn, FieldColumn
from connectors.sql.files import FileStore, is_unreachable, media_type
from connectors.sql.inside import opened, without
from connectors.sql.persons import masks
from connectors.sql.pointing import Pointer, Pointing
from connectors.sql.rows import FAR_OFF, SqlSite, TableRows
from connectors.sql.table_settings import TableSettings
from connectors.sql.values import plain_row
from connectors.sql.whereabouts import whereabouts
from rightsflow.domain.connector import ENTRY, Withheld
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.ownership import Standing
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

UNREACHABLE = "The entry names a file that is not where these files are kept, so a person has to look for it."
NO_FILE: Final = "none is stored"
SHARED_FILE = "The same file belongs to the entry of another person as well, so it is left as it is."
_NOT_GIVEN = f"{SHARED_FILE} It is not part of this copy."
_CHUNK: Final = 1 << 16
_OTHERS_TOO = attrgetter("disclose_others")
OTHERS_ENTRY: Final = "[another person's entry]"
"""The replacement for another person's text."""
OTHERS_NUMBER: Final = "[number of another person's record]"
"""The replacement for the key of another person's row."""
_OTHERS_WROTE = "Another person wrote it, and it may be about them."
_OTHERS_PART = "It is in a record of yours, and may be about another person."
_OTHERS_NUMBERS = "The records with these numbers are another person's."


def extract(site: SqlSite, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
    """Give rows as documents and files as blobs; rows that no longer exist are skipped."""
    names: Counter[str] = Counter()
    belonging = Belonging(site, known)
    if site.files is not None:
        site.files.check()
    for rows, batch in site.batches(refs):
        if rows is not None:
            belonging.forget_many()
            with ReadConnection(site.database) as belonging.by:
                documents = list(_documents(rows, batch, belonging))
            yield from documents
        elif site.files is not None:
            yield from _blobs(site, site.files, batch, known, names)


def _documents(rows: TableRows, refs: Sequence[RecordRef], belonging: Belonging) -> Iterator[Part]:
    settings = rows.settings
    for ref, found in rows.with_keys(refs, "extract", belonging.by).items():
        for row in found:
            judged = belonging.judge(rows, row)
            if not belonging.is_subjects(rows, row, judged.standing):
                continue
            if judged.standing is Standing.MINE:
                # That decides, whatever other rows are called the same.
                belonging.note(rows, row, judged)
            is_theirs = judged.standing is Standing.THEIRS or belonging.is_untold(rows, row)
            yield from _given(rows, ref, row, belonging, masked=is_theirs and not settings.disclose_others)


def _given(rows: TableRows, ref: RecordRef, row: Row, belonging: Belonging, *, masked: bool) -> Iterator[Part]:
    """A row as a document, and the file in it unless it is another person's."""
    settings, named = rows.settings, rows.named(row)
    objects = named.in_objects(belonging.known)
    is_guest = objects.is_guest and not (masked or settings.disclose_others)
    given = _masked(rows, row, belonging) if masked or is_guest else _own(rows, row, belonging)
    given = {
        **given,
        **{of.column: row[of.column] for of, _ in objects.own if is_guest and of.column not in settings.key},
    }
    shown = _shown(settings, row, given)
    if not (masked or settings.disclose_others):
        for name in settings.fields_inside & shown.keys():
            shown[name] = objects.without_others(name, shown[name], OTHERS_ENTRY)
    is_whole = not (masked or is_guest)
    yield Document(
        record=ref,
        category=settings.words_for_category,
        content=shown | (_without_file(rows, row) if is_whole else {}),
        others=masks(named, belonging.known),
        withheld=left_out(settings, given, shown),
    )
    if settings.blob and is_whole and row[settings.blob.column]:
        yield _of_row(settings, settings.blob, ref, row)


def _of_row(settings: TableSettings, column: BlobColumn, ref: RecordRef, row: Row) -> Blob:
    """The file in a column of a row, under a name without any word of its own."""
    stored = row[column.column]
    content = stored.encode() if isinstance(stored, str) else bytes(stored)  # type: ignore[call-overload]
    suffix = PurePosixPath(str(row[column.name_column] or "")).suffix.lower() if column.name_column else ""
    return Blob(
        record=ref,
        category=settings.words_for_category,
        name=f"{settings.record_kind}{suffix}",
        media_type=media_type(f"file{suffix}"),
        open=partial(_chunks, content),
    )


def _chunks(content: bytes) -> Iterator[bytes]:
    yield from (content[at : at + _CHUNK] for at in range(0, len(content), _CHUNK))


def _shown(settings: TableSettings, row: Row, given: Row) -> dict[str, object]:
    """The columns of a row for people, without what is hidden; columns with fields inside as the data in them."""
    hidden = [field for field in settings.hide if field.is_in(row)]
    # The file itself is given; its name may be made of another person's number.
    leave_out = {*settings.marks, *({settings.file.column} if settings.file else ())}
    leave_out |= {settings.blob.column} if settings.blob else set()
    leave_out |= {field.column for field in hidden if not field.path}
    shown = dict(given)
    for name in settings.fields_inside - leave_out:
        paths = [field.path for field in hidden if field.column == name and field.path]
        shown[name] = opened(given[name], also_mail=bool(paths))
        for path in paths:
            shown[name] = without(shown[name], path)
    return plain_row(shown, frozenset(leave_out))


def _without_file(rows: TableRows, row: Row) -> dict[str, object]:
    """That the entry of a call has no recording, where not every call has one."""
    column, files, value = rows.settings.file, rows.site.files, rows.file_value(row)
    if column is None or files is None or not column.optional or not value:
        return {}
    is_there = not is_unreachable(files.find(value, column, rows.occurred_at(row)))
    return {} if is_there else {column.kind: NO_FILE}


def _own(rows: TableRows, row: Row, belonging: Belonging) -> Row:
    """The subject's row, without the numbers of rows that name other people: these are known by them."""
    leading = (
        reference
        for reference in applying(rows.settings.references, row)
        if rows.site.table(reference.table).settings.identities
    )
    theirs = {reference.column for reference in leading if belonging.hangs_on_anothers(reference, row)}
    # The number of the row itself, which is alone its key, is the subject's.
    theirs -= set(rows.settings.key) if len(rows.settings.key) == 1 else set()
    return {name: OTHERS_NUMBER if name in theirs else value for name, value in row.items()} if theirs else row


def _masked(rows: TableRows, row: Row, belonging: Belonging) -> Row:
    """Another person's entry: that there is one, and where and when, and nothing of what is in it.

    What it hangs on is told where that is the subject's, or no one's: the number of another person's row is theirs.
    """
    settings, leading = rows.settings, list(applying(rows.settings.references, row))
    theirs = {reference.column for reference in leading if belonging.may_hang_on_anothers(reference, row)}
    told = {*settings.key, *settings.where, settings.occurred_at, *(reference.column for reference in leading)}
    told -= {settings.author, *(identity.column for identity in settings.identities), *theirs}
    return {name: value if name in told or value in (None, "") else OTHERS_ENTRY for name, value in row.items()}


def _blobs(
    site: SqlSite, files: FileStore, refs: Sequence[RecordRef], known: Identifiers, names: Counter[str]
) -> Iterator[Part]:
    kind = refs[0].kind
    category = next((column.title for _, column in site.with_files(kind)), kind)
    with ReadConnection(site.database) as reading:
        pointing = Pointing(site, Belonging(site, known, reading), "extract")
        now = whereabouts(pointing, refs)
        by_path = pointing.by_path([each.path for each in now.values()])
        theirs = {path: pointing.is_subjects(pointers, others_too=_OTHERS_TOO) for path, pointers in by_path.items()}
    for ref in refs:
        path = now[ref].path
        pointers = by_path.get(path, [])
        if is_unreachable(path) or (pointers and not files.members(path)):
            yield Document(record=ref, category=category, content={"note": UNREACHABLE})
        elif not theirs.get(path, True):
            yield Document(record=ref, category=category, content={"note": _NOT_GIVEN})
        else:
            told = _metadata(_first(pointers, known), known)
            for member in files.members(path):
                for version in files.versions(path, member):
                    yield _of_file(files, ref, category, (member, version), told, names)


def _of_file(
    files: FileStore,
    ref: RecordRef,
    category: str,
    found: tuple[str, str],
    told: Mapping[str, str],
    names: Counter[str],
) -> Part:
    """A transcript that can be read as data, or a file as it is."""
    member, version = found
    if transcript := files.transcript(member, version):
        content = {**told, **transcript.content}
        return Document(record=ref, category=category, content=content, others=transcript.others)
    return Blob(
        record=ref,
        category=category,
        name=_name(ref.kind, member, told, names),
        media_type=media_type(member),
        open=partial(files.read, member, version),
        metadata={**told, **files.audio_facts(member, version)},
    )


def _first(pointers: Sequence[Pointer], known: Identifiers) -> Pointer | None:
    """The row that tells most about a file: the earliest, and one that names the subject before others."""

    def rank(pointer: Pointer) -> tuple[bool, datetime]:
        return not pointer.rows.named(pointer.row).matching(known), pointer.rows.occurred_at(pointer.row) or FAR_OFF

    return min(pointers, key=rank, default=None)


def _metadata(pointer: Pointer | None, known: Identifiers) -> dict[str, str]:
    if pointer is None:
        return {}
    rows, row = pointer.rows, pointer.row
    start, direction = rows.occurred_at(row), rows.named(row).direction(known)
    return {
        **({"start": start.isoformat()} if start else {}),
        **({"direction": direction} if direction else {}),
    }


def _name(kind: str, path: str, metadata: Mapping[str, str], names: Counter[str]) -> str:
    """A name from kind and start, never from the file's own, in which telephone numbers stand."""
    stem = f"{kind}-{metadata['start'][:19]}".replace(":", "").replace("T", "-") if "start" in metadata else kind
    names[stem] += 1
    number = f"-{names[stem]}" if names[stem] > 1 else ""
    return f"{stem}{number}{PurePosixPath(path).suffix.lower()}"


def withheld(table: TableSettings) -> tuple[Withheld, ...]:
    """Return what an extract may leave out of a table's rows."""
    found: list[Withheld] = []
    if table.hide:
        named = ", ".join(_in_words(table, field) for field in table.hide)
        count = "1 field" if len(table.hide) == 1 else f"{len(table.hide)} fields"
        found.append(Withheld(what=f"{count} of the {table.words}: {named}", reason=table.hide_reason))
    has_objects = any(len(identity.path) > 1 for identity in table.identities)
    if (table.references or table.parts or has_objects) and not table.disclose_others:
        reason = _OTHERS_WROTE if table.author else _OTHERS_PART
        found.append(Withheld(what=_others_entries(table), reason=reason, unit=ENTRY))
    if table.references:
        found.append(Withheld(what=_others_numbers(table), reason=_OTHERS_NUMBERS, unit="number"))
    return tuple(found)


def left_out(table: TableSettings, given: Row, shown: Mapping[str, object] | None = None) -> dict[str, int]:
    """Return how much of other people was left out of a row, by what :func:`withheld` calls it.

    Args:
        table: The table.
        given: The row as it is given.
        shown: The same as people see it, with the data inside its columns.
    """
    hidden = {field.column for field in table.hide if field.is_plain}
    told = [value for name, value in given.items() if name not in hidden]
    numbers = sum(value is OTHERS_NUMBER for value in told)
    found = {
        _others_entries(table): int(OTHERS_ENTRY in told or any(map(_has_others_entry, (shown or {}).values()))),
        _others_numbers(table): numbers,
    }
    return {what: count for what, count in found.items() if count}


def _has_others_entry(data: object) -> bool:
    inside = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return data is OTHERS_ENTRY or any(map(_has_others_entry, inside))


def _others_entries(table: TableSettings) -> str:
    return f"what {'other people wrote' if table.author else 'is of other people'} in the {table.words}"


def _others_numbers(table: TableSettings) -> str:
    return f"numbers of other people's records in the {table.words}"


def _in_words(table: TableSettings, field: FieldColumn) -> str:
    """A field as people read it within a sentence: by its label, else by its name without underscores."""
    label = table.labels.get(field.words, "")
    if label:
        return label[:1].lower() + label[1:] if label[1:2].islower() else label
    rows = [str(item) for value in field.where.values() for item in (value if isinstance(value, tuple) else (value,))]
    names = [field.path[-1]] if field.path else rows or [field.column]
    return ", ".join(name.replace("_", " ").strip() for name in names)
