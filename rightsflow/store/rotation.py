"""The keys of the store: listed, and rewrapped by a new master key; nothing that they encrypt is touched."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import read_entry
from rightsflow.domain.errors import Conflict, Misconfigured
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.coordination import leases
from rightsflow.store.core.case_ledger import OWN_CHAIN, append_own
from rightsflow.store.core.context import LeaseClock
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseRow, LeaseRow, LedgerRow, VaultKeyRow
from rightsflow.store.vault_keys import case_wrappers, refuse_another_key, store_first_keyring
from rightsflow.vault import MasterKey

BATCH = 500
ROTATED = StoreEvent.MASTER_KEY_ROTATED


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """A rotation that is through.

    Args:
        before: The fingerprint of the key that was replaced.
        present: The fingerprint of the one that wraps now.
        cases: How many cases it wraps.
    """

    before: str
    present: str
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyLine:
    """A key of the store as people may see it.

    Args:
        name: What it is for.
        wrapped_by: The fingerprint of the master key that wraps it.
        created_at: When it was made (aware).
        retired_at: From when it is not used any more (aware), or ``None``.
        public: Of a signing key, the half that anybody may have, hexadecimal; otherwise empty.
    """

    name: str
    wrapped_by: str
    created_at: datetime
    retired_at: datetime | None
    public: str


def change_master_key(
    database: Database, now: datetime, load: Callable[[], MasterKey], put_new: Callable[[], None]
) -> MasterKey:
    """Let a new master key take the old one's place, alone: of two that rotate at once, the second goes on.

    Args:
        database: The case store.
        now: The present instant (aware).
        load: Reads the master key, with the one before while there is one.
        put_new: Puts a new key in its place and keeps the one before; changes nothing where that is done already.

    Returns:
        The new key, with the one before.

    Raises:
        Conflict: A case is being worked on.
        Misconfigured: The key is not the store's, or no new one was given.
        Transient: The database does not answer.
    """
    with database.transaction() as session:
        if not _lock_vault_keys(session):
            # Without one there is nothing to lock, and two could rotate at once.
            store_first_keyring(session, load(), now)
            _lock_vault_keys(session)
        refuse_another_key(session, load())
        _refuse_while_worked_on(session, now)
        put_new()
        renewed = load()
        if len(renewed.fingerprints) == 1:
            raise Misconfigured(
                "There is no new master key to change to; let RIGHTSFLOW_MASTER_KEY name the new one and "
                "RIGHTSFLOW_MASTER_KEY_BEFORE the old one."
            )
        _rewrap_vault_keys(session, renewed)
        return renewed


def rewrap_cases(database: Database, master: MasterKey, *, batch: int = BATCH) -> Iterator[int]:
    """Rewrap the keys of all cases wrapped by another master key; yield the number after each batch.

    Args:
        database: The case store.
        master: The new key, with the one before.
        batch: How many cases at most in one transaction.

    Raises:
        Misconfigured: A case's key is wrapped by neither.
        Transient: The database does not answer.
    """
    after = ""
    while True:
        with database.transaction() as session:
            ids = _rewrap_some(session, master, after, batch)
        if not ids:
            return
        after = ids[-1]
        yield len(ids)


def conclude(
    database: Database, master: MasterKey, now: datetime, drop_before: Callable[[], None], *, actor: str
) -> Rotated:
    """Make sure that nothing needs the key before any more, note the rotation in the ledger, once, and drop that key.

    Args:
        database: The case store.
        master: The new key, with the one before.
        now: The present instant (aware).
        drop_before: Deletes the key before; it may be gone already.
        actor: Who rotates.

    Raises:
        Conflict: Something is still wrapped by another key.
        Transient: The database does not answer.
    """
    with database.transaction() as session:
        _refuse_unless_through(session, master)
        rotated = Rotated(
            before=master.fingerprints[1],
            present=master.fingerprint,
            cases=session.scalar(select(func.count()).select_from(CaseRow)) or 0,
        )
        if _last_rotation_to(session) != rotated.present:
            details = {"from": rotated.before, "to": rotated.present, "cases": rotated.cases}
            append_own(session, now, ROTATED, actor=actor, details=details)
    with database.transaction() as session:
        # Once more: by now the key before may be the one that a further rotation replaces.
        _refuse_unless_through(session, master)
        drop_before()
    return rotated


def key_lines(session: Session) -> list[KeyLine]:
    """Return the keys of the store without their secrets, oldest first."""
    columns = (VaultKeyRow.name, VaultKeyRow.wrapped_by, VaultKeyRow.created_at, VaultKeyRow.retired_at)
    rows = session.execute(select(*columns, VaultKeyRow.public).order_by(VaultKeyRow.created_at, VaultKeyRow.name))
    return [
        KeyLine(
            name=row.name,
            wrapped_by=row.wrapped_by,
            created_at=row.created_at,
            retired_at=row.retired_at,
            public=row.public,
        )
        for row in rows
    ]


def cases_by_wrapper(session: Session) -> dict[str, int]:
    """Count the cases by the fingerprint of the master key that wraps their keys; empty where none was noted."""
    rows = session.execute(select(CaseRow.wrapped_by, func.count()).group_by(CaseRow.wrapped_by))
    return {row[0]: row[1] for row in rows}


def _lock_vault_keys(session: Session) -> bool:
    """Lock out other rotations and the wrapping of new keys, see ``lock_wrapper``; return whether there are keys."""
    return bool(session.scalars(select(VaultKeyRow.name).order_by(VaultKeyRow.name).with_for_update()).all())


def _refuse_unless_through(session: Session, master: MasterKey) -> None:
    _lock_vault_keys(session)
    wrappers = {*case_wrappers(session), *session.scalars(select(VaultKeyRow.wrapped_by))}
    if wrappers - {master.fingerprint}:
        raise Conflict("Not every key is rewrapped yet; run `rightsflow keys rotate` again to go on.")


def _refuse_while_worked_on(session: Session, now: datetime) -> None:
    clock = LeaseClock(lambda: now)
    held = [row for row in session.scalars(select(LeaseRow.case_id)) if leases.is_held(session, row, clock)]
    if held:
        raise Conflict(
            f"Case {min(held)} is being worked on, with the key of now; stop `rightsflow up` and the runs, "
            "or wait until they are through, and rotate then."
        )


def _rewrap_vault_keys(session: Session, master: MasterKey) -> None:
    for row in session.scalars(select(VaultKeyRow).where(VaultKeyRow.wrapped_by != master.fingerprint)):
        row.wrapped = master.wrap(row.name, master.unwrap_named(row.name, row.wrapped))
        row.wrapped_by = master.fingerprint
    session.flush()


def _rewrap_some(session: Session, master: MasterKey, after: str, batch: int) -> list[str]:
    query = (
        select(CaseRow.id, CaseRow.wrapped_key)
        .where(
            CaseRow.id > after,
            or_(CaseRow.wrapped_by < master.fingerprint, CaseRow.wrapped_by > master.fingerprint),
        )
        .order_by(CaseRow.id)
        .limit(batch)
        .with_for_update()
    )
    rows = session.execute(query).all()
    values = [
        {"id": case_id, "wrapped_key": _rewrapped(master, case_id, wrapped), "wrapped_by": master.fingerprint}
        for case_id, wrapped in rows
    ]
    if values:
        session.execute(update(CaseRow), values)
    return [case_id for case_id, _ in rows]


def _rewrapped(master: MasterKey, case_id: str, wrapped: bytes) -> bytes:
    try:
        return master.wrap_case(master.unwrap(case_id, wrapped))
    except Misconfigured:
        raise Misconfigured(
            f"Neither the new master key nor the one before opens case {case_id}; restore that case from a backup, or "
            "the key that it was made with. Nothing is lost: both keys stay until every case is rewrapped."
        ) from None


def _last_rotation_to(session: Session) -> str | None:
    """Return the key that the last rotation in the ledger went to, even if that rotation was killed at its end."""
    query = (
        select(LedgerRow.body)
        .where(LedgerRow.chain == OWN_CHAIN, LedgerRow.body.contains(f'"event":"{ROTATED}"'))
        .order_by(LedgerRow.number.desc())
        .limit(1)
    )
    body = session.scalar(query)
    return str(read_entry(body).details.get("to")) if body else None


class KeyChanges:
    """The keys of one store.

    Args:
        database: Where they lie, wrapped.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def lines(self) -> tuple[list[KeyLine], Mapping[str, int]]:
        """Return the keys without their secrets, and the number of cases that each master key wraps, by fingerprint."""
        with self._database.transaction() as session:
            return key_lines(session), cases_by_wrapper(session)

    def change(self, load: Callable[[], MasterKey], put_new: Callable[[], None]) -> MasterKey:
        """Let a new master key take the old one's place; as :func:`rightsflow.store.rotation.change_master_key`."""
        return change_master_key(self._database, self._now(), load, put_new)

    def rewrap(self, master: MasterKey) -> Iterator[int]:
        """Rewrap keys wrapped by another master key; yield the number of cases after each batch."""
        return rewrap_cases(self._database, master)

    def conclude(self, master: MasterKey, drop_before: Callable[[], None], *, actor: str) -> Rotated:
        """Note the rotation and drop the key before; as :func:`rightsflow.store.rotation.conclude`."""
        return conclude(self._database, master, self._now(), drop_before, actor=actor)
