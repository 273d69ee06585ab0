"""The fields that cannot store the right value, such as a letter that a column's character set lacks.

The search asks each system for these fields, so that the decider reads of them before any value is written. The ledger
stores fields and kinds, without values.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from rightsflow.domain.connector import Connector, Foresees
from rightsflow.domain.rectification.changes import Change, FieldOf
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile

WITHOUT_ROOM: Final = "without_room"
"""The detail of a search's entry in the ledger that names them, as pairs of kind and field."""


def foreseen(connector: Connector, changes: Sequence[Change]) -> list[list[str]]:
    """The fields of a system that do not take what changes would write.

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
    """The same of each system, as its last search found.

    Args:
        file: The case file, open.
    """
    if file.right is not Right.RECTIFICATION:
        return {}
    found: dict[str, frozenset[FieldOf]] = {}
    for item in file.ledger.told():
        if item.event == CaseEvent.STEP_DONE and item.details.get("step") == StepName.LOCATE:
            named = item.details.get(WITHOUT_ROOM, ())
            found[str(item.details["system"])] = frozenset(FieldOf(kind, field) for kind, field in named)
    return found
