"""Zendesk's API v2 as the connector needs it: records, pages, background jobs.

Links in answers are never followed, since they name the account's real host even where it is reached by another
name; pages are asked for by their cursor or number.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeVar, Unpack, cast

import requests

from connectors.bounds import ListBound, OutOfBounds
from connectors.faults import HttpFault, failure
from connectors.http import HttpClient, Query
from connectors.zendesk.errors import LOOP, NO_ENDPOINT, UNREADABLE, error_word
from connectors.zendesk.shapes import Record
from rightsflow.domain.errors import RightsflowError, Transient

Page = dict[str, object]
"""An answer of the API, in which records stand under the name of their kind."""

T = TypeVar("T")

PAGE = 100
"""The largest page of the lists, and the most ids of a bulk call."""


class _Options(TypedDict, total=False):
    """The options of a call besides method and address."""

    params: Query | None
    body: Mapping[str, object] | None
    allow: Collection[int]


@dataclass(frozen=True, slots=True)
class Api:
    """The API during one operation.

    Args:
        http: How it is called.
        operation: What is being done, for errors and the log.
    """

    http: HttpClient
    operation: str

    def get(self, path: str, params: Query | None = None) -> Page:
        """Read a record that must exist."""
        return self._json(self._call("GET", path, params=params))

    def find(self, path: str, key: str, params: Query | None = None) -> Record | None:
        """Read a record, or ``None`` if Zendesk reports that it does not exist.

        Args:
            path: Below ``/api/v2``.
            key: Under which the record stands in the answer.
            params: The query.
        """
        answer = self._call("GET", path, params=params, allow=(404,))
        return None if self._is_gone(answer) else self.record(answer, key)

    def find_suspended(self, message_id: str) -> Record | None:
        """A suspended message, which the vendor's own example wraps in a list."""
        answer = self._call("GET", f"/suspended_tickets/{message_id}", allow=(404,))
        if self._is_gone(answer):
            return None
        found = self._json(answer).get("suspended_ticket")
        item = {"found": found[0] if isinstance(found, list) and found else found}
        return cast("Record", self._part(item, "found", dict))

    def put(self, path: str, body: Mapping[str, object], allow: Collection[int] = ()) -> requests.Response:
        """Change a record."""
        return self._call("PUT", path, body=body, allow=allow)

    def delete(self, path: str, params: Query | None = None, allow: Collection[int] = ()) -> requests.Response | None:
        """Delete a record; ``None`` if there was none any more (a repeated DELETE answers 404)."""
        answer = self._call("DELETE", path, params=params, allow=(404, *allow))
        return None if self._is_gone(answer) else answer

    def by_cursor(self, path: str, key: str, params: Query | None = None, *, size: int = PAGE) -> Iterator[Record]:
        """All records of a list with cursors."""
        seen: set[str] = set()
        bound = self._list_bound()
        query: dict[str, str | int | Sequence[str]] = {**(params or {}), "page[size]": size}
        while True:
            page = self.get(path, query)
            rows = self._part(page, key, list)
            self._count(bound, rows)
            yield from rows
            meta = self._part(page, "meta", dict)
            # links.next is set on the last page as well; only has_more tells the end.
            if not self._part(meta, "has_more", bool):
                return
            cursor = self._part(meta, "after_cursor", str)
            if cursor in seen:
                raise self.failed(LOOP)
            seen.add(cursor)
            query["page[after]"] = cursor

    def by_offset(self, path: str, key: str, params: Query) -> Iterator[Record]:
        """Yield all records of a list with page numbers, such as the search for users."""
        number, bound = 1, self._list_bound()
        while True:
            page = self.get(path, {**params, "per_page": PAGE, "page": number})
            rows = self._part(page, key, list)
            self._count(bound, rows)
            yield from rows
            if "next_page" not in page:
                raise self.failed(UNREADABLE)
            if page["next_page"] is None:
                return
            if not rows:
                raise self.failed(LOOP)
            number += 1

    def few_found(self, query: str) -> list[Record] | None:
        """All results of a search, or ``None`` where one page does not hold them.

        Args:
            query: In the search language.
        """
        page = self.get("/search", {"query": query, "per_page": PAGE})
        rows: list[Record] = self._part(page, "results", list)
        return rows if len(rows) == self._part(page, "count", int) else None

    def finish(self, started: requests.Response, *, poll_seconds: float, wait_seconds: float) -> Record:
        """Wait for a background job.

        Args:
            started: The answer that queued it.
            poll_seconds: Seconds between two looks at it.
            wait_seconds: Seconds after which it is left to a later run.

        Returns:
            The job's state, whose ``status`` is ``completed``, ``failed`` or ``killed``.

        Raises:
            Transient: It did not end in time.
        """
        job = self.record(started, "job_status")
        waited = 0.0
        while job.get("status") in {"queued", "working"}:
            if waited >= wait_seconds:
                raise Transient(
                    "The system has not finished a background job in time; the step goes on with it later.",
                    retry_after=wait_seconds,
                    system=self.http.system,
                    operation=self.operation,
                )
            self.http.patience.sleep(poll_seconds)
            waited += poll_seconds
            job = self.record(self._call("GET", f"/job_statuses/{job['id']}"), "job_status")
        return job

    def stream(self, url: str) -> Iterator[bytes]:
        """Read bytes from an address that Zendesk gave."""
        return self.http.stream(self.operation, url)

    def media_type(self, url: str) -> str | None:
        """The media type of the bytes at an address that Zendesk gave, or ``None`` if they are gone."""
        return self.http.media_type(self.operation, url)

    def record(self, response: requests.Response, key: str) -> Record:
        """The record in an answer."""
        return cast("Record", self._part(self._json(response), key, dict))

    def failed(self, fault: HttpFault, response: requests.Response | None = None) -> RightsflowError:
        """The error to raise."""
        return failure(fault, system=self.http.system, operation=self.operation, response=response)

    def _list_bound(self) -> ListBound:
        return ListBound(self.http.patience.bounds.entries)

    def _count(self, bound: ListBound, rows: Sequence[object]) -> None:
        try:
            bound.add_page(len(rows))
        except OutOfBounds as broken:
            raise broken.as_error(self.http.system, self.operation) from None

    def _is_gone(self, answer: requests.Response) -> bool:
        """Return whether a 404 is about the record; one about the address proves nothing."""
        if answer.status_code != 404:
            return False
        # A recorded 404 had an empty body; a web page means that this is not the account's API at all.
        if answer.content and error_word(answer) != "RecordNotFound":
            raise self.failed(NO_ENDPOINT, answer)
        return True

    def _call(self, method: str, path: str, **options: Unpack[_Options]) -> requests.Response:
        return self.http.call(self.operation, method, f"/api/v2{path}", **options)

    def _json(self, response: requests.Response) -> Page:
        return self.http.json(self.operation, response)

    def _part(self, data: Mapping[str, object], key: str, kind: type[T]) -> T:
        """A part that has to be there: a list that is missing is not an empty list."""
        value = data.get(key)
        if not isinstance(value, kind):
            raise self.failed(UNREADABLE)
        return value


def batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids in portions that a bulk call takes."""
    for start in range(0, len(ids), PAGE):
        yield ids[start : start + PAGE]


def joined(ids: Sequence[int]) -> str:
    """The ids as a bulk call wants them."""
    return ",".join(str(record_id) for record_id in ids)
