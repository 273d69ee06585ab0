"""The findings of a case: which records were located, whose they are, what is planned and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import case, func, select

from rightsflow.domain.attribution import Attribution, Resolution, resolve
from rightsflow.domain.case.findings import Copies, Finding, Planned, RecordStanding, WorkedRecord
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.erasure.safeguards import PlannedLine, leaves_data, plan_digest, refuse_unbound
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import (
    Fact,
    KindAt,
    Located,
    Outcome,
    OutcomeKind,
    Presence,
    PresenceState,
    RecordRef,
)
from rightsflow.store.case.finding_outcomes import SettledRows, note_outcome
from rightsflow.store.case.finding_rows import (
    FindingLine,
    FindingRows,
    above,
    candidate,
    decided,
    decision_text,
    read_finding,
    read_located,
)
from rightsflow.store.case.identifiers import KnownIdentifiers
from rightsflow.store.case.taken_in_rows import TakenInRows
from rightsflow.store.core.case_ledger import Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow

_ROW = FindingRow.__table__.c
_THERE = frozenset({"", OutcomeKind.RETAINED.value, OutcomeKind.RESTRICTED.value, OutcomeKind.FAILED.value})
"""Outcomes, or none yet, with which a record is still there as it was."""
_LEFT_OUT = RecordAct.LEAVE_OUT
_TAKEN_IN = RecordAct.TAKE_IN


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
        self.rows = self._rows = FindingRows(context)
        self._settled = SettledRows(context, ledger, self._rows)
        self.taken_in = TakenInRows(context, ledger, self._rows)
        self._read: tuple[Sequence[FindingLine], list[Finding]] | None = None

    def replace(self, system: str, located: Sequence[Located]) -> None:
        """Store the result of a complete search of one system; records that are no longer found are removed.

        A record that something was already done with stays: it is evidence.
        """
        before = self._rows.of_system(system)
        by_hash = {self._context.record_hash(item.record): item for item in located}
        self._rows.describe({before[digest].id: item for digest, item in by_hash.items() if digest in before})
        self._rows.add({digest: item for digest, item in by_hash.items() if digest not in before})
        self._rows.remove([row.id for digest, row in before.items() if digest not in by_hash and not row.outcome])

    def put_handed_over(self, located: Sequence[Located]) -> None:
        """Store records that a processor handed over as the person's; a record that is stored already stays unchanged.

        Args:
            located: The records, each with the identifiers by which the processor found it.
        """
        before = {row.record_hash for row in self._rows.lines()}
        by_hash = {self._context.record_hash(item.record): item for item in located}
        self._rows.add({digest: item for digest, item in by_hash.items() if digest not in before}, Attribution.SUBJECT)

    def drop_handed_over(self, records: Collection[RecordRef]) -> None:
        """Forget records that a processor handed over, since it takes that back."""
        gone = {self._context.record_hash(record) for record in records}
        self._rows.remove([row.id for row in self._rows.lines() if row.record_hash in gone])

    def resolve(self, *, profiles: Collection[KindAt] = (), searched_anew: bool = True) -> tuple[bool, Resolution]:
        """Decide the ownership of each record, over all systems.

        Returns whether that taught identifiers to search for, and the decision.

        Args:
            profiles: The kinds of record that are a person's profile.
            searched_anew: Whether all systems were searched since the last decision. Else other people's records are
                forgotten by now, and a number that was seen with one of them stays contested.
        """
        rows = self._rows.to_attribute()
        before = self._identifiers.scope()
        contested = frozenset() if searched_anew else self._identifiers.contested()
        named = {row.record_hash: candidate(self._context, row, profiles) for row in rows}
        stated = frozenset(self._identifiers.asked_with())
        resolution = resolve(self._identifiers.known(), list(named.values()), contested, stated=stated)
        whose = {row.id: decided(resolution, row.record_hash) for row in rows}
        changed = {row.id: whose[row.id] for row in rows if (row.attribution, row.doubt) != whose[row.id]}
        self._rows.write_alike(changed, lambda said: {"attribution": said[0].value, "doubt": said[1]})
        self._rows.note_chains(rows, resolution)
        for row in rows:
            if whose[row.id][0] is Attribution.SUBJECT and (taught := named[row.record_hash].owner & resolution.known):
                self._identifiers.add(taught, learnt_from=row.system)
        return self._identifiers.scope() != before, resolution

    def needed_by_orders(self) -> frozenset[RecordRef]:
        """Return the records that an open order of the person needs: the account with the address, and its parents."""
        rows = self._rows.lines()
        orders = [row for row in rows if Fact.OPEN_ORDER in row.facts and row.outcome in _THERE]
        return frozenset(self._ref(row) for row in above(orders, rows))

    def referred_to(self, documents: Collection[KindAt]) -> dict[RecordRef, list[Finding]]:
        """Return the records that some kinds of records refer to, directly and upwards, each with its referrers.

        Args:
            documents: The kinds of the records that refer.
        """
        rows, by_record = self._rows.lines(), dict[RecordRef, list[Finding]]()
        for item, row in zip(self.all(), rows, strict=True) if documents else ():
            if KindAt(row.system, row.kind) in documents and row.outcome in _THERE:
                for other in above([row], rows):
                    by_record.setdefault(self._ref(other), []).append(item)
        return by_record

    def _ref(self, row: FindingLine) -> RecordRef:
        return RecordRef(row.system, row.kind, self._context.key.open("finding/ref", row.sealed_ref))

    def forget_others(self) -> int:
        """Drop the records that turned out to be another person's; returns how many.

        A record that something was already done with stays: it is evidence.
        """
        others = [row.id for row in self._rows.lines() if row.attribution == Attribution.ANOTHER and not row.outcome]
        self._rows.remove(others)
        return len(others)

    def tally(self) -> list[dict[str, object]]:
        """Count the subject's records and the unclear ones, by system and category.

        Unclear records that a person took in are counted separately, if there are any.
        """
        counted: Counter[tuple[str, str, str]] = Counter(
            (row.system, row.category, _whose(row)) for row in self._rows.lines()
        )
        return [
            {
                "system": system,
                "category": category,
                "subject": counted[system, category, Attribution.SUBJECT],
                "unclear": counted[system, category, Attribution.UNCLEAR],
                **({"taken_in": taken} if (taken := counted[system, category, _TAKEN_IN]) else {}),
            }
            for system, category in sorted({(system, category) for system, category, _ in counted})
        ]

    def kinds(self, *, to_resolve: bool = False) -> set[KindAt]:
        """Return the kinds of the case's records; before attribution, the owners are read too."""
        return {KindAt(row.system, row.kind) for row in self._rows.lines(with_owners=to_resolve)}

    def attributions(self) -> Counter[str]:
        """Count the records by attribution; unclear records that a person took in are counted separately."""
        return Counter(map(_whose, self._rows.lines()))

    def all(self, system: str = "") -> list[Finding]:
        """Return every record of the case (or of one system), in a stable order."""
        rows = self._rows.lines()
        if self._read is None or self._read[0] is not rows:
            self._read = rows, self._findings(rows)
        return [item for item in self._read[1] if not system or item.ref.system == system]

    def _findings(self, rows: Sequence[FindingLine]) -> list[Finding]:
        return [read_finding(self._context, row, number) for number, row in enumerate(rows, start=1)]

    def counted(self) -> list[tuple[RecordStanding, int]]:
        """Count the records by standing, without decrypting anything."""
        if self._rows.are_read:
            return list(Counter(map(_standing_of, self._rows.lines())).items())
        copied = case((_ROW.copied_documents.is_(None), None), else_=_ROW.copied_documents + _ROW.copied_files > 0)
        query = select(
            *(_ROW.system, _ROW.category, _ROW.attribution, _ROW.outcome, _ROW.planned),
            *(_ROW.method != "", _ROW.verified == PresenceState.PRESENT),
            *(_ROW.decided == _LEFT_OUT, _ROW.decided == _TAKEN_IN, copied),
        ).where(_ROW.case_id == self._context.row.id)
        self._context.memory.flush_of(FindingRow)
        alike = query.subquery()
        counted = select(*alike.c, func.count()).group_by(*alike.c)
        return [(_standing(*row), count) for *row, count in self._context.session.execute(counted)]

    def note_copies(self, system: str, refs: Iterable[RecordRef], copies: Mapping[RecordRef, Copies]) -> None:
        """Store the copies made of a system's records for the access package.

        Args:
            system: The system's name in the configuration.
            refs: The records that were asked for; of one that is gone by now nothing was copied.
            copies: What was copied of each.
        """
        rows = self._rows.of_system(system)
        self._rows.write_alike(
            {rows[self._context.record_hash(ref)].id: copies.get(ref, Copies()) for ref in refs},
            lambda copy: {"copied_documents": copy.documents, "copied_files": copy.files},
        )

    def left_behind(self, system: str = "") -> list[Located]:
        """Return the subject's records of one system, or of all, that the case did not remove wholly, as located."""
        return [
            read_located(self._context, row)
            for row in self._rows.all(system)
            if row.attribution == Attribution.SUBJECT and leaves_data(_outcome(row), refused=row.refused)
        ]

    def has_unclear(self) -> bool:
        """Return whether the case has records of unclear ownership."""
        return any(row.attribution == Attribution.UNCLEAR for row in self._rows.lines())

    def systems(self) -> set[str]:
        """Return the systems in which the case has a record."""
        return self._rows.systems()

    def plan(self, planned: Iterable[Planned]) -> None:
        """Store the planned treatment of each of these records."""
        rows = {row.record_hash: row for row in self._rows.all()}
        for item in planned:
            row = rows[self._context.record_hash(item.ref)]
            row.method = item.method.value if item.method else ""
            row.planned = item.expected.value
            row.reason, row.legal_basis = item.reason, item.legal_basis
            row.until, row.ends_when = item.until, item.ends_when
            row.question, row.note = item.question.value if item.question else "", item.note
        self._rows.forget()

    def decide(self, decisions: Mapping[RecordRef, RecordDecision], *, by: str) -> None:
        """Store a person's decisions on single records; the ledger gets the provisions, and the grounds as hashes.

        Args:
            decisions: What was decided on which record.
            by: Who decided.
        """
        rows = {row.record_hash: row for row in self._rows.all()}
        alike: dict[RecordDecision, list[str]] = {}
        for ref, decision in decisions.items():
            row = rows[self._context.record_hash(ref)]
            row.decided = decision.act.value
            row.sealed_decision = self._context.key.seal("finding/decision", decision_text(replace(decision, by=by)))
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
        """Return whether a record was copied for an access package and left out by a person since."""
        return any(row.copied_documents is not None for row in self._rows.lines() if row.decided == _LEFT_OUT)

    def forget_copies_left_out(self) -> None:
        """Mark records that are left out as not copied, when the copies are made again without them."""
        for row in self._rows.all():
            if row.decided == _LEFT_OUT:
                row.copied_documents = row.copied_files = None

    def bind_plan(self) -> None:
        """Make the stored plan binding: records that need no call at a system get their outcome now.

        Raises:
            Conflict: A record has no plan, so that no one can have approved it.
        """
        rows = self._rows.all()
        refuse_unbound(_planned_line(row) for row in rows)
        for row in rows:
            if not row.method and not row.outcome:
                row.outcome, row.acted_at = row.planned, self._context.now
                note_outcome(self._ledger, row)

    def plan_hash(self) -> str:
        """Return a digest of the plan of each record, so that an approval is bound to the plan."""
        self._context.memory.flush_of(FindingRow)
        columns = FindingRow.record_hash, FindingRow.method, FindingRow.planned, FindingRow.until
        query = select(*columns).where(FindingRow.case_id == self._context.row.id)
        return plan_digest(PlannedLine(*row) for row in self._context.session.execute(query))

    def reopen(self, ref: RecordRef) -> None:
        """Take back the outcome of a record that a fresh read still showed."""
        row = self._rows.one(ref)
        row.outcome = ""
        row.verified, row.verified_at, row.verified_detail = "", None, ""
        row.looked_at = None
        self._ledger.append(CaseEvent.OUTCOME_TAKEN_BACK, record=row.record_hash, system=row.system)

    def worked_on(self, system: str) -> list[WorkedRecord]:
        """Return the records of one system with the data for their erasure and fresh read, in a stable order."""
        return self._settled.worked_on(system)

    def record_outcome(self, *outcomes: Outcome) -> None:
        """Store the outcomes of some records, one for each."""
        self._settled.record_outcome(outcomes)

    def record_presence(self, *looks: Presence) -> None:
        """Store the results of fresh reads of some records, one for each."""
        self._settled.record_presence(looks)

    def count_outcomes(self, system: str) -> dict[str, int]:
        """Count a system's records by outcome; those without an outcome count as ``open``."""
        self._context.memory.flush_of(FindingRow)
        query = select(_ROW.outcome, func.count()).where(_ROW.case_id == self._context.row.id, _ROW.system == system)
        counted = self._context.session.execute(query.group_by(_ROW.outcome).order_by(_ROW.outcome))
        return {outcome or "open": count for outcome, count in counted}


