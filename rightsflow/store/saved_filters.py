"""The filters of the list of cases that colleagues saved, each under a name."""

from __future__ import annotations

from sqlalchemy import delete, select

from rightsflow.domain.errors import Conflict
from rightsflow.store.database import Database
from rightsflow.store.tables import SavedFilterRow

MOST: int = 20
"""The largest number of filters of a person."""


class SavedFilters:
    """The saved filters of all colleagues.

    Args:
        database: Where they are stored.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, person: str) -> dict[str, str]:
        """Return a person's filters, the queries of their addresses by name, in alphabetical order.

        Args:
            person: Their key in the configuration.
        """
        query = select(SavedFilterRow).where(SavedFilterRow.person == person).order_by(SavedFilterRow.name)
        with self._database.reading() as session:
            return {row.name: row.query for row in session.scalars(query)}

    def save(self, person: str, name: str, query: str) -> None:
        """Save a filter, in the place of one of the same name.

        Args:
            person: The person's key.
            name: Its name.
            query: The query of its address.

        Raises:
            Conflict: The person has the largest number of filters already.
        """
        with self._database.transaction() as session:
            row = session.get(SavedFilterRow, (person, name))
            if row is None:
                names = session.scalars(select(SavedFilterRow.name).where(SavedFilterRow.person == person)).all()
                if len(names) >= MOST:
                    raise Conflict(f"You have {MOST} filters already; remove one first.")
                row = SavedFilterRow(person=person, name=name)
            row.query = query
            session.add(row)

    def remove(self, person: str, name: str) -> None:
        """Remove a filter; one that is not there is none.

        Args:
            person: The person's key.
            name: Its name.
        """
        with self._database.transaction() as session:
            session.execute(delete(SavedFilterRow).where(SavedFilterRow.person == person, SavedFilterRow.name == name))
