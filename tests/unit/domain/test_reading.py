"""Fields divided for fast reading: what may name a person is never folded, and nothing is dropped."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.disclosure.reading import common_facts, fold, is_code, repeated_words

NAMED = st.sampled_from(
    (
        "Zadok Windlestone", "zadok@example.net", "+49 30 23125 977", "03023125977", "Windlestone", "zadok",
        "[other person's e-mail]", "my neighbour", "O’Connor",
    )
)  # fmt: skip
CODE = st.sampled_from(
    ("9001", "Tue 01 Dec 2026, 12:21", "01 Dec 2026", "Yes", "No", "cus_MtOPjaJmg2TVie", "C-10020", "16.50")
)
FACTS = st.lists(st.tuples(st.sampled_from(("Status", "Name", "Note", "Key")), NAMED | CODE), max_size=8)


@given(NAMED)
def test_what_may_name_a_person_is_no_code(value):
    assert not is_code(value)


@given(CODE)
def test_numbers_dates_and_keys_are_codes(value):
    assert is_code(value)


@given(st.lists(FACTS, min_size=1, max_size=4))
def test_each_field_is_shown_once_for_all_or_with_its_record_and_names_are_not_folded(records):
    common, words = common_facts(records), repeated_words(records)
    once = fold(common, words=words)
    for facts in records:
        own = fold(facts, common=common, words=words)
        assert {*own.telling, *own.folded, *once.telling, *once.folded} >= {*facts}
        assert all(is_code(value) or value in words for _, value in (*own.folded, *once.folded))


def test_what_the_record_says_already_is_folded_and_what_differs_is_not():
    shown = ["Kettle", "It leaks. Ring Zadok Windlestone."]
    own = fold([("Subject", "Kettle"), ("Called", "Zadok Windlestone"), ("Owner", "Ottilie Farrow")], shown=shown)
    assert own.telling == (("Owner", "Ottilie Farrow"),)
    assert len(own.folded) == 2


def test_a_word_of_several_records_is_a_state_and_a_word_of_one_may_be_a_name():
    records = [[("Status", "closed"), ("Login", "zadok")], [("Status", "closed"), ("Login", "ottilie")]]
    assert repeated_words(records) == {"closed"}
