"""Nothing of a person is left in clear: not in Prefect, not in logs, not in the case store, not in working copies.

A person with distinctive values goes from the form to the answer, once smoothly and once with every step of every
system failing with an error that quotes them. Then everything that was written anywhere is scanned, with controls.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from prefect import flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.orchestration import get_client
from prefect.logging import get_run_logger
from prefect.runtime import flow_run
from sqlalchemy.exc import IntegrityError

from deployments.catalogue import apply_deployments
from deployments.local.remains import clear_log
from flows.access import access_request
from flows.erasure import erasure_request
from flows.intake import open_request
from rightsflow.identifiers import IdentifierKind, identifier
from rightsflow.records import Fact
from rightsflow.testing.fakes import FakeRecord
from tests.bench import SETTINGS, running_bench
from tests.canary import DISGUISES, Scanner, all_logs
from tests.conftest import running_server
from tests.flows.server import inputs_of, order_run, resume, runs_named, work_on

# One process does all of it: the module has a server of its own.
pytestmark = pytest.mark.xdist_group("canary")

EMAIL, TYPED_EMAIL = "zoe.pfuetzenreuter@example.com", "Zoe.Pfuetzenreuter@Example.com"
PHONE, TYPED_PHONE, OTHER_PHONE = "+493023125661", "030 / 23125 661", "+493023125662"
NAME, NUMBER, ACCOUNT = "Zoë Pfützenreuter-Ångström", "KD-77310294-ZQ", "cus_ZoePfuetz77310294"
TEXT = "the violet hedgehog samovar hisses at midnight"
FILE_NAME = "call-493023125662-pfuetzenreuter.wav"
REASON = f"Called back {OTHER_PHONE}; {NAME} named the violet hedgehog."
CANARIES = {
    "e-mail": EMAIL,
    "name": NAME,
    "last name": "Pfützenreuter",
    "last name in ASCII": "pfuetzenreuter",
    "phone": PHONE[1:],
    "phone as typed": TYPED_PHONE,
    "phone without country": "3023125661",
    "phone, grouped": "23125 661",
    "learnt phone": OTHER_PHONE[1:],
    "customer id": NUMBER,
    "account id": ACCOUNT,
    "ticket": TEXT,
    "words of the ticket": "violet hedgehog",
    "file name": FILE_NAME,
}
SCANNER = Scanner(CANARIES)
CONTROL = Scanner({"control": "planted-zither-Übung", "overwritten": "overwritten-zither-4711"})
FLOWS = {"access": access_request, "erasure": erasure_request}
STEPS = {"access": ("locate", "extract"), "erasure": ("locate", "erase", "presence")}

QUOTE = f"{TYPED_EMAIL} {NAME} {TYPED_PHONE} {OTHER_PHONE} {NUMBER} {ACCOUNT} {FILE_NAME}: {TEXT}"
ERRORS = {
    "helpdesk": ValueError(f"cannot read {QUOTE}"),
    "payments": RuntimeError(QUOTE),
    "calls": IntegrityError(f"INSERT INTO calls VALUES ('{QUOTE}')", {"who": QUOTE}, ValueError(QUOTE)),
}


@dataclass
class Aftermath:
    """What was left behind."""

    home: Path
    database: Path
    store: Path
    work: Path
    output: Path
    logs: str = ""
    endings: dict[str, list[str]] = field(default_factory=dict)
    inputs: list[dict[str, str]] = field(default_factory=list)
    while_running: dict[str, bytes] = field(default_factory=dict)
    control_before_clearing: bool = False

    def note(self, title: str, state) -> None:
        self.endings.setdefault(title, []).append(state.name)


@pytest.fixture(scope="module")
def aftermath(tmp_path_factory):
    folder = tmp_path_factory.mktemp("canary")
    left = Aftermath(
        home=folder / "prefect",
        database=folder / "prefect" / "prefect.db",
        store=folder / "bench",
        work=folder / "bench" / "work",
        output=folder / "output.txt",
    )
    (folder / "bench").mkdir()
    with pytest.MonkeyPatch.context() as patch, all_logs() as heard, diverted(left.output):
        patch.setattr("tasks.limits.concurrency", lambda *_args, **_options: nullcontext())
        with running_server(left.home) as server, running_bench(folder / "bench") as bench:
            deployments = apply_deployments(SETTINGS.systems)
            plant_controls()
            left.control_before_clearing = plant_overwritten(deployments, left.database)
            go_smoothly(left, bench, deployments, "erasure")
            get_refused(left, bench, deployments)
            for right in ("access", "erasure"):
                go_through_trouble(left, bench, deployments, right)
            assert clear_log(server.database, lock_wait=20)
            left.while_running = {path.name: path.read_bytes() for path in left.home.glob("prefect.db*")}
        left.logs = heard.getvalue()
    return left


@contextmanager
def diverted(file):
    """Send what this process and its libraries print to a file."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = os.dup(1), os.dup(2)
    with file.open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        try:
            with redirect_stdout(output), redirect_stderr(output):
                yield
        finally:
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)


