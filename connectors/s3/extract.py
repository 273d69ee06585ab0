"""Copies for the person: recordings as streams with their facts, transcripts as documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from connectors.recordings import HEADER_SIZE, LARGEST_TRANSCRIPT, read_header, read_transcript
from connectors.s3.bucket import Bucket
from connectors.s3.errors import as_error
from connectors.s3.holdings import KeyHolding
from connectors.s3.objects import TRANSCRIPT, ObjectHead, Stored, Version, file_name, media_type, started_at
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

_HIDDEN = (
    "The store lists a recording and does not show it; grant the key s3:GetObjectVersion on every object, and the step "
    "is tried again."
)
_LEFT_OUT = "What else is stored under the same name is not known to be yours and is left out."
_CHUNK_SIZE = 256 * 1024
_ATTEMPTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class PartMaker:
    """Makes the parts of records.

    Args:
        bucket: Where they lie.
        zone: The time zone for instants.
        categories: The category by kind of record.
        channels: Who is on the left and on the right of a recording with two channels; empty if that is not known.
    """

    bucket: Bucket
    zone: ZoneInfo
    categories: Mapping[str, str]
    channels: Mapping[str, str]

    def parts(self, record: RecordRef, holding: KeyHolding) -> Iterator[Part]:
        """The part of one record; none where it is gone.

        Raises:
            Refused: Its content lies in an archive.
            Transient: The store lists it and does not show it.
        """
        if not holding.stored.versions:
            yield from self._only_a_name(record, holding.stored)
        for version in holding.own[record]:
            if not version.is_marker:
                yield self._part(record, holding, version)

    def _part(self, record: RecordRef, holding: KeyHolding, version: Version) -> Part:
        head = self.bucket.head(version)
        if head is None:
            raise Transient(_HIDDEN, system=self.bucket.system, operation=self.bucket.operation)
        if not head.is_readable:
            raise as_error("InvalidObjectState", self.bucket.system, self.bucket.operation)
        document = self._document(record, holding, version) if _may_be_document(record, version) else None
        return document or self._blob(record, holding, version, head)

    def _only_a_name(self, record: RecordRef, stored: Stored) -> Iterator[Document]:
        """The name under which a deletion is remembered, where nothing else is left."""
        if stored.entries:
            content = {
                "name": file_name(stored.key),
                "deleted_at": self._local(stored.entries[0].modified_at),
                "stored": "its name only",
            }
            yield Document(record=record, category=self.categories[record.kind], content=content)

    def _document(self, record: RecordRef, holding: KeyHolding, version: Version) -> Document | None:
        """A transcript as a document, or ``None`` where it is not JSON after all."""
        text = b"".join(self.bucket.read(version, chunk_size=_CHUNK_SIZE))
        if (read := read_transcript(text)) is None:
            return None
        content = read.content
        if about := self._ended(holding.stored, version) | _others(holding):
            content = {"version_in_the_store": {"stored_at": self._local(version.modified_at), **about}, **content}
        return Document(record=record, category=self.categories[record.kind], content=content, others=read.others)

    def _blob(self, record: RecordRef, holding: KeyHolding, version: Version, head: ObjectHead) -> Blob:
        ended = self._ended(holding.stored, version)
        return Blob(
            record=record,
            category=self.categories[record.kind],
            name=file_name(version.key, stored_at=version.modified_at.astimezone(self.zone) if ended else None),
            media_type=media_type(head.media_type, version.key),
            open=partial(_stream, self.bucket, version),
            metadata=self._metadata(holding, version, head) | ended,
        )

    def _metadata(self, holding: KeyHolding, version: Version, head: ObjectHead) -> dict[str, object]:
        facts: dict[str, object] = {"size_bytes": head.size, "stored_at": self._local(head.modified_at)}
        if start := started_at(version.key):
            facts["started_at"] = self._local(start)
        return facts | _others(holding) | self._sound(version, head)

    def _ended(self, stored: Stored, version: Version) -> dict[str, str]:
        """Return the time at which another version or a deletion replaced this version; empty for the current one."""
        newer = stored.entries[: stored.entries.index(version)]
        if version.is_latest or not newer:
            return {}
        return {"deleted_at" if newer[-1].is_marker else "replaced_at": self._local(newer[-1].modified_at)}

    def _local(self, instant: datetime) -> str:
        return instant.astimezone(self.zone).isoformat(timespec="seconds")

    def _sound(self, version: Version, head: ObjectHead) -> dict[str, object]:
        if media_type(head.media_type, version.key) != "audio/wav":
            return {}
        beginning = self.bucket.beginning(version, size=HEADER_SIZE)
        header = read_header(beginning, head.size)
        if header is None:
            return {}
        facts: dict[str, object] = {
            "channels": header.channels,
            "sample_rate_hz": header.sample_rate,
            "seconds": header.seconds,
        }
        return facts | dict(self.channels) if header.channels == 2 else facts


def _others(holding: KeyHolding) -> dict[str, str]:
    return {"left_out": _LEFT_OUT} if holding.has_others else {}


def _may_be_document(record: RecordRef, version: Version) -> bool:
    return record.kind == TRANSCRIPT and version.key.lower().endswith(".json") and version.size <= LARGEST_TRANSCRIPT


def _stream(bucket: Bucket, version: Version) -> Iterator[bytes]:
    """Read a version from its beginning, and resume a broken connection as long as each one makes progress."""
    done = 0
    for attempt in range(1, _ATTEMPTS + 1):
        before = done
        try:
            for chunk in bucket.read(version, offset=done, chunk_size=_CHUNK_SIZE):
                done += len(chunk)
                yield chunk
        except Transient:
            if attempt == _ATTEMPTS or done == before:
                raise
        else:
            return
