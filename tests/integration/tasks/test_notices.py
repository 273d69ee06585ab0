"""Notices as events: what they hold, in which batches they go, and what is said when the server does not take them."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from datetime import date
from types import SimpleNamespace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, PREFECT_UI_URL, temporary_settings

from rightsflow.app import installed
from rightsflow.cases.facts.deadlines.alerts import Notice, NotificationAttempt
from rightsflow.config.sections.mail_server import Notifications
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.errors import Transient
from tasks.prefect_io import notices
from tasks.prefect_io.notices import board_link, links_to_runs, post_notices, post_sweep, read_deliveries
from tests.integration.tasks.prefect_stub import prefect_stub

ONE = Notice(
    alert_id=7,
    attempt=2,
    case_id="DSR-2026-7K3M9Q",
    right="access",
    kind=RungKind.EXTENSION_NOTICE_DUE,
    text="A sentence.",
    about_on=date(2026, 12, 1),
    recipients=("person.dpo", "channel.privacy-team"),
    link="http://prefect.example/runs/flow-run/1",
    reminder=1,
)


@pytest.fixture
def stub():
    with prefect_stub() as made:
        yield made


@pytest.fixture
def link_base():
    """Sets where the UI is, as the configuration names it."""
    with ExitStack() as stack:

        def set_to(base):
            settings = SimpleNamespace(notifications=Notifications(link_base=base))
            stack.enter_context(installed(SimpleNamespace(settings=settings)))

        yield set_to


def test_a_notice_as_an_event(stub):
    post_notices([ONE])
    (event,) = stub.events
    assert event.pop("occurred").endswith("+00:00")
    assert UUID(event.pop("id")).version == 5
    assert event == {
        "event": "rightsflow.case.extension-notice-due",
        "resource": {
            "prefect.resource.id": "rightsflow.case.DSR-2026-7K3M9Q",
            "prefect.resource.name": "DSR-2026-7K3M9Q",
            "rightsflow.alert": "7",
            "rightsflow.attempt": "2",
        },
        "related": [
            {"prefect.resource.id": "rightsflow.recipient.person.dpo", "prefect.resource.role": "recipient"},
            {"prefect.resource.id": "rightsflow.recipient.channel.privacy-team", "prefect.resource.role": "recipient"},
        ],
        "payload": {
            "right": "access",
            "date": "2026-12-01",
            "text": "A sentence.",
            "link": "http://prefect.example/runs/flow-run/1",
            "reminder": 1,
        },
    }


def test_a_sweep_as_an_event(stub):
    post_sweep(looked=12, raised=3)
    (event,) = stub.events
    assert event["event"] == "rightsflow.watch.swept"
    assert event["resource"]["prefect.resource.id"] == "rightsflow.watch"
    assert event["payload"] == {"looked": 12, "raised": 3}


def test_the_same_attempt_is_the_same_event_and_each_sweep_one_of_its_own(stub):
    post_notices([ONE])
    post_notices([replace(ONE, text="Another sentence.", reminder=0)])
    assert len({event["id"] for event in stub.events}) == 1
    post_sweep()
    post_sweep()
    assert len({event["id"] for event in stub.events[2:]}) == 2


ATTEMPTS = st.builds(
    NotificationAttempt,
    st.sampled_from(["DSR-2026-7K3M9Q", "DSR-2026-000001"]),
    st.integers(1, 10**12),
    st.integers(1, 10**6),
)


@given(attempts=st.sets(ATTEMPTS, min_size=2))
def test_no_two_attempts_share_an_event(attempts):
    assert len({notices._event_id(attempt) for attempt in attempts}) == len(attempts)


def test_the_ids_stay_the_same_over_releases():
    """Or what was posted before an update would be told again, and its confirmation not found."""
    assert (
        str(notices._event_id(NotificationAttempt("DSR-2026-7K3M9Q", 7, 2))) == "586a921a-9ebb-5c8c-ab3e-2764504f1d8f"
    )


@pytest.mark.apart
def test_they_go_in_batches(stub):
    for count, batches in [(0, []), (1, [1]), (200, [200]), (450, [200, 200, 50])]:
        stub.batches.clear()
        post_notices([replace(ONE, alert_id=number) for number in range(count)])
        assert [len(batch) for batch in stub.batches] == batches


@pytest.mark.apart
@pytest.mark.parametrize("status", [422, 503])
def test_what_the_server_does_not_take_may_be_posted_again(stub, status):
    stub.status = status
    # How often and how long Prefect's own client tries again is its matter.
    with temporary_settings({PREFECT_CLIENT_MAX_RETRIES: 0}):
        with pytest.raises(Transient) as caught:
            post_notices([ONE])
        assert caught.value.status == str(status)
        with pytest.raises(Transient):
            post_sweep()
    assert ONE.case_id not in str(caught.value)


@pytest.mark.apart
def test_a_server_that_is_gone():
    nowhere = {PREFECT_API_URL: "http://127.0.0.1:9/api", PREFECT_CLIENT_MAX_RETRIES: 0}
    with temporary_settings(nowhere), pytest.raises(Transient, match=r"does not answer \(ConnectError\)"):
        post_notices([ONE])
    with temporary_settings(nowhere), pytest.raises(Transient):
        read_deliveries([ONE.known_by])


def test_the_board_is_where_the_configuration_or_prefect_says(link_base):
    for base in ["https://prefect.example", "https://prefect.example/"]:
        link_base(base)
        assert board_link() == "https://prefect.example/artifacts/key/deadline-board"
    link_base("")
    with temporary_settings({PREFECT_UI_URL: "http://127.0.0.1:4200"}):
        assert board_link() == "http://127.0.0.1:4200/artifacts/key/deadline-board"


@flow(name="link-target")
def link_target():
    """Stands for a case's flow."""


def test_each_case_is_linked_to_its_newest_run(prefect_server, link_base):
    link_base("")
    with get_client(sync_client=True) as client:
        runs = [client.create_flow_run(link_target, name=name) for name in ("DSR-LINK-1", "DSR-LINK-2", "DSR-LINK-1")]
    base = f"{prefect_server.ui_url}/runs/flow-run"
    assert links_to_runs({"DSR-LINK-1", "DSR-LINK-2", "DSR-LINK-3"}) == {
        "DSR-LINK-1": f"{base}/{runs[2].id}",
        "DSR-LINK-2": f"{base}/{runs[1].id}",
    }


@pytest.mark.apart
def test_the_links_of_many_cases(prefect_server, link_base):
    """Asked in batches and read over all pages."""
    link_base("https://prefect.example")
    names = [f"DSR-MANY-{number}" for number in range(10)]
    with get_client(sync_client=True) as client:
        expected = {name: client.create_flow_run(link_target, name=name).id for name in names}
    links = links_to_runs(names, asked_at_once=4, page=3)
    assert links == {name: f"https://prefect.example/runs/flow-run/{run_id}" for name, run_id in expected.items()}
