"""What tests still change from outside, and why: all else that a test needs to be another one is handed in.

A constant, a clock, a page size, a server or an act that a test needs to be another one is a parameter, a field of a
dataclass that is handed in, or a method of a subclass. ``monkeypatch.setenv`` is free: the environment is an input.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from pathlib import Path

_CHANGES = frozenset({"setattr", "delattr", "setitem", "delitem"})
_PATCHERS = frozenset({"monkeypatch", "patched"})

LEFT: Mapping[str, tuple[int, str]] = {
    "tests/e2e/deployments/front/test_server.py": (1, "the arguments of a process, which this one stands for"),
    "tests/e2e/deployments/test_cli.py": (1, "standard input"),
    "tests/e2e/deployments/test_cli_arguments.py": (1, "an account of the system without a name"),
    "tests/e2e/deployments/test_cli_keys.py": (1, "a rotation dies between two of its own acts"),
    "tests/e2e/deployments/test_cli_metrics.py": (
        2,
        "the arguments and the file mode of a process, which this one stands for",
    ),
    "tests/e2e/flows/test_interruptions.py": (2, "Prefect's client fails inside of a flow"),
    "tests/e2e/proofs/test_years.py": (1, "a fault planted in the product, to be seen by the proof"),
    "tests/integration/cases/test_keeping.py": (1, "a disk that refuses to remove one folder"),
    "tests/integration/connectors/test_http.py": (1, "a name server that gives an address of the inner network"),
    "tests/integration/connectors/test_publishing.py": (1, "a disk that is full"),
    "tests/integration/desk/test_many.py": (1, "how many cases one transaction takes, behind a page"),
    "tests/integration/vault/test_key_files.py": (2, "a disk that refuses, and a kill between two of its calls"),
    "tests/integration/vault/test_sealing.py": (1, "the system's random bytes: no caller may choose a nonce"),
}
"""By file, how many are left, and why."""


def patches(text: str) -> list[int]:
    """The lines of a test module that change something from outside.

    Args:
        text: The module.
    """
    return [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Call) and _is_patch(node.func)]


def found_patches(root: Path) -> dict[str, int]:
    """By test module, how many there are.

    Args:
        root: The root of the project.
    """
    texts = {
        str(path.relative_to(root)): path.read_text(encoding="utf-8") for path in sorted((root / "tests").rglob("*.py"))
    }
    some = {path: text for path, text in texts.items() if "patch" in text}
    return {path: count for path, text in some.items() if (count := len(patches(text)))}


def _is_patch(called: ast.expr) -> bool:
    owner, _, name = ast.unparse(called).rpartition(".")
    if name in _CHANGES:
        return owner in _PATCHERS
    is_mock = name == "patch" and owner in {"", "mock", "unittest.mock"}
    return is_mock or (name in {"object", "dict"} and owner.endswith("patch"))
