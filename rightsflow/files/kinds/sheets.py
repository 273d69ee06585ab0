"""The sheets of a workbook: each cell's text at its place, shared texts among them, hidden sheets too."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from rightsflow.files.kinds.job import FilePass, inside

_MAIN: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_SHARED: Final = "xl/sharedStrings.xml"
_SHOWN: Final = frozenset({"", "visible"})

Parsed = Callable[[bytes], "etree._Element"]  # noqa: SLF001 - the only name of that type


@dataclass(slots=True)
class Sheets:
    """The sheets.

    Args:
        titles: The title of each sheet by the name of its part, with a note on one that is hidden.
        shared: The texts that cells share.
    """

    titles: Mapping[str, str] = field(default_factory=dict)
    shared: Sequence[str] = ()

    @classmethod
    def of(cls, entries: Mapping[str, bytes], parsed: Parsed) -> Sheets:
        """Return the sheets of a workbook; none of another document.

        Args:
            entries: The workbook's parts.
            parsed: Reads one.
        """
        if "xl/workbook.xml" not in entries:
            return cls()
        links = _links(entries.get("xl/_rels/workbook.xml.rels", b""), parsed)
        titles = dict[str, str]()
        for sheet in parsed(entries["xl/workbook.xml"]).iter(f"{_MAIN}sheet"):
            hidden = "" if sheet.get("state", "") in _SHOWN else " (hidden)"
            titles[links.get(str(sheet.get(_RELATION)), "")] = f"{sheet.get('name', '')}{hidden}"
        shared = [_text(item) for item in parsed(entries[_SHARED]).iter(f"{_MAIN}si")] if _SHARED in entries else []
        return cls(titles, shared)

    def is_sheet(self, name: str) -> bool:
        """Return True if a part is a sheet.

        Args:
            name: The part's name.
        """
        return bool(self.titles) and name.startswith("xl/worksheets/") and name.endswith(".xml") and "_rels" not in name

    def is_shared(self, name: str) -> bool:
        """Return True if a part holds the shared texts, which stand in the cells when it is written.

        Args:
            name: The part's name.
        """
        return bool(self.titles) and name == _SHARED

    def without_shared(self, root: etree._Element) -> bytes:
        """Return the part of shared texts without any.

        Args:
            root: The part.
        """
        for child in list(root):
            root.remove(child)
        root.attrib.clear()
        return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))

    def texts(self, name: str, root: etree._Element, job: FilePass, where: str) -> None:
        """Go through the cells of a sheet and its headers, footers and hints.

        Args:
            name: The part's name.
            root: The sheet.
            job: The pass.
            where: The workbook's place.
        """
        title = inside(where, self.titles.get(name) or posixpath.basename(name))
        # A list, since cells are changed on the way.
        for element in list(root.iter()):
            if element.tag == f"{_MAIN}c":
                self._cell(element, job, title)
            elif element.tag not in {f"{_MAIN}{tag}" for tag in ("v", "t", "f")} and (element.text or "").strip():
                text = str(element.text)
                masked = job.text(text, title)
                if masked is not text:
                    element.text = masked

    def _cell(self, cell: etree._Element, job: FilePass, title: str) -> None:
        text, kind = self._value(cell), cell.get("t", "n")
        formula = cell.find(f"{_MAIN}f")
        place = f"{title}!{cell.get('r', '')}"
        if formula is not None and formula.text:
            before = formula.text
            given = job.text(before, f"{place} (formula)")
            if given is not before:
                cell.remove(formula)
        if not text:
            return
        masked = job.text(text, place)
        if masked is not text and formula is not None and formula.getparent() is not None:
            cell.remove(formula)
        if masked is not text or (kind == "s" and job.is_writing):
            _set(cell, masked)

    def _value(self, cell: etree._Element) -> str:
        if cell.get("t") == "inlineStr":
            return _text(cell)
        value = cell.findtext(f"{_MAIN}v") or ""
        if cell.get("t") != "s":
            return value
        return self.shared[int(value)] if value.isdecimal() and int(value) < len(self.shared) else ""


def _links(data: bytes, parsed: Parsed) -> dict[str, str]:
    if not data:
        return {}
    return {
        str(link.get("Id")): posixpath.normpath(posixpath.join("/xl", str(link.get("Target")))).lstrip("/")
        for link in parsed(data)
    }


def _text(element: etree._Element) -> str:
    """Return the text of a cell, its pieces of different looks joined, without the hints on how it is read aloud."""
    pieces = (item for item in element.iter(f"{_MAIN}t") if item.getparent().tag != f"{_MAIN}rPh")
    return "".join(item.text or "" for item in pieces)


def _set(cell: etree._Element, text: str) -> None:
    for child in list(cell):
        if child.tag in {f"{_MAIN}v", f"{_MAIN}is"}:
            cell.remove(child)
    cell.set("t", "inlineStr")
    holder = etree.SubElement(etree.SubElement(cell, f"{_MAIN}is"), f"{_MAIN}t")
    holder.text = text
    holder.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
