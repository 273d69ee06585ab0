"""The sections about the ledger's daily seal: where it is published and how that place is reached."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.endpoints import encrypted_endpoint
from rightsflow.config.sections.mail_server import MailServer
from rightsflow.config.sections.section import Strict


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
