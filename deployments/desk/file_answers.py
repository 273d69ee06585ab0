"""Files of data subjects as the desk gives them to a browser: never run, never shown in a page, in parts where asked.

What a file is, its system says, and a system believes who sent it. So a file is saved and not opened, except sound,
which a player plays, and plain text, which nothing can run.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from starlette.responses import Response, StreamingResponse

from rightsflow.cases.facts.overview.account import PackageFile

_TEXT: Final = "text/plain"
_SOUND: Final = frozenset(
    f"audio/{item}" for item in ("aac", "flac", "mp4", "mpeg", "ogg", "opus", "wav", "webm", "x-m4a", "x-wav")
)
_ONE_RANGE: Final = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})", re.ASCII)


def is_sound(media_type: str) -> bool:
    """Return whether a player of the desk plays a file.

    Args:
        media_type: What the system says that it is.
    """
    return _essence(media_type) in _SOUND


def is_text(media_type: str) -> bool:
    """Return whether a file can be shown as text.

    Args:
        media_type: What the system says that it is.
    """
    return _essence(media_type) == _TEXT


def file_answer(file: PackageFile, asked: str) -> Response:
    """A file, or the part of it that was asked for (RFC 9110, section 14).

    Args:
        file: The file.
        asked: The request's header ``Range``; what is not one range of bytes is passed over, as the standard says.
    """
    found = _ONE_RANGE.fullmatch(asked.strip())
    headers = _headers(file)
    if not found or found.groups() == ("", ""):
        return _streamed(file.open(), 200, headers | {"Content-Length": str(file.size)})
    first, last = _bounds(found[1], found[2], file.size)
    if first > last:
        return Response(status_code=416, headers=headers | {"Content-Range": f"bytes */{file.size}"})
    headers |= {"Content-Range": f"bytes {first}-{last}/{file.size}", "Content-Length": str(last - first + 1)}
    return _streamed(_cut(file.open(), first, last), 206, headers)


def saved_answer(content: bytes, name: str) -> Response:
    """Return another company's document as a file to be saved: its own media type is not trusted.

    Args:
        content: The document.
        name: What it is called, with its ending; of this program's own words.
    """
    headers = {
        "Content-Disposition": f'attachment; filename="{name}"',
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }
    return Response(content, 200, headers, "application/octet-stream")


def _streamed(chunks: Iterator[bytes], status: int, headers: dict[str, str]) -> Response:
    return StreamingResponse(chunks, status, headers)


def _headers(file: PackageFile) -> dict[str, str]:
    shown, kind = "attachment", "application/octet-stream"
    if is_sound(file.media_type):
        shown, kind = "inline", _essence(file.media_type)
    elif is_text(file.media_type):
        shown, kind = "inline", f"{_TEXT}; charset=utf-8"
    # The name is the sender's: percent-encoded, so that nothing of it is read as a header.
    named = f"{shown}; filename=\"record-{file.record}\"; filename*=UTF-8''{quote(_tame(file.name), safe='')}"
    return {
        "Content-Type": kind,
        "Content-Disposition": named,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


def _tame(name: str) -> str:
    """A name without folders, and without signs that are not seen."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(part for part in last if part.isprintable()).strip(". ") or "file"


def _essence(media_type: str) -> str:
    return media_type.partition(";")[0].strip().lower()


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    """The first and the last byte of a range; the first is beyond the last if the file has none of it."""
    if not first:  # the last bytes
        return (max(size - int(last), 0), size - 1) if int(last) else (1, 0)
    return int(first), min(int(last) if last else size - 1, size - 1)


def _cut(chunks: Iterator[bytes], first: int, last: int) -> Iterator[bytes]:
    """Yield the bytes from the first to the last; earlier bytes are decrypted too, which proves the file complete."""
    at = 0
    for chunk in chunks:
        start, end = max(first - at, 0), min(last + 1 - at, len(chunk))
        if start < end:
            yield chunk[start:end]
        at += len(chunk)
        if at > last:
            return
