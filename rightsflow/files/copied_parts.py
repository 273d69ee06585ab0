"""A copied part as bytes: its description as a line of JSON, and beside it the bytes of a file."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Any, Final, TypedDict

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.records import Blob, Document, Part, RecordRef

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


@dataclass(frozen=True, slots=True, repr=False)
class KeptPart:
    """A part that is held whole.

    Args:
        head: Its description, a line.
        data: The bytes of a file; ``None`` for a document.
    """

    head: bytes
    data: bytes | None = None

    @property
    def size(self) -> int:
        """The number of bytes of the part."""
        return len(self.head) + len(self.data or b"")

    def part(self) -> Part:
        """The part."""
        return part_of(self.head, lambda _: partial(_pieces, self.data or b""))


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


def framed(kept: Mapping[str, Sequence[KeptPart]]) -> Iterator[bytes]:
    """The parts of some systems as one stream.

    Args:
        kept: The parts, by system.
    """
    for system, parts in kept.items():
        yield json.dumps([system, [-1 if item.data is None else len(item.data) for item in parts]]).encode() + b"\n"
        for part in parts:
            yield part.head
            if part.data:
                yield part.data


def unframed(stream: Iterable[bytes]) -> dict[str, list[KeptPart]]:
    """The parts that :func:`framed` made a stream of.

    Args:
        stream: The stream, as it was cut; its end is known to be its end.
    """
    whole, at = b"".join(stream), 0
    kept: dict[str, list[KeptPart]] = {}
    while at < len(whole):
        (system, sizes), at = json.loads(whole[at : (end := _line(whole, at))]), end
        parts = kept[system] = []
        for size in sizes:
            end = _line(whole, at)
            parts.append(KeptPart(whole[at:end], None if size < 0 else whole[end : end + size]))
            at = end + max(size, 0)
    return kept


def lines_of(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Whole lines, wherever the chunks were cut."""
    rest = b""
    for chunk in chunks:
        *whole, rest = (rest + chunk).split(b"\n")
        yield from whole


def _line(whole: bytes, start: int) -> int:
    end = whole.find(b"\n", start) + 1
    if not end:
        raise Misconfigured("A working copy is of another version; run the case again to make it anew.")
    return end


def _pieces(data: bytes) -> Iterator[bytes]:
    return (data[at : at + READ_BYTES] for at in range(0, len(data), READ_BYTES))


def _readable(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)
