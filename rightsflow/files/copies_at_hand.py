"""Copies of small cases, handed on in memory from one step of a phase to the next.

What is here is written, once and whole, before the phase is noted as done or as the phase ends. It lasts no longer than
the phase: the next one may take place in another process, and memory that outlives it would be older than what lies
among the working copies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from itertools import chain
from threading import Lock
from typing import Final

from rightsflow.domain.records import Blob, Part
from rightsflow.files.copied_parts import KeptPart, head_of

_MOST_OF_CASE: Final = 16 * 1024 * 1024
_MOST_OF_ALL: Final = 128 * 1024 * 1024


class CaseAtHand:
    """The copies of one case, by area and system.

    Args:
        room: Where it is counted how much the process holds.
        most: How many bytes it may have.
    """

    def __init__(self, room: _Room, most: int) -> None:
        self._room, self._most, self._size = room, most, 0
        self._lock = Lock()
        self._kept: dict[str, dict[str, Sequence[KeptPart]]] = {}
        self._unsettled: set[str] = set()

    @property
    def unsettled(self) -> list[str]:
        """The areas that hold something that is not written yet."""
        with self._lock:
            return sorted(self._unsettled)

    def knows(self, area: str) -> bool:
        """Return whether the written copies of an area are in memory.

        Args:
            area: Which copies.
        """
        with self._lock:
            return area in self._kept

    def adopt(self, area: str, written: Mapping[str, Sequence[KeptPart]], *, is_gone: bool) -> None:
        """Add the written copies of an area to memory, unless they are there.

        Args:
            area: Which copies.
            written: The parts, by system.
            is_gone: Whether it lies here alone from now on.
        """
        with self._lock:
            if area not in self._kept:
                self._kept[area] = dict(written)
                self._grow(sum(map(_size, written.values())))
            if is_gone and self._kept[area]:
                self._unsettled.add(area)

    def of(self, area: str) -> dict[str, Sequence[KeptPart]]:
        """The parts of an area, by system."""
        with self._lock:
            return dict(self._kept.get(area, {}))

    def put(self, area: str, system: str, parts: Sequence[KeptPart]) -> None:
        """Hold the parts of a system, for which :meth:`take` has made room."""
        with self._lock:
            self._kept.setdefault(area, {})[system] = parts
            self._unsettled.add(area)

    def drop(self, area: str, system: str = "") -> None:
        """Drop the parts of a system, or of a whole area.

        Args:
            area: Which copies.
            system: The system; empty for all.
        """
        with self._lock:
            held = self._kept.get(area, {})
            for item in [system] if system else list(held):
                self._grow(-_size(held.pop(item, ())))
            if not held:
                self._unsettled.discard(area)

    def note_settled(self, area: str) -> None:
        """Note that the copies of an area in memory are written."""
        with self._lock:
            self._unsettled.discard(area)

    def take(self, parts: Iterable[Part]) -> tuple[list[KeptPart], Counter[str], Iterator[Part] | None]:
        """Take parts in as long as there is room.

        Returns:
            What was taken in and its number by category, or, where there is no room for all, all parts from the first
            on.
        """
        kept, counts, rest = list[KeptPart](), Counter[str](), iter(parts)
        try:
            for number, part in enumerate(rest):
                head, data = head_of(part, f"{number:06d}"), None
                is_room = self._has_grown(len(head))
                again = part
                if isinstance(part, Blob):
                    chunks = iter(part.open())
                    data, is_room = self._read(chunks, is_room=is_room)
                    again = part if is_room else replace(part, open=partial(chain, [data], chunks))
                if not is_room:
                    self._let_go(kept, head, data)
                    return [], Counter(), chain([item.part() for item in kept], [again], rest)
                counts[part.category] += 1
                kept.append(KeptPart(head, data))
        except BaseException:
            self._let_go(kept)
            raise
        return kept, counts, None

    def close(self) -> None:
        """Drop everything."""
        for area in list(self._kept):
            self.drop(area)
        with self._lock:
            self._grow(-self._size)

    def _read(self, chunks: Iterator[bytes], *, is_room: bool) -> tuple[bytes, bool]:
        """Read as much of a file as there is room for, at most one chunk more; return it and whether it is complete."""
        data = bytearray()
        while is_room and (chunk := next(chunks, None)) is not None:
            data += chunk
            is_room = self._has_grown(len(chunk))
        return bytes(data), is_room

    def _has_grown(self, amount: int) -> bool:
        with self._lock:
            self._grow(amount)
            return self._size <= self._most and not self._room.is_full

    def _let_go(self, kept: Sequence[KeptPart], head: bytes = b"", data: bytes | None = None) -> None:
        with self._lock:
            self._grow(-_size(kept) - len(head) - len(data or b""))

    def _grow(self, amount: int) -> None:
        self._size += amount
        self._room.grow(amount)


class CopiesAtHand:
    """A process's in-memory copies of the cases that it works on.

    Args:
        most_of_case: How many bytes it holds of a case at most.
        most_of_all: How many it holds of all.
    """

    def __init__(self, most_of_case: int = _MOST_OF_CASE, most_of_all: int = _MOST_OF_ALL) -> None:
        self._most, self._room = most_of_case, _Room(most_of_all)
        self._lock = Lock()
        self._cases: dict[str, CaseAtHand] = {}

    def of(self, case_id: str) -> CaseAtHand | None:
        """Return the in-memory copies of a case; ``None`` outside of a phase."""
        return self._cases.get(case_id)

    @contextmanager
    def phase(self, case_id: str) -> Iterator[CaseAtHand]:
        """Hold the copies of a case, until the outermost block about it ends."""
        with self._lock:
            outer = self._cases.get(case_id)
            held = outer or CaseAtHand(self._room, self._most)
            self._cases[case_id] = held
        try:
            yield held
        finally:
            if outer is None:
                with self._lock:
                    self._cases.pop(case_id, None)
                held.close()


class _Room:
    """The memory that a process may use for copies."""

    def __init__(self, most: int) -> None:
        self._most, self._size = most, 0
        self._lock = Lock()

    @property
    def is_full(self) -> bool:
        """True if the copies use more memory than allowed."""
        return self._size > self._most

    def grow(self, amount: int) -> None:
        """Add the size of copies that were added or dropped."""
        with self._lock:
            self._size += amount


def _size(parts: Sequence[KeptPart]) -> int:
    return sum(part.size for part in parts)
