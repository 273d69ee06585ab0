"""From a request to a case: checked, opened once."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from rightsflow.app import current_app
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.course.intake.opening import join_request, open_request_form
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from tests.support import looks
from tests.support.bench import ANNA_EMAIL
from tests.support.desk import DAY
from tests.support.instead import statements_fail
from tests.support.steps import nothing_held


def form(**changes):
    given = {"right": "access", "email": "Anna.Quill@example.com", "opened_by": "Olga Opener", "received": "2026-03-04"}
    return RequestForm(**(given | changes))


def cases(bench):
    return [case.case_id for case in bench.runtime.store.summaries(closed_too=True)]


def test_a_request_of_a_name_becomes_one_case_however_often_it_is_opened(bench):
    first = open_request_form(current_app(), form(), intake_id="intake-1")
    again = open_request_form(current_app(), form(), intake_id="intake-1")
    assert first == again
    assert cases(bench) == [first.case_id]
    assert (first.right, first.due_on, first.systems) == ("access", date(2026, 4, 7), ("helpdesk", "payments", "calls"))
    with bench.file(first.case_id) as file:
        assert file.identifiers.known() == {ANNA_EMAIL}
        assert (file.state, file.outbox.titles()) == (CaseState.RECEIVED, ["L1"])
        assert file.ownership.owner == "case_owner"


def test_an_unusable_request_opens_nothing_and_how_one_arrived_is_not_assumed(bench):
    for changes in [{"email": "not an address"}, {"email": ""}, {"opened_by": ""}]:
        with pytest.raises(BadInput):
            open_request_form(current_app(), form(**changes))
        assert cases(bench) == []
    case_id = open_request_form(current_app(), form()).case_id
    (opened,) = looks.entries(bench, case_id, "CaseOpened")
    assert opened.details["channel"] == "not stated"


def test_a_second_request_of_the_kind_is_refused_unless_it_is_wanted(bench):
    first = open_request_form(current_app(), form()).case_id
    with pytest.raises(Conflict, match=first):
        open_request_form(current_app(), form(email="ANNA.QUILL@example.com", customer_id="C-10001"))
    assert open_request_form(current_app(), form(right="erasure")).case_id != first
    assert open_request_form(current_app(), form(), despite_duplicate=True).case_id != first
    assert len(cases(bench)) == 3


def test_a_second_request_of_the_kind_is_refused_unless_it_is_wanted_and_a_closed_case_is_no_duplicate(bench):
    first = open_request_form(current_app(), form()).case_id
    with bench.file(first) as file:
        file.advance(CaseAction.WITHDRAW)
    open_request_form(current_app(), form())
    assert len(cases(bench)) == 2


def test_case_and_letter_are_stored_together_or_not_at_all(bench):
    died = RuntimeError("the process died here")
    with statements_fail(bench.runtime.store.database.engine, "INSERT INTO letters", died), pytest.raises(RuntimeError):
        open_request_form(current_app(), form(), intake_id="intake-1")
    assert cases(bench) == []
    opened = open_request_form(current_app(), form(), intake_id="intake-1")
    with bench.file(opened.case_id) as file:
        assert file.outbox.titles() == ["L1"]


def test_an_earlier_case_of_the_same_person_is_noted_and_named(bench):
    """Also when it is closed: asked again, the person is known by keyed hashes."""
    first = open_request_form(current_app(), form()).case_id
    with bench.file(first) as file:
        file.advance(CaseAction.WITHDRAW)
    second = open_request_form(current_app(), form(right="erasure", email="ANNA.QUILL@EXAMPLE.COM")).case_id
    other = open_request_form(current_app(), form(email="boris.other@example.org")).case_id
    seen = read_overview(current_app(), second)
    assert (seen.other_cases, seen.perhaps_same) == ((), (first,)), "until it was confirmed who asks"
    seen = read_overview(current_app(), other)
    assert (seen.other_cases, seen.perhaps_same) == ((), ())
    assert first in render_sheet(read_overview(current_app(), second), bench.runtime)
    (found,) = [one.details for one in looks.entries(bench, second, "EarlierCasesFound")]
    assert (found["count"], len(found["cases"][0])) == (1, 64)
    assert first not in str(found), "evidence of one case names no other"


class TestARequestWhileTheFirstIsNotAnswered:
    def test_before_the_answer_is_sent_it_joins_the_case_and_after_that_it_is_new(self, bench):
        """Before, nothing was noted of it, and one that came after an answer noted late was lost."""
        first = nothing_held(bench)
        with bench.file(first) as file:
            (person,) = [one.value for one in file.identifiers.asked_with() if one.kind is IdentifierKind.EMAIL]
        bench.pass_time(DAY)
        for _ in range(2):
            with pytest.raises(Conflict, match="nothing was changed"):
                bench.open("access", email=person)
        assert looks.entries(bench, first, "RequestJoined") == []
        for _ in range(2):
            joined_case, said = join_request(current_app(), form(email=person, channel="e-mail", received=""))
            assert joined_case == first
            assert "Its answer is written and not noted as sent, so it answers this request too" in said
        (joined,) = looks.entries(bench, first, "RequestJoined")
        assert datetime.fromisoformat(joined.details["received_at"]) <= bench.moment[0]
        assert record_sent(current_app(), first, "L8", by="Ida") == "Letter L8 is noted as sent. The case is closed."
        assert bench.open("access", email=person) != first

    @pytest.mark.apart
    def test_of_two_receipts_the_earlier_one_decides_when_the_answer_is_due(self, bench):
        """A letter that lay in the post room for two days, entered after the web form: Art. 12(3) counts from it."""
        first = open_request_form(current_app(), form(received="2026-03-04")).case_id
        neighbour = open_request_form(current_app(), form(email="boris.other@example.org")).case_id
        with bench.file(neighbour) as file:
            before = file.received_at, file.due_on, list(file.ledger.entries())
        _, said = join_request(current_app(), form(received="2026-03-02", channel="letter"))
        assert "counts from 2 March 2026 now, and is due on 2 April 2026 at the latest" in said
        for later in ("2026-03-02", "2026-03-03", "2026-03-05"):
            _, said = join_request(current_app(), form(received=later))
            assert "counts from" not in said
        with bench.file(first) as file:
            entries = list(file.ledger.entries())
            assert file.due_on == date(2026, 4, 2)
            assert bench.runtime.day_of(file.received_at) == date(2026, 3, 2)
            record = fold(entries)
        assert (record.received_at, record.clock[-1].due_on) == (file.received_at, file.due_on)
        joined = [one.details for one in entries if one.event == "RequestJoined"]
        assert [("counts_from" in one) for one in joined] == [True, False, False]
        assert [one.details["now"] for one in entries if one.event == "DueDateMoved"] == ["2026-04-02"]
        with bench.file(neighbour) as file:
            assert (file.received_at, file.due_on, list(file.ledger.entries())) == before

    def test_one_that_came_after_an_answer_that_is_noted_late_is_named(self, bench):
        first = nothing_held(bench)
        with bench.file(first) as file:
            (person,) = [one.value for one in file.identifiers.asked_with() if one.kind is IdentifierKind.EMAIL]
        sent_at = bench.moment[0]
        bench.pass_time(3 * DAY)
        join_request(current_app(), form(email=person, received=""))
        bench.pass_time(DAY)
        said = record_sent(current_app(), first, "L8", at=sent_at, by="Ida")
        assert "after this answer was sent: it is a request of its own" in said
