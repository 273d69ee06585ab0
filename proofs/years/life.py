"""A controller's years: erasures are answered, retentions end, holds come and go, systems are restored."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TypeAlias

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.legal_hold import hold_of, place_hold, release_hold, review_hold
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.erasure.suppression import Listed, are_suppressed
from rightsflow.cases.work.purge import purge
from rightsflow.config.sections.limits import FollowUpSettings
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd, TaskKind
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Fact, Method
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import Bench, running_bench
from tests.support.marketing import subscribed
from tests.support.steps import SYSTEMS, carry_out, identified, search, send_answer

_MONTHS = "January February March April May June July August September October November December".split()  # noqa: SIM905
_DAY = r"\d{1,2} (?:" + "|".join(_MONTHS) + r") \d{4}"
_ERASED = re.compile(rf"on (?P<on>{_DAY}) \((?P<what>[\w ]+, [\d,]+ records?(?:; [\w ]+, [\d,]+ records?)*)\)")
_EVIDENCE = re.compile(rf"A record of this [a-z ]+: .+? We keep it until (?P<until>{_DAY})")
_ENDS = re.compile(rf"Kept until (?P<ends>{_DAY}.*?)(?:\. |\.\n|$)", re.MULTILINE)
_BACKUP = re.compile(rf"[Bb]ack-ups? .*?(?P<until>{_DAY})")
_ANSWER = re.compile(rf"You will get our answer by (?P<by>{_DAY}) at the latest")
_MARKED = re.compile(
    r"^- .+ \((?P<system>[\w ]+)\): (?P<count>[\d,]+) records?, marked in the system to be stored only$", re.MULTILINE
)
_LIFTED = re.compile(rf"From (?P<on>{_DAY}) on we use these data again")
_OBJECTED = re.compile(rf"write to us before {_DAY}: you can object")
_KNOWN = (_ERASED, _EVIDENCE, _ENDS, _BACKUP, _ANSWER, _LIFTED, _OBJECTED)
_LETTERS = frozenset({"L1", "L8", "L10", "L11", "L15", "L17", "L22", "L23"})


@dataclass(slots=True)
class Promises:
    """What a person was promised."""

    kept: Counter[tuple[str, date]] = field(default_factory=Counter)
    marked: Counter[str] = field(default_factory=Counter)
    lifted_on: date = date.min
    evidence_until: date = date.min
    faults: list[str] = field(default_factory=list)

    def of(self, system: str, today: date) -> int:
        return sum(count for (name, until), count in self.kept.items() if name == system and until >= today)

    @property
    def last(self) -> date:
        return max((until for _, until in self.kept), default=date.min)


def read_promises(letters: Mapping[str, str], answered_on: date) -> Promises:
    """Read what the letters of a case promise."""
    done = Promises()
    for letter, text in letters.items():
        if letter not in _LETTERS:
            done.faults.append(f"{letter} is no letter that is read here")
        done.faults += _unread(letter, text, answered_on)
        for found in _ERASED.finditer(text):
            until = read_day(found["on"]) - timedelta(days=1)
            for one in found["what"].split("; "):
                system, _, count = one.removesuffix("s").removesuffix(" record").rpartition(", ")
                done.kept[system.lower(), until] += int(count.replace(",", ""))
        for found in _MARKED.finditer(text):
            done.marked[found["system"].lower()] += int(found["count"].replace(",", ""))
        for found in _LIFTED.finditer(text):
            done.lifted_on = read_day(found["on"])
        for found in _EVIDENCE.finditer(text):
            done.evidence_until = read_day(found["until"])
        for found in _ANSWER.finditer(text):
            if read_day(found["by"]) < answered_on:
                done.faults.append(f"{letter} promised the answer by {found['by']}")
        ends = {read_day(one) for found in _ENDS.finditer(text) for one in re.findall(_DAY, found["ends"])}
        if letter == "L11" and ends != {until for _, until in done.kept}:
            done.faults.append(f"{letter} keeps records until days on which it does not say that they are erased")
    return done


def _unread(letter: str, text: str, answered_on: date) -> Iterator[str]:
    spans = [found.span() for one in _KNOWN for found in one.finditer(text)]
    for found in re.finditer(_DAY, text):
        is_read = any(start <= found.start() and found.end() <= end for start, end in spans)
        if read_day(found[0]) > answered_on and not is_read:
            yield f"{letter} names {found[0]} in a sentence that is not understood"


def read_day(text: str) -> date:
    number, month, year = text.split()
    return date(int(year), _MONTHS.index(month) + 1, int(number))


Held: TypeAlias = Counter[str]
"""How many records each system has of a person."""


@dataclass(slots=True)
class Person:
    """A person, their case, and what their letters say."""

    known: Identifiers
    case_id: str = ""
    promised: Promises = field(default_factory=Promises)
    advertising_case: str = ""
    advertising_promised: Promises = field(default_factory=Promises)
    restriction_case: str = ""
    restriction_promised: Promises = field(default_factory=Promises)
    holds: set[int] = field(default_factory=set)
    freed_on: date = date.min
    held: Held = field(default_factory=Counter)

    @property
    def email(self) -> str:
        return next(one.value for one in self.known if one.kind is IdentifierKind.EMAIL)

    @property
    def promised_by_case(self) -> dict[str, Promises]:
        cases = {
            self.case_id: self.promised,
            self.advertising_case: self.advertising_promised,
            self.restriction_case: self.restriction_promised,
        }
        return {case_id: promised for case_id, promised in cases.items() if case_id}


@dataclass(slots=True)
class Years:
    """The result of the years of one controller."""

    country: str
    cases: int = 0
    objections: int = 0
    restrictions: int = 0
    kept: int = 0
    looks: int = 0
    holds: int = 0
    restores: int = 0
    purged: int = 0
    findings: list[str] = field(default_factory=list)


YEARS = 12
BACKUP_DAYS = 30
"""For how long the systems' back-ups keep what was erased, as the configuration says."""
_ONE_DAY = timedelta(days=1)
_PEOPLE_PER_EVENT = 20
"""For how many people one may get a hold, or lose one, on a day that is looked at."""
_APPROVER, _LAWYER, _SECOND = "Dana Decider", "Lena Law", "Ben Boss"
_POLICY = FollowUpSettings(approval="automatic", policy="Deletion policy 2.1", covers_conditions=True)
_ASKED = FollowUpSettings()
_BY_A_PERSON = frozenset({"AT", "FR", "IT", "PL", "SE"})
"""The countries whose controllers have each end of a retention approved by a person."""
_STILL_NEEDED = StatedEnd(end=TaskEnd.KEPT, reason="What keeps it goes on.")
_BLOCKING = frozenset({"ES"})
_BY_CONSENT = frozenset({"CH", "FR", "NL", "SE"})
"""The countries whose controllers send newsletters on consent alone; the others send them as direct marketing."""
_RESTRICTING = frozenset({"DE", "FR"})
"""The countries whose controllers' systems can mark, and where some contest first that what is kept is accurate."""


