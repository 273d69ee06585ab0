"""Chance that can be repeated: a stream of random numbers per area and person, and moments counted back from today."""

from __future__ import annotations

import string
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

_ALPHABET = string.ascii_letters + string.digits


@dataclass(frozen=True, slots=True)
class Chance:
    """The source of all randomness of a world.

    Each area of each person draws from a stream of its own, so that a change in one place does not move the others.
    """

    seed: int
    today: date

    def stream(self, area: str, key: object = "") -> Random:
        """Return the stream of one area, the same for the same seed, area and key."""
        return Random(f"{self.seed}/{area}/{key}")  # noqa: S311 - repeatable on purpose, nothing is secret

    def moment(self, random: Random, oldest_days: int, newest_days: int) -> datetime:
        """Return a moment in working hours (UTC), so many days before today."""
        days = random.randint(newest_days, max(oldest_days, newest_days))
        opening = datetime.combine(self.today - timedelta(days=days), time(7, 30), tzinfo=UTC)
        return opening + timedelta(seconds=random.randint(0, 9 * 3600))

    def days_since(self, moment: datetime) -> int:
        """Return the number of days between the moment and today."""
        return (self.today - moment.date()).days


def token(random: Random, prefix: str) -> str:
    """Return a key as the payment provider makes them: a prefix and 14 letters or digits."""
    return prefix + "".join(random.choices(_ALPHABET, k=14))
