"""The proof itself: access and erasure of every subject, each judged by what was planted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from proofs.strangers.cases import Office
from proofs.strangers.oracle import Verdict, judge_changes, judge_package
from proofs.strangers.people import Person
from proofs.strangers.planted import Mark, Snapshot
from proofs.strangers.world import World
from rightsflow.domain.request import Right

Key = tuple[Right, str]
NOTHING: Mapping[str, Snapshot] = {}
"""The systems before they are read for the first time."""


@dataclass
class Proof:
    """What came of all cases.

    Args:
        world: The systems.
        say: Writes a line.
        verdicts: By right and system; what a package held is under the system it came from.
        outcomes: How many records ended how, by right and system.
        cases: How many cases of each right were answered.
        seconds: How long they took.
        sizes: How many rows, files and versions each system held, and how many bytes.
    """

    world: World
    say: Callable[[str], None]
    verdicts: dict[Key, Verdict] = field(default_factory=dict)
    outcomes: dict[Key, Counter[str]] = field(default_factory=dict)
    cases: Counter[Right] = field(default_factory=Counter)
    seconds: dict[Right, float] = field(default_factory=lambda: dict.fromkeys(Right, 0.0))
    sizes: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        """What is wrong, a line each. More than a twentieth may not be missed, even if the answer names it."""
        found = [fault for verdict in self.verdicts.values() for fault in verdict.faults]
        for right in Right:
            verdicts = [one for (whose, _), one in self.verdicts.items() if whose is right]
            missed, hit = (sum(map(of, verdicts)) for of in (_missed, _found))
            if missed * 19 > hit:
                found.append(f"{right.value}: {missed} of {missed + hit} were missed")
        return found

    def handed_out_or_changed(self, system: str) -> tuple[int, int]:
        """How many bytes of others were handed out, and how many changed, at one system."""
        verdicts = [verdict for (_, name), verdict in self.verdicts.items() if name == system]
        return sum(one.disclosed for one in verdicts), sum(one.changed for one in verdicts)

    def hold(self, office: Office) -> None:
        """First the access of everybody, which changes nothing; then the erasures, one after the other."""
        before: Mapping[str, Snapshot] = self._read()
        for name, held in before.items():
            self.sizes[name] = (len(held), sum(len(value.encode()) for row in held.values() for value in row.values()))
        for right in (Right.ACCESS, Right.ERASURE):
            for person in self.world.population.subjects:
                before = self._answer(office, right, person, before)

    def hold_one(self, office: Office, person: Person) -> None:
        """Access and erasure of one person only."""
        before: Mapping[str, Snapshot] = self._read()
        for right in (Right.ACCESS, Right.ERASURE):
            before = self._answer(office, right, person, before)

    def _answer(
        self, office: Office, right: Right, person: Person, before: Mapping[str, Snapshot]
    ) -> Mapping[str, Snapshot]:
        started = time.monotonic()
        case_id = office.answer(right, person)
        self.cases[right] += 1
        self.seconds[right] += time.monotonic() - started
        for (system, _, _), outcome in office.outcomes(case_id).items():
            self.outcomes.setdefault((right, system), Counter())[outcome] += 1
        after, marks = self._read(before), self.world.marks
        case, named = Verdict(), office.named(case_id)

        def is_left(system: str, place: str) -> bool:
            table, _, key = place.partition("/")
            return (system, f"{table.strip('_')}/{key}") in named

        def is_left_out(mark: Mark) -> bool:
            rows = before[mark.system].items()
            return any(is_left(mark.system, place) for place, row in rows if mark in marks.stored_in(row))

        for held in self.world.systems:
            subject = person if right is Right.ERASURE else None
            changed = judge_changes(
                held, before[held.name], after[held.name], subject, marks, partial(is_left, held.name)
            )
            self._add(case, right, held.name, changed)
        if right is Right.ACCESS:
            files = office.package(case_id)
            by_system = judge_package(files, person, self.world.population, marks, is_left_out)
            for system, verdict in by_system.items():
                self._add(case, right, system, verdict)
        self.say(f"{right.value} {person.number}: {'clean' if case.is_clean else f'{len(case.faults)} faults'}")
        for fault in case.faults:
            self.say(f"- {fault}")
        return after

    def _add(self, case: Verdict, right: Right, system: str, verdict: Verdict) -> None:
        case.add(verdict)
        self.verdicts.setdefault((right, system), Verdict()).add(verdict)

    def _read(self, before: Mapping[str, Snapshot] = NOTHING) -> dict[str, Snapshot]:
        """Everything that the systems hold; what is as it was before is the same object."""
        return {one.name: _as_before(one.snapshot(), before.get(one.name, {})) for one in self.world.systems}


def _as_before(now: Snapshot, before: Snapshot) -> Snapshot:
    return {place: before[place] if before.get(place) == row else row for place, row in now.items()}


def _missed(verdict: Verdict) -> int:
    return verdict.withheld + verdict.left


def _found(verdict: Verdict) -> int:
    return verdict.given + verdict.erased
