"""What goes through to Prefect and what is refused, request by request, without a server."""

from __future__ import annotations

import asyncio
import re

import pytest

from deployments.front.guard import Guard, judge
from deployments.server_access import Addresses, own_addresses
from rightsflow.domain.errors import Misconfigured

PORT = 4200
PUBLIC = "https://prefect.example.com"
OURS = Addresses.of(own_addresses(PORT, PUBLIC))
JSON = ("content-type", "application/json")
BODY = ("content-length", "17")
VISIT = (("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document"))


def request(method="GET", path="/api/flow_runs/filter", host="127.0.0.1:4200", *headers):
    pairs = ([("host", host)] if host else []) + list(headers)
    return {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode()) for name, value in pairs],
    }


def status_of(*args):
    refusal = judge(request(*args), OURS)
    return refusal.status if refusal else None


class TestHost:
    def test_our_own_addresses(self):
        for host in (
            "127.0.0.1:4200",
            "localhost:4200",
            "LOCALHOST:4200",
            "[::1]:4200",
            "prefect.example.com",
            "prefect.example.com:443",
        ):
            assert status_of("GET", "/", host) is None

        for path in ("/api/health", "/api/ready"):
            assert status_of("GET", path, "10.0.0.7:4200") is None
            assert status_of("POST", path, "10.0.0.7:4200") == 421
            assert status_of("GET", path, "10.0.0.7:4200", ("origin", "http://10.0.0.7:4200")) == 403

    def test_another_name_for_this_machine_is_refused(self):
        # A page whose name the attacker lets point at 127.0.0.1 was answered like one of ours (DNS rebinding).
        for host in (
            "rebound.example:4200",
            "127.0.0.1",
            "127.0.0.1:4201",
            "localhost.evil.example:4200",
            "localhost.:4200",
            "",
            "127.0.0.1:4200@evil.example",
            "evil.example",
            "prefect.example.com.evil.example",
            "10.0.0.7:4200",
        ):
            assert status_of("GET", "/api/flow_runs/filter", host) == 421
            assert status_of("GET", "/ui-settings", host) == 421

        assert status_of("GET", "/", "127.0.0.1:4200", ("host", "evil.example")) == 421


