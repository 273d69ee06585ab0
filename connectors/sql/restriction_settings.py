"""The column that marks a row as restricted."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.settings import Strict
from rightsflow.domain.case.states import is_case_id

Mark = str | int | bool | None


class Restriction(Strict):
    """A column that says that a row is stored and used for nothing else (Art. 18 GDPR).

    Your own programs have to leave rows out that have it: no view, no export, no mailing may show them. A column
    that has another use too (a ticket that is private) loses what stood there when the restriction is lifted.

    Args:
        column: Its name.
        value: What is written into it; ``true`` by default.
        lifted: What is written into it when the restriction is lifted; ``false`` by default.
        case_column: A text column that is empty or holds the number of our case beside the mark; only with it is a mark
            that a restored back-up brings back told from one that someone else put, and taken away again.
    """

    column: str
    value: Mark = True
    lifted: Mark = False
    case_column: str = ""

    def case_in(self, row: Mapping[str, object]) -> str:
        """The case that a row names beside the mark; empty where it names none.

        Args:
            row: The row, as it was read.
        """
        named = str(row[self.case_column] or "").strip() if self.case_column else ""
        return named if is_case_id(named) else ""

    def emptied(self, row: Mapping[str, object]) -> dict[str, object]:
        """Return what takes a mark of ours out of a row that is blanked; nothing of a mark that names no case.

        The number of the person's own case would lead back to them.

        Args:
            row: The row, as it was read.
        """
        return {self.column: self.lifted, self.case_column: None} if self.case_in(row) else {}
