"""The command line: what each command prints and changes when it is used well."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from rightsflow_sandbox.center import SandboxCenter
from tests.support.canary import Scanner
from tests.support.homes import ANNA, CHECKER, DECIDER, OPENER
from tests.support.identity import TYPED, as_options

DEADLINES = Path(__file__).parents[2] / "unit" / "domain" / "deadlines" / "deadlines.csv"
ROWS = list(csv.DictReader(DEADLINES.open(encoding="utf-8")))
DATES = {
    "due_date": "expected_due_date",
    "due_at": "expected_due_at",
    "extension_notice_due_date": "extension_notice_due_date",
    "no_pause_due_date": "no_pause_due_date",
    "safe_due_date": "safe_due_date",
    "operational_target_date": "operational_target_date",
}
SCANNER = Scanner(ANNA)
COMMAND = Path(sys.executable).with_name("rightsflow")


def mode_of(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_init_makes_what_is_missing_and_a_second_one_changes_nothing(empty_home):
    first = empty_home.run("init", "--json")
    made = {path: path.read_bytes() for path in (empty_home.config, empty_home.state / "master.key")}
    rows = empty_home.rows()
    second = empty_home.run("init", "--json")
    assert (first.status, second.status) == (0, 0)
    assert len(first.document["created"]) == 3
    assert second.document == {"home": str(empty_home.state), "created": []}
    assert {path: path.read_bytes() for path in made} == made
    assert empty_home.rows() == rows
    assert mode_of(empty_home.state / "master.key") == 0o600
    assert mode_of(empty_home.state) == 0o700


@pytest.mark.apart
def test_what_the_process_writes_is_for_this_user_only_and_its_home_may_be_named_in_another_encoding(tmp_path):
    """The name of a folder may hold bytes that are no UTF-8; what is printed of it holds escapes instead."""
    folder = os.fsencode(tmp_path) + b"/h\xf6me"
    ended = subprocess.run(
        [COMMAND, "init"], check=False, capture_output=True, timeout=60, env={**os.environ, "RIGHTSFLOW_HOME": folder}
    )
    assert b"Traceback" not in ended.stderr
    assert (ended.returncode, b"h\\udcf6me" in ended.stdout + ended.stderr) == (0, True), ended.stderr
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.name for path in written} >= {"master.key", "cases.db", "rightsflow.toml"}
    assert {mode_of(path) for path in written} == {0o600}


def test_init_tells_people_what_comes_next(empty_home):
    said = empty_home.run("init")
    assert f"Created {empty_home.config}." in said.out
    assert "then run `rightsflow doctor`" in said.out
    assert "nothing was changed" in empty_home.run("init").out


def test_the_written_configuration_is_valid_but_for_its_secrets(empty_home):
    empty_home.run("init")
    checks = empty_home.run("doctor", "--json").document
    assert checks["configuration"]["ok"]
    assert "ZENDESK_CLIENT_SECRET" in checks["helpdesk"]["detail"]
    assert "STRIPE_API_KEY" in checks["payments"]["detail"]


def test_no_arguments_give_help_and_every_command_has_some(empty_home):
    assert empty_home.run().out == empty_home.run("--help").out
    for command in ("init", "doctor", "up", "demo", "open", "run", "list", "show", "identity", "decide", "due-dates"):
        said = empty_home.run(command, "--help")
        assert (said.status, said.err) == (0, "")
        assert f"rightsflow {command}" in said.out


@pytest.mark.apart
def test_doctor_finds_all_in_order(home):
    said = home.run("doctor", "--json")
    assert (said.status, said.err) == (0, "")
    assert list(said.document) == [
        "configuration",
        "disks",
        "case store",
        "Prefect",
        "access answers",
        "running parts",
        "notifications",
        "policies",
        "people",
        "advertising",
        "ledger",
        "progress",
        "brakes",
        "tasks by hand",
        "legal holds",
        "coverage",
        "crm",
    ]
    assert all(check["ok"] for check in said.document.values())
    assert home.run("doctor").out.count("✓") == 13


def test_open_prints_the_case_and_its_dates_and_nothing_else(home):
    said = home.run("open", "--right", "access", "--email", ANNA["email"], "--received", "2026-03-05", "--json")
    assert (said.status, said.err) == (0, "")
    assert said.document == {
        "case": said.document["case"],
        "due_date": "2026-04-07",
        "safe_due_date": "2026-04-05",
    }


def test_open_tells_people_the_same_and_no_personal_data(home):
    said = home.run("open", "--right", "erasure", "--phone", ANNA["phone"], "--name", ANNA["name"])
    (case,) = home.run("list", "--json").document
    assert f"Case {case['case_id']} (erasure) is open." in said.out
    assert f"rightsflow run {case['case_id']}" in said.out
    assert not SCANNER.scan(said.out.encode(), "stdout")


def test_what_was_typed_lies_sealed_in_the_case(home):
    case = home.open(phone="030 23125 001", customer_id=ANNA["id"], name=ANNA["name"], country="de")
    with home.file(case) as file:
        assert {one.value for one in file.identifiers.known()} == set(ANNA.values())
        assert (file.opened_by, file.outbox.titles()) == (OPENER, ["L1"])
    assert not SCANNER.scan_database(home.state / "cases.db")


def test_a_case_id_may_be_typed_carelessly(home):
    case = home.open()
    careless = case.lower().replace("0", "o").replace("1", "l").replace("dsr-", "dsr - ")
    assert home.run("show", careless, "--json").document["overview"]["case_id"] == case


@pytest.mark.apart
def test_a_second_case_of_the_kind_only_when_it_is_wanted(home):
    first = home.open()
    said = home.run("open", "--right", "access", "--email", ANNA["email"])
    assert (said.status, said.out) == (2, "")
    assert first in said.err
    assert "--despite-duplicate" in said.err
    assert home.open(right="erasure") != first
    assert home.run("open", "--right", "access", "--email", ANNA["email"], "--despite-duplicate").status == 0


@pytest.mark.apart
def test_list_shows_open_cases_and_all_on_demand(home):
    assert home.run("list").out.strip() == "No cases."
    case, other = home.open(), home.open(email="boris.other@example.org")
    home.wait_for_approval(other)
    home.run("case", "withdraw", other, "--reason", "called", "--by", DECIDER)
    (line,) = home.run("list", "--json").document
    assert (line["case_id"], line["right"], line["state"]) == (case, "access", "received")
    everything = home.run("list", "--all")
    assert case in everything.out
    assert other in everything.out
    assert not SCANNER.scan(everything.out.encode(), "stdout")


@pytest.mark.apart
def test_show_reveals_personal_data_only_on_demand_and_records_that(home):
    case = home.open(phone=ANNA["phone"], customer_id=ANNA["id"], name=ANNA["name"])
    for output in (home.run("show", case).out, home.run("show", case, "--json").out):
        assert case in output
        assert not SCANNER.scan(output.encode(), "stdout")
    before = len(home.run("show", case, "--json").document["overview"]["ledger"])

    said = home.run("show", case, "--reveal", "--by", "Rita Reader", "--reason", "the person called", "--json")

    revealed = said.document["revealed"]
    assert {value for values in revealed["identifiers"].values() for value in values} == set(ANNA.values())
    assert "Anna Quillfeather" not in revealed["letters"][0]["subject_line"]
    ledger = home.run("show", case, "--json").document["overview"]["ledger"]
    assert len(ledger) == before + 1
    assert (ledger[-1]["event"], ledger[-1]["actor"]) == ("PersonalDataRevealed", "Rita Reader")
    assert "called" not in str(ledger[-1]["details"]), "a reason may name the person"
    again = home.run("show", case, "--reveal", "--by", "Rita Reader")
    assert ANNA["email"] in again.out
    assert "the person called" in again.out


@pytest.mark.apart
def test_show_prints_no_table_of_no_records(home):
    case = home.open()
    assert not re.search(r"# +system +record", home.run("show", case).out)


@pytest.mark.apart
def test_show_lists_what_is_to_be_corrected_without_its_values(home):
    old, new = ANNA["phone"], "+493023125009"
    case = home.open(right="rectification", correction=f"phone | {old} | {new}")
    assert home.run("show", case, "--json").document["items"] == [
        {"number": 1, "what": "telephone number", "ruling": None, "by": ""}
    ]
    assert re.search(r"1 +telephone number +open", home.run("show", case).out)
    assert new not in home.run("show", case).out
    assert "items" not in home.run("show", home.open(), "--json").document


@pytest.mark.apart
def test_decisions_are_recorded_with_their_author(home):
    case = home.wait_for_approval(home.open())
    said = home.run("decide", case, "--approve", "--by", DECIDER, "--json")
    done = f"{case}: approval approved; go on with `rightsflow run {case}`."
    told = {"case": case, "gate": "approval", "decision": "approved", "resumed": False, "done": done}
    assert said.document == told
    overview = home.run("show", case, "--json").document["overview"]
    assert overview["state"] == "executing"
    made = [(one["gate"], one["verdict"], one["by"]) for one in overview["decisions"]]
    assert made == [("identity", "confirmed", CHECKER), ("approval", "approved", DECIDER)]


@pytest.mark.apart
def test_identity_is_recorded_and_its_method_sealed(home):
    case = home.open()
    said = home.run("identity", case, *as_options(done="code sent to anna.quill@example.com"), "--by", CHECKER)
    assert said.status == 0
    assert f"go on with `rightsflow run {case}`" in said.out
    assert "Anna" not in home.run("show", case).out
    shown = home.run("show", case, "--reveal", "--json").document["revealed"]
    assert shown["reasons"] == {"identity": "code sent to anna.quill@example.com"}


@pytest.mark.apart
@pytest.mark.parametrize("right", ["access", pytest.param("erasure", marks=pytest.mark.apart)])
def test_run_takes_a_case_from_gate_to_gate_to_its_answer(home, prefect_server, right):
    case = home.open(right)
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        ends = [home.run("run", case, "--json")]
        home.run("identity", case, *as_options(), "--by", CHECKER)
        ends.append(home.run("run", case, "--json"))
        unread = home.run("decide", case, "--approve", "--by", DECIDER)
        letter = home.run("letter", "read", case, "--letter", "package", "--by", DECIDER)
        home.run("decide", case, "--approve", "--by", DECIDER)
        ends.append(home.run("run", case))
    if right == "access":
        assert (unread.status, "No one has opened the letter in this package" in unread.err) == (2, True)
        assert "You asked us on" in letter.out
    assert [(end.status, end.err) for end in ends] == [(0, "")] * 3
    assert [end.document["run"] for end in ends[:2]] == ["Waiting", "Waiting"]
    assert [end.document["state"] for end in ends[:2]] == ["identity pending", "awaiting approval"]
    assert "run Answered" in ends[2].out
    assert f"Send the answer (letter {'L9' if right == 'access' else 'L10'})" in " ".join(ends[2].out.split())
    shown = home.run("show", case, "--json").document["overview"]
    assert shown["state"] == "answered"
    assert [record["outcome"] for record in shown["records"]] == ([None] if right == "access" else ["erased"])
    assert home.names_in_people() == ([ANNA["email"]] if right == "access" else []) + ["boris.other@example.org"]
    assert not any(SCANNER.scan((end.out + end.err).encode(), "output") for end in ends)


@pytest.mark.slow
def test_run_starts_a_server_of_its_own_where_none_is_up(home):
    case = home.open()
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    ended = subprocess.run(
        [COMMAND, "run", case], check=False, env=environment, capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert "run Waiting" in ended.stdout
    assert not (home.state / "up.json").exists()


def test_due_dates_computes_every_row_of_the_table(home, monkeypatch):
    given = [{name: value for name, value in row.items() if "due" not in name} for row in ROWS]
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(json.dumps(row) + "\n" for row in given)))
    said = home.run("due-dates")
    assert (said.status, said.err) == (0, "")
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert len(answers) == len(ROWS) == 132
    for row, answer in zip(ROWS, answers, strict=True):
        assert {name: answer[name] or "" for name in DATES} == {name: row[column] for name, column in DATES.items()}


def test_due_dates_reads_a_file_and_passes_over_empty_lines(home):
    file = home.folder / "rows.jsonl"
    line = json.dumps({"received_at": "2026-03-05T10:00:00+01:00", "controller_tz": "Europe/Berlin", "country": "DE"})
    file.write_text(f"{line}\n\n{line}\n")
    answers = [json.loads(each) for each in home.run("due-dates", file, "--json").out.splitlines()]
    assert [answer["due_date"] for answer in answers] == ["2026-04-07"] * 2


@pytest.fixture(scope="module")
def center(tmp_path_factory):
    with SandboxCenter(tmp_path_factory.mktemp("center"), today=date(2026, 11, 24), customers=20) as running:
        yield running


@pytest.fixture
def real_home(empty_home, center):
    """A home whose systems are the sandbox's."""
    empty_home.run("init")
    head, _, _ = empty_home.config.read_text().partition("[systems.")
    empty_home.config.write_text(f"{head}{TYPED}\n{center.systems_toml()}")
    return empty_home


