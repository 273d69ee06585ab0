"""Sections that ``rightsflow systems propose`` wrote, and what a person corrected in them."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from connectors.settings import SecretRef
from connectors.sql.propose import propose
from connectors.sql.propose.toml_text import keyed_line

_CORRECTIONS = tomllib.loads(Path(__file__).with_name("corrections.toml").read_text(encoding="utf-8"))
PROPOSED = frozenset(_CORRECTIONS)
"""The systems whose section is proposed."""
LINKS = {name: found.get("links", "") for name, found in _CORRECTIONS.items()}
"""How the judge finds whose a row is in which nothing was planted."""
BLANKED = {name: found.get("blanked", "") for name, found in _CORRECTIONS.items()}
"""The columns that an erasure blanks, by table."""
PLANTED = {"oscar": ["hint", "review", "wish"]}
PLANTED |= {name: found["planted"].split() for name, found in _CORRECTIONS.items()}
"""What is planted with each person."""


def proposed(name: str, url: str, say: Callable[[str], None]) -> str:
    """Return the tables of a system as they are proposed, with the corrections by hand."""
    section = tomllib.loads(propose(name, SecretRef(url), "DE", lambda _: None))["systems"][name]
    section["tables"] = [one | {"document_class": "none"} for one in section["tables"]]
    counted = correct(section, _CORRECTIONS[name])
    say(f"{name}: {len(section['tables'])} tables, {counted} keys corrected by hand")
    lines = [keyed_line("not_personal", section["not_personal"])] if section.get("not_personal") else []
    for one in section["tables"]:
        lines += ["", f"[[systems.{name}.tables]]", *(keyed_line(key, value) for key, value in one.items())]
    return "\n".join(lines) + "\n"


def correct(section: dict[str, Any], corrections: dict[str, Any]) -> int:
    """Correct a section; gives how many keys were touched.

    A key is replaced, and ``""`` takes it away; a table that is not there is added, and ``drop`` takes one away.
    """
    section["not_personal"] = corrections.get("not_personal", [])
    tables, counted = {one["name"]: one for one in section["tables"]}, len(section["not_personal"])
    # What is corrected stays where what it led to is left out.
    for name, keys in sorted(corrections.get("tables", {}).items(), key=lambda each: "drop" in each[1]):
        counted += len(keys)
        if "drop" in keys:
            tables.pop(name, None)
            counted += _without(tables, name)
        else:
            one = tables.get(name, {"name": name}) | keys
            tables[name] = {key: value for key, value in one.items() if value != ""}
    section["tables"] = list(tables.values())
    return counted


def _without(tables: dict[str, Any], dropped: str) -> int:
    """Take away what leads to a table that was left out; gives how many further tables that leaves out."""
    counted = 0
    for name, one in list(tables.items()):
        leading = {link["column"] for link in one.get("references", ()) if link["table"] == dropped}
        if not leading or name not in tables:
            continue
        one["references"] = [link for link in one["references"] if link["table"] != dropped]
        if one.get("author") in leading - {link["column"] for link in one["references"]}:
            del one["author"]
        if not one["references"] and not one.get("identities"):
            del tables[name]
            counted += 1 + _without(tables, name)
    return counted
