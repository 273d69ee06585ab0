"""The dates of a case by its file and the controller's place, and the forecast of its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from rightsflow.cases.app import App
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

FRESH = timedelta(minutes=15)
"""The time for which a history that was read serves for further forecasts."""

OLD = timedelta(days=1)
"""After how long a forecast is made again."""

_FORECASTS_IN_ONE_ROUND = 500


@dataclass(frozen=True, slots=True)
class _Remembered:
    forecaster: Forecaster
    read_at: datetime


_remembered: WeakKeyDictionary[Store, dict[Right, _Remembered]] = WeakKeyDictionary()


def forecast_case(app: App, file: CaseFile) -> Forecast:
    """Forecast an open case from where it stands.

    Args:
        app: What it works with.
        file: The case file, open.

    Raises:
        Transient: The case store does not answer.
    """
    now = app.now()
    asked = file.instructions.all() if app.settings.asked else ()
    # Once their day has passed the answer goes without them, and names what is open.
    waits_for = {
        instruction.processor: now - (instruction.sent_at or now)
        for instruction in asked
        if instruction.is_waited_for and app.today <= instruction.due_on
    }
    systems = tuple(connector for connector in app.connectors if file.orders.concerns(connector))
    course = parts_ahead(file.durations.trail(), now, systems, waits_for)
    return _forecaster(app, file, now).forecast(course, now)


def mark(file: CaseFile, forecast: Forecast, zone: ZoneInfo) -> None:
    """Keep a forecast in the case file; the case is at risk when the late date passes the date to work to.

    Args:
        file: The case file, open.
        forecast: The forecast.
        zone: The controller's zone, in which days are counted.
    """
    late_on = forecast.late_at.astimezone(zone).date()
    line = ForecastLine(
        expected_on=forecast.expected_at.astimezone(zone).date(),
        late_on=late_on,
        at_risk=late_on > file.work_to_on,
        basis=forecast.basis,
    )
    file.forecasts.keep(line)


def _renew_forecast(case_id: str, app: App) -> None:
    """Forecast a case again from where it stands now; a closed one needs none."""
    with app.store.case_file(case_id) as file:
        forecast_again(file, app)


def forecast_again(file: CaseFile, app: App) -> None:
    """The same of a case file that is open.

    Args:
        file: The case file.
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    if not file.is_closed:
        mark(file, forecast_case(app, file), app.settings.controller.zone)


def renew_old_forecasts(app: App) -> int:
    """Forecast cases again whose forecast is a day old: one that waits drifts late by itself. Returns how many.

    So many in one round that it stays short; the next goes on.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    old = app.store.rounds.forecast_before(app.now() - OLD, _FORECASTS_IN_ONE_ROUND)
    for case_id in old:
        with one_case_of_many(case_id):
            _renew_forecast(case_id, app)
    return len(old)


def _forecaster(app: App, file: CaseFile, now: datetime) -> Forecaster:
    by_right = _remembered.setdefault(app.store, {})
    known = by_right.get(file.right)
    if known is None or not known.read_at <= now < known.read_at + FRESH:
        forecaster = Forecaster(file.durations.history(), app.settings.expectations.by_part, _at_processors(app))
        known = by_right[file.right] = _Remembered(forecaster, now)
    return known.forecaster


def _at_processors(app: App) -> dict[str, Expectation]:
    """Return the expected wait for each processor: by its record, else until the agreed day."""
    if not app.settings.asked:
        return {}
    records = scorecard(app.store.work.all_instructions(), app.today, app.settings.controller.zone)
    known = {record.processor: record for record in records}
    return {key: waited_for(known.get(key), item.answers_within_days) for key, item in app.settings.asked.items()}


_IN_ONE_ROUND = 1_000
_LETTERS = {
    ClockEventKind.IDENTITY_REQUESTED: LetterId.IDENTITY_REQUEST,
    ClockEventKind.CLARIFICATION_REQUESTED: LetterId.CLARIFICATION,
}


def dates_on_receipt(received_at: datetime, right: Right, controller: Controller) -> CaseDates:
    """The dates of a request on which nothing has happened yet.

    Args:
        received_at: When it arrived (aware).
        right: What is asked for.
        controller: Whose zone, place and law apply.
    """
    clock = _clock(received_at, right, controller, {})
    return case_dates(clock)


def dates_of_file(
    file: CaseFile, controller: Controller, *, supposed: Mapping[ClockEventKind, datetime] = MappingProxyType({})
) -> CaseDates:
    """The dates that follow from all that happened.

    Args:
        file: The case file.
        controller: Whose zone, place and law apply.
        supposed: What is supposed to happen besides, to see what would follow.
    """
    events = {kind.value: event.at for kind, event in file.clock.events().items()}
    events |= {kind.value: at for kind, at in supposed.items()}
    clock = _clock(file.received_by_sender(controller.zone), file.right, controller, events)
    dates, order = case_dates(clock), file.orders.present
    return dates.agreed(order.due_on) if order else dates


def renew_dates_of(file: CaseFile, app: App) -> None:
    """Hold a case to the dates of all that happened by now, and see anew whether the forecast endangers them.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    file.clock.set_dates(dates_of_file(file, app.settings.controller))
    mark(file, forecast_case(app, file), app.settings.controller.zone)


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
    """The person has answered: the clock runs on, if it stood. Returns whether the question is noted as gone out.

    The day that counts is the one on which the answer arrived, read or unread. It is kept also where the question was
    written and is noted as sent only later.

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
    renew_dates_of(file, app)
    return True


def arrived_on(day: str, app: App) -> datetime | None:
    """The instant for an answer of which a form gives the day: its last second, or now if it is today.

    Args:
        day: The day, like ``2026-03-05``; empty for none.
        app: What it works with.

    Raises:
        BadInput: It is not a date, or lies in the future.
    """
    if not day.strip():
        return None
    try:
        known = date.fromisoformat(day.strip()[:10])
    except ValueError:
        raise BadInput("The day on which the answer arrived is not valid; give it like 2026-03-05.") from None
    if known > app.today:
        raise BadInput("The answer cannot have arrived in the future; check its day.")
    return min(end_of_day(known, app.settings.controller.zone), app.now())


def renew_dates(app: App, when_moved: Callable[[CaseFile, App], object]) -> int:
    """Compute open cases again whose dates rest on another holiday table; none moves later.

    So many in one round that it stays short; the next goes on.

    Args:
        app: What it works with.
        when_moved: What is done with a case of which the day moved that its letters name, in the same transaction.

    Returns:
        How many cases have new dates.

    Raises:
        Transient: The case store does not answer.
    """
    controller, renewed = app.settings.controller, 0
    for case_id in app.store.rounds.under_other_holidays(HOLIDAYS_VERSION, _IN_ONE_ROUND):
        with one_case_of_many(case_id), app.store.case_file(case_id) as file:
            before = file.work_to_on, file.safe_due_on
            file.clock.set_dates(dates_of_file(file, controller).keeping(file.clock.dates()))
            if (file.work_to_on, file.safe_due_on) != before:
                when_moved(file, app)
            renewed += 1
    return renewed


def lapse_questions(app: App) -> int:
    """Let questions for what is meant lapse that were not answered in time: the clock runs on, as the letter says.

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
    zone = app.settings.controller.zone
    letter = next((line for line in file.outbox.lines() if line.template_id == LetterId.IDENTITY_REQUEST), None)
    if letter is None or letter.sent_at is None:
        return None
    wait_until = letter.written_at.astimezone(zone).date() + WAIT
    return ProofAsked(sent_on=letter.sent_at.astimezone(zone).date(), answer_by=wait_until)
