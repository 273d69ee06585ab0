"""When what was erased is read again: some days after the erasure, and again. Pure.

A restored back-up, a late import or a synchronisation brings erased records back days later (Art. 5(2), 17(1) GDPR).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

LOOK_DAYS: Final = (1, 7, 30)
"""How many days after an erasure it is verified again, where the configuration says nothing."""


def next_look_on(acted_on: date, absent_on: date | None, days: Sequence[int]) -> date | None:
    """The day from which a record that was erased has to be read again; ``None`` once the last look is over.

    A look that came late counts for all days before it.

    Args:
        acted_on: The day of the erasure, in the controller's zone.
        absent_on: The day of the last fresh read that showed it absent, in the same zone; ``None`` if there was none.
        days: How many days after the erasure it is read.
    """
    looks = (acted_on + timedelta(days=one) for one in sorted(days))
    return next((look for look in looks if absent_on is None or absent_on < look), None)
