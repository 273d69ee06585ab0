"""Zendesk's API v2 as the connector needs it: sign-in, records and their shapes, pages, background jobs, faults.

Links in answers are never followed, since they name the account's real host even where it is reached by another
name; pages are asked for by their cursor or number.

Source: Zendesk's API reference (tickets, ticket comments, users, user identities, suspended tickets, job statuses). A
record has further fields, which are given to the person unchanged; any of the fields here may be missing.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, TypeVar, Unpack, cast

import requests

from connectors.faults import HttpFault, failure
from connectors.http import HttpClient, Patience, Query
from connectors.settings import SecretRef
from connectors.zendesk.settings import ZendeskSettings
from rightsflow.domain.errors import Misconfigured, Permanent, RightsflowError, Transient

PeopleList = Literal["collaborator_ids", "follower_ids", "email_cc_ids"]
"""Lists of a ticket's further readers."""
UNREADABLE = HttpFault(
    Permanent, "gave an answer without what it promises; the connector does not fit this version of it"
)
LOOP = HttpFault(Permanent, "gave the same page twice; try again, and report it to its vendor if it stays so")
NO_ENDPOINT = HttpFault(
    Permanent, "does not know an address that was called; check base_url and whether its plan includes that feature"
)
_TOO_MANY_JOBS = HttpFault(Transient, "has too many background jobs running; try again later")
_EARLY_SECONDS = 60.0
"""A token is replaced this long before its end, so that it does not end on the way."""
Page = dict[str, object]
"""An answer of the API, in which records stand under the name of their kind."""

T = TypeVar("T")

PAGE = 100
"""The largest page of the lists, and the most ids of a bulk call."""


class CustomField(TypedDict, total=False):
    """A custom field of a ticket with its value."""

    id: int
    value: object


class TicketFile(TypedDict, total=False):
    """A file at a comment or a suspended message."""

    id: int
    file_name: str
    content_type: str
    content_url: str
    size: int
    deleted: bool
    malware_scan_result: str


class CallEntry(TypedDict, total=False):
    """The telephone system's entry on a call."""

    call_id: int
    recording_url: str
    answered_by_id: int


class MessageSender(TypedDict, total=False):
    """The sender of a suspended message."""

    id: int
    name: str
    email: str


class Via(TypedDict, total=False):
    """The channel by which a ticket or a comment came in."""

    channel: str


class Metadata(TypedDict, total=False):
    """Technical data of a comment."""

    system: object


class Record(TypedDict, total=False):
    """A ticket, a comment, a user, an identity, a suspended message or a job."""

    id: int
    type: str
    status: str
    created_at: str
    updated_at: str
    external_id: str | None
    # Tickets.
    requester_id: int
    submitter_id: int
    collaborator_ids: list[int]
    follower_ids: list[int]
    email_cc_ids: list[int]
    tags: list[str]
    custom_fields: list[CustomField]
    # Comments and suspended messages.
    author_id: int
    author: MessageSender
    attachments: list[TicketFile]
    data: CallEntry
    via: Via
    metadata: Metadata
    # Users and their identities.
    user_id: int
    role: str
    active: bool
    shared_phone_number: bool | None
    locale: str
    name: str
    email: str
    phone: str
    organization_name: str
    photo: TicketFile
    user_fields: dict[str, object]
    value: object
    # Jobs, whose results have three shapes.
    results: object


class UserPage(TypedDict, total=False):
    """Several users, with their identities where they were asked for."""

    users: list[Record]
    identities: list[Record]


def judge(response: requests.Response) -> HttpFault | None:
    """Return the fault that Zendesk's error body shows beyond the status."""
    return _TOO_MANY_JOBS if error_word(response) == "TooManyJobs" else None


