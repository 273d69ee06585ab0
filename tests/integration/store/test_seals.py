"""The seals in the store: what they cover, who signs them, and that no one is in anybody's way."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import GENESIS, Head, read_entry
from rightsflow.audit.ledger.seal_checks import check_proof, check_proved, follow
from rightsflow.audit.ledger.seals import Commitment, Proved, Seal, leaf_of, make_seal, read_seal
from rightsflow.audit.signing import SigningKey
from rightsflow.domain.errors import Transient
from rightsflow.store import Store
from rightsflow.store.core.case_ledger import OWN_CHAIN, links_of, own_entries
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.proofs.sealing import behind, note_published, unpublished
from rightsflow.store.proofs.seals import (
    LISTED,
    SealingActs,
    all_seals,
    last_seal,
    list_new_cases,
    proofs_of,
    seal,
    seals_between,
)
from rightsflow.store.proofs.signing_keys import active_signing_keys, first_key, public_keys, rotate_key
from rightsflow.store.tables import ChainRow, SealProofRow
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, at_once, opened

DAY = timedelta(days=1)
MASTER = MasterKey(SECRET)


def grow(store: Store, *cases: str) -> None:
    for case_id in cases:
        with store.case_file(case_id) as file:
            file.ledger.append("StepDone")


def made(store: Store, **options: object) -> Seal:
    found = seal(store.database, MASTER, store.now(), **options)  # type: ignore[arg-type]
    assert found
    return found


def rotated(store: Store) -> str:
    with store.database.transaction() as session:
        return rotate_key(session, MASTER, store.now(), actor="Ada Admin")


def events(session: Session) -> list[tuple[str, str]]:
    found = [read_entry(one.body) for one in links_of(session, OWN_CHAIN)]
    return [(one.event, str(one.details.get("key"))) for one in found if one.event.startswith("SealKey")]


def test_only_chains_that_have_grown_get_a_proof(store, clock):
    one, two = opened(store), opened(store)
    made(store)
    grow(store, two)
    clock.pass_time(DAY)
    said = read_seal(made(store).body)
    with store.database.transaction() as session:
        assert [proof.seal for proof in proofs_of(session, one)] == [1]
        assert [proof.seal for proof in proofs_of(session, two)] == [1, 2]
        assert check_proof(two, proofs_of(session, two)[1], said) == []
        assert not session.scalar(select(func.count()).where(ChainRow.sealed_number != ChainRow.number))


def test_a_seal_without_anything_new_proves_that_nothing_was_added(store, clock):
    opened(store)
    first = made(store)
    clock.pass_time(DAY)
    second = made(store)
    assert read_seal(first.body).root == read_seal(second.body).root
    assert read_seal(second.body).previous == first.digest
    with store.database.transaction() as session:
        assert not session.scalar(select(func.count()).where(SealProofRow.seal == 2))


def test_seals_are_given_by_their_numbers_and_there_is_none_where_there_is_one_already(store, clock):
    wanted = [made(store) for _ in range(4)]
    with store.database.transaction() as session:
        assert seals_between(session, 2, 3) == wanted[1:3]
        assert seals_between(session, 5, 9) == []
        assert list(all_seals(session)) == wanted

    first, started = made(store), store.now()
    clock.pass_time(timedelta(hours=1))
    assert seal(store.database, MASTER, store.now(), unless_since=started) is None
    assert made(store, unless_since=started + timedelta(minutes=1)).number == first.number + 1


def listed(store: Store) -> list[list[str]]:
    with store.database.transaction() as session:
        return [list(one.details["cases"]) for one in own_entries(session, LISTED)]


def test_each_case_is_listed_once_under_the_first_seal_that_covers_it(store, clock):
    one, two = sorted([opened(store), opened(store)])
    made(store)
    assert listed(store) == [[one, two]]
    with store.database.transaction() as session:
        (proof,) = proofs_of(session, OWN_CHAIN)
        assert proof.number == head_of(session, OWN_CHAIN).number, "the list is under that seal too"
    clock.pass_time(DAY)
    made(store)
    three = opened(store)
    grow(store, one)
    clock.pass_time(DAY)
    made(store)
    assert listed(store) == [[one, two], [three]]


def test_many_new_cases_are_listed_in_parts(store):
    cases = sorted(opened(store) for _ in range(3))
    made(store, acts=SealingActs(list_new=partial(list_new_cases, at_once=2)))
    assert listed(store) == [cases[:2], cases[2:]]


def test_a_case_that_is_opened_between_its_list_and_the_heads_is_listed_with_the_next_seal(store, clock):
    late = []

    def then_open(session: Session, now: datetime, last_seal_at: datetime | None) -> None:
        list_new_cases(session, now, last_seal_at)
        session.commit()
        clock.pass_time(timedelta(seconds=1))
        late.append(opened(store))

    made(store)
    clock.pass_time(DAY)
    with store.database.transaction() as session:
        first_key(session, MASTER, store.now())
    assert seal(store.database, MASTER, store.now(), acts=SealingActs(list_new=then_open))
    assert listed(store) == []
    clock.pass_time(DAY)
    made(store)
    assert listed(store) == [late]


def test_a_seal_says_which_proofs_were_made_with_it(store, clock):
    one, two = sorted([opened(store), opened(store)])
    made(store)
    grow(store, two)
    clock.pass_time(DAY)
    said = read_seal(made(store).body)
    proved = Proved()
    with store.database.transaction() as session:
        proved.add(leaf_of(two, head_of(session, two)))
        assert [proof.seal for proof in proofs_of(session, one)] == [1]
    assert check_proved(2, proved, said) == []
    assert (said.proofs, said.proved) == (1, proved.digest)


def test_a_purged_chain_keeps_its_leaf(store):
    case_id = opened(store)
    before = read_seal(made(store).body)
    with store.database.transaction() as session:
        session.execute(
            text("UPDATE chains SET purged_at = '2026-11-24 09:00:00+00:00' WHERE chain = :c"), {"c": case_id}
        )
        session.execute(text("DELETE FROM ledger WHERE chain = :c"), {"c": case_id})
    after = read_seal(made(store).body)
    assert (after.chains, after.root) == (before.chains, before.root)


def test_the_chains_are_in_the_order_of_their_bytes(store):
    """Not in that of a language, which differs from machine to machine."""
    names = ["DSR-2026-AAAAAA", "DSR-2026-aaaaaa", "DSR-2026-BBBBBB", "DSR_2026", "ab", "a-c", OWN_CHAIN]
    with store.database.transaction() as session:
        for name in names[:-1]:
            session.execute(text("INSERT INTO chains (chain, number, digest) VALUES (:c, 1, 'x')"), {"c": name})
    made(store)
    with store.database.transaction() as session:
        positions = {name: proofs_of(session, name)[0].position for name in names}
    assert sorted(names, key=positions.__getitem__) == sorted(names)
    assert leaf_of("ab", Head(1, "x")) == b'{"chain":"ab","digest":"x","number":1}'


def test_a_second_key_signs_beside_the_first_and_then_alone(store, clock):
    made(store)
    clock.pass_time(DAY)
    assert rotated(store) == "seal/2"
    signers = []
    for _ in range(4):
        clock.pass_time(10 * DAY)
        signers.append(sorted(made(store).signatures))
    assert signers == [["seal/1", "seal/2"], ["seal/1", "seal/2"], ["seal/2"], ["seal/2"]]
    with store.database.transaction() as session:
        assert events(session) == [("SealKeyMade", "seal/1"), ("SealKeyMade", "seal/2"), ("SealKeyRetired", "seal/1")]
        known = public_keys(session)
        assert follow(all_seals(session), {"seal/1": known["seal/1"]}) == {"seal/2": known["seal/2"]}
        assert sorted(active_signing_keys(session, MASTER, store.now())) == ["seal/2"]
        assert sorted(active_signing_keys(session, MASTER, store.now() - 20 * DAY)) == ["seal/1", "seal/2"]


def test_a_key_stays_until_a_seal_bears_its_successors_signature(store, clock):
    """Though no one sealed for longer than the overlap."""
    first = made(store)
    rotated(store)
    clock.pass_time(90 * DAY)
    assert sorted(made(store).signatures) == ["seal/1", "seal/2"]
    assert sorted(made(store).signatures) == ["seal/2"]
    with store.database.transaction() as session:
        assert sorted(follow(all_seals(session), read_seal(first.body).keys)) == ["seal/2"]


def test_the_tenth_key_comes_after_the_ninth(store):
    made(store)
    assert [rotated(store) for _ in range(10)] == [f"seal/{number}" for number in range(2, 12)]


def test_two_who_seal_at_once_make_no_fork(store):
    opened(store)
    found = at_once(4, lambda _: seal(store.database, MASTER, store.now()))
    assert not [one for one in found if isinstance(one, Exception) and not isinstance(one, Transient)]
    with store.database.transaction() as session:
        seals = list(all_seals(session))
        assert [one.number for one in seals] == list(range(1, len(seals) + 1))
        assert sorted(one.number for one in found if isinstance(one, Seal)) == [one.number for one in seals]
        assert sorted(follow(seals, public_keys(session))) == ["seal/1"]


def test_whoever_comes_second_leaves_it_to_the_first(postgres_database, clock):
    """The other one's seal appears between the reading and the writing of ours."""
    store = Store(postgres_database, MASTER, clock)
    made(store)

    def slowly(commitment: Commitment, keys: Mapping[str, SigningKey]) -> Seal:
        assert made(store).number == 2
        return make_seal(commitment, keys)

    assert seal(store.database, MASTER, store.now(), acts=SealingActs(make=slowly)) is None
    with store.database.transaction() as session:
        assert [one.number for one in all_seals(session)] == [1, 2]


