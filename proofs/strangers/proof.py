"""The proof itself: access and erasure of every subject, each judged by what was planted."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from proofs.strangers.cases import Office
from proofs.strangers.oracle import Verdict, judge_changes, judge_package
from proofs.strangers.people import Person
from proofs.strangers.planted import Snapshot
from proofs.strangers.world import World
from rightsflow.domain.request import Right

Key = tuple[Right, str]


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
        """What is wrong, a line each."""
        return [fault for verdict in self.verdicts.values() for fault in verdict.faults]

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
        after = self._read()
        case = Verdict()
        for held in self.world.systems:
            changed = judge_changes(
                held, before[held.name], after[held.name], person if right is Right.ERASURE else None, self.world.marks
            )
            self._add(case, right, held.name, changed)
        if right is Right.ACCESS:
            by_system = judge_package(office.package(case_id), person, self.world.population, self.world.marks)
            for system, verdict in by_system.items():
                self._add(case, right, system, verdict)
        self.say(f"{right.value} {person.number}: {'clean' if case.is_clean else f'{len(case.faults)} faults'}")
        for fault in case.faults:
            self.say(f"- {fault}")
        return after

    def _add(self, case: Verdict, right: Right, system: str, verdict: Verdict) -> None:
        case.add(verdict)
        self.verdicts.setdefault((right, system), Verdict()).add(verdict)

    def _read(self) -> dict[str, Snapshot]:
        return {held.name: held.snapshot() for held in self.world.systems}
