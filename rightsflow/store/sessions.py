"""Sign-in sessions and failed attempts: the store's interface for the rest of the software."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from rightsflow.domain.accounts import FORGOTTEN_AFTER, is_over, locked_until
from rightsflow.domain.people import Proof
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.database import insert_unless_there
from rightsflow.store.tables import FailedAttemptRow, SessionRow
from rightsflow.store.vault_keys import KeyedPart

NOTHING_SAID: Final[Mapping[str, str]] = MappingProxyType({})
"""The claims of a proof without an identity provider."""
_NOTED_EVERY: Final = timedelta(minutes=1)
"""Not with each request: noting one is a write."""
_REMEMBERED: Final = timedelta(hours=12)
"""The time for which a session's person is remembered: a form sent too late is stored for that person alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownSession:
    """A browser in which a person is signed in.

    Args:
        person: Who, by their key in the configuration.
        proof: How they signed in.
        made_at: When (aware).
        ends_at: When it ends in any case (aware).
        stepped_up_at: When they last proved it afresh (aware), or ``None``.
    """

    person: str
    proof: Proof
    made_at: datetime
    ends_at: datetime
    stepped_up_at: datetime | None


class Sessions(KeyedPart):
    """Sessions by the hashes of their tokens, and failed attempts by keyed hashes of the names."""

    def begin(
        self,
        token_hash: str,
        person: str,
        proof: Proof,
        *,
        proved_at: datetime | None,
        lasts: timedelta,
        by: str,
        how: Mapping[str, str] = NOTHING_SAID,
    ) -> None:
        """Store a new session, and delete ended ones.

        Args:
            token_hash: The SHA-256 of its token, hexadecimal.
            person: Who signed in, by their key.
            proof: How.
            proved_at: When they proved it (aware); ``None`` where that is not known, so that it counts as long ago.
            lasts: Until it ends in any case.
            by: The person's name, for the ledger.
            how: What an identity provider said of the proof, in its words, by their names.
        """
        now = self._now()
        with self._database.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.ends_at <= now - _REMEMBERED))
            session.add(
                SessionRow(
                    token_hash=token_hash,
                    person=person,
                    proof=proof.value,
                    made_at=now,
                    seen_at=now,
                    ends_at=now + lasts,
                    stepped_up_at=proved_at,
                )
            )
            append_own(session, now, StoreEvent.SIGNED_IN, actor=by, details={"person": person, **how})

    def note_proof(self, person: str, *, by: str, how: Mapping[str, str]) -> None:
        """Note in the ledger that a person re-authenticated at an identity provider.

        Args:
            person: Who, by their key.
            by: Their name.
            how: What the provider said of it, in its words, by their names.
        """
        with self._database.transaction() as session:
            details = {"person": person, **how}
            append_own(session, self._now(), StoreEvent.PROVED_AFRESH, actor=by, details=details)

    def known(self, token_hash: str, *, idle: timedelta, goes_on: bool = True) -> KnownSession | None:
        """Return the session of a token and prolong it; ``None`` where there is none, or it has ended.

        Args:
            token_hash: The SHA-256 of the token, hexadecimal.
            idle: For how long it may idle.
            goes_on: Whether the session goes on by that: not by what a page asks by itself.
        """
        now = self._now()
        with self._database.reading() as session:
            row = session.get(SessionRow, token_hash)
            if row is None or is_over(seen_at=row.seen_at, ends_at=row.ends_at, now=now, idle=idle):
                return None
            session_of_token = KnownSession(
                person=row.person,
                proof=Proof(row.proof),
                made_at=row.made_at,
                ends_at=row.ends_at,
                stepped_up_at=row.stepped_up_at,
            )
            is_due = now - row.seen_at >= _NOTED_EVERY
        if is_due and goes_on:
            self._set(token_hash, seen_at=now)
        return session_of_token

    def person_of(self, token_hash: str) -> str | None:
        """Return the person (their key) of a present or past session; ``None`` after sign-out or long after its end.

        Args:
            token_hash: The SHA-256 of its token, hexadecimal.
        """
        with self._database.reading() as session:
            row = session.get(SessionRow, token_hash)
            return row.person if row else None

    def step_up(self, token_hash: str) -> None:
        """Note that the person re-authenticated.

        Args:
            token_hash: The SHA-256 of the session's token, hexadecimal.
        """
        self._set(token_hash, stepped_up_at=self._now())

    def _set(self, token_hash: str, **values: datetime) -> None:
        with self._database.passing() as session:
            session.execute(update(SessionRow).where(SessionRow.token_hash == token_hash).values(values))

    def end(self, token_hash: str) -> None:
        """End a session.

        Args:
            token_hash: The SHA-256 of its token, hexadecimal.
        """
        with self._database.transaction() as session:
            session.execute(delete(SessionRow).where(SessionRow.token_hash == token_hash))

    def end_all(self, person: str, *, by: str) -> int:
        """End every session of a person; returns how many there were.

        Args:
            person: Whose, by their key.
            by: Who ends them, for the ledger.
        """
        with self._database.transaction() as session:
            hashes = list(session.scalars(select(SessionRow.token_hash).where(SessionRow.person == person)))
            session.execute(delete(SessionRow).where(SessionRow.person == person))
            details = {"person": person, "sessions": len(hashes)}
            append_own(session, self._now(), StoreEvent.SIGNED_OUT, actor=by, details=details)
            return len(hashes)

    def begin_attempt(self, counted: Mapping[str, int]) -> datetime | None:
        """Count an attempt as failed before it is looked at, so that of many at once not all are free.

        Args:
            counted: Under which names it is counted, with how many are free under each; they need not be anybody's.

        Returns:
            Until when no one is let in under one of them (aware), and nothing was counted; ``None`` where it may be
            tried.
        """
        now = self._now()
        with self._database.transaction() as session:
            # Attempts that no longer count are deleted: a name and an address may be a person's.
            session.execute(delete(FailedAttemptRow).where(FailedAttemptRow.failed_at <= now - FORGOTTEN_AFTER))
            # In one order, so that no two that are tried at once wait for each other.
            hashes = sorted((self._hash(session, name), free) for name, free in counted.items())
            rows = [(self._attempts(session, hash_, now), free) for hash_, free in hashes]
            until = max(locked_until(row.failures, row.failed_at, free) for row, free in rows)
            if until > now:
                return until
            for row, _ in rows:
                row.failures, row.failed_at = row.failures + 1, now
        return None

    def _attempts(self, session: Session, name_hash: str, now: datetime) -> FailedAttemptRow:
        none_yet = {"name_hash": name_hash, "failures": 0, "failed_at": now}
        session.execute(insert_unless_there(session, FailedAttemptRow, none_yet))
        return session.get_one(FailedAttemptRow, name_hash, with_for_update=True)

    def forget_failures(self, counted: Mapping[str, int]) -> None:
        """Count from the beginning again.

        Args:
            counted: The names, as :meth:`begin_attempt` was given them.
        """
        with self._database.transaction() as session:
            hashes = [self._hash(session, name) for name in counted]
            session.execute(delete(FailedAttemptRow).where(FailedAttemptRow.name_hash.in_(hashes)))

    def signed(self, text: str) -> str:
        """Return a keyed hash that only this store can compute; it proves that a cookie was issued here."""
        with self._database.reading() as session:
            return self._keyring(session).blind_index("known-browser", text)

    def _hash(self, session: Session, name: str) -> str:
        return self._keyring(session).blind_index("sign-in", name)
