"""Calls to Stripe: reading one object, walking a list, searching, and changing with an idempotency key.

They are made by Stripe's SDK, made fit for personal data: quiet, pinned, bounded in time and retries.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import stripe
from stripe import RequestsClient, StripeClient

from connectors.bounds import AnswerBounds, ListBound
from connectors.http import Patience, guarded_session
from connectors.stripe.errors import code_of, is_gone, request_id_of, translate
from connectors.stripe.settings import StripeSettings
from connectors.timing import timed_call
from rightsflow.domain.errors import Misconfigured, Permanent

API_VERSION = "2026-10-28.endive"
"""The version that requests are made in and answers are read in, whatever the account's default is."""

PREVIEW_VERSION = "2026-04-22.preview"
"""The version of the redaction jobs, which are a public preview."""

NETWORK_RETRIES = 2
"""Repeats of one call by the SDK (connection faults, 409, 5xx); no one else repeats a single call."""

_LONGEST_CONNECT = 10.0
_logger = logging.getLogger(__name__)

PAGE_SIZE = 100
"""The most that Stripe gives at once."""

Object = dict[str, object]


class _Silence(logging.Filter):
    """Drops the SDK's own lines: they hold URLs with e-mail addresses, request bodies and messages."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.levelno >= logging.WARNING


_SILENCE = _Silence()


def build_client(settings: StripeSettings, http: RequestsClient) -> StripeClient:
    """A client with the key as it is now, so that a rotated key is picked up.

    Args:
        settings: The account.
        http: The HTTP client, kept by the caller for its connections.

    Raises:
        Misconfigured: The key cannot be read or is not a secret one, or the SDK is told to print requests.
    """
    _keep_quiet()
    key = settings.api_key.reveal()
    check_key(key)
    return StripeClient(
        key,
        stripe_account=settings.stripe_account or None,
        stripe_version=API_VERSION,
        base_addresses={"api": settings.api_base},
        max_network_retries=NETWORK_RETRIES,
        http_client=http,
    )


def build_http(settings: StripeSettings) -> RequestsClient:
    """Return the HTTP client: TLS verified, bounds of time and bytes, and no host but Stripe's."""
    connect = min(settings.timeout, _LONGEST_CONNECT)
    patience = Patience(
        connect_seconds=connect, read_seconds=settings.timeout, retries=0, bounds=settings.answer_bounds
    )
    session = guarded_session([settings.api_base], patience=patience, hosts=())
    return RequestsClient(timeout=(connect, settings.timeout), session=session)


def check_key(key: str) -> None:
    """Hold that it is a key that a server may use, before it is sent anywhere.

    Raises:
        Misconfigured: It is a publishable key or none at all.
    """
    if key.startswith("pk_"):
        raise Misconfigured("The key api_key is a publishable one (pk_…); use a restricted key (rk_…).")
    if not key.startswith(("sk_", "rk_")):
        raise Misconfigured("The key api_key is not one of Stripe's; use a restricted key (rk_…).")


def _keep_quiet() -> None:
    # The SDK prints whole requests on stderr when it is told so, which no filter can hold.
    if os.environ.get("STRIPE_LOG") or stripe.log:
        raise Misconfigured("STRIPE_LOG would print personal data; unset the variable.")
    stripe.enable_telemetry = False
    logger = logging.getLogger("stripe")
    if _SILENCE not in logger.filters:
        logger.addFilter(_SILENCE)


