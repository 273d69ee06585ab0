"""The systems of a case, folded from its entries: searches, steps and findings."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rightsflow.audit.evidence.details import Details, counts, nested, number, rows, text, texts
from rightsflow.audit.evidence.record import EvidenceRecordLine, LeftOutLine, SystemLine
from rightsflow.audit.ledger import Entry
from rightsflow.domain.case.findings import holdings
from rightsflow.domain.vocabulary.events import StepName

_NO_COUNTS = ("step", "system", "matches", "by", "records", "package", "plan")


@dataclass(slots=True)
class _System:
    """The facts known so far about one system."""

    searched_at: datetime | None = None
    searched_by: Mapping[str, int] = field(default_factory=dict)
    verified_at: datetime | None = None
    failures: int = 0
    cannot_find: tuple[str, ...] | None = None
    # The totals of old entries, if there are no entries about single records.
    erased: Mapping[str, int] = field(default_factory=dict)
    verified: Mapping[str, int] = field(default_factory=dict)


class FoldedSystems:
    """Takes the entries of steps one by one."""

    def __init__(self) -> None:
        self.disclosed: Mapping[str, int] = {}
        self.package = ""
        self.left_out: tuple[LeftOutLine, ...] | None = None
        self._systems: defaultdict[str, _System] = defaultdict(_System)
        self._tally: tuple[Details, ...] = ()
        self._masked: dict[str, Mapping[str, int]] = {}

    def finish_step(self, entry: Entry) -> None:
        """Take the entry of a step that was done."""
        said, step, name = entry.details, text(entry.details, "step"), text(entry.details, "system")
        if step == StepName.RESOLVE:
            self._tally = tuple(rows(said, "records"))
        elif step == StepName.ASSEMBLE:
            self.disclosed, self.package = counts(said, *_NO_COUNTS), text(said, "package")
            self.left_out = tuple(map(_left_out_line, rows(said, "left_out"))) if "left_out" in said else None
        elif step == StepName.REDACT:
            self._masked[name] = counts(said, *_NO_COUNTS)
        elif name and step == StepName.LOCATE:
            self._systems[name].searched_at = entry.at
            self._systems[name].searched_by = counts(nested(said, "by"))
            self._systems[name].cannot_find = texts(said, "cannot_find") if "cannot_find" in said else None
        elif name and step == StepName.ERASE:
            self._systems[name].erased = counts(said, *_NO_COUNTS)
        elif name and step == StepName.VERIFY:
            self._systems[name].verified = counts(said, *_NO_COUNTS)
            if self._systems[name].verified:
                # If no record was erased, none was verified.
                self._systems[name].verified_at = self._systems[name].verified_at or entry.at

    def fail_step(self, system: str) -> None:
        """Count a step that failed at a system."""
        if system:
            self._systems[system].failures += 1

    def look_again(self, system: str, at: datetime) -> None:
        """Note that records of a system were read afresh.

        Args:
            system: The system.
            at: When (aware).
        """
        self._systems[system].verified_at = at

    @property
    def masked(self) -> Mapping[str, int]:
        """The counts of data redacted for the rights of others, over all systems."""
        masked: Counter[str] = Counter()
        for item in self._masked.values():
            masked.update(item)
        return masked

    def lines(self, records: Iterable[EvidenceRecordLine]) -> tuple[SystemLine, ...]:
        """The systems by name; the records are gone through once, however many systems there are.

        Args:
            records: What is known of each record.
        """
        tallied, by_system = _by_system(self._tally), defaultdict[str, list[EvidenceRecordLine]](list)
        for record in records:
            by_system[record.system].append(record)
        named = {name for name in (*self._systems, *tallied, *by_system) if name}
        return tuple(self._system(name, tallied.get(name, ()), by_system.get(name, ())) for name in sorted(named))

    def _system(self, name: str, tallied: Sequence[Details], records: Sequence[EvidenceRecordLine]) -> SystemLine:
        known = self._systems[name]
        found: Counter[str] = Counter()
        for details in tallied:
            if theirs := number(details, "subject") + number(details, "taken_in"):
                found[text(details, "category")] += theirs
        outcomes = Counter[str]()
        for held in holdings(records):
            outcomes[held.fate.value] += held.records
        verified = Counter(record.verified for record in records if record.verified)
        return SystemLine(
            system=name,
            searched_at=known.searched_at,
            searched_by=known.searched_by,
            found=found,
            unclear=sum(number(item, "unclear") for item in tallied),
            outcomes=outcomes if records else known.erased,
            verified_at=known.verified_at,
            verified=verified if records else known.verified,
            failures=known.failures,
            cannot_find=known.cannot_find,
        )


def _by_system(tally: Iterable[Details]) -> dict[str, list[Details]]:
    found: dict[str, list[Details]] = {}
    for details in tally:
        found.setdefault(text(details, "system"), []).append(details)
    return found


def _left_out_line(said: Details) -> LeftOutLine:
    return LeftOutLine(
        system=text(said, "system"),
        what=text(said, "what"),
        reason=text(said, "reason"),
        legal_basis=text(said, "legal_basis"),
        count=number(said, "count"),
    )
