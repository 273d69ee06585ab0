"""The call centre runs, connects with Rightsflow, and leaves nothing running."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import time
import tomllib
import wave
from collections import Counter
from pathlib import Path

import pytest
import requests

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.testing.bench import decide, key_of
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.inspection.inspector import Inspector
from rightsflow_sandbox.processes import SandboxError, start
from rightsflow_sandbox.telephony.cdr import CDR, create_call_store, recording_name, recording_path, unique_ids_of
from rightsflow_sandbox.world.world import World
from tests.integration.sandbox.center_rig import TODAY, connectors_of, helpdesk_of, is_listening, until


def test_the_systems_hold_the_world_and_let_nobody_in_without_the_secret(center):
    # The helpdesk knows a customer and the tickets.
    person, session = center.access_subject, helpdesk_of(center)
    found = session.get(f"{center.helpdesk_url}/api/v2/users/search", params={"query": person.email}, timeout=10)
    (user,) = found.json()["users"]
    assert (user["id"], user["name"], user["external_id"]) == (person.user_id, person.name, person.customer_id)
    asked = session.get(f"{center.helpdesk_url}/api/v2/users/{person.user_id}/tickets/requested", timeout=10)
    assert {one["id"] for one in asked.json()["tickets"]} == {one.id for one in center.world.tickets_of(person)}
    answer = requests.get(f"{center.helpdesk_url}/api/v2/tickets", timeout=10)
    assert answer.status_code == 401
    # There is a row per leg of each call and legs share the recording.
    rows = center.inspector.calls()
    world = center.world
    assert Counter(row["linkedid"] for row in rows) == {call.unique_id: len(call.agents) for call in world.calls}
    passed_on = [call for call in world.calls if len(call.agents) > 1]
    assert passed_on
    for call in passed_on:
        legs = [row for row in rows if row["linkedid"] == call.unique_id]
        assert tuple(row["uniqueid"] for row in legs) == unique_ids_of(call)
        assert {row["recordingfile"] for row in legs} == {recording_name(call)}
    assert len({(row["uniqueid"], row["sequence"]) for row in rows}) == len(rows)
    # The table has the usual columns.
    usual = """calldate clid src dst dcontext channel dstchannel lastapp lastdata duration billsec disposition amaflags
        accountcode uniqueid userfield did recordingfile cnum cnam outbound_cnum outbound_cnam dst_cnam linkedid
        peeraccount sequence"""
    assert [column.name for column in CDR.columns] == usual.split()
    assert not list(CDR.primary_key)
    # Every recording lies under its day and can be played.
    name = re.compile(r"(in|out)-[+\d]+-[+\d]+-\d{8}-\d{6}-\d+\.\d+\.wav")
    recorded = [call for call in center.world.calls if call.recorded]
    assert {path.name for path in center.recordings_folder.rglob("*.wav")} == {recording_name(one) for one in recorded}
    for call in recorded:
        path = center.recordings_folder / recording_path(call)
        assert name.fullmatch(path.name)
        with wave.open(str(path)) as file:
            assert file.getnframes() == call.seconds * 8000
            assert file.getnchannels() == (2 if call.stereo else 1)
    assert {call.stereo for call in recorded} == {True, False}
    row = next(row for row in center.inspector.calls() if row["recordingfile"])
    assert f"{row['calldate']:%Y%m%d-%H%M%S}" in row["recordingfile"]
    assert not [path.name for path in center.folder.glob("*.json")]
    assert {path.read_bytes() for path in (center.folder / "logs").iterdir()} == {b""}


def test_the_written_configuration_connects_the_connectors(center):
    # The written configuration connects the connectors.
    assert [one.system for one in connectors_of(center)] == ["helpdesk", "payments", "recordings"]
    for one in connectors_of(center):
        health = one.probe()
        assert health.ok, health.detail
        assert health.excessive_rights == ()
    assert center.environment() == {}
    # Before, the person read "billsec: 5" and "ANSWERED" in the package.
    words = connectors_of(center)[2].capabilities.kind("call").words
    assert words.label("billsec") == "Seconds of speech"
    assert words.code_label("disposition", "NO ANSWER") == "Not answered (NO ANSWER)"
    # Secrets lie in files that only their owner reads.
    text = center.systems_toml()
    files = [Path(one) for one in re.findall(r'"file:([^"]+secrets[^"]+)"', text)]
    assert len(files) == 3
    for path in files:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert path.read_text() not in text


@pytest.mark.apart
def test_the_chain_leads_from_the_address_to_everything(center):
    for who in ("access_subject", "erasure_subject"):
        person = getattr(center, who)
        known = frozenset({identifier(IdentifierKind.EMAIL, person.email)})
        systems = connectors_of(center)
        rounds = 0
        while True:
            located = [one for system in systems for one in system.locate(known)]
            resolution = decide(located, known)
            learnt = known | resolution.known
            rounds += 1
            if learnt == known:
                break
            known = learnt
        own = {
            (one.record.system, one.record.kind): one
            for one in located
            if resolution.attributions[key_of(one.record)] is Attribution.SUBJECT
        }
        assert {system for system, _ in own} == {"helpdesk", "payments", "recordings"}
        assert rounds >= 3
        mine = [one for one in located if resolution.attributions[key_of(one.record)] is Attribution.SUBJECT]
        kinds = Counter((one.record.system, one.record.kind) for one in mine)
        held = Counter((one.system, one.kind) for one in center.holdings(person))
        assert kinds["recordings", "recording"] == held["recordings", "recording"]
        assert kinds["payments", "charge"] == held["payments", "charge"]
        assert kinds["helpdesk", "ticket"] == held["helpdesk", "ticket"] + held["helpdesk", "ticket in copy"]


@pytest.mark.apart
def test_it_stops_after_an_exception(tmp_path):
    class Mishap(Exception):
        pass

    with pytest.raises(Mishap), SandboxCenter(tmp_path, today=TODAY, customers=20) as running:  # noqa: PT012
        urls = [running.helpdesk_url, running.payments_url]
        assert all(is_listening(url) for url in urls)
        raise Mishap
    assert not any(is_listening(url) for url in urls)


@pytest.mark.apart
def test_a_folder_can_be_used_again_and_a_foreign_one_is_left_alone(tmp_path):
    ours, foreign = tmp_path / "ours", tmp_path / "foreign"
    for _ in range(2):
        with SandboxCenter(ours, today=TODAY, customers=20) as running:
            assert running.holdings(running.access_subject)
    foreign.mkdir()
    (foreign / "letter.txt").write_text("keep me")
    with pytest.raises(SandboxError, match="empty one"), SandboxCenter(foreign, today=TODAY, customers=20):
        pytest.fail("it started")
    assert [path.name for path in foreign.iterdir()] == ["letter.txt"]


def test_a_database_that_cannot_be_used_is_named_and_nothing_keeps_running(tmp_path):
    center = SandboxCenter(tmp_path / "s", today=TODAY, customers=20, database_url="sqlite:////nowhere/at/all.sqlite")
    with pytest.raises(SandboxError, match="check the database's URL"), center:
        pytest.fail("it started")
    assert not is_listening(center.helpdesk_url)
    assert not is_listening(center.payments_url)


@pytest.mark.apart
def test_a_child_that_ends_at_once_is_named(tmp_path):
    child = start("helpdesk", "rightsflow_sandbox.helpdesk", ["--data", "missing.json"], tmp_path / "log", {})
    with pytest.raises(SandboxError, match="sandbox's helpdesk ended with status"):
        child.wait_until_ready("/", time.monotonic() + 30)
    child.stop()
    assert (tmp_path / "log").read_text()


def test_a_child_that_does_not_answer_in_time_is_named(tmp_path):
    child = start("clock", "timeit", ["-s", "import time"], tmp_path / "log", {})
    try:
        with pytest.raises(SandboxError, match=r"sandbox's clock (did not answer in time|ended)"):
            child.wait_until_ready("/", time.monotonic())
    finally:
        child.stop()
    assert child.process.poll() is not None


def run_in_foreground(folder):
    command = [sys.executable, "-m", "rightsflow_sandbox", "--folder", str(folder), "--customers", "20"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # As in a terminal, also where the tests were started in the background, where the shell ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - nothing here takes locks
    )
    lines = []
    for line in process.stdout:
        lines.append(line)
        if line.startswith("Stop with"):
            break
    urls = re.findall(r"http://\S+", "".join(lines))
    assert len(urls) == 2, process.stderr.read()
    return process, "".join(lines), urls


@pytest.mark.apart
def test_in_the_foreground_it_shows_addresses_and_ends_when_told_to(tmp_path):
    for how in (signal.SIGINT, signal.SIGTERM):
        process, shown, urls = run_in_foreground(tmp_path / "sandbox")
        assert all(is_listening(url) for url in urls)
        os.killpg(process.pid, how)
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
        assert not any(is_listening(url) for url in urls)
        assert not re.search(r"@|\+\d{6}", shown)
        assert set(tomllib.loads((tmp_path / "sandbox" / "systems.toml").read_text())["systems"]) == {
            "helpdesk",
            "payments",
            "recordings",
        }


@pytest.mark.apart
def test_its_processes_end_even_if_it_is_killed(tmp_path):
    process, _, urls = run_in_foreground(tmp_path / "sandbox")
    process.kill()
    process.communicate(timeout=30)
    assert until(lambda: not any(is_listening(url) for url in urls))


@pytest.mark.apart
def test_a_bad_folder_is_one_sentence_on_stderr(tmp_path):
    (tmp_path / "letter.txt").write_text("keep me")
    command = [sys.executable, "-m", "rightsflow_sandbox", "--folder", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert "empty one" in done.stderr


@pytest.mark.apart
def test_the_call_records_can_lie_in_postgresql(tmp_path, postgres_server):
    world = World.make(seed=3, customers=20, today=TODAY)
    with postgres_server.database() as database:
        url = database.url()
        create_call_store(world, url, tmp_path / "monitor")
        inspector = Inspector(
            helpdesk_url="", payments_url="", payments_key="", database_url=url, recordings=tmp_path / "monitor"
        )
        assert len(inspector.calls()) == sum(len(call.agents) for call in world.calls)
        with pytest.raises(SandboxError, match="no table cdr yet"):
            create_call_store(world, url, tmp_path / "again")
