"""Alerts on their way to people: events on the Prefect server, whose automations notify, and what became of them.

They are posted over HTTP, so that it is known whether the server took them. Without a confirmation within a time a
notice counts as not delivered: a notification block that fails in an unforeseen way leaves no event at all. No
personal data of the data subject goes with them (rule 2 of the design).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from typing import Final, TypeVar
from uuid import UUID, uuid4, uuid5

import httpx
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import PREFECT_UI_URL

from rightsflow.app import current_app
from rightsflow.cases.facts.deadlines.alerts import Notice, NoticeDelivery, NotificationAttempt
from rightsflow.domain.coverage import NotedPlace, alert_text
from rightsflow.domain.errors import Transient
from rightsflow.domain.unopened import UnopenedWithDates, unopened_text
from tasks.prefect_io.run_addresses import PAGE, run_paths
from tasks.prefect_io.server_shapes import (
    EXECUTED,
    FAILED,
    RESOURCE_ID,
    RESOURCE_NAME,
    StoredEvent,
    events_after,
    post_events,
)

T = TypeVar("T")

CASE_EVENT: Final = "rightsflow.case"
"""The prefix of the names of events about cases, and of the ids of cases as resources."""
RECIPIENT: Final = "rightsflow.recipient"
"""The prefix of the ids of recipients as resources."""
ALERT_LABEL: Final = "rightsflow.alert"
ATTEMPT_LABEL: Final = "rightsflow.attempt"
"""By these labels together the same notice is known again."""
SWEPT_EVENT: Final = "rightsflow.watch.swept"
UNOPENED_EVENT: Final = "rightsflow.requests.unopened"
PLACES_EVENT: Final = "rightsflow.coverage.new-places"
WORK_EVENT: Final = "rightsflow.work.new"
AUTOMATION: Final = "Rightsflow tells "
"""The prefix of the names of the automations that notify; the recipient follows."""
BOARD_KEY: Final = "deadline-board"
"""The key of the artifact with all open cases."""

_NOTICES: Final = UUID("0b6f6f0e-6d0a-5c0b-9a53-2b6d1f6c9f0d")
_POSTED_AT_ONCE: Final = 200
_ASKED_AT_ONCE: Final = 100
_RUNS_AT_ONCE: Final = 200


def post_notices(notices: Sequence[Notice]) -> None:
    """Send notices to the Prefect server, whose automations notify their recipients.

    Args:
        notices: What is to be told; of those that were posted before, no one hears twice.

    Raises:
        Transient: The server did not take them all; post them again.
    """
    _post(_event(notice) for notice in notices)


def post_sweep(**figures: int) -> None:
    """Send a sign of life of the deadline watch; the dead man's switch waits for its absence.

    Args:
        **figures: The result of the sweep.

    Raises:
        Transient: The server did not take it.
    """
    resource = {RESOURCE_ID: "rightsflow.watch", RESOURCE_NAME: "deadline watch"}
    told = {"id": str(uuid4()), "event": SWEPT_EVENT, "occurred": _occurred(), "resource": resource, "payload": figures}
    _post([told])


def post_places(places: Sequence[NotedPlace], link: str) -> None:
    """Send one alert on places that the configuration does not know.

    Args:
        places: The places; of the same ones no one hears twice.
        link: The page of the desk that lists them; empty if there is no desk.

    Raises:
        Transient: The server did not take it.
    """
    numbers = ",".join(str(noted.number) for noted in places)
    _post(
        [
            {
                "id": str(uuid5(_NOTICES, f"coverage/{numbers}")),
                "event": PLACES_EVENT,
                "occurred": _occurred(),
                "resource": {RESOURCE_ID: "rightsflow.coverage", RESOURCE_NAME: "coverage"},
                "payload": {"text": alert_text(places), "link": link},
            }
        ]
    )


def post_unopened(found: Sequence[UnopenedWithDates], link: str) -> None:
    """Send one alert on requests that are no case yet.

    Args:
        found: The requests; of the same alert on the same ones no one hears twice.
        link: The page of the desk that lists them; empty if there is no desk.

    Raises:
        Transient: The server did not take it.
    """
    named = ",".join(f"{one.request.number}:{int(one.rung)}" for one in found)
    _post(
        [
            {
                "id": str(uuid5(_NOTICES, f"unopened/{named}")),
                "event": UNOPENED_EVENT,
                "occurred": _occurred(),
                "resource": {RESOURCE_ID: "rightsflow.unopened", RESOURCE_NAME: "unopened requests"},
                "payload": {"text": unopened_text(found), "link": link},
            }
        ]
    )


def post_work(subject: str, text: str) -> None:
    """Send one notice of new work to the channels.

    Args:
        subject: Its subject.
        text: Case ids, rights and dates.

    Raises:
        Transient: The server did not take it.
    """
    _post(
        [
            {
                "id": str(uuid4()),
                "event": WORK_EVENT,
                "occurred": _occurred(),
                "resource": {RESOURCE_ID: "rightsflow.work", RESOURCE_NAME: "new work"},
                "payload": {"subject": subject, "text": text},
            }
        ]
    )


def read_deliveries(sent: Collection[NotificationAttempt]) -> list[NoticeDelivery]:
    """Ask the Prefect server for the results of attempts.

    Returns:
        One entry for each recipient of whom the server knows something; delivered once is delivered.

    Raises:
        Transient: The server does not answer.
    """
    outcomes: dict[tuple[NotificationAttempt, str], bool] = {}
    with _prefect() as client:
        for batch in _batches(sent, _ASKED_AT_ONCE):
            attempts = {f"prefect.event.{_event_id(attempt)}": attempt for attempt in batch}
            for event in events_after(client, attempts, [EXECUTED, FAILED]):
                recipient = event["resource"].get(RESOURCE_NAME, "").removeprefix(AUTOMATION)
                for attempt in _attempts_of(event, attempts):
                    key = (attempt, recipient)
                    outcomes[key] = outcomes.get(key, False) or event["event"] == EXECUTED
    return [
        NoticeDelivery(attempt=attempt, recipient=recipient, delivered=delivered)
        for (attempt, recipient), delivered in outcomes.items()
    ]


def links_to_cases(case_ids: Collection[str]) -> dict[str, str]:
    """Return the addresses of cases at the desk, or in Prefect's UI if there is no desk; see :func:`links_to_runs`.

    Returns:
        The addresses by case id.

    Raises:
        Transient: The server does not answer.
        Misconfigured: The configuration is wrong.
    """
    app = current_app()
    return (
        {identifier_text: app.desk_page(identifier_text) for identifier_text in case_ids}
        if app.desk_page()
        else links_to_runs(case_ids)
    )


def links_to_runs(
    case_ids: Collection[str], *, asked_at_once: int = _ASKED_AT_ONCE, page: int = PAGE
) -> dict[str, str]:
    """Return the addresses of cases' newest runs in Prefect's UI.

    Args:
        case_ids: The cases.
        asked_at_once: Of how many one question is.
        page: How many runs come at a time.

    Returns:
        The addresses by case id; a case that never had a run is not among them.

    Raises:
        Transient: The server does not answer.
        Misconfigured: The configuration is wrong.
    """
    base = _ui_address()
    found: dict[str, str] = {}
    with _prefect() as client:
        for batch in _batches(case_ids, asked_at_once):
            found |= {name: f"{base}{path}" for name, path in run_paths(client, batch, page=page).items()}
    return found


def board_link() -> str:
    """The address of the deadline board in Prefect's UI.

    Raises:
        Misconfigured: The configuration is wrong.
    """
    return f"{_ui_address()}/artifacts/key/{BOARD_KEY}"


def _event(notice: Notice) -> dict[str, object]:
    return {
        "id": str(_event_id(notice.known_by)),
        "event": f"{CASE_EVENT}.{notice.kind.value}",
        "resource": {
            RESOURCE_ID: f"{CASE_EVENT}.{notice.case_id}",
            RESOURCE_NAME: notice.case_id,
            ALERT_LABEL: str(notice.alert_id),
            ATTEMPT_LABEL: str(notice.attempt),
        },
        "related": [
            {RESOURCE_ID: f"{RECIPIENT}.{recipient}", "prefect.resource.role": "recipient"}
            for recipient in notice.recipients
        ],
        "payload": {
            "right": notice.right,
            "date": notice.about_on.isoformat(),
            "text": notice.text,
            "link": notice.link,
            "reminder": notice.reminder,
        },
        "occurred": _occurred(),
    }


def _occurred() -> str:
    # Prefect reckons its triggers' windows by this, so it is the machine's time and not that of the case store.
    return datetime.now(UTC).isoformat()


def _event_id(attempt: NotificationAttempt) -> UUID:
    return uuid5(_NOTICES, "/".join(map(str, attempt)))


def _post(events: Iterable[Mapping[str, object]]) -> None:
    with _prefect() as client:
        for batch in _batches(events, _POSTED_AT_ONCE):
            post_events(client, batch)


def _attempts_of(event: StoredEvent, attempts: Mapping[str, NotificationAttempt]) -> Iterator[NotificationAttempt]:
    if event["resource"].get(RESOURCE_NAME, "").startswith(AUTOMATION):
        resources = (item[RESOURCE_ID] for item in event["related"])
        yield from (attempts[resource] for resource in resources if resource in attempts)


def _ui_address() -> str:
    return (current_app().settings.notifications.link_base or str(PREFECT_UI_URL.value())).rstrip("/")


def _batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


@contextmanager
def _prefect() -> Iterator[SyncPrefectClient]:
    try:
        with get_client(sync_client=True) as client:
            yield client
    except httpx.HTTPStatusError as error:
        status = str(error.response.status_code)
        raise Transient("The Prefect server returned an error; its log says why.", status=status) from None
    except httpx.TransportError as error:
        raise Transient(f"The Prefect server does not answer ({type(error).__name__}); see that it runs.") from None
