"""Views of records: a ticket as a conversation, a payment as a row, a recording with its player.

The connectors return the system's own field names, so the views go by shape: a list of entries with a text and a time
is a conversation, whatever its name. No field is dropped; a field without a special place in a view is listed.
"""

from __future__ import annotations

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from html.parser import HTMLParser
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from rightsflow.domain import wording
from rightsflow.domain.vocabulary.field_words import PLAIN, FieldWords
from rightsflow.domain.vocabulary.records import Blob

Scalar = str | int | float | bool | None

# OWASP's list for CSV injection, with the full-width signs that East Asian spreadsheets take for the same.
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_NEGATIVE = re.compile(r"-\d+(?:[.,]\d+)?")
_MOST_COLUMNS = 200
REST = "further data"
"""The column that takes what does not fit into the columns, as JSON."""


def flatten(content: Mapping[str, Any], *, open_lists: bool = False) -> dict[str, Scalar]:
    """Return a row: nested mappings as ``outer.inner``, lists of plain values joined by semicolons.

    Args:
        content: JSON-compatible data.
        open_lists: Whether lists of other things become ``outer.1.inner``, to be read by people, instead of JSON text
            in one cell.
    """
    return dict(_walk(content, "", open_lists=open_lists))


def _walk(content: Mapping[str, Any], prefix: str, *, open_lists: bool) -> Iterator[tuple[str, Scalar]]:
    for key, value in content.items():
        path, inner = f"{prefix}{key}", value
        if isinstance(value, list | tuple):
            plain = all(isinstance(item, str | int | float | bool) for item in value)
            if plain or not open_lists:
                yield path, "; ".join(map(str, value)) if plain else json.dumps(value, ensure_ascii=False, default=str)
                continue
            inner = {str(number): item for number, item in enumerate(value, 1)}
        if isinstance(inner, Mapping):
            yield from _walk(inner, f"{path}.", open_lists=open_lists) if inner else [(path, "")]
        else:
            yield path, value if isinstance(value, str | int | float | bool | None) else str(value)


class Columns:
    """The columns of a table in the order of their first appearance; bounded."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def learn(self, row: Iterable[str]) -> None:
        """Add the columns of a row; the ones beyond the bound share the column ``REST``."""
        for name in row:
            if name not in self.names:
                self.names[name if len(self.names) < _MOST_COLUMNS else REST] = None

    def arrange(self, row: Mapping[str, Scalar]) -> list[Scalar]:
        """Arrange a row's cells in the order of the columns."""
        rest = {name: value for name, value in row.items() if name not in self.names}
        cells = dict(row) | ({REST: json.dumps(rest, ensure_ascii=False)} if rest else {})
        return [cells.get(name) for name in self.names]


def csv_lines(columns: Columns, rows: Iterable[Mapping[str, Scalar]]) -> Iterator[bytes]:
    """Yield the table as CSV (RFC 4180) in UTF-8 with a byte order mark, without which Excel misreads accents."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for cells in chain([columns.names], map(columns.arrange, rows)):
        writer.writerow(map(guarded, cells))
        yield buffer.getvalue().encode(errors="replace")
        buffer.seek(0)
        buffer.truncate()


def guarded(cell: Scalar) -> Scalar:
    """Return a cell with an apostrophe before it where a spreadsheet would run it as a formula."""
    if not isinstance(cell, str):
        return cell
    if _NEGATIVE.fullmatch(cell):
        return cell
    start = cell.lstrip(" \u00a0")[:1]
    return f"'{cell}" if start in _FORMULA_STARTS and start else cell


Fact = tuple[str, str]

# Keys as systems spell them, without capitals and underscores: created_at, createdAt and CreatedAt are one.
_TEXT_KEYS = ("plainbody", "body", "text", "message", "content", "htmlbody", "excerpt")
_START_KEYS = ("startedat", "start", "starttime", "callstart", "calldate")
_STORED_KEYS = ("storedat", "createdat")
_LENGTH_KEYS = ("seconds", "recordingduration", "durationseconds", "callduration", "duration")
_OFFSET = "beginoffsetmillis"
_TIME_KEYS = ("createdat", "absolutetime", "sentat", "timestamp", "time", "date", "created", "at", _OFFSET)
_AUTHOR_KEYS = ("author", "from", "sender", "authorrole", "participantrole", "participantid", "role", "creator", "by")
_TITLE_KEYS = ("subject", "title", "rawsubject")
_ID_KEYS = ("number", "ticketid", "id", "ref", "reference")
_THE_SUBJECT = frozenset(
    {"you", "subject", "the data subject", "data subject", "requester", "customer", "end-user", "end user", "caller"}
)
_READABLE = "_readable"
_MOST_LABELS = 1000
"""Fields whose label is remembered; some systems have a field for each thing."""
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_ABBREVIATIONS = re.compile(r"\b(?:id|url|ip|iban|bic|vat|sms|sha256)\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKUP = re.compile(r"<(?:p|br|div|span|a|ul|ol|li|b|i|strong|em|table|html|body)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """An entry of a conversation."""

    author: str
    at: str
    body: str
    mine: bool
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A record as it is shown.

    Args:
        title: Its heading.
        facts: Labels and values.
        messages: The conversation, if it is one.
        file: The path of its bytes, if it has any.
        name: The name of the file under which it is saved.
        media_type: What the bytes are.
        note: What else is said of the bytes, for example their size.
    """

    title: str
    facts: tuple[Fact, ...]
    messages: tuple[Message, ...] = ()
    file: str = ""
    name: str = ""
    media_type: str = ""
    note: str = ""

    @property
    def player(self) -> str:
        """The HTML element that plays it, or nothing."""
        kind = self.media_type.partition("/")[0]
        return kind if kind in {"audio", "video"} else ""

    @property
    def is_flat(self) -> bool:
        """True if the record can be a row of a table."""
        return not self.messages and not self.file


