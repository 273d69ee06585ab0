"""One pass over a file: its texts in order, what was not opened, and the limits of the whole pass.

A kind is one function, ``walk(content, job, where, depth)``: it hands each text to the job, gets back what is given in
its place, and returns the file with that. Reading and masking are the same pass, so that a run has the same place in
both.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

MOST_DEPTH: Final = 8
"""How deep files may lie in files."""
MOST_FILES: Final = 3_000
"""How many files may lie in one file, at all depths."""
MOST_BYTES: Final = 128 * 1024 * 1024
"""How many bytes a file may hold unpacked, at all depths."""
MOST_CHARACTERS: Final = 2_000_000
"""How many characters of text a file may hold."""
MOST_RUNS: Final = 200_000
"""How many texts a file may hold."""
MOST_SIGNS: Final = 5_000
"""How many addresses and long numbers a file may hold: each is parsed, which takes milliseconds."""
_SIGNS: Final = re.compile(r"@|%40|[+\d](?:[ ()./-]{0,2}\d){6}")

Span = tuple[int, int, str]
"""Start, end and replacement."""
Walk = Callable[[bytes, "FilePass", str, int], bytes]
"""Goes through a file: its bytes, the pass, its place and its depth; returns the file as it is given."""


class CannotOpen(Exception):
    """A file, or a file in it, cannot be opened; the text says why, in words for people."""


class TooMuch(CannotOpen):
    """A limit of the whole pass is reached: the file is not opened at all."""


@dataclass(slots=True)
class FilePass:
    """A pass.

    Args:
        walk: Goes through a file of any kind.
        masks: The spans to mask by run; ``None`` while the file is only read.
    """

    walk: Walk
    masks: Mapping[int, Sequence[Span]] | None = None
    runs: list[tuple[str, str]] = field(default_factory=list)
    unread: list[tuple[str, str]] = field(default_factory=list)
    removed: Counter[str] = field(default_factory=Counter)
    is_rewritten: bool = False
    characters: int = 0
    signs: int = 0
    files: int = 0
    unpacked: int = 0

    @property
    def is_writing(self) -> bool:
        """True if the file is made anew."""
        return self.masks is not None

    def take(self, text: str, where: str) -> Sequence[Span]:
        """Note a text, composed (NFC), and return the spans that are masked in it.

        Args:
            text: The text.
            where: Its place, for people.

        Raises:
            TooMuch: The file has too much text.
        """
        self.characters += len(text)
        self.signs += len(_SIGNS.findall(text))
        if self.signs > MOST_SIGNS:
            raise TooMuch(f"it has more than {MOST_SIGNS:,} addresses and long numbers")
        if self.characters > MOST_CHARACTERS or len(self.runs) >= MOST_RUNS:
            raise TooMuch(f"it has more than {MOST_CHARACTERS:,} characters of text, or {MOST_RUNS:,} texts")
        self.runs.append((text, where))
        return (self.masks or {}).get(len(self.runs) - 1, ())

    def text(self, text: str, where: str) -> str:
        """Note a text and return what is given in its place; unchanged where nothing is masked.

        Args:
            text: The text.
            where: Its place, for people.
        """
        whole = composed(text)
        spans = self.take(whole, where)
        return replaced(whole, spans) if spans else text

    def skip(self, where: str, why: str) -> None:
        """Note a part that was not opened.

        Args:
            where: Its place.
            why: The reason.
        """
        self.unread.append((where, why))

    def remove(self, what: str) -> None:
        """Note what the given file never has.

        Args:
            what: What, in words for people.
        """
        self.removed[what] += 1
        self.is_rewritten = True

    def nested(self, content: bytes, where: str, depth: int, name: str = "") -> bytes:
        """Go through a file in a file; one that cannot be opened is noted and stays as it is.

        Args:
            content: The inner file.
            where: Where it lies.
            depth: How deep the outer file lies.
            name: The inner file's name, if it has one.

        Raises:
            TooMuch: A limit of the whole pass is reached.
        """
        place = inside(where, name) if name else where
        before = len(self.runs)
        try:
            return self.walk(content, self, place, depth + 1) if content else content
        except TooMuch:
            raise
        except CannotOpen as refused:
            # The texts that were noted before it failed keep their places; what is masked in them cannot go.
            self.skip(place, str(refused))
            if any(run >= before for run in self.masks or {}) and len(self.runs) > before:
                raise TooMuch(f"{place} cannot be written without what is masked in it") from refused
            return content

    def enter(self, depth: int) -> None:
        """Count a file in the file.

        Args:
            depth: How deep it lies.

        Raises:
            TooMuch: There are too many, or it lies too deep.
        """
        self.files += 1
        if self.files > MOST_FILES:
            raise TooMuch(f"it holds more than {MOST_FILES:,} files")
        if depth > MOST_DEPTH:
            raise TooMuch(f"files lie in it more than {MOST_DEPTH} deep")

    def unpack(self, size: int) -> None:
        """Count unpacked bytes.

        Args:
            size: How many.

        Raises:
            TooMuch: There are too many.
        """
        self.unpacked += size
        if self.unpacked > MOST_BYTES:
            raise TooMuch(f"it holds more than {MOST_BYTES >> 20} MB unpacked")

    @property
    def room(self) -> int:
        """How many bytes may still be unpacked."""
        return max(0, MOST_BYTES - self.unpacked)


def composed(text: str) -> str:
    """Return a text with accents joined to their letters.

    Args:
        text: The text.
    """
    return text if unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def replaced(text: str, spans: Sequence[Span]) -> str:
    """Return a text with spans replaced.

    Args:
        text: The text.
        spans: In order, none overlapping.
    """
    pieces, at = list[str](), 0
    for start, end, mark in spans:
        pieces += [text[at:start], mark]
        at = end
    return "".join([*pieces, text[at:]])


def apart(spans: Sequence[Span]) -> list[Span]:
    """Return spans in order; those that overlap are one, with the mark of the first.

    Args:
        spans: The spans.
    """
    merged = list[Span]()
    for start, end, mark in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end), merged[-1][2])
        else:
            merged.append((start, end, mark))
    return merged


def inside(where: str, name: str) -> str:
    """Return the place of something in something.

    Args:
        where: The place of the outer one; empty for the file.
        name: The inner one's name.
    """
    return f"{where} › {name}" if where else name
