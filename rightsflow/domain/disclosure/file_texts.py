"""Texts of files: what a reader of a file's kind found in it, and what is masked there. Pure.

A reader (:class:`FileReader`) opens a file by its content, and gives its texts as runs: a paragraph, a cell, a page, a
header of a mail. The rules and people's choices mask spans of runs; the reader then makes the file without them. What
it could not open is said with its place and reason, and is for a person to read before the release.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Protocol

from rightsflow.domain.vocabulary.records import Blob

NOT_SCANNED: Final = "not_scanned"
"""Field of a file that says which of its parts were not opened, and why."""
NOT_GIVEN: Final = "not_given"
"""Field that says why a file is not in the package."""
WITHHELD_IN_FILE: Final = "withheld_in_the_file"
"""Field that counts what is masked in a file's text, by kind."""
REMOVED: Final = "removed_from_the_file"
"""Field that names what a released file never has, such as document properties."""
FIELDS: Final = (NOT_SCANNED, NOT_GIVEN, WITHHELD_IN_FILE, REMOVED)
_FEWEST_CHARACTERS: Final = 3
"""Shorter texts occur by chance."""


@dataclass(frozen=True, slots=True)
class Run:
    """A text of a file.

    Args:
        text: The text, its accents joined to their letters (NFC).
        where: Its place for people, such as ``page 3``; empty for the whole of a text file.
    """

    text: str = field(repr=False)
    where: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Unread:
    """A part of a file that was not opened.

    Args:
        why: The reason, in words for people.
        where: Its place; empty for the whole file.
    """

    why: str
    where: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Return the place with its reason."""
        return f"{self.where}: {self.why}" if self.where else self.why


@dataclass(frozen=True, slots=True, order=True)
class MaskSpan:
    """A span of a run that is replaced by a mark.

    Args:
        run: The run's place among the file's.
        start: The character at which the span begins.
        end: The one behind its end.
        mark: What replaces it.
    """

    run: int
    start: int
    end: int
    mark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenedFile:
    """A file as its kind's reader found it.

    Args:
        kind: The kind, in words for people, such as ``PDF``; empty where the file could not be opened.
        runs: Its texts, in order.
        unread: What was not opened, and why.
        removed: What the file that is given never has, such as ``document properties``.
        is_rewritten: True if the file is written anew also when nothing is masked in it.
        is_text: True if the file is text as it is stored, so that its masked form is as good as one edited by hand.
        others: The people whom a connector listed beside the file, in documents of its record before it.
    """

    kind: str = ""
    runs: Sequence[Run] = ()
    unread: Sequence[Unread] = ()
    removed: Sequence[str] = ()
    is_rewritten: bool = False
    is_text: bool = False
    others: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def is_open(self) -> bool:
        """True if the file was opened, in part at least."""
        return bool(self.kind)

    @property
    def is_scanned(self) -> bool:
        """True if all of the file was opened."""
        return self.is_open and not self.unread


class FileReader(Protocol):
    """The port to the kinds of files."""

    def open(self, blob: Blob) -> OpenedFile:
        """Return a file's texts; a file that cannot be opened has none, and says why.

        Args:
            blob: The file.
        """

    def mask(self, blob: Blob, masks: Sequence[MaskSpan]) -> bytes | None:
        """Return a file without the spans and without what is removed from its kind; ``None`` if that failed.

        Args:
            blob: The file.
            masks: The spans, in order, none overlapping.
        """

    def check(self, content: bytes, forbidden: Sequence[str]) -> Sequence[str]:
        """Open a file with another reader than the one that wrote it, and return the findings; none if it is clean.

        Args:
            content: The file as it is to be given.
            forbidden: The texts that may not be in it.
        """


@dataclass(frozen=True)
class FileText:
    """The texts of a file with what is masked in them.

    Args:
        runs: The texts.
        masks: The spans, in order.
    """

    runs: Sequence[Run] = field(repr=False)
    masks: Sequence[MaskSpan] = ()

    @cached_property
    def _by_run(self) -> Mapping[int, Sequence[MaskSpan]]:
        by_run: dict[int, list[MaskSpan]] = defaultdict(list)
        for mask in self.masks:
            by_run[mask.run].append(mask)
        return by_run

    def masked(self, run: int) -> str:
        """Return a run's text as it is given.

        Args:
            run: The run's place.
        """
        return apply(self.runs[run].text, [(mask.start, mask.end, mask.mark) for mask in self._by_run.get(run, ())])

    def with_masks(self, more: Mapping[int, Sequence[tuple[int, int]]], mark: str) -> FileText:
        """Return the texts with further spans masked; a mark that a span covers goes with it.

        Args:
            more: The spans of each run, as places in its masked text; none cuts a mark, none overlaps.
            mark: What replaces them.
        """
        masks = [mask for mask in self.masks if mask.run not in more]
        for run, spans in more.items():
            fresh = [MaskSpan(run, *self._original(run, span), mark) for span in spans]
            masks += fresh
            masks += [
                mask
                for mask in self._by_run.get(run, ())
                if not any(new.start <= mask.start and mask.end <= new.end for new in fresh)
            ]
        return FileText(self.runs, sorted(masks))

    def _original(self, run: int, span: tuple[int, int]) -> tuple[int, int]:
        """Return the span of the original text that a span of the masked text stands for."""
        start, end = span
        first, last, shift = start, end, 0
        for mask in self._by_run.get(run, ()):
            begin = mask.start + shift
            shift += len(mask.mark) - (mask.end - mask.start)
            if begin + len(mask.mark) <= start:
                first = start - shift
            if begin + len(mask.mark) <= end:
                last = end - shift
        return first, last

    def forbidden(self) -> list[str]:
        """Return the masked texts that stand nowhere in the file any more, so that finding one is a fault."""
        given = compared("\n".join(self.masked(run) for run in range(len(self.runs))))
        hidden = {compared(self.runs[mask.run].text[mask.start : mask.end]).strip() for mask in self.masks}
        return sorted(text for text in hidden if len(text) >= _FEWEST_CHARACTERS and not occurs(text, given))


def apply(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """Return a text with spans replaced.

    Args:
        text: The text.
        spans: Start, end and replacement of each, in order.
    """
    pieces, at = list[str](), 0
    for start, end, mark in spans:
        pieces += [text[at:start], mark]
        at = end
    return "".join([*pieces, text[at:]])


def compared(text: str) -> str:
    """Return a text as texts of two readers are compared: compatible letters as one, small, white space as one space.

    Args:
        text: The text.
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def occurs(wanted: str, text: str) -> bool:
    """Return True if a text contains another one as whole words.

    Args:
        wanted: The other text, as :func:`compared` gives it.
        text: The text, in the same form.
    """
    return wanted in text and bool(re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", text))