def part_of(thing: Object, name: str) -> Object:
    """An object inside another one; an empty one where there is none."""
    return cast("Object", thing.get(name) or {})


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a call.

    Args:
        data: The object.
        request_id: Stripe's request id, as proof.
        replayed: Whether Stripe repeated the stored answer of an earlier call with the same idempotency key; the
            object is then as it was, not as it is.
    """

    data: Object
    request_id: str
    replayed: bool = False

    def __repr__(self) -> str:
        """The request id only."""
        return f"<Answer {self.request_id}>"


@dataclass(frozen=True, slots=True)
class StripeRefusal:
    """Stripe understood a request and refused it (400).

    Args:
        code: The error's code; empty where it has none.
        param: The first part of the parameter's name that it is about; empty where it is about none.
        request_id: Stripe's request id.
    """

    code: str
    param: str
    request_id: str


class Calls:
    """The calls of one operation. All of them raise our errors only.

    Args:
        client: The SDK's client.
        system: The system's name in the configuration.
        operation: What is being done, for errors and log lines.
        bounds: How long a list may be.
    """

    def __init__(
        self, client: StripeClient, *, system: str, operation: str, bounds: AnswerBounds | None = None
    ) -> None:
        self._client = client
        self._system = system
        self._operation = operation
        self._bounds = bounds or AnswerBounds()

    def get(self, path: str, params: Mapping[str, object] | None = None, *, version: str = "") -> Object:
        """Read; a missing object is an error."""
        try:
            return self._send("get", path, params or {}, version=version).data
        except stripe.StripeError as error:
            raise self._ours(error) from None

    def find(self, path: str, params: Mapping[str, object] | None = None, *, version: str = "") -> Object | None:
        """Read one object, or ``None`` where there is none; a deleted customer is its ``deleted: true`` object."""
        try:
            return self._send("get", path, params or {}, version=version).data
        except stripe.StripeError as error:
            if is_gone(error):
                return None
            raise self._ours(error) from None

    def find_with(self, path: str, parts: Sequence[str]) -> Object | None:
        """Read one object with parts of it expanded; a deleted object, which has no such parts, as its remainder.

        Stripe documents that a deleted customer can be read, not that it can where parts of it are asked for. A 400 is
        therefore believed only when a read without them does not show the object deleted or gone.
        """
        if not parts:
            return self.find(path)
        try:
            return self._send("get", path, {"expand": list(parts)}).data
        except stripe.StripeError as error:
            if is_gone(error):
                return None
            if error.http_status == 400:
                left = self.find(path)
                if left is None or left.get("deleted"):
                    return left
            raise self._ours(error) from None

    def listing(self, path: str, params: Mapping[str, object] | None = None, *, version: str = "") -> Iterator[Object]:
        """Every object of a list, page by page; ends normally only after the last page."""
        asked = {**(params or {}), "limit": PAGE_SIZE}
        cursors: set[str] = set()
        bound = ListBound(self._bounds.entries, self._system, self._operation)
        while True:
            page = self.get(path, asked, version=version)
            items = self._items(page, bound)
            yield from items
            if not page.get("has_more"):
                return
            cursor = str(items[-1].get("id", "")) if items else ""
            asked["starting_after"] = self._next(cursor, cursors)

    def searching(self, path: str, query: str) -> Iterator[Object]:
        """Every hit of a search, page by page. The index may lag behind by a minute, in outages by an hour."""
        asked: dict[str, object] = {"query": query, "limit": PAGE_SIZE}
        cursors: set[str] = set()
        bound = ListBound(self._bounds.entries, self._system, self._operation)
        while True:
            page = self.get(path, asked)
            yield from self._items(page, bound)
            if not page.get("has_more"):
                return
            asked["page"] = self._next(str(page.get("next_page") or ""), cursors)

    def post(
        self, path: str, purpose: str, params: Mapping[str, object] | None = None, *, version: str = ""
    ) -> Answer | StripeRefusal:
        """Change an object; return a :class:`StripeRefusal` if Stripe refuses the change of this object.

        Args:
            path: The object's address.
            purpose: What it is for. With the address and the parameters it makes the idempotency key, so that the
                same step within 24 hours is the same request; after that it is a new one, so read the state first.
            params: The parameters.
            version: Another API version than the pinned one.
        """
        key = idempotency_key("post", path, purpose, params or {})
        try:
            return self._send("post", path, params or {}, version=version, idempotency_key=key)
        except stripe.InvalidRequestError as error:
            refusal = _refusal(error)
            if refusal is not None:
                return refusal
            raise self._ours(error) from None
        except stripe.StripeError as error:
            raise self._ours(error) from None

    def delete(self, path: str, params: Mapping[str, object] | None = None) -> Answer | StripeRefusal | None:
        """Delete; ``None`` where it was gone already."""
        try:
            return self._send("delete", path, params or {})
        except stripe.StripeError as error:
            if is_gone(error):
                return None
            refusal = _refusal(error) if isinstance(error, stripe.InvalidRequestError) else None
            if refusal is not None:
                return refusal
            raise self._ours(error) from None

    def try_to_change(self, path: str) -> None:
        """Ask to change an object that does not exist, to see whether the key may change such objects."""
        try:
            self._send("post", path, {"metadata": {"rightsflow": ""}})
        except stripe.StripeError as error:
            if not is_gone(error):
                raise self._ours(error) from None

    def try_to_read(self, path: str, params: Mapping[str, object]) -> None:
        """Read a part of an object that does not exist, to see whether the key has the right to."""
        try:
            self._send("get", path, params)
        except stripe.StripeError as error:
            if code_of(error) != "resource_missing":
                raise self._ours(error) from None

    def unexpected(self, what: str) -> Permanent:
        """The error for an answer that has not the form that Stripe documents."""
        return Permanent(
            f"Stripe's answer has {what}; check api_base and report it.",
            system=self._system,
            operation=self._operation,
        )

    def _send(
        self, method: str, path: str, params: Mapping[str, object], *, version: str = "", **options: str
    ) -> Answer:
        if version:
            options["stripe_version"] = version
        with timed_call(self._system, self._operation) as call:
            try:
                response = self._client.raw_request(method, path, **params, **options)
            except stripe.StripeError as error:
                call.answered(error.http_status)
                raise
            call.answered(response.code)
        request_id = request_id_of(response)
        _logger.info("%s %s: %s, request %s", self._system, self._operation, response.code, request_id or "-")
        if not isinstance(response.data, dict):
            raise self.unexpected("no object")
        replayed = response.headers.get("Idempotent-Replayed", "") == "true"
        return Answer(response.data, request_id, replayed)

    def _ours(self, error: stripe.StripeError) -> Exception:
        _logger.info(
            "%s %s: %s, request %s",
            self._system,
            self._operation,
            error.http_status or "-",
            request_id_of(error) or "-",
        )
        return translate(error, system=self._system, operation=self._operation)

    def _items(self, page: Object, bound: ListBound) -> list[Object]:
        items = page.get("data")
        if not isinstance(items, list):
            raise self.unexpected("no list in it")
        bound.add_page(len(items))
        return items

    def _next(self, cursor: str, seen: set[str]) -> str:
        if not cursor or cursor in seen:
            raise self.unexpected("a page that leads nowhere")
        seen.add(cursor)
        return cursor


def idempotency_key(method: str, path: str, purpose: str, params: Mapping[str, object]) -> str:
    """Return the key under which Stripe stores the first answer to this request for 24 hours.

    The parameters are part of it: the same key with others would be an error and not a request. It is a hash, so it
    shows nothing of them.
    """
    text = json.dumps([method, path, purpose, params], sort_keys=True, default=str)
    return f"rightsflow-{hashlib.sha256(text.encode()).hexdigest()[:48]}"


def _refusal(error: stripe.InvalidRequestError) -> StripeRefusal | None:
    """A refusal of this one object; a wrong parameter name or a missing address is no refusal."""
    code = code_of(error)
    if error.http_status != 400 or code in {"parameter_unknown", "parameter_missing", "testmode_charges_only"}:
        return None
    return StripeRefusal(code, (error.param or "").partition("[")[0], request_id_of(error))
