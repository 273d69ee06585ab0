"""Pages of the templates, with all input escaped, and files of data subjects: never run, never shown in a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import Response, StreamingResponse

from deployments.desk.addresses import HOME, PREFIX, case_address
from rightsflow.cases.facts.overview.account import PackageFile
from rightsflow.cases.facts.overview.sheet_lines import day, moment
from rightsflow.domain.accounts import Permission
from rightsflow.domain.conversation import read_file_name
from rightsflow.domain.disclosure.texts import split_at_marks
from rightsflow.domain.vocabulary.letter_ids import kind_of_letter
from rightsflow.domain.wording import counted, sentence

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
    named = f"{shown}; filename=\"record-{file.record}\"; filename*=UTF-8''{quote(read_file_name(file.name), safe='')}"
    return {
        "Content-Type": kind,
        "Content-Disposition": named,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


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


_HERE: Final = Path(__file__).parent
STATIC: Final = _HERE / "static"
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
_CODE: Final = re.compile(r"`(.+?)`")
_SLANTED: Final = re.compile(r"(?<!\w)_(.+?)_(?!\w)")


class Rendering:
    """The desk's templates."""

    def __init__(self) -> None:
        self._templates = _templates()

    def page(self, template: str, zone: ZoneInfo, **values: Any) -> str:
        """A page's text.

        Args:
            template: The template's file.
            zone: The controller's time zone.
            **values: What it shows.
        """

        def when(instant: datetime) -> str:
            return moment(instant, zone)

        return self._templates.get_template(template).render(when=when, zone=str(zone), **values)


@cache
def _templates() -> Environment:
    """The templates, each compiled when it is first shown and once for the whole process."""
    made = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(may=Permission, home=HOME, prefix=PREFIX, case_path=partial(case_address, ""), counted=counted)
    made.globals.update(letter_name=letter_name)
    made.filters.update(day=_day, number=_number, capital=_capital, prose=prose, zip=zip)
    made.filters.update(marked=_marked, sound=is_sound, text=is_text, sentence=sentence)
    return made


def _day(value: date | None) -> str:
    return day(value) if value else "–"


def _number(count: int) -> str:
    return f"{count:,}"


def letter_name(letter: str) -> str:
    """Return the name of a letter with its id, such as ``Access cover (L9)``.

    Args:
        letter: As the case knows it.
    """
    return f"{kind_of_letter(letter).name.replace('_', ' ').capitalize()} ({letter})"


def prose(text: str) -> Markup:
    """Return a sentence of the case sheet as HTML: bold text and commands keep their style, italics become plain.

    Args:
        text: The sentence, in the sheet's Markdown.
    """
    safe = escape(_SLANTED.sub(r"\1", text))
    bold = _BOLD.sub(r"<strong>\1</strong>", str(safe))
    return Markup(_CODE.sub(r"<code>\1</code>", bold))  # noqa: S704 - escaped before the tags are put in


def _marked(text: str) -> Markup:
    """Return a redacted text with its replacements marked."""
    safe = ((escape(piece), is_mark) for piece, is_mark in split_at_marks(text))
    return Markup("").join(Markup("<mark>{}</mark>").format(piece) if is_mark else piece for piece, is_mark in safe)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
