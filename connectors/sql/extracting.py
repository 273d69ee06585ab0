"""Giving the data: a document per row, and the bytes of the files that rows point at."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from connectors.sql.files import FileStore, is_outside, media_type
from connectors.sql.keys import plain_row
from connectors.sql.locating import rows_pointing_at
from connectors.sql.persons import masks
from connectors.sql.rows import Row, Site, TableRows, batches
from connectors.sql.times import FAR_OFF
from rightsflow.identifiers import Identifiers
from rightsflow.records import Blob, Document, Part, RecordRef

OUTSIDE = "The entry points outside the place where these files are kept, so a person has to look for it."


def extract(site: Site, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
    """Give rows as documents and files as blobs; what is gone by now is passed over.

    Args:
        site: The system.
        refs: What to give, of any kinds.
        known: The subject's identifiers.
    """
    site.check_kinds(refs)
    names: Counter[str] = Counter()
    for kind in dict.fromkeys(ref.kind for ref in refs):
        ours = [ref for ref in refs if ref.kind == kind]
        rows = site.of_kind(kind)
        for batch in batches(ours, site.settings.batch_size):
            if rows is not None:
                yield from _documents(rows, batch, known)
            elif site.files is not None:
                yield from _blobs(site, site.files, batch, known, names)


def _documents(rows: TableRows, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Document]:
    settings = rows.settings
    # The file itself is given; its name may be made of somebody else's number.
    leave_out = frozenset({*settings.hide, *({settings.file.column} if settings.file else ())})
    for ref, found in rows.with_keys(refs, "extract").items():
        for row in found:
            if rows.is_subjects(row, known):
                yield Document(
                    record=ref,
                    category=settings.words_for_category,
                    content=plain_row(row, leave_out),
                    others=masks(rows.named(row), known),
                )


def _blobs(
    site: Site, files: FileStore, refs: Sequence[RecordRef], known: Identifiers, names: Counter[str]
) -> Iterator[Part]:
    files.check()
    kind = refs[0].kind
    category = next((column.title for _, column in site.with_files(kind)), kind)
    pointing = _pointing(site, refs, known)
    for ref in refs:
        if is_outside(ref.ref):
            yield Document(record=ref, category=category, content={"note": OUTSIDE})
        elif files.exists(ref.ref):
            metadata = _metadata(pointing.get(ref.ref), known) | files.audio_facts(ref.ref)
            yield Blob(
                record=ref,
                category=category,
                name=_name(kind, ref.ref, metadata, names),
                media_type=media_type(ref.ref),
                open=partial(files.read, ref.ref),
                metadata=metadata,
            )


def _pointing(site: Site, refs: Sequence[RecordRef], known: Identifiers) -> dict[str, tuple[TableRows, Row]]:
    """For each file the row that tells most about it: the earliest, and one that names the subject before others."""
    pointing: defaultdict[str, list[tuple[TableRows, Row]]] = defaultdict(list)
    for rows, column in site.with_files(refs[0].kind):
        for path, row in rows_pointing_at(site, rows, column, [ref.ref for ref in refs], "extract"):
            pointing[path].append((rows, row))

    def rank(one: tuple[TableRows, Row]) -> tuple[bool, datetime]:
        rows, row = one
        return not rows.named(row).matching(known), rows.occurred_at(row) or FAR_OFF

    return {path: min(rows, key=rank) for path, rows in pointing.items()}


def _metadata(pointing: tuple[TableRows, Row] | None, known: Identifiers) -> dict[str, Any]:
    if pointing is None:
        return {}
    rows, row = pointing
    start, direction = rows.occurred_at(row), rows.named(row).direction(known)
    return {
        **({"start": start.isoformat()} if start else {}),
        **({"direction": direction} if direction else {}),
    }


def _name(kind: str, path: str, metadata: dict[str, Any], names: Counter[str]) -> str:
    """A name from kind and start, never from the file's own, in which telephone numbers stand."""
    stem = f"{kind}-{metadata['start'][:19]}".replace(":", "").replace("T", "-") if "start" in metadata else kind
    names[stem] += 1
    number = f"-{names[stem]}" if names[stem] > 1 else ""
    return f"{stem}{number}{PurePosixPath(path).suffix.lower()}"
