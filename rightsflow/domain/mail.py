"""Mail as a port: what is sent, and what sends it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that goes with a mail.

    Args:
        name: What it is called; nothing of a person.
        media_type: What it is, such as ``application/zip``.
        content: Its bytes.
    """

    name: str
    media_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """A mail to one address.

    Args:
        to_email: The address.
        to_name: Whose it is; may be empty.
        subject: The subject line; one line is made of it.
        body: The text.
        headers: Further headers.
        message_id: Its Message-ID without the domain, where the same mail may be sent twice and has to be known again.
        attachment: The file that goes with it; ``None`` for none.
    """

    to_email: str = field(repr=False)
    to_name: str = field(default="", repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    message_id: str = ""
    attachment: Attachment | None = None


@dataclass(frozen=True, slots=True)
class Taken:
    """The answer with which a server took a mail.

    Args:
        code: Its code, such as ``250``.
        text: The text behind it, which is free and may hold the address.
    """

    code: str
    text: str = field(repr=False)


class MailTransport(Protocol):
    """A transport that passes mails on, such as an SMTP server."""

    def send(self, mail: Mail) -> Taken:
        """Hand a mail on.

        Args:
            mail: The mail.

        Returns:
            The answer with which it was taken.

        Raises:
            Permanent: This mail will never be taken, because of its address or its content.
            Refused: This mail is not taken now; it may be later.
            Transient: The transport did not do its work.
        """

    def probe(self) -> None:
        """Connect and log in without sending.

        Raises:
            Transient: It cannot be reached, or does not let us in.
        """
