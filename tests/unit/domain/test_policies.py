"""Policies in a person's place: what they decide on, whom the draw gives to a person, and that it can be proved."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.gates.decisions import IdentityMethod
from rightsflow.domain.gates.policies import (
    TEXT,
    PackageSeen,
    PlainRecords,
    Policy,
    SearchOutcome,
    filled_fields,
    is_plain,
    policy_for,
    policy_releasing,
)
from rightsflow.domain.people import Proof, proof_of
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import new_case_id

POLICIES = st.builds(
    Policy,
    name=st.sampled_from(["strangers", "log-in"]),
    version=st.integers(1, 3),
    right=st.sampled_from(Right),
    identity=st.frozensets(st.sampled_from(IdentityMethod), min_size=1),
    every=st.integers(0, 20),
)
SEARCHED = st.builds(
    SearchOutcome,
    right=st.sampled_from(Right),
    found_nothing=st.booleans(),
    is_proven=st.booleans(),
    identity=st.none() | st.sampled_from(IdentityMethod),
    is_represented=st.booleans(),
)


@given(st.lists(POLICIES, max_size=4), SEARCHED)
def test_a_policy_decides_only_what_it_names_and_what_is_proved(
    policies: list[Policy], searched: SearchOutcome
) -> None:
    policy = policy_for(policies, searched)
    if policy is None:
        return
    assert searched.found_nothing
    assert searched.is_proven
    assert not searched.is_represented
    assert policy.right is searched.right
    assert searched.identity in policy.identity


@given(st.lists(POLICIES, min_size=1, max_size=4), SEARCHED)
def test_the_first_that_fits_decides_and_none_where_something_is_missing(
    policies: list[Policy], searched: SearchOutcome
) -> None:
    whole = replace(
        searched,
        found_nothing=True,
        is_proven=True,
        is_represented=False,
        right=policies[0].right,
        identity=min(policies[0].identity),
    )
    assert policy_for(policies, whole) is policies[0]
    for lacking in ({"found_nothing": False}, {"is_proven": False}, {"is_represented": True}, {"identity": None}):
        assert policy_for(policies, replace(whole, **lacking)) is None


@given(POLICIES, st.integers(2024, 2030).map(new_case_id))
def test_what_a_case_draws_follows_from_its_id_and_the_policys_version(policy: Policy, case_id: str) -> None:
    assert policy.draw(case_id) == replace(policy, identity=frozenset()).draw(case_id)
    assert policy.sends_to_a_person(case_id) is (policy.every > 0 and policy.draw(case_id) == 0)
    assert 0 <= policy.draw(case_id) < max(policy.every, 2)


def test_the_draw_is_written_down_and_the_policy_decides() -> None:
    # The draw is the one that was written down.
    policy = Policy(
        name="nothing-held",
        version=1,
        right=Right.ACCESS,
        identity=frozenset({IdentityMethod.LOGGED_IN}),
        every=20,
    )
    assert [policy.draw(f"DSR-2026-00000{number}") for number in range(5)] == DRAWN
    # About one in so many goes to a person.
    for every in (2, 5, 20):
        policy = Policy(name="x", version=1, right=Right.ACCESS, identity=frozenset(), every=every)
        drawn = Counter(policy.sends_to_a_person(f"DSR-2026-{number:06d}") for number in range(4000))
        assert 0.7 * 4000 / every < drawn[True] < 1.3 * 4000 / every
    # Who decided is the policy and nobody who signed in.
    policy = Policy(name="nothing-held", version=2, right=Right.ACCESS, identity=frozenset(), every=0)
    assert policy.actor == "policy nothing-held version 2"
    assert proof_of(policy.actor) == ("automatic", Proof.POLICY)
    # What is filled is told by path and a text as one.
    content = {"id": 7, "empty": "", "none": None, "no": False, "card": {"brand": "x", "last": ["1", None]}, "list": []}
    assert filled_fields(content) == {"id", "no", "card.brand", "card.last"}
    for text in ("two\nlines", "x" * 201, {"inner": ["a\rb"]}):
        assert TEXT in filled_fields({"id": text})
    assert filled_fields({"id": "x" * 200}) == {"id"}


DRAWN = [4, 7, 3, 11, 9]


KINDS = st.sampled_from(["shop/order", "shop/customer", "calls/call"])
FIELDS = st.frozensets(st.sampled_from(["id", "amount", "note", "card.brand"]), max_size=3)
PLAIN = st.builds(PlainRecords, fields=st.dictionaries(KINDS, FIELDS, max_size=3), most=st.integers(1, 5))
FEW = st.integers(0, 1)
SEEN = st.builds(
    PackageSeen,
    filled=st.dictionaries(KINDS, FIELDS, max_size=2),
    records=st.integers(0, 7),
    files=FEW,
    masked=FEW,
    in_doubt=FEW,
    by_people=FEW,
    asked=FEW,
    unproven=FEW,
    is_imported=st.booleans(),
    is_order=st.booleans(),
)
AGAINST = ("files", "masked", "in_doubt", "by_people", "asked", "unproven")


@given(SEEN, PLAIN)
def test_a_package_is_plain_only_if_nothing_at_all_speaks_against_it(seen: PackageSeen, rule: PlainRecords) -> None:
    clean = replace(seen, records=1, is_imported=True, is_order=False, **dict.fromkeys(AGAINST, 0))
    named = all(fields <= rule.fields.get(kind, frozenset()) for kind, fields in clean.filled.items())
    assert is_plain(clean, rule) is (bool(clean.filled) and named)
    spoiling: list[dict[str, object]] = [{one: 1} for one in AGAINST]
    spoiling += [{"records": 0}, {"records": rule.most + 1}, {"is_imported": False}, {"is_order": True}]
    assert not any(is_plain(replace(clean, **one), rule) for one in spoiling)  # type: ignore[arg-type]
    if is_plain(seen, rule):
        assert replace(clean, records=seen.records) == seen


@given(SEARCHED, SEEN, POLICIES, PLAIN)
def test_a_policy_releases_no_package_of_a_request_that_it_is_not_about(
    searched: SearchOutcome, seen: PackageSeen, policy: Policy, rule: PlainRecords
) -> None:
    releasing = replace(policy, plain=rule)
    assert policy_for([releasing], searched) is None, "that nothing is held is another decision"
    assert policy_releasing([policy], searched, seen) is None
    is_about = searched.right is policy.right and searched.identity in policy.identity and not searched.is_represented
    expected = is_about and not searched.found_nothing and is_plain(seen, rule)
    assert (policy_releasing([releasing], searched, seen) is releasing) is expected
