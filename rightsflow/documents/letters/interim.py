"""L28: at the last day or after it, that the answer is not there yet, what is done, and what is not and why."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from rightsflow.documents.letters.erasure import OutcomeRow
from rightsflow.documents.letters.variables import Contestable, Frozen, Line, Text
from rightsflow.domain.vocabulary.rights import Right


class NotYet(Frozen):
    """An action that still fails at one system.

    Args:
        system: The system, as people call it.
        what: What we could not do there, to go on after "we could not".
        since: The day since which it fails, in the controller's zone.
    """

    system: Line
    what: Text
    since: date


class InterimAnswer(Contestable):
    """L28. The request stays open: the completed and the outstanding work, with the reason.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        due_on: The last day of the law for the answer, extended or not.
        erased: What is gone so far, as a fresh read has shown.
        not_yet: What does not succeed.
    """

    right: Right
    received_on: date
    due_on: date
    erased: tuple[OutcomeRow, ...] = ()
    not_yet: Annotated[tuple[NotYet, ...], Field(min_length=1)]

    @property
    def is_late(self) -> bool:
        """True if the last day has passed."""
        return self.written_on > self.due_on
