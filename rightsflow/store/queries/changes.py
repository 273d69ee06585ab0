"""The number of changes of a case, which tells whether an earlier read is still valid."""

from __future__ import annotations

from sqlalchemy import select

from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow


class Changes:
    """The numbers of cases' changes, which each transaction raises that changes one.

    Args:
        database: The database of the cases.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, case_id: str) -> int | None:
        """Return the number of changes of a case; ``None`` if there is no such case.

        Raises:
            Transient: The database does not answer.
        """
        with self._database.reading() as session:
            return session.scalars(select(CaseRow.changes).where(CaseRow.id == case_id)).one_or_none()
