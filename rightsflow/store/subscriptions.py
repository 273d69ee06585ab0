"""What colleagues chose to be told of, what they were told, and the addresses of their calendars, kept as hashes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.domain.work_notices import NoticeChoice, Told
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.database import Database
from rightsflow.store.tables import SubscriptionRow

CHANNELS = "channels"
"""The key of the notification channels, which are told of all new work."""


class Subscriptions:
    """The subscriptions of all colleagues.

    Args:
        database: Where they are stored.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def of(self, person: str) -> Told:
        """Return a person's choice, and what they were told.

        Args:
            person: Their key in the configuration, or :data:`CHANNELS`.
        """
        with self._database.reading() as session:
            row = session.get(SubscriptionRow, person)
            return _told(row) if row else Told(choice=NoticeChoice.NONE)

    def choose(self, person: str, choice: NoticeChoice) -> None:
        """Note how a person wants to be told; what is there now is not told afterwards.

        Args:
            person: Their key.
            choice: Their choice.
        """
        with self._database.transaction() as session:
            row = session.get(SubscriptionRow, person) or SubscriptionRow(person=person, calendar_hash=None)
            row.choice, row.told, row.digest_on = choice.value, None, None
            session.add(row)

    def note_told(self, person: str, keys: frozenset[str], digest_on: date | None) -> None:
        """Note the work that a person knows of.

        Args:
            person: Their key.
            keys: Their present work.
            digest_on: The day of their last digest.
        """
        with self._database.transaction() as session:
            if (row := session.get(SubscriptionRow, person)) is not None:
                row.told, row.digest_on = json.dumps(sorted(keys)), digest_on

    def set_calendar(self, person: str, address_hash: str | None, *, by: str) -> None:
        """Give a person's calendar an address, in the place of an earlier one, or take it away.

        Args:
            person: Their key.
            address_hash: The SHA-256 of the address's token, hexadecimal; ``None`` for none.
            by: Who does so: the person.
        """
        with self._database.transaction() as session:
            row = session.get(SubscriptionRow, person)
            row = row or SubscriptionRow(person=person, choice=NoticeChoice.NONE.value)
            row.calendar_hash = address_hash
            session.add(row)
            event = StoreEvent.CALENDAR_ADDRESS_MADE if address_hash else StoreEvent.CALENDAR_ADDRESS_ENDED
            append_own(session, self._now(), event, actor=by, details={"person": person})

    def has_calendar(self, person: str) -> bool:
        """Return whether a person's calendar has an address.

        Args:
            person: Their key.
        """
        with self._database.reading() as session:
            row = session.get(SubscriptionRow, person)
            return row is not None and row.calendar_hash is not None

    def person_of_calendar(self, address_hash: str) -> str | None:
        """Return the key of the person whose calendar has an address, or ``None``.

        Args:
            address_hash: The SHA-256 of the address's token, hexadecimal.
        """
        query = select(SubscriptionRow.person).where(SubscriptionRow.calendar_hash == address_hash)
        with self._database.reading() as session:
            return session.scalars(query).one_or_none()


def _told(row: SubscriptionRow) -> Told:
    told = Told(choice=NoticeChoice(row.choice), digest_on=row.digest_on)
    return told if row.told is None else replace(told, keys=frozenset(json.loads(row.told)))
