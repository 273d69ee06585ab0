"""The readable rendering of one category, in pages of bounded size.

The first page stands in ``index.html``; a category that is too large for it goes on in pages of its own, which are
written while the data stream by. So at most one page per category is in memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from rightsflow.documents.package.package_pages import Pages
from rightsflow.documents.package.views import Item

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
