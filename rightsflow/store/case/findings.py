"""The findings of a case: which records were located, whose they are, what is planned and what became of them."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

from sqlalchemy import select

from rightsflow.domain.attribution import Attribution, Candidate, Resolution, resolve
from rightsflow.domain.case.copies import Copies
from rightsflow.domain.case.findings import Finding, Planned, Question
from rightsflow.domain.erasure.retention.duty import DocumentClass
from rightsflow.domain.errors import Conflict
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.gates.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.records import Fact, Located, Method, Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.case.context import Context
from rightsflow.store.case.identifiers import KnownIdentifiers
from rightsflow.store.case.languages import describe_language, language_of_row
from rightsflow.store.tables import FindingRow, IdentifierRow

_LEFT = frozenset(
    {
        OutcomeKind.RESIDUE,
        OutcomeKind.RETAINED,
        OutcomeKind.RESTRICTED,
        OutcomeKind.PSEUDONYMISED,
        OutcomeKind.FAILED,
    }
)
"""Outcomes after which data of the person are still there."""


class Findings:
    """The located records of one case.

    Args:
        context: The open transaction.
        identifiers: The subject's identifiers, which findings add to.
        ledger: The case's ledger.
    """

    def __init__(self, context: Context, identifiers: KnownIdentifiers, ledger: Ledger) -> None:
        self._context = context
        self._identifiers = identifiers
        self._ledger = ledger

    def replace(self, system: str, located: Sequence[Located]) -> None:
        """Store what a complete search of one system returned; what it no longer returns is forgotten.

        A record that something was already done with stays: it is evidence.
        """
        before = {row.record_hash: row for row in self._rows(system)}
        seen: set[str] = set()
        for one in located:
            digest = self._context.record_hash(one.record)
            seen.add(digest)
            row = before.get(digest) or self._new_row(one.record, digest)
            self._describe(row, one)
        for digest, row in before.items():
            if digest not in seen and not row.outcome:
                self._context.session.delete(row)
        self._context.session.flush()

    def resolve(self) -> tuple[bool, Resolution]:
        """Decide whose each record is, over all systems.

        Returns whether that taught identifiers to search for, and the decision.
        """
        rows = self._rows()
        before = self._identifiers.scope()
        strong, weak = self._identifiers.hashes()
        resolution = resolve(strong, weak, [_candidate(row) for row in rows])
        for row in rows:
            row.attribution = resolution.attributions[row.record_hash].value
            if row.attribution == Attribution.SUBJECT and row.owner_strong:
                self._identifiers.add(self._owner(row), learnt_from=row.system)
        return self._identifiers.scope() != before, resolution

    def forget_others(self) -> int:
        """Drop the records that turned out to be another person's; returns how many.

        A record that something was already done with stays: it is evidence.
        """
        others = [row for row in self._rows() if row.attribution == Attribution.ANOTHER and not row.outcome]
        for row in others:
            self._context.session.delete(row)
        self._context.session.flush()
        return len(others)

    def tally(self) -> list[dict[str, Any]]:
        """How many records of each system and category are the subject's, and how many nobody could attribute."""
        counted: Counter[tuple[str, str, str]] = Counter(
            (row.system, row.category, row.attribution) for row in self._rows()
        )
        return [
            {
                "system": system,
                "category": category,
                "subject": counted[system, category, Attribution.SUBJECT],
                "unclear": counted[system, category, Attribution.UNCLEAR],
            }
            for system, category in sorted({(system, category) for system, category, _ in counted})
        ]

    def all(self, system: str = "") -> list[Finding]:
        """Every record of the case (or of one system), in a stable order."""
        rows = self._rows()
        by_hash = {row.record_hash: row for row in rows}
        return [
            self._finding(row, number, names_somebody=_names_somebody(row, by_hash))
            for number, row in enumerate(rows, start=1)
            if not system or row.system == system
        ]

    def note_copies(self, system: str, refs: Iterable[RecordRef], copies: Mapping[RecordRef, Copies]) -> None:
        """Store what was copied of a system's records for the access package.

        Args:
            system: The system's name in the configuration.
            refs: The records that were asked for; of one that is gone by now nothing was copied.
            copies: What was copied of each.
        """
        rows = {row.record_hash: row for row in self._rows(system)}
        for ref in refs:
            row, copied = rows[self._context.record_hash(ref)], copies.get(ref, Copies())
            row.copied_documents, row.copied_files = copied.documents, copied.files

    def left_behind(self, system: str = "") -> list[Located]:
        """The subject's records of one system, or of all, that the case did not remove wholly, as they were located."""
        return [
            Located(
                record=RecordRef(row.system, row.kind, self._context.key.open("finding/ref", row.sealed_ref)),
                category=row.category,
                owner=self._owner(row),
                occurred_on=row.occurred_on,
                facts=frozenset(Fact(fact) for fact in row.facts),
                locked_until=row.locked_until,
                document=DocumentClass(row.document) if row.document else None,
            )
            for row in self._rows(system)
            if row.attribution == Attribution.SUBJECT and (row.outcome in _LEFT or (row.outcome and row.refused))
        ]

    def cases_left_unclear(self) -> list[str]:
        """The other cases of the person, by identifiers that name one person, with records nobody could attribute."""
        strong, _ = self._identifiers.hashes()
        query = (
            select(FindingRow.case_id)
            .join(IdentifierRow, IdentifierRow.case_id == FindingRow.case_id)
            .where(
                IdentifierRow.index_hash.in_(strong),
                IdentifierRow.contested.is_(False),
                FindingRow.attribution == Attribution.UNCLEAR.value,
                FindingRow.case_id != self._context.row.id,
            )
            .distinct()
            .order_by(FindingRow.case_id)
        )
        return list(self._context.session.scalars(query))

    def systems(self) -> set[str]:
        """The systems in which the case has a record."""
        query = select(FindingRow.system).where(FindingRow.case_id == self._context.row.id).distinct()
        return set(self._context.session.scalars(query))

    def plan(self, planned: Iterable[Planned]) -> None:
        """Store what is meant to be done with each of these records."""
        rows = {row.record_hash: row for row in self._rows()}
        for one in planned:
            row = rows[self._context.record_hash(one.ref)]
            row.method = one.method.value if one.method else ""
            row.planned = one.expected.value
            row.reason, row.legal_basis = one.reason, one.legal_basis
            row.until, row.ends_when = one.until, one.ends_when
            row.question, row.note = one.question.value if one.question else "", one.note

    def decide(self, decisions: Mapping[RecordRef, RecordDecision], *, by: str) -> None:
        """Keep what a person decided on single records; the ledger gets the provisions, and the grounds as hashes.

        Args:
            decisions: What was decided on which record.
            by: Who decided.
        """
        rows = {row.record_hash: row for row in self._rows()}
        alike: dict[RecordDecision, list[str]] = {}
        for ref, decision in decisions.items():
            row = rows[self._context.record_hash(ref)]
            row.decided = decision.act.value
            row.sealed_decision = self._context.key.seal("finding/decision", _dumped(replace(decision, by=by)))
            alike.setdefault(decision, []).append(row.record_hash)
        for decision, records in alike.items():
            self._ledger.append(
                CaseEvent.RECORDS_DECIDED,
                actor=by,
                act=decision.act.value,
                records=records,
                count=len(records),
                legal_basis=decision.provision,
                document=decision.document.value if decision.document else "",
                until=decision.until.isoformat() if decision.until else "",
                ground=self._hashed(decision.ground),
                ends_when=self._hashed(decision.ends_when),
            )

    def _hashed(self, text: str) -> str:
        return self._context.text_hash("reason", text) if text else ""

    def copied_but_left_out(self) -> bool:
        """Whether something was copied for an access package that a person has decided to leave out since."""
        return any(row.copied_documents is not None for row in self._left_out())

    def forget_copies_left_out(self) -> None:
        """Let what is left out count as not copied, when the copies are made anew without it."""
        for row in self._left_out():
            row.copied_documents = row.copied_files = None

    def _left_out(self) -> list[FindingRow]:
        return [row for row in self._rows() if row.decided == RecordAct.LEAVE_OUT]

    def bind_plan(self) -> None:
        """Make the stored plan binding: what needs no call at a system gets its outcome now.

        Raises:
            Conflict: A record has no plan, so that nobody can have approved it.
        """
        rows = self._rows()
        if any(not row.planned for row in rows):
            raise Conflict("The case holds records that were not in the approved plan; it cannot be carried out.")
        if any(row.question for row in rows):
            raise Conflict("The plan leaves a question about records open; decide on them at the approval gate.")
        for row in rows:
            if not row.method and not row.outcome:
                row.outcome, row.acted_at = row.planned, self._context.now
                self._note_outcome(row)

    def plan_hash(self) -> str:
        """A digest of what is planned for which record, so that an approval says which plan it approved."""
        lines = [f"{row.record_hash} {row.method} {row.planned} {row.until}" for row in self._rows() if row.planned]
        return hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest() if lines else ""

    def reopen(self, ref: RecordRef) -> None:
        """Take back the outcome of a record that a fresh read still showed."""
        row = self._row(ref)
        row.outcome = ""
        row.verified, row.verified_at, row.verified_detail = "", None, ""
        self._ledger.append(CaseEvent.OUTCOME_TAKEN_BACK, record=row.record_hash, system=row.system)

    def record_outcome(self, outcome: Outcome) -> None:
        """Store what became of one record."""
        row = self._row(outcome.record)
        row.outcome = outcome.kind.value
        row.reason = outcome.reason or row.reason
        row.legal_basis = outcome.legal_basis or row.legal_basis
        row.until = outcome.until or row.until
        row.refused, row.request_id = outcome.refused, outcome.request_id
        row.acted_at = self._context.now
        self._note_outcome(row)

    def _note_outcome(self, row: FindingRow) -> None:
        self._ledger.append(
            CaseEvent.OUTCOME_RECORDED,
            record=row.record_hash,
            system=row.system,
            kind=row.kind,
            category=row.category,
            outcome=row.outcome,
            reason=row.reason,
            legal_basis=row.legal_basis,
            until=row.until.isoformat() if row.until else "",
            ends_when=row.ends_when,
            refused=row.refused,
            unclear=row.attribution == Attribution.UNCLEAR and not row.method,
            request_ref=row.request_id,
        )

    def record_presence(self, presence: Presence) -> None:
        """Store what a fresh read showed."""
        row = self._row(presence.record)
        row.verified, row.verified_at = presence.state.value, self._context.now
        row.verified_detail = presence.detail
        self._ledger.append(
            CaseEvent.PRESENCE_CHECKED,
            record=row.record_hash,
            system=row.system,
            state=presence.state.value,
            fields=", ".join(presence.fields),
        )

    def _row(self, ref: RecordRef) -> FindingRow:
        query = select(FindingRow).where(
            FindingRow.case_id == self._context.row.id, FindingRow.record_hash == self._context.record_hash(ref)
        )
        return self._context.session.scalars(query).one()

    def _rows(self, system: str = "") -> list[FindingRow]:
        query = select(FindingRow).where(FindingRow.case_id == self._context.row.id)
        if system:
            query = query.where(FindingRow.system == system)
        return list(self._context.session.scalars(query.order_by(FindingRow.system, FindingRow.id)))

    def _new_row(self, ref: RecordRef, digest: str) -> FindingRow:
        row = FindingRow(
            case_id=self._context.row.id,
            system=ref.system,
            kind=ref.kind,
            record_hash=digest,
            sealed_ref=self._context.key.seal("finding/ref", ref.ref),
            attribution=Attribution.UNCLEAR.value,
        )
        self._context.session.add(row)
        return row

    def _describe(self, row: FindingRow, one: Located) -> None:
        row.category = one.category
        row.via_hash = self._context.record_hash(one.via) if one.via else ""
        owner = [[each.kind.value, each.value, each.issuer] for each in sorted(one.owner)]
        row.sealed_owner = self._context.key.seal("finding/owner", json.dumps(owner))
        row.owner_strong = sorted(self._context.identifier_hash(each) for each in one.owner if each.is_strong)
        row.owner_weak = sorted(
            self._context.identifier_hash(each) for each in one.owner if each.kind is IdentifierKind.PHONE
        )
        row.occurred_on, row.locked_until = one.occurred_on, one.locked_until
        row.document = one.document.value if one.document else ""
        row.facts = sorted(fact.value for fact in one.facts)
        describe_language(self._context, row, one.language)

    def _owner(self, row: FindingRow) -> Identifiers:
        named = json.loads(self._context.key.open("finding/owner", row.sealed_owner))
        # Earlier versions kept no issuer.
        return frozenset(Identifier(IdentifierKind(kind), value, *issuer) for kind, value, *issuer in named)

    def _finding(self, row: FindingRow, number: int, *, names_somebody: bool) -> Finding:
        ref = RecordRef(row.system, row.kind, self._context.key.open("finding/ref", row.sealed_ref))
        return Finding(
            number=number,
            ref=ref,
            category=row.category,
            attribution=Attribution(row.attribution),
            names_somebody=names_somebody,
            facts=frozenset(Fact(fact) for fact in row.facts),
            occurred_on=row.occurred_on,
            locked_until=row.locked_until,
            method=Method(row.method) if row.method else None,
            planned=OutcomeKind(row.planned) if row.planned else None,
            outcome=OutcomeKind(row.outcome) if row.outcome else None,
            reason=row.reason,
            legal_basis=row.legal_basis,
            until=row.until,
            ends_when=row.ends_when,
            refused=row.refused,
            request_id=row.request_id,
            acted_at=row.acted_at,
            verified=PresenceState(row.verified) if row.verified else None,
            verified_at=row.verified_at,
            verified_detail=row.verified_detail,
            copies=None if row.copied_documents is None else Copies(row.copied_documents, row.copied_files or 0),
            decided=self._decision(row),
            document=DocumentClass(row.document) if row.document else None,
            question=Question(row.question) if row.question else None,
            note=row.note,
            language=language_of_row(self._context, row),
        )

    def _decision(self, row: FindingRow) -> RecordDecision | None:
        if row.sealed_decision is None:
            return None
        return _loaded(self._context.key.open("finding/decision", row.sealed_decision))


def _names_somebody(row: FindingRow, by_hash: Mapping[str, FindingRow]) -> bool:
    """Whether the record, or one it was reached through, names a person by more than a number."""
    seen: set[str] = set()
    while row.via_hash in by_hash and row.record_hash not in seen and not row.owner_strong:
        seen.add(row.record_hash)
        row = by_hash[row.via_hash]
    return bool(row.owner_strong)


def _dumped(decision: RecordDecision) -> str:
    until = decision.until.isoformat() if decision.until else None
    return json.dumps(asdict(decision) | {"until": until}, ensure_ascii=False)


def _loaded(text: str) -> RecordDecision:
    said = json.loads(text)
    until = date.fromisoformat(said["until"]) if said["until"] else None
    document = DocumentClass(said["document"]) if said.get("document") else None
    return RecordDecision(**said | {"act": RecordAct(said["act"]), "until": until, "document": document})


def _candidate(row: FindingRow) -> Candidate:
    return Candidate(
        key=row.record_hash, strong=frozenset(row.owner_strong), weak=frozenset(row.owner_weak), via=row.via_hash
    )
