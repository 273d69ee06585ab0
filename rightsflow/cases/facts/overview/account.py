"""The account of a case: the facts for its sheet, gates, letters and package, so that none contradict.

The evidence is made from the entries of the ledger alone; a record's outcome is decided and counted for both by
``rightsflow.domain.case.findings``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Fate, Finding, Held, Question, RecordStanding, fate_after, holdings
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.connector import Capabilities
from rightsflow.domain.disclosure.mask_choices import MaskAct
from rightsflow.domain.disclosure.texts import EDITED, INTERVAL, PASSAGE, UNSCANNED
from rightsflow.domain.doubts import MayBeDoubtful
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityCheck, Representative, Verdict
from rightsflow.domain.gates.package_changes import is_taken_in
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import IdentifierKind, Identifiers
from rightsflow.domain.languages import LanguageSource
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import LeftToPerson, OutcomeKind, PresenceState
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import StepState
from rightsflow.store import CaseFile
from rightsflow.store.case.outbox import LetterLine

Sum = tuple[str, str, str]
"""A system, a category, and what became of the records, or is to become of them."""


def fate_of(finding: Finding, right: Right) -> Fate:
    """Return the fate of one record of the case file.

    Args:
        finding: The record.
        right: What was asked for.
    """
    copies = finding.copies
    return _fate(
        RecordStanding(
            system=finding.ref.system,
            category=finding.category,
            attribution=finding.attribution,
            outcome=finding.outcome,
            planned=finding.planned,
            has_method=finding.method is not None,
            is_seen=finding.verified is PresenceState.PRESENT,
            is_left_out=finding.decided is not None and finding.decided.act is RecordAct.LEAVE_OUT,
            is_taken_in=is_taken_in(finding),
            copied=None if copies is None else bool(copies.documents or copies.files),
        ),
        right,
    )


def sums_of(counted: Iterable[tuple[RecordStanding, int]], right: Right) -> Counter[Sum]:
    """Return the number of records by present or planned fate.

    Args:
        counted: The records of a case, with how many stand alike.
        right: What was asked for.
    """
    sums: Counter[Sum] = Counter()
    for item, count in counted:
        sums[item.system, item.category, fate_word(_fate(item, right), item.planned, item.attribution)] += count
    return sums


def fate_word(fate: Fate, planned: OutcomeKind | None, attribution: Attribution) -> str:
    """Return the present or planned fate of a record, in words.

    Args:
        fate: What became of it.
        planned: What is planned, if anything is.
        attribution: Whose it is. Where that is unclear it stays until a person has decided, which is no retention.
    """
    if fate is Fate.FOUND and planned is OutcomeKind.RETAINED and attribution is Attribution.UNCLEAR:
        return "unclear whose it is, to be decided"
    return f"planned: {planned.value}" if fate is Fate.FOUND and planned else fate.value


def _fate(record_standing: RecordStanding, right: Right) -> Fate:
    if record_standing.outcome is None:
        return _fate_of_copy(record_standing) if right is Right.ACCESS else Fate.FOUND
    unclear = record_standing.attribution is Attribution.UNCLEAR and not record_standing.has_method
    return fate_after(record_standing.outcome, unclear=unclear, seen=record_standing.is_seen)


def _fate_of_copy(record_standing: RecordStanding) -> Fate:
    if record_standing.is_left_out:
        return Fate.LEFT_OUT
    if record_standing.attribution is Attribution.UNCLEAR and not record_standing.is_taken_in:
        return Fate.UNCLEAR
    if record_standing.copied is None:
        return Fate.FOUND
    return Fate.COPIED if record_standing.copied else Fate.GONE


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackageFile:
    """The bytes of a recording or an attachment.

    Args:
        record: The number of its record.
        name: Its name as the person gets it.
        media_type: What the system says that it is; not to be trusted.
        size: How many bytes it has.
        open: Starts to read it.
    """

    record: int
    name: str
    media_type: str
    size: int
    open: Callable[[], Iterator[bytes]]


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordLine(MayBeDoubtful):
    """One record by number instead of by its key, with what became of it and why.

    Args:
        number: Its number on the sheet and at the gates.
        system: The system's name in the configuration.
        kind: The connector's word for it.
        category: In the words of the record of processing.
        attribution: Whose it is.
        fate: What became of it.
        attachments: The number of its files.
        doubt: Why it is unclear whose it is, if it is.
        occurred_on: Its date in the system.
        facts: What the plan had to know.
        planned: What is planned, if anything is.
        outcome: The outcome as it was recorded, if there is one.
        reason: Why, in one sentence for the person.
        legal_basis: The provision on which it is kept.
        until: The last day it is kept.
        ends_when: What ends the keeping, where no day is known.
        refused: Whether the system said no.
        verified: What a fresh read showed.
        verified_at: When (aware).
        decided: What a person decided on it alone, without the ground, which may name the subject.
        question: What the plan leaves to a person, as the connector does by ``left``; ``note`` is for who approves.
    """

    number: int
    system: str
    kind: str
    category: str
    attribution: Attribution
    fate: Fate
    attachments: int
    occurred_on: date | None
    facts: tuple[str, ...]
    planned: OutcomeKind | None
    outcome: OutcomeKind | None
    reason: str
    legal_basis: str
    until: date | None
    ends_when: str
    refused: bool
    verified: PresenceState | None
    verified_at: datetime | None
    decided: RecordDecision | None = None
    question: Question | None = None
    note: str = ""
    left: frozenset[LeftToPerson] = frozenset()

    @property
    def is_decided_out(self) -> bool:
        """True if a person decided that the request does not cover this record of the subject."""
        is_subjects = self.fate is Fate.NOT_CONCERNED and self.attribution is Attribution.SUBJECT
        return is_subjects and self.decided is not None and self.decided.act is RecordAct.LEAVE_OUT


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """The search of one system.

    Args:
        system: Its name in the configuration.
        finished_at: When the search by all identifiers that are known now ended (aware); ``None`` if none did.
        by: The kinds of identifier that it was searched by; none where the case knows none that it can be searched by.
        can: The kinds of identifier that it can be searched by at all.
        cannot_find: What such a search cannot find, a sentence each.
    """

    system: str
    finished_at: datetime | None
    by: tuple[IdentifierKind, ...]
    can: tuple[IdentifierKind, ...]
    cannot_find: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionLine:
    """A decision without its reason, which may name the person."""

    gate: Gate
    verdict: Verdict
    by: str
    code: str
    decided_at: datetime | None
    method: str = ""
    check: IdentityCheck | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskLine:
    """The masks that a person set in the records of one category, as the package was made.

    Args:
        system: The system's name in the configuration.
        category: In the words of the record of processing.
        kind: ``passage``, ``interval`` or ``edited``.
        ground: Whose rights it protects.
        places: At how many places.
    """

    system: str
    category: str
    kind: str
    ground: str
    places: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseAccount:
    """The facts of one case, without personal data of the subject.

    Args:
        right: What was asked for.
        records: Every record.
        searches: Every configured system, in the order of the configuration.
        masked: How much of other people's data was masked in the copies, by what it was, what people decided on
            included.
        masked_by_people: What of it people masked, muted and edited by hand.
        decisions: What was decided, in the order of the gates.
        letters: The letters, oldest first.
        language_source: From what the person's language is known; ``None`` where it is not known.
    """

    right: Right
    records: tuple[RecordLine, ...]
    searches: tuple[Search, ...]
    masked: Mapping[str, int]
    masked_by_people: tuple[MaskLine, ...]
    decisions: tuple[DecisionLine, ...]
    letters: tuple[LetterLine, ...]
    language_source: LanguageSource | None

    @property
    def holdings(self) -> tuple[Held, ...]:
        """The records, counted."""
        return holdings(self.records)

    @property
    def not_searched(self) -> tuple[str, ...]:
        """The systems whose search by the identifiers known now did not end."""
        return tuple(search.system for search in self.searches if search.finished_at is None)

    @property
    def verified_at(self) -> datetime | None:
        """The instant of the last fresh read of a record (aware); ``None`` if there was none."""
        return max((record.verified_at for record in self.records if record.verified_at), default=None)


def copied_in(file: CaseFile, system: str = "") -> dict[str, int]:
    """Return the number of records of each category in a case's package.

    Args:
        file: The case file, open.
        system: Of which system; empty for all.
    """
    counted: Counter[str] = Counter()
    for (at, category, fate), records in sums_of(file.findings.counted(), file.right).items():
        if fate == Fate.COPIED.value and (not system or at == system):
            counted[category] += records
    return dict(counted)


def account_of(file: CaseFile, systems: Mapping[str, Capabilities], *, in_sum: bool = False) -> CaseAccount:
    """Read the account of a case from its file.

    Args:
        file: The case file, open.
        systems: What each configured system's connector declares.
        in_sum: Read no single record.
    """
    language, findings = file.language, [] if in_sum else file.findings.all()
    return CaseAccount(
        right=file.right,
        records=tuple(record_line(finding, file.right) for finding in findings),
        searches=searches_of(file, systems),
        masked=masked_in(file),
        masked_by_people=tuple(_masked_by_people(file, findings)) if findings and file.right is Right.ACCESS else (),
        decisions=decisions_of(file),
        letters=tuple(file.outbox.lines()),
        language_source=language.source if language.tag else None,
    )


def decisions_of(file: CaseFile) -> tuple[DecisionLine, ...]:
    """Return the decisions, in the order of the gates.

    Args:
        file: The case file, open.
    """
    decisions = (file.decisions.at(gate) for gate in Gate)
    return tuple(_decision_line(decision) for decision in decisions if decision is not None)


def _decision_line(decision: Decision) -> DecisionLine:
    # What was done may name the person, as the reason may; and a representative is one.
    check = replace(decision.check, done="", representative=_unnamed(decision.check)) if decision.check else None
    return DecisionLine(
        gate=decision.gate,
        verdict=decision.verdict,
        by=decision.by,
        code=decision.code,
        decided_at=decision.decided_at,
        method=decision.method.recorded if decision.method else "",
        check=check,
    )


def _unnamed(check: IdentityCheck) -> Representative | None:
    return replace(check.representative, name="") if check.representative else None


def record_line(finding: Finding, right: Right) -> RecordLine:
    """Return one record by number instead of by its key, with its outcome.

    Args:
        finding: The record.
        right: What was asked for.
    """
    return RecordLine(
        number=finding.number,
        system=finding.ref.system,
        kind=finding.ref.kind,
        category=finding.category,
        attribution=finding.attribution,
        fate=fate_of(finding, right),
        attachments=finding.copies.attachments if finding.copies else 0,
        doubt=finding.doubt,
        occurred_on=finding.occurred_on,
        facts=tuple(sorted(finding.facts)),
        planned=finding.planned,
        outcome=finding.outcome,
        reason=finding.reason,
        legal_basis=finding.legal_basis,
        until=finding.until,
        ends_when=finding.ends_when,
        refused=finding.refused,
        verified=finding.verified,
        verified_at=finding.verified_at,
        decided=replace(finding.decided, ground="", ends_when="", named="", content="") if finding.decided else None,
        question=finding.question,
        note=finding.note,
        left=finding.left,
    )


def searches_of(file: CaseFile, systems: Mapping[str, Capabilities]) -> tuple[Search, ...]:
    """Return the search of each configured system that the case concerns.

    Args:
        file: The case file, open.
        systems: What each configured system's connector declares.
    """
    scope, known = file.identifiers.scope(), file.identifiers.searched_with()
    finished = {
        step.system: step.finished_at
        for step in file.steps.all()
        if step.step == StepName.LOCATE and step.state is StepState.DONE and step.scope == scope
    }
    return tuple(
        Search(
            system=system,
            finished_at=finished.get(system),
            by=tuple(kind for kind in declared_kinds() if kind.value in searched_by(known, capabilities)),
            can=tuple(kind for kind in declared_kinds() if kind.value in capabilities.searches),
            cannot_find=capabilities.cannot_find,
        )
        for system, capabilities in systems.items()
        if file.orders.concerns(system)
    )


def searched_by(known: Identifiers, capabilities: Capabilities) -> dict[str, int]:
    """Return the number of known identifiers of each kind that a system can be searched by; names are not used.

    Args:
        known: The identifiers.
        capabilities: What the system's connector declares.
    """
    searched = Counter[str](
        identifier.kind.value
        for identifier in known
        if identifier.kind.value in capabilities.searches
        and identifier.is_searchable
        and (not identifier.issuer or identifier.issuer in capabilities.account_issuers)
    )
    return dict(searched)


def masked_in(file: CaseFile) -> Mapping[str, int]:
    """Return the number of masked passages of other people's data in the copies, by kind.

    Args:
        file: The case file, open.
    """
    masked: Counter[str] = Counter()
    for step in file.steps.all():
        if step.step == StepName.REDACT and step.state is StepState.DONE:
            masked.update(step.counts)
    return dict(masked)


def unscanned_in(file: CaseFile) -> int:
    """Return the number of files in the copies in which no rule could look for other people's data.

    Args:
        file: The case file, open.
    """
    made = (entry.details for entry in file.ledger.entries(CaseEvent.STEP_DONE))
    last = {item["system"]: item.get(UNSCANNED, 0) for item in made if item["step"] == StepName.REDACT}
    return sum(last.values())


_KINDS = {MaskAct.HIDE: PASSAGE, MaskAct.MUTE: INTERVAL, MaskAct.EDIT: EDITED}


def _masked_by_people(file: CaseFile, findings: Iterable[Finding]) -> Iterator[MaskLine]:
    choices = [mask for mask in file.masks.all() if mask.act in _KINDS and mask.places]
    if not choices:
        return
    given = {
        file.masks.hashes.of_record(item.ref): item for item in findings if fate_of(item, file.right) is Fate.COPIED
    }
    counted: Counter[tuple[str, str, str, str]] = Counter()
    for choice in choices:
        if (finding := given.get(choice.record)) is not None:
            ground = choice.ground.value if choice.ground else ""
            counted[finding.ref.system, finding.category, _KINDS[choice.act], ground] += choice.places
    for (system, category, kind, ground), places in sorted(counted.items()):
        yield MaskLine(system=system, category=category, kind=kind, ground=ground, places=places)
