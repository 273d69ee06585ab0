"""Reads ``uv.lock`` without uv: what is needed by what, in which version."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

LOCK: Final = Path(__file__).parent.parent / "uv.lock"
OURS: Final = frozenset({"rightsflow", "rightsflow-sandbox"})


def packages(lock: Path = LOCK) -> list[dict[str, Any]]:
    locked: list[dict[str, Any]] = tomllib.loads(lock.read_text(encoding="utf-8"))["package"]
    return locked


def constraints(lock: Path = LOCK) -> str:
    return "".join(f"{name}=={version}\n" for name, version in versions(packages(lock)))


def versions(locked: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(package["name"], package["version"]) for package in locked if package["name"] not in OURS]


def needed_by_product(locked: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """Return names and versions of what the product with all its extras needs, on any machine and Python."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for package in locked:
        by_name.setdefault(package["name"], []).append(package)
    (product,) = by_name["rightsflow"]
    waiting = [("rightsflow", extra) for extra in ("", *product["optional-dependencies"])]
    seen: set[tuple[str, str]] = set()
    while waiting:
        part = waiting.pop()
        if part not in seen:
            seen.add(part)
            waiting += [need for package in by_name[part[0]] for need in _needs(package, part[1])]
    return {pair for name, _ in seen for pair in versions(by_name[name])}


def _needs(package: dict[str, Any], extra: str) -> Iterator[tuple[str, str]]:
    named = package.get("optional-dependencies", {}).get(extra, []) if extra else package.get("dependencies", [])
    for need in named:
        yield from ((need["name"], part) for part in ("", *need.get("extra", ())))
