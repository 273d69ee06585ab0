"""Inputs and results of the clock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines.periods import Period
from rightsflow.domain.deadlines.receipt import local_day
from rightsflow.domain.errors import BadInput

LAST_YEAR = 2199
"""Holiday tables are guesses long before this; a later year is a typing error."""


class Regime(StrEnum):
    """The law a deadline comes from."""

    GDPR = "gdpr"
    UK_GDPR = "uk-gdpr"
    CH_FADP = "ch-fadp"
    CCPA = "ccpa"
    LGPD = "lgpd"
    REGULATION_1182_71 = "1182/71"


class DeadlineType(StrEnum):
    """The act that is due by the due date."""

    RESPONSE = "response"
    REFUSAL_NOTICE = "refusal_notice"
    EXTENSION_NOTICE = "extension_notice"
    ACK = "ack"
    COMPLAINT_ACK = "complaint_ack"
    PERIOD_TEST = "period_test"


class SuspensionState(StrEnum):
    """The effect of a reason to suspend the clock."""

    NONE = "none"
    """Nothing was asked that could stop this clock."""
    COUNTED = "counted"
    """The clock was suspended and runs again."""
    STANDING = "standing"
    """The clock is suspended now: there is no due date."""
    NOT_COUNTED = "not_counted"
    """It was asked too late, without need, or the law knows no such suspension."""


class ExtensionState(StrEnum):
    """The effect of a notice of extension."""

    NONE = "none"
    """No notice was sent."""
    GRANTED = "granted"
    """The longer period applies."""
    LATE = "late"
    """The notice came after its last day: the period was not extended."""
    NOT_VALID = "not_valid"
    """A person judged the notice bad, for example without reasons, or it names no longer period."""
    NOT_PROVIDED = "not_provided"
    """The law extends other deadlines, but not this one."""


class EventDays(NamedTuple):
    """The events of a clock as days in the controller's time zone: the law counts days, not instants.

    Args:
        received_on: The day of receipt.
        identity_requested_on: When the person was asked to prove who they are.
        identity_confirmed_on: When the proof arrived.
        clarification_requested_on: When the person was asked what they mean.
        clarification_received_on: When they answered.
        fee_requested_on: When a fee was asked.
        fee_paid_on: When it was paid.
        extended_on: When the notice of extension was sent.
    """

    received_on: date
    identity_requested_on: date | None = None
    identity_confirmed_on: date | None = None
    clarification_requested_on: date | None = None
    clarification_received_on: date | None = None
    fee_requested_on: date | None = None
    fee_paid_on: date | None = None
    extended_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockInput:
    """The events that move a deadline. Every instant is aware; its own offset tells the sender's date.

    Args:
        received_at: When the request reached an official channel, read or unread, weekends included.
        zone: The controller's time zone, which fixes the day of receipt.
        country: Where the answer has to be given, ISO 3166-1 alpha-2.
        subdivision: Its part whose holidays count, ISO 3166-2 without the country.
        regime: The law that applies.
        deadline_type: What has to be done.
        request_type: What was asked: ``access``, ``erasure``, ``know``, ``complaint``…
        period: The length, where the law leaves it open: bare periods, small Brazilian agents, a Swiss extension.
        identity_requested_at: When the person was asked to prove who they are.
        identity_confirmed_at: When the proof arrived.
        clarification_requested_at: When the person was asked what they mean.
        clarification_received_at: When they answered.
        fee_requested_at: When a fee was asked.
        fee_paid_at: When it was paid.
        extension_notice_sent_at: When the person was told, with reasons, that it takes longer.
        pause_valid: A person's judgement whether asking was justified and prompt; ``None`` lets the rules decide.
        extension_valid: A person's judgement of the notice; ``None`` lets the rules decide. A late notice stays late.

    Attributes:
        days: The same events as days in ``zone``.

    Raises:
        BadInput: An instant has no offset, lies outside the calendar, or an event lies before the one it follows.
    """

    received_at: datetime
    zone: ZoneInfo
    country: str
    subdivision: str = ""
    regime: Regime = Regime.GDPR
    deadline_type: DeadlineType = DeadlineType.RESPONSE
    request_type: str = "access"
    period: Period | None = None
    identity_requested_at: datetime | None = None
    identity_confirmed_at: datetime | None = None
    clarification_requested_at: datetime | None = None
    clarification_received_at: datetime | None = None
    fee_requested_at: datetime | None = None
    fee_paid_at: datetime | None = None
    extension_notice_sent_at: datetime | None = None
    pause_valid: bool | None = None
    extension_valid: bool | None = None
    days: EventDays = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuse instants without an offset and events in an impossible order, and take each event's day once."""
        if self.received_at.tzinfo is None:
            raise BadInput("received_at has no offset from UTC; write it like 2026-03-05T10:00:00+01:00.")
        if self.received_at.year > LAST_YEAR:
            raise BadInput(f"received_at lies after the year {LAST_YEAR}; check its year.")
        events = (
            self.identity_requested_at,
            self.identity_confirmed_at,
            self.clarification_requested_at,
            self.clarification_received_at,
            self.fee_requested_at,
            self.fee_paid_at,
            self.extension_notice_sent_at,
        )
        received_on = local_day(self.received_at, self.zone)
        if events.count(None) == len(events):
            days = EventDays(received_on)
        else:
            self._check_order(events)
            days = EventDays(received_on, *(local_day(at, self.zone) if at else None for at in events))
        object.__setattr__(self, "days", days)

    def _check_order(self, events: tuple[datetime | None, ...]) -> None:
        for (earlier, later), after in zip(_ORDER, events, strict=True):
            if after is None:
                continue
            if after.tzinfo is None:
                raise BadInput(f"{later} has no offset from UTC; write it like 2026-03-05T10:00:00+01:00.")
            if after.year > LAST_YEAR:
                raise BadInput(f"{later} lies after the year {LAST_YEAR}; check its year.")
            before = getattr(self, earlier)
            if before is not None and after < before:
                raise BadInput(f"{later} lies before {earlier}; check the two instants and their offsets.")


