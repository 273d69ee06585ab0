"""Rotation: everything opens before, during and after it, only wrapped keys change, and a kill costs nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice, pairwise
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import check_chain, read_entry
from rightsflow.domain.errors import Conflict, Misconfigured
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction
from rightsflow.store import Database, Store
from rightsflow.store.core.case_ledger import OWN_CHAIN, links_of
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.rotation import (
    ROTATED,
    Rotated,
    cases_by_wrapper,
    change_master_key,
    conclude,
    key_lines,
    rewrap_cases,
)
from rightsflow.store.tables import Base, CaseRow, FindingRow
from rightsflow.store.vault_keys import keep_key, keys_named
from rightsflow.vault import CaseKey, MasterKey, create_key_file, decrypt_stream, encrypt_stream, load_master_key
from rightsflow.vault.key_files import drop_key_before, put_new_key
from tests.support.casework import (
    EMAIL,
    NAME,
    OTHER_EMAIL,
    PHONE,
    SECRET,
    Clock,
    at_once,
    located,
    opened,
    twins,
)

NEW_SECRET, THIRD_SECRET = b"n" * 32, b"t" * 32
OLD, NEW = MasterKey(SECRET), MasterKey(NEW_SECRET)
CASES, BATCH = 5, 2
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite_url"], ids=["sqlite"], indirect=True)
"""For what both databases do alike and one shows as well as two."""
FORM = RequestForm(right="access", email="anna.quill@example.com", opened_by="Olga Opener")


@dataclass
class Place:
    """A place for master keys that forgets nothing by itself: the present one first."""

    secrets: list[bytes] = field(default_factory=lambda: [SECRET])
    following: bytes = NEW_SECRET
    kind: type[MasterKey] = MasterKey

    def load(self) -> MasterKey:
        return self.kind(*self.secrets)

    def put_new(self) -> None:
        if len(self.secrets) == 1:
            self.secrets.insert(0, self.following)

    def drop_before(self) -> None:
        del self.secrets[1:]


def rotated(database: Database, clock: Clock, place: Place, batches: int | None = None) -> Rotated | None:
    """A whole rotation, or as far as so many batches."""
    master = change_master_key(database, clock(), place.load, place.put_new)
    done = list(islice(rewrap_cases(database, master, batch=BATCH), batches))
    if batches is not None and len(done) == batches:
        return None
    return conclude(database, master, clock(), place.drop_before, actor="Kim Keys")


def events(database: Database) -> list[dict[str, Any]]:
    with database.transaction() as session:
        links = list(links_of(session, OWN_CHAIN))
        assert check_chain(OWN_CHAIN, links, head_of(session, OWN_CHAIN)) == []
    entries = [read_entry(one.body) for one in links]
    return [dict(one.details) | {"actor": one.actor} for one in entries if one.event == ROTATED]


def contents(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table without what wraps and without the ledger's own chain."""
    with database.transaction() as session:
        return {
            table.name: [
                {name: value for name, value in row.items() if not name.startswith("wrapped")}
                for row in session.execute(select(table).order_by(*table.primary_key)).mappings()
                if row.get("chain") != OWN_CHAIN
            ]
            for table in Base.metadata.sorted_tables
        }


@pytest.fixture
def cases(store):
    made = [opened(store, EMAIL, PHONE, NAME) for _ in range(CASES)]
    with store.case_file(made[0]) as file:
        file.findings.replace("helpdesk", [located("1", EMAIL)])
        file.outbox.keep_secret("passphrase", "seven words")
        file.advance(CaseAction.WITHDRAW)
    return made


