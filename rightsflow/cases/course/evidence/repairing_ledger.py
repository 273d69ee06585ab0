"""The repair of a ledger that is not whole: two people accept its faults, and sealing goes on."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting
from rightsflow.domain.wording import counted


def propose_repair(app: App, *, by: str) -> str:
    """Propose to seal the ledger in spite of its faults; return that in a sentence.

    Args:
        app: What it works with.
        by: The person who has looked into them.

    Raises:
        BadInput: The name is missing, there are no faults, or too many.
        Conflict: Here people act signed in.
    """
    count = app.store.seals.propose_repair(by=acting(app, by))
    return f"{counted(count, 'fault')} proposed; a second person has to accept the same ones."


def accept_repair(app: App, *, by: str) -> str:
    """Accept the faults that another person proposed to accept; return that in a sentence.

    Args:
        app: What it works with.
        by: The second person.

    Raises:
        BadInput: The name is missing.
        Conflict: Nothing is proposed, the faults are others by now, or the same person proposed them; or here people
            act signed in.
    """
    count = app.store.seals.accept_repair(by=acting(app, by))
    return f"{counted(count, 'fault')} accepted and noted in the ledger; the next seal is made in spite of them."
