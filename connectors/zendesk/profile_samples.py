"""Checking on stored profiles that the settings read the identifiers that a search relies on."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from connectors.zendesk.client import PAGE
from connectors.zendesk.session import Session
from connectors.zendesk.shapes import Record
from rightsflow.domain.connector import Sample
from rightsflow.domain.identifiers import IdentifierKind, parse_leniently

_CONTACT = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})


def samples(session: Session) -> Iterator[Sample]:
    """Yield a sample for e-mail addresses and numbers, and one for each configured field; one call.

    Args:
        session: The operation's means.
    """
    listed = session.api.by_cursor("/users", "users", {"role": "end-user"})
    users = list(islice(listed, PAGE))
    read = [session.directory.person(user, ()).identifiers for user in users]
    contacts = sum(any(identifier.kind in _CONTACT for identifier in identifiers) for identifiers in read)
    yield Sample(what="end users with an e-mail address or a phone number", looked_at=len(users), readable=contacts)
    settings = session.settings
    customer_ids = _field(settings.customer_id_field, users)
    # Accounts that keep no customer ids need not say so: the field has a default.
    if customer_ids.looked_at or "customer_id_field" in settings.model_fields_set:
        yield customer_ids
    for field in settings.account_id_fields:
        yield _field(field, users)


def _field(field: str, users: Sequence[Record]) -> Sample:
    """Return a sample of a field; a field in no profile is misspelt, and counts as unreadable in each."""
    if field == "external_id":
        values = [user.get(field) for user in users]
    else:
        holders = [fields for user in users if field in (fields := user.get("user_fields") or {})]
        values = [fields[field] for fields in holders]
        if not holders:
            return Sample(what=f"end users with the field {field}", looked_at=len(users), readable=0)
    filled = [value for value in values if value not in (None, "")]
    # Account ids are read as customer ids are; who issued them does not matter here.
    readable = sum(parse_leniently(IdentifierKind.CUSTOMER_ID, value) is not None for value in filled)
    return Sample(what=f"values of the field {field}", looked_at=len(filled), readable=readable)
