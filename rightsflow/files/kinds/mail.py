"""E-mails (RFC 5322, RFC 2045 to 2049): headers, bodies in any encoding, attachments, and mails in mails."""

from __future__ import annotations

import binascii
import re
from collections.abc import Sequence
from email import encoders, message_from_bytes
from email.header import Header, decode_header
from email.message import Message
from typing import Any, Final
from uuid import uuid4

from rightsflow.files.kinds.job import CannotOpen, FilePass, inside
from rightsflow.files.kinds.text_encodings import text_of

_STRUCTURE: Final = frozenset({"mime-version", "content-transfer-encoding"})
_FOLD: Final = re.compile(r"\r?\n[ \t]+|[\r\n]+")


def walk(content: bytes, job: FilePass, where: str, depth: int) -> bytes:
    """Go through a mail.

    Args:
        content: The mail.
        job: The pass.
        where: Its place.
        depth: How deep it lies.

    Raises:
        CannotOpen: It cannot be read.
    """
    try:
        message = message_from_bytes(content)
        is_changed = _part(message, job, where, depth)
        return message.as_bytes() if is_changed and job.is_writing else content
    except (ValueError, LookupError, AttributeError, TypeError, KeyError, RecursionError, binascii.Error) as error:
        raise CannotOpen("the mail's structure is broken") from error


def _part(part: Message[str, str], job: FilePass, where: str, depth: int) -> bool:
    """Go through a part of a mail; returns True if something changed."""
    job.enter(depth)
    is_changed = _headers(part, job, where)
    if part.is_multipart():
        return _parts(part, job, where, depth) or is_changed
    return _leaf(part, job, where, depth) or is_changed


def _headers(part: Message[str, str], job: FilePass, where: str) -> bool:
    given = list[tuple[str, Any]]()
    is_changed = False
    for name, raw in list(part.items()):
        value, low = str(raw), name.lower()
        if low in _STRUCTURE or (low == "content-type" and part.is_multipart()):
            given.append((name, raw))
            continue
        text = _decoded(value)
        masked = job.text(text, inside(where, name))
        is_changed |= masked is not text
        given.append((name, raw if masked is text else _encoded(masked)))
    if is_changed:
        for name in set(part.keys()):
            del part[name]
        for name, value in given:
            part[name] = value
    return is_changed


def _decoded(value: str) -> str:
    """Return a header as people read it; encoded words that cannot be read stay as they are."""
    plain = _FOLD.sub(" ", value)
    try:
        pieces = decode_header(plain)
        return "".join(
            piece if isinstance(piece, str) else piece.decode(charset or "ascii", "replace")
            for piece, charset in pieces
        )
    except (ValueError, LookupError, binascii.Error):
        return plain


def _encoded(text: str) -> str:
    plain = text.encode("utf-8", "replace").decode()
    return plain if plain.isascii() else Header(plain, "utf-8", maxlinelen=200).encode()


def _parts(part: Message[str, str], job: FilePass, where: str, depth: int) -> bool:
    is_changed = _beside(part, job, where)
    for number, inner in enumerate(_inner(part), 1):
        kind = inner.get_content_maintype()
        name = "attached mail" if part.get_content_type() == "message/rfc822" else ""
        place = (
            inside(where, name) if name else where if kind in {"text", "multipart"} else inside(where, f"part {number}")
        )
        is_changed |= _part(inner, job, place, depth + (part.get_content_maintype() == "message"))
    if is_changed and part.get_boundary():
        # What stands in the old one was not looked at.
        part.set_boundary(f"=={uuid4().hex}")
    return is_changed


def _inner(part: Message[str, str]) -> Sequence[Message[str, str]]:
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Message)] if isinstance(payload, list) else []


def _beside(part: Message[str, str], job: FilePass, where: str) -> bool:
    """Go through the text before the first part and after the last one, which mail programs do not show."""
    is_changed = False
    for name in ("preamble", "epilogue"):
        text = getattr(part, name)
        if text and text.strip():
            masked = job.text(text, inside(where, name))
            is_changed |= masked is not text
            setattr(part, name, masked)
    return is_changed


def _leaf(part: Message[str, str], job: FilePass, where: str, depth: int) -> bool:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    name = _decoded(part.get_filename() or "")
    if (
        not name
        and part.get_content_maintype() == "text"
        and (read := text_of(content, part.get_content_charset() or ""))
    ):
        masked = job.text(read.text, where)
        if masked is read.text:
            return False
        _set(part, masked.encode("utf-8", "replace"), charset="utf-8")
        return True
    given = job.nested(content, where, depth, name or part.get_content_type())
    if given is content or given == content:
        return False
    _set(part, given)
    return True


def _set(part: Message[str, str], content: bytes, charset: str = "") -> None:
    del part["Content-Transfer-Encoding"]
    if charset:
        if "Content-Type" not in part:
            part["Content-Type"] = "text/plain"
        part.set_param("charset", charset)
    part.set_payload(content)
    encoders.encode_base64(part)
