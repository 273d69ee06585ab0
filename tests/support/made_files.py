"""Files of each kind, made by hand: what is said in them openly, and what stands where few look."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from email.message import EmailMessage
from typing import Final
from xml.sax.saxutils import escape, quoteattr

_W: Final = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_S: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_R: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_P: Final = "http://schemas.openxmlformats.org/package/2006/relationships"
_A: Final = "http://schemas.openxmlformats.org/drawingml/2006/main"
_PML: Final = "http://schemas.openxmlformats.org/presentationml/2006/main"
_TYPES: Final = '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
_ODF: Final = (
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:meta="urn:oasis:names:tc:opendocument:xmlns:meta:1.0"'
)


def zipped(entries: Mapping[str, str | bytes]) -> bytes:
    """A ZIP archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return made.getvalue()


def tarred(entries: Mapping[str, bytes]) -> bytes:
    """A TAR archive."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as archive:
        for name, content in entries.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def gzipped(content: bytes) -> bytes:
    """A file compressed by gzip."""
    return gzip.compress(content)


def _core(author: str) -> str:
    return (
        '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>{escape(author)}</dc:creator></cp:coreProperties>'
    )


def docx(lines: Sequence[str], *, hidden: str = "", author: str = "", picture: bytes = b"") -> bytes:
    """A Word document: each line in pieces of three letters, a comment and a deleted text with the hidden words."""
    body = "".join(
        "<w:p>"
        + "".join(
            f'<w:r><w:t xml:space="preserve">{escape(line[at : at + 3])}</w:t></w:r>' for at in range(0, len(line), 3)
        )
        + "</w:p>"
        for line in lines
    )
    gone = f"<w:p><w:del w:author={quoteattr(author)}><w:r><w:delText>{escape(hidden)}</w:delText></w:r></w:del></w:p>"
    comment = f"<w:comment w:author={quoteattr(author)}><w:p><w:r><w:t>{escape(hidden)}</w:t></w:r></w:p></w:comment>"
    entries: dict[str, str | bytes] = {
        "[Content_Types].xml": _TYPES,
        "word/document.xml": f'<w:document xmlns:w="{_W}"><w:body>{body}{gone}</w:body></w:document>',
        "word/comments.xml": f'<w:comments xmlns:w="{_W}">{comment}</w:comments>',
        "word/_rels/document.xml.rels": f'<Relationships xmlns="{_P}"><Relationship Id="r1" TargetMode="External" '
        f"Target={quoteattr('mailto:' + hidden.replace(' ', '%20'))}/></Relationships>",
        "docProps/core.xml": _core(author),
    }
    if picture:
        entries["word/media/image1.jpeg"] = picture
    return zipped(entries)


def xlsx(rows: Sequence[Sequence[str]], *, hidden: str = "", author: str = "") -> bytes:
    """A workbook: its texts are shared; a hidden sheet and a comment have the hidden words."""
    cells = [cell for row in rows for cell in row]
    shared = "".join(f"<si><r><t>{escape(cell[:4])}</t></r><r><t>{escape(cell[4:])}</t></r></si>" for cell in cells)
    lines, number = "", 0
    for at, row in enumerate(rows, 1):
        lines += f'<row r="{at}">'
        for column, _ in enumerate(row):
            lines += f'<c r="{chr(65 + column)}{at}" t="s"><v>{number}</v></c>'
            number += 1
        lines += "</row>"
    text, by = escape(hidden), f"<authors><author>{escape(author)}</author></authors>"
    second = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{text}</t></is></c></row>'
    sheets = "".join(
        f'<sheet name="{name}" sheetId="{at}" state="{state}" r:id="rId{at}"/>'
        for at, (name, state) in enumerate((("Calls", "visible"), ("Old", "veryHidden")), 1)
    )
    links = "".join(f'<Relationship Id="rId{at}" Target="worksheets/sheet{at}.xml"/>' for at in (1, 2))
    return zipped(
        {
            "[Content_Types].xml": _TYPES,
            "xl/workbook.xml": f'<workbook xmlns="{_S}" xmlns:r="{_R}"><sheets>{sheets}</sheets></workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_P}">{links}</Relationships>',
            "xl/sharedStrings.xml": f'<sst xmlns="{_S}">{shared}</sst>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{_S}"><sheetData>{lines}</sheetData></worksheet>',
            "xl/worksheets/sheet2.xml": f'<worksheet xmlns="{_S}"><sheetData>{second}</sheetData></worksheet>',
            "xl/comments1.xml": f'<comments xmlns="{_S}">{by}<commentList>'
            f'<comment ref="A1" authorId="0"><text><r><t>{text}</t></r></text></comment></commentList></comments>',
            "docProps/core.xml": _core(author),
        }
    )


def pptx(lines: Sequence[str], *, hidden: str = "", author: str = "") -> bytes:
    """A presentation of one slide; the speaker's notes have the hidden words."""

    def slide(root: str, texts: Sequence[str]) -> str:
        body = "".join(f"<a:p><a:r><a:t>{escape(text)}</a:t></a:r></a:p>" for text in texts)
        return f'<p:{root} xmlns:p="{_PML}" xmlns:a="{_A}"><p:txBody>{body}</p:txBody></p:{root}>'

    return zipped(
        {
            "[Content_Types].xml": _TYPES,
            "ppt/presentation.xml": f'<p:presentation xmlns:p="{_PML}"/>',
            "ppt/slides/slide1.xml": slide("sld", lines),
            "ppt/notesSlides/notesSlide1.xml": slide("notes", [hidden]),
            "docProps/core.xml": _core(author),
        }
    )


