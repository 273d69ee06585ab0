"""Restriction: a tag on every version says that it is stored and used for nothing else (Art. 18 GDPR).

That no one reads it is done by a policy of the bucket or of the users, with the condition ``s3:ExistingObjectTag``. A
second tag names the case, where there is room for it, so that a mark that a restored back-up brings back is told from
one that a colleague put.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from connectors.s3.bucket import Bucket
from connectors.s3.holdings import Holdings
from connectors.s3.objects import NULL, Version, name_of
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.vocabulary.records import (
    ANOTHER_CASES,
    MarkSeen,
    MarkState,
    Method,
    Outcome,
    OutcomeKind,
    RecordRef,
    settled_together,
)
from rightsflow.domain.vocabulary.states import is_case_id

_GONE = "It is not there any more."
_NO_ROOM = "The object has ten tags already, which is the most that the store allows, so that it cannot be marked."
_MOST_TAGS = 10
_REPLACED: Final = "A recording was replaced while it was to be marked; it is tried again."
_UNTAGGED: Final = (
    "A recording was replaced at the moment in which it was marked, and the tags of what was stored there are lost; "
    "look at the objects stored in this minute, and try again."
)
_VALUE = "yes"
_CASE: Final = "-case"
_LONGEST_KEY: Final = 128


def mark(
    holdings: Holdings, tag: str, refs: Sequence[RecordRef], method: Method, case_id: str = ""
) -> Iterator[Outcome]:
    """Tag the versions of records, or take the tag away unless it names another case; one outcome per record.

    Args:
        holdings: Looks the records up.
        tag: The tag's key.
        refs: The records.
        method: ``RESTRICT`` or ``LIFT``.
        case_id: The case in whose name that is done; empty where none is named.
    """
    for holding in holdings.look_up(refs):
        outcomes = [
            _outcome(holdings, _Mark(tag, case_id), ref, [entry for entry in entries if not entry.is_marker], method)
            for ref, entries in holding.own.items()
        ]
        yield from settled_together(outcomes)


def marks(holdings: Holdings, tag: str, refs: Sequence[RecordRef]) -> Iterator[MarkSeen]:
    """Tell whether the versions of restricted records have the tag; one answer per record.

    Args:
        holdings: Looks the records up; what was written in the place of one since, and is another recording, is none.
        tag: The tag's key.
        refs: The records.
    """
    for holding in holdings.look_up(refs):
        for ref, entries in holding.own.items():
            versions = [entry for entry in entries if not entry.is_marker]
            read = [holdings.bucket.tags(version) for version in versions]
            tags = [version for version in read if version is not None]
            named = {_case_in(item, tag) for item in tags}
            now = RecordRef(ref.system, ref.kind, name_of(versions[0])) if len(versions) == 1 else None
            yield MarkSeen(
                record=ref,
                state=_state({item.get(tag) == _VALUE for item in tags}),
                now=now if now != ref else None,
                case_id=named.pop() if len(named) == 1 else "",
            )


def _state(are_marked: Collection[bool]) -> MarkState:
    if not are_marked:
        return MarkState.GONE
    return MarkState.MARKED if all(are_marked) else MarkState.UNMARKED


@dataclass(frozen=True, slots=True)
class _Mark:
    """A mark in the name of a case, or of none."""

    tag: str
    case_id: str

    def put_on(self, tags: Mapping[str, str]) -> dict[str, str]:
        """Tags with it; without the case's name where there is room for one tag alone."""
        wanted = self.taken_from(tags) | {self.tag: _VALUE}
        signed = wanted | {_case_tag(self.tag): self.case_id}
        return signed if self.case_id and len(signed) <= _MOST_TAGS else wanted

    def taken_from(self, tags: Mapping[str, str]) -> dict[str, str]:
        """Tags without it."""
        return {key: value for key, value in tags.items() if key not in {self.tag, _case_tag(self.tag)}}

    def is_anothers(self, tags: Mapping[str, str]) -> bool:
        """Return whether the mark in some tags names another case."""
        return bool(self.case_id) and _case_in(tags, self.tag) not in {"", self.case_id}


def _case_tag(tag: str) -> str:
    """The key of the tag that names the case."""
    return f"{tag[: _LONGEST_KEY - len(_CASE)]}{_CASE}"


def _case_in(tags: Mapping[str, str], tag: str) -> str:
    """The case that the tags of a version name beside the mark; empty where none does."""
    named = tags.get(_case_tag(tag), "")
    return named if is_case_id(named) else ""


def _outcome(holdings: Holdings, its: _Mark, ref: RecordRef, versions: Sequence[Version], method: Method) -> Outcome:
    restricts, there, others = method is Method.RESTRICT, 0, 0
    for version in versions:
        tags = holdings.bucket.tags(version)
        if tags is None:
            continue
        there += 1
        if not restricts and its.is_anothers(tags):
            others += 1
            continue
        wanted = its.put_on(tags) if restricts else its.taken_from(tags)
        if len(wanted) > _MOST_TAGS:
            return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_NO_ROOM, refused=True)
        if wanted != tags:
            _set_tags(holdings.bucket, version, wanted)
    if not there:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    done = OutcomeKind.RESTRICTED if restricts else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, reason=ANOTHER_CASES if others else "")


def _set_tags(bucket: Bucket, version: Version, wanted: Mapping[str, str]) -> None:
    """Tag a version; not another person's that is stored in the place of one which can be replaced.

    The store knows no condition for tags: it is looked before and after.

    Raises:
        Transient: It was replaced before anything was written.
        Permanent: It was replaced at the very moment, and what was stored has lost its tags.
    """
    is_replaceable = version.version_id == NULL
    if is_replaceable and _replacing(bucket, version):
        raise Transient(_REPLACED, system=bucket.system, operation=bucket.operation)
    bucket.set_tags(version, wanted)
    for other in _replacing(bucket, version) if is_replaceable else ():
        if bucket.tags(other) == wanted:
            # They would say that it is the subject's.
            bucket.set_tags(other, {})
            raise Permanent(_UNTAGGED, system=bucket.system, operation=bucket.operation)


def _replacing(bucket: Bucket, version: Version) -> list[Version]:
    """Return the other versions in the place of a version."""
    stored = bucket.exact(version.key).versions
    here = [item for item in stored if item.version_id == version.version_id]
    return [item for item in here if (item.etag, item.modified_at) != (version.etag, version.modified_at)]
