"""Evidence that is needed for longer than its period: held while a complaint or a claim is pending, then released."""

from __future__ import annotations

from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.domain.case.holds import refuse_hold
from rightsflow.domain.vocabulary.states import read_case_id


def hold_evidence(app: App, case_id: str, until: date | None, *, by: str, reason: str) -> str:
    """Keep the evidence of a case from being purged (Art. 17(3)(e) GDPR); returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed; open or closed.
        until: The last day on which it is held; ``None``: until that is lifted.
        by: Who holds it.
        reason: Which complaint or claim is pending; sealed.

    Raises:
        BadInput: There is no such case, the day is over, or something is missing.
    """
    proper = read_case_id(case_id)
    refuse_hold(until, today=app.today)
    with app.store.case_file(proper) as file:
        file.holding.place(until, by=acting(app, by, proper), reason=" ".join(reason.split()))
    how_long = f"until {until:%a %d %b %Y}" if until else "until that is lifted"
    return f"The evidence of {proper} is held {how_long}: no purge takes it away."


def release_evidence(app: App, case_id: str, *, by: str, reason: str) -> str:
    """Lift the hold on a case's evidence; returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who lifts it.
        reason: How the complaint or the claim ended; sealed.

    Raises:
        BadInput: There is no such case, or something is missing.
        Conflict: Its evidence is not held.
    """
    proper = read_case_id(case_id)
    with app.store.case_file(proper) as file:
        file.holding.lift(by=acting(app, by, proper), reason=" ".join(reason.split()))
    return f"The hold on {proper} is lifted: its evidence goes when its period is over."
