from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.erasure.retention import (
    DEFAULT_MONTHS,
    MONTHS_BY_COUNTRY,
    evidence_until,
    retain_until,
)
from rightsflow.domain.erasure.retention_duties import COUNTRIES, EU, FURTHER, RULES, FinancialYear, Sector
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.records import DocumentClass

VOUCHER, BOOK, LETTER = DocumentClass.VOUCHER, DocumentClass.BOOK, DocumentClass.TRADE_LETTER
DAYS = st.dates(date(1995, 1, 1), date(2060, 12, 31))
YEARS = st.builds(FinancialYear, st.integers(1, 12), st.integers(1, 31))


def until(country, document, occurred_on, **kwargs):
    return retain_until(country, document, date.fromisoformat(occurred_on), **kwargs).until.isoformat()


def test_worked_end_dates():
    # Worked end dates.
    for country, document, occurred_on, last_day in (
        ("DE", VOUCHER, "2024-03-15", "2032-12-31"),
        ("DE", VOUCHER, "2016-06-01", "2024-12-31"),
        ("DE", VOUCHER, "2014-12-10", "2024-12-31"),
        ("DE", LETTER, "2020-02-02", "2026-12-31"),
        ("AT", VOUCHER, "2024-03-15", "2031-12-31"),
        ("CH", VOUCHER, "2024-03-15", "2034-12-31"),
        ("FR", VOUCHER, "2024-03-15", "2034-12-31"),
        ("ES", VOUCHER, "2024-12-31", "2030-12-31"),
        ("IT", VOUCHER, "2024-12-31", "2034-12-31"),
        ("NL", VOUCHER, "2024-03-15", "2031-12-31"),
        ("PL", VOUCHER, "2024-03-15", "2030-12-31"),
        ("IE", VOUCHER, "2024-03-15", "2030-12-31"),
    ):
        assert until(country, document, occurred_on) == last_day
    # Worked end date of a British financial year.
    year = FinancialYear(3, 31)
    assert until("GB", VOUCHER, "2025-03-31", financial_year=year) == "2031-03-31"
    assert until("UK", VOUCHER, "2024-04-01", financial_year=year) == "2031-03-31"
    assert until("GB", VOUCHER, "2025-04-01", financial_year=year) == "2032-03-31"
    # German vouchers around the change of 2025.
    for occurred_on, last_day in (
        ("2013-12-31", "2023-12-31"),  # over before the new law
        ("2014-01-01", "2024-12-31"),  # its last day is the old law's last day
        ("2015-07-01", "2024-12-31"),  # would have run to 2025
        ("2016-12-31", "2024-12-31"),
        ("2017-01-01", "2025-12-31"),
        ("2025-01-01", "2033-12-31"),
    ):
        assert until("DE", VOUCHER, occurred_on) == last_day
    # Supervised institutions stay at ten years.
    for occurred_on, last_day in (
        ("2014-12-10", "2024-12-31"),
        ("2015-07-01", "2025-12-31"),
        ("2016-06-01", "2026-12-31"),
        ("2024-03-15", "2034-12-31"),
    ):
        for sector in (Sector.SUPERVISED_FINANCE, Sector.INVESTMENT_FIRM):
            assert until("DE", VOUCHER, occurred_on, sector=sector) == last_day


