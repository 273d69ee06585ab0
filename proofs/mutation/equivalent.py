"""Mutants that no test can catch, because they decide nothing otherwise; each with the reason."""

from __future__ import annotations

from collections.abc import Mapping

_QUICK = "Only a short cut: without it the long way gives the same."
_ALL_OR_NONE = "The dates are there together, or missing together while the clock is suspended."
_NO_NAME = "It is only asked whether a name is in it."
_ASKED = "A clock is suspended by a question that has its day, so that this is there."
_TOGETHER = "A day is taken from each instant, so that they are there together, or missing together."
_NO_FEE = "Without a fee, which a case knows none of, questions that suspend nothing change no date."
_ALIKE = "What is derived from the other fields compares as they do."
_WHOLE = "The one period that begins with its receipt is neither suspended nor extended."
_ACK = "The one deadline in business days is neither extended nor moved."

_CASE_DATES = (
    "due.due_on is None or due.due_at is None or due.safe_due_on is None or (due.operational_target_on is None)"
)
_ALL_THERE = "a clock that no suspension stops has a due date"

EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    (
        "case_dates.case_dates",
        "standing_since(clock) if due.suspended else None",
        "standing_since(clock) if True else None",
    ): _QUICK,
    ("case_dates.case_dates", "since is not None", "True"): _NO_FEE,
    **{
        ("case_dates.case_dates", _CASE_DATES, new): _ALL_OR_NONE
        for new in (
            (
                "due.due_on is None and due.due_at is None and (due.safe_due_on is None)"
                " and (due.operational_target_on is None)"
            ),
            "due.due_at is None or due.safe_due_on is None or due.operational_target_on is None",
            "due.due_on is None or due.safe_due_on is None or due.operational_target_on is None",
            "due.due_on is None or due.due_at is None or due.operational_target_on is None",
            "due.due_on is None or due.due_at is None or due.safe_due_on is None",
            "False",
        )
    },
    ("case_dates.case_dates", f"raise ValueError('{_ALL_THERE}')", "pass"): _ALL_OR_NONE,
    ("case_dates.case_dates", f"ValueError('{_ALL_THERE}')", f"ValueError('{_ALL_THERE}~')"): _ALL_OR_NONE,
    **{
        ("course.start_of", "arrived_at is None or arrived_on is None", new): _TOGETHER
        for new in ("arrived_at is None and arrived_on is None", "arrived_on is None", "arrived_at is None")
    },
    (
        "due.Reckoning.is_started_late",
        "self.rule.identity is not IdentityEffect.STARTS or self.course.start_on == self.received_on",
        "self.course.start_on == self.received_on",
    ): "Where no proof starts the period, it starts on the day of receipt.",
    ("due._other_readings", "it.extension is ExtensionState.GRANTED", "True"): _QUICK,
    (
        "explain._day_of",
        "words(day) if day else 'a day not recorded'",
        "words(day) if True else 'a day not recorded'",
    ): (_ASKED),
    (
        "explain._day_of",
        "words(day) if day else 'a day not recorded'",
        "words(day) if day else 'a day not recorded~'",
    ): (_ASKED),
    ("model.ClockInput", "field(init=False, repr=False, compare=False)", "field(init=False, repr=False)"): _ALIKE,
    ("model.ClockInput", "compare=False", "compare=True"): _ALIKE,
    ("model.ClockInput.__post_init__", "events.count(None) == len(events)", "False"): _QUICK,
    (
        "periods.PeriodEnds.of",
        "self.least_working_days and nominal_on - start_on > DAY",
        "nominal_on - start_on > DAY",
    ): _QUICK,
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
    ("working_days._easter_sunday", "names.get(day + DAY, '')", "names.get(day + DAY, '~')"): _NO_NAME,
    ("working_days._easter_sunday", "names.get(day - 2 * DAY, '')", "names.get(day - 2 * DAY, '~')"): _NO_NAME,
    ("explain._listed", "items[0]", "items[-1]"): "There is one item here.",
    (
        "explain._caveats",
        "due.safe_due_on is not None and due.safe_due_on != due.nominal_on",
        "due.safe_due_on != due.nominal_on",
    ): _ALL_OR_NONE,
    (
        "due.Reckoning.day_one_on",
        "nominal_end(self.received_on, self.total, WEEKENDS_ONLY)",
        "nominal_end(self.received_on, self.base, WEEKENDS_ONLY)",
    ): _WHOLE,
    (
        "due.Reckoning.counts_holidays",
        "bool(self.total.business_days)",
        "bool(self.base.business_days)",
    ): _ACK,
    (
        "due.Reckoning.counts_holidays",
        "nominal_end(self.course.start_on, self.total, WEEKENDS_ONLY)",
        "nominal_end(self.course.start_on, self.base, WEEKENDS_ONLY)",
    ): _ACK,
    (
        "due.Reckoning.counts_holidays",
        "nominal_end(self.course.start_on, self.total, WEEKENDS_ONLY) < self.nominal_on",
        "nominal_end(self.course.start_on, self.total, WEEKENDS_ONLY) < self.notice_on",
    ): _ACK,
    (
        "periods",
        "('no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve')",
        "('no~', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve')",
    ): "Holds the place of nought, which is never written.",
}
"""By place, what stands there and what the mutant puts there."""
