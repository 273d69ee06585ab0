"""The names that requests gave, of some cases: for the initials in lists, where the configuration wants them."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select

from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.store.case.identifiers import REQUEST
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow, IdentifierRow
from rightsflow.vault import MasterKey


def read_names(database: Database, master: MasterKey, case_ids: Collection[str]) -> dict[str, str]:
    """Return the name that each request gave, in clear, by case; cases without one are not among them.

    Args:
        database: The case store's database.
        master: Unwraps the cases' keys.
        case_ids: The cases, a page of a list at most.

    Raises:
        Misconfigured: The cases were made with another master key.
        Transient: The database does not answer.
    """
    query = (
        select(CaseRow.id, CaseRow.wrapped_key, IdentifierRow.kind, IdentifierRow.sealed_value)
        .join(IdentifierRow, IdentifierRow.case_id == CaseRow.id)
        .where(CaseRow.id.in_(sorted(case_ids)), IdentifierRow.kind == IdentifierKind.NAME.value)
        .where(IdentifierRow.learnt_from == REQUEST)
        .order_by(IdentifierRow.id.desc())
    )
    with database.reading() as session:
        rows = session.execute(query).all()
    return {
        row.id: master.unwrap(row.id, row.wrapped_key).open(f"identifier/{row.kind}", row.sealed_value) for row in rows
    }