def _standing(
    system: str, category: str, attribution: str, outcome: str, planned: str, *said: bool | None
) -> RecordStanding:
    has_method, is_seen, is_left_out, is_taken_in, copied = said
    return RecordStanding(
        system=system,
        category=category,
        attribution=Attribution(attribution),
        outcome=OutcomeKind(outcome) if outcome else None,
        planned=OutcomeKind(planned) if planned else None,
        has_method=bool(has_method),
        is_seen=bool(is_seen),
        is_left_out=bool(is_left_out),
        is_taken_in=bool(is_taken_in),
        copied=copied,
    )


def _standing_of(row: FindingLine) -> RecordStanding:
    return _standing(
        *(row.system, row.category, row.attribution, row.outcome, row.planned),
        *(row.method != "", row.verified == PresenceState.PRESENT, row.decided == _LEFT_OUT, row.decided == _TAKEN_IN),
        None if row.copied_documents is None else row.copied_documents + (row.copied_files or 0) > 0,
    )


def _whose(row: FindingLine) -> str:
    is_taken_in = row.attribution == Attribution.UNCLEAR and row.decided == _TAKEN_IN
    return _TAKEN_IN.value if is_taken_in else str(row.attribution)


def _outcome(row: FindingRow) -> OutcomeKind | None:
    return OutcomeKind(row.outcome) if row.outcome else None


def _planned_line(row: FindingRow) -> PlannedLine:
    return PlannedLine(row.record_hash, row.method, row.planned, row.until, has_question=bool(row.question))
