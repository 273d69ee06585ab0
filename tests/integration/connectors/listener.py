"""A listener that keeps what connectors tell of their calls."""

from __future__ import annotations


class Listener:
    """Notes what it hears."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, str, str]] = []
        self.seconds: list[float] = []

    def step(self, *_: object) -> None:
        """Nothing is asked of it here."""

    def call(self, system: str, operation: str, status: str, seconds: float) -> None:
        self.calls.append((system, operation, status))
        self.seconds.append(seconds)

    def runs(self, change: int) -> None:
        """Nothing is asked of it here."""

    def swept(self, timestamp: float) -> None:
        """Nothing is asked of it here."""
