"""New texts of the helpdesk: by the incremental export, of end users alone, since an instant, and by ticket."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.vocabulary.records import RecordRef
from tests.integration.connectors.zendesk import world
from tests.integration.connectors.zendesk.desk import SECRET, running


@pytest.fixture
def desk(monkeypatch):
    monkeypatch.setenv("ZENDESK_TEST_SECRET", SECRET)
    with running(world.data()) as found:
        yield found


def test_all_texts_of_end_users_are_read_and_none_of_agents(desk):
    connector = desk.connector()
    assert connector.capabilities.has_new_texts
    texts = list(connector.new_texts(datetime(2020, 1, 1, tzinfo=UTC)))
    staff = {key for key, user in desk.state.users.items() if user["role"] != "end-user"}
    written = [
        (str(ticket), comment)
        for ticket, comments in desk.state.comments.items()
        for comment in comments
        if desk.state.tickets[ticket]["status"] != "deleted"
    ]
    own = [(ticket, comment) for ticket, comment in written if comment["author_id"] not in staff and comment["body"]]
    assert own
    assert len(own) < len(written), "agents wrote as well"
    assert len(texts) == len(own)
    assert {text.ticket for text in texts} == {ticket for ticket, _ in own}
    first = texts[0]
    assert list(connector.texts_of(first.record)) == [text for text in texts if text.record == first.record]
    assert list(connector.texts_of(RecordRef("desk", "ticket", "999999999"))) == []


def test_only_what_was_written_since_is_given(desk):
    connector = desk.connector()
    (newest, *_) = sorted(connector.new_texts(datetime(2020, 1, 1, tzinfo=UTC)), key=lambda one: one.received_at)[::-1]
    desk.state.tickets[int(newest.ticket)]["updated_at"] = newest.received_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    since = list(connector.new_texts(newest.received_at))
    assert {one.received_at for one in since} == {newest.received_at}
    assert list(connector.new_texts(newest.received_at + timedelta(seconds=1))) == []


def test_a_fault_in_the_middle_is_raised(desk):
    desk.fault("GET", "/incremental/tickets/cursor", status=500, times=None)
    with pytest.raises(RightsflowError):
        list(desk.connector().new_texts(datetime(2020, 1, 1, tzinfo=UTC)))