class TestAWholeRotation:
    def test_everything_opens_with_the_new_key_alone(self, store, cases, clock):
        with store.case_file(cases[1]) as file:
            stream = b"".join(encrypt_stream(file.key, "extract/helpdesk/000001", [b"content"]))
        with store.database.transaction() as session:
            keep_key(session, OLD, "seal/1", b"s" * 32, clock())
        place = Place()
        assert rotated(store.database, clock, place) == Rotated(
            before=OLD.fingerprint, present=NEW.fingerprint, cases=CASES
        )
        assert place.secrets == [NEW_SECRET]
        later = Store(store.database, NEW, clock)
        later.check_key()
        for case_id in cases:
            with later.case_file(case_id) as file:
                assert file.identifiers.known() == {EMAIL, PHONE, NAME}
        with later.case_file(cases[1]) as file:
            assert b"".join(decrypt_stream(file.key, "extract/helpdesk/000001", [stream])) == b"content"
        with store.database.transaction() as session:
            assert [one.secret for one in keys_named(session, NEW, "seal/")] == [b"s" * 32]
            assert cases_by_wrapper(session) == {NEW.fingerprint: CASES}
            assert {line.wrapped_by for line in key_lines(session)} == {NEW.fingerprint}
            assert [line.name for line in key_lines(session)] == ["index", "intake", "seal/1"]

    def test_only_what_wraps_is_changed(self, store, cases, clock):
        before = contents(store.database)
        clock.pass_time(timedelta(days=1))
        rotated(store.database, clock, Place())
        assert contents(store.database) == before
        assert len(before["cases"]) == CASES

    def test_what_was_hashed_before_finds_what_comes_after(self, store, cases, clock):
        with store.database.transaction() as session:
            known = session.scalars(select(FindingRow.record_hash)).one()
        rotated(store.database, clock, Place())
        later = Store(store.database, NEW, clock)
        assert later.cases_of(frozenset({EMAIL})) == sorted(cases)
        assert twins(later, frozenset({EMAIL}), Right.ACCESS) == sorted(cases[1:])
        assert later.cases_of(frozenset({OTHER_EMAIL, NAME})) == []
        another = opened(later, EMAIL)
        assert another in later.cases_of(frozenset({EMAIL}))
        with later.case_file(cases[0]) as file:
            file.findings.replace("helpdesk", [located("1", EMAIL)])
        with store.database.transaction() as session:
            assert list(session.scalars(select(FindingRow.record_hash))) == [known]

    def test_it_is_noted_in_the_ledger(self, store, cases, clock):
        rotated(store.database, clock, Place())
        assert events(store.database) == [
            {"from": OLD.fingerprint, "to": NEW.fingerprint, "cases": CASES, "actor": "Kim Keys"}
        ]

    @ON_SQLITE
    def test_there_and_back_again(self, store, cases, clock):
        """A key that was in use before is a key like any other."""
        prints = [OLD.fingerprint, NEW.fingerprint, OLD.fingerprint, NEW.fingerprint]
        for following in (NEW_SECRET, SECRET, NEW_SECRET):
            present = SECRET if following == NEW_SECRET else NEW_SECRET
            rotated(store.database, clock, Place([present], following))
        assert [(one["from"], one["to"]) for one in events(store.database)] == list(pairwise(prints))
        Store(store.database, NEW, clock).check_key()

    @ON_SQLITE
    def test_an_empty_store_has_a_key_too(self, store, clock):
        done = rotated(store.database, clock, Place())
        assert done is not None
        assert done.cases == 0
        with pytest.raises(Misconfigured):
            opened(store)
        opened(Store(store.database, NEW, clock))

    @ON_SQLITE
    def test_an_older_store_in_which_nothing_was_noted(self, store, cases, clock):
        with store.database.transaction() as session:
            session.execute(Base.metadata.tables["vault_keys"].delete())
            session.execute(update(CaseRow).values(wrapped_by=""))
        rotated(store.database, clock, Place())
        later = Store(store.database, NEW, clock)
        assert later.cases_of(frozenset({EMAIL})) == sorted(cases)
        with later.case_file(cases[3]) as file:
            assert EMAIL in file.identifiers.known()


