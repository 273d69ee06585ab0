"""Stripe's search language over localstripe's objects: exact and substring clauses."""

# ruff: noqa: SLF001 - localstripe has no public names
# mypy: disable-error-code="misc"

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localstripe import errors, resources

SEARCHABLE = ("charge", "customer", "invoice", "payment_intent", "subscription")
"""The kinds of localstripe's objects that Stripe can search."""

_CLAUSE = re.compile(
    r"""(?P<field>[a-z_.]+)(?:\["(?P<key>[^"]+)"\])?(?P<sign>[:~])"(?P<value>(?:[^"\\]|\\.)*)"|(?P<or>\bOR\b)"""
)


class SearchResult(resources.List):
    """A page of a search; all hits fit on one."""

    object = "search_result"
    next_page = None


@dataclass(frozen=True, slots=True)
class Clause:
    """``field:"value"`` or ``field["key"]~"value"``, compared without case.

    Args:
        field: The object's field.
        key: The key in it, for ``metadata``; empty otherwise.
        is_exact: Whether the value must be the whole text, rather than a part.
        value: What is sought, folded.
    """

    field: str
    key: str
    is_exact: bool
    value: str

    def fits(self, found: Any) -> bool:
        """Return whether an object matches."""
        stored = getattr(found, self.field, None)
        text = str((stored or {}).get(self.key, "") if self.key else stored or "").casefold()
        return text == self.value if self.is_exact else self.value in text


def search_route(kind: str) -> Callable[..., Any]:
    """Return the handler of ``GET /v1/{kind}s/search``.

    Args:
        kind: One of :data:`SEARCHABLE`.
    """

    def search(query: str = "", **paging: Any) -> Any:
        paging.pop("page", None)
        result = SearchResult(f"/v1/{kind}s/search", **paging)
        clauses, meets = parse(query)
        result._list = [one for one in resources.store.of_kind(kind) if meets(clause.fits(one) for clause in clauses)]
        return result

    return search


def parse(query: str) -> tuple[list[Clause], Callable[..., bool]]:
    """Return the clauses of a query, and :func:`any` or :func:`all` by their conjunction.

    Args:
        query: Clauses joined by ``AND``, by blanks, or by ``OR``.
    """
    found = list(_CLAUSE.finditer(query))
    clauses = [
        Clause(one["field"], one["key"] or "", one["sign"] == ":", re.sub(r"\\(.)", r"\1", one["value"]).casefold())
        for one in found
        if one["field"]
    ]
    if not clauses or re.sub(r"\bAND\b|\s", "", _CLAUSE.sub("", query)):
        raise errors.UserError(400, "We were unable to parse your search query.")
    return clauses, any if len(found) > len(clauses) else all
