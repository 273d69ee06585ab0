"""Callbacks go to the internet alone, to the very address that was looked at, and once."""

from __future__ import annotations

import ssl
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.opendsr.callbacks import addresses_of, is_public, post_callback
from rightsflow.domain.errors import Refused, Transient
from tests.support.peers.opendsr import PEM, authority, certificate, key_pem

HOST = "told.example"
BODY = b'{"request_status": "completed"}'


@contextmanager
def listening(folder, *, status=202, domain=HOST):
    """A server with a certificate for a domain; gives its port and what arrived there."""
    arrived = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append((self.path, self.headers["Host"], self.headers["X-OpenDSR-Signature"], body))
            self.send_response(status)
            self.send_header("Location", "/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            """Nothing."""

    keyfile = folder / "server.pem"
    keyfile.write_bytes(key_pem("told") + certificate(domain, of="told").public_bytes(PEM))
    (folder / "authority.pem").write_bytes(authority().public_bytes(PEM))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(keyfile)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server.server_address[1], arrived
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def post(folder, port, *, addresses=("127.0.0.1",), may_reach=lambda _: True):
    post_callback(
        f"https://{HOST}:{port}/told?x=1",
        BODY,
        {"X-OpenDSR-Signature": "signed"},
        ca_file=str(folder / "authority.pem"),
        resolve=lambda *_: list(addresses),
        may_reach=may_reach,
    )


def test_it_goes_to_the_address_that_was_looked_at_under_the_name_of_the_host(tmp_path):
    with listening(tmp_path) as (port, arrived):
        post(tmp_path, port)
    assert arrived == [("/told?x=1", f"{HOST}:{port}", "signed", BODY)]


PRIVATE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1",
    "::1", "fe80::1", "fd00::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
)  # fmt: skip


def test_an_address_in_a_network_of_ones_own_is_not_called(tmp_path):
    for address in PRIVATE:
        assert not is_public(address)
        with listening(tmp_path) as (port, arrived):
            for addresses in ((address,), ("93.184.216.34", address)):
                with pytest.raises(Refused, match="network of our own"):
                    post(tmp_path, port, addresses=addresses, may_reach=is_public)
        assert arrived == []


def test_by_default_this_machine_is_not_called(tmp_path):
    with listening(tmp_path, domain="localhost") as (port, arrived):
        with pytest.raises(Refused, match="network of our own"):
            post_callback(f"https://localhost:{port}/", BODY, {}, ca_file=str(tmp_path / "authority.pem"))
        assert addresses_of("localhost", port)
    assert arrived == []


def test_a_redirect_is_not_followed_and_counts_as_not_taken(tmp_path):
    with listening(tmp_path, status=307) as (port, arrived), pytest.raises(Transient, match="not taken"):
        post(tmp_path, port)
    assert len(arrived) == 1


def test_a_host_that_does_not_prove_its_name_hears_nothing(tmp_path):
    with listening(tmp_path, domain="stranger.example") as (port, arrived), pytest.raises(Transient):
        post(tmp_path, port)
    assert arrived == []


def test_a_host_that_is_not_there_is_a_fault_that_passes(tmp_path):
    def unknown(*_):
        raise OSError("no such host")

    with pytest.raises(Transient):
        post_callback("https://gone.example/", BODY, {}, resolve=unknown)
