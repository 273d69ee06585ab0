"""Files that processors hand over in an access request, and the check that they are the person's. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rightsflow.domain.connector import Capabilities, RecordKind
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.spellings import in_plain_digits
from rightsflow.domain.spellings.wordforms import phone_pattern
from rightsflow.domain.vocabulary.file_kinds import ProofFile

DOCUMENT: Final = "document"
"""The kind of record that a file is which a processor handed over."""
HANDED_OVER: Final = Capabilities(
    kinds=(RecordKind(name=DOCUMENT, title="files handed over by processors", methods=frozenset()),),
    searches=frozenset(),
)
"""Processors as a source of a package: their files are given, and never searched, changed or erased."""
MOST_DOCUMENTS: Final = 10
"""Largest number of files in one answer."""
MOST_DOCUMENT_BYTES: Final = 20 * 1024 * 1024
"""Largest total size of these files, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimit:
    """The limit on the files that one answer may hand over.

    Args:
        files: How many files.
        size: How many bytes they may have together.
        any_kind: Whether files of any kind are taken; a person then reads what no program can.
    """

    files: int
    size: int
    any_kind: bool = False


BY_PEOPLE: Final = DocumentLimit(files=MOST_DOCUMENTS, size=MOST_DOCUMENT_BYTES)
"""Limit for people, who upload files on a page."""
BY_RIGHTSFLOW: Final = DocumentLimit(files=200, size=64 * 1024 * 1024, any_kind=True)
"""Limit for another Rightsflow."""
_SHORTEST_NUMBER: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOverFile:
    """A file that a processor handed over, without its content.

    Args:
        number: Its number within the instruction.
        answer: The number of the answer that brought it.
        kind: What kind of file it is.
        sha256: Its SHA-256, in hexadecimal.
        size: How many bytes it has.
    """

    number: int
    answer: int
    kind: ProofFile
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """File name for the person; the processor's own name may contain anything."""
        return f"{DOCUMENT}-{self.number}.{self.kind.ending}"


def check_documents(contents: Iterable[bytes], limit: DocumentLimit = BY_PEOPLE) -> None:
    """See whether files can be taken over.

    Args:
        contents: The files.
        limit: How much one answer may hand over.

    Raises:
        BadInput: One is empty, or there are too many, or they are too large.
    """
    sizes = [len(content) for content in contents]
    if not all(sizes):
        raise BadInput("A file is empty; give each with its content.")
    if len(sizes) > limit.files or sum(sizes) > limit.size:
        raise BadInput(
            f"That is more than an answer takes: at most {limit.files} files with {limit.size >> 20} MB together; "
            "give the rest with another answer."
        )


def names_person(text: str, identifiers: Iterable[Identifier]) -> bool:
    """Return whether a text names the person by an identifier that the processor received, or that we know besides.

    Args:
        text: The text.
        identifiers: What is known of the person; a name or date of birth alone shows nothing, since others have it too.
    """
    plain = in_plain_digits(text.casefold())
    return any(_is_in(identifier, plain) for identifier in identifiers if identifier.finds)


def _is_in(identifier: Identifier, plain: str) -> bool:
    if identifier.kind is IdentifierKind.PHONE:
        # As a whole number: +49 30 231250 is not in +49 30 2312509, nor in the end of one line and the next.
        return len(identifier.value) > _SHORTEST_NUMBER and phone_pattern(identifier.value).search(plain) is not None
    # As a whole word: C-1 is not in C-10.
    return re.search(rf"(?<![\w.+-]){re.escape(identifier.value.casefold())}(?![\w-])", plain) is not None
