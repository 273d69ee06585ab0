"""A request opened by a ticket's number: what the system has on file goes to the vault, or nothing is opened."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rightsflow.cases.course.intake.opening import open_from_ticket, ticket_systems
from rightsflow.domain.errors import BadInput, Conflict, Transient
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.people import NO_ONE_SIGNED_IN
from rightsflow.domain.request import Channel
from rightsflow.domain.requesters import NoRequester, Requester, WhyNot, read_ticket_number
from rightsflow.domain.vocabulary.rights import Right

ANNA = frozenset(
    {identifier(IdentifierKind.EMAIL, "anna@example.com"), identifier(IdentifierKind.NAME, "Anna Example")}
)


@pytest.fixture
def helpdesk(bench):
    system = bench.systems["helpdesk"]
    asked_at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    system.tickets = {
        "4711": Requester(identifiers=ANNA, channel=Channel.EMAIL, asked_at=asked_at, language="de"),
        "INC-12": Requester(identifiers=ANNA),
        "5": WhyNot.AGENT,
        "6": WhyNot.NO_REQUESTER,
        "7": WhyNot.SEVERAL,
    }
    return system


def open_it(bench, ticket="4711", right=Right.ACCESS, system="helpdesk", **more):
    return open_from_ticket(bench.runtime, system, ticket, right, by=NO_ONE_SIGNED_IN, **more)


def cases(bench):
    return bench.runtime.store.summaries(closed_too=True)


def test_the_requester_of_a_ticket_gets_a_case_from_the_day_of_the_ticket(bench, helpdesk):
    opened = open_it(bench)
    with bench.runtime.store.case_file(opened.case_id) as file:
        assert file.identifiers.known() == ANNA
        assert (file.opened_by, file.right) == (NO_ONE_SIGNED_IN, Right.ACCESS)
        assert file.received_at == datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert ticket_systems(bench.runtime) == ["helpdesk"]


def test_another_day_of_receipt_can_be_given_and_the_same_run_opens_once(bench, helpdesk):
    opened = open_it(bench, received_on=date(2026, 3, 4), intake_id="run")
    with bench.runtime.store.case_file(opened.case_id) as file:
        assert bench.runtime.day_of(file.received_at) == date(2026, 3, 4)
    assert open_it(bench, intake_id="run").case_id == opened.case_id
    with pytest.raises(Conflict, match=opened.case_id):
        open_it(bench, "INC-12")


@pytest.mark.parametrize(
    ("ticket", "right", "system", "sentence"),
    [
        ("8", Right.ACCESS, "helpdesk", "no ticket of this number"),
        ("5", Right.ACCESS, "helpdesk", "An agent is the ticket's requester"),
        ("6", Right.ERASURE, "helpdesk", "names no requester"),
        ("7", Right.ERASURE, "helpdesk", "is not unique"),
        ("anna@example.com", Right.ACCESS, "helpdesk", "The ticket's number is not valid"),
        ("4711", Right.ACCESS, "payments", "name one of helpdesk"),
        ("4711", Right.RESTRICTION, "helpdesk", "needs its ground too"),
        ("4711", Right.RECTIFICATION, "helpdesk", "needs what is to be corrected too"),
    ],
)
def test_what_shows_no_one_customer_is_refused_and_opens_nothing(bench, helpdesk, ticket, right, system, sentence):
    with pytest.raises(BadInput, match=sentence) as refused:
        open_it(bench, ticket, right, system)
    assert "anna" not in str(refused.value)
    assert cases(bench) == []


def test_a_system_that_does_not_answer_opens_nothing(bench, helpdesk):
    with helpdesk.outage(), pytest.raises(Transient):
        open_it(bench)
    assert cases(bench) == []


@pytest.mark.parametrize("text", ["Anna Example", "+49 30 901820", "anna", "4711; DROP", "", "4 711"])
def test_a_name_an_address_and_a_telephone_number_are_no_ticket(text):
    with pytest.raises(NoRequester):
        read_ticket_number(text)
