"""The people on duty on a given day: who acts for an owner who is absent, and who is told of an alert."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from rightsflow.config.sections.owners import CASE_OWNER
from rightsflow.config.settings import Settings
from rightsflow.domain.alerts.ladder import Audience
from rightsflow.domain.people import Absence, answering

if TYPE_CHECKING:
    from rightsflow.cases.app import App


_MANAGEMENT = (Audience.MANAGEMENT.value,)
_NEXT_UP = {CASE_OWNER: (Audience.DPO.value, *_MANAGEMENT)}
"""The people above a person or role, the highest last; a key not named here has the management above it."""


class Duty:
    """The people on duty today.

    Args:
        settings: The configuration.
        today: The present day in the controller's zone.
        absences: All absences that are not over.
    """

    def __init__(self, settings: Settings, today: date, absences: Sequence[Absence]) -> None:
        self._people = settings.people_by_key
        self._reachable = settings.reachable
        self._channels = sorted(text for text in settings.reachable if text.startswith("channel."))
        self._today = today
        self._absences = absences

    @classmethod
    def of(cls, app: App) -> Duty:
        """The duty of the present day.

        Raises:
            Transient: The case store does not answer.
        """
        absences = [recorded_absence.absence for recorded_absence in app.store.absences_from(app.today)]
        return cls(app.settings, app.today, absences)

    def answering(self, key: str) -> str:
        """Return the key of the person who acts for a person or role: themself, a deputy, or the next level up.

        An owner who has been taken out of the configuration is replaced by the role of the case owner.

        Args:
            key: The person's or role's key.
        """
        known = self._known(key)
        return answering(known, self._today, self._absences, self._people, _NEXT_UP.get(known, _MANAGEMENT))

    def _known(self, key: str) -> str:
        return key if key in self._people else CASE_OWNER

    def recipients(self, owner: str, roles: Sequence[str]) -> list[str]:
        """Return the people on duty for the roles, and every channel; only those that can be reached.

        Args:
            owner: The key of the case's owner.
            roles: The roles to be told.
        """
        keys = [owner if role == Audience.OWNER else role for role in roles]
        people = dict.fromkeys(f"person.{self.answering(key)}" for key in keys)
        return [person for person in people if person in self._reachable] + self._channels

    def name(self, key: str) -> str:
        """Return a case owner's name for display, with today's deputy.

        Args:
            key: The owner's key.
        """
        known = self._known(key)
        deputy = self.answering(key)
        stands_in = f", for whom {self._people[deputy].full_name} stands in" if deputy != known else ""
        return self._people[known].full_name + stands_in
