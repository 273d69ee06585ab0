"""A back-up that is restored brings purged cases back; the journal lets them go again."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.evidence.bundle import hold_evidence
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.work.purge import Replay, note_erasure, purge, replay
from rightsflow.config.sections.mail_server import Seals
from rightsflow.domain.errors import BadInput
from rightsflow.files.purge_journal import read_journals
from rightsflow.files.workspace import CaseFolder
from rightsflow.store.proofs.ledger_check import check_ledger

OVER = datetime(2035, 1, 2, 12, tzinfo=UTC)


def withdrawn(bench):
    """A case that goes when its period is over."""
    case_id = bench.open("access")
    withdraw(current_app(), case_id, by="Ida")
    return case_id


@pytest.fixture
def current(bench, tmp_path):
    (tmp_path / "seals").mkdir()
    publish = Seals(publish=(f"file:{tmp_path / 'seals'}", "mailto:auditor@example.com"))
    settings = bench.runtime.settings.model_copy(update={"seals": publish})
    return replace(bench.runtime, settings=settings, erasure_journal=tmp_path / "erasures.jsonl")


def test_a_purge_is_noted_in_the_journal_and_where_seals_are_published(bench, current, tmp_path):
    other = withdrawn(bench)
    case_id = bench.open("access")
    bench.moment[0] = OVER
    done = purge(current)
    assert list(done.cases) == [other]
    for place in (tmp_path / "erasures.jsonl", tmp_path / "seals"):
        assert [one.case_id for one in read_journals([place])] == [other]
    assert case_id not in (tmp_path / "erasures.jsonl").read_text()


@pytest.mark.apart
def test_a_case_that_cannot_be_noted_is_not_purged(bench, current, tmp_path):
    case_id = withdrawn(bench)
    bench.moment[0] = OVER
    (tmp_path / "seals").rmdir()
    done = purge(current)
    assert (done.cases, done.passed_over) == ({}, (case_id,))
    (tmp_path / "seals").mkdir()
    assert list(purge(current).cases) == [case_id]


@pytest.mark.apart
def test_what_a_back_up_brought_back_goes_again_whatever_its_state(bench, current):
    """Also an open case: the back-up may be older than its answer."""
    closed, held, is_open = withdrawn(bench), withdrawn(bench), bench.open("access")
    hold_evidence(current_app(), held, None, by="Dana", reason="a claim")
    bench.pass_time(timedelta(days=1))
    for case_id in (closed, is_open, held):
        note_erasure(current, case_id)
    again = replay(current, [current.erasure_journal], by="Olga")
    assert again == Replay(named=3, purged=(closed, is_open), gone=0, held=(held,), worked_on=())
    assert not again.is_done
    assert not CaseFolder(current.work_location, closed).exists()
    assert list(check_ledger(current.store.database, [])) == []
    assert replay(current, [current.erasure_journal], by="Olga") == replace(again, purged=(), gone=2)


def test_a_case_that_is_worked_on_stays_for_now(bench, current):
    case_id = withdrawn(bench)
    note_erasure(current, case_id)
    current.store.take_lease(case_id, "somebody")
    assert replay(current, [current.erasure_journal], by="Olga").worked_on == (case_id,)


def test_a_malformed_journal_changes_nothing(bench, current):
    case_id = withdrawn(bench)
    note_erasure(current, case_id)
    with Path(current.erasure_journal).open("a") as journal:
        journal.write('{"case":"DSR-20')
    with pytest.raises(BadInput, match="Line 2"):
        replay(current, [current.erasure_journal], by="Olga")
    with current.store.case_file(case_id) as file:
        assert file.state.is_settled
