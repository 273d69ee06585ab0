"""PDF (ISO 32000): the text of each page with its places, as PDFium reads it.

A page with something masked becomes a picture with the places blanked, and a text layer without what is masked. Pages
without stay as they are. The file is made of the pages alone: document properties, earlier revisions, annotations,
forms, scripts, signatures and embedded files are not in it; what annotations and forms show is drawn into the page
before.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image, ImageDraw

from rightsflow.files.kinds.job import CannotOpen, FilePass, Span, TooMuch, composed, inside, replaced
from rightsflow.files.kinds.pictures import clean_picture

MOST_PAGES: Final = 1_000
_DOTS: Final = 150
_POINTS: Final = 72
_MOST_DOTS: Final = 3_000
"""Most dots of a page's longer side."""
_AROUND: Final = 1.0
"""Points blanked around a place."""
_HYPHEN: Final = "\x02"
"""What PDFium reads where a word is broken at the end of a line."""
_OPEN_NUMBER: Final = re.compile(r"(\+\d[\d ()./-]{0,16})\n(?=[(\d])")
"""An international number at the end of a line that goes on in the next one."""
_LARGE: Final = 0.25
"""From which part of the page on a picture may hold text."""
_PICTURE: Final = "a picture, whose text is not read"
_FONT: Final = "/F0"

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class _PageText:
    """A page's text, and for each of its letters which of the page's characters it is; -1 for none."""

    text: str
    characters: Sequence[int]


def walk(content: bytes, job: FilePass, where: str, depth: int) -> bytes:  # noqa: ARG001 - the form of a kind
    """Go through a PDF; it is written anew.

    Args:
        content: The file.
        job: The pass.
        where: Its place.
        depth: How deep it lies.

    Raises:
        CannotOpen: It is broken, encrypted or too large.
    """
    try:
        flat = _flattened(content, job)
        with pypdfium2.PdfDocument(flat) as read:
            pages = [_page(read, number, job, where) for number in range(len(read))]
            return _written(flat, pages) if job.is_writing else b""
    except (pypdfium2.PdfiumError, pikepdf.PdfError, RecursionError) as error:
        raise CannotOpen("the PDF is broken") from error
    except (ValueError, TypeError, AttributeError, KeyError, IndexError, OSError, NotImplementedError) as error:
        raise CannotOpen("the PDF is broken") from error


def _flattened(content: bytes, job: FilePass) -> bytes:
    """Return the file with what annotations and forms show drawn into its pages; notes what is left out."""
    _note_removed(content, job)
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        is_locked = "password" in str(error).lower()
        raise CannotOpen("the PDF needs a password" if is_locked else "the PDF is broken") from error
    with document:
        if len(document) > MOST_PAGES:
            raise TooMuch(f"it has more than {MOST_PAGES:,} pages")
        if not len(document):
            raise CannotOpen("the PDF has no page")
        document.init_forms()
        is_changed = False
        for page in document:
            if pdfium.FPDFPage_GetAnnotCount(page) > 0:
                is_changed |= pdfium.FPDFPage_Flatten(page, pdfium.FLAT_PRINT) == pdfium.FLATTEN_SUCCESS
            page.close()
        if not is_changed:
            return content
        made = BytesIO()
        document.save(made)
        return made.getvalue()


def _note_removed(content: bytes, job: FilePass) -> None:
    job.is_rewritten = True
    try:
        with pikepdf.open(BytesIO(content)) as pdf:
            root = pdf.Root
            found = {
                "document properties": bool(len(pdf.docinfo)) or "/Metadata" in root,
                "embedded files": bool(len(pdf.attachments)),
                "a form": "/AcroForm" in root,
                "scripts": "/OpenAction" in root or "/AA" in root,
                "earlier revisions": content.count(b"startxref") > 1 + pdf.is_linearized,
                "annotations": any("/Annots" in page for page in pdf.pages),
                "bookmarks": "/Outlines" in root,
            }
    except (pikepdf.PdfError, pikepdf.PasswordError):
        return
    for what, is_there in found.items():
        if is_there:
            job.remove(what)


@dataclass(frozen=True, slots=True)
class _Given:
    """A page as it is given: its picture and masked text, or none where it stays as it is."""

    picture: bytes = b""
    size: tuple[float, float] = (0, 0)
    text: str = ""


