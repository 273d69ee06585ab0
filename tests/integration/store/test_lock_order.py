"""One order of locks for the case, the store's keys and the ledger's own chain, so that no two wait for each other.

On PostgreSQL only: SQLite lets one write at a time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import event, text

from rightsflow.domain.errors import BadInput, Conflict, Misconfigured, Transient
from rightsflow.store import Database, Store
from rightsflow.store.core.case_ledger import OWN_CHAIN
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.store.proofs.seals import seal
from rightsflow.store.proofs.signing_keys import rotate_key
from rightsflow.store.purging import Purging
from rightsflow.store.rotation import change_master_key, conclude, rewrap_cases
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, Clock, at_once, opened

CASE, KEYS, CHAIN = "cases", "vault_keys", OWN_CHAIN
ORDER = [CASE, KEYS, CHAIN]
_LOCKS = re.compile(r"FOR (UPDATE|SHARE|NO KEY UPDATE)\s*$")
AT_ONCE = timedelta(0)
"""An overlap after which a key is retired with the next seal."""
PAST, TODAY = date(2020, 1, 1), date(2026, 11, 24)


@dataclass
class Place:
    """Where the master key lies: the present secret first, while it is changed the one before as well."""

    secrets: list[bytes] = field(default_factory=lambda: [SECRET])

    def load(self) -> MasterKey:
        return MasterKey(*self.secrets)

    def put_new(self) -> None:
        if len(self.secrets) == 1:
            self.secrets.insert(0, bytes([self.secrets[0][0] + 1]) * 32)

    def drop_before(self) -> None:
        del self.secrets[1:]


@dataclass
class Work:
    """What several processes do at once, each on connections of its own.

    Args:
        database: One process's.
        clock: The time.
        place: The master key, which all of them read anew each time.
    """

    database: Database
    clock: Clock
    place: Place

    @property
    def store(self) -> Store:
        return Store(self.database, self.place.load(), self.clock)

    def open(self) -> None:
        opened(self.store)

    def note(self) -> None:
        for case in self.store.summaries(closed_too=True)[:3]:
            with self.store.case_file(case.case_id) as file:
                file.note_reveal(by="Rita", reason="asked")

    def seal(self) -> None:
        seal(self.database, self.place.load(), self.clock(), overlap=AT_ONCE)

    def new_signing_key(self) -> None:
        with self.database.transaction() as session:
            rotate_key(session, self.place.load(), self.clock(), actor="Kim Keys")

    def new_master_key(self) -> None:
        master = change_master_key(self.database, self.clock(), self.place.load, self.place.put_new)
        list(rewrap_cases(self.database, master, batch=3))
        conclude(self.database, master, self.clock(), self.place.drop_before, actor="Kim Keys")

    def purge(self) -> None:
        purging = Purging(self.database, self.clock)
        purging.note_lookup(by="Ida", kinds=["email"], found=1)
        for case in self.store.summaries()[3:5]:
            with self.store.case_file(case.case_id) as file:
                file.withdraw(by="Ida", reason="found")
                file.keeping.keep_evidence(PAST)
            assert purging.purge(case.case_id, TODAY, by="Ida")


ACTS: tuple[Callable[[Work], None], ...] = (
    Work.open,
    Work.note,
    Work.seal,
    Work.new_signing_key,
    Work.new_master_key,
    Work.purge,
)


@contextmanager
def locks(database: Database) -> Iterator[list[list[str]]]:
    """What each transaction locks of the three, in its order, each once."""
    heard: list[list[str]] = []

    def begin(_connection: Any) -> None:
        heard.append([])

    def hear(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        what = _locked(statement, parameters)
        if what and what not in heard[-1]:
            heard[-1].append(what)

    event.listen(database.engine, "begin", begin)
    event.listen(database.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(database.engine, "begin", begin)
    event.remove(database.engine, "before_cursor_execute", hear)


def _locked(statement: str, parameters: Any) -> str:
    if re.match(r"(INSERT INTO|UPDATE) vault_keys", statement):
        return KEYS
    if not _LOCKS.search(statement):
        return ""
    if "FROM chains" in statement:
        return CHAIN if OWN_CHAIN in parameters.values() else ""
    return next((one for one in (CASE, KEYS) if f"FROM {one}" in statement), "")


@pytest.fixture
def work(postgres_database, clock):
    made = Work(postgres_database, clock, Place())
    for _ in range(6):
        made.open()
    return made


@pytest.mark.apart
def test_every_act_takes_its_locks_in_the_one_order(work):
    for before in (Work.seal, Work.new_signing_key, Work.seal):
        before(work)
    for act in ACTS:
        with locks(work.database) as heard:
            act(work)
        assert [one for one in heard if one], "an act that locks nothing would show nothing"
        for one in heard:
            assert one == sorted(one, key=ORDER.index), one


def test_the_first_of_a_store_too(postgres_database, clock):
    """Where there are no keys yet, the process that makes them shuts the others out as well."""
    first = Work(postgres_database, clock, Place())
    with locks(first.database) as heard:
        first.seal()
    assert [KEYS, CHAIN] in heard
    assert all(one == sorted(one, key=ORDER.index) for one in heard)


def test_two_rotations_of_a_store_without_keys_do_not_pass_each_other(postgres_database, postgres_url, clock):
    place = Place()

    def rotate(_: int) -> None:
        own = Database(postgres_url)
        try:
            Work(own, clock, place).new_master_key()
        finally:
            own.close()

    results = at_once(3, rotate)
    # One that comes late may find a further rotation under way, and says so.
    assert all(one is None or isinstance(one, Conflict | Misconfigured) for one in results), results
    assert None in results
    last = Store(postgres_database, place.load(), clock)
    last.check_key()
    assert opened(last)


@pytest.mark.apart
def test_nobody_stands_in_anothers_way(work, postgres_url):
    """Everything that takes more than one of the locks, at once and many times over."""
    rounds = {Work.new_master_key: 4, Work.new_signing_key: 6, Work.purge: 3}

    def go_on(number: int) -> None:
        act, own = ACTS[number], Database(postgres_url)
        one = Work(own, work.clock, work.place)
        try:
            for _ in range(rounds.get(act, 10)):
                # The master key was changed, or the case purged, between its reading and the act.
                with suppress(Conflict, BadInput):
                    act(one)
        finally:
            own.close()

    assert at_once(len(ACTS), go_on) == [None] * len(ACTS)
    assert list(check_ledger(work.database)) == []


def test_a_deadlock_and_what_another_changed_meanwhile_have_a_sentence_of_their_own(work):
    ids = [case.case_id for case in work.store.summaries()[:2]]
    query = text("SELECT id FROM cases WHERE id = :id FOR UPDATE")

    both_hold_one = Barrier(2)

    def cross(number: int) -> None:
        first, second = ids if number else ids[::-1]
        with work.database.transaction() as session:
            session.execute(text("SET LOCAL deadlock_timeout = '20ms'"))
            session.execute(query, {"id": first})
            both_hold_one.wait()
            session.execute(query, {"id": second})

    results = at_once(2, cross)
    (broken,) = [one for one in results if one is not None]
    assert isinstance(broken, Transient)
    assert str(broken).startswith("Two processes stood in each other's way; it is tried again.")

    change = text("UPDATE cases SET owner = owner || '!'")

    def overtaken() -> None:
        with work.database.transaction() as session:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            session.execute(text("SELECT owner FROM cases"))
            with work.database.transaction() as other:
                other.execute(change)
            session.execute(change)

    with pytest.raises(Transient, match="stood in each other's way"):
        overtaken()
