"""Blocking before erasure, as Spanish law has it (*bloqueo*, Art. 32 LOPDGDD). Pure.

What is erased there is blocked first: kept from every use but that by judges, prosecutors and authorities, as long as
someone may be held liable for the processing (Art. 72 to 74 LOPDGDD, three years at most), and destroyed after that.
"""

from __future__ import annotations

from datetime import date
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
