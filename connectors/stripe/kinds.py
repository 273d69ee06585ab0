"""The kinds of record that Stripe holds of a person, as data: where they are, what can be emptied, what stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeGuard
from urllib.parse import quote

from rightsflow.domain.connector import RecordKind, Withheld
from rightsflow.domain.vocabulary.field_words import FieldWords, PaymentFields
from rightsflow.domain.vocabulary.records import DocumentClass, Method, RecordRef

_LABELS = {
    "amount": "Amount",
    "amount_refunded": "Amount paid back",
    "amount_due": "Amount due",
    "amount_paid": "Amount paid",
    "balance_transaction": "Number in the payment provider's accounts",
    "billing_details": "Billing address",
    "brand": "Card brand",
    "capture_method": "How the payment is collected",
    "captured": "Collected",
    "charge": "Belongs to the charge",
    "charges": "Charges for this payment",
    "collection_method": "How the invoice is paid",
    "default_payment_method": "Preferred payment method",
    "delinquent": "Payment overdue",
    "disputed": "Disputed with the bank",
    "exp_month": "Valid until: month",
    "exp_year": "Valid until: year",
    "fingerprint": "Provider's code for the same card",
    "funding": "Kind of card",
    "invoice": "Belongs to the invoice",
    "last4": "Last four digits",
    "latest_charge": "Latest charge for this payment",
    "line1": "Street and number",
    "line2": "Address, second line",
    "livemode": "Real payment (no test)",
    "metadata": "Notes that we keep with it",
    "object": "Kind of record",
    "payment_intent": "Belongs to the payment",
    "payment_method": "Payment method",
    "payment_method_details": "Paid with",
    "receipt_email": "Receipt sent to",
    "statement_descriptor": "Text on the bank statement",
    "three_d_secure_usage": "Confirmation by the bank (3-D Secure)",
}
_FUNDING = {"credit": "Credit card", "debit": "Debit card", "prepaid": "Prepaid card", "unknown": "Not known"}
_BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "Eftpos Australia",
    "girocard": "girocard",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
    "unknown": "Not known",
}
_CODES = {
    "status": {
        "succeeded": "Successful",
        "pending": "In progress",
        "processing": "In progress",
        "failed": "Did not succeed",
        "canceled": "Cancelled",
        "requires_payment_method": "Not paid: a payment method is missing",
        "requires_confirmation": "Not paid: not confirmed yet",
        "requires_action": "Not paid: the payer has to confirm",
        "requires_capture": "Reserved, not collected yet",
        "draft": "Draft",
        "open": "Open",
        "paid": "Paid",
        "uncollectible": "Given up as uncollectible",
        "void": "Cancelled",
        "active": "Active",
        "past_due": "Payment overdue",
        "trialing": "In the trial period",
        "incomplete": "First payment outstanding",
        "incomplete_expired": "Ended: first payment not made",
        "unpaid": "Payment outstanding",
        "needs_response": "Disputed: the shop has to answer",
        "under_review": "Disputed: under review",
        "won": "Dispute decided for the shop",
        "lost": "Dispute decided for the payer",
        "complete": "Completed",
        "expired": "Expired",
    },
    "brand": _BRANDS,
    "network": _BRANDS,
    "funding": _FUNDING,
    "capture_method": {
        "automatic": "Automatically",
        "automatic_async": "Automatically",
        "manual": "Later, by the shop",
    },
    "collection_method": {"charge_automatically": "Charged automatically", "send_invoice": "By invoice"},
    "object": {
        "charge": "Charge",
        "payment_intent": "Payment",
        "line_item": "Line of an invoice",
        "payment_method": "Payment method",
    },
    "reason": {
        "requested_by_customer": "At the customer's request",
        "duplicate": "Paid twice",
        "fraudulent": "Suspected fraud",
    },
    "type": {"card": "Card", "sepa_debit": "SEPA direct debit", "paypal": "PayPal", "link": "Link"},
}

_LINKS = frozenset({"charge", "charges", "invoice", "latest_charge", "payment_intent", "refunds"})
_EVENTS = "Stripe keeps copies in its event log for 30 days"
_OWN_COPY = "and, as a controller of its own, what anti-money-laundering law and the card networks' rules demand."
_STAYS = f"{_EVENTS} {_OWN_COPY}"
_FROZEN = "The fields that cannot be changed at Stripe stay until a redaction job, 90 days after the payment; "

_AS_MADE = "It shows a payment as it was made and what was stated then, and is not altered afterwards."
CLEARED = ""
"""Stripe unsets a field that is sent empty."""


def _words(payment: PaymentFields | None = None, *, succeeded: str = "Successful") -> FieldWords:
    status = _CODES["status"] | {"succeeded": succeeded}
    return FieldWords(labels=_LABELS, codes=_CODES | {"status": status}, payment=payment)


WORDS = _words()
"""The words for every kind of record without words of its own below."""
PAYMENT_WORDS = _words(PaymentFields(links=_LINKS))
CHARGE_WORDS = _words(PaymentFields(links=_LINKS, rank=1))
INVOICE_WORDS = _words(
    PaymentFields(links=_LINKS, rank=2, amount=("total_readable", "amount_due_readable", "amount_paid_readable"))
)
REFUND_WORDS = _words(PaymentFields(links=_LINKS, is_payment=False), succeeded="Carried out")
"""A refund that succeeded was carried out."""
OF_PAYMENT_WORDS = _words(PaymentFields(links=_LINKS, is_payment=False, amount=("amount_readable", "total_readable")))
"""The words for disputes, credit notes and checkout sessions, which belong to a payment but are not payments."""
SET_UP_WORDS = _words(succeeded="Set up")
"""A set-up of a payment method that succeeded is no payment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """A kind of object.

    Args:
        name: The word used in ``RecordRef.kind``.
        title: The same for people.
        path: The address of the list.
        filtered_by: The parameter that the list is filtered with, ``customer`` or ``charge``; empty for none.
        listed_as: The name of the list in the setting ``unavailable``.
        list_params: Further parameters of the list.
        expand: What is read along with one object.
        methods: What can be done to it.
        clearable: The fields that can be emptied afterwards, with what empties them; metadata apart.
        job_objects: The word for it in a redaction job; empty where it goes with another.
        residue: As in ``RecordKind``.
        manual_step: As in ``RecordKind``.
        document: Which class of document it is beside the vouchers that locating finds (``Fact.ACCOUNTING``).
        words: As in ``RecordKind``.
    """

    name: str
    title: str
    path: str
    filtered_by: str = "customer"
    listed_as: str = ""
    list_params: Mapping[str, str] = field(default_factory=dict)
    expand: tuple[str, ...] = ()
    methods: frozenset[Method] = frozenset({Method.REDACT})
    clearable: tuple[str, ...] = ()
    job_objects: str = ""
    residue: str = _FROZEN + _STAYS
    manual_step: str = ""
    document: DocumentClass | None = DocumentClass.NONE
    words: FieldWords = WORDS

    def declared(
        self,
        *,
        restricts: bool = False,
        fields: frozenset[str] = frozenset(),
        blankable: frozenset[str] = frozenset(),
    ) -> RecordKind:
        """The declaration for the plan.

        Args:
            restricts: Whether the account has a metadata key that marks what is restricted.
            fields: What can be corrected in a customer object.
            blankable: What is unset in payments that are kept.
        """
        methods = self.methods | ({Method.RESTRICT} if restricts and self.name in _MARKED else frozenset())
        is_customer, is_payment = self.name == "customer", self.name in {"payment-intent", "charge"}
        if is_payment and blankable:
            methods |= {Method.BLANK}
        if is_customer and fields:
            methods |= {Method.RECTIFY}
        return RecordKind(
            name=self.name,
            title=self.title,
            methods=methods,
            residue=self.residue,
            manual_step=self.manual_step,
            is_profile=is_customer,
            withheld=_WITHHELD,
            document=self.document,
            words=self.words,
            calls={method: self._call(method) for method in methods},
            fields=fields if is_customer else frozenset(),
            blankable=blankable if is_payment else frozenset(),
            fixed="" if is_customer else _AS_MADE,
        )

    def _call(self, method: Method) -> str:
        if method is Method.ERASE:
            return _CALLS[self.name]
        if method is Method.BLANK:
            return f"POST {self.path}/{{id}} with these fields empty, then a read"
        if method is Method.RECTIFY:
            return f"POST {self.path}/{{id}} with the right values, then a read"
        if method is Method.RESTRICT:
            return f"POST {self.path}/{{id}} with the metadata key"
        job = ", or a redaction job once the payment is 90 days old" if self.job_objects else ""
        return f"POST {self.path}/{{id}} with its free fields empty{job}"


