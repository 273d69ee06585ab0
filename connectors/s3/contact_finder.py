"""Amazon Connect's layout: folders by day, and file names that begin with the contact's id.

A contact id tells nothing of its day, and the day folders of one contact differ (the analysis lies under the day it
was connected to an agent, in UTC; the recording under another), so no key is computed: every day folder there is, is
looked into. A day with no more than a page of objects costs one call, however many contacts are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from itertools import chain, islice

from connectors.s3.bucket import Bucket
from connectors.s3.bucket_samples import ENOUGH_SAMPLED, SampleTally
from connectors.s3.client import WORKERS
from connectors.s3.hits import LOCATE, Hit
from connectors.s3.names import started_at
from connectors.s3.objects import Stored, Version
from connectors.s3.pool import bounded_map
from connectors.s3.settings import MatchByContact
from rightsflow.domain.connector import MOST_SAMPLED, Sample
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, of_kind

_CONTACT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_FILE_NAME = re.compile(rf"({_CONTACT_ID.pattern})(?![0-9A-Za-z-])")
# From so many contacts on, it is cheaper to read a crowded day to its end than to ask for each contact.
_FEW = 20
_DAYS_SAMPLED = 20


class ContactFinder:
    """Looks into every day folder of every kind for the known contact ids.

    Args:
        match: The settings.
        prefix: What stands before the folders.
        issuer: The system whose account ids the contact ids are.
    """

    searches = frozenset({IdentifierKind.ACCOUNT_ID})

    def __init__(self, match: MatchByContact, prefix: str, issuer: str) -> None:
        self._issuer = issuer
        self._roots = [f"{prefix}{folder.format(alias=match.alias).strip('/')}/" for folder in match.folders]
        self._since = match.since or date.min

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """Yield each object whose name begins with a known contact id."""
        named = of_kind(known, IdentifierKind.ACCOUNT_ID, issuer=self._issuer)
        contacts = frozenset(filter(_CONTACT_ID.fullmatch, named))
        if not contacts:
            return
        days = self._days(bucket)
        for hits in bounded_map(partial(self._hits_of_day, bucket, contacts), days, workers=WORKERS):
            yield from hits

    def samples(self, bucket: Bucket) -> Iterator[Sample]:
        """Yield a sample: the objects of the first days whose names begin with a contact id."""
        tally = SampleTally("objects in the folders of the settings with a contact id in their name")
        for day in islice(self._days(bucket), _DAYS_SAMPLED):
            shown, _ = bucket.first_page(day, operation=LOCATE)
            for stored in shown[: MOST_SAMPLED // _DAYS_SAMPLED]:
                tally.add(is_filled=True, is_readable=bool(_contact_of(stored.key.removeprefix(day))))
            if tally.readable >= ENOUGH_SAMPLED:
                break
        yield tally.sample()

    def is_shared(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:  # noqa: ARG002
        """Never: the key names one person."""
        return False

    def is_anothers(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:  # noqa: ARG002
        """Never: the key of a version stays."""
        return False

    def mine(self, bucket: Bucket, stored: Stored, known: Identifiers) -> frozenset[Version]:  # noqa: ARG002
        """All of them: the key names one contact, whatever was stored under it."""
        return frozenset(stored.versions)

    def _days(self, bucket: Bucket) -> Iterator[str]:
        """The prefixes of all days there are, down from the years."""
        for root in self._roots:
            months = (
                month for year in self._folders(bucket, root, root) for month in self._folders(bucket, year, root)
            )
            yield from (day for month in months for day in self._folders(bucket, month, root))

    def _folders(self, bucket: Bucket, above: str, root: str) -> Iterator[str]:
        """The year, month or day folders below another, none that ended before the first day looked at."""
        for folder in bucket.folders(above, operation=LOCATE):
            numbers = folder.removeprefix(root).strip("/").split("/")
            if not all(part.isdigit() for part in numbers):
                continue
            first = (self._since.year, self._since.month, self._since.day)[: len(numbers)]
            if tuple(map(int, numbers)) >= first:
                yield folder

    def _hits_of_day(self, bucket: Bucket, contacts: frozenset[str], day: str) -> list[Hit]:
        return [
            Hit(
                version=version,
                owner=frozenset({Identifier(IdentifierKind.ACCOUNT_ID, contact, self._issuer)}),
                started_at=started_at(stored.key),
            )
            for stored in _candidates(bucket, contacts, day)
            if (contact := _contact_of(stored.key.removeprefix(day))) in contacts
            for version in stored.records
        ]


def _candidates(bucket: Bucket, contacts: frozenset[str], day: str) -> Iterable[Stored]:
    shown, is_everything = bucket.first_page(day, operation=LOCATE)
    if is_everything:
        return shown
    if len(contacts) > _FEW:
        return bucket.stored(day, operation=LOCATE)
    return chain.from_iterable(bucket.stored(f"{day}{contact}", operation=LOCATE) for contact in sorted(contacts))


def _contact_of(name: str) -> str:
    match = _FILE_NAME.match(name)
    return match[1] if match else ""
