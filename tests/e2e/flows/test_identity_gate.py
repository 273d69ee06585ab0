"""No request gets past the identity gate by the proof that another one has given, however it comes in.

One line per way in. Each ends with a case whose identity is not confirmed: nothing was searched or changed.
"""

from __future__ import annotations

from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError
from prefect.states import Scheduled

from deployments.cli.main import run as command
from flows.access import access_request
from flows.erasure import erasure_request
from flows.importing import import_requests_of
from flows.opening import open_from_ticket_of
from flows.runs import outcome_of
from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.requesters import Requester
from rightsflow.domain.vocabulary.states import CaseState
from tests.e2e.flows.whole_cases import FLOWS, go
from tests.support.bench import ANNA_EMAIL, ANNA_PHONE, BORIS_EMAIL
from tests.support.flow_runs import gate_key, order_run, post_run, read_run, work_on
from tests.support.identity import IMPORT_COLUMNS, as_cells
from tests.support.request_files import request_file

HEADER = f"right,email,phone,received,{','.join(IMPORT_COLUMNS)}"


class Desk:
    """What a way in works with."""

    def __init__(self, bench, deployments, folder):
        self.bench, self.deployments, self.folder = bench, deployments, folder

    def proven(self, right="erasure"):
        """An open case of Anna's whose identity is confirmed."""
        case_id = self.bench.open(right)
        self.bench.confirm_identity(case_id)
        return case_id

    def new(self, *before):
        """The only case that is not one of those from before."""
        (case,) = {one.case_id for one in self.bench.runtime.store.summaries(closed_too=True)} - set(before)
        return case

    def say(self, *words):
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()):
            return command(list(words))

    def open(self, *more):
        return self.say("open", "--right", "erasure", "--email", ANNA_EMAIL.value, "--by", "Olga Opener", *more)

    def load(self, *rows):
        return import_requests(current_app(), request_file("\n".join([HEADER, *rows])), by="Olga Opener")

    def run(self, right, case_id):
        return order_run(self.deployments[f"{right}-request"], case_id=case_id).id


def row(*, right="erasure", phone="", proof=",,,,,,"):
    return f"{right},{ANNA_EMAIL.value},{phone},2026-03-04,{proof}"


PROOF = ",".join(as_cells("2026-03-04T10:00"))


def by_a_ticket(desk):
    desk.bench.systems["helpdesk"].tickets = {"4711": Requester(identifiers=frozenset({ANNA_EMAIL}))}
    run = order_run(desk.deployments["open-from-ticket"], system="helpdesk", ticket="4711", right="erasure")
    assert outcome_of(work_on(open_from_ticket_of, run.id)) == "Opened"
    return desk.new()


def by_the_command(desk):
    assert desk.open() == 0
    return desk.new()


def by_an_import(desk):
    assert desk.load(row()).opened == 1
    return desk.new()


def by_the_import_in_prefect(desk):
    (desk.folder / "imports").mkdir()
    (desk.folder / "imports" / "march.csv").write_text("\n".join([HEADER, row()]))
    assert import_requests_of("march.csv", return_state=True).is_completed()
    return desk.new()


def a_second_one_beside_a_proven_one_by_the_command(desk):
    first = desk.proven()
    assert desk.open("--despite-duplicate") == 0
    return desk.new(first)


def the_other_right_of_a_person_who_has_proven_theirs(desk):
    first = desk.proven("access")
    assert desk.load(row()).opened == 1
    return desk.new(first)


def a_new_one_after_a_proven_one_was_closed(desk):
    first = desk.proven()
    withdraw(current_app(), first, by="Ida Identity")
    assert desk.load(row()).opened == 1
    return desk.new(first)


def a_duplicate_that_claims_a_proof(desk):
    """The open case is not proven by a row that says so and opens nothing."""
    case_id = desk.bench.open("erasure")
    assert [one.of_case for one in desk.load(row(proof=PROOF)).duplicates] == [case_id]
    return case_id


def the_same_row_again_with_a_proof(desk):
    desk.load(row())
    case_id = desk.new()
    assert desk.load(row(proof=PROOF)).opened == 0
    return case_id


def the_first_of_two_rows_of_a_file(desk):
    report = desk.load(row(), row(phone=ANNA_PHONE.value, proof=PROOF))
    assert (report.opened, len(report.duplicates)) == (1, 1)
    return desk.new()


def a_proven_row_again_after_its_case_was_closed(desk):
    """It opens no second case, which would be proven by what was checked for the first."""
    desk.load(row(proof=PROOF))
    first = desk.new()
    withdraw(current_app(), first, by="Ida Identity")
    report = desk.load(row(proof=PROOF))
    assert (report.opened, report.opened_before) == (0, 1)
    return


def a_duplicate_with_somebody_elses_address(desk):
    """What a stranger adds to a request of Anna's does not get into her proven case."""
    first = desk.proven()
    assert desk.load(f"erasure,{ANNA_EMAIL.value},+49 30 99887 766,2026-03-04,{PROOF}").opened == 0
    with desk.bench.file(first) as file:
        assert {one.value for one in file.identifiers.known()} == {ANNA_EMAIL.value}
    return


