"""The watch over this machine's disk: a problem is reported once, and its end once more."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Final

from rightsflow.files.machine import LEAST_FREE, disk_state

logger = logging.getLogger(__name__)

_GOES_ON: Final = "Nothing is lost; what needs the disk is tried again until it can be written."


class DiskWatch:
    """Looks after the disk of a home.

    Args:
        home: Rightsflow's home.
        least: The bytes without which it counts as full.
    """

    def __init__(self, home: Path, least: int = LEAST_FREE) -> None:
        self._home = home
        self._least = least
        self._is_at_fault = False

    def look(self) -> bool:
        """Say what has changed; returns whether the disk can be written."""
        fault = disk_state(self._home, f"Rightsflow's home {self._home}", least=self._least).fault
        if fault and not self._is_at_fault:
            logger.warning("%s %s", fault, _GOES_ON)
        elif self._is_at_fault and not fault:
            logger.warning("The disk of Rightsflow's home %s can be written again.", self._home)
        self._is_at_fault = bool(fault)
        return not fault
