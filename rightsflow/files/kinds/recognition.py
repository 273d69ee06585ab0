"""Recognises the kind of a file by its content, whatever its name says."""

from __future__ import annotations

import re
import zipfile
from enum import Enum
from io import BytesIO
from typing import Final

from rightsflow.files.kinds.text_encodings import text_of


class FileKind(Enum):
    """A kind that is opened; its value is the kind in words for people."""

    TEXT = "text"
    HTML = "HTML"
    CSV = "table (CSV)"
    JSON = "JSON"
    MAIL = "e-mail"
    PDF = "PDF"
    WORD = "Word document"
    SHEET = "Excel workbook"
    SLIDES = "PowerPoint presentation"
    OPEN_DOCUMENT = "OpenDocument file"
    PICTURE = "picture"
    ZIP = "ZIP archive"
    TAR = "TAR archive"
    PACKED = "compressed file"

    @property
    def is_text(self) -> bool:
        """True if the file is text as it is stored."""
        return self in {FileKind.TEXT, FileKind.HTML, FileKind.CSV, FileKind.JSON}


_PACKED: Final = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_PICTURES: Final = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"II*\x00", b"MM\x00*", b"BM")
NOT_OPENED: Final = (
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Office or Outlook file of the old format (.doc, .xls, .ppt, .msg)"),
    (b"{\\rtf", "a rich text file (RTF)"),
    (b"Rar!", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"%!PS", "a PostScript file"),
    (b"SQLite format 3\x00", "a database (SQLite)"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ID3", "a recording"),
    (b"OggS", "a recording"),
    (b"fLaC", "a recording"),
    (b"#!AMR", "a recording"),
    (b"\xff\xfb", "a recording"),
    (b"\xff\xf3", "a recording"),
    (b"\x1aE\xdf\xa3", "a film or recording"),
)
"""How files of kinds begin that are not opened, with what they are."""
_AT_FOUR: Final = (
    (b"ftyphei", "a picture (HEIC)"),
    (b"ftypavif", "a picture (AVIF)"),
    (b"ftyp", "a film or recording"),
)
_MAIL_FIELDS: Final = (
    "from|to|cc|date|subject|received|message-id|return-path|mime-version|content-type|content-transfer-encoding"
)
_MAIL: Final = re.compile(
    rf"\A(?:From [^\n]*\n)?(?:[\w-]{{1,60}}:[^\n]*\n(?:[ \t][^\n]*\n)*)*(?:{_MAIL_FIELDS}):[^\n]*(?:\n|\Z)",
    re.IGNORECASE,
)
_HTML: Final = re.compile(r"<(?:!doctype\s+html|html|head|body|div|p|table|br|span)\b", re.IGNORECASE)
_LOOKED_THROUGH: Final = 20_000
_FEWEST_ROWS: Final = 2


def why_not(content: bytes) -> str:
    """Return what a file is of a kind that is not opened; empty for any other.

    Args:
        content: Its beginning.
    """
    if content[:4] == b"RIFF" and content[8:12] in {b"WAVE", b"AVI "}:
        return "a recording" if content[8:12] == b"WAVE" else "a film"
    starts = next((what for magic, what in NOT_OPENED if content.startswith(magic)), "")
    return starts or next((what for magic, what in _AT_FOUR if content[4:].startswith(magic)), "")


def recognise(content: bytes) -> FileKind | None:
    """Return the kind of a file; ``None`` where it is not known.

    Args:
        content: The file.
    """
    if content.startswith(_PACKED):
        return FileKind.PACKED
    if content.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(content)
    if content.startswith(_PICTURES) or (content[:4] == b"RIFF" and content[8:12] == b"WEBP"):
        return FileKind.PICTURE
    if b"%PDF-" in content[:1024]:
        return FileKind.PDF
    if content[257:262] == b"ustar":
        return FileKind.TAR
    return _kind_of_text(content)


def _kind_of_zip(content: bytes) -> FileKind:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist()[:5000])
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError):
        return FileKind.ZIP
    if "[Content_Types].xml" in names:
        mains = {"word/": FileKind.WORD, "xl/": FileKind.SHEET, "ppt/": FileKind.SLIDES}
        return next(
            (kind for start, kind in mains.items() if any(name.startswith(start) for name in names)), FileKind.ZIP
        )
    return FileKind.OPEN_DOCUMENT if {"mimetype", "content.xml"} <= names else FileKind.ZIP


def _kind_of_text(content: bytes) -> FileKind | None:
    read = text_of(content)
    if read is None:
        return None
    start = read.text[:_LOOKED_THROUGH].replace("\r\n", "\n").lstrip("\ufeff")
    if _MAIL.match(start):
        return FileKind.MAIL
    if _HTML.search(start):
        return FileKind.HTML
    if start.lstrip()[:1] in {"{", "["}:
        return FileKind.JSON
    lines = [line for line in start.split("\n")[:20] if line]
    for separator in ",;\t":
        columns = {line.count(separator) for line in lines[:5]}
        if len(lines) >= _FEWEST_ROWS and min(columns) and len(columns) == 1:
            return FileKind.CSV
    return FileKind.TEXT
