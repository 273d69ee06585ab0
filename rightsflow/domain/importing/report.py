"""The result of an import, without a cell of its file."""

from __future__ import annotations

from dataclasses import dataclass

MOST_TOLD = 10_000
"""Largest number of faults, and of duplicates, in a report: a file of a million rows may have a fault in each."""


@dataclass(frozen=True, slots=True, order=True)
class RowFault:
    """A fault in one cell.

    Args:
        row: The row, counted as a spreadsheet does: the names of the columns stand in row 1.
        column: The column's name; empty for the row as a whole.
        sentence: What is wrong and how to fix it.
    """

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True, order=True)
class DuplicateRow:
    """A row that asks for what is asked for already.

    Args:
        row: The row.
        of_row: The row that asks for the same for the same person, or ``None``.
        of_case: The open case that does, or empty.
    """

    row: int
    of_row: int | None = None
    of_case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import, or what it would be.

    Args:
        rows: How many rows the file has, without that of the columns' names.
        faults: What is wrong, of the first rows at most :data:`MOST_TOLD`; with any, nothing was imported.
        faulty_rows: How many rows something is wrong with.
        duplicates: The rows for which no case is opened, since there is one or another row; the first of them.
        duplicate_rows: How many there are.
        opened: How many cases were opened, or would be.
        awaiting_identity: Of these, how many wait at the identity gate, since the row names no check.
        opened_before: How many rows were imported before.
        dry_run: Whether nothing was to be done.
    """

    rows: int
    faults: tuple[RowFault, ...] = ()
    faulty_rows: int = 0
    duplicates: tuple[DuplicateRow, ...] = ()
    duplicate_rows: int = 0
    opened: int = 0
    awaiting_identity: int = 0
    opened_before: int = 0
    dry_run: bool = False

    @property
    def sentence(self) -> str:
        """The same in words."""
        if self.faults:
            which = f"{_rows(self.faulty_rows)} of {self.rows}" if self.rows else "The file"
            return f"{which} cannot be used, so nothing was imported; correct the file."
        begun = "would be opened" if self.dry_run else "opened"
        waiting = f" ({self.awaiting_identity} to the identity gate)" if self.awaiting_identity else ""
        return (
            f"{_rows(self.rows)}; {begun}: {self.opened}{waiting}, imported before: {self.opened_before}, "
            f"duplicates: {self.duplicate_rows}."
        )


def _rows(count: int) -> str:
    return f"{count} {'row' if count == 1 else 'rows'}"
