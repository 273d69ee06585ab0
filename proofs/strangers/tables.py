"""The sections of relational systems as they are in ``rightsflow.toml``, made of the rows of ``tables.toml``."""

from __future__ import annotations

import tomllib
from pathlib import Path

_SYSTEMS = tomllib.loads(Path(__file__).with_name("tables.toml").read_text(encoding="utf-8"))


def tables(system: str) -> str:
    rows = ([*map(str.strip, line.split("|")), "", "", ""] for line in _SYSTEMS[system]["rows"].strip().splitlines())
    return "".join(_section(system, cells) for cells in rows)


def views(system: str) -> list[str]:
    """Return the statements by which an integrator makes what the tables lack."""
    return list(_SYSTEMS.get(system, {}).get("views", ()))


def _section(system: str, cells: list[str]) -> str:
    name, title, key, identities, references, more = cells[:6]
    lines = [f"[[systems.{system}.tables]]", 'document_class = "none"', f'name       = "{name}"']
    lines += [f'title      = "{title}"'] if title else []
    lines += ["key        = [" + ", ".join(f'"{one}"' for one in key.split()) + "]"]
    lines += [f"identities = [\n{''.join(map(_identity, identities.split(', ')))}]"] if identities else []
    lines += [f"references = [\n{''.join(map(_reference, references.split(', ')))}]"] if references else []
    return "\n" + "\n".join([*lines, *filter(None, more.split("; "))]) + "\n"


def _identity(text: str) -> str:
    column, kind, *direction = text.split()
    way = "".join(f', direction = "{one}"' for one in direction)
    return f'  {{ column = "{column}", kind = "{kind}"{way} }},\n'


def _reference(text: str) -> str:
    way, _, where = text.partition(" where ")
    column, _, target = way.partition(" > ")
    table, _, to = target.partition(".")
    field, _, value = where.partition("=")
    only = f', where = {{ {field} = "{value}" }}' if where else ""
    return f'  {{ column = "{column}", table = "{table}", to = "{to}"{only} }},\n'


TICKETS, HELPDESK, TELEPHONE, SHOP = (tables(system) for system in ("tickets", "helpdesk", "telephone", "shop"))
(PEOPLE_VIEW,) = views("tickets")
"""Redmine spreads a person over three tables; this view says who is who. Addresses are erased where they are stored."""