_WITHHELD = (
    Withheld(
        what="the web addresses of receipts, invoices and payment pages, and keys by which a payment can be confirmed",
        reason="Anyone who has one of them can read or pay without a login; the documents are yours on request.",
    ),
)

_MARKED = frozenset({"customer", "charge", "payment-intent", "invoice", "subscription", "setup-intent", "credit-note"})
"""The kinds whose metadata can be changed at any time."""

_CALLS = {
    "payment-method": "POST /v1/payment_methods/{id} with empty details, then its detach",
    "subscription": "DELETE /v1/subscriptions/{id}, without a final invoice",
    "invoice": "DELETE /v1/invoices/{id}, of a draft alone",
    "customer": "POST /v1/customers/{id} with empty fields, then DELETE /v1/customers/{id}",
}
"""The calls that an erasure makes, for the dry run."""

PAYMENT_METHOD = Kind(
    name="payment-method",
    title="payment methods",
    path="/v1/payment_methods",
    methods=frozenset({Method.ERASE}),
    clearable=("billing_details",),
    residue="A detached payment method stays readable by its id, with the last four digits and without the customer, "
    f"and cannot be used again; {_STAYS}",
)
SUBSCRIPTION = Kind(
    name="subscription",
    title="subscriptions",
    path="/v1/subscriptions",
    # Without this the list hides cancelled ones.
    list_params={"status": "all"},
    methods=frozenset({Method.ERASE}),
    clearable=("description",),
    residue=f"A cancelled subscription stays readable without contact data; {_STAYS}",
    manual_step="Decide about a refund of the paid period before an active subscription is cancelled.",
)
CHECKOUT_SESSION = Kind(
    name="checkout-session",
    words=OF_PAYMENT_WORDS,
    title="checkout sessions",
    path="/v1/checkout/sessions",
    listed_as="checkout_sessions",
    job_objects="checkout_sessions",
)
SETUP_INTENT = Kind(
    name="setup-intent",
    title="set-ups of payment methods",
    path="/v1/setup_intents",
    listed_as="setup_intents",
    clearable=("description",),
    job_objects="setup_intents",
    words=SET_UP_WORDS,
)
QUOTE = Kind(
    name="quote",
    title="quotes",
    path="/v1/quotes",
    listed_as="quotes",
    clearable=("description", "header", "footer"),
    # An offer that led to a deal is a trade letter, any other is none: the controller has to say.
    document=None,
)
PAYMENT_INTENT = Kind(
    name="payment-intent",
    words=PAYMENT_WORDS,
    title="payments",
    path="/v1/payment_intents",
    listed_as="payment_intents",
    clearable=("description", "receipt_email", "shipping"),
    job_objects="payment_intents",
)
CHARGE = Kind(
    name="charge",
    words=CHARGE_WORDS,
    title="charges",
    path="/v1/charges",
    clearable=("description", "receipt_email", "shipping"),
    job_objects="charges",
    manual_step="Receipts that were sent by e-mail, exports and warehouses (Sigma, Data Pipeline) are not reached; "
    "delete them where they lie.",
)
REFUND = Kind(
    name="refund",
    title="refunds",
    path="/v1/refunds",
    filtered_by="charge",
    listed_as="refunds",
    words=REFUND_WORDS,
)
DISPUTE = Kind(
    name="dispute",
    words=OF_PAYMENT_WORDS,
    title="disputes",
    path="/v1/disputes",
    filtered_by="charge",
    listed_as="disputes",
    manual_step="Delete uploaded evidence files in the Dashboard once the scheme's period has ended.",
)
CREDIT_NOTE = Kind(
    name="credit-note",
    words=OF_PAYMENT_WORDS,
    title="credit notes",
    path="/v1/credit_notes",
    listed_as="credit_notes",
    clearable=("memo",),
)
INVOICE = Kind(
    name="invoice",
    words=INVOICE_WORDS,
    title="invoices",
    path="/v1/invoices",
    methods=frozenset({Method.REDACT, Method.ERASE}),
    clearable=("description", "footer", "custom_fields"),
    job_objects="invoices",
    residue="The name and address on a finalised invoice stay until a redaction job, 90 days after it; " + _STAYS,
    manual_step="Delete copies of the invoice (PDF) that were sent or downloaded, once their retention has ended.",
)
CUSTOMER = Kind(
    name="customer",
    title="customer profiles",
    path="/v1/customers",
    filtered_by="",
    expand=("tax_ids",),
    methods=frozenset({Method.REDACT, Method.ERASE}),
    clearable=(
        "email",
        "name",
        "business_name",
        "individual_name",
        "phone",
        "address",
        "shipping",
        "description",
    ),
    job_objects="customers",
    residue=f"Of a deleted customer Stripe keeps the id alone; {_STAYS}",
    manual_step="Where the account uses Identity, Financial Connections, Issuing, Radar lists, subscription schedules "
    "or Sigma, look there for the person as well; the connector does not read them.",
)

