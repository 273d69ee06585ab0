"""A case on its way: what it is played towards, how time passes, and how what is written of it is kept."""

from __future__ import annotations

import random
from collections.abc import Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from datetime import timedelta

from proofs.answers.cases.combinations import Combination
from proofs.answers.cases.double import Double
from proofs.answers.cases.world import World, Written
from proofs.answers.dump import dump
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.sending.sent import record_sent
from rightsflow.cases.step.one_attempt import Attempt
from rightsflow.domain.delivery import delivery
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.events import StepName
from rightsflow.store import CaseFile

DAY = timedelta(days=1)
OPENER, OFFICER, DECIDER = "Olga Opener", "Ida Officer", "Dana Decider"
MARK = "zq"
"""Stands in every text that is the person's data, so that no sentence of ours is mistaken for one."""


@dataclass(slots=True)
class Course:
    """One case on its way.

    Args:
        world: Where it lies.
        dice: What its course is drawn with.
        target: Which combination it is played towards.
        who: What the person is known by, as in the form.
        case_id: The case, once it is open.
        names_language: Whether the request says in which language the person reads.
        earlier: The files of the person's earlier cases as plain data.
        written: What was written of it.
        double: What the systems truly hold once it is answered.
    """

    world: World
    dice: random.Random
    target: Combination
    who: Mapping[str, str]
    case_id: str = ""
    names_language: bool = False
    earlier: list[dict[str, object]] = field(default_factory=list)
    written: list[Written] = field(default_factory=list)
    double: Double = field(default_factory=Double)

    @property
    def runtime(self) -> App:
        """The runtime of the case's controller."""
        return self.world.runtime

    def maybe(self, share: float) -> bool:
        """Whether something happens that happens so often."""
        return self.dice.random() < share

    def pass_days(self, least: int, most: int) -> None:
        """Let time pass, a few hours besides."""
        self.world.moment[0] += DAY * self.dice.randint(least, most) + timedelta(minutes=self.dice.randint(0, 300))

    def file(self) -> AbstractContextManager[CaseFile]:
        """The case file, to be opened."""
        return self.runtime.store.case_file(self.case_id)

    def dumped(self, file: CaseFile) -> dict[str, object]:
        """The case file as plain data, with those of the person's earlier cases, and what the systems truly hold."""
        return dump(file, self.runtime) | {"earlier": self.earlier, "double": self.double.plain()}

    def letters(self) -> set[str]:
        """The letters that are written."""
        with self.file() as file:
            return {one.template_id for one in file.outbox.lines()}

    def capture(self) -> None:
        """Keep each letter that is new, with the case file of this moment."""
        there = {one.kind for one in self.written}
        with self.file() as file:
            if not {one.template_id for one in file.outbox.lines()} - there:
                return
            case = self.dumped(file)
            for letter in file.outbox.letters():
                if letter.template_id not in there:
                    self.written.append(Written(letter.template_id, letter.body, case))

    def note(self, kind: str, text: str) -> None:
        """Keep a text, with the case file of this moment."""
        with self.file() as file:
            self.written.append(Written(kind, text, self.dumped(file)))

    def send(self, letter: str, *, hours_ago: int = 0) -> None:
        """Note a letter as sent, at present or some hours ago."""
        with suppress(Conflict, BadInput):
            at = self.world.moment[0] - timedelta(hours=hours_ago)
            registered = letter in {"L7", "L9"}
            how = delivery("registered post", f"RR {self.case_id}") if registered else delivery("", "")
            record_sent(current_app(), self.case_id, letter, at=at, by=OFFICER, how=how)

    def answered(self, letter: str) -> None:
        """Most answers are noted as sent, some days after they were written."""
        self.capture()
        if self.maybe(0.7) and letter in self.letters():
            self.pass_days(0, 2)
            self.send(letter)

    def finish(
        self,
        file: CaseFile,
        step: StepName,
        system: str = "",
        scope: str = "",
        *,
        details: dict[str, object] | None = None,
        counts: Mapping[str, int] | None = None,
    ) -> None:
        """Note a step as done, as an attempt at it does."""
        file.steps.start(step, system, scope)
        Attempt(
            app=self.runtime,
            case_id=self.case_id,
            already_done=False,
            step=step,
            read=None,
            system=system,
            counts=dict(counts or {}),
            details=details or {},
        ).finish(file)
