"""Decisions on single records at a gate's page, read from its fields into the lines that all gates accept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from deployments.desk.visit import Visit, Wrong
from rightsflow.domain.case.record_decisions import RecordDecision, read_record_decisions
from rightsflow.domain.errors import BadInput

SELECTIONS: Final = (1, 2, 3)
"""The rows in which several records at once are decided on."""
_FROM_LINES: Final = re.compile("Line 1( of the decisions on records)?")
_SINGLE: Final = re.compile("act-([0-9]{1,9})", re.ASCII)


def typed_decisions(visit: Visit) -> dict[str, RecordDecision]:
    """The decisions on single records and on selections.

    Raises:
        Wrong: One cannot be read; the field is named.
    """
    decided: dict[str, RecordDecision] = {}
    for name, line in _lines(visit):
        try:
            read = read_record_decisions([line])
        except BadInput as error:
            raise Wrong({name: _FROM_LINES.sub("This", str(error))}) from None
        if twice := sorted(set(read) & set(decided)):
            raise Wrong({name: f"Record {twice[0]} is decided on twice; leave one of them."})
        decided |= read
    return decided


def _lines(visit: Visit) -> Iterator[tuple[str, str]]:
    """Each decision as its line, with the field that it is typed into."""
    numbers = {int(found[1]) for name in visit.form if (found := _SINGLE.fullmatch(name))}
    for number in sorted(numbers):
        if act := visit.typed(f"act-{number}"):
            yield f"act-{number}", f"{number}: {_what(visit, act, str(number))}"
    for row in SELECTIONS:
        which, act = visit.typed(f"which-s{row}").strip(), visit.typed(f"act-s{row}")
        if act and not which:
            raise Wrong({f"which-s{row}": "Say which records, such as 3-7, 12 or helpdesk ticket."})
        if which and not act:
            raise Wrong({f"act-s{row}": "Choose what is decided on these records."})
        if which:
            yield f"which-s{row}", f"{which}: {_what(visit, act, f's{row}')}"


def typed_act(visit: Visit, which: str) -> str:
    """Return the decision on selected records, in the form of the lines of all gates behind their colon.

    Args:
        visit: The request.
        which: What the names of its fields end with.

    Raises:
        Wrong: It says too little; the field is named.
    """
    visit.needed({f"act-{which}": "Choose what is decided on these records."})
    return _what(visit, visit.typed(f"act-{which}"), which)


def _what(visit: Visit, act: str, which: str) -> str:
    if act not in {"keep", "restrict", "leave out"}:
        return act
    ground, provision = _typed(visit, f"ground-{which}"), _typed(visit, f"provision-{which}")
    if not ground:
        raise Wrong({f"ground-{which}": "Give the ground, in words for the person."})
    if act == "leave out":
        return f"leave out | {ground}" + (f" | {provision}" if provision else "")
    until, ends = _typed(visit, f"until-{which}"), _typed(visit, f"ends-{which}")
    if not (until or ends):
        raise Wrong({f"until-{which}": "Say until which day it is kept, or what ends that."})
    if not provision:
        raise Wrong({f"provision-{which}": "Give the provision, such as Art. 17(3)(e)."})
    return f"{act} | {ground} | {provision} | {f'until {until}' if until else f'ends when {ends}'}"


def _typed(visit: Visit, name: str) -> str:
    # The bar parts the fields of a line.
    return " ".join(visit.typed(name).replace("|", "/").split())
