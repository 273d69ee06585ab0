"""The suppression list, over all cases: keyed hashes under a key of their own, wrapped like the store's others."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from rightsflow.domain.erasure.suppression import Suppression, SuppressionReason, listable
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.case.identifiers import KnownIdentifiers
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.core.context import Context
from rightsflow.store.database import Database
from rightsflow.store.tables import SuppressionRow
from rightsflow.store.vault_keys import key_made_once, keys_named
from rightsflow.vault import MasterKey
from rightsflow.vault.sealing import KEY_BYTES, keyed_hash

KEY: Final = "suppression"
"""The name of the list's key in the store. Hashes looked up elsewhere cannot be compared with the list."""
_AT_ONCE: Final = 500
_ANY: Final = select(SuppressionRow.id).limit(1)


class Suppressions:
    """The list.

    Args:
        database: Where it lies.
        master: Opens its key.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, master: MasterKey, now: Callable[[], datetime]) -> None:
        self._database = database
        self._master = master
        self._now = now

    def add(self, identifiers: Collection[Identifier], entry: Suppression, *, by: str) -> int:
        """Add addresses of one person to the list; return how many were not on it for this reason or until then.

        Args:
            identifiers: The addresses and numbers, normalised.
            entry: Why, since when and until when; its kind is that of each address.
            by: Who does it.
        """
        with self._database.transaction() as session:
            key = self._key_to_write(session)
            changed = [
                identifier for identifier in identifiers if _put(session, _digest(key, identifier), identifier, entry)
            ]
            if changed:
                details = {
                    "kinds": sorted(identifier.kind.value for identifier in changed),
                    "reason": entry.reason.value,
                    "until": entry.until.isoformat() if entry.until else None,
                } | ({"case": entry.case_id} if entry.case_id else {})
                append_own(session, self._now(), StoreEvent.SUPPRESSION_ADDED, actor=by, details=details)
            return len(changed)

    def remove(self, identifiers: Collection[Identifier], reason_hash: str, *, by: str) -> int:
        """Remove addresses of one person from the list, whatever their reason; return the number of removed entries.

        Args:
            identifiers: The addresses and numbers, normalised.
            reason_hash: The keyed hash of why, for the ledger.
            by: Who does it.
        """
        with self._database.transaction() as session:
            digests = self._digests(session, identifiers)
            rows = session.scalars(select(SuppressionRow).where(SuppressionRow.digest.in_(digests))).all()
            for row in rows:
                session.delete(row)
            if rows:
                details = {"kinds": sorted(row.kind for row in rows), "reason": reason_hash}
                append_own(session, self._now(), StoreEvent.SUPPRESSION_REMOVED, actor=by, details=details)
            return len(rows)

    def are_listed(self, identifiers: Sequence[Identifier], today: date) -> list[bool]:
        """Return whether each address is on the list today; every address is looked up in the same way, listed or not.

        Args:
            identifiers: The addresses and numbers, normalised.
            today: The present day in the controller's zone.
        """
        listed: list[bool] = []
        for start in range(0, len(identifiers), _AT_ONCE):
            with self._database.reading() as session:
                digests = self._digests(session, identifiers[start : start + _AT_ONCE])
                rows = session.execute(
                    select(SuppressionRow.digest, SuppressionRow.until).where(SuppressionRow.digest.in_(digests))
                )
                held = {row.digest for row in rows if row.until is None or today <= row.until}
            listed += [digest in held for digest in digests] or [False] * len(identifiers[start : start + _AT_ONCE])
        return listed

    def counts(self, today: date) -> dict[SuppressionReason, int]:
        """Count the addresses on the list today, by reason.

        Args:
            today: The present day in the controller's zone.
        """
        with self._database.reading() as session:
            query = select(SuppressionRow.reason, func.count()).group_by(SuppressionRow.reason)
            holds = SuppressionRow.until.is_(None) | (SuppressionRow.until >= today)
            held = dict(session.execute(query.where(holds)).all())
        return {reason: held.get(reason.value, 0) for reason in SuppressionReason}

    def drop_over(self, today: date) -> int:
        """Delete the entries whose last day has passed; return their number.

        Args:
            today: The present day in the controller's zone.
        """
        with self._database.transaction() as session:
            # By one statement: a database takes so many values in one, and more entries may end on one day.
            return session.connection().execute(delete(SuppressionRow).where(SuppressionRow.until < today)).rowcount

    def _digests(self, session: Session, identifiers: Iterable[Identifier]) -> list[str]:
        """Return the hash of each, in order; none while there is no key, and so no list."""
        return _digests(_key(session, self._master), identifiers)

    def _key_to_write(self, session: Session) -> bytes:
        # With the lock that this takes no rotation begins until the transaction ends.
        key_made_once(session, self._master, KEY, os.urandom(KEY_BYTES), self._now())
        return _key(session, self._master)


class CaseSuppressions:
    """The list's entries for the person of one case.

    Args:
        context: The open transaction.
        identifiers: What the person is known by.
    """

    def __init__(self, context: Context, identifiers: KnownIdentifiers) -> None:
        self._context = context
        self._identifiers = identifiers

    def held(self, today: date) -> list[Suppression]:
        """Return today's entries for this person alone, in the order in which they were added.

        Args:
            today: The present day in the controller's zone.
        """
        session = self._context.session
        if session.connection().scalar(_ANY) is None:
            return []
        own = listable(self._identifiers.of_no_other())
        return _held(session, _digests(_key(session, self._context.master), own), today)


def _held(session: Session, digests: Sequence[str], today: date) -> list[Suppression]:
    query = select(SuppressionRow).where(SuppressionRow.digest.in_(digests)).order_by(SuppressionRow.id)
    return [row for row in map(_read, session.scalars(query)) if row.holds_on(today)]


def _key(session: Session, master: MasterKey) -> bytes:
    key = next((vault_key for vault_key in keys_named(session, master, KEY) if vault_key.name == KEY), None)
    return key.secret if key else b""


def _digests(key: bytes, identifiers: Iterable[Identifier]) -> list[str]:
    return [_digest(key, identifier) for identifier in identifiers] if key else []


def _digest(key: bytes, identifier: Identifier) -> str:
    return keyed_hash(key, identifier.kind.value.encode() + b"\x00" + identifier.value.encode())


def _put(session: Session, digest: str, identifier: Identifier, entry: Suppression) -> bool:
    query = select(SuppressionRow).where(SuppressionRow.digest == digest, SuppressionRow.reason == entry.reason.value)
    row = session.scalars(query.with_for_update()).one_or_none()
    if row is None:
        row = SuppressionRow(
            digest=digest,
            kind=identifier.kind.value,
            reason=entry.reason.value,
            added_on=entry.added_on,
            until=entry.until,
            case_id=entry.case_id,
        )
        session.add(row)
        session.flush()
        return True
    if row.until is None or (entry.until is not None and entry.until <= row.until):
        return False
    row.until, row.case_id = entry.until, entry.case_id
    return True


def _read(row: SuppressionRow) -> Suppression:
    return Suppression(
        kind=IdentifierKind.stored(row.kind),
        reason=SuppressionReason(row.reason),
        added_on=row.added_on,
        until=row.until,
        case_id=row.case_id,
    )
