"""Bundles of cases with any number of entries: of one kind, of all, and of what no one ever wrote."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any

from rightsflow.audit.evidence.archive import pack, unpack
from rightsflow.audit.evidence.bundle import ENTRIES, MANIFEST, NAMES, SIGNATURES, manifest_text, measure, read_manifest
from rightsflow.audit.ledger.chain import canonical
from tests.support import story

_EACH_OTHERS = ("record", "system", "letter")
"""The details of which each entry has another value, so that nothing is joined with anything."""

ONE_MATTER = "letters and activities of one matter"
_ONE_MATTER: tuple[story.Told, ...] = (
    (8, "IdentityAsked", "rightsflow", {}),
    (8, "IdentityConfirmed", "Ida Identity", {}),
    (8, "LetterWritten", "rightsflow", {"letter": "L2", "version": "1", "language": "en", "text": story.digest("3")}),
)


def long_case(kind: str, count: int) -> bytes:
    """A bundle that is whole, of a case with so many more entries.

    Args:
        kind: The event, "all" for one after the other, or :data:`ONE_MATTER`.
        count: How many.
    """
    patterns = [one for one in story.STORY[1:-1] if kind in ("all", one[1])] if kind != ONE_MATTER else _ONE_MATTER
    more = [_another(one, number) for number, one in enumerate(islice(cycle(patterns), count))]
    return story.bundle(story.material(story=(*story.STORY[:-1], *more, story.STORY[-1])))


def _another(told: story.Told, number: int) -> story.Told:
    _, event, actor, details = told
    own: dict[str, Any] = {
        name: f"{name}-{number}" for name in _EACH_OTHERS if name in details and details[name] != "L2"
    }
    if event == "StepDone" and details.get("step") != "resolve":
        own = {**own, "step": "redact", f"masked-{number}": 1}
    if "identifiers" in details:
        own["identifiers"] = [{"kind": "email", "hash": f"{number:064x}"}]
    return 8, event, actor, {**details, **own}


def forged_cases(count: int) -> dict[str, bytes]:
    """Bundles with so many lines of entries that are none, or lie otherwise than they were written."""
    first = story.links_of()[0].body
    lines: dict[str, Callable[[int], str]] = {
        "empty lines": lambda _: "",
        "empty objects": lambda _: "{}",
        "no JSON": lambda number: f"x{number}",
        "the same entry": lambda _: first,
        "numbers alone": lambda number: f'{{"number":{number + 1}}}',
        "numbers backwards": lambda number: f'{{"number":{count - number}}}',
        "the same number": lambda number: f'{{"number":7,"x":{number}}}',
    }
    return {kind: _with_lines([line(number) for number in range(count)]) for kind, line in lines.items()}


def _with_lines(lines: Sequence[str]) -> bytes:
    files = {one.name: one.content for one in unpack(story.bundle())}
    files[ENTRIES] = "".join(f"{one}\n" for one in lines).encode()
    manifest = read_manifest(files[MANIFEST].decode())
    listed = {name: measure(files[name]) for name in manifest.files}
    text = manifest_text(replace(manifest, files=listed, head=replace(manifest.head, number=len(lines)))).encode()
    signatures = canonical({name: key.sign(text) for name, key in story.ROTATION[-1].items()}).encode()
    files |= {MANIFEST: text, SIGNATURES: signatures}
    return pack((name, files[name]) for name in NAMES)
