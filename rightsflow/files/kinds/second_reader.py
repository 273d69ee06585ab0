"""Opens a masked file again, with other readers than those that masked it, and searches it for what had to go.

PDF is read by pypdf (PDFium and pikepdf made it), the XML of documents by expat (lxml made it), a mail by the newer
interface of the standard library, an archive by its entries. What a reader cannot open is a finding too.
"""

from __future__ import annotations

import email.policy
import html
import quopri
import re
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from email import message_from_bytes
from io import BytesIO
from typing import Final
from xml.parsers import expat

from rightsflow.domain.disclosure.file_texts import compared, occurs
from rightsflow.files.kinds.archives import unpacked
from rightsflow.files.kinds.job import MOST_BYTES, MOST_DEPTH, CannotOpen
from rightsflow.files.kinds.recognition import FileKind, recognise, why_not
from rightsflow.files.kinds.text_encodings import text_of

_BREAKS: Final = frozenset({"p", "h", "si", "c", "tab", "br", "s", "instrText", "author", "t-cell"})
_TAG: Final = re.compile(r"<[^<>]{0,2000}>")


def texts(content: bytes, depth: int = 0) -> Iterator[str]:
    """Yield the texts of a file.

    Args:
        content: The file.
        depth: How deep it lies in another one.

    Raises:
        CannotOpen: It cannot be opened.
    """
    if depth > MOST_DEPTH + 1 or why_not(content):
        return
    kind = recognise(content)
    if kind is FileKind.PACKED:
        yield from texts(unpacked(content, MOST_BYTES), depth + 1)
    elif kind and kind in _OUTER:
        yield from _OUTER[kind](content, depth)
    elif kind is not None:
        yield from {FileKind.PDF: _pdf, FileKind.PICTURE: _picture}.get(kind, _plain)(content)


def findings(content: bytes, forbidden: Sequence[str]) -> list[str]:
    """Return the forbidden texts that a file still has.

    Args:
        content: The file.
        forbidden: The texts, in the form in which they are compared.

    Raises:
        CannotOpen: It cannot be opened by the other reader.
    """
    if not forbidden and recognise(content) is FileKind.PDF:
        # To read its text takes long, and there is nothing to look for.
        next(_pdf(content))
        return []
    wanted, found = set(forbidden), set[str]()
    for text in texts(content):
        seen = compared(text)
        found.update(item for item in wanted if occurs(item, seen))
    return sorted(found)


def _plain(content: bytes) -> Iterator[str]:
    read = text_of(content)
    if read is None:
        raise CannotOpen("its text cannot be read again")
    yield read.text
    if "<" in read.text or "&" in read.text:
        yield html.unescape(_TAG.sub(" ", read.text))
    if "=" in read.text:
        yield quopri.decodestring(read.text.encode("utf-8", "replace")).decode("utf-8", "replace")


def _pdf(content: bytes) -> Iterator[str]:
    # Late, as each library of a kind.
    from pypdf import PdfReader  # noqa: PLC0415
    from pypdf.errors import PyPdfError  # noqa: PLC0415

    try:
        reader = PdfReader(BytesIO(content), strict=False)
        yield " ".join(str(value) for value in (reader.metadata or {}).values())
        for page in reader.pages:
            yield page.extract_text()
            yield " ".join(str(item.get_object()) for item in page.get("/Annots", ()))
        yield " ".join(reader.attachments)
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, RecursionError) as error:
        raise CannotOpen("the PDF cannot be read again") from error


def _zip(content: bytes, depth: int) -> Iterator[str]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            for info in archive.infolist():
                yield info.filename
                data = archive.read(info)
                if info.filename.endswith((".xml", ".rels", ".vml")) and data:
                    yield from _xml(data)
                elif data:
                    yield from texts(data, depth + 1)
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        raise CannotOpen("the archive cannot be read again") from error


def _xml(data: bytes) -> Iterator[str]:
    pieces, values = list[str](), list[str]()
    parser = expat.ParserCreate()

    def start(name: str, attributes: dict[str, str]) -> None:
        values.extend(attributes.values())
        if name.rpartition(":")[2] in _BREAKS:
            pieces.append("\n")

    def end(name: str) -> None:
        if name.rpartition(":")[2] in _BREAKS:
            pieces.append("\n")

    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = pieces.append
    try:
        parser.Parse(data, True)  # noqa: FBT003 - the library's form
    except expat.ExpatError as error:
        raise CannotOpen("a part of the document cannot be read again") from error
    yield "".join(pieces)
    yield "\n".join(values)


def _tar(content: bytes, depth: int) -> Iterator[str]:
    with tarfile.open(fileobj=BytesIO(content)) as archive:
        for info in archive:
            yield info.name
            file = archive.extractfile(info) if info.isreg() else None
            if file:
                yield from texts(file.read(), depth + 1)


def _mail(content: bytes, depth: int) -> Iterator[str]:
    message = message_from_bytes(content, policy=email.policy.default)
    for part in message.walk():
        try:
            yield "\n".join(str(value) for value in part.values())
        except (ValueError, LookupError, AttributeError, TypeError, IndexError):
            yield "\n".join(str(value) for _, value in part.raw_items())
        if part.is_multipart():
            yield from filter(None, (part.preamble, part.epilogue))
            continue
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and payload:
            yield from texts(payload, depth + 1)


_OUTER: Final[Mapping[FileKind, Callable[[bytes, int], Iterator[str]]]] = {
    FileKind.MAIL: _mail,
    FileKind.TAR: _tar,
    **dict.fromkeys((FileKind.WORD, FileKind.SHEET, FileKind.SLIDES, FileKind.OPEN_DOCUMENT, FileKind.ZIP), _zip),
}


def _picture(content: bytes) -> Iterator[str]:
    from PIL import Image  # noqa: PLC0415

    try:
        with Image.open(BytesIO(content)) as picture:
            yield "\n".join(str(value) for value in picture.info.values())
    except (OSError, ValueError, SyntaxError) as error:
        raise CannotOpen("the picture cannot be read again") from error
