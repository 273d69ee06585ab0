"""The connector: one Stripe account as a system of the contract in ``rightsflow.domain.connector``."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime

from connectors.registry import ControllerPlace
from connectors.stripe.belonging import CustomerChain, naming_of
from connectors.stripe.blanking import Blanking
from connectors.stripe.client import Calls, build_client, build_http
from connectors.stripe.coverage import uncovered
from connectors.stripe.erase import StripeErasure, erase_each
from connectors.stripe.extract import documents
from connectors.stripe.jobs import RedactionJobs
from connectors.stripe.kinds import KINDS
from connectors.stripe.locate import Guests, StripeLocator, searchable
from connectors.stripe.probe import probe, samples, unhealthy
from connectors.stripe.rectify import OF_CUSTOMER, Rectifying
from connectors.stripe.restrict import mark_each, marks
from connectors.stripe.settings import StripeSettings
from connectors.stripe.verify import StripeVerifier
from rightsflow.domain.connector import Capabilities, Health, Sample
from rightsflow.domain.coverage import SystemPlace
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import Located, MarkSeen, Method, Outcome, Part, Presence, RecordRef

CALLS_PER_MINUTE = 25 * 60
"""Stripe's lowest limit: 25 calls a second in a sandbox and, by default, per endpoint in live mode."""


def _now() -> datetime:
    return datetime.now(UTC)


_GUESTS = "Payments that were made as a guest, without a customer account."
_CANNOT_FIND = ("Descriptions and notes that name the person only in their text.",)
_UNUSUAL_NUMBERS = (
    "Customers by a phone number alone that is written there in an unusual way, with other signs between its last four "
    "digits, or in other digits than 0 to 9."
)


