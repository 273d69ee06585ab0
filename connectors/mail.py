"""Mail through an SMTP server: alerts to the compliance team, and letters to the data subject.

This module is loaded by the Prefect server too, which sends the alerts; it therefore imports nothing heavy.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from typing import TYPE_CHECKING, Literal

from rightsflow.domain.errors import ConnectorError, Permanent, Refused, Transient
from rightsflow.domain.mail import Mail, Taken

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

Security = Literal["starttls", "tls", "none"]

_UNWRITABLE = (smtplib.SMTPNotSupportedError, MessageError, ValueError)
"""Faults of an address or a content that cannot be put on the way at all."""
_REFUSALS = (smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError)
"""The server's no to one mail; another mail may go through."""
_OF_THE_SERVER = (OSError, smtplib.SMTPException, ValueError)

_FOR_GOOD = re.compile(r"5\.(?:1\.(?![78]\b)|6\.)\d")
"""The codes for an address that does not exist and a content that cannot be taken (RFC 3463, 3.2 and 3.7).

5.1.7 and 5.1.8 are about the sender. Everything else, such as 5.7.1 (relaying denied), is the server's to be fixed.
"""


class _Answering(smtplib.SMTP):
    """A connection that stores the answer with which the server accepted the mail; ``smtplib`` drops it."""

    taken: tuple[int, bytes] = (0, b"")

    def data(self, msg: ReadableBuffer | str) -> tuple[int, bytes]:
        """Send the mail's text and store the answer."""
        self.taken = super().data(msg)
        return self.taken


class _AnsweringTls(_Answering, smtplib.SMTP_SSL):
    """The same, encrypted from the first byte."""


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

    def send(self, mail: Mail) -> Taken:
        """Hand a mail to the server.

        Returns:
            The answer with which the server took it.

        Raises:
            Permanent: This mail will never be taken, because of its address or its content.
            Refused: The server does not take this mail now; it may later, or once the server is corrected.
            Transient: The server did not do its work. Each text names the server and the fault and no address.
        """
        with self._faults_as(Permanent, _UNWRITABLE, "send"):
            message = self._message(mail)
        with self._logged_in("send") as server:
            with self._faults_as(Permanent, (*_UNWRITABLE, *_REFUSALS), "send"):
                server.send_message(message)
            # The mail is sent now, whatever the server answers to the farewell.
            with suppress(OSError, smtplib.SMTPException):
                server.quit()
            code, text = server.taken
            return Taken(str(code), _text(text))

    def probe(self) -> None:
        """Connect, log in and take leave; no mail is sent.

        Raises:
            Transient: The server cannot be reached, is not whom it should be, or does not let us in.
        """
        with self._logged_in("probe") as server:
            server.quit()

    @contextmanager
    def _logged_in(self, operation: str) -> Iterator[_Answering]:
        with self._faults_as(Transient, _OF_THE_SERVER, operation), closing(self._connect()) as server:
            if self.username:
                server.login(self.username, self.password)
            yield server

    def _connect(self) -> _Answering:
        if self.security == "tls":
            context = ssl.create_default_context()
            return _AnsweringTls(self.host, self.port, timeout=self.timeout_seconds, context=context)
        server = _Answering(self.host, self.port, timeout=self.timeout_seconds)
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
        # RFC 3834, and its equivalent at Exchange: no absence is to answer a machine. Reports that a mail could
        # not be delivered (NDR) are wanted.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "DR, RN, NRN, OOF, AutoReply"
        for name, value in mail.headers.items():
            message[name] = _one_line(value)
        message.set_content(mail.body, charset="utf-8", cte="quoted-printable")
        if file := mail.attachment:
            main, _, sub = file.media_type.partition("/")
            message.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)
        return message

    @contextmanager
    def _faults_as(
        self, kind: type[Permanent | Transient], faults: tuple[type[Exception], ...], operation: str
    ) -> Iterator[None]:
        """Replace some errors inside the block by sentences without addresses."""
        try:
            yield
        except faults as error:
            # Its own text may hold the address, as that of SMTPRecipientsRefused does.
            raise self._named(kind, error, operation) from None

    def _named(self, kind: type[Permanent | Transient], error: Exception, operation: str) -> ConnectorError:
        code, text = next(_answers(error), ("", ""))
        may_be_mended = isinstance(error, _REFUSALS) and not _FOR_GOOD.match(text)
        done = "take a mail" if operation == "send" else "let us in"
        return (Refused if may_be_mended else kind)(
            f"The mail server {self.host}:{self.port} did not {done}: {type(error).__name__}.",
            system="mail",
            operation=operation,
            status=code,
        )


def _answers(error: Exception) -> Iterator[tuple[str, str]]:
    """Yield the server's answers: the code and the text behind it."""
    if isinstance(error, smtplib.SMTPResponseException):
        yield str(error.smtp_code), _text(error.smtp_error)
    elif isinstance(error, smtplib.SMTPRecipientsRefused):
        yield from ((str(code), _text(answer)) for code, answer in error.recipients.values())


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _wire_address(address: str) -> str:
    """The address with its domain as DNS spells it, so that it does not need a server that knows SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode('ascii')}"
