"""One page for each connector: what it finds and erases, and its keys."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Final

from pydantic import BaseModel

from connectors.registry import GROUP, ConnectorType, ControllerPlace
from connectors.rest.description import Description
from docs.generate.docstrings import about
from docs.generate.markdown import anchor, code, paragraphs, table
from docs.generate.models import keys_table, titles
from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.domain.connector import Capabilities

_COMMON: Final = {
    "purposes": ["…"],
    "categories": ["…"],
    "source": "…",
    "retention": "…",
}
_EXAMPLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "zendesk": {"base_url": "https://example.zendesk.com", "client_id": "x", "client_secret": "env:X"},
    "stripe": {"api_key": "env:X"},
    "s3": {"bucket": "example", "match": {"by": "metadata", "keys": {"caller": "phone"}}},
    "sql": {
        "url": "env:X",
        "tables": [{"name": "customers", "key": ["id"], "identities": [{"column": "email", "kind": "email"}]}],
    },
    "rest": {"file": "freshdesk", "values": {"subdomain": "example"}, "secret": "env:X"},
}
"""The least that each connector needs to say what it can do; no connection is opened."""

_TITLES: Final = {"zendesk": "Zendesk", "stripe": "Stripe", "s3": "S3", "sql": "SQL", "rest": "REST"}
_MAPPED: Final = {"s3", "sql", "rest"}
"""Connectors that search by what the configuration maps."""
_WITH_KINDS_OF_YOURS: Final = {"sql", "rest"}
"""Connectors whose kinds of record are those that the configuration names."""


_FILES: Final[Mapping[str, type[BaseModel]]] = {"rest": Description}
"""Connectors that read a file of their own, each with its model."""


def pages() -> dict[str, str]:
    """The page of each connector of this distribution, by its path."""
    types = {one.name: one.load() for one in entry_points(group=GROUP) if one.name in _EXAMPLES}
    return {f"connectors/{name}.md": _page(name, types[name]) for name in _EXAMPLES}


def _page(name: str, kind: ConnectorType) -> str:
    settings = kind.settings.model_validate({"connector": name, **_COMMON, **_EXAMPLES[name]})
    able = kind.build(name, settings, ControllerPlace(country="DE", timezone="Europe/Berlin")).capabilities
    head = f'# {_TITLES[name]}\n\n{_text(kind.settings)}\n\nIn `rightsflow.toml`: `connector = "{name}"`.\n\n'
    kinds = "" if name in _WITH_KINDS_OF_YOURS else _kinds(able)
    searches = "" if name in _FILES else _searches(name, able)
    return head + searches + kinds + _keys(kind.settings) + (_language(_FILES[name]) if name in _FILES else "")


def _text(settings: type[SystemSettings]) -> str:
    """The docstring without its arguments, examples included."""
    return paragraphs(inspect.cleandoc(settings.__doc__ or "").partition("\nArgs:\n")[0]).replace("::\n", ":\n")


def _searches(name: str, able: Capabilities) -> str:
    rate = f" Published rate: {able.calls_per_minute:,} calls a minute." if able.calls_per_minute else ""
    lost = "".join(f"- {one}\n" for one in able.cannot_find)
    by = (
        "the identities in its settings"
        if name in _MAPPED
        else ", ".join(sorted(one.replace("_", " ") for one in able.searches))
    )
    return f"## Search\n\nFinds by {by}.{rate}\n\n" + (f"The search cannot find:\n\n{lost}\n" if lost else "")


def _kinds(able: Capabilities) -> str:
    rows = (
        (
            f"{one.title} ({code(one.name)})",
            ", ".join(sorted(method.value for method in one.methods)) or "cannot be changed",
            " ".join(filter(None, (one.residue, one.manual_step))),
        )
        for one in able.kinds
    )
    left_out = dict.fromkeys(f"- {each.what}: {each.reason}\n" for one in able.kinds for each in one.withheld)
    left = f"A copy leaves out:\n\n{''.join(left_out)}\n" if left_out else ""
    head = ("Records", "Methods", "Remains, and manual work")
    return f"## Records\n\nIn the order in which they are erased.\n\n{table(head, rows)}\n{left}"


def _language(model: type[BaseModel]) -> str:
    """The keys of a connector's own file."""
    places = titles(model)

    def link(nested: type) -> str:
        return f"#{anchor(places[nested][0])}"

    parts = [f"\n## The file\n\n{about(model)}\n\n{keys_table(model, link)}"]
    parts += [f"## {names[0]}\n\n{about(nested)}\n\n{keys_table(nested, link)}" for nested, names in places.items()]
    return "\n".join(parts)


def _keys(settings: type[SystemSettings]) -> str:
    places = titles(settings)

    def link(model: type) -> str:
        return "../settings.md#secrets" if model is SecretRef else f"#{anchor(places[model][0])}"

    own = keys_table(settings, link, without=tuple(SystemSettings.model_fields))
    parts = [f"## Settings\n\nBesides the [keys of every system](../settings.md#systemsname):\n\n{own}"]
    shared = titles(SystemSettings)
    for model, names in ((model, names) for model, names in places.items() if model not in shared):
        parts.append(f"## {names[0]}\n\n{about(model)}\n\n{keys_table(model, link)}")
    return "\n".join(parts)
