"""Requests found in texts: listed once, told of on their days, opened by their ticket, joined, or noted as none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from rightsflow.cases.course.intake.finding import (
    dismiss_found,
    find_unopened,
    note_open_already,
    open_found,
    text_of,
    unopened_requests,
)
from rightsflow.domain.connector import Capabilities, NewText
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.requesters import Requester
from rightsflow.domain.unopened import UnopenedAlert, UnopenedEnd, UnopenedWithDates, unopened_text
from rightsflow.domain.vocabulary.records import RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store.tables import LedgerRow, UnopenedRequestRow

PERSON = "zorblax.7@example.org"
ERASE = f"Hello, this is {PERSON}. Please delete all my personal data. Zorblax"
VAGUE = "Please delete the data, says the GDPR."


class Texts:
    """A helpdesk whose new texts the test says."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self.texts: list[NewText] = []
        self.breaks_after: int | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    @property
    def capabilities(self) -> Capabilities:
        return replace(self._inner.capabilities, has_tickets=True, has_new_texts=True)

    def arrive(self, ticket: str, text: str, at: datetime) -> None:
        record = RecordRef("helpdesk", "ticket", ticket)
        self.texts.append(NewText(record=record, text=text, received_at=at, ticket=ticket))

    def new_texts(self, since: datetime) -> Iterator[NewText]:
        for count, text in enumerate(self.texts):
            if count == self.breaks_after:
                raise Transient("It does not answer; try again.")
            if text.received_at >= since:
                yield text

    def texts_of(self, record: RecordRef) -> Iterator[NewText]:
        yield from (text for text in self.texts if text.record == record)

    def requester_of(self, ticket: str) -> Requester:
        address = PERSON if ticket.startswith("7") else f"p{ticket}@example.org"
        return Requester(identifiers=frozenset({Identifier(IdentifierKind.EMAIL, address)}), asked_at=None)


@pytest.fixture
def desk(bench):
    """The application with a helpdesk whose texts are read, on a clock that the test moves."""
    helpdesk = Texts(bench.systems["helpdesk"])
    return helpdesk, replace(bench.runtime, connectors={**bench.runtime.connectors, "helpdesk": helpdesk})


def numbers(app: Any) -> list[int]:
    return [one.request.number for one in unopened_requests(app)]


@pytest.mark.apart
def test_a_request_is_listed_once_and_told_on_its_days(bench, desk):
    helpdesk, app = desk
    told: list[UnopenedWithDates] = []
    helpdesk.arrive("70", ERASE, app.now() - timedelta(hours=1))
    helpdesk.arrive("71", VAGUE, app.now() - timedelta(hours=1))
    helpdesk.arrive("72", "Where is my parcel?", app.now() - timedelta(hours=1))

    def refuse(_: object) -> None:
        raise Transient("The server does not answer; try again.")

    with pytest.raises(Transient):
        find_unopened(app, refuse)
    found = find_unopened(app, told.extend)
    assert (found.systems, found.new) == (1, 0), "the first round has listed it, and no one was told"
    assert [(one.request.right, one.rung) for one in told] == [(Right.ERASURE, UnopenedAlert.FOUND)]
    assert PERSON not in unopened_text(told)
    days: dict[UnopenedAlert, int] = {}
    for passed in range(40):
        told.clear()
        find_unopened(app, told.extend)
        for one in told:
            assert one.rung not in days or one.request.ticket == "71", "no alert is raised twice"
            days.setdefault(one.rung, passed)
        bench.pass_time(timedelta(days=1))
    assert days == {UnopenedAlert.LEFT_A_DAY: 1, UnopenedAlert.HALF: 17, UnopenedAlert.OVER: 34}