@pytest.mark.apart
def test_entries_written_meanwhile_wait_for_nothing_and_tear_nothing(postgres_database, clock):
    """While all heads are read, another writes; while it is noted what is sealed, another holds a chain."""
    store = Store(postgres_database, MASTER, clock)
    one, two = opened(store), opened(store)
    made(store)
    grow(store, one, two)

    def meanwhile(commitment: Commitment, keys: Mapping[str, SigningKey]) -> Seal:
        grow(store, one)
        return make_seal(commitment, keys)

    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        with postgres_database.transaction() as session:
            session.execute(select(ChainRow.chain).where(ChainRow.chain == two).with_for_update())
            held.set()
            assert go_on.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(30)
    said = read_seal(made(store, acts=SealingActs(make=meanwhile)).body)
    go_on.set()
    holder.join()
    with store.database.transaction() as session:
        for chain in (one, two):
            assert [proof.number for proof in proofs_of(session, chain)] == [1, 2]
            assert check_proof(chain, proofs_of(session, chain)[1], said) == []
        noted = {row.chain: (row.sealed_number, row.number) for row in session.scalars(select(ChainRow))}
        assert (noted[one], noted[two]) == ((2, 3), (1, 2))
    again = read_seal(made(store).body)
    with store.database.transaction() as session:
        assert [proof.number for proof in proofs_of(session, two)] == [1, 2, 2], "a further proof, and no harm"
        assert check_proof(two, proofs_of(session, two)[2], again) == []


