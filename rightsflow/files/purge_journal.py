"""The erasure journal: which cases were purged, kept outside the database, for when a back-up of it is restored.

A back-up of the case store has the cases, and their keys, that were purged after it was made; restored, it would bring
them back (Art. 5(1)(e), 17(1) GDPR). A line names the case, the day and the kind of erasure, and nothing of a person.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any

from rightsflow.domain.errors import BadInput, Transient
from rightsflow.domain.vocabulary.states import read_case_id

_OWNER_ONLY = 0o600


class ErasureKind(StrEnum):
    """The kind of an erasure."""

    CASE = "case"
    """The whole case with its key, after its evidence period."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """A line of the journal.

    Args:
        case_id: The case.
        on: The day in the controller's zone.
        kind: What was erased.
    """

    case_id: str
    on: date
    kind: ErasureKind = ErasureKind.CASE

    @property
    def line(self) -> str:
        """The line, with its end."""
        fields = {"case": self.case_id, "kind": self.kind.value, "on": self.on.isoformat()}
        return f"{json.dumps(fields, separators=(',', ':'))}\n"

    @property
    def file_name(self) -> str:
        """The name of a file that holds this line alone."""
        return f"erasure-{self.on.isoformat()}-{self.case_id}.json"


def append(path: Path, erasure: Erasure) -> None:
    """Add a line; it is on the disk when this returns. Several processes may do so at a time.

    Args:
        path: The journal; it is made, for its owner alone, if there is none.
        erasure: What is erased next.

    Raises:
        Transient: It cannot be written.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _OWNER_ONLY)
        try:
            # In one call, so that the lines of two processes do not mingle.
            os.write(descriptor, erasure.line.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise Transient(f"The erasure journal {path} cannot be written ({error.strerror}).") from None


def read_journals(paths: Iterable[Path]) -> list[Erasure]:
    """Return the erasures that some journals name, each case once, in their order.

    Args:
        paths: Journals, and folders with published lines (``erasure-….json``).

    Raises:
        BadInput: One cannot be read, or a line of it is no line of a journal.
    """
    named: dict[str, Erasure] = {}
    for path in paths:
        for file in _files(path):
            for item in _read(file):
                named.setdefault(item.case_id, item)
    return list(named.values())


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    files = sorted(path.glob("erasure-*.json"))
    if not files:
        raise BadInput(f"There are no published erasures in {path}; give the folder with the files erasure-….json.")
    return files


def _read(file: Path) -> list[Erasure]:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise BadInput(f"The erasure journal {file} cannot be read; give a file that Rightsflow wrote.") from None
    return [_erasure(line, f"Line {number} of {file}") for number, line in enumerate(lines, 1)]


def _erasure(line: str, where: str) -> Erasure:
    try:
        fields: Any = json.loads(line)
        erasure = Erasure(
            case_id=read_case_id(str(fields["case"])),
            on=date.fromisoformat(fields["on"]),
            kind=ErasureKind(fields["kind"]),
        )
        is_whole = erasure.line == f"{line}\n"
    except (KeyError, ValueError, TypeError, RecursionError, BadInput):
        is_whole = False
    if not is_whole:
        raise BadInput(f"{where} belongs to no erasure journal, and nothing was changed; mend or remove it.")
    return erasure
