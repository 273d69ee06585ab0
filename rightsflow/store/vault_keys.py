"""The keys of the whole store, wrapped by the master key: for keyed hashes, for forms, for seals.

A rotation rewraps these keys first. So each key is wrapped after a look here, under a lock, for the store's master key:
a process that only has the key before makes nothing that would be lost with it.

Several locks are taken in one order, so that no two transactions wait for each other: the case, these keys
(first the one that is named first, the index key), the ledger's own chain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from rightsflow.domain.errors import Misconfigured
from rightsflow.store.database import Database, insert_unless_there
from rightsflow.store.tables import CaseRow, VaultKeyRow
from rightsflow.vault import Keyring, MasterKey
from rightsflow.vault.sealing import LOST_KEY

INDEX, INTAKE = "index", "intake"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class VaultKey:
    """A key of the store.

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

    Raises:
        Misconfigured: The store is wrapped by another master key.
    """
    lock_wrapper(session, master, now)
    row = VaultKeyRow(
        name=name, wrapped=master.wrap(name, secret), wrapped_by=master.fingerprint, public=public, created_at=now
    )
    session.add(row)
    session.flush()


def keys_named(session: Session, master: MasterKey, prefix: str) -> Iterator[VaultKey]:
    """Return the keys whose names have this prefix, oldest first.

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


def read_keyring(session: Session, master: MasterKey) -> Keyring | None:
    """Return the store's keyring for keyed hashes; ``None`` if the store never hashed anything.

    Raises:
        Misconfigured: It was wrapped by another master key.
    """
    rows = session.execute(select(VaultKeyRow.name, VaultKeyRow.wrapped).where(VaultKeyRow.name.in_([INDEX, INTAKE])))
    keys = {row.name: master.unwrap_named(row.name, row.wrapped) for row in rows}
    return Keyring(index=keys[INDEX], intake=keys[INTAKE]) if keys else None


def keyring_of(session: Session, master: MasterKey, now: datetime) -> Keyring:
    """Return the store's keyring for keyed hashes, created with the master key on first use.

    Of several that find none at the same moment, the first stores it and the others read that.

    Raises:
        Misconfigured: The store was made with another master key.
    """
    present = read_keyring(session, master)
    if present is not None:
        return present
    refuse_another_key(session, master)
    store_first_keyring(session, master, now)
    stored = read_keyring(session, master)
    if stored is None:
        raise RuntimeError("the keyring was not stored")
    return stored


def store_first_keyring(session: Session, master: MasterKey, now: datetime) -> None:
    """Store a new keyring made with the master key; a keyring that another process stored meanwhile stays.

    Raises:
        Misconfigured: A case was made with another master key.
    """
    _refuse_another_unnoted(session, master.oldest)
    first = master.first_keyring()
    for name, secret in ((INDEX, first.index), (INTAKE, first.intake)):
        session.execute(insert_unless_there(session, VaultKeyRow, _key_values(master, name, secret, now)))


def _key_values(master: MasterKey, name: str, secret: bytes, now: datetime) -> dict[str, object]:
    return {
        "name": name,
        "wrapped": master.wrap(name, secret),
        "wrapped_by": master.fingerprint,
        "created_at": now,
    }


def key_made_once(session: Session, master: MasterKey, name: str, secret: bytes, now: datetime) -> None:
    """Store a key under its name unless there is one: of several that find none at one moment, one's is stored.

    Args:
        session: The open transaction.
        master: Wraps it.
        name: What it is for.
        secret: The key.
        now: The present instant (aware).

    Raises:
        Misconfigured: The store is wrapped by another master key.
    """
    lock_wrapper(session, master, now)
    session.execute(insert_unless_there(session, VaultKeyRow, _key_values(master, name, secret, now)))


def lock_wrapper(session: Session, master: MasterKey, now: datetime) -> None:
    """Make sure that the store is wrapped by this master key until the transaction ends.

    Raises:
        Misconfigured: It is wrapped by another one: this process was started before a rotation, or has a wrong key.
    """
    wrapper = hold_wrapper(session)
    if wrapper is None:
        keyring_of(session, master, now)
        wrapper = hold_wrapper(session)
    if wrapper not in master.fingerprints:
        raise Misconfigured(LOST_KEY)


def hold_wrapper(session: Session) -> str | None:
    """Let no rotation begin until the transaction ends; returns which master key wraps the store, if one does yet."""
    query = select(VaultKeyRow.wrapped_by).where(VaultKeyRow.name == INDEX).with_for_update(read=True)
    return session.scalar(query)


def refuse_another_key(session: Session, master: MasterKey) -> None:
    """Find out whether every key of the store was wrapped by this master key, without reading each.

    Raises:
        Misconfigured: One was wrapped by another.
    """
    noted = {*session.scalars(select(VaultKeyRow.wrapped_by)), *case_wrappers(session)} - {""}
    if not noted <= set(master.fingerprints):
        raise Misconfigured(LOST_KEY)
    _refuse_another_unnoted(session, master)


def case_wrappers(session: Session) -> Iterator[str]:
    """Yield the fingerprints of the master keys that wrap the cases' keys, with one index look-up each."""
    scalar = session.scalar(select(func.min(CaseRow.wrapped_by)))
    while scalar is not None:
        yield scalar
        scalar = session.scalar(select(func.min(CaseRow.wrapped_by)).where(CaseRow.wrapped_by > scalar))


def _refuse_another_unnoted(session: Session, master: MasterKey) -> None:
    row = session.execute(select(CaseRow.id, CaseRow.wrapped_key).where(CaseRow.wrapped_by == "").limit(1)).first()
    if row is not None:
        master.unwrap(row.id, row.wrapped_key)


class KeyedPart:
    """A part of the case store that encrypts its data or computes keyed hashes of them.

    Args:
        database: Where it lies.
        now: Gives the present instant (aware).
        keyring: Gives the store's keys in an open transaction.
    """

    def __init__(self, database: Database, now: Callable[[], datetime], keyring: Callable[[Session], Keyring]) -> None:
        self._database = database
        self._now = now
        self._keyring = keyring
