"""What a killed ``up`` left behind is ended, and nothing else, whatever number it has."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys

import pytest

from deployments.local.process import Child, end_orphans, note
from rightsflow.files.machine import birth_of, is_alive

WAITS = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); {WAITS}"


@pytest.fixture
def start():
    started = []

    def begin(code=WAITS):
        process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def test_one_that_still_runs_is_ended(tmp_path, start, caplog):
    """``up`` again after it was killed met its old server at the port, or a second worker beside the new one."""
    process = start()
    note(tmp_path / "server.json", process.pid)
    assert end_orphans(tmp_path) == ["server"]
    assert process.wait(10) == -signal.SIGTERM
    assert list(tmp_path.iterdir()) == []
    assert "the server of an earlier `up` still runs; it is ended" in caplog.text


def test_one_that_hears_nothing_or_is_stopped_is_killed(tmp_path, start):
    process = start(DEAF)
    assert process.stdout.readline() == b"deaf\n"
    note(tmp_path / "worker.json", process.pid)
    end_orphans(tmp_path, grace=0.2)
    assert process.wait(10) == -signal.SIGKILL

    process = start()
    process.send_signal(signal.SIGSTOP)
    note(tmp_path / "worker.json", process.pid)
    end_orphans(tmp_path, grace=0.2)
    assert process.wait(10) in {-signal.SIGTERM, -signal.SIGKILL}


def test_another_process_with_the_same_number_is_left_alone(tmp_path, start):
    process = start()
    (tmp_path / "server.json").write_text(json.dumps({"pid": process.pid, "birth": birth_of(os.getpid())}))
    assert end_orphans(tmp_path) == []
    assert process.poll() is None
    assert list(tmp_path.iterdir()) == []


def test_a_note_that_cannot_be_read_ends_nothing(tmp_path):
    for text in ("", "{", "[]", '{"pid": "x", "birth": "y"}', '{"pid": 1}', '{"pid": 1, "birth": ""}'):
        (tmp_path / "server.json").write_text(text)
        assert end_orphans(tmp_path) == []


def test_a_child_is_noted_while_it_runs(tmp_path):
    file = tmp_path / "processes" / "server.json"
    child = Child([sys.executable, "-c", WAITS], {}, tmp_path / "log", note_file=file)
    assert json.loads(file.read_text()) == {"pid": child.pid, "birth": birth_of(child.pid)}
    child.stop()
    assert not file.exists()


def test_a_process_is_known_by_its_birth(start):
    process = start()
    birth = birth_of(process.pid)
    assert birth
    assert birth == birth_of(process.pid) != birth_of(os.getpid())
    process.kill()
    # Not reaped yet, and already none.
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert (birth_of(process.pid), is_alive(process.pid)) == ("", False)
