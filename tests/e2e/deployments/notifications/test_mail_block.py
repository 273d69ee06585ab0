"""The mail block against a real SMTP server: what arrives, over what, and how it fails."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import sys

import pytest
from prefect.blocks.abstract import NotificationError
from pydantic import SecretStr, ValidationError

from deployments.notifications.mail_block import RightsflowMail
from tests.e2e.deployments.notifications.certificates import authority
from tests.support.post import smtp_server

DPO = "dpo@example.com"


@pytest.fixture
def mailbox():
    with smtp_server() as box:
        yield box


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return authority(tmp_path_factory.mktemp("certificates"))


def block(port, **fields):
    given = {"security": "none", "sender": "alerts@example.com", "recipient_name": "DPO", "recipient_email": DPO}
    return RightsflowMail(host="127.0.0.1", port=port, **(given | fields))


def send(mail, body="A sentence.", subject="A subject"):
    asyncio.run(mail.notify(body, subject))


def failure_of(mail, **texts):
    with pytest.raises(NotificationError) as caught:
        send(mail, **texts)
    return caught.value.log


def test_what_arrives_says_that_a_machine_wrote_it_and_goes_as_plain_ascii_to_one_person(mailbox):
    send(block(mailbox.port, recipient_name="Zoë Müller (DPO)"), body="Fällig am 1. Dezember.\n", subject="Frist läuft")
    (message,) = mailbox.messages
    assert message["Subject"] == "Frist läuft"
    assert message["To"].addresses[0].display_name == "Zoë Müller (DPO)"
    assert message["To"].addresses[0].addr_spec == DPO
    assert message["From"].addresses[0].addr_spec == "alerts@example.com"
    assert message.get_content().replace("\r\n", "\n") == "Fällig am 1. Dezember.\n"

    assert message["Auto-Submitted"] == "auto-generated"
    assert message["X-Rightsflow"] == "alert"
    assert message["Date"].datetime.tzinfo is not None
    assert message["Message-ID"].endswith("@example.com>")

    ((_, envelope),) = mailbox.envelopes
    assert envelope.rcpt_tos == [DPO]
    assert envelope.content.isascii()


def test_each_mail_has_an_id_of_its_own(mailbox):
    mail = block(mailbox.port)
    send(mail)
    send(mail)
    assert len({message["Message-ID"] for message in mailbox.messages}) == 2


def test_a_domain_beyond_ascii_travels_as_dns_spells_it(mailbox):
    send(block(mailbox.port, recipient_email="dpo@müller.example"))
    ((_, envelope),) = mailbox.envelopes
    assert envelope.rcpt_tos == ["dpo@xn--mller-kva.example"]


def test_a_long_mail_without_a_subject(mailbox):
    asyncio.run(block(mailbox.port).notify("ä" * 5000))
    (message,) = mailbox.messages
    assert message["Subject"] == ""
    assert message.get_content().strip() == "ä" * 5000


def test_what_is_no_address_is_no_recipient():
    for address in ("dpo@example.com\r\nBcc: mallory@example.com", "no address", ""):
        with pytest.raises(ValidationError):
            block(25, recipient_email=address)

    shown = repr(block(25, password=SecretStr("opensesame")))
    assert "opensesame" not in shown


def test_tls_at_once_or_after_starttls(certificates, monkeypatch):
    ca_file, context = certificates
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    with smtp_server(tls_context=context, require_starttls=True) as box:
        send(block(box.port, security="starttls"))
        assert [over_tls for over_tls, _ in box.envelopes] == [True]

    with smtp_server(ssl_context=context) as box:
        send(block(box.port, security="tls"))
        assert len(box.messages) == 1


def test_nothing_is_sent_where_the_certificate_or_starttls_is_missing(certificates, monkeypatch, mailbox):
    for security in ("starttls", "tls"):
        monkeypatch.delenv("SSL_CERT_FILE", raising=False)
        options = {"tls_context" if security == "starttls" else "ssl_context": certificates[1]}
        with smtp_server(**options) as box:
            assert "SSLCertVerificationError" in failure_of(block(box.port, security=security))
            assert not box.messages

    assert "SMTPNotSupportedError" in failure_of(block(mailbox.port, security="starttls"))
    assert not mailbox.messages


def test_login(certificates, monkeypatch):
    ca_file, context = certificates
    monkeypatch.setenv("SSL_CERT_FILE", str(ca_file))
    for password, taken in (("opensesame", True), ("wrong-word", False)):
        with smtp_server(tls_context=context, auth_required=True, with_login=True) as box:
            mail = block(box.port, security="starttls", username="alerts", password=SecretStr(password))
            if taken:
                send(mail)
            else:
                told = failure_of(mail)
                assert "535" in told
                assert password not in told
            assert box.logins[0] == (b"alerts", password.encode())
            assert len(box.messages) == taken


def test_a_refusal_is_told_without_the_address(mailbox):
    for refusal in ("550 5.1.1 dpo@example.com is unknown here", "451 try again later", "421 busy"):
        mailbox.refusal = refusal
        told = failure_of(block(mailbox.port))
        assert refusal[:3] in told
        assert DPO not in told

    with smtp_server(refused_recipients=True) as box:
        told = failure_of(block(box.port))
        assert "SMTPRecipientsRefused" in told
        assert "status 550" in told
        assert DPO not in told


def test_a_server_that_is_not_there_or_says_nothing_is_named():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        told = failure_of(block(port))
    assert told.startswith(f"The mail server 127.0.0.1:{port} did not take a mail: ConnectionRefusedError.")

    with socket.create_server(("127.0.0.1", 0)) as silent:
        mail = block(silent.getsockname()[1], timeout_seconds=0.2)
        assert "SMTPServerDisconnected" in failure_of(mail)

    mail = RightsflowMail(
        host="mail.invalid", security="none", sender="a@example.com", recipient_name="DPO", recipient_email=DPO
    )
    assert "mail.invalid:587" in failure_of(mail)


def test_what_breaks_after_the_mail_was_taken_is_no_failure():
    with smtp_server(rude=True) as box:
        send(block(box.port))
        assert len(box.messages) == 1


@pytest.mark.apart
def test_the_server_of_prefect_loads_little_with_it():
    """The module is imported into the Prefect server, which has no use for the rest of Rightsflow."""
    light = ["connectors", "connectors.mail", "rightsflow"]
    light += [f"rightsflow.domain{name}" for name in ("", ".errors", ".mail")]
    code = (
        "import sys, deployments.notifications.mail_block;"
        "print(*sorted(n for n in sys.modules if n.split('.')[0] in {'rightsflow', 'tasks', 'flows', 'connectors'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == light
