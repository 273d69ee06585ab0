"""Holding evidence: what is said, what is refused, that purge respects it, and that its reason is revealed only."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.evidence.bundle import hold_evidence, release_evidence
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.work.purge import purge
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.store.purging import Hold
from tests.support.desk import DAY, TEXT, facts, in_the_uk

OVER = datetime(2035, 1, 2, 12, tzinfo=UTC)
AUTHORITY = f"Complaint\n to the authority:  {TEXT} "


def closed(bench):
    case_id = bench.open("access")
    withdraw(current_app(), case_id, by="Ida")
    return case_id


def sheet(bench, case_id):
    return render_sheet(read_overview(current_app(), case_id), bench.runtime)


def test_no_purge_takes_a_held_case(bench):
    held, free = closed(bench), closed(bench)
    said = hold_evidence(current_app(), held.lower(), None, by=" Dana  Decider", reason=AUTHORITY)
    assert said == f"The evidence of {held} is held until that is lifted: no purge takes it away."
    bench.moment[0] = OVER
    assert purge(bench.runtime, dry_run=True).held == {held: Hold.CLAIM.value}
    done = purge(bench.runtime)
    assert (set(done.cases), done.held) == ({free}, {held: Hold.CLAIM.value})
    assert release_evidence(current_app(), held, by="Dana", reason="Settled.").startswith(
        f"The hold on {held} is lifted"
    )
    assert set(purge(bench.runtime).cases) == {held}


def test_a_hold_until_a_day_ends_with_it(bench):
    case_id = closed(bench)
    hold_evidence(current_app(), case_id, date(2035, 1, 2), by="Dana", reason=AUTHORITY)
    bench.moment[0] = OVER
    assert purge(bench.runtime).held == {case_id: Hold.CLAIM.value}
    assert "**The evidence is held** until Tue 02 Jan 2035" in sheet(bench, case_id)
    bench.pass_time(DAY)
    assert "The evidence is held" not in sheet(bench, case_id)
    assert set(purge(bench.runtime).cases) == {case_id}


def test_the_sheet_of_a_british_case_names_the_british_law(bench):
    """Before, the line about the held evidence cited the GDPR in the United Kingdom too."""
    with in_the_uk(bench):
        case_id = closed(bench)
        hold_evidence(current_app(), case_id, None, by="Dana", reason=AUTHORITY)
        assert "for a complaint or a claim (Art. 17(3)(e) UK GDPR)." in sheet(bench, case_id)


def test_the_reason_is_sealed_and_shown_to_whoever_may_look(bench):
    case_id = bench.open("access")
    hold_evidence(current_app(), case_id, None, by="Dana", reason=AUTHORITY)
    bench.pass_time(DAY)
    release_evidence(current_app(), case_id, by="Dana", reason="Settled.")
    assert TEXT not in sheet(bench, case_id) + repr(read_overview(current_app(), case_id))
    assert reveal(current_app(), case_id, by="Rita", reason="audit").holds == [
        f"Complaint to the authority: {TEXT}",
        "Settled.",
    ]


def test_what_is_refused_changes_nothing_and_what_is_not_held_cannot_be_released(bench):
    case_id = bench.open("access")
    before = facts(bench, case_id)
    for case, until, by, reason, sentence in [
        ("", date(2026, 3, 3), "Dana", "a claim", "is over already"),
        ("", None, " ", "a claim", "Your name is missing"),
        ("", None, "Dana", "\n ", "reason is missing"),
        ("DSR-2026-AAAAAA", None, "Dana", "a claim", "There is no case"),
        ("my case", None, "Dana", "a claim", "not a case id"),
    ]:
        with pytest.raises(BadInput, match=sentence):
            hold_evidence(current_app(), case or case_id, until, by=by, reason=reason)
        assert facts(bench, case_id) == before
    with pytest.raises(Conflict, match="nothing to lift"):
        release_evidence(current_app(), case_id, by="Dana", reason="Settled.")
