"""Masked files: what the rules and people's choices mask in a file's texts, verified before it is given.

The file is made without it, opened again by another reader, and searched for it. A file that fails is not given: a note
stands in its place, until a person uploads an edited copy.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from rightsflow.domain.disclosure.file_texts import (
    FIELDS,
    NOT_GIVEN,
    NOT_SCANNED,
    REMOVED,
    WITHHELD_IN_FILE,
    FileReader,
    FileText,
    OpenedFile,
    Unread,
)
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

_MOST_NAMED: Final = 20
_UNVERIFIED: Final = "what is masked in it could not be verified"
_NOTE: Final = b"This file is not given: what is masked in it could not be verified.\n"
_PLAYED: Final = ("audio/", "video/")


@dataclass(slots=True)
class ListedBeside:
    """The people whom a connector listed in the documents of each record so far: they are others in its files too."""

    _listed: dict[RecordRef, frozenset[str]] = field(default_factory=dict, repr=False)

    def of(self, part: Part) -> frozenset[str]:
        """Return the people who are listed before a part of a record, and note those of a document.

        Args:
            part: The next part, in the order in which they were copied.
        """
        before = self._listed.get(part.record, frozenset())
        if isinstance(part, Document) and part.others:
            self._listed[part.record] = before | part.others
        return before


def is_played(blob: Blob) -> bool:
    """Return True if a file is a recording or a film by what its system says: a person listens to it.

    Args:
        blob: The file.
    """
    return blob.media_type.strip().lower().startswith(_PLAYED)


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenFile:
    """A file as it is given.

    Args:
        blob: The file.
        is_given: True if it is the file, and no note in its place.
    """

    blob: Blob
    is_given: bool = True


def given_file(
    clean: Blob,
    opened: OpenedFile,
    text: FileText,
    counts: Mapping[str, int],
    *,
    reader: FileReader,
    masked: Callable[[str], str],
) -> GivenFile:
    """Return a file without what is masked in it.

    Args:
        clean: The file, its name and metadata masked already.
        opened: What its reader found.
        text: Its texts with what is masked.
        counts: How often each kind is masked in it.
        reader: Reads and writes it.
        masked: Masks the names of parts that were not opened, which are said to the person.
    """
    fields = _fields(clean, opened, counts, masked)
    blob = replace(clean, metadata={**_without_fields(clean.metadata), **fields})
    if not opened.is_open or not (text.masks or opened.is_rewritten):
        return GivenFile(blob=blob)
    content = reader.mask(clean, text.masks)
    if content is not None and not reader.check(content, text.forbidden()):
        return GivenFile(blob=replace(blob, open=partial(_once, content)))
    if text.masks:
        return GivenFile(blob=_note_instead(blob), is_given=False)
    return GivenFile(blob=_as_it_is(clean, masked))


def without_file_fields(blob: Blob) -> Blob:
    """Return a file without what was said of its text.

    Args:
        blob: The file.
    """
    return replace(blob, metadata=_without_fields(blob.metadata))


def _without_fields(metadata: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in metadata.items() if key not in FIELDS}


def _fields(
    blob: Blob, opened: OpenedFile, counts: Mapping[str, int], masked: Callable[[str], str]
) -> dict[str, object]:
    """Return what the person reads of the file: what was not opened, masked and removed."""
    said = dict[str, object]()
    if opened.unread and (opened.is_open or not is_played(blob)):
        said[NOT_SCANNED] = _in_words(opened.unread, masked)
    if found := {kind: count for kind, count in counts.items() if count}:
        said[WITHHELD_IN_FILE] = found
    if opened.removed:
        said[REMOVED] = ", ".join(opened.removed)
    return said


def _in_words(unread: Sequence[Unread], masked: Callable[[str], str]) -> str:
    lines = [masked(str(item)) for item in unread[:_MOST_NAMED]]
    more = len(unread) - len(lines)
    return "; ".join([*lines, f"and {more} more"] if more else lines)


def _as_it_is(blob: Blob, masked: Callable[[str], str]) -> Blob:
    """Return a file that could not be written anew, as one that was not opened."""
    unread = OpenedFile(unread=[Unread("it can be read, but not written without its hidden parts")])
    return replace(blob, metadata={**_without_fields(blob.metadata), **_fields(blob, unread, Counter(), masked)})


def _note_instead(blob: Blob) -> Blob:
    return replace(
        blob,
        name=f"{blob.name}.txt",
        media_type="text/plain",
        metadata={**blob.metadata, NOT_GIVEN: _UNVERIFIED},
        open=partial(_once, _NOTE),
    )


def _once(content: bytes) -> Iterator[bytes]:
    yield content
