"""Four of our packages have names that other Prefect projects use too: whose are imported is decided here.

``tasks``, ``flows``, ``connectors`` and ``deployments`` of a project on ``PYTHONPATH`` or in the working directory come
before installed ones. In a process of ours, ours are taken (:func:`put_ours_first`). In a process of that project
which only loads our types for Prefect, theirs stay (:func:`load`).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Final

NAMES: Final = frozenset({"connectors", "deployments", "flows", "tasks"})
"""The packages of ours whose names are common."""

_ROOT: Final = Path(__file__).resolve().parents[2]


class _OursFirst(MetaPathFinder):
    """Finds these four names in the folder that ``rightsflow`` lies in; every other name is found as ever.

    Not by that folder at the front of ``sys.path``: where we are installed it holds all other libraries too, some of
    which would hide modules of the standard library.
    """

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - Python's
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """Return the location of one of the names."""
        return PathFinder.find_spec(fullname, [str(_ROOT)]) if fullname in NAMES else None


_FINDER: Final = _OursFirst()
_set_aside: dict[str, ModuleType] = {}
"""Our modules by name, while another project's stand in their place."""


def put_ours_first() -> None:
    """Let this process import ours by these names from now on, whatever else has them."""
    if _FINDER in sys.meta_path:
        return
    if _is_another_there():
        _take_out()
        sys.modules.update(_set_aside)
    sys.meta_path.insert(0, _FINDER)


def load(module: str) -> ModuleType:
    """Import a module of ours, and leave to another project in this process the names that it has too.

    Args:
        module: Its name.
    """
    if _FINDER in sys.meta_path or not _is_another_there():
        return import_module(module)
    theirs = _take_out()
    sys.modules.update(_set_aside)
    sys.meta_path.insert(0, _FINDER)
    try:
        return import_module(module)
    finally:
        sys.meta_path.remove(_FINDER)
        _set_aside.update(_take_out())
        sys.modules.update(theirs)


def environment() -> dict[str, str]:
    """Variables by which a Python process that neither of the two can reach, such as a run's own, imports ours."""
    paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    return {"PYTHONPATH": os.pathsep.join(filter(None, paths)), "PYTHONSAFEPATH": "1"}


def _is_another_there() -> bool:
    return any(not _is_ours(name) for name in NAMES)


def _is_ours(name: str) -> bool:
    loaded = sys.modules.get(name)
    if loaded is not None:
        return Path(getattr(loaded, "__file__", None) or "").parent == _ROOT / name
    spec = find_spec(name)
    return spec is not None and Path(spec.origin or "").parent == _ROOT / name


def _take_out() -> dict[str, ModuleType]:
    """Let no module of these names be imported already; returns those that were."""
    return {name: sys.modules.pop(name) for name in list(sys.modules) if name.partition(".")[0] in NAMES}
