"""Imported cases, and batches that work on them in this process as a worker would."""

from __future__ import annotations

from dataclasses import replace

from flows.batches import access_batch
from rightsflow.app import current_app, installed
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.config.sections.limits import Imports
from rightsflow.domain.identifiers import IdentifierKind, identifier
from tests.support.flow_runs import order_run, work_on
from tests.support.identity import IMPORT_COLUMNS, METHOD, as_cells
from tests.support.request_files import request_file

HEADER = ",".join(("right", "email", "received", *IMPORT_COLUMNS))


def imported(bench, *emails, right="access", day="2026-03-01", identified=True):
    """Cases of a file of requests, in the order of its rows; the first is the most urgent."""
    checks = (
        as_cells(f"{day}T10:00", method=METHOD.value, by="Ida Identity") if identified else [""] * len(IMPORT_COLUMNS)
    )
    rows = [",".join((right, email, day, *checks)) for email in emails]
    before = {case.case_id for case in bench.runtime.store.summaries()}
    report = import_requests(current_app(), request_file("\n".join([HEADER, *rows])), by="Olga Opener")
    assert report.opened == len(emails), report
    new = {case.case_id for case in bench.runtime.store.summaries()} - before
    return [case_id for email in emails for case_id in new & set(_cases_of(bench, email))]


def _cases_of(bench, email):
    return bench.runtime.store.cases_of(frozenset({identifier(IdentifierKind.EMAIL, email)}))


def work_through(bench, deployments, size, flow=access_batch):
    """Let a batch take that many cases, so that it looks for no more; returns its run's id and state."""
    imports = Imports(batch_size=size)
    app = replace(bench.runtime, settings=bench.runtime.settings.model_copy(update={"imports": imports}))
    run = order_run(deployments[flow.name])
    with installed(app):
        return run.id, work_on(flow, run.id)


def turn_of(bench, case_id):
    """Since when a case has its turn, or ``None``."""
    with bench.file(case_id) as file:
        return file.bulk.turn
