"""What is left of a case on disk and how its removal is noted."""

from __future__ import annotations

from pathlib import Path

from tests.support.steps import at_approval


def prepared(bench, **fields):
    """An access case with a package that waits for its release."""
    return at_approval(bench, "access", **fields)


def folder(bench, case_id):
    return Path(bench.runtime.work_location, case_id)


def removals(bench, case_id):
    with bench.file(case_id) as file:
        return [one.details["why"] for one in file.ledger.entries() if one.event == "WorkingCopiesRemoved"]
