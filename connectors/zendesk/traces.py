"""Traces of a person in a text: e-mail addresses, numbers in any spelling, ids and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import phonenumbers

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers

MASK = "▇"
"""The sign that Zendesk puts in place of each redacted character; the connector does the same in subject lines."""

_SHORTEST_NAME_PART = 3


@dataclass(frozen=True, slots=True)
class Trace:
    """A place in a text.

    Args:
        start: The first character.
        end: The one after the last.
        identifier: What stands there.
    """

    start: int
    end: int
    identifier: Identifier


class NameTraces:
    """Finds identifiers in texts.

    Args:
        identifiers: What to look for.
        country: In which national numbers are read.
    """

    def __init__(self, identifiers: Identifiers, country: str) -> None:
        self._country = country.upper() or None
        self._numbers = {
            identifier.value: identifier for identifier in identifiers if identifier.kind is IdentifierKind.PHONE
        }
        self._patterns = [
            (identifier, pattern) for identifier in sorted(identifiers) if (pattern := _pattern(identifier))
        ]

    def find(self, text: str) -> Iterator[Trace]:
        """Yield every place where one of the identifiers occurs; places may overlap."""
        for identifier, pattern in self._patterns:
            for match in pattern.finditer(text):
                yield Trace(match.start(), match.end(), identifier)
        if self._numbers:
            yield from self._find_numbers(text)

    def _find_numbers(self, text: str) -> Iterator[Trace]:
        # POSSIBLE and not VALID: what stands in the profile counts, also where no operator has given that range out.
        leniency = phonenumbers.Leniency.POSSIBLE
        for match in phonenumbers.PhoneNumberMatcher(text, self._country, leniency=leniency):
            written = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            if written in self._numbers:
                yield Trace(match.start, match.end, self._numbers[written])

    def named_in(self, texts: Iterable[str]) -> Identifiers:
        """Return the identifiers that occur in any of the texts."""
        return frozenset(trace.identifier for text in texts for trace in self.find(text))

    def stands_in(self, text: str) -> bool:
        """Return whether any of the identifiers occurs in the text."""
        return next(self.find(text), None) is not None

    def spans(self, text: str) -> list[tuple[int, int]]:
        """The places as spans, for :func:`connectors.zendesk.markup.marked`."""
        return [(trace.start, trace.end) for trace in self.find(text)]

    def masked(self, text: str) -> str:
        """The text with each of the places masked."""
        characters = list(text)
        for start, end in self.spans(text):
            characters[start:end] = MASK * (end - start)
        return "".join(characters)


def with_name_parts(known: Identifiers, names_of_others: Iterable[str]) -> Identifiers:
    """The identifiers with each word of their names, but for words that are also another person's name.

    A greeting names the subject by half of the name; masking that half must not mask a relative's name.

    Args:
        known: The subject's identifiers.
        names_of_others: Names of the other people in the text.
    """
    shared = {word.casefold() for name in names_of_others for word in name.split()}
    words = {
        word for identifier in known if identifier.kind is IdentifierKind.NAME for word in identifier.value.split()
    }
    usable = {word for word in words if len(word) >= _SHORTEST_NAME_PART and word.casefold() not in shared}
    return known | {Identifier(IdentifierKind.NAME, word) for word in usable}


def searchable(identifiers: Identifiers) -> list[Identifier]:
    """Return the identifiers that mean the person wherever they occur in other people's tickets, in a stable order."""
    return sorted(identifier for identifier in identifiers if identifier.is_unmistakable)


def spellings(identifier: Identifier, country: str) -> list[str]:
    """Return the usual spellings of an identifier, for a search that compares words."""
    if identifier.kind is not IdentifierKind.PHONE:
        return [identifier.value]
    number = phonenumbers.parse(identifier.value)
    formats = phonenumbers.PhoneNumberFormat
    written = [identifier.value, phonenumbers.format_number(number, formats.INTERNATIONAL)]
    if phonenumbers.region_code_for_country_code(number.country_code or 0) == country.upper():
        national = phonenumbers.format_number(number, formats.NATIONAL)
        written += [national, "".join(character for character in national if character.isdigit())]
    return list(dict.fromkeys(written))


def _pattern(identifier: Identifier) -> re.Pattern[str] | None:
    """Return the pattern of an identifier in a text; ``None`` for one that is not found by a pattern."""
    if identifier.kind is IdentifierKind.PHONE or not (
        identifier.is_unmistakable or identifier.kind is IdentifierKind.NAME
    ):
        return None
    words = r"\s+".join(re.escape(word) for word in identifier.value.split())
    # A name or an id that is a part of a longer word or address is another person's.
    before, after = (
        (r"(?<![\w.+-])", r"(?![\w-]|\.\w)") if identifier.kind is IdentifierKind.EMAIL else (r"(?<!\w)", r"(?!\w)")
    )
    return re.compile(before + words + after, re.IGNORECASE)
