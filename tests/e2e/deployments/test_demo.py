"""``rightsflow demo``: what it refuses, that Ctrl-C ends it clean, and (slowly) the whole of it.

What the demonstration shows is tested in ``stack``, on the same parts and a smaller sandbox.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from datetime import date

import pytest

from rightsflow.app import current_app
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.demo.aftermath import Aftermath, look_after
from tests.support.homes import assert_one_sentence
from tests.support.stack import COMMAND, connect, environment, processes_of, stretched, until


def test_a_folder_with_other_things_is_not_touched(empty_home):
    folder = empty_home.folder / "photos"
    folder.mkdir()
    (folder / "holiday.jpg").write_bytes(b"sea")
    said = empty_home.run("demo", "--folder", folder)
    assert_one_sentence(said, 2)
    assert "holds other things; give the demo another with --folder." in said.err
    assert [path.name for path in folder.iterdir()] == ["holiday.jpg"]


@pytest.mark.parametrize(
    "moment",
    [pytest.param("sandbox", marks=pytest.mark.apart), pytest.param(".rightsflow/prefect", marks=pytest.mark.slow)],
)
def test_ctrl_c_ends_it_and_leaves_no_process_behind(tmp_path, moment):
    folder = tmp_path / "demo"
    command = [COMMAND, "demo", "--folder", str(folder), "--json"]
    demo = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until((folder / moment).exists, moment)
    until(lambda: len(processes_of(folder)) > 1, "the first process of the demo")
    started = time.monotonic()
    demo.send_signal(signal.SIGINT)
    out, err = demo.communicate(timeout=stretched(60))
    assert (demo.returncode, out, err) == (130, "", "Stopped.\n")
    assert time.monotonic() - started < stretched(30)
    # One that was just being born ends by the kernel's hand, a moment later.
    until(lambda: not processes_of(folder), "the end of every process", seconds=20)


@pytest.mark.apart
def test_what_is_left_is_measured_against_the_answer(empty_home, tmp_path_factory):
    with SandboxCenter(tmp_path_factory.mktemp("center"), today=date.today(), customers=20) as center:
        connect(empty_home, center)
        case_id = empty_home.open("erasure", email=center.erasure_subject.email)
        before = center.snapshot(excluding=center.erasure_subject)
        overview = read_overview(current_app(), case_id)
        untouched = look_after(center, center.erasure_subject, before, overview)
        assert untouched.changed == 0
        assert untouched.untouched == len(before)
        # Nothing was erased and the answer names nothing: the check has to say so.
        assert sum(untouched.left.values()) > 20
        assert not untouched.is_as_answered
        somebody = {**before, next(iter(before)): "another digest"}
        assert look_after(center, center.erasure_subject, somebody, overview).changed == 1
    assert Aftermath({"helpdesk user": 1}, {"helpdesk user": 1}, 5, 0).is_as_answered
    assert not Aftermath({"helpdesk user": 2}, {"helpdesk user": 1}, 5, 0).is_as_answered
    assert not Aftermath({}, {}, 5, 1).is_as_answered


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_whole_demonstration(tmp_path):
    folder = tmp_path / "demo"
    command = [COMMAND, "demo", "--folder", str(folder), "--json"]
    ended = subprocess.run(command, check=False, env=environment(), capture_output=True, text=True, timeout=800)
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert (result["access"]["state"], result["erasure"]["state"]) == ("answered", "answered")
    assert result["aftermath"]["changed"] == 0
    assert processes_of(folder) == {}
