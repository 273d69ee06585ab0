"""A quarter of a controller whose processors have different manners: every day the watch, officers and they work."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from proofs.common import Post
from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.letters.renewal import renew_cases
from rightsflow.cases.course.processors.link import answer_by_link
from rightsflow.cases.course.processors.processor_answers import check_processor_answer, record_processor_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.alerts import Notice, NoticeDelivery, NotificationAttempt, sweep
from rightsflow.cases.work.access.package import (
    assemble_package,
    extract_records,
    make_copies_again,
    redact_third_parties,
)
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.processors.instructions import instruct_processor, processors_to_instruct
from rightsflow.cases.work.processors.processor_mail import mail_to_processors
from rightsflow.cases.work.processors.status import waits_for_processors
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.config.sections.processor_settings import ProcessorSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.processors.answers import Instruction, StatedAnswer
from rightsflow.domain.processors.scorecard import Score
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.testing.fakes import FakeRecord
from tests.support.bench import Bench, running_bench
from tests.support.signing_in import settings_with
from tests.support.steps import carry_out, identified, search, send_answer


class Manner(StrEnum):
    """The manner of a processor."""

    PROMPT = "prompt"
    LATE = "late"
    SILENT = "silent"
    ZERO = "says zero where records are"
    FALSE = "says done, and the records are there again"
    CHATTY = "chatty"
    CONTRADICTORY = "contradicts itself"
    WITHDRAWN = "takes its answer back"
    HANDS_ON = "hands on"
    CANNOT = "cannot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One answer of a processor."""

    after: int
    says: ProcessorAnswer
    is_mail: bool = False
    proves: bool = False
    checked: bool = False


_DONE: Final = ProcessorAnswer.DONE
MOVES: Final[Mapping[Manner, tuple[Move, ...]]] = {
    Manner.PROMPT: (Move(after=2, says=_DONE, proves=True),),
    Manner.LATE: (Move(after=16, says=_DONE, proves=True),),
    Manner.SILENT: (),
    Manner.ZERO: (Move(after=3, says=ProcessorAnswer.NOTHING_HELD),),
    Manner.FALSE: (Move(after=3, says=_DONE, proves=True),),
    Manner.CHATTY: (
        Move(after=1, says=ProcessorAnswer.MORE_TIME),
        Move(after=3, says=ProcessorAnswer.MORE_TIME),
        Move(after=5, says=_DONE, proves=True),
        Move(after=6, says=_DONE, is_mail=True, proves=True),
    ),
    Manner.CONTRADICTORY: (
        Move(after=2, says=_DONE, proves=True),
        Move(after=4, says=ProcessorAnswer.NOTHING_HELD, is_mail=True),
    ),
    Manner.WITHDRAWN: (
        Move(after=2, says=_DONE, proves=True),
        Move(after=5, says=ProcessorAnswer.TAKEN_BACK, is_mail=True),
        Move(after=9, says=_DONE, is_mail=True, proves=True),
    ),
    Manner.HANDS_ON: (Move(after=2, says=ProcessorAnswer.HANDED_ON), Move(after=8, says=_DONE, proves=True)),
    Manner.CANNOT: (Move(after=3, says=ProcessorAnswer.CANNOT, checked=True),),
}
"""What each manner answers. ``LATE`` comes after its day (10 days were agreed), and before its link is over."""

_OPEN_AT_THE_END: Final = frozenset({Manner.SILENT, Manner.ZERO, Manner.FALSE, Manner.CONTRADICTORY})


def stays_open(manner: Manner, right: Right) -> bool:
    """Return whether a processor has still to answer, or its answer to be checked, however long one waits.

    In an access request zero is no lie, since what lies in our systems we give ourselves; and nothing comes back.
    """
    return manner in _OPEN_AT_THE_END - ({Manner.ZERO, Manner.FALSE} if right is Right.ACCESS else set())


def proves(manner: Manner, move: Move, right: Right) -> bool:
    return move.proves or (manner is Manner.ZERO and right is Right.ACCESS)


