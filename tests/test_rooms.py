"""The rooms of the tests: what the unit tests do without, and that no test needs another one."""

from __future__ import annotations

import ast
import re
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


@pytest.mark.parametrize(
    "how",
    [
        # `make unit` runs them so.
        pytest.param(["--collect-only"], id="to be collected", marks=pytest.mark.apart),
        # That they need none to run either is what `make unit` shows each time.
        pytest.param(
            ["-m", "not slow and not long", "--hypothesis-profile", "quick"], marks=pytest.mark.slow, id="to run"
        ),
    ],
)
@pytest.mark.timeout(600)
def test_the_unit_tests_need_no_server_no_driver_and_no_network(how):
    it = alone(*how, "tests/unit")
    assert it.returncode == 0, it.stdout[-5_000:]


@pytest.mark.parametrize("text", PLANTED.values(), ids=PLANTED)
def test_one_that_does_would_fail(tmp_path, text):
    planted = tmp_path / "test_planted.py"
    planted.write_text(text, encoding="utf-8")
    it = alone("-c", ROOT / "pyproject.toml", planted)
    assert it.returncode != 0
    assert "unit tests do without" in it.stdout or "unit tests connect to nothing" in it.stdout


IMPORT = re.compile(
    r"^[ \t]*((?:from[ \t]+(?:tests|proofs|benchmarks)[\w.]*[ \t]+import[ \t]+(?:\([^)]*\)|[^\n(]+))"
    r"|(?:import[ \t]+(?:tests|proofs|benchmarks)\b[^\n]*))",
    re.MULTILINE,
)
"""An import of something of ours, wherever it stands; to read whole modules takes a hundred times as long."""


def borrowed(text: str) -> list[str]:
    """The test modules and conftests that a module takes something from, or has taken as a whole."""
    found = []
    for statement in IMPORT.findall(text):
        for node in ast.parse(statement).body:
            module = f"{node.module}." if isinstance(node, ast.ImportFrom) else ""
            found += [f"{module}{one.name}" for one in node.names]
    return [name for name in found if any(part == "conftest" or part.startswith("test_") for part in modules_in(name))]


def modules_in(name: str) -> list[str]:
    """The parts of a dotted name that are modules of ours: the last one may be a function."""
    parts = name.split(".")
    if parts[0] not in {"tests", "proofs", "benchmarks"}:
        return []
    return [part for at, part in enumerate(parts) if ROOT.joinpath(*parts[:at], f"{part}.py").exists()]


MODULES = [path for folder in ("tests", "proofs", "benchmarks") for path in sorted((ROOT / folder).rglob("*.py"))]


@pytest.mark.apart
def test_no_test_imports_another_one():
    """What tests share lies in tests/support, or beside them in a module that is no test."""
    found = {str(path.relative_to(ROOT)): borrowed(path.read_text(encoding="utf-8")) for path in MODULES}
    assert {path: names for path, names in found.items() if names} == {}


def test_one_that_did_would_be_seen():
    for text in (
        "from tests.test_rooms import ROOT",
        "import tests.test_rooms",
        "from tests import conftest as shared",
        "def late():\n    from tests.test_rooms import (\n        ROOT,  # the root\n    )",
    ):
        assert borrowed(text)


def test_what_is_shared_may_be_taken():
    for text in ("from tests.support.bench import running_bench", "from rightsflow import testing"):
        assert not borrowed(text)
