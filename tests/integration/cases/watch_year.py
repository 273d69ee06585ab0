"""A year of cases under the watch, with outages: a virtual clock, a messenger that loses and doubles, and a reckoning.

The reckoning knows the ladder from its definition alone: which rungs were due at the instants at which a round of the
watch went through. It calls nothing of ``rightsflow.domain.deadlines.alerts`` but for the names of the kinds.
"""

from __future__ import annotations

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path

import holidays
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from connectors.publishing import place_of
from rightsflow.app import mail_server
from rightsflow.cases.app import App
from rightsflow.cases.facts.deadlines.alerts import Notice, NoticeDelivery, NotificationAttempt, sweep
from rightsflow.config.sections.controller import Person
from rightsflow.config.sections.mail_server import MailServer, Notifications
from rightsflow.domain.errors import Transient
from rightsflow.domain.people import Absence
from rightsflow.domain.vocabulary.states import SETTLED
from rightsflow.store import Database, Store
from rightsflow.store.tables import AlertRow
from rightsflow.vault import MasterKey
from tests.integration.cases.watch_life import CaseLife, Facts
from tests.support.bench import SETTINGS

START = datetime(2026, 1, 1, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ZONE = SETTINGS.controller.zone
CHANNEL = "channel.privacy-team"
SETTINGS_OF_THE_YEAR = SETTINGS.model_copy(
    update={
        "people": {name: Person(name=name.title(), email=f"{name}@example.com") for name in ("anna", "ben", "cleo")},
        "notifications": Notifications(
            mail=MailServer(host="mail.example.com", sender="alerts@example.com"),
            channels=("slack-webhook/privacy-team",),
        ),
    }
)


def local_day(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


@cache
def is_working_day(day: date) -> bool:
    return day.weekday() < 5 and day not in holidays.country_holidays("DE", years=day.year)


def whole_working_days(since: datetime, now: datetime) -> int:
    """How many working days lie wholly between."""
    days = (local_day(now) - local_day(since)).days
    return sum(is_working_day(local_day(since) + number * DAY) for number in range(1, days))


_ONCE_SETTLED = {"due-soon", "overdue", "target-missed", "at-risk", "refusal-due", "letter-unsent"}
"""What is still told of once the answer is written and not sent."""


def rungs_due(case: Facts, now: datetime) -> set[tuple[str, str]]:
    """The promise, word by word: kind and key of what has to have been raised by a round at this instant."""
    if case.closed:
        return set()
    today, dates = local_day(now), case.dates
    begun = [days for days in (14, 7, 3, 1) if today >= dates.work_to_on - days * DAY]
    due = {("due-soon", f"{days}/{dates.work_to_on}") for days in begun}
    if not dates.suspended_since and today > dates.work_to_on:
        due.add(("overdue" if today > dates.due_on else "target-missed", str(today)))
    if case.at_risk:
        due.add(("at-risk", str(dates.work_to_on)))
    seems_needed = case.at_risk or case.state in {"received", "identity pending", "in progress"}
    unpaused = dates.no_pause_due_on or date.max
    if (
        seems_needed
        and not dates.extended
        and min(dates.work_to_on, unpaused) - 7 * DAY <= today <= dates.notice_due_on
    ):
        due.add(("extension-notice-due", str(dates.notice_due_on)))
    # A month without the suspension that is over asks for nothing any more; the one with it can still be kept.
    last = min(dates.notice_due_on, unpaused) if unpaused >= today else dates.notice_due_on
    if dates.extended and last - 7 * DAY <= today <= dates.notice_due_on:
        due.add(("refusal-due", str(last)))
    waits = case.state == "awaiting approval" or (
        case.state in {"received", "identity pending"} and not dates.suspended_since
    )
    if waits and whole_working_days(case.state_since, now) >= 2:
        due.add(("gate-waiting", f"{case.state.value}/{case.state_since.isoformat(timespec='seconds')}"))
    if dates.suspended_since:
        asked_on = local_day(dates.suspended_since)
        if today >= asked_on + 30 * DAY:
            due.add(("gate-waiting", f"answer/{asked_on}/30"))
    if not case.acknowledged and whole_working_days(case.opened_at, now) >= 3:
        due.add(("acknowledgement-missing", str(local_day(case.opened_at))))
    if case.answer_written and whole_working_days(case.answer_written, now) >= 1:
        due.add(("letter-unsent", f"L9/{local_day(case.answer_written)}"))
    if case.state in SETTLED:
        due = {one for one in due if one[0] in _ONCE_SETTLED}
    for step, since in case.failing:
        if now >= since + 24 * HOUR:
            due.add(("step-failing", f"{step}/{since.isoformat(timespec='seconds')}"))
    return due


class FlakyDatabase(Database):
    """A database that fails at a chosen transaction: before it, in it, or after it was stored."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.fails_in: int | None = None
        self.how = "before"
        event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))

    @contextmanager
    def transaction(self, session: Session | None = None, *, passing: bool = False) -> Iterator[Session]:
        fails = self.fails_in == 0
        if self.fails_in is not None:
            self.fails_in -= 1
        if fails and self.how == "before":
            raise Transient("The case store does not answer.", system="case store")
        with super().transaction(session, passing=passing) as given:
            yield given
            if fails and self.how == "within":
                raise Transient("The case store does not answer.", system="case store")
        if fails:
            raise Transient("The case store does not answer.", system="case store")


@dataclass
class Messenger:
    """Carries notices; on a bad day it loses, doubles, delays, refuses, and takes half of them."""

    year: Year
    mode: str = "good"
    inbox: defaultdict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    taken: dict[tuple[int, int], dict[str, tuple[datetime, bool]]] = field(default_factory=dict)
    doubled: int = 0

    def post(self, notices: Sequence[Notice]) -> None:
        dice = self.year.dice
        self.year.check_notices(notices)
        whole = list(notices)
        if self.mode == "down" or (self.mode == "bad" and dice.random() < 0.2):
            raise Transient("The server does not answer.", system="prefect")
        if self.mode == "bad" and dice.random() < 0.3:
            self._take(whole[: len(whole) // 2])
            raise Transient("The server went away.", system="prefect")
        self._take(whole)
        if self.mode == "bad" and dice.random() < 0.2:
            raise Transient("The answer was lost.", system="prefect")

    def _take(self, notices: Sequence[Notice]) -> None:
        for one in notices:
            if (one.alert_id, one.attempt) in self.taken:
                self.doubled += 1
                continue
            self.taken[one.alert_id, one.attempt] = {
                recipient: outcome
                for recipient in one.recipients
                if (outcome := self._carry(one.alert_id, recipient)) is not None
            }

    def _carry(self, alert_id: int, recipient: str) -> tuple[datetime, bool] | None:
        """When something is heard of it, and what; ``None`` for never."""
        now, dice = self.year.now, self.year.dice
        fates = ["arrives", "arrives", "late", "lost", "unheard", "refused"] if self.mode == "bad" else ["arrives"]
        fate = dice.choice(fates)
        if fate in {"lost", "refused"}:
            return (now, False) if fate == "refused" else None
        self.inbox[alert_id].add(recipient)
        if fate == "unheard":
            return None
        return (now + dice.random() * DAY if fate == "late" else now, True)

    def deliveries(self, sent: Collection[NotificationAttempt]) -> list[NoticeDelivery]:
        if self.mode == "down":
            raise Transient("The server does not answer.", system="prefect")
        return [
            NoticeDelivery(attempt=attempt, recipient=recipient, delivered=delivered)
            for attempt in sent
            for recipient, (heard_at, delivered) in self.taken.get((attempt.alert_id, attempt.number), {}).items()
            if heard_at <= self.year.now
        ]

    def let_through(self, notices: Sequence[Notice]) -> bool:
        return len(notices) < self.year.dice.randint(1, 1000)

    def links(self, case_ids: Collection[str]) -> dict[str, str]:
        return {case_id: f"https://example.com/{case_id}" for case_id in case_ids}


class Year:
    """The cases, the people and the rounds of one year.

    Args:
        folder: For the database.
        cases: How many requests arrive.
        seed: Of all chance.
        days: How long it lasts.
    """

    def __init__(self, folder: Path, cases: int, seed: int, days: int = 365) -> None:
        self.dice = random.Random(seed)
        self.now = START
        self.end = START + days * DAY
        self.database = FlakyDatabase(f"sqlite:///{folder / 'year.db'}")
        self.database.migrate()
        self.store = Store(self.database, MasterKey(b"k" * 32), lambda: self.now)
        self.runtime = App(
            settings=SETTINGS_OF_THE_YEAR,
            store=self.store,
            connectors={},
            systems={},
            work_location=str(folder),
            now=lambda: self.now,
            import_location=str(folder),
            open_mail=mail_server,
            open_place=place_of,
        )
        self.messenger = Messenger(self)
        self.history: defaultdict[str, list[Facts]] = defaultdict(list)
        self.absent: list[tuple[str, str, date, date]] = []
        self.acknowledged: set[int] = set()
        self.looked_at: list[datetime] = []
        self.tried_at: list[datetime] = []
        self.cut_short = 0
        self.checked = 0
        self._good_rounds = 0
        self._numbers = count()
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        for number in range(cases):
            self.at(START + self.dice.random() * (days - 1) * DAY, lambda number=number: self._arrives(number))
        for number in range(days):
            self.at(START + number * DAY + 5 * HOUR, self._weather)

    def run(self) -> None:
        self.at(START, self._round_and_next)
        while self._agenda and self._agenda[0][0] < self.end:
            self.now, _, what = heapq.heappop(self._agenda)
            what()
        self._settle_down()

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (when.replace(microsecond=0), next(self._numbers), what))

    # The watch.

    def _weather(self) -> None:
        self.messenger.mode = self.dice.choices(["good", "bad", "down"], [0.6, 0.3, 0.1])[0]
        self._good_rounds = 0
        if self.dice.random() < 0.03:
            first = local_day(self.now)
            person = self.dice.choice(("case_owner", "anna", "dpo"))
            last = first + self.dice.randrange(20) * DAY
            self.absent.append((person, "cleo", first, last))
            self.store.record_absence(Absence(person=person, deputy="cleo", first_on=first, last_on=last), "Olga")

    def _round_and_next(self) -> None:
        if self.dice.random() < 0.05:
            self.at(self.now + self.dice.random() * 5 * DAY, self._round_and_next)  # the watch is down
            return
        self.at(self.now + (1 + self.dice.random() * 6) * HOUR, self._round_and_next)
        if self.dice.random() < 0.1:
            self.database.fails_in, self.database.how = (
                self.dice.randrange(12),
                self.dice.choice(["before", "within", "after"]),
            )
        self.round()

    def round(self) -> None:
        self.tried_at.append(self.now)
        try:
            sweep(self.runtime, self.messenger)
        except Transient as error:
            self.cut_short += 1
            self._good_rounds = 0
            if error.system == "prefect":
                # The looking comes first and needs no messenger.
                self.looked_at.append(self.now)
            return
        finally:
            self.database.fails_in = None
        self.looked_at.append(self.now)
        self._good_rounds += self.messenger.mode == "good"
        if self._good_rounds >= 2:
            self.check_standing()

    def _settle_down(self) -> None:
        self.messenger.mode = "good"
        for _ in range(3):
            self.now += HOUR
            self.round()

    # The cases.

    def _arrives(self, number: int) -> None:
        CaseLife(self, number).begin()

    # The reckoning.

    def answers_for(self, key: str) -> str:
        """No one's deputy is absent in this year."""
        today = local_day(self.now)
        for person, deputy, first, last in self.absent:
            if person == key and first <= today <= last:
                return deputy
        return key

    def check_notices(self, notices: Sequence[Notice]) -> None:
        """What is sent is about an open case, to people who are there, and nags no one who has taken note."""
        for one in notices:
            case = self.history[one.case_id][-1]
            assert not case.closed
            there = {f"person.{self.answers_for(key)}" for key in (case.owner, "dpo", "management")} | {CHANNEL}
            assert set(one.recipients) <= there
            assert not (one.reminder and one.alert_id in self.acknowledged)
            assert "@" not in one.text + one.link

    def check_standing(self) -> None:
        """After two rounds on which all went well, each person who had to be told of what stands has been."""
        self.checked += 1
        with self.database.transaction() as session:
            rows = session.scalars(select(AlertRow).where(AlertRow.ended_at.is_(None))).all()
        for row in rows:
            if row.raised_at == self.now:
                continue
            if row.failures and row.acknowledged_at:
                continue  # Taken note of before it reached the last one.
            if row.failures and row.next_at > self.now:
                assert row.next_at - self.now < 16 * HOUR, "after failures it waits for a while"
                continue
            history = self.history[row.case_id]
            owners = {case.owner for case in history}
            reached = self.messenger.inbox[row.id]
            assert CHANNEL in reached, (row.case_id, row.kind, row.key)
            for role in row.tell:
                keys = owners if role == "owner" else {role}
                assert reached & {f"person.{one}" for one in (*keys, "cleo")}, (row.case_id, row.kind, row.key, role)

    def facts_at(self, case_id: str, instant: datetime) -> Facts | None:
        return next((case for case in reversed(self.history[case_id]) if case.since <= instant), None)

    def expected(self, case_id: str, rounds: Sequence[datetime]) -> set[tuple[str, str]]:
        """All that rounds at these instants had to raise."""
        due: set[tuple[str, str]] = set()
        for instant in rounds:
            case = self.facts_at(case_id, instant)
            if case is not None:
                due |= rungs_due(case, instant)
        return due
