"""Which class of document an object is, by the beginning of its key, its metadata and its tags."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

import pytest
from pydantic import ValidationError

from connectors.s3.bucket import Bucket
from connectors.s3.kinds import document_class
from connectors.s3.objects import ObjectHead, Version
from connectors.s3.settings import DocumentRule
from rightsflow.domain.vocabulary.records import DocumentClass

NOW = datetime(2026, 3, 5, tzinfo=UTC)
ORDER = Version(key="calls/orders/1.wav", version_id="a", is_marker=False, is_latest=True, modified_at=NOW)


class Shelf:
    """A bucket with one object; counts what is read."""

    def __init__(self) -> None:
        self.reads: list[str] = []

    def head(self, version: Version) -> ObjectHead | None:
        self.reads.append("head")
        metadata = {"desk": "orders"}
        return ObjectHead(
            media_type="audio/wav", size=1, modified_at=NOW, metadata=metadata, storage_class="", is_readable=True
        )

    def tags(self, version: Version) -> dict[str, str] | None:
        self.reads.append("tags")
        return {"Class": "order"}


def classed(version: Version, shelf: Shelf, *rules: dict[str, Any]) -> DocumentClass | None:
    read = tuple(DocumentRule.model_validate(rule | {"document_class": "recording"}) for rule in rules)
    return document_class(cast("Bucket", shelf), version, read)


def test_a_rule_fits_where_every_condition_holds_and_is_whole() -> None:
    # Found: recordings of client orders could not be told from those of a support line.
    for rule, fits, reads in (
        ({"prefix": "calls/orders/"}, True, []),
        ({"prefix": "calls/support/"}, False, []),
        ({"metadata": "Desk", "value": "orders"}, True, ["head"]),
        ({"metadata": "desk", "value": "support"}, False, ["head"]),
        ({"tag": "Class", "value": "order"}, True, ["tags"]),
        ({"tag": "class", "value": "order"}, False, ["tags"]),
        ({"prefix": "calls/support/", "tag": "Class", "value": "order"}, False, []),
    ):
        shelf = Shelf()
        assert classed(ORDER, shelf, rule) == (DocumentClass.RECORDING if fits else None)
        assert shelf.reads == reads, "what no rule needs is not read"
    # A rule without a whole condition is refused.
    for rule in ({}, {"metadata": "a"}, {"value": "a"}, {"metadata": "a", "tag": "b", "value": "c"}):
        with pytest.raises(ValidationError):
            DocumentRule.model_validate(rule | {"document_class": "none"})


def test_metadata_are_read_once_and_a_delete_marker_has_none() -> None:
    shelf = Shelf()
    rules = [{"metadata": "desk", "value": "a"}, {"metadata": "desk", "value": "b"}]
    assert classed(ORDER, shelf, *rules) is None
    assert shelf.reads == ["head"]
    marker = Version(key=ORDER.key, version_id="b", is_marker=True, is_latest=True, modified_at=NOW)
    assert classed(marker, shelf, *rules, {"tag": "Class", "value": "order"}) is None
    assert shelf.reads == ["head"]
