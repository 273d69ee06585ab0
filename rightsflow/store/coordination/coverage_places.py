"""The places of systems that may hold personal data and are not configured: noted, told of, accepted."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from rightsflow.domain.coverage import LONGEST_NAME, NotedPlace, PlaceKind, SystemPlace, unnoted
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import MACHINE, append_own
from rightsflow.store.tables import CoveragePlaceRow
from rightsflow.store.vault_keys import KeyedPart

_THERE: Final = select(CoveragePlaceRow).where(CoveragePlaceRow.gone_at.is_(None))
_OPEN: Final = _THERE.where(CoveragePlaceRow.accepted_at.is_(None))


class CoveragePlaces(KeyedPart):
    """All noted places."""

    def note(self, system: str, seen: Collection[SystemPlace]) -> int:
        """Note what a system now has; returns how many places are new.

        A place that is gone, or configured by now, is noted as gone; one that comes back counts as new, unless a person
        accepted it.

        Args:
            system: The system.
            seen: All its places that are not configured.
        """
        with self._database.transaction() as session:
            now = self._now()
            rows = {
                (row.kind, row.name): row
                for row in session.scalars(select(CoveragePlaceRow).where(CoveragePlaceRow.system == system))
            }
            present = {key for key, row in rows.items() if row.gone_at is None}
            added = [place for place in unnoted(seen, present) if _add(session, system, place, rows, now)]
            keys = {place.key for place in seen}
            for key in present - keys:
                if not PlaceKind(key[0]).is_sampled:
                    rows[key].gone_at = now
            if added:
                details = {"system": system, "places": len(added)}
                append_own(session, now, StoreEvent.COVERAGE_PLACES_FOUND, actor=MACHINE, details=details)
            return len(added)

    def open(self) -> list[NotedPlace]:
        """Return the places that no one has decided on, the oldest first."""
        return self._read(_OPEN.order_by(CoveragePlaceRow.since, CoveragePlaceRow.id))

    def untold(self) -> list[NotedPlace]:
        """Return the open places of which no one was notified."""
        return self._read(_OPEN.where(CoveragePlaceRow.told_at.is_(None)).order_by(CoveragePlaceRow.id))

    def accepted(self) -> list[NotedPlace]:
        """Return the places that a person accepted, the newest decision first."""
        accepted = _THERE.where(CoveragePlaceRow.accepted_at.is_not(None))
        return self._read(accepted.order_by(CoveragePlaceRow.accepted_at.desc(), CoveragePlaceRow.id))

    def note_told(self, numbers: Iterable[int]) -> None:
        """Note that people were told of places.

        Args:
            numbers: Their numbers.
        """
        with self._database.transaction() as session:
            statement = update(CoveragePlaceRow).where(CoveragePlaceRow.id.in_(list(numbers)))
            session.execute(statement.values(told_at=self._now()))

    def accept(self, number: int, *, by: str, reason: str) -> None:
        """Accept that a place is not configured.

        Args:
            number: The place.
            by: Who accepts it.
            reason: Why; kept encrypted.

        Raises:
            BadInput: There is no such place.
            Conflict: It is accepted already, or gone.
        """
        with self._database.transaction() as session:
            row = session.get(CoveragePlaceRow, number, with_for_update=True)
            if row is None:
                raise BadInput(f"There is no place {number}; the page Coverage lists them.")
            if row.accepted_at is not None or row.gone_at is not None:
                why = f"was accepted already, by {row.accepted_by}" if row.accepted_at else "is gone, or configured"
                raise Conflict(f"Place {number} {why}.")
            row.accepted_at, row.accepted_by = self._now(), by
            keyring = self._keyring(session)
            row.sealed_reason = keyring.seal_intake(f"coverage:{number}", reason.encode())
            details = {"place": number, "system": row.system, "kind": row.kind}
            details |= {"name": keyring.blind_index("coverage-place", row.name)}
            details |= {"reason": keyring.blind_index("reason", reason)}
            append_own(session, row.accepted_at, StoreEvent.COVERAGE_PLACE_ACCEPTED, actor=by, details=details)

    def _read(self, query: Select[Any]) -> list[NotedPlace]:
        with self._database.reading() as session:
            return [_noted(row) for row in session.scalars(query)]


def _add(
    session: Session, system: str, place: SystemPlace, rows: Mapping[tuple[str, str], CoveragePlaceRow], now: datetime
) -> bool:
    """Note a place as there; returns whether people are to be told of it."""
    row = rows.get(place.key)
    if row is None:
        row = CoveragePlaceRow(system=system, kind=place.kind.value, name=place.name[:LONGEST_NAME], since=now)
        session.add(row)
    row.looks_like, row.lines, row.gone_at = place.looks_like[:LONGEST_NAME], place.lines, None
    if row.accepted_at is None:
        row.told_at = None
    return row.accepted_at is None


def _noted(row: CoveragePlaceRow) -> NotedPlace:
    place = SystemPlace(kind=PlaceKind(row.kind), name=row.name, looks_like=row.looks_like, lines=row.lines)
    return NotedPlace(
        number=row.id,
        system=row.system,
        place=place,
        since=row.since,
        accepted_by=row.accepted_by,
        accepted_at=row.accepted_at,
    )
