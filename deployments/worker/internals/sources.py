"""What the installed Prefect says in its source, which tells whether it is what something of ours was made for."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from types import ModuleType
from typing import Any

Thing = ModuleType | Callable[..., Any]


def source_of(one: Thing) -> str:
    """The source of a function, without what it is wrapped in, or of a module; empty if it is not there.

    Args:
        one: The function or module.
    """
    try:
        return inspect.getsource(inspect.unwrap(one) if callable(one) else one)
    except OSError:
        return ""


def uses_of(name: str, one: Thing) -> list[str]:
    """What a function or module uses of something: each time that it does.

    Args:
        name: By what name it has it.
        one: The function or module.
    """
    return re.findall(rf"(?<![\w.]){name}\.(\w+)", source_of(one))
