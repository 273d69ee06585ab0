"""People's work over all cases: gates, letters, manual tasks, and the status of the open cases."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.duty import Duty
from rightsflow.cases.facts.overview.deadline_board import AT_MOST
from rightsflow.domain.board import SOON_DAYS, Board, Section, Wording
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.case_tasks import CaseTask
from rightsflow.store.queries.to_send import LetterToSend
from rightsflow.store.queries.waiting_for_people import AwaitedReply, Cut, UnacknowledgedAlert

_WAITS_IN: Final[Mapping[Gate, CaseState]] = {
    Gate.IDENTITY: CaseState.IDENTITY_PENDING,
    Gate.APPROVAL: CaseState.AWAITING_APPROVAL,
}
SHOWN: Final = 50
"""The number of lines of each list before the rest is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWork:
    """The work that waits for people; no personal data of subjects.

    Args:
        gates: Per gate the cases in which a person has to decide, the soonest first.
        letters: The letters that are not noted as sent, the soonest due first.
        replies: The questions that persons have not answered, the longest asked first.
        alerts: The alerts that no one has acknowledged, the soonest due first.
        tasks: The tasks by hand that are overdue or soon due.
        board: The open cases by how pressing they are.
        silent: The systems that do not answer, each with since when (aware).
        braked: The systems at which erasing is stopped.
        imported: How many imported cases have not begun.
        wording: The day's words.
    """

    gates: Mapping[Gate, Section]
    letters: Cut[LetterToSend]
    replies: Cut[AwaitedReply]
    alerts: Cut[UnacknowledgedAlert]
    tasks: Sequence[CaseTask]
    board: Board
    silent: Mapping[str, datetime]
    braked: Sequence[str]
    imported: int
    wording: Wording


def waiting_work(app: App, person: str = "") -> WaitingWork:
    """Read what waits for people now.

    Args:
        app: What it works with.
        person: The key of a person: only their cases and tasks, those included for whom they stand in today; empty for
            everybody's.

    Raises:
        Transient: The case store does not answer.
    """
    work, today, duty = app.store.work, app.today, Duty.of(app)
    owners = _answered_by(app, duty, person) if person else None
    cases = work.open_cases(today, owners)
    tasks = work.open_tasks(due_by=today + timedelta(days=SOON_DAYS))
    return WaitingWork(
        gates={gate: cases.at_gate(state, SHOWN) for gate, state in _WAITS_IN.items()},
        letters=work.first_letters_to_send(SHOWN, owners),
        replies=work.awaited_replies(SHOWN, owners),
        alerts=work.unacknowledged_alerts(SHOWN, owners),
        tasks=[task for task in tasks if owners is None or task.owner in owners],
        board=cases.board(AT_MOST),
        silent={system: breaker.since for system, breaker in app.store.breakers.open_ones().items()},
        braked=[item.system for item in app.store.brakes.present()],
        imported=work.imported_and_waiting,
        wording=Wording(today, app.settings.controller.zone, duty.name),
    )


def _answered_by(app: App, duty: Duty, person: str) -> set[str]:
    """The keys for which a person answers today: their own, and those of whom they stand in for."""
    keys = {key for key in app.settings.people_by_key if duty.answering(key) == person}
    return keys | {person}
