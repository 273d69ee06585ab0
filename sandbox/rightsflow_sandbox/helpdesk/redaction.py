"""Redaction of comments: the old call by text, the new one by marks in the HTML, and files."""

from __future__ import annotations

import re
from typing import Final

from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import not_found, record_invalid
from rightsflow_sandbox.helpdesk.loading import to_html
from rightsflow_sandbox.helpdesk.rendering import plain

MASK: Final = "▇"
_MARKED = re.compile(r"<redact>(.*?)</redact>", re.DOTALL)
_MARK = re.compile(r"</?redact>")
_ATTRIBUTE = re.compile(r"\s+redact(?:=(?:\"[^\"]*\"|'[^']*'))?(?=[\s/>])")
_MARKED_TAG = re.compile(r"<(\w+)\b[^>]*?\s+redact(?:=(?:\"[^\"]*\"|'[^']*'))?(?=[\s/>])[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_PIECE = re.compile(r"<[^>]*>|&[#\w]+;|.", re.DOTALL)


def _masked(markup: str) -> str:
    """Return markup with each character of its text redacted and its tags unchanged."""
    return "".join(piece if piece.startswith("<") and len(piece) > 1 else MASK for piece in _PIECE.findall(markup))


def redact_text(comment: Record, text: str) -> None:
    """Redact an exact text wherever it occurs in the comment: the old call.

    Raises:
        ApiError: 422, the comment does not have the text (unverified).
    """
    if not text or text not in comment["body"]:
        raise record_invalid("text", "Text was not found in the comment", "InvalidValue")
    comment["body"] = comment["body"].replace(text, MASK * len(text))
    inner = comment["html_body"]
    for spelling in (text, to_html(text).removeprefix('<div class="zd-comment" dir="auto">').removesuffix("</div>")):
        inner = inner.replace(spelling, _masked(spelling))
    comment["html_body"] = inner


def redact_marked(comment: Record, html_body: str) -> None:
    """Redact the text inside ``<redact>`` and remove elements with the attribute ``redact``: the new call.

    The attribute takes away the tag alone; the text inside it needs marks of its own.

    Raises:
        ApiError: 422, without the marks the HTML is not the comment's (status code unverified).
    """
    unmarked = _TAG.sub(lambda tag: _ATTRIBUTE.sub("", tag[0]), _MARK.sub("", html_body))
    if html_body.count("<redact>") != html_body.count("</redact>") or unmarked != comment["html_body"]:
        raise record_invalid("html_body", "The HTML without the marks must be the comment's whole html_body")
    masked = _MARKED.sub(lambda found: _masked(found[1]), html_body)
    comment["html_body"] = _without_marked_tags(masked)
    comment["body"] = plain(comment["html_body"])


def _without_marked_tags(markup: str) -> str:
    """Return markup without the elements marked by the attribute, but with their inner text."""
    while found := _MARKED_TAG.search(markup):
        head, tail = markup[: found.start()], markup[found.end() :]
        closing = f"</{found[1]}>"
        markup = head + tail.replace(closing, "", 1)
    return markup


def attachment_of(comment: Record, attachment_id: int) -> Record:
    """Return an attachment of a comment.

    Raises:
        ApiError: 404, the comment has none of that id.
    """
    for attachment in comment["attachments"]:
        if attachment["id"] == attachment_id:
            found: Record = attachment
            return found
    raise not_found()


def redact_file(attachment: Record) -> None:
    """Replace a file by an empty ``redacted.txt``."""
    attachment.update(
        {
            "file_name": "redacted.txt",
            "content_type": "text/plain",
            "content_base64": "",
            "width": None,
            "height": None,
            "thumbnails": [],
        }
    )
