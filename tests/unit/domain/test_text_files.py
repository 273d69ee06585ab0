"""Attachments that are text are masked as a record's text is; what cannot be read for certain is left to people."""

from __future__ import annotations

import pytest

from rightsflow.domain.disclosure.passages import hide_passages
from rightsflow.domain.disclosure.redaction import hits_in, mask_part
from rightsflow.domain.disclosure.texts import MARKS, MOST_BYTES, PASSAGE, is_text_file, text_of
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import Blob, RecordRef

SUBJECT: Identifiers = frozenset({identifier(IdentifierKind.EMAIL, "anna@example.com")})
SAID = "anna@example.com wrote to carl@example.org.\r\n"
MASKED = b"anna@example.com wrote to [other person's e-mail].\r\n"


def blob(content: bytes, media_type: str = "text/plain", name: str = "notes.txt") -> Blob:
    return Blob(
        record=RecordRef("helpdesk", "ticket", "t1"),
        category="service tickets",
        name=name,
        media_type=media_type,
        open=lambda: iter([content[:7], content[7:]]),
    )


def given(part: Blob) -> bytes:
    clean, _ = mask_part(part, subject=SUBJECT)
    assert isinstance(clean, Blob)
    return b"".join(clean.open())


@pytest.mark.parametrize(
    ("media_type", "name"),
    [
        ("text/plain; charset=utf-8", "a"),
        ("text/csv", "a.csv"),
        ("TEXT/HTML", "a.html"),
        ("message/rfc822", "a.eml"),
        ("application/octet-stream", "A.TXT"),
        ("", "mail.eml"),
    ],
)
def test_others_are_masked_in_a_text_and_the_subject_is_not(media_type: str, name: str) -> None:
    part = blob(SAID.encode(), media_type, name)
    assert given(part) == MASKED
    _, counts = mask_part(part, subject=SUBJECT)
    assert counts == {"email": 1}
    (hit,) = hits_in(part, subject=SUBJECT)
    assert (hit.hidden, hit.under, hit.before) == ("carl@example.org", "content", "anna@example.com wrote to ")


def test_what_a_person_decided_to_show_in_a_file_stays() -> None:
    part = blob(SAID.encode())
    (hit,) = hits_in(part, subject=SUBJECT)
    clean, counts = mask_part(part, subject=SUBJECT, shown=frozenset({hit.place}))
    assert isinstance(clean, Blob)
    assert (b"".join(clean.open()), counts) == (SAID.encode(), {})


def test_the_mark_before_a_text_and_a_text_without_others_stay_byte_for_byte() -> None:
    assert given(blob(b"\xef\xbb\xbf" + SAID.encode())) == b"\xef\xbb\xbf" + MASKED
    untouched = "a\u0308 Grüße\r\n".encode()
    assert given(blob(untouched)) == untouched


@pytest.mark.parametrize(
    ("content", "media_type", "name"),
    [
        (SAID.encode("utf-16"), "text/plain", "a.txt"),
        ("Grüße an carl@example.org".encode("latin-1"), "text/plain", "a.txt"),
        (SAID.encode() + b"\0", "text/plain", "a.txt"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n" + SAID.encode(), "message/rfc822", "a.eml"),
        (SAID.encode() + b"x" * MOST_BYTES, "text/plain", "a.txt"),
        (SAID.encode(), "application/pdf", "a.txt"),
        (SAID.encode(), "audio/wav", "a.wav"),
    ],
    ids=["UTF-16", "Latin-1", "with a zero byte", "encoded mail", "too large", "says that it is a PDF", "sound"],
)
def test_what_is_no_text_for_certain_is_not_looked_into_and_left_as_it_is(
    content: bytes, media_type: str, name: str
) -> None:
    part = blob(content, media_type, name)
    assert text_of(part) is None
    assert given(part) == content


def test_a_passage_is_masked_in_a_text_by_its_wording_too() -> None:
    hidden = hide_passages(blob(SAID.encode()), ["Wrote  to"])
    assert isinstance(hidden.part, Blob)
    assert (b"".join(hidden.part.open()), hidden.places) == (SAID.replace("wrote to", MARKS[PASSAGE]).encode(), {0: 1})
    untouched = blob(SAID.encode(), "application/pdf")
    assert hide_passages(untouched, ["wrote to"]).places.total() == 0


def test_whether_a_file_says_that_it_is_text_is_told_without_reading_it() -> None:
    assert is_text_file(blob(b"\xff", "text/csv"))
    assert not is_text_file(blob(b"x", "image/png", "a.txt"))
