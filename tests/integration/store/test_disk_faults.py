"""A case store whose disk takes nothing: one sentence that names the disk, and all goes on once there is space."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from rightsflow.domain.errors import Transient
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, Clock, opened
from tests.support.peers.disks import fill, make_read_only, small_disk
from tests.support.stores import set_up


@pytest.fixture
def disk(tmp_path):
    with small_disk(tmp_path / "disk", "4m") as folder:
        yield folder


@pytest.fixture
def file(disk):
    return disk / "cases.db"


@pytest.fixture
def on_disk(file):
    database = Database(f"sqlite:///{file}")
    set_up(database)
    yield Store(database, MasterKey(SECRET), Clock())
    database.close()


def _open_many(store: Store) -> None:
    """More cases than the pages that the database has in hand."""
    for _ in range(100):
        opened(store)


def test_a_full_disk_is_named_and_the_store_goes_on_once_there_is_space(on_disk, file):
    """Before, it was said that the case store does not answer or is locked."""
    case_id = opened(on_disk)
    ballast = fill(file.parent)
    with pytest.raises(Transient, match=rf"The disk of the case store \({file}\) is full; free space there"):
        _open_many(on_disk)
    ballast.unlink()
    opened(on_disk)
    assert case_id in [one.case_id for one in on_disk.summaries()], "nothing that was stored is lost"


def test_a_read_only_disk_is_named_and_the_store_goes_on_once_it_can_be_written(on_disk, file):
    """Before, it was said that the case store does not answer or is locked."""
    opened(on_disk)
    on_disk.database.close()
    make_read_only(file.parent)
    with pytest.raises(Transient, match=rf"[Tt]he case store \({file}\) cannot be (written|opened)"):
        opened(on_disk)
    on_disk.database.close()
    make_read_only(file.parent, read_only=False)
    opened(on_disk)
    assert len(on_disk.summaries()) == 2


def test_a_fault_of_the_disk_of_a_database_server_is_named(postgres_database):
    # The server itself raises its code for a full or faulty disk; before, it was told as a refused statement.
    for code, sentence in (("53100", "is full; free space"), ("58030", "reports a fault")):
        with pytest.raises(Transient, match=sentence), postgres_database.transaction() as session:
            session.execute(text(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"))

    # As a replica does; before, it was told as a refused statement, which no one can mend.
    reads = pytest.raises(Transient, match="only reads; name the server that writes")
    with reads, postgres_database.transaction() as session:
        session.execute(text("SET TRANSACTION READ ONLY"))
        session.execute(text("CREATE TABLE planted (id INTEGER)"))
