"""Pieces of Markdown: tables whose cells hold anything, paragraphs, texts of docstrings."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence

_ROLE = re.compile(r":\w+:`~?([^`]+)`")
_WIDTH = 120
_CODE = re.compile(r"`[^`]+`")
_ITEM = re.compile(r"( *)([-*]|\d+\.) ")
_NO_BREAK = "\0"
_APART = ("|", "#", "```", "<", "!!!")
_LITERAL = re.compile(r"``([^`]+)``")


def prose(text: str) -> str:
    """Return a docstring's text as Markdown: one paragraph, reStructuredText's roles and literals as code.

    Args:
        text: The text.
    """
    return _LITERAL.sub(r"`\1`", _ROLE.sub(_named, " ".join(text.split())))


def paragraphs(text: str) -> str:
    """Return a text of several paragraphs as Markdown; an indented block stays a block of code.

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
    """Return the anchor of a heading, as Markdown processors make it.

    Args:
        title: The heading's text.
    """
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", title).strip().lower())


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table, or a list where a row of it is too long for a line of the source.

    Args:
        head: The titles of the columns.
        rows: The cells of each row, as Markdown.
    """
    cells = [[" ".join(cell.split()) for cell in row] for row in rows]
    lines = [_line(head), "|---" * len(head) + "|", *(_line(row) for row in cells)]
    if any(len(line) > _WIDTH for line in lines):
        return entries(cells)
    return "\n".join(lines) + "\n"


def entries(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as a list: the first cell, the middle ones in brackets, and the last as its text.

    Args:
        rows: The cells of each row, as Markdown.
    """
    return "\n".join(_entry([" ".join(cell.split()) for cell in row]) for row in rows) + "\n"


def folded(page: str) -> str:
    """Return a page whose paragraphs and lists have no line longer than the source may have.

    Args:
        page: The page; its tables, headings and blocks of code stay as they are.
    """
    parts: list[list[str]] = []
    texts: set[int] = set()
    in_code = False
    for line in page.splitlines():
        in_code ^= line.lstrip().startswith("```")
        is_text = bool(line.strip()) and not in_code and not line.lstrip().startswith(_APART)
        if is_text and len(parts) - 1 in texts and not _ITEM.match(line):
            parts[-1].append(line)
            continue
        parts.append([line])
        if is_text:
            texts.add(len(parts) - 1)
    folds = (_folded(part) if number in texts else part for number, part in enumerate(parts))
    return "\n".join(line for part in folds for line in part) + "\n"


def _folded(part: list[str]) -> list[str]:
    first = part[0]
    if all(len(line) <= _WIDTH for line in part):
        return part
    return _filled(" ".join([first.rstrip(), *map(str.strip, part[1:])]), _indent(first)).splitlines()


def _indent(line: str) -> str:
    item = _ITEM.match(line)
    return " " * item.end() if item else line[: len(line) - len(line.lstrip())]


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
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _entry(cells: Sequence[str]) -> str:
    """Return a row as an entry of a list: the first cell, the middle ones in brackets, and the last as its text."""
    first, *between, last = cells
    kinds = "; ".join(filter(None, between))
    return _filled("- " + (f"{first} ({kinds}): {last}" if kinds else f"{first}: {last}"), "  ")


def _filled(text: str, indent: str) -> str:
    """Return a text in lines of the source, none of which ends inside of code."""
    whole = _CODE.sub(lambda found: found[0].replace(" ", _NO_BREAK), text)
    lines = textwrap.fill(
        whole, _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False, expand_tabs=False
    )
    return lines.replace(_NO_BREAK, " ")


def _named(role: re.Match[str]) -> str:
    return f"`{role.group(1).removesuffix('()')}`"
