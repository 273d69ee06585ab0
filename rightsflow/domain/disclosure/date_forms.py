"""Forms of dates of birth in texts, for the redaction."""

from __future__ import annotations

import re
from collections.abc import Collection

from rightsflow.domain.birth_dates import looks_like_date, read_birth_date, spellings


def days_of(raw: str) -> frozenset[str]:
    """Return the spellings of a date in texts; empty if the text is not written like a date.

    Args:
        raw: As a connector gives it: one that can be read for sure in any spelling, another one as it is.
    """
    if not looks_like_date(raw):
        return frozenset()
    day = read_birth_date(raw)
    return frozenset({raw.strip(), *(spellings(day) if day else ())})


def date_pattern(days: Collection[str]) -> re.Pattern[str] | None:
    """Finds dates in a text as they are written, not within longer numbers; ``None`` where there is none to find.

    Args:
        days: As :func:`days_of` gives them.
    """
    if not days:
        return None
    either = "|".join(re.escape(day) for day in sorted(days, key=lambda day: (-len(day), day)))
    return re.compile(rf"(?<!\d)(?:{either})(?!\d)")
