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
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.people import Proof
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import ENDED_UNANSWERED

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
    """Render the page of a case.

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
        stays=_staying(item for item in record.records if _is_staying(item)),
        gone_by=_GONE,
        gone=_alike(item for item in record.records if item.reason and not _is_staying(item) and item.outcome),
        alerts=_lines(act for act in record.acts if act.event in _ALERTS),
        reveals=_lines(act for act in record.acts if act.event in _REVEALS),
        others=_lines(act for act in record.acts if act.event not in _ALERTS | _REVEALS),
        names_backups=any(act.event == CaseEvent.BACKUPS_NAMED for act in record.acts),
        has_typed=_has_typed(record),
        machine=_MACHINE,
        totals=_totals(record),
        limits=[(system.system, text) for system in record.systems for text in system.cannot_find or ()],
        unsaid=[system.system for system in record.systems if system.searched_at and system.cannot_find is None],
    ).encode()


def _has_typed(record: CaseRecord) -> bool:
    """Return whether a person acted under a typed name, so that no entry has the role."""
    opened = (record.opened_by, record.opened_signed_in)
    decided = ((decision.by, decision.signed_in) for decision in record.decisions)
    acted = ((act.by, act.signed_in) for act in (*record.acts, *record.processors))
    return any(by not in {"", _MACHINE} and not signed_in for by, signed_in in (opened, *decided, *acted))


def _last_approval(decisions: Sequence[GateLine]) -> GateLine | None:
    return next((decision for decision in reversed(decisions) if decision.gate == Gate.APPROVAL.value), None)


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
    written = [letter.written_at for letter in letters if letter.letter in ANSWERS]
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
    for record in records:
        alike = (record.system, record.category, record.came_to, record.reason)
        counted[alike] += 1
        first.setdefault(alike, record)
    return [(first[alike], count) for alike, count in counted.items()]


def _staying(records: Iterable[EvidenceRecordLine]) -> list[tuple[EvidenceRecordLine, list[str]]]:
    """Return groups of records that stay for the same reason, with their kinds, numbers and end dates."""
    groups: dict[tuple[object, ...], tuple[EvidenceRecordLine, Counter[tuple[str, str]]]] = {}
    for record in records:
        alike = (record.system, record.came_to, record.reason, record.legal_basis, record.refused)
        groups.setdefault(alike, (record, Counter()))[1][record.category, _until(record)] += 1
    return [
        (group, [f"{category}: {count:,}{until}" for (category, until), count in parts.items()])
        for group, parts in groups.values()
    ]


def _until(record: EvidenceRecordLine) -> str:
    if record.until:
        return f", until {wording.day(record.until)}"
    return f", until “{record.ends_when}”" if record.ends_when else ""


def _lines(acts: Iterable[ActLine]) -> list[tuple[ActLine, int]]:
    """Acts with how often; the same thing by the same person several times in a row is one line."""
    lines: list[tuple[ActLine, int]] = []
    for act in acts:
        if lines and (lines[-1][0].event, lines[-1][0].by, lines[-1][0].what) == (act.event, act.by, act.what):
            lines[-1] = (lines[-1][0], lines[-1][1] + 1)
        else:
            lines.append((act, 1))
    return lines


def _totals(record: CaseRecord) -> dict[str, int]:
    totals: Counter[str] = Counter()
    for system in record.systems:
        totals.update(system.outcomes)
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
    """Return a role in words; a person as named."""
    return _ROLES.get(owner, owner)


def _recipient(name: str) -> str:
    """Return a recipient as the configuration names it."""
    return {"": "not stated", "none": "none, as stated"}.get(name, name)


def _instructed(recipient_line: RecipientLine) -> str:
    """Return whether a recipient was instructed, in words; a dash if there is no recipient."""
    if recipient_line.name in {"", "none"}:
        return "–"
    return "as listed above" if recipient_line.is_instructed else "not instructed"


def _delivery(line: EvidenceLetterLine) -> str:
    """Return a letter's way of sending and the proof of it, in words, from the entries alone."""
    if line.sent_at is None:
        return "–"
    parts = [line.channel or "channel not recorded"]
    if line.address:
        parts[0] += f" to {line.address}"
    if line.attached:
        parts.append(f"with the {line.attached}")
    if line.smtp_code:
        queued = f" as {line.queue_id}" if line.queue_id else ""
        parts.append(f"taken by the mail server with code {line.smtp_code}{queued}")
    if line.proof_hash:
        parts.append("the reference of a proof is held")
    elif not line.smtp_code:
        parts.append("no proof recorded")
    return "; ".join(parts)


def _letter(letter: str) -> str:
    name = _LETTERS.get(letter.partition(".")[0], "")
    return f"{letter}, {name}" if name else letter


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
