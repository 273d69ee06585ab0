"""Owners: a case always has one, and each change of hands is kept with its reason sealed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store import Store
from rightsflow.store.case.ownership import Handover
from tests.support.casework import OWNER, opened

REASON = "Anna Quillfeather is my neighbour"


@pytest.fixture
def case_id(store):
    return opened(store)


def owner_of(store: Store, case_id: str) -> str:
    with store.case_file(case_id) as file:
        return file.ownership.owner


def test_it_goes_from_hand_to_hand(store, clock, case_id):
    assert owner_of(store, case_id) == OWNER
    first = clock.moment
    with store.case_file(case_id) as file:
        file.ownership.hand_over("anna", by="Olga Opener", reason=REASON)
    clock.pass_time(timedelta(hours=1))
    with store.case_file(case_id) as file:
        file.ownership.hand_over("ben", by="Anna", reason="holidays")
    with store.case_file(case_id) as file:
        assert file.ownership.owner == "ben"
        assert file.ownership.handovers() == [
            Handover(from_owner=OWNER, to_owner="anna", by="Olga Opener", at=first),
            Handover(from_owner="anna", to_owner="ben", by="Anna", at=first + timedelta(hours=1)),
        ]
        assert file.ownership.reasons() == [REASON, "holidays"]
        handed = [one for one in file.ledger.entries() if one.event == "CaseHandedOver"]
    assert [(one.actor, one.details) for one in handed] == [
        ("Olga Opener", {"before": OWNER, "now": "anna"}),
        ("Anna", {"before": "anna", "now": "ben"}),
    ]


def test_it_stays_where_it_is_without_a_reason_or_another_hand_and_once_it_is_closed(store, case_id):
    for reason in ("", "  \n"):
        with pytest.raises(BadInput, match="reason for handing"), store.case_file(case_id) as file:
            file.ownership.hand_over("anna", by="Olga Opener", reason=reason)
        assert owner_of(store, case_id) == OWNER

    with pytest.raises(Conflict, match="is theirs already"), store.case_file(case_id) as file:
        file.ownership.hand_over(OWNER, by="Olga Opener", reason="again")

    with store.case_file(case_id) as file:
        file.advance(CaseAction.WITHDRAW)
    with pytest.raises(Conflict, match="is closed"), store.case_file(case_id) as file:
        file.ownership.hand_over("anna", by="Olga Opener", reason="late")


def test_the_reason_is_sealed_and_the_watch_looks_at_it(store, clock, case_id):
    with store.database.transaction() as session:
        session.execute(text("UPDATE cases SET watch_at = NULL"))
    with store.case_file(case_id) as file:
        file.ownership.hand_over("anna", by="Olga Opener", reason=REASON)
        assert file._context.row.watch_at == clock.moment

    with store.database.transaction() as session:
        stored = bytes(session.execute(text("SELECT sealed_reason FROM handovers")).scalar_one())
    assert b"Quillfeather" not in stored
