"""Muting: what a tag marks as a card's security number is silenced in the store itself, for good.

An object cannot be changed: the muted recording is stored over it with all that it had, read afresh and compared, and
only then is the unmuted version removed. A tag of the muted one says which version it stands for, so that the record
keeps its name. What is anybody else's, or locked, is not touched.
"""

from __future__ import annotations

import hashlib
import io
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from connectors.s3.bucket import Bucket
from connectors.s3.errors import translated
from connectors.s3.holdings import MUTED_TAG, Holdings, KeyHolding, mark_of
from connectors.s3.objects import NULL, Version
from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.disclosure.recordings import muted, read_wave, refuse_interval
from rightsflow.domain.erasure.partial_erasure import CANNOT, HELD, NOT_MUTED, read_intervals
from rightsflow.domain.errors import BadInput, Transient
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

_BUFFER = 1 << 20
_KEPT_HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Metadata",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "StorageClass",
)
log = logging.getLogger(__name__)

_CHUNK: Final = 1 << 20
_GONE: Final = "It is not there any more."
_OLDER: Final = (
    "It was an older state of a recording in which a card's security number was recorded; it is gone for good, and the "
    "newer one is kept."
)
_OTHERS_OVER_IT: Final = (
    f"{NOT_MUTED} another recording is stored under the same name, so that a person has to do that by hand."
)
_UNREADABLE: Final = f"{NOT_MUTED} its seconds are not marked in a readable way; a person has to do that by hand."
_NO_PLAIN_WAV: Final = (
    f"{NOT_MUTED} it is no WAV file with plain samples that reaches there; a person has to do that by hand."
)


class Sent(io.RawIOBase):
    """A stream as the file that boto3 reads; its digest is known once it was read to its end."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._left = b""
        self._digest = hashlib.sha256()

    @property
    def sha256(self) -> str:
        """The SHA-256 of the bytes read so far, in hexadecimal."""
        return self._digest.hexdigest()

    def readable(self) -> bool:
        """Return true: the stream is readable."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read the next bytes; none at the end."""
        view = memoryview(buffer)
        while not self._left and (chunk := next(self._chunks, b"")):
            self._left = chunk
        taken, self._left = self._left[: len(view)], self._left[len(view) :]
        self._digest.update(taken)
        view[: len(taken)] = taken
        return len(taken)


def put(bucket: Bucket, version: Version, content: Sent, tags: Mapping[str, str]) -> Version:
    """Store content over a version's key with its metadata and other tags; return the stored version.

    Args:
        bucket: The bucket.
        version: The version whose key and metadata are taken.
        content: What is stored.
        tags: The tags.

    Raises:
        Transient: What was stored cannot be told from what another one stored meanwhile.
    """
    before = {(item.version_id, item.etag) for item in bucket.exact(version.key).versions}
    with translated(bucket.system, bucket.operation):
        head = bucket.client.head_object(Bucket=bucket.name, Key=version.key, VersionId=version.version_id)
        more = {**_kept(head), "Tagging": urlencode(tags)}
        bucket.client.upload_fileobj(io.BufferedReader(content, _BUFFER), bucket.name, version.key, ExtraArgs=more)
    after = bucket.exact(version.key).versions
    new = [item for item in after if (item.version_id, item.etag) not in before]
    found = [item for item in new if (bucket.tags(item) or {}) == dict(tags)]
    if len(found) != 1:
        raise Transient("What was stored cannot be found again; it is tried again.", system=bucket.system)
    return found[0]


