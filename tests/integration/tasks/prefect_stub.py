"""A server that takes events as Prefect's does, or refuses them; a real HTTP server in a thread."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler

from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from tests.support.listening import listening


class PrefectStub:
    """What was posted to it; `status` is what it answers to events."""

    def __init__(self):
        self.batches = []
        self.status = 204

    @property
    def events(self):
        return [event for batch in self.batches for event in batch]


@contextmanager
def prefect_stub():
    """A stub that this process talks to instead of a Prefect server."""
    stub = PrefectStub()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            is_events = self.path == "/api/events"
            if is_events and stub.status < 300:
                stub.batches.append(body)
            self.send_response(stub.status if is_events else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def do_GET(self):
            self.send_response(404)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    with listening(Handler) as port:
        address = f"http://127.0.0.1:{port}/api"
        with temporary_settings({PREFECT_API_URL: address, PREFECT_CLIENT_MAX_RETRIES: 0}):
            yield stub