@pytest.mark.apart
def test_a_round_that_breaks_begins_again_and_lists_nothing_twice(bench, desk):
    helpdesk, app = desk
    for ticket in range(220):
        helpdesk.arrive(str(7_000 + ticket), ERASE, app.now() - timedelta(minutes=ticket))
    helpdesk.breaks_after = 210
    broken = find_unopened(app)
    assert (broken.failed, broken.new) == (("helpdesk",), 200)
    assert app.store.unopened.read_to("helpdesk") is None
    helpdesk.breaks_after = None
    assert find_unopened(app).new == 20
    assert len(numbers(app)) == 220
    bench.pass_time(timedelta(hours=1))
    assert find_unopened(app).texts < 20, "only what arrived since, and a little before"


def test_it_is_opened_by_its_ticket_from_the_day_of_the_text(bench, desk):
    helpdesk, app = desk
    received = app.now() - timedelta(days=25)
    helpdesk.arrive("70", ERASE, received)
    find_unopened(app)
    (one,) = unopened_requests(app)
    assert (one.days_gone, one.rung) == (25, UnopenedAlert.HALF)
    parts = text_of(app, one.request.number, by="Olga Officer")
    assert parts is not None
    assert parts.words == "delete all my personal data"
    assert f"{parts.before}{parts.words}{parts.after}" == ERASE
    open_found(app, one.request.number, by="Olga Officer")
    assert numbers(app) == []
    with app.store.database.reading() as session:
        row = session.scalars(select(UnopenedRequestRow)).one()
        assert (row.ended_as, row.sealed_ref) == (UnopenedEnd.OPENED, None)
        bodies = [entry.body for entry in session.scalars(select(LedgerRow))]
    with app.store.case_file(row.case_id) as file:
        assert app.day_of(file.received_at) == app.day_of(received)
        assert file.due_on == one.due_on
    assert not [body for body in bodies if PERSON in body or "Zorblax" in body]
    with pytest.raises(Conflict):
        open_found(app, one.request.number, by="Olga Officer")
    find_unopened(app, since=received - timedelta(days=1))
    assert numbers(app) == [], "what was decided on is not listed again"


def test_a_second_text_joins_the_open_case_and_the_earlier_receipt_decides(bench, desk):
    helpdesk, app = desk
    helpdesk.arrive("70", ERASE, app.now() - timedelta(days=1))
    find_unopened(app)
    open_found(app, numbers(app)[0], by="Olga Officer")
    helpdesk.arrive("71", ERASE, app.now() - timedelta(days=9))
    find_unopened(app, since=app.now() - timedelta(days=20))
    said = open_found(app, numbers(app)[0], by="Olga Officer")
    assert "joined DSR-" in said
    with app.store.database.reading() as session:
        ends = [row.ended_as for row in session.scalars(select(UnopenedRequestRow))]
        (case_id,) = {row.case_id for row in session.scalars(select(UnopenedRequestRow))}
    assert sorted(ends) == ["joined", "opened"]
    with app.store.case_file(case_id) as file:
        assert app.day_of(file.received_at) == app.day_of(app.now() - timedelta(days=9))


def test_one_is_dismissed_with_a_reason_or_noted_as_open(bench, desk):
    helpdesk, app = desk
    helpdesk.arrive("80", VAGUE, app.now())
    helpdesk.arrive("81", ERASE, app.now() - timedelta(days=3))
    find_unopened(app)
    sure, vague = numbers(app)
    with pytest.raises(BadInput):
        dismiss_found(app, vague, by="Olga Officer", reason=" ")
    dismiss_found(app, vague, by="Olga Officer", reason="It is about a bank account.")
    case_id = bench.open("access", email="p81@example.org")
    with pytest.raises(BadInput):
        note_open_already(app, sure, case_id, by="Olga Officer")
    case_id = bench.open("erasure", email="p81@example.org")
    assert "before the case's receipt" in note_open_already(app, sure, case_id, by="Olga Officer")
    assert app.store.unopened.counts() == {UnopenedEnd.DISMISSED: 1, UnopenedEnd.JOINED: 1}
    with app.store.database.reading() as session:
        assert not [row for row in session.scalars(select(LedgerRow)) if "bank account" in row.body]