@pytest.mark.apart
def test_doctor_signs_in_at_real_systems(real_home):
    said = real_home.run("doctor", "--json")
    assert said.status == 0
    assert [name for name, check in said.document.items() if check["ok"]] == list(said.document)
    assert {"helpdesk", "payments", "recordings"} < said.document.keys()


@pytest.mark.apart
def test_doctor_points_at_rights_that_are_too_many(real_home):
    head, section, tail = real_home.config.read_text().partition("[systems.helpdesk]\n")
    real_home.config.write_text(f'{head}{section}scope = "read write impersonate"\n{tail}')
    assert real_home.run("doctor", "--json").document["helpdesk"]["excessive_rights"]
    words = " ".join(real_home.run("doctor").out.split())
    assert "More rights than needed: the scope impersonate is not needed." in words


@pytest.mark.apart
@pytest.mark.parametrize(
    ("system", "words"),
    [("helpdesk", "client_id and client_secret"), pytest.param("payments", "api_key", marks=pytest.mark.apart)],
)
def test_doctor_and_run_name_the_system_that_does_not_know_us(real_home, center, prefect_server, system, words):
    secret = {"helpdesk": "helpdesk-client-secret", "payments": "payments-api-key"}[system]
    case = real_home.open(email=center.access_subject.email)
    real_home.run("identity", case, *as_options(), "--by", CHECKER)
    with real_home.changed(center.folder / "secrets" / secret, text="rk_test_wrong"):
        checked = real_home.run("doctor", "--json")
        with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
            ran = real_home.run("run", case, "--json")
    assert (checked.status, ran.status) == (1, 1)
    assert words in checked.document[system]["detail"]
    assert checked.err == f"Not in order: {system}; mend what the list says and run `rightsflow doctor` again.\n"
    assert ran.document["run"] == "Failed"
    assert [failure["system"] for failure in ran.document["failures"]] == [system]
    assert ran.err.count("\n") == 1
    assert ran.err.startswith(f"locate {system}: ")
    assert words in ran.err
    assert "Traceback" not in ran.err


@pytest.mark.apart
def test_migrate_makes_the_tables_and_nothing_else(empty_home):
    empty_home.state.mkdir()
    assert empty_home.run("service", "migrate", "--json").document == {"changed": True}
    assert [path.name for path in empty_home.state.iterdir() if "cases.db" not in path.name] == []
    assert not empty_home.config.exists()
    assert empty_home.run("service", "migrate").out == "The case store is current already.\n"
