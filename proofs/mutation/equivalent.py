"""Mutants that no test can catch, because they decide nothing otherwise; each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_QUICK = "Only a short cut: without it the long way gives the same."
_ALL_OR_NONE = "The dates are there together, or missing together while the clock is suspended."
_NO_NAME = "It is only asked whether a name is in it."
_ACK = "The one deadline in business days is neither extended nor moved."

EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    ("course.start_of", "arrived_at > event_at", "arrived_at >= event_at"): (
        "Differs only for a proof or fee that arrives at the very instant of receipt under another offset."
    ),
    ("model.ClockInput._check_order", "strict=True", "strict=False"): "The two are written with as many entries each.",
    (
        "model.ClockInput._check_order",
        "zip(_ORDER, events, strict=True)",
        "zip(_ORDER, events)",
    ): "The two are written with as many entries each.",
    (
        "periods.Period.after",
        "add_months(start_on, self.months) if self.months else start_on",
        "add_months(start_on, self.months) if True else start_on",
    ): _QUICK,
    (
        "periods.Period.after",
        "end_on + timedelta(days=self.days) if self.days else end_on",
        "end_on + timedelta(days=self.days) if True else end_on",
    ): _QUICK,
    ("periods.add_months", "day.day <= 28", "day.day < 28"): _QUICK,
    ("periods.add_months", "day.day <= 28", "day.day <= 27"): _QUICK,
    ("periods.add_months", "day.day <= 28", "False"): _QUICK,
    (
        "explain._receipt",
        "it.rule.fee_starts and paid is not None and (proof is None or paid > proof)",
        "paid is not None and (proof is None or paid > proof)",
    ): "Only laws that start the month with a fee let it start later than the receipt.",
    (
        "explain._receipt",
        "paid > proof",
        "paid >= proof",
    ): "Differs only where proof and fee arrive at one instant, and either may be named.",
    (
        "explain._end",
        "due.due_on is None or due.nominal_on is None or due.operational_target_on is None",
        "due.due_on is None and due.nominal_on is None and (due.operational_target_on is None)",
    ): _ALL_OR_NONE,
    (
        "explain._end",
        "due.due_on is None or due.nominal_on is None or due.operational_target_on is None",
        "due.nominal_on is None or due.operational_target_on is None",
    ): _ALL_OR_NONE,
    (
        "explain._end",
        "due.due_on is None or due.nominal_on is None or due.operational_target_on is None",
        "due.due_on is None or due.operational_target_on is None",
    ): _ALL_OR_NONE,
    (
        "explain._end",
        "due.due_on is None or due.nominal_on is None or due.operational_target_on is None",
        "due.due_on is None or due.nominal_on is None",
    ): _ALL_OR_NONE,
    ("explain._easter_sunday", "names.get(day + DAY, '')", "names.get(day + DAY, '~')"): _NO_NAME,
    ("explain._easter_sunday", "names.get(day - 2 * DAY, '')", "names.get(day - 2 * DAY, '~')"): _NO_NAME,
    ("explain._listed", "items[0]", "items[-1]"): "There is one item here.",
    (
        "explain._caveats",
        "due.safe_due_on is not None and due.safe_due_on != due.nominal_on",
        "due.safe_due_on != due.nominal_on",
    ): _ALL_OR_NONE,
    (
        "explain._strictest",
        "it.total.business_days and nominal_end(it.course.start_on, it.total, WEEKENDS_ONLY) < it.nominal_on",
        "it.base.business_days and nominal_end(it.course.start_on, it.total, WEEKENDS_ONLY) < it.nominal_on",
    ): _ACK,
    (
        "explain._strictest",
        "nominal_end(it.course.start_on, it.total, WEEKENDS_ONLY)",
        "nominal_end(it.course.start_on, it.base, WEEKENDS_ONLY)",
    ): _ACK,
    (
        "explain._strictest",
        "nominal_end(it.course.start_on, it.total, WEEKENDS_ONLY) < it.nominal_on",
        "nominal_end(it.course.start_on, it.total, WEEKENDS_ONLY) < it.notice_on",
    ): _ACK,
    (
        "periods",
        "('no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve')",
        "('no~', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve')",
    ): "Holds the place of nought, which is never written.",
}
"""By place, what stands there and what the mutant puts there."""
