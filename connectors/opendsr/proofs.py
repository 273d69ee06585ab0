"""What is raised where an answer is not proved to be whose it says that it is."""

from __future__ import annotations


class NotProved(Exception):
    """An answer is not proved to be the processor's; the text says why, and quotes nothing of it."""
