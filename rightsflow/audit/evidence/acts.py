"""Entries as acts of their authors, in words: whatever no other part of the evidence speaks of."""

from __future__ import annotations

from rightsflow.audit.evidence.details import Details
from rightsflow.audit.evidence.record import ActLine
from rightsflow.audit.ledger import Entry

_UNSAID = frozenset({"reason", "ground", "text", "hash", "plan"})
"""Details that say nothing to a reader: keyed hashes, and in old entries words that may name a person."""


def act_of(entry: Entry) -> ActLine:
    """An entry as an act of its author, in words."""
    return ActLine(at=entry.at, event=entry.event, by=entry.actor, what=in_words(entry.details))


def in_words(details: Details) -> str:
    """Details as "alert due-soon, about on 2026-04-01, tell dpo and management"."""
    said = ((name, _value(details[name])) for name in sorted(details) if name not in _UNSAID)
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in said if value)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str | int):
        return str(value)
    if isinstance(value, list):
        return " and ".join(filter(None, map(_value, value)))
    return ""
