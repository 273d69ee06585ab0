"""Many requests in one file: read it row by row, check each, say what is wrong. Pure.

    >>> for row in read_rows(file):
    ...     checked = check_row(row, reading, opened_by="Olga Opener")

Nothing that it says quotes a cell: the file is full of personal data, and what is said goes to screens and to Prefect.
"""

from rightsflow.domain.importing.columns import COLUMNS, Cells, is_bare_name, read_rows
from rightsflow.domain.importing.report import MOST_TOLD, DuplicateRow, ImportReport, RowFault
from rightsflow.domain.importing.rows import CheckedRow, check_row

__all__ = [
    "COLUMNS",
    "MOST_TOLD",
    "Cells",
    "CheckedRow",
    "DuplicateRow",
    "ImportReport",
    "RowFault",
    "check_row",
    "is_bare_name",
    "read_rows",
]
