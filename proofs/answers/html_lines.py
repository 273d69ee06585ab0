"""The pages of a package and of the evidence as lines, each with the heading above it; the person's data are left out."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser

_LINES = frozenset({"h1", "h2", "h3", "h4", "p", "li", "dd", "tr", "summary", "caption", "pre"})
_JOINED = {"td": " | ", "th": " | ", "br": " / ", "dt": "", "dd": ": "}
_UNREAD = frozenset({"style", "title", "head", "script"})


def lines_of(page: str) -> Iterator[tuple[str, str]]:
    """The lines of a page.

    Args:
        page: The HTML.
    """
    page = re.sub(r'(?s)<article class="card">.*?</article>', "", page)
    page = re.sub(r'(?s)<div class="scroll"[^>]*aria-label="Table">.*?</table>\s*</div>', "", page)
    reader = _Reader()
    reader.feed(page)
    section = ""
    for tag, line in reader.lines:
        if tag in {"h1", "h2", "h3"}:
            section = line
        yield section, line


class _Reader(HTMLParser):
    """Collects a line for each paragraph, item, pair and row."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[tuple[str, str]] = []
        self._text = ""
        self._unread = 0
        self._cells = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._unread += tag in _UNREAD
        if tag in _LINES - {"dd"} or tag == "dt":
            self._text, self._cells = "", 0
        if tag in {"td", "th"}:
            self._text += " | " if self._cells else ""
            self._cells += 1
        elif tag in {"br", "dd"}:
            self._text += _JOINED[tag]

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in _UNREAD
        if tag in _LINES:
            line = " ".join(self._text.split())
            if line and not self._unread:
                self.lines.append((tag, line))
            self._text = ""

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self._text += data