_ORDER = (
    ("received_at", "identity_requested_at"),
    ("identity_requested_at", "identity_confirmed_at"),
    ("received_at", "clarification_requested_at"),
    ("clarification_requested_at", "clarification_received_at"),
    ("received_at", "fee_requested_at"),
    ("fee_requested_at", "fee_paid_at"),
    ("received_at", "extension_notice_sent_at"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DueDates:
    """The dates of one deadline. All dates are days in the controller's time zone.

    Args:
        regime: The law that was applied.
        rule_version: Which rule, in force from when, in which revision of this module.
        holidays_version: Which holiday table.
        due_on: The last day by law, or ``None`` while the clock is suspended.
        due_at: The last second of that day, with the offset valid then.
        nominal_on: The end of the period before weekends and holidays moved it.
        safe_due_on: The earliest day on any serious reading of the law.
        operational_target_on: The last working day on or before it: alarms go by this one.
        extension_notice_due_on: The last day for the notice of extension, where the law has one.
        no_pause_due_on: The last day if the suspension is later held unjustified; ``None`` without a suspension.
        suspension: What became of a suspension.
        suspended_days: By how many days a suspension moved the end.
        extension: What became of an extension.
    """

    regime: Regime
    rule_version: str
    holidays_version: str
    due_on: date | None
    due_at: datetime | None
    nominal_on: date | None
    safe_due_on: date | None
    operational_target_on: date | None
    extension_notice_due_on: date | None
    no_pause_due_on: date | None
    suspension: SuspensionState
    suspended_days: int
    extension: ExtensionState

    @property
    def suspended(self) -> bool:
        """True if the clock is suspended, so that there is no due date."""
        return self.due_on is None
