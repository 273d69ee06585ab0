"""Names that mean two things: modules of one name in one layer, public classes of one name anywhere in the product.

The sandbox is apart: it imitates vendors and is a distribution of its own.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.support.architecture import SANDBOX, Source, sources

OF_EACH_CONNECTOR = frozenset(
    {
        "connector",
        "settings",
        "client",
        "errors",
        "kinds",
        "locate",
        "extract",
        "erase",
        "restrict",
        "rectify",
        "blanking",
        "requesters",
        "verify",
        "probe",
        "belonging",
        "coverage",
        "texts",
    }
)
"""What each system's folder has, so that one knows where to look in the next."""


def double_names(root: Path) -> list[str]:
    """Each name that occurs twice, with its places."""
    product = [source for source in sources(root) if source.layer != SANDBOX]
    modules = ((f"{_layer(source)}: module {source.path.stem}", str(source.path)) for source in product)
    named = [one for one in modules if not one[0].endswith("module __init__") and not _is_of_each_connector(one[0])]
    return list(_double(named)) + list(_double(_public_classes(product)))


def _layer(source: Source) -> str:
    """Where a module is looked for: in ``rightsflow`` a room (its import rules are between rooms), else a package."""
    return ".".join(source.path.parts[: 2 if source.layer == "rightsflow" else 1]).removesuffix(".py")


def _is_of_each_connector(name: str) -> bool:
    return name in {f"connectors: module {one}" for one in OF_EACH_CONNECTOR}


def _public_classes(product: Iterable[Source]) -> Iterator[tuple[str, str]]:
    for source in product:
        for node in source.tree.body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                yield f"class {node.name}", str(source.path)


def _double(named: Iterable[tuple[str, str]]) -> Iterator[str]:
    places: dict[str, list[str]] = defaultdict(list)
    for name, place in named:
        places[name].append(place)
    yield from (f"{name} is in {' and in '.join(there)}" for name, there in places.items() if len(there) > 1)
