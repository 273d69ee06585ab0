"""Batches: many cases in one run, each a task run of its name that goes on from where its case stands."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.events.worker import EventsWorker

from flows.access import access_request
from flows.batches import erasure_batch
from flows.runs import outcome_of
from flows.suspended import resume_all
from flows.taking import AWAY_SECONDS, Taking, when_it_answers
from proofs.canaries.person import CANARIES, SHORT, TYPED_EMAIL, errors, fill
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.course.gates.many_cases import approve_many, look_at_many, send_back_many
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.keeping import PACKAGE
from rightsflow.store.coordination.waiting import pause_after
from rightsflow.store.core.context import LEASE_TIME
from rightsflow.testing.fakes import FakeRecord, FakeSystem
from tests.support.batches import imported, turn_of, work_through
from tests.support.canary import Scanner
from tests.support.desk import under_policies
from tests.support.flow_runs import artifact, order_run, work_on
from tests.support.instead import Instead
from tests.support.transactions import Asked, counted_asking

REFUSAL = Decision(
    gate=Gate.APPROVAL,
    verdict=Verdict.REFUSED,
    by="Dana Decider",
    reason="The law does not apply to a company.",
    code="R9",
    details={"Law that we checked": "Art. 4(1) GDPR"},
)
BUDGET = Asked(transactions=37, statements=350)
"""Of a case until its gate, with what a busy machine takes besides: a step that waits for a slot. On a quiet one it is
33 and 293, the batch's own among them."""
PEOPLE = ("anna.quill@example.com", "boris.other@example.org", "nobody.there@example.net")


def states(bench, cases):
    found = {one.case_id: one.state for one in bench.runtime.store.summaries()}
    return [found[case_id] for case_id in cases]


def instead(bench, **systems):
    bench.runtime = replace(bench.runtime, connectors={**bench.systems, **systems})


def away(bench, *, times):
    """Let the case store give no roles and no cases for a while; returns the answers that are left of it."""
    store, answers = bench.runtime.store, {"take_role": times, "take": times}

    def after(real):
        def ask(*given):
            if answers[real.__name__]:
                answers[real.__name__] -= 1
                raise Transient("The case store does not answer.")
            return real(*given)

        return ask

    waiting = Instead(store.waiting, take=after(store.waiting.take))
    bench.runtime = replace(bench.runtime, store=Instead(store, waiting=waiting, take_role=after(store.take_role)))
    return answers


def test_a_batch_ends_by_a_case_store_that_stays_away():
    now, answers = 0.0, [Transient("The case store does not answer.")] * 4
    answers.insert(2, None)

    def take(most):
        if error := answers.pop(0):
            raise error
        return ["DSR-2026-3H6K9Q"] * most

    taking = Taking(take, lambda: now)
    for seconds, number in ((1000, 0), (AWAY_SECONDS, 0), (1, 2), (1000, 0), (AWAY_SECONDS, 0)):
        now += seconds
        assert len(taking.take(2)) == number
        assert taking.is_away is (number == 0)
    answers.append(Transient("The case store does not answer."))
    now += 1
    with pytest.raises(Transient):
        taking.take(2)


def test_a_batch_begins_when_the_case_store_answers_and_not_at_all_where_that_takes_too_long():
    now, answers = 0.0, [Transient("The case store does not answer.")] * 1000

    def ask():
        if len(answers) > 900:
            raise answers.pop()
        return "the role"

    def wait():
        nonlocal now
        now += AWAY_SECONDS / 50

    with pytest.raises(Transient):
        when_it_answers(ask, wait, lambda: now)
    assert now > AWAY_SECONDS
    assert when_it_answers(ask, wait, lambda: now) == "the role"


@pytest.fixture
def task_runs():
    """The task runs of a run by name, once the server has heard of them: their state and their tags."""

    def read(run_id, count):
        EventsWorker.drain_all(timeout=20)
        of_it = FlowRunFilter(id=FlowRunFilterId(any_=[run_id]))
        with get_client(sync_client=True) as client:
            for _ in range(100):
                found = client.read_task_runs(flow_run_filter=of_it)
                if len(found) == count and all(one.state and one.state.is_final() for one in found):
                    return {one.name: (outcome_of(one.state), set(one.tags)) for one in found}
                time.sleep(0.1)
        raise AssertionError(found)

    return read


