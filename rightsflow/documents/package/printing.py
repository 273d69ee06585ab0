"""Records kept aside to be printed: what they show, read back from JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from rightsflow.documents.package.views import Fact, Item, Message

PAPER: Final = "paper.html"
"""The whole answer as one document to print."""


def read_item(kept: Mapping[str, Any]) -> Item:
    """Return an item stored as JSON.

    Args:
        kept: Its fields.
    """
    messages = tuple(Message(**item | {"facts": _pairs(item["facts"])}) for item in kept["messages"])
    return Item(**{**kept, "facts": _pairs(kept["facts"]), "messages": messages})


def _pairs(facts: Sequence[Sequence[str]]) -> tuple[Fact, ...]:
    return tuple((name, value) for name, value in facts)
