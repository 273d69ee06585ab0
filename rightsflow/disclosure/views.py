"""How a record reads: a ticket as a conversation, a payment as a row, a recording with its player.

The connectors give the system's own field names, so the views go by shape: a list of entries with a text and a time
is a conversation, whatever it is called. Nothing is dropped; what a view has no special place for is listed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any
from zoneinfo import ZoneInfo

from rightsflow.disclosure.tables import flatten
from rightsflow.letters import wording

Fact = tuple[str, str]

# Keys as systems spell them, without capitals and underscores: created_at, createdAt and CreatedAt are one.
_TEXT_KEYS = ("plainbody", "body", "text", "message", "content", "htmlbody", "excerpt")
_OFFSET = "beginoffsetmillis"
_TIME_KEYS = ("createdat", "absolutetime", "sentat", "timestamp", "time", "date", "created", "at", _OFFSET)
_AUTHOR_KEYS = ("author", "from", "sender", "authorrole", "participantrole", "participantid", "role", "creator", "by")
_TITLE_KEYS = ("subject", "title", "rawsubject")
_ID_KEYS = ("number", "ticketid", "id", "ref", "reference")
_THE_SUBJECT = frozenset(
    {"you", "subject", "the data subject", "data subject", "requester", "customer", "end-user", "end user", "caller"}
)
_READABLE = "_readable"
_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_ABBREVIATIONS = re.compile(r"\b(?:id|url|ip|iban|bic|vat|sms|sha256)\b", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_MARKUP = re.compile(r"<(?:p|br|div|span|a|ul|ol|li|b|i|strong|em|table|html|body)\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of a conversation."""

    author: str
    at: str
    body: str
    mine: bool
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One record as it is shown.

    Args:
        title: Its heading.
        facts: Labels and values.
        messages: The conversation, if it is one.
        file: The path of its bytes, if it has any.
        media_type: What the bytes are.
        note: What else is said of the bytes, for example their size.
    """

    title: str
    facts: tuple[Fact, ...]
    messages: tuple[Message, ...] = ()
    file: str = ""
    media_type: str = ""
    note: str = ""

    @property
    def player(self) -> str:
        """The HTML element that plays it, or nothing."""
        kind = self.media_type.partition("/")[0]
        return kind if kind in {"audio", "video"} else ""

    @property
    def is_flat(self) -> bool:
        """Whether it can be a row of a table."""
        return not self.messages and not self.file


class Views:
    """Makes items.

    Args:
        zone: The time zone that times are shown in.
    """

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone

    def document(self, content: Mapping[str, Any], kind: str, number: int) -> Item:
        """A document as a conversation or as facts."""
        conversation = next((key for key, value in content.items() if _is_conversation(value)), None)
        messages = tuple(self._message(one) for one in content[conversation]) if conversation else ()
        rest = _unwrapped({key: value for key, value in content.items() if key != conversation})
        return Item(title=_title(content, kind, number), facts=self.facts(rest), messages=messages)

    def facts(self, content: Mapping[str, Any]) -> tuple[Fact, ...]:
        """Labels and values; empty ones are passed over, they are in the data file."""
        flat = flatten(content, open_lists=True)
        for key in [key for key in flat if key.endswith(_READABLE)]:
            # An amount is shown as people write it; in the smallest unit it stands in the data file.
            flat[key.removesuffix(_READABLE)] = flat.pop(key)
        return tuple((label(key), self.value(value)) for key, value in flat.items() if value not in (None, ""))

    def value(self, value: object) -> str:
        """A value in plain words."""
        if isinstance(value, bool):
            return "Yes" if value else "No"
        text = str(value)
        if isinstance(value, str) and _ISO.fullmatch(text):
            return self._instant(text)
        return _plain(text)

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

    def _message(self, entry: Mapping[str, Any]) -> Message:
        body, at, author = (_first_key(entry, keys) for keys in (_TEXT_KEYS, _TIME_KEYS, _AUTHOR_KEYS))
        named, role = _author(entry.get(author))
        mine = bool({named.casefold(), role} & _THE_SUBJECT)
        # The same text in another form (body, html_body beside plain_body) is shown once.
        forms = {"plainbody", "body", "htmlbody"}
        other_forms = {key for key in entry if _plain_key(key) in forms} if _plain_key(body) in forms else set()
        return Message(
            author="You" if mine else _as_name(named) or "Entry",
            at=self._at(at, entry[at]) if at else "",
            body=_plain(str(entry[body])),
            mine=mine,
            facts=self.facts({key: one for key, one in entry.items() if key not in {body, at, author, *other_forms}}),
        )


def label(key: str) -> str:
    """A field name for people: ``billing.postalCode`` becomes "Billing › postal code"."""
    parts = [_CAMEL.sub(" ", part).replace("_", " ").replace("-", " ").strip() for part in key.split(".")]
    words = " › ".join(part if part.isupper() else part.lower() for part in parts if part)
    return _ABBREVIATIONS.sub(lambda found: found[0].upper(), words[:1].upper() + words[1:])


def _is_conversation(value: object) -> bool:
    return (
        isinstance(value, list | tuple)
        and bool(value)
        and all(isinstance(one, Mapping) and _first_key(one, _TEXT_KEYS) for one in value)
        and any(_first_key(one, _TIME_KEYS) or _first_key(one, _AUTHOR_KEYS) for one in value)
    )


def _plain_key(key: str) -> str:
    return key.replace("_", "").casefold()


def _first_key(entry: Mapping[str, Any], keys: tuple[str, ...]) -> str:
    """The entry's own spelling of the first of the keys that has a value."""
    spelt = {_plain_key(key): key for key, value in entry.items() if value not in (None, "")}
    return next((spelt[key] for key in keys if key in spelt), "")


def _author(value: object) -> tuple[str, str]:
    """Name and role; a system gives either or both."""
    if isinstance(value, Mapping):
        role = str(value.get("role") or "")
        return str(value.get("name") or role), role.casefold()
    return str(value or ""), ""


def _as_name(author: str) -> str:
    """With a capital at the start; a role that a system shouts is not shouted."""
    return author.capitalize() if author.isupper() else author[:1].upper() + author[1:]


def _unwrapped(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The inside of a record that consists of one named object."""
    inner = next(iter(content.values()), None)
    return inner if len(content) == 1 and isinstance(inner, Mapping) else content


def _title(content: Mapping[str, Any], kind: str, number: int) -> str:
    # The naming fields stand at the top, or in the one object inside that is the record.
    levels = [content, *(value for value in content.values() if isinstance(value, Mapping))]
    name, title = (
        next((str(level[key]) for level in levels if (key := _first_key(level, keys))), "")
        for keys in (_ID_KEYS, _TITLE_KEYS)
    )
    heading = f"{kind.replace('_', ' ').replace('-', ' ').capitalize()} {name or number}"
    return f"{heading}: {title}" if title else heading


def _plain(text: str) -> str:
    """Text without markup, for bodies that a system keeps as HTML."""
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
