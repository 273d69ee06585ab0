"""A copied part as bytes: its description as a line of JSON; the bytes of a file are stored beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import Any, Final, TypedDict

from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

READ_BYTES: Final = 256 * 1024


class _Head(TypedDict, total=False):
    """A part as a line of JSON: a document by its content, a blob by the place of its bytes."""

    record: list[str]
    category: str
    content: dict[str, Any]
    others: list[str]
    blob: str
    name: str
    media_type: str
    metadata: dict[str, Any]


def head_of(part: Part, name: str) -> bytes:
    """A part's description.

    Args:
        part: The part.
        name: By what the bytes of a file are found.
    """
    head: _Head = {
        "record": [part.record.system, part.record.kind, part.record.ref],
        "category": part.category,
    }
    if isinstance(part, Document):
        head |= {"content": dict(part.content), "others": sorted(part.others)}
    else:
        head |= {"blob": name, "name": part.name, "media_type": part.media_type, "metadata": dict(part.metadata)}
    return json.dumps(head, ensure_ascii=False, default=_readable).encode() + b"\n"


def part_of(line: bytes, bytes_of: Callable[[str], Callable[[], Iterator[bytes]]]) -> Part:
    """The part of a description.

    Args:
        line: The description.
        bytes_of: Gives what opens the bytes of a file, by the name that it was described with.
    """
    head: _Head = json.loads(line)
    record = RecordRef(*head["record"])
    if "content" in head:
        return Document(
            record=record, category=head["category"], content=head["content"], others=frozenset(head["others"])
        )
    return Blob(
        record=record,
        category=head["category"],
        name=head["name"],
        media_type=head["media_type"],
        metadata=head["metadata"],
        open=bytes_of(head["blob"]),
    )


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines, wherever the chunks were cut."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole


def _readable(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
