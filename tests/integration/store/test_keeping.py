"""Until when a case's evidence and copies are kept, and that the copies' end is noted once."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store.case.case_file import WITHDRAWAL
from rightsflow.store.case.keeping import PACKAGE, PASSPHRASE
from tests.support.casework import NAME, opened


@pytest.fixture
def case_id(store):
    return opened(store)


def test_evidence_is_never_kept_shorter_than_was_said_and_copies_are_begun_then_made(store, case_id):
    for until, kept in ((date(2029, 12, 31), 2029), (date(2031, 12, 31), 2031), (date(2028, 12, 31), 2031)):
        with store.case_file(case_id) as file:
            file.keeping.keep_evidence(until)
        with store.case_file(case_id) as file:
            assert file.keeping.evidence_until == date(kept, 12, 31)

    seen = []
    for act in (
        lambda file: file.steps.start("locate", "helpdesk"),
        lambda file: file.steps.start("extract", "helpdesk"),
        lambda file: file.steps.finish("extract", "helpdesk"),
    ):
        with store.case_file(case_id) as file:
            act(file)
            seen.append((file.keeping.copies_were_begun, file.keeping.copies_were_made))
    assert seen == [(False, False), (True, False), (True, True)]


def test_the_package_and_its_passphrase_go_with_the_copies_and_nothing_else(store, case_id):
    with store.case_file(case_id) as file:
        for field in (PACKAGE, PASSPHRASE, "another"):
            file.outbox.keep_secret(field, "x")
        file.advance(CaseAction.WITHDRAW)
        file.keeping.end_copies(date(2026, 12, 1))
        assert file.keeping.has_package
    with store.case_file(case_id) as file:
        file.keeping.note_copies_removed()
    with store.case_file(case_id) as file:
        assert (file.keeping.copies_end_on, file.keeping.has_package) == (None, False)
        assert [file.outbox.secret(field) for field in (PACKAGE, PASSPHRASE, "another")] == [None, None, "x"]
        last = list(file.ledger.entries())[-1]
        assert (last.event, last.details) == ("WorkingCopiesRemoved", {"why": "withdrawn"})


@pytest.mark.parametrize("reason", ["", "Anna Quillfeather found it"])
def test_a_withdrawal_closes_with_its_reason_sealed(store, case_id, reason):
    with store.case_file(case_id) as file:
        file.withdraw(by="Ida", reason=reason)
    with store.case_file(case_id) as file:
        assert file.outbox.secret(WITHDRAWAL) == (reason or None)
        last = list(file.ledger.entries())[-1]
        assert (last.event, last.actor) == ("CaseWithdrawn", "Ida")
        assert bool(last.details["reason"]) is bool(reason)
        assert NAME.value not in repr(last)
        assert file.decisions.at(Gate.IDENTITY) is None
        with pytest.raises(Conflict):
            file.withdraw(by="Ida", reason=reason)
