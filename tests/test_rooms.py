"""The rooms of the tests: what the unit tests do without."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PLANTED = {
    "imports Prefect": "import prefect",
    "imports a database driver where it is used": "def test_one():\n    import psycopg",
    "connects": "import socket\ndef test_one():\n    socket.create_connection(('127.0.0.1', 9))",
}


def alone(*options: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs unit tests where Prefect, database drivers and connections are out of reach."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.support.without_servers", *map(str, options)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.timeout(600)
def test_the_unit_tests_need_no_server_no_driver_and_no_network():
    it = alone("-m", "not slow and not long", "--hypothesis-profile", "quick", "tests/unit")
    assert it.returncode == 0, it.stdout[-5_000:]


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_one_that_does_would_fail(tmp_path, text):
    planted = tmp_path / "test_planted.py"
    planted.write_text(text, encoding="utf-8")
    it = alone("-c", ROOT / "pyproject.toml", planted)
    assert it.returncode != 0
    assert "unit tests do without" in it.stdout or "unit tests connect to nothing" in it.stdout