class TestKilled:
    @pytest.mark.apart
    def test_after_every_batch_both_keys_open_everything_and_the_next_run_goes_on(self, store, cases, clock):
        place, known, rewrapped = Place(), list(cases), [0]
        while rotated(store.database, clock, place, batches=1) is None:
            assert place.secrets == [NEW_SECRET, SECRET]
            between = Store(store.database, place.load(), clock)
            between.check_key()
            for case_id in known:
                with between.case_file(case_id) as file:
                    assert EMAIL in file.identifiers.known()
            with store.database.transaction() as session:
                rewrapped.append(cases_by_wrapper(session)[NEW.fingerprint])
            if len(known) == CASES:
                known.append(opened(between, EMAIL))
        assert rewrapped == [0, 2, 5, 6], "two cases with each batch, and the one that was opened in between"
        assert place.secrets == [NEW_SECRET]
        later = Store(store.database, NEW, clock)
        later.check_key()
        assert later.cases_of(frozenset({EMAIL})) == sorted(known)
        assert [one["cases"] for one in events(store.database)] == [CASES + 1]

    def test_in_the_middle_of_a_batch_the_batch_is_as_it_was(self, store, cases, clock):
        """At its first case, within the first batch, within the second, and at the last case of all."""
        left, seen = [0], []

        class Dying(MasterKey):
            def wrap_case(self, key: CaseKey) -> bytes:
                left[0] -= 1
                if left[0] < 0:
                    raise KeyError("the process fell over")
                return super().wrap_case(key)

        place = Place(kind=Dying)
        for wraps in (0, 1, 3, 2):
            left[0] = wraps
            with pytest.raises(KeyError):
                rotated(store.database, clock, place)
            with store.database.transaction() as session:
                seen.append(cases_by_wrapper(session).get(NEW.fingerprint, 0))
        assert seen == [0, 0, 2, 4]
        left[0] = 1
        assert rotated(store.database, clock, place) is not None
        assert place.secrets == [NEW_SECRET]
        Store(store.database, NEW, clock).check_key()

    @ON_SQLITE
    def test_between_the_new_key_and_the_store(self, store, cases, clock):
        """The key file has changed, the database's transaction was lost."""
        place = Place()

        def put_and_die() -> None:
            place.put_new()
            raise KeyError("the process fell over")

        with pytest.raises(KeyError):
            change_master_key(store.database, clock(), place.load, put_and_die)
        both = Store(store.database, place.load(), clock)
        during = [opened(both, EMAIL), opened(store, EMAIL)]
        rotated(store.database, clock, place)
        assert Store(store.database, NEW, clock).cases_of(frozenset({EMAIL})) == sorted([*cases, *during])
        for case_id in during:
            with Store(store.database, NEW, clock).case_file(case_id) as file:
                assert file.identifiers.known() == {EMAIL}

    @ON_SQLITE
    def test_between_the_ledger_and_the_old_key(self, store, cases, clock):
        place = Place()
        master = change_master_key(store.database, clock(), place.load, place.put_new)
        list(rewrap_cases(store.database, master))

        def die() -> None:
            raise KeyError("the process fell over")

        with pytest.raises(KeyError):
            conclude(store.database, master, clock(), die, actor="Kim Keys")
        assert len(events(store.database)) == 1
        rotated(store.database, clock, place)
        assert place.secrets == [NEW_SECRET]
        assert len(events(store.database)) == 1

    @ON_SQLITE
    def test_the_old_key_stays_while_anything_needs_it(self, store, cases, clock):
        place = Place()
        master = change_master_key(store.database, clock(), place.load, place.put_new)
        with pytest.raises(Conflict, match="keys rotate` again"):
            conclude(store.database, master, clock(), place.drop_before, actor="Kim Keys")
        assert place.secrets == [NEW_SECRET, SECRET]
        assert events(store.database) == []

    @ON_SQLITE
    def test_one_that_ends_late_does_not_drop_the_key_of_a_further_rotation(self, store, url, cases, clock):
        """The second comes between the first one's last entry and its deleting what it takes for its old key."""
        place, begun = Place(), list[None]()
        master = change_master_key(store.database, clock(), place.load, place.put_new)
        list(rewrap_cases(store.database, master))

        class Late(Database):
            def transaction(self) -> AbstractContextManager[Session]:
                begun.append(None)
                if len(begun) == 2:
                    rotated(store.database, clock, place)
                    place.following = THIRD_SECRET
                    rotated(store.database, clock, place, batches=1)
                return super().transaction()

        late = Late(url)
        with pytest.raises(Conflict, match="keys rotate` again"):
            conclude(late, master, clock(), place.drop_before, actor="Kim Keys")
        late.close()
        assert place.secrets == [THIRD_SECRET, NEW_SECRET]
        Store(store.database, place.load(), clock).check_key()


@ON_SQLITE
class TestWhatIsRefused:
    def test_a_case_that_is_worked_on(self, store, cases, clock):
        store.take_lease(cases[2], "me")
        place = Place()
        with pytest.raises(Conflict, match=f"Case {cases[2]} is being worked on"):
            rotated(store.database, clock, place)
        assert place.secrets == [SECRET]
        clock.pass_time(timedelta(minutes=2))
        assert rotated(store.database, clock, place) is not None

    def test_a_wrong_key_before_anything_is_changed(self, store, cases, clock):
        place, before = Place([THIRD_SECRET]), contents(store.database)
        with pytest.raises(Misconfigured, match="restore the key"):
            rotated(store.database, clock, place)
        assert place.secrets == [THIRD_SECRET]
        assert contents(store.database) == before

    def test_no_new_key(self, store, cases, clock):
        with pytest.raises(Misconfigured, match="RIGHTSFLOW_MASTER_KEY_BEFORE"):
            change_master_key(store.database, clock(), lambda: OLD, lambda: None)
        opened(store)

    def test_a_case_that_neither_key_opens_is_named_and_keeps_both(self, store, cases, clock):
        with store.database.transaction() as session:
            sound = session.get_one(CaseRow, cases[3]).wrapped_key
            session.execute(update(CaseRow).where(CaseRow.id == cases[3]).values(wrapped_key=bytes(60)))
        place = Place()
        with pytest.raises(Misconfigured, match=f"opens case {cases[3]}; restore that case"):
            rotated(store.database, clock, place)
        assert place.secrets == [NEW_SECRET, SECRET]
        with store.database.transaction() as session:
            session.execute(update(CaseRow).where(CaseRow.id == cases[3]).values(wrapped_key=sound))
        assert rotated(store.database, clock, place) is not None


