"""The forecast of the day a case is answered, and of a danger to its deadline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.domain.forecast import Expectation, Forecast, Forecaster
from rightsflow.domain.forecast_trail import parts_ahead
from rightsflow.domain.processors.scorecard import scorecard, waited_for
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile, Store
from rightsflow.store.case.forecasts import ForecastLine

FRESH = timedelta(minutes=15)
"""The time for which a history that was read serves for further forecasts."""

OLD = timedelta(days=1)
"""After how long a forecast is made again."""

_IN_ONE_ROUND = 500


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


def renew_forecast(case_id: str, app: App) -> None:
    """Forecast a case again from where it stands now; a closed one needs none.

    Args:
        case_id: The case.
        app: What it works with.

    Raises:
        BadInput: There is no such case.
        Transient: The case store does not answer.
    """
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
    old = app.store.rounds.forecast_before(app.now() - OLD, _IN_ONE_ROUND)
    for case_id in old:
        with one_case_of_many(case_id):
            renew_forecast(case_id, app)
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
