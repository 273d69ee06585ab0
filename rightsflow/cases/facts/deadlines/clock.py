"""Dates of a case, by its file and the controller's place, and the forecast of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary

from rightsflow.cases.app import App
from rightsflow.cases.facts.systems import concerned_systems
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.config.sections.controller import Controller
from rightsflow.domain.deadlines import HOLIDAYS_VERSION, ClockInput, Regime
from rightsflow.domain.deadlines.case_dates import CaseDates, case_dates
from rightsflow.domain.deadlines.clock_events import ANSWER_TO, WAIT, ClockEventKind, refuse_impossible_answer
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.errors import BadInput
from rightsflow.domain.forecast import Expectation, Forecast, Forecaster
from rightsflow.domain.forecast_trail import parts_ahead
from rightsflow.domain.gates.refusals import ProofAsked
from rightsflow.domain.processors.scorecard import scorecard, waited_for
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile, Store
from rightsflow.store.case.case_clock import ForecastLine

HISTORY_REUSED_FOR = timedelta(minutes=15)
"""The time for which a history that was read is used for further forecasts."""

FORECAST_VALID_FOR = timedelta(days=1)
"""The age at which a forecast is made again."""

_FORECASTS_IN_ONE_ROUND = 500


@dataclass(frozen=True, slots=True)
class _Remembered:
    forecaster: Forecaster
    read_at: datetime


_remembered: WeakKeyDictionary[Store, dict[Right, _Remembered]] = WeakKeyDictionary()


def forecast_case(file: CaseFile, app: App) -> Forecast:
    """Forecast an open case from its present state.

    Args:
        file: The case file, open.
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    now = app.now()
    instructions = file.instructions.all() if app.settings.asked else ()
    # Once their day has passed the answer goes without them, and names what is open.
    waits_for = {
        instruction.processor: now - (instruction.sent_at or now)
        for instruction in instructions
        if instruction.is_waited_for and app.today <= instruction.due_on
    }
    course = parts_ahead(file.durations.trail(), now, tuple(concerned_systems(file, app)), waits_for)
    return _forecaster(file, app, now).forecast(course, now)


def store_forecast(file: CaseFile, app: App, forecast: Forecast) -> None:
    """Store a forecast in the case file; the case is at risk when the late date is after the target date.

    Args:
        file: The case file, open.
        app: What it works with.
        forecast: The forecast.
    """
    late_on = app.day_of(forecast.late_at)
    line = ForecastLine(
        expected_on=app.day_of(forecast.expected_at),
        late_on=late_on,
        at_risk=late_on > file.work_to_on,
        basis=forecast.basis,
    )
    file.forecasts.keep(line)


def renew_forecast(file: CaseFile, app: App) -> None:
    """Forecast a case again from its present state; a closed one needs none.

    Args:
        file: The case file, open.
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    if not file.is_closed:
        store_forecast(file, app, forecast_case(file, app))


def renew_old_forecasts(app: App) -> int:
    """Forecast cases again whose forecast is a day old, since a waiting case drifts late; returns how many.

    One round takes a limited number, so that it stays short; the next round continues.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    old = app.store.rounds.forecast_before(app.now() - FORECAST_VALID_FOR, _FORECASTS_IN_ONE_ROUND)
    for case_id in old:
        with one_case_of_many(case_id), app.store.case_file(case_id) as file:
            renew_forecast(file, app)
    return len(old)


def _forecaster(file: CaseFile, app: App, now: datetime) -> Forecaster:
    by_right = _remembered.setdefault(app.store, {})
    remembered = by_right.get(file.right)
    if remembered is None or not remembered.read_at <= now < remembered.read_at + HISTORY_REUSED_FOR:
        forecaster = Forecaster(file.durations.history(), app.settings.expectations.by_part, _at_processors(app))
        remembered = by_right[file.right] = _Remembered(forecaster, now)
    return remembered.forecaster


def _at_processors(app: App) -> dict[str, Expectation]:
    """Return the expected wait for each processor: by its record, else until the agreed day."""
    if not app.settings.asked:
        return {}
    scores = scorecard(app.store.work.all_instructions(), app.today, app.settings.controller.zone)
    by_processor = {score.processor: score for score in scores}
    return {
        key: waited_for(by_processor.get(key), section.answers_within_days)
        for key, section in app.settings.asked.items()
    }


_IN_ONE_ROUND = 1_000
_LETTERS = {
    ClockEventKind.IDENTITY_REQUESTED: LetterId.IDENTITY_REQUEST,
    ClockEventKind.CLARIFICATION_REQUESTED: LetterId.CLARIFICATION,
}


def dates_on_receipt(received_at: datetime, right: Right, controller: Controller) -> CaseDates:
    """Return the dates of a request on which nothing has happened yet.

    Args:
        received_at: When it arrived (aware).
        right: What is asked for.
        controller: Whose zone, place and law apply.
    """
    return case_dates(_clock(received_at, right, controller, {}))


def dates_of_file(
    file: CaseFile, controller: Controller, *, supposed: Mapping[ClockEventKind, datetime] = MappingProxyType({})
) -> CaseDates:
    """Return the dates that follow from all that happened.

    Args:
        file: The case file.
        controller: Whose zone, place and law apply.
        supposed: What is supposed to happen besides, to see what would follow.
    """
    events = {kind.value: event.at for kind, event in file.clock.events().items()}
    events |= {kind.value: at for kind, at in supposed.items()}
    clock = _clock(file.received_by_sender(controller.zone), file.right, controller, events)
    dates, order = case_dates(clock), file.orders.present
    return dates.with_agreed_target(order.due_on) if order else dates


