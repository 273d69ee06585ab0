"""The present place of a file that was not in its location when it was searched for, or is not where it was then.

A missing file is known by the value of its row alone. Whenever something is done with it, the rows that hold the value
are looked at again: where they lead now is the file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.sql.files import is_unreachable, value_of
from connectors.sql.pointing import Pointing, required
from connectors.sql.stray_files import unnamed_alike
from rightsflow.domain.vocabulary.records import RecordRef


@dataclass(frozen=True, slots=True)
class PresentPlace:
    """The place of a file now.

    Args:
        path: Its path or family; as it was searched for where there is no file, or no one can tell which it is.
        is_named: Whether a row that may be the subject's holds its value.
    """

    path: str
    is_named: bool = True

    @property
    def is_missing(self) -> bool:
        """True if a row names the file and it is not there."""
        return self.is_named and is_unreachable(self.path)


def whereabouts(pointing: Pointing, refs: Sequence[RecordRef]) -> dict[RecordRef, PresentPlace]:
    """Look where files are; call :meth:`connectors.sql.files.FileStore.check` first."""
    files = required(pointing.site.files)
    return {
        ref: _of_lost(pointing, ref)
        if is_unreachable(ref.ref)
        else PresentPlace(ref.ref if files.members(ref.ref) else _moved(pointing, ref))
        for ref in refs
    }


def _moved(pointing: Pointing, ref: RecordRef) -> str:
    """The place of a file that is not where it was: where its rows lead now, as after a conversion.

    Where they lead nowhere and one of its name lies elsewhere that no row names, it may be that one: a person looks.
    """
    files, belonging = required(pointing.site.files), pointing.belonging
    leads = {
        files.find(value, column, at)
        for rows, column in pointing.site.with_files(ref.kind)
        for row in rows.naming_files(files.names([ref.ref], column), pointing.operation, belonging.by)
        if (value := rows.file_value(row))
        and files.may_have_been(ref.ref, value, column, at := rows.occurred_at(row))
        and belonging.is_subjects(rows, row)
    }
    if len(leads) == 1 and not is_unreachable(lead := next(iter(leads))):
        return lead
    is_verified = pointing.operation == "presence"
    return ref.ref if is_verified or not unnamed_alike(pointing, ref.ref) else f"/{ref.ref}"


def _of_lost(pointing: Pointing, ref: RecordRef) -> PresentPlace:
    files, value, belonging = required(pointing.site.files), value_of(ref.ref), pointing.belonging
    columns = pointing.site.with_files(ref.kind)
    leads = {
        files.find(value, column, rows.occurred_at(row))
        for rows, column in columns
        for row in rows.naming_files(files.names([ref.ref], column), pointing.operation, belonging.by)
        if rows.file_value(row) == value and belonging.is_subjects(rows, row)
    }
    if leads:
        # Of several with one value, as of two days, one may have its own record with another decision.
        return PresentPlace(leads.pop() if len(leads) == 1 else ref.ref)
    # The row that named it is gone; a file that another row names now is not this one.
    left = {path for _, column in columns if not is_unreachable(path := files.find(value, column, None))}
    unnamed = left - pointing.by_path(sorted(left)).keys()
    return PresentPlace(unnamed.pop() if len(unnamed) == 1 else ref.ref, is_named=False)
