"""The evidence of a case as one page to read: no script, no network, the same from the same entries and controller.

Its style is its own and not that of the access package, so that a change there leaves finished evidence as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import lru_cache
from typing import Final

from jinja2 import Environment

from rightsflow.audit.evidence.dpv import ControllerFacts
from rightsflow.audit.evidence.dpv_terms import law_of
from rightsflow.audit.evidence.record import (
    ActLine,
    CaseRecord,
    EvidenceLetterLine,
    EvidenceRecordLine,
    GateLine,
    RecipientLine,
)
from rightsflow.documents.pages import page_environment
from rightsflow.domain import wording
from rightsflow.domain.actors import Proof
from rightsflow.domain.case.fates import Fate
from rightsflow.domain.case.states import ENDED_UNANSWERED
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.letter_ids import ANSWERS, LetterId
from rightsflow.domain.records import OutcomeKind

FORMAT = 1
"""Counts up when the same record gives another page than before."""

_ALERTS = frozenset(
    {CaseEvent.ALERT_RAISED, CaseEvent.ALERT_ACKNOWLEDGED, CaseEvent.CASE_AT_RISK, CaseEvent.INCIDENT_RAISED}
)
_REVEALS = frozenset({CaseEvent.PERSONAL_DATA_REVEALED})
_MACHINE = "rightsflow"
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_ROLES: Mapping[str, str] = {
    "case_owner": "the case owner",
    "dpo": "the data protection officer",
    "management": "the management",
}
_LETTERS: Mapping[str, str] = {
    LetterId.ACKNOWLEDGEMENT: "acknowledgement of receipt",
    LetterId.IDENTITY_REQUEST: "request for proof of identity",
    LetterId.CLARIFICATION: "question what is meant",
    LetterId.CANNOT_IDENTIFY: "notice that more is needed to identify the person",
    LetterId.FEE: "notice of a fee",
    LetterId.RECIPIENTS: "recipients who were told, named on request",
    LetterId.EXTENSION: "notice of extension",
    LetterId.REFUSAL: "refusal",
    LetterId.NOTHING_HELD: "answer: no data are held",
    LetterId.ACCESS_COVER: "answer: the access package",
    LetterId.ERASURE_CONFIRMATION: "answer: erasure confirmed",
    LetterId.PARTIAL_ERASURE: "answer: erased in part, and what stays",
    LetterId.OBJECTION_FOLLOWED: "answer: the objection is followed",
    LetterId.RESTRICTED: "answer: the use of data is restricted",
    LetterId.CONSENT_WITHDRAWN: "answer: what rested on consent has ended",
    LetterId.RECTIFIED: "answer: what was decided on each correction",
    LetterId.IDENTITY_REMINDER: "reminder of the request for proof",
    LetterId.WITHDRAWAL: "withdrawal confirmed",
    LetterId.CASE_STOPPED: "notice that the case was opened in error or twice",
    LetterId.INTERIM_ANSWER: "interim answer: what is done and what is not yet",
    LetterId.COMPLAINT_RECEIVED: "acknowledgement of a complaint",
    LetterId.BEFORE_ERASURE: "notice before the erasure began",
    LetterId.RESTRICTION_LIFTED: "notice before a restriction was lifted",
    LetterId.ERASED_AGAIN: "notice that what had come back was erased again",
    LetterId.CORRECTED_BY_HAND: "notice that a correction was carried out by hand",
    LetterId.PROCESSORS_ANSWERED: "second letter: what processors have proved",
}


def page(record: CaseRecord, controller: ControllerFacts) -> bytes:
    """The page of a case.

    Args:
        record: The result of its entries.
        controller: Who answered the request.
    """
    final = record.clock[-1] if record.clock else None
    template = _environment().get_template("evidence.html.j2")
    return template.render(
        record=record,
        law=law_of(record.regime).name or "GDPR",
        controller=controller,
        format=FORMAT,
        final=final,
        made=record.exports[-1] if record.exports else None,
        approval=_last_approval(record.decisions),
        typed=Proof.TYPED.value,
        headline=_headline(record),
        on_time=_on_time(record),
        stays=_staying(one for one in record.records if _is_staying(one)),
        gone_by=_GONE,
        gone=_alike(one for one in record.records if one.reason and not _is_staying(one) and one.outcome),
        alerts=_lines(one for one in record.acts if one.event in _ALERTS),
        reveals=_lines(one for one in record.acts if one.event in _REVEALS),
        others=_lines(one for one in record.acts if one.event not in _ALERTS | _REVEALS),
        names_backups=any(one.event == CaseEvent.BACKUPS_NAMED for one in record.acts),
        has_typed=_has_typed(record),
        machine=_MACHINE,
        totals=_totals(record),
        limits=[(one.system, text) for one in record.systems for text in one.cannot_find or ()],
        unsaid=[one.system for one in record.systems if one.searched_at and one.cannot_find is None],
    ).encode()


def _has_typed(record: CaseRecord) -> bool:
    """Return whether a person acted under a typed name, so that no entry has the role."""
    opened = (record.opened_by, record.opened_signed_in)
    decided = ((one.by, one.signed_in) for one in record.decisions)
    acted = ((one.by, one.signed_in) for one in (*record.acts, *record.processors))
    return any(by not in {"", _MACHINE} and not signed_in for by, signed_in in (opened, *decided, *acted))


def _last_approval(decisions: Sequence[GateLine]) -> GateLine | None:
    return next((one for one in reversed(decisions) if one.gate == Gate.APPROVAL.value), None)


def _headline(record: CaseRecord) -> str:
    """Return the status of the case as part of a sentence; a request counts as answered once the answer was sent."""
    if record.state in ENDED_UNANSWERED and record.closed_at is not None:
        return f"{record.state} on {wording.day(record.closed_at)}"
    if record.answer_sent_at is None:
        return f"{record.state}{_unsent(record.letters)}"
    on_time = _on_time(record)
    return f"{record.state}, by an answer sent on {wording.day(record.answer_sent_at)}{on_time and f', {on_time}'}"


def _unsent(letters: Sequence[EvidenceLetterLine]) -> str:
    """Return the words about an answer that was written and not marked as sent; empty if none was written."""
    written = [one.written_at for one in letters if one.letter in ANSWERS]
    return f", by an answer written on {wording.day(written[0])} of which no sending is noted" if written else ""


def _on_time(record: CaseRecord) -> str:
    """Return the answer's timing relative to the law's last day, in words; empty if either day is unknown."""
    due_on = record.clock[-1].due_on if record.clock else None
    if due_on is None or record.answer_sent_at is None:
        return ""
    left = (due_on - record.answer_sent_at.date()).days
    if left == 0:
        return "on the last day of the law"
    return f"{wording.counted(abs(left), 'day')} {'before' if left > 0 else 'after'} the last day of the law"


_GONE: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED, OutcomeKind.NOT_HELD})
"""Outcomes of what is gone again once it was seen again; what was seen can also be open still, or be kept since."""


def _is_staying(record: EvidenceRecordLine) -> bool:
    return bool(record.outcome) and record.fate is not Fate.ERASED


def _alike(records: Iterable[EvidenceRecordLine]) -> list[tuple[EvidenceRecordLine, int]]:
    """Return groups of records with equal lines, with their numbers."""
    counted: Counter[tuple[object, ...]] = Counter()
    first: dict[tuple[object, ...], EvidenceRecordLine] = {}
    for one in records:
        alike = (one.system, one.category, one.came_to, one.reason)
        counted[alike] += 1
        first.setdefault(alike, one)
    return [(first[alike], count) for alike, count in counted.items()]


def _staying(records: Iterable[EvidenceRecordLine]) -> list[tuple[EvidenceRecordLine, list[str]]]:
    """Return groups of records that stay for the same reason, with their kinds, numbers and end dates."""
    groups: dict[tuple[object, ...], tuple[EvidenceRecordLine, Counter[tuple[str, str]]]] = {}
    for one in records:
        alike = (one.system, one.came_to, one.reason, one.legal_basis, one.refused)
        groups.setdefault(alike, (one, Counter()))[1][one.category, _until(one)] += 1
    return [
        (one, [f"{category}: {count:,}{until}" for (category, until), count in parts.items()])
        for one, parts in groups.values()
    ]


def _until(record: EvidenceRecordLine) -> str:
    if record.until:
        return f", until {wording.day(record.until)}"
    return f", until “{record.ends_when}”" if record.ends_when else ""


def _lines(acts: Iterable[ActLine]) -> list[tuple[ActLine, int]]:
    """Acts with how often; the same thing by the same person several times in a row is one line."""
    lines: list[tuple[ActLine, int]] = []
    for one in acts:
        if lines and (lines[-1][0].event, lines[-1][0].by, lines[-1][0].what) == (one.event, one.by, one.what):
            lines[-1] = (lines[-1][0], lines[-1][1] + 1)
        else:
            lines.append((one, 1))
    return lines


def _totals(record: CaseRecord) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for one in record.systems:
        totals.update(one.outcomes)
    return dict(sorted(totals.items()))


def _moment(when: datetime) -> str:
    """Return an instant with its offset, to the minute; UTC is named."""
    offset = f"{when:%z}" if when.utcoffset() else ""
    zone = f"UTC{offset[:3]}:{offset[3:5]}" if offset else "UTC"
    return f"{wording.day(when)}, {when:%H:%M} {zone}"


def _receipt(when: datetime) -> str:
    """Return the time of receipt in words: only the day if no time was noted, as in the letters."""
    return wording.day(when) if when.time() == time.min else _moment(when)


def _utc(when: datetime) -> str:
    return _moment(when.astimezone(UTC))


def _spoken(event: str) -> str:
    """``CaseHandedOver`` as "Case handed over"."""
    return _CAMEL.sub(" ", event).capitalize()


def _tallied(counts: Mapping[str, int]) -> list[str]:
    """Counts as "2 erased", "1 retained"."""
    return [f"{number:,} {_named(name)}" for name, number in sorted(counts.items())]


def _listing(counts: Mapping[str, int]) -> list[str]:
    """Return counts as "invoices: 2", for names that may be in the plural."""
    return [f"{_named(name)}: {number:,}" for name, number in sorted(counts.items())]


def _named(name: str) -> str:
    return name.replace("_", " ")


def _role(owner: str) -> str:
    """A role in words; a person as named."""
    return _ROLES.get(owner, owner)


def _recipient(name: str) -> str:
    """A recipient as the configuration names it."""
    return {"": "not stated", "none": "none, as stated"}.get(name, name)


def _instructed(one: RecipientLine) -> str:
    """Return whether a recipient was instructed, in words; a dash if there is no recipient."""
    if one.name in {"", "none"}:
        return "–"
    return "as listed above" if one.is_instructed else "not instructed"


def _delivery(one: EvidenceLetterLine) -> str:
    """Return a letter's way of sending and the proof of it, in words, from the entries alone."""
    if one.sent_at is None:
        return "–"
    said = [one.channel or "channel not recorded"]
    if one.address:
        said[0] += f" to {one.address}"
    if one.attached:
        said.append(f"with the {one.attached}")
    if one.smtp_code:
        queued = f" as {one.queue_id}" if one.queue_id else ""
        said.append(f"taken by the mail server with code {one.smtp_code}{queued}")
    if one.proof_hash:
        said.append("the reference of a proof is held")
    elif not one.smtp_code:
        said.append("no proof recorded")
    return "; ".join(said)


def _letter(letter: str) -> str:
    said = _LETTERS.get(letter.partition(".")[0], "")
    return f"{letter}, {said}" if said else letter


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return page_environment(
        "rightsflow.audit.evidence",
        {
            "day": wording.day,
            "moment": _moment,
            "utc": _utc,
            "receipt": _receipt,
            "counted": wording.counted,
            "listed": wording.listed,
            "spoken": _spoken,
            "tallied": _tallied,
            "listing": _listing,
            "named": _named,
            "letter": _letter,
            "delivery": _delivery,
            "recipient": _recipient,
            "instructed": _instructed,
            "role": _role,
        },
    )
