"""A home of an earlier version under an earlier Prefect: both databases migrate, and its suspended cases are decided.

``older/home_0015.zip`` was made by the version of 9b627ef, before the rooms moved, under Prefect 3.9.0, the oldest that
we allow: `init`, one small database as its only system, `up --database sqlite`, two forms of *open-request* filled in,
`up` stopped once both runs were suspended at the identity gate. The person is invented.
"""

from __future__ import annotations

import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from prefect.settings import temporary_settings

from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.store.tables import REVISION
from tests.support.homes import living_in
from tests.support.identity import TYPED, as_form
from tests.support.stack import APPROVE, Stack, Up

OLDER = Path(__file__).with_name("older") / "home_0015.zip"
ERASURE, ACCESS = "DSR-2026-9YJK16", "DSR-2026-R16DV9"
DATABASES = {"cases.db": "0015", "prefect/prefect.db": "8f5eda7c1dd7"}
"""The revisions at which the earlier versions left them."""


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """The home where it lies now; its system is addressed by a path."""
    folder = tmp_path_factory.mktemp("older-home")
    with zipfile.ZipFile(OLDER) as held:
        held.extractall(folder)
    with living_in(folder) as older:
        url = folder / "people-url"
        url.write_text(f"sqlite:///{older.people}")
        older.config.write_text(older.config.read_text().replace("file:people-url", f"file:{url}") + TYPED)
        (older.state / "master.key").chmod(0o600)  # A zip keeps no rights.
        yield older


@pytest.fixture(scope="module")
def stack(home):
    """This version's ``up`` on it, by the steps of the page on upgrading."""
    assert {name: revision_of(home, name) for name in DATABASES} == DATABASES
    assert "run `rightsflow migrate`" in home.run("up").err
    assert home.run("migrate").status == 0
    up = Up(home)
    try:
        up.start()
        with temporary_settings(up.access.settings):
            yield Stack(None, home, up)
    finally:
        up.stop()


def revision_of(home, name):
    with closing(sqlite3.connect(f"file:{home.state / name}?mode=ro", uri=True)) as database:
        return database.execute("SELECT version_num FROM alembic_version").fetchone()[0]


@pytest.mark.slow
def test_its_databases_migrate_and_its_runs_wait_as_before(stack, home):
    assert revision_of(home, "cases.db") == REVISION
    assert revision_of(home, "prefect/prefect.db") != DATABASES["prefect/prefect.db"]
    for case_id in (ACCESS, ERASURE):
        stack.wait_at(case_id, "identity-0")
        assert stack.overview(case_id)["state"] == "identity pending"


@pytest.mark.slow
def test_its_suspended_cases_are_decided_and_answered(stack, home, tmp_path):
    """The form that a run waits with was described by the earlier version."""
    for case_id in (ACCESS, ERASURE):
        stack.officer.answer_gate(case_id, "identity", as_form() | {"held_by": "crm"})
        stack.officer.answer_gate(case_id, "approval", APPROVE)
        assert stack.officer.end_of(case_id).state.name == "Answered"
        bundle = tmp_path / f"{case_id}.zip"
        assert home.run("evidence", case_id, "-o", bundle, "--by", "Aud Itor").status == 0
        found = check_bundle(bundle.read_bytes())
        assert (found.case_id, found.faults, found.uncompared, found.is_whole) == (case_id, (), (), True)
    assert home.names_in_people() == ["boris.other@example.org"]
