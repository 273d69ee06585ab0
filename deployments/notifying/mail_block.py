"""A Prefect notification block that mails one person through an SMTP server.

The Prefect server loads this module by its entry point in the group ``prefect.collections``; it therefore imports
nothing else of ours. Prefect's own e-mail blocks send through somebody else's service or hide why they failed.
"""

from __future__ import annotations

import asyncio
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import localtime, make_msgid
from typing import ClassVar, Literal

from prefect.blocks.abstract import NotificationBlock, NotificationError
from pydantic import EmailStr, Field, SecretStr


class RightsflowMail(NotificationBlock):
    """Mails one person. Rightsflow makes and keeps these blocks; change ``rightsflow.toml`` instead.

    Args:
        host: The SMTP server's name.
        port: Its port.
        security: ``starttls``, ``tls`` from the first byte, or ``none`` on a machine's own loopback.
        username: For its login; empty for none.
        password: For its login.
        sender: The address that the mail comes from.
        recipient_name: The person or role, as the mail names it.
        recipient_email: Their address.
        timeout_seconds: How long the server may take for each answer. It is short, because Prefect's server works
            on two notifications at a time.
    """

    _block_type_name: ClassVar[str] = "Rightsflow Mail"
    _block_type_slug: ClassVar[str] = "rightsflow-mail"
    _description: ClassVar[str] = "Mails alerts of Rightsflow to one person; kept by Rightsflow itself."

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretStr = SecretStr("")
    sender: EmailStr
    recipient_name: str = Field(min_length=1)
    recipient_email: EmailStr
    timeout_seconds: float = Field(default=10.0, gt=0)

    async def notify(self, body: str, subject: str | None = None) -> None:
        """Send a mail.

        Args:
            body: Its text.
            subject: Its subject.

        Raises:
            NotificationError: It was not taken; the text names the server and the fault and no address.
        """
        await asyncio.to_thread(self._send, body, subject or "")

    def _send(self, body: str, subject: str) -> None:
        with self._faults_named(), closing(self._connect()) as server:
            if self.username:
                server.login(self.username, self.password.get_secret_value())
            server.send_message(self._message(body, subject))
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

    def _message(self, body: str, subject: str) -> EmailMessage:
        message = EmailMessage(policy=SMTP)
        message["From"] = Address("Rightsflow", addr_spec=_wire_address(self.sender))
        message["To"] = Address(_one_line(self.recipient_name), addr_spec=_wire_address(self.recipient_email))
        message["Subject"] = _one_line(subject)
        message["Date"] = localtime()
        message["Message-ID"] = make_msgid(domain=_wire_address(self.sender).rpartition("@")[2])
        # RFC 3834, and its equivalent at Exchange: nobody's absence is to answer an alert.
        message["Auto-Submitted"] = "auto-generated"
        message["X-Auto-Response-Suppress"] = "All"
        message["X-Rightsflow"] = "alert"
        message.set_content(body, charset="utf-8", cte="quoted-printable")
        return message

    @contextmanager
    def _faults_named(self) -> Iterator[None]:
        try:
            yield
        except (OSError, smtplib.SMTPException, ValueError) as error:
            # Its own text may hold the address, as that of SMTPRecipientsRefused does.
            raise NotificationError(f"The mail server {self.host}:{self.port} failed: {_fault(error)}.") from None


def _fault(error: Exception) -> str:
    code = next(iter(_codes(error)), None)
    return type(error).__name__ if code is None else f"{type(error).__name__} with code {code}"


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