class StripeConnector:
    """A Stripe account. No connection is opened before the first call.

    Not covered: merchants whose persons have an account of Accounts v2 (``customer_account``) and no customer object.

    Args:
        system: The system's name in the configuration.
        settings: The account.
        place: Where the controller is.
        now: The present moment, aware; for tests.
        sleep: Waits for so many seconds between looks at a redaction job; for tests.
    """

    def __init__(
        self,
        system: str,
        settings: StripeSettings,
        place: ControllerPlace,
        *,
        now: Callable[[], datetime] = _now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._system = system
        self._settings = settings
        self._place = place
        self._now = now
        self._sleep = sleep
        self._naming = naming_of(place.country, settings, system)
        self._http = build_http(settings)

    def __repr__(self) -> str:
        """The system's name."""
        return f"<StripeConnector {self._system}>"

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        return self._system

    @property
    def capabilities(self) -> Capabilities:
        """The kinds of record in the order of their erasure, and the searchable identifiers."""
        return Capabilities(
            kinds=tuple(
                kind.declared(
                    restricts=bool(self._settings.restricted_metadata),
                    fields=frozenset(OF_CUSTOMER.keys() | self._settings.rectify.keys()),
                    blankable=frozenset[str](self._settings.blank_payments | self._settings.blank_metadata.keys()),
                )
                for kind in KINDS.values()
            ),
            searches=frozenset(kind.value for kind in searchable(self._settings)),
            calls_per_minute=CALLS_PER_MINUTE,
            account_issuers=frozenset({self._system}),
            cannot_find=self._cannot_find(),
        )

    def _cannot_find(self) -> tuple[str, ...]:
        """By its search index; a walk through all customers reads each number."""
        numbers = (_UNUSUAL_NUMBERS,) if self._settings.customers_by_metadata == "search" else ()
        return (*(() if self._settings.guests else (_GUESTS,)), *_CANNOT_FIND, *numbers)

    def probe(self) -> Health:
        """Check that Stripe answers, and which rights the key has."""
        try:
            return probe(self._calls("probe"), self._settings, self._settings.api_key.reveal())
        except RightsflowError as error:
            return unhealthy(error)

    def samples(self) -> Iterator[Sample]:
        """Read one page of customers by the settings."""
        yield from samples(self._calls("samples"), self._settings, self._naming)

    def uncovered(self) -> Iterator[SystemPlace]:
        """Read a page of each list for metadata keys that the settings do not name."""
        yield from uncovered(self._calls("coverage"), self._settings)

    def locate(self, known: Identifiers) -> Iterator[Located]:
        """The customers that match with all that belongs to them, then the payments without a customer."""
        calls = self._calls("locate")
        locator = StripeLocator(calls, self._system, self._settings, self._place)
        listed: set[RecordRef] = set()
        for customer in locator.customers(known):
            if customer.record not in listed:
                listed.add(customer.record)
                yield customer
        if self._settings.guests:
            yield from Guests(calls, locator, self._settings, self._now()).matching(known, listed)

    def extract(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Part]:
        """Yield a document per record that still exists and is the subject's; nothing of a payment is left out."""
        return documents(self._belonging(self._calls("extract"), known), refs, self._place.timezone)

    def erase(
        self,
        refs: Sequence[RecordRef],
        method: Method,
        known: Identifiers,
    ) -> Iterator[Outcome]:
        """Detach, cancel, empty, delete or redact, as the kind allows; see :mod:`.kinds` and :mod:`.erase`."""
        if not refs:
            return
        if not method.removes:
            yield from mark_each(self._calls("restrict"), self._settings.restricted_metadata, refs, method)
            return
        yield from erase_each(self._step(known), refs, method)

    def presence(self, refs: Sequence[RecordRef], known: Identifiers) -> Iterator[Presence]:
        """A fresh read of each record, never through search."""
        looker = StripeVerifier(
            calls=self._calls("presence"),
            known=known,
            country=self._place.country,
            keep_metadata=frozenset(self._settings.keep_metadata),
            redaction_jobs=self._settings.redaction_jobs,
        )
        return looker.run(refs)

    def marks(
        self,
        refs: Sequence[RecordRef],
        known: Identifiers,  # noqa: ARG002 - the contract; a ref is one person's
    ) -> Iterator[MarkSeen]:
        """Read the metadata of each object again."""
        yield from marks(self._calls("marks"), self._settings.restricted_metadata, refs)

    def mark(
        self,
        refs: Sequence[RecordRef],
        method: Method,
        known: Identifiers,  # noqa: ARG002 - the contract; a ref is one person's
        case_id: str,
    ) -> Iterator[Outcome]:
        """Write the metadata of a case's mark, or take it away."""
        yield from mark_each(self._calls("restrict"), self._settings.restricted_metadata, refs, method, case_id)

    def rectify(self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers) -> Iterator[Outcome]:
        """Correct fields of customer objects, and read them afresh."""
        yield from self._rectifying("rectify", changes, known).carry_out(refs)

    def blank(
        self,
        refs: Sequence[RecordRef],
        fields: Collection[str],
        known: Identifiers,
    ) -> Iterator[Outcome]:
        """Unset fields of retained payments, and read them again."""
        belonging = self._belonging(self._calls("blank"), known)
        yield from Blanking(belonging, self._settings.blank_metadata, fields).carry_out(refs)

    def still_wrong(
        self, refs: Sequence[RecordRef], changes: Sequence[Change], known: Identifiers
    ) -> Iterator[Presence]:
        """Tell whether each customer object still has a wrong value."""
        yield from self._rectifying("still wrong", changes, known).still_wrong(refs)

    def _rectifying(self, operation: str, changes: Sequence[Change], known: Identifiers) -> Rectifying:
        return Rectifying(
            calls=self._calls(operation),
            naming=self._naming,
            country=self._place.country,
            metadata=self._settings.rectify,
            changes=changes,
            known=known,
        )

    def _step(self, known: Identifiers) -> StripeErasure:
        calls = self._calls("erase")
        jobs = None
        if self._settings.redaction_jobs:
            jobs = RedactionJobs(calls, system=self._system, wait=self._settings.redaction_wait, sleep=self._sleep)
        return StripeErasure(
            calls=calls, settings=self._settings, now=self._now(), belonging=self._belonging(calls, known), jobs=jobs
        )

    def _belonging(self, calls: Calls, known: Identifiers) -> CustomerChain:
        return CustomerChain(calls=calls, naming=self._naming, known=known)

    def _calls(self, operation: str) -> Calls:
        client = build_client(self._settings, self._http)
        bounds = self._settings.answer_bounds
        return Calls(client, system=self._system, operation=operation, bounds=bounds)
