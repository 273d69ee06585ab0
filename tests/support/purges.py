"""A purge behind the store's back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import text

from rightsflow.store import Store
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.tables import ChainRow
from tests.support.casework import Clock

DAY = timedelta(days=1)


def purge(store: Store, case_id: str, clock: Clock) -> None:
    with store.database.transaction() as session:
        head = head_of(session, case_id)
        details = {
            "case": case_id,
            "entries": head.number,
            "head": head.digest,
            "evidence_until": f"{clock() - DAY:%Y-%m-%d}",
        }
        append_own(session, clock(), "CasePurged", actor="rightsflow", details=details)
        row = session.get_one(ChainRow, case_id)
        row.purged_at = clock()
        session.flush()
        session.execute(text("DELETE FROM ledger WHERE chain = :c"), {"c": case_id})
        session.execute(text("DELETE FROM cases WHERE id = :c"), {"c": case_id})
