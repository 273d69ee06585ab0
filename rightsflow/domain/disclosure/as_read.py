"""A text as a reader sees it, where its system keeps HTML or letters that no one sees; and where each letter stands."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Final

from rightsflow.domain.disclosure.wordforms import compose

Span = tuple[int, int]
INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
"""Letters that no reader sees: soft hyphens, and the joiners and spaces without width."""
_TAG: Final = r"</?(?P<tag>[A-Za-z][A-Za-z0-9]{0,20})(?:[\s/][^<>]{0,2000})?/?>|<!--[^<>]{0,2000}-->"
_ENTITY: Final = r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});"
_WITHOUT_TAGS: Final = re.compile(f"{_TAG}|{_ENTITY}|{INVISIBLE.pattern}")
_WITH_TAGS: Final = re.compile(f"{_ENTITY}|{INVISIBLE.pattern}")
_APART: Final = frozenset({"p", "br", "div", "li", "tr", "td", "th", "h1", "h2", "h3", "h4", "blockquote", "ul", "ol"})
"""Tags between which a reader sees white space."""
_BETWEEN: Final = "\n"


def readings(text: str) -> Iterator[tuple[str, list[Span]]]:
    """A text as it is read otherwise than it is written: without its tags, and with them, for what they hold.

    Args:
        text: The text, composed.

    Yields:
        What is read, and where each of its letters stands in the text; nothing where it is read as it is written.
    """
    if "<" not in text and "&" not in text and not INVISIBLE.search(text):
        return
    bare = _read(text, _WITHOUT_TAGS)
    if bare is not None:
        yield bare
    with_tags = _read(text, _WITH_TAGS) if "<" in text else None
    if with_tags is not None:
        yield with_tags


def _read(text: str, tokens: re.Pattern[str]) -> tuple[str, list[Span]] | None:
    seen, where, at = list[str](), list[Span](), 0
    for token in tokens.finditer(text):
        start, end = token.span()
        read = _seen_of(token)
        seen += [text[at:start], read]
        where += zip(range(at, start), range(at + 1, start + 1), strict=True)
        where += [(start, end)] * len(read)
        at = end
    if not seen:
        return None
    where += zip(range(at, len(text)), range(at + 1, len(text) + 1), strict=True)
    return "".join([*seen, text[at:]]), where


def _seen_of(token: re.Match[str]) -> str:
    if token[0].startswith("&"):
        return INVISIBLE.sub("", compose(html.unescape(token[0])))
    return _BETWEEN if (token.groupdict().get("tag") or "").lower() in _APART else ""
