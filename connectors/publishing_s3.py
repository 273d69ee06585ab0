"""A bucket with Object Lock to publish seals in: no one, its owner included, can remove one before its time."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from typing import TYPE_CHECKING, Protocol, TypedDict

import boto3
from botocore.config import Config
from dateutil.relativedelta import relativedelta

from connectors.bounds import AnswerBounds
from connectors.s3.client import limit_answers
from connectors.s3.errors import NO_LOCK_CODES, StoreError, translated
from rightsflow.config.sections.mail_server import SealBucket
from rightsflow.domain.errors import Misconfigured, Refused

if TYPE_CHECKING:
    from botocore.config import _S3Dict
    from mypy_boto3_s3.client import S3Client

_SYSTEM = "seals"
_OPERATION = "publish"
_TAKEN_CODES = frozenset({"PreconditionFailed", "412"})
_ATTEMPTS = 3
_SECONDS = 30


class _Keys(TypedDict, total=False):
    aws_access_key_id: str
    aws_secret_access_key: str


class _Elsewhere(TypedDict, total=False):
    """Options for servers other than Amazon's."""

    s3: _S3Dict


class _Publication(Protocol):
    @property
    def name(self) -> str:
        """The object's name."""

    @property
    def text(self) -> str:
        """The object's text."""


@dataclass(frozen=True, slots=True)
class LockedBucket:
    """A bucket that was made with Object Lock.

    Args:
        client: A client of boto3.
        name: The bucket's name.
        prefix: What the keys begin with.
        keep_years: For how many years no one can remove a seal.
        now: Gives the present instant (aware).
    """

    client: S3Client
    name: str
    prefix: str
    keep_years: int
    now: Callable[[], datetime]

    def publish(self, publication: _Publication) -> None:
        """Store the seal under its name, locked (mode ``COMPLIANCE``), unless it exists.

        Raises:
            Misconfigured: The bucket knows no locks, or a setting or a right is wrong.
            Refused: There is another object under its name.
            Transient: The store does not answer.
        """
        key, body = f"{self.prefix}{publication.name}", publication.text.encode()
        try:
            with translated(_SYSTEM, _OPERATION, expected=_TAKEN_CODES | NO_LOCK_CODES):
                self.client.put_object(
                    Bucket=self.name,
                    Key=key,
                    Body=body,
                    ContentType="application/json",
                    # S3 takes a lock only with a checksum that is in the headers.
                    ContentMD5=base64.b64encode(md5(body, usedforsecurity=False).digest()).decode(),
                    IfNoneMatch="*",
                    ObjectLockMode="COMPLIANCE",
                    ObjectLockRetainUntilDate=self.now() + relativedelta(years=self.keep_years),
                )
        except StoreError as error:
            if error.code not in _TAKEN_CODES:
                raise Misconfigured(
                    f"The bucket {self.name} takes no locked objects ({error.code}); use one made with Object Lock."
                ) from None
            self._refuse_another(key, body)

    def _refuse_another(self, key: str, body: bytes) -> None:
        with translated(_SYSTEM, _OPERATION):
            there = self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
        if there != body:
            raise Refused(f"The bucket {self.name} holds another object as {key}; find out who wrote it.")


def bucket_place(path: str, settings: SealBucket, keep_years: int, now: Callable[[], datetime]) -> LockedBucket:
    """A bucket from how the settings name it; no call is made yet.

    Args:
        path: The bucket's name and, behind a slash, the prefix.
        settings: How the store is reached.
        keep_years: For how many years no one can remove a seal.
        now: Gives the present instant (aware).

    Raises:
        Misconfigured: A secret is missing, or no region is known.
    """
    name, _, prefix = path.partition("/")
    keys: _Keys = {}
    if settings.access_key_id and settings.secret_access_key:
        keys = {
            "aws_access_key_id": settings.access_key_id.reveal(),
            "aws_secret_access_key": settings.secret_access_key.reveal(),
        }
    with translated(_SYSTEM, "connect"):
        # Other servers than Amazon's have no regions, but the signature wants one.
        region = settings.region or ("us-east-1" if settings.endpoint_url else None)
        client = boto3.session.Session(**keys, region_name=region).client(
            "s3", endpoint_url=settings.endpoint_url, config=_config(settings)
        )
        limit_answers(client, AnswerBounds(seconds=_SECONDS), 1)
    return LockedBucket(client, name, f"{prefix.rstrip('/')}/" if prefix.strip("/") else "", keep_years, now)


def _config(settings: SealBucket) -> Config:
    elsewhere: _Elsewhere = {"s3": {"addressing_style": "path"}} if settings.endpoint_url else {}
    return Config(
        connect_timeout=5,
        read_timeout=_SECONDS,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        request_checksum_calculation="when_required",
        user_agent_extra="rightsflow",
        **elsewhere,
    )
