"""The client of boto3, with time-outs on every call and the secrets read when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import Loader

from connectors.s3.counting import count_calls
from connectors.s3.errors import translated
from connectors.s3.patience import limit_answers
from connectors.s3.settings import S3Settings

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

WORKERS = 16
"""Calls at once, and connections kept; S3 takes thousands a second, a small server behind endpoint_url does not."""


# Keeps the description of S3's interface, which takes far longer to read than a client to make.
_LOADER = Loader()


def make_client(settings: S3Settings, system: str, *, attempts: int) -> S3Client:
    """Make a client; no call is made yet.

    Args:
        settings: The system's section.
        system: The system's name in the configuration.
        attempts: How often one call is tried; boto3 waits in between, and longer each time.

    Raises:
        Misconfigured: A secret is missing, or boto3 finds no region.
    """
    keys: dict[str, Any] = {}
    if settings.access_key_id and settings.secret_access_key:
        keys = {
            "aws_access_key_id": settings.access_key_id.reveal(),
            "aws_secret_access_key": settings.secret_access_key.reveal(),
        }
    with translated(system, "connect"):
        shared = botocore.session.Session()
        shared.register_component("data_loader", _LOADER)
        session = boto3.session.Session(**keys, region_name=_region(settings), botocore_session=shared)
        client = session.client("s3", endpoint_url=settings.endpoint_url, config=_config(settings, attempts))
    limit_answers(client, settings.answers_within / attempts)
    count_calls(client, system)
    return client


def _region(settings: S3Settings) -> str | None:
    # Other servers than Amazon's have no regions, but the signature wants one.
    return settings.region or ("us-east-1" if settings.endpoint_url else None)


def _config(settings: S3Settings, attempts: int) -> Config:
    # Other servers are reached by path, and many know none of S3's newer checksums.
    elsewhere: dict[str, Any] = (
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
