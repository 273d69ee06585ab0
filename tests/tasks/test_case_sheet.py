"""The case sheet: what stands where, what is missing, and nothing of the person."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.errors import BadInput, Transient
from tasks.case_sheet import read_overview, render_sheet
from tasks.locating import locate_records
from tests.bench import CANARIES
from tests.canary import Scanner
from tests.tasks.steps import approved, carry_out, identified, search

SCANNER = Scanner({value: value for value in (*CANARIES, "23125", "quill")})


def sheet(bench, case_id):
    return render_sheet(read_overview(case_id), bench.runtime.settings.controller.zone)


def test_it_shows_steps_outcomes_decisions_and_reasons(bench):
    case_id = approved(bench)
    carry_out(case_id)
    text = sheet(bench, case_id)
    for words in (
        f"# {case_id}: erasure request",
        "| verify | calls | ✅ done | 1 absent | 1 |",
        "| helpdesk | service tickets | redacted | 1 |",
        "### Kept, and why",
        "Dana Decider",
    ):
        assert words in text, text
    assert not SCANNER.scan(text.encode(), "sheet")


def test_it_says_what_is_missing(bench):
    case_id = identified(bench, "access")
    bench.systems["calls"].fail("locate")
    with pytest.raises(Transient):
        locate_records.fn(case_id, "calls")
    text = sheet(bench, case_id)
    assert "**Next:** Missing: locate calls. The case stays open" in text
    assert "❌ failed" in text


def test_the_light_follows_the_clock(bench):
    case_id = identified(bench, "access")
    search(case_id)
    lights = []
    for days in (0, 21, 8):
        bench.pass_time(timedelta(days=days))
        lights.append(read_overview(case_id).light.value)
    assert lights == ["green", "amber", "red"]


def test_a_case_that_does_not_exist_has_none(bench):
    with pytest.raises(BadInput, match="There is no case"):
        read_overview("DSR-2026-000000")
