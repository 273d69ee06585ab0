"""A controller's years: erasures are answered, retentions end, holds come and go, systems are restored from snapshots.

The judge knows the letters and the contents of the systems, and nothing of the case file: on every day that is looked
at, a person has as many vouchers in the system as their letter says have to be there, and no other record.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from rightsflow.cases.erasure.erasing import prepare_plan, settle_plan
from rightsflow.cases.find import Sought
from rightsflow.cases.follow_up.approving import approve_task
from rightsflow.cases.follow_up.replaying import replay_system
from rightsflow.cases.follow_up.rounds import follow_up
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.legal_hold import place_hold, release_hold
from rightsflow.cases.letters.answering import write_answer
from rightsflow.config.sections.limits import FollowUpSettings
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.records import Fact
from rightsflow.testing.fakes import FakeRecord
from tasks.composition import current_app, installed
from tests.support.bench import Bench, running_bench
from tests.support.steps import SYSTEMS, carry_out, identified, search, send_answer

YEARS = 12
_DAY = timedelta(days=1)
_APPROVER, _LAWYER, _SECOND = "Dana Decider", "Lena Law", "Ben Boss"
_POLICY = FollowUpSettings(approval="automatic", policy="Deletion policy 2.1", covers_conditions=True)
_PROMISE = re.compile(r"On (.+?) our software erases what is kept in Payments until (.+?) \(([\d,]+) records?\)")


@dataclass(slots=True)
class Person:
    """A person, their case, and what their letter says.

    Args:
        known: What identifies them.
        case_id: Their case.
        promised: How many vouchers are kept until which day, as the letter says.
        holds: The holds that cover them.
        held: How many vouchers were there when the first of these was placed.
    """

    known: Identifiers
    case_id: str = ""
    promised: Counter[date] = field(default_factory=Counter)
    holds: set[int] = field(default_factory=set)
    held: int = 0

    @property
    def email(self) -> str:
        """Their address."""
        return next(one.value for one in self.known if one.kind is IdentifierKind.EMAIL)


@dataclass(slots=True)
class Years:
    """The result of the years of one controller.

    Args:
        country: The controller's country.
        cases: How many erasures were answered.
        vouchers: How many vouchers their letters say are kept.
        looks: On how many days the systems were compared with the letters.
        holds: How many holds were placed.
        restores: How many times a system was restored from a snapshot.
        findings: What was not as the letters say.
    """

    country: str
    cases: int = 0
    vouchers: int = 0
    looks: int = 0
    holds: int = 0
    restores: int = 0
    findings: list[str] = field(default_factory=list)


def live(country: str, cases: int, seed: int, folder: Path, years: int = YEARS) -> Years:
    """Play the years of a controller.

    Args:
        country: Its country.
        cases: How many people ask for erasure.
        seed: What chance is drawn with.
        folder: For the case store.
        years: How many are played.
    """
    with _controller(country, folder) as bench:
        return _Life(bench, country, random.Random(f"{country}/{seed}"), years).go(cases)


@contextmanager
def _controller(country: str, folder: Path) -> Iterator[Bench]:
    with running_bench(folder) as bench:
        settings = bench.runtime.settings
        controller = settings.controller.model_copy(update={"country": country})
        bench.runtime = replace(
            bench.runtime, settings=settings.model_copy(update={"controller": controller, "follow_up": _POLICY})
        )
        with installed(bench.runtime):
            yield bench


class _Life:
    def __init__(self, bench: Bench, country: str, dice: random.Random, years: int) -> None:
        self._years = years
        self._bench = bench
        self._dice = dice
        self._people: list[Person] = []
        self._snapshots: dict[str, list[FakeRecord]] = {}
        self._done = Years(country)

    def go(self, cases: int) -> Years:
        for number in range(cases):
            self._people.append(self._arrive(number))
        self._snapshots = {name: self._bench.systems[name].records() for name in SYSTEMS}
        for person in self._people:
            self._answer(person)
        self._done.cases = cases
        last = self._today + self._years * 366 * _DAY
        for day in sorted(self._days(last)):
            self._go_to(day)
            self._happen()
            self._work()
            self._judge()
        return self._done

    @property
    def _today(self) -> date:
        return current_app().today

    def _go_to(self, day: date) -> None:
        self._bench.moment[0] = datetime.combine(day, time(9), UTC)

    def _arrive(self, number: int) -> Person:
        email = identifier(IdentifierKind.EMAIL, f"person{number}@example.com")
        known = frozenset({email, identifier(IdentifierKind.CUSTOMER_ID, f"C-9{number:04}")})
        text = ((known, "words of theirs"),)
        systems, key = self._bench.systems, f"p{number}"
        systems["helpdesk"].add(FakeRecord(kind="profile", key=key, texts=text))
        systems["payments"].add(FakeRecord(kind="profile", key=key, texts=text))
        systems["calls"].add(FakeRecord(kind="recording", key=key, texts=text, audio=b"RIFF"))
        for count in range(self._dice.randint(0, 2)):
            systems["helpdesk"].add(FakeRecord(kind="ticket", key=f"{key}-{count}", profile=key, texts=text))
        for count in range(self._dice.randint(1, 3)):
            paid_on = self._today - timedelta(days=self._dice.randint(0, 6 * 365))
            voucher = FakeRecord(kind="invoice", key=f"{key}-{count}", profile=key, texts=text, occurred_on=paid_on)
            systems["payments"].add(replace(voucher, facts=frozenset({Fact.ACCOUNTING})))
        return Person(known)

    def _answer(self, person: Person) -> None:
        case_id = person.case_id = identified(self._bench, "erasure", email=person.email)
        search(case_id)
        prepare_plan(current_app(), case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        self._bench.approve(case_id)
        settle_plan(current_app(), case_id)
        carry_out(case_id)
        write_answer(current_app(), case_id)
        send_answer(self._bench, case_id)
        with self._bench.file(case_id) as file:
            body = " ".join(one.body for one in file.outbox.letters() if one.template_id in {"L10", "L11"})
        for erased, until, count in _PROMISE.findall(body):
            if _read(erased) != _read(until) + _DAY:
                self._find(person, f"the letter names {erased} after {until}")
            person.promised[_read(until)] += int(count.replace(",", ""))
        self._done.vouchers += sum(person.promised.values())

    def _days(self, last: date) -> set[date]:
        ends = {until for person in self._people for until in person.promised}
        looks = {self._today + days * _DAY for days in (1, 7, 30)}
        others = {self._today + self._dice.randint(1, (last - self._today).days) * _DAY for _ in range(6 * self._years)}
        return {*ends, *(one + _DAY for one in ends), *(one + 40 * _DAY for one in ends), *looks, *others, last}

    def _happen(self) -> None:
        person, chance = self._dice.choice(self._people), self._dice.random()
        if person.holds and chance < 0.5:
            number = person.holds.pop()
            release_hold(current_app(), number, by=_SECOND, reason="Settled.")
        elif chance < 0.1:
            review_on = self._today + 90 * _DAY
            sought = Sought(email=person.email)
            number, _ = place_hold(current_app(), "A claim.", review_on, by=_LAWYER, owner="dpo", person=sought)
            if not person.holds:
                person.held = self._there(person)["payments invoice"]
            person.holds.add(number)
            self._done.holds += 1
        elif chance > 0.9:
            system = self._dice.choice(SYSTEMS)
            self._bench.systems[system].add(*self._snapshots[system])
            replay_system(current_app(), system, by=_APPROVER)
            self._done.restores += 1

    def _work(self) -> None:
        """What the hourly flow does, and the officer who approves what it shows."""
        follow_up(current_app())
        for person in self._people:
            with self._bench.file(person.case_id) as file:
                waiting = [one for one in file.tasks.all() if one.is_open and one.is_shown and not one.approved_by]
            for one in waiting:
                if one.kind.needs_approval:
                    approve_task(current_app(), person.case_id, one.number, by=_APPROVER)
        done = follow_up(current_app())
        if done.failed:
            self._done.findings.append(f"{self._today}: {done.sentence}")

    def _judge(self) -> None:
        self._done.looks += 1
        for person in self._people:
            there = self._there(person)
            kept = there.pop("payments invoice", 0)
            wanted = sum(count for until, count in person.promised.items() if until >= self._today)
            # What a restored snapshot brings back while a hold is in force is kept by that hold as well.
            if kept < person.held if person.holds else kept != wanted:
                self._find(person, f"{kept} vouchers are there, {wanted} were promised, {person.held} were held")
            if there and not person.holds:
                self._find(person, f"there is more than vouchers: {dict(there)}")

    def _there(self, person: Person) -> Counter[str]:
        """What the systems hold of a person, by system and kind."""
        return Counter(
            f"{name} {one.kind}"
            for name in SYSTEMS
            for one in self._bench.systems[name].records()
            if one.names(person.known)
        )

    def _find(self, person: Person, what: str) -> None:
        self._done.findings.append(f"{self._today} {person.case_id}: {what}")


_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905


def _read(text: str) -> date:
    number, month, year = text.split()
    return date(int(year), _MONTHS.index(month) + 1, int(number))
