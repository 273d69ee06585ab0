"""The keys of the whole store, wrapped by the master key: for keyed hashes, for forms, for seals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.store.tables import VaultKeyRow
from rightsflow.vault import MasterKey


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VaultKey:
    """One key of the store.

    Args:
        name: What it is for, such as ``index`` or ``seal/2``.
        secret: The key itself.
        public: Of a signing key, the half that anybody may have, hexadecimal.
        created_at: When it was made (aware).
        retired_at: From when it is not used any more (aware), or ``None``.
    """

    name: str
    secret: bytes
    public: str
    created_at: datetime
    retired_at: datetime | None


def keep_key(session: Session, master: MasterKey, name: str, secret: bytes, now: datetime, *, public: str = "") -> None:
    """Store a new key under a name that is not taken.

    Args:
        session: The open transaction.
        master: Wraps it.
        name: What it is for.
        secret: The key.
        now: The present instant (aware).
        public: Of a signing key, its public half, hexadecimal.
    """
    row = VaultKeyRow(
        name=name, wrapped=master.wrap(name, secret), wrapped_by=master.fingerprint, public=public, created_at=now
    )
    session.add(row)
    session.flush()


def keys_named(session: Session, master: MasterKey, prefix: str) -> Iterator[VaultKey]:
    """The keys whose names begin so, oldest first.

    Raises:
        Misconfigured: They were wrapped by another master key.
    """
    query = select(VaultKeyRow).where(VaultKeyRow.name.startswith(prefix, autoescape=True))
    for row in session.scalars(query.order_by(VaultKeyRow.created_at, VaultKeyRow.name)):
        yield VaultKey(
            name=row.name,
            secret=master.unwrap_named(row.name, row.wrapped),
            public=row.public,
            created_at=row.created_at,
            retired_at=row.retired_at,
        )
