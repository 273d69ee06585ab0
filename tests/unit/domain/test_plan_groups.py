"""How the records of a plan are grouped and explained: each in one group, what needs a look first, no data told."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Question
from rightsflow.domain.doubts import RecordDoubt
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
from rightsflow.domain.vocabulary.records import Fact, Method, OutcomeKind

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


@given(records(), st.lists(IDENTIFIER, max_size=3), st.integers(0, 2), st.none() | st.integers(1, 9))
def test_whose_a_record_is_is_said_in_one_sentence_that_does_not_claim_too_much(plan, named, strangers, via):
    for one in plan:
        said = whose(one, Traces(named=tuple(named), strangers=strangers, via=via))
        assert said.endswith(".")
        assert said.startswith("The person's: " if one.attribution is Attribution.SUBJECT else "Unclear: ")
        assert ("other people used too" in said) is any(contested for *_, contested in named)
        assert (f"record {via}" in said) is (via is not None)


@given(records())
def test_what_comes_of_a_decision_is_said_of_every_record_and_left_is_not_erased(plan):
    for one in plan:
        said = means(one)
        assert said.endswith(".")
        assert ("deleted" in said) is (does(one) == "erase")
        assert "its end has come" not in said or one.until or one.method is Method.MUTE


def test_every_fact_has_its_words():
    assert set(CONSEQUENCES) == set(Fact)
