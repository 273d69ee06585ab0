"""What comes back under another name: erased again, looked at by a person, or told of as unmuted."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.erasure.residue import sort_copies, sort_restored
from rightsflow.domain.vocabulary.records import RecordRef, Restored

ERASED_AT = datetime(2026, 3, 5, 9, 0, 0, 400_000, tzinfo=UTC)
REFS = [RecordRef("calls", "recording", f"{name}.wav?versionId=1") for name in "abc"]
found_things = st.builds(
    lambda ref, number, is_same, minutes: Restored(
        record=ref,
        now=RecordRef(ref.system, ref.kind, f"{ref.ref}{number}"),
        is_same=is_same,
        stored_at=ERASED_AT + timedelta(minutes=minutes),
    ),
    st.sampled_from(REFS),
    st.integers(0, 9),
    st.booleans(),
    st.integers(-3, 3),
)


@given(st.lists(found_things), st.sets(st.sampled_from(REFS)))
def test_nothing_is_erased_again_that_may_be_new_or_is_kept_muted(found, muted):
    what = sort_restored(found, dict.fromkeys(REFS, ERASED_AT), muted)
    assert all(one.is_same and one.stored_at >= ERASED_AT and one.record not in muted for one in what.back)
    assert len({one.record for one in what.back}) == len(what.back), "of each record one"
    assert {one.record for one in what.unmuted} <= muted
    certain = {one.record for one in found if one.is_same and one.stored_at >= ERASED_AT} - muted
    assert {one.record for one in what.back} == certain
    asked = [one for one in found if one.record not in muted and not (one.is_same and one.stored_at >= ERASED_AT)]
    assert list(what.doubtful) == asked, "nothing is passed over in silence"


def test_what_was_stored_in_the_second_of_the_erasure_came_back():
    """Stores tell whole seconds."""
    ref, at = REFS[0], ERASED_AT.replace(microsecond=0)
    one = Restored(record=ref, now=REFS[1], is_same=True, stored_at=at)
    assert sort_restored([one], {ref: ERASED_AT}, ()).back == (one,)


@given(st.lists(found_things), st.sets(st.sampled_from(REFS)))
def test_of_restricted_records_all_that_is_the_same_is_restricted_and_what_may_be_is_asked(found, gone):
    what = sort_copies(found, dict.fromkeys(REFS, ERASED_AT), gone)
    same = [one for one in found if one.is_same]
    assert Counter((*what.renamed, *what.beside)) == Counter(same), "nothing is passed over"
    assert {one.record for one in what.renamed} == {one.record for one in same} & gone
    assert len({one.record for one in what.renamed}) == len(what.renamed), "of each record one"
    assert all(not one.is_same for one in what.doubtful)
    passed_over = [one for one in found if not one.is_same and one not in what.doubtful]
    assert all(one.record not in gone and one.stored_at < ERASED_AT for one in passed_over)
