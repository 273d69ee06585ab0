"""The API's two ways of paging: by cursor (``page[size]``) and by offset (``page``, ``per_page``)."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from rightsflow_sandbox.helpdesk.calls import Call
from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import ApiError, invalid_page, invalid_pagination

DEEPEST: Final = 10_000
MOST_PAGES: Final = 100
PAGE: Final = 100

Render = Callable[[Record], Record]


@dataclass(frozen=True, slots=True)
class Order:
    """The field by which records are sorted; equal records are sorted by id."""

    field: str = "id"
    descending: bool = False

    def key(self, record: Record) -> tuple[Any, ...]:
        """Return the sort key of a record; records without the field come first."""
        value = record.get(self.field)
        return (value is not None, value if value is not None else 0, record["id"])

    def sorted(self, records: Iterable[Record]) -> list[Record]:
        """Return the records in this order."""
        return sorted(records, key=self.key, reverse=self.descending)


@dataclass(frozen=True, slots=True)
class Listing:
    """The paging of one endpoint.

    Args:
        key: The name of the list in the answer.
        controller: The endpoint's inner name, which an error mentions.
        sorts: The fields that can be sorted by.
        cursor: Whether it knows cursors.
        offset: Whether it knows offsets.
        largest: The largest page.
    """

    key: str
    controller: str = ""
    sorts: tuple[str, ...] = ("id",)
    cursor: bool = True
    offset: bool = True
    largest: int = PAGE

    def answer(self, call: Call, records: Iterable[Record], render: Render, order: Order | None = None) -> Record:
        """Return a page of the records, as the query asks.

        Raises:
            ApiError: 400, the query asks for a page that cannot be.
        """
        wants_cursor = any(name.startswith("page[") for name in call.query)
        if wants_cursor and not self.cursor:
            raise invalid_page(self.controller or f"{self.key}/index")
        if wants_cursor or not self.offset:
            return self._by_cursor(call, records, render, self._cursor_order(call, order))
        return self._by_offset(call, self._offset_order(call, order).sorted(records), render)

    def _cursor_order(self, call: Call, order: Order | None) -> Order:
        asked = call.query.get("sort", "")
        if not asked:
            return order or Order()
        if asked.lstrip("-") not in self.sorts:
            raise invalid_pagination("InvalidSortParameter", "sort is not valid for this endpoint")
        return Order(asked.lstrip("-"), descending=asked.startswith("-"))

    def _offset_order(self, call: Call, order: Order | None) -> Order:
        asked = call.query.get("sort_by", "")
        descending = call.query.get("sort_order", "") == "desc"
        if asked in self.sorts:
            return Order(asked, descending=descending)
        base = order or Order()
        return Order(base.field, descending=descending) if "sort_order" in call.query else base

    def _by_cursor(self, call: Call, records: Iterable[Record], render: Render, order: Order) -> Record:
        size = _whole(call.query.get("page[size]", str(self.largest)))
        if size is None or not 1 <= size <= self.largest:
            raise invalid_pagination("InvalidPaginationParameter", f"page[size] must be between 1 and {self.largest}")
        ordered = order.sorted(records)
        page, more = _cut(ordered, order, size, call.query.get("page[after]", ""), call.query.get("page[before]", ""))
        if not page:
            nothing = {"has_more": False, "after_cursor": None, "before_cursor": None}
            return {self.key: [], "meta": nothing, "links": {"prev": None, "next": None}}
        after, before = _cursor(order.key(page[-1])), _cursor(order.key(page[0]))
        return {
            self.key: [render(record) for record in page],
            "meta": {"has_more": more, "after_cursor": after, "before_cursor": before},
            # Both links are there on the last page too, as recorded; only has_more tells the end.
            "links": {"prev": _link(call, {"page[before]": before}), "next": _link(call, {"page[after]": after})},
        }

    def _by_offset(self, call: Call, ordered: Sequence[Record], render: Render) -> Record:
        number, size = _whole(call.query.get("page", "1")), _whole(call.query.get("per_page", str(PAGE)))
        if number is None or size is None or number < 1 or size < 1:
            raise invalid_page(self.controller or f"{self.key}/index")
        size = min(size, PAGE)
        if number > MOST_PAGES or number * size > DEEPEST:
            detail = f"Offset pages end at {MOST_PAGES} pages or {DEEPEST} records; use cursor pages"
            raise invalid_pagination("InvalidPaginationDepth", detail)
        begin, total = (number - 1) * size, len(ordered)
        return {
            self.key: [render(record) for record in ordered[begin : begin + size]],
            "next_page": _link(call, {"page": str(number + 1)}) if begin + size < total else None,
            "previous_page": _link(call, {"page": str(number - 1)}) if number > 1 else None,
            "count": total,
        }


def _whole(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() else None


def _link(call: Call, change: dict[str, str]) -> str:
    """Return the address of another page of the same list; brackets stay percent-encoded."""
    replaced = {"page[after]", "page[before]", *change}
    kept = [(name, value) for name, value in call.query.multi_items() if name not in replaced]
    return f"{call.state.site.account_url}{call.path}?{urlencode([*kept, *change.items()])}"


def _cursor(key: tuple[Any, ...]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _position(cursor: str) -> tuple[Any, ...]:
    try:
        key = tuple(json.loads(base64.urlsafe_b64decode(cursor)))
    except (binascii.Error, ValueError):
        raise _bad_cursor() from None
    return key


def _bad_cursor() -> ApiError:
    return invalid_pagination("InvalidPaginationParameter", "The cursor is not valid")


def _cut(ordered: list[Record], order: Order, size: int, after: str, before: str) -> tuple[list[Record], bool]:
    """Return the records of one page, and whether there are more in the direction of paging."""
    sign = -1 if order.descending else 1
    try:
        if before:
            position = _position(before)
            left = [one for one in ordered if _compare(order.key(one), position) * sign < 0]
            return left[-size:], len(left) > size
        if after:
            position = _position(after)
            ordered = [one for one in ordered if _compare(order.key(one), position) * sign > 0]
    except TypeError:
        raise _bad_cursor() from None
    return ordered[:size], len(ordered) > size


def _compare(left: tuple[Any, ...], right: tuple[Any, ...]) -> int:
    return (left > right) - (left < right)
