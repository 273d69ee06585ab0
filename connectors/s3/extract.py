"""Copies for the person: recordings as streams with their facts, transcripts as documents.

The standard library's ``wave`` reads plain PCM only; telephone systems write A-law and µ-law too. Format: RIFF,
Microsoft/IBM "Multimedia Programming Interface and Data Specifications 1.0", chapter 3.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from connectors.s3.bucket import Bucket
from connectors.s3.errors import as_error
from connectors.s3.holdings import KeyHolding
from connectors.s3.objects import TRANSCRIPT, ObjectHead, Stored, Version, file_name, media_type, started_at
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

HEADER_SIZE = 4096
"""Bytes to read: the chunks before the sound seldom take more."""

_FORMAT = struct.Struct("<HHIIHH")
# Recorders that do not know the length yet write this.
_UNKNOWN_SIZE = 0xFFFFFFFF
_HIDDEN = (
    "The store lists a recording and does not show it; grant the key s3:GetObjectVersion on every object, and the step "
    "is tried again."
)
_LEFT_OUT = "What else is stored under the same name is not known to be yours and is left out."
_CHUNK_SIZE = 256 * 1024
_ATTEMPTS = 3
# A transcript is taken whole, since the redaction has to see whole sentences; a bigger file is given as it is.
_LARGEST_DOCUMENT = 16 * 1024 * 1024
# Addresses and numbers of the controller's own cloud account in Contact Lens files; they are no person's personal data.
_OURS = frozenset({"InputS3Uri", "AccountId", "InstanceId", "ParticipantId"})


@dataclass(frozen=True, slots=True, kw_only=True)
class WavHeader:
    """The content of a header.

    Args:
        channels: 1, or 2 where the parties were recorded apart (or a mix was written twice).
        sample_rate: In hertz.
        seconds: The length.
    """

    channels: int
    sample_rate: int
    seconds: float


def read_header(beginning: bytes, size: int) -> WavHeader | None:
    """Read the header, or ``None`` where it is none.

    Args:
        beginning: The file's first bytes.
        size: The size of the whole file in bytes, which bounds what the header claims.
    """
    if beginning[:4] != b"RIFF" or beginning[8:12] != b"WAVE":
        return None
    offset, form = 12, None
    while offset + 8 <= len(beginning):
        name, length = struct.unpack_from("<4sI", beginning, offset)
        offset += 8
        if name == b"fmt " and offset + _FORMAT.size <= len(beginning):
            form = _FORMAT.unpack_from(beginning, offset)
        elif name == b"data":
            return _header(form, min(length, size - offset) if length != _UNKNOWN_SIZE else size - offset)
        offset += length + length % 2  # chunks are padded to an even length
    return None


def _header(form: tuple[int, ...] | None, sound: int) -> WavHeader | None:
    if form is None or not form[1] or not form[3]:
        return None
    _, channels, sample_rate, bytes_per_second, _, _ = form
    return WavHeader(channels=channels, sample_rate=sample_rate, seconds=round(sound / bytes_per_second, 3))


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
        try:
            content = json.loads(text, parse_constant=str)
        except ValueError:
            return None
        others = frozenset(_other_speakers(content))
        content = _without_ours(content)
        if not isinstance(content, dict):
            content = {"transcript": content}
        if about := self._ended(holding.stored, version) | _others(holding):
            content = {"version_in_the_store": {"stored_at": self._local(version.modified_at), **about}, **content}
        return Document(record=record, category=self.categories[record.kind], content=content, others=others)

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
    return record.kind == TRANSCRIPT and version.key.lower().endswith(".json") and version.size <= _LARGEST_DOCUMENT


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


def _other_speakers(content: object) -> Iterator[str]:
    """Return the display names of all people in a chat transcript other than the customer."""
    if isinstance(content, list):
        for item in content:
            yield from _other_speakers(item)
    elif isinstance(content, dict):
        name = content.get("DisplayName")
        if isinstance(name, str) and name.strip() and content.get("ParticipantRole") != "CUSTOMER":
            yield name.strip()
        for value in content.values():
            yield from _other_speakers(value)


def _without_ours(content: object) -> object:
    if isinstance(content, list):
        return [_without_ours(item) for item in content]
    if isinstance(content, dict):
        return {key: _without_ours(value) for key, value in content.items() if not _is_ours(key, value)}
    return content


def _is_ours(key: str, value: object) -> bool:
    # The participants of a call are named by their role; those of a chat by an id of Amazon's.
    return key in _OURS and not (key == "ParticipantId" and value in {"CUSTOMER", "AGENT"})
