"""The first page of the desk: the work to do."""

from __future__ import annotations

from starlette.responses import Response

from deployments.desk.page import MEMBER, page
from deployments.desk.task_words import shown
from deployments.desk.visit import Visit
from rightsflow.cases.facts.overview.board import SHOWN, waiting_work
from rightsflow.cases.work.erasure.brakes import place
from rightsflow.domain.accounts import Permission
from rightsflow.domain.board import BoardCase, light
from rightsflow.domain.gates.decisions import Gate
from rightsflow.store.queries.work import AwaitedReply, LetterToSend, UnacknowledgedAlert


@page("/", needs=MEMBER)
def home(visit: Visit) -> Response:
    """Show the work to do and the status of the open cases; other roles are sent to their own pages."""
    if not visit.may(Permission.READ_CASES):
        return visit.show("home_without_cases.html")
    is_mine = visit.asked("whose") == "mine"
    person = visit.signed_in.member.key if visit.signed_in and is_mine else ""
    work, today = waiting_work(visit.app, person), visit.app.today

    def shade(case: BoardCase | LetterToSend | AwaitedReply | UnacknowledgedAlert) -> str:
        return light(case.work_to_on, case.due_on, today, closed=False).value

    # First what the person can do.
    gates = sorted(work.gates, key=lambda gate: not visit.may(_DECIDES[gate]))
    return visit.show(
        "home.html",
        work=work,
        tasks=shown(work.tasks[:SHOWN]),
        gates=gates,
        decides=_DECIDES,
        shade=shade,
        place=place,
        is_mine=is_mine,
        shown=SHOWN,
    )


_DECIDES = {Gate.IDENTITY: Permission.CHECK_IDENTITY, Gate.APPROVAL: Permission.APPROVE}
