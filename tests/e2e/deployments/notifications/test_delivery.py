"""From a notice to inboxes through a real Prefect server, and back to what is known of it."""

from __future__ import annotations

from datetime import date
from uuid import uuid4

import pytest
from prefect.client.orchestration import get_client

from rightsflow.cases.facts.deadlines.alerts import NoticeDelivery, NotificationAttempt
from rightsflow.domain.alerts.ladder import RungKind
from tasks.prefect_io.notices import post_notices, post_work, read_deliveries
from tests.support.notices import notice
from tests.support.post import wait_for

pytestmark = pytest.mark.apart

HOOK = "channel.privacy-hook"
DPO = "person.dpo"
MANY_SECONDS = 180
"""A hundred notices take the server seconds, and minutes where other work keeps the machine busy."""


def known_of(sent, count):
    """What the server says of a notice, once it knows of so many recipients."""
    asked = {sent.known_by}
    found = wait_for(lambda: len(answer := read_deliveries(asked)) >= count and answer) or read_deliveries(asked)
    return {one.recipient: one.delivered for one in found}


def bodies_about(office, case_id):
    return [post["body"] for post in office.hook.posts if case_id in post["subject"]]


def test_a_notice_reaches_whom_it_is_for_and_nobody_else(told):
    sent = notice(DPO, HOOK, "person.anna")
    post_notices([sent])
    assert known_of(sent, 3) == {DPO: True, HOOK: True, "person.anna": True}
    assert len(told.mailbox.to("dpo@example.com")) == len(told.mailbox.to("anna@example.com")) == 1
    assert told.mailbox.to("management@example.com") == told.mailbox.to("case-owner@example.com") == []


def test_what_the_notice_says(told):
    sent = notice(DPO, HOOK, case_id="DSR-2026-SAYS11", about_on=date(2026, 12, 1))
    post_notices([sent])
    assert known_of(sent, 2) == {DPO: True, HOOK: True}
    mail = told.mailbox.to("dpo@example.com")[-1]
    assert mail["Subject"] == "[Rightsflow] DSR-2026-SAYS11: due soon (access)"
    lines = mail.get_content().splitlines()
    assert lines == [
        "To be answered by Tuesday, 1 December 2026 (3 days before).",
        "",
        "Case: DSR-2026-SAYS11 (access request)",
        "Date: 2026-12-01",
        "Look: http://prefect.example/runs/flow-run/1",
        "",
        "To acknowledge it, run",
        "rightsflow case acknowledge DSR-2026-SAYS11 --by NAME",
    ]
    (body,) = bodies_about(told, "DSR-2026-SAYS11")
    assert body.splitlines() == lines


def test_a_reminder_says_which_it_is(told):
    sent = notice(HOOK, case_id="DSR-2026-REM222", kind=RungKind.TARGET_MISSED, right="erasure", reminder=2, link="")
    post_notices([sent])
    assert known_of(sent, 1) == {HOOK: True}
    (post,) = (one for one in told.hook.posts if "REM222" in one["subject"])
    assert post["subject"] == "[Rightsflow] DSR-2026-REM222: target missed (erasure), reminder 2"
    assert "This is reminder 2: no one has acknowledged this alert yet." in post["body"].splitlines()
    assert "Look:" not in post["body"]


def test_words_that_look_like_templates_stay_words(told):
    sent = notice(HOOK, case_id="DSR-2026-JJA333", text="Step {{ event.id }} {% if %} <b>&")
    post_notices([sent])
    assert known_of(sent, 1) == {HOOK: True}
    assert bodies_about(told, "DSR-2026-JJA333")[0].startswith("Step {{ event.id }} {% if %} <b>&\n")


def test_new_work_reaches_the_channel_and_no_mailbox(told):
    before = len(told.mailbox.to("dpo@example.com"))
    post_work("[Rightsflow] 1 new item: DSR-2026-WORK55", "Waiting for approval: DSR-2026-WORK55\n")
    assert wait_for(lambda: bodies_about(told, "DSR-2026-WORK55"))
    assert bodies_about(told, "DSR-2026-WORK55")[0].startswith("Waiting for approval: DSR-2026-WORK55")
    assert len(told.mailbox.to("dpo@example.com")) == before


@pytest.mark.slow
def test_a_refused_mail_is_known_and_the_next_attempt_arrives(told):
    told.mailbox.refusal = "451 try again later"
    first = notice(DPO)
    post_notices([first])
    assert known_of(first, 1) == {DPO: False}
    told.mailbox.refusal = ""
    second = notice(DPO, alert_id=first.alert_id, attempt=2)
    post_notices([second])
    assert known_of(second, 1) == {DPO: True}
    both = read_deliveries({first.known_by, second.known_by})
    assert sorted(both, key=lambda one: one.attempt.number) == [
        NoticeDelivery(attempt=first.known_by, recipient=DPO, delivered=False),
        NoticeDelivery(attempt=second.known_by, recipient=DPO, delivered=True),
    ]


@pytest.mark.slow
def test_a_webhook_that_fails_leaves_no_word_of_it(told):
    """So that no confirmation has to count as a failure."""
    told.hook.status = 500
    sent = notice(DPO, HOOK, case_id="DSR-2026-FAILS6")
    post_notices([sent])
    assert wait_for(lambda: bodies_about(told, "DSR-2026-FAILS6"))
    assert known_of(sent, 1) == {DPO: True}
    told.hook.status = 200
    later = notice(HOOK)
    post_notices([later])
    assert known_of(later, 1) == {HOOK: True}
    assert known_of(sent, 1) == {DPO: True}


@pytest.mark.slow
def test_the_same_notice_posted_again_is_told_once(told):
    """Also with more than a thousand other events between, which is what the broker's memory holds."""
    sent = notice(HOOK, case_id="DSR-2026-TWICE4")
    post_notices([sent, sent])
    assert known_of(sent, 1) == {HOOK: True}
    post_other_events()
    post_notices([sent])
    last = notice(HOOK, case_id="DSR-2026-LAST55")
    post_notices([last])
    assert known_of(last, 1) == {HOOK: True}
    assert len(bodies_about(told, "DSR-2026-TWICE4")) == 1


def post_other_events():
    """Post more events than the broker's memory holds."""
    filler = [
        {"id": str(uuid4()), "event": "rightsflow.test.filler", "resource": {"prefect.resource.id": "rightsflow.test"}}
        | {"occurred": "2026-11-24T12:00:00Z"}
        for _ in range(1100)
    ]
    with get_client(sync_client=True) as client:
        client.request("POST", "/events", json=filler).raise_for_status()


@pytest.mark.slow
def test_what_became_of_many_is_read_over_all_pages(told):
    """The server answers fifty at a time, and is asked for a hundred attempts at a time."""
    sent = [notice(HOOK) for _ in range(120)]
    post_notices(sent)
    asked = {one.known_by for one in sent}
    found = wait_for(lambda: len(answer := read_deliveries(asked)) == len(asked) and answer, MANY_SECONDS)
    assert {one.attempt for one in found} == asked
    assert all(one.delivered for one in found)


@pytest.mark.usefixtures("told")
def test_nothing_is_known_of_what_was_never_sent():
    assert read_deliveries([NotificationAttempt("DSR-2026-7K3M9Q", 10**9, 1)]) == []
    assert read_deliveries(()) == []