def manner_of(score: Score) -> Manner:
    """Return the manner that a scorecard shows, as an officer would read it."""
    shown = {
        Manner.FALSE: score.found_again, Manner.CONTRADICTORY: score.contradictions, Manner.ZERO: score.zeros,
        Manner.WITHDRAWN: score.taken_back, Manner.HANDS_ON: score.handed_on, Manner.CHATTY: score.more_time,
        Manner.CANNOT: score.cannot, Manner.SILENT: score.overdue,
    }  # fmt: skip
    first = next((manner for manner, count in shown.items() if count), None)
    if first is not None:
        return first
    return Manner.LATE if score.on_time == 0 else Manner.PROMPT


ADDRESS = "https://rights.example.com"
AGREED_DAYS = 10
WORKS_IN = {Manner.SILENT: "payments", Manner.ZERO: "payments", Manner.CONTRADICTORY: "payments", Manner.FALSE: "calls"}
"""Where processors of a manner work; all others at the helpdesk."""


@dataclass
class Carrier:
    """Carries every notice to whom it is for."""

    posted: list[Notice] = field(default_factory=list)

    def post(self, notices: Sequence[Notice]) -> None:
        self.posted += notices

    def deliveries(self, sent: Collection[NotificationAttempt]) -> list[NoticeDelivery]:
        return [
            NoticeDelivery(attempt=one.known_by, recipient=to, delivered=True)
            for one in self.posted
            if one.known_by in sent
            for to in one.recipients
        ]

    def let_through(self, _notices: Sequence[Notice]) -> bool:
        return True

    def links(self, _case_ids: Collection[str]) -> dict[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class World:
    """What the quarter is played in."""

    bench: Bench
    post: Post
    carrier: Carrier
    manners: dict[str, Manner]


@contextmanager
def world(folder: Path, of_each: int) -> Iterator[World]:
    manners = {
        f"p{number:02}-{manner.name.lower().replace('_', '-')}": manner
        for number, manner in enumerate([one for one in Manner for _ in range(of_each)], start=1)
    }
    post, carrier = Post(), Carrier()
    with running_bench(folder) as bench:
        bench.runtime = replace(bench.runtime, settings=_settings(manners), open_mail=lambda _config, _name: post)
        with installed(bench.runtime):
            yield World(bench, post, carrier, manners)


def _settings(manners: dict[str, Manner]) -> Settings:
    raw = settings_with(address=ADDRESS, typed_names="allowed")
    mail = MailServer(host="127.0.0.1", security="none", sender="mail@example.com")
    # As in the quarter of a team that takes note of each alert at once: none is repeated.
    watch = raw.watch.model_copy(update={"remind_hours": 0})
    delivery = raw.delivery.model_copy(update={"mail": mail})
    notifications = raw.notifications.model_copy(update={"mail": mail})
    register = {key: _section(key, manner) for key, manner in manners.items()}
    return raw.model_copy(
        update={"processors": register, "delivery": delivery, "watch": watch, "notifications": notifications}
    )


def _section(key: str, manner: Manner) -> ProcessorSettings:
    return ProcessorSettings.model_validate({
        "name": f"Company {key}", "contract": f"DPA-{key}", "contact": f"{key}@example.net",
        "management_contact": f"boss-{key}@example.net", "systems": [WORKS_IN.get(manner, "helpdesk")],
        "categories": ["call notes"], "identifiers": ["customer_id"], "channel": "email",
        "answers_within_days": AGREED_DAYS, "sub_processors": [{"name": f"Subcontractor of {key}"}],
    })  # fmt: skip


_DAY: Final = timedelta(days=1)
_LINK: Final = re.compile(r"/desk/confirm/(\S+)/(\d+)/([\w-]+)\n")
_OFFICER: Final = "Olga Officer"
KINDS: Final = (("helpdesk",), ("helpdesk", "payments"), ("helpdesk", "calls"))
"""In which systems people have records; the processors that work there are concerned."""
Key = tuple[str, int]
"""A case and the number of an instruction."""


@dataclass(slots=True)
class Asked:
    """What the quarter knows of one instruction, apart from the case file."""

    processor: str
    manner: Manner
    sent_on: date
    done: list[tuple[date, Move]] = field(default_factory=list)
    proved_on: date | None = None


@dataclass(slots=True)
class Person:
    """A person who asks."""

    number: int
    right: Right
    systems: tuple[str, ...]
    arrives_on: int
    case_id: str = ""
    answered_on: date | None = None

    @property
    def email(self) -> str:
        return f"person{self.number}@example.com"

    @property
    def customer(self) -> str:
        return f"C-7{self.number:04}"


class Quarter:
    """The quarter, played day by day."""

    def __init__(
        self, world: World, people: list[Person], days: int, moves: Mapping[Manner, Sequence[Move]] = MOVES
    ) -> None:
        self._moves = moves
        self.world = world
        self.people = people
        self.days = days
        self.asked: dict[Key, Asked] = {}
        self.links: defaultdict[Key, list[str]] = defaultdict(list)
        self.mails: defaultdict[tuple[Key, str], list[date]] = defaultdict(list)
        """When each address was reminded of each instruction."""
        self.letters: list[tuple[date, Person, str, str]] = []
        """Every letter about the processors, with its day."""
        self.refused: list[str] = []
        self._begins_on = self.today
        self._snapshot: dict[int, list[FakeRecord]] = {}
        self._read = 0

    @property
    def today(self) -> date:
        return current_app().today

    def live(self) -> None:
        for number in range(self.days):
            self.world.bench.moment[0] = datetime.combine(self._begins_on + number * _DAY, time(9), UTC)
            for person in self.people:
                if person.arrives_on == number:
                    self._arrive(person)
            self._processors_act()
            self._watch()
            for person in self.people:
                if person.case_id:
                    self._officers_act(person)

    def instructions(self, person: Person) -> list[Instruction]:
        with current_app().store.case_file(person.case_id) as file:
            return file.instructions.all()

    def _arrive(self, person: Person) -> None:
        bench = self.world.bench
        known = frozenset(
            {identifier(IdentifierKind.EMAIL, person.email), identifier(IdentifierKind.CUSTOMER_ID, person.customer)}
        )
        for system in person.systems:
            kind = "recording" if system == "calls" else "profile"
            bench.systems[system].add(FakeRecord(kind=kind, key=f"q{person.number}", texts=((known, "words"),)))
        if "calls" in person.systems:
            self._snapshot[person.number] = [one for one in bench.systems["calls"].records() if one.names(known)]
        case_id = person.case_id = identified(bench, person.right.value, email=person.email)
        search(case_id)
        if person.right is Right.ERASURE:
            prepare_plan(current_app(), case_id)
            reach_gate(current_app(), case_id, Gate.APPROVAL)
            bench.approve(case_id)
            settle_plan(current_app(), case_id)
        for processor in processors_to_instruct(current_app(), case_id):
            instruct_processor(current_app(), case_id, processor)
        if person.right is Right.ERASURE:
            carry_out(case_id)

    def _watch(self) -> None:
        mail_to_processors(current_app())
        renew_cases(current_app())
        sweep(current_app(), self.world.carrier)
        done = follow_up(current_app())
        if done.failed:
            self.refused.append(f"{self.today}: {done.sentence}")
        self._read_mails()

    def _read_mails(self) -> None:
        for mail in self.world.post.taken[self._read :]:
            if link := _LINK.search(mail.body):
                self.links[link[1], int(link[2])].append(link[3])
            if mail.subject.startswith("Reminder"):
                case_id, processor = mail.subject.removeprefix("Reminder: instruction ").split("/")
                number = next(
                    key[1] for key, one in self.asked.items() if (key[0], one.processor) == (case_id, processor)
                )
                self.mails[(case_id, number), mail.to_email].append(self.today)
        self._read = len(self.world.post.taken)
        for person in self.people:
            for one in self.instructions(person) if person.case_id else ():
                key = one.case_id, one.number
                if one.sent_at and key not in self.asked:
                    self.asked[key] = Asked(one.processor, self.world.manners[one.processor], self.today)

    def _processors_act(self) -> None:
        for key, one in self.asked.items():
            for move in self._moves[one.manner][len(one.done) :]:
                if self.today - one.sent_on < timedelta(days=move.after):
                    break
                self._move(key, one, move)

    def _move(self, key: Key, one: Asked, move: Move) -> None:
        app = current_app()
        person = next(each for each in self.people if each.case_id == key[0])
        instruction = next(each for each in self.instructions(person) if each.number == key[1])
        stated, documents = self._stated(person, instruction, move)
        if move.is_mail:
            record_processor_answer(app, *key, stated, documents=documents, by=_OFFICER)
        else:
            answer_by_link(app, *key, self.links[key].pop(), stated, name="Rita Ramos", documents=documents)
        one.done.append((self.today, move))
        one.proved_on = self.today if proves(one.manner, move, person.right) else None

    def _stated(self, person: Person, one: Instruction, move: Move) -> tuple[StatedAnswer, list[bytes]]:
        hands_over = person.right is Right.ACCESS and move.says is ProcessorAnswer.DONE
        is_done = move.says is ProcessorAnswer.DONE
        stated = StatedAnswer(
            answer=move.says,
            on=self.today,
            records=one.expected if is_done and not hands_over else None,
            note={
                ProcessorAnswer.CANNOT: "A court has sealed its archive.",
                ProcessorAnswer.NOTHING_HELD: "We looked.",
            }.get(move.says, ""),
            until=one.due_on + _DAY if move.says is ProcessorAnswer.MORE_TIME else None,
            sub_processors=(f"Subcontractor of {one.processor}",) if move.says is ProcessorAnswer.HANDED_ON else (),
        )
        return stated, [f"Notes of {one.processor} on {person.customer}".encode()] if hands_over else []

    def _officers_act(self, person: Person) -> None:
        for one in self.instructions(person):
            if one.standing is InstructionStanding.QUESTIONED:
                self._check(person, one)
        if person.answered_on is None and not waits_for_processors(current_app(), person.case_id):
            self._answer(person)
        self._send_second_letter(person)

    def _check(self, person: Person, one: Instruction) -> None:
        asked = self.asked[one.case_id, one.number]
        is_sure = bool(asked.done) and asked.done[-1][1].checked
        # What was handed over after the package has to be read, and then it holds.
        late_files = one.last is not None and one.last.doubts == (Doubt.LATE,) and person.answered_on is not None
        if is_sure or late_files:
            check_processor_answer(current_app(), one.case_id, one.number, reason="Asked and read.", by=_OFFICER)

    def _answer(self, person: Person) -> None:
        case_id, app = person.case_id, current_app()
        if person.right is Right.ACCESS:
            for system in make_copies_again(app, case_id):
                extract_records(app, case_id, system)
                redact_third_parties(app, case_id, system)
            assemble_package(app, case_id)
            reach_gate(app, case_id, Gate.APPROVAL)
            self.world.bench.approve(case_id)
        write_answer(app, case_id)
        send_answer(self.world.bench, case_id)
        person.answered_on = self.today
        self._keep(person, {"L9", "L10", "L11"})
        if person.number in self._snapshot:
            # A restored back-up brings the recordings back that every processor said to be erased.
            self.world.bench.systems["calls"].add(*self._snapshot[person.number])

    def _send_second_letter(self, person: Person) -> None:
        with self.world.bench.file(person.case_id) as file:
            lines = {one.template_id: one for one in file.outbox.lines()}
        if "L20" in lines and lines["L20"].sent_at is None:
            self._keep(person, {"L20"})
            record_sent(current_app(), person.case_id, "L20", by=_OFFICER)

    def _keep(self, person: Person, which: set[str]) -> None:
        with self.world.bench.file(person.case_id) as file:
            found = [(one.template_id, one.body) for one in file.outbox.letters() if one.template_id in which]
        self.letters += [(self.today, person, name, body) for name, body in found]


def people(cases: int, days: int) -> Iterator[Person]:
    for number in range(cases):
        right = Right.ACCESS if number % 4 == 3 else Right.ERASURE
        arrives_on = number * (days // 3) // max(cases, 1)
        yield Person(number, right, KINDS[number % 3], arrives_on)


def concerned(world: World, person: Person) -> set[str]:
    return {key for key, manner in world.manners.items() if WORKS_IN.get(manner, "helpdesk") in person.systems}


def due_on(one: Asked) -> date:
    later = sum(move.says is ProcessorAnswer.MORE_TIME for _, move in one.done)
    return one.sent_on + timedelta(days=AGREED_DAYS + later)
