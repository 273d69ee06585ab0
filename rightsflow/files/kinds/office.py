"""Office documents (ECMA-376: DOCX, XLSX, PPTX) and OpenDocument: all texts of all their XML parts.

Comments, tracked changes, notes, hidden sheets, alternative texts and the authors of each are texts like any other.
Properties, thumbnails and macros are never given. A document that refers to a DTD or an entity is refused.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from lxml import etree

from rightsflow.files.kinds.archives import zip_entries
from rightsflow.files.kinds.job import CannotOpen, FilePass, composed, inside, replaced
from rightsflow.files.kinds.sheets import Sheets

_PARAGRAPHS: Final = frozenset({"p", "h", "si", "text"})
_APART: Final = frozenset({"instrText", "delInstrText"})
"""Elements whose text is none of the paragraph's."""
_SPACES: Final = {"s": " ", "tab": "\t", "br": "\n", "cr": "\n", "line-break": "\n", **dict.fromkeys(_APART, "\n")}
"""Elements that a reader sees as white space, or that begin a text of its own."""
_TEXT_ATTRIBUTES: Final = frozenset({
    "author", "initials", "descr", "title", "name", "Target", "userId", "displayName", "tooltip", "string-value",
    "value", "href", "creator", "text", "prompt", "promptTitle", "error", "errorTitle", "display", "location", "alias",
    "providerId", "lastModifiedBy", "formula",
})  # fmt: skip
_TEXT_LIKE: Final = re.compile(r"@|%40|tel:|sip:")
_LETTERS: Final = re.compile(r"[^\W\d_]{2}|\d{6}")
_PROPERTIES: Final = re.compile(
    r"docProps/|meta\.xml$|docMetadata/|META-INF/documentsignatures|_xmlsignatures/|customXml/"
)
_THUMBNAILS: Final = re.compile(r"[Tt]humbnail")
_MACROS: Final = re.compile(r"vbaProject|vbaData|(?:^|/)Basic/|(?:^|/)Scripts/")
_PRINTERS: Final = re.compile(r"printerSettings")
_CHAIN: Final = "xl/calcChain.xml"
"""The order in which a workbook is calculated; programs make it anew."""
_PLACES: Final[tuple[tuple[str, str], ...]] = (
    ("comment", "comments"), ("footnote", "footnotes"), ("endnote", "endnotes"), ("header", "header"),
    ("footer", "footer"), ("notesSlide", "speaker notes"), ("slide", "slide"), ("document", "text"),
    ("content", "text"), ("people", "authors"), ("_rels", "links"), ("workbook", "workbook"), ("styles", "styles"),
)  # fmt: skip
_XML: Final = (".xml", ".rels", ".vml")


