"""Import many requests: the whole file is checked before the first case is opened; then they are opened in batches.

Cut short at any point and repeated, it opens what is missing: each row is an intake of its own, named by a keyed hash
of its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

from rightsflow.errors import BadInput, Conflict
from rightsflow.importing import (
    CheckedRow,
    DuplicateRow,
    ImportReport,
    RowFault,
    check_rows,
    read_rows,
    without_twins,
)
from rightsflow.inbox import Inbox
from tasks.intake import How, Intake, Taken, look_up_requests, open_requests
from tasks.people import said
from tasks.runtime import Runtime, runtime

_AT_ONCE = 100
"""How many cases one transaction opens: few enough that others do not wait long for the case store."""
_ROLE = "import"

Progress = Callable[[int], None]


def import_requests(
    content: bytes, *, by: str, dry_run: bool = False, progress: Progress = lambda _: None
) -> ImportReport:
    """Import a file of requests: a case for each that asks for something new. Their runs are started by the keeper.

    The acknowledgements are written, and mailed by the watch's rounds, not here.

    Args:
        content: The file.
        by: Who imports it; that person cannot approve the cases later.
        dry_run: Say what would become of it and open nothing.
        progress: Told of how many rows have been seen to.

    Returns:
        What became of it; with faults in it, nothing was imported.

    Raises:
        BadInput: It is not said who imports, or the configuration is wrong.
        Conflict: Another import is under way.
        Transient: The case store does not answer; what was opened stays, and the same import again goes on.
    """
    current, opener = runtime(), said(by)
    try:
        cells = read_rows(content)
    except BadInput as error:
        return ImportReport(rows=0, faults=(RowFault(1, "", str(error)),), dry_run=dry_run)
    rows, faults = check_rows(cells, current.reading, opened_by=opener)
    kept, twins = without_twins(rows)
    report = ImportReport(rows=len(cells), faults=tuple(sorted(faults)), duplicates=tuple(twins), dry_run=dry_run)
    if faults:
        return report
    with _alone(current) as renew:
        for first in range(0, len(kept), _AT_ONCE):
            batch = kept[first : first + _AT_ONCE]
            report = _with(report, batch, _take(batch, current, dry_run=dry_run))
            renew()
            progress(first + len(batch))
    return replace(report, duplicates=tuple(sorted(report.duplicates, key=lambda one: one.row)))


def import_from_folder(name: str, *, by: str, dry_run: bool = False) -> ImportReport:
    """Import a file of the import folder, and remove it once it is imported: it lies there in clear.

    Args:
        name: Its bare name.
        by: Who imports it.
        dry_run: Say what would become of it, and leave it there.

    Raises:
        BadInput: There is no such file, or it cannot be removed.
        Conflict: Another import is under way.
        Transient: The case store does not answer.
    """
    inbox = Inbox(runtime().import_location)
    report = import_requests(inbox.read(name), by=by, dry_run=dry_run)
    if not report.faults and not dry_run:
        inbox.remove(name)
    return report


def _take(batch: Sequence[CheckedRow], current: Runtime, *, dry_run: bool) -> list[Taken | None]:
    names = current.store.keyed_names("import", [row.content for row in batch])
    intakes = [
        Intake(request=row.request, intake_id=name, identity=row.identity)
        for row, name in zip(batch, names, strict=True)
    ]
    return look_up_requests(intakes, current) if dry_run else [*open_requests(intakes, current, in_bulk=True)]


def _with(report: ImportReport, batch: Sequence[CheckedRow], taken: Sequence[Taken | None]) -> ImportReport:
    """The report with what became of a further batch."""
    hows = [one.how if one else How.OPENED for one in taken]
    duplicates = [
        DuplicateRow(row.number, of_case=one.case_id)
        for row, one in zip(batch, taken, strict=True)
        if one and one.how is How.DUPLICATE
    ]
    return replace(
        report,
        opened=report.opened + hows.count(How.OPENED),
        opened_before=report.opened_before + hows.count(How.BEFORE),
        duplicates=(*report.duplicates, *duplicates),
    )


@contextmanager
def _alone(current: Runtime) -> Iterator[Callable[[], None]]:
    """Import alone: two at once could open two cases for one person. Gives what renews that."""
    holder = uuid4().hex

    def renew() -> None:
        if not current.store.take_role(_ROLE, holder):
            raise Conflict("Another import is under way; let it end, then import the file again: nothing opens twice.")

    renew()
    try:
        yield renew
    finally:
        current.store.release_role(_ROLE, holder)
