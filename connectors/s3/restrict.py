"""Restriction: a tag on every version says that it is stored and used for nothing else (Art. 18 GDPR).

That no one reads it is done by a policy of the bucket or of the users, with the condition ``s3:ExistingObjectTag``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from connectors.s3.holdings import Holdings
from connectors.s3.objects import Version
from connectors.s3.refs import name_of
from rightsflow.domain.records import MarkSeen, MarkState, Method, Outcome, OutcomeKind, RecordRef, settled_together

RESTRICT = "restrict"
"""The operation's name in errors."""
_GONE = "It is not there any more."
_NO_ROOM = "The object has ten tags already, which is the most that the store allows, so that it cannot be marked."
_MOST_TAGS = 10
_VALUE = "yes"


def mark(holdings: Holdings, tag: str, refs: Sequence[RecordRef], method: Method) -> Iterator[Outcome]:
    """Tag the versions of records, or take the tag away; one outcome per record.

    Args:
        holdings: Looks the records up.
        tag: The tag's key.
        refs: The records.
        method: ``RESTRICT`` or ``LIFT``.
    """
    for holding in holdings.look_up(refs):
        outcomes = [
            _outcome(holdings, tag, ref, [one for one in entries if not one.is_marker], method)
            for ref, entries in holding.own.items()
        ]
        yield from settled_together(outcomes)


def marks(holdings: Holdings, tag: str, refs: Sequence[RecordRef]) -> Iterator[MarkSeen]:
    """Whether the versions of restricted records bear the tag; one answer per record.

    Args:
        holdings: Looks the records up; what was written in the place of one since, and is another recording, is none.
        tag: The tag's key.
        refs: The records.
    """
    for holding in holdings.look_up(refs):
        for ref, entries in holding.own.items():
            versions = [one for one in entries if not one.is_marker]
            tags = [holdings.bucket.tags(one, operation=RESTRICT) for one in versions]
            state = _state({one.get(tag) == _VALUE for one in tags if one is not None})
            now = RecordRef(ref.system, ref.kind, name_of(versions[0])) if len(versions) == 1 else None
            yield MarkSeen(record=ref, state=state, now=now if now != ref else None)


def _state(are_marked: Collection[bool]) -> MarkState:
    if not are_marked:
        return MarkState.GONE
    return MarkState.MARKED if all(are_marked) else MarkState.UNMARKED


def _outcome(holdings: Holdings, tag: str, ref: RecordRef, versions: Sequence[Version], method: Method) -> Outcome:
    restricts, there = method is Method.RESTRICT, 0
    for version in versions:
        tags = holdings.bucket.tags(version, operation=RESTRICT)
        if tags is None:
            continue
        wanted = {key: value for key, value in tags.items() if key != tag} | ({tag: _VALUE} if restricts else {})
        if len(wanted) > _MOST_TAGS:
            return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_NO_ROOM, refused=True)
        if wanted != tags:
            holdings.bucket.set_tags(version, wanted, operation=RESTRICT)
        there += 1
    if not there:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    return Outcome(record=ref, kind=OutcomeKind.RESTRICTED if restricts else OutcomeKind.RETAINED)
