"""Clients of the object stores."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config


def client(endpoint: str, key: str, secret: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(s3={"addressing_style": "path"}, connect_timeout=2, read_timeout=20),
    )
