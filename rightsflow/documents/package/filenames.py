"""Names of the files in the package.

A zip archive encrypts contents and not names: one who finds the archive can read them without the passphrase. So the
files are numbered by system, and what a file was called stands inside, in the overview and the tables. That leaves no
room either for path traversal, device names of Windows, direction marks or other people's names.
"""

from __future__ import annotations

import mimetypes
import re
import unicodedata
from collections import Counter

# Windows takes these for devices, with any extension.
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d|clock")
_EXTENSION = re.compile(r"\.([A-Za-z0-9]{1,8})\s*\Z")
_LONGEST_SLUG = 60


def slug(title: str) -> str:
    """A folder name for a system or category: lower-case ASCII letters, digits and hyphens, never empty."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    short = re.sub(r"[^a-z0-9]+", "-", plain)[:_LONGEST_SLUG].strip("-")
    return f"data-{short}".strip("-") if not short or _DEVICES.fullmatch(short) else short


def extension(name: str, media_type: str) -> str:
    """The extension with its dot: the name's own, or the usual one of the media type, or nothing."""
    found = _EXTENSION.search(name)
    return f".{found[1].lower()}" if found else mimetypes.guess_extension(media_type) or ""


class FileNames:
    """Hands out paths, each once."""

    def __init__(self) -> None:
        self._numbers: Counter[str] = Counter()
        self._slugs: dict[tuple[str, str], str] = {}

    def folder(self, parent: str, title: str) -> str:
        """The name below ``parent`` that belongs to a title; two titles never share one."""
        if (parent, title) not in self._slugs:
            taken = {name for (item, _), name in self._slugs.items() if item == parent}
            name = wanted = slug(title)
            number = 1
            while name in taken:
                number += 1
                name = f"{wanted}-{number}"
            self._slugs[parent, title] = name
        return self._slugs[parent, title]

    def numbered(self, prefix: str, ending: str) -> str:
        """The next file of a series: ``prefix`` and a number of at least four digits and ``ending``."""
        self._numbers[prefix] += 1
        return f"{prefix}{self._numbers[prefix]:04}{ending}"
