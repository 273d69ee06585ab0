"""Pieces of Markdown: tables whose cells hold anything, paragraphs, texts of docstrings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_LITERAL = re.compile(r"``([^`]+)``")


def prose(text: str) -> str:
    """A docstring's text as Markdown: one paragraph, reStructuredText's roles and literals as code.

    Args:
        text: The text.
    """
    return _LITERAL.sub(r"`\1`", _ROLE.sub(_named, " ".join(text.split())))


def paragraphs(text: str) -> str:
    """The same for a text of several paragraphs; an indented block stays a block of code.

    Args:
        text: The text, without its own indentation.
    """
    return "\n\n".join(_block(one) for one in re.split(r"\n\s*\n", text.strip("\n")) if one.strip())


def _block(text: str) -> str:
    return text if text.startswith("    ") else prose(text)


def code(text: object) -> str:
    """Something as code, whatever it holds.

    Args:
        text: It.
    """
    return f"`{text}`" if str(text) else ""


def anchor(title: str) -> str:
    """The anchor of a heading, as Markdown processors make it.

    Args:
        title: The heading's text.
    """
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table.

    Args:
        head: The titles of the columns.
        rows: The cells of each row, as Markdown.
    """
    lines = [_line(head), "|---" * len(head) + "|", *(_line(row) for row in rows)]
    return "\n".join(lines) + "\n"


def lines(words: Iterable[str], width: int = 118) -> str:
    """Return words as a paragraph of short lines.

    Args:
        words: The words, each of which stays on its line.
        width: The longest line, in characters.
    """
    found = [""]
    for word in words:
        if found[-1] and len(found[-1]) + 1 + len(word) > width:
            found.append("")
        found[-1] = f"{found[-1]} {word}".strip()
    return "\n".join(found) + "\n"


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"


def _named(role: re.Match[str]) -> str:
    return f"`{role.group(1).removesuffix('()')}`"
