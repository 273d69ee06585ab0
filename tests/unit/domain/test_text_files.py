"""Attachments that are text are masked as a record's text is; what cannot be read for certain is left to people."""

from __future__ import annotations

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


def test_others_are_masked_in_a_text_and_nothing_else_is_changed() -> None:
    # Others are masked in a text and the subject is not.
    for media_type, name in (
        ("text/plain; charset=utf-8", "a"),
        ("text/csv", "a.csv"),
        ("TEXT/HTML", "a.html"),
        ("message/rfc822", "a.eml"),
        ("application/octet-stream", "A.TXT"),
        ("", "mail.eml"),
        # Transcripts of calls.
        ("text/vtt", "call.vtt"),
        ("application/x-subrip", "call"),
        ("", "call.srt"),
    ):
        part = blob(SAID.encode(), media_type, name)
        assert given(part) == MASKED
        _, counts = mask_part(part, subject=SUBJECT)
        assert counts == {"email": 1}
        (hit,) = hits_in(part, subject=SUBJECT)
        assert (hit.hidden, hit.under, hit.before) == ("carl@example.org", "content", "anna@example.com wrote to ")
    # What a person decided to show in a file stays.
    part = blob(SAID.encode())
    (hit,) = hits_in(part, subject=SUBJECT)
    clean, counts = mask_part(part, subject=SUBJECT, shown=frozenset({hit.place}))
    assert isinstance(clean, Blob)
    assert (b"".join(clean.open()), counts) == (SAID.encode(), {})
    # The mark before a text and a text without others stay byte for byte.
    assert given(blob(b"\xef\xbb\xbf" + SAID.encode())) == b"\xef\xbb\xbf" + MASKED
    untouched = "a\u0308 Grüße\r\n".encode()
    assert given(blob(untouched)) == untouched
    # A passage is masked in a text by its wording too.
    hidden = hide_passages(blob(SAID.encode()), ["Wrote  to"])
    assert isinstance(hidden.part, Blob)
    assert (b"".join(hidden.part.open()), hidden.places) == (SAID.replace("wrote to", MARKS[PASSAGE]).encode(), {0: 1})
    untouched = blob(SAID.encode(), "application/pdf")
    assert hide_passages(untouched, ["wrote to"]).places.total() == 0


def test_what_is_no_text_for_certain_is_left_as_it_is() -> None:
    # What is no text for certain is not looked into and left as it is.
    for content, media_type, name in (
        (SAID.encode("utf-16"), "text/plain", "a.txt"),
        ("Grüße an carl@example.org".encode("latin-1"), "text/plain", "a.txt"),
        (SAID.encode() + b"\0", "text/plain", "a.txt"),
        (b"Content-Transfer-Encoding: base64\r\n\r\n" + SAID.encode(), "message/rfc822", "a.eml"),
        (SAID.encode() + b"x" * MOST_BYTES, "text/plain", "a.txt"),
        (SAID.encode(), "application/pdf", "a.txt"),
        (SAID.encode(), "audio/wav", "a.wav"),
    ):
        part = blob(content, media_type, name)
        assert text_of(part) is None
        assert given(part) == content
    assert is_text_file(blob(b"\xff", "text/csv"))
    assert not is_text_file(blob(b"x", "image/png", "a.txt"))
