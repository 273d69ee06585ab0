"""Hostile files: bombs, loops, broken ones, polyglots, entities, wrong lengths, and all kinds with bytes changed."""

from __future__ import annotations

import bz2
import io
import lzma
import random
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from proofs.files.labelled import files
from tests.support import made_files as made

_W: Final = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def _nested(levels: int, pack: Callable[[bytes], bytes], core: bytes = b"Hello") -> bytes:
    for _ in range(levels):
        core = pack(core)
    return core


def _zip_of(content: bytes) -> bytes:
    return made.zipped({"a": content})


def _wide(width: int, levels: int) -> bytes:
    """An archive of archives of archives, each of many."""
    core = made.zipped({"0": b"\0" * 1_000_000})
    for _ in range(levels):
        core = made.zipped({str(at): core for at in range(width)})
    return core


def _xml(document: str) -> bytes:
    return made.zipped({"[Content_Types].xml": "<Types/>", "word/document.xml": document})


def _laughs() -> str:
    entities = "".join(f'<!ENTITY l{at} "{f"&l{at - 1};" * 10}">' for at in range(1, 10))
    return f'<!DOCTYPE w [<!ENTITY l0 "lol">{entities}]><w:document {_W}><w:p>&l9;</w:p></w:document>'


def _pdf(objects: Mapping[int, bytes], root: int = 1) -> bytes:
    made_pdf, places = b"%PDF-1.7\n", {}
    for number, body in objects.items():
        places[number] = len(made_pdf)
        made_pdf += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (max(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % places.get(at, 0) for at in range(1, max(objects) + 1))
    end = b"trailer << /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF" % (max(objects) + 1, root, len(made_pdf))
    return made_pdf + table + end


def _stream(data: bytes, filters: bytes) -> bytes:
    return b"<< /Length %d /Filter %s >>\nstream\n%s\nendstream" % (len(data), filters, data)


_CATALOG: Final = b"<< /Type /Catalog /Pages 2 0 R >>"
_PAGE: Final = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Contents 4 0 R >>"


def _pdf_with(contents: bytes, page: bytes = _PAGE) -> bytes:
    return _pdf({1: _CATALOG, 2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", 3: page, 4: contents})


def _pages(count: int) -> bytes:
    kids = b" ".join(b"%d 0 R" % (at + 3) for at in range(count))
    pages = {at + 3: b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] >>" for at in range(count)}
    return _pdf({1: _CATALOG, 2: b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, count), **pages})


def _forms(levels: int) -> bytes:
    """A page that draws a form ten times, which draws a form ten times, and so on."""
    objects = {1: _CATALOG, 2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"}
    objects[3] = _PAGE.replace(b"/Contents", b"/Resources << /XObject << /F 5 0 R >> >> /Contents")
    objects[4] = b"<< /Length 5 >>\nstream\n/F Do\nendstream"
    for level in range(levels):
        draw = b"/F Do " * 10
        inner = b"/Resources << /XObject << /F %d 0 R >> >>" % (level + 6) if level < levels - 1 else b""
        form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] %s /Length %d >>" % (inner, len(draw))
        objects[level + 5] = form + b"\nstream\n" + draw + b"\nendstream"
    return _pdf(objects)


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack("!I", len(data)) + kind + data + struct.pack("!I", zlib.crc32(kind + data))

    head = struct.pack("!IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(b"\0" * 5_000_000))
        + chunk(b"IEND", b"")
    )


def _links() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name, target in (("a", "/etc/passwd"), ("b", "../../../etc/shadow"), ("c", "c")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, target
            tar.addfile(info)
    return archive.getvalue()


def _overlapping() -> bytes:
    """Many entries of a ZIP archive that are the same bytes."""
    content = made.zipped({"a": b"\0" * 10_000_000})
    start = content.index(b"PK\x01\x02")
    entry, end = content[start : content.index(b"PK\x05\x06")], content[content.index(b"PK\x05\x06") :]
    count = 1000
    fields = list(struct.unpack("<4s4H2LH", end[:22]))
    fields[3] = fields[4] = count
    fields[5] = len(entry) * count
    return content[:start] + entry * count + struct.pack("<4s4H2LH", *fields)


def _many_parts(count: int) -> bytes:
    parts = b"".join(b"--x\r\nContent-Type: text/plain\r\n\r\na\r\n" for _ in range(count))
    return (
        b"From: a@b.example\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n"
        + parts
        + b"--x--\r\n"
    )


def _deep_mail(levels: int) -> bytes:
    head = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(levels)
    )
    return b"From: a@b.example\r\nMIME-Version: 1.0\r\n" + head + b"Content-Type: text/plain\r\n\r\nx\r\n"


_DEFLATED: Final = zlib.compress(b"\0" * 50_000_000)

MADE: Final[Mapping[str, Callable[[], bytes]]] = {
    "gzip bomb": lambda: made.gzipped(b"\0" * 400_000_000),
    "gzip in gzip": lambda: _nested(60, made.gzipped),
    "gzip bomb in gzip": lambda: made.gzipped(made.gzipped(b"\0" * 400_000_000)),
    "bzip2 bomb": lambda: bz2.compress(b"\0" * 400_000_000),
    "xz bomb": lambda: lzma.compress(b"\0" * 400_000_000, preset=0),
    "zip bomb": lambda: _zip_of(b"\0" * 400_000_000),
    "zip in zip": lambda: _nested(40, _zip_of),
    "zip of zips of zips": lambda: _wide(10, 3),
    "zip of 60,000 entries": lambda: made.zipped({str(at): b"" for at in range(60_000)}),
    "zip of overlapping entries": _overlapping,
    "zip with paths upwards": lambda: made.zipped({"../../../etc/passwd": b"x", "/etc/passwd": b"y", "C:\\x": b"z"}),
    "tar of links": _links,
    "tar of a thousand tars": lambda: _nested(100, lambda core: made.tarred({"a": core})),
    "entities": lambda: _xml(_laughs()),
    "entity of a file": lambda: _xml(
        f'<!DOCTYPE w [<!ENTITY f SYSTEM "file:///etc/passwd">]><w:document {_W}>&f;</w:document>'
    ),
    "entity of an address": lambda: _xml(f'<!DOCTYPE w SYSTEM "http://127.0.0.1:9/x.dtd"><w:document {_W}/>'),
    "xml 100,000 deep": lambda: _xml("<a>" * 100_000 + "</a>" * 100_000),
    "xml of 2 million elements": lambda: _xml(f"<w:document {_W}>" + "<w:p/>" * 2_000_000 + "</w:document>"),
    "xml of a long attribute": lambda: _xml(f'<w:document {_W} title="{"a b" * 5_000_000}"/>'),
    "workbook with a shared text that is not there": lambda: made.xlsx([["a"]]).replace(b"<v>0</v>", b"<v>9</v>"),
    "pdf of 10,000 pages": lambda: _pages(10_000),
    "pdf of 900 pages": lambda: _pages(900),
    "pdf bomb": lambda: _pdf_with(_stream(_DEFLATED, b"/FlateDecode")),
    "pdf bomb in a bomb": lambda: _pdf_with(_stream(zlib.compress(_DEFLATED), b"[/FlateDecode /FlateDecode]")),
    "pdf with a loop of pages": lambda: _pdf({1: _CATALOG, 2: b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"}),
    "pdf whose parent is itself": lambda: _pdf_with(
        b"<< /Length 0 >>\nstream\n\nendstream", _PAGE.replace(b"2 0 R", b"3 0 R")
    ),
    "pdf of forms in forms": lambda: _forms(8),
    "pdf with a huge page": lambda: _pdf_with(
        b"<< /Length 0 >>\nstream\n\nendstream", _PAGE.replace(b"200 200", b"9999999 9999999")
    ),
    "pdf of arrays in arrays": lambda: _pdf_with(b"[" * 100_000 + b"]" * 100_000),
    "pdf without objects": lambda: b"%PDF-1.7\n%%EOF",
    "pdf and zip": lambda: made.pdf([["Hello"]]) + _zip_of(b"Hello"),
    "zip and pdf": lambda: _zip_of(b"Hello") + made.pdf([["Hello"]]),
    "picture and zip": lambda: made.jpeg() + _zip_of(b"Hello"),
    "picture and page": lambda: made.png() + b"<html><script>alert(1)</script></html>",
    "picture of 60,000 by 60,000": lambda: _png(60_000, 60_000),
    "picture of 0 by 0": lambda: _png(0, 0),
    "json 1 million deep": lambda: b"[" * 1_000_000,
    "page 500,000 deep": lambda: b"<div>" * 500_000,
    "one line of 20 MB": lambda: b"a" * 20_000_000,
    "addresses of 2 MB": lambda: b"a@b.example " * 160_000,
    "only @": lambda: b"@" * 1_000_000,
    "only digits": lambda: b"0301234567 " * 90_000,
    "mail of 5,000 parts": lambda: _many_parts(5_000),
    "mail 2,000 deep": lambda: _deep_mail(2_000),
    "mail of one header of 5 MB": lambda: b"Subject: " + b"=?utf-8?q?a?= " * 350_000 + b"\r\n\r\nx",
    "mail with a wrong encoding": lambda: b"From: a@b.example\nContent-Type: text/plain; charset=none-such\n\nx\xff",
    "mail that ends in its head": lambda: b"From: a@b.example\nContent-Type: multipart/mixed; boundary=x",
    "program": lambda: b"\x7fELF" + bytes(range(256)) * 50,
    "noise": lambda: random.Random(1).randbytes(500_000),
    "zeros": lambda: b"\0" * 1_000_000,
    "half a letter": lambda: b"\xff\xfe\x00",
    "old Office file": lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 5000,
}


def hostile(seed: int = 1) -> Iterator[tuple[str, bytes]]:
    """All of them, each with its name; those that are made of others are the same in each run."""
    for name, make in MADE.items():
        yield name, make()
    dice = random.Random(seed)
    for one in files(1, seed):
        if one.language in {"de", "pl"}:
            yield f"{one.kind}, cut short", one.content[: dice.randrange(20, len(one.content))]
            for _ in range(6):
                yield f"{one.kind}, bytes changed", _changed(one.content, dice)


def _changed(content: bytes, dice: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(dice.choice((1, 5, 50, 500))):
        changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)
