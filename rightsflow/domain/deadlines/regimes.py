"""The deadlines of each law as data, with the days they are in force.

A new law, or a new version of one, is a new row here; the arithmetic does not change. What a lawyer may want to
decide otherwise (the safe readings) is explained in ``docs/explanation/decisions/0002-clock.md``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum, auto

from rightsflow.domain.deadlines.model import DeadlineType, Regime
from rightsflow.domain.deadlines.periods import Period
from rightsflow.domain.errors import BadInput

UNDUE_AFTER_WORKING_DAYS = 3
"""Identity asked later than this after receipt does not stop the clock, unless a person judges otherwise."""


class IdentityEffect(Enum):
    """The effect of an open question of identity on the clock."""

    NOTHING = auto()
    SUSPENDS = auto()
    STARTS = auto()
    """The period begins only when the proof arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A deadline of one law.

    Args:
        regime: The law.
        deadline_type: What has to be done.
        law: Where it stands, ready for a letter.
        in_force_from: The first day of receipt it applies to.
        in_force_until: The last such day, or ``None``.
        revision: Counts changes of how this module reads the law.
        period: The length; ``None`` where the input has to name it.
        period_from_input: Whether the input may name another length.
        extended_to: The whole length after a valid notice of extension; ``None`` without extension.
        extension_announced: Whether the notice itself names the new length (the input's ``period``).
        names_notice_day: Whether the last day for the notice is a date of its own. California asks for the notice
            inside the first 45 days, which is the due date itself.
        shifts: Whether an end on a weekend or holiday moves to the next working day.
        least_working_days: How many working days the period must hold (Reg. 1182/71 Art. 3(5)).
        strict_counts_receipt_day: Whether a serious reading counts the day of receipt as day one.
        begins_with_receipt: Whether the law says that the period begins with the receipt, so that the day of receipt
            may be day one; the explanation then names the day before as well.
        identity: What an open question of identity does.
        clarification_for: The request types whose clarification stops the clock.
        fee_starts: Whether the period begins only when a fee asked for is paid.
        national_holidays_only: Whether regional holidays are left aside.

    Attributes:
        version: The name every due date carries, so that a date can be traced to the rule that gave it.
    """

    regime: Regime
    deadline_type: DeadlineType
    law: str
    in_force_from: date
    in_force_until: date | None = None
    revision: int = 1
    period: Period | None
    period_from_input: bool = False
    extended_to: Period | None = None
    extension_announced: bool = False
    names_notice_day: bool = False
    shifts: bool = True
    least_working_days: int = 0
    strict_counts_receipt_day: bool = False
    begins_with_receipt: bool = False
    identity: IdentityEffect = IdentityEffect.NOTHING
    clarification_for: frozenset[str] = frozenset()
    fee_starts: bool = False
    national_holidays_only: bool = False
    version: str = field(init=False)

    def __post_init__(self) -> None:
        """Name the version once, since every due date carries it."""
        version = f"{self.regime.value} {self.deadline_type.value} {self.in_force_from.isoformat()}/{self.revision}"
        object.__setattr__(self, "version", version)

    def length(self, given: Period | None) -> Period:
        """Return the unextended length of the period.

        Args:
            given: The length the input names, if any.

        Raises:
            BadInput: The law leaves the length open and the input does not name it.
        """
        period = given if given is not None and self.period_from_input else self.period
        if period is None:
            raise BadInput("period is missing; this deadline has no length of its own, so write one like P3D.")
        return period

    def longest(self, given: Period | None, received_on: date) -> Period:
        """Return the whole length after a valid notice of extension; the unextended one if no extension exists.

        Args:
            given: The length the input names, if any.
            received_on: The day of receipt, from which two lengths are compared.

        Raises:
            BadInput: As for :meth:`length`.
        """
        if self.extended_to is not None:
            return self.extended_to
        base = self.length(given)
        if self.extension_announced and given is not None:
            return max(base, given, key=lambda period: period.after(received_on))
        return base


_ONE_MONTH = Period(months=1)
_THREE_MONTHS = Period(months=3)


def _gdpr() -> Iterator[Rule]:
    refusal = Rule(
        regime=Regime.GDPR,
        deadline_type=DeadlineType.REFUSAL_NOTICE,
        law="Art. 12(4) GDPR; Reg. (EEC, Euratom) 1182/71 Art. 3",
        in_force_from=date(2018, 5, 25),
        period=_ONE_MONTH,
        names_notice_day=True,
        identity=IdentityEffect.SUSPENDS,
    )
    law = "Art. 12(3) GDPR; Reg. (EEC, Euratom) 1182/71 Art. 3"
    yield refusal
    yield replace(refusal, deadline_type=DeadlineType.EXTENSION_NOTICE, law=law)
    yield replace(refusal, deadline_type=DeadlineType.RESPONSE, law=law, extended_to=_THREE_MONTHS)


def _uk_gdpr() -> Iterator[Rule]:
    before = Rule(
        regime=Regime.UK_GDPR,
        deadline_type=DeadlineType.RESPONSE,
        law="Art. 12(3) UK GDPR; ICO guidance on the right of access",
        in_force_from=date(2021, 1, 1),
        in_force_until=date(2026, 2, 4),
        period=_ONE_MONTH,
        extended_to=_THREE_MONTHS,
        names_notice_day=True,
        identity=IdentityEffect.STARTS,
        clarification_for=frozenset({"access"}),
        fee_starts=True,
    )
    # SI 2026/82 reg. 2(h); its transitional clause was not seen, but the dates are those of the older guidance.
    since = replace(before, law="Art. 12(3), 12A UK GDPR", in_force_from=date(2026, 2, 5), in_force_until=None)
    for response in (before, since):
        yield response
        yield replace(response, deadline_type=DeadlineType.REFUSAL_NOTICE, extended_to=None)
        yield replace(response, deadline_type=DeadlineType.EXTENSION_NOTICE, extended_to=None)
    yield Rule(
        regime=Regime.UK_GDPR,
        deadline_type=DeadlineType.COMPLAINT_ACK,
        law="s. 164A(3) Data Protection Act 2018",
        in_force_from=date(2026, 6, 19),
        period=Period(days=30),
        # "within the period of 30 days beginning when the complaint is received"
        begins_with_receipt=True,
    )


def _ch_fadp() -> Iterator[Rule]:
    response = Rule(
        regime=Regime.CH_FADP,
        deadline_type=DeadlineType.RESPONSE,
        law="Art. 25(7) FADP, Art. 18 DPO; Art. 77, 78 CO by analogy",
        in_force_from=date(2023, 9, 1),
        period=Period(days=30),
        extension_announced=True,
        names_notice_day=True,
    )
    yield response
    yield replace(response, deadline_type=DeadlineType.REFUSAL_NOTICE, extension_announced=False)
    yield replace(response, deadline_type=DeadlineType.EXTENSION_NOTICE, extension_announced=False)


def _ccpa() -> Iterator[Rule]:
    response = Rule(
        regime=Regime.CCPA,
        deadline_type=DeadlineType.RESPONSE,
        law="Cal. Civ. Code 1798.130(a)(2); 11 CCR 7021(b)",
        in_force_from=date(2020, 1, 1),
        period=Period(days=45),
        extended_to=Period(days=90),
        shifts=False,
        strict_counts_receipt_day=True,
        national_holidays_only=True,
    )
    yield response
    yield replace(response, deadline_type=DeadlineType.REFUSAL_NOTICE, extended_to=None)
    yield replace(response, deadline_type=DeadlineType.EXTENSION_NOTICE, extended_to=None)
    yield replace(
        response,
        deadline_type=DeadlineType.ACK,
        law="11 CCR 7021(a)",
        period=Period(business_days=10),
        extended_to=None,
        strict_counts_receipt_day=False,
    )


def _lgpd() -> Iterator[Rule]:
    yield Rule(
        regime=Regime.LGPD,
        deadline_type=DeadlineType.RESPONSE,
        law="Art. 19 II LGPD",
        in_force_from=date(2020, 9, 18),
        period=Period(days=15),
        period_from_input=True,  # Res. CD/ANPD 2/2022 doubles it for small agents
        shifts=False,
        strict_counts_receipt_day=True,
    )


def _regulation_1182_71() -> Iterator[Rule]:
    yield Rule(
        regime=Regime.REGULATION_1182_71,
        deadline_type=DeadlineType.PERIOD_TEST,
        law="Reg. (EEC, Euratom) 1182/71 Art. 3",
        in_force_from=date(1971, 7, 1),
        period=None,
        period_from_input=True,
        least_working_days=2,
    )


def _collect(*laws: Iterator[Rule]) -> Mapping[tuple[Regime, DeadlineType], tuple[Rule, ...]]:
    by_deadline: defaultdict[tuple[Regime, DeadlineType], list[Rule]] = defaultdict(list)
    for rule in (rule for law in laws for rule in law):
        by_deadline[rule.regime, rule.deadline_type].append(rule)
    return {key: tuple(rules) for key, rules in by_deadline.items()}


RULES = _collect(_gdpr(), _uk_gdpr(), _ch_fadp(), _ccpa(), _lgpd(), _regulation_1182_71())
"""All versions of all rules, by law and deadline type."""


def rule_for(regime: Regime, deadline_type: DeadlineType, received_on: date) -> Rule:
    """Return the version of a rule that applies to a request received on a day.

    Raises:
        BadInput: The law has no such deadline, or had none then.
    """
    for rule in RULES.get((regime, deadline_type), ()):
        if rule.in_force_from <= received_on and (rule.in_force_until is None or received_on <= rule.in_force_until):
            return rule
    first = min((rule.in_force_from for (law, _), rules in RULES.items() if law is regime for rule in rules))
    if received_on < first:
        raise BadInput(
            f"received_at lies before {first.isoformat()}, when {regime.value} came into force; check its year."
        )
    known = ", ".join(kind.value for law, kind in RULES if law is regime)
    raise BadInput(
        f"deadline_type is none that {regime.value} knew on the day of receipt; use one of {known}, and check the date."
    )
