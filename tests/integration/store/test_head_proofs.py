"""The proof of a chain's head under the newest seal, also where the chain has not grown for long."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.audit.ledger.seal_checks import check_proof
from rightsflow.audit.ledger.seals import SealProof, read_seal
from rightsflow.store import Store
from rightsflow.store.proofs.sealing import proofs_up_to_now
from rightsflow.store.proofs.seals import last_seal, proofs_of, seal, seals_between
from tests.support.casework import Clock, email, opened


def seal_now(store: Store, clock: Clock) -> None:
    clock.pass_time(timedelta(days=1))
    seal(store.database, store.master, clock.moment)


def note(store: Store, case_id: str) -> None:
    with store.case_file(case_id) as file:
        file.ledger.append("Noted")


def proofs(store: Store, chain: str) -> tuple[list[SealProof], list[SealProof]]:
    """Those that are kept, and those that are given out; each of the latter leads to its seal."""
    with store.database.reading() as session:
        kept, given = proofs_of(session, chain), proofs_up_to_now(session, chain)
        for one in given:
            (sealed,) = seals_between(session, one.seal, one.seal)
            assert check_proof(chain, one, read_seal(sealed.body)) == []
        newest = last_seal(session)
        assert not given or (newest is not None and given[-1].seal == newest.number)
    return kept, given


@pytest.mark.parametrize("others", [0, 1, 4])
def test_a_head_of_long_ago_is_proved_under_the_newest_seal(store, clock, others):
    case_id = opened(store)
    seal_now(store, clock)
    rest = [opened(store, email(f"person{number}")) for number in range(others)]
    seal_now(store, clock)
    for one in rest[::2]:
        note(store, one)
    seal_now(store, clock)
    # What has grown since the newest seal is not in its tree.
    for one in rest:
        note(store, one)
    opened(store, email("late"))
    kept, given = proofs(store, case_id)
    assert [one.seal for one in kept] == [1]
    assert [(one.seal, one.number) for one in given] == [(1, 1), (3, 1)]
    assert given[-1].digest == kept[-1].digest
    for one in rest:
        assert proofs(store, one)[1][-1].seal == 3


def test_a_head_that_is_proved_there_already_needs_no_second_proof(store, clock):
    case_id = opened(store)
    seal_now(store, clock)
    note(store, case_id)
    seal_now(store, clock)
    kept, given = proofs(store, case_id)
    assert given == kept
    assert [one.number for one in given] == [1, 2]


def test_entries_after_the_newest_seal_are_not_proved(store, clock):
    case_id = opened(store)
    seal_now(store, clock)
    note(store, case_id)
    _, given = proofs(store, case_id)
    assert [one.number for one in given] == [1]


def test_a_case_that_is_younger_than_the_newest_seal_has_no_proof(store, clock):
    assert proofs(store, opened(store)) == ([], [])
    seal_now(store, clock)
    assert proofs(store, opened(store, email("young"))) == ([], [])
