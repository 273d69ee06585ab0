"""Circles of imports: modules, and rooms, none of which can be read, tested or moved without the others."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

from tests.support.architecture import Source, sources


def circle(root: Path) -> list[str]:
    """One circle of the sources under a root, from a module over those it imports back to itself; none is empty.

    Imports inside of functions count too: they only move the moment at which it shows.
    """
    read = {source.module: source for source in sources(root)}
    imported = {module: {_module_of(target, read) for _, target in source.imports()} for module, source in read.items()}
    try:
        TopologicalSorter({module: of - {"", module} for module, of in imported.items()}).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


KEPT_APART = (
    "rightsflow.domain",
    "rightsflow.store",
    "rightsflow.cases",
    "rightsflow.cases.facts",
    "rightsflow.cases.work",
    "rightsflow.cases.course",
    "deployments",
)
"""Packages whose rooms import each other in one direction; a room is a folder or a module right below the package."""


def circle_of_rooms(root: Path, package: str) -> list[str]:
    """One circle of the rooms of a package, from a room over those it imports back to itself; none is empty.

    Args:
        root: Where the sources are.
        package: The package's dotted name.
    """
    imported: dict[str, set[str]] = {}
    for source in sources(root):
        if room := _room_of(source.module, package):
            others = imported.setdefault(room, set())
            others |= {_room_of(target, package) for _, target in source.imports()} - {"", room}
    try:
        TopologicalSorter(imported).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def _room_of(module: str, package: str) -> str:
    """The room right below a package that a module lies in; empty for a module elsewhere."""
    return module.removeprefix(f"{package}.").split(".")[0] if module.startswith(f"{package}.") else ""


def _module_of(target: str, read: Mapping[str, Source]) -> str:
    """The module that an imported name lies in; empty for one of others."""
    parts = target.split(".")
    return next((name for end in range(len(parts), 0, -1) if (name := ".".join(parts[:end])) in read), "")
