"""Giving the data of a person's records; of shared ones, the person's own entries and those of employees."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import urljoin

from connectors.rest.calls import File
from connectors.rest.client import Row
from connectors.rest.paths import address, value_at, values_at, without
from connectors.rest.records import RestEntry, RestRecord, RestSession
from rightsflow.domain.connector import Withheld
from rightsflow.domain.ownership import Standing
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

OTHERS_ENTRIES: Final = Withheld(
    what="entries by other people", reason="What other people wrote is their data.", unit="entry"
)


def extract(session: RestSession, refs: Sequence[RecordRef]) -> Iterator[Part]:
    """Yield the documents and files of records; one that is gone, in the trash or another's is skipped."""
    for ref in refs:
        record = session.read(ref)
        if record is not None and not record.is_trashed and session.standing(record) is not Standing.OTHER:
            entries = session.entries(record)
            foreign = [entry for entry in entries if entry.is_of_another(session.known | record.names)]
            given = [entry for entry in entries if entry not in foreign]
            yield _document(session, record, given, foreign)
            yield from _files(session, record, record.kind.files, record.row, session.given(record.ref))
            for entry in given:
                places = session.given(record.ref) | {"entry": entry.id}
                files = record.kind.entries.files if record.kind.entries else ()
                yield from _files(session, record, files, entry.row, places)


def _document(session: RestSession, record: RestRecord, given: list[RestEntry], foreign: list[RestEntry]) -> Document:
    kind = record.kind
    inside = [parent.inside for name, parent in session.below[record.ref.kind] if parent.inside]
    content = without(record.row, [*kind.without, *inside, *_entries_at(record), *_addresses(kind.files)])
    if kind.entries:
        content["entries"] = [without(entry.row, [*kind.without, *_addresses(kind.entries.files)]) for entry in given]
    others = {str(value) for path in kind.others for value in values_at(record.row, path)}
    others |= {item.value for entry in foreign for item in entry.names} | {item.value for item in record.beside}
    return Document(
        record=record.ref,
        category=kind.category or kind.title,
        content=content,
        others=frozenset(others - {item.value for item in session.known | record.names}),
        withheld={OTHERS_ENTRIES.what: len(foreign)} if foreign else {},
    )


def _entries_at(record: RestRecord) -> list[str]:
    """Return where the entries stand in the record itself, which are given one by one."""
    entries = record.kind.entries
    return [entries.inside] if entries and entries.inside else []


def _addresses(files: Sequence[File]) -> list[str]:
    """Return where the addresses of files stand, which are no data of the person."""
    return [f"{file.each}[*].{file.address}" if file.each else file.address for file in files if not file.get]


def _files(
    session: RestSession, record: RestRecord, files: Sequence[File], row: Row, places: Mapping[str, object]
) -> Iterator[Blob]:
    for file in files:
        for entry in values_at(row, f"{file.each}[*]") if file.each else [row]:
            where = value_at(entry, file.address) if file.address else record.id
            if where is not None:
                yield _blob(session, record, file, entry, _url(session, file, places, str(where)))


def _url(session: RestSession, file: File, places: Mapping[str, object], where: str) -> str:
    base = session.api.http.base_url
    if file.get:
        return base + address(file.get, {**places, "file": where})
    return urljoin(base, where) if where.startswith("/") else where


def _blob(session: RestSession, record: RestRecord, file: File, entry: Row, url: str) -> Blob:
    kind, name = str(_at(entry, file.type) or file.media_type), str(_at(entry, file.name) or "")
    return Blob(
        record=record.ref,
        category=record.kind.category or record.kind.title,
        name=PurePosixPath(name).name or f"{record.ref.kind}-{record.id}",
        media_type=kind if "/" in kind else file.media_type,
        open=partial(session.api.http.stream, session.api.operation, url),
    )


def _at(entry: Row, path: str) -> Any:
    return value_at(entry, path) if path else None
