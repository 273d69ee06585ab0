"""Many requests at once through Prefect: by a file's name, and cases that yield the slot of a silent system."""

from __future__ import annotations

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError

from flows.importing import import_requests_of
from flows.runs import outcome_of
from rightsflow.app import current_app
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.domain.circuit_breaker import FAILURES, FIRST_WHILE
from rightsflow.domain.gates.decisions import Gate
from tests.e2e.flows.whole_cases import go
from tests.support.bench import ANNA_EMAIL
from tests.support.canary import Scanner
from tests.support.flow_runs import order_run
from tests.support.identity import IMPORT_COLUMNS, as_cells
from tests.support.request_files import request_file

HEADER = f"right,email,received,{','.join(IMPORT_COLUMNS)}"
ANNA = ",".join(("access", ANNA_EMAIL.value, "2026-03-04", *as_cells("2026-03-04T10:00")))


# Whom no other test names, whose own words would be found in the server that they share.
CARLA_EMAIL = "carla.imported@example.com"
CARLA = ANNA.replace(ANNA_EMAIL.value, CARLA_EMAIL)


def put(tmp_path, *rows):
    folder = tmp_path / "imports"
    folder.mkdir(exist_ok=True)
    (folder / "march.csv").write_text("\n".join([HEADER, *rows]))
    return folder / "march.csv"


def reports(client):
    return [one.data for one in client.read_artifacts() if one.key == "import-report"]


@pytest.mark.apart
def test_it_imports_by_the_name_of_a_file_and_prefect_sees_nothing_of_the_file(bench, tmp_path, prefect_server):
    file = put(tmp_path, CARLA, CARLA, "access,no.host.of.carla@,2026-03-04" + "," * len(IMPORT_COLUMNS))
    state = import_requests_of("march.csv", return_state=True)
    assert (outcome_of(state), file.exists()) == ("Not accepted", True)
    assert "1 row of 3 cannot be used" in state.message
    put(tmp_path, CARLA, CARLA)
    state = import_requests_of("march.csv", return_state=True)
    assert state.message == "2 rows; opened: 1, imported before: 0, duplicates: 1."
    assert not file.exists()
    with get_client(sync_client=True) as client:
        said = "\n".join(reports(client))
        (run,) = [run for run in client.read_flow_runs() if run.id == state.state_details.flow_run_id]
    assert "| 4 | email | The e-mail address is not valid" in said
    assert "| 3 | | Asks for the same as row 2; no case of its own. |" in said
    assert run.parameters == {"file": "march.csv"}
    canaries = {"e-mail": CARLA_EMAIL, "bad": "no.host.of.carla@"}
    assert not Scanner(canaries).scan_folder(prefect_server.database.file.parent)


def test_what_is_no_file_of_the_folder_is_refused_by_the_server_and_by_the_flow(bench, tmp_path, deployments):
    put(tmp_path, ANNA)
    for name in ("../march.csv", "Anna Quillfeather.csv"):
        with pytest.raises(PrefectHTTPStatusError, match="409"):
            order_run(deployments["import-requests"], file=name)
        assert outcome_of(import_requests_of(name, return_state=True)) == "Not accepted"


@pytest.mark.apart
def test_a_bulk_case_does_what_it_can_and_goes_on_when_the_system_is_back(bench, prefect_server):
    import_requests(current_app(), request_file(f"{HEADER}\n{ANNA}"), by="Olga")
    (case,) = bench.runtime.store.summaries()
    store = bench.runtime.store
    store.waiting.note_started([case.case_id])
    for _ in range(FAILURES):
        store.breakers.note_failure("payments")
    state = go("access", case.case_id)
    assert state.name == "Failed", "a system that was not asked never looks like an empty one"
    with bench.file(case.case_id) as file:
        assert {step.system: (step.state.value, step.attempts) for step in file.steps.all() if step.system} == {
            "helpdesk": ("done", 1),
            "payments": ("failed", 1),
            "calls": ("done", 1),
        }
    assert store.waiting.due(5, in_bulk=True) == []
    bench.pass_time(FIRST_WHILE)
    (again,) = store.waiting.due(5, in_bulk=True)
    store.waiting.note_started([again.case_id])
    assert outcome_of(go("access", case.case_id)) == "Waiting"
    with bench.file(case.case_id) as file:
        assert file.decisions.at(Gate.IDENTITY) is not None
    assert store.waiting.due(5, in_bulk=True) == []
