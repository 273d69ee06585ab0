"""Makes the small files customers attach: texts, pictures and documents that really open."""

from __future__ import annotations

import re
import struct
import zlib
from pathlib import PurePath
from random import Random

_SIDE = 24


def attachment(file_name: str, text: str, random: Random) -> tuple[str, bytes]:
    """Return the content of a file by the ending of its name.

    Args:
        file_name: Ends in ``.txt``, ``.png`` or ``.pdf``.
        text: What stands in it, where it has text.
        random: Decides a picture's colours.

    Returns:
        The media type and the bytes.
    """
    make = {".txt": _text, ".png": _png, ".pdf": _pdf}[PurePath(file_name).suffix]
    return make(text, random)


def _text(text: str, random: Random) -> tuple[str, bytes]:
    lines = [
        text,
        *(f"{tick:04d} link {random.choice(('up', 'down'))} rssi -{random.randint(40, 90)}" for tick in range(12)),
    ]
    return "text/plain", "\n".join(lines).encode()


def _png(_text: str, random: Random) -> tuple[str, bytes]:
    """Return a picture of two colours, split at a random row (PNG, 8-bit RGB)."""
    top, bottom = random.randbytes(3), random.randbytes(3)
    split = random.randint(4, _SIDE - 4)
    rows = b"".join(b"\0" + (top if row < split else bottom) * _SIDE for row in range(_SIDE))
    header = struct.pack(">IIBBBBB", _SIDE, _SIDE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return "image/png", b"\x89PNG\r\n\x1a\n" + b"".join(_png_chunk(*chunk) for chunk in chunks)


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _pdf(text: str, _random: Random) -> tuple[str, bytes]:
    """Return a page with one line of text (PDF 1.4, standard font, WinAnsi letters)."""
    line = re.sub(r"[()\\\s]+", " ", text).encode("cp1252", "replace")
    stream = b"BT /F1 11 Tf 50 780 Td (" + line + b") Tj ET"
    objects = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    )
    return "application/pdf", _pdf_file(objects)


def _pdf_file(objects: tuple[bytes, ...]) -> bytes:
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    size = len(objects) + 1
    return body + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        size,
        table,
        size,
        len(body),
    )
