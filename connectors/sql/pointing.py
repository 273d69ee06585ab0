"""The rows that point at a file, which say whose it is.

Systems store identical files once (Redmine does so with attachments): the row of another person may then point at the
file that the subject's row points at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from connectors.sql.belonging import NO_VALUE, Belonging
from connectors.sql.client import Row
from connectors.sql.column_settings import FileColumn
from connectors.sql.files import FileStore
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.table_settings import TableSettings
from connectors.sql.values import compared
from rightsflow.domain.ownership import SUBJECTS, Standing


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """A row that points at a file.

    Args:
        path: The file, as :meth:`connectors.sql.files.FileStore.find` gives it.
        rows: The row's table.
        column: The file column.
        row: The row.
        is_beside: True if it is another row of the same event, which does not point at the file itself.
    """

    path: str
    rows: TableRows
    column: FileColumn
    row: Row
    is_beside: bool = False


@dataclass(frozen=True, slots=True)
class Pointing:
    """Finds the rows that point at files.

    Args:
        site: The system.
        belonging: Judges whose a row is; what it reads by is read by here too.
        operation: What is being done, for errors.
    """

    site: SqlSite
    belonging: Belonging
    operation: str

    def rows(self, paths: Sequence[str]) -> Iterator[Pointer]:
        """Every row that points at one of these files, no matter whom it names and in whatever spelling."""
        files = required(self.site.files)
        for rows, column in self.site.with_files():
            names = files.names(paths, column)
            for row in rows.naming_files(names, self.operation, self.belonging.by):
                value, occurred_at = rows.file_value(row), rows.occurred_at(row)
                for path in paths if column.layout else _alike(value, paths):
                    if files.points_at(path, value, column, occurred_at) or (
                        # Whether it does cannot be told: in doubt the file is another person's too.
                        files.may_mean(path, value, column, occurred_at)
                        and self.belonging.of(rows, row) not in SUBJECTS
                    ):
                        yield Pointer(path=path, rows=rows, column=column, row=row)

    def by_path(self, paths: Sequence[str]) -> dict[str, list[Pointer]]:
        """The same for each of the files; a file that no row points at is left out."""
        found: defaultdict[str, list[Pointer]] = defaultdict(list)
        for pointer in self.rows(paths):
            found[pointer.path].append(pointer)
        for pointer in list(self._beside([item for pointers in found.values() for item in pointers])):
            found[pointer.path].append(pointer)
        return dict(found)

    def _beside(self, pointers: Sequence[Pointer]) -> Iterator[Pointer]:
        """Rows of the same events that name other people: who was on one leg of a call may be heard on each file."""
        events: defaultdict[str, defaultdict[str, list[Pointer]]] = defaultdict(lambda: defaultdict(list))
        values: defaultdict[str, set[object]] = defaultdict(set)
        for pointer in pointers:
            for rows, row in [(pointer.rows, pointer.row), *self.belonging.belongs_to(pointer.rows, pointer.row)]:
                if rows.settings.group and row[rows.settings.group] not in NO_VALUE:
                    values[rows.settings.name].add(row[rows.settings.group])
                    events[rows.settings.name][compared(row[rows.settings.group])].append(pointer)
        for name, of_value in events.items():
            rows = self.site.table(name)
            for row in rows.with_values(rows.settings.group, values[name], self.operation, self.belonging.by):
                judged = self.belonging.judge(rows, row)
                if judged.standing is Standing.OTHER or judged.is_shared:
                    for pointer in of_value[compared(row[rows.settings.group])]:
                        yield Pointer(path=pointer.path, rows=rows, column=pointer.column, row=row, is_beside=True)

    def is_subjects(self, pointers: Sequence[Pointer], *, others_too: Callable[[TableSettings], bool]) -> bool:
        """Return True if a file is the subject's: each row that points at it is theirs.

        Args:
            pointers: The rows that point at the file.
            others_too: Whether another person's entry in the subject's thread counts as theirs in a table.
        """
        return self.belonging.is_subjects_alone([(pointer.rows, pointer.row) for pointer in pointers], others_too)


def _alike(value: str, paths: Sequence[str]) -> Iterator[str]:
    """The paths that a value can mean at all, since each look at the location costs a call."""
    last = value.strip().replace("\\", "/").replace("%2F", "/").rpartition("/")[2].casefold()
    name = last.rpartition(".")[0] or last
    yield from (path for path in paths if name in path.casefold())


def required(files: FileStore | None) -> FileStore:
    """The files of a system that is known to have some."""
    assert files is not None, "the settings make sure that a file column has a location"  # noqa: S101
    return files
