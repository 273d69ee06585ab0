"""The section ``[systems.…]`` of a Stripe account in the configuration."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from connectors.settings import FieldName, HttpSystemSettings, Searchable, SecretRef

ListName = Literal[
    "checkout_sessions",
    "credit_notes",
    "disputes",
    "payment_intents",
    "quotes",
    "refunds",
    "setup_intents",
    "sources",
]
"""The lists that an account, or an imitation of Stripe, may not have."""


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _safe_base(url: str) -> str:
    parts = urlsplit(url)
    if not parts.hostname or parts.username or parts.query or parts.fragment or parts.path.strip("/"):
        raise ValueError("give only scheme, host and port, like https://api.stripe.com")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(parts.hostname)):
        raise ValueError("use https; http is for an imitation on this machine only")
    return url.rstrip("/")


class StripeSettings(HttpSystemSettings):
    """The settings of one Stripe account.

    Args:
        api_key: A restricted key (``rk_…``) with the rights of the connector's documentation, or a secret key.
        api_base: The address of the API; another address than Stripe's only for an imitation.
        stripe_account: The connected account (``acct_…``) of a Connect platform; empty for the key's own.
        customer_id_metadata: The metadata key with the controller's own customer id.
        identifier_metadata: Metadata keys with identifiers that ``[identifiers]`` declares, each with its kind:
            ``{ order_no = "order" }``. Customers are searched by them; payments are judged by them.
        birth_date_metadata: The metadata key with a customer's date of birth, as ``1980-02-01``: a customer with
            another date than the person's is left to an officer. Empty if there is none.
        customers_by_metadata: ``search`` asks Stripe's search index; ``walk`` reads the list of all customers, for
            accounts without search (merchants in India) and for imitations.
        guests: ``true`` to search payments without a customer by e-mail address; this reads all charges.
        guests_days: The number of days of charges to read for guests; 0 for all of them.
        redaction_jobs: ``true`` to use Stripe's redaction jobs (a preview API) for objects older than 90 days.
        redaction_wait: Seconds that one step waits for a redaction job before it is tried again later.
        keep_metadata: Metadata keys on payments and invoices that a redaction leaves, such as an order number that
            the books need.
        restricted_metadata: The metadata key that marks restricted objects (Art. 18 GDPR); empty if none can be.
        rectify: Metadata keys of customers that a rectification may write (Art. 16 GDPR), by the words of a correction,
            beside ``name``, ``business name``, ``email``, ``phone``, ``description``, ``street``, ``address addition``,
            ``postal code``, ``city``, ``state``, ``country`` (two letters), and the same of the delivery, such as
            ``delivery city``: ``{ "date of birth" = "born", statement = "statement" }``.
        blank_payments: The fields that are unset in payments and charges retained by law, unless they are needed
            ([retention] needed): ``email``, the address that the receipt went to, ``description``, ``phone`` of the
            delivery, and ``delivery address``, its name included; in a charge it can only be overwritten.
        blank_metadata: Metadata keys of payments and charges that are unset likewise, by their content:
            ``{ "date of birth" = "born" }``.
        payment_method_types: The types to list, one call each; empty for all in one call.
        unavailable: Lists that the account does not have. A list that answers 404 and is not named here is an error,
            since it would otherwise look empty.
        timeout: Seconds without a byte of an answer.
    """

    api_key: SecretRef
    api_base: Annotated[str, AfterValidator(_safe_base)] = "https://api.stripe.com"
    stripe_account: Annotated[str, Field(pattern="^(acct_[A-Za-z0-9]+)?$")] = ""
    customer_id_metadata: Annotated[str, Field(pattern=r'^[^\[\]"\\]{1,40}$')] = "customer_id"
    identifier_metadata: dict[Annotated[str, Field(pattern=r'^[^\[\]"\\]{1,40}$')], Searchable] = Field(
        default_factory=dict
    )
    birth_date_metadata: Annotated[str, Field(pattern=r'^[^\[\]"\\]{0,40}$')] = ""
    customers_by_metadata: Literal["search", "walk"] = "search"
    guests: bool = False
    guests_days: Annotated[int, Field(ge=0)] = 0
    redaction_jobs: bool = False
    redaction_wait: Annotated[float, Field(gt=0, le=3600)] = 120.0
    keep_metadata: tuple[str, ...] = ()
    restricted_metadata: Annotated[str, Field(pattern=r'^[^\[\]"\\]{0,40}$')] = ""
    rectify: dict[FieldName, Annotated[str, Field(pattern=r'^[^\[\]"\\]{1,40}$')]] = Field(default_factory=dict)
    blank_payments: frozenset[Literal["email", "description", "phone", "delivery address"]] = frozenset()
    blank_metadata: dict[FieldName, Annotated[str, Field(pattern=r'^[^\[\]"\\]{1,40}$')]] = Field(default_factory=dict)
    payment_method_types: tuple[str, ...] = ()
    unavailable: frozenset[ListName] = frozenset()
    timeout: Annotated[float, Field(gt=0, le=80)] = 30.0

    @model_validator(mode="after")
    def _is_sound(self) -> StripeSettings:
        kept = {self.customer_id_metadata, *self.identifier_metadata, self.restricted_metadata, *self.keep_metadata}
        if kept & set(self.blank_metadata.values()):
            raise ValueError(
                "blank_metadata names a key of customer_id_metadata, restricted_metadata or keep_metadata; leave it out"
            )
        if self.blank_metadata.keys() & self.blank_payments:
            raise ValueError("blank_metadata and blank_payments name the same field; choose another word in one")
        if self.customer_id_metadata in self.rectify.values():
            raise ValueError(
                "rectify names the key of the customer id, by which a customer is the person's; leave it out"
            )
        return self
