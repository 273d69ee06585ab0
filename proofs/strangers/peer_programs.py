"""Runs the programs that the strange systems bring along, each in its own environment."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from proofs.strangers.households import Plan

PEERS = Path(__file__).parents[2] / ".peers"
_LONGEST_SECONDS = 1800


def run_peer(name: str, folder: Path, given: Plan, *words: str, **environment: str) -> Any:
    """Run a system's own program with a plan as its input; returns its answer.

    Args:
        name: The system, for messages.
        folder: Where input and answer lie.
        given: The plan.
        words: The program with its arguments.
        environment: What it needs in its environment.
    """
    given_at, answer_at = folder / "given.json", folder / "answer.json"
    given_at.write_text(json.dumps(given), encoding="utf-8")
    call_peer(*words, str(given_at), str(answer_at), what=name, environment=environment)
    return json.loads(answer_at.read_text(encoding="utf-8"))


def call_peer(
    *words: str,
    what: str,
    given: bytes = b"",
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a system's own program.

    Args:
        words: The program with its arguments.
        what: The system, for messages.
        given: What it reads.
        cwd: Where it runs.
        environment: What it needs in its environment.

    Raises:
        RuntimeError: It failed; the end of what it said is in the message.
    """
    ours, longest = {**os.environ, **(environment or {})}, _LONGEST_SECONDS
    done = subprocess.run(words, cwd=cwd, env=ours, input=given, capture_output=True, timeout=longest, check=False)
    if done.returncode:
        raise RuntimeError(f"{what}: {done.stderr.decode()[-1500:]}")


def python_of(name: str) -> str:
    """Return the Python of a system's own environment; the test is skipped where it is not installed.

    Args:
        name: The system.
    """
    python = PEERS / name / "bin" / "python"
    if not python.exists():
        pytest.skip(f"{name} is not installed: make strangers-peers")
    return str(python)
