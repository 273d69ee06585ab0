"""Numbers in a text that their check digits tell from any other number, such as an IBAN. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rightsflow.domain.identifier_kinds import CheckDigits, IdentifierKind, declared_kinds
from rightsflow.domain.identifiers import Identifier, parse_leniently

_GROUP: Final = re.compile(r"[A-Za-z0-9]+")
_BETWEEN: Final = re.compile(r"[ \u00a0\u202f./-]")
_MOST_GROUPS: Final = 12
_SHORTEST, _LONGEST = 12, 40


def checked_in(text: str) -> Iterator[tuple[int, int, Identifier]]:
    """Yield the numbers of declared kinds whose check digits leave no doubt, each with its place, the longest first.

    Of ISO 7064 one text in 97 passes by chance; of a Luhn digit one in ten, so that an IMEI is not told from an order
    number in a text.

    Args:
        text: The text.
    """
    kinds = [kind for kind in declared_kinds() if (form := kind.declaration.form) and form.check is CheckDigits.MOD_97]
    groups = list(_GROUP.finditer(text)) if kinds else []
    at = 0
    while at < len(groups):
        taken = next(_from(text, groups, at, kinds), None) if any(map(str.isdigit, groups[at][0])) else None
        if taken is None:
            at += 1
            continue
        last, found = taken
        yield groups[at].start(), groups[last].end(), found
        at = last + 1


def _from(
    text: str, groups: Sequence[re.Match[str]], first: int, kinds: Sequence[IdentifierKind]
) -> Iterator[tuple[int, Identifier]]:
    """Yield what can be read from a group on, with the last group of it; the longest first."""
    last = first
    while (
        last + 1 < min(len(groups), first + _MOST_GROUPS)
        and _BETWEEN.fullmatch(text, groups[last].end(), groups[last + 1].start())
        and groups[last + 1].end() - groups[first].start() <= _LONGEST
    ):
        last += 1
    for end in range(last, first - 1, -1):
        raw = text[groups[first].start() : groups[end].end()]
        if len(raw) >= _SHORTEST:
            read = (parse_leniently(kind, raw) for kind in kinds)
            yield from ((end, found) for found in read if found)
