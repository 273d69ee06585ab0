"""Separation of sign-ins: two people are behind every sign-in that replaces one, and behind every approval. Pure.

Four eyes are two people's only as long as neither can sign in as the other. A person who manages the others makes their
sign-ins, and so could be all of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import same_person
from rightsflow.domain.roles import Permission, Role, permissions
from rightsflow.domain.vocabulary.events import CaseEvent

KEPT_APART: Final = timedelta(days=7)
"""For how long an account approves no case that was opened or prepared by a person who invited to it."""
PREPARING: Final = frozenset(
    {
        CaseEvent.CASE_OPENED,
        CaseEvent.REQUEST_JOINED,
        CaseEvent.DECISION_RECORDED,
        CaseEvent.REFUSAL_PROPOSED,
        CaseEvent.NEW_SEARCH_ORDERED,
        CaseEvent.PACKAGE_SENT_BACK,
        CaseEvent.CORRECTIONS_DECIDED,
        CaseEvent.COPIES_LEFT_OUT,
        CaseEvent.MASKS_DECIDED,
        CaseEvent.RECORD_TAKEN_IN,
        CaseEvent.RECORD_LEFT_AGAIN,
        CaseEvent.LETTER_EDITED,
    }
)
"""Acts that prepare a case before its approval."""
_CASEWORK: Final = frozenset(
    {
        Permission.OPEN_CASES,
        Permission.CHECK_IDENTITY,
        Permission.HANDLE_CASES,
        Permission.PREPARE_PACKAGE,
        Permission.APPROVE,
    }
)


@dataclass(frozen=True, slots=True)
class Entrusted:
    """An account that is younger than :data:`KEPT_APART`.

    Args:
        since: When it was set up (aware).
        by: The names of those who invited to it, or approved that.
    """

    since: datetime
    by: tuple[str, ...]

    @property
    def note(self) -> dict[str, str]:
        """Note on this account in the ledger entry of an approval."""
        return {"account_since": self.since.isoformat(timespec="seconds"), "account_invited_by": ", ".join(self.by)}


def is_one_person_too_many(roles: Iterable[Role]) -> bool:
    """Return whether roles let one person work on cases and make the sign-ins of the others.

    Args:
        roles: The person's roles.
    """
    may = permissions(roles)
    return Permission.MANAGE_PEOPLE in may and not _CASEWORK.isdisjoint(may)


def refuse_unapproved(*, is_signed_in: bool, is_approved: bool) -> None:
    """Refuse that an invitation replaces a sign-in that a person has.

    Args:
        is_signed_in: Whether the person proved in the same browser, just now, that the old sign-in is theirs.
        is_approved: Whether a second admin approved the invitation.

    Raises:
        BadInput: Neither.
    """
    if not (is_signed_in or is_approved):
        raise BadInput(
            "This invitation replaces a sign-in. Sign in with the old one in this browser first, or ask a second "
            "admin to approve the invitation."
        )


def refuse_own_invitation(by: str, *, invited_by: str, name: str) -> None:
    """Refuse that an invitation is approved by the person who made it, or by the person it is for.

    Args:
        by: The person who approves.
        invited_by: The person who invited.
        name: The person whom it is for.

    Raises:
        Conflict: It is one of these.
    """
    if same_person(by, invited_by) or same_person(by, name):
        raise Conflict("A second admin has to approve this invitation, not the person who made it or whom it is for.")


def refuse_entrusted(entrusted: Entrusted, *, prepared_by: Collection[str]) -> None:
    """Refuse an approval by an account that a person invited who opened or prepared the case.

    Args:
        entrusted: The account of the person who approves.
        prepared_by: Everybody who opened or prepared the case.

    Raises:
        Conflict: One of them invited to the account, or approved that.
    """
    if any(same_person(item, other) for item in entrusted.by for other in prepared_by):
        raise Conflict(
            f"A person who opened or prepared this case invited you within the last {KEPT_APART.days} days, so another "
            "person has to approve it (four eyes)."
        )