def test_documents_of_each_country_end_as_its_law_says():
    # Other documents.
    for country, document, last_day in (
        ("DE", BOOK, "2034-12-31"),
        ("DE", LETTER, "2030-12-31"),
        ("AT", LETTER, "2031-12-31"),
        ("ES", LETTER, "2030-12-31"),
        ("IT", LETTER, "2034-12-31"),
        ("PL", BOOK, "2030-12-31"),
        ("PL", DocumentClass.COMPLAINT_FILE, "2025-03-15"),
        ("FR", DocumentClass.CONSUMER_CONTRACT, "2034-03-15"),
        ("IE", DocumentClass.OSS_RECORD, "2034-12-31"),
    ):
        assert until(country, document, "2024-03-15") == last_day
    # Found: it began with the end of the document's own year, a year too early for a deviating financial year.
    april = FinancialYear.from_start(4, 1)
    assert until("AT", VOUCHER, "2024-03-15", financial_year=april) == "2031-12-31"
    assert until("AT", VOUCHER, "2024-05-15", financial_year=april) == "2032-12-31"
    for start, end in (((1, 1), (12, 31)), ((4, 1), (3, 31)), ((3, 1), (2, 29)), ((7, 15), (7, 14))):
        assert FinancialYear.from_start(*start) == end
    assert "Art. 30" in retain_until("ES", VOUCHER, date(2024, 3, 15)).provision
    assert "ten years (66 bis LGT)" in retain_until("ES", VOUCHER, date(2024, 3, 15)).extends_while
    # The union's own law holds where national rules for a class are not known.
    for country in ("SE", "PT", "BE"):
        assert until(country, DocumentClass.OSS_RECORD, "2024-03-15") == "2034-12-31"
        with pytest.raises(BadInput, match="no rules of retention yet"):
            retain_until(country, LETTER, date(2024, 3, 15))
        assert retain_until(country, DocumentClass.NONE, date(2024, 3, 15)) is None
    # Before, in 19 of 27 Member States each voucher was a question to a person.
    for country, day, expected in (
        ("BE", "2024-03-15", "2034-12-31"),
        ("CZ", "2024-03-15", "2034-12-31"),
        ("DK", "2024-03-15", "2029-12-31"),
        ("FI", "2024-03-15", "2030-12-31"),
        ("HR", "2024-03-15", "2035-12-31"),
        ("HU", "2024-03-15", "2032-12-31"),
        ("RO", "2024-03-15", "2030-06-30"),
        ("SE", "2024-03-15", "2031-12-31"),
        ("NO", "2024-03-15", "2029-12-31"),
        ("LI", "2024-03-15", "2034-12-31"),
    ):
        assert until(country, VOUCHER, day) == expected
        assert retain_until(country, VOUCHER, date.fromisoformat(day)).to_check, (
            "it was not compared with the statute book"
        )
    assert retain_until("PL", VOUCHER, date(2024, 3, 15)).provision == "Art. 70, 86 Ordynacji podatkowej"


def test_a_duty_can_be_quoted_and_binds_whom_it_names():
    # A duty can be quoted.
    duty = retain_until("DE", VOUCHER, date(2024, 3, 15))

    assert duty.law == "Abgabenordnung, Handelsgesetzbuch"
    assert duty.provision == "§ 147(1) no. 4, (3) AO, § 257(1) no. 4, (4) HGB, § 14b UStG"
    assert duty.extends_while == "the tax assessment period has not run out (§ 147(3) AO)"
    assert not duty.to_check
    for country in sorted(COUNTRIES - FURTHER):
        assert retain_until(country, DocumentClass.RECORDING, date(2024, 3, 15)) is None
    # An investment firm keeps recordings of orders.
    for country, provision in (("IE", "Art. 16(7) Dir. 2014/65/EU"), ("GB", "SYSC 10A")):
        duty = retain_until(country, DocumentClass.RECORDING, date(2024, 2, 29), sector=Sector.INVESTMENT_FIRM)

        assert duty.until == date(2029, 2, 28)
        assert duty.provision.startswith(provision)
        assert duty.extends_while == "the authority has asked for seven years"
    for country in ("FR", "NL", "PL", "IE", "GB", "CH"):
        assert retain_until(country, LETTER, date(2024, 3, 15)) is None
    # An unknown country is not taken for one without duties.
    for country in ("BR", "US", "", "de"):
        with pytest.raises(BadInput, match="no rules of retention yet"):
            retain_until(country, VOUCHER, date(2024, 3, 15))
    # Every country asked for keeps vouchers.
    assert {*EU, "IS", "LI", "NO", "CH", "GB"} == COUNTRIES
    assert len(EU) == 27
    assert all(retain_until(country, VOUCHER, date(2024, 3, 15)) for country in COUNTRIES)