def _page(document: pypdfium2.PdfDocument, number: int, job: FilePass, where: str) -> _Given:
    page = document[number]
    place = inside(where, f"page {number + 1}")
    layer = page.get_textpage()
    read = _text_of(layer)
    spans = job.take(read.text, place) if read.text.strip() else ()
    if _has_picture(page, bool(read.text.strip())):
        job.skip(place, _PICTURE)
    given = _Given()
    if spans and job.is_writing:
        boxes = list(_boxes(layer, read, spans))
        given = _Given(_picture(page, boxes), page.get_size(), replaced(read.text, spans))
    layer.close()
    page.close()
    return given


def _text_of(layer: pypdfium2.PdfTextPage) -> _PageText:
    """Return a page's text; a word that is broken at the end of a line is read as one."""
    letters, places = list[str](), list[int]()
    is_broken = False
    for at in range(layer.count_chars()):
        code = pdfium.FPDFText_GetUnicode(layer, at)
        letter = chr(code) if 0 < code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
        if letter == _HYPHEN or code == 0xFFFE:
            is_broken = True
            continue
        if letter in {"\r", "\n"} and (is_broken or letter == "\r"):
            continue
        is_broken = is_broken and not letter.strip()
        for piece in composed(letter):
            letters.append(piece)
            places.append(at)
    text = _OPEN_NUMBER.sub(r"\1 ", "".join(letters))
    whole = composed(text)
    return _PageText(text, places) if whole == text else _joined(text, places)


def _joined(text: str, places: Sequence[int]) -> _PageText:
    """Return a text with accents joined to the letters before them."""
    letters, kept = list[str](), list[int]()
    for letter, place in zip(text, places, strict=True):
        pair = composed(letters[-1] + letter) if letters else letter
        if letters and len(pair) == 1:
            letters[-1] = pair
        else:
            letters.append(letter)
            kept.append(place)
    return _PageText("".join(letters), kept)


def _has_picture(page: pypdfium2.PdfPage, has_text: bool) -> bool:
    """Return True if a page has a picture that may hold text: a large one, or any where there is no other text."""
    width, height = page.get_size()
    for item in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,), max_depth=4):
        left, bottom, right, top = item.get_bounds()
        if not has_text or (right - left) * (top - bottom) >= _LARGE * width * height:
            return True
    return False


def _boxes(layer: pypdfium2.PdfTextPage, read: _PageText, spans: Sequence[Span]) -> Iterator[Box]:
    """Yield the places of spans, the letters of a line as one: gaps between them would show how they are formed."""
    for start, end, _ in spans:
        line: Box | None = None
        for at in sorted({*read.characters[start:end]}):
            box = _box(layer, at)
            if box is None:
                continue
            if line and box[1] < line[3] and line[1] < box[3]:
                line = (min(line[0], box[0]), min(line[1], box[1]), max(line[2], box[2]), max(line[3], box[3]))
                continue
            if line:
                yield line
            line = box
        if line:
            yield line


