"""L27: to a person who was written to, that the case was opened in error or that another one answers them."""

from __future__ import annotations

from datetime import date
from typing import Self

from pydantic import AwareDatetime, model_validator

from rightsflow.documents.letters.variables import Contestable, Frozen, Line, Text
from rightsflow.domain.vocabulary.rights import Right


class AnsweredElsewhere(Frozen):
    """The case that answers the request in place of the one that is stopped.

    Args:
        case_id: The case.
        received_on: From which day it counts: the earlier receipt of the two.
        answered_on: When its answer went out; ``None`` while it is awaited.
        answer_by: The day by which the answer comes; ``None`` if that has passed, or is not known now.
        is_suspended: Whether its clock is suspended, since a question to the person is open.
    """

    case_id: Line
    received_on: date
    answered_on: date | None = None
    answer_by: date | None = None
    is_suspended: bool = False


class StopNotice(Contestable):
    """L27. The case ends without an answer: it was opened in error, or another case answers the same request.

    Args:
        right: What was understood to be asked for.
        received_on: When the request of this case came in.
        stopped_at: When it was stopped.
        request_file_until: Until when the file about it is kept.
        elsewhere: The case that answers the request; ``None`` where the case was opened in error.
        done_already: What had been done before, in full sentences.
    """

    right: Right
    received_on: date
    stopped_at: AwareDatetime
    request_file_until: date
    elsewhere: AnsweredElsewhere | None = None
    done_already: tuple[Text, ...] = ()

    @model_validator(mode="after")
    def _kept_after_the_stop(self) -> Self:
        if self.request_file_until < self.sender.day_of(self.stopped_at):
            raise ValueError("request_file_until lies before the stop")
        return self
