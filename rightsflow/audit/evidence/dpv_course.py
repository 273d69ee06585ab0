"""The course of a case as the activities that the Data Privacy Vocabulary records of a right's exercise.

What happened inside the house (alerts, handovers, reveals, exports) changes no status and is no activity of these; the
names of those who acted are left to the certificate.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Final

from rightsflow.audit.evidence.dpv_terms import (
    ACCEPTED,
    ACKNOWLEDGED,
    ACTION_PERFORMED,
    DELAYED,
    DISCLOSING,
    ENDINGS,
    ENDINGS_BY_RIGHT,
    EXTENDED,
    FULFILLED,
    IDENTITY_REQUIRED,
    INFORMATION_REQUIRED,
    INITIATED,
    LOOKING,
    NOT_DONE,
    POSTPONED,
    REFUSALS,
    REJECTED,
    REMOVED_BUT_NOT_SEEN_ABSENT,
    REQUIRES_ACTION,
    UNANSWERED,
    UNFULFILLED,
    About,
    ActingParty,
    Activity,
    Cause,
    Ending,
    causes_of_keeping,
)
from rightsflow.audit.evidence.record import CaseRecord, EvidenceRecordLine
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.rectification.corrections import RulingKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import PresenceState
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

_DECIDED: Final = re.compile(r"act (?P<act>\w+), (?:fields [^,]+, )?items (?P<items>\d+(?: and \d+)*)")
"""The details of such an entry in words."""


def is_corrected_otherwise(record: CaseRecord) -> bool:
    """Return whether an item was refused, or supplemented by a statement instead of corrected."""
    last: dict[str, str] = {}
    for act in record.acts:
        if act.event == CaseEvent.CORRECTIONS_DECIDED and (match := _DECIDED.search(act.what)):
            last |= dict.fromkeys(match["items"].split(" and "), match["act"])
    return any(act != RulingKind.ACCEPTED for act in last.values())


def course(record: CaseRecord) -> list[Activity]:
    """Return the activities of a case, oldest first; a status that repeats at once for one matter counts once."""
    parts = list(_outcomes(record))
    activities = [
        *_receipt(record),
        *_clock(record),
        *_decisions(record),
        *_acts(record),
        *_searches(record),
        *parts,
        *_looks(record),
        *_processors(record),
        *_answer(record, parts),
    ]
    return _merged(sorted(activities, key=lambda decision: decision.at))


def statuses(activities: Iterable[Activity]) -> list[str]:
    """Return the statuses of the request as a whole: its answer's, two for a partial answer, or else its last."""
    whole = [activity for activity in activities if activity.status and activity.about is not About.WORK]
    return [activity.status for activity in whole if activity.about is About.ANSWER] or [
        item.status for item in whole[-1:]
    ]


@dataclass(frozen=True, slots=True)
class _Meaning:
    status: str
    about: About
    causes: tuple[Cause, ...] = ()
    actor: ActingParty = ActingParty.CONTROLLER

    def activity(self, at: datetime) -> Activity:
        return Activity(at=at, about=self.about, status=self.status, causes=self.causes, actor=self.actor)


_IDENTITY_ASKED = _Meaning(REQUIRES_ACTION, About.IDENTITY, (IDENTITY_REQUIRED,))
_IDENTITY_SHOWN = _Meaning(ACTION_PERFORMED, About.IDENTITY, actor=ActingParty.SUBJECT)
_CLARIFICATION_ASKED = _Meaning(REQUIRES_ACTION, About.CLARIFICATION, (INFORMATION_REQUIRED,))
_APPROVED = _Meaning(ACCEPTED, About.APPROVAL)
_CLOCK: Mapping[str, _Meaning] = MappingProxyType(
    {
        "identity-requested": _IDENTITY_ASKED,
        "identity-confirmed": _IDENTITY_SHOWN,
        "clarification-requested": _CLARIFICATION_ASKED,
        "clarification-received": _Meaning(ACTION_PERFORMED, About.CLARIFICATION, actor=ActingParty.SUBJECT),
        "extension-notice-sent": _Meaning(DELAYED, About.EXTENSION, (EXTENDED,)),
    }
)
_ACTS: Mapping[str, _Meaning] = MappingProxyType(
    {
        CaseEvent.PROOF_OF_IDENTITY_ASKED: _IDENTITY_ASKED,
        CaseEvent.IDENTITY_CONFIRMED: _IDENTITY_SHOWN,
        CaseEvent.CLARIFICATION_ASKED: _CLARIFICATION_ASKED,
        CaseEvent.APPROVED: _APPROVED,
    }
)
"""The further events in the ledger that change the status of the request."""
_CONFIRMED = CaseEvent.PROCESSOR_CONFIRMED


