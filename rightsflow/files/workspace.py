"""Working copies: what was extracted for an answer, encrypted under the case's key, until the answer is out.

While a phase of a case is under way, what is small stays in memory (:mod:`rightsflow.files.copies_at_hand`), and is
written at its end: a file for each area, with the parts of all systems. Of what is too large for that, one file for
each system describes all parts, a line of JSON each; the bytes of a blob lie in a file of their own. The file names
are numbers: the system's own names may be personal data.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import partial

import fsspec

from rightsflow.domain.errors import Conflict
from rightsflow.domain.records import Blob, Part
from rightsflow.files.copied_parts import (
    READ_BYTES,
    KeptPart,
    framed,
    head_of,
    lines_of,
    part_of,
    unframed,
)
from rightsflow.files.copies_at_hand import CaseAtHand
from rightsflow.files.disks import naming_disk
from rightsflow.vault import CaseKey, decrypt_stream, encrypt_stream, plain_size

_PARTS = "parts"
_COMPLETE = "complete"


class Workspace:
    """The working copies of one case.

    Args:
        location: Any ``fsspec`` location; a local folder, or ``s3://…`` where several workers share it.
        key: The case's data key.
        at_hand: What this process holds of the case; ``None`` outside of a phase, where all is written at once.
    """

    def __init__(self, location: str, key: CaseKey, at_hand: CaseAtHand | None = None) -> None:
        self._fs, root = fsspec.core.url_to_fs(location)
        self._root = f"{root.rstrip('/')}/{key.case_id}"
        self._place = f"the working copies ({location})"
        self._key = key
        self._at_hand = at_hand
        self._read: dict[str, Mapping[str, Sequence[KeptPart]]] = {}

    def write(self, area: str, system: str, parts: Iterable[Part]) -> dict[str, int]:
        """Store a system's parts, in place of an earlier attempt; return the number of parts by category.

        Raises:
            Transient: The disk is full, read-only or faulty; nothing of the attempt stays on it.
        """
        self._forget(area, system)
        if self._at_hand is None:
            return self._store(area, system, parts)
        kept, counts, rest = self._at_hand.take(parts)
        if rest is not None:
            return self._store(area, system, rest)
        with naming_disk(self._place):
            # By its folder it is known that copies of the case were made here, and not on another machine.
            self._fs.makedirs(self._root, exist_ok=True)
        self._at_hand.put(area, system, kept)
        return dict(counts)

    def _forget(self, area: str, system: str) -> None:
        """Delete the parts of an earlier attempt, so that they never count as this one's, even if it is killed."""
        self._remove(self._folder(area, system))
        written = self._written(area)
        self._read.pop(area, None)
        if self._at_hand is not None:
            self._at_hand.adopt(area, written, is_gone=bool(written))
            self._at_hand.drop(area, system)
        if written:
            others = {name: parts for name, parts in written.items() if name != system}
            if others and self._at_hand is None:
                self._settle(area, others)
            else:
                self._remove(f"{self._root}/{_name(area)}")

    def settle(self) -> None:
        """Write the parts that are in memory alone; from here on another process can continue.

        Raises:
            Transient: The disk is full, read-only or faulty.
        """
        if self._at_hand is None:
            return
        for area in self._at_hand.unsettled:
            self._settle(area, self._at_hand.of(area))
            self._at_hand.note_settled(area)

    def _settle(self, area: str, kept: Mapping[str, Sequence[KeptPart]]) -> None:
        self.put_file(_name(area), encrypt_stream(self._key, _name(area), framed(kept)))

    def _store(self, area: str, system: str, parts: Iterable[Part]) -> dict[str, int]:
        folder = self._folder(area, system)
        counts: Counter[str] = Counter()
        files = [_PARTS]
        with self._unless_refused(folder):
            with naming_disk(self._place):
                self._fs.makedirs(folder, exist_ok=True)
            self._encrypt(f"{area}/{system}/{_PARTS}", self._lines(f"{area}/{system}", parts, counts, files))
            # Written last: without it the copies are those of an attempt that was cut short.
            self._put(f"{folder}/{_COMPLETE}", [str(len(files)).encode()])
        return dict(counts)

    @contextmanager
    def _unless_refused(self, path: str) -> Iterator[None]:
        """Leave nothing half-written: on a full disk its space is needed to note in the case store that it is full."""
        try:
            yield
        except Exception:
            with suppress(OSError):
                self._remove(path)
            raise

    def _put(self, path: str, chunks: Iterable[bytes]) -> None:
        """Write a file; a fault of the disk is distinguished from a fault of the system that the bytes come from."""
        with naming_disk(self._place):
            file = self._fs.open(path, "wb")
        try:
            for chunk in chunks:
                with naming_disk(self._place):
                    file.write(chunk)
        except BaseException:
            # Closing writes what is left in the buffer, which the same disk refuses.
            with suppress(OSError):
                file.close()
            raise
        with naming_disk(self._place):
            file.close()

    def _lines(self, folder: str, parts: Iterable[Part], counts: Counter[str], files: list[str]) -> Iterator[bytes]:
        """Yield the parts' descriptions, and store a blob's bytes in its turn."""
        for number, part in enumerate(parts):
            name = f"{number:06d}"
            if isinstance(part, Blob):
                self._encrypt(f"{folder}/{name}", part.open())
                files.append(name)
            counts[part.category] += 1
            yield head_of(part, name)

    def _encrypt(self, name: str, chunks: Iterable[bytes]) -> None:
        self._put(f"{self._root}/{name}", encrypt_stream(self._key, name, chunks))

    def read(self, area: str, system: str) -> Iterator[Part]:
        """The parts of one system in their order; a blob's bytes are read when it is opened.

        Raises:
            Conflict: The copies are missing or incomplete; that must never look like a system that holds nothing.
            Misconfigured: They were altered or cut short.
        """
        if (kept := self._kept(area, system)) is not None:
            yield from (item.part() for item in kept)
            return
        for line in lines_of(self._decrypt(f"{area}/{system}/{_PARTS}")):
            yield part_of(line, lambda name: partial(self._decrypt, f"{area}/{system}/{name}"))

    def size(self, area: str, system: str, number: int) -> int:
        """Return the size of a blob in bytes, without reading it.

        Args:
            area: Which copies.
            system: The system.
            number: The blob's place among the parts that :meth:`read` gives, from 0.
        """
        if (kept := self._kept(area, system)) is not None:
            return len(kept[number].data or b"")
        return plain_size(int(self._fs.size(f"{self._folder(area, system)}/{number:06d}")))

    def _kept(self, area: str, system: str) -> Sequence[KeptPart] | None:
        """Return the parts of a system that are held in memory; ``None`` if they are in files of their own.

        Raises:
            Conflict: They are missing or incomplete.
        """
        if self._at_hand is not None and (kept := self._at_hand.of(area).get(system)) is not None:
            return kept
        folder = self._folder(area, system)
        if not self._fs.exists(folder) and (kept := self._written(area).get(system)) is not None:
            return kept
        self._check_complete(folder, system)
        return None

    def _written(self, area: str) -> Mapping[str, Sequence[KeptPart]]:
        """Return the parts that a phase has written of an area, by system."""
        if self._at_hand is not None and self._at_hand.knows(area):
            return {}
        if area not in self._read:
            self._fs.invalidate_cache()
            try:
                self._read[area] = unframed(self._decrypt(_name(area)))
            except FileNotFoundError:
                self._read[area] = {}
        return self._read[area]

    def holds(self, area: str, system: str) -> bool:
        """Return whether the copies of one system are here, complete.

        Args:
            area: Which copies.
            system: The system.
        """
        try:
            self._kept(area, system)
        except Conflict:
            return False
        return True

    def has_file(self, name: str) -> bool:
        """Return whether a finished file is here.

        Args:
            name: Its name, as :meth:`put_file` was given it.
        """
        return bool(self._fs.exists(f"{self._root}/{name}"))

    def file_size(self, name: str) -> int:
        """Return the size of a finished file in bytes.

        Args:
            name: Its name, as :meth:`put_file` was given it.
        """
        return int(self._fs.size(f"{self._root}/{name}"))

    def _check_complete(self, folder: str, system: str) -> None:
        present = self._fs.ls(folder, detail=False) if self._fs.exists(folder) else []
        names = {path.rsplit("/", 1)[-1] for path in present}
        if _COMPLETE not in names:
            raise Conflict(f"The working copies of {system} are missing here; run the case where they were made.")
        if _PARTS not in names or len(names) - 1 != int(self._fs.cat_file(f"{folder}/{_COMPLETE}")):
            raise Conflict(f"The working copies of {system} are incomplete; restore them, or open the request anew.")

    def put_file(self, name: str, chunks: Iterable[bytes]) -> str:
        """Store a finished file that is protected by itself, such as the package; return its place.

        Raises:
            Transient: The disk is full, read-only or faulty; nothing of the attempt stays on it.
        """
        path = f"{self._root}/{name}"
        with self._unless_refused(f"{path}.part"):
            with naming_disk(self._place):
                self._fs.makedirs(self._root, exist_ok=True)
            self._put(f"{path}.part", chunks)
            # Only a whole file carries the name, so that a crash leaves no half package to hand out.
            self._fs.mv(f"{path}.part", path)
        return path

    def read_file(self, name: str) -> Iterator[bytes]:
        """A finished file, piece by piece.

        Args:
            name: Its name, as :meth:`put_file` was given it.
        """
        return self._raw(name)

    def purge(self, *areas: str) -> None:
        """Remove the working copies of some areas."""
        for area in areas:
            self._read.pop(area, None)
            if self._at_hand is not None:
                self._at_hand.drop(area)
        gone = {*areas, *map(_name, areas)}
        with suppress(FileNotFoundError):
            for path in self._fs.ls(self._root, detail=False):
                if path.rstrip("/").rsplit("/", 1)[-1] in gone:
                    self._remove(path)

    def _folder(self, area: str, system: str) -> str:
        return f"{self._root}/{area}/{system}"

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            self._fs.rm(path, recursive=True)

    def _decrypt(self, name: str) -> Iterator[bytes]:
        return decrypt_stream(self._key, name, self._raw(name))

    def _raw(self, name: str) -> Iterator[bytes]:
        with self._fs.open(f"{self._root}/{name}", "rb") as file:
            while chunk := file.read(READ_BYTES):
                yield chunk


def _name(area: str) -> str:
    """The file with an area's copies."""
    return f"{area}.copies"
