"""The keys that sign the seals: ``seal/1``, ``seal/2`` and so on, each for a while together with the one before.

What happens to them stands in the ledger's own chain, written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.audit.signing import SigningKey
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import MACHINE, OWN_CHAIN, append_own
from rightsflow.store.tables import ChainRow, VaultKeyRow
from rightsflow.store.vault_keys import hold_wrapper, keep_key, keys_named, lock_wrapper
from rightsflow.vault import MasterKey

MADE, RETIRED = StoreEvent.SEAL_KEY_MADE, StoreEvent.SEAL_KEY_RETIRED
_PREFIX = "seal/"


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """The public data of a signing key.

    Args:
        name: Its name.
        public: Its public half, hexadecimal.
        created_at: When it was made (aware).
        retired_at: From when it does not sign any more (aware), or ``None``.
    """

    name: str
    public: str
    created_at: datetime
    retired_at: datetime | None


def active_signing_keys(session: Session, master: MasterKey, now: datetime) -> dict[str, SigningKey]:
    """Return the keys that sign at an instant, by name.

    Args:
        session: The open transaction.
        master: Opens them.
        now: The instant (aware).

    Raises:
        Misconfigured: They were wrapped by another master key.
    """
    keys = keys_named(session, master, _PREFIX)
    return {key.name: SigningKey(key.secret) for key in keys if key.retired_at is None or key.retired_at > now}


def public_keys(session: Session) -> dict[str, str]:
    """Return the public halves of all keys that sign or ever signed, by name."""
    return {kept_key.name: kept_key.public for kept_key in kept_keys(session)}


def kept_keys(session: Session) -> Iterator[KeptKey]:
    """Yield the public data of all present and past signing keys."""
    columns = (VaultKeyRow.name, VaultKeyRow.public, VaultKeyRow.created_at, VaultKeyRow.retired_at)
    for row in session.execute(select(*columns).where(VaultKeyRow.name.startswith(_PREFIX))):
        yield KeptKey(name=row.name, public=row.public, created_at=row.created_at, retired_at=row.retired_at)


def first_key(session: Session, master: MasterKey, now: datetime) -> None:
    """Make the first key, unless there is one."""
    lock_wrapper(session, master, now)
    _lock(session)
    if not _rows(session):
        _make(session, master, now, 1, MACHINE)


def rotate_key(session: Session, master: MasterKey, now: datetime, *, actor: str) -> str:
    """Make the next key, which from now on signs together with the present ones.

    Args:
        session: The open transaction.
        master: Wraps it.
        now: The present instant (aware).
        actor: Who wants it.

    Returns:
        Its name.
    """
    lock_wrapper(session, master, now)
    _lock(session)
    return _make(session, master, now, len(_rows(session)) + 1, actor)


def retire_keys(session: Session, now: datetime, overlap: timedelta, sealed_by: Collection[str]) -> None:
    """Retire keys whose successor has signed together with them for long enough.

    A key stays as long as no seal bears its successor's signature too: from that seal on, one who trusts only the old
    key can trust the new one.

    Args:
        session: The open transaction.
        now: The present instant (aware).
        overlap: How long two keys sign together.
        sealed_by: The names of the keys that signed the last seal.
    """
    _lock(session)
    rows = _rows(session)
    for row, successor in pairwise(rows):
        over = successor.created_at + overlap <= now and successor.name in sealed_by
        if row.retired_at is None and over:
            row.retired_at = now
            append_own(session, now, RETIRED, actor=MACHINE, details={"key": row.name})


def _make(session: Session, master: MasterKey, now: datetime, number: int, actor: str) -> str:
    name, key = f"{_PREFIX}{number}", SigningKey.new()
    keep_key(session, master, name, key.secret, now, public=key.public)
    append_own(session, now, MADE, actor=actor, details={"key": name, "public": key.public})
    return name


def _lock(session: Session) -> None:
    """Lock the keys against changes until the transaction ends; in the order that ``vault_keys`` defines."""
    hold_wrapper(session)
    session.execute(select(ChainRow.chain).where(ChainRow.chain == OWN_CHAIN).with_for_update())


def _rows(session: Session) -> list[VaultKeyRow]:
    rows = session.scalars(select(VaultKeyRow).where(VaultKeyRow.name.startswith(_PREFIX)))
    return sorted(rows, key=lambda row: int(row.name.removeprefix(_PREFIX)))
