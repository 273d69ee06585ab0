"""The sections about what is sent: by which mail server, to which channels, and where daily seals are published."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, EmailStr, Field, ValidationInfo, field_validator, model_validator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import Strict, encrypted_endpoint, is_this_machine


class MailServer(Strict):
    """An SMTP server to send through.

    Args:
        host: The name of the server.
        port: The port of the server.
        security: ``starttls``, ``tls`` from the first byte, or ``none`` on a machine's own loopback.
        username: The user name for the login; empty for none.
        password: A reference to the password.
        sender: The sender's address.
    """

    host: str = Field(min_length=1)
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretRef | None = None
    sender: EmailStr

    @field_validator("security")
    @classmethod
    def _keeps_secrets(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and not is_this_machine(info.data.get("host", "")):
            raise ValueError(
                "without encryption anybody on the way could read the mail and the login; use starttls or tls "
                "(none is for a server on this machine, such as localhost)"
            )
        return security


class Notifications(Strict):
    """The delivery of alerts to people.

    Args:
        mail: The mail server; without one no one is notified by e-mail.
        channels: Notification blocks of Prefect as ``<type>/<name>``, such as ``slack-webhook/privacy-team``, to which
            every alert and every notice of new work is sent too.
        link_base: The address of Prefect's UI as people reach it; by default the one in Prefect's settings.
    """

    mail: MailServer | None = None
    channels: tuple[Annotated[str, Field(pattern="^[a-z0-9-]+/[a-z0-9-]+$")], ...] = ()
    link_base: str = ""


class DeliverySettings(Strict):
    """The delivery of an answer to the person.

    Args:
        passphrase_channel: The channel for the package's passphrase, other than the package's own.
        mail: The mail server for acknowledgements, questions and notices to people who wrote by e-mail or web form;
            without one a person sends them. Answers and refusals are never sent automatically: a person mails them from
            their page at the desk, or sends them in another way.
        attach_package_up_to_mb: The largest size in megabytes at which the encrypted access package is attached to its
            letter by mail, to an address that a code proved; 0: never, a person hands it out. Many mail servers accept
            10 MB, of which an attachment is three quarters.
        package_after_call_back: Whether a package is mailed to the address that the request gave as well, if identity
            was confirmed by a call back to the number on file; the ledger names that kind of address.
    """

    passphrase_channel: str = "by telephone from the case owner"  # noqa: S105 - a channel, not a passphrase
    mail: MailServer | None = None
    attach_package_up_to_mb: Annotated[int, Field(ge=0, le=50)] = 7
    package_after_call_back: bool = False


class SealBucket(Strict):
    """The connection to the bucket that seals are published in.

    Args:
        endpoint_url: The server, if it is not Amazon's.
        region: Its region; by default what boto3 finds in the environment.
        access_key_id: The id of a key; without it boto3's usual sources apply (environment, profile, role).
        secret_access_key: The key's secret.
    """

    endpoint_url: Annotated[str, AfterValidator(encrypted_endpoint)] | None = None
    region: str | None = None
    access_key_id: SecretRef | None = None
    secret_access_key: SecretRef | None = None

    @model_validator(mode="after")
    def _key_and_secret(self) -> SealBucket:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("give both access_key_id and secret_access_key, or neither")
        return self


def _known_place(place: str) -> str:
    kinds = r"file:/.+|mailto:[^@\s]+@[^@\s]+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?"
    if not re.fullmatch(kinds, place):
        raise ValueError("name places like file:/srv/seals, mailto:auditor@example.com or s3://bucket/prefix")
    return place


class Seals(Strict):
    """The daily seal of the ledger.

    Args:
        publish: The places where each seal is published, preferably beyond the reach of anyone who controls the case
            store: ``file:`` a folder, ``mailto:`` a mailbox, ``s3://`` a bucket with Object Lock.
        mail: The mail server; by default that of the notifications.
        s3: The connection to the buckets.
        keep_years: The number of years for which no one can remove a seal from a bucket.
        overlap_days: The number of days for which an old signing key signs together with its successor.
    """

    publish: tuple[Annotated[str, Field(max_length=200), AfterValidator(_known_place)], ...] = ()
    mail: MailServer | None = None
    s3: SealBucket = SealBucket()
    keep_years: Annotated[int, Field(ge=1, le=100)] = 10
    overlap_days: Annotated[int, Field(ge=1, le=366)] = 30
