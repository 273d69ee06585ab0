"""How the forms of the deployments look in Prefect's UI: titles instead of names of fields, calendars, lists of people.

Prefect makes a form of a flow's signature, where a title cannot be said and a list cannot come from the configuration.
So the form is finished here, as JSON Schema, before the server gets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from types import MappingProxyType
from typing import Any, Final, TypeAlias

from flows.fields import TITLES
from rightsflow.config.settings import Settings
from rightsflow.domain.people import person_choice

_PEOPLE: Final = frozenset({"to", "person", "deputy"})
"""The fields that name a person of the configuration. A person's own name is typed: it proves nothing either way."""


People: TypeAlias = Mapping[str, str]
"""Who can be chosen in a form: the names of all who can answer for something, by their keys."""
NOBODY: Final[People] = MappingProxyType({})


def people_of(settings: Settings) -> People:
    """Those of the configuration.

    Args:
        settings: The configuration.
    """
    return {key: person.full_name for key, person in settings.people_by_key.items()}


def shaped(form: Mapping[str, Any], people: People) -> dict[str, Any]:
    """A form as people see it, and none of its fields taken away.

    Args:
        form: The form as Prefect makes it.
        people: Who can be chosen.
    """
    made = deepcopy(dict(form))
    for name, item in made.get("properties", {}).items():
        item["title"] = TITLES.get(name, name)
        _without_nothing(item)
        if choices := _choices(name, people):
            item["enum"] = choices
    return made | {"additionalProperties": False}


def _without_nothing(value: dict[str, Any]) -> None:
    """An optional day is a calendar that may stay empty, instead of a choice between a day and nothing."""
    kinds = [kind for kind in value.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1 and value.get("default") is None:
        del value["anyOf"]
        value.pop("default", None)
        value.update(kinds[0])


def _choices(name: str, people: People) -> list[str]:
    return [person_choice(key, full_name) for key, full_name in people.items()] if name in _PEOPLE else []
