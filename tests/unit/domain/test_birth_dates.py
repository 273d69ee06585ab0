"""Dates of birth: what can be read for sure, what stands for "not known", and when two are of two people."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.birth_dates import (
    PLACEHOLDERS,
    DateOrder,
    born_apart,
    is_unknown,
    looks_like_date,
    read_birth_date,
    spellings,
)

UNKNOWN, DAY, MONTH = DateOrder.UNKNOWN, DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST
days = st.dates(date(1890, 1, 1), date(2099, 12, 31)).map(date.isoformat).filter(lambda one: one not in PLACEHOLDERS)


def test_only_what_can_be_read_in_one_way_is_a_day() -> None:
    # What can be read in one way alone.
    for text in (
        "1980-02-13",
        " 1980-02-13 ",
        "1980-2-13",
        "1980/02/13",
        "1980.02.13",
        "19800213",
        "1980-02-13 00:00:00",
        "1980-02-13T00:00:00Z",
        "1980-02-13 00:00:00.000000+00:00",
        "13.02.1980",
        "13. 2. 1980",
        "13/02/1980",
        "02/13/1980",
        "2-13-1980",
    ):
        assert read_birth_date(text) == "1980-02-13"
        assert looks_like_date(text) or text == "19800213"
        assert not is_unknown(text)
    # What cannot is not guessed.
    for text in (
        "",
        "unknown",
        "1980",
        "1980-02",
        "02/1980",
        "13.02.80",
        "1980-02-30",
        "02/03/1980",
        "2.3.1980",
        "318211200",
        "1980-02-12 23:00:00",
        "1980-02-12T22:00:00Z",
        "13/02-1980",
        "about 1980-02-13",
        "1980-02-13 or 14",
        "13021980",
        "1879-03-14",
        "9999-12-31",
        "0001-01-01",
    ):
        assert read_birth_date(text) == ""
    # What says that none is known.
    for text in (*sorted(PLACEHOLDERS), "0000-00-00", "00.00.0000", "", "01.01.1970", "1/1/1900"):
        assert read_birth_date(text) == ""
        assert is_unknown(text)
    # The order of a column tells day from month.
    assert (read_birth_date("02.03.1980", DAY), read_birth_date("02/03/1980", MONTH)) == ("1980-03-02", "1980-02-03")
    assert (read_birth_date("02.13.1980", DAY), read_birth_date("13/02/1980", MONTH)) == ("", "")
    assert read_birth_date("03.03.1980") == "1980-03-03"
    # The first of January stands for its year.
    assert not born_apart(["1980-01-01"], ["1980-05-06"])
    assert born_apart(["1956-01-01"], ["1980-05-06"])
    assert born_apart(["1980-07-08"], ["1980-01-01", "1980-05-06"])
    assert born_apart(["1980-05-06", "1956-03-04"], [])


@given(days, st.sampled_from([*DateOrder]))
def test_however_it_is_written_it_is_never_read_as_another_day(day: str, order: DateOrder) -> None:
    assert read_birth_date(day, order) == day
    for one in spellings(day):
        meant = {read_birth_date(one), read_birth_date(one, DAY), read_birth_date(one, MONTH)} - {""}
        assert read_birth_date(one) in {day, ""}
        assert day in meant


@given(st.text(max_size=24))
def test_any_text_is_a_day_or_none(text: str) -> None:
    if read := read_birth_date(text):
        assert read_birth_date(read) == read


@given(st.sets(days, max_size=3), st.sets(days, max_size=3))
def test_dates_contradict_in_both_directions_and_none_contradicts_nothing(one: set[str], other: set[str]) -> None:
    assert not born_apart([], one)
    if one & other:
        assert not born_apart(one, other)
    if len(one) == len(other) == 1:
        assert born_apart(one, other) is born_apart(other, one)
