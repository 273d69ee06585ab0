"""Decisions noted one after the other on records that hang together are judged as the approval will carry them out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app
from rightsflow.cases.work.erasure.plan import note_decision, notes_on
from rightsflow.domain.errors import BadInput
from rightsflow.testing.fakes import KINDS, FakeRecord
from tests.support.bench import ANNA_PROFILE
from tests.support.steps import at_approval

KEEP = "keep | a claim of 4 May 2026 | Art. 17(3)(e) | until 2027-01-31"


def test_an_earlier_note_on_the_one_counts_when_the_other_is_decided_on(bench):
    helpdesk = bench.systems["helpdesk"]
    helpdesk.kinds = tuple(replace(kind, found_through=frozenset({"profile"})) for kind in KINDS[:1]) + KINDS[1:]
    helpdesk.add(FakeRecord(kind="recording", key="v1", texts=((ANNA_PROFILE, "voice mail"),), profile="u1"))
    case_id = at_approval(bench)
    with bench.file(case_id) as file:
        numbers = {
            finding.ref.ref: finding.number for finding in file.findings.all() if finding.ref.system == "helpdesk"
        }
        read = file.what_is_approved()

    def note(key: str, what: str) -> None:
        note_decision(current_app(), case_id, [numbers[key]], what, read=read, by="Dana Decider")

    note("v1", KEEP)
    with pytest.raises(BadInput, match="Decide on that entry first"):
        note("u1", "erase")
    note("v1", "erase")
    note("u1", "erase")
    with bench.file(case_id) as file:
        assert {number for made in notes_on(file) for number in made.records} == {numbers["v1"], numbers["u1"]}
