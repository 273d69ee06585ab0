"""Two people accept the faults of a ledger, and it is sealed again; a further fault ends that again."""

from __future__ import annotations

import pytest
from sqlalchemy import delete

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.store import Store
from rightsflow.store.tables import CaseRow
from tests.support.casework import opened


def lose(store: Store, case_id: str) -> None:
    with store.database.transaction() as session:
        session.execute(delete(CaseRow).where(CaseRow.id == case_id))


def test_two_people_accept_exactly_the_faults_that_are_there(store):
    one, other = opened(store), opened(store)
    with pytest.raises(BadInput, match="there are 0"):
        store.seals.propose_repair(by="Ines Example")
    lose(store, one)
    with pytest.raises(Conflict, match="propose them anew"):
        store.seals.accept_repair(by="Dana Decider")
    assert store.seals.propose_repair(by="Ines Example") == 1
    with pytest.raises(Conflict, match="four eyes"):
        store.seals.accept_repair(by="ines  EXAMPLE")
    assert [fault.place for fault in store.seals.check_unaccepted()] == [f"case {one}"]
    lose(store, other)
    with pytest.raises(Conflict, match="propose them anew"):
        store.seals.accept_repair(by="Dana Decider")
    assert store.seals.propose_repair(by="Ines Example") == 2
    assert store.seals.accept_repair(by="Dana Decider") == 2
    assert list(store.seals.check_unaccepted()) == []
    assert {fault.place for fault in store.seals.check()} == {f"case {one}", f"case {other}"}
    third = opened(store)
    lose(store, third)
    assert [fault.place for fault in store.seals.check_unaccepted()] == [f"case {third}"]
