"""Crossings of people's data in the sandbox's world, each named for demonstrations and tests."""

from __future__ import annotations

from dataclasses import dataclass

from rightsflow_sandbox.world.model import Bill, CardPayment, Customer, PhoneCall, Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """The places where data cross; each can be named in a test.

    Args:
        shared_ticket: The ticket on which a requester and a reader in copy both wrote.
        shared_ticket_people: Those two, the requester first.
        number_in_turn: The number two people used one after the other.
        number_in_turn_people: Those two, the earlier one first.
        orphan_call: A call from that number of which the telephone system does not know whose it was.
        two_accounts: Who signed up twice with one e-mail address.
        family_landline: The number that several people use at the same time.
        family: Those people.
        accented: People whose names need more than ASCII.
        open_invoice: Who owes.
        open_bill: What is owed.
        disputed_charge: Who disputes a charge.
        disputed_payment: The charge.
        mention: The ticket of another person in whose text a person is named.
        mentioned: The person named there.
        secondary_email: Who has an address that stands only among the identities.
        unnormalised_calls: Calls whose number is not stored as E.164.
        subject_copied_ticket: Another's ticket that the erasure subject reads in copy and wrote on.
        subject_number_in_turn: The number the erasure subject took over from another person.
        subject_number_people: The earlier user and the erasure subject.
    """

    shared_ticket: Ticket
    shared_ticket_people: tuple[Customer, Customer]
    number_in_turn: str
    number_in_turn_people: tuple[Customer, Customer]
    orphan_call: PhoneCall
    two_accounts: Customer
    family_landline: str
    family: tuple[Customer, ...]
    accented: tuple[Customer, ...]
    open_invoice: Customer
    open_bill: Bill
    disputed_charge: Customer
    disputed_payment: CardPayment
    mention: Ticket
    mentioned: Customer
    secondary_email: Customer
    unnormalised_calls: tuple[PhoneCall, ...]
    subject_copied_ticket: Ticket
    subject_number_in_turn: str
    subject_number_people: tuple[Customer, Customer]
