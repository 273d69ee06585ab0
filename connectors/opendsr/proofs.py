"""Errors for answers whose origin is not proved."""

from __future__ import annotations


class NotProved(Exception):
    """An answer is not proved to be the processor's; the text gives the reason, and quotes nothing of the answer."""
