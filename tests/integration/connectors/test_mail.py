"""Mail through a real SMTP server: what arrives, and which faults are the mail's and which the server's."""

from __future__ import annotations

import socket
import socketserver
import threading
from contextlib import contextmanager

import pytest

from connectors.mail import SmtpServer
from rightsflow.domain.errors import Permanent, Refused, Transient
from rightsflow.domain.mail import Mail
from tests.support.post import smtp_server

ADDRESS = "anna.quill@example.com"


def mail(**changes):
    given = {"to_email": ADDRESS, "subject": "Your request", "body": "Dear Anna Quillfeather,\nyes."} | changes
    return Mail(**given)


def server(port, **changes):
    given = {"host": "127.0.0.1", "port": port, "security": "none", "sender_email": "rights@example.com"} | changes
    return SmtpServer(**given)


def test_a_mail_arrives_whole_and_is_known_again():
    # A mail arrives whole.
    with smtp_server() as box:
        server(box.port, sender_name="Example\r\n Devices GmbH").send(
            mail(
                to_name="Anna Quillfeather",
                subject="Your request\r\nBcc: other@example.org",
                body="Grüße\n.\nund Ende\n" + "x" * 2000,
                headers={"Reply-To": "desk@example.com\r\nX-Other: 1"},
            )
        )
    (message,) = box.messages
    assert message["From"] == "Example Devices GmbH <rights@example.com>"
    assert message["To"] == "Anna Quillfeather <anna.quill@example.com>"
    assert message["Subject"] == "Your request Bcc: other@example.org"
    assert (message["Bcc"], message["X-Other"]) == (None, None)
    assert message.get_content().splitlines() == ["Grüße", ".", "und Ende", "x" * 2000]
    assert message["Auto-Submitted"] == "auto-generated"
    assert "NDR" not in [word.strip() for word in message["X-Auto-Response-Suppress"].split(",")]
    assert message["Message-ID"].endswith("@example.com>")
    assert message["Date"].datetime.tzinfo is not None
    ((_, envelope),) = box.envelopes
    assert (envelope.mail_from, envelope.rcpt_tos) == ("rights@example.com", [ADDRESS])
    # The same mail sent twice is known again and others differ.
    with smtp_server() as box:
        for one in (mail(message_id="dsr-2026-aaaaaa.l2"), mail(message_id="dsr-2026-aaaaaa.l2"), mail(), mail()):
            server(box.port).send(one)
    known, again, third, fourth = [message["Message-ID"] for message in box.messages]
    assert known == again == "<dsr-2026-aaaaaa.l2@example.com>"
    assert len({known, third, fourth}) == 3
    # An international domain needs no international server.
    with smtp_server() as box:
        server(box.port, sender_email="recht@beispiel-ä.example").send(mail(to_email="anna@bücher.example"))
    ((_, envelope),) = box.envelopes
    assert envelope.rcpt_tos == ["anna@xn--bcher-kva.example"]
    # A server that hangs up at the farewell has taken the mail.
    with smtp_server(rude=True) as box:
        server(box.port).send(mail())
    assert len(box.messages) == 1


def assert_plain(error, *words):
    assert error.system == "mail"
    assert error.__cause__ is None
    for word in words:
        assert word in str(error)
    for secret in (ADDRESS, "anna", "Quillfeather", "opensesame"):
        assert secret not in str(error)


class TestFaultsOfTheMail:
    def test_a_recipient_is_refused_for_good_only_where_the_code_says_so(self):
        # A recipient no one knows.
        with smtp_server(refused_recipients=True) as box, pytest.raises(Permanent) as caught:
            server(box.port).send(mail())
        assert caught.value.status == "550"
        assert_plain(caught.value, f"The mail server 127.0.0.1:{box.port} did not take a mail", "status 550")
        # Content that is not taken.
        for answer, kind in (
            ("451 come again", Refused),
            ("554 no such content here", Refused),
            ("554 5.7.1 it looks like an advertisement", Refused),
            ("552 5.3.4 too large", Refused),
            ("550 5.6.1 no such content here", Permanent),
        ):
            with smtp_server() as box:
                box.refusal = answer
                with pytest.raises(kind) as caught:
                    server(box.port).send(mail())
            assert caught.value.status == answer[:3]
            assert_plain(caught.value, "SMTPDataError")
        # A recipient is refused for good only where the code says so.
        for answer, kind in (
            ("550 5.1.1 unknown", Permanent),
            ("550-5.1.1 unknown\r\n550 5.1.1 look again", Permanent),
            ("550 5.1.2 no such domain", Permanent),
            ("556 5.1.10 the domain takes no mail", Permanent),
            ("550 5.1.7 the sender is malformed", Refused),
            ("550 5.1.8 the sender is unknown", Refused),
            ("450 4.1.2 no such domain for now", Refused),
            ("550 5.7.1 relaying denied", Refused),
            ("554 5.7.1 relay access denied, see 5.1.1", Refused),
            ("554 relay access denied", Refused),
            ("550 no", Refused),
        ):
            with smtp_server() as box:
                box.recipient_refusal = answer
                with pytest.raises((Permanent, Refused)) as caught:
                    server(box.port).send(mail())
            assert type(caught.value) is kind
            assert caught.value.status == answer[:3]
            assert_plain(caught.value, "SMTPRecipientsRefused")
        # An address that cannot be written to.
        for address in ("anna@" + "b" * 70 + ".example", "anna quill@example.com", "ännä@example.com"):
            with smtp_server(enable_SMTPUTF8=False) as box, pytest.raises(Permanent) as caught:
                server(box.port).send(mail(to_email=address))
            assert caught.value.status == ""
            assert_plain(caught.value)
            assert box.messages == []


