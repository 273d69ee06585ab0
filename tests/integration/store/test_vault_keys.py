"""The keys of the whole store: made once, read ever after, and never wrapped by a master key that is on its way out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update

from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store import Database, Store
from rightsflow.store.tables import CaseRow, IdentifierRow, VaultKeyRow
from rightsflow.store.vault_keys import (
    case_wrappers,
    keep_key,
    keyring_of,
    keys_named,
    lock_wrapper,
    read_keyring,
    refuse_another_key,
)
from rightsflow.vault import MasterKey
from tests.support.casework import EMAIL, NAME, PHONE, SECRET, at_once, opened, twins

MASTER, OTHER = MasterKey(SECRET), MasterKey(b"x" * 32)
BOTH = MasterKey(b"x" * 32, SECRET)
WRITERS = 6
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite_url"], ids=["sqlite"], indirect=True)
"""For what both databases do alike and one shows as well as two."""


def made_before_keys_were_kept(database: Database) -> None:
    """What an upgrade finds: cases of which no one noted what wraps them, and no keys."""
    with database.transaction() as session:
        session.execute(delete(VaultKeyRow))
        session.execute(update(CaseRow).values(wrapped_by=""))


def keys_in(database: Database) -> dict[str, str]:
    with database.transaction() as session:
        return {row.name: row.wrapped_by for row in session.scalars(select(VaultKeyRow))}


def again(store: Store, master: MasterKey = MASTER) -> Store:
    """The same store as another process sees it."""
    return Store(store.database, master, store.now)


class TestTheKeyring:
    def test_the_first_case_makes_it_and_notes_what_wraps_the_case(self, store):
        assert keys_in(store.database) == {}
        case_id = opened(store)
        assert keys_in(store.database) == {"index": MASTER.fingerprint, "intake": MASTER.fingerprint}
        with store.database.transaction() as session:
            row = session.get_one(CaseRow, case_id)
            assert row.wrapped_by == MASTER.fingerprint
            assert read_keyring(session, MASTER) == MASTER.first_keyring()

    @ON_SQLITE
    def test_it_is_only_read_afterwards(self, store, clock):
        opened(store)
        with store.database.transaction() as session:
            before = session.get_one(VaultKeyRow, "index").wrapped
        clock.pass_time(timedelta(days=1))
        opened(again(store))
        with store.database.transaction() as session:
            assert session.get_one(VaultKeyRow, "index").wrapped == before
            assert session.get_one(VaultKeyRow, "index").created_at < clock.moment

    @ON_SQLITE
    def test_asking_whether_the_key_is_right_makes_nothing(self, store):
        store.check_key()
        again(store, OTHER).check_key()
        assert keys_in(store.database) == {}

    @ON_SQLITE
    @pytest.mark.parametrize("master", [MASTER, BOTH], ids=["its key", "a new key and its own"])
    def test_an_older_store_goes_on_with_what_it_was_hashed_with(self, store, master):
        case_id = opened(store, EMAIL, PHONE)
        made_before_keys_were_kept(store.database)
        later = again(store, master)
        later.check_key()
        assert twins(later, frozenset({EMAIL, PHONE}), Right.ACCESS) == [case_id]
        assert keys_in(store.database) == {"index": master.fingerprint, "intake": master.fingerprint}
        with later.case_file(case_id) as file:
            assert file.identifiers.known() == {EMAIL, PHONE}

    @ON_SQLITE
    @pytest.mark.parametrize("master", [OTHER, MasterKey(SECRET, b"x" * 32)], ids=["another", "after another"])
    def test_a_key_that_did_not_make_an_older_store_hashes_nothing_in_it(self, store, master):
        opened(store)
        made_before_keys_were_kept(store.database)
        with pytest.raises(Misconfigured, match="restore the key"):
            again(store, master).cases_of(frozenset({EMAIL}))
        assert keys_in(store.database) == {}

    @pytest.mark.apart
    def test_many_first_openings_at_once_are_one(self, database, url, clock):
        def open_one(_: int) -> str:
            own = Database(url)
            try:
                return opened(Store(own, MASTER, clock), EMAIL)
            finally:
                own.close()

        cases = at_once(WRITERS, open_one)
        assert keys_in(database) == {"index": MASTER.fingerprint, "intake": MASTER.fingerprint}
        assert Store(database, MASTER, clock).cases_of(frozenset({EMAIL})) == sorted(map(str, cases))

    def test_many_first_openings_by_two_keys_are_one_store(self, database, url, clock):
        def open_one(number: int) -> str:
            own = Database(url)
            try:
                return opened(Store(own, (MASTER, OTHER)[number % 2], clock), EMAIL)
            finally:
                own.close()

        results = at_once(WRITERS, open_one)
        refused = [one for one in results if isinstance(one, Exception)]
        assert len(refused) == WRITERS / 2
        assert {type(one) for one in refused} == {Misconfigured}
        winner = MASTER if keys_in(database)["index"] == MASTER.fingerprint else OTHER
        assert len(Store(database, winner, clock).cases_of(frozenset({EMAIL}))) == WRITERS / 2


@ON_SQLITE
class TestKeptKeys:
    def test_a_key_comes_back_under_its_name(self, store, clock):
        with store.database.transaction() as session:
            keep_key(session, MASTER, "seal/1", b"1" * 32, clock(), public="aa")
            keep_key(session, MASTER, "seal/2", b"2" * 32, clock() + timedelta(days=1))
        with store.database.transaction() as session:
            kept = list(keys_named(session, MASTER, "seal/"))
        assert [(one.name, one.secret, one.public, one.retired_at) for one in kept] == [
            ("seal/1", b"1" * 32, "aa", None),
            ("seal/2", b"2" * 32, "", None),
        ]
        assert "1111" not in repr(kept[0])

        assert set(keys_in(store.database)) == {"index", "intake", "seal/1", "seal/2"}, "the first brought them"
        with store.database.transaction() as session:
            assert [one.name for one in keys_named(session, MASTER, "s%/")] == [], "a prefix is taken as it is written"

    def test_a_process_without_the_present_key_keeps_none_and_one_that_has_both_wraps_by_the_first(self, store, clock):
        opened(store)
        with store.database.transaction() as session, pytest.raises(Misconfigured, match="start this process again"):
            keep_key(session, OTHER, "seal/1", b"1" * 32, clock())
        assert "seal/1" not in keys_in(store.database)

        with store.database.transaction() as session:
            lock_wrapper(session, BOTH, clock())
            keep_key(session, BOTH, "seal/1", b"1" * 32, clock())
            assert keyring_of(session, BOTH, clock()) == MASTER.first_keyring()
        assert keys_in(store.database)["seal/1"] == BOTH.fingerprint


def test_whoever_wraps_a_key_holds_a_rotation_up_but_not_each_other(postgres_database, clock):
    query = select(VaultKeyRow.name).order_by(VaultKeyRow.name)
    opened(Store(postgres_database, MASTER, clock))
    with postgres_database.transaction() as wrapping:
        lock_wrapper(wrapping, MASTER, clock())
        with postgres_database.transaction() as another:
            another.execute(query.with_for_update(read=True, nowait=True))
        with pytest.raises(Transient), postgres_database.transaction() as rotating:
            rotating.execute(query.with_for_update(nowait=True))
    with postgres_database.transaction() as rotating:
        rotating.execute(query.with_for_update(nowait=True))


@ON_SQLITE
def test_the_cases_of_a_person_are_found_without_decrypting(store):
    cases = [opened(store, EMAIL, NAME), opened(store, EMAIL, PHONE, right=Right.ERASURE)]
    with store.case_file(cases[0]) as file:
        file.advance(CaseAction.WITHDRAW)
    with store.database.transaction() as session:
        session.execute(update(CaseRow).values(wrapped_key=b""))
        session.execute(update(IdentifierRow).values(sealed_value=b""))
    assert store.cases_of(frozenset({EMAIL})) == sorted(cases), "closed ones too, whichever the right"
    assert store.cases_of(frozenset({PHONE, NAME})) == [cases[1]]
    assert store.cases_of(frozenset({NAME})) == []
    assert twins(store, frozenset({EMAIL}), Right.ERASURE) == [cases[1]]


class TestWhetherTheKeyIsRight:
    def test_one_case_of_another_key_among_many_is_noticed(self, store):
        cases = [opened(store) for _ in range(3)]
        store.check_key()
        with store.database.transaction() as session:
            session.execute(update(CaseRow).where(CaseRow.id == cases[1]).values(wrapped_by="0123456789abcdef"))
        with pytest.raises(Misconfigured, match="restore the key"):
            store.check_key()
        with store.database.transaction() as session:
            assert list(case_wrappers(session)) == sorted({"0123456789abcdef", MASTER.fingerprint})

    def test_a_key_of_the_store_counts_without_any_case(self, store, clock):
        with store.database.transaction() as session:
            keep_key(session, MASTER, "seal/1", b"1" * 32, clock())
        with store.database.transaction() as session, pytest.raises(Misconfigured):
            refuse_another_key(session, OTHER)

    def test_no_case_has_no_wrapper(self, store):
        with store.database.transaction() as session:
            assert list(case_wrappers(session)) == []
            assert session.scalar(select(func.count()).select_from(CaseRow)) == 0
