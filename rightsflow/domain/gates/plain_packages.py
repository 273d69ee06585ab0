"""Packages that need no one's judgement: what a policy has to know of one, and what speaks against it. Pure.

A policy says which fields of which records may hold something. Everything else is for a person: a record whose person
is in doubt, another person in it, a file, a text, an act of a colleague on it, a system that did not prove its search.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

LONGEST_VALUE: Final = 200
"""Longest plain value, in characters; a longer value, or one with several lines, is text that a person reads."""
TEXT: Final = "a text"
"""Name for a field with such a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRecords:
    """The packages that a policy releases.

    Args:
        fields: The fields that may hold something, by record kind as ``system/kind``; inner ones are ``outer.inner``.
        most: How many records a package has at most.
    """

    fields: Mapping[str, frozenset[str]]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSeen:
    """Figures of a package, without its content.

    Args:
        filled: The fields that hold something, by record kind as ``system/kind``.
        records: How many records were found, given or not.
        files: How many files are in it.
        masked: How often another person stood in it.
        in_doubt: How many records there are of which it is not certain whose they are, or that are not the person's
            alone, and how many identifiers are another person's too.
        by_people: How many decisions of people there are on its records and masks, and how often it was sent back.
        asked: How many processors and colleagues were asked for something.
        unproven: How many systems could not be searched, or found nothing and did not prove that their search finds.
        is_imported: Whether the case is one of many that were imported.
        is_order: Whether it is answered to another controller.
    """

    filled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    records: int
    files: int
    masked: int
    in_doubt: int
    by_people: int
    asked: int
    unproven: int
    is_imported: bool
    is_order: bool


def is_plain(package: PackageSeen, rule: PlainRecords) -> bool:
    """Return whether a policy releases a package.

    Args:
        package: The package.
        rule: The policy's.
    """
    if not package.is_imported or package.is_order or not 0 < package.records <= rule.most:
        return False
    if any((package.files, package.masked, package.in_doubt, package.by_people, package.asked, package.unproven)):
        return False
    return bool(package.filled) and all(
        fields <= rule.fields.get(kind, frozenset()) for kind, fields in package.filled.items()
    )


def filled_fields(content: Mapping[str, Any]) -> frozenset[str]:
    """Return the filled fields of a record; a field with a text counts as :data:`TEXT`, which no policy names.

    Args:
        content: The record's content.
    """
    return frozenset(_filled(content, ""))


def _filled(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _filled(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        yield from _all(value, path)
    elif value not in (None, ""):
        yield path
        if isinstance(value, str) and (len(value) > LONGEST_VALUE or "\n" in value or "\r" in value):
            yield TEXT


def _all(values: Iterable[object], path: str) -> Iterator[str]:
    for value in values:
        yield from _filled(value, path)
