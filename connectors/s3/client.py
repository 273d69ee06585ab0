"""The client of boto3, with time-outs on every call and the secrets read whenever it is asked for."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Literal, TypedDict

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader
from botocore.utils import parse_timestamp

from connectors.s3.bucket_calls import count_calls
from connectors.s3.errors import translated
from connectors.s3.patience import limit_answers
from connectors.s3.settings import S3Settings

if TYPE_CHECKING:
    from botocore.config import _S3Dict
    from mypy_boto3_s3.client import S3Client

WORKERS = 16
"""Calls at once, and connections kept; S3 takes thousands a second, a small server behind endpoint_url does not."""


# Keeps the description of S3's interface, which takes far longer to read than a client to make.
_LOADER = Loader()


class Clients:
    """Makes a client for each pair of keys: to make one takes longer than most calls.

    Args:
        settings: The system's section.
        system: The system's name in the configuration.
        attempts: How often one call is tried; boto3 waits in between, and longer each time.
    """

    def __init__(self, settings: S3Settings, system: str, *, attempts: int) -> None:
        self._settings, self._system, self._attempts = settings, system, attempts
        self._last: tuple[dict[str, str], S3Client] | None = None

    def current(self) -> S3Client:
        """Return a client with the present secrets; no call is made yet.

        Raises:
            Misconfigured: A secret is missing, or boto3 finds no region.
        """
        keys = _keys(self._settings)
        if self._last is not None and self._last[0] == keys:
            return self._last[1]
        made = _make_client(self._settings, self._system, keys, attempts=self._attempts)
        # Without keys in the section, boto3 takes them from the environment, which may change as well.
        self._last = (keys, made) if keys else None
        return made


def _keys(settings: S3Settings) -> dict[str, str]:
    if not (settings.access_key_id and settings.secret_access_key):
        return {}
    return {
        "aws_access_key_id": settings.access_key_id.reveal(),
        "aws_secret_access_key": settings.secret_access_key.reveal(),
    }


def _make_client(settings: S3Settings, system: str, keys: dict[str, str], *, attempts: int) -> S3Client:
    with translated(system, "connect"):
        shared = botocore.session.Session()
        shared.register_component("data_loader", _LOADER)
        shared.get_component("response_parser_factory").set_parser_defaults(timestamp_parser=read_instant)
        session = boto3.session.Session(region_name=_region(settings), botocore_session=shared, **keys)
        client = session.client("s3", endpoint_url=settings.endpoint_url, config=_config(settings, attempts))
    limit_answers(client, settings.answer_bounds, attempts)
    count_calls(client, system)
    return client


def read_instant(value: str | float) -> datetime:
    """An instant in an answer, in the forms that botocore reads.

    A listing has one in every entry, in ISO 8601, which botocore's own reader takes half of the listing's time for.

    Args:
        value: As the store wrote it.
    """
    try:
        read = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        read = None
    return read if read is not None and read.tzinfo is not None else parse_timestamp(str(value))


def _region(settings: S3Settings) -> str | None:
    # Other servers than Amazon's have no regions, but the signature wants one.
    return settings.region or ("us-east-1" if settings.endpoint_url else None)


class _Elsewhere(TypedDict, total=False):
    """Options for servers other than Amazon's."""

    s3: _S3Dict
    request_checksum_calculation: Literal["when_required"]
    response_checksum_validation: Literal["when_required"]


def _config(settings: S3Settings, attempts: int) -> Config:
    # Other servers are reached by path, and many know none of S3's newer checksums.
    elsewhere: _Elsewhere = (
        {
            "s3": {"addressing_style": "path"},
            "request_checksum_calculation": "when_required",
            "response_checksum_validation": "when_required",
        }
        if settings.endpoint_url
        else {}
    )
    return Config(
        connect_timeout=5,
        read_timeout=settings.answers_within / attempts,
        retries={"mode": "standard", "total_max_attempts": attempts},
        max_pool_connections=WORKERS,
        user_agent_extra="rightsflow",
        **elsewhere,
    )
