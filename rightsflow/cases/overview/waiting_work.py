"""What waits for people over all cases: gates, letters, tasks by hand, and how the open cases stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.overview.deadline_board import AT_MOST
from rightsflow.cases.people import Duty
from rightsflow.domain.board.board_words import Board, Section, Wording
from rightsflow.domain.board.traffic_light import SOON_DAYS
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.gates.decisions import Gate
from rightsflow.store.case.case_tasks import CaseTask
from rightsflow.store.queries.to_send import LetterToSend

_WAITS_IN: Final[Mapping[Gate, CaseState]] = {
    Gate.IDENTITY: CaseState.IDENTITY_PENDING,
    Gate.APPROVAL: CaseState.AWAITING_APPROVAL,
}
_SHOWN: Final = 50
"""How many cases of each gate are shown before the rest is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWork:
    """What waits for people; no personal data of subjects.

    Args:
        gates: Per gate the cases in which a person has to decide, the soonest first.
        letters: The letters that are not noted as sent, the soonest due first.
        tasks: The tasks by hand that are overdue or soon due.
        board: The open cases by how pressing they are.
        wording: The day's words.
    """

    gates: Mapping[Gate, Section]
    letters: Sequence[LetterToSend]
    tasks: Sequence[CaseTask]
    board: Board
    wording: Wording


def waiting_work(app: App) -> WaitingWork:
    """Read what waits for people now.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    work, today = app.store.work, app.today
    cases = work.open_cases(today)
    return WaitingWork(
        gates={gate: cases.at_gate(state, _SHOWN) for gate, state in _WAITS_IN.items()},
        letters=work.letters_to_send(),
        tasks=work.open_tasks(due_by=today + timedelta(days=SOON_DAYS)),
        board=cases.board(AT_MOST),
        wording=Wording(today, app.settings.controller.zone, Duty.of(app).name),
    )
