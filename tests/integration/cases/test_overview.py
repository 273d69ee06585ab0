"""One case at a glance: its status, what is missing, and nothing of the subject."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from rightsflow.cases.facts.overview.overview import CaseOverview, overview
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.board import Light, light, status_label
from rightsflow.domain.case.findings import Planned
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import Fact, Method, Outcome, OutcomeKind, Presence, PresenceState
from rightsflow.domain.vocabulary.states import CaseAction, CaseState
from rightsflow.domain.work_list import Present
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.casework import CUSTOMER, DATES, EMAIL, NAME, OWNER, PHONE, SECRET, Clock, located, opened, ref
from tests.support.stores import set_up, without_waiting_for_the_disk

TODAY = date(2026, 11, 24)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    database = without_waiting_for_the_disk(Database(f"sqlite:///{tmp_path / 'cases.db'}"))
    set_up(database)
    yield Store(database, MasterKey(SECRET), Clock())
    database.close()


def seen(store: Store, case_id: str, today: date = TODAY) -> CaseOverview:
    with store.case_file(case_id) as file:
        return overview(file, Present(today=today, now=Clock()(), has_mail=False))


class TestLight:
    DUE = date(2026, 12, 21)
    WORK_TO = date(2026, 12, 18)

    @pytest.mark.parametrize(
        ("today", "expected"),
        [
            (date(2026, 12, 10), Light.GREEN),
            (date(2026, 12, 11), Light.AMBER),
            (date(2026, 12, 18), Light.AMBER),
            (date(2026, 12, 19), Light.RED),
            (date(2026, 12, 21), Light.RED),
            (date(2027, 6, 1), Light.RED),
        ],
    )
    def test_it_grows_redder_day_by_day(self, today: date, expected: Light) -> None:
        assert light(self.WORK_TO, self.DUE, today, closed=False) is expected

    def test_the_last_day_of_the_law_is_red_whatever_day_was_to_be_worked_to(self) -> None:
        assert light(self.DUE + timedelta(days=5), self.DUE, self.DUE, closed=False) is Light.RED

    def test_a_case_is_overdue_once_the_last_day_of_the_law_has_passed(self) -> None:
        assert status_label(Light.RED, self.DUE, self.DUE) == "Urgent"
        assert status_label(Light.RED, self.DUE, self.DUE + timedelta(days=1)) == "Overdue"
        assert status_label(Light.CLOSED, self.DUE, date(2030, 1, 1)) == "Closed"

    def test_a_closed_case_is_not_urgent(self) -> None:
        assert light(self.WORK_TO, self.DUE, date(2030, 1, 1), closed=True) is Light.CLOSED


def test_a_new_case(store: Store) -> None:
    case_id = opened(store, EMAIL, PHONE, NAME)
    shown = seen(store, case_id)
    assert (shown.case_id, shown.state, shown.light) == (case_id, CaseState.RECEIVED, Light.GREEN)
    assert (shown.due_on, shown.safe_due_on, shown.explanation) == (DATES.due_on, DATES.safe_due_on, DATES.explanation)
    assert (shown.owner, shown.opened_by) == (OWNER, "Olga Opener")
    assert shown.identifiers == {"email": 1, "phone": 1, "name": 1}
    assert (shown.steps, shown.records, shown.decisions, shown.letters) == ((), (), (), ())
    assert [entry.event for entry in shown.ledger] == ["CaseOpened"]


def worked_on(store: Store) -> str:
    """A case with one erased, one retained and one open record, and one step that failed."""
    case_id = opened(store, EMAIL, NAME)
    kept = Planned(
        ref=ref("inv-Quillfeather", "payments", "invoice"),
        method=None,
        expected=OutcomeKind.RETAINED,
        reason="The law obliges us.",
        legal_basis="§ 147 AO",
        until=date(2034, 12, 31),
    )
    with store.case_file(case_id) as file:
        file.findings.replace("helpdesk", [located("t-anna.quill", EMAIL, CUSTOMER, facts=[Fact.SHARED])])
        file.findings.replace("calls", [located("anna.wav", EMAIL, system="calls", kind="recording")])
        file.findings.replace("payments", [located("inv-Quillfeather", EMAIL, system="payments", kind="invoice")])
        file.findings.resolve()
        erase = Planned(ref=ref("t-anna.quill"), method=Method.REDACT, expected=OutcomeKind.REDACTED)
        file.findings.plan([erase, kept])
        file.findings.record_outcome(Outcome(record=kept.ref, kind=OutcomeKind.RETAINED))
        file.findings.record_outcome(Outcome(record=ref("t-anna.quill"), kind=OutcomeKind.REDACTED))
        file.findings.record_presence(
            Presence(record=ref("t-anna.quill"), state=PresenceState.ABSENT, detail="anna.quill is gone")
        )
        file.decide(Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by="Ida", reason="knows Quillfeather"))
        file.steps.start("locate", "helpdesk")
        file.steps.finish("locate", "helpdesk", matches=1)
        file.steps.start("erase", "calls")
        file.steps.fail("erase", "calls", "The store of recordings does not answer.")
        file.outbox.keep_secret("passphrase", "Quillfeather rides again")
        file.outbox.put(
            template_id="ACK",
            version="1",
            language="en",
            subject_line="To Anna Quillfeather",
            body="Dear Anna",
            variables_hash="f" * 64,
        )
    return case_id


def test_records_stand_by_number_with_plan_outcome_and_proof(store: Store) -> None:
    calls, helpdesk, payments = seen(store, worked_on(store)).records
    assert [calls.number, helpdesk.number, payments.number] == [1, 2, 3]
    assert (helpdesk.system, helpdesk.kind, helpdesk.facts) == ("helpdesk", "ticket", ("shared",))
    assert helpdesk.attribution is Attribution.SUBJECT
    assert (helpdesk.planned, helpdesk.outcome) == (OutcomeKind.REDACTED, OutcomeKind.REDACTED)
    assert helpdesk.verified is PresenceState.ABSENT
    assert (payments.outcome, payments.legal_basis, payments.until) == (
        OutcomeKind.RETAINED,
        "§ 147 AO",
        date(2034, 12, 31),
    )
    assert (calls.planned, calls.outcome) == (None, None)


def test_outcomes_are_counted_with_what_is_open(store: Store) -> None:
    assert seen(store, worked_on(store)).outcomes() == {
        ("helpdesk", "service tickets", "redacted"): 1,
        ("payments", "service tickets", "retained"): 1,
        ("calls", "service tickets", "found"): 1,
    }


def test_what_is_missing_comes_before_what_is_next(store: Store) -> None:
    case_id = worked_on(store)
    shown = seen(store, case_id)
    assert [(step.step, step.system) for step in shown.failures] == [("erase", "calls")]
    assert shown.next_action.startswith("Missing: erase calls.")
    with store.case_file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    assert seen(store, case_id).next_action == "Nothing: the request was withdrawn."


@pytest.mark.apart
def test_every_state_says_what_is_next(store):
    for state in list(CaseState):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            file._context.row.state = state.value
            if state.ends_unanswered:
                file.close(file.received_at)
        assert seen(store, case_id).next_action.endswith(".")


PROOF, MEANT = "Wait for the person's proof of identity", "Wait for the person to say what they mean"
IDENTITY, CLARIFICATION = ClockEventKind.IDENTITY_REQUESTED, ClockEventKind.CLARIFICATION_REQUESTED
CONFIRMED, CLARIFIED = ClockEventKind.IDENTITY_CONFIRMED, ClockEventKind.CLARIFICATION_RECEIVED


@pytest.mark.parametrize(
    ("state", "stands", "happened", "question", "says"),
    [
        (CaseState.IDENTITY_PENDING, False, [], None, "Confirm the person's identity"),
        (CaseState.IDENTITY_PENDING, False, [IDENTITY], IDENTITY, PROOF),
        (CaseState.IDENTITY_PENDING, True, [IDENTITY], IDENTITY, PROOF),
        (CaseState.IDENTITY_PENDING, True, [CLARIFICATION], CLARIFICATION, MEANT),
        (CaseState.IDENTITY_PENDING, True, [IDENTITY, CLARIFICATION], IDENTITY, PROOF),
        (CaseState.IDENTITY_PENDING, True, [IDENTITY, CONFIRMED, CLARIFICATION], CLARIFICATION, MEANT),
        (CaseState.IN_PROGRESS, True, [CLARIFICATION], CLARIFICATION, MEANT),
        (CaseState.IN_PROGRESS, False, [CLARIFICATION], CLARIFICATION, "The systems are being searched"),
        (CaseState.IN_PROGRESS, False, [CLARIFICATION, CLARIFIED], None, "The systems are being searched"),
        (CaseState.AWAITING_APPROVAL, True, [CLARIFICATION], CLARIFICATION, "A person other than the opener decides"),
    ],
)
def test_what_is_next_is_the_answer_to_the_open_question(
    store: Store,
    state: CaseState,
    stands: bool,
    happened: list[ClockEventKind],
    question: ClockEventKind | None,
    says: str,
) -> None:
    case_id = opened(store)
    with store.case_file(case_id) as file:
        for kind in happened:
            file.clock.record(kind, file._context.now, by="Ida")
        file._context.row.state = state.value
        if state.ends_unanswered:
            file.close(file.received_at)
        file._context.row.suspended_since = file._context.now if stands else None
    shown = seen(store, case_id)
    assert (shown.open_question.kind if shown.open_question else None) is question
    assert shown.next_action.startswith(says)


def test_decisions_stand_without_their_reasons(store: Store) -> None:
    (decision,) = seen(store, worked_on(store)).decisions
    assert (decision.gate, decision.verdict, decision.by) == (Gate.IDENTITY, Verdict.CONFIRMED, "Ida")


def test_nothing_of_the_subject_is_shown(store: Store) -> None:
    """The overview goes to the case sheet, and so into Prefect's database."""
    text = repr(seen(store, worked_on(store))).lower()
    assert not [part for part in ("anna", "quill", "example.com", "10017", "rides") if part in text]
    with store.case_file(opened(store, EMAIL)) as file:
        file.ledger.append("Planted", note="Anna Quillfeather")
        assert "quill" in repr(overview(file, Present(today=TODAY, now=Clock()(), has_mail=False))).lower(), (
            "the control: it would be seen"
        )
