"""A worker that stays: it executes flow runs in its own process, and is woken by events."""

from typing import Final

TYPE: Final = "rightsflow"
"""The type of its work pools, which Prefect knows it by."""
