"""The result of setting up the server, reported by the worker's process to the supervisor."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rightsflow.domain.errors import BadInput, RightsflowError, Transient


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUpReport:
    """The result of setting up the server.

    Args:
        deployments: The deployments' ids by flow name.
        problems: What is missing for the notifications, a sentence each.
        fault: Why it could not be done, in one sentence; empty where it was.
        is_for_a_person: Whether a person has to put the fault right before it can be done.
    """

    deployments: dict[str, str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    fault: str = ""
    is_for_a_person: bool = False

    @property
    def error(self) -> RightsflowError:
        """The fault as an error."""
        return BadInput(self.fault) if self.is_for_a_person else Transient(self.fault)

    def write(self, file: Path) -> None:
        """Write it, at once or not at all.

        Args:
            file: Where.
        """
        fresh = file.with_suffix(".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as opened:
            json.dump(asdict(self), opened)
        fresh.replace(file)

    @classmethod
    def read(cls, file: Path) -> SetUpReport | None:
        """Read it; ``None`` where it is not there yet.

        Args:
            file: Where.
        """
        try:
            return cls(**json.loads(file.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None
