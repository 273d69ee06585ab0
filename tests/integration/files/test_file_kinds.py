"""Files of each kind: texts found, masked and verified; nothing planted is left; hostile files end with a reason."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import pytest

from rightsflow.domain.disclosure.file_texts import FileText, apply
from rightsflow.domain.disclosure.passages import hide_in_file
from rightsflow.domain.disclosure.redaction import hits_in, mask_file
from rightsflow.domain.disclosure.texts import MARKS, PASSAGE
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Blob, RecordRef
from rightsflow.files.kinds import reader as reading
from rightsflow.files.kinds.reader import ChildReader
from tests.support import made_files as made

SUBJECT: Identifiers = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
NAME, ADDRESS = "Zadok Windlestone", "zadok@windlestone.example"
OTHERS = frozenset({NAME})
SAID = f"anna@example.com asked {NAME} at {ADDRESS}, Grüße"
READER = ChildReader()


def blob(content, media_type="", name="file"):
    return Blob(
        record=RecordRef("helpdesk", "ticket", "t1"),
        category="service tickets",
        name=name,
        media_type=media_type,
        open=lambda: iter([content[:7], content[7:]]),
    )


def masked(content):
    """A file without another person's data, and what its reader found in it."""
    opened = READER.open(blob(content))
    texts, counts = mask_file(blob(content), FileText(opened.runs), subject=SUBJECT, others=OTHERS, country="DE")
    given = READER.mask(blob(content), texts.masks)
    assert given is not None
    assert READER.check(given, texts.forbidden()) == []
    return given, opened, counts, texts


def everything(content):
    """All that a file holds, archives and their archives unpacked."""
    held = [content]
    if content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for info in archive.infolist():
                held += [info.filename.encode(), everything(archive.read(info))]
    return b"\n".join(held)


KINDS = {
    "text": SAID.encode(),
    "text in two bytes": SAID.encode("utf-16"),
    "text of the West": SAID.encode("latin-1"),
    "csv": f"who,what\n{NAME},{ADDRESS}\n".encode(),
    "json": f'{{"who": "{NAME}", "mail": "{ADDRESS}"}}'.encode(),
    "html": f"<html><body><p>Zadok <b>Windlestone</b> <!-- {ADDRESS} --></p></body></html>".encode(),
    "docx": made.docx([SAID], hidden=f"{NAME} {ADDRESS}", author=NAME, picture=made.jpeg(NAME)),
    "xlsx": made.xlsx([["when", SAID], [NAME, ADDRESS]], hidden=SAID, author=NAME),
    "pptx": made.pptx([SAID], hidden=SAID, author=NAME),
    "odt": made.odt([SAID, "Zadok  Windlestone"], hidden=SAID, author=NAME),
    "ods": made.odt([SAID], hidden=SAID, author=NAME, is_sheet=True),
    "pdf": made.pdf([[SAID], ["Zadok Windle-", "second page"]], hidden=SAID, author=NAME),
    "zip": made.zipped({f"{NAME}.txt": SAID, "a/b.docx": made.docx([SAID], author=NAME)}),
}


@pytest.mark.apart
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_another_persons_is_found_and_gone(kind):
    content = KINDS[kind]
    given, opened, counts, texts = masked(content)
    assert opened.is_open
    assert counts.total() > 0
    held = everything(given)
    for encoding in ("utf-8", "utf-16-le"):
        for planted in (NAME, ADDRESS, "Windlestone"):
            assert planted.encode(encoding) not in held
    again = READER.open(blob(given))
    assert [run.text for run in again.runs if NAME in run.text or ADDRESS in run.text] == []
    if kind not in {"csv", "json", "html"}:
        assert any("anna@example.com asked" in run.text for run in again.runs)
    # The original fails the check that the masked file passes.
    assert READER.check(content, texts.forbidden())


@pytest.mark.apart
def test_mails_are_opened_with_what_is_in_them():
    inner = made.mail(SAID, sender=ADDRESS, to="anna@example.com", subject=f"Für {NAME}", html=f"<p>{NAME}</p>")
    files = {f"{NAME}.pdf": made.pdf([[SAID]], author=NAME), "notes.zip": made.zipped({"n.txt": SAID})}
    content = made.mail("Hello", sender="anna@example.com", to=ADDRESS, files=files, inner=inner, charset="iso-8859-15")
    given, opened, counts, _ = masked(content)
    places = {run.where for run in opened.runs}
    assert {"From", f"part 2 › {NAME}.pdf › page 1", "part 3 › notes.zip › n.txt"} <= places
    assert (opened.unread, counts["name"] > 5) == ([], True)
    texts = "\n".join(run.text for run in READER.open(blob(given)).runs)
    assert (NAME in texts, ADDRESS in texts, texts.count("anna@example.com asked")) == (False, False, 3)