KINDS: dict[str, Kind] = {
    kind.name: kind
    for kind in (
        PAYMENT_METHOD,
        SUBSCRIPTION,
        CHECKOUT_SESSION,
        SETUP_INTENT,
        QUOTE,
        PAYMENT_INTENT,
        CHARGE,
        REFUND,
        DISPUTE,
        CREDIT_NOTE,
        INVOICE,
        CUSTOMER,
    )
}
"""In the order in which they must be erased."""

OWN_RECORDS = frozenset(
    {
        "charge",
        "checkout.session",
        "credit_note",
        "customer",
        "dispute",
        "invoice",
        "payment_intent",
        "quote",
        "refund",
        "setup_intent",
        "subscription",
    }
)
"""Objects that may occur expanded inside another and are records of their own. A payment method is not among them: the
last error of a payment holds a copy of one."""


def is_own_record(value: object) -> TypeGuard[dict[str, object]]:
    """Return whether a value is a record of its own that another object shows expanded."""
    return isinstance(value, dict) and value.get("object") in OWN_RECORDS


def source_ref(customer: str, source: str) -> str:
    """The ref of a legacy card or bank account, which has an address only below its customer."""
    return f"{customer}/{source}"


def path_of(record: RecordRef) -> str:
    """The address of one object."""
    if record.kind == PAYMENT_METHOD.name and "/" in record.ref:
        customer, _, source = record.ref.partition("/")
        return f"{CUSTOMER.path}/{quote(customer, safe='')}/sources/{quote(source, safe='')}"
    return f"{KINDS[record.kind].path}/{quote(record.ref, safe='')}"


def of_customer(path_id: str, rest: str = "") -> str:
    """The address of a customer, or of something below it."""
    return f"{CUSTOMER.path}/{quote(path_id, safe='')}{rest}"
