"""The sandbox's world: an invented brand's customers and all that its call centre holds on them.

:meth:`World.make` is a pure function of its arguments: the same seed, number and day give the same world to the byte.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count

from rightsflow_sandbox.world.cases import Cases
from rightsflow_sandbox.world.chance import Chance
from rightsflow_sandbox.world.crossings import Draft, lay_crossings
from rightsflow_sandbox.world.model import Agent, Comment, Customer, PaymentAccount, PhoneCall, Ticket
from rightsflow_sandbox.world.people import make_agents, make_people
from rightsflow_sandbox.world.phone_calls import FIRST_COUNTER, everyday_calls
from rightsflow_sandbox.world.purchases import make_accounts
from rightsflow_sandbox.world.support import everyday_tickets

BRAND = "Example Devices GmbH"
COUNTRY = "DE"
TIMEZONE = "Europe/Berlin"

_FIRST_TICKET = 4001
_FIRST_COMMENT = 19_000_000_000_001
_FIRST_ATTACHMENT = 6_000_000_000_001
_FIRST_TALK_CALL = 350_000_000_001


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The data of the sandbox's systems, and the truth about their owners.

    Args:
        seed: What it was made from.
        today: The day before which everything happened.
        people: The customers, by customer id.
        agents: Those who work at the call centre.
        accounts: The payment provider's customer objects.
        tickets: The helpdesk's tickets, oldest first.
        calls: The telephone calls, oldest first.
        cases: Where data cross.
        access_subject: Who asks for their data in the demonstration.
        erasure_subject: Who asks to be forgotten there.
    """

    seed: int
    today: date
    people: tuple[Customer, ...] = field(repr=False)
    agents: tuple[Agent, ...] = field(repr=False)
    accounts: tuple[PaymentAccount, ...] = field(repr=False)
    tickets: tuple[Ticket, ...] = field(repr=False)
    calls: tuple[PhoneCall, ...] = field(repr=False)
    cases: Cases = field(repr=False)
    access_subject: Customer = field(repr=False)
    erasure_subject: Customer = field(repr=False)

    @classmethod
    def make(cls, *, seed: int, customers: int, today: date) -> World:
        """Make a world.

        Args:
            seed: Decides everything that chance decides.
            customers: How many customers, at least as many as the crossings need.
            today: The day before which everything happened.

        Raises:
            ValueError: Too few customers for the crossings.
        """
        chance = Chance(seed=seed, today=today)
        draft = Draft(chance=chance, people=make_people(chance, customers), agents=make_agents())
        _fill(draft)
        lay_crossings(draft)
        tickets, calls = _numbered_tickets(draft), _numbered_calls(draft)
        return cls(
            seed=seed,
            today=today,
            people=draft.people.everyone,
            agents=draft.agents,
            accounts=tuple(draft.accounts.values()),
            tickets=tuple(sorted(tickets, key=lambda ticket: ticket.id)),
            calls=tuple(sorted(calls, key=lambda call: call.counter)),
            cases=_cases(draft, tickets, calls),
            access_subject=draft.people.cast["access"],
            erasure_subject=draft.people.cast["erasure"],
        )

    def accounts_of(self, person: Customer) -> list[PaymentAccount]:
        """Return a person's customer objects at the payment provider."""
        return [account for account in self.accounts if account.id in person.accounts]

    def tickets_of(self, person: Customer) -> list[Ticket]:
        """Return the tickets that a person requested, without those read in copy."""
        return [ticket for ticket in self.tickets if ticket.requester_id == person.user_id]

    def calls_of(self, person: Customer) -> list[PhoneCall]:
        """Return the calls a person really had, whatever the telephone system knows of that."""
        return [call for call in self.calls if call.owner in person.customer_ids]


def _fill(draft: Draft) -> None:
    """Add the everyday data of all people."""
    elsewhere = {
        # The demo subjects gave other contact data at the till, so that the e-mail address alone does not lead there.
        draft.people.cast["access"].customer_id: "z.m@example.net",
        draft.people.cast["erasure"].customer_id: "jn.orders@example.org",
    }
    users = Counter(number for person in draft.people.everyone for number in person.phones)
    for person in draft.people.everyone:
        email = elsewhere.get(person.customer_id, "")
        phone = person.other_phones[0] if email else ""
        for account in make_accounts(draft.chance, person, email=email, phone=phone):
            draft.accounts[account.id] = account
        shares = users[person.phone] > 1
        calls = list(everyday_calls(draft.chance, person, draft.agents, always_recognised=shares))
        draft.calls.extend(calls)
        draft.tickets.extend(everyday_tickets(draft.chance, person, draft.agents, calls))


def _numbered_tickets(draft: Draft) -> list[Ticket]:
    """Return tickets, comments and files with keys in order of time; the places in the list stay."""
    order = sorted(range(len(draft.tickets)), key=lambda place: (draft.tickets[place].comments[0].created_at, place))
    comments, files = count(_FIRST_COMMENT), count(_FIRST_ATTACHMENT)
    numbered = list(draft.tickets)
    for number, place in enumerate(order, start=_FIRST_TICKET):
        ticket = draft.tickets[place]
        kept = tuple(_numbered_comment(comment, number, next(comments), files) for comment in ticket.comments)
        numbered[place] = replace(ticket, id=number, comments=kept)
    return numbered


def _numbered_comment(comment: Comment, ticket: int, number: int, files: count[int]) -> Comment:
    voice = comment.voice and replace(comment.voice, call_id=_FIRST_TALK_CALL + ticket)
    attachments = tuple(replace(one, id=next(files)) for one in comment.attachments)
    return replace(comment, id=number, voice=voice, attachments=attachments)


def _numbered_calls(draft: Draft) -> list[PhoneCall]:
    """Return calls with counters in order of time; the places in the list stay. Each leg takes two."""
    order = sorted(range(len(draft.calls)), key=lambda place: (draft.calls[place].started_at, place))
    numbered = list(draft.calls)
    for number, place in enumerate(order):
        numbered[place] = replace(draft.calls[place], counter=FIRST_COUNTER + 4 * number)
    return numbered


def _cases(draft: Draft, tickets: list[Ticket], calls: list[PhoneCall]) -> Cases:
    cast = draft.people.cast
    ticket = {mark: tickets[place] for mark, place in draft.marked_tickets.items()}
    family = tuple(cast[f"family {member}"] for member in (1, 2, 3))
    return Cases(
        shared_ticket=ticket["shared"],
        shared_ticket_people=(cast["shares a ticket"], cast["reads along"]),
        number_in_turn=cast["took over a number"].phone,
        number_in_turn_people=(cast["gave up a number"], cast["took over a number"]),
        orphan_call=calls[draft.marked_calls["orphan"]],
        two_accounts=cast["signed up twice"],
        family_landline=family[0].phone,
        family=family,
        accented=tuple(person for person in draft.people.everyone if not person.name.isascii()),
        open_invoice=cast["owes"],
        open_bill=draft.accounts[cast["owes"].account].bills[-1],
        disputed_charge=cast["disputes"],
        disputed_payment=draft.accounts[cast["disputes"].account].payments[-1],
        mention=ticket["mention"],
        mentioned=cast["is named"],
        secondary_email=cast["has two addresses"],
        unnormalised_calls=tuple(call for call in calls if call.shown_as != call.number),
        subject_copied_ticket=ticket["subject copied"],
        subject_number_in_turn=cast["erasure"].phone,
        subject_number_people=(cast["earlier holder"], cast["erasure"]),
    )
