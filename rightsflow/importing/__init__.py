"""Many requests in one file: read it, check it as a whole, see who is in it twice, say what is wrong. Pure.

    >>> rows, faults = check_rows(read_rows(content), now=now, zone=zone, country="DE", opened_by="Olga Opener")

Nothing that it says quotes a cell: the file is full of personal data, and what is said goes to screens and to Prefect.
"""

from rightsflow.importing.columns import COLUMNS, LARGEST_BYTES, Cells, is_bare_name, read_rows
from rightsflow.importing.report import DuplicateRow, ImportReport, RowFault
from rightsflow.importing.rows import CheckedRow, check_rows, without_twins

__all__ = [
    "COLUMNS",
    "LARGEST_BYTES",
    "Cells",
    "CheckedRow",
    "DuplicateRow",
    "ImportReport",
    "RowFault",
    "check_rows",
    "is_bare_name",
    "read_rows",
    "without_twins",
]