@flow(name="controls", persist_result=False)
def say_controls():
    for wrap in DISGUISES.values():
        get_run_logger().info("it says %s", wrap("planted-zither-Übung").decode("latin-1"))
    create_markdown_artifact("planted-zither-Übung", key="control")
    return flow_run.id


def plant_controls():
    """Values that the scans have to find, each in a place that is scanned."""
    say_controls()
    sys.stdout.write("on stdout: planted-zither-Übung\n")
    os.write(2, "on stderr: planted-zither-Übung\n".encode())


def plant_overwritten(deployments, database) -> bool:
    """Overwrite a run's parameters as the intake does; returns whether the old ones can still be read in the files."""
    run = order_run(deployments["access-request"], case_id="overwritten-zither-4711")
    with get_client(sync_client=True) as client:
        client.update_flow_run(run.id, parameters={"case_id": "nobody"})
        client.delete_flow_run(run.id)
    return any(CONTROL.scan(path.read_bytes(), path.name) for path in database.parent.glob("prefect.db*"))


def fill(bench):
    """The person's records in all three systems, joined by e-mail → number → customer id."""
    profile = frozenset(
        {
            identifier(IdentifierKind.EMAIL, EMAIL),
            identifier(IdentifierKind.PHONE, OTHER_PHONE),
            identifier(IdentifierKind.CUSTOMER_ID, NUMBER),
            identifier(IdentifierKind.NAME, NAME),
        }
    )
    payer = frozenset({identifier(IdentifierKind.CUSTOMER_ID, NUMBER), identifier(IdentifierKind.ACCOUNT_ID, ACCOUNT)})
    caller = frozenset({identifier(IdentifierKind.PHONE, OTHER_PHONE)})
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key=EMAIL, texts=((profile, f"profile of {NAME}"),)),
        FakeRecord(kind="ticket", key="z1", profile=EMAIL, texts=((profile, TEXT),)),
    )
    bench.systems["payments"].add(
        FakeRecord(kind="profile", key=ACCOUNT, texts=((payer, NAME),)),
        FakeRecord(
            kind="invoice",
            key="in_1",
            profile=ACCOUNT,
            texts=((payer, TEXT),),
            occurred_on=date(2026, 1, 10),
            facts=frozenset({Fact.ACCOUNTING}),
        ),
    )
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key=FILE_NAME, texts=((caller, "call"),), audio=TEXT.encode() * 50)
    )


def opened(bench, deployments, right, **changes):
    """Fill in the form on the server and return the run of the case."""
    fill(bench)
    form = {"email": TYPED_EMAIL, "phone": TYPED_PHONE, "customer_id": NUMBER, "name": NAME, "opened_by": "Olga Opener"}
    run = order_run(deployments["open-request"], right=right, received_on="2026-03-04", **(form | changes))
    work_on(open_request, run.id)
    (case,) = bench.runtime.store.summaries()
    (started,) = runs_named(case.case_id)
    return started.id


def confirm(left, run_id, right):
    left.note(right, work_on(FLOWS[right], run_id))
    resume(run_id, result="confirmed", note=REASON, decided_by="Ida Identity")
    left.note(right, work_on(FLOWS[right], run_id))


def go_smoothly(left, bench, deployments, right):
    run_id = opened(bench, deployments, right)
    confirm(left, run_id, right)
    resume(run_id, decision="approve", reason=REASON, decided_by="Olga Opener")
    left.note(right, work_on(FLOWS[right], run_id))
    resume(run_id, decision="approve", reason=REASON, decided_by="Dana Decider")
    left.note(right, work_on(FLOWS[right], run_id))
    left.inputs.append(inputs_of(run_id))