@pytest.mark.apart
def test_a_batch_takes_each_case_to_its_gate_and_the_next_one_to_its_answer(bench, deployments, task_runs):
    cases = imported(bench, *PEOPLE)
    with counted_asking(bench.runtime.store.database.engine) as asked:
        run_id, state = work_through(bench, deployments, 3)
    assert asked.transactions <= BUDGET.transactions * 3, f"{asked} of three cases; raise it by a decision only"
    assert asked.statements <= BUDGET.statements * 3, f"{asked} of three cases; raise it by a decision only"
    assert state.message == "3 cases worked on: Waiting 3."
    assert states(bench, cases) == [CaseState.AWAITING_APPROVAL] * 3
    seen = task_runs(run_id, 3)
    assert {case_id: end for case_id, (end, _) in seen.items()} == dict.fromkeys(cases, "Waiting")
    assert all({"access", "helpdesk", "payments", "calls"} <= tags for _, tags in seen.values())
    assert [turn_of(bench, one) for one in cases] == [None] * 3, "nothing is to be done until a person decides"
    assert not any(bench.runtime.store.is_worked_on(one) for one in cases)
    assert "awaiting approval" in artifact(cases[0])

    bench.approve(cases[0])
    bench.approve(cases[2])
    answers = away(bench, times=1)
    run_id, state = work_through(bench, deployments, 2)
    assert state.message == "2 cases worked on: Answered 1, Nothing held 1."
    assert not any(answers.values()), "where it is away for a moment, the batch goes on"
    assert states(bench, cases) == [CaseState.ANSWERED, CaseState.AWAITING_APPROVAL, CaseState.NOTHING_HELD]
    assert task_runs(run_id, 2).keys() == {cases[0], cases[2]}
    assert work_through(bench, deployments, 5)[1].message == "No case waited any more."


@pytest.mark.slow
def test_a_case_that_is_not_identified_waits_for_that_and_then_goes_on(bench, deployments):
    (case_id,) = imported(bench, PEOPLE[0], identified=False)
    work_through(bench, deployments, 1)
    assert states(bench, [case_id]) == [CaseState.IDENTITY_PENDING]
    assert turn_of(bench, case_id) is None
    bench.confirm_identity(case_id)
    assert turn_of(bench, case_id) == bench.runtime.now()
    work_through(bench, deployments, 1)
    assert states(bench, [case_id]) == [CaseState.AWAITING_APPROVAL]


@pytest.mark.apart
def test_erasures_are_worked_on_likewise(bench, deployments):
    cases = imported(bench, PEOPLE[0], right="erasure")
    assert work_through(bench, deployments, 1)[1].message == "No case waited any more.", (
        "those of access take no erasure"
    )
    work_through(bench, deployments, 1, erasure_batch)
    assert states(bench, cases) == [CaseState.AWAITING_APPROVAL]
    bench.approve(cases[0])
    _, state = work_through(bench, deployments, 1, erasure_batch)
    assert (state.message, states(bench, cases)) == ("1 cases worked on: Answered 1.", [CaseState.ANSWERED])


@pytest.mark.apart
def test_a_step_that_fails_is_noted_and_tried_again_later_and_the_others_are_not_done_again(bench, deployments):
    """Each time after a longer pause; the other case of the batch, and the other systems, do not wait for it."""
    first, second = imported(bench, *PEOPLE[:2])
    calls = bench.systems["calls"]
    calls.fail("locate", times=1)
    _, state = work_through(bench, deployments, 2)
    assert state.message == "2 cases worked on: Interrupted 1, Waiting 1."
    (failed,) = [one for one in (first, second) if turn_of(bench, one) is not None]
    assert turn_of(bench, failed) == bench.runtime.now() + pause_after(1)
    assert work_through(bench, deployments, 5)[1].message == "No case waited any more.", "its turn has not come"
    before = calls.calls["locate"], bench.systems["helpdesk"].calls["locate"]
    calls.fail("locate", times=1)
    bench.pass_time(pause_after(1))
    work_through(bench, deployments, 1)
    assert turn_of(bench, failed) == bench.runtime.now() + pause_after(2)
    bench.pass_time(pause_after(2))
    work_through(bench, deployments, 1)
    assert states(bench, [first, second]) == [CaseState.AWAITING_APPROVAL] * 2
    assert calls.calls["locate"] > before[0]
    assert {step.attempts for step in steps(bench, failed) if step.system == "calls" and step.step == "extract"} == {1}
    assert bench.systems["helpdesk"].calls["locate"] - before[1] < calls.calls["locate"] - before[0]


