"""Traces of a person in a text: e-mail addresses, numbers in any spelling, ids and names; and marks on them.

Zendesk's redaction call takes a comment's whole ``html_body`` back with ``<redact>`` around texts and the attribute
``redact`` on elements; a body that differs in anything else is refused. So marks change no byte of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

import phonenumbers

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers

MASK = "▇"
"""The sign that Zendesk puts in place of each redacted character; the connector does the same in subject lines."""

_SHORTEST_NAME_PART = 3
Spans = Sequence[tuple[int, int]]

_TOKEN = re.compile(r"<!--.*?-->|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|&(?:#\w+|\w+);|.", re.DOTALL)
_LINKED = re.compile(r"<(?:a|img)(?=[\s/>])", re.IGNORECASE)
"""Elements whose address may name a person."""


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
    """Finds identifiers in texts."""

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
        """The places as spans, for :func:`marked`."""
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


@dataclass(slots=True)
class _Piece:
    """A tag, or one visible character as it is written in HTML."""

    raw: str
    shown: str
    redact: bool = False

    @property
    def is_tag(self) -> bool:
        return len(self.raw) > 1 and self.raw.startswith("<")


def text_of(html: str) -> str:
    """The visible text; a tag between two letters is no gap."""
    return "".join(piece.shown for piece in _pieces(html))


def marked(html: str, spans: Callable[[str], Spans]) -> str:
    """Return the HTML with marks around the given places of its visible text.

    Args:
        html: The comment's ``html_body``.
        spans: Gives the places in a text; it is also asked about the addresses in links and images.

    Returns:
        The HTML with marks; the same as given where there is nothing to redact.
    """
    pieces = list(_pieces(html))
    owners = [piece for piece in pieces for _ in piece.shown]
    for start, end in spans("".join(piece.shown for piece in pieces)):
        for piece in owners[start:end]:
            piece.redact = not piece.is_tag
    for piece in pieces:
        if piece.is_tag and _LINKED.match(piece.raw):
            piece.redact = bool(spans(unescape(piece.raw)))
    return "".join(_written(pieces))


def wholly_marked(html: str) -> str:
    """The HTML with marks around all of its visible text, its links and its images."""
    pieces = list(_pieces(html))
    for piece in pieces:
        piece.redact = bool(_LINKED.match(piece.raw) if piece.is_tag else piece.shown.strip("▇"))
    if not any(piece.redact and (piece.is_tag or piece.shown.strip()) for piece in pieces):
        return html
    return "".join(_written(pieces))


def is_readable(html: str) -> bool:
    """Return whether any text is left that has not been redacted."""
    return bool(text_of(html).replace("▇", "").strip())


def _pieces(html: str) -> Iterator[_Piece]:
    for token in _TOKEN.findall(html):
        is_tag = len(token) > 1 and token.startswith("<")
        # A line break shows as white space: without it two lines would read as one word.
        breaks = is_tag and re.match(r"</?(?:br|p|div|li|tr|td|h\d)\b", token, re.IGNORECASE)
        yield _Piece(token, ("\n" if breaks else "") if is_tag else unescape(token))


def _written(pieces: Sequence[_Piece]) -> Iterator[str]:
    """The pieces with marks, neighbours under one mark."""
    inside = False
    for piece in pieces:
        wanted = piece.redact and not piece.is_tag
        if wanted != inside:
            yield "<redact>" if wanted else "</redact>"
            inside = wanted
        yield (
            _LINKED.sub(lambda found: f"{found[0]} redact", piece.raw, count=1)
            if piece.redact and piece.is_tag
            else piece.raw
        )
    if inside:
        yield "</redact>"
