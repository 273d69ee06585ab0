"""Invented customers of an invented shop, and the recordings of their calls."""

from __future__ import annotations

import hashlib
from typing import Any

from connectors.registry import ControllerPlace
from connectors.s3 import S3Settings
from connectors.s3.bucket import Bucket
from connectors.s3.objects import Version, kind_of, name_of
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.vocabulary.records import RecordRef

PLACE = ControllerPlace(country="DE", timezone="Europe/Berlin")
PHONE, OTHER_PHONE = "+4930901820", "+4930901821"
CUSTOMER, NEIGHBOUR = "C-1047", "C-10470"
CONTACT, OTHER_CONTACT = "11111111-2222-4333-8444-555555555555", "99999999-2222-4333-8444-555555555555"
BY_METADATA: dict[str, Any] = {"by": "metadata", "keys": {"caller": "phone", "customer-id": "customer_id"}}


def known_as(**given: str) -> Identifiers:
    return frozenset(
        identifier(IdentifierKind(kind), value, country="DE", issuer="recordings") for kind, value in given.items()
    )


class Shop:
    """One prefix of a bucket; remembers whose objects are whose.

    Args:
        s3: A client.
        bucket: The bucket.
        prefix: What its keys begin with; the methods take the rest.
    """

    def __init__(self, s3: Any, bucket: str, prefix: str = "") -> None:
        self.s3 = s3
        self.bucket = bucket
        self.prefix = prefix
        self.mine: set[tuple[str, str]] = set()

    def put(self, name: str, body: bytes = b"sound", *, mine: bool = True, **more: Any) -> str:
        """Store an object, and give its version's id."""
        answer = self.s3.put_object(Bucket=self.bucket, Key=self.prefix + name, Body=body, **more)
        version_id = str(answer.get("VersionId", "null"))
        (self.mine.add if mine else self.mine.discard)((self.prefix + name, version_id))
        return version_id

    def mark_deleted(self, name: str) -> str:
        """Delete as a plain client does, and give the marker's id."""
        answer = self.s3.delete_object(Bucket=self.bucket, Key=self.prefix + name)
        return str(answer.get("VersionId", "null"))

    def remove(self, name: str, version_id: str) -> None:
        self.s3.delete_object(Bucket=self.bucket, Key=self.prefix + name, VersionId=version_id)

    def entries(self, name: str) -> tuple[Version, ...]:
        """The versions and markers under a name, the newest first."""
        return Bucket(self.s3, self.bucket, "recordings", "test").exact(self.prefix + name).entries

    def ref(self, name: str, version_id: str = "") -> RecordRef:
        """The record of a version, by default of the newest entry."""
        entry = next(one for one in self.entries(name) if version_id in {"", one.version_id})
        return RecordRef("recordings", kind_of(name), name_of(entry))

    def refs(self, name: str) -> list[RecordRef]:
        """The records of all versions of a name."""
        return [self.ref(name, one.version_id) for one in self.entries(name) if not one.is_marker]

    def old_ref(self, name: str) -> RecordRef:
        """A record as it was called before versions were told apart."""
        return RecordRef("recordings", kind_of(name), self.prefix + name)

    def pages(self) -> Any:
        return self.s3.get_paginator("list_object_versions").paginate(Bucket=self.bucket, Prefix=self.prefix)

    def left(self) -> list[str]:
        """The name of each version and each delete marker that is there."""
        parts = ("Versions", "DeleteMarkers")
        found = (one["Key"] for page in self.pages() for part in parts for one in page.get(part, ()))
        return sorted(key.removeprefix(self.prefix) for key in found)

    def everything_else(self) -> str:
        """A digest of all that is not the subject's: versions with all that is of them, and delete markers."""
        digest = hashlib.sha256()
        keys = {key for key, _ in self.mine}
        for page in self.pages():
            for one in page.get("Versions", ()):
                if (one["Key"], one["VersionId"]) not in self.mine:
                    digest.update(self._whole(one))
            markers = [
                (one["Key"], one["VersionId"]) for one in page.get("DeleteMarkers", ()) if one["Key"] not in keys
            ]
            digest.update(repr(markers).encode())
        return digest.hexdigest()

    def _whole(self, one: Any) -> bytes:
        where = {"Bucket": self.bucket, "Key": one["Key"], "VersionId": one["VersionId"]}
        answer = self.s3.get_object(**where)
        tags = self.s3.get_object_tagging(**where)["TagSet"]
        facts = (sorted(where.items()), one["IsLatest"], one["LastModified"], answer["Metadata"], tags)
        return repr(facts).encode() + bytes(answer["Body"].read())


def settings(bucket: str, match: dict[str, Any], endpoint: str | None, /, **changes: Any) -> S3Settings:
    return S3Settings.model_validate(
        {
            "connector": "s3",
            "purposes": ["quality of service"],
            "categories": ["call recordings"],
            "source": "the data subject",
            "retention": "90 days",
            "bucket": bucket,
            "match": match,
            "endpoint_url": endpoint,
            "access_key_id": "env:TEST_S3_ID",
            "secret_access_key": "env:TEST_S3_SECRET",
            **changes,
        }
    )
