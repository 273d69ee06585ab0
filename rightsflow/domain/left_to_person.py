"""What is left of an erasure to a person by the connector that carried it out."""

from __future__ import annotations

from enum import StrEnum


class LeftToPerson(StrEnum):
    """What a connector leaves of an erasure to a person; a task is noted for each, and the answer tells of it."""

    SHARED_FIELD = "shared field"
    """A field names the person together with others, and no program can take their part out of it."""
    PERHAPS_COPIED = "perhaps copied"
    """The system itself wrote something elsewhere when it was done, and no one has looked whether it is a copy."""
