"""Prefect's calls that pass the front for people (``prefect_calls.toml``), and the filter of their answers."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

from rightsflow.domain.accounts import Permission

API: Final = "/api/"
_FILE: Final = Path(__file__).with_name("prefect_calls.toml")
_ID: Final = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PART: Final = "(?!\\.{1,2}(?:/|$))[^/\\\\\x00-\x1f]+"
_PARTS: Final = {"{id}": f"({_ID})", "{name}": f"({_PART})", "{rest}": f"({_PART}(?:/{_PART})*)"}


class CallGroup(StrEnum):
    """The sections of the table, each with those that may use it."""

    PAGES = "pages"
    SEE = "see"
    STEER = "steer"
    ELSEWHERE = "elsewhere"
    """Calls that are always refused, with where the same is done."""

    @property
    def permission(self) -> Permission:
        """The permission that the calls of this section need."""
        return Permission.SEE_PREFECT if self in {CallGroup.PAGES, CallGroup.SEE} else Permission.STEER_PREFECT


@dataclass(frozen=True, slots=True)
class Call:
    """A call that goes through.

    Args:
        group: The section of the table that lists it.
        method: The HTTP method; that of a page stands for HEAD too.
        template: The path, with its variable parts in braces.
        body: The fields that a body may have, each with the name of its check.
        query: The same of the query.
        is_empty: True if the front answers it with an empty object and does not pass it on.
    """

    group: CallGroup
    method: str
    template: str
    body: Mapping[str, str]
    query: Mapping[str, str]
    is_empty: bool = False

    @property
    def pattern(self) -> re.Pattern[str]:
        """An expression that the whole path fits."""
        return _pattern(self.template)

    @property
    def is_page(self) -> bool:
        """True if the call is for one of Prefect's pages or files."""
        return self.group is CallGroup.PAGES


@dataclass(frozen=True, slots=True)
class Table:
    """The whole table.

    Args:
        calls: All that go through.
        hidden: The names of values that are emptied in answers.
        headers: The names of headers that go on, in lower case.
    """

    calls: tuple[Call, ...]
    hidden: frozenset[str]
    headers: frozenset[str]

    def find(self, method: str, path: str) -> Call | None:
        """Find the call that a request makes; ``None`` if it is not listed.

        Args:
            method: The HTTP method, spelt as it came.
            path: The path, decoded, without a query.
        """
        return next(
            (call for call in self.calls if _fits(call, method) and call.pattern.fullmatch(path)),
            None,
        )


@cache
def table() -> Table:
    """Return the table that is shipped with the front."""
    read = tomllib.loads(_FILE.read_text(encoding="utf-8"))
    return Table(tuple(_calls(read)), frozenset(read["hidden"]), frozenset(read["headers"]))


def _calls(read: Mapping[str, Mapping[str, Mapping[str, list[str]]]]) -> Iterator[Call]:
    checks = {name: str(check) for name, check in read["fields"].items()}
    for group in CallGroup:
        for name, given in read[group].items():
            method, path = ("GET", name) if group is CallGroup.PAGES else name.split(" ")
            fields = {key: dict(_checked(given.get(key, ()), checks)) for key in ("body", "query")}
            yield Call(group, method, path, is_empty="is_empty" in given, **fields)


def _checked(fields: list[str] | tuple[()], checks: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for field in fields:
        name, _, check = field.partition(":")
        yield name, check or checks[name]


def _fits(call: Call, method: str) -> bool:
    return method == call.method or (call.is_page and method == "HEAD")


@cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile("".join(_PARTS.get(part, re.escape(part)) for part in re.split(r"(\{\w+\})", template)))


_JSON: Final = "application/json"
_SIGN_IN: Final = "auth"


def emptied(data: bytes, hidden: Collection[str], *, without_sign_in: bool) -> bytes:
    """Give an answer without values that may hold secrets.

    Args:
        data: The answer, as JSON.
        hidden: The names of values that are emptied, at whatever depth.
        without_sign_in: Whether to let Prefect's pages know that no one has to sign in a second time.
    """
    try:
        answer = _emptied(json.loads(data), hidden)
    except (ValueError, RecursionError):
        # It is said to be JSON, and is not: it may hold anything.
        return b"null"
    if without_sign_in and isinstance(answer, dict) and _SIGN_IN in answer:
        answer[_SIGN_IN] = None
    return json.dumps(answer).encode()


def _emptied(value: object, hidden: Collection[str]) -> object:
    if isinstance(value, list):
        return [_emptied(item, hidden) for item in value]
    if isinstance(value, dict):
        return {name: _empty(item) if name in hidden else _emptied(item, hidden) for name, item in value.items()}
    return value


def _empty(value: object) -> object:
    """Return an empty value of the same type, which Prefect's pages expect."""
    for kind in (dict, list, str):
        if isinstance(value, kind):
            return kind()
    return None


def whole_answer(send: Send, change: Callable[[bytes], bytes]) -> Send:
    """Send an answer on once all of it is there, changed where it is JSON.

    Args:
        send: Takes the answer.
        change: Changes its body.
    """
    body: list[bytes] = []
    start: list[Message] = []

    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.append(message)
            return
        body.append(message.get("body", b""))
        if message.get("more_body"):
            return
        data = b"".join(body)
        if Headers(raw=start[0]["headers"]).get("content-type", "").startswith(_JSON):
            data = change(data)
        MutableHeaders(scope=start[0])["content-length"] = str(len(data))
        await send(start[0])
        await send({"type": "http.response.body", "body": data})

    return wrapped
