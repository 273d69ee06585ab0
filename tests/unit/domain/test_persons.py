"""Whether two cases are of the same person, by what each knows its person by."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.persons import Bond, Clue, KnownPerson, bond, is_same_request
from rightsflow.domain.identifiers import ONLY_CONTRADICTING, IdentifierKind

EMAIL, OTHER_EMAIL = (Clue(IdentifierKind.EMAIL, one) for one in ("e1", "e2"))
PHONE, OTHER_PHONE = (Clue(IdentifierKind.PHONE, one) for one in ("p1", "p2"))
NUMBER, OTHER_NUMBER = (Clue(IdentifierKind.CUSTOMER_ID, one) for one in ("c1", "c2"))
NAME, OTHER_NAME = (Clue(IdentifierKind.NAME, one) for one in ("n1", "n2"))
BORN, OTHER_BORN = (Clue(IdentifierKind.BIRTH_DATE, one) for one in ("b1", "b2"))
SHOP, PAYMENTS = (Clue(IdentifierKind.ACCOUNT_ID, "a1", one) for one in ("shop", "payments"))
CLUES = (EMAIL, OTHER_EMAIL, PHONE, OTHER_PHONE, NUMBER, OTHER_NUMBER, NAME, OTHER_NAME, SHOP, PAYMENTS, BORN)


def person(*asked, learnt=(), is_identified=True):
    known = frozenset(one for one in (*asked, *learnt) if one.kind not in ONLY_CONTRADICTING)
    return KnownPerson(asked=frozenset(asked), known=known, is_identified=is_identified)


def test_two_requests_are_one_persons_by_an_address_or_two_identifiers():
    # A number alone is never enough.
    for number in (PHONE, NUMBER, SHOP):
        assert bond(person(number), person(number)) is Bond.PERHAPS
        named = person(number, NAME, BORN)
        assert bond(named, named) is Bond.PERHAPS, "people of one house share names too, and twins the day"
        assert not is_same_request(named, named)
    # An address is enough once both were identified.
    known = person(EMAIL)
    assert bond(known, known) is Bond.SAME
    assert bond(replace(known, is_identified=False), known) is Bond.PERHAPS
    assert bond(known, replace(known, is_identified=False)) is Bond.PERHAPS
    assert bond(known, person(PHONE, learnt=(EMAIL,))) is Bond.PERHAPS, "what the number led to"
    # Two independent identifiers are enough.
    two = person(PHONE, NUMBER, is_identified=False)
    assert bond(two, two) is Bond.SAME
    assert bond(person(PHONE, NUMBER), person(PHONE, learnt=(NUMBER,))) is Bond.SAME
    assert bond(person(PHONE, learnt=(NUMBER, EMAIL)), person(PHONE, learnt=(NUMBER, EMAIL))) is Bond.PERHAPS
    assert bond(person(PHONE, OTHER_PHONE), person(PHONE, OTHER_PHONE)) is Bond.PERHAPS, "two numbers of one house"
    assert bond(person(SHOP, PAYMENTS), person(SHOP, PAYMENTS)) is Bond.SAME
    # Requests that contradict each other are a person s to tell apart.
    for one, other in (
        ((NAME,), (OTHER_NAME,)),
        ((BORN, NAME), (OTHER_BORN, NAME)),
        ((OTHER_EMAIL,), (EMAIL,)),
        ((OTHER_NUMBER,), (NUMBER,)),
    ):
        shared = {EMAIL, PHONE, NUMBER, SHOP} - {*one, *other}
        mine, theirs = person(*shared, *one), person(*shared, *other)
        assert bond(mine, theirs) is Bond.PERHAPS
        assert not is_same_request(mine, theirs)
    assert bond(person(EMAIL, PHONE), person(EMAIL, OTHER_PHONE)) is Bond.SAME
    # A request repeats one by its address or by two identifiers.
    new = person(EMAIL, is_identified=False)
    assert is_same_request(new, person(EMAIL, PHONE, NAME, is_identified=False))
    assert not is_same_request(new, person(PHONE, learnt=(EMAIL,))), "it was not asked with that"
    assert is_same_request(person(PHONE, NUMBER), person(PHONE, NUMBER, NAME))


PEOPLE = st.builds(
    lambda asked, learnt, known: person(*asked, learnt=learnt, is_identified=known),
    *(st.frozensets(st.sampled_from(CLUES), max_size=4), st.frozensets(st.sampled_from(CLUES), max_size=3)),
    st.booleans(),
)


@given(PEOPLE, PEOPLE)
def test_no_two_cases_are_one_person_s_by_a_single_number(mine, theirs):
    shared = mine.known & theirs.known
    tie = bond(mine, theirs)
    assert (tie is Bond.NONE) is (not shared)
    if len({one.realm for one in shared}) < 2 and not any(one.kind is IdentifierKind.EMAIL for one in shared):
        assert tie is not Bond.SAME
    if mine.contradicts(theirs):
        assert tie is not Bond.SAME
        assert theirs.contradicts(mine)
