"""The steps of the watch over deadlines, as Prefect runs them every quarter of an hour."""

from __future__ import annotations

import time
from collections.abc import Collection, Sequence
from dataclasses import asdict

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.course.intake.agent_requests import tell_agents
from rightsflow.cases.course.letters.renewal import renew_cases
from rightsflow.cases.course.orders import tell_controllers
from rightsflow.cases.course.processors.opendsr import ask_over_opendsr
from rightsflow.cases.course.sending.mail import mail_letters
from rightsflow.cases.facts.deadlines.alerts import Notice, NoticeDelivery, NotificationAttempt, Swept, sweep
from rightsflow.cases.step.faults import in_plain_words
from rightsflow.cases.work.processors.processor_mail import mail_to_processors
from rightsflow.domain.telemetry import recorder
from tasks.options import STEP
from tasks.prefect_io.deadline_artifact import update_board
from tasks.prefect_io.notices import board_link, links_to_cases, post_notices, post_sweep, read_deliveries

_CARRIED_SECONDS = 120.0
"""The longest wait for a batch of notices, in seconds; the next sweep handles those not confirmed by then."""
_ASK_SECONDS = 2.0


class PrefectMessenger:
    """Sends notices as events to the Prefect server, whose automations notify people."""

    def post(self, notices: Sequence[Notice]) -> None:
        """Send notices.

        Raises:
            Transient: The server did not take them.
        """
        post_notices(notices)

    def deliveries(self, sent: Collection[NotificationAttempt]) -> list[NoticeDelivery]:
        """Return the server's delivery reports for attempts."""
        return read_deliveries(sent)

    def let_through(self, notices: Sequence[Notice]) -> bool:
        """Wait until the server has heard of each recipient; its queues hold few and drop the rest without a word."""
        sent = [notice.known_by for notice in notices]
        expected = sum(len(notice.recipients) for notice in notices)
        until = time.monotonic() + _CARRIED_SECONDS
        while len(read_deliveries(sent)) < expected:
            if time.monotonic() > until:
                return False
            time.sleep(_ASK_SECONDS)
        return True

    def links(self, case_ids: Collection[str]) -> dict[str, str]:
        """Return the cases' pages at the desk; without a desk their runs in Prefect's UI, or the board."""
        return dict.fromkeys(case_ids, board_link()) | links_to_cases(case_ids)


@task(name="sweep deadlines", task_run_name="sweep deadlines", **STEP)
def sweep_deadlines() -> Swept:
    """Check the cases that are due, raise alerts, notify people, and then send a sign of life of the watch."""
    app = current_app()
    with in_plain_words("The watch"):
        renewed = renew_cases(app)
        swept = sweep(app, PrefectMessenger())
        # Last: however slow a mail server is, people have been told of what is due.
        mailed = mail_letters(app) + mail_to_processors(app)
        ask_over_opendsr(app)
        tell_controllers(app)
        tell_agents(app)
        post_sweep(**asdict(swept), renewed=renewed, mailed=mailed)
        recorder().swept(app.now().timestamp())
        return swept


@task(name="update board", task_run_name="update deadline board", **STEP)
def update_deadline_board() -> int:
    """Bring the deadline board up to date; returns how many cases are open."""
    with in_plain_words("The deadline board"):
        return update_board()