def steps(bench, case_id):
    with bench.file(case_id) as file:
        return file.steps.all()


@pytest.mark.apart
@pytest.mark.slow
def test_a_fault_that_needs_a_person_is_tried_again_too_since_nobody_presses_retry_for_thousands(bench, deployments):
    (case_id,) = imported(bench, PEOPLE[0])
    bench.systems["calls"].fail("extract", Permanent("The folder is not there; name it."), times=None)
    _, state = work_through(bench, deployments, 1)
    assert state.message == "1 cases worked on: Failed 1."
    assert turn_of(bench, case_id) == bench.runtime.now() + pause_after(1)
    bench.systems["calls"].heal()
    bench.pass_time(pause_after(1))
    work_through(bench, deployments, 1)
    assert states(bench, [case_id]) == [CaseState.AWAITING_APPROVAL]


@pytest.mark.slow
def test_a_case_whose_process_died_is_handed_out_again_when_its_lease_has_ended(bench, deployments):
    (case_id,) = imported(bench, PEOPLE[0])
    store = bench.runtime.store
    assert [one.case_id for one in store.waiting.take(5, set(Right))] == [case_id]
    assert store.waiting.take(5, set(Right)) == [], "it is in the hands of another one"
    assert store.take_lease(case_id, "a run in another process")
    bench.pass_time(LEASE_TIME - timedelta(seconds=1))
    store.renew_leases({"a run in another process": case_id})
    bench.pass_time(timedelta(seconds=2))
    assert work_through(bench, deployments, 1)[1].message == "No case waited any more.", "it is being worked on"
    bench.pass_time(LEASE_TIME)
    work_through(bench, deployments, 1)
    assert states(bench, [case_id]) == [CaseState.AWAITING_APPROVAL]


@pytest.mark.apart
@pytest.mark.slow
def test_a_turn_that_is_given_while_the_case_is_worked_on_is_not_lost(bench, deployments):
    """As by a processor that answers just when the batch is about to leave the case."""
    (case_id,) = imported(bench, PEOPLE[0])

    def answered_meanwhile(known):
        with bench.file(case_id) as file:
            file.bulk.start_again()
        yield from FakeSystem.locate(calls, known)

    calls = bench.systems["calls"]
    instead(bench, calls=Instead(calls, locate=answered_meanwhile))
    bench.pass_time(timedelta(seconds=1))
    work_through(bench, deployments, 1)
    assert turn_of(bench, case_id) == bench.runtime.now()


@pytest.mark.apart
@pytest.mark.slow
def test_a_withdrawn_case_is_left_and_its_copies_go(bench, deployments):
    (case_id,) = imported(bench, PEOPLE[0])
    calls = bench.systems["calls"]

    def withdrawn_meanwhile(refs, known):
        withdraw(current_app(), case_id, by="Ida Identity")
        yield from FakeSystem.extract(calls, refs, known)

    instead(bench, calls=Instead(calls, extract=withdrawn_meanwhile))
    _, state = work_through(bench, deployments, 1)
    assert state.message == "1 cases worked on: Withdrawn 1."
    with bench.file(case_id) as file:
        assert not any(bench.runtime.workspace(file).holds("extracted", one) for one in bench.systems)
        assert file.bulk.turn is None


@pytest.mark.apart
@pytest.mark.slow
def test_a_case_that_a_person_runs_by_hand_meanwhile_is_left_to_that(bench, deployments):
    (case_id,) = imported(bench, PEOPLE[0])
    run = order_run(deployments["access-request"], case_id=case_id)
    assert work_on(access_request, run.id).name == "Suspended"
    assert turn_of(bench, case_id) is None
    bench.approve(case_id)
    assert turn_of(bench, case_id) is None, "it goes on by the run that waits at the gate"
    assert resume_all(case_id, Gate.APPROVAL)
    assert outcome_of(work_on(access_request, run.id)) == "Answered"


