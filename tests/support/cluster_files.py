"""The cluster's files as their own programs read them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).parents[2] / "deployments" / "cluster"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::(?P<mark>[-?])(?P<rest>[^}]*))?\}")


class NothingGivenError(Exception):
    """A variable without a default was not given; the text is what compose would say."""


def compose(variables: Mapping[str, str]) -> dict[str, Any]:
    """The compose file with its variables filled in and its merges made."""
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(_VARIABLE.sub(lambda found: _value(found, variables), text))


def required() -> dict[str, str]:
    """The variables without a default, each with the sentence that asks for it."""
    text = (FOLDER / "compose.yaml").read_text(encoding="utf-8")
    return {found["name"]: found["rest"] for found in _VARIABLE.finditer(text) if found["mark"] == "?"}


def _value(found: re.Match[str], variables: Mapping[str, str]) -> str:
    given = variables.get(found["name"], "")
    if given or found["mark"] == "-":
        return given or found["rest"]
    raise NothingGivenError(found["rest"] or found["name"])


def text_of(command: Any) -> str:
    """A command or a check as one line."""
    return command if isinstance(command, str) else " ".join(map(str, command))
