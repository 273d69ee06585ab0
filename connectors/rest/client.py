"""The calls of a described system: sign-in, addresses, answers as JSON, lists to their end.

A list that is missing in an answer is no empty list. A page that comes twice, and a last page whose answer names a next
one, are errors. A link to a further page is followed by its path and query only, never to another host. A 404 says that
a record is gone only after the probe's call was answered: a wrong base address answers every call with 404.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests

from connectors.faults import NOT_JSON, HttpFault, failure
from connectors.http import HttpClient, Query
from connectors.rest.calls import ApiCall, Listing, PageRule, RecordRead
from connectors.rest.description import Auth, Probe, System
from connectors.rest.paths import address, filled, put_at, value_at, values_at
from connectors.settings import SecretRef
from rightsflow.domain.errors import Misconfigured, Permanent, RightsflowError

Row = dict[str, Any]
Given = Mapping[str, object]
"""The values of placeholders."""

UNREADABLE: Final = HttpFault(
    Permanent, "gave an answer without what its description promises; correct the description"
)
SAYS_ERROR: Final = HttpFault(
    Permanent, "answered with an error; check the rights of its user and the addresses in the description"
)
LOOP: Final = HttpFault(Permanent, "gave the same page twice; correct page in its description")
CUT_OFF: Final = HttpFault(Permanent, "has more entries than it gave; correct page in its description")
_NAMES_A_NEXT: Final = re.compile(
    r"(@odata\.)?next_?(page_?)?(ur[il]|link|cursor|token|records_?url)?|(has_?)?more|has_?next(_?page)?|(is_?)?truncated",
    re.IGNORECASE,
)
_DEEPEST_PAGING: Final = 3
_EARLY_SECONDS: Final = 60.0
"""A token is replaced this long before its end."""
_LIFETIME_SECONDS: Final = 3600.0


class SignIn:
    """What proves who calls, as a description says.

    Args:
        auth: The description.
        user: The user or client id.
        secret: The reference to the secret; read at each new header, so that a rotated one is picked up.
        ask: Makes the call that gives a token.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self,
        auth: Auth,
        user: str,
        secret: SecretRef | None,
        ask: Callable[[ApiCall, Given], Any] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._auth, self._user, self._secret, self._ask, self._clock = auth, user, secret, ask, clock
        self._token, self._ends_at = "", 0.0

    def header(self) -> str:
        """The header's value; asks for a token if there is none."""
        given = {"user": self._user, "secret": self._secret.reveal() if self._secret else ""}
        if self._auth.kind == "basic":
            pair = f"{_text(self._auth.user, given)}:{_text(self._auth.password, given)}"
            return "Basic " + base64.b64encode(pair.encode()).decode()
        return _text(self._auth.template, given | {"token": self._valid_token(given) if self._auth.token else ""})

    def renew(self) -> bool:
        """Drop the token; return whether another one can be asked for."""
        self._token = ""
        return self._auth.token is not None

    def _valid_token(self, given: Given) -> str:
        # Taken once: another thread may drop it meanwhile.
        token = self._token
        if token and self._clock() < self._ends_at:
            return token
        if self._auth.token is None or self._ask is None:
            raise LookupError("a description that signs in by a token names its call")
        answer = self._ask(self._auth.token, given)
        token = str(value_at(answer, self._auth.token_at) or "")
        seconds = value_at(answer, self._auth.expires_at)
        lifetime = float(seconds) if isinstance(seconds, int | float) else _LIFETIME_SECONDS
        self._token, self._ends_at = token, self._clock() + max(lifetime - _EARLY_SECONDS, 0.0)
        return token


def _text(template: str, given: Given) -> str:
    return str(filled(template, given))