def get_refused(left, bench, deployments):
    run_id = opened(bench, deployments, "erasure")
    left.note("refused", work_on(erasure_request, run_id))
    resume(run_id, result="could not be confirmed", note=REASON, decided_by="Ida Identity")
    left.note("refused", work_on(erasure_request, run_id))
    left.inputs.append(inputs_of(run_id))


def go_through_trouble(left, bench, deployments, right):
    """Every step of every system fails, first for good and then once; the case's run is started again each time."""
    run_id = opened(bench, deployments, right)
    left.note(f"{right} in trouble", work_on(FLOWS[right], run_id))
    resume(run_id, result="confirmed", note=REASON, decided_by="Ida Identity")
    for failing_once, failing_for_good in pairwise(("", *STEPS[right], "")):
        order_faults(bench, failing_once, failing_for_good)
        state = work_on(FLOWS[right], run_id)
        left.note(f"{right} in trouble", state)
        if state.name == "Suspended":
            resume(run_id, decision="approve", reason=REASON, decided_by="Dana Decider")
            left.note(f"{right} in trouble", work_on(FLOWS[right], run_id))
        assert all(failing_once not in system._faults for system in bench.systems.values()), "a fault did not occur"
    left.inputs.append(inputs_of(run_id))


def order_faults(bench, failing_once, failing_for_good):
    for name, system in bench.systems.items():
        system.heal()
        if failing_once:
            system.fail(failing_once, ERRORS[name])
        if failing_for_good:
            system.fail(failing_for_good, ERRORS[name], times=None)


def test_the_requests_went_all_the_way_through_every_trouble(aftermath):
    assert aftermath.endings == {
        "erasure": ["Suspended", "Suspended", "Suspended", "Answered"],
        "refused": ["Suspended", "Refused"],
        "access in trouble": ["Suspended", "Failed", "Failed", "Suspended", "Answered"],
        "erasure in trouble": ["Suspended", "Failed", "Suspended", "Failed", "Failed", "Answered"],
    }


def test_the_controls_are_found_wherever_is_scanned(aftermath):
    """Without this the tests below could pass on scans that see nothing."""
    tables = {hit.place for hit in CONTROL.scan_database(aftermath.database)}
    assert tables >= {"table log", "table artifact"}
    for place in (aftermath.database.read_bytes(), aftermath.logs.encode(), aftermath.output.read_bytes()):
        assert {"control"} == {hit.canary for hit in CONTROL.scan(place, "control")}
    assert {hit.wrappings for hit in CONTROL.scan_database(aftermath.database)} > {(), ("Base64", "deflated")}


def test_sqlite_lets_go_of_what_was_overwritten(aftermath):
    """The old value could be read from the files at first, and cannot once the log is cut, the server still running."""
    assert aftermath.control_before_clearing
    assert set(aftermath.while_running) >= {"prefect.db"}
    for name, data in aftermath.while_running.items():
        assert not {hit for hit in CONTROL.scan(data, name) if hit.canary == "overwritten"}


def test_nothing_is_in_the_servers_files_while_it_runs(aftermath):
    for name, data in aftermath.while_running.items():
        assert not SCANNER.scan(data, name)


def test_nothing_is_in_prefects_home_after_the_end(aftermath):
    assert {"prefect.db", "server.log"} <= {path.name for path in aftermath.home.iterdir()}
    assert not SCANNER.scan_folder(aftermath.home)


def test_nothing_is_in_any_table(aftermath):
    assert not SCANNER.scan_database(aftermath.database)


def test_the_forms_answers_are_gone_and_their_questions_say_nothing(aftermath):
    assert len(aftermath.inputs) == 4
    for kept in aftermath.inputs:
        assert "suspended-identity-0-schema" in kept
        assert not [key for key in kept if key.endswith("-response")]
        assert not SCANNER.scan(repr(kept).encode(), "inputs")


def test_nothing_is_in_the_logs_of_any_logger_at_debug(aftermath):
    for name in ("prefect.flow_runs", "prefect.task_runs", "httpcore", "ValueError", "IntegrityError"):
        assert name in aftermath.logs
    assert not SCANNER.scan(aftermath.logs.encode(), "logs")


def test_nothing_is_printed(aftermath):
    assert not SCANNER.scan(aftermath.output.read_bytes(), "output")


def test_the_case_store_and_the_working_copies_hold_nothing_in_clear(aftermath):
    assert (aftermath.store / "cases.db").stat().st_size > 100_000
    assert list(aftermath.work.rglob("*.zip"))
    assert not SCANNER.scan_folder(aftermath.store)
