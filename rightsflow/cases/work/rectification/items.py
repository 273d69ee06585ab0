"""The items of a rectification: without their values for everyone, with them as a recorded look; fields without room.

The search asks each system for the fields that cannot store the right value, such as a letter that a column's character
set lacks, so that the decider knows before any value is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import refuse_typed
from rightsflow.domain.connector import Connector, Foresees
from rightsflow.domain.errors import BadInput
from rightsflow.domain.rectification.changes import Change, FieldOf, in_words
from rightsflow.domain.rectification.corrections import RuledItem, RulingKind
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemLine:
    """One item without its values.

    Args:
        number: Its number within the request.
        what: The field, as people read it.
        ruling: What is decided on it; ``None`` while nothing is.
        by: Who decided.
    """

    number: int
    what: str
    ruling: RulingKind | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """The items of a case.

    Args:
        case_id: The case.
        lines: The items in their order.
        read: What a decision at the desk is bound by.
        is_open: Whether they can be decided on now.
    """

    case_id: str
    lines: Sequence[ItemLine]
    read: str
    is_open: bool

    @property
    def undecided(self) -> int:
        """The number of items still to be decided."""
        return sum(line.ruling is None for line in self.lines)


def read_items(app: App, case_id: str) -> Items:
    """Return the items of a case, without personal data.

    Args:
        app: What it works with.
        case_id: The case, as typed.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(read_case_id(case_id)) as file:
        items = file.corrections.all() if file.right is Right.RECTIFICATION else []
        return Items(
            case_id=file.case_id,
            lines=[_line(item) for item in items],
            read=file.corrections.digest() if items else "",
            is_open=file.state is CaseState.AWAITING_APPROVAL and not file.found_nothing,
        )


def _line(ruled_item: RuledItem) -> ItemLine:
    ruling = ruled_item.ruling
    return ItemLine(
        number=ruled_item.item.number,
        what=in_words(ruled_item.item.field),
        ruling=ruling.kind if ruling else None,
        by=ruling.by if ruling else "",
    )


def reveal_items(app: App, case_id: str, *, by: str, reason: str) -> list[RuledItem]:
    """Return the items with their values; the ledger notes who looked, and why.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who looks.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case, or no reason is given.
        Conflict: People act signed in here, and the name was only typed.
    """
    if not reason.strip():
        raise BadInput("Say why you look at them; the reason is kept with the case, encrypted.")
    refuse_typed(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        file.note_reveal(by=by, reason=" ".join(reason.split()))
        return file.corrections.all()


WITHOUT_ROOM: Final = "without_room"
"""The detail of a search's entry in the ledger that names them, as pairs of kind and field."""


def foreseen(connector: Connector, changes: Sequence[Change]) -> list[list[str]]:
    """Return the fields of a system that do not accept what changes would write.

    Args:
        connector: Of the system.
        changes: What is to be corrected.

    Raises:
        RightsflowError: The system gave no answer.
    """
    if not changes or not isinstance(connector, Foresees):
        return []
    return [list(change) for change in sorted(set(connector.foresee(changes)))]


def without_room(file: CaseFile) -> dict[str, frozenset[FieldOf]]:
    """Return the fields of each system that do not accept a change, as its last search found.

    Args:
        file: The case file, open.
    """
    if file.right is not Right.RECTIFICATION:
        return {}
    by_system: dict[str, frozenset[FieldOf]] = {}
    for item in file.ledger.told():
        if item.event == CaseEvent.STEP_DONE and item.details.get("step") == StepName.LOCATE:
            named = item.details.get(WITHOUT_ROOM, ())
            by_system[str(item.details["system"])] = frozenset(FieldOf(kind, field) for kind, field in named)
    return by_system
