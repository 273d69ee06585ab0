"""A double of a vendor's REST API: a real HTTP server with routes, sign-in, ordered faults and ignored filters."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tests.support.listening import listening


@dataclass(frozen=True)
class Asked:
    """A request.

    Args:
        parts: What the placeholders of the route caught.
        query: The query, each key once.
        body: The body.
        path: The path with the query, as it came.
        headers: The headers.
    """

    parts: tuple[str, ...]
    query: dict[str, str]
    body: Any
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What is answered.

    Args:
        status: The status.
        body: JSON, or bytes.
        headers: Headers besides.
    """

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


Route = Callable[[Asked], Answer]


@dataclass
class RestDouble:
    """A vendor's API.

    Args:
        authorization: The value of the header that it accepts; another one is answered by 401.
        open_paths: Paths that are answered without it.
        routes: What answers, by method and pattern of the path.
        faults: The status of calls whose method and path fit a pattern; 0 breaks the connection off.
        ignores_filters: Whether lists answer with everything.
        calls: Method and path of each call.
        address: Where it listens.
        header: The header that signs in.
    """

    authorization: str
    open_paths: tuple[str, ...] = ()
    routes: list[tuple[str, str, Route]] = field(default_factory=list)
    faults: dict[str, int] = field(default_factory=dict)
    ignores_filters: bool = False
    calls: list[str] = field(default_factory=list)
    address: str = ""
    header: str = "Authorization"
    lock: threading.RLock = field(default_factory=threading.RLock)

    def on(self, method: str, pattern: str, route: Route) -> None:
        """Answer calls.

        Args:
            method: The method.
            pattern: A regular expression of the whole path.
            route: What answers.
        """
        self.routes.append((method, pattern, route))

    def answer(self, method: str, target: str, headers: Mapping[str, str], body: Any) -> Answer | None:
        """Answer a call; ``None`` to break the connection off."""
        parts = urlsplit(target)
        with self.lock:
            self.calls.append(f"{method} {parts.path}")
            for pattern, status in self.faults.items():
                if re.search(pattern, f"{method} {parts.path}"):
                    return Answer(status, {"error": "ordered"}) if status else None
            if headers.get(self.header, "") != self.authorization and parts.path not in self.open_paths:
                return Answer(401, {"code": "invalid_credentials"})
            for verb, pattern, route in self.routes:
                if verb == method and (found := re.fullmatch(pattern, parts.path)):
                    query = dict(parse_qsl(parts.query))
                    asked = Asked(tuple(map(unquote, found.groups())), query, body, target, headers)
                    return route(asked)
        return Answer(404, {"message": "no such address"})

    @contextmanager
    def failing(self, pattern: str, status: int) -> Iterator[None]:
        """While entered, calls that fit are answered with a status.

        Args:
            pattern: A regular expression, searched in method and path.
            status: The status; 0 breaks the connection off.
        """
        self.faults[pattern] = status
        try:
            yield
        finally:
            del self.faults[pattern]

    @contextmanager
    def ignoring_filters(self) -> Iterator[None]:
        """While entered, lists answer with everything."""
        self.ignores_filters = True
        try:
            yield
        finally:
            self.ignores_filters = False

    @contextmanager
    def running(self) -> Iterator[RestDouble]:
        """Serve it as long as the block lasts."""
        double = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Head and body in one packet: in two, each answer waits for the delayed acknowledgement of the first.
            wbufsize = -1
            disable_nagle_algorithm = True

            def handle_call(self):
                length = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(length)
                is_form = "form" in self.headers.get("Content-Type", "")
                body = dict(parse_qsl(raw.decode())) if is_form else json.loads(raw) if raw else None
                given = double.answer(self.command, self.path, self.headers, body)
                if given is None:
                    self.close_connection = True
                    return
                content = given.body if isinstance(given.body, bytes) else b""
                if given.body is not None and not isinstance(given.body, bytes):
                    content = json.dumps(given.body).encode()
                self.send_response(given.status)
                for name, value in {"Content-Type": "application/json", **given.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.handle_call)
        with listening(Handler, is_quiet=True) as port:
            self.address = f"http://127.0.0.1:{port}"
            yield self


def page_of(double: RestDouble, asked: Asked, rows: list[Any], size: int) -> Answer:
    """A page of a list whose further pages stand in the ``Link`` header."""
    number = int(asked.query.get("page", 1))
    start = (number - 1) * size
    headers = {}
    if len(rows) > start + size:
        further = re.sub(r"([?&])page=\d+&?", r"\1", asked.path).rstrip("&?")
        mark = "&" if "?" in further else "?"
        headers["Link"] = f'<{double.address}{further}{mark}page={number + 1}>; rel="next"'
    return Answer(body=rows[start : start + size], headers=headers)
