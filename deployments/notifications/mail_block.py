"""A Prefect notification block that mails one person through an SMTP server.

The Prefect server and other projects' programs load this module by :mod:`rightsflow.entry.mail_block`; it therefore
imports little of ours. Prefect's own e-mail blocks send through a third party's service or hide why they failed.
"""

from __future__ import annotations

import asyncio
from typing import ClassVar

from prefect.blocks.abstract import NotificationBlock, NotificationError
from pydantic import EmailStr, Field, SecretStr

from connectors.mail import Security, SmtpServer
from rightsflow.domain.errors import ConnectorError
from rightsflow.domain.mail import Mail


class RightsflowMail(NotificationBlock):
    """Mails one person. Rightsflow manages these blocks; change ``rightsflow.toml`` instead.

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
    security: Security = "starttls"
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
        server = SmtpServer(
            host=self.host,
            port=self.port,
            security=self.security,
            username=self.username,
            password=self.password.get_secret_value(),
            sender_email=self.sender,
            timeout_seconds=self.timeout_seconds,
        )
        mail = Mail(
            to_email=self.recipient_email,
            to_name=self.recipient_name,
            subject=subject or "",
            body=body,
            headers={"X-Rightsflow": "alert"},
        )
        try:
            await asyncio.to_thread(server.send, mail)
        except ConnectorError as error:
            raise NotificationError(str(error)) from None