@pytest.mark.apart
def test_a_decision_gives_a_case_of_a_batch_its_turn_however_it_is_made(bench, deployments):
    refused, sent_back, approved = imported(bench, *PEOPLE)
    work_through(bench, deployments, 3)
    listed = {
        one.case_id: one for one in look_at_many(current_app(), [refused, sent_back, approved], by="Dana Decider")
    }
    record_decision(current_app(), refused, REFUSAL)
    for act, case_id in ((send_back_many, sent_back), (approve_many, approved)):
        one = listed[case_id]
        chosen = {case_id: one.bound_to}
        (result,) = act(current_app(), chosen, about=one.about, reason="All alike.", by="Dana Decider")
        assert not result.refused
    assert all(turn_of(bench, one) for one in (refused, sent_back, approved))
    assert all(resume_all(one, Gate.APPROVAL) for one in (refused, sent_back, approved)), "no run is looked for"
    work_through(bench, deployments, 3)
    assert states(bench, [refused, sent_back, approved]) == [
        CaseState.REFUSED,
        CaseState.AWAITING_APPROVAL,
        CaseState.NOTHING_HELD,
    ]


@pytest.mark.apart
def test_a_policy_decides_in_a_persons_place_within_the_batch(bench, deployments):
    """Recorded as what it is; what was found waits for a person all the same."""
    nothing, something = imported(bench, PEOPLE[2], PEOPLE[0])
    with under_policies(bench):
        _, state = work_through(bench, deployments, 2)
    assert state.message == "2 cases worked on: Nothing held 1, Waiting 1."
    assert states(bench, [nothing, something]) == [CaseState.NOTHING_HELD, CaseState.AWAITING_APPROVAL]
    with bench.file(nothing) as file:
        assert str(file.decisions.at(Gate.APPROVAL).by).startswith("policy ")


@pytest.mark.apart
def test_a_policy_releases_a_plain_package_within_the_batch_which_goes_on_to_the_answer(bench, deployments):
    clara = frozenset({identifier(IdentifierKind.EMAIL, PEOPLE[2])})
    bench.systems["helpdesk"].add(FakeRecord(kind="profile", key="u9", texts=((clara, "C-30003"),)))
    plain, other = imported(bench, PEOPLE[2], PEOPLE[0])
    with under_policies(bench, fields={"helpdesk/profile": ["texts"]}):
        _, state = work_through(bench, deployments, 2)
    assert state.message == "2 cases worked on: Answered 1, Waiting 1."
    assert states(bench, [plain, other]) == [CaseState.ANSWERED, CaseState.AWAITING_APPROVAL]
    with bench.file(plain) as file:
        assert str(file.decisions.at(Gate.APPROVAL).by).startswith("policy ")
        assert Path(file.outbox.secret(PACKAGE)).is_file()


@pytest.mark.slow
def test_nothing_of_a_person_gets_into_prefect_however_a_case_of_a_batch_fails(bench, deployments, prefect_server):
    """Each kind of error that quotes everything, while searching or copying; the canary itself has the other ways."""
    fill(bench.systems)
    (case_id,) = imported(bench, TYPED_EMAIL)
    ends = []
    for number, kind in enumerate(errors()):
        bench.systems["helpdesk"].fail("extract" if number % 2 else "locate", errors()[kind], times=1)
        if number % 2 == 0:
            with bench.file(case_id) as file:
                for step in (StepName.LOCATE, StepName.RESOLVE):
                    file.steps.take_back(step)
        ends.append(work_through(bench, deployments, 1)[1].message)
        bench.systems["helpdesk"].heal()
        bench.pass_time(timedelta(hours=2))
    assert len({one.partition(": ")[2] for one in ends}) <= 2
    assert all(("Interrupted" in one) or ("Failed" in one) for one in ends)
    work_through(bench, deployments, 1)
    assert states(bench, [case_id]) == [CaseState.AWAITING_APPROVAL]
    EventsWorker.drain_all(timeout=20)
    folder = prefect_server.database.file.parent
    assert case_id.encode() in b"".join(one.read_bytes() for one in folder.rglob("*") if one.is_file())
    assert not Scanner(CANARIES, SHORT).scan_folder(folder)
