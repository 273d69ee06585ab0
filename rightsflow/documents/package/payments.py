"""Each payment told once: which records of a payment system tell of the same payment.

A payment provider keeps a payment, its charge, its invoice and its refund as records of their own. They are joined by
the keys by which they name each other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rightsflow.documents.package.views import Item, Views, field_name, flatten
from rightsflow.domain.vocabulary.field_words import FieldWords, PaymentFields


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment, as one line.

    Args:
        at: When, in words; may be empty.
        what: The controller's description of it; may be empty.
        amount: With its currency; may be empty.
        status: In words; may be empty.
        records: The titles of the records that tell of it.
    """

    at: str
    what: str
    amount: str
    status: str
    records: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Told:
    """A record's facts about a payment."""

    order: tuple[bool, int, str]
    cells: tuple[str, str, str, str]
    title: str


class Payments:
    """The payments named in the records of one system; only a few texts of each are stored.

    Args:
        views: Shows values.
    """

    def __init__(self, views: Views) -> None:
        self._views = views
        self._joined: dict[str, str] = {}
        self._told: dict[str, _Told] = {}

    def learn(self, content: Mapping[str, Any], item: Item, words: FieldWords) -> None:
        """Collect a record's payment; a record without one is ignored.

        Args:
            content: The record's data.
            item: The record as it is shown.
            words: The words for its kind.
        """
        fields = words.payment
        key = str(content.get(fields.key) or "") if fields else ""
        if fields is None or not key:
            return
        for path, value in flatten(content, open_lists=True).items():
            if field_name(path) in fields.links and value:
                self._join(key, *str(value).split("; "))
        self._told[key] = self._of(content, item, words, fields)

    def listed(self) -> list[Payment]:
        """Return the payments by date; records that lead to none of them stay in their own place."""
        groups: dict[str, list[_Told]] = {}
        for key, told in self._told.items():
            groups.setdefault(self._root(key), []).append(told)
        ordered = (sorted(group, key=lambda item: item.order[:2]) for group in groups.values())
        led = [group for group in ordered if not group[0].order[0]]
        return [_payment(group) for group in sorted(led, key=lambda group: group[0].order[2])]

    def _of(self, content: Mapping[str, Any], item: Item, words: FieldWords, fields: PaymentFields) -> _Told:
        when, amount, what = (_first(content, names) for names in (fields.when, fields.amount, fields.what))
        state = _first(content, fields.status)
        shown = (words.code_label(fields.status[0], state) or self._views.value(state)) if state else ""
        title = item.title if fields.is_payment or not amount else f"{item.title} ({amount})"
        cells = (self._views.value(when), self._views.value(what), amount, shown)
        return _Told((not fields.is_payment, fields.rank, when), cells, title)

    def _join(self, key: str, *others: str) -> None:
        for other in others:
            self._joined[self._root(other)] = self._root(key)

    def _root(self, key: str) -> str:
        while (above := self._joined.get(key, key)) != key:
            key = above
        return key


def _payment(group: list[_Told]) -> Payment:
    """Return the line of a payment: each cell from the first record that has it."""
    at, what, amount, status = (next(filter(None, cells), "") for cells in zip(*_cells(group), strict=True))
    return Payment(at=at, what=what, amount=amount, status=status, records=tuple(told.title for told in group))


def _cells(group: list[_Told]) -> Iterator[tuple[str, str, str, str]]:
    """Return the cells of the records that are the payment itself; a refund's amount is not the payment's."""
    return (told.cells for told in group if not told.order[0])


def _first(content: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(content[name]) for name in names if content.get(name) not in (None, "")), "")
