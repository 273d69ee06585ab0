"""What an earlier version made: its evidence checks, and its store is upgraded and worked on.

``older/store_0015.zip`` was made by the version of 9b627ef, before the rooms moved, with the bench of its tests:
invented people, a master key of 32 times the letter k, a store at revision 0015 with five cases, the evidence of one.
"""

from __future__ import annotations

import json
import zipfile
from datetime import datetime
from pathlib import Path

import pytest

from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.cases.erasure.erasing import settle_plan
from rightsflow.cases.evidence.bundling import export_evidence
from rightsflow.cases.letters.answering import write_answer
from rightsflow.cases.overview.overview import overview
from rightsflow.domain.case.states import CaseState
from rightsflow.store.tables import REVISION
from tasks.composition import current_app
from tests.support.bench import ANNA_EMAIL, running_bench
from tests.support.steps import carry_out, send_answer

OLDER = Path(__file__).with_name("older") / "store_0015.zip"
STATES = {
    "answered erasure": CaseState.ANSWERED,
    "answered access": CaseState.ANSWERED,
    "nothing held": CaseState.NOTHING_HELD,
    "waiting for approval": CaseState.AWAITING_APPROVAL,
    "fresh": CaseState.RECEIVED,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder with what the earlier version left."""
    folder = tmp_path_factory.mktemp("older")
    with zipfile.ZipFile(OLDER) as held:
        held.extractall(folder)
    return folder


@pytest.fixture(scope="module")
def cases(made):
    return json.loads((made / "cases.json").read_text(encoding="utf-8"))["cases"]


@pytest.fixture(scope="module")
def bench(made):
    """This version over that store, a moment later."""
    with running_bench(made) as upgraded:
        said = json.loads((made / "cases.json").read_text(encoding="utf-8"))
        upgraded.moment[0] = datetime.fromisoformat(said["at"])
        yield upgraded


def test_its_evidence_is_as_it_was_signed(made, cases):
    """Its page and its certificate, in the formats of that version, are made again and compared as well."""
    found = check_bundle((made / "bundle.zip").read_bytes())
    assert (found.faults, found.case_id, found.state) == ((), cases["answered erasure"], "answered")
    assert (found.entries, found.sealed) == (44, 43)
    assert found.uncompared == ()
    assert found.is_whole


def test_its_cases_stand_where_they_stood(bench, cases):
    with bench.runtime.store.database.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() == REVISION
    assert list(bench.runtime.store.seals.check()) == []
    for name, case_id in cases.items():
        with bench.file(case_id) as file:
            assert file.state is STATES[name]
            assert {letter.template_id for letter in file.outbox.letters()} >= {"L1"}
            assert overview(file, current_app().today).case_id == case_id
    found = bench.runtime.store.cases_of(frozenset({ANNA_EMAIL}))
    assert found == sorted([cases["answered access"], cases["answered erasure"]])


@pytest.mark.parametrize("name", ["answered erasure", "answered access", "nothing held"])
def test_their_evidence_is_made_anew_and_whole(bench, cases, name):
    found = check_bundle(export_evidence(current_app(), cases[name], by="Aud Itor").content)
    assert (found.faults, found.uncompared) == ((), ())


def test_a_case_that_waited_for_approval_is_carried_out(bench, cases):
    case_id = cases["waiting for approval"]
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    with bench.file(case_id) as file:
        assert file.state is CaseState.ANSWERED
        assert file.is_closed
    assert check_bundle(export_evidence(current_app(), case_id, by="Aud Itor").content).is_whole