def _receipt(record: CaseRecord) -> Iterator[Activity]:
    yield Activity(
        at=record.received_at or record.opened_at,
        about=About.RECEIPT,
        status=INITIATED,
        actor=ActingParty.SUBJECT,
        due_on=record.clock[0].due_on if record.clock else None,
    )
    for letter in record.letters:
        if letter.letter == LetterId.ACKNOWLEDGEMENT and letter.sent_at:
            yield Activity(at=letter.sent_at, about=About.RECEIPT, status=ACKNOWLEDGED)


def _clock(record: CaseRecord) -> Iterator[Activity]:
    for line in record.clock:
        if line.why in _CLOCK:
            yield replace(_CLOCK[line.why].activity(line.at), due_on=line.due_on)


def _decisions(record: CaseRecord) -> Iterator[Activity]:
    for line in record.decisions:
        if (line.gate, line.verdict) == (Gate.IDENTITY, Verdict.CONFIRMED):
            yield replace(_IDENTITY_SHOWN.activity(line.at), method=line.method)
        elif (line.gate, line.verdict) == (Gate.APPROVAL, Verdict.APPROVED):
            yield _APPROVED.activity(line.at)


def _acts(record: CaseRecord) -> Iterator[Activity]:
    return (_ACTS[act.event].activity(act.at) for act in record.acts if act.event in _ACTS)


def _searches(record: CaseRecord) -> Iterator[Activity]:
    for line in record.systems:
        if line.searched_at:
            yield Activity(
                at=line.searched_at,
                about=About.WORK,
                system=line.system,
                processing=LOOKING,
                data=line.found,
                counts={"unclearRecords": line.unclear, "failedAttempts": line.failures},
            )


def _looks(record: CaseRecord) -> Iterator[Activity]:
    for line in record.systems:
        if line.verified_at:
            yield Activity(
                at=line.verified_at,
                about=About.WORK,
                system=line.system,
                processing=LOOKING,
                counts={f"{state.value}Records": line.verified.get(state.value, 0) for state in PresenceState},
            )


def _outcomes(record: CaseRecord) -> Iterator[Activity]:
    """Return the records, joined by outcome and reason; old entries have sums only."""
    groups: defaultdict[Activity, list[EvidenceRecordLine]] = defaultdict(list)
    for line in record.records:
        if line.outcome:
            groups[_of_record(line, record.opened_at, record.right)].append(line)
    for activity, lines in groups.items():
        yield replace(activity, at=max(line.at for line in lines), data=Counter(line.category for line in lines))
    single = {line.system for line in record.records}
    for system in record.systems:
        for outcome, count in system.outcomes.items() if system.system not in single else ():
            if outcome in ENDINGS:
                at = system.verified_at or record.closed_at or record.last_at
                blank = EvidenceRecordLine(
                    record="", system=system.system, kind="", category="", outcome=outcome, at=at
                )
                yield replace(_of_record(blank, at, record.right), counts={"records": count})


def _of_record(line: EvidenceRecordLine, at: datetime, right: str) -> Activity:
    ending = ENDINGS_BY_RIGHT.get((right, line.came_to)) or ENDINGS.get(line.came_to, Ending(UNFULFILLED))
    status, processing = ending.status, ending.processing
    if line.fate is Fate.ERASED and line.verified != PresenceState.ABSENT:
        processing = REMOVED_BUT_NOT_SEEN_ABSENT
    causes = causes_of_keeping(line.legal_basis) if status == UNFULFILLED else ()
    return Activity(
        at=at,
        about=About.WORK,
        status=DELAYED if causes == (POSTPONED,) else status,
        causes=causes,
        basis=line.legal_basis,
        reason=line.reason,
        system=line.system,
        processing=processing,
        until=line.until,
        ends_when=line.ends_when,
    )