class Views:
    """Makes items.

    Args:
        zone: The time zone that times are shown in.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._labels: dict[tuple[int, str], str] = {}

    def document(self, content: Mapping[str, Any], kind: str, number: int, words: FieldWords = PLAIN) -> Item:
        """Return a document as a conversation or as facts.

        Args:
            content: Its data.
            kind: The connector's word for its kind.
            number: Its place in the category, for one without a name.
            words: The words for its fields and codes.
        """
        conversation = next((key for key, value in content.items() if _is_conversation(value)), None)
        messages = tuple(self._message(item, words) for item in content[conversation]) if conversation else ()
        rest = _unwrapped({key: value for key, value in content.items() if key != conversation})
        return Item(title=_title(content, kind, number), facts=self.facts(rest, words), messages=messages)

    def blob(self, part: Blob, file: str, size: int) -> Item:
        """Return the bytes of a record; a recording is named by its date and length, as people look for it.

        Args:
            part: The record.
            file: The path of the bytes in the package.
            size: How many bytes it has.
        """
        item = Item(
            title=part.name,
            facts=self.facts({key: entry for key, entry in part.metadata.items() if (key, entry) != ("size", size)}),
            file=file,
            name=part.name,
            media_type=part.media_type,
            note=size_in_words(size),
        )
        return replace(item, title=self._recording(part), note=f"{part.name}, {item.note}") if item.player else item

    def _recording(self, part: Blob) -> str:
        """Return a recording's title: kind, start and length, as far as the system noted them."""
        about, name = part.metadata, label(part.record.kind)
        started, stored, length = (_first_key(about, keys) for keys in (_START_KEYS, _STORED_KEYS, _LENGTH_KEYS))
        when = f"stored on {self.value(about[stored])}" if stored else "date not noted"
        lasts = _duration(about[length]) if length else "length not noted"
        return f"{name} of {self.value(about[started])}, {lasts}" if started else f"{name}, {when}, {lasts}"

    def facts(self, content: Mapping[str, object], words: FieldWords = PLAIN) -> tuple[Fact, ...]:
        """Labels and values; empty ones are passed over, they are in the data file."""
        flat = flatten(content, open_lists=True)
        for key in [key for key in flat if key.endswith(_READABLE)]:
            # An amount is shown as people write it; in the smallest unit it stands in the data file.
            flat[key.removesuffix(_READABLE)] = flat.pop(key)
        return tuple(
            (self._label(key, words), words.code_label(field_name(key), str(value)) or self.value(value))
            for key, value in flat.items()
            if value not in (None, "")
        )

    def _label(self, key: str, words: FieldWords) -> str:
        """Return a field's label like :func:`label`, cached for the package, whose words do not change."""
        if len(self._labels) >= _MOST_LABELS:
            self._labels.clear()
        known = (id(words), key)
        if known not in self._labels:
            self._labels[known] = label(key, words)
        return self._labels[known]

    def value(self, value: object) -> str:
        """Return a value in plain words."""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        text = str(value)
        if isinstance(value, str) and _ISO.fullmatch(text):
            return self._instant(text)
        return plain_text(text)

    def _instant(self, text: str) -> str:
        try:
            if len(text) == 10:
                return wording.day(date.fromisoformat(text))
            when = datetime.fromisoformat(text)
        except ValueError:
            return text
        if when.tzinfo is None:
            return f"{wording.day(when)}, {when:%H:%M}"
        local = when.astimezone(self._zone)
        return f"{wording.day(local)}, {local:%H:%M}"

    def _at(self, key: str, value: object) -> str:
        if _plain_key(key) == _OFFSET and isinstance(value, int | float):
            seconds = int(value) // 1000  # from the beginning of the call
            return f"{seconds // 60}:{seconds % 60:02}"
        return self.value(value)

    def _message(self, entry: Mapping[str, object], words: FieldWords) -> Message:
        body, at, author = (_first_key(entry, keys) for keys in (_TEXT_KEYS, _TIME_KEYS, _AUTHOR_KEYS))
        named, role = _author(entry.get(author))
        mine = bool({named.casefold(), role} & _THE_SUBJECT)
        # The same text in another form (body, html_body beside plain_body) is shown once.
        forms = {"plainbody", "body", "htmlbody"}
        other_forms = {key for key in entry if _plain_key(key) in forms} if _plain_key(body) in forms else set()
        return Message(
            author="You" if mine else _as_name(named) or "Entry",
            at=self._at(at, entry[at]) if at else "",
            body=plain_text(str(entry[body])),
            mine=mine,
            facts=self.facts(
                {key: value for key, value in entry.items() if key not in {body, at, author, *other_forms}}, words
            ),
        )


