"""How often a case was changed: whether what was read of it a moment ago still holds."""

from __future__ import annotations

from sqlalchemy import select

from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow


def changes_of(database: Database, case_id: str) -> int | None:
    """The number of a case's changes, which each transaction raises that changes it; ``None`` if there is no such case.

    Args:
        database: Where the cases lie.
        case_id: The case.

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session:
        return session.scalars(select(CaseRow.changes).where(CaseRow.id == case_id)).one_or_none()
