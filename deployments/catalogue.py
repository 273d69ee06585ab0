"""Which deployments there are: what people fill in, and what runs by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from importlib.metadata import version
from typing import Final

from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from deployments.form_shapes import NOBODY, People, shaped
from deployments.internals import form_of, set_form
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from flows.access import access_request
from flows.batches import access_batch, erasure_batch
from flows.desk import (
    acknowledge_alert,
    ask_what_is_meant,
    decide_on_corrections,
    extend_period,
    hand_over_case,
    hold_evidence_of,
    record_absence_of,
    record_answer_of_subject,
    record_sent_letter,
    stop_case_of,
    withdraw_request,
)
from flows.erasure import (
    consent_withdrawal_request,
    erasure_request,
    objection_request,
    rectification_request,
    restriction_request,
)
from flows.following import follow_up
from flows.importing import import_requests_of
from flows.intake import open_request
from flows.ledger import seal_ledger
from flows.purging import purge_expired
from flows.watching import watch_deadlines
from tasks.prefect_io.kinds import AnyFlow

_VERSION: Final = version("rightsflow")

WATCH_TAG: Final = "watch"
"""The tag of runs that come by themselves, and do nothing that the next one does not do as well."""
WATCH_EVERY: Final = timedelta(minutes=15)
"""How often the deadlines are watched."""
FOLLOW_UP_EVERY: Final = timedelta(hours=1)
"""How often erasures are followed up."""
PURGE_EVERY: Final = timedelta(days=1)
"""How often what is over is purged."""

CATALOGUE: Final[tuple[tuple[AnyFlow, str], ...]] = (
    (open_request, "A request has arrived: enter it here. At the desk it is the page “Open a request”."),
    (import_requests_of, "Many requests have arrived: open a case for each row of a file in the import folder."),
    (record_sent_letter, "A letter of the outbox has gone out: note the day, the channel and the proof."),
    (ask_what_is_meant, "An access request is not clear: ask the person which data they mean."),
    (record_answer_of_subject, "The person has said what they mean: note the day on which the answer arrived."),
    (extend_period, "The request is complex: extend its period by two months (Art. 12(3) GDPR)."),
    (acknowledge_alert, "Alerts of a case have reached you: take note, so that they are not sent again."),
    (hand_over_case, "Another person is to answer for a case."),
    (record_absence_of, "A person is absent: who stands in, and on which days."),
    (withdraw_request, "The person has withdrawn the request."),
    (hold_evidence_of, "A complaint or a claim is pending: keep the evidence of a case, or lift that."),
    (decide_on_corrections, "The person wants data corrected: decide on each item (Art. 16 GDPR)."),
    (stop_case_of, "A case was opened in error, or repeats another one: stop it without an answer."),
    (access_batch, "Answers imported access requests, many in one run. Starts by itself; not to be filled in."),
    (access_request, "Answers one access request (Art. 15 GDPR). Starts by itself; not to be filled in."),
    (
        consent_withdrawal_request,
        "Answers one withdrawal of consent (Art. 7(3) GDPR). Starts by itself; not to be filled in.",
    ),
    (
        erasure_batch,
        "Answers imported requests for erasure and the like, many in one run. Starts by itself; not to be filled in.",
    ),
    (erasure_request, "Answers one erasure request (Art. 17 GDPR). Starts by itself; not to be filled in."),
    (follow_up, "Every hour, by itself: follows up erasures, ends of retention and second looks."),
    (
        objection_request,
        "Answers one objection to direct marketing (Art. 21(2) GDPR). Starts by itself; not to be filled in.",
    ),
    (purge_expired, "Every day, by itself: purges what has expired of working copies, evidence and forms."),
    (
        rectification_request,
        "Answers one request for rectification (Art. 16 GDPR). Starts by itself; not to be filled in.",
    ),
    (restriction_request, "Answers one request for restriction (Art. 18 GDPR). Starts by itself; not to be filled in."),
    (seal_ledger, "Every night, by itself: seals the ledger, and publishes the seals."),
    (watch_deadlines, "Every 15 minutes, by itself: watches all deadlines, raises alerts, makes the deadline board."),
)
"""The flows and what each is for: first what people fill in, as a day needs it, then the others by name."""

_NAMES: Final[dict[str, str]] = {
    open_request.name: "01 Open a request",
    import_requests_of.name: "02 Import requests",
    record_sent_letter.name: "03 Note a letter as sent",
    ask_what_is_meant.name: "04 Ask what is meant",
    record_answer_of_subject.name: "05 Note the answer",
    extend_period.name: "06 Extend the period",
    acknowledge_alert.name: "07 Acknowledge alerts",
    hand_over_case.name: "08 Hand over a case",
    record_absence_of.name: "09 Note an absence",
    withdraw_request.name: "10 Withdraw a request",
    hold_evidence_of.name: "11 Hold the evidence",
    decide_on_corrections.name: "12 Decide on corrections",
    stop_case_of.name: "13 Stop a case",
}
"""The names of what people fill in: Prefect's pages sort by name, so that the number makes the order."""


def name_of(flow: AnyFlow) -> str:
    """The name of a flow's deployment: in words where people fill it in, the flow's own where it runs by itself.

    Args:
        flow: The flow.
    """
    return _NAMES.get(flow.name, flow.name)


_EVERY: Final[dict[str, timedelta]] = {
    watch_deadlines.name: WATCH_EVERY,
    follow_up.name: FOLLOW_UP_EVERY,
    purge_expired.name: PURGE_EVERY,
}
"""What runs by itself, and how often."""


_AT: Final[dict[str, str]] = {seal_ledger.name: "30 1 * * *"}
"""What runs by itself at a time of the day, in the controller's zone."""


def planned(
    timezone: str = "UTC", pool_type: PoolType = DEFAULT_POOL_TYPE, people: People = NOBODY
) -> Iterator[RunnerDeployment]:
    """The deployments as they are to be, in the catalogue's order; no server is asked.

    Args:
        timezone: The controller's zone.
        pool_type: Who executes the runs.
        people: Who can be chosen in the forms.
    """
    for flow, description in CATALOGUE:
        made = _made(flow, description, _AT.get(flow.name), timezone, pool_type)
        set_form(made, shaped(form_of(made), people))
        yield made


def _made(flow: AnyFlow, description: str, at: str | None, timezone: str, pool_type: PoolType) -> RunnerDeployment:
    # By module path, never by file path: a file path would put its folder first on sys.path and load it twice.
    return RunnerDeployment.from_flow(
        flow,
        name=name_of(flow),
        description=description,
        version=_VERSION,
        # Not held to one at a time: a sweep that was cut short would keep its place and stop all later ones.
        interval=_EVERY.get(flow.name),
        schedule=Cron(at, timezone=timezone) if at else None,
        tags=["rightsflow", WATCH_TAG] if flow.name in {*_EVERY, *_AT} else ["rightsflow"],
        work_pool_name=pool_type.pool,
        # With its output in the worker's hands a run would die of a broken pipe when the worker is killed; its logs are
        # on the server all the same.
        job_variables={"stream_output": False} if pool_type is PoolType.PROCESS else {},
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
