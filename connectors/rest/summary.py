"""What a description says, in short: for the check at the command line."""

from __future__ import annotations

from typing import Any, TypedDict

from connectors.rest.connector import capabilities
from connectors.rest.description import Description
from connectors.rest.reading import read_description
from rightsflow.domain.connector import RecordKind


class KindLine(TypedDict):
    """A kind of record, in short."""

    name: str
    found_by: str
    belongs_to: str
    methods: str
    calls: str


class Summary(TypedDict):
    """A description, in short."""

    title: str
    kinds: list[KindLine]
    notes: list[str]


def summary(file: str) -> Summary:
    """Check a description and say what it covers; nothing is called.

    Args:
        file: A file, or the name of an included description.

    Raises:
        Misconfigured: It has a mistake.
    """
    description = read_description(file)
    able = capabilities(description, "system")
    return Summary(
        title=description.system.title,
        kinds=[_line(description, kind) for kind in able.kinds],
        notes=list(_notes(description, able.kinds)),
    )


def _line(description: Description, kind: RecordKind) -> KindLine:
    described = description.kinds[kind.name]
    return KindLine(
        name=kind.name,
        found_by=", ".join(dict.fromkeys(search.by.value for search in described.find)),
        belongs_to=", ".join(parent.kind for parent in described.parents),
        methods=", ".join(sorted(method.value for method in kind.methods)),
        calls="; ".join(kind.calls.values()),
    )


def _notes(description: Description, kinds: tuple[RecordKind, ...]) -> list[str]:
    """Return what an author should look at, a sentence each."""
    notes: list[str] = []
    described: dict[str, Any] = dict(description.kinds)
    for kind in kinds:
        if not kind.methods and not kind.manual_step:
            notes.append(f"{kind.name} can be neither erased nor masked; give erase or mask, or say manual_step.")
        if kind.document is None:
            notes.append(f"{kind.name} has no document_class, so that each erasure asks for it; state one.")
        if described[kind.name].find and described[kind.name].sample is None:
            notes.append(f"{kind.name} has no sample, so that doctor cannot prove names; give a list of a few records.")
    return notes
