"""Class of document of a version, by the rules of the configuration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from connectors.s3.bucket import Bucket
from connectors.s3.hits import LOCATE
from connectors.s3.objects import Version
from connectors.s3.settings import DocumentRule
from rightsflow.domain.vocabulary.records import DocumentClass


def document_class(bucket: Bucket, version: Version, rules: tuple[DocumentRule, ...]) -> DocumentClass | None:
    """Return the class of the first matching rule; ``None`` if no rule matches.

    Metadata and tags are read where a rule needs them only. A delete marker has neither.

    Args:
        bucket: The bucket.
        version: The version.
        rules: The rules, in order.
    """
    read = _Reading(bucket, version)
    return next((rule.document_class for rule in rules if _fits(read, rule)), None)


@dataclass
class _Reading:
    """A version with lazily read metadata and tags."""

    bucket: Bucket
    version: Version

    @cached_property
    def metadata(self) -> Mapping[str, str]:
        if self.version.is_marker:
            return {}
        head = self.bucket.head(self.version, operation=LOCATE)
        return {name.casefold(): value for name, value in head.metadata.items()} if head else {}

    @cached_property
    def tags(self) -> Mapping[str, str]:
        return {} if self.version.is_marker else self.bucket.tags(self.version, operation=LOCATE) or {}


def _fits(read: _Reading, rule: DocumentRule) -> bool:
    if not read.version.key.startswith(rule.prefix):
        return False
    if rule.metadata:
        return read.metadata.get(rule.metadata.casefold()) == rule.value
    return not rule.tag or read.tags.get(rule.tag) == rule.value