def _processors(record: CaseRecord) -> Iterator[Activity]:
    groups: defaultdict[tuple[str, str], list[datetime]] = defaultdict(list)
    for line in record.processors:
        groups[line.event, line.what].append(line.at)
    for (event, what), at in groups.items():
        confirmed = event == _CONFIRMED
        yield Activity(
            at=min(at),
            about=About.CONFIRMATION if confirmed else About.RECIPIENTS,
            actor=ActingParty.PROCESSOR if confirmed else ActingParty.CONTROLLER,
            counts={"records": len(at)},
            text=what,
        )


def _answer(record: CaseRecord, parts: Iterable[Activity]) -> Iterator[Activity]:
    blank = Activity(at=record.answer_sent_at or record.closed_at or record.last_at, about=About.ANSWER)
    match record.state:
        case CaseState.ANSWERED:
            yield from _answered(record, parts, blank)
        case CaseState.NOTHING_HELD:
            found = "No personal data of the data subject were found."
            yield replace(blank, status=FULFILLED, text=found) if record.answer_sent_at else _unsent(blank, found)
        case CaseState.REFUSED:
            code = next(
                (decision.code for decision in reversed(record.decisions) if decision.verdict == Verdict.REFUSED), ""
            )
            status, cause = REFUSALS.get(code, (REJECTED, NOT_DONE))
            yield replace(blank, status=status, causes=(cause,))
        case CaseState.WITHDRAWN | CaseState.STOPPED:
            cause, text = UNANSWERED[record.state]
            ended = replace(blank, status=UNFULFILLED, causes=(cause,), text=text)
            yield replace(ended, actor=ActingParty.SUBJECT) if record.state == CaseState.WITHDRAWN else ended


def _answered(record: CaseRecord, parts: Iterable[Activity], blank: Activity) -> Iterator[Activity]:
    """Yield an activity each for the parts of the request that were fulfilled, unfulfilled and passed on.

    No part counts as fulfilled before the person was informed (Art. 12(3) GDPR).
    """
    causes: dict[str, dict[Cause, None]] = {}
    for part in (item for item in parts if item.status):  # Records outside of the request have none.
        status = UNFULFILLED if part.status == DELAYED else part.status
        causes.setdefault(status, {}).update(dict.fromkeys(part.causes))
    if is_corrected_otherwise(record):
        causes.setdefault(UNFULFILLED, {})[NOT_DONE] = None
    is_sent = record.answer_sent_at is not None
    for status in (FULFILLED, UNFULFILLED, ACCEPTED):
        if status in causes and (is_sent or status != FULFILLED):
            yield replace(blank, status=status, causes=tuple(causes[status]))
    if not is_sent:
        yield _unsent(blank)
    elif not causes:
        given = replace(blank, processing=DISCLOSING, data=record.disclosed, package=record.package)
        is_given = record.right == Right.ACCESS and record.handed_over_at is not None
        yield replace(given if is_given else blank, status=FULFILLED)


def _unsent(blank: Activity, found: str = "") -> Activity:
    return replace(blank, text=f"{found} The answer was written; that it was sent is not noted.".strip())


def _merged(activities: Iterable[Activity]) -> list[Activity]:
    """Merge the activities that clock, decision and state of the case give for the same step."""
    kept: list[Activity] = []
    last: dict[About, int] = {}
    for activity in activities:
        place = last.get(activity.about)
        if activity.about not in _STEPS or place is None or kept[place].status != activity.status:
            last[activity.about] = len(kept)
            kept.append(activity)
            continue
        first = kept[place]
        kept[place] = replace(first, due_on=activity.due_on or first.due_on, method=activity.method or first.method)
    return kept


_STEPS = frozenset({About.RECEIPT, About.IDENTITY, About.CLARIFICATION, About.EXTENSION, About.APPROVAL})
