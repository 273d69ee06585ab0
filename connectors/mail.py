"""Mail through an SMTP server: alerts to the compliance team, and letters to the data subject.

This module is loaded by the Prefect server too, which sends the alerts; it therefore imports nothing heavy.
"""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from typing import Literal

from rightsflow.errors import ConnectorError, Refused, Transient

Security = Literal["starttls", "tls", "none"]

_OF_THE_MAIL = (
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPDataError,
    smtplib.SMTPNotSupportedError,
    MessageError,
    ValueError,
)
"""Faults of one mail: its address or its content; another mail may go through."""
_OF_THE_SERVER = (OSError, smtplib.SMTPException, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One mail to one address.

    Args:
        to_email: The address.
        to_name: Whose it is; may be empty.
        subject: The subject line; one line is made of it.
        body: The text.
        headers: Further headers.
        message_id: Its Message-ID without the domain, where the same mail may be sent twice and has to be known again.
    """

    to_email: str = field(repr=False)
    to_name: str = field(default="", repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpServer:
    """An SMTP server to send through.

    Args:
        host: Its name.
        port: Its port.
        security: ``starttls``, ``tls`` from the first byte, or ``none`` on a machine's own loopback.
        username: For its login; empty for none.
        password: For its login.
        sender_email: The address that mails come from.
        sender_name: The name that goes with it.
        timeout_seconds: How long the server may take for each answer.
    """

    host: str
    port: int
    security: Security
    username: str = ""
    password: str = field(default="", repr=False)
    sender_email: str
    sender_name: str = "Rightsflow"
    timeout_seconds: float = 10.0

    def send(self, mail: Mail) -> None:
        """Hand a mail to the server.

        Args:
            mail: The mail.

        Raises:
            Refused: The server does not take this mail, because of its address or its content.
            Transient: The server did not do its work. Either text names the server and the fault and no address.
        """
        with self._faults_as(Refused, _OF_THE_MAIL):
            message = self._message(mail)
        with self._faults_as(Transient, _OF_THE_SERVER), closing(self._connect()) as server:
            if self.username:
                server.login(self.username, self.password)
            with self._faults_as(Refused, _OF_THE_MAIL):
                server.send_message(message)
            # It is sent now, whatever the server makes of the farewell.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()

    def _connect(self) -> smtplib.SMTP:
        if self.security == "tls":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(self.host, self.port, timeout=self.timeout_seconds, context=context)
        server = smtplib.SMTP(self.host, self.port, timeout=self.timeout_seconds)
        if self.security == "starttls":
            try:
                server.starttls(context=ssl.create_default_context())
            except Exception:
                server.close()
                raise
        return server

    def _message(self, mail: Mail) -> EmailMessage:
        sender = _wire_address(self.sender_email)
        domain = sender.rpartition("@")[2]
        message = EmailMessage(policy=SMTP)
        message["From"] = Address(_one_line(self.sender_name), addr_spec=sender)
        message["To"] = Address(_one_line(mail.to_name), addr_spec=_wire_address(mail.to_email))
        message["Subject"] = _one_line(mail.subject)
        message["Date"] = localtime()
        message["Message-ID"] = f"<{mail.message_id}@{domain}>" if mail.message_id else make_msgid(domain=domain)
        # RFC 3834, and its equivalent at Exchange: nobody's absence is to answer a machine. Reports that a mail could
        # not be delivered (NDR) are wanted.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
        for name, value in mail.headers.items():
            message[name] = _one_line(value)
        message.set_content(mail.body, charset="utf-8", cte="quoted-printable")
        return message

    @contextmanager
    def _faults_as(self, kind: type[Refused | Transient], faults: tuple[type[Exception], ...]) -> Iterator[None]:
        """Let some faults inside the block come out in words that name no address."""
        try:
            yield
        except faults as error:
            # Its own text may hold the address, as that of SMTPRecipientsRefused does.
            raise self._named(kind, error) from None

    def _named(self, kind: type[Refused | Transient], error: Exception) -> ConnectorError:
        code = next(_codes(error), None)
        return kind(
            f"The mail server {self.host}:{self.port} did not take a mail: {type(error).__name__}.",
            system="mail",
            operation="send",
            status="" if code is None else str(code),
        )


def _codes(error: Exception) -> Iterator[int]:
    if isinstance(error, smtplib.SMTPResponseException):
        yield error.smtp_code
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        yield from (code for code, _ in error.recipients.values())


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _wire_address(address: str) -> str:
    """The address with its domain as DNS spells it, so that it does not need a server that knows SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"
