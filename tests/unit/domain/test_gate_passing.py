"""How a case passes a gate: what is due there, who decides, by which policy, and what a decision is bound by."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision, read_record_decisions
from rightsflow.domain.erasure.safeguards import PlannedLine, leaves_data, plan_digest, refuse_unbound
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates import decisions, four_eyes
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityMethod, Verdict
from rightsflow.domain.gates.four_eyes import (
    decider_of,
    refuse_early_approval,
    refuse_own_proposal,
    refuse_own_release,
    refuse_second_decision,
)
from rightsflow.domain.gates.identity import refuse_unproven
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
from rightsflow.domain.gates.refusals import check_refusal
from rightsflow.domain.law import LAWS
from rightsflow.domain.people import Proof, proof_of
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import MOVES, CaseAction, CaseState, advance, new_case_id

CASE = "DSR-2026-7K3M9Q"
NOON = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)


def decision(gate: Gate, verdict: Verdict, reason: str = "") -> Decision:
    return Decision(gate=gate, verdict=verdict, by="Dana", reason=reason)


@given(st.sampled_from(Gate), st.sampled_from(Verdict))
def test_each_verdict_is_given_at_its_gate_only(gate: Gate, verdict: Verdict) -> None:
    favourable = {Gate.IDENTITY: Verdict.CONFIRMED, Gate.APPROVAL: Verdict.APPROVED}.get(gate)
    if gate is not Gate.DOSSIER and verdict in {favourable, Verdict.REFUSED}:
        assert (decisions.action_of(decision(gate, verdict)) is CaseAction.REFUSE) is (verdict is Verdict.REFUSED)
    else:
        with pytest.raises(BadInput, match=gate.value):
            decisions.action_of(decision(gate, verdict))


@given(st.sampled_from(Gate), st.sampled_from(CaseState), st.booleans())
def test_coming_to_a_gate_never_does_what_the_state_does_not_allow(
    gate: Gate, state: CaseState, searched: bool
) -> None:
    action = gate.action_on_arrival(state, is_searched=searched)
    if action is not None:
        advance(state, action)
    assert not (action and gate.needs_search(state, is_searched=searched))


def test_what_is_missing_or_not_searched_is_named() -> None:
    # A case that was not searched does not wait for approval.
    progress = CaseState.IN_PROGRESS
    assert Gate.APPROVAL.needs_search(progress, is_searched=False)
    assert Gate.APPROVAL.action_on_arrival(progress, is_searched=False) is None
    assert Gate.APPROVAL.action_on_arrival(progress, is_searched=True) is CaseAction.SUBMIT_FOR_APPROVAL
    assert Gate.IDENTITY.action_on_arrival(CaseState.RECEIVED, is_searched=False) is CaseAction.AWAIT_IDENTITY
    # What is missing is named.
    with pytest.raises(BadInput, match="what was done"):
        refuse_unproven(decision(Gate.IDENTITY, Verdict.CONFIRMED), received_at=NOON, now=NOON, zone=ZoneInfo("UTC"))
    with pytest.raises(BadInput, match="needs its reason"):
        check_refusal(decision(Gate.APPROVAL, Verdict.REFUSED), right=Right.ACCESS, asked=None, today=NOON.date())
    with pytest.raises(BadInput, match="reason for a new search"):
        decisions.refuse_new_search(CASE, Right.ACCESS, CaseState.AWAITING_APPROVAL, "", found_nothing=True)
    for count in (0, four_eyes.MOST_AT_ONCE + 1):
        with pytest.raises(BadInput, match="at most 500"):
            four_eyes.refuse_bulk_of(count)
    four_eyes.refuse_bulk_of(four_eyes.MOST_AT_ONCE)
    # A search that has not ended found nothing out.
    for counts, nothing in (
        (None, False),
        ({}, True),
        ({"others": 3}, True),
        ({"subject": 1}, False),
        ({"unclear": 1}, False),
    ):
        assert decisions.found_nothing(counts) is nothing
        about = decisions.what_it_is_about(Gate.APPROVAL, found_nothing=nothing)
        assert about == ({"about": "nothing held"} if nothing else {})
        assert decisions.what_it_is_about(Gate.IDENTITY, found_nothing=nothing) == {}
    # A release is bound by the last package.
    steps = [{"step": StepName.ASSEMBLE, "package": "a"}, {"step": StepName.ASSEMBLE, "package": "b"}, {"step": "x"}]
    assert decisions.package_approved(steps, found_nothing=False) == "b"
    assert decisions.package_approved(steps[2:], found_nothing=False) == ""
    assert decisions.package_approved(steps, found_nothing=True) == "", (
        "what is decided on then is that nothing is held"
    )


@given(st.sampled_from(CaseState), st.sampled_from(Right), st.booleans())
def test_nothing_held_is_decided_where_a_case_waits_for_it(state: CaseState, right: Right, nothing: bool) -> None:
    waits = state in MOVES[CaseAction.ORDER_SEARCH].sources and nothing
    assert decisions.waits_on_nothing_held(state, found_nothing=nothing) is waits
    if waits:
        decisions.refuse_new_search(CASE, right, state, "mapping corrected", found_nothing=nothing)


@given(st.sampled_from(CaseState), st.sampled_from(Right), st.booleans())
def test_a_plan_and_nothing_held_are_sent_back_for_another_search(
    state: CaseState, right: Right, nothing: bool
) -> None:
    if state is CaseState.AWAITING_APPROVAL and (nothing or right.has_plan):
        decisions.refuse_new_search(CASE, right, state, "mapping corrected", found_nothing=nothing)
        return
    with pytest.raises(Conflict, match="searched again"):
        decisions.refuse_new_search(CASE, right, state, "mapping corrected", found_nothing=nothing)


LINE = st.builds(PlannedLine, st.text("ab", min_size=1), st.text("mn"), st.sampled_from(OutcomeKind), st.none())
LINES = st.lists(LINE, max_size=5)


@given(LINES, st.randoms())
def test_an_approval_is_bound_by_the_plan_in_any_order(lines: list[PlannedLine], random: object) -> None:
    mixed = list(lines)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert plan_digest(lines) == plan_digest(mixed)
    assert bool(plan_digest(lines)) is bool(lines)
    changed = [*lines, PlannedLine("c", "", OutcomeKind.RETAINED, date(2030, 12, 31))]
    assert plan_digest(changed) != plan_digest(lines)


def test_a_plan_with_a_hole_is_not_carried_out_and_what_leaves_data_is_known() -> None:
    # A plan with a hole or a question is not carried out.
    planned = PlannedLine("a", "delete", OutcomeKind.ERASED, None)
    refuse_unbound([planned])
    with pytest.raises(Conflict, match="not in the approved plan"):
        refuse_unbound([planned, PlannedLine("b", "", "", None)])
    with pytest.raises(Conflict, match="question"):
        refuse_unbound([PlannedLine("a", "delete", OutcomeKind.ERASED, None, has_question=True)])
    # What leaves data behind.
    assert leaves_data(OutcomeKind.RETAINED, refused=False)
    assert leaves_data(OutcomeKind.ERASED, refused=True)
    assert not leaves_data(OutcomeKind.ERASED, refused=False)
    assert not leaves_data(None, refused=True)


def approval(by: str, gate: Gate = Gate.APPROVAL) -> Decision:
    return Decision(gate=gate, verdict=Verdict.APPROVED, by=by)


def test_a_decision_is_one_persons_and_said_by_whom() -> None:
    assert decider_of(approval(" Dana   Decider "), opened_by="Olga Opener") == "Dana Decider"
    # A decision says by whom.
    for by in ("", " ", "\t"):
        with pytest.raises(BadInput, match="name is missing"):
            decider_of(approval(by), opened_by="Olga Opener")
    # A gate is decided once.
    refuse_second_decision(Gate.APPROVAL, is_decided=False)
    with pytest.raises(Conflict, match="approval gate of this case was decided already"):
        refuse_second_decision(Gate.APPROVAL, is_decided=True)
    # An approval waits for its turn.
    for state in list(CaseState):
        refuse_early_approval(Gate.IDENTITY, state, "DSR-2026-AAAAAA")
        if state in {CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS}:
            with pytest.raises(Conflict, match=f"the case is {state.value}"):
                refuse_early_approval(Gate.APPROVAL, state, "DSR-2026-AAAAAA")
        else:
            refuse_early_approval(Gate.APPROVAL, state, "DSR-2026-AAAAAA")


def test_who_opened_or_prepared_does_not_approve() -> None:
    # The opener does not approve but may check identity.
    for by in ("Olga Opener", "OLGA  opener"):
        with pytest.raises(Conflict, match="four eyes"):
            decider_of(approval(by), opened_by="Olga Opener")
        assert decider_of(approval(by, Gate.IDENTITY), opened_by="Olga Opener")
    # A refusal as excessive is seconded by another person.
    for by in ("Paul Proposer", "olga opener"):
        refuse_own_proposal("Dana Decider", proposed_by="Paul Proposer", opened_by="Olga Opener")
        with pytest.raises(Conflict, match="second person"):
            refuse_own_proposal(by, proposed_by="Paul Proposer", opened_by="Olga Opener")
    # A brake is released by one who was not concerned.
    refuse_own_release("Rita", involved=("Olga Opener", ""), case_id="DSR-2026-AAAAAA")
    with pytest.raises(Conflict, match="DSR-2026-AAAAAA or approved its plan"):
        refuse_own_release("OLGA opener", involved=("Olga Opener", "Dana"), case_id="DSR-2026-AAAAAA")


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
        name="nothing-held", version=1, right=Right.ACCESS, identity=frozenset({IdentityMethod.LOGGED_IN}), every=20
    )
    assert [policy.draw(f"DSR-2026-00000{number}") for number in range(5)] == DRAWN
    # About one in so many goes to a person.
    for every in (2, 5, 20):
        policy = Policy(name="x", version=1, right=Right.ACCESS, identity=frozenset(), every=every)
        drawn = Counter(policy.sends_to_a_person(f"DSR-2026-{number:06d}") for number in range(4000))
        assert 0.7 * 4000 / every < drawn[True] < 1.3 * 4000 / every
    # Who decided is the policy and no one who signed in.
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


CLAIM = RecordDecision(
    act=RecordAct.KEEP, ground="defence of a claim of 4 May 2026", provision="Art. 17(3)(e)", until=date(2027, 1, 31)
)
ERASE = RecordDecision(act=RecordAct.ERASE)


def test_a_line_says_which_and_what_once() -> None:
    # A line says which and what.
    for line, expected in (
        (
            "3-5, 12: keep | defence of a claim of 4 May 2026 | Art. 17(3)(e) | until 2027-01-31",
            dict.fromkeys(("3", "4", "5", "12"), CLAIM),
        ),
        ("4: erase", {"4": ERASE}),
        ("  4 :  ERASE ", {"4": ERASE}),
        (
            "9: leave out | rights of others",
            {"9": RecordDecision(act=RecordAct.LEAVE_OUT, ground="rights of others", provision="Art. 15(4)")},
        ),
        (
            "9: leave out | trade secrets | § 29 BDSG",
            {"9": RecordDecision(act=RecordAct.LEAVE_OUT, ground="trade secrets", provision="§ 29 BDSG")},
        ),
        (
            "helpdesk ticket: keep | a lawsuit | Art. 17(3)(e) | ends when the judgment is final",
            {
                "helpdesk ticket": RecordDecision(
                    act=RecordAct.KEEP, ground="a lawsuit", provision="Art. 17(3)(e)", ends_when="the judgment is final"
                )
            },
        ),
        ("", {}),
    ):
        assert read_record_decisions([line]) == expected
    # The sentence goes to the gate's next form, thus into Prefect: it quotes nothing of what was typed.
    for line in (
        "zebra",
        "4 erase",
        "4: zebra",
        "4: erase | zebra",
        "zebra: erase",
        "3-zebra: erase",
        "7-3: erase",
        "1-999999: erase",
        "4,: erase",
        "4: keep",
        "4: keep | zebra",
        "4: keep | zebra | Art. 17(3)(e)",
        "4: keep | | Art. 17(3)(e) | until 2027-01-31",
        "4: keep | a claim | because zebra 7 | until 2027-01-31",
        "4: keep | a claim | Art. zebra | until 2027-01-31",
        "4: keep | a claim | Art. 17(3)(e) | until 2027-02-31",
        "4: keep | a claim | Art. 17(3)(e) | until zebra",
        "4: keep | a claim | Art. 17(3)(e) | zebra",
        "4: keep | a claim | Art. 17(3)(e) | ends when",
        "4: leave out",
        "4: leave out | zebra | zebra",
        "4: leave out | a | Art. 15(4) | zebra",
    ):
        with pytest.raises(BadInput, match="Line 2 ") as error:
            read_record_decisions(["1: erase", line])
        assert "zebra" not in str(error.value)
    # A record is decided on once.
    for second in ("4: keep | c | Art. 17(3)(e) | until 2027-01-31", "1-9: erase", "helpdesk ticket: erase"):
        with pytest.raises(BadInput, match="Line 2 decides on a record that an earlier line decides on"):
            read_record_decisions(["4: erase" if second[0].isdigit() else "helpdesk ticket: erase", second])
    # Found: letters under the law of the United Kingdom cited the Union's.
    assert CLAIM.cited(LAWS["uk-gdpr"]) == "Art. 17(3)(e) UK GDPR"
    assert RecordDecision(act=RecordAct.KEEP, provision="§ 147 AO").cited(LAWS["gdpr"]) == "§ 147 AO"
    assert "defence" not in repr(CLAIM)