class TestOrigin:
    def test_our_own_pages_the_address_bar_and_a_program(self):
        for origin in ("http://127.0.0.1:4200", "http://localhost:4200", PUBLIC):
            for site in ("same-origin", "cross-site", None):
                more = [("sec-fetch-site", site)] if site else []
                assert status_of("POST", "/api/x", "127.0.0.1:4200", ("origin", origin), JSON, BODY, *more) is None

        for site in ("same-origin", "none"):
            assert status_of("GET", "/api/x", "127.0.0.1:4200", ("sec-fetch-site", site)) is None

        assert status_of("POST", "/api/deployments/filter", "127.0.0.1:4200", JSON, BODY) is None

    def test_any_other_page_is_refused(self):
        # Prefect's server answered every origin, so that any page could read and write.
        for origin in (
            "https://evil.example",
            "null",
            "http://127.0.0.1:8000",
            "http://localhost",
            "https://127.0.0.1:4200",
            "",
            "http://127.0.0.1:4200.evil.example",
            "http://prefect.example.com",
            "file://",
            "HTTP://127.0.0.1:4200",
        ):
            for method in ("GET", "POST", "OPTIONS", "DELETE"):
                assert status_of(method, "/api/deployments/filter", "127.0.0.1:4200", ("origin", origin), JSON) == 403

        both = (("origin", "http://127.0.0.1:4200"), ("origin", "https://evil.example"))
        assert status_of("POST", "/api/x", "127.0.0.1:4200", *both) == 403

        # A picture or a script of another page, also of another port of this machine, sends no Origin.
        for site in ("cross-site", "same-site", "something-new"):
            picture = (("sec-fetch-site", site), ("sec-fetch-mode", "no-cors"), ("sec-fetch-dest", "image"))
            assert status_of("GET", "/api/flow_runs/filter", "127.0.0.1:4200", *picture) == 403
            assert status_of("GET", "/", "127.0.0.1:4200", ("sec-fetch-site", site)) == 403

    def test_a_link_opens_a_page_of_the_ui_and_nothing_of_the_api(self):
        link = (("sec-fetch-site", "cross-site"), *VISIT)
        assert status_of("GET", "/v2/runs/flow-run/1", "127.0.0.1:4200", *link) is None
        assert status_of("GET", "/api/flow_runs/1", "127.0.0.1:4200", *link) == 403
        assert status_of("POST", "/v2/runs", "127.0.0.1:4200", *link) == 403

        frame = (("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "iframe"))
        assert status_of("GET", "/v2/dashboard", "127.0.0.1:4200", *frame) == 403


class TestBody:
    def test_json_or_no_body(self):
        for kind in ("application/json", "application/json; charset=utf-8", "Application/JSON"):
            assert status_of("POST", "/api/x", "127.0.0.1:4200", ("content-type", kind), BODY) is None

        for body in ((), (("content-length", "0"),)):
            assert status_of("DELETE", "/api/flow_runs/1", "127.0.0.1:4200", *body) is None

    def test_what_a_page_may_send_without_asking_is_refused(self):
        # Prefect read a text/plain body as JSON, which a page of any origin can send without a preflight.
        for kind in (
            "text/plain",
            "text/plain; application/json",
            "application/x-www-form-urlencoded",
            "",
            "text/json",
        ):
            for method in ("POST", "PUT", "PATCH", "DELETE"):
                assert status_of(method, "/api/x", "127.0.0.1:4200", ("content-type", kind), BODY) == 415

        # A page can send one with an untyped Blob, and Prefect takes it for JSON.
        for body in (BODY, ("transfer-encoding", "chunked")):
            assert status_of("POST", "/api/x", "127.0.0.1:4200", body) == 415

        assert status_of("POST", "/api/x", "127.0.0.1:4200", JSON, ("content-type", "text/plain"), BODY) == 415


class TestWebSocket:
    def opening(self, *headers):
        scope = request("", "/api/events/out", "127.0.0.1:4200", *headers)
        del scope["method"]
        return scope | {"type": "websocket"}

    def test_of_our_page_and_a_program_and_of_no_other_page(self):
        assert judge(self.opening(), OURS) is None

        assert judge(self.opening(("origin", "http://localhost:4200")), OURS) is None

        # Prefect lets a WebSocket of any page in and answers it.
        assert judge(self.opening(("origin", "https://evil.example")), OURS).status == 403

        reached, sent = served(self.opening(("origin", "https://evil.example")))
        assert not reached
        assert [one["type"] for one in sent] == ["websocket.close"]


def served(scope, *headers):
    reached, sent = [], []

    async def app(scope, receive, send):
        reached.append(scope["type"])
        if scope["type"] == "http":
            await send(
                {"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"ALLOWALL"), *headers]}
            )
            await send({"type": "http.response.body", "body": b"ok"})

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}

    asyncio.run(Guard(app, OURS)(scope, receive, send))
    return reached, sent


class TestAnswer:
    def test_every_answer_forbids_frames_and_scripts_from_elsewhere(self):
        for scope in (request("GET", "/"), request("GET", "/", "evil.example")):
            _, (start, _) = served(scope)
            headers = dict(start["headers"])
            assert headers[b"x-frame-options"] == b"DENY"
            assert b"frame-ancestors 'none'" in headers[b"content-security-policy"]

        for path, stays in (("/desk/files/x", True), ("/", False)):
            _, (start, _) = served(request("GET", path), (b"content-security-policy", b"default-src 'none'; sandbox"))
            headers = dict(start["headers"])
            assert (headers[b"content-security-policy"] == b"default-src 'none'; sandbox") is stays
            assert headers[b"x-frame-options"] == b"DENY"

        assert served({"type": "lifespan"}) == (["lifespan"], [])

    def test_a_refusal_reaches_no_app_and_quotes_nothing(self):
        for refused in (
            request("GET", "/", "quill.example"),
            request("GET", "/api/x", "127.0.0.1:4200", ("origin", "http://quill.example")),
            request("POST", "/api/x", "127.0.0.1:4200", ("content-type", "text/quill"), BODY),
        ):
            reached, (start, body) = served(refused)
            assert (reached, start["status"]) != (["http"], 200)
            assert not reached
            assert b"quill" not in body["body"]
            assert re.search(rb"; (use|open|send) ", body["body"])


class TestAddresses:
    def test_the_port_of_the_scheme_is_left_out_of_the_origin(self):
        made = Addresses.of(["https://Prefect.Example.com:443/", "http://[::1]:80"])
        assert made.origins == {"https://prefect.example.com", "http://[::1]"}
        assert made.hosts == {"prefect.example.com", "prefect.example.com:443", "[::1]", "[::1]:80"}

    def test_what_is_no_address_is_one_sentence(self):
        for wrong in (
            "prefect.example.com",
            "ftp://x.example",
            "https://",
            "https://x.example/ui",
            "https://a:b@x.example",
            "*",
            "https://x.example:port",
            "https://x.example?y",
            "null",
            "https://x.example:99999",
            "http://[::1",
        ):
            with pytest.raises(Misconfigured, match="give scheme and host"):
                Addresses.of([wrong])
