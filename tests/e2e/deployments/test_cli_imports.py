"""Commands import what they need: help and the list of cases start without Prefect, servers and vendors' libraries."""

from __future__ import annotations

import json
import os
import subprocess
import sys

HELP = ("--help", "--version", "case --help")
LISTS = ("list", "list --json")
READING = ("board", "report", "doctor", "letter list", "case tasks", "systems list")
SERVERS = {"prefect", "starlette", "fastapi", "uvicorn", "httpx"}
VENDORS = {"boto3", "botocore", "stripe", "requests", "psycopg", "asyncpg"}
HEAVY = {"alembic", "babel", "jinja2", "pandas", "numpy"}
PRINT = """
import json, sys
from deployments.cli.main import run
for command in sys.argv[1:]:
    status = run(command.split())
    print(json.dumps([command, status, [*sys.modules]]), file=sys.stderr)
"""


def imported(*commands, folder):
    """What one process has imported after each of some commands, which it runs one after another.

    A folder is its working directory and the user's home, for what looks for settings of Prefect in both.
    """
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    ended = subprocess.run(
        [sys.executable, "-c", PRINT, *commands],
        capture_output=True,
        check=True,
        text=True,
        cwd=folder,
        env=variables | {"HOME": str(folder)},
    )
    told = [json.loads(line) for line in ended.stderr.splitlines() if line.startswith('["')]
    return {command: (status, set(modules)) for command, status, modules in told}


def packages(modules):
    return {name.partition(".")[0] for name in modules}


def test_what_only_reads_needs_no_prefect_the_list_little_and_help_no_command(home, tmp_path_factory):
    found = imported(*HELP, *LISTS, *READING, folder=tmp_path_factory.mktemp("elsewhere"))
    assert [*found] == [*HELP, *LISTS, *READING]
    for command in HELP:
        status, modules = found[command]
        assert status == 0
        assert not {"sqlalchemy", "cryptography"} & packages(modules), command
        assert [name for name in modules if name.startswith("deployments.cli.commands.")] == [], command
    for command in (*HELP, *LISTS):
        status, modules = found[command]
        assert status == 0
        assert not (SERVERS | VENDORS | HEAVY) & packages(modules), command
    for command in READING:
        assert "prefect" not in packages(found[command][1]), command
