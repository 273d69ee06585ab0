"""Violations that are put in on purpose: a judge that does not see them is none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any

from connectors.s3 import S3Connector
from rightsflow.app import current_app, installed
from rightsflow.domain.connector import Connector
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.records import (
    Blob,
    Located,
    Method,
    Outcome,
    OutcomeKind,
    Part,
    Presence,
    PresenceState,
    RecordRef,
)

_MARKED = "?versionId="


class TakesTheKey:
    """A connector of a store that takes all versions of a key for the person's who has one of them.

    Args:
        inner: The connector as it should be.
        client: A client of boto3 that may do everything.
    """

    def __init__(self, inner: S3Connector, client: Any) -> None:
        self._inner, self._client, self._bucket = inner, client, inner._settings.bucket

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """What the real one finds, and its neighbours."""
        found = {one.record: one for one in self._inner.locate(known)}
        beside = {ref: replace(one, record=ref) for one in found.values() for ref in self._beside(one.record)}
        yield from {**beside, **found}.values()

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Recordings without looking whose they are."""
        for ref in refs:
            yield Blob(
                record=ref,
                category="call recordings",
                name="recording.wav",
                media_type="audio/wav",
                open=partial(self._read, ref),
            )

    def _read(self, ref: RecordRef) -> Iterator[bytes]:
        yield self._client.get_object(**self._place(ref))["Body"].read()

    def erase(self, refs: Sequence[RecordRef], method: Method, known: Identifiers) -> Iterator[Outcome]:
        """Removes what it is told, whosever it is."""
        for ref in refs:
            self._client.delete_object(**self._place(ref))
            yield Outcome(record=ref, kind=OutcomeKind.ERASED)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """Calls everything gone."""
        for ref in refs:
            yield Presence(record=ref, state=PresenceState.ABSENT)

    def _beside(self, ref: RecordRef) -> Iterator[RecordRef]:
        key = ref.ref.partition(_MARKED)[0]
        for one in self._client.list_object_versions(Bucket=self._bucket, Prefix=key).get("Versions", []):
            if one["VersionId"] not in ref.ref:
                yield replace(ref, ref=f"{key}{_MARKED}{one['VersionId']}")

    def _place(self, ref: RecordRef) -> dict[str, str]:
        key, _, version = ref.ref.partition(_MARKED)
        return {"Bucket": self._bucket, "Key": key, "VersionId": version.partition("&")[0]}


@contextmanager
def mutated(system: str, connector: Connector) -> Iterator[None]:
    """Work with another connector in the place of a system's.

    Args:
        system: The system.
        connector: The other connector.
    """
    current = current_app()
    with installed(replace(current, connectors={**current.connectors, system: connector})):
        yield
