"""Stripe's field names and codes in words, for the copy that the person gets.

Source: Stripe's API reference: charges, payment intents, refunds, disputes, invoices, payment methods, subscriptions.
"""

from __future__ import annotations

from rightsflow.domain.vocabulary.field_words import FieldWords, PaymentFields

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
REFUND_WORDS = _words(PaymentFields(links=_LINKS, leads=False), succeeded="Carried out")
"""A refund that succeeded was carried out."""
OF_PAYMENT_WORDS = _words(PaymentFields(links=_LINKS, leads=False, amount=("amount_readable", "total_readable")))
"""The words for disputes, credit notes and checkout sessions, which belong to a payment but are not payments."""
SET_UP_WORDS = _words(succeeded="Set up")
"""A set-up of a payment method that succeeded is no payment."""