def size_in_words(size: int) -> str:
    """Return a number of bytes in words for people."""
    if size < 1000:
        return f"{size} bytes"
    power = min(int(math.log(size, 1000)), 4)
    return f"{size / 1000**power:.1f} {('', 'kB', 'MB', 'GB', 'TB')[power]}"


def label(key: str, words: FieldWords = PLAIN) -> str:
    """Return a field name for people: ``billing.postalCode`` becomes "Billing › postal code".

    Args:
        key: The field's path, with dots.
        words: The words that are declared for fields.
    """
    named = " › ".join(filter(None, (words.label(part) or _spelt_out(part) for part in key.split("."))))
    return _ABBREVIATIONS.sub(lambda found: found[0].upper(), named[:1].upper() + named[1:])


def _spelt_out(name: str) -> str:
    spaced = _CAMEL.sub(" ", name).replace("_", " ").replace("-", " ").strip()
    return spaced if spaced.isupper() else spaced.lower()


def field_name(key: str) -> str:
    """Return the name of a field, without its parents and without its place in a list."""
    return next((part for part in reversed(key.split(".")) if not part.isdigit()), key)


def _duration(value: object) -> str:
    """Return a number of seconds in words; any other value is returned unchanged."""
    try:
        seconds = round(float(str(value)))
    except (ValueError, OverflowError):
        return str(value)
    minutes, rest = divmod(seconds, 60)
    spoken = [wording.counted(minutes, "minute")] if minutes else []
    return wording.listed([*spoken, wording.counted(rest, "second")] if rest or not minutes else spoken)


def _is_conversation(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(item, Mapping) and _first_key(item, _TEXT_KEYS) for item in value)
        and any(_first_key(item, _TIME_KEYS) or _first_key(item, _AUTHOR_KEYS) for item in value)
    )


def _plain_key(key: str) -> str:
    return key.replace("_", "").casefold()


def _spelt(entry: Mapping[str, object]) -> dict[str, str]:
    return {_plain_key(key): key for key, value in entry.items() if value not in (None, "")}


def _first_key(entry: Mapping[str, object], keys: tuple[str, ...]) -> str:
    """Return the entry's own spelling of the first of the keys that has a value."""
    return _first_of(_spelt(entry), keys)


def _first_of(spelt: Mapping[str, str], keys: tuple[str, ...]) -> str:
    return next((spelt[key] for key in keys if key in spelt), "")


def _author(value: object) -> tuple[str, str]:
    """Return name and role of an author; a system has either or both."""
    if isinstance(value, Mapping):
        role = str(value.get("role") or "")
        return str(value.get("name") or role), role.casefold()
    return str(value or ""), ""


def _as_name(author: str) -> str:
    """Return a name with a capital at the start; a role in capitals is written small."""
    return author.capitalize() if author.isupper() else author[:1].upper() + author[1:]


def _unwrapped(content: Mapping[str, object]) -> Mapping[str, object]:
    """Return the inside of a record that consists of one named object."""
    inner = next(iter(content.values()), None)
    return inner if len(content) == 1 and isinstance(inner, Mapping) else content


def _title(content: Mapping[str, object], kind: str, number: int) -> str:
    # The naming fields stand at the top, or in the one object inside that is the record.
    inside = (value for value in content.values() if isinstance(value, Mapping))
    levels = [(level, _spelt(level)) for level in (content, *inside)]
    name, title = (
        next((str(level[key]) for level, spelt in levels if (key := _first_of(spelt, keys))), "")
        for keys in (_ID_KEYS, _TITLE_KEYS)
    )
    heading = f"{kind.replace('_', ' ').replace('-', ' ').capitalize()} {name or number}"
    return f"{heading}: {title}" if title else heading


def plain_text(text: str) -> str:
    """Return text without markup, for bodies that a system stores as HTML.

    Args:
        text: The text.
    """
    if not _MARKUP.search(text):
        return text
    reader = _TextOf()
    reader.feed(text)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip()


class _TextOf(HTMLParser):
    """Collects the text of a piece of HTML."""

    _BREAKS = frozenset({"p", "br", "div", "li", "tr", "h1", "h2", "h3", "blockquote"})
    _UNREAD = frozenset({"style", "script", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._unread = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002 - the base's form
        self._unread += tag in self._UNREAD
        if tag in self._BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._unread -= tag in self._UNREAD and self._unread > 0
        if tag in {"p", "div"}:
            self.pieces.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.pieces.append(data)
