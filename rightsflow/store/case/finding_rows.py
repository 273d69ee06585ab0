"""The rows of a case's findings: records and their owners encrypted, what they are matched by as keyed hashes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Row, select

from rightsflow.domain.attribution import Attribution, Candidate
from rightsflow.domain.case.copies import Copies
from rightsflow.domain.case.findings import Finding, Question
from rightsflow.domain.erasure.retention.duty import DocumentClass
from rightsflow.domain.gates.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.records import Fact, Located, Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.store.case.context import Context
from rightsflow.store.case.languages import describe_language, language_of_row
from rightsflow.store.tables import FindingRow


class FindingRows:
    """The rows of one case's findings, written and read.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def one(self, ref: RecordRef) -> FindingRow:
        """The row of a record of the case."""
        query = select(FindingRow).where(
            FindingRow.case_id == self._context.row.id, FindingRow.record_hash == self._context.record_hash(ref)
        )
        return self._context.session.scalars(query).one()

    def all(self, system: str = "") -> list[FindingRow]:
        """The rows of every record of the case, or of one system, in a stable order."""
        query = select(FindingRow).where(FindingRow.case_id == self._context.row.id)
        if system:
            query = query.where(FindingRow.system == system)
        return list(self._context.session.scalars(query.order_by(FindingRow.system, FindingRow.id)))

    def add(self, ref: RecordRef, digest: str) -> FindingRow:
        """A row for a record that was not known.

        Args:
            ref: The record.
            digest: Its keyed hash.
        """
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

    def describe(self, row: FindingRow, one: Located) -> None:
        """Write into a row what a search returned of its record."""
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

    def owner(self, row: FindingRow) -> Identifiers:
        """Whom a record names, in clear."""
        named = json.loads(self._context.key.open("finding/owner", row.sealed_owner))
        # Earlier versions kept no issuer.
        return frozenset(Identifier(IdentifierKind(kind), value, *issuer) for kind, value, *issuer in named)

    def located(self, row: FindingRow) -> Located:
        """A record as a search returned it."""
        return Located(
            record=RecordRef(row.system, row.kind, self._context.key.open("finding/ref", row.sealed_ref)),
            category=row.category,
            owner=self.owner(row),
            occurred_on=row.occurred_on,
            facts=frozenset(Fact(fact) for fact in row.facts),
            locked_until=row.locked_until,
            document=DocumentClass(row.document) if row.document else None,
        )

    def finding(self, row: FindingRow, number: int, *, names_somebody: bool) -> Finding:
        """A row as the rest of the software sees it.

        Args:
            row: The row.
            number: Its place among the case's records.
            names_somebody: Whether it names a person by more than a number.
        """
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
        return _decision_of(self._context.key.open("finding/decision", row.sealed_decision))


def decision_text(decision: RecordDecision) -> str:
    """A decision on a record as text, to be encrypted."""
    until = decision.until.isoformat() if decision.until else None
    return json.dumps(asdict(decision) | {"until": until}, ensure_ascii=False)


def _decision_of(text: str) -> RecordDecision:
    said = json.loads(text)
    until = date.fromisoformat(said["until"]) if said["until"] else None
    document = DocumentClass(said["document"]) if said.get("document") else None
    return RecordDecision(**said | {"act": RecordAct(said["act"]), "until": until, "document": document})


def candidate(row: FindingRow | Row[Any]) -> Candidate:
    """What decides whose a record is.

    Args:
        row: Its row, or the columns of it that say so.
    """
    return Candidate(
        key=row.record_hash, strong=frozenset(row.owner_strong), weak=frozenset(row.owner_weak), via=row.via_hash
    )
