"""Objects that name the person in their key."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.s3.bucket import Bucket
from connectors.s3.bucket_samples import under
from connectors.s3.hits import LOCATE, Hit, owner_of
from connectors.s3.objects import Stored, Version
from connectors.s3.settings import MatchByKey
from connectors.s3.template import KeyTemplate
from rightsflow.domain.connector import Sample
from rightsflow.domain.identifiers import IdentifierKind, Identifiers


class KeyFinder:
    """Objects that name the person in their key.

    Args:
        match: The settings.
        prefix: What stands before the template.
        country: ISO 3166-1 alpha-2 code in which national numbers are read.
        issuer: The system that issued the account ids.
    """

    def __init__(self, match: MatchByKey, prefix: str, country: str, issuer: str) -> None:
        self._template = KeyTemplate(match.template, issuer)
        self._prefix = prefix
        self._country = country

    @property
    def searches(self) -> frozenset[IdentifierKind]:
        """The kinds in the template."""
        return self._template.kinds

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """List the prefixes the person's keys can have, and read each key back."""
        for prefix in self._template.prefixes(known, self._country):
            for stored in bucket.stored(f"{self._prefix}{prefix}", operation=LOCATE):
                read = self._template.read(stored.key.removeprefix(self._prefix), self._country)
                if read and (owner := owner_of(read[0], known)):
                    yield from (Hit(version=record, owner=owner, started_at=read[1]) for record in stored.records)

    def samples(self, bucket: Bucket) -> Iterator[Sample]:
        """Yield a sample for each identifier in the template, from the first page of keys that begin as it does."""
        beginning = f"{self._prefix}{self._template.beginning}"
        shown, _ = bucket.first_page(beginning, operation=LOCATE)
        read = [self._template.read(item.key.removeprefix(self._prefix), self._country) for item in shown]
        for kind in sorted(self._template.kinds):
            readable = sum(any(item.kind is kind for item in each[0]) for each in read if each)
            what = f"object keys{under(beginning)} with {{{kind}}} in the template"
            yield Sample(what=what, looked_at=len(read), readable=readable)

    def is_shared(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:  # noqa: ARG002
        """Never: the key names one person."""
        return False

    def is_anothers(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:  # noqa: ARG002
        """Never: the key of a version stays."""
        return False

    def mine(self, bucket: Bucket, stored: Stored, known: Identifiers) -> frozenset[Version]:  # noqa: ARG002
        """All of them: the key names one person, whatever was stored under it."""
        return frozenset(stored.versions)
