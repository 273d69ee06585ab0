"""The laws' data a second time, so that no number changes by accident; a change of a law is made in both places."""

from datetime import date, timedelta

import pytest

from rightsflow.domain.deadlines import DeadlineType, Period, Regime
from rightsflow.domain.deadlines.regimes import RULES, UNDUE_AFTER_WORKING_DAYS, IdentityEffect, rule_for
from rightsflow.domain.errors import BadInput

REG = "Reg. (EEC, Euratom) 1182/71 Art. 3"
ICO = "Art. 12(3) UK GDPR; ICO guidance on the right of access"
DUAA = "Art. 12(3), 12A UK GDPR"
SWISS = "Art. 25(7) FADP, Art. 18 DPO; Art. 77, 78 CO by analogy"
CAL = "Cal. Civ. Code 1798.130(a)(2); 11 CCR 7021(b)"
MONTH, QUARTER, THIRTY = Period(months=1), Period(months=3), Period(days=30)
EU, UK = IdentityEffect.SUSPENDS, IdentityEffect.STARTS
NONE = IdentityEffect.NOTHING

# Version, last day in force, source, length, extended to, what identity does, and what else is out of the ordinary.
DATA = [
    ("gdpr refusal_notice 2018-05-25/1", "", f"Art. 12(4) GDPR; {REG}", MONTH, None, EU, "notice shifts"),
    ("gdpr extension_notice 2018-05-25/1", "", f"Art. 12(3) GDPR; {REG}", MONTH, None, EU, "notice shifts"),
    ("gdpr response 2018-05-25/1", "", f"Art. 12(3) GDPR; {REG}", MONTH, QUARTER, EU, "notice shifts"),
    ("uk-gdpr response 2021-01-01/1", "2026-02-04", ICO, MONTH, QUARTER, UK, "access fee notice shifts"),
    ("uk-gdpr refusal_notice 2021-01-01/1", "2026-02-04", ICO, MONTH, None, UK, "access fee notice shifts"),
    ("uk-gdpr extension_notice 2021-01-01/1", "2026-02-04", ICO, MONTH, None, UK, "access fee notice shifts"),
    ("uk-gdpr response 2026-02-05/1", "", DUAA, MONTH, QUARTER, UK, "access fee notice shifts"),
    ("uk-gdpr refusal_notice 2026-02-05/1", "", DUAA, MONTH, None, UK, "access fee notice shifts"),
    ("uk-gdpr extension_notice 2026-02-05/1", "", DUAA, MONTH, None, UK, "access fee notice shifts"),
    ("uk-gdpr complaint_ack 2026-06-19/1", "", "s. 164A(3) Data Protection Act 2018", THIRTY, None, NONE, "shifts"),
    ("ch-fadp response 2023-09-01/1", "", SWISS, THIRTY, None, NONE, "announced notice shifts"),
    ("ch-fadp refusal_notice 2023-09-01/1", "", SWISS, THIRTY, None, NONE, "notice shifts"),
    ("ch-fadp extension_notice 2023-09-01/1", "", SWISS, THIRTY, None, NONE, "notice shifts"),
    ("ccpa response 2020-01-01/1", "", CAL, Period(days=45), Period(days=90), NONE, "day-one national"),
    ("ccpa refusal_notice 2020-01-01/1", "", CAL, Period(days=45), None, NONE, "day-one national"),
    ("ccpa extension_notice 2020-01-01/1", "", CAL, Period(days=45), None, NONE, "day-one national"),
    ("ccpa ack 2020-01-01/1", "", "11 CCR 7021(a)", Period(business_days=10), None, NONE, "national"),
    ("lgpd response 2020-09-18/1", "", "Art. 19 II LGPD", Period(days=15), None, NONE, "day-one given"),
    ("1182/71 period_test 1971-07-01/1", "", REG, None, None, NONE, "2 given shifts"),
]


def _traits(rule):
    marks = {
        "2": rule.least_working_days == 2,
        "access": rule.clarification_for == {"access"},
        "announced": rule.extension_announced,
        "day-one": rule.strict_counts_receipt_day,
        "fee": rule.fee_starts,
        "given": rule.period_from_input,
        "national": rule.national_holidays_only,
        "notice": rule.names_notice_day,
        "shifts": rule.shifts,
    }
    assert rule.least_working_days in {0, 2}
    assert rule.clarification_for in ({"access"}, frozenset())
    return " ".join(name for name, has in marks.items() if has)


def test_every_rule_says_what_it_said():
    told = [
        (
            rule.version,
            rule.in_force_until.isoformat() if rule.in_force_until else "",
            rule.law,
            rule.period,
            rule.extended_to,
            rule.identity,
            _traits(rule),
        )
        for rules in RULES.values()
        for rule in rules
    ]
    assert sorted(told, key=lambda row: row[0]) == sorted(DATA, key=lambda row: row[0])
    assert UNDUE_AFTER_WORKING_DAYS == 3


def test_a_rule_applies_from_its_first_day():
    for version in [row[0] for row in DATA]:
        law, kind, since = version.rsplit(" ", 2)
        first = date.fromisoformat(since.partition("/")[0])

        assert rule_for(Regime(law), DeadlineType(kind), first).version == version
        assert RULES[Regime(law), DeadlineType(kind)][0].in_force_from <= first


def test_before_its_first_day_a_law_knows_no_deadline():
    for regime, day in (
        (Regime.LGPD, date(2020, 9, 17)),
        (Regime.CCPA, date(2019, 12, 31)),
        (Regime.CH_FADP, date(2023, 8, 31)),
    ):
        with pytest.raises(BadInput) as refused:
            rule_for(regime, DeadlineType.RESPONSE, day)
        first = (day + timedelta(days=1)).isoformat()
        assert (
            str(refused.value)
            == f"received_at lies before {first}, when {regime.value} came into force; check its year."
        )


def test_the_refusal_names_what_the_law_knows_from_its_first_day():
    for day in (date(2020, 9, 18), date(2026, 1, 1)):
        with pytest.raises(BadInput) as refused:
            rule_for(Regime.LGPD, DeadlineType.ACK, day)
        assert str(refused.value) == (
            "deadline_type is none that lgpd knew on the day of receipt; use one of response, and check the date."
        )
