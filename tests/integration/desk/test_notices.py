"""Notices of new work and calendars: chosen at the desk, sent by the keeper, and without personal data."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest
from icalendar import Calendar

from deployments.runs.work_notices import WorkNotices
from rightsflow.app import current_app, installed
from rightsflow.cases.facts.new_work import send_work_notices
from rightsflow.cases.facts.people import hand_over
from rightsflow.config.sections.mail_server import MailServer, Notifications
from rightsflow.domain.errors import Transient
from tests.integration.desk.cases import at_approval
from tests.support.bench import CANARIES
from tests.support.signing_in import settings_with


class Post:
    """A mail server of the test's own."""

    def __init__(self):
        self.mails, self.is_down = [], False

    def send(self, mail):
        if self.is_down:
            raise Transient("it does not answer")
        self.mails.append(mail)

    def to(self, key):
        return [mail for mail in self.mails if mail.to_email == f"{key}@example.com"]


@pytest.fixture
def post(bench):
    """The bench with people, a mail server and a channel."""
    made, before = Post(), bench.runtime
    server = MailServer(host="mail.example.com", sender="rightsflow@example.com")
    told = Notifications(mail=server, channels=("slack-webhook/privacy",))
    settings = settings_with(typed_names="allowed").model_copy(update={"notifications": told})
    bench.runtime = replace(before, settings=settings, open_mail=lambda *_: made)
    with installed(bench.runtime):
        yield made
    bench.runtime = before


def choose(browser, choice):
    assert browser.send("/notices/choose", "/notices", choice=choice).status_code == 303


def test_each_is_told_once_of_what_concerns_them_at_once_or_as_a_digest(bench, rig, post):
    posted = []

    def sweep():
        before = len(post.mails)
        send_work_notices(current_app(), lambda *notice: posted.append(notice))
        return len(post.mails) - before

    olga, dana = rig.browser("olga"), rig.browser("dana")
    bench.open("access", email="another@example.net")
    choose(olga, "at once")
    choose(dana, "daily digest")
    assert sweep() == 0, "what is there already is no news"

    case = at_approval(bench, "erasure", opened_by="Olga Officer")
    post.is_down = True
    assert sweep() == 0
    post.is_down = False
    assert sweep() == 0, "Dana's digest went out this morning, and Olga may not approve"
    assert [case in text for _, text in posted] == [True]
    bench.pass_time(timedelta(days=1))
    assert sweep() == 1
    mail = post.to("dana")[0]
    assert mail.subject.startswith(f"[Rightsflow] Waiting for approval: {case} (erasure)")
    assert sweep() == 0

    hand_over(current_app(), case, "olga", by="Dana Decider", reason="She knows it.")
    assert sweep() == 1
    assert "Handed over" in post.to("olga")[0].subject
    choose(rig.browser("olga"), "none")
    bench.open("access", email="third@example.net")
    assert sweep() == 0
    everything = str([(mail.subject, mail.body) for mail in post.mails]) + str(posted)
    assert not [one for one in CANARIES if one in everything]
    assert "example.net" not in everything


def test_the_keeper_looks_once_in_a_minute(bench, rig, post):
    seconds, dana = [0.0], rig.browser("dana")
    duty = WorkNotices(current_app, post=lambda *_: None, clock=lambda: seconds[0])
    choose(dana, "at once")
    assert duty.sweep() == 0
    at_approval(bench, "access")
    assert (duty.sweep(), post.to("dana")) == (0, [])
    seconds[0] = 61.0
    assert duty.sweep() == 2, "Dana and the channels"
    assert len(post.to("dana")) == 1


def address_of(page):
    return re.search(r"<code>http://testserver(/desk/calendar/[\w-]+\.ics)</code>", page)[1]


def test_a_calendar_names_case_numbers_only_and_ends_when_it_is_revoked_or_the_role_goes(bench, rig, post):
    case, olga, stranger = bench.open("access"), rig.browser("olga"), rig.stranger().client
    other = bench.open("erasure", email="boris.other@example.org")
    hand_over(current_app(), other, "dana", by="Olga Officer", reason="She knows it.")
    address = address_of(olga.send("/notices/calendar", "/notices").text)
    feed = stranger.get(address)
    assert feed.headers["content-type"] == "text/calendar; charset=utf-8"
    assert not [one for one in CANARIES if one in feed.text]
    events = list(Calendar.from_ical(feed.text).walk("VEVENT"))
    assert [str(event["SUMMARY"]) for event in events] == [f"{case}: target date", f"{case}: statutory deadline"]
    assert events[1].decoded("DTSTART") == date(2026, 4, 7)
    assert all(len(line.encode()) <= 75 for line in feed.text.split("\r\n"))

    newer = address_of(olga.send("/notices/calendar", "/notices").text)
    assert (stranger.get(address).status_code, stranger.get(newer).status_code) == (404, 200)
    assert olga.send("/notices/end-calendar", "/notices").status_code == 303
    assert stranger.get(newer).status_code == 404
    assert "Create address" not in rig.browser("ada").get("/notices").text


def test_a_waiting_page_asks_whether_it_changed_and_keeps_no_session_alive(bench, rig):
    case, olga = bench.open("access"), rig.browser("olga")
    page = olga.get(f"/cases/{case}").text
    known = re.search(r'data-changes="(/desk/cases/[\w-]+/changes)" data-known="(\d+)"', page)
    assert "refresh.js" in page
    assert olga.client.get(known[1]).json() == {"changes": int(known[2])}
    bench.confirm_identity(case)
    assert olga.client.get(known[1]).json()["changes"] > int(known[2])
    for _ in range(4):
        bench.pass_time(timedelta(minutes=9))
        answer = olga.client.get(known[1])
    assert answer.status_code == 303, "half an hour without a person's request"
