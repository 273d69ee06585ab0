"""How the records of a plan are grouped and explained, and what is left, comes back or is looked at again."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Question
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.erasure.dates import LOOK_DAYS, next_look_at_mark, next_look_on
from rightsflow.domain.erasure.plan_groups import (
    CONSEQUENCES,
    AlikeRecords,
    Look,
    PlanRecord,
    Traces,
    does,
    grouped,
    look_at,
    means,
    whose,
)
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, in_words, left, sort_copies, sort_restored
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind, PresenceState, RecordRef, Restored

PLANNED = st.sampled_from(
    [
        (Method.ERASE, OutcomeKind.ERASED),
        (Method.REDACT, OutcomeKind.REDACTED),
        (None, OutcomeKind.RETAINED),
        (None, OutcomeKind.FAILED),
        (None, OutcomeKind.UNRECTIFIED),
    ]
)


@st.composite
def records(draw):
    """A plan of some records."""
    found = []
    for number in range(1, draw(st.integers(0, 12)) + 1):
        method, planned = draw(PLANNED)
        found.append(
            PlanRecord(
                number=number,
                digest=str(number),
                system=draw(st.sampled_from(["helpdesk", "calls"])),
                kind=draw(st.sampled_from(["ticket", "recording"])),
                attribution=draw(st.sampled_from([Attribution.SUBJECT, Attribution.UNCLEAR])),
                doubt=draw(st.sampled_from([None, *RecordDoubt])),
                facts=draw(st.frozensets(st.sampled_from(Fact), max_size=2)),
                occurred_on=date(2026, 1, 1),
                method=method,
                planned=planned,
                until=None,
                ends_when="",
                reason="",
                legal_basis="",
                question=draw(st.sampled_from([None, *Question])),
                note=draw(st.sampled_from(["", "Look it up."])),
            )
        )
    return found


def alike(plan):
    """The records, those together of which the plan says the same."""
    together = {}
    for one in plan:
        together.setdefault(one._replace(number=0, digest=""), []).append(one)
    return [AlikeRecords(these[0], [one.number for one in these]) for these in together.values()]


@given(records())
def test_each_record_is_in_one_group_and_what_needs_a_look_comes_first(plan):
    groups = grouped(alike(plan))
    assert sorted(number for group in groups for number in group.numbers) == [one.number for one in plan]
    looks = [group.look is not None for group in groups]
    assert looks == sorted(looks, reverse=True)
    assert [group.look for group in groups if group.look] == [
        look for look in Look if any(look_at(one) is look for one in plan)
    ]
    assert len({group.key for group in groups}) == len(groups)


@given(records())
def test_a_matter_of_course_is_nothing_but_that(plan):
    for group in grouped(alike(plan)):
        assert list(group.numbers) == sorted(group.numbers)
        if group.look is None:
            for one in (plan[number - 1] for number in group.numbers):
                assert one.question is None
                assert one.attribution is Attribution.SUBJECT
                assert not one.note
                assert one.planned is not OutcomeKind.UNRECTIFIED, "a person looks at it"
                assert group.title == f"{one.system} {one.kind}: {does(one)}"


IDENTIFIER = st.tuples(
    st.sampled_from(["email", "phone", "customer_id"]), st.sampled_from(["request", "helpdesk"]), st.booleans()
)


@pytest.mark.long
@given(
    records(), st.lists(IDENTIFIER, max_size=3), st.integers(0, 2), st.lists(st.integers(1, 9), max_size=3, unique=True)
)
def test_whose_a_record_is_is_said_in_one_sentence_that_does_not_claim_too_much(plan, named, strangers, via):
    for one in plan:
        said = whose(one, Traces(named=tuple(named), strangers=strangers, via=tuple(via)))
        assert said.endswith(".")
        assert said.startswith("The person's: " if one.attribution is Attribution.SUBJECT else "Unclear: ")
        assert ("other people used too" in said) is any(contested for *_, contested in named)
        assert all(str(number) in said for number in via)
        assert ("linked to" in said) is bool(via)
        assert said.count("learnt from helpdesk)") <= 1, "a source is said once"


@pytest.mark.long
@given(records())
def test_what_comes_of_a_decision_is_said_of_every_record_and_left_is_not_erased(plan):
    for one in plan:
        said = means(one)
        assert said.endswith(".")
        assert ("deleted" in said) is (does(one) == "erase")
        assert "its end has come" not in said or one.until or one.method is Method.MUTE


def test_every_fact_has_its_words():
    assert set(CONSEQUENCES) == set(Fact)


KNOWN = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.PHONE, "+4930901820"),
        identifier(IdentifierKind.CUSTOMER_ID, "K-10432"),
        identifier(IdentifierKind.ACCOUNT_ID, "4711123", issuer="helpdesk"),
        identifier(IdentifierKind.NAME, "Anna Beispiel"),
    }
)
TRAIL = ResidueTrail(
    known=KNOWN,
    country="DE",
    id_fields=frozenset({"requester_id"}),
    linking=(("fingerprint",), ("brand", "last4")),
    structure=frozenset({"id"}),
    blanks=frozenset({"[redacted]"}),
)


def test_what_leads_back_is_found_and_named_shortly() -> None:
    # Fields that lead back are found whatever the spelling.
    for tree, fields in (
        ({"details": {"email": "ANNA@example.com"}}, ["details.email"]),
        ({"text": "to dora.anna@example.com or anna@example.com.au"}, []),
        ({"text": "write to <anna@example.com>."}, ["text"]),
        ({"text": "for anna beispiel, please"}, ["text"]),
        ({"text": "Dear BEISPIEL, Anna"}, ["text"]),
        ({"text": "for Joanna Beispielhaft"}, []),
        ({"text": "Anna Becker's order"}, []),
        ({"phone": "(030) 90-1820"}, ["phone"]),
        ({"text": "call 0049 30 901820 or 030/901820"}, ["text"]),
        ({"text": "order 1930901820199"}, []),
        ({"text": "customer K-10432 called"}, ["text"]),
        ({"text": "K-104321"}, []),
        # A bare number counts where ids of persons stand, and nowhere else.
        ({"requester_id": 4711123}, ["requester_id"]),
        ({"requester_id": 47111234}, []),
        ({"text": "order 4711123", "order": "4711123"}, []),
        # Text as its readers see it.
        ({"meta": '{"to": "Anna B\\u0065ispiel"}'}, ["meta.to"]),
        ({"meta": '[{"a": {"b": "anna\\u0040example.com"}}]'}, ["meta.a.b"]),
        ({"note": "for Anna&nbsp;Beispiel"}, ["note"]),
        ({"link": "https://example.com/?to=anna%40example.com"}, ["link"]),
        ({"note": b"for Anna Beispiel"}, ["note"]),
        ({"note": memoryview("an Anna Beispiel, schön".encode("cp1252"))}, ["note"]),
        ({"photo": b"\0Anna Beispiel"}, []),
        ({"note": "{no JSON, 100%, &c"}, []),
        # A key that is personal data is not named.
        ({"seen": {"anna@example.com": True, "x": 1}}, ["seen"]),
        # A name in parts, and a first or last name alone.
        ({"first": "ANNA", "last": "Beispiel", "town": "Berlin"}, ["first", "last"]),
        ({"first": "Anna", "last": "Becker"}, []),
        ({"last": "Beispiel", "text": "for Anna"}, []),
        ({"order": {"first": "Anna"}, "invoice": {"last": "Beispiel"}}, []),
        # Keys that are the same in other records of the person.
        ({"card": {"fingerprint": "Xt5EWLLD"}}, ["card.fingerprint"]),
        ({"card": {"fingerprint": "[redacted]", "brand": "visa", "last4": ""}}, []),
        ({"card": {"brand": "visa", "last4": "4242"}}, ["card.brand", "card.last4"]),
        ({"id": "K-10432", "rows": [{"id": "K-10432"}, {"x": ["K-10432"]}]}, ["rows.x"]),
        ({"amount": 7, "none": None, "flag": True, "empty": ""}, []),
    ):
        assert list(fields_left(tree, TRAIL)) == fields
    trail = ResidueTrail(known=frozenset({Identifier(IdentifierKind.NAME, "Anna")}))
    assert fields_left({"name": "ANNA", "text": "Anna Becker wrote"}, trail) == ("name",)
    # A bare customer number counts where it is said to be one.
    for tree, fields in (
        ({"customer_no": 10432, "order_no": 10432, "kundennr": "10432"}, ["customer_no", "kundennr"]),
        ({"text": "customer no. 10432 called", "other": "Kundennummer: 10432"}, ["text", "other"]),
        ({"text": "order 10432, customer 104321", "customer_no": 104321}, []),
        ({"customer_no": 1043, "text": "customer 1043"}, []),
    ):
        known = frozenset(identifier(IdentifierKind.CUSTOMER_ID, one) for one in ("10432", "1043"))
        assert list(fields_left(tree, ResidueTrail(known=known))) == fields
    # Nothing left is absent and what is left is named.
    assert left(RECORD, ()).state is PresenceState.ABSENT
    seen = left(RECORD, ("card.last4", "card.exp_year"), {"last4": "the last four digits"})
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, ("card.last4", "card.exp_year"))
    assert seen.detail == "The system keeps a part that leads back to you: the last four digits and exp year."
    assert left(RECORD, ("email",), may_go=True).state is PresenceState.PRESENT
    assert in_words([f"field_{number}" for number in range(9)]).endswith("field 4, field 5 and 3 more.")
    # A bare number is not unmistakable.
    for kind, value, is_unmistakable in (
        ("email", "anna@example.com", True),
        ("phone", "+4930901820", True),
        ("customer_id", "K-10432", True),
        ("customer_id", "10432", False),
        ("account_id", "4711123", False),
        ("account_id", "1234-5678", False),
        ("account_id", "a1", False),
        ("name", "Anna Beispiel", False),
    ):
        assert Identifier(IdentifierKind(kind), value).is_unmistakable is is_unmistakable


RECORD = RecordRef("payments", "card", "1")


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


ERASED = date(2026, 3, 5)
DAY = timedelta(days=1)


def test_a_look_counts_for_all_days_before_it() -> None:
    # A look counts for all days before it.
    for absent_after, next_after in ((None, 1), (0, 1), (1, 7), (2, 7), (7, 30), (29, 30), (30, None), (31, None)):
        absent_on = None if absent_after is None else ERASED + absent_after * DAY
        expected = None if next_after is None else ERASED + next_after * DAY
        assert next_look_on(ERASED, absent_on, LOOK_DAYS) == expected
    assert next_look_at_mark(date(2028, 1, 1), date(2028, 2, 29), LOOK_DAYS) == date(2029, 2, 28)


@given(st.lists(st.integers(1, 366), max_size=6))
def test_looks_on_their_days_come_to_an_end_after_each_day_once(days: list[int]) -> None:
    seen, absent_on = [], ERASED
    while look := next_look_on(ERASED, absent_on, days):
        seen.append((look - ERASED).days)
        absent_on = look
    assert seen == sorted(set(days))


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.lists(st.integers(0, 400), max_size=12))
def test_a_mark_is_read_again_on_the_same_days_and_then_within_a_year_for_ever(
    marked_on: date, late: list[int]
) -> None:
    looked_on, on = None, next_look_at_mark(marked_on, None, LOOK_DAYS)
    assert on == marked_on + DAY
    for days in late:
        looked_on = on + days * DAY
        on = next_look_at_mark(marked_on, looked_on, LOOK_DAYS)
        assert looked_on < on <= looked_on + 366 * DAY
        if (early := next_look_on(marked_on, looked_on, LOOK_DAYS)) is not None:
            assert on == early
