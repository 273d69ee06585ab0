"""Commands import what they need: help and the list of cases start without Prefect, servers and vendors' libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

SERVERS = {"prefect", "starlette", "fastapi", "uvicorn", "httpx"}
VENDORS = {"boto3", "botocore", "stripe", "requests", "psycopg", "asyncpg"}
HEAVY = {"alembic", "babel", "jinja2", "pandas", "numpy"}
PRINT = (
    "import json, sys\n"
    "from deployments.cli.main import run\n"
    "status = run(sys.argv[1:])\n"
    "packages = sorted({name.partition('.')[0] for name in sys.modules})\n"
    "print(json.dumps([status, packages, [*sys.modules]]), file=sys.stderr)"
)


def imported(*arguments, folder=None):
    """Run a command in a process of its own; return its status, and what it has imported.

    A folder is the process's working directory and the user's home, for what looks for settings of Prefect in both.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    ended = subprocess.run(
        [sys.executable, "-c", PRINT, *arguments],
        capture_output=True,
        check=True,
        text=True,
        cwd=folder,
        env=variables | ({"HOME": str(folder)} if folder else {}),
    )
    return json.loads(ended.stderr.splitlines()[-1])


@pytest.mark.parametrize("command", ["--help", "--version", "case --help", "list", "list --json"])
def test_help_and_the_list_import_little(home, command):
    status, packages, _ = imported(*command.split())
    assert status == 0
    assert not (SERVERS | VENDORS | HEAVY) & {*packages}


@pytest.mark.parametrize("command", ["--help", "case --help"])
def test_help_imports_no_command_and_no_database(empty_home, command):
    _, packages, modules = imported(*command.split())
    assert not {"sqlalchemy", "cryptography"} & {*packages}
    assert [name for name in modules if name.startswith("deployments.cli.commands.")] == []


@pytest.mark.parametrize("command", ["board", "report", "doctor", "letter list", "case tasks", "systems list"])
def test_what_only_reads_needs_no_prefect(home, command, tmp_path_factory):
    _, packages, _ = imported(*command.split(), folder=tmp_path_factory.mktemp("elsewhere"))
    assert "prefect" not in packages
