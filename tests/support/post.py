"""Where notifications arrive in the tests: a real SMTP server and a real HTTP receiver, each in a thread."""

from __future__ import annotations

import json
import socket
import time
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tests.support.listening import listening

WAIT_SECONDS = 60


class Mailbox:
    """What an SMTP server took; the refusals are what it answers to a content or a recipient instead of taking more."""

    def __init__(self, *, refuses_recipients, is_rude):
        self.refuses_recipients = refuses_recipients
        self.is_rude = is_rude
        self.messages = []
        self.envelopes = []
        self.logins = []
        self.refusal = ""
        self.acceptance = "250 OK"
        self.recipient_refusal = ""
        self.port = 0

    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802 - aiosmtpd calls it so
        if self.refuses_recipients:
            return f"550 5.1.1 {address} is unknown here"
        if self.recipient_refusal:
            return self.recipient_refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_QUIT(self, server, _session, _envelope):  # noqa: N802 - aiosmtpd calls it so
        if self.is_rude:
            server.transport.abort()
        return "221 Bye"

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802 - aiosmtpd calls it so
        if self.refusal:
            return self.refusal
        self.envelopes.append((session.ssl is not None, envelope))
        self.messages.append(message_from_bytes(envelope.content, policy=default))
        return self.acceptance

    def authenticate(self, _server, _session, _envelope, _mechanism, data):
        self.logins.append((data.login, data.password))
        return AuthResult(success=data.password == b"opensesame", handled=False)

    def to(self, address):
        return [one for one in self.messages if one["To"].addresses[0].addr_spec == address]


class _Server(Controller):
    """A controller that finds out the free port it was given."""

    def _trigger_server(self):
        self.port = self.server.sockets[0].getsockname()[1]
        # A bare connection will do, also where TLS is spoken from the first byte.
        socket.create_connection((self.hostname, self.port)).close()


@contextmanager
def smtp_server(*, refused_recipients=False, rude=False, with_login=False, **options):
    """A mailbox behind a server on a free port; a rude one hangs up at the farewell."""
    box = Mailbox(refuses_recipients=refused_recipients, is_rude=rude)
    if with_login:
        options["authenticator"] = box.authenticate
    server = _Server(box, hostname="127.0.0.1", port=0, **options)
    server.start()
    try:
        box.port = server.port
        yield box
    finally:
        server.stop()


class Hook:
    """What a webhook received; `status` is what it answers."""

    def __init__(self):
        self.posts = []
        self.status = 200
        self.url = ""


@contextmanager
def webhook():
    """An HTTP receiver on a free port."""
    hook = Hook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            hook.posts.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(hook.status)
            self.end_headers()

        def log_message(self, *_):
            pass

    with listening(Handler) as port:
        hook.url = f"http://127.0.0.1:{port}"
        yield hook


def wait_for(look, seconds=WAIT_SECONDS):
    """What a look finds, once it finds something; what it found last, after a while."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
    return found