class TestFaultsOfTheServer:
    @pytest.mark.apart
    def test_a_server_that_cannot_take_it_is_told(self):
        # No one listens.
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            with pytest.raises(Transient) as caught:
                server(taken.getsockname()[1]).send(mail())
        assert_plain(caught.value, "ConnectionRefusedError")
        # A server that never answers.
        with talking("") as port, pytest.raises(Transient) as caught:
            server(port, timeout_seconds=0.2).send(mail())
        assert_plain(caught.value, f"127.0.0.1:{port}")
        # A server that is busy.
        with talking("421 too busy\r\n") as port, pytest.raises(Transient) as caught:
            server(port).send(mail())
        assert_plain(caught.value, "status 421")
        # A server that knows no starttls gets nothing.
        with smtp_server() as box, pytest.raises(Transient) as caught:
            server(box.port, security="starttls").send(mail())
        assert box.messages == []
        assert_plain(caught.value, "SMTPNotSupportedError")
        # A server that does not speak tls.
        with smtp_server() as box, pytest.raises(Transient):
            server(box.port, security="tls").send(mail())
        assert box.messages == []
        # A login that is refused.
        options = {"auth_require_tls": False, "auth_required": True}
        with smtp_server(with_login=True, **options) as box:
            with pytest.raises(Transient) as caught:
                server(box.port, username="rightsflow", password="wrong").send(mail())
            assert_plain(caught.value, "status 535")
            server(box.port, username="rightsflow", password="opensesame").send(mail())
        assert len(box.messages) == 1
        # A host that is no name.
        with pytest.raises(Transient) as caught:
            server(25, host="a" * 80 + ".example").send(mail())
        assert caught.value.system == "mail"


class TestProbe:
    def test_it_is_let_in_and_leaves_no_mail(self):
        # It is let in and leaves no mail.
        with smtp_server() as box:
            server(box.port).probe()
        assert box.messages == []
        # With the login.
        with smtp_server(with_login=True, auth_require_tls=False, auth_required=True) as box:
            server(box.port, username="rightsflow", password="opensesame").probe()
            with pytest.raises(Transient) as caught:
                server(box.port, username="rightsflow", password="wrong").probe()
        assert set(box.logins) == {(b"rightsflow", b"opensesame"), (b"rightsflow", b"wrong")}
        assert caught.value.operation == "probe"
        assert_plain(caught.value, f"The mail server 127.0.0.1:{box.port} did not let us in", "status 535")
        # A server without the encryption that is asked for.
        for security in ("starttls", "tls"):
            with smtp_server() as box, pytest.raises(Transient, match="did not let us in"):
                server(box.port, security=security).probe()
        # No one listens.
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            with pytest.raises(Transient) as caught:
                server(taken.getsockname()[1]).probe()
        assert_plain(caught.value, "ConnectionRefusedError")


def test_neither_secrets_nor_persons_show():
    shown = repr(mail(to_name="Anna Quillfeather")) + repr(server(25, username="rightsflow", password="opensesame"))
    assert not [word for word in ("anna", "Quillfeather", "opensesame", "Your request") if word in shown]


@contextmanager
def talking(greeting):
    """A server that says its greeting, or nothing, and then waits."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.sendall(greeting.encode())
            self.request.recv(1)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as one:
        threading.Thread(target=one.serve_forever, daemon=True).start()
        try:
            yield one.server_address[1]
        finally:
            one.shutdown()
