"""What is left out of a package takes along what belongs to it, and nothing else; the rest of its family is named."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.linked_copies import changed_beside, families, refuse_torn, with_parts
from rightsflow.domain.vocabulary.records import KindAt
from tests.support.linked_records import record

PROFILES = frozenset({KindAt("helpdesk", "user")})
OUT = RecordDecision(act=RecordAct.LEAVE_OUT, ground="rights of others")
KINDS = ("user", "ticket", "call", "recording", "transcript")


@st.composite
def forests(draw):
    """Records, each below none or one of those before it, as a search finds them."""
    records = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        above = draw(st.sampled_from([""] + [one.key for one in records]))
        attribution = draw(st.sampled_from([Attribution.SUBJECT, Attribution.SUBJECT, Attribution.UNCLEAR]))
        made = record(draw(st.sampled_from(KINDS)), f"k{number}", via=above, attribution=attribution)
        records.append(replace(made, number=number))
    return draw(st.permutations(records))


def owners(one, by_key):
    """The records to which one belongs, the nearest first, up to a profile."""
    above = by_key.get(one.via)
    while above is not None and above.ref.kind != "user":
        yield above
        above = by_key.get(above.via)


@given(forests(), st.data())
def test_exactly_what_belongs_to_a_record_goes_with_it(records, data):
    by_key = {one.key: one for one in records}
    chosen = data.draw(st.lists(st.sampled_from(records), min_size=1, max_size=3, unique_by=lambda one: one.key))
    left_out = with_parts({one.ref: OUT for one in chosen}, records, PROFILES)
    for one in records:
        is_whole = one.attribution is Attribution.SUBJECT
        goes = any(owner.ref in left_out for owner in list(owners(one, by_key))[:1]) and is_whole
        assert (one.ref in left_out) is (goes or one in chosen), one
    again = with_parts(left_out, records, PROFILES)
    assert again == left_out, "what is taken along takes nothing further"

    out = {one.number for one in records if one.ref in left_out}
    parts = [one for one in records if one.ref in left_out and one not in chosen]
    for part in parts:
        try:
            refuse_torn({part.number}, out - {part.number}, records, PROFILES)
        except BadInput as error:
            assert f"Record {part.number} was found through record" in str(error)
        else:
            raise AssertionError("a part is given while the record to which it belongs is left out")
    refuse_torn(out, set(), records, PROFILES)


@given(forests())
def test_a_family_is_an_entry_with_its_parts_and_looks_both_ways(records):
    by_key, found = {one.key: one for one in records}, families(records, PROFILES)
    nearest = {one.number: next(owners(one, by_key), None) for one in records}
    for one in records:
        beside = set(changed_beside(one.number, [other.number for other in records], found))
        mine = nearest[one.number]
        expected = {other.number for other in records if nearest[other.number] is one}
        if mine is not None:
            siblings = {other.number for other in records if nearest[other.number] is mine}
            expected |= {mine.number} | siblings
        assert beside == expected - {one.number}


def test_a_call_is_given_without_its_recording_and_its_transcript_is_not():
    call, recording = replace(record("call", "c"), number=1), replace(record("recording", "r", via="c"), number=2)
    transcript = replace(record("transcript", "t", via="r"), number=3)
    all_three = [call, recording, transcript]
    assert with_parts({recording.ref: OUT}, all_three, PROFILES) == {recording.ref: OUT, transcript.ref: OUT}
    assert changed_beside(1, [2, 3], families(all_three, PROFILES)) == [2]
    own = replace(OUT, ground="trade secrets")
    assert with_parts({call.ref: OUT, recording.ref: own}, all_three, PROFILES)[transcript.ref] == own
