"""Drafts of forms that were sent after the session had ended, stored until the same person signs in again.

A draft is encrypted, lasts half an hour, and is returned only to the same person in the same browser: it belongs to
the token of the session that ended, and then to the token of the session that replaces it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Final

from rightsflow.signin.members import Member
from rightsflow.signin.session_door import SessionDoor, hashed

LASTS: Final = timedelta(minutes=30)
"""For how long what was typed is kept."""
_PURPOSE: Final = "draft"
_MOST_BYTES: Final = 500_000
_NOT_KEPT: Final = frozenset({"token", "code", "password", "again", "passkey", "new_passkey"})
"""The fields that prove a person's identity or a form's origin; these are typed anew."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A form as it was sent.

    Args:
        page: The path of the page with the form, with its query.
        sent_to: Where the form was sent.
        fields: What was typed, by the fields' names.
    """

    page: str
    sent_to: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)


class Drafts:
    """The stored drafts of forms that came too late.

    Args:
        sessions: The sessions.
    """

    def __init__(self, sessions: SessionDoor) -> None:
        self._sessions = sessions

    def keep(self, token: str, draft: Draft) -> bool:
        """Store a form of an ended session; return whether it was stored.

        Args:
            token: The ended session's token.
            draft: The form.
        """
        person = self._person_of(token)
        fields = tuple((name, value) for name, value in draft.fields if name not in _NOT_KEPT)
        if person is None or not any(value.strip() for _, value in fields):
            return False
        kept = json.dumps({"person": person, **asdict(Draft(draft.page, draft.sent_to, fields))}).encode()
        if len(kept) > _MOST_BYTES:
            return False
        self._sessions.store.challenges.keep(hashed(token), _PURPOSE, kept, lasts=LASTS)
        return True

    def is_of_a_session(self, token: str) -> bool:
        """Return whether a token belonged to a session, so that a form of it can be stored."""
        return self._person_of(token) is not None

    def _person_of(self, token: str) -> str | None:
        return self._sessions.store.sessions.person_of(hashed(token)) if token else None

    def follow(self, old: str, new: str, member: Member) -> str:
        """Move a draft to the session that follows; return the page that it belongs to, or an empty text.

        Args:
            old: The token of the session that ended.
            new: That of the one that follows in the same browser.
            member: Who signed in.
        """
        kept = self._sessions.store.challenges.take(hashed(old), _PURPOSE) if old else None
        if kept is None or json.loads(kept)["person"] != member.key:
            return ""
        self._sessions.store.challenges.keep(hashed(new), _PURPOSE, kept, lasts=LASTS)
        return str(json.loads(kept)["page"])

    def of(self, token: str) -> Draft | None:
        """Return the draft stored with a session, or ``None``.

        Args:
            token: The session's token.
        """
        kept = self._sessions.store.challenges.seen(hashed(token), _PURPOSE)
        if kept is None:
            return None
        said = json.loads(kept)
        return Draft(said["page"], said["sent_to"], tuple((name, value) for name, value in said["fields"]))

    def drop(self, token: str) -> None:
        """Delete the draft of a session after it was sent.

        Args:
            token: The session's token.
        """
        self._sessions.store.challenges.take(hashed(token), _PURPOSE)
