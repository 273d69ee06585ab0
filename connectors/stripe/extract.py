"""Extracting: one document per record, read afresh and complete."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.stripe.client import Calls, Object
from connectors.stripe.customer_chain import CustomerChain
from connectors.stripe.kinds import KINDS, path_of
from connectors.stripe.readable import readable
from rightsflow.domain.vocabulary.records import Document, RecordRef


def documents(calls: Calls, belonging: CustomerChain, refs: Sequence[RecordRef], timezone: str) -> Iterator[Document]:
    """Yield the documents of these records; deleted records and other people's are skipped.

    Args:
        calls: The calls of this operation.
        belonging: Whose an object is now.
        refs: The records.
        timezone: IANA name of the zone in which times are written.
    """
    for ref in refs:
        kind = KINDS[ref.kind]
        thing = calls.find_with(path_of(ref), kind.expand)
        if thing is None or thing.get("deleted") or belonging.is_anothers(ref, thing):
            continue
        yield Document(record=ref, category=kind.title, content=readable(_complete(calls, thing), timezone))


def _complete(calls: Calls, thing: Object) -> Object:
    """Return the object with its inner lists complete, of which Stripe returns the first ten items."""
    return {key: _completed(calls, value) for key, value in thing.items()}


def _completed(calls: Calls, value: object) -> object:
    if not isinstance(value, dict) or value.get("object") != "list" or not value.get("has_more"):
        return value
    path = str(value.get("url", ""))
    if not path.startswith("/v1/"):
        raise calls.unexpected("a list without an address")
    return {**value, "data": list(calls.listing(path)), "has_more": False}
