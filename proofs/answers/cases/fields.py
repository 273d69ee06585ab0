"""Which fields of records can be corrected, and why others cannot."""

from __future__ import annotations

FIELDS = frozenset({"name", "date of birth", "delivery note", "statement"})
"""What can be corrected in a profile."""
FIXED = ("", "It is what was said then, and is not altered.")
"""Why what has no such fields stays as it is, where a system says so."""