def error_word(response: requests.Response) -> str:
    """The code in an error answer, whichever of the four envelopes it has; empty if there is none."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("title") or "")
    if isinstance(error, str):
        return error
    listed = body.get("errors")
    return str(listed[0].get("code") or "") if listed and isinstance(listed[0], dict) else ""


class _Token(TypedDict, total=False):
    """Zendesk's answer to the client's credentials."""

    access_token: str
    scope: str
    expires_in: float


class ClientCredentials:
    """An OAuth access token by the grant ``client_credentials``, cached until it expires or is refused.

    Args:
        http: A client without credentials.
        client_id: The OAuth client's name.
        client_secret: The reference to its secret; read at each new token, so that a rotated one is picked up.
        scope: The scopes to ask for.
    """

    def __init__(self, http: HttpClient, client_id: str, client_secret: SecretRef, scope: str) -> None:
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._token: _Token = {}
        self._ends_at = 0.0

    @property
    def granted_scopes(self) -> frozenset[str]:
        """The scopes of the token, as Zendesk granted them."""
        return frozenset(str(self._token.get("scope") or self._scope).split())

    def header(self) -> str:
        """The value of ``Authorization``; asks for a token if there is none."""
        # Taken once: another thread may drop it meanwhile.
        token = self._token
        if not token or time.monotonic() >= self._ends_at:
            token = self._ask()
        return f"Bearer {token['access_token']}"

    def renew(self) -> bool:
        """Drop the token; another can always be asked for."""
        self._token = {}
        return True

    def _ask(self) -> _Token:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
            "scope": self._scope,
        }
        # A second token does no harm, so a lost answer may be asked for again by the orchestration.
        answer = self._http.call("sign in", "POST", "/oauth/tokens", body=wanted, allow=(400, 401, 403))
        if answer.status_code != 200:
            raise Misconfigured(
                f"The system {self._http.system} did not accept client_id and client_secret for the scope asked for; "
                "check the OAuth client in the Admin Center and renew its secret."
            )
        token = cast("_Token", self._http.json("sign in", answer))
        if not token.get("access_token"):
            raise Permanent(
                "The system gave no access token; check that its OAuth client allows client credentials.",
                system=self._http.system,
                operation="sign in",
            )
        self._token = token
        lifetime = float(token.get("expires_in") or 3600.0)
        self._ends_at = time.monotonic() + max(lifetime - _EARLY_SECONDS, 0.0)
        return token


class ApiToken:
    """A legacy API token in HTTP Basic, ``{agent_email}/token`` for the user part.

    Args:
        user: The administrator as whom it acts.
        token: The reference to the token.
    """

    granted_scopes = frozenset({"read", "write", "impersonate"})

    def __init__(self, user: str, token: SecretRef) -> None:
        self._user = user
        self._token = token

    def header(self) -> str:
        """The value of ``Authorization``."""
        pair = f"{self._user}/token:{self._token.reveal()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def renew(self) -> bool:
        """A refused token stays refused."""
        return False


SignIn = ClientCredentials | ApiToken


def sign_in(system: str, settings: ZendeskSettings, patience: Patience) -> SignIn:
    """The credentials that the settings describe; no call is made yet."""
    if settings.api_user and settings.api_token:
        return ApiToken(settings.api_user, settings.api_token)
    if settings.client_secret is None:
        raise Misconfigured(f"The system {system} has no client_secret; add it to the configuration.")
    bare = HttpClient(system, settings.base_url, patience=patience)
    return ClientCredentials(bare, settings.client_id, settings.client_secret, settings.scope)


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
        bound = self.http.list_bound(self.operation)
        query: dict[str, str | int | Sequence[str]] = {**(params or {}), "page[size]": size}
        while True:
            page = self.get(path, query)
            rows = self._part(page, key, list)
            bound.add_page(len(rows))
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

    def changed_since(self, path: str, key: str, start: int) -> Iterator[Record]:
        """All records of an incremental export, to the end of its stream.

        Args:
            path: Below ``/api/v2``.
            key: Under which the records stand in the answer.
            start: From when, in seconds since 1970 in UTC.
        """
        query: dict[str, str | int | Sequence[str]] = {"start_time": start, "per_page": PAGE * 10}
        bound, seen = self.http.list_bound(self.operation), set[str]()
        while True:
            page = self.get(path, query)
            rows = self._part(page, key, list)
            bound.add_page(len(rows))
            yield from rows
            if self._part(page, "end_of_stream", bool):
                return
            cursor = self._part(page, "after_cursor", str)
            if cursor in seen:
                raise self.failed(LOOP)
            seen.add(cursor)
            query = {"cursor": cursor, "per_page": PAGE * 10}

    def by_offset(self, path: str, key: str, params: Query) -> Iterator[Record]:
        """Yield all records of a list with page numbers, such as the search for users."""
        number, bound = 1, self.http.list_bound(self.operation)
        while True:
            page = self.get(path, {**params, "per_page": PAGE, "page": number})
            rows = self._part(page, key, list)
            bound.add_page(len(rows))
            yield from rows
            if "next_page" not in page:
                raise self.failed(UNREADABLE)
            if page["next_page"] is None:
                return
            if not rows:
                raise self.failed(LOOP)
            number += 1

    def few_found(self, query: str) -> list[Record] | None:
        """All results of a search, or ``None`` where one page does not hold them."""
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
