"""Dates of an erasure besides retention: its beginning, its checks afterwards, and the end of blocking. Pure.

Under Spanish law (*bloqueo*, Art. 32 LOPDGDD) data are blocked first, for judges, prosecutors and authorities alone, as
long as someone may be held liable for the processing (Art. 72 to 74 LOPDGDD, three years at most), and destroyed after
that. Erased records are read again days later, since a restored back-up, a late import or a synchronisation brings
records back (Art. 5(2), 17(1) GDPR).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from rightsflow.domain.deadlines.periods import add_months

PROVISION: Final = "Art. 32 LOPDGDD"
REASON: Final = (
    "The law has us block it before it is destroyed: it is stored for courts and authorities alone and used for "
    "nothing else."
)
CANNOT_BLOCK: Final = (
    f"{PROVISION} has erased data blocked first, which this system cannot do; before you approve, see to a secure copy "
    "with dated evidence, or establish that none is needed."
)
_COUNTRIES: Final = frozenset({"ES"})
_MONTHS: Final = 36


def blocked_until(country: str, today: date) -> date | None:
    """Return the last day of blocking for a record erased today; ``None`` if the law has no blocking.

    Args:
        country: The controller's country.
        today: The present day in its zone.
    """
    return add_months(today, _MONTHS) if country in _COUNTRIES else None


LEFT: Final = timedelta(days=7)
"""Latest start of the erasure before the target date: time to erase, verify and answer."""


def begins_on(approved_on: date, days: int, work_to_on: date) -> date:
    """Return the day on which an approved erasure begins: after the cooling-off period, in time for the answer.

    Args:
        approved_on: The day of the approval, in the controller's zone.
        days: How many days the person has.
        work_to_on: The case's target date.
    """
    return max(approved_on, min(approved_on + timedelta(days=days), work_to_on - LEFT))


LOOK_DAYS: Final = (1, 7, 30)
"""Default days after an erasure at which it is verified again."""


def next_look_on(acted_on: date, absent_on: date | None, days: Sequence[int]) -> date | None:
    """Return the day from which an erased record has to be read again; ``None`` once the last check is over.

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
    """Return the day from which the mark of a restriction has to be read again: the same days, then each year.

    There is one for as long as the record is restricted, since a restore may take the mark away at any time.

    Args:
        acted_on: The day of the restriction, in the controller's zone.
        looked_on: The day of the last look, in the same zone; ``None`` if there was none.
        days: How many days after the restriction it is read.
    """
    on = next_look_on(acted_on, looked_on, days)
    return on or add_months(max(acted_on, looked_on or acted_on), _MONTHS_BETWEEN)