def odt(lines: Sequence[str], *, hidden: str = "", author: str = "", is_sheet: bool = False) -> bytes:
    """An OpenDocument text or table; an annotation has the hidden words, the properties the author."""
    by = f"<dc:creator>{escape(author)}</dc:creator>"
    note = f"<office:annotation>{by}<text:p>{escape(hidden)}</text:p></office:annotation>"
    texts = [escape(line).replace("  ", " <text:s/>") for line in lines]
    if is_sheet:
        rows = "".join(
            f'<table:table-row><table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'
            "</table:table-row>"
            for text in texts
        )
        body = f'<office:spreadsheet><table:table table:name="Calls">{rows}</table:table>{note}</office:spreadsheet>'
    else:
        body = (
            "<office:text>"
            + "".join(f"<text:p>{text}</text:p>" for text in texts)
            + f"<text:p>{note}</text:p></office:text>"
        )
    kind = "spreadsheet" if is_sheet else "text"
    return zipped(
        {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "content.xml": f"<office:document-content {_ODF}><office:body>{body}</office:body>"
            "</office:document-content>",
            "meta.xml": f"<office:document-meta {_ODF}><office:meta>{by}</office:meta></office:document-meta>",
            "Thumbnails/thumbnail.png": b"\x89PNG" + author.encode(),
        }
    )


def pdf(pages: Sequence[Sequence[str]], *, hidden: str = "", author: str = "") -> bytes:
    """A PDF of lines; an annotation, an embedded file and an earlier revision have the hidden words."""
    import pikepdf

    names, words = pikepdf.Name, pikepdf.Dictionary
    made = pikepdf.new()
    font = words(Type=names.Font, Subtype=names.Type1, BaseFont=names.Helvetica, Encoding=names.WinAnsiEncoding)
    for lines in pages:
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Resources = words(Font=words(F1=made.make_indirect(font)))
        shown = b"".join(b"<" + line.encode("cp1252", "replace").hex().encode() + b"> Tj T* " for line in lines)
        page.obj.Contents = made.make_stream(b"BT /F1 11 Tf 14 TL 50 800 Td " + shown + b"ET")
    if hidden:
        note = words(Type=names.Annot, Subtype=names.Text, Rect=[10, 10, 30, 30], Contents=hidden, F=2)
        made.pages[0].obj.Annots = made.make_indirect(pikepdf.Array([made.make_indirect(note)]))
        made.attachments["note.txt"] = pikepdf.AttachedFileSpec(made, hidden.encode(), filename="note.txt")
    if author:
        made.docinfo["/Author"] = author
        with made.open_metadata() as about:
            about["dc:creator"] = [author]
    written = io.BytesIO()
    made.save(written)
    return _with_revision(written.getvalue(), hidden) if hidden else written.getvalue()


def _with_revision(content: bytes, hidden: str) -> bytes:
    """The same file after a change, by an update at its end; the changed object stays in it."""
    at = content.rindex(b"startxref")
    start = int(content[at:].split()[1])
    number = 9000
    update = b"%d 0 obj\n(%s)\nendobj\n" % (number, hidden.encode("utf-8"))
    begins = len(content) + 1
    table = b"xref\n%d 1\n%010d 00000 n \n" % (number, begins)
    import re

    root = re.search(rb"/Root (\d+ \d+ R)", content)
    if root is None:
        return content
    trailer = b"trailer\n<< /Size %d /Root %s /Prev %d >>\n" % (number + 1, root[1], start)
    return content + b"\n" + update + table + trailer + b"startxref\n%d\n%%%%EOF\n" % (begins + len(update))


def mail(
    text: str, *, sender: str, to: str, subject: str = "", html: str = "", files: Mapping[str, bytes] | None = None,
    inner: bytes = b"", charset: str = "utf-8",
) -> bytes:  # fmt: skip
    """A mail: its text encoded, attachments, and another mail in it."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, subject
    message.set_content(text, charset=charset, cte="base64")
    if html:
        message.add_alternative(html, subtype="html", cte="quoted-printable")
    for name, content in (files or {}).items():
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    if inner:
        from email import message_from_bytes, policy

        message.add_attachment(message_from_bytes(inner, policy=policy.default))
    return message.as_bytes()


def jpeg(note: str = "", *, text: str = "") -> bytes:
    """A photograph with a description and the place where it was taken; a text is drawn into it."""
    from PIL import Image, ImageDraw

    picture, made = Image.new("RGB", (240, 60), "white"), io.BytesIO()
    ImageDraw.Draw(picture).text((5, 20), text, fill="black")
    about = Image.Exif()
    about[0x010E] = note
    about.get_ifd(0x8825).update({1: "N", 2: (52.0, 31.0, 12.0), 3: "E", 4: (13.0, 24.0, 18.0)})
    picture.save(made, "JPEG", exif=about, comment=note.encode())
    return made.getvalue()


def png(note: str = "") -> bytes:
    """A picture with a text chunk, and more bytes behind its end."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    about, made = PngInfo(), io.BytesIO()
    about.add_text("Comment", note)
    Image.new("RGB", (30, 30), "red").save(made, "PNG", pnginfo=about)
    return made.getvalue() + note.encode()
