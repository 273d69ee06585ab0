"""An erasure that was answered with an invoice kept, and the days after it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from rightsflow.app import current_app
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind
from tests.support.steps import answer_sent, carried_out, send_answer

LAST_DAY = date(2034, 12, 31)
"""Of Anna's invoice of January 2026."""


def answered(bench, *, meanwhile=None):
    """An erasure that is answered and sent, with an invoice that is kept; something may happen before the letter."""
    if meanwhile is None:
        return answer_sent(bench)
    case_id = carried_out(bench)
    meanwhile()
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id


def go_to(bench, day, hour=12):
    bench.moment[0] = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


class KeepsOnErasing:
    """A system that tells only as it is to erase that it keeps something, and until when, as stores of objects do."""

    def __init__(self, system, until):
        self._system, self._until, self.is_locked = system, until, True

    def __getattr__(self, name):
        return getattr(self._system, name)

    def erase(self, refs, method, known):
        if not self.is_locked:
            yield from self._system.erase(refs, method, known)
            return
        for ref in refs:
            yield Outcome(
                record=ref, kind=OutcomeKind.RETAINED, reason="It is locked.", until=self._until, refused=True
            )
