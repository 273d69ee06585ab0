"""Many open cases at once, as rows, for what counts and lists them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import insert

from rightsflow.cases.app import App
from rightsflow.store.tables import CaseRow


def put_many(app: App, count: int, owner: Callable[[int], str] = lambda _: "case_owner", **changes: Any) -> None:
    """Put erasures into the store that wait for approval, spread over all groups of the board as of today.

    Args:
        app: Whose store.
        count: How many.
        owner: Who is responsible for the case of a number.
        changes: Columns that are to be otherwise.
    """

    def row(number: int) -> dict[str, Any]:
        case_id, work_to_on = f"DSR-2026-{number:06d}", app.today + timedelta(days=number % 40 - 10)
        return {
            "id": case_id,
            "right": "erasure",
            "state": "awaiting approval",
            "channel": "e-mail",
            "opened_by": "Olga Opener",
            "owner": owner(number),
            "received_at": now,
            "opened_at": now,
            "state_since": now,
            "regime": "gdpr",
            "rule_version": "1",
            "due_on": work_to_on + timedelta(days=2),
            "due_at": now,
            "safe_due_on": work_to_on,
            "work_to_on": work_to_on,
            "explanation": "",
            "wrapped_key": app.store._master.new_case_key(case_id)[1],
            "suspended_since": now if number % 25 == 1 else None,
        } | changes

    now = app.now()
    with app.store.database.transaction() as session:
        session.execute(insert(CaseRow), [row(number) for number in range(count)])
