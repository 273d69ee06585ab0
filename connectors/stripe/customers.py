"""Finding customer objects: by the list's e-mail filter, by search or by walking, and by their id.

Stripe's list filter is case-sensitive but always up to date; its search does not mind the case but lags behind by up
to a minute, and is not there for merchants in India. So both are asked; where search is not available, all customers
are walked and compared here.
"""

from __future__ import annotations

from collections.abc import Iterator

from connectors.stripe.client import Calls, Object
from connectors.stripe.kinds import CUSTOMER, of_customer
from connectors.stripe.owners import Naming
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind
from rightsflow.domain.spellings import email_spellings, phone_spellings

_LAST_DIGITS = 4

SEARCHABLE = frozenset(
    {IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID}
)


class Customers:
    """Finds customers.

    Args:
        calls: The calls of this operation.
        settings: The account.
        naming: Reads identifiers out of objects.
    """

    def __init__(self, calls: Calls, settings: StripeSettings, naming: Naming) -> None:
        self._calls = calls
        self._settings = settings
        self._naming = naming

    def matching(self, known: Identifiers) -> Iterator[Object]:
        """Each customer that names one of the identifiers, once, as it is now.

        A deleted customer comes as its ``deleted: true`` object: it is no longer held itself, but its payments are.
        """
        sought = frozenset(identifier for identifier in known if identifier.kind in SEARCHABLE)
        asked = of_kind(sought, IdentifierKind.ACCOUNT_ID, issuer=self._naming.issuer)
        seen: set[str] = set()
        for candidate in self._candidates(sought):
            key = str(candidate.get("id", ""))
            if not key or key in seen:
                continue
            if key in asked if candidate.get("deleted") else self._naming.customer(candidate) & sought:
                seen.add(key)
                yield candidate

    def _candidates(self, sought: Identifiers) -> Iterator[Object]:
        for key in of_kind(sought, IdentifierKind.ACCOUNT_ID, issuer=self._naming.issuer):
            if set(key) <= {"."}:
                continue  # An address of dots would lead to the list above it.
            found = self._calls.find(of_customer(key))
            if found is not None and found.get("object") == "customer":
                yield found
        if not sought - frozenset(identifier for identifier in sought if identifier.kind is IdentifierKind.ACCOUNT_ID):
            return
        if self._settings.customers_by_metadata == "walk":
            yield from self._calls.listing(CUSTOMER.path)
        else:
            yield from self._by_searching(sought)

    def _by_searching(self, sought: Identifiers) -> Iterator[Object]:
        for email in of_kind(sought, IdentifierKind.EMAIL):
            for spelling in email_spellings(email):
                yield from self._calls.listing(CUSTOMER.path, {"email": spelling})
        for query in self._queries(sought):
            for hit in self._calls.searching(f"{CUSTOMER.path}/search", query):
                # The index may show what was; the object itself says what is.
                fresh = self._calls.find(of_customer(str(hit.get("id", ""))))
                if fresh is not None and not fresh.get("deleted"):
                    yield fresh

    def _queries(self, sought: Identifiers) -> Iterator[str]:
        for email in of_kind(sought, IdentifierKind.EMAIL):
            yield f"email:{quoted(email)}"
        for number in of_kind(sought, IdentifierKind.PHONE):
            for spelling in phone_spellings(number):
                yield f"phone:{quoted(spelling)}"
            # Whatever the spelling is, its last digits mostly stand together; what comes is compared normalised.
            yield f"phone~{quoted(number[-_LAST_DIGITS:])}"
        for customer_id in of_kind(sought, IdentifierKind.CUSTOMER_ID):
            yield f"metadata[{quoted(self._settings.customer_id_metadata)}]:{quoted(customer_id)}"


def quoted(value: str) -> str:
    """A value for Stripe's search language; without it a name could add clauses to the query."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
