"""Counting, over stored objects, how many carry an identifier where the settings say that it stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rightsflow.domain.connector import Sample

ENOUGH_SAMPLED: Final = 50
"""After how many objects a setting that has proved right needs no more."""


@dataclass(slots=True)
class SampleTally:
    """The count for one setting.

    Args:
        what: As in :class:`rightsflow.domain.connector.Sample`.
        looked_at: How many objects were looked at.
        filled: How many of them had something there.
        readable: How many had an identifier there.
    """

    what: str
    looked_at: int = 0
    filled: int = 0
    readable: int = 0

    def add(self, *, is_filled: bool, is_readable: bool) -> None:
        """Count one object.

        Args:
            is_filled: Whether something stands where the setting says.
            is_readable: Whether that is an identifier.
        """
        self.looked_at += 1
        self.filled += is_filled
        self.readable += is_readable

    def sample(self) -> Sample:
        """The sample; a name that no object has at all is misspelt, and counts as looked for in vain in each."""
        return Sample(what=self.what, looked_at=self.filled or self.looked_at, readable=self.readable)


def under(prefix: str) -> str:
    """Return the searched location, for a sample's text.

    Args:
        prefix: What the keys begin with; empty for all.
    """
    return f" under {prefix}" if prefix else ""