def live(country: str, cases: int, seed: int, folder: Path, years: int = YEARS) -> Years:
    with _controller(country, folder) as bench:
        return _Life(bench, country, random.Random(f"{country}/{seed}"), years).go(cases)


@contextmanager
def _controller(country: str, folder: Path) -> Iterator[Bench]:
    with running_bench(folder) as bench:
        subscribed(bench, setting="consent" if country in _BY_CONSENT else "marketing")
        settings, systems = bench.runtime.settings, bench.runtime.systems
        controller = settings.controller.model_copy(update={"country": country})
        follow = _ASKED if country in _BY_A_PERSON else _POLICY
        bench.runtime = replace(
            bench.runtime,
            settings=settings.model_copy(update={"controller": controller, "follow_up": follow}),
            systems={name: one.model_copy(update={"backup_days": BACKUP_DAYS}) for name, one in systems.items()},
        )
        if country in _BLOCKING | _RESTRICTING:
            for fake in bench.systems.values():
                fake.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in fake.kinds)
        with installed(bench.runtime):
            yield bench


class _Life:
    def __init__(self, bench: Bench, country: str, dice: random.Random, years: int) -> None:
        self._years = years
        self._bench = bench
        self._dice = dice
        self._people: list[Person] = []
        self._snapshots: list[tuple[date, dict[str, list[FakeRecord]]]] = []
        self._purged: dict[str, date] = {}
        self._done = Years(country)

    def go(self, cases: int) -> Years:
        self._people = [self._arrive(number) for number in range(cases)]
        self._keep_snapshot()
        for person in self._people:
            if self._dice.random() < 0.3:
                self._end_advertising(person)
            elif self._done.country in _RESTRICTING and self._dice.random() < 0.3:
                self._restrict(person)
        self._go_to(self._today + 7 * _ONE_DAY)
        if self._done.restrictions:
            self._lose_marks()
        self._lift(marked=True)
        self._go_to(self._today + 3 * _ONE_DAY)
        self._lift(marked=False)
        for person in self._people:
            self._answer(person)
        self._done.cases = cases
        last = self._today + self._years * 366 * _ONE_DAY
        for number, day in enumerate(sorted(self._days(last))):
            self._go_to(day)
            if number < len(SYSTEMS):
                # Each system once from the snapshot of before the erasures.
                self._restore(SYSTEMS[number])
            for _ in range(1 + cases // _PEOPLE_PER_EVENT):
                self._happen()
            self._work()
            self._judge()
            self._keep_snapshot()
        for person in self._people:
            self._judge_what_is_left(person, last)
        self._done.purged = len(self._purged)
        return self._done

    @property
    def _today(self) -> date:
        return current_app().today

    def _go_to(self, day: date) -> None:
        self._bench.moment[0] = datetime.combine(day, time(9), UTC)

    def _keep_snapshot(self) -> None:
        self._snapshots.append((self._today, {name: self._bench.systems[name].records() for name in SYSTEMS}))

    def _arrive(self, number: int) -> Person:
        email = identifier(IdentifierKind.EMAIL, f"person{number}@example.com")
        known = frozenset({email, identifier(IdentifierKind.CUSTOMER_ID, f"C-9{number:04}")})
        text = ((known, "words of theirs"),)
        systems, key = self._bench.systems, f"p{number}"
        systems["payments"].add(FakeRecord(kind="profile", key=key, texts=text))
        systems["calls"].add(FakeRecord(kind="recording", key=key, texts=text, audio=b"RIFF"))
        systems["helpdesk"].add(*(FakeRecord(kind=one, key=key, texts=text) for one in ("profile", "subscription")))
        for count in range(self._dice.randint(0, 2)):
            systems["helpdesk"].add(FakeRecord(kind="ticket", key=f"{key}-{count}", profile=key, texts=text))
        for count in range(self._dice.randint(1, 3)):
            paid_on = self._today - timedelta(days=self._dice.randint(0, 6 * 365))
            voucher = FakeRecord(kind="invoice", key=f"{key}-{count}", profile=key, texts=text, occurred_on=paid_on)
            systems["payments"].add(replace(voucher, facts=frozenset({Fact.ACCOUNTING})))
        return Person(known)

    def _end_advertising(self, person: Person) -> None:
        before = self._there_of(person)
        right = "consent-withdrawal" if self._done.country in _BY_CONSENT else "objection"
        person.advertising_case = self._fulfil(person, right)
        person.advertising_promised = self._read(person, person.advertising_case)
        self._done.objections += 1
        gone = Counter() if self._done.country in _BLOCKING else Counter({"helpdesk": 1})
        if self._there_of(person) != before - gone or person.advertising_promised.kept.total() == gone.total():
            self._find(person, "something else than the subscription is gone, or it is not")

    def _restrict(self, person: Person) -> None:
        """Contest what is retained (Art. 18): it is marked, nothing is erased, and the person is told of the end."""
        before = self._there_of(person)
        person.restriction_case = case_id = self._fulfil(person, "restriction", ground="accuracy")
        told = self._read(person, case_id)
        self._done.restrictions += 1
        if self._there_of(person) != before or told.marked != self._marked_of(person) or told.marked.total() < 2:
            self._find(person, "something else is marked than the letter says, or something is gone")
        on = self._today + 9 * _ONE_DAY
        announce_lifting(current_app(), case_id, liftable(current_app(), case_id), on, reason="Right.", by=_APPROVER)
        record_sent(current_app(), case_id, "L15", by=_SECOND)
        person.restriction_promised = self._read(person, case_id)
        if person.restriction_promised.lifted_on != on:
            self._find(person, "no letter says when the restriction ends")

    def _lift(self, *, marked: bool) -> None:
        follow_up(current_app())
        for person in self._people:
            still = self._marked_of(person) if person.restriction_case else Counter()
            if still != (person.restriction_promised.marked if marked else Counter()):
                self._find(person, f"{still.total()} records are marked by the follow-up of {self._today}")

    def _answer(self, person: Person) -> None:
        person.case_id = self._fulfil(person, "erasure")
        person.promised = self._read(person, person.case_id)
        self._done.kept += person.promised.kept.total()

    def _fulfil(self, person: Person, right: str, **more: str) -> str:
        case_id: str = identified(self._bench, right, email=person.email, **more)
        search(case_id)
        prepare_plan(current_app(), case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        self._bench.approve(case_id)
        settle_plan(current_app(), case_id)
        carry_out(case_id)
        write_answer(current_app(), case_id)
        send_answer(self._bench, case_id)
        return case_id

    def _read(self, person: Person, case_id: str) -> Promises:
        with self._bench.file(case_id) as file:
            letters = {one.template_id: one.body for one in file.outbox.letters()}
        promised = read_promises(letters, self._today)
        for fault in promised.faults:
            self._find(person, fault)
        return promised

    def _days(self, last: date) -> set[date]:
        ends = {until for person in self._people for _, until in person.promised.kept}
        looks = {self._today + days * _ONE_DAY for days in (1, 7, 30)}
        evidence = {one.evidence_until for person in self._people for one in person.promised_by_case.values()}
        others = {
            self._today + self._dice.randint(1, (last - self._today).days) * _ONE_DAY for _ in range(6 * self._years)
        }
        around = {day + days * _ONE_DAY for day in (*ends, *evidence) for days in (0, 1, 40)}
        return {day for day in (*around, *looks, *others, last) if day <= last}

    def _happen(self) -> None:
        person, chance = self._dice.choice(self._people), self._dice.random()
        if person.holds and chance < 0.5:
            number, person.freed_on = person.holds.pop(), self._today
            release_hold(current_app(), number, by=_SECOND, reason="Settled.")
        elif chance < 0.2 and person.case_id not in self._purged:
            self._hold(person)
        elif chance > 1 - 0.1 / (1 + len(self._people) // _PEOPLE_PER_EVENT):
            self._restore(self._dice.choice(SYSTEMS))

    def _hold(self, person: Person) -> None:
        sought = Sought(email=person.email)
        review_on = self._today + 90 * _ONE_DAY
        number, _ = place_hold(current_app(), "A claim.", review_on, by=_LAWYER, owner="dpo", person=sought)
        if not person.holds:
            person.held = self._there_of(person)
        person.holds.add(number)
        self._done.holds += 1

    def _lose_marks(self) -> None:
        for system in SYSTEMS:
            self._bench.systems[system].add(*self._snapshots[0][1][system])
            replay_system(current_app(), system, by=_APPROVER)

    def _restore(self, system: str) -> None:
        purged_on = max(self._purged.values(), default=date.min)
        oldest = min(purged_on + _ONE_DAY, self._today - BACKUP_DAYS * _ONE_DAY)
        usable = [records for day, records in self._snapshots if day >= oldest]
        if usable:
            # The oldest brings most back.
            self._bench.systems[system].add(*self._dice.choice([usable[0], self._dice.choice(usable)])[system])
            replay_system(current_app(), system, by=_APPROVER)
            self._done.restores += 1

    def _work(self) -> None:
        """Do the work of the hourly flow, of the officer who approves, and of the daily purge."""
        follow_up(current_app())
        for one in current_app().store.work.open_tasks(due_by=self._today):
            if (hold := hold_of(one)) is not None:
                # The decision on the hold ends the task.
                review_hold(current_app(), hold, self._today + 90 * _ONE_DAY, by=_LAWYER)
            elif one.kind.is_by_hand:
                stated = _STILL_NEEDED if one.kind is TaskKind.CHECK else StatedEnd()
                mark_task_done(current_app(), one.case_id, one.number, on=None, by=_APPROVER, stated=stated)
            elif one.is_shown and not one.approved_by and one.kind.needs_approval:
                approve_task(current_app(), one.case_id, one.number, by=_APPROVER)
        done = follow_up(current_app())
        if done.failed:
            self._done.findings.append(f"{self._today}: {done.sentence}")
        self._purged |= dict.fromkeys(purge(current_app()).cases, self._today)

    def _judge(self) -> None:
        self._done.looks += 1
        for person, there in zip(self._people, self._there(), strict=True):
            for system in SYSTEMS:
                wanted = person.promised.of(system, self._today)
                # What a restored snapshot brings back while a hold is in force is kept by that hold as well.
                if there[system] < person.held[system] if person.holds else there[system] != wanted:
                    what = f"{there[system]} records are in {system}, {wanted} were promised"
                    self._find(person, f"{what}, {person.held[system]} were held")
            for case_id, promised in person.promised_by_case.items():
                if self._purged.get(case_id) == self._today:
                    self._judge_purge(person, promised, there)
        self._judge_advertising()

    def _judge_advertising(self) -> None:
        wanted = [person for person in self._people if person.advertising_case]
        for person, answer in zip(wanted, are_suppressed(current_app(), [one.email for one in wanted]), strict=True):
            if answer is not Listed.YES:
                self._find(person, f"advertising may be sent: {answer}")

    def _judge_purge(self, person: Person, promised: Promises, there: Held) -> None:
        if self._today <= max(promised.evidence_until, promised.last):
            self._find(person, "the record of a case is gone before its last day")
        if promised is person.promised and there.total():
            self._find(person, "the record of the erasure is gone while records of the person are there")

    def _judge_what_is_left(self, person: Person, last: date) -> None:
        for case_id, promised in person.promised_by_case.items():
            # What a hold had kept is erased when it ends, and read again for a month.
            is_needed = person.holds or max(promised.last, person.freed_on) + 366 * _ONE_DAY >= last
            if case_id not in self._purged and not is_needed:
                self._find(person, "the record of a case is still there, and nothing needs it")

    def _there_of(self, person: Person) -> Held:
        return self._there()[self._people.index(person)]

    def _marked_of(self, person: Person) -> Held:
        records = ((name, one) for name in SYSTEMS for one in self._bench.systems[name].records())
        return Counter(name for name, one in records if one.restricted and one.owner & person.known)

    def _there(self) -> list[Held]:
        whose: dict[Identifier, int] = {one: number for number, who in enumerate(self._people) for one in who.known}
        found: list[Held] = [Counter() for _ in self._people]
        for name in SYSTEMS:
            for record in self._bench.systems[name].records():
                for number in {whose[one] for who, _ in record.texts for one in who if one in whose}:
                    found[number][name] += 1
        return found

    def _find(self, person: Person, what: str) -> None:
        self._done.findings.append(f"{self._today} {person.case_id}: {what}")
