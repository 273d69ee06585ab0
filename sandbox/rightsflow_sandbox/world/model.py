"""The sandbox's world: customers and the data that the three systems hold on each of them.

Plain data without behaviour; ``world`` makes it, ``helpdesk_data``, ``payments_data`` and ``cdr`` turn it into what the
systems store. All instants are aware (UTC); the telephone system turns them into its local time itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """A person who deals with the brand.

    Args:
        customer_ids: The brand's own ids for the person, the first one in use; two where the person signed up twice.
        name: As the person writes it.
        language: ``"de"`` or ``"en"``, the language of the person's tickets.
        emails: E-mail addresses the helpdesk knows, the primary one first.
        phone: The number in the helpdesk's profile, E.164.
        phone_is_shared: Whether several people use that number at the same time (a family's landline).
        other_phones: Numbers the person also uses and that stand in other systems only, E.164.
        user_id: The helpdesk's key.
        accounts: The payment provider's keys, one per customer id.
        since: When the person first turned up.
        notes: What an agent wrote into the profile.
    """

    customer_ids: tuple[str, ...]
    name: str
    language: str
    emails: tuple[str, ...]
    phone: str
    user_id: int
    accounts: tuple[str, ...]
    since: datetime
    phone_is_shared: bool = False
    other_phones: tuple[str, ...] = ()
    notes: str = ""

    @property
    def customer_id(self) -> str:
        """The id in use."""
        return self.customer_ids[0]

    @property
    def email(self) -> str:
        """The primary e-mail address."""
        return self.emails[0]

    @property
    def account(self) -> str:
        """The payment provider's key that the helpdesk's profile names."""
        return self.accounts[0]

    @property
    def phones(self) -> tuple[str, ...]:
        """Every number the person uses."""
        return (self.phone, *self.other_phones)

    def __repr__(self) -> str:
        """Return the customer id only: tests and logs print it."""
        return f"<Person {self.customer_id}>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """A person who works at the call centre."""

    name: str
    email: str
    user_id: int
    extension: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A file that came with a comment."""

    id: int
    file_name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """The part of a comment that a telephone call wrote; the recording itself is in the telephone system.

    Args:
        caller: Number of the calling side, E.164.
        called: Number of the called side, E.164.
        seconds: Length of the call.
        transcript: What was said, as the machine understood it.
        call_id: The helpdesk's key of the call.
    """

    caller: str
    called: str
    seconds: int
    transcript: str
    call_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Comment:
    """An entry of a ticket.

    Args:
        id: The helpdesk's key.
        author_id: Who wrote it.
        body: The text.
        created_at: When.
        public: Whether the customer sees it.
        ip_address: Where the author wrote from; empty for agents.
        attachments: Files that came with it.
        voice: Set where the comment records a telephone call.
    """

    id: int
    author_id: int
    body: str
    created_at: datetime
    public: bool = True
    ip_address: str = ""
    attachments: tuple[Attachment, ...] = ()
    voice: Voice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """A service ticket.

    Args:
        id: The helpdesk's key.
        subject: The headline.
        status: In the helpdesk's words.
        requester_id: Whose ticket it is.
        assignee_id: The agent in charge.
        cc_ids: Customers who read along.
        comments: Its entries, oldest first.
        tags: The helpdesk's tags.
        order: The brand's order number, in a custom field.
        rating: ``"good"``, ``"bad"`` or empty.
        rating_comment: What the customer wrote to the rating.
    """

    id: int
    subject: str
    status: str
    requester_id: int
    assignee_id: int
    comments: tuple[Comment, ...]
    cc_ids: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    order: str = ""
    rating: str = ""
    rating_comment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CardPayment:
    """A payment.

    Args:
        charge: The payment provider's key of the charge.
        intent: Its key of the payment intent.
        amount: In cents.
        paid_at: When.
        description: What for.
        order: The brand's order number.
        refunded: Cents given back.
        refund: The key of the refund; empty if nothing was given back.
        dispute: The key of the open dispute; empty if there is none.
    """

    charge: str
    intent: str
    amount: int
    paid_at: datetime
    description: str
    order: str
    refunded: int = 0
    refund: str = ""
    dispute: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """An invoice; ``paid`` tells whether it is settled."""

    invoice: str
    amount: int
    issued_at: datetime
    description: str
    paid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """A subscription; ``ended_at`` is ``None`` while it runs."""

    subscription: str
    plan: str
    started_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentAccount:
    """The payment provider's data under one of its customer objects.

    Args:
        id: The provider's key.
        owner: The customer id of the person it belongs to.
        customer_id: The brand's customer id in the object's metadata.
        name: As given at the till.
        email: As given at the till, which need not be the helpdesk's.
        phone: As given at the till, E.164.
        street: Postal address, first line.
        postal_code: Postal code.
        city: Place.
        country: ISO 3166-1 alpha-2.
        card: The key of the payment method.
        card_number: A number of the provider's test cards.
        opened_at: When it was made.
        payments: Payments, oldest first.
        bills: Invoices, oldest first.
        contracts: Subscriptions, oldest first.
    """

    id: str
    owner: str
    customer_id: str
    name: str
    email: str
    phone: str
    street: str
    postal_code: str
    city: str
    country: str
    card: str
    card_number: str
    opened_at: datetime
    payments: tuple[CardPayment, ...] = ()
    bills: tuple[Bill, ...] = ()
    contracts: tuple[Contract, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneCall:
    """A telephone call, which may have several legs.

    Args:
        owner: The customer id of the person who really spoke; the systems do not know it unless ``account_code``.
        account_code: The customer id that the telephone system noted; empty if the caller was not recognised.
        direction: ``"in"`` or ``"out"``.
        number: The customer's number, E.164.
        shown_as: The same as the telephone system stored it: with ``+``, ``00`` or the trunk prefix.
        caller_name: What the telephone showed; often empty.
        agents: Extensions in turn; more than one where the call was passed on.
        started_at: When.
        seconds: Length of the call.
        counter: Part of the telephone system's unique id.
        recorded: Whether there is a recording.
        stereo: Whether each party has its own channel in it.
    """

    owner: str
    account_code: str
    direction: str
    number: str
    shown_as: str
    caller_name: str
    agents: tuple[str, ...]
    started_at: datetime
    seconds: int
    counter: int
    recorded: bool
    stereo: bool

    @property
    def unique_id(self) -> str:
        """The telephone system's key of the call: epoch seconds and a counter."""
        return f"{int(self.started_at.timestamp())}.{self.counter}"
