"""The filter of Prefect's answers for people: without values that may hold secrets, and without a second sign-in."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import Message, Send

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
