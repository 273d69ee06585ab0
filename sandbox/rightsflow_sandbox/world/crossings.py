"""Lays the places where people's data cross, on top of what everybody has in the course of things."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

from rightsflow_sandbox.world.chance import Chance, token
from rightsflow_sandbox.world.model import Agent, Customer, PaymentAccount, PhoneCall, Ticket
from rightsflow_sandbox.world.people import People
from rightsflow_sandbox.world.phone_calls import make_call
from rightsflow_sandbox.world.purchases import make_bill, make_payment, refunded
from rightsflow_sandbox.world.support import comment, ip_address, voice_ticket, written_ticket

_KEEP_INFORMED = {
    "de": "Bitte halten Sie {name} ({email}) auf dem Laufenden, wir nutzen das Gerät gemeinsam.",
    "en": "Please keep {name} ({email}) informed, we share the device.",
}
_ME_TOO = {
    "de": "{name} hier: bei mir tritt der Fehler auch auf. Rückfragen gern unter {phone}.",
    "en": "{name} here: I see the same fault. Call me on {phone} if you need more.",
}


@dataclass(slots=True)
class Draft:
    """A world in the making.

    Args:
        chance: Where the randomness comes from.
        people: Everybody.
        agents: All agents.
        accounts: Customer objects by the payment provider's key.
        tickets: All tickets, not yet numbered.
        calls: All calls, not yet numbered.
        marked_tickets: Places in ``tickets``, by what they are needed for.
        marked_calls: Places in ``calls``, by what they are needed for.
    """

    chance: Chance
    people: People
    agents: tuple[Agent, ...]
    accounts: dict[str, PaymentAccount] = field(default_factory=dict)
    tickets: list[Ticket] = field(default_factory=list)
    calls: list[PhoneCall] = field(default_factory=list)
    marked_tickets: dict[str, int] = field(default_factory=dict)
    marked_calls: dict[str, int] = field(default_factory=dict)

    def add_ticket(self, ticket: Ticket, mark: str = "") -> None:
        """Add a ticket, and remember its place if it is needed again."""
        if mark:
            self.marked_tickets[mark] = len(self.tickets)
        self.tickets.append(ticket)

    def add_call(self, call: PhoneCall, mark: str = "") -> None:
        """Add a call, and remember its place if it is needed again."""
        if mark:
            self.marked_calls[mark] = len(self.calls)
        self.calls.append(call)


def lay_crossings(draft: Draft) -> None:
    """Add all crossings."""
    cast = draft.people.cast
    for part in ("access", "erasure"):
        _fill_subject(draft, cast[part])
    _share_ticket(draft, cast["shares a ticket"], cast["reads along"], "shared")
    _share_ticket(draft, cast["copied by"], cast["erasure"], "subject copied")
    _pass_number_on(draft, cast["gave up a number"], cast["took over a number"], "orphan")
    _pass_number_on(draft, cast["earlier holder"], cast["erasure"], "subject orphan")
    _share_landline(draft, [cast[f"family {member}"] for member in (1, 2, 3)])
    _owe(draft, cast["owes"])
    _dispute(draft, cast["disputes"])
    _pay_twice(draft, cast["signed up twice"])
    _name(draft, cast["names another"], cast["is named"])


def _fill_subject(draft: Draft, person: Customer) -> None:
    """See to it that a demo subject has a good deal in all three systems.

    The mobile number stands at the till and in calls only, so that it takes the way e-mail address → helpdesk →
    account → number → calls to find those.
    """
    chance, random = draft.chance, draft.chance.stream("subject", person.customer_id)
    for oldest, newest in ((600, 300), (200, 120), (40, 15)):
        opened_at = chance.moment(random, oldest, newest)
        draft.add_ticket(written_ticket(chance, random, person, random.choice(draft.agents), opened_at))
    for number, recognised, oldest in ((person.phone, True, 300), (person.other_phones[0], False, 200)):
        started_at = chance.moment(random, oldest, oldest - 60)
        call = make_call(random, person, draft.agents, started_at, number=number, recognised=recognised, recorded=True)
        draft.add_call(replace(call, stereo=not recognised))
        if recognised:
            agent = next(one for one in draft.agents if one.extension == call.agents[0])
            draft.add_ticket(voice_ticket(chance, random, person, agent, call))
    account = draft.accounts[person.account]
    payments = [make_payment(chance, random, oldest, oldest - 100) for oldest in (700, 400, 130)]
    payments[0] = refunded(payments[0], random)
    bill = make_bill(chance, random, 350, 250, paid=True)
    draft.accounts[account.id] = replace(account, payments=(*account.payments, *payments), bills=(*account.bills, bill))


def _share_ticket(draft: Draft, requester: Customer, reader: Customer, mark: str) -> None:
    """Add a ticket on which a second person reads along and writes."""
    chance, random = draft.chance, draft.chance.stream("shared ticket", mark)
    ticket = written_ticket(chance, random, requester, draft.agents[0], chance.moment(random, 150, 100))
    first, last = ticket.comments[0], ticket.comments[-1]
    asks = comment(
        requester.user_id,
        _KEEP_INFORMED[requester.language].format(name=reader.name, email=reader.email),
        first.created_at + timedelta(minutes=6),
        ip_address=first.ip_address,
    )
    adds = comment(
        reader.user_id,
        _ME_TOO[reader.language].format(name=reader.name, phone=reader.phone),
        last.created_at + timedelta(hours=3),
        ip_address=ip_address(random),
    )
    comments = sorted((*ticket.comments, asks, adds), key=lambda one: one.created_at)
    draft.add_ticket(replace(ticket, cc_ids=(reader.user_id,), comments=tuple(comments)), mark)


def _pass_number_on(draft: Draft, earlier: Customer, later: Customer, mark: str) -> None:
    """Give a number from one person to another: earlier calls, later calls, and one that names no one."""
    chance, random = draft.chance, draft.chance.stream("number in turn", mark)
    for person, oldest, recognised, name in (
        (earlier, 800, True, ""),
        (earlier, 720, True, ""),
        (earlier, 640, False, mark),
        (later, 160, True, ""),
        (later, 80, True, ""),
    ):
        started_at = chance.moment(random, oldest, oldest - 50)
        call = make_call(
            random, person, draft.agents, started_at, number=later.phone, recognised=recognised, recorded=True
        )
        draft.add_call(call, name)


def _share_landline(draft: Draft, family: list[Customer]) -> None:
    """Add a number that several people use at the same time, now with and now without the customer id."""
    chance, random = draft.chance, draft.chance.stream("landline")
    for person in family:
        for recognised in (True, False):
            started_at = chance.moment(random, 400, 20)
            draft.add_call(make_call(random, person, draft.agents, started_at, recognised=recognised, recorded=True))


def _owe(draft: Draft, person: Customer) -> None:
    account = draft.accounts[person.account]
    bill = make_bill(draft.chance, draft.chance.stream("open bill"), 25, 12, paid=False)
    draft.accounts[account.id] = replace(account, bills=(*account.bills, bill))


def _dispute(draft: Draft, person: Customer) -> None:
    random, account = draft.chance.stream("dispute"), draft.accounts[person.account]
    payment = replace(make_payment(draft.chance, random, 40, 25), dispute=token(random, "du_"))
    draft.accounts[account.id] = replace(account, payments=(*account.payments, payment))


def _pay_twice(draft: Draft, person: Customer) -> None:
    """See to it that both customer objects of one person hold payments."""
    for key in person.accounts:
        account = draft.accounts[key]
        payment = make_payment(draft.chance, draft.chance.stream("second account payment", key), 300, 100)
        draft.accounts[key] = replace(account, payments=(*account.payments, payment))


def _name(draft: Draft, writer: Customer, named: Customer) -> None:
    """Add a ticket whose text names a person who is unrelated to it as far as the helpdesk knows."""
    chance, random = draft.chance, draft.chance.stream("mention")
    ticket = written_ticket(chance, random, writer, draft.agents[1], chance.moment(random, 60, 30))
    body = (
        f"{ticket.comments[0].body}\n\nPS: Das Gerät steht bei {named.name}, Termine bitte dort vereinbaren: "
        f"{named.email}, {named.phone}."
    )
    first = replace(ticket.comments[0], body=body)
    draft.add_ticket(replace(ticket, comments=(first, *ticket.comments[1:])), "mention")
