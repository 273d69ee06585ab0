"""Texts to mask: the marks that replace withheld text, and the texts of a JSON tree. Pure.

A masked text is told from one that was never masked by its marks alone, so a text that holds a mark from elsewhere is
left as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from typing import Final, Protocol, TypeAlias

from rightsflow.domain.identifiers import IdentifierKind

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
    """Rewrite the texts and numbers of a tree.

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
    """Rewrite the keys, texts and numbers of an object; nothing is lost where two keys become alike.

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


PASSAGE: Final = "passage"
"""Kind of a passage that a person masked by its wording."""
INTERVAL: Final = "interval"
"""Kind of an interval that a person muted in a recording; it has no mark, since it is silence."""
UNSCANNED: Final = "not_scanned"
"""The detail of a step that masked copies: in how many files no rule could look for other people's data."""
EDITED: Final = "edited"
"""Kind of a file that a person edited by hand; the removed parts bear no mark."""
IDENTIFIER: Final = "identifier"
"""Kind of a checked number of a kind of the configuration, such as an IBAN."""
MARKS: Final[Mapping[str, str]] = {
    IdentifierKind.NAME.value: "[other person's name]",
    IdentifierKind.EMAIL.value: "[other person's e-mail]",
    IdentifierKind.PHONE.value: "[other person's phone number]",
    IdentifierKind.BIRTH_DATE.value: "[other person's date of birth]",
    IDENTIFIER: "[other person's number]",
    PASSAGE: "[masked passage]",
}
"""Mark that replaces masked text, by kind."""
MASKED_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    IdentifierKind.NAME.value: ("name", "names"),
    IdentifierKind.EMAIL.value: ("e-mail address", "e-mail addresses"),
    IdentifierKind.PHONE.value: ("phone number", "phone numbers"),
    IdentifierKind.BIRTH_DATE.value: ("date of birth", "dates of birth"),
    IDENTIFIER: ("number", "numbers"),
    PASSAGE: ("passage", "passages"),
    INTERVAL: ("muted interval", "muted intervals"),
    EDITED: ("file edited by hand", "files edited by hand"),
}
"""Each kind in the singular and in the plural."""
MARK: Final = re.compile("|".join(re.escape(mark) for mark in MARKS.values()))
"""Finds a mark."""
_MARK_APART: Final = re.compile(f"({MARK.pattern})")
_KIND_OF: Final[Mapping[str, str]] = {mark: kind for kind, mark in MARKS.items()}


def marks_in(text: str) -> Counter[str]:
    """Count the marks in a text, by kind.

    Args:
        text: The text.
    """
    return Counter(_KIND_OF[mark] for mark in MARK.findall(text)) if "[" in text else Counter()


def masked_in(value: JSON) -> Counter[str]:
    """Count the masks in a JSON tree by kind, keys included.

    Args:
        value: The tree, masked.
    """
    counts: Counter[str] = Counter()
    waiting: list[JSON] = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            counts += marks_in(found)
        elif isinstance(found, Mapping):
            waiting += [*found, *found.values()]
        elif isinstance(found, list | tuple):
            waiting += found
    return counts


def split_at_marks(text: str) -> list[tuple[str, bool]]:
    """Split a masked text at its marks; each piece comes with a flag for a mark.

    Args:
        text: The text.
    """
    return [(piece, piece in _KIND_OF) for piece in _MARK_APART.split(text) if piece]
