"""One page for each connector: what it finds and erases, and its keys."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from importlib.metadata import entry_points
from typing import Any, Final

from pydantic import BaseModel

from connectors.registry import GROUP, ConnectorType, ControllerPlace
from connectors.rest.description import Description, Job
from connectors.rest.kinds import DescribedKind
from connectors.rest.reading import FOLDER, read_description, shipped
from connectors.settings import HttpSystemSettings
from docs.generate.configuration import CALLED_OVER_HTTP
from docs.generate.docstrings import about
from docs.generate.markdown import anchor, code, entries, paragraphs, table
from docs.generate.models import Explained, keys_table, titles
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
    """Return the page of each connector of this distribution, by its path."""
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
    """Return the docstring without its arguments, examples included."""
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
    """Return the records, those with the same fate in one row, and what remains of every kind said once."""
    everywhere = _remains_of_all(able)
    rows: dict[tuple[str, str], list[str]] = {}
    for one in able.kinds:
        remains = "; ".join(part for part in _parts(one.residue) if part not in everywhere)
        methods = ", ".join(sorted(method.value for method in one.methods)) or "cannot be changed"
        fate = (methods, " ".join(filter(None, (remains and f"{remains}.", one.manual_step))))
        rows.setdefault(fate, []).append(f"{one.title} ({code(one.name)})")
    lines = (f"- {', '.join(names)}: {methods}. {remains}".rstrip() for (methods, remains), names in rows.items())
    listed = "".join(f"{line}\n" for line in lines)
    left_out = dict.fromkeys(f"- {each.what}: {each.reason}\n" for one in able.kinds for each in one.withheld)
    left = f"\nA copy leaves out:\n\n{''.join(left_out)}" if left_out else ""
    always = f" Of each, this remains: {'; '.join(everywhere)}." if everywhere else ""
    order = ", ".join(code(one.name) for one in able.kinds)
    return f"## Records\n\nErased in this order: {order}.{always}\n\n{listed}{left}\n"


def _parts(residue: str) -> list[str]:
    return [part.removesuffix(".") for part in residue.split("; ")] if residue else []


def _remains_of_all(able: Capabilities) -> list[str]:
    """Return the parts of what remains that every kind of record has."""
    parts = [_parts(one.residue) for one in able.kinds]
    return [part for part in parts[0] if len(parts) > 1 and all(part in each for each in parts)] if parts else []


def _language(model: type[BaseModel]) -> str:
    """Return the keys of a connector's own file."""
    places = titles(model)

    def link(nested: type) -> str:
        return f"#{anchor(places[nested][0])}"

    parts = [_included(), f"## The file\n\n{about(model)}\n\n{keys_table(model, link)}"]
    for nested, names in places.items():
        # What a section has in common with another one is listed there.
        base = next((base for base in nested.__mro__[1:] if base in places and issubclass(base, BaseModel)), None)
        besides = f" Besides the keys of [{places[base][0]}]({link(base)}):" if base else ""
        keys = keys_table(nested, link, without=tuple(base.model_fields) if base else ())
        parts.append(f"## {names[0]}\n\n{about(nested)}{besides}\n\n{keys}")
    return "\n".join(parts)


def _included() -> str:
    """Describe the systems that come with the distribution: a table to compare them, and the limits of each."""
    rows, limits = [], []
    for name in shipped():
        text, description = (FOLDER / f"{name}.toml").read_text(encoding="utf-8"), read_description(name)
        kinds, title = description.kinds.values(), description.system.title
        searches = sorted({search.by.value.replace("_", " ") for kind in kinds for search in kind.find})
        ways = dict.fromkeys(way for kind in kinds for way in _ways(kind, description.jobs))
        tested = _comment(text, "Tested")
        cells = (title, str(written_lines(text)), ", ".join(searches), str(len(kinds)), ", ".join(ways))
        rows.append((*cells, next(words for sign, words in _TESTED if sign in tested)))
        by_hand = [kind.title for kind in kinds if not _ways(kind, description.jobs)]
        left = f" Erased by hand: {', '.join(by_hand)}." if by_hand else ""
        limits.append((f"**{title}**", f"{_comment(text, 'Not covered')}{left}"))
    rows.sort(key=lambda row: row[0].casefold())
    limits.sort()
    head = ("System", "Lines", "Searches", "Kinds", "How records go", "Tested on")
    return f"\n## Included files\n\n{table(head, rows)}\nNot covered:\n\n{entries(limits)}"


_TESTED: Final = (("real", "a real server"), ("OpenAPI", "a double held against OpenAPI"), ("double", "a double"))
"""What the head of a file says of its tests, and in the table."""


def written_lines(text: str) -> int:
    """Return how many lines of a description are neither empty nor comments.

    Args:
        text: The file.
    """
    return sum(bool(line.strip()) and not line.startswith("#") for line in text.splitlines())


def _ways(kind: DescribedKind, jobs: Mapping[str, Job]) -> list[str]:
    """Return how records of a kind are erased, in a word or two each."""
    entries_of = kind.entries
    ways = []
    if kind.erase:
        ways += ["job" if kind.erase.job in jobs else "trash" if kind.read and kind.read.trash_days else "deletion"]
    if entries_of and entries_of.job:
        ways += ["job for entries"]
    if kind.mask or (entries_of and (entries_of.mask or entries_of.erase)):
        ways += ["masking"]
    return ways


def _comment(text: str, key: str) -> str:
    """Return the text of a file's head after a word, to the end of the sentence's lines."""
    found = re.search(rf"^# {key}: (.+(?:\n# (?![A-Z][a-z ]+: ).+)*)", text, re.MULTILINE)
    return found[1].replace("\n# ", " ") if found else ""


def _keys(settings: type[SystemSettings]) -> str:
    places = titles(settings)

    def link(model: type) -> str:
        return "../settings.md#secrets" if model is SecretRef else f"#{anchor(places[model][0])}"

    explained = Explained()
    http = issubclass(settings, HttpSystemSettings)
    base = HttpSystemSettings if http else SystemSettings
    own = keys_table(settings, link, without=tuple(base.model_fields))
    called = f" and those of [systems called over HTTP](../settings.md#{anchor(CALLED_OVER_HTTP)})" if http else ""
    parts = [f"## Settings\n\nBesides the [keys of every system](../settings.md#systemsname){called}:\n\n{own}"]
    shared = titles(SystemSettings)
    for model, names in ((model, names) for model, names in places.items() if model not in shared):
        keys = keys_table(model, link, section=f"[{names[0]}]({link(model)})", explained=explained)
        parts.append(f"## {names[0]}\n\n{about(model)}\n\n{keys}")
    return "\n".join(parts)
