"""Caller ids and mail senders: a name, and in angle brackets the number or the address."""

from __future__ import annotations

import re

_IN_BRACKETS = re.compile(r"<([^<>]*)>")
_NAME = re.compile(r'^\s*"?([^"<>]*?)"?\s*<')


def name_before_brackets(text: str) -> str:
    """The name in a caller id (``"Anna Example" <+49 30 901820>``); empty where there is none."""
    match = _NAME.match(text)
    return match.group(1).strip() if match else ""


def in_brackets(text: str) -> list[str]:
    """What stands in angle brackets; the whole text where there are none."""
    return _IN_BRACKETS.findall(text) or [text]
