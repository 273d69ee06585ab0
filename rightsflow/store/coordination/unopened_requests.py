"""Requests found in texts that are no case yet: noted, told of, ended; and up to when each system's texts were read."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.unopened import UnopenedAlert, UnopenedEnd, UnopenedRequest
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.domain.vocabulary.records import RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store.core.case_ledger import MACHINE, append_own
from rightsflow.store.tables import ReadTextsRow, UnopenedRequestRow
from rightsflow.store.vault_keys import KeyedPart
from rightsflow.vault.keys import Keyring

_ROW = UnopenedRequestRow
_OPEN: Final = select(_ROW).where(_ROW.ended_at.is_(None))


@dataclass(frozen=True, slots=True, kw_only=True)
class NewUnopened:
    """A request as it was found.

    Args:
        record: The record whose text it stands in.
        ticket: The ticket's number; empty if there is none.
        right: What seems to be asked for.
        is_sure: Whether it is one unless a person sees otherwise.
        language: The language of its words.
        span: The place of these words in the text.
        received_at: When the text arrived (aware).
    """

    record: RecordRef
    ticket: str = field(default="", repr=False)
    right: Right
    is_sure: bool
    language: str
    span: tuple[int, int]
    received_at: datetime


class UnopenedRequests(KeyedPart):
    """All found requests."""

    def read_to(self, system: str) -> datetime | None:
        """Return up to when the texts of a system were read; ``None`` if they never were.

        Args:
            system: The system.
        """
        with self._database.reading() as session:
            row = session.get(ReadTextsRow, system)
            return row.read_to if row else None

    def note_read(self, system: str, read_to: datetime) -> None:
        """Note up to when all texts of a system were read.

        Args:
            system: The system.
            read_to: The instant (aware); an earlier one than before changes nothing.
        """
        with self._database.transaction() as session:
            row = session.get(ReadTextsRow, system, with_for_update=True)
            if row is None:
                session.add(ReadTextsRow(system=system, read_to=read_to))
            elif row.read_to < read_to:
                row.read_to = read_to

    def note(self, system: str, found: Collection[NewUnopened]) -> int:
        """Note requests that were found; returns how many are new.

        A text that is noted already, whatever became of it, is not listed again, and no second request for the same
        right in a record while one is open: the earlier receipt stays.

        Args:
            system: The system.
            found: What was found there.
        """
        with self._database.transaction() as session:
            keyring, added = self._keyring(session), 0
            for one in sorted(found, key=lambda one: one.received_at):
                added += _add(session, keyring, one, self._now())
            if added:
                details = {"system": system, "requests": added}
                append_own(session, self._now(), StoreEvent.UNOPENED_REQUESTS_FOUND, actor=MACHINE, details=details)
            return added

    def open(self) -> list[UnopenedRequest]:
        """Return those on which no one has decided, the oldest receipt first."""
        with self._database.reading() as session:
            keyring = self._keyring(session)
            return [_read(row, keyring) for row in session.scalars(_OPEN.order_by(_ROW.received_at, _ROW.id))]

    def one(self, number: int) -> UnopenedRequest:
        """Return one on which no one has decided.

        Args:
            number: Its number.

        Raises:
            BadInput: There is none of that number.
            Conflict: It was decided on.
        """
        with self._database.reading() as session:
            return _read(_waiting(session, number), self._keyring(session))

    def note_shown(self, number: int, *, by: str) -> None:
        """Note that a person read the text of a found request.

        Args:
            number: The request.
            by: Who.

        Raises:
            BadInput: There is none of that number.
            Conflict: It was decided on.
        """
        with self._database.transaction() as session:
            details = {"request": number, "system": _waiting(session, number).system}
            append_own(session, self._now(), StoreEvent.UNOPENED_REQUEST_READ, actor=by, details=details)

    def note_told(self, rungs: Mapping[int, UnopenedAlert]) -> None:
        """Note of which alerts people were told.

        Args:
            rungs: The alert by the number of the request.
        """
        with self._database.transaction() as session:
            for number, rung in rungs.items():
                session.execute(update(_ROW).where(_ROW.id == number, _ROW.told < rung).values(told=int(rung)))

    def end(self, number: int, ended_as: UnopenedEnd, *, by: str, case_id: str = "", reason: str = "") -> None:
        """Note how a found request ended; the key of its record is wiped.

        Args:
            number: The request.
            ended_as: How.
            by: Who decided.
            case_id: Its case, where there is one.
            reason: Why it is no request; kept encrypted.

        Raises:
            BadInput: There is none of that number.
            Conflict: It was decided on.
        """
        with self._database.transaction() as session:
            row = _waiting(session, number, lock=True)
            keyring = self._keyring(session)
            row.ended_at, row.ended_as, row.ended_by = self._now(), ended_as.value, by
            row.case_id, row.sealed_ref = case_id, None
            details = {"request": number, "system": row.system, "right": row.right, "end": ended_as.value}
            if case_id:
                details["case"] = case_id
            if reason:
                row.sealed_reason = keyring.seal_intake(f"unopened:{number}", reason.encode())
                details["reason"] = keyring.blind_index("reason", reason)
            append_own(session, row.ended_at, StoreEvent.UNOPENED_REQUEST_ENDED, actor=by, details=details)

    def counts(self) -> dict[UnopenedEnd | None, int]:
        """Return how many there are by how they ended; under ``None`` the open ones."""
        found: dict[UnopenedEnd | None, int] = {}
        with self._database.reading() as session:
            for ended_as in session.scalars(select(_ROW.ended_as)):
                end = UnopenedEnd(ended_as) if ended_as else None
                found[end] = found.get(end, 0) + 1
        return found


def _add(session: Session, keyring: Keyring, found: NewUnopened, now: datetime) -> bool:
    record_hash = keyring.blind_index("unopened", f"{found.record.kind}\n{found.record.ref}")
    same = select(_ROW).where(
        _ROW.system == found.record.system, _ROW.record_hash == record_hash, _ROW.right == found.right.value
    )
    if session.scalar(same.where((_ROW.ended_at.is_(None)) | (_ROW.received_at == found.received_at)).limit(1)):
        return False
    row = _ROW(
        system=found.record.system,
        kind=found.record.kind,
        record_hash=record_hash,
        sealed_ref=keyring.seal_intake(
            f"unopened-ref:{record_hash}", json.dumps([found.record.ref, found.ticket]).encode()
        ),
        right=found.right.value,
        is_sure=found.is_sure,
        language=found.language,
        starts_at=found.span[0],
        ends_at=found.span[1],
        received_at=found.received_at,
        found_at=now,
    )
    session.add(row)
    session.flush()
    return True


def _waiting(session: Session, number: int, *, lock: bool = False) -> UnopenedRequestRow:
    row = session.get(_ROW, number, with_for_update=lock)
    if row is None:
        raise BadInput(f"There is no found request {number}; the page Unopened requests lists them.")
    if row.ended_at is not None:
        raise Conflict(f"Request {number} was decided on already, by {row.ended_by}: {row.ended_as}.")
    return row


def _read(row: UnopenedRequestRow, keyring: Keyring) -> UnopenedRequest:
    sealed = row.sealed_ref or b""
    ref, ticket = json.loads(keyring.open_intake(f"unopened-ref:{row.record_hash}", sealed))
    return UnopenedRequest(
        number=row.id,
        record=RecordRef(row.system, row.kind, ref),
        ticket=ticket,
        right=Right(row.right),
        is_sure=row.is_sure,
        language=row.language,
        span=(row.starts_at, row.ends_at),
        received_at=row.received_at,
        found_at=row.found_at,
        told=UnopenedAlert(row.told),
    )