def walk(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    """Go through a document; it is written anew.

    Args:
        content: The document.
        job: The pass.
        where: Its place.
        depth: How deep it lies.

    Raises:
        CannotOpen: It is broken, encrypted or refers to entities, or a limit is reached.
    """
    try:
        return _document(content, job, where, depth)
    except (zipfile.BadZipFile, etree.LxmlError, OSError, EOFError, ValueError, NotImplementedError) as error:
        raise CannotOpen("the document's structure is broken") from error
    except (RuntimeError, KeyError, IndexError, AttributeError, TypeError, zipfile.error) as error:
        raise CannotOpen("the document's structure is broken") from error


def _document(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    job.is_rewritten = True
    entries = dict[str, bytes]()
    for info, data in zip_entries(content, job):
        job.enter(depth)
        if data is None:
            raise CannotOpen("the document is encrypted")
        entries[info.filename] = data
    sheets = Sheets.of({name: data for name, data in entries.items() if name.startswith("xl/")}, parsed)
    made = BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(entries, key=lambda name: (name != "mimetype", name)):
            given = _entry(name, entries[name], job, where, depth, sheets)
            if given is not None and job.is_writing:
                packing = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
                target.writestr(zipfile.ZipInfo(name), given, packing)
    return made.getvalue()


def _entry(name: str, data: bytes, job: FilePass, where: str, depth: int, sheets: Sheets) -> bytes | None:
    """Return an entry as it is given; ``None`` for one that is not."""
    if name == _CHAIN:
        return None
    for pattern, what in (
        (_THUMBNAILS, "a preview picture"),
        (_MACROS, "macros"),
        (_PROPERTIES, "document properties"),
    ):
        if pattern.search(name):
            job.remove(what)
            return _emptied(name, data) if pattern is _PROPERTIES else None
    if _PRINTERS.search(name):
        job.remove("printer settings")
        return b""
    place = inside(where, _place(name))
    if not name.endswith(_XML):
        return data if name == "mimetype" or not data else job.nested(data, where, depth, posixpath.basename(name))
    root = parsed(data)
    if sheets.is_sheet(name):
        sheets.texts(name, root, job, where)
    elif sheets.is_shared(name):
        return sheets.without_shared(root)
    else:
        _texts(root, job, place)
    _attributes(root, job, place)
    _relations(name, root)
    return written(root) if job.is_writing else data


def _emptied(name: str, data: bytes) -> bytes:
    """Return a part of properties without any, so that what refers to it still finds it."""
    root = parsed(data) if name.endswith(_XML) else None
    if root is None:
        return b""
    if "_rels/" in name:
        return data
    for child in list(root):
        root.remove(child)
    root.text = None
    return written(root)


def _relations(name: str, root: etree._Element) -> None:
    """Leave out the relations to parts that are not given."""
    if "_rels/" not in name and name != "[Content_Types].xml" and not name.endswith("manifest.xml"):
        return
    for element in list(root):
        targets = [value for key, value in element.attrib.items() if _local(key) in {"Target", "PartName", "full-path"}]
        if any(_is_left_out(str(target)) for target in targets):
            root.remove(element)


def _is_left_out(target: str) -> bool:
    return bool(_THUMBNAILS.search(target) or _MACROS.search(target)) or target.endswith("calcChain.xml")


def parsed(data: bytes) -> etree._Element:
    """Return a part's tree.

    Args:
        data: The part.

    Raises:
        CannotOpen: It has a document type, and so may have entities.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    root = etree.fromstring(data, parser)
    if root.getroottree().docinfo.doctype or b"<!ENTITY" in data:
        raise CannotOpen("the document has a document type with entities")
    return root


def written(root: etree._Element) -> bytes:
    """Return a tree as a part.

    Args:
        root: The tree.
    """
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def _local(tag: object) -> str:
    text = str(tag)
    return text.rpartition("}")[2]


def _place(name: str) -> str:
    base = posixpath.basename(name).partition(".")[0]
    number = re.sub(r"\D", "", base)
    kind = next((words for start, words in _PLACES if base.startswith(start) or f"/{start}/" in name), base)
    return f"{kind} {number}" if number and kind != "text" else kind


def _texts(root: etree._Element, job: FilePass, where: str) -> None:
    """Go through all texts: those of a paragraph as one text, each other one for itself."""
    # The list keeps each element in memory: what they are known by is reused otherwise.
    elements, done = list(root.iter()), set[tuple[int, bool]]()
    for element in elements:
        if _local(element.tag) in _PARAGRAPHS:
            own = list(_slots_of_paragraph(element))
            done.update((id(slot.holder), slot.is_tail) for slot in own)
            _slots(own, job, where)
    for element in elements:
        for slot in (_Slot(element), _Slot(element, is_tail=True)):
            if (id(element), slot.is_tail) not in done and (slot.text or "").strip():
                _slots([slot], job, where)


@dataclass(frozen=True, slots=True)
class _Slot:
    """A place of text in a tree: in an element or behind it; or white space that an element stands for."""

    holder: etree._Element
    is_tail: bool = False
    space: str = ""

    @property
    def text(self) -> str | None:
        return self.space or (self.holder.tail if self.is_tail else self.holder.text)

    def put(self, text: str) -> None:
        if self.space:
            return
        if self.is_tail:
            self.holder.tail = text
        else:
            self.holder.text = text


def _slots_of_paragraph(paragraph: etree._Element) -> Iterator[_Slot]:
    """Yield where the texts of a paragraph are, without those of a paragraph in it."""
    if paragraph.text:
        yield _Slot(paragraph)
    for child in paragraph:
        name = _local(child.tag)
        if name in _SPACES:
            yield _Slot(child, space=_SPACES[name])
        if name not in _PARAGRAPHS:
            yield from _slots_of_paragraph(child)
        if name in _APART:
            yield _Slot(child, space="\n")
        if child.tail:
            yield _Slot(child, is_tail=True)


def _slots(slots: Sequence[_Slot], job: FilePass, where: str) -> None:
    """Go through a text that is spread over slots; a mark is put where its span begins."""
    texts = [composed(slot.text or "") for slot in slots]
    whole = "".join(texts)
    if not whole.strip():
        return
    if composed(whole) != whole:
        # An accent begins a slot; the text then stands in the first one.
        texts = [composed(whole), *("" for _ in texts[1:])]
        whole = texts[0]
    spans, begin = job.take(whole, where), 0
    for slot, text in zip(slots, texts, strict=True) if spans else ():
        end = begin + len(text)
        inner = [
            (max(start, begin) - begin, min(last, end) - begin, mark if start >= begin else "")
            for start, last, mark in spans
            if start < end and last > begin
        ]
        slot.put(replaced(text, inner))
        begin = end


def _attributes(root: etree._Element, job: FilePass, where: str) -> None:
    for element in root.iter():
        for key, raw in element.attrib.items():
            value = str(raw)
            if _local(key) == "Target" and element.get("TargetMode") != "External":
                continue
            if not _LETTERS.search(value) or not (_local(key) in _TEXT_ATTRIBUTES or _TEXT_LIKE.search(value)):
                continue
            masked = job.text(value, inside(where, _local(key)))
            if masked is not value:
                _set(element, str(key), masked)


def _set(element: etree._Element, key: str, masked: str) -> None:
    """Give an attribute its masked text; a cell's number becomes the text that the cell shows."""
    space, _, name = key.rpartition("}")
    kind = f"{space}}}value-type"
    if name == "value" and kind in element.attrib:
        del element.attrib[key]
        element.set(kind, "string")
    else:
        element.set(key, masked)
