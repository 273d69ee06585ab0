"""open-from-ticket: Prefect gets a system, a ticket's number and a right; the person's data go to the vault."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import StateType

from flows.opening import open_from_ticket_of
from flows.runs import outcome_of
from rightsflow.app import installed
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.people import NO_ONE_SIGNED_IN
from rightsflow.domain.requesters import Requester, WhyNot
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.canary import Scanner, all_logs
from tests.support.flow_runs import order_run, post_run, read_run, runs_named, work_on

EMAIL, PHONE, NUMBER, NAME = "wanda.form@example.com", "+493023125777", "KD-5550001", "Wanda Förmlich"
SCANNER = Scanner({"email": EMAIL, "phone": "23125 777", "digits": "23125777", "number": NUMBER, "name": NAME})
KINDS = {IdentifierKind.EMAIL: EMAIL, IdentifierKind.PHONE: PHONE, IdentifierKind.CUSTOMER_ID: NUMBER}
WANDA = frozenset(identifier(kind, value) for kind, value in (KINDS | {IdentifierKind.NAME: NAME}).items())
TICKET = {"system": "helpdesk", "ticket": "4711", "right": "erasure"}


@pytest.fixture(autouse=True)
def tickets(bench):
    asked_at = datetime(2026, 3, 4, 9, tzinfo=UTC)
    bench.systems["helpdesk"].tickets = {
        "4711": Requester(identifiers=WANDA, asked_at=asked_at),
        "4712": Requester(identifiers=WANDA, asked_at=asked_at),
        "5": WhyNot.AGENT,
        "6": WhyNot.NO_REQUESTER,
    }


def submit(deployments, **changes):
    """Start the deployment, let the run work, and return it as the server holds it."""
    run = order_run(deployments["open-from-ticket"], **(TICKET | changes))
    work_on(open_from_ticket_of, run.id)
    return read_run(run.id)


def only_case(bench):
    (case,) = bench.runtime.store.summaries()
    return case


def test_a_ticket_becomes_a_case_and_its_run_and_prefect_holds_references_only(bench, deployments):
    with all_logs() as heard:
        run = submit(deployments)
    case = only_case(bench)
    assert (run.state.type, run.state.name) == (StateType.COMPLETED, "Completed")
    assert run.state.message == f"Opened: {case.case_id}, due Tue 07 Apr 2026."
    assert run.parameters == TICKET
    assert not SCANNER.scan((run.model_dump_json() + heard.getvalue()).encode(), "the run")
    with bench.file(case.case_id) as file:
        assert {one.value for one in file.identifiers.known()} == {EMAIL, PHONE, NUMBER, NAME}
        assert file.outbox.titles() == ["L1"]
        assert file.opened_by == NO_ONE_SIGNED_IN
    (started,) = runs_named(case.case_id)
    assert str(started.deployment_id) == deployments["erasure-request"]
    assert started.parameters == {"case_id": case.case_id}
    assert set(started.tags) >= {"erasure", "helpdesk", "payments", "calls"}

    assert outcome_of(work_on(open_from_ticket_of, run.id)) == "Opened"
    assert len(runs_named(case.case_id)) == 1, "the same run again opens and starts nothing new"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"ticket": "9"}, "The system has no ticket of this number"),
        pytest.param({"ticket": "5"}, "An agent is the ticket's requester", marks=pytest.mark.apart),
        pytest.param({"ticket": "6"}, "The ticket names no requester", marks=pytest.mark.apart),
        pytest.param(
            {"system": "payments"}, "The system has no tickets to open a request from", marks=pytest.mark.apart
        ),
        pytest.param({"received_on": "2031-01-01"}, "The date of receipt lies in the future", marks=pytest.mark.apart),
    ],
)
def test_what_cannot_be_opened_ends_in_a_sentence(bench, deployments, changes, sentence):
    state = submit(deployments, **changes).state
    assert (state.type, outcome_of(state)) == (StateType.CANCELLED, "Not accepted")
    assert state.message.startswith(f"Not accepted: {sentence}")
    assert state.message.endswith("No case was opened.")
    assert bench.runtime.store.summaries(closed_too=True) == []


@pytest.mark.apart
def test_the_server_takes_nothing_but_references(deployments):
    for changes in (
        {"ticket": EMAIL},
        {"ticket": NAME},
        {"ticket": "+49 30 23125 777"},
        {"system": NAME},
        {"right": "restriction"},
        {"received_on": NAME},
        {"email": EMAIL},
    ):
        with pytest.raises(PrefectHTTPStatusError, match="409"):
            order_run(deployments["open-from-ticket"], **(TICKET | changes))


@pytest.mark.apart
def test_a_value_that_got_past_the_server_is_named_by_no_log_and_no_message(bench, deployments, capfd):
    """A program with the server's secret can leave the check out."""
    run = post_run(deployments["open-from-ticket"], parameters=TICKET | {"ticket": NAME, "right": EMAIL})
    with all_logs() as heard:
        state = work_on(open_from_ticket_of, run.id)
    assert outcome_of(state) == "Not accepted"
    said = heard.getvalue() + "".join(capfd.readouterr()) + (state.message or "")
    assert not SCANNER.scan(said.encode(), "logs")


@pytest.mark.apart
def test_an_unreachable_store_ends_in_a_sentence_and_goes_on_by_itself(bench, deployments, tmp_path):
    away = Database(f"sqlite:///{tmp_path / 'no such folder' / 'cases.db'}")
    elsewhere = replace(bench.runtime, store=Store(away, MasterKey(b"k" * 32), bench.runtime.now))
    with installed(elsewhere):
        run = submit(deployments)
    state = run.state
    assert state.type is StateType.FAILED
    assert "cannot be opened; check that its folder is there" in state.message
    assert bench.runtime.store.summaries() == []
    with get_client(sync_client=True) as client:
        # The keepers of other tests would start it again.
        client.delete_flow_run(run.id)


@pytest.mark.apart
def test_a_person_with_an_open_case_gets_no_second_one(bench, deployments):
    submit(deployments)
    first = only_case(bench).case_id
    second = submit(deployments, ticket="4712").state
    assert (second.type, outcome_of(second)) == (StateType.CANCELLED, "Not accepted")
    assert first in second.message
    assert only_case(bench).case_id == first
