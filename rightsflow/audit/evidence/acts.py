"""Entries as acts of their authors, in words: whatever no other part of the evidence speaks of."""

from __future__ import annotations

from rightsflow.audit.evidence.details import Details, text
from rightsflow.audit.evidence.record import ActLine
from rightsflow.audit.ledger import Entry

_UNSAID = frozenset({"reason", "ground", "text", "hash", "plan"})
"""Details that say nothing to a reader: keyed hashes, and in old entries words that may name a person."""
_OF_THE_AUTHOR = frozenset({"role", "signed_in"})


def act_of(entry: Entry) -> ActLine:
    """An entry as an act of its author, in words."""
    return act_with(entry, entry.details)


def act_with(entry: Entry, details: Details) -> ActLine:
    """Return an entry as an act of its author, with some of its details.

    Args:
        entry: The entry.
        details: Those of its details that are told.
    """
    return ActLine(
        at=entry.at,
        event=entry.event,
        by=entry.actor,
        what=in_words({name: value for name, value in details.items() if name not in _OF_THE_AUTHOR}),
        role=text(entry.details, "role"),
        signed_in=text(entry.details, "signed_in"),
    )


def in_words(details: Details) -> str:
    """Return details in words, such as "alert due-soon, about on 2026-04-01, tell dpo and management"."""
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
