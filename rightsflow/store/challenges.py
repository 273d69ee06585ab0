"""Short-lived data of one browser: passkey challenges, sign-ins under way, forms whose input was refused."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete

from rightsflow.store.keyed_part import KeyedPart
from rightsflow.store.tables import ChallengeRow


class Challenges(KeyedPart):
    """Challenges by the hash of their browser's cookie; each is used once and replaced by a later one of its sort."""

    def keep(self, holder_hash: str, purpose: str, value: bytes, *, lasts: timedelta) -> None:
        """Store a challenge, and delete expired ones.

        Args:
            holder_hash: The SHA-256 of the browser's cookie, hexadecimal.
            purpose: What it is for.
            value: What has to be known when the answer comes.
            lasts: For how long it counts.
        """
        now = self._now()
        with self._database.transaction() as session:
            session.execute(delete(ChallengeRow).where(ChallengeRow.ends_at <= now))
            sealed = self._keyring(session).seal_intake(_bound_to(holder_hash, purpose), value)
            session.merge(
                ChallengeRow(holder_hash=holder_hash, purpose=purpose, sealed_value=sealed, ends_at=now + lasts)
            )

    def take(self, holder_hash: str, purpose: str) -> bytes | None:
        """Remove and return a challenge; ``None`` if there is none or it has expired.

        Args:
            holder_hash: The SHA-256 of the browser's cookie, hexadecimal.
            purpose: What it is for.
        """
        with self._database.transaction() as session:
            row = session.get(ChallengeRow, (holder_hash, purpose), with_for_update=True)
            if row is None:
                return None
            session.delete(row)
            if row.ends_at <= self._now():
                return None
            return self._keyring(session).open_intake(_bound_to(holder_hash, purpose), row.sealed_value)

    def seen(self, holder_hash: str, purpose: str) -> bytes | None:
        """Return a stored challenge without removing it; ``None`` if there is none or it has expired.

        Args:
            holder_hash: The SHA-256 of the browser's cookie, hexadecimal.
            purpose: What it is for.
        """
        with self._database.reading() as session:
            row = session.get(ChallengeRow, (holder_hash, purpose))
            if row is None or row.ends_at <= self._now():
                return None
            return self._keyring(session).open_intake(_bound_to(holder_hash, purpose), row.sealed_value)


def _bound_to(holder_hash: str, purpose: str) -> str:
    """The name under which a challenge is encrypted: it opens for no other browser, and for nothing else."""
    return f"challenge:{purpose}:{holder_hash}"
