"""A small double of Stripe over real HTTP, written after its documents, for what localstripe cannot do.

Where localstripe differs from Stripe, and why this double exists:

- it has no search, no checkout sessions, disputes, quotes, credit notes or redaction jobs, and cannot filter payment
  intents or set-ups by customer; lists below a customer (``/sources``) refuse the parameter ``limit``;
- it ignores idempotency keys and API versions, gives no ``Request-Id``, never answers 403, 409 or 429, and takes any
  key that begins with ``sk_``;
- a deleted customer answers 404, where Stripe answers 200 with ``deleted: true`` and goes on listing the payments;
- an object's subscriptions stay active after the customer is deleted;
- its errors have no ``code``, and a parameter sent empty becomes an empty text where Stripe unsets the field;
- its charges have no billing details, receipt address or shipping.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.listening import listening

KEY = "sk_test_full"
RESTRICTED = "rk_test_narrow"
PERSONAL_MESSAGE = "No such thing for anna@example.com"
"""Stands in every error, since Stripe's messages may quote an address; none of ours may."""

_CLEARABLE = {
    "/v1/customers": "email name business_name individual_name phone address shipping description metadata",
    "/v1/charges": "description receipt_email shipping metadata",
    "/v1/payment_intents": "description receipt_email shipping metadata",
    "/v1/setup_intents": "description metadata",
    "/v1/invoices": "description footer custom_fields metadata",
    "/v1/subscriptions": "description metadata",
    "/v1/payment_methods": "billing_details metadata",
    "/v1/checkout/sessions": "metadata",
    "/v1/quotes": "description header footer metadata",
    "/v1/credit_notes": "memo metadata",
    "/v1/refunds": "metadata",
    "/v1/disputes": "metadata",
}

Thing = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    params: Thing
    headers: dict[str, str]


class ApiError(Exception):
    def __init__(self, status: int, kind: str = "invalid_request_error", code: str = "", **more: str) -> None:
        super().__init__(code)
        self.status = status
        headers = {name: more.pop(name) for name in list(more) if name[0].isupper()}
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}
        self.body = {"error": {"type": kind, "message": PERSONAL_MESSAGE, **({"code": code} if code else {}), **more}}


