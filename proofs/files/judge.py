"""What a stranger finds in a file: extractors that the product does not use, and all that its bytes unpack to."""

from __future__ import annotations

import base64
import gzip
import html
import io
import quopri
import re
import shutil
import subprocess
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator

from pdfminer.high_level import extract_text

_BASE64 = re.compile(rb"(?:[A-Za-z0-9+/]{40,}\r?\n)*[A-Za-z0-9+/]{8,}={0,2}")
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_WORD = re.compile(r"=\?([\w-]+)\?[bB]\?([A-Za-z0-9+/=]+)\?=")


def texts(content: bytes, depth: int = 0) -> Iterator[str]:
    """All texts of a file, in every encoding that it may be read in."""
    for encoding in ("utf-8", "utf-16", "utf-16-le", "latin-1", "iso-8859-2", "iso-8859-15"):
        text = content.decode(encoding, "replace")
        yield text
        if depth < 3 and encoding == "utf-8":
            yield html.unescape(re.sub(r"<[^>]*>", "", text))
            yield html.unescape(re.sub(r"<[^>]*>", " ", text))
            yield re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
            yield quopri.decodestring(content).decode("utf-8", "replace")
            yield _WORD.sub(lambda found: base64.b64decode(found[2]).decode(found[1], "replace"), text)
    if depth < 5:
        try:
            inside = list(_inner(content))
        except (zipfile.BadZipFile, OSError, EOFError, zlib.error, NotImplementedError):
            # It only begins like an archive.
            inside = []
        for inner in inside:
            yield from texts(inner, depth + 1)
        if content.startswith(b"%PDF"):
            yield from _pdf(content)


def _inner(content: bytes) -> Iterator[bytes]:
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                yield info.filename.encode()
                yield archive.read(info)
    elif content.startswith(b"\x1f\x8b"):
        yield gzip.decompress(content)
    elif content.startswith(b"%PDF"):
        for found in _STREAM.finditer(content):
            try:
                yield zlib.decompressobj().decompress(found[1])
            except zlib.error:
                yield found[1]
    else:
        for block in _BASE64.finditer(content):
            if len(block[0]) > 60:
                try:
                    yield base64.b64decode(block[0])
                except ValueError:
                    continue


def _pdf(content: bytes) -> Iterator[str]:
    yield extract_text(io.BytesIO(content))
    if program := shutil.which("pdftotext"):
        done = subprocess.run(
            [program, "-layout", "-", "-"], input=content, capture_output=True, timeout=60, check=False
        )
        yield done.stdout.decode("utf-8", "replace")


def seen(content: bytes) -> str:
    """Everything that a stranger reads in a file, small and without white space."""
    return "\0".join(plain(text) for text in texts(content))


def plain(text: str) -> str:
    """A text as it is compared: small, without white space."""
    return "".join(unicodedata.normalize("NFC", text).casefold().split())
