"""The controller's own telephone lines, which name no person: as settings write them, recognised in what is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable


def own_line(text: str) -> str:
    """A line as it is written in settings: a number in E.164; a trailing ``*`` stands for a block.

    Args:
        text: As it was written.

    Raises:
        ValueError: It is written otherwise.
    """
    if not re.fullmatch(r"\+\d{3,15}\*?", text):
        raise ValueError("write numbers like +4930901000, and a block of numbers like +4930901*")
    return text


def is_own_line(number: str, lines: Iterable[str]) -> bool:
    """Whether a number is one of the controller's lines.

    Args:
        number: In E.164.
        lines: The lines, as :func:`own_line` accepts them.
    """
    return any(number.startswith(one[:-1]) if one.endswith("*") else number == one for one in lines)
