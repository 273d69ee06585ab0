"""The package's pages and letters, from the templates beside this module.

Everything in them that comes from data is escaped, and a content security policy in each page forbids scripts and the
network: a ticket may hold anything. A category that is too large for ``index.html`` goes on in pages of its own, which
are written while the data stream by, so that at most one page per category is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jinja2 import Environment

from rightsflow.documents.package.info import PackageInfo
from rightsflow.documents.package.views import Item
from rightsflow.documents.pages import page_environment
from rightsflow.domain import wording
from rightsflow.domain.disclosure.texts import MASKED_WORDS

_TABLE_COLUMNS = 6
# The most telling fields of a row, by the last word of the label; the rest of a wide row can be opened.
_TELLING = ("number", "id", "date", "created", "at", "description", "amount", "total", "currency", "status")
_CHUNK_EVENTS = 100


class Pages:
    """Renders for one package.

    Args:
        info: What the pages say of the case.
    """

    def __init__(self, info: PackageInfo) -> None:
        self._info = info

    def fragment(self, items: Sequence[Item], base: str = "") -> str:
        """Return items as a piece of HTML; ``base`` leads from the page to the package's root."""
        return _environment().get_template("items.html.j2").render(blocks=_blocks(items), base=base)

    def page(
        self, items: Sequence[Item], *, system_title: str, category: str, number: int, prefix: str, more: bool
    ) -> bytes:
        """Render a further page of a category, with links to its neighbours."""
        name = prefix.rpartition("/")[2]
        return self._render(
            "page.html.j2",
            fragment=self.fragment(items, base="../../"),
            system_title=system_title,
            category=category,
            number=number,
            data=f"../../data/{prefix.removeprefix('pages/')}",
            previous=f"{name}-{number - 1}.html" if number > 2 else "../../index.html",
            following=f"{name}-{number + 1}.html" if more else "",
        )

    def index(self, systems: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
        """Yield the overview, in pieces."""
        stream = _environment().get_template("index.html.j2").stream(info=self._info, systems=systems)
        stream.enable_buffering(_CHUNK_EVENTS)
        return (piece.encode(errors="replace") for piece in stream)

    def paper(self, systems: Sequence[Mapping[str, Any]]) -> Iterator[bytes]:
        """Yield the whole answer as one document to print, in pieces."""
        stream = _environment().get_template("paper.html.j2").stream(info=self._info, systems=systems)
        stream.enable_buffering(_CHUNK_EVENTS)
        return (piece.encode(errors="replace") for piece in stream)

    def letter(self, kind: str, systems: Sequence[Mapping[str, Any]]) -> bytes:
        """Return the cover letter as ``html`` or ``txt``."""
        return self._render(f"letter.{kind}.j2", systems=systems)

    def _render(self, template: str, **variables: Any) -> bytes:
        return _environment().get_template(template).render(info=self._info, **variables).encode(errors="replace")


def _blocks(items: Sequence[Item]) -> Iterator[dict[str, Any]]:
    """Neighbouring rows as one table, everything else as cards."""
    rows: list[Item] = []
    for item in items:
        if item.is_flat and len(items) > 1:
            rows.append(item)
            continue
        if rows:
            yield _table(rows)
            rows = []
        yield {"item": item}
    if rows:
        yield _table(rows)


def _table(rows: Sequence[Item]) -> dict[str, Any]:
    labels = list(dict.fromkeys(name for row in rows for name, _ in row.facts))
    columns = labels if len(labels) <= _TABLE_COLUMNS + 1 else sorted(labels, key=_rank)[:_TABLE_COLUMNS]
    columns = sorted(columns, key=labels.index)
    facts = [(row, dict(row.facts)) for row in rows]
    cells = [{"item": row, "cells": [said.get(name, "") for name in columns]} for row, said in facts]
    return {"columns": columns, "rows": cells, "wide": len(columns) < len(labels)}


def _rank(name: str) -> tuple[int, int]:
    last = name.lower().split(" ")[-1]
    return (name.count("›"), _TELLING.index(last) if last in _TELLING else len(_TELLING))


def masked_in_words(masked: Mapping[str, int]) -> list[str]:
    """Return the counts of redacted data in words: "3 e-mail addresses", "1 name"."""
    return [
        wording.counted(number, *MASKED_WORDS.get(kind, (kind, kind)))
        for kind, number in sorted(masked.items())
        if number
    ]


def headed(title: str) -> str:
    """Return a title with a capital at its start, and the rest as it is."""
    return title[:1].upper() + title[1:]


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return page_environment(
        "rightsflow.documents.package",
        {
            "day": wording.day,
            "moment": wording.moment,
            "counted": wording.counted,
            "listed": wording.listed,
            "masked_in_words": masked_in_words,
            "headed": headed,
        },
    )


_PAGE_BYTES = 200_000
_PAGE_ITEMS = 150


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """A finished page beyond the first.

    Args:
        path: Where it lies in the package.
        html: The whole page.
    """

    path: str
    html: bytes


@dataclass
class PageReading:
    """Collects a category's items and turns them into pages.

    Args:
        pages: Renders.
        prefix: Where the pages lie, for example ``"pages/helpdesk/service-tickets"``.
        system_title: The system, for the heading.
        category: The category, for the heading.
    """

    pages: Pages
    prefix: str
    system_title: str
    category: str
    first: str = ""
    paths: list[str] = field(default_factory=list)
    _items: list[Item] = field(default_factory=list)
    _bytes: int = 0

    def add(self, item: Item, size: int) -> Iterator[ReadingPage]:
        """Add an item of about ``size`` bytes; yield a page when it is full."""
        if self._items and (self._bytes + size > _PAGE_BYTES or len(self._items) == _PAGE_ITEMS):
            yield from self._close(more=True)
        self._items.append(item)
        self._bytes += size

    def finish(self) -> Iterator[ReadingPage]:
        """Close the last page."""
        if self._items:
            yield from self._close(more=False)

    def _close(self, *, more: bool) -> Iterator[ReadingPage]:
        items, self._items, self._bytes = self._items, [], 0
        if not self.first:
            self.first = self.pages.fragment(items)
            return
        number = len(self.paths) + 2
        path = f"{self.prefix}-{number}.html"
        self.paths.append(path)
        html = self.pages.page(
            items, system_title=self.system_title, category=self.category, number=number, prefix=self.prefix, more=more
        )
        yield ReadingPage(path, html)