@dataclass(slots=True)
class RestApi:
    """The system during one operation.

    Args:
        clients: How it is called: at ``base``, which has no name, and at its further addresses by their names.
        system: Its description.
        operation: What is being done, for errors and the log.
        dropped: How many rows were dropped because they did not name what was asked for.
    """

    clients: Mapping[str, HttpClient]
    system: System
    operation: str
    dropped: int = 0
    _is_proved: bool = field(default=False)

    @property
    def http(self) -> HttpClient:
        """How it is called at ``base``."""
        return self.clients[""]

    def send(self, call: ApiCall, given: Given, *, allow: Collection[int] = (), key: str = "") -> requests.Response:
        """Make a call.

        Args:
            call: Its description.
            given: The values of its placeholders.
            allow: Statuses that are an answer and not a fault.
            key: Lets it be repeated, where the system knows ``Idempotency-Key``.
        """
        query = {name: str(filled(value, given)) for name, value in call.query.items()}
        return self._call(call, address(call.target, given), query, given, allow, key)

    def _call(
        self,
        call: ApiCall,
        path: str,
        query: Query,
        given: Given,
        allow: Collection[int],
        key: str = "",
        turn: Mapping[str, object] | None = None,
    ) -> requests.Response:
        headers = self.system.headers | {name: str(filled(value, given)) for name, value in call.headers.items()}
        body = filled(call.body, given) if call.body else None
        for place, value in (turn or {}).items():
            body = put_at(body or {}, place, value)
        content = None
        if call.form and body is not None:
            content, body = urlencode({name: str(value) for name, value in body.items()}).encode(), None
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self.clients[call.at].call(
            self.operation,
            call.method,
            path,
            params=query or None,
            body=body,
            content=content,
            headers=headers,
            allow=allow,
            idempotency_key=key,
        )

    def tree(self, response: requests.Response) -> Any:
        """The JSON of an answer.

        Raises:
            Permanent: It is none, or says that it is an error.
        """
        try:
            tree = response.json()
        except requests.JSONDecodeError:
            raise self.failed(NOT_JSON, response) from None
        return self.held(tree, response)

    def held(self, tree: Any, response: requests.Response) -> Any:
        """Return an answer that does not say, with a good status, that it is an error.

        Raises:
            Permanent: It does.
        """
        if self.system.error is not None and self.system.error.holds(tree):
            raise self.failed(SAYS_ERROR, response)
        return tree

    # -- single records --------------------------------------------------------------------------------------------

    def prove(self) -> Any:
        """Make the probe's call, once in an operation; returns its answer.

        Raises:
            RightsflowError: It was not answered.
        """
        probe: Probe = self.system.probe
        answer = self.tree(self.send(probe, {}))
        self._is_proved = True
        return answer

    def find(self, read: RecordRead, given: Given) -> Row | None:
        """Read a record, or ``None`` if the system says that there is none."""
        answer = self.send(read, given, allow=read.gone)
        if answer.status_code in read.gone:
            self.believe_gone(answer)
            return None
        tree = self.tree(answer)
        if read.gone_where is not None and read.gone_where.holds(tree):
            return None
        record = value_at(tree, read.record) if read.record else tree
        if not isinstance(record, dict):
            raise self.failed(UNREADABLE, answer)
        return record

    def believe_gone(self, answer: requests.Response) -> None:
        """Take an answer for the word that a record is gone, if the address of the API is right.

        Raises:
            RightsflowError: The API itself does not answer there.
        """
        if "html" in answer.headers.get("Content-Type", ""):
            raise self.failed(NOT_JSON, answer)
        if not self._is_proved:
            self.prove()

    # -- lists -----------------------------------------------------------------------------------------------------

    def rows(self, listing: Listing, given: Given, *, pages: int = 0) -> Iterator[Row]:
        """Yield all entries of a list.

        Args:
            listing: Its description.
            given: The values of its placeholders.
            pages: How many pages at most; 0 for all.
        """
        page = listing.page or self.system.page
        turn: dict[str, object] = {page.size_param: page.size} if page.size else {}
        if page.by in {"page", "offset", "until_empty"}:
            turn[page.param] = page.first
        at = _Turn(
            address(listing.target, given),
            {name: str(filled(value, given)) for name, value in listing.query.items()},
            turn,
        )
        bound, seen, came, turned = self.http.list_bound(self.operation), set[bytes](), 0, 0
        while True:
            answer = self._turned(listing, page, at, given)
            if answer.status_code in listing.none:
                self.believe_gone(answer)
                return
            tree = self.tree(answer)
            rows = self._entries(listing, tree, answer)
            bound.add_page(len(rows))
            came, turned = came + len(rows), turned + 1
            for mark in (_mark(rows), _mark([at.path, at.query, at.turn])):
                if rows and mark in seen:
                    raise self.failed(LOOP, answer)
                seen.add(mark)
            yield from rows
            if turned == pages:
                return
            after = self._after(page, tree, answer, rows, came)
            if after is None:
                self._hold_complete(listing, page, tree, answer, came)
                return
            at = self._moved(page, at, after)

    def _turned(self, listing: Listing, page: PageRule, at: _Turn, given: Given) -> requests.Response:
        in_query = page.into == "query" or not (page.into or listing.body)
        query = at.query | ({name: str(value) for name, value in at.turn.items()} if in_query else {})
        return self._call(listing, at.path, query, given, listing.none, turn={} if in_query else at.turn)

    def _hold_complete(self, listing: Listing, page: PageRule, tree: Any, answer: requests.Response, came: int) -> None:
        """Hold that a list is at its end, by the number of its entries or since nothing in the answer leads on.

        Raises:
            Permanent: There are more.
        """
        if page.by == "until_empty" or listing.single:
            return
        if page.total:
            total = value_at(tree, page.total)
            is_short = not isinstance(total, int) or came < total
        else:
            is_ended = page.more and value_at(tree, page.more) is False
            is_short = not is_ended and _leads_on(tree, _DEEPEST_PAGING)
        if is_short or (page.by == "none" and answer.links.get("next")):
            raise self.failed(CUT_OFF, answer)

    def _entries(self, listing: Listing, tree: Any, answer: requests.Response) -> list[Row]:
        if listing.plain:
            # Where nothing was found, an empty object has no list.
            return self._plain(value_at(tree, listing.rows) if listing.rows and tree != {} else tree, answer)
        found = tree if not listing.rows else _only(values_at(tree, listing.rows))
        if listing.single:
            found = [found] if isinstance(found, dict) and found else None if isinstance(found, list) else found
        if found is None and listing.rows and _is_empty_at(tree, listing.rows):
            return []
        if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
            raise self.failed(UNREADABLE, answer)
        return found

    def _plain(self, found: Any, answer: requests.Response) -> list[Row]:
        """Return a row for each id of a list, or of the keys of an object."""
        if not isinstance(found, list | dict) or not all(isinstance(own, str | int) for own in found):
            raise self.failed(UNREADABLE, answer)
        return [{"id": own} for own in found]

    def _after(self, page: PageRule, tree: Any, answer: requests.Response, rows: list[Row], came: int) -> object | None:
        """Return what leads to the next page: a number, a cursor or an address; ``None`` after the last one."""
        if page.by == "link_header":
            return answer.links.get("next", {}).get("url")
        if page.by in {"cursor", "link_body"}:
            more = not page.more or value_at(tree, page.more) is True
            return value_at(tree, page.next) if more else None
        if page.by == "none" or not self._goes_on(page, tree, rows, came, answer):
            return None
        return came if page.by == "offset" else 1

    def _goes_on(self, page: PageRule, tree: Any, rows: list[Row], came: int, answer: requests.Response) -> bool:
        if page.by == "until_empty":
            return bool(rows)
        if page.total:
            total = value_at(tree, page.total)
            if not isinstance(total, int) or (not rows and came < total):
                raise self.failed(CUT_OFF, answer)
            return came < total
        goes_on = value_at(tree, page.more) is True if page.more else value_at(tree, page.next) is not None
        if goes_on and not rows:
            raise self.failed(LOOP, answer)
        return goes_on

    def _moved(self, page: PageRule, at: _Turn, after: object) -> _Turn:
        if page.by in {"link_header", "link_body"}:
            return self._linked(str(after))
        if page.by == "offset":
            after = page.first + int(str(after))
        elif page.by != "cursor":
            after = int(str(at.turn[page.param])) + 1
        return _Turn(at.path, at.query, at.turn | {page.param: after})

    def _linked(self, link: str) -> _Turn:
        """Return path and query of a link, whatever host it names: the system may know itself by another name."""
        parts, base = urlsplit(link), urlsplit(self.http.base_url).path
        path = parts.path.removeprefix(base) if base else parts.path
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return _Turn(path if path.startswith("/") else f"/{path}", query, {})

    # -- faults ----------------------------------------------------------------------------------------------------

    def failed(self, fault: HttpFault, response: requests.Response | None = None) -> RightsflowError:
        """The error to raise."""
        return failure(fault, system=self.http.system, operation=self.operation, response=response)


