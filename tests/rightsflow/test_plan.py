"""The erasure plan: each rule, their order, and what may never happen whatever the records are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.attribution import Attribution
from rightsflow.errors import BadInput
from rightsflow.findings import Finding, Planned
from rightsflow.law import LAWS
from rightsflow.plan import PlanRules, plan_erasure
from rightsflow.ports import Capabilities, RecordKind
from rightsflow.records import Fact, Method, OutcomeKind, RecordRef
from rightsflow.retention import COUNTRIES, DocumentClass, retain_until

TODAY = date(2026, 11, 24)
KINDS = {
    "both": frozenset(Method),
    "redactable": frozenset({Method.REDACT}),
    "erasable": frozenset({Method.ERASE}),
    "fixed": frozenset[Method](),
}
CAPABILITIES = Capabilities(
    kinds=tuple(RecordKind(name=name, title=name, methods=methods) for name, methods in KINDS.items()),
    searches=frozenset({"email"}),
)
RULES = PlanRules(
    country="DE", law=LAWS["gdpr"], today=TODAY, include_unclear=False, capabilities={"helpdesk": CAPABILITIES}
)


def finding(
    *facts: Fact,
    kind: str = "both",
    attribution: Attribution = Attribution.SUBJECT,
    occurred_on: date | None = date(2026, 1, 10),
    locked_until: date | None = None,
    key: str = "1",
) -> Finding:
    return Finding(
        number=1,
        ref=RecordRef("helpdesk", kind, key),
        category="tickets",
        attribution=attribution,
        names_somebody=False,
        facts=frozenset(facts),
        occurred_on=occurred_on,
        locked_until=locked_until,
        method=None,
        planned=None,
        outcome=None,
        reason="",
        legal_basis="",
        until=None,
        ends_when="",
        refused=False,
        request_id="",
        acted_at=None,
        verified=None,
        verified_at=None,
    )


def planned(one: Finding, rules: PlanRules = RULES) -> Planned:
    (decided,) = plan_erasure([one], rules)
    return decided


def assert_retained(one: Planned, basis: str) -> None:
    assert (one.method, one.expected) == (None, OutcomeKind.RETAINED)
    assert basis in one.legal_basis
    assert one.reason.endswith(".")


class TestErasure:
    @pytest.mark.parametrize(
        ("kind", "method", "expected"),
        [
            ("both", Method.ERASE, OutcomeKind.ERASED),
            ("erasable", Method.ERASE, OutcomeKind.ERASED),
            ("redactable", Method.REDACT, OutcomeKind.REDACTED),
        ],
    )
    def test_a_plain_record_is_erased_as_its_kind_allows(
        self, kind: str, method: Method, expected: OutcomeKind
    ) -> None:
        decided = planned(finding(kind=kind))
        assert (decided.method, decided.expected, decided.legal_basis) == (method, expected, "")

    def test_what_the_system_cannot_erase_is_not_called_erased(self) -> None:
        decided = planned(finding(kind="fixed"))
        assert_retained(decided, "No exception")
        assert decided.ends_when == "it has been erased by hand"
        assert "a person has to erase it there" in decided.reason


class TestAttribution:
    @pytest.mark.parametrize("kind", KINDS)
    def test_anothers_record_is_left_alone_in_any_case(self, kind: str) -> None:
        for include_unclear in (False, True):
            rules = replace(RULES, include_unclear=include_unclear)
            decided = planned(finding(kind=kind, attribution=Attribution.ANOTHER), rules)
            assert_retained(decided, "Art. 11(2)")

    def test_an_unclear_record_is_the_subjects_only_if_a_person_says_so(self) -> None:
        unclear = finding(attribution=Attribution.UNCLEAR)
        including = replace(RULES, include_unclear=True)
        assert_retained(planned(unclear), "Art. 11(2)")
        assert planned(unclear, including).method is Method.ERASE
        # What names somebody by more than a number is never taken along.
        assert_retained(planned(replace(unclear, names_somebody=True), including), "Art. 11(2)")


class TestHolds:
    def test_a_legal_hold_keeps_the_record_without_an_end_date(self) -> None:
        decided = planned(finding(Fact.LEGAL_HOLD, kind="fixed"))
        assert_retained(decided, "Art. 17(3)(e)")
        assert (decided.until, decided.ends_when) == (None, "the hold is released")

    def test_a_lock_keeps_it_until_its_last_day_inclusive(self) -> None:
        for last in (TODAY, TODAY + timedelta(days=400)):
            decided = planned(finding(Fact.LOCKED, locked_until=last))
            assert_retained(decided, "No exception; the erasure is due")
            assert (decided.until, decided.ends_when) == (last, "")

    def test_a_lock_that_has_ended_keeps_nothing(self) -> None:
        assert planned(finding(Fact.LOCKED, locked_until=TODAY - timedelta(days=1))).method is Method.ERASE

    def test_a_lock_without_an_end_keeps_it(self) -> None:
        decided = planned(finding(Fact.LOCKED))
        assert_retained(decided, "No exception; the erasure is due")
        assert decided.ends_when == "the lock is lifted"

    def test_an_end_date_without_a_lock_keeps_nothing(self) -> None:
        assert planned(finding(locked_until=TODAY)).method is Method.ERASE


class TestClaimsAndContracts:
    def test_an_open_dispute_keeps_it_for_the_claim(self) -> None:
        decided = planned(finding(Fact.OPEN_DISPUTE))
        assert_retained(decided, "Art. 17(3)(e)")
        assert (decided.until, decided.ends_when) == (None, "the dispute is settled")

    def test_a_disputed_voucher_is_kept_at_least_as_long_as_any_voucher(self) -> None:
        decided = planned(finding(Fact.OPEN_DISPUTE, Fact.ACCOUNTING))
        assert decided.until == planned(finding(Fact.ACCOUNTING)).until
        assert decided.ends_when == "the dispute is settled"

    def test_an_open_invoice_keeps_it_until_it_is_settled(self) -> None:
        decided = planned(finding(Fact.OPEN_INVOICE))
        assert_retained(decided, "Art. 6(1)(b)")
        assert decided.ends_when == "the invoice is settled"

    def test_a_running_contract_keeps_it(self) -> None:
        decided = planned(finding(Fact.ACTIVE_CONTRACT))
        assert_retained(decided, "Art. 6(1)(b)")
        assert decided.ends_when == "the contract ends"


class TestVouchers:
    def test_a_voucher_is_kept_as_long_as_the_law_says(self) -> None:
        decided = planned(finding(Fact.ACCOUNTING))
        assert_retained(decided, "§ 147")
        # Eight years from the end of the calendar year, § 147(3) and (4) AO as of 2025.
        assert decided.until == date(2034, 12, 31)

    def test_the_last_day_still_counts_and_the_day_after_it_is_erased(self) -> None:
        occurred_on = date(2018, 5, 25)
        duty = retain_until("DE", DocumentClass.VOUCHER, occurred_on)
        assert duty is not None
        voucher = finding(Fact.ACCOUNTING, occurred_on=occurred_on)
        assert planned(voucher, replace(RULES, today=duty.until)).expected is OutcomeKind.RETAINED
        assert planned(voucher, replace(RULES, today=duty.until + timedelta(days=1))).method is Method.ERASE

    def test_a_voucher_without_a_date_is_not_destroyed(self) -> None:
        decided = planned(finding(Fact.ACCOUNTING, occurred_on=None))
        assert_retained(decided, "Art. 17(3)(b)")
        assert decided.until is None
        assert decided.ends_when

    def test_a_ticket_without_a_date_is_erased(self) -> None:
        assert planned(finding(occurred_on=None)).method is Method.ERASE

    @pytest.mark.parametrize("country", sorted(COUNTRIES))
    def test_every_country_with_rules_keeps_a_new_voucher(self, country: str) -> None:
        decided = planned(finding(Fact.ACCOUNTING), replace(RULES, country=country))
        assert_retained(decided, "Art. 17(3)(b)")
        assert decided.until is not None
        assert decided.until > TODAY
        assert len(decided.legal_basis) <= 200, "the case store's column"

    def test_a_country_without_rules_stops_the_plan(self) -> None:
        with pytest.raises(BadInput):
            planned(finding(Fact.ACCOUNTING), replace(RULES, country="XX"))


class TestRightsOfOthers:
    @pytest.mark.parametrize("fact", [Fact.SHARED, Fact.MENTION])
    @pytest.mark.parametrize("kind", ["both", "redactable"])
    def test_only_the_subjects_part_is_removed(self, fact: Fact, kind: str) -> None:
        decided = planned(finding(fact, kind=kind))
        assert (decided.method, decided.expected) == (Method.REDACT, OutcomeKind.REDACTED)

    @pytest.mark.parametrize("fact", [Fact.SHARED, Fact.MENTION])
    @pytest.mark.parametrize("kind", ["erasable", "fixed"])
    def test_what_cannot_be_separated_is_kept(self, fact: Fact, kind: str) -> None:
        assert_retained(planned(finding(fact, kind=kind)), "Rights of others")


ORDER = [
    (Fact.LEGAL_HOLD, "the hold is released"),
    (Fact.OPEN_DISPUTE, "the dispute is settled"),
    (Fact.OPEN_INVOICE, "the invoice is settled"),
    (Fact.ACTIVE_CONTRACT, "the contract ends"),
]


@pytest.mark.parametrize("first", range(len(ORDER)))
def test_the_first_rule_that_speaks_decides(first: int) -> None:
    fact, ends_when = ORDER[first]
    weaker = [other for other, _ in ORDER[first + 1 :]]
    assert planned(finding(fact, *weaker, Fact.ACCOUNTING, Fact.SHARED)).ends_when == ends_when


def test_a_lock_stands_before_a_dispute_and_a_voucher_before_others_rights() -> None:
    locked = finding(Fact.LOCKED, Fact.OPEN_DISPUTE, locked_until=TODAY)
    assert planned(locked).until == TODAY
    assert planned(finding(Fact.ACCOUNTING, Fact.SHARED)).expected is OutcomeKind.RETAINED


days = st.one_of(st.none(), st.dates(date(2000, 1, 1), date(2040, 12, 31)))
findings = st.builds(
    lambda facts, kind, attribution, occurred_on, locked_until, key: finding(
        *facts, kind=kind, attribution=attribution, occurred_on=occurred_on, locked_until=locked_until, key=str(key)
    ),
    st.sets(st.sampled_from(Fact)),
    st.sampled_from(sorted(KINDS)),
    st.sampled_from(Attribution),
    days,
    days,
    st.integers(),
)


def kept_for_a_reason(facts: Iterable[Fact]) -> bool:
    return bool({Fact.LEGAL_HOLD, Fact.OPEN_DISPUTE, Fact.OPEN_INVOICE, Fact.ACTIVE_CONTRACT} & set(facts))


@given(some=st.lists(findings, max_size=8), include_unclear=st.booleans(), country=st.sampled_from(sorted(COUNTRIES)))
@settings(max_examples=200, deadline=None)
def test_whatever_the_records_are(some: list[Finding], include_unclear: bool, country: str) -> None:
    rules = replace(RULES, include_unclear=include_unclear, country=country)
    plan = plan_erasure(some, rules)
    assert [one.ref for one in plan] == [one.ref for one in some], "exactly one plan per record, in order"
    for one, decided in zip(some, plan, strict=True):
        theirs = one.attribution is Attribution.SUBJECT or (one.attribution is Attribution.UNCLEAR and include_unclear)
        assert decided.method is None or theirs, "nobody else's record is touched"
        assert decided.method is None or decided.method in KINDS[one.ref.kind]
        assert (decided.method is None) == (decided.expected not in {OutcomeKind.ERASED, OutcomeKind.REDACTED})
        if decided.expected is OutcomeKind.RETAINED:
            assert decided.legal_basis
            assert decided.until or decided.ends_when
            assert decided.until is None or decided.until >= TODAY
        if decided.method is not None:
            assert not kept_for_a_reason(one.facts)
        if decided.method is Method.ERASE:
            assert not one.facts & {Fact.SHARED, Fact.MENTION}, "other people's data never go with it"
        if decided.expected is not OutcomeKind.ERASED and decided.method is None:
            assert decided.reason