def renew_case_dates(file: CaseFile, app: App) -> None:
    """Compute a case's dates from all its events again, and check the forecast against them.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    file.clock.set_dates(dates_of_file(file, app.settings.controller))
    store_forecast(file, app, forecast_case(file, app))


def would_stand(file: CaseFile, controller: Controller, kind: ClockEventKind, at: datetime) -> bool:
    """Return True if the clock would be suspended by a question that is sent at an instant.

    Args:
        file: The case file.
        controller: Whose zone, place and law apply.
        kind: The question.
        at: The instant (aware).
    """
    return dates_of_file(file, controller, supposed={kind: at}).suspended_since is not None


def end_question(file: CaseFile, app: App, question: ClockEventKind, *, at: datetime | None, by: str) -> bool:
    """Record the person's answer, with which a suspended clock runs on; returns whether the question is noted as sent.

    The day on which the answer arrived counts, read or unread. It is stored even where the question was written and is
    noted as sent only later.

    Args:
        file: The case file.
        app: What it works with.
        question: What they were asked.
        at: When the answer arrived (aware); now by default.
        by: Who records it.

    Raises:
        BadInput: It would have arrived in the future, or before the question went out.
        Conflict: They answered already.
    """
    asked = file.clock.events().get(question)
    arrived_at = at or app.now()
    refuse_impossible_answer(arrived_at, asked_at=asked.at if asked else None, now=app.now())
    if asked is None and not file.outbox.has(_LETTERS[question]):
        return False
    file.clock.record(ANSWER_TO[question], arrived_at, by=by)
    if asked is None:
        return False
    renew_case_dates(file, app)
    return True


def arrival_instant(day: str, app: App) -> datetime | None:
    """Return the instant of an answer for which a form states the day: its last second, or now if it is today.

    Args:
        day: The day, like ``2026-03-05``; empty for none.
        app: What it works with.

    Raises:
        BadInput: It is not a date, or lies in the future.
    """
    if not day.strip():
        return None
    try:
        arrival_day = date.fromisoformat(day.strip()[:10])
    except ValueError:
        raise BadInput("The day on which the answer arrived is not valid; give it like 2026-03-05.") from None
    if arrival_day > app.today:
        raise BadInput("The answer cannot have arrived in the future; check its day.")
    return min(end_of_day(arrival_day, app.settings.controller.zone), app.now())


def apply_new_holidays(app: App, when_moved: Callable[[CaseFile, App], object]) -> int:
    """Compute the dates of open cases again that follow from another holiday table; no date moves later.

    One round takes a limited number, so that it stays short; the next round continues.

    Args:
        app: What it works with.
        when_moved: Called in the same transaction for each case whose dates in letters have moved.

    Returns:
        How many cases have new dates.

    Raises:
        Transient: The case store does not answer.
    """
    controller, renewed = app.settings.controller, 0
    for case_id in app.store.rounds.under_other_holidays(HOLIDAYS_VERSION, _IN_ONE_ROUND):
        with one_case_of_many(case_id), app.store.case_file(case_id) as file:
            before = file.work_to_on, file.safe_due_on
            file.clock.set_dates(dates_of_file(file, controller).no_later_than(file.clock.dates()))
            if (file.work_to_on, file.safe_due_on) != before:
                when_moved(file, app)
            renewed += 1
    return renewed


def lapse_questions(app: App) -> int:
    """Let requests for clarification lapse that were not answered in time: the clock runs on, as the letter says.

    Args:
        app: What it works with.

    Returns:
        How many lapsed.

    Raises:
        Transient: The case store does not answer.
    """
    lapsed, question = 0, ClockEventKind.CLARIFICATION_REQUESTED
    for case_id in app.store.rounds.unanswered(question, before=app.now() - WAIT, limit=_IN_ONE_ROUND):
        with one_case_of_many(case_id), app.store.case_file(case_id) as file:
            at = _lapses_at(file, app, file.clock.events()[question].at)
            end_question(file, app, question, at=at, by="rightsflow")
            lapsed += 1
    return lapsed


def _lapses_at(file: CaseFile, app: App, sent_at: datetime) -> datetime:
    """Return the instant a question lapses: after the day that the letter names, never before it was sent."""
    letter = next(line for line in file.outbox.lines() if line.template_id == LetterId.CLARIFICATION)
    named = end_of_day(app.day_of(letter.written_at) + WAIT, app.settings.controller.zone)
    return max(sent_at, min(sent_at + WAIT, named))


def _clock(received_at: datetime, right: Right, controller: Controller, events: Mapping[str, Any]) -> ClockInput:
    return ClockInput(
        received_at=received_at,
        zone=controller.zone,
        country=controller.country,
        subdivision=controller.subdivision,
        regime=Regime(controller.regime),
        request_type=right.value,
        **events,
    )


def proof_asked(file: CaseFile, app: App) -> ProofAsked | None:
    """Return the day the person was asked for proof of identity and the last day to answer; ``None`` if never asked.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    letter = next((line for line in file.outbox.lines() if line.template_id == LetterId.IDENTITY_REQUEST), None)
    if letter is None or letter.sent_at is None:
        return None
    return ProofAsked(sent_on=app.day_of(letter.sent_at), answer_by=app.day_of(letter.written_at) + WAIT)
