"""The kinds of record in a recording store, their documents' classes, and what erasures and searches leave out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from connectors.s3.bucket import Bucket
from connectors.s3.objects import RECORDING, SCREEN_RECORDING, TRANSCRIPT, Version
from connectors.s3.settings import (
    DocumentRule,
    KeyTemplate,
    Match,
    MatchByContact,
    MatchByKey,
    MatchByMetadata,
    MatchByTags,
)
from rightsflow.domain.connector import RecordKind
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings.fields import CANNOT_FIND
from rightsflow.domain.vocabulary.records import DocumentClass, Method

_RESIDUE = "Replicas and backups of the bucket and access logs with the object's name stay until their own period ends."
_AS_RECORDED = "An object is what was recorded or written down then, and is not altered."
_CONTACT_STEP = (
    "After the recordings are gone, call DeleteContactData for the contact in Amazon Connect, overwrite its "
    "attributes, and delete its attachments and e-mail bodies."
)

CATEGORIES: Mapping[str, str] = {
    RECORDING: "call recordings",
    TRANSCRIPT: "call transcripts",
    SCREEN_RECORDING: "screen recordings",
}
"""The category of each kind, in the words of the record of processing."""

CHANNELS: Mapping[str, Mapping[str, str]] = {
    "metadata": {},
    "tags": {},
    "key": {},
    # Amazon Connect administrator guide, "Set up recording behavior".
    "contact": {"left_channel": "the customer and everybody conferenced in", "right_channel": "the agent"},
}
"""The speakers on the two channels of a recording, by the way of matching."""


def kinds_for(match: Match, *, restricts: bool = False, mutes: bool = False) -> tuple[RecordKind, ...]:
    """The kinds in the order of erasure: a transcript is found beside its recording, which therefore goes last.

    Args:
        match: How objects are found.
        restricts: Whether versions can be tagged as restricted.
        mutes: Whether seconds of recordings are marked by a tag, to be muted.
    """
    calls = {Method.ERASE: "DeleteObjects of every version and delete marker, up to 1,000 at once"}
    if restricts:
        calls[Method.RESTRICT] = "PutObjectTagging of every version"
    kinds = [
        RecordKind(
            name=name,
            title=CATEGORIES[name],
            methods=frozenset(_calls(name, calls, mutes=mutes)),
            residue=_RESIDUE,
            calls=_calls(name, calls, mutes=mutes),
            fixed=_AS_RECORDED,
        )
        for name in (TRANSCRIPT, SCREEN_RECORDING, RECORDING)
    ]
    if isinstance(match, MatchByContact):
        kinds[-1] = replace(kinds[-1], manual_step=_CONTACT_STEP)
    return tuple(kinds)


def _calls(name: str, calls: Mapping[Method, str], *, mutes: bool) -> dict[Method, str]:
    muting = {Method.MUTE: _MUTING} if mutes and name == RECORDING else {}
    return {**calls, **muting}


_MUTING = "PutObject of the muted recording, then DeleteObjects of the unmuted version"


def cannot_find(match: Match) -> tuple[str, ...]:
    """A sentence for each."""
    if isinstance(match, MatchByContact):
        return tuple(_of_contacts(match))
    if isinstance(match, MatchByKey):
        return (*_of_keys(match), *_spellings(KeyTemplate(match.template).kinds))
    return (*_of_attributes(match), *_spellings(match.keys.values()))


def _of_attributes(match: MatchByMetadata | MatchByTags) -> Iterator[str]:
    if match.companions:
        yield "Objects that carry nothing under the keys of the settings, with no object beside them that does."
        yield "Objects that name no person, such as transcripts, beside recordings of several people."
    else:
        yield "Objects that carry nothing under the keys of the settings."


def _of_keys(match: MatchByKey) -> Iterator[str]:
    yield f"Objects whose keys do not have the form {match.template}."
    if IdentifierKind.PHONE in KeyTemplate(match.template).kinds:
        yield "Phone numbers in a key with blanks or hyphens in them, or in other digits than 0 to 9."


def _of_contacts(match: MatchByContact) -> Iterator[str]:
    yield "Recordings of contacts whose ids no other system names, since no phone number is stored here."
    yield "Attachments, e-mail bodies and other objects whose names do not begin with a contact id."
    if match.since:
        yield f"Objects in folders of days before {match.since.isoformat()}."


def _spellings(kinds: Iterable[IdentifierKind]) -> list[str]:
    return [CANNOT_FIND[kind] for kind in sorted(set(kinds)) if kind in CANNOT_FIND]


def document_class(bucket: Bucket, version: Version, rules: tuple[DocumentRule, ...]) -> DocumentClass | None:
    """Return the class of the first matching rule; ``None`` if no rule matches.

    Metadata and tags are read where a rule needs them only. A delete marker has neither.
    """
    read = _Reading(bucket, version)
    return next((rule.document_class for rule in rules if _fits(read, rule)), None)


@dataclass
class _Reading:
    """A version with lazily read metadata and tags."""

    bucket: Bucket
    version: Version

    @cached_property
    def metadata(self) -> Mapping[str, str]:
        if self.version.is_marker:
            return {}
        head = self.bucket.head(self.version)
        return {name.casefold(): value for name, value in head.metadata.items()} if head else {}

    @cached_property
    def tags(self) -> Mapping[str, str]:
        return {} if self.version.is_marker else self.bucket.tags(self.version) or {}


def _fits(read: _Reading, rule: DocumentRule) -> bool:
    if not read.version.key.startswith(rule.prefix):
        return False
    if rule.metadata:
        return read.metadata.get(rule.metadata.casefold()) == rule.value
    return not rule.tag or read.tags.get(rule.tag) == rule.value
