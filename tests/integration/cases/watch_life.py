"""What happens to one case of a year under the watch: what the person, the officers and the runs do, by chance."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from rightsflow.domain.deadlines import ClockInput
from rightsflow.domain.deadlines.case_dates import CaseDates, case_dates
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.request import Channel, Request
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.store.case.case_clock import ForecastLine
from rightsflow.store.case.case_file import CaseFile
from rightsflow.store.tables import AlertRow
from tests.support.bench import SETTINGS

if TYPE_CHECKING:
    from tests.integration.cases.watch_year import Year

DAY = timedelta(days=1)
ZONE = SETTINGS.controller.zone
OWNERS = ("case_owner", "anna", "ben")
Change = dict[str, Any]
"""The facts of a case that something changes."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What is true of a case from an instant on."""

    since: datetime
    state: CaseState
    state_since: datetime
    opened_at: datetime
    dates: CaseDates
    owner: str = "case_owner"
    at_risk: bool = False
    acknowledged: bool = False
    failing: tuple[tuple[str, datetime], ...] = ()
    answer_written: datetime | None = None
    closed: bool = False


class CaseLife:
    """One case of the year, from its arrival on.

    Args:
        year: The year, whose clock, chance and case store it has.
        number: Which case it is.
    """

    def __init__(self, year: Year, number: int) -> None:
        self.year, self.dice = year, year.dice
        self.received = year.now - self.dice.choice([0, 0, 0, 2, 10, 40]) * DAY
        self.right = self.dice.choice(list(Right))
        self.who = frozenset({identifier(IdentifierKind.EMAIL, f"person{number}@example.com")})
        self.events: dict[str, datetime] = {}
        self.case_id = ""

    def begin(self) -> None:
        """Open the case, and draw what happens to it and when."""
        made = Request(
            right=self.right,
            identifiers=self.who,
            received_at=self.received,
            channel=Channel.EMAIL,
            opened_by="Olga Opener",
        )
        now = self.year.now
        with self.year.store.opening() as opening:
            self.case_id = opening.open(made, self.reckoned(), "case_owner").case_id
        self.year.history[self.case_id].append(
            Facts(since=now, state=CaseState.RECEIVED, state_since=now, opened_at=now, dates=self.reckoned())
        )
        self._plan_what_comes_by_chance()
        self._plan_the_course()

    def _plan_what_comes_by_chance(self) -> None:
        dice = self.dice
        if dice.random() < 0.9:
            self._later(dice.expovariate(1 / 2), self.letter_sent)
        for _ in range(dice.randrange(3)):
            self._later(dice.random() * 40, self.forecast)
        for _ in range(dice.randrange(3)):
            self._later(dice.random() * 60, self.acknowledged)
        if dice.random() < 0.3:
            self._later(dice.random() * 30, self.handed_over)
        if dice.random() < 0.3:
            start = dice.random() * 20
            for number_of_times in range(dice.randrange(1, 4)):
                self._later(start + number_of_times * 0.7, self.fails)
            self._later(start + dice.random() * 6, self.goes_through)

    def _plan_the_course(self) -> None:
        dice = self.dice
        at = dice.random() * 5
        if dice.random() < 0.4:
            asked, proved = ClockEventKind.IDENTITY_REQUESTED, ClockEventKind.IDENTITY_CONFIRMED
            self._later(at, lambda file: self.stepped(file, CaseAction.ASK_IDENTITY) | self.moved(file, asked))
            at += dice.random() * 45
            self._later(at, lambda file: self.stepped(file, CaseAction.CONFIRM_IDENTITY) | self.moved(file, proved))
        else:
            self._later(at, lambda file: self.stepped(file, CaseAction.CONFIRM_IDENTITY))
        if dice.random() < 0.2:
            notice = ClockEventKind.EXTENSION_NOTICE_SENT
            self._later(at + dice.random() * 15, lambda file: self.moved(file, notice))
        for action, most in ((CaseAction.SUBMIT_FOR_APPROVAL, 20), (CaseAction.APPROVE, 12)):
            at += 0.01 + dice.random() * most
            self._later(at, lambda file, action=action: self.stepped(file, action))
        at += 0.01 + dice.random() * 20
        self._later(at, self.answered)
        self._later(at + 0.01 + dice.random() * 8, self.answer_sent)
        if dice.random() < 0.1:
            self._later(dice.random() * 30, self.withdrawn)

    def _later(self, days: float, what: Callable[[CaseFile], Change]) -> None:
        self.year.at(self.year.now + days * DAY, lambda: self._happens(what))

    def _happens(self, what: Callable[[CaseFile], Change]) -> None:
        history = self.year.history[self.case_id]
        last = history[-1]
        if last.closed:
            return
        with self.year.store.case_file(self.case_id) as file:
            history.append(replace(last, since=self.year.now, **what(file)))

    # What can happen.

    def reckoned(self) -> CaseDates:
        """The dates that follow from what has happened."""
        clock = ClockInput(
            received_at=self.received, zone=ZONE, country="DE", request_type=self.right.value, **self.events
        )
        return case_dates(clock)

    def moved(self, file: CaseFile, kind: ClockEventKind) -> Change:
        file.clock.record(kind, self.year.now, by="Ida")
        self.events[kind.value] = self.year.now
        file.clock.set_dates(self.reckoned())
        return {"dates": self.reckoned()}

    def stepped(self, file: CaseFile, action: CaseAction) -> Change:
        file.advance(action)
        return {"state": file.state, "state_since": self.year.now}

    def answered(self, file: CaseFile) -> Change:
        said = self.stepped(file, CaseAction.ANSWER)
        file.outbox.put(template_id="L9", version="1", language="en", subject_line="", body="", variables_hash="")
        return said | {"answer_written": self.year.now}

    def answer_sent(self, file: CaseFile) -> Change:
        file.outbox.mark_sent("L9", self.year.now, by="Ida")
        file.close(self.year.now)
        return {"closed": True}

    def withdrawn(self, file: CaseFile) -> Change:
        return (self.stepped(file, CaseAction.WITHDRAW) | {"closed": True}) if not file.state.is_settled else {}

    def letter_sent(self, file: CaseFile) -> Change:
        file.outbox.put(template_id="L1", version="1", language="en", subject_line="", body="", variables_hash="")
        file.outbox.mark_sent("L1", self.year.now, by="Ida")
        file.ledger.append("LetterSent")
        return {"acknowledged": True}

    def fails(self, file: CaseFile) -> Change:
        file.steps.start("locate", "helpdesk")
        file.steps.fail("locate", "helpdesk", "It answered 503.")
        before = self.year.history[self.case_id][-1].failing
        return {"failing": before or (("locate helpdesk", self.year.now),)}

    def goes_through(self, file: CaseFile) -> Change:
        file.steps.start("locate", "helpdesk")
        file.steps.finish("locate", "helpdesk")
        file.ledger.append("StepDone")
        return {"failing": ()}

    def handed_over(self, file: CaseFile) -> Change:
        owner = self.dice.choice([one for one in OWNERS if one != file.ownership.owner])
        file.ownership.hand_over(owner, by="Olga", reason="holidays")
        return {"owner": owner}

    def forecast(self, file: CaseFile) -> Change:
        at_risk = self.dice.random() < 0.5
        file.forecasts.keep(ForecastLine(file.work_to_on, file.work_to_on, at_risk, "chance"))
        file.ledger.append("Forecast")
        return {"at_risk": at_risk}

    def acknowledged(self, file: CaseFile) -> Change:
        standing = select(AlertRow.id).where(
            AlertRow.case_id == self.case_id, AlertRow.ended_at.is_(None), AlertRow.acknowledged_at.is_(None)
        )
        ids = set(file._context.session.scalars(standing))
        if ids:
            assert file.alerts.acknowledge("Ida") == len(ids)
            self.year.acknowledged |= ids
        return {}
