"""The controller's own telephone lines, which name no person: written in settings, recognised in what systems store."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from pydantic import AfterValidator


def _is_own_line(text: str) -> str:
    if not re.fullmatch(r"\+\d{3,15}\*?", text):
        raise ValueError("write numbers like +4930901000, and a block of numbers like +4930901*")
    return text


OwnLine = Annotated[str, AfterValidator(_is_own_line)]
"""The type of a line in settings: a number in E.164; a trailing ``*`` stands for a block."""


def is_own_line(number: str, lines: Iterable[str]) -> bool:
    """Whether a number is one of the controller's lines.

    Args:
        number: In E.164.
        lines: The lines, as :data:`OwnLine`.
    """
    return any(number.startswith(one[:-1]) if one.endswith("*") else number == one for one in lines)
