"""The kinds of record in a recording store, and what an erasure there leaves behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from connectors.s3.names import RECORDING, SCREEN_RECORDING, TRANSCRIPT
from connectors.s3.settings import Match, MatchByContact
from rightsflow.domain.connector import RecordKind
from rightsflow.domain.vocabulary.records import Method

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
