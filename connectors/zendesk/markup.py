"""Placing Zendesk's redaction marks in the HTML of a comment without changing a byte of the rest.

The redaction call takes the comment's whole ``html_body`` back with ``<redact>`` around texts and the attribute
``redact`` on elements; a body that differs in anything else is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape

Spans = Sequence[tuple[int, int]]

_TOKEN = re.compile(r"<!--.*?-->|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|&(?:#\w+|\w+);|.", re.DOTALL)
_LINKED = re.compile(r"<(?:a|img)(?=[\s/>])", re.IGNORECASE)
"""Elements whose address may name a person."""


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
