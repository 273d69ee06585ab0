"""The ledger's record of one case, made from the entries alone, and its certificate: the same as canonical JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from typing import Any

from rightsflow.audit.ledger.chain import canonical
from rightsflow.domain.case.findings import Fate, fate_after
from rightsflow.domain.vocabulary.records import OutcomeKind, PresenceState


@dataclass(frozen=True, slots=True)
class IdentifierProof:
    """An identifier of the person, by its keyed hash: only the vault's key can link it to them.

    Args:
        kind: Such as ``email``.
        keyed_hash: HMAC-SHA-256, hexadecimal.
        learnt_from: ``request``, or the system whose record named it.
    """

    kind: str
    keyed_hash: str
    learnt_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockLine:
    """The dates that applied from an instant on.

    Args:
        at: From when (aware).
        why: What moved the clock: ``opened``, or the event's name such as ``identity-requested``.
        due_on: The last day of the law.
        explanation: How it was computed, in words; empty where it was not computed anew.
        safe_due_on: The conservative reading of that day.
        work_to_on: The target date.
        noted_at: When the ledger says so (aware), where that is later.
    """

    at: datetime
    why: str
    due_on: date | None
    explanation: str = ""
    safe_due_on: date | None = None
    work_to_on: date | None = None
    noted_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GateLine:
    """A decision at a gate, with its author and time. The reason is encrypted; its keyed hash binds it.

    ``plan_hash`` binds an approval to the approved erasure plan or access package; ``about`` marks an approval of
    "nothing held". An identity check has its time (aware), the data it was checked against, their system and age, and
    a representative's mandate with the day on which it was seen; old entries have none of these. ``role`` and
    ``signed_in`` are empty if the name was typed.
    """

    at: datetime
    gate: str
    verdict: str
    by: str
    code: str = ""
    method: str = ""
    reason_hash: str = ""
    plan_hash: str = ""
    about: str = ""
    checked_at: datetime | None = None
    against: str = ""
    held_by: str = ""
    on_file_since: date | None = None
    role: str = ""
    signed_in: str = ""
    mandate: str = ""
    mandate_seen_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemLine:
    """The search of one system and its result.

    Args:
        system: Its name in the configuration.
        searched_at: When the last search ended (aware); ``None`` if none did.
        searched_by: How many identifiers of each kind it was searched for.
        found: How many records of the person by category, those among them that were in doubt and that an officer took
            into the package; only once the search of all systems had ended.
        unclear: How many records could not be attributed.
        outcomes: How many records have each fate, counted as for the letters (``rightsflow.domain.case.findings``).
        verified_at: When the last record was looked at again (aware).
        verified: How many records the last look at each showed as ``absent``, ``present`` and ``unknown``.
        failures: How many attempts at a step failed.
        cannot_find: What its last search could not find, a sentence each; ``None`` where its entry does not say.
    """

    system: str
    searched_at: datetime | None
    searched_by: Mapping[str, int]
    found: Mapping[str, int]
    unclear: int
    outcomes: Mapping[str, int]
    verified_at: datetime | None
    verified: Mapping[str, int]
    failures: int
    cannot_find: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceRecordLine:
    """The latest outcome of one record.

    Args:
        record: Its keyed hash.
        system: Where it lay.
        kind: Which kind of record.
        category: Which category of data.
        outcome: ``erased``, ``redacted``, ``residue``, ``pseudonymised``, ``restricted``, ``retained``, ``not held``,
            ``delegated`` or ``failed``; empty if it was taken back and nothing was done since.
        at: When (aware).
        reason: Why, in the words of the rule.
        legal_basis: The provision on which it is retained.
        until: The last day on which it is retained.
        ends_when: What ends the retention where no day is known.
        request_ref: The vendor's id of the call, where there was one.
        verified: What a fresh read showed, or empty.
        verified_at: When (aware).
        refused: Whether the system itself said no.
        taken_back: How often a fresh read still showed it, so that it was erased again.
        is_unclear: Whether it could not be attributed to the person, and was not touched for that.
        decided_by: Who decided on this record alone, where a person did.
    """

    record: str
    system: str
    kind: str
    category: str
    outcome: str
    at: datetime
    reason: str = ""
    legal_basis: str = ""
    until: date | None = None
    ends_when: str = ""
    request_ref: str = ""
    verified: str = ""
    verified_at: datetime | None = None
    refused: bool = False
    taken_back: int = 0
    is_unclear: bool = False
    decided_by: str = ""

    @property
    def fate(self) -> Fate | None:
        """The record's fate, as in the letters; ``None`` if its entries have no known outcome."""
        if self.outcome not in set(OutcomeKind):
            return None
        seen = self.verified == PresenceState.PRESENT
        return fate_after(OutcomeKind(self.outcome), unclear=self.is_unclear, seen=seen)

    @property
    def attachments(self) -> int:
        """The entries on single records speak of no files."""
        return 0

    @property
    def came_to(self) -> str:
        """The record's fate in a word."""
        return self.fate.value if self.fate else self.outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLetterLine:
    """A letter: its template, its dates of writing and sending, its sender, and the keyed hash of its text.

    ``proof_hash`` is the keyed hash of the reference of a proof that the controller holds. Of a mailed letter
    ``smtp_code`` and ``queue_id`` are the mail server's, ``address`` is the kind of address, and ``attached`` what went
    with it. ``commitment`` binds the text for a check; old entries have none.
    """

    letter: str
    version: str
    written_at: datetime
    text_hash: str = ""
    sent_at: datetime | None = None
    sent_by: str = ""
    language: str = ""
    noted_at: datetime | None = None
    channel: str = ""
    proof_hash: str = ""
    smtp_code: str = ""
    queue_id: str = ""
    commitment: str = ""
    address: str = ""
    attached: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActLine:
    """A further act: an alert, an acknowledgement, a handover, a reveal, an incident.

    Args:
        at: When (aware).
        event: Its name in the ledger.
        by: Who.
        what: Its details in words, such as ``alert due-soon``, without those on its author.
        role: In which role they acted, and ``signed_in`` how; both empty where the name was typed, or no person acted.
    """

    at: datetime
    event: str
    by: str
    what: str
    role: str = ""
    signed_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOutLine:
    """Data that are held and were left out.

    Args:
        system: The system.
        what: Which data.
        reason: Why, as worded for the person, without a ground that a person gave.
        legal_basis: The provision; may be empty.
        count: How many records; 0 where it is a part of records that were given.
    """

    system: str
    what: str
    reason: str
    legal_basis: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RecipientLine:
    """A recipient or processor of a system's data, as the configuration names them at the export.

    Args:
        system: The system.
        name: The recipient; empty where the configuration states none.
        is_instructed: Whether an entry says that they were asked or confirmed.
        transfers: Transfers to third countries and their safeguards, as stated for the system.
    """

    system: str
    name: str
    is_instructed: bool
    transfers: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportLine:
    """An export of the evidence.

    Args:
        at: When (aware).
        by: Who.
        sealed: Up to which entry the store's seals covered the case then; 0 for none.
        seal: The newest seal then; 0 for none.
    """

    at: datetime
    by: str
    sealed: int = 0
    seal: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseRecord:
    """All that the ledger holds of one case.

    Args:
        case_id: The case.
        right: ``access`` or ``erasure``.
        channel: How the request arrived.
        regime: The law it comes under.
        rules: The versions of the rules that its entries name.
        code: The versions of Rightsflow that its entries name.
        received_at: When the request was received (aware).
        opened_at: When the case was opened (aware).
        opened_by: By whom.
        owner: The key of who answers for it.
        state: Where it stands.
        closed_at: When its answer was sent or the request was withdrawn (aware), or ``None``.
        identifiers: The person, by keyed hashes.
        clock: The dates and what moved them.
        identity: The decision on identity, or ``None``.
        decisions: Every decision, that one too.
        systems: Per system what was searched, found, erased and verified.
        records: Per record what became of it.
        letters: The letters.
        processors: What was delegated to processors, and their confirmations.
        earlier_cases: How many cases of who gave the same were found when it was opened.
        acts: Everything else that happened.
        entries: How many entries there are.
        last_at: When the last one was made (aware).
        disclosed: How many parts of each category the access package holds; a record may have several.
        package: The SHA-256 of the encrypted access package, or empty.
        masked: How much of other people's data was masked in the copies, by what it was.
        exports: Every export of the evidence, that one too which made this.
        answer_sent_at: When the answer was sent (aware); ``None`` as long as no one noted that it was.
        handed_over_at: When the letter with the access package was sent (aware), or ``None``.
        left_out: What the package lacks; ``None`` where no package was made, or its entry does not say.
        accountable: Who answers for it, by name, as the configuration said at the last export; may be empty.
        dpo: The data protection officer, as the configuration said then; may be empty.
        recipients: Who gets the data of each system, as the configuration said then.
        opened_role: In which role the case was opened; empty where the name was typed.
        opened_signed_in: How who opened it was signed in; empty where the name was typed.
    """

    case_id: str
    right: str
    channel: str
    regime: str
    rules: tuple[str, ...]
    code: tuple[str, ...]
    received_at: datetime | None
    opened_at: datetime
    opened_by: str
    owner: str
    state: str
    closed_at: datetime | None
    identifiers: tuple[IdentifierProof, ...]
    clock: tuple[ClockLine, ...]
    identity: GateLine | None
    decisions: tuple[GateLine, ...]
    systems: tuple[SystemLine, ...]
    records: tuple[EvidenceRecordLine, ...]
    letters: tuple[EvidenceLetterLine, ...]
    processors: tuple[ActLine, ...]
    earlier_cases: int
    acts: tuple[ActLine, ...]
    entries: int
    last_at: datetime
    disclosed: Mapping[str, int] = field(default_factory=dict)
    package: str = ""
    masked: Mapping[str, int] = field(default_factory=dict)
    exports: tuple[ExportLine, ...] = ()
    answer_sent_at: datetime | None = None
    handed_over_at: datetime | None = None
    left_out: tuple[LeftOutLine, ...] | None = None
    accountable: str = ""
    dpo: str = ""
    recipients: tuple[RecipientLine, ...] = ()
    opened_role: str = ""
    opened_signed_in: str = ""


CERTIFICATE_FORMAT = 1
"""Counts up when the same entries give another certificate than before."""


def certificate(record: CaseRecord) -> str:
    """Return the certificate of a case.

    Args:
        record: The result of its entries.

    Raises:
        ValueError: The record holds a number that JSON has no form for.
    """
    return canonical({"certificate": "rightsflow case", "format": CERTIFICATE_FORMAT, **_plain(record)})


def _plain(value: object) -> Any:
    if is_dataclass(value):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value.isoformat() if isinstance(value, date | datetime) else value
