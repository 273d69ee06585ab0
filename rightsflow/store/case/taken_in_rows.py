"""Records in doubt that a person took into an access package: kept on their findings, with all that hangs on them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.gates.package_changes import LeftAgain
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.finding_rows import FindingLine, FindingRows, decision_text, owner_of, read_decision
from rightsflow.store.core.case_ledger import MACHINE, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow

_ROW: Final = FindingRow.__table__.c
_TAKE_IN: Final = RecordAct.TAKE_IN


class TakenInRows:
    """The records of one case that a person took into the package in spite of doubt.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        rows: The rows of its findings.
    """

    def __init__(self, context: Context, ledger: Ledger, rows: FindingRows) -> None:
        self._context = context
        self._ledger = ledger
        self._rows = rows

    def roots(self) -> Mapping[int, int]:
        """Return the number of each record's topmost parent: its own if it has none, 0 if the parent was not found."""
        lines = self._rows.lines()
        numbers = {line.record_hash: number for number, line in enumerate(lines, start=1)}
        via = {
            number: numbers.get(line.via_hash, 0) if line.via_hash and not _is_apart(line, lines, numbers) else number
            for number, line in enumerate(lines, start=1)
        }
        return {number: _end(number, via) for number in via}

    def take_in(self, number: int, *, reason: str, by: str, content: str) -> None:
        """Include a record in doubt, with the records that depend on it, in the package.

        Args:
            number: Its number; it hangs on no other one.
            reason: Why; kept encrypted.
            by: Who decides.
            content: The keyed hash of what it said when it was looked at.
        """
        line, these = self._line(number), self._chain(number)
        decision = RecordDecision(act=_TAKE_IN, ground=reason, by=by, named=self._named(line), content=content)
        self._decide(these, decision)
        self._ledger.append(
            CaseEvent.RECORD_TAKEN_IN,
            actor=by,
            records=[item.record_hash for item in these],
            count=len(these),
            doubt=line.doubt,
            reason=self._context.text_hash("reason", reason),
        )

    def leave_again(self, number: int, why: LeftAgain, *, by: str = MACHINE) -> None:
        """Leave out a record again that was taken in, with the records that depend on it.

        Args:
            number: Its number.
            why: Why.
            by: Who decides; no one where it is so by itself.
        """
        self._leave([item for item in self._chain(number) if item.decided == _TAKE_IN], why, by)

    def settle(self) -> None:
        """Keep records taken in after a new attribution, as long as they have not changed.

        Records linked to it meanwhile are included. What is not given counts as not copied.
        """
        if any(line.decided == _TAKE_IN for line in self._rows.lines()):
            self._settle()
        stale = [item.id for item in self._rows.lines() if item.copied_documents is not None and not _is_given(item)]
        self._rows.write_alike(dict.fromkeys(stale), lambda _: {"copied_documents": None, "copied_files": None})

    def _settle(self) -> None:
        roots, lines = self.roots(), self._rows.lines()
        taken = {number for number, line in enumerate(lines, start=1) if line.decided == _TAKE_IN}
        standing = set[int]()
        left: defaultdict[LeftAgain, list[FindingLine]] = defaultdict(list)
        for number in sorted(taken):
            root = roots[number]
            why = self._why_left(self._line(root)) if root in taken else LeftAgain.HANGS
            if why is None:
                standing.add(root)
            else:
                left[why].append(lines[number - 1])
        for why, these in left.items():
            self._leave(these, why, MACHINE)
        for root in standing:
            self._come_along(root)

    def _come_along(self, root: int) -> None:
        decision = self._decision(self._line(root))
        self._decide([item for item in self._chain(root) if not item.decided], decision)

    def _why_left(self, line: FindingLine) -> LeftAgain | None:
        if line.attribution == Attribution.SUBJECT:
            return LeftAgain.THEIRS
        return None if self._decision(line).named == self._named(line) else LeftAgain.NAMED

    def _leave(self, these: Collection[FindingLine], why: LeftAgain, by: str) -> None:
        if not these:
            return
        values: dict[str, object] = {"decided": "", "sealed_decision": None}
        if why is not LeftAgain.TAKEN_BACK:
            # Else the package still has it, until it is made again.
            values |= {"copied_documents": None, "copied_files": None}
        self._rows.write_alike({finding_line.id: None for finding_line in these}, lambda _: values)
        self._ledger.append(
            CaseEvent.RECORD_LEFT_AGAIN,
            actor=by,
            records=[finding_line.record_hash for finding_line in these],
            count=len(these),
            why=why.value,
        )

    def contents(self, system: str) -> Mapping[int, str]:
        """Return the content hashes that a system's records had when a person took them in by themselves.

        Args:
            system: The system's name.

        Returns:
            The keyed hash of each, by its number.
        """
        taken = self._taken()
        roots = self.roots() if taken else {}
        return {
            number: self._decision(line).content
            for number, line in taken.items()
            if line.system == system and roots[number] == number
        }

    def named(self) -> Mapping[str, Identifiers]:
        """Return the identifiers named by records taken in, by the hashes of these and of their dependent records."""
        taken = self._taken()
        roots = self.roots() if taken else {}
        owners = {number: self._owner(self._line(number)) for number in {roots[item] for item in taken} if number}
        return {line.record_hash: owners.get(roots[number], frozenset()) for number, line in taken.items()}

    def owner(self, number: int) -> Identifiers:
        """Return the identifiers that a record names, in clear."""
        return self._owner(self._line(number))

    def deciders(self) -> set[str]:
        """Return the people who took in the present records, or undid another person's decision to take some in."""
        deciders: dict[str, str] = {}
        others = set[str]()
        for entry in self._ledger.entries(CaseEvent.RECORD_TAKEN_IN, CaseEvent.RECORD_LEFT_AGAIN):
            records = entry.details.get("records", ())
            if entry.event == CaseEvent.RECORD_TAKEN_IN:
                deciders |= dict.fromkeys(records, entry.actor)
            elif entry.event == CaseEvent.RECORD_LEFT_AGAIN:
                before = {deciders.pop(record, "") for record in records} - {""}
                if entry.details["why"] == LeftAgain.TAKEN_BACK and before - {entry.actor}:
                    others.add(entry.actor)
        taken = self._taken().values()
        return others | {self._decision(line).by for line in taken}

    def _taken(self) -> Mapping[int, FindingLine]:
        lines = enumerate(self._rows.lines(), start=1)
        return {number: line for number, line in lines if line.decided == _TAKE_IN}

    def _line(self, number: int) -> FindingLine:
        return self._rows.lines()[number - 1]

    def _chain(self, number: int) -> list[FindingLine]:
        lines = self._rows.lines()
        return [lines[item - 1] for item, root in self.roots().items() if root == number]

    def _decide(self, these: Iterable[FindingLine], decision: RecordDecision) -> None:
        sealed = self._context.key.seal("finding/decision", decision_text(decision))
        values = {"decided": _TAKE_IN.value, "sealed_decision": sealed}
        self._rows.write_alike({finding_line.id: None for finding_line in these}, lambda _: values)

    def _decision(self, line: FindingLine) -> RecordDecision:
        return read_decision(self._context, line) or RecordDecision(act=_TAKE_IN)

    def _owner(self, line: FindingLine) -> Identifiers:
        # Whom a record names is read of few of them, so that lines are without it.
        row = self._context.session.execute(select(_ROW.sealed_owner).where(_ROW.id == line.id)).one()
        return owner_of(self._context, row)

    def _named(self, line: FindingLine) -> str:
        identifiers = [
            line.doubt,
            *([identifier.kind.value, identifier.value, identifier.issuer] for identifier in sorted(self._owner(line))),
        ]
        return self._context.text_hash("named", json.dumps(identifiers))


def _is_given(line: FindingLine) -> bool:
    return line.attribution == Attribution.SUBJECT or line.decided == _TAKE_IN


def _is_apart(line: FindingLine, lines: Sequence[FindingLine], numbers: Mapping[str, int]) -> bool:
    """Return whether a record is in doubt by itself while the record that it belongs to is not."""
    above = numbers.get(line.via_hash, 0)
    is_in_doubt = line.attribution == Attribution.UNCLEAR
    return is_in_doubt and bool(above) and lines[above - 1].attribution != Attribution.UNCLEAR


def _end(number: int, via: Mapping[int, int]) -> int:
    """Return the end of a chain of records; 0 where it has none."""
    passed = set[int]()
    while number and via[number] != number:
        if number in passed:
            return 0
        passed.add(number)
        number = via[number]
    return number
