"""Days for reading erased records again after the erasure. Pure.

A restored back-up, a late import or a synchronisation brings erased records back days later (Art. 5(2), 17(1) GDPR).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from rightsflow.domain.deadlines.periods import add_months

LOOK_DAYS: Final = (1, 7, 30)
"""Default days after an erasure at which it is verified again."""


def next_look_on(acted_on: date, absent_on: date | None, days: Sequence[int]) -> date | None:
    """The day from which a record that was erased has to be read again; ``None`` once the last look is over.

    A look that came late counts for all days before it.

    Args:
        acted_on: The day of the erasure, in the controller's zone.
        absent_on: The day of the last fresh read that showed it absent, in the same zone; ``None`` if there was none.
        days: How many days after the erasure it is read.
    """
    looks = (acted_on + timedelta(days=day) for day in sorted(days))
    return next((look for look in looks if absent_on is None or absent_on < look), None)


_MONTHS_BETWEEN: Final = 12
"""After how many months a mark is read again, once the looks of the first weeks are over."""


def next_look_at_mark(acted_on: date, looked_on: date | None, days: Sequence[int]) -> date:
    """The day from which the mark of a restriction has to be read again: on the same days, and every year after that.

    There is one for as long as the record is restricted, since a restore may take the mark away at any time.

    Args:
        acted_on: The day of the restriction, in the controller's zone.
        looked_on: The day of the last look, in the same zone; ``None`` if there was none.
        days: How many days after the restriction it is read.
    """
    on = next_look_on(acted_on, looked_on, days)
    return on or add_months(max(acted_on, looked_on or acted_on), _MONTHS_BETWEEN)