class TestMeanwhile:
    def test_a_process_with_the_old_key_alone_gets_one_sentence(self, store, cases, clock):
        rotated(store.database, clock, Place(), batches=1)
        sentence = "start this process again"
        with pytest.raises(Misconfigured, match=sentence):
            opened(store)
        with store.database.transaction() as session:
            query = select(CaseRow.id, CaseRow.wrapped_by).order_by(CaseRow.id)
            wrappers = {row.id: row.wrapped_by for row in session.execute(query)}
        for case_id, wrapper in wrappers.items():
            if wrapper == OLD.fingerprint:
                with store.case_file(case_id) as file:
                    assert EMAIL in file.identifiers.known()
                continue
            with pytest.raises(Misconfigured, match=sentence), store.case_file(case_id):
                pass
        with pytest.raises(Misconfigured, match=sentence):
            store.check_key()

    @pytest.mark.apart
    def test_cases_that_are_opened_during_a_rotation_all_open_after_it(self, database, url, clock):
        """By processes that have the old key alone, which are refused from some moment on, and by ones with both."""
        first = [opened(Store(database, OLD, clock), EMAIL) for _ in range(6)]
        place = Place()

        def work(number: int) -> list[str]:
            own = Database(url)
            try:
                return list(opening(own, number)) if number else ending(own)
            finally:
                own.close()

        def ending(own: Database) -> list[str]:
            rotated(own, clock, place)
            return []

        def opening(own: Database, number: int) -> Iterator[str]:
            for _ in range(6):
                try:
                    yield opened(Store(own, OLD if number % 2 else place.load(), clock), EMAIL)
                except Misconfigured:
                    # A process that is started again reads the keys again; with the old one alone none gets further.
                    if number % 2 == 0:
                        yield opened(Store(own, place.load(), clock), EMAIL)

        results = at_once(5, work)
        made: list[str] = []
        for one in results:
            assert isinstance(one, list), one
            made += one
        assert place.secrets == [NEW_SECRET]
        later = Store(database, NEW, clock)
        later.check_key()
        assert later.cases_of(frozenset({EMAIL})) == sorted([*first, *made])
        for case_id in [*first, *made]:
            with later.case_file(case_id) as file:
                assert file.identifiers.known() == {EMAIL}

    @pytest.mark.apart
    def test_rotations_at_once_end_with_one_key_that_opens_everything(self, database, url, clock, tmp_path):
        path = tmp_path / "master.key"
        create_key_file(path)

        def load() -> MasterKey:
            return load_master_key(f"file:{path}")

        cases = [opened(Store(database, load(), clock), EMAIL) for _ in range(5)]

        def rotate(_: int) -> str:
            own = Database(url)
            try:
                master = change_master_key(own, clock(), load, lambda: put_new_key(path))
                list(rewrap_cases(own, master, batch=BATCH))
                return conclude(own, master, clock(), lambda: drop_key_before(path), actor="Kim Keys").present
            finally:
                own.close()

        results = at_once(3, rotate)
        # One that comes late may find a further rotation under way, and says so.
        assert all(isinstance(one, str | Conflict | Misconfigured) for one in results), results
        assert any(isinstance(one, str) for one in results)
        last = Store(database, load(), clock)
        last.check_key()
        assert last.cases_of(frozenset({EMAIL})) == sorted(cases)
        noted = events(database)
        assert [one["to"] for one in noted[:-1]] == [one["from"] for one in noted[1:]], "no rotation is noted twice"
        for case_id in cases:
            with last.case_file(case_id) as file:
                assert file.identifiers.known() == {EMAIL}


@ON_SQLITE
def test_the_batches_say_how_far_they_came(store, cases, clock):
    place = Place()
    master = change_master_key(store.database, clock(), place.load, place.put_new)
    assert list(rewrap_cases(store.database, master, batch=3)) == [3, 2]
    assert list(rewrap_cases(store.database, master, batch=3)) == []
