"""The probe: are the keys good, are the rights sufficient, and what will an erasure in this bucket leave behind?

A right is tried on a key that does not exist: S3 checks the right first, so nothing is read, written or removed.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, TypeVar

from connectors.s3.bucket import Bucket
from connectors.s3.errors import DENIED_CODES, GONE_CODES, NO_LOCK_CODES, StoreError, translated
from connectors.s3.objects import NULL, Version
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import RightsflowError

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_NONE_CODES = (
    GONE_CODES
    | NO_LOCK_CODES
    | {"NoSuchTagSet", "400", "405", "InvalidArgument", "InvalidObjectState", "InvalidRange", "416"}
    | {"ReplicationConfigurationNotFoundError", "NoSuchLifecycleConfiguration"}
)


def probe(bucket: Bucket, prefix: str, *, reads_tags: bool) -> Health:
    """Look at the bucket; never raises.

    Args:
        bucket: The bucket.
        prefix: Where its recordings lie.
        reads_tags: Whether objects are found, or seconds of them marked, by their tags.
    """
    try:
        shown, _ = bucket.first_page(prefix)
        sample = next((version for stored in shown for version in stored.versions), None)
        missing = [
            right for right, call in _needed(bucket, prefix, sample, reads_tags) if not _is_allowed(bucket, call)
        ]
        if missing:
            return Health(ok=False, detail=f"Rights are missing on the bucket; grant {', '.join(missing)}.")
        return _state(bucket)
    except RightsflowError as error:
        return Health(ok=False, detail=_sentence(error))


T = TypeVar("T")


def _needed(
    bucket: Bucket, prefix: str, sample: Version | None, reads_tags: bool
) -> Iterator[tuple[str, Callable[[S3Client], object]]]:
    """Each right with a call that needs it."""
    name = bucket.name
    key = f"{prefix}.rightsflow-probe-{uuid.uuid4()}"
    yield "s3:ListBucket", lambda s3: s3.list_objects_v2(Bucket=name, Prefix=prefix, MaxKeys=1)
    yield "s3:GetBucketVersioning", lambda s3: s3.get_bucket_versioning(Bucket=name)
    yield "s3:GetBucketObjectLockConfiguration", lambda s3: s3.get_object_lock_configuration(Bucket=name)
    yield "s3:GetObject", lambda s3: s3.head_object(Bucket=name, Key=key)
    yield "s3:GetObjectVersion", lambda s3: s3.head_object(Bucket=name, Key=key, VersionId=NULL)
    yield "s3:DeleteObjectVersion", lambda s3: s3.delete_object(Bucket=name, Key=key, VersionId=NULL)
    yield "s3:GetObjectRetention", lambda s3: s3.get_object_retention(Bucket=name, Key=key)
    yield "s3:GetObjectLegalHold", lambda s3: s3.get_object_legal_hold(Bucket=name, Key=key)
    if reads_tags:
        yield "s3:GetObjectVersionTagging", lambda s3: s3.get_object_tagging(Bucket=name, Key=key, VersionId=NULL)
    if sample:
        # The right to the encryption key shows only on an object that has one: a single byte of it is asked for.
        yield (
            "kms:Decrypt on the objects' key",
            lambda s3: s3.get_object(Bucket=name, Key=sample.key, VersionId=sample.version_id, Range="bytes=0-0")[
                "Body"
            ].close(),
        )


def _state(bucket: Bucket) -> Health:
    with translated(bucket.system, bucket.operation):
        versioning = bucket.client.get_bucket_versioning(Bucket=bucket.name)
    if versioning.get("MFADelete") == "Enabled":
        mend = "have its owner switch MFA delete off"
        return Health(ok=False, detail=f"Versions of this bucket can be removed with a hardware token only; {mend}.")
    seen = ["The bucket answers", f"versioning is {_VERSIONING[versioning.get('Status')]}"]
    seen.append("Object Lock is on: locked recordings stay" if bucket.locks_objects else "Object Lock is off")
    if _has_rules(bucket, lambda s3: s3.get_bucket_replication(Bucket=bucket.name).get("ReplicationConfiguration")):
        seen.append("replication is on: the replicas have to be erased in their own bucket")
    if _has_rules(bucket, lambda s3: s3.get_bucket_lifecycle_configuration(Bucket=bucket.name)):
        seen.append("lifecycle rules are set")
    # Stores without this right show each key its own buckets, and no one can take that away.
    listed = _optional(bucket, lambda s3: s3.list_buckets(MaxBuckets=2))
    sees_others = any(item.get("Name") != bucket.name for item in (listed.get("Buckets", ()) if listed else ()))
    excessive = ("lists other buckets of the account (s3:ListAllMyBuckets)",) if sees_others else ()
    return Health(ok=True, detail=f"{'; '.join(seen)}.", excessive_rights=excessive)


_VERSIONING = {"Enabled": "on", "Suspended": "suspended (older versions are kept)", None: "off"}


def _is_allowed(bucket: Bucket, call: Callable[[S3Client], object]) -> bool:
    try:
        with translated(bucket.system, bucket.operation, expected=_NONE_CODES | DENIED_CODES):
            call(bucket.client)
    except StoreError as error:
        return error.code not in DENIED_CODES
    return True


def _has_rules(bucket: Bucket, call: Callable[[S3Client], Mapping[str, object] | None]) -> bool:
    """Return whether a configuration exists and has rules; RadosGW answers with an empty one."""
    return bool((_optional(bucket, call) or {}).get("Rules"))


def _optional(bucket: Bucket, call: Callable[[S3Client], T | None]) -> T | None:
    """Return the answer to an optional question; ``None`` without the right to ask it."""
    try:
        with translated(bucket.system, bucket.operation, expected=_NONE_CODES | DENIED_CODES):
            return call(bucket.client)
    except StoreError:
        return None


def _sentence(error: RightsflowError) -> str:
    text = str(error)
    return text if text.endswith(".") else f"{text}."
