"""What the double systems hold after an answer, and what was done to them: the truth for the letters of later.

Noted by the course itself from what it put in and from a look into the double, never from the case file.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, cast

from rightsflow.app import current_app
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.identifiers import IdentifierKind, Identifiers
from rightsflow.domain.records import Fact, OutcomeKind
from rightsflow.store import CaseFile
from rightsflow.testing.fake_records import FakeRecord
from rightsflow.testing.fakes import FakeSystem

_STILL_THERE = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.RESIDUE})


@dataclass(slots=True)
class Double:
    """The double systems of one case after its answer.

    Args:
        known: By what the person is known there.
        returned: What was put back: system, category, number of the record, when it was seen and gone again.
        lifted: What was announced to be used again: records, day, reason, and the day on which the mark was gone.
    """

    known: Identifiers = frozenset()
    returned: list[dict[str, Any]] = field(default_factory=list)
    lifted: list[dict[str, Any]] = field(default_factory=list)

    def begin(self, file: CaseFile) -> None:
        """Put into the doubles what the answer says that they still hold."""
        self.known = frozenset(one for one in file.identifiers.known() if one.kind is not IdentifierKind.NAME)
        for one in file.findings.all():
            if one.attribution is Attribution.SUBJECT and one.outcome in _STILL_THERE:
                self.put(one, restricted=one.outcome is OutcomeKind.RESTRICTED)

    def put(self, one: Finding, *, restricted: bool = False, facts: frozenset[Fact] | None = None) -> None:
        """Let a system hold a record."""
        record = FakeRecord(
            kind=one.ref.kind,
            key=one.ref.ref,
            texts=((self.known, "words of theirs"),),
            occurred_on=one.occurred_on,
            facts=frozenset(one.facts) - {Fact.LEGAL_HOLD, Fact.SHARED} if facts is None else facts,
            restricted=restricted,
        )
        _fake(one.ref.system).add(record)

    def bring_back(self, these: Iterable[Finding]) -> None:
        """A back-up is restored: what was gone is there again."""
        for one in these:
            self.put(one, facts=frozenset())
            self.returned.append(_of(one) | {"seen_on": "", "began": False, "gone_on": ""})

    def begin_again(self) -> None:
        """Note that the erasure of what is back was begun."""
        for one in self.returned:
            one["began"] = True

    def look(self, file: CaseFile, today: date) -> None:
        """Note what is gone from the doubles since the last look, and what was seen to be back."""
        for one in self.returned:
            one["seen_on"] = one["seen_on"] or today.isoformat()
            if not one["gone_on"] and not self._is_held(file, one["number"]):
                one["gone_on"] = today.isoformat()
        for one in self.lifted:
            if not one["gone_on"] and not all(self._is_marked(file, number) for number in one["marked"]):
                one["gone_on"] = today.isoformat()

    def announce(self, file: CaseFile, numbers: Iterable[int], on: date, reason: str) -> None:
        """Note what the person is to be told of: the records, and those of them that bear a mark."""
        wanted = set(numbers)
        these = [_of(one) for one in file.findings.all() if one.number in wanted]
        marked = [one for one in sorted(wanted) if self._is_marked(file, one)]
        self.lifted.append({"marked": marked, "records": these, "on": on.isoformat(), "reason": reason, "gone_on": ""})

    def _held(self, file: CaseFile, number: int) -> FakeRecord | None:
        [ref] = [one.ref for one in file.findings.all() if one.number == number]
        there = (one for one in _fake(ref.system).records() if (one.kind, one.key) == (ref.kind, ref.ref))
        return next(there, None)

    def _is_held(self, file: CaseFile, number: int) -> bool:
        held = self._held(file, number)
        return held is not None and held.names(self.known)

    def _is_marked(self, file: CaseFile, number: int) -> bool:
        held = self._held(file, number)
        return held is not None and held.restricted

    def plain(self) -> Mapping[str, Any]:
        """The same as plain data."""
        return {
            "returned": [dict(one) for one in self.returned],
            "lifted": [dict(one) for one in self.lifted],
        }


def _of(one: Finding) -> dict[str, Any]:
    return {"number": one.number, "system": one.ref.system, "category": one.category}


def _fake(system: str) -> FakeSystem:
    return cast("FakeSystem", current_app().connectors[system])
