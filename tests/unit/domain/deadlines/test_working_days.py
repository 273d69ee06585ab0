from datetime import date

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.deadlines.working_days import (
    HOLIDAYS_VERSION,
    WEEKENDS_ONLY,
    Place,
    add_working_days,
    holiday_names,
    holidays_in,
    is_working_day,
    on_or_after,
    on_or_before,
    working_days_between,
)
from rightsflow.domain.errors import BadInput

EEA = [
    *("AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT"),
    *("LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "IS", "LI", "NO"),
]
PLACES = st.sampled_from([Place("DE"), Place("DE", "BY"), Place("ES", "CT"), Place("GB", "SCT"), Place("NL")])
DAYS = st.dates(date(2018, 6, 1), date(2040, 1, 1))


def test_days_nobody_should_rely_on_are_working_days():
    for place, day, why in (
        (Place("NL"), "2026-04-03", "Good Friday is only equated with a holiday"),
        (Place("NL"), "2027-05-05", "5 May outside the lustrum years"),
        (Place("FR"), "2026-04-03", "Good Friday outside Alsace and Moselle"),
        (Place("AT"), "2026-04-03", "Good Friday since 2019"),
        (Place("IE"), "2026-04-03", "Good Friday"),
        (Place("IE"), "2026-12-28", "no substitute for a Saturday"),
        (Place("DE"), "2026-06-04", "Corpus Christi is regional"),
        (Place("PL"), "2024-12-24", "a holiday only since 2025"),
        (Place("DE"), "2026-12-24", "Christmas Eve"),
        (Place("ES"), "2026-04-06", "Easter Monday is regional"),
        (Place("ES"), "2026-11-02", "the moved All Saints' Day is regional"),
        (Place("HU"), "2026-01-02", "freed by decree against a worked Saturday"),
        (Place("LV"), "2026-06-22", "freed by decree against a worked Saturday"),
        (Place("BG"), "2026-01-02", "freed by decree"),
        (Place("AR"), "2019-07-08", "a bridge day freed by decree"),
        (Place("SE"), "2026-06-19", "Midsummer Eve is no public holiday"),
        (Place("SE"), "2026-12-24", "Christmas Eve is only equated with a holiday"),
        (Place("SE"), "2026-12-31", "New Year's Eve is only equated with a holiday"),
        (Place("FI"), "2026-06-19", "Midsummer Eve is only equated with a holiday"),
        (Place("FI"), "2026-12-24", "Christmas Eve is only equated with a holiday"),
        (Place("GR"), "2022-05-02", "Labour Day is moved by a ministerial decision alone"),
        (Place("GR"), "2024-05-07", "Labour Day is moved by a ministerial decision alone"),
        (Place("US"), "2026-11-27", "the day after Thanksgiving"),
    ):
        assert is_working_day(date.fromisoformat(day), place), why


def test_days_the_law_frees():
    for place, day in (
        (Place("NL"), "2025-05-05"),
        (Place("NL"), "2026-04-27"),
        (Place("FR", "6AE"), "2026-04-03"),
        (Place("FR", "57"), "2025-12-26"),
        (Place("DE", "BY"), "2026-06-04"),
        (Place("DE", "BE"), "2027-03-08"),
        (Place("ES", "CT"), "2025-12-26"),
        (Place("PL"), "2025-12-24"),
        (Place("GB", "ENG"), "2026-12-28"),
        (Place("GB", "NIR"), "2026-07-13"),
        (Place("GB", "SCT"), "2026-06-15"),
        (Place("IE"), "2026-02-02"),
        (Place("CH", "ZH"), "2026-04-03"),
        (Place("US"), "2027-12-31"),
        (Place("US"), "2026-09-07"),
        (Place("DE"), "2026-05-14"),
        (Place("GR"), "2026-05-01"),
        (Place("LV"), "2026-06-23"),
    ):
        assert not is_working_day(date.fromisoformat(day), place)


def test_scotland_has_no_easter_monday_and_its_own_august():
    scotland, england = Place("GB", "SCT"), Place("GB", "ENG")
    assert is_working_day(date(2026, 4, 6), scotland)
    assert not is_working_day(date(2026, 4, 6), england)
    assert not is_working_day(date(2026, 8, 3), scotland)
    assert is_working_day(date(2026, 8, 3), england)


def test_every_country_of_the_eea_has_a_table_with_only_its_own_year():
    for country in EEA:
        days = holidays_in(Place(country), 2026)

        assert date(2026, 12, 25) in days
        assert len(days) >= 8
        assert {day.year for day in days} == {2026}
        assert days <= set(holidays.country_holidays(country, years=2026))


def test_names_are_english_for_the_explanation():
    assert holiday_names(Place("DE"), 2026)[date(2026, 4, 6)] == "Easter Monday"
    assert holiday_names(Place("PL"), 2026)[date(2026, 12, 24)] == "Christmas Eve"


def test_names_are_english_whatever_language_the_machine_speaks(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "de")
    holiday_names.cache_clear()

    assert holiday_names(Place("DE"), 2026)[date(2026, 4, 6)] == "Easter Monday"
    assert holiday_names(Place("AT"), 2026)[date(2026, 10, 26)] == "National Day"


def test_the_version_names_the_library_and_our_corrections():
    assert f"python-holidays {holidays.__version__}, corrections 2" == HOLIDAYS_VERSION


def test_a_place_is_written_as_in_iso_3166():
    assert [str(place) for place in (Place("DE"), Place("DE", "BY"))] == ["DE", "DE-BY"]


def test_an_unknown_place_is_refused():
    for place in (Place("ZZ"), Place("DE", "ZZ"), Place("DEU", "XX")):
        with pytest.raises(BadInput) as refused:
            on_or_after(date(2026, 1, 7), place)
        assert str(refused.value) == (
            "country or subdivision is not in the holiday table; use an ISO 3166 code such as DE, and BY for its part."
        )


@given(DAYS, PLACES)
def test_the_neighbours_are_working_days_with_none_between(day, place):
    after, before = on_or_after(day, place), on_or_before(day, place)

    assert before <= day <= after
    assert is_working_day(after, place)
    assert is_working_day(before, place)
    assert (before == day == after) == is_working_day(day, place)
    if before != after:
        assert working_days_between(before, after, place) == 1


@given(DAYS, st.integers(1, 40), PLACES)
def test_counting_and_adding_agree(day, count, place):
    end = add_working_days(day, count, place)

    assert working_days_between(day, end, place) == count
    assert is_working_day(end, place)
    assert add_working_days(day, count, WEEKENDS_ONLY) <= end