def a_run_started_again(desk):
    case_id = desk.bench.open("erasure")
    run_id = desk.run("erasure", case_id)
    for _ in range(2):
        assert work_on(erasure_request, run_id).name == "Suspended"
        with get_client(sync_client=True) as client:
            client.set_flow_run_state(run_id, Scheduled(name="AwaitingRetry"), force=True)
    assert work_on(erasure_request, desk.run("erasure", case_id)).name == "Suspended", "copied to a new run"
    return case_id


def a_run_of_a_proven_case_that_is_given_another_one(desk):
    case_id = desk.bench.open("erasure", email=BORIS_EMAIL.value)
    run_id = desk.run("erasure", desk.proven())
    with get_client(sync_client=True) as client:
        client.update_flow_run(run_id, parameters={"case_id": case_id})
    assert work_on(erasure_request, run_id).name == "Suspended"
    return case_id


def an_answer_that_a_program_puts_into_prefect(desk):
    case_id = desk.bench.open("erasure")
    run_id = desk.run("erasure", case_id)
    with get_client(sync_client=True) as client:
        for key in ("identity-0", f"identity-0-{case_id.lower()}"):
            client.create_flow_run_input(run_id, key=f"suspended-{key}-response", value='{"result": "confirmed"}')
    for _ in range(2):
        assert work_on(erasure_request, run_id).name == "Suspended"
        with get_client(sync_client=True) as client:
            client.resume_flow_run(run_id)
    assert work_on(erasure_request, run_id).name == "Suspended"
    return case_id


def an_approval_before_its_time(desk):
    case_id = desk.bench.open("erasure")
    assert desk.say("decide", case_id, "--approve", "--by", "Dana Decider") == 2
    return case_id


def the_command_that_runs_a_case(desk):
    case_id = desk.bench.open("erasure")
    assert desk.say("run", case_id) == 0
    return case_id


WAYS = (
    by_a_ticket,
    by_the_command,
    by_an_import,
    by_the_import_in_prefect,
    a_second_one_beside_a_proven_one_by_the_command,
    the_other_right_of_a_person_who_has_proven_theirs,
    a_new_one_after_a_proven_one_was_closed,
    a_duplicate_that_claims_a_proof,
    the_same_row_again_with_a_proof,
    the_first_of_two_rows_of_a_file,
    a_proven_row_again_after_its_case_was_closed,
    a_duplicate_with_somebody_elses_address,
    a_run_started_again,
    a_run_of_a_proven_case_that_is_given_another_one,
    an_answer_that_a_program_puts_into_prefect,
    an_approval_before_its_time,
    the_command_that_runs_a_case,
)


ALWAYS = (by_a_ticket, a_duplicate_that_claims_a_proof, the_command_that_runs_a_case)
"""One of each door; the others are covered in part where requests are opened and imported."""


def _marks(way):
    return [] if way in ALWAYS else [pytest.mark.apart]


def records(bench):
    return {name: system.records for name, system in bench.systems.items()}


@pytest.mark.apart
@pytest.mark.parametrize("way", [pytest.param(way, id=way.__name__, marks=_marks(way)) for way in WAYS])
def test_no_way_in_passes_the_gate(bench, deployments, tmp_path, way):
    before = records(bench)
    case_id = way(Desk(bench, deployments, tmp_path))
    assert records(bench) == before
    if case_id is None:
        return
    assert outcome_of(go("erasure", case_id)) == "Waiting"
    with bench.file(case_id) as file:
        assert file.decisions.at(Gate.IDENTITY) is None
        assert file.state is CaseState.IDENTITY_PENDING
        assert list(file.findings.all()) == []


@pytest.mark.parametrize(("right", "other"), [("access", "erasure"), ("erasure", "access")])
@pytest.mark.slow
def test_a_case_is_not_handled_by_the_flow_of_the_other_right(bench, deployments, right, other):
    """An approved release let a run of erasure-request, started by hand with the case, erase everything."""
    before, case_id = records(bench), bench.open(right)
    bench.confirm_identity(case_id)
    if right == "access":
        go(right, case_id)
        bench.approve(case_id)
    run = order_run(deployments[f"{other}-request"], case_id=case_id)
    state = work_on(FLOWS[other], run.id)
    assert (state.name, state.message) == ("Failed", f"{case_id} is an {right} request; start {right}-request with it.")
    assert records(bench) == before


@pytest.mark.apart
def test_the_control_a_proven_case_goes_on(bench, deployments, tmp_path):
    desk = Desk(bench, deployments, tmp_path)
    assert desk.load(row(right="access", proof=PROOF)).opened == 1
    case_id = desk.new()
    run_id = desk.run("access", case_id)
    assert work_on(access_request, run_id).name == "Suspended"
    assert gate_key(read_run(run_id).state) == "approval-0"
    with pytest.raises(PrefectHTTPStatusError):
        post_run(desk.deployments["access-request"], parameters={"case_id": case_id}, no_field_of_prefects="x")