@dataclass(frozen=True, slots=True)
class _Turn:
    """What leads to a page: path, query, and what paging adds to the query or body."""

    path: str
    query: dict[str, str]
    turn: dict[str, object]


def _mark(content: object) -> bytes:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()


def _leads_on(tree: object, depth: int) -> bool:
    """Return whether an answer names a next page in one of the usual words, outside its entries."""
    if not isinstance(tree, Mapping) or not depth:
        return False
    named = (value for key, value in tree.items() if _NAMES_A_NEXT.fullmatch(str(key)))
    if any(value if not isinstance(value, Mapping) else any(value.values()) for value in named):
        return True
    return any(_leads_on(value, depth - 1) for value in tree.values())


def tokens_from(clients: Mapping[str, HttpClient], system: System) -> Callable[[ApiCall, Given], Any]:
    """Return what asks for a token.

    Args:
        clients: How the system is called, without credentials or with those that the call for a token has.
        system: The description.
    """

    def ask(call: ApiCall, given: Given) -> Any:
        api = RestApi(clients, system, "sign in")
        answer = api.send(call, given, allow=(400, 401, 403))
        if not answer.ok:
            raise Misconfigured(
                f"The system {api.http.system} did not accept user and secret; check them in the configuration and "
                "renew the secret."
            )
        tree = api.tree(answer)
        if not value_at(tree, system.auth.token_at):
            raise api.failed(UNREADABLE, answer)
        return tree

    return ask


def _only(values: list[Any]) -> Any:
    """Return the list at a path; a path with ``[*]`` gives its entries one by one."""
    return values[0] if len(values) == 1 and isinstance(values[0], list) else (values or None)


def _is_empty_at(tree: Any, path: str) -> bool:
    """Return whether a path with ``[*]`` leads into a list that is there and empty."""
    head, star, _ = path.partition("[*]")
    return bool(star) and any(value == [] for value in values_at(tree, head))
