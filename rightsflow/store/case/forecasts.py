"""The forecast of the day on which one case is answered, as last computed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.case_part import CasePart


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """The forecast of a case's answer.

    Args:
        expected_on: The day by which half of such cases are answered, in the controller's zone.
        late_on: The day by which nine in ten are.
        at_risk: Whether that is later than the day to work to.
        basis: What the forecast rests on, in words.
    """

    expected_on: date
    late_on: date
    at_risk: bool
    basis: str


class Forecasts(CasePart):
    """The forecast of one case."""

    @property
    def present(self) -> ForecastLine | None:
        """The last forecast of the answer; ``None`` before the first."""
        row = self._context.row
        if row.expected_on is None or row.expected_late_on is None:
            return None
        return ForecastLine(row.expected_on, row.expected_late_on, row.at_risk, row.forecast_basis)

    def keep(self, forecast: ForecastLine) -> None:
        """Store a forecast; the ledger notes one that newly puts the case at risk."""
        row = self._context.row
        if forecast.at_risk and not row.at_risk:
            self._ledger.append(
                CaseEvent.CASE_AT_RISK, late_on=forecast.late_on.isoformat(), work_to_on=str(row.work_to_on)
            )
        if forecast.at_risk != row.at_risk:
            row.watch_at = self._context.now
        row.expected_on, row.expected_late_on = forecast.expected_on, forecast.late_on
        row.forecast_at = self._context.now
        row.at_risk, row.forecast_basis = forecast.at_risk, forecast.basis
