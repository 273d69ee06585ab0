"""The text of bytes in the encoding that they declare or that is detected; and bytes of a text in the same one."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED: Final = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?([A-Za-z0-9._:-]{2,40})""", re.IGNORECASE)
_SINGLE: Final = ("cp1252", "iso-8859-2", "cp1250", "iso-8859-15")
_WORD: Final = re.compile(r"\S+")
_CONTACT: Final = re.compile(r"[@\d]")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_LOOKED_THROUGH: Final = 64_000
_FEWEST: Final = 8
_MOST_CONTROLS: Final = 1000
"""One control character in so many characters is an accident."""


@dataclass(frozen=True, slots=True)
class ReadText:
    """A text that was read from bytes.

    Args:
        text: The text.
        encoding: In which encoding.
        mark: The bytes before the text that name the encoding.
        is_guessed: True if nothing names the encoding.
    """

    text: str = field(repr=False)
    encoding: str
    mark: bytes = b""
    is_guessed: bool = False

    def written(self, text: str) -> bytes:
        """Return another text in the same encoding; a letter that it lacks becomes a question mark.

        Args:
            text: The other text.
        """
        return self.mark + text.encode(self.encoding, "replace")


def text_of(content: bytes, declared: str = "") -> ReadText | None:
    """Return the text of bytes; ``None`` if they are none.

    Args:
        content: The bytes.
        declared: The encoding that a header names; empty for none.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _read(content[len(mark) :], encoding, mark)
    certain, guessed = _candidates(content, declared)
    for encoding in (*certain, *guessed):
        if read := _read(content, encoding):
            return replace(read, is_guessed=encoding not in certain)
    return None


def other_readings(content: bytes, read: ReadText) -> Iterator[str]:
    """Yield what a text says in other encodings of one byte for a letter, where nothing names its own.

    Each is as long as the text. It has only the words that differ and those beside them, so that what is alike in all
    is found once.

    Args:
        content: The bytes.
        read: The text.
    """
    known = {read.text}
    for encoding in _SINGLE if read.is_guessed else ():
        other = _read(content, encoding)
        if other and len(other.text) == len(read.text) and other.text not in known:
            known.add(other.text)
            yield _different(other.text, read.text)


def _different(text: str, known: str) -> str:
    words = list(_WORD.finditer(text))
    differs = [word[0] != known[word.start() : word.end()] for word in words]
    letters = [" "] * len(text)
    for at, word in enumerate(words):
        is_beside = any(differs[max(at - 1, 0) : at + 2]) and not _CONTACT.search(word[0])
        if differs[at] or is_beside:
            letters[word.start() : word.end()] = word[0]
    return "".join(letters)


def _candidates(content: bytes, declared: str) -> tuple[list[str], list[str]]:
    """Return the encodings that are named or certain if they fit, and those that are guessed."""
    inside = _DECLARED.search(content[:4096])
    said = [name for name in (declared, inside[1].decode("ascii") if inside else "") if name]
    if b"\0" in content[:_LOOKED_THROUGH]:
        return [*said, *_wide(content)], []
    return [*said, "utf-8"], [*_detected(content), "cp1252", "latin-1"]


def _wide(content: bytes) -> list[str]:
    """Return the encoding of two bytes that texts have whose every second byte is empty."""
    start = content[:_LOOKED_THROUGH]
    even, odd = start[::2].count(0), start[1::2].count(0)
    most = len(start) // 4
    return ["utf-16-le"] if odd > most > even else ["utf-16-be"] if even > most > odd else []


def _detected(content: bytes) -> list[str]:
    try:
        content.decode()
    except UnicodeDecodeError:
        pass
    else:
        return []
    # Late: most texts are UTF-8, and the library takes long to load.
    from charset_normalizer import from_bytes  # noqa: PLC0415

    best = from_bytes(content[:_LOOKED_THROUGH]).best()
    return [best.encoding] if best and len(content) >= _FEWEST else []


def _read(content: bytes, encoding: str, mark: bytes = b"") -> ReadText | None:
    try:
        text = content.decode(encoding)
    except (UnicodeError, LookupError, ValueError):
        return None
    if len(_CONTROLS.findall(text)) * _MOST_CONTROLS > len(text):
        return None
    return ReadText(text, encoding, mark) if text.encode(encoding, "replace") == content else None
