"""Text that an SQLite database holds in another encoding than UTF-8, as old programs wrote it: the database lets them.

It is read such that it can be written back and names files as they are, and is given to the person as text.
"""

from __future__ import annotations


def text_of(stored: bytes) -> str:
    """Stored text; what is not UTF-8 stands in it as lone surrogates (PEP 383).

    Args:
        stored: The bytes.
    """
    return stored.decode("utf-8", "surrogateescape")


def readable(text: str) -> str:
    """The same for people: what is not UTF-8 is read as the encoding of Western Europe, which such programs used.

    Args:
        text: As :func:`text_of` gives it, or any other.
    """
    if is_utf8(text):
        return text
    return text.encode("utf-8", "surrogatepass" if _has_pairs(text) else "surrogateescape").decode("cp1252", "replace")


def is_utf8(text: str) -> bool:
    """Return True if a text can be written in UTF-8.

    Args:
        text: The text.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _has_pairs(text: str) -> bool:
    """Return True if the text holds surrogates that represent no byte, as JSON may."""
    return any("\ud800" <= item <= "\udfff" and not "\udc80" <= item <= "\udcff" for item in text)