def _box(layer: pypdfium2.PdfTextPage, at: int) -> Box | None:
    """Return the place of a letter: its whole height in the font, and what is drawn of it."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    loose = pdfium.FS_RECTF()
    if not pdfium.FPDFText_GetCharBox(layer, at, left, right, bottom, top):
        return None
    box = (left.value, bottom.value, right.value, top.value)
    if not pdfium.FPDFText_GetLooseCharBox(layer, at, loose):
        return box
    return min(box[0], loose.left), min(box[1], loose.bottom), max(box[2], loose.right), max(box[3], loose.top)


def _picture(page: pypdfium2.PdfPage, boxes: Sequence[Box]) -> bytes:
    """Return a page as a picture with places blanked."""
    scale = min(_DOTS / _POINTS, _MOST_DOTS / max(*page.get_size(), 1))
    picture = page.render(scale=scale, may_draw_forms=False).to_pil().convert("RGB")
    draw = ImageDraw.Draw(picture)
    for left, bottom, right, top in boxes:
        corners = [_dot(page, picture, x, y) for x, y in ((left, top), (right, bottom))]
        xs, ys = sorted(x for x, _ in corners), sorted(y for _, y in corners)
        more = _AROUND * scale
        draw.rectangle((xs[0] - more, ys[0] - more, xs[1] + more, ys[1] + more), fill="black")
    made = BytesIO()
    picture.save(made, "JPEG", quality=80)
    return made.getvalue()


def _dot(page: pypdfium2.PdfPage, picture: Image.Image, x: float, y: float) -> tuple[int, int]:
    across, down = ctypes.c_int(), ctypes.c_int()
    pdfium.FPDF_PageToDevice(page, 0, 0, picture.width, picture.height, 0, x, y, across, down)
    return across.value, down.value


def _written(flat: bytes, pages: Sequence[_Given]) -> bytes:
    """Return a file of the pages and of nothing else."""
    made = BytesIO()
    with pikepdf.open(BytesIO(flat)) as source, pikepdf.new() as target:
        source.remove_unreferenced_resources()
        for page, given in zip(source.pages, pages, strict=True):
            if given.picture:
                _add(target, given)
            else:
                for key in [key for key in page.obj if key not in _KEPT]:
                    del page[key]
                target.pages.append(page)
        for item in target.objects:
            _clean(item)
        target.remove_unreferenced_resources()
        target.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return made.getvalue()


_KEPT: Final = frozenset(
    {"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/UserUnit"}
)
_UNSEEN: Final = (
    "/Metadata",
    "/PieceInfo",
    "/Thumb",
    "/LastModified",
    "/OC",
    "/StructParent",
    "/StructParents",
    "/OPI",
)


def _clean(item: Any) -> None:
    """Take from an object what no page shows, and from a photograph what its camera wrote beside it."""
    if not isinstance(item, pikepdf.Dictionary | pikepdf.Stream):
        return
    for key in _UNSEEN:
        if key in item:
            del item[key]
    if isinstance(item, pikepdf.Stream) and item.get("/Filter") == pikepdf.Name.DCTDecode:
        try:
            item.write(clean_picture(item.read_raw_bytes()), filter=pikepdf.Name.DCTDecode)
        except CannotOpen:
            return


def _add(target: pikepdf.Pdf, given: _Given) -> None:
    """Add a page that is a picture, with its text unseen behind it: programs find and read it aloud."""
    width, height = given.size
    with Image.open(BytesIO(given.picture)) as picture:
        size = picture.size
    drawn = pikepdf.Stream(
        target, given.picture, Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=size[0], Height=size[1],
        ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
    )  # fmt: skip
    lines = given.text.split("\n")
    step = min(12.0, height / (len(lines) + 2))
    text = "".join(f"<{line.encode('utf-16-be', 'replace').hex()}> Tj T*\n" for line in lines)
    content = (
        f"BT 3 Tr {_FONT} {step * 0.8:.2f} Tf {step:.2f} TL 1 0 0 1 {step:.2f} {height - step:.2f} Tm\n{text}ET\n"
        f"q {width:.2f} 0 0 {height:.2f} 0 0 cm /Im0 Do Q\n"
    )
    page = target.add_blank_page(page_size=(width, height))
    resources = pikepdf.Dictionary(
        XObject=pikepdf.Dictionary(Im0=target.make_indirect(drawn)), Font=pikepdf.Dictionary({_FONT: _font(target)})
    )
    page.obj.Resources = resources
    page.obj.Contents = pikepdf.Stream(target, content.encode("ascii"))


_CODES: Final = b"""/CIDInit /ProcSet findresource begin 12 dict begin begincmap
/CMapName /Unseen def /CMapType 2 def
1 begincodespacerange <0000> <FFFF> endcodespacerange
1 beginbfrange <0000> <FFFF> <0000> endbfrange
endcmap CMapName currentdict /CMap defineresource pop end end
"""


def _font(target: pikepdf.Pdf) -> pikepdf.Object:
    """Return a font whose codes are letters and which draws nothing."""
    names, words = pikepdf.Name, pikepdf.Dictionary
    descriptor = words(
        Type=names.FontDescriptor, FontName=names("/Unseen"), Flags=4, FontBBox=[0, 0, 1000, 1000], ItalicAngle=0,
        Ascent=800, Descent=-200, CapHeight=700, StemV=80,
    )  # fmt: skip
    letters = words(
        Type=names.Font, Subtype=names.CIDFontType2, BaseFont=names("/Unseen"), DW=500,
        CIDSystemInfo=words(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=target.make_indirect(descriptor), CIDToGIDMap=names.Identity,
    )  # fmt: skip
    return target.make_indirect(
        words(
            Type=names.Font,
            Subtype=names.Type0,
            BaseFont=names("/Unseen"),
            Encoding=names("/Identity-H"),
            DescendantFonts=[target.make_indirect(letters)],
            ToUnicode=pikepdf.Stream(target, _CODES),
        )
    )
