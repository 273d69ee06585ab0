"""What tests look at in the file of a case."""

from __future__ import annotations


def letters(bench, case_id):
    """The texts of its letters, by name."""
    with bench.file(case_id) as file:
        return {one.template_id: one.body for one in file.outbox.letters()}


def letter(bench, case_id, name="L11"):
    """The text of one of its letters."""
    return letters(bench, case_id)[name]


def entries(bench, case_id, *events):
    """The entries of its ledger, all or of these events."""
    with bench.file(case_id) as file:
        return [one for one in file.ledger.entries() if not events or one.event in events]


def tasks(bench, case_id, *kinds, still_open=False):
    """Its tasks, all or of these kinds, or those that are open."""
    with bench.file(case_id) as file:
        return [one for one in file.tasks.all() if (not kinds or one.kind in kinds) and (one.is_open or not still_open)]


def findings(bench, case_id, *systems):
    """What was found, everywhere or in one system."""
    with bench.file(case_id) as file:
        return file.findings.all(*systems)


def finding(bench, case_id, key):
    """The record that was found with this key."""
    return next(one for one in findings(bench, case_id) if one.ref.ref == key)


def state(bench, case_id):
    """The state of the case."""
    with bench.file(case_id) as file:
        return file.state
