"""What is decided on single records at a gate's page, read from its fields into the lines that all gates take."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.overview.account import RecordLine
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.record_decisions import RecordDecision, read_record_decisions
from rightsflow.domain.records import Fact

SELECTIONS: Final = (1, 2, 3)
"""The rows in which several records at once are decided on."""
SINGLY: Final = 150
"""Up to so many records each has fields of its own; of more, those have that need a look."""
_FROM_LINES: Final = re.compile("Line 1( of the decisions on records)?")
_EXPLAINED: Final = frozenset({Fact.SHARED, Fact.MENTION})


@dataclass(frozen=True, slots=True)
class RecordGroup:
    """Records that are alike.

    Args:
        title: What they have in common.
        records: The records.
        singly: Whether each has fields of its own.
        is_open: Whether they are shown at first.
    """

    title: str
    records: Sequence[RecordLine]
    singly: bool
    is_open: bool = False


def grouped(records: Sequence[RecordLine]) -> list[RecordGroup]:
    """The records for a page: what needs a look first, then by system and kind.

    Args:
        records: The records of the case.
    """
    odd = [one for one in records if needs_a_look(one)]
    rest = [one for one in records if not needs_a_look(one)]
    kinds = sorted({(one.system, one.kind) for one in rest})
    groups = [RecordGroup("Look at these", odd, singly=True, is_open=True)] if odd else []
    return groups + [
        RecordGroup(
            f"{system}: {kind}",
            [one for one in rest if (one.system, one.kind) == (system, kind)],
            singly=len(records) <= SINGLY,
        )
        for system, kind in kinds
    ]


def needs_a_look(one: RecordLine) -> bool:
    """Whether a record is no matter of course.

    Args:
        one: The record.
    """
    return one.attribution is Attribution.UNCLEAR or bool(_EXPLAINED & set(one.facts))


def typed_decisions(visit: Visit, records: Sequence[RecordLine]) -> dict[str, RecordDecision]:
    """The decisions on single records and on selections.

    Args:
        visit: The request.
        records: The records of the case.

    Raises:
        Wrong: One cannot be read; the field is named.
    """
    decided: dict[str, RecordDecision] = {}
    for name, line in _lines(visit, records):
        try:
            read = read_record_decisions([line])
        except BadInput as error:
            raise Wrong({name: _FROM_LINES.sub("This", str(error))}) from None
        if twice := sorted(set(read) & set(decided)):
            raise Wrong({name: f"Record {twice[0]} is decided on twice; leave one of them."})
        decided |= read
    return decided


def _lines(visit: Visit, records: Sequence[RecordLine]) -> Iterator[tuple[str, str]]:
    """Each decision as its line, with the field that it is typed into."""
    for one in records:
        if act := visit.typed(f"act-{one.number}"):
            yield f"act-{one.number}", f"{one.number}: {_what(visit, act, str(one.number))}"
    for row in SELECTIONS:
        which, act = visit.typed(f"which-s{row}").strip(), visit.typed(f"act-s{row}")
        if act and not which:
            raise Wrong({f"which-s{row}": "Say which records, such as 3-7, 12 or helpdesk ticket."})
        if which and not act:
            raise Wrong({f"act-s{row}": "Choose what is decided on these records."})
        if which:
            yield f"which-s{row}", f"{which}: {_what(visit, act, f's{row}')}"


def typed_act(visit: Visit, which: str) -> str:
    """What is decided on records that were chosen, as the lines of all gates have it behind their colon.

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