@dataclass(slots=True)
class StripeDouble:
    things: dict[str, dict[str, Thing]] = field(default_factory=lambda: {path: {} for path in _CLEARABLE})
    not_indexed: set[str] = field(default_factory=set)
    lacking: dict[str, str] = field(default_factory=dict)
    missing_lists: set[str] = field(default_factory=set)
    ignores_filters: bool = False
    replaces_parts: bool = False
    """Whether a new address takes the place of the old one as a whole; Stripe's documents leave that open."""
    faults: list[tuple[Callable[[Request], bool], ApiError, int]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    stored: dict[str, tuple[Thing, Thing]] = field(default_factory=dict)
    further: list[Callable[[Request], Thing | None]] = field(default_factory=list)
    endpoint: str = ""
    lock: threading.RLock = field(default_factory=threading.RLock)

    # -- what a test sets up and looks at

    def add(self, path: str, thing: Thing) -> Thing:
        self.things[path][thing["id"]] = thing
        return thing

    def fail(self, error: ApiError, when: Callable[[Request], bool] = lambda _: True, times: int = 1) -> None:
        self.faults.append((when, error, times))

    @contextmanager
    def outage(self) -> Iterator[None]:
        error = ApiError(503, "api_error", Stripe_Should_Retry="false")
        self.faults.append((lambda _: True, error, 10**6))
        try:
            yield
        finally:
            self.faults.clear()

    @contextmanager
    def ignoring_filters(self) -> Iterator[None]:
        self.ignores_filters = True
        try:
            yield
        finally:
            self.ignores_filters = False

    @contextmanager
    def refusing(self, path: str, error: ApiError) -> Iterator[None]:
        self.faults.append((lambda one: one.method == "GET" and one.path == path, error, 10**6))
        try:
            yield
        finally:
            self.faults.clear()

    def calls(self, method: str, path: str = "") -> list[Request]:
        return [one for one in self.requests if one.method == method and one.path.startswith(path)]

    # -- answering

    def answer(self, request: Request) -> tuple[int, Thing, dict[str, str]]:
        with self.lock:
            self.requests.append(request)
            headers = {"Request-Id": f"req_{len(self.requests)}"}
            try:
                self._fault(request)
                self._authorise(request)
                data, replayed = self._once(request)
            except ApiError as error:
                return error.status, error.body, {**headers, **error.headers}
            return 200, data, {**headers, **({"Idempotent-Replayed": "true"} if replayed else {})}

    def _fault(self, request: Request) -> None:
        for index, (when, error, times) in enumerate(self.faults):
            if when(request):
                self.faults[index] = (when, error, times - 1)
                if times <= 1:
                    del self.faults[index]
                raise error

    def _authorise(self, request: Request) -> None:
        key = request.headers.get("Authorization", "").removeprefix("Bearer ")
        if key not in {KEY, RESTRICTED}:
            raise ApiError(401, code="api_key_expired" if "expired" in key else "")
        for path, right in self.lacking.items() if key == RESTRICTED else ():
            writes = right.endswith("_write")
            if request.path.startswith(path) and writes is (request.method != "GET"):
                message = f"The provided key does not have the required permissions. Having the '{right}' permission"
                raise ApiError(403, message=message)

    def _once(self, request: Request) -> tuple[Thing, bool]:
        key = request.headers.get("Idempotency-Key", "") if request.method == "POST" else ""
        if key in self.stored:
            params, data = self.stored[key]
            if params != request.params:
                raise ApiError(400, "idempotency_error")
            return data, True
        data = json.loads(json.dumps(self._route(request)))
        if key:
            self.stored[key] = (request.params, data)
        return data, False

    def _route(self, request: Request) -> Thing:
        for extra in self.further:
            if (found := extra(request)) is not None:
                return found
        if request.path in self.missing_lists:
            raise ApiError(404, message=f"Unrecognized request URL (GET: {request.path}).")
        if request.path in self.things:
            return self._listing(request, list(self.things[request.path].values()))
        if request.path == "/v1/customers/search":
            return self._search(request)
        if sources := re.fullmatch(r"/v1/customers/([^/]+)/sources(?:/([^/]+))?", request.path):
            return self._sources(request, *sources.groups())
        if tax_id := re.fullmatch(r"/v1/customers/([^/]+)/tax_ids/([^/]+)", request.path):
            held = self._one("/v1/customers", tax_id.group(1))["tax_ids"]["data"]
            held[:] = [one for one in held if one["id"] != tax_id.group(2)]
            return {"id": tax_id.group(2), "object": "tax_id", "deleted": True}
        if lines := re.fullmatch(r"/v1/invoices/([^/]+)/lines", request.path):
            return self._listing(request, self._one("/v1/invoices", lines.group(1))["all_lines"], newest_first=False)
        return self._object(request)

    def _object(self, request: Request) -> Thing:
        path, _, key = request.path.rpartition("/")
        if key == "detach":
            path, _, key = path.rpartition("/")
            thing = self._one(path, unquote(key))
            thing["customer"] = None
            return thing
        thing = self._one(path, unquote(key))
        if request.method == "DELETE":
            return self._delete(path, thing)
        if request.method == "POST":
            return self._update(path, thing, request.params)
        # What a preview version shows beyond the others.
        preview = request.headers.get("Stripe-Version", "").endswith(".preview")
        return {
            name: value for name, value in thing.items() if name != "all_lines" and (preview or name != "redaction")
        }

    def _one(self, path: str, key: str) -> Thing:
        if path not in self.things:
            raise ApiError(404, message="Unrecognized request URL")
        if key not in self.things[path]:
            raise ApiError(404, code="resource_missing", param="id")
        return self.things[path][key]

    def _delete(self, path: str, thing: Thing) -> Thing:
        if path == "/v1/subscriptions":
            thing["status"] = "canceled"
            return thing
        if path == "/v1/invoices" and thing["status"] != "draft":
            raise ApiError(400, code="invoice_not_editable")
        gone = {"id": thing["id"], "object": thing["object"], "deleted": True}
        if path == "/v1/customers":
            if thing.get("deleted"):
                raise ApiError(404, code="resource_missing", param="id")
            for subscription in self.things["/v1/subscriptions"].values():
                if subscription["customer"] == thing["id"]:
                    subscription["status"] = "canceled"
            self.things[path][thing["id"]] = gone
        else:
            del self.things[path][thing["id"]]
        return gone

    def _update(self, path: str, thing: Thing, params: Thing) -> Thing:
        if thing.get("deleted"):
            raise ApiError(404, code="resource_missing", param="id")
        for name, value in params.items():
            if name not in _CLEARABLE[path].split():
                raise ApiError(400, code="parameter_unknown", param=name)
            if path == "/v1/charges" and name == "shipping" and value == "":
                raise ApiError(400, code="parameter_invalid_empty", param="shipping")
            if self.replaces_parts and name in {"address", "shipping"} and value != "":
                thing[name] = {part: inner if inner != "" else None for part, inner in value.items()}
            elif isinstance(value, dict) and isinstance(thing.get(name), dict):
                merged = {**thing[name], **value}
                thing[name] = {key: inner for key, inner in merged.items() if inner != "" or name != "metadata"}
            else:
                thing[name] = value if value != "" else None
        return thing

    # -- lists and search

    def _listing(self, request: Request, things: list[Thing], *, newest_first: bool = True) -> Thing:
        params = dict(request.params)
        limit, after = int(params.pop("limit", 10)), params.pop("starting_after", "")
        params.pop("expand", None)
        things = [one for one in things if not one.get("deleted")]
        if request.path == "/v1/subscriptions":
            wanted = params.pop("status", "")
            things = [one for one in things if wanted == "all" or one["status"] != "canceled"]
        if not self.ignores_filters:
            things = [one for one in things if all(_matches(one, name, value) for name, value in params.items())]
        things = things[::-1] if newest_first else things
        if after:
            places = [place for place, one in enumerate(things) if one["id"] == after]
            if not places:
                raise ApiError(400, code="resource_missing", param="starting_after")
            things = things[places[0] + 1 :]
        return {"object": "list", "url": request.path, "has_more": len(things) > limit, "data": things[:limit]}

    def _search(self, request: Request) -> Thing:
        indexed = [one for key, one in self.things["/v1/customers"].items() if key not in self.not_indexed]
        matching = [one for one in indexed if self.ignores_filters or hits(one, request.params["query"])]
        limit, start = int(request.params.get("limit", 10)), int(request.params.get("page", 0))
        more = len(matching) > start + limit
        page = matching[start : start + limit]
        found = {"object": "search_result", "data": page, "has_more": more, "url": request.path}
        return {**found, "next_page": str(start + limit) if more else None}

    def _sources(self, request: Request, customer: str, source: str | None) -> Thing:
        thing = self._one("/v1/customers", unquote(customer))
        if thing.get("deleted"):
            raise ApiError(404, code="resource_missing", param="customer")
        held = thing["held_sources"]
        if source is None:
            return self._listing(request, list(held.values()))
        if source not in held:
            raise ApiError(404, code="resource_missing", param="id")
        if request.method == "DELETE":
            del held[source]
            return {"id": source, "object": "card", "deleted": True}
        return held[source]


def _matches(thing: Thing, name: str, value: Any) -> bool:
    if isinstance(value, dict):
        if name == "created":
            return thing["created"] > int(value["gt"])
        return all((thing.get(name) or {}).get(key) == inner for key, inner in value.items())
    return thing.get(name) == value


def hits(thing: Thing, query: str) -> bool:
    parsed = re.fullmatch(
        r'(?:metadata\["(?P<key>(?:\\.|[^"\\])*)"\]|(?P<name>\w+))(?P<how>[:~])"(?P<value>(?:\\.|[^"\\])*)"', query
    )
    if parsed is None:
        raise ApiError(400, param="query")
    value = re.sub(r"\\(.)", r"\1", parsed["value"])
    held = (thing.get("metadata") or {}).get(parsed["key"]) if parsed["key"] else thing.get(parsed["name"])
    if held is None:
        return False
    if parsed["how"] == "~":
        return value in held
    return held.casefold() == value.casefold()


def nested(pairs: list[tuple[str, str]]) -> Thing:
    """Undo the bracket nesting of form-encoded parameters."""
    tree: Thing = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        place = tree
        for key, following in zip([first, *rest], [*rest, None], strict=True):
            if following is None:
                place[key] = value
            else:
                place = place.setdefault(key, {})
    return tree


@contextmanager
def running() -> Iterator[StripeDouble]:
    """Start an empty double on a free port."""
    double = StripeDouble()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            parts = urlsplit(self.path)
            pairs = parse_qsl(parts.query, keep_blank_values=True)
            pairs += parse_qsl(self.rfile.read(length).decode(), keep_blank_values=True)
            status, data, headers = double.answer(
                Request(self.command, parts.path, nested(pairs), dict(self.headers.items()))
            )
            body = json.dumps(data).encode()
            self.send_response_only(status)
            for name, value in {
                **headers,
                "Content-Type": "application/json",
                "Content-Length": str(len(body)),
            }.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_DELETE = _handle  # noqa: N815 - the base class wants these names

        def log_message(self, *_: object) -> None:
            pass

    with listening(Handler) as port:
        double.endpoint = f"http://127.0.0.1:{port}"
        yield double
