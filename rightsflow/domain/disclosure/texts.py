"""Texts to mask: the marks that replace withheld text, the texts of a JSON tree, and files that are text. Pure.

A masked text is told from one that was never masked by its marks alone, so a text that holds a mark from elsewhere is
left as it is. A file that cannot be read as text for certain (another encoding, too large, a mail with encoded parts)
is left as it is, and a person reads it before the package is released.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol, TypeAlias

from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.records import Blob

JSON: TypeAlias = "Mapping[str, JSON] | list[JSON] | tuple[JSON, ...] | str | int | float | bool | None"


class Rewriter(Protocol):
    """A replacement rule for the texts and numbers of a tree."""

    def text(self, original: str, field: str) -> str:
        """Return the replacement of a text.

        Args:
            original: The text.
            field: The key that it stands under; empty of a key.
        """

    def number(self, original: float, field: str) -> JSON:
        """Return the replacement of a number; arguments as in :meth:`text`."""


def rewrite(value: JSON, by: Rewriter, field: str = "") -> JSON:
    """Rewrite the texts and numbers of a tree.

    Args:
        value: The tree; it is not changed.
        by: What rewrites them.
        field: The key that the tree stands under.
    """
    if isinstance(value, str):
        return by.text(value, field)
    if isinstance(value, Mapping):
        return rewrite_mapping(value, by)
    if isinstance(value, list | tuple):
        return [rewrite(item, by, field) for item in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return by.number(value, field)
    return value


def rewrite_mapping(value: Mapping[str, JSON], by: Rewriter) -> dict[str, JSON]:
    """Rewrite the keys, texts and numbers of an object; nothing is lost where two keys become alike.

    Args:
        value: The object; it is not changed.
        by: What rewrites them.
    """
    rewritten: dict[str, JSON] = {}
    for key, node in value.items():
        name = unique = by.text(str(key), "")
        number = 1
        while unique in rewritten:
            number += 1
            unique = f"{name} ({number})"
        rewritten[unique] = rewrite(node, by, str(key))
    return rewritten


PASSAGE: Final = "passage"
"""Kind of a passage that a person masked by its wording."""
INTERVAL: Final = "interval"
"""Kind of an interval that a person muted in a recording; it has no mark, since it is silence."""
EDITED: Final = "edited"
"""Kind of a file that a person edited by hand; the removed parts bear no mark."""
IDENTIFIER: Final = "identifier"
"""Kind of a checked number of a kind of the configuration, such as an IBAN."""
MARKS: Final[Mapping[str, str]] = {
    IdentifierKind.NAME.value: "[other person's name]",
    IdentifierKind.EMAIL.value: "[other person's e-mail]",
    IdentifierKind.PHONE.value: "[other person's phone number]",
    IdentifierKind.BIRTH_DATE.value: "[other person's date of birth]",
    IDENTIFIER: "[other person's number]",
    PASSAGE: "[masked passage]",
}
"""Mark that replaces masked text, by kind."""
MASKED_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    IdentifierKind.NAME.value: ("name", "names"),
    IdentifierKind.EMAIL.value: ("e-mail address", "e-mail addresses"),
    IdentifierKind.PHONE.value: ("phone number", "phone numbers"),
    IdentifierKind.BIRTH_DATE.value: ("date of birth", "dates of birth"),
    IDENTIFIER: ("number", "numbers"),
    PASSAGE: ("passage", "passages"),
    INTERVAL: ("muted interval", "muted intervals"),
    EDITED: ("file edited by hand", "files edited by hand"),
}
"""Each kind in the singular and in the plural."""
MARK: Final = re.compile("|".join(re.escape(mark) for mark in MARKS.values()))
"""Finds a mark."""
_MARK_APART: Final = re.compile(f"({MARK.pattern})")
_KIND_OF: Final[Mapping[str, str]] = {mark: kind for kind, mark in MARKS.items()}


def marks_in(text: str) -> Counter[str]:
    """Count the marks in a text, by kind.

    Args:
        text: The text.
    """
    return Counter(_KIND_OF[mark] for mark in MARK.findall(text)) if "[" in text else Counter()


def masked_in(value: JSON) -> Counter[str]:
    """Count the masks in a JSON tree by kind, keys included.

    Args:
        value: The tree, masked.
    """
    counts: Counter[str] = Counter()
    waiting: list[JSON] = [value]
    while waiting:
        found = waiting.pop()
        if isinstance(found, str):
            counts += marks_in(found)
        elif isinstance(found, Mapping):
            waiting += [*found, *found.values()]
        elif isinstance(found, list | tuple):
            waiting += found
    return counts


def split_at_marks(text: str) -> list[tuple[str, bool]]:
    """Split a masked text at its marks; each piece comes with a flag for a mark.

    Args:
        text: The text.
    """
    return [(piece, piece in _KIND_OF) for piece in _MARK_APART.split(text) if piece]


MOST_BYTES: Final = 500_000
"""Largest file that is masked, in bytes; a person reviews larger ones."""
_KINDS: Final = frozenset({"text/plain", "text/csv", "text/html", "text/vtt", "application/x-subrip", "message/rfc822"})
_ENDINGS: Final = (".txt", ".csv", ".html", ".htm", ".vtt", ".srt", ".eml")
_UNSAID: Final = frozenset({"", "application/octet-stream"})
"""Kinds that say nothing, so that the file's name counts."""
_ENCODED: Final = re.compile(r"^content-transfer-encoding:\s*(?:base64|quoted-printable)", re.IGNORECASE | re.MULTILINE)
_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's text.

    Args:
        content: The text.
        mark: What stands before it in the file; empty for nothing.
    """

    content: str = field(repr=False)
    mark: str = ""

    def with_text(self, content: str) -> Iterator[bytes]:
        """Yield the bytes of the file with another text.

        Args:
            content: The text.
        """
        yield f"{self.mark}{content}".encode()


def is_text_file(blob: Blob) -> bool:
    """Return whether a file is declared as text; it may still be unreadable.

    Args:
        blob: The file.
    """
    kind = blob.media_type.partition(";")[0].strip().lower()
    return kind in _KINDS or (kind in _UNSAID and blob.name.lower().endswith(_ENDINGS))


def text_of(blob: Blob) -> TextFile | None:
    """Return the text of a file; ``None`` if it is not text that can be masked.

    Args:
        blob: The file.
    """
    if not is_text_file(blob):
        return None
    read = bytearray()
    for chunk in blob.open():
        read += chunk
        if len(read) > MOST_BYTES:
            return None
    try:
        text = read.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text or _ENCODED.search(text):
        return None
    mark = _MARK if text.startswith(_MARK) else ""
    return TextFile(text.removeprefix(_MARK), mark)
