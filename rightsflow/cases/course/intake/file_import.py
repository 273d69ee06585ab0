"""Import many requests: the whole file is checked before the first case is opened; then they are opened in batches.

The file is read twice, row by row, so that a million rows take no more memory than a hundred. Cut short at any point
and repeated, it opens what is missing: each row is an intake of its own, named by a keyed hash of its content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.opening import (
    How,
    Intake,
    TakenRequest,
    look_up_requests,
    note_joined,
    open_requests,
)
from rightsflow.cases.facts.people import refuse_typed, said
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.import_file import (
    MOST_TOLD,
    CheckedRow,
    DuplicateRow,
    ImportReport,
    RowFault,
    check_row,
    read_rows,
)
from rightsflow.files.first_rows import FirstRows
from rightsflow.files.inbox import CHANGED, Inbox, RequestFile


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLimits:
    """The limits by which an import is divided into parts.

    Args:
        at_once: How many cases one transaction opens: few enough that others do not wait long for the case store.
        told: How many faults, and how many duplicates, a report lists; all are counted.
        open_some: Opens the cases of some intakes, all or none.
    """

    at_once: int = 100
    told: int = MOST_TOLD
    open_some: Callable[..., list[TakenRequest]] = open_requests


_LIMITS = ImportLimits()
_ROLE = "import"

Progress = Callable[[int], None]


def import_requests(
    app: App,
    file: RequestFile,
    *,
    by: str,
    dry_run: bool = False,
    progress: Progress = lambda _: None,
    limits: ImportLimits = _LIMITS,
) -> ImportReport:
    """Import a file of requests: a case for each that asks for something new. Their runs are started by the keeper.

    A request of a person who has an open case of the kind joins it, which notes when it arrived, as at the desk. The
    acknowledgements are written, and mailed by the watch's rounds, not here.

    Args:
        app: What it works with.
        file: The file.
        by: Who imports it; that person cannot approve the cases later.
        dry_run: Say what would become of it and open nothing.
        progress: Gets how many rows have been seen to, first while they are checked and then while they are opened.
        limits: How it is cut into parts.

    Returns:
        What became of it; with faults in it, nothing was imported.

    Raises:
        BadInput: The name of who imports is missing, the configuration is wrong, or the file was changed meanwhile.
        Conflict: Another import is under way.
        Transient: The case store does not answer, or the disk is full; what was opened stays, and the same import again
            goes on.
    """
    opener = said(by)
    checked = _Tally(dry_run=dry_run, limits=limits)
    with FirstRows(app.scratch) as first:
        read = partial(_batches, file, first, app, opener)
        try:
            for _ in read(checked):
                progress(checked.rows)
        except BadInput as error:
            checked.take_faults((RowFault(1, "", str(error)),))
        if checked.faulty_rows:
            return checked.report()
        with _alone(app) as renew:
            tally = _Tally(dry_run=dry_run, limits=limits)
            for batch in read(tally):
                if tally.faulty_rows:
                    raise BadInput(CHANGED)
                tally.take(batch.rows, _take(batch.rows, app, limits, dry_run=dry_run))
                if not dry_run:
                    _note_repeated(batch.repeated, app)
                renew()
                progress(tally.rows)
    return tally.report()


@dataclass(slots=True, kw_only=True)
class _Tally:
    """The tally of a file so far: all rows are counted, and the first faults and duplicates are listed."""

    dry_run: bool
    limits: ImportLimits
    rows: int = 0
    faults: list[RowFault] = field(default_factory=list)
    faulty_rows: int = 0
    duplicates: list[DuplicateRow] = field(default_factory=list)
    duplicate_rows: int = 0
    opened: int = 0
    awaiting_identity: int = 0
    opened_before: int = 0

    def take_faults(self, faults: Sequence[RowFault]) -> None:
        """Add the faults of one more row."""
        self.faulty_rows += 1
        self.faults += faults[: max(0, self.limits.told - len(self.faults))]

    def take_duplicate(self, duplicate_row: DuplicateRow) -> None:
        """Count a further row whose request is open already."""
        self.duplicate_rows += 1
        if len(self.duplicates) < self.limits.told:
            self.duplicates.append(duplicate_row)

    def take(self, batch: Sequence[CheckedRow], taken: Sequence[TakenRequest | None]) -> None:
        """Add the results of some rows; ``None`` for a row that would be opened."""
        for row, taken_request in zip(batch, taken, strict=True):
            how = taken_request.how if taken_request else How.OPENED
            self.opened += how is How.OPENED
            self.awaiting_identity += how is How.OPENED and row.identity is None
            self.opened_before += how is How.BEFORE
            if taken_request and how is How.DUPLICATE:
                self.take_duplicate(DuplicateRow(row.number, of_case=taken_request.case_id))

    def report(self) -> ImportReport:
        """Return the counts as a report."""
        return ImportReport(
            rows=self.rows,
            faults=tuple(self.faults),
            faulty_rows=self.faulty_rows,
            duplicates=tuple(sorted(self.duplicates, key=lambda duplicate: duplicate.row)),
            duplicate_rows=self.duplicate_rows,
            opened=self.opened,
            awaiting_identity=self.awaiting_identity,
            opened_before=self.opened_before,
            dry_run=self.dry_run,
        )


@dataclass(frozen=True, slots=True)
class _Batch:
    """Some rows of a file.

    Args:
        rows: Those that ask for something that no row before them asked for.
        repeated: Those that ask for what a row of this batch or before asked for.
    """

    rows: list[CheckedRow] = field(default_factory=list)
    repeated: list[CheckedRow] = field(default_factory=list)

    def is_full(self, limits: ImportLimits) -> bool:
        return limits.at_once in {len(self.rows), len(self.repeated)}


def _batches(file: RequestFile, first: FirstRows, app: App, opener: str, tally: _Tally) -> Iterator[_Batch]:
    """Yield the rows of a file in batches; wrong or repeated rows are noted."""
    reading = app.reading
    batch = _Batch()
    for cells in read_rows(file.lines(), app.settings.further_kinds):
        tally.rows += 1
        row = _signed(check_row(cells, reading, opened_by=opener), app)
        if not isinstance(row, CheckedRow):
            tally.take_faults(row)
        elif (before := first.before(row.number, row.asked)) is not None:
            tally.take_duplicate(DuplicateRow(row.number, of_row=before))
            batch.repeated.append(row)
        else:
            batch.rows.append(row)
        if batch.is_full(tally.limits):
            yield batch
            batch = _Batch()
    yield batch


def _signed(row: CheckedRow | tuple[RowFault, ...], app: App) -> CheckedRow | tuple[RowFault, ...]:
    """Refuse a row that confirms identity under a typed name where people act signed in."""
    if isinstance(row, CheckedRow) and row.identity:
        try:
            refuse_typed(app, row.identity.by)
        except Conflict as error:
            leave = "Or leave the columns about identity empty: the case then waits at the identity gate."
            return (RowFault(row.number, "identity_by", f"{error} {leave}"),)
    return row


def import_from_folder(app: App, name: str, *, by: str, dry_run: bool = False) -> ImportReport:
    """Import a file of the import folder, and remove it once it is imported: it lies there in clear.

    Args:
        app: What it works with.
        name: Its bare name.
        by: Who imports it.
        dry_run: Say what would become of it, and leave it there.

    Raises:
        BadInput: There is no such file, or it cannot be removed.
        Conflict: Another import is under way.
        Transient: The case store does not answer.
    """
    inbox = Inbox(app.import_location)
    report = import_requests(app, inbox.file(name), by=by, dry_run=dry_run)
    if not report.faults and not dry_run:
        inbox.remove(name)
    return report


def _take(batch: Sequence[CheckedRow], app: App, limits: ImportLimits, *, dry_run: bool) -> list[TakenRequest | None]:
    names = app.store.keyed_names("import", [row.content for row in batch])
    intakes = [
        Intake(request=row.request, intake_id=name, identity=row.identity)
        for row, name in zip(batch, names, strict=True)
    ]
    if dry_run:
        return look_up_requests(intakes, app)
    taken = limits.open_some(intakes, app, in_bulk=True)
    for row, intake in zip(batch, taken, strict=True):
        if intake.how is How.DUPLICATE:
            note_joined(intake.case_id, row.request, app)
    return [*taken]


def _note_repeated(rows: Sequence[CheckedRow], app: App) -> None:
    """Note of rows that repeat another one of the file that their requests joined its case."""
    intakes = [Intake(request=row.request) for row in rows]
    for row, up_request in zip(rows, look_up_requests(intakes, app), strict=True):
        if up_request and up_request.how is How.DUPLICATE:
            note_joined(up_request.case_id, row.request, app, is_listed_twice=True)


@contextmanager
def _alone(app: App) -> Iterator[Callable[[], None]]:
    """Import alone: two at once could open two cases for one person. Gives what renews that."""
    holder = uuid4().hex

    def renew() -> None:
        if not app.store.take_role(_ROLE, holder):
            raise Conflict("Another import is under way; let it end, then import the file again: nothing opens twice.")

    renew()
    try:
        yield renew
    finally:
        app.store.release_role(_ROLE, holder)
