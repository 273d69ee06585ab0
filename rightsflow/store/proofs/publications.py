"""Publication of seals to their places."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from rightsflow.audit.ledger.seals import Seal
from rightsflow.store.database import Database
from rightsflow.store.tables import PublicationRow, SealRow

_AT_ONCE = 100


def unpublished(session: Session, place: str) -> list[Seal]:
    """The oldest seals that have not gone to a place, some at a time.

    Args:
        session: The open transaction.
        place: The place, as the settings name it.
    """
    query = select(SealRow).where(_lacks(session, place)).order_by(SealRow.number).limit(_AT_ONCE)
    return [Seal(row.number, row.body, row.digest, row.signatures) for row in session.scalars(query)]


def behind(session: Session, place: str) -> int:
    """Count the seals that a place lacks."""
    return session.scalar(select(func.count()).select_from(SealRow).where(_lacks(session, place))) or 0


def _lacks(session: Session, place: str) -> ColumnElement[bool]:
    gone = select(PublicationRow.seal).where(PublicationRow.place == place)
    lacks = SealRow.number.not_in(gone)
    if not place.startswith("mailto:"):
        return lacks
    # No one wants years of seals as mails on one day: a new mailbox begins with the newest.
    first = session.scalar(select(func.min(PublicationRow.seal)).where(PublicationRow.place == place))
    return and_(lacks, SealRow.number >= (first or select(func.max(SealRow.number)).scalar_subquery()))


def note_published(database: Database, place: str, seal: int, now: datetime) -> None:
    """Note that a seal has gone to a place; another process may have noted it meanwhile.

    Args:
        database: The case store's database.
        place: The place, as the settings name it.
        seal: The seal's number.
        now: The present instant (aware).
    """
    try:
        with database.transaction() as session:
            row = {"place": place, "seal": seal, "published_at": now}
            _insert(session, row)
    except _NotedAlready:
        return


class _NotedAlready(Exception):
    """Another process has noted it."""


def _insert(session: Session, row: dict[str, object]) -> None:
    try:
        session.execute(insert(PublicationRow).values(row))
    except IntegrityError:
        raise _NotedAlready from None
