"""The words that the first tables are written in."""

from collections.abc import Mapping
from typing import Any, Final

import sqlalchemy as sa

INSTANT: Final = sa.DateTime(timezone=True)
EMPTY: Final = sa.text("''")


def where(condition: sa.TextClause) -> Mapping[str, Any]:
    """Return the condition of a partial index, for both databases.

    Args:
        condition: The rows that the index has.
    """
    return {"sqlite_where": condition, "postgresql_where": condition}
