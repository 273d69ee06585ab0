"""A project that has its own ``tasks.py``, ``flows/``, ``connectors/`` and ``deployments/``: ours work beside them."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
from pathlib import Path

import pytest

import rightsflow
from deployments.worker.worker_type import ResidentWorker
from rightsflow.entry.names import NAMES

pytestmark = pytest.mark.apart

COMMAND = str(Path(sys.executable).with_name("rightsflow"))
ROOT = Path(rightsflow.__file__).resolve().parents[1]
THEIR = "import sys\nsys.stderr.write('their {}\\n')\nOF = 'theirs'\n"


@pytest.fixture
def project(tmp_path):
    """Another project; each of its packages tells on standard error that it was imported."""
    for name in sorted(NAMES - {"tasks"}):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(
            f"import sys\nsys.stderr.write('their {name}\\n')\nOF = 'theirs'\n"
        )
    (tmp_path / "flows" / "access.py").write_text("OF = 'theirs'\n")
    (tmp_path / "tasks.py").write_text(THEIR.format("tasks"))
    return tmp_path


def in_project(project, *command):
    """Run a command in the project, which is the working directory and on the path."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    there = {
        "PYTHONPATH": str(project),
        "PREFECT_HOME": str(project / "prefect"),
        "RIGHTSFLOW_HOME": str(project / "h"),
    }
    return subprocess.run(
        command, check=False, cwd=project, env=inherited | there, capture_output=True, text=True, timeout=200
    )


def run(project, code):
    done = in_project(project, sys.executable, "-c", code)
    assert done.returncode == 0, done.stderr
    return done


LOADED = """
import asyncio
from prefect.blocks.abstract import NotificationError
from prefect.blocks.core import Block
from prefect.plugins import load_prefect_collections
from prefect.workers.base import BaseWorker
loaded = load_prefect_collections()
assert not [one for one in loaded.values() if isinstance(one, Exception)], loaded
worker = BaseWorker.get_worker_class_from_type("rightsflow")
assert worker.__module__ == "deployments.worker.worker_type"
"""
MAILING = """
one = Block.get_block_class_from_key("rightsflow-mail")(
    host="127.0.0.1", port=1, security="none", sender="dsr@example.com", recipient_name="Dana Decider",
    recipient_email="dana@example.com",
)
try:
    asyncio.run(one.notify("body", "subject"))
except NotificationError as error:
    assert "127.0.0.1" in str(error), error
else:
    raise AssertionError("nothing listens there")
"""
THEIRS = """
import tasks, flows.access, connectors, deployments
assert {one.OF for one in (tasks, flows, flows.access, connectors, deployments)} == {"theirs"}
"""
STARTED = f"""
from rightsflow.entry.names import put_ours_first
put_ours_first()
put_ours_first()
from prefect.flows import load_flow_from_entrypoint
assert load_flow_from_entrypoint("flows.access.access_request", use_placeholder_flow=False).name == "access-request"
import connectors, deployments.catalogue, flows, tasks
assert all(one.__file__.startswith({str(ROOT)!r}) for one in (connectors, deployments, flows, tasks))
from deployments.worker.worker_type import ResidentWorker
assert ResidentWorker is worker, "one class, however often it is asked for"
"""


def test_the_command_line_is_ours(project):
    done = in_project(project, COMMAND, "--help")
    assert done.returncode == 0, done.stderr
    assert "Fulfil data subjects' access and erasure requests" in done.stdout
    assert "their" not in done.stderr


@pytest.mark.parametrize("before", [pytest.param("", marks=pytest.mark.slow), THEIRS], ids=["first", "after theirs"])
def test_their_process_has_our_types_and_their_packages_until_it_becomes_a_worker_of_ours(project, before):
    done = in_project(project, sys.executable, "-c", before + LOADED + MAILING + THEIRS + STARTED)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stderr.splitlines()) == [f"their {name}" for name in sorted(NAMES)]


def test_the_worker_takes_our_names_when_it_starts():
    source = inspect.getsource(ResidentWorker.start)
    assert source.index("put_ours_first()") < source.index("run_sync(prepare)")


@pytest.mark.slow
def test_a_module_of_ours_as_a_process(project):
    done = in_project(project, sys.executable, "-m", "rightsflow.entry", "deployments.front", "--help")
    assert done.returncode == 0, done.stderr
    assert "--no-services" in done.stdout
    assert "their" not in done.stderr


@pytest.mark.slow
def test_a_run_in_a_process_of_its_own_finds_our_flows(project):
    """As Prefect's process worker starts it, with the variables that ours gives."""
    code = (
        "import os, subprocess, sys\n"
        "from rightsflow.entry.names import environment\n"
        "code = 'import flows.access; print(flows.access.access_request.name)'\n"
        "sys.exit(subprocess.run([sys.executable, '-c', code], env=os.environ | environment()).returncode)\n"
    )
    done = in_project(project, sys.executable, "-c", code)
    assert (done.returncode, done.stdout.split()) == (0, ["access-request"]), done.stderr
