"""The values that a column may have in the configuration."""

from __future__ import annotations

import sqlalchemy as sa

Scalar = str | int | float | bool
Where = dict[str, Scalar | tuple[Scalar, ...]]
"""Columns with the value, or one of the values, that a row has to have in each."""


class DayText(sa.String):
    """Text that stands for a day, in a database that has no type for days."""


class MomentText(sa.String):
    """Text that stands for an instant or a time of day, in a database that has no type for them."""