def test_the_database_itself_keeps_seals_and_proofs(store):
    made(store)
    for table in ("seals", "seal_proofs"):
        for statement in ("DELETE FROM {}", "UPDATE {} SET digest = 'x'"):
            with pytest.raises((RuntimeError, Transient)), store.database.transaction() as session:
                session.execute(text(statement.format(table)))


def test_each_seal_goes_to_each_place_once(store, clock):
    seals = [made(store), made(store), made(store)]
    here, there = "file:/here", "file:/there"
    for number in (1, 3, 3):
        note_published(store.database, here, number, clock())
    with store.database.transaction() as session:
        assert unpublished(session, here) == [seals[1]]
        assert unpublished(session, there) == seals
        assert (behind(session, here), behind(session, there)) == (1, 3)


def test_a_new_mailbox_begins_with_the_newest_seal(store, clock):
    seals, place = [made(store), made(store)], "mailto:auditor@example.com"
    with store.database.transaction() as session:
        assert unpublished(session, place) == [seals[1]]
    note_published(store.database, place, 2, clock())
    third = made(store)
    with store.database.transaction() as session:
        assert unpublished(session, place) == [third]
        assert behind(session, place) == 1


def test_a_seal_covers_the_heads_of_all_chains(store):
    with store.database.transaction() as session:
        assert (behind(session, "file:/here"), behind(session, "mailto:a@example.com")) == (0, 0)
        assert last_seal(session) is None

    one, two = opened(store), opened(store)
    grow(store, one)
    sealed = made(store)
    said = read_seal(sealed.body)
    assert (said.number, said.chains, said.previous, said.at) == (1, 3, GENESIS, store.now())
    with store.database.transaction() as session:
        for chain in (one, two, OWN_CHAIN):
            (proof,) = proofs_of(session, chain)
            assert Head(proof.number, proof.digest) == head_of(session, chain)
            assert check_proof(chain, proof, said) == []
        assert last_seal(session) == sealed
        assert check_proof(one, proofs_of(session, two)[0], said), "not under another's name"


def test_a_key_is_opened_by_no_other_master_key(store, clock):
    made(store)
    with pytest.raises(Exception, match="master key"):
        seal(store.database, MasterKey(bytes(32)), datetime(2026, 12, 1, tzinfo=clock().tzinfo))
