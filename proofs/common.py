"""What the proofs share: lines that are printed at once, rows of tables, figures that add up, a folder in memory."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

from rightsflow.domain.mail import Mail, Taken

_MEMORY: Final = Path("/dev/shm")


def say(*lines: object) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)
    sys.stdout.flush()


def tell(line: object) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def row(*cells: object) -> str:
    texts = (f"{one:,}" if isinstance(one, int) else str(one) for one in cells)
    return f"| {' | '.join(texts)} |".replace("|  |", "| |")


def head(*cells: str) -> str:
    return f"{row(*cells)}\n|{'---|' * len(cells)}"


class Adding:
    """Figures of a dataclass that add up field by field: numbers, lists and counters."""

    def add(self, other: Any) -> None:
        for one in fields(self):  # type: ignore[arg-type]
            mine, theirs = getattr(self, one.name), getattr(other, one.name)
            if isinstance(mine, int | float | list | Counter):
                setattr(self, one.name, mine + theirs)


@contextmanager
def in_memory(prefix: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix=prefix, dir=_MEMORY if _MEMORY.is_dir() else None) as name:
        yield Path(name)


@dataclass
class Post:
    """A mail server that keeps what it takes."""

    taken: list[Mail] = field(default_factory=list)

    def send(self, mail: Mail) -> Taken:
        self.taken.append(mail)
        return Taken("250", "2.0.0 OK")

    def probe(self) -> None:
        """Report that the system is there."""
