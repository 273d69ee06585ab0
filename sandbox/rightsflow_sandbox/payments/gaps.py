"""Adds to localstripe what Stripe documents and localstripe lacks, as far as requests of data subjects touch it.

A deleted customer still reads as ``{"deleted": true}`` and keeps its charges and invoices, its subscriptions are
cancelled and its cards detached; disputes; search; charges with billing details; invoices with a snapshot of the
customer; fields that can be emptied. Import this module before ``localstripe.server``,
which builds its routes from what it finds.

It changes classes of localstripe in place, since that offers no other way, and runs in a process of its own only.
"""

# ruff: noqa: SLF001, A002 - localstripe has neither public names nor types, and passes ``id`` and ``type`` by name
# mypy: disable-error-code="misc"

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from localstripe import errors, resources

from rightsflow_sandbox.payments.search_route import SEARCHABLE, search_route


class KindStore(dict[str, Any]):
    """localstripe's store, which indexes kinds for quick lists and writes nothing to ``/tmp``."""

    def __init__(self) -> None:
        super().__init__()
        self._kinds: dict[str, dict[str, Any]] = {}

    def of_kind(self, kind: str) -> list[Any]:
        """Return all objects of a kind, oldest first."""
        return list(self._kinds.get(kind, {}).values())

    def dump_to_disk(self) -> None:
        """Do nothing; localstripe calls this after every change."""

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, value)
        self._kinds.setdefault(key.partition(":")[0], {})[key] = value

    def __delitem__(self, key: str) -> None:
        super().__delitem__(key)
        del self._kinds[key.partition(":")[0]][key]

    def clear(self) -> None:
        """Forget everything."""
        super().clear()
        self._kinds.clear()


class Dispute(resources.StripeObject):
    """A cardholder's complaint about a charge, open until the bank decides."""

    object = "dispute"
    _id_prefix = "du_"

    def __init__(self, charge: str, reason: str = "product_not_received") -> None:
        super().__init__()
        disputed = resources.Charge._api_retrieve(charge)
        self.amount = disputed.amount
        self.currency = disputed.currency
        self.charge = charge
        self.payment_intent = disputed.payment_intent
        self.reason = reason
        self.status = "needs_response"
        self.evidence: dict[str, Any] = {}
        self.is_charge_refundable = False
        self.metadata: dict[str, str] = {}
        disputed.disputed = True

    @classmethod
    def _list(cls, charge: str = "", payment_intent: str = "", **paging: Any) -> Any:
        """``GET /v1/disputes``; localstripe exports every public name of an object, so this is none."""
        listed = cls._api_list_all("/v1/disputes", **paging)
        wanted = {"charge": charge, "payment_intent": payment_intent}
        return _filtered(listed, {name: value for name, value in wanted.items() if value})

    @classmethod
    def _show(cls, id: str) -> Any:
        """``GET /v1/disputes/{id}``."""
        return cls._api_retrieve(id)

    @classmethod
    def _close(cls, id: str) -> Any:
        """Give up a dispute irrevocably: ``POST /v1/disputes/{id}/close``."""
        closed = cls._api_retrieve(id)
        closed.status = "lost"
        return closed


class DeletedCustomer(resources.DeletedObject):
    """A deleted customer: it reads as deleted, and everything else about it is not found."""

    def __init__(self, id: str) -> None:
        super().__init__(id, "customer")

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        raise errors.UserError(404, "No such customer", {"code": "resource_missing"})


def fill_classes() -> None:
    """Change localstripe's classes; call it once, before ``localstripe.server`` is imported."""
    resources.store = KindStore()
    _fill_customers()
    _fill_snapshots()
    _fill_lists()
    _fill_updates()
    # The first route that fits is taken, so these go before localstripe's own.
    resources.extra_apis[:0] = [
        *(("GET", f"/v1/{kind}s/search", search_route(kind)) for kind in SEARCHABLE),
        ("GET", "/v1/customers/{id}/sources", _sources),
        ("GET", "/v1/disputes", Dispute._list),
        ("GET", "/v1/disputes/{id}", Dispute._show),
        ("POST", "/v1/disputes/{id}", Dispute._api_update),
        ("POST", "/v1/disputes/{id}/close", Dispute._close),
    ]