def _kept(head: HeadObjectOutputTypeDef) -> dict[str, object]:
    known: Mapping[str, object] = dict(head)
    return {name: known[name] for name in _KEPT_HEADERS if known.get(name)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Muter:
    """Mutes recordings.

    Args:
        bucket: Where they lie.
        holdings: Looks them up.
        tag: The tag that marks the seconds.
        zone: The time zone in which a lock's last day is counted.
        now: The instant against which a retention has ended or not.
    """

    bucket: Bucket
    holdings: Holdings
    tag: str
    zone: ZoneInfo
    now: datetime

    def mute(self, records: Sequence[RecordRef]) -> Iterator[Outcome]:
        """Mute records one by one; one outcome each.

        Raises:
            Transient: The store did not do it now, or a recording was replaced meanwhile.
        """
        for holding in self.holdings.look_up(records):
            for record in sorted(holding.own, key=lambda item: _newest(holding.own[item]), reverse=True):
                yield self._one(record, self.holdings.again(holding))

    def _one(self, record: RecordRef, holding: KeyHolding) -> Outcome:
        entries = [item for item in holding.own[record] if not item.is_marker]
        stands_in = {entry: self._stands_in_for(entry) for entry in entries}
        originals = [item for item, mark in stands_in.items() if not mark]
        if len(originals) > 1:
            return _refused(record, CANNOT)
        done = [item for item, mark in stands_in.items() if mark]
        if not originals:
            return self._muted_before(record, done)
        if kept := self._kept(record, originals[0]):
            return kept
        made = _Recording.of(self, originals[0])
        if isinstance(made, str):
            return _refused(record, made)
        if done:
            return self._finish(record, made, done[0], made.sha256)
        return self._begin(record, made, holding)

    def _begin(self, record: RecordRef, made: _Recording, holding: KeyHolding) -> Outcome:
        newer = self._newer(made.version, holding)
        if newer is not None and newer in self._subjects(holding) and made.is_in(newer):
            self._remove(made.version)
            return Outcome(record=record, kind=OutcomeKind.ERASED, reason=_OLDER)
        if newer is not None or self._is_place_taken(made.version, holding):
            return _refused(record, _OTHERS_OVER_IT)
        sent = Sent(made.read())
        stored = put(self.bucket, made.version, sent, made.tags)
        self._hide_again(holding)
        return self._finish(record, made, stored, sent.sha256)

    def _stands_in_for(self, version: Version) -> str:
        return (self.bucket.tags(version) or {}).get(MUTED_TAG, "")

    def _muted_before(self, record: RecordRef, done: Sequence[Version]) -> Outcome:
        """Return the outcome of a record that an interrupted run, or another case of the person, had muted already."""
        if not done:
            return Outcome(record=record, kind=OutcomeKind.NOT_HELD, reason=_GONE)
        return Outcome(record=record, kind=OutcomeKind.RETAINED, sha256=self._digest(done[0]))

    def _kept(self, record: RecordRef, version: Version) -> Outcome | None:
        """Return the refusal of a version that Object Lock or a hold protects."""
        if not self.bucket.locks_objects:
            return None
        lock = self.bucket.lock(version)
        if not lock.holds_at(self.now):
            return None
        until = lock.until.astimezone(self.zone).date() if lock.until and not lock.held else None
        return _refused(record, HELD, until=until)

    def _newer(self, version: Version, holding: KeyHolding) -> Version | None:
        """Return the newest of the other versions, if a version stored now would hide it."""
        others = [item for item in holding.stored.versions if item != version]
        return others[0] if others and others[0].modified_at >= version.modified_at else None

    def _is_place_taken(self, version: Version, holding: KeyHolding) -> bool:
        """Return whether storing would replace another version, which it does while versions are suspended."""
        is_there = any(item.version_id == NULL for item in holding.stored.versions if item != version)
        return is_there and not self.bucket.keeps_versions

    def _subjects(self, holding: KeyHolding) -> frozenset[Version]:
        return self.holdings.finder.mine(self.bucket, holding.stored, self.holdings.known)

    def _finish(self, record: RecordRef, made: _Recording, stored: Version, expected: str) -> Outcome:
        """Compare the stored recording with the intended one, and remove the unmuted version."""
        in_place = stored.version_id == made.version.version_id
        if (digest := self._digest(stored)) != expected:
            if not in_place:
                self.bucket.delete([stored])
            raise Transient(
                "What was stored of a muted recording is not what was sent; it is tried again.",
                system=self.bucket.system,
                operation=self.bucket.operation,
            )
        if not in_place:
            self._remove(made.version)
        log.info("s3 muted system=%s intervals=%d", self.bucket.system, len(made.intervals))
        return Outcome(record=record, kind=OutcomeKind.RETAINED, sha256=digest)

    def _hide_again(self, holding: KeyHolding) -> None:
        """Hide an object again that a person had deleted, in spite of the version stored over it."""
        newest = holding.stored.entries[0]
        if newest.is_marker and not self.bucket.exact(newest.key).entries[0].is_marker:
            self.bucket.cover(newest.key)

    def _digest(self, version: Version) -> str:
        return _sha256(self.bucket.read(version, chunk_size=_CHUNK))

    def _remove(self, version: Version) -> None:
        """Remove the unmuted version for good, and see by a fresh listing that it is gone.

        Raises:
            Transient: It is still there.
        """
        refusals = self.bucket.delete([version]).refusals
        left = self.bucket.exact(version.key).versions
        if refusals or any((item.version_id, item.etag) == (version.version_id, version.etag) for item in left):
            raise Transient(
                "The store did not let the unmuted recording go; it is tried again.",
                system=self.bucket.system,
                operation=self.bucket.operation,
            )


@dataclass(frozen=True, slots=True)
class _Recording:
    """A recording, its passages to be silenced, and the tags of the muted version."""

    muter: Muter
    version: Version
    intervals: Sequence[Interval]
    tags: Mapping[str, str]

    @classmethod
    def of(cls, muter: Muter, version: Version) -> _Recording | str:
        """The recording, or why it cannot be muted."""
        tags = muter.bucket.tags(version) or {}
        try:
            intervals = read_intervals(tags.get(muter.tag, ""))
        except BadInput:
            return _UNREADABLE
        try:
            wave = read_wave(muter.bucket.read(version, chunk_size=4096))
            for interval in intervals:
                refuse_interval(interval, wave, version.size)
        except BadInput:
            return _NO_PLAIN_WAV
        kept = {key: value for key, value in tags.items() if key != muter.tag}
        return cls(muter, version, intervals, kept | {MUTED_TAG: mark_of(version)})

    def read(self) -> Iterator[bytes]:
        """The muted recording."""
        return self._muted(self.version)

    @property
    def sha256(self) -> str:
        """The SHA-256 of the muted recording."""
        return _sha256(self.read())

    def is_in(self, other: Version) -> bool:
        """Return whether another version has the whole recording except the passages to be silenced."""
        if other.size != self.version.size:
            return False
        try:
            return _sha256(self._muted(other)) == self.sha256
        except BadInput:
            return False

    def _muted(self, version: Version) -> Iterator[bytes]:
        return muted(self.muter.bucket.read(version, chunk_size=_CHUNK), self.intervals)


def _sha256(chunks: Iterable[bytes]) -> str:
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def _newest(entries: Sequence[Version]) -> datetime:
    return max((entry.modified_at for entry in entries), default=datetime.min.replace(tzinfo=UTC))


def _refused(record: RecordRef, reason: str, *, until: date | None = None) -> Outcome:
    return Outcome(record=record, kind=OutcomeKind.RETAINED, reason=reason, until=until, refused=True)