@given(st.sampled_from(RULES), DAYS, YEARS)
def test_a_duty_lasts_at_least_its_years_and_at_most_two_more(rule, day, year):
    duty = retain_until(rule.country, rule.document, day, sector=rule.sector, financial_year=year)
    years = {other.years for other in RULES if (other.country, other.document) == (rule.country, rule.document)}

    assert duty.until >= day + timedelta(days=365 * min(years))
    assert duty.until < date(day.year + max(years) + 3, 1, 1)


@given(st.sampled_from(RULES), DAYS, DAYS, YEARS)
def test_a_later_document_is_never_free_earlier(rule, one, other, year):
    first, second = sorted((one, other))
    ends = [
        retain_until(rule.country, rule.document, day, sector=rule.sector, financial_year=year).until
        for day in (first, second)
    ]
    assert ends == sorted(ends)


@given(DAYS, YEARS)
def test_a_financial_year_ends_within_a_year(day, year):
    end = year.end_after(day)

    assert day <= end <= day + timedelta(days=366)
    assert year.end_after(end) == end
    assert year.end_after(end + timedelta(days=1)) > end


def test_evidence_is_kept_to_the_end_of_a_year_or_as_the_controller_sets():
    # Evidence is kept to the end of a year.
    for country, closed_on, last_day in (
        ("DE", "2026-04-14", "2029-12-31"),
        ("DE", "2026-12-31", "2029-12-31"),
        ("DE", "2027-01-02", "2030-12-31"),
        ("DE", "2024-02-29", "2027-12-31"),
        ("AT", "2026-04-14", "2029-12-31"),
        ("FR", "2026-04-14", "2031-12-31"),
        ("IE", "2026-04-14", "2032-12-31"),
        ("UK", "2026-04-14", "2032-12-31"),
        ("GB", "2026-04-14", "2032-12-31"),
        ("BE", "2026-04-14", "2029-12-31"),
    ):
        assert evidence_until(country, date.fromisoformat(closed_on)) == date.fromisoformat(last_day)
    # A controller may set its own evidence period.
    assert evidence_until("DE", date(2026, 4, 14), months=24) == date(2028, 12, 31)
    with pytest.raises(BadInput, match="whole months"):
        evidence_until("DE", date(2026, 4, 14), months=0)


COUNTRY_CODES = st.one_of(st.sampled_from(sorted(MONTHS_BY_COUNTRY)), st.from_regex("[A-Z]{2}", fullmatch=True))


@given(COUNTRY_CODES, DAYS, st.one_of(st.none(), st.integers(1, 600)))
def test_evidence_is_kept_for_its_months_and_less_than_a_year_more(country, closed_on, months):
    last_day = evidence_until(country, closed_on, months=months)
    period = months or MONTHS_BY_COUNTRY.get(country, DEFAULT_MONTHS)

    year, month = divmod(closed_on.year * 12 + closed_on.month - 1 + period, 12)
    assert last_day == date(year, 12, 31)
    assert (year, month + 1) <= (last_day.year, last_day.month)


@given(COUNTRY_CODES, DAYS, st.integers(0, 4000))
def test_a_later_answer_never_shortens_the_evidence(country, closed_on, days):
    assert evidence_until(country, closed_on + timedelta(days=days)) >= evidence_until(country, closed_on)


@given(st.sampled_from(sorted(MONTHS_BY_COUNTRY)), DAYS)
def test_evidence_outlives_three_years_everywhere(country, closed_on):
    last_day = evidence_until(country, closed_on)

    assert (last_day.month, last_day.day) == (12, 31)
    assert last_day >= closed_on + timedelta(days=3 * 365)
