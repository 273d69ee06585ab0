"""The fields of records as they are read fast: free text first, what all records have in common once.

A reader looks for what is another person's. That is in free text, names, addresses and telephone numbers, and not in
numbers, dates and codes. A page therefore folds the latter, and says how many they are; nothing is dropped.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

Fact = tuple[str, str]
"""A label and a value, as a page shows them."""

_DATE: Final = re.compile(r"(?:\w{3} )?\d{1,2} \w+ \d{4}(?:, \d\d:\d\d)?")
_AMOUNT: Final = re.compile(r"-?[\d.,]+ [A-Z]{3}")
_PHONE: Final = re.compile(r"(?:\+|0)[\d ()/.-]{5,}")
_WORD: Final = re.compile(r"[^\W\d_][^\W\d_.'’-]*(?:[.'’-]+[^\W\d_]*)*")
_YES_NO: Final = frozenset({"Yes", "No"})
_AS_OFTEN: Final = 2


def is_code(value: str) -> bool:
    """Return True if a value is a number, a date, a key, an address of a page or a yes or no, and so names no person.

    Args:
        value: The value as it is shown.
    """
    if "@" in value or _PHONE.fullmatch(value):
        return False
    if value in _YES_NO or _DATE.fullmatch(value) or _AMOUNT.fullmatch(value):
        return True
    return not re.search(r"\s", value) and not _WORD.fullmatch(value)


@dataclass(frozen=True, slots=True)
class FoldedFacts:
    """The fields of a record in two parts.

    Args:
        telling: The fields to be read.
        folded: The fields that are codes, or repeat what the record or the other records show.
    """

    telling: tuple[Fact, ...]
    folded: tuple[Fact, ...]


def common_facts(records: Sequence[Sequence[Fact]]) -> tuple[Fact, ...]:
    """Return the fields that have the same value in each of some records; of one record, none.

    Args:
        records: The fields of each.
    """
    if len(records) < _AS_OFTEN:
        return ()
    others = [frozenset(record) for record in records[1:]]
    return tuple(fact for fact in records[0] if all(fact in other for other in others))


def repeated_words(records: Sequence[Sequence[Fact]]) -> frozenset[str]:
    """Return the single words that are values of several records: states and kinds rather than names.

    Args:
        records: The fields of each.
    """
    seen = Counter(value for record in records for value in {value for _, value in record} if value.islower())
    return frozenset(value for value, times in seen.items() if times >= _AS_OFTEN and " " not in value)


def fold(
    facts: Sequence[Fact], *, common: Collection[Fact] = (), shown: Collection[str] = (), words: Collection[str] = ()
) -> FoldedFacts:
    """Divide the fields of a record into those to be read and those to be folded.

    Args:
        facts: The fields.
        common: The fields that are shown once for all records.
        shown: The texts that the page shows already, such as the record's title and its messages.
        words: Words that are states or kinds: those of :func:`repeated_words`, and what declared codes mean.
    """
    telling, folded = list[Fact](), list[Fact]()
    for fact in facts:
        value = fact[1]
        if fact in common:
            continue
        is_quiet = is_code(value) or value in words or any(value in text for text in shown)
        (folded if is_quiet else telling).append(fact)
    return FoldedFacts(tuple(telling), tuple(folded))
