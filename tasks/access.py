"""Copy, mask and package, as Prefect runs it."""

from __future__ import annotations

from prefect import task

from rightsflow.app import current_app
from rightsflow.cases.work.access import package
from tasks.options import STEP


@task(name="copy and redact", task_run_name="copy and redact {system}", **STEP)
def copy_and_redact(case_id: str, system: str) -> dict[str, int]:
    """Copy the subject's data of one system and redact other people's data in the copies (Art. 15(4) GDPR).

    Two steps of the case in one task run, since each task run costs Prefect three events: tried again, what was copied
    is not copied anew.

    Returns:
        The counts of what was redacted, by kind.
    """
    package.extract_records(current_app(), case_id, system)
    return package.redact_third_parties(current_app(), case_id, system)


@task(name="assemble package", task_run_name="assemble package", **STEP)
def assemble_package(case_id: str) -> dict[str, int]:
    """Make the encrypted archive for the person; returns its records by category."""
    return package.assemble_package(current_app(), case_id)