@pytest.mark.apart
def test_a_picture_is_given_without_what_its_camera_wrote_and_said_not_to_be_read():
    for content in (made.jpeg(NAME), made.png(NAME)):
        given, opened, _, _ = masked(content)
        assert NAME.encode() not in given
        assert b"Exif" not in given
        assert [str(item) for item in opened.unread] == ["a picture, whose text is not read"]
        assert opened.removed


def test_a_text_stays_byte_for_byte_but_for_what_is_masked_or_shown():
    for untouched in ("a\u0308 Grüße\r\n".encode(), b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", b""):
        assert READER.open(blob(untouched)).is_rewritten is False
        assert READER.mask(blob(untouched), []) == untouched if untouched else True
    content = b"\xef\xbb\xbfanna@example.com wrote to carl@example.org.\r\n"
    given, opened, counts, texts = masked(content)
    assert given == b"\xef\xbb\xbfanna@example.com wrote to [other person's e-mail].\r\n"
    part, text = blob(content), FileText(opened.runs)
    (hit,) = hits_in(part, subject=SUBJECT, file=text)
    assert (hit.hidden, hit.under, hit.is_in_file, counts) == ("carl@example.org", "content", True, {"email": 1})
    shown, counts = mask_file(part, text, subject=SUBJECT, shown=frozenset({hit.place}))
    assert (shown.masks, counts) == ([], {})
    # A passage takes the mark in it with it, and counts once.
    hidden = hide_in_file(texts, ["Wrote  to [other person's e-mail]"])
    assert (hidden.places, hidden.swallowed) == ({0: 1}, {"email": 1})
    assert READER.mask(part, hidden.file.masks) == f"\ufeffanna@example.com {MARKS[PASSAGE]}.\r\n".encode()
    assert apply("abc", [(1, 2, "-")]) == "a-c"


def test_a_text_that_names_no_encoding_is_read_in_those_of_its_neighbours():
    said = "Pan Łukasz Żółć ma paczkę, pisze Anna na carl@example.org"
    opened = READER.open(blob(said.encode("iso-8859-2")))
    texts, counts = mask_file(
        blob(b""), FileText(opened.runs), subject=SUBJECT, others=frozenset({"Łukasz Żółć"}), country="DE"
    )
    assert counts == {"name": 1, "email": 1}
    given = READER.mask(blob(said.encode("iso-8859-2")), texts.masks)
    assert given.decode("iso-8859-2") == ("Pan [other person's name] ma paczkę, pisze Anna na [other person's e-mail]")


def deep(levels):
    content = b"Hello"
    for _ in range(levels):
        content = made.zipped({"inner.zip": content})
    return content


def bomb():
    return made.gzipped(b"\0" * 300_000_000)


ENTITIES = (
    '<!DOCTYPE w [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">&b;</w:document>'
)


@pytest.mark.apart
@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: b"\x00\x01\x02\xff" * 500, "not known"),
        (lambda: b"%PDF-1.7\n1 0 obj << /Type /Catalog", "broken"),
        (lambda: made.docx([SAID])[:200], "broken"),
        (lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old format"),
        (bomb, "MB unpacked"),
        (lambda: deep(30), "deep"),
        (lambda: made.zipped({f"{at}.txt": b"x" for at in range(4000)}), "files"),
        (lambda: made.zipped({"[Content_Types].xml": "<a/>", "word/document.xml": ENTITIES}), "entities"),
        (lambda: made.jpeg()[:300], "broken"),
        (lambda: b"a" * (33 * 1024 * 1024), "larger than"),
    ],
)
def test_hostile_and_broken_files_end_with_a_reason(make, why):
    opened = READER.open(blob(make()))
    assert not opened.is_open
    assert why in str(opened.unread[0])


def test_the_process_has_no_environment_and_no_descriptor_of_ours(tmp_path):
    with (tmp_path / "key").open("w") as kept:
        READER.open(blob(b"Hello"))
        process = reading._CHILDREN._process
        held = Path(f"/proc/{process.pid}")
        assert (held / "environ").read_bytes() == b""
        assert str(tmp_path / "key") not in {
            str(link.readlink()) for link in (held / "fd").iterdir() if link.is_symlink()
        }
        assert kept.closed is False
    # A process that was ended is started again with the next file.
    process.kill()
    process.wait()
    assert READER.open(blob(b"Hello")).is_open
