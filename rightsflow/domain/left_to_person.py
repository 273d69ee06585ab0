"""Manual work left after a decision on a record, by the connector that carried it out or by the plan."""

from __future__ import annotations

from enum import StrEnum


class LeftToPerson(StrEnum):
    """A kind of manual work left on a record; a task is noted for each, and the answer mentions it."""

    SHARED_FIELD = "shared field"
    """A field names the person together with others, and no program can take their part out of it."""
    PERHAPS_COPIED = "perhaps copied"
    """The system itself wrote something elsewhere when it was done, and no one has looked whether it is a copy."""
    NO_MARK = "no mark"
    """It is stored and used for nothing else, and its system has no way to mark that."""
    CARD_CODE = "card code"
    """A recording that stays has a card's security number in a part that was not muted."""
    CARD_CODE_HELD = "card code, held"
    """The same where the recording has to stay as it is, so that a person decides what comes of it."""
    NOT_BLANKED = "not blanked"
    """Fields that nothing needs could not be blanked in a record that stays."""
