"""The parameters of the deployments as Prefect's pages show them, and what each may be: a reference or a number.

Prefect makes a form of a flow's signature, where a title cannot be said and a list cannot come from the configuration.
So it is finished here, as JSON Schema, before the server gets it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from typing import Any, Final

from flows.references import REFERENCES, TITLES

_BOUND: Final = ("pattern", "enum")
"""What bounds a text, one of them at least; Prefect's server checks no ``format``."""
_NUMBERS: Final = frozenset({"integer", "number"})


def shaped(form: Mapping[str, Any], systems: Collection[str]) -> dict[str, Any]:
    """Return the parameters as people see them: with titles, calendars, and the configured systems to choose from.

    Args:
        form: The parameters as Prefect reads them from the flow's signature.
        systems: The configured systems.
    """
    made = deepcopy(dict(form))
    for name, item in made.get("properties", {}).items():
        item["title"] = TITLES.get(name, name)
        _without_nothing(item)
        if item.get("reference") == "system" and systems:
            item["enum"] = sorted(systems)
    return made | {"additionalProperties": False}


def no_references(form: Mapping[str, Any]) -> list[str]:
    """Return the parameters that are neither a reference of a bounded form nor a number.

    Args:
        form: The parameters as the server gets them.
    """
    return sorted(_offending(form))


def _offending(form: Mapping[str, Any]) -> Iterator[str]:
    for name, item in form.get("properties", {}).items():
        is_reference = item.get("reference") in REFERENCES and any(item.get(bound) for bound in _BOUND)
        if item.get("type") not in _NUMBERS and not (item.get("type") == "string" and is_reference):
            yield name


def _without_nothing(value: dict[str, Any]) -> None:
    """An optional day is a calendar that may stay empty, instead of a choice between a day and nothing."""
    kinds = [kind for kind in value.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1 and value.get("default") is None:
        del value["anyOf"]
        value.pop("default", None)
        value.update(kinds[0])
