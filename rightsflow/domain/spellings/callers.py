"""Caller ids and mail senders, one or a list: a name, and in angle brackets the number or the address."""

from __future__ import annotations

import re

_STOPS = re.compile(r'"[^"]*"|<[^<>]*>|[,;\n]')
_NAMES_ONE = re.compile(r">|@|(?:\d\D?){6}")
"""Least content of a list entry, so that a comma within a name (``Example, Anna <…>``) does not end the entry."""
_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_NAME = re.compile(r'^\s*"?([^"<>]*?)"?\s*<')


def name_before_brackets(text: str) -> str:
    """The name in a caller id (``"Anna Example" <+49 30 901820>``); empty where there is none."""
    match = _NAME.match(text)
    return match.group(1).strip() if match else ""


def in_brackets(text: str) -> list[str]:
    """Return the texts in angle brackets; the whole text if there are none."""
    return _IN_BRACKETS.findall(text) or [text]


def callers_in(text: str) -> list[str]:
    """The entries of a list (``Anna <anna@example.com>, ben@example.com``), each with the name that belongs to it.

    Args:
        text: As it is stored; a text with a single entry is that entry.
    """
    entries, start = list[str](), 0
    for stop in _STOPS.finditer(text):
        if stop[0].startswith("<"):
            entries.append(text[start : stop.end()])
            start = stop.end()
        elif stop[0] in ",;\n" and (
            not text[start : stop.start()].strip() or _NAMES_ONE.search(text, start, stop.start())
        ):
            entries.append(text[start : stop.start()])
            start = stop.end()
    entries.append(text[start:])
    return [entry for item in entries if (entry := item.strip())]
