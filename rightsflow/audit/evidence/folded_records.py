"""The records of a case, folded from its entries: their outcomes, and the results of fresh reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rightsflow.audit.evidence.details import day, text, texts
from rightsflow.audit.evidence.record import ActLine, EvidenceRecordLine
from rightsflow.audit.ledger import Entry
from rightsflow.domain.case.findings import Fate, grounds
from rightsflow.domain.vocabulary.events import CaseEvent

_MACHINE = "rightsflow"


class FoldedRecords:
    """Takes the entries of records one by one."""

    def __init__(self) -> None:
        self._records: dict[tuple[str, str], EvidenceRecordLine] = {}
        self._decided: dict[str, str] = {}

    @property
    def lines(self) -> tuple[EvidenceRecordLine, ...]:
        """The outcomes of the records, in the order in which the records were first named."""
        return tuple(self._records.values())

    def decide(self, entry: Entry) -> None:
        """Take the entry of decisions on single records."""
        for record in texts(entry.details, "records"):
            self._decided[record] = entry.actor

    def record_outcome(self, entry: Entry, law: str) -> None:
        """Take the entry of an outcome.

        Args:
            entry: The entry.
            law: The law's name, as the letters cite it.
        """
        said, known = entry.details, self._records.get(_key(entry))
        line = EvidenceRecordLine(
            record=text(said, "record"),
            system=text(said, "system"),
            kind=text(said, "kind"),
            category=text(said, "category"),
            outcome=text(said, "outcome"),
            at=entry.at,
            reason=text(said, "reason"),
            legal_basis=text(said, "legal_basis"),
            until=day(said, "until"),
            ends_when=text(said, "ends_when"),
            request_ref=text(said, "request_ref"),
            refused=said.get("refused") is True,
            is_unclear=said.get("unclear") is True,
            verified=known.verified if known else "",
            verified_at=known.verified_at if known else None,
            taken_back=known.taken_back if known else 0,
            decided_by=self._decided.get(text(said, "record"), ""),
        )
        if line.fate is not None and line.refused:
            basis, ends_when = grounds(line.fate, line.legal_basis, line.until, line.ends_when, law)
            line = replace(line, legal_basis=basis, ends_when=ends_when)
        self._records[_key(entry)] = line

    def take_back(self, entry: Entry) -> None:
        """Take the entry of an outcome that was taken back."""
        known = self._records.get(_key(entry)) or _unknown_record(entry)
        # The last fresh read led to this; once it is erased again, no one has checked it yet.
        self._records[_key(entry)] = replace(
            known, outcome="", at=entry.at, verified="", verified_at=None, taken_back=known.taken_back + 1
        )

    def look_again(self, entry: Entry) -> None:
        """Take the entry of a fresh read."""
        known = self._records.get(_key(entry)) or _unknown_record(entry)
        state = text(entry.details, "state")
        self._records[_key(entry)] = replace(known, verified=state, verified_at=entry.at)

    def rename(self, entry: Entry) -> None:
        """Take the entry of a record that goes by another name from now on."""
        before, now = _key(entry), text(entry.details, "now")
        renamed = replace(self._records.get(before) or _unknown_record(entry), record=now)
        lines = [renamed if key == before else record for key, record in self._records.items()]
        self._records = {(line.system, line.record): line for line in (*lines, renamed)}
        if before[1] in self._decided:
            self._decided[now] = self._decided[before[1]]

    def delegated(self) -> Iterator[ActLine]:
        """The records that a processor erases, as acts."""
        for record in self._records.values():
            if record.fate is Fate.DELEGATED:
                what = f"{record.system}: {record.kind}, {record.category}"
                yield ActLine(at=record.at, event=CaseEvent.OUTCOME_RECORDED, by=_MACHINE, what=what)


def _key(entry: Entry) -> tuple[str, str]:
    return text(entry.details, "system"), text(entry.details, "record")


def _unknown_record(entry: Entry) -> EvidenceRecordLine:
    system, record = _key(entry)
    return EvidenceRecordLine(record=record, system=system, kind="", category="", outcome="", at=entry.at)
