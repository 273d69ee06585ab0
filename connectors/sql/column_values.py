"""What may stand in a column, in the configuration."""

from __future__ import annotations

Scalar = str | int | float | bool
Where = dict[str, Scalar | tuple[Scalar, ...]]
"""Columns with the value, or one of the values, that a row has to have in each."""
