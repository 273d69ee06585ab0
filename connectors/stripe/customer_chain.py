"""Present ownership of an object, by a fresh read: its account may have become another customer's since."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from connectors.stripe.client import Calls, Object
from connectors.stripe.kinds import CHARGE, CHECKOUT_SESSION, CUSTOMER, PAYMENT_INTENT, of_customer
from connectors.stripe.owners import Naming
from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, strong
from rightsflow.domain.ownership import Standing
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

_BY_NOW: Final = "By now it belongs to another customer, so it was left as it is."
_RIGHTS_OF_OTHERS: Final = "Rights of others"
_FOUND_ALONE: Final = frozenset({CHARGE.name, CHECKOUT_SESSION.name, PAYMENT_INTENT.name})
"""The kinds that are also found without their customer, so that a person may have decided whose one is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChain:
    """Judges objects for one subject, by the rule of :mod:`rightsflow.domain.ownership`.

    Args:
        calls: The calls of this operation.
        naming: Reads identifiers out of objects.
        known: The subject's identifiers.
    """

    calls: Calls
    naming: Naming
    known: Identifiers = field(repr=False)
    _read: dict[str, Object] = field(default_factory=dict)

    def is_anothers(self, ref: RecordRef, thing: Object) -> bool:
        """Return whether an object now belongs to another person.

        Args:
            ref: Its record.
            thing: The object, read just now.
        """
        chain = list(self._chain(ref, thing))
        if ref.kind not in _FOUND_ALONE and standing_now(chain[1:], self.known) is Standing.OTHER:
            return True
        return standing_now(chain, self.known) is Standing.OTHER

    def kept(self, ref: RecordRef) -> Outcome:
        """Return the outcome of an object that was left because it now belongs to another person."""
        return Outcome(
            record=ref, kind=OutcomeKind.RETAINED, reason=_BY_NOW, legal_basis=_RIGHTS_OF_OTHERS, refused=True
        )

    def _chain(self, ref: RecordRef, thing: Object) -> Iterator[Identifiers]:
        if ref.kind == CUSTOMER.name:
            yield self._of_customer(thing)
            return
        yield self.naming.payer(thing)
        if charge := _id_of(thing.get("charge")):
            thing = self._found(f"{CHARGE.path}/{charge}")
            yield self.naming.payer(thing)
        if customer := _id_of(thing.get("customer")):
            yield self._of_customer(self._found(of_customer(customer)))

    def _found(self, path: str) -> Object:
        if path not in self._read:
            self._read[path] = self.calls.find(path) or {}
        return self._read[path]

    def _of_customer(self, customer: Object) -> Identifiers:
        """Return the identifiers of a customer, without its own id unless the subject has it."""
        named = self.naming.customer(customer)
        own = frozenset(identifier for identifier in strong(named) if identifier.kind is IdentifierKind.ACCOUNT_ID)
        return named if own & self.known else named - own


def _id_of(value: object) -> str:
    return str(value.get("id") or "") if isinstance(value, dict) else str(value or "")
