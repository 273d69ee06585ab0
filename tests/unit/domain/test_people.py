"""Who answers in whose place: deputies, their deputies, and the next one up where all are absent."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Absence, answering, refuse_no_colleague

FIRST, LAST = date(2026, 7, 6), date(2026, 7, 10)
DAY = timedelta(days=1)
PEOPLE = ("case_owner", "dpo", "management", "anna", "ben", "cleo")
UP = ("dpo", "management")


def absent(person: str, deputy: str, first_on: date = FIRST, last_on: date = LAST) -> Absence:
    return Absence(person=person, deputy=deputy, first_on=first_on, last_on=last_on)


def who(person: str, *absences: Absence, on: date = FIRST) -> str:
    return answering(person, on, absences, PEOPLE, UP)


def test_the_deputy_answers_while_the_person_is_away() -> None:
    assert who("anna") == "anna"
    assert who("anna", absent("ben", "cleo")) == "anna"
    away = absent("anna", "ben")
    assert [who("anna", away, on=FIRST + days * DAY) for days in range(-1, 6)] == ["anna", *["ben"] * 5, "anna"]
    assert absent("anna", "ben", FIRST, FIRST).covers(FIRST)
    # An absence that is none.
    with pytest.raises(BadInput, match="ends before it begins"):
        absent("anna", "ben", LAST, FIRST)
    with pytest.raises(BadInput, match="stand in for themself"):
        absent("anna", "anna")
    assert who("anna", absent("anna", "ben"), absent("ben", "cleo")) == "cleo"


def test_where_all_are_absent_the_next_one_up_answers() -> None:
    assert who("anna", absent("anna", "ben"), absent("anna", "cleo", FIRST, FIRST)) == "cleo"
    assert who("anna", absent("anna", "ben"), absent("anna", "cleo", FIRST, FIRST), on=LAST) == "ben"
    # Where all deputies are absent the next one up answers.
    away = (absent("anna", "ben"), absent("ben", "anna"))
    assert who("anna", *away) == "dpo"
    assert who("anna", *away, absent("dpo", "cleo")) == "cleo", "whose deputy in turn"
    assert who("anna", *away, absent("dpo", "ben")) == "management"
    # Where all are absent the highest hears of it.
    everybody = [absent(one, "anna" if one != "anna" else "ben") for one in PEOPLE]
    assert who("anna", *everybody) == "management"
    assert answering("anna", FIRST, everybody, PEOPLE, ()) == "anna"
    assert who("anna", absent("anna", "gone")) == "dpo"
    assert who("gone") == "dpo"


@given(
    st.lists(
        st.tuples(st.sampled_from(PEOPLE), st.sampled_from((*PEOPLE, "gone"))).filter(lambda pair: len(set(pair)) == 2)
    ),
    st.sampled_from(PEOPLE),
)
@settings(deadline=None)
def test_it_is_always_somebody_and_absent_only_where_nobody_above_is_there(
    pairs: list[tuple[str, str]], person: str
) -> None:
    found = answering(person, FIRST, [absent(*pair) for pair in pairs], PEOPLE, UP)
    away = {pair[0] for pair in pairs}
    assert found in PEOPLE
    assert found not in away or ({person, *UP} <= away and found == "management")


def test_a_colleague_has_a_name():
    # An officer types what the person gave where the own name belongs: it stood in the ledger for years.
    for name in ("anna@example.com", "+49 30 23125", "C-10001", "Anna 1 2 3 4 5"):
        with pytest.raises(BadInput, match="holds an address or a number"):
            refuse_no_colleague(name)
    # The data subject is no colleague.
    for name in ("Zoë Ångström", "zoe\u0308  ÅNGSTRÖM"):
        with pytest.raises(BadInput, match="the name of the data subject"):
            refuse_no_colleague(name, ["Zoë Ångström"])
    for name in ("Olga Opener", "Officer 12", "Zoë O'Neill-Ångström (team 4711)"):
        refuse_no_colleague(name, ["Anna Quillfeather"])
