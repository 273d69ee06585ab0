"""Conditions for asking the person which data they mean, so that the clock stops (Art. 12A(5) UK GDPR). Pure."""

from __future__ import annotations

from rightsflow.domain.errors import Conflict


def refuse_needless_pause(records: int | None, *, large_from: int) -> None:
    """Refuse a question that would stop the clock though nothing shows that it is needed.

    The clock stops only where the controller reasonably requires the answer. What shows that is the quantity that the
    search found, and no guess before it.

    Args:
        records: How many records of the person the search found; ``None`` while it has not ended.
        large_from: From how many on a quantity counts as large.

    Raises:
        Conflict: The search has not ended, or found less.
    """
    if records is None:
        raise Conflict(
            "The question would stop the clock, and whether it is needed shows the search alone (Art. 12A(5) UK GDPR); "
            "ask once the search has ended."
        )
    if records < large_from:
        raise Conflict(
            f"The search found {records:,} records of the person, no large quantity ([controller] large_quantity is "
            f"{large_from:,}), so the clock may not stop for a question (Art. 12A(5) UK GDPR); answer with all of them."
        )
