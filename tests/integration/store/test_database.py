"""The connection: which databases, the tables of this version, and faults without what they stumbled on."""

from __future__ import annotations

import socket
import sqlite3
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Column, Integer, MetaData, Table, func, insert, inspect, select, text
from sqlalchemy.orm import Session

from rightsflow.domain.errors import Misconfigured, Transient
from rightsflow.store import Database, Store
from rightsflow.store.database import Waits
from rightsflow.store.migrating import configured
from rightsflow.store.tables import REVISION, Base, CaseRow, LedgerRow
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, opened

CANARY = "anna.quill@example.com"


def told(error: BaseException) -> str:
    """All that a log with a traceback would show."""
    return "".join(traceback.format_exception(error))


def differences(database: Database) -> list[object]:
    """In what the migrated tables differ from the models."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        return list(compare_metadata(context, Base.metadata))


class TestUrl:
    def test_another_database_is_refused_without_its_password(self):
        for url in ("", "cases.db", "mysql://u:hunter2@localhost/db", "oracle://x:hunter2@y/z"):
            with pytest.raises(Misconfigured, match="RIGHTSFLOW_DATABASE_URL") as caught:
                Database(url)
            assert "hunter2" not in told(caught.value)

    def test_postgresql_is_read_with_the_driver_we_have(self):
        for url in (
            "postgresql://localhost/x",
            "postgresql+psycopg://localhost/x",
            "postgresql+psycopg2://localhost/x",
        ):
            assert Database(url).engine.driver == "psycopg"


class TestMigrations:
    def test_they_make_the_tables_of_the_models_and_differences_would_be_seen(self, database):
        assert differences(database) == []

        with database.engine.connect() as connection:
            script = ScriptDirectory.from_config(configured(connection))
        assert script.get_current_head() == REVISION

        grown = MetaData()
        for table in Base.metadata.sorted_tables:
            table.to_metadata(grown)
        grown.tables["steps"].append_column(Column("planted", Integer))
        Table("planted", grown, Column("id", Integer, primary_key=True))
        with database.engine.connect() as connection:
            found = compare_metadata(MigrationContext.configure(connection), grown)
        assert sorted(difference[0] for difference in found) == ["add_column", "add_table"]

        with pytest.raises(NotImplementedError, match="backup"), database.engine.begin() as connection:
            command.downgrade(configured(connection), "base")
        assert database.is_current()

        with database.engine.begin() as connection:
            connection.execute(text("ALTER TABLE cases ADD COLUMN planted INTEGER"))
            connection.execute(text("DROP INDEX ix_cases_state"))
        found = {difference[0] for difference in differences(database) if isinstance(difference, tuple)}
        assert found == {"remove_column", "add_index"}

    @pytest.mark.apart
    def test_they_are_done_once_and_known_to_be_done(self, url):
        database = Database(url)
        assert not database.is_current()
        database.migrate()
        assert database.is_current()
        database.migrate()
        assert database.is_current()
        database.close()

    @pytest.mark.apart
    def test_two_that_start_together_both_come_to_their_end(self, url):
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: Database(url).migrate(), range(4)))
        assert Database(url).is_current()

    def test_a_migration_that_fails_leaves_nothing(self, url):
        database = Database(url)
        with database.engine.begin() as connection:
            connection.execute(text("CREATE TABLE steps (id INTEGER)"))
        with pytest.raises((RuntimeError, Transient)):
            database.migrate()
        with database.engine.connect() as connection:
            assert inspect(connection).get_table_names() == ["steps"]
        database.close()


class TestFaults:
    def test_a_violation_shows_neither_statement_nor_values(self, store):
        # The control: without the translation, the statement and its values stand in the error.
        opened(store)
        with store.database.engine.connect() as connection, pytest.raises(Exception, match=CANARY) as caught:
            connection.execute(text("INSERT INTO cases (id, opened_by) VALUES (:id, :by)"), {"id": "x", "by": CANARY})
        assert "INSERT" in told(caught.value)

        case_id = opened(store)
        with store.case_file(case_id) as file:
            twin = {column.key: getattr(file._context.row, column.key) for column in CaseRow.__table__.columns}
        with (
            pytest.raises(RuntimeError, match="refused a statement") as caught,
            store.database.transaction() as session,
        ):
            session.execute(insert(CaseRow).values(**twin | {"opened_by": CANARY}))
        assert CANARY not in told(caught.value)
        assert "INSERT" not in told(caught.value)

        naive = {"id": "DSR-2026-AAAAAA", "received_at": store.now().replace(tzinfo=None), "opened_by": CANARY}
        with pytest.raises(RuntimeError, match="used wrongly") as caught, store.database.transaction() as session:
            session.execute(insert(CaseRow).values(**naive))
        assert CANARY not in told(caught.value)

        case_id, ours = opened(store), Misconfigured("ours")
        with pytest.raises(Misconfigured) as caught, store.case_file(case_id):
            raise ours
        assert caught.value is ours

    def test_all_connections_in_use_is_transient(self, database, clock):
        store = Store(Database(database.url, Waits(pool_seconds=0.05)), MasterKey(SECRET), clock)
        pool = store.database.engine.pool
        taken = [pool.connect() for _ in range(15)]
        with pytest.raises(Transient, match="does not answer or is locked"):
            store.summaries()
        for connection in taken:
            connection.close()
        assert store.summaries() == []


@contextmanager
def locked(url: str, case_id: str) -> Iterator[None]:
    """Another process holds the case, or the whole file."""
    other = Database(url)
    with other.transaction() as session:
        session.get(CaseRow, case_id, with_for_update=True)
        yield
    other.close()


class TestLocks:
    @pytest.mark.apart
    def test_a_lock_that_another_keeps_is_transient(self, url, clock):
        database = Database(url, Waits(lock_seconds=0.1))
        database.migrate()
        store = Store(database, MasterKey(SECRET), clock)
        case_id = opened(store)
        with locked(url, case_id):
            with pytest.raises(Transient, match="is locked") as caught, store.case_file(case_id):
                pass
            assert case_id not in told(caught.value)
        with store.case_file(case_id) as file:
            assert file.case_id == case_id
        database.close()

    def test_it_waits_as_long_as_it_says(self, postgres_database):
        with postgres_database.transaction() as session:
            assert session.scalar(text("SHOW lock_timeout")) == "1min"


class TestSqlite:
    def test_a_file_that_is_no_database_is_a_fault_without_content(self, tmp_path):
        (tmp_path / "cases.db").write_text(CANARY * 100)
        with pytest.raises(Misconfigured, match="case store") as caught:
            Database(f"sqlite:///{tmp_path / 'cases.db'}").is_current()
        assert CANARY not in told(caught.value)

    def test_a_folder_that_is_not_there_is_transient(self, tmp_path):
        file = tmp_path / "gone" / "cases.db"
        with pytest.raises(Transient, match=rf"case store \({file}\) cannot be opened; check that its folder is there"):
            Database(f"sqlite:///{file}").migrate()

    def test_what_is_deleted_is_overwritten_and_what_is_committed_is_on_the_disk(self, sqlite_url):
        database = Database(sqlite_url)
        with database.engine.connect() as connection:
            pragmas = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in ("secure_delete", "synchronous", "foreign_keys", "journal_mode")
            }
        assert pragmas == {"secure_delete": 1, "synchronous": 2, "foreign_keys": 1, "journal_mode": "wal"}
        database.close()

    def test_only_what_may_be_lost_with_the_power_does_not_wait_for_the_disk(self, sqlite_url):
        database = Database(sqlite_url)

        def waits(way: Callable[[], AbstractContextManager[Session]]) -> object:
            with way() as session:
                return session.scalar(text("PRAGMA synchronous"))

        ways = (database.transaction, database.passing, database.passing, database.reading, database.passing)
        assert [waits(way) for way in (*ways, database.transaction)] == [2, 1, 1, 2, 1, 2]
        database.close()

    def test_a_transaction_holds_the_write_lock_from_its_start(self, sqlite_url, tmp_path):
        database = Database(sqlite_url)
        database.migrate()
        other = sqlite3.connect(tmp_path / "cases.db", timeout=0, isolation_level=None)
        with database.transaction() as session:
            session.connection()
            with pytest.raises(sqlite3.OperationalError, match="locked"):
                other.execute("BEGIN IMMEDIATE")
        other.execute("BEGIN IMMEDIATE")
        other.close()
        database.close()


class TestReading:
    def test_nobody_waits_for_a_reader_and_it_sees_one_moment(self, store):
        case_id = opened(store)
        count = select(func.count()).select_from(LedgerRow)
        with store.database.reading() as session:
            before = session.scalar(count)
            with store.case_file(case_id) as file:
                file.ledger.append("StepDone")
            assert session.scalar(count) == before
        with store.database.reading() as session:
            assert session.scalar(count) == (before or 0) + 1

    def test_it_writes_nothing_and_the_next_transaction_writes_again(self, store):
        opened(store)
        for _ in range(2):
            with pytest.raises((RuntimeError, Transient)), store.database.reading() as session:
                session.execute(text("DELETE FROM cases"))
        assert len(store.summaries()) == 1
        assert opened(store)


class TestPostgres:
    def test_a_server_that_is_gone_is_transient(self, tmp_path):
        database = Database(f"postgresql://postgres:hunter2@/x?host={tmp_path}")
        with pytest.raises(Transient, match="RIGHTSFLOW_DATABASE_URL") as caught:
            database.is_current()
        assert "hunter2" not in told(caught.value)
        assert caught.value.system == "case store"

    @pytest.mark.apart
    def test_a_server_that_does_not_answer_is_transient(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            port = silent.getsockname()[1]
            with pytest.raises(Transient):
                Database(f"postgresql://postgres@127.0.0.1:{port}/x", Waits(connect_seconds=1)).is_current()

    def test_an_outage_is_transient_and_ends(self, postgres, postgres_database, clock):
        store = Store(postgres_database, MasterKey(SECRET), clock)
        case_id = opened(store)
        with postgres.outage(), pytest.raises(Transient), store.case_file(case_id):
            pass
        with store.case_file(case_id) as file:
            assert file.case_id == case_id

    def test_a_connection_that_breaks_before_the_commit_stores_nothing(self, postgres, postgres_database, clock):
        store = Store(postgres_database, MasterKey(SECRET), clock)
        case_id = opened(store)

        def write_through_an_outage() -> None:
            with store.case_file(case_id) as file:
                file.ledger.append("Lost", note=CANARY)
                with postgres.outage():
                    pass

        with pytest.raises(Transient) as caught:
            write_through_an_outage()
        assert CANARY not in told(caught.value)
        with store.case_file(case_id) as file:
            assert [entry.event for entry in file.ledger.entries()] == ["CaseOpened"]


def test_a_file_that_is_no_database_is_one_sentence(tmp_path):
    """It ended as a failure of the program, whatever command was given."""
    (tmp_path / "cases.db").write_bytes(b"garbage, and more of it " * 100)
    database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    for call in (database.is_current, database.migrate):
        with pytest.raises(Misconfigured, match="is no SQLite database, or is damaged"):
            call()


def test_tables_of_a_newer_version_are_said_to_be_newer(tmp_path):
    """They were said to be of an older one, and that `init` would help."""
    database = Database(f"sqlite:///{tmp_path / 'cases.db'}")
    database.migrate()
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for call in (database.is_current, database.migrate):
        with pytest.raises(Misconfigured, match="newer than this version"):
            call()