def _fill_customers() -> None:
    customers = resources.Customer
    original = customers._api_retrieve.__func__

    def retrieve(cls: Any, id: str) -> Any:
        return resources.store.get(f"deleted_customer:{id}") or original(cls, id)

    def delete(cls: Any, id: str) -> Any:
        original(cls, id)
        for subscription in _all("subscription"):
            if subscription.customer == id and subscription.status != "canceled":
                resources.Subscription._api_delete(subscription.id)
        for method in _all("payment_method"):
            if method.customer == id:
                method.customer = None
        del resources.store[f"customer:{id}"]
        resources.store[f"deleted_customer:{id}"] = DeletedCustomer(id)
        return DeletedCustomer(id)

    customers._api_retrieve = classmethod(retrieve)
    customers._api_delete = classmethod(delete)


def _fill_snapshots() -> None:
    """Copy the payer from the card to charges, and the debtor from the customer to invoices, as of that moment."""
    charge_init, invoice_init = resources.Charge.__init__, resources.Invoice.__init__

    def init_charge(self: Any, **given: Any) -> None:
        charge_init(self, **given)
        method = resources.PaymentMethod._api_retrieve(self.payment_method)
        self.billing_details = dict(getattr(method, "billing_details", None) or {})
        self.payment_method_details = {"type": method.type, method.type: dict(getattr(method, method.type, {}))}

    def init_invoice(self: Any, **given: Any) -> None:
        invoice_init(self, **given)
        customer = resources.Customer._api_retrieve(self.customer)
        for name in ("name", "phone", "address", "shipping"):
            setattr(self, f"customer_{name}", getattr(customer, name))

    resources.Charge.__init__, resources.Invoice.__init__ = init_charge, init_invoice
    resources.Charge.disputed = False
    # Fields that Stripe's objects have and that can be emptied: localstripe refuses what it does not know.
    for kind, names in (
        (resources.Charge, ("shipping",)),
        (resources.PaymentIntent, ("description", "receipt_email", "shipping")),
        (resources.SetupIntent, ("description",)),
        (resources.Customer, ("business_name", "individual_name")),
        (resources.Invoice, ("footer", "custom_fields")),
        (resources.Subscription, ("description",)),
    ):
        for name in names:
            setattr(kind, name, None)


def _fill_lists() -> None:
    """Filters that Stripe's lists have."""

    def plain_list(cls: Any, /, url: str, limit: str = "10", starting_after: str | None = None, **given: Any) -> Any:
        if given:
            raise errors.UserError(400, "Unexpected " + ", ".join(given))
        listed = resources.List(url, limit=limit, starting_after=starting_after)
        listed._list = resources.store.of_kind(cls.object)
        return listed

    resources.StripeObject._api_list_all = classmethod(plain_list)

    def by_customer(cls: Any, /, url: str, customer: str = "", **paging: Any) -> Any:
        return _filtered(plain_list(cls, url, **paging), {"customer": customer} if customer else {})

    def methods(cls: Any, /, url: str, customer: str = "", type: str = "", **paging: Any) -> Any:
        if customer:
            resources.Customer._api_retrieve(customer)
        wanted = {"customer": customer, "type": type}
        return _filtered(plain_list(cls, url, **paging), {name: value for name, value in wanted.items() if value})

    resources.PaymentIntent._api_list_all = classmethod(by_customer)
    resources.SetupIntent._api_list_all = classmethod(by_customer)
    resources.PaymentMethod._api_list_all = classmethod(methods)


def _fill_updates() -> None:
    """Unset the fields that are sent empty."""
    for kind in (resources.StripeObject, resources.Subscription):
        kind._update = _unsetting(kind._update)


def _unsetting(original: Callable[..., None]) -> Callable[..., None]:
    def update(self: Any, **given: Any) -> None:
        if isinstance(self, resources.Subscription) and "description" in given:
            self.description = given.pop("description") or None
        if given.get("metadata") == "":
            given["metadata"], self.metadata = {}, {}
        original(self, **given)
        for name in given:
            setattr(self, name, _without_empty(getattr(self, name)))

    return update


def _without_empty(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: inner for key, inner in value.items() if inner != ""}
    return None if value == "" else value


def _sources(id: str, object: str = "", **paging: Any) -> Any:
    """``GET /v1/customers/{id}/sources``: the old cards, page by page."""
    listed = resources.List(f"/v1/customers/{id}/sources", **paging)
    kept = resources.Customer._api_retrieve(id).sources._list
    listed._list = [one for one in kept if not object or one.object == object]
    return listed


def _all(kind: str) -> list[Any]:
    objects: list[Any] = resources.store.of_kind(kind)
    return objects


def _filtered(listed: Any, wanted: dict[str, str]) -> Any:
    listed._list = [one for one in listed._list if all(getattr(one, name) == value for name, value in wanted.items())]
    return listed
