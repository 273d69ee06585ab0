"""Rewrites the texts of a JSON tree, keys included, in one order that holds for equal trees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol, TypeAlias

JSON: TypeAlias = "Mapping[str, JSON] | list[JSON] | tuple[JSON, ...] | str | int | float | bool | None"


class Rewriter(Protocol):
    """A replacement rule for the texts and numbers of a tree."""

    def text(self, original: str, field: str) -> str:
        """Return the replacement of a text.

        Args:
            original: The text.
            field: The key that it stands under; empty of a key.
        """

    def number(self, original: float, field: str) -> JSON:
        """Return the replacement of a number; arguments as in :meth:`text`."""


def rewrite(value: JSON, by: Rewriter, field: str = "") -> JSON:
    """A tree with its texts and numbers rewritten.

    Args:
        value: The tree; it is not changed.
        by: What rewrites them.
        field: The key that the tree stands under.
    """
    if isinstance(value, str):
        return by.text(value, field)
    if isinstance(value, Mapping):
        return rewrite_mapping(value, by)
    if isinstance(value, list | tuple):
        return [rewrite(item, by, field) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return by.number(value, field)
    return value


def rewrite_mapping(value: Mapping[str, JSON], by: Rewriter) -> dict[str, JSON]:
    """An object with its keys, texts and numbers rewritten; nothing of it is lost where two keys become alike.

    Args:
        value: The object; it is not changed.
        by: What rewrites them.
    """
    rewritten: dict[str, JSON] = {}
    for key, node in value.items():
        name = unique = by.text(str(key), "")
        number = 1
        while unique in rewritten:
            number += 1
            unique = f"{name} ({number})"
        rewritten[unique] = rewrite(node, by, str(key))
    return rewritten
