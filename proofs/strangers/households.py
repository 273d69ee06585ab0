"""Two hundred and forty people in forty households, and what they write and order, for the strange systems.

A household is made to be mistaken for one person: it shares a landline, a mailbox and a surname, and its neighbours
have the subject's former number or an address that looks alike. What is planned here is written by each system's own
means.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from proofs.strangers.people import Person, Population
from proofs.strangers.planted import Marks

HOUSEHOLDS = 40
AGENT = "agnes"
_FIRST = ("Anna", "Bela", "Clara", "Dario", "Elif", "Frida", "Goran", "Hanna", "Iwo", "Jana")
_HEADS = ("Quill", "Bram", "Zell", "Wick", "Fenn", "Mohr", "Tann", "Lerch", "Holz", "Garn", "Dorn", "Esch")
_TAILS = ("feather", "stetter", "brook", "acker", "winter", "hauser", "lund", "mann", "berg", "rode", "thal", "kamp")

Plan = dict[str, Any]
"""What a system is filled with, as it goes to the program that fills it."""


class Role(IntEnum):
    """Who lives in a household or beside it, by what they have in common with the one who asks."""

    SUBJECT = 0
    SPOUSE = 1
    """Shares the landline, the mailbox and the surname."""
    NAMESAKE = 2
    """A parent with the same full name, landline and mailbox; in every other household the dates of birth are known."""
    HEIR = 3
    """Uses the mobile number that was the subject's."""
    FRIEND = 4
    """Is in copy, answers in the subject's tickets, gets presents, and has attached the same files."""
    TWIN = 5
    """Has an address and a number that contain the subject's."""


@dataclass(frozen=True, slots=True)
class Household:
    """Six people.

    Args:
        street: Counts from 0.
        people: By role.
    """

    street: int
    people: tuple[Person, ...]

    @property
    def landline(self) -> str:
        """The number that three of them share."""
        return self.people[Role.SUBJECT].phones[0]

    @property
    def mailbox(self) -> str:
        """The address that three of them share."""
        return self.people[Role.SUBJECT].emails[1]

    @property
    def mobile(self) -> str:
        """The number that was the subject's and is the heir's."""
        return self.people[Role.HEIR].phones[0]

    @property
    def family(self) -> list[int]:
        """Those who share them."""
        return [self.people[role].number for role in (Role.SUBJECT, Role.SPOUSE, Role.NAMESAKE)]


def populate(households: int = HOUSEHOLDS) -> tuple[Population, list[Household]]:
    """Invent everybody.

    Args:
        households: How many times six people.
    """
    built = [_household(street) for street in range(households)]
    people = tuple(person for one in built for person in one.people)
    asking = tuple(one.people[Role.SUBJECT].number for one in built)
    return Population(people, {}, asking), built


def _household(street: int) -> Household:
    last, other = _last(street), _last(street + 72)
    first, spouse = _FIRST[street % 10], _FIRST[(street + 1) % 10]
    landline, mobile, theirs = (
        f"+4930231{25100 + 7 * street}",
        f"+49171392{10000 + 13 * street}",
        f"+4969900{street:05}",
    )
    mailbox, address = f"familie.{last}{street}@example.net".lower(), f"{first}.{last}@example.com".lower()
    dated = street % 2 == 0
    rows = {
        Role.SUBJECT: (first, last, (address, mailbox), (landline, mobile), "1985-03-1" + str(street % 9 + 1)),
        Role.SPOUSE: (spouse, last, (f"{spouse}.{last}{street}@example.org".lower(), mailbox), (landline,), ""),
        Role.NAMESAKE: (first, last, (f"{first}.{last}.sen@example.org".lower(), mailbox), (landline,), "1951-07-02"),
        Role.HEIR: (_FIRST[(street + 4) % 10], other, (f"heir{street}@example.org",), (mobile,), ""),
        Role.FRIEND: (_FIRST[(street + 5) % 10], _last(street + 100), (f"friend{street}@example.org",), (theirs,), ""),
        Role.TWIN: (_FIRST[(street + 6) % 10], _last(street + 50), (f"mc{address}",), (f"{mobile}4",), ""),
    }  # fmt: skip
    people = []
    for role, (given, name, emails, phones, born) in rows.items():
        number = street * len(Role) + role
        known = born if dated and role in {Role.SUBJECT, Role.NAMESAKE} else ""
        in_turn = (mobile,) if role in {Role.SUBJECT, Role.HEIR} else ()
        people.append(Person(number, given, name, emails, phones, f"{70000 + 11 * number}", in_turn, known))
    return Household(street, tuple(people))


def _last(number: int) -> str:
    return _HEADS[number % 12] + _TAILS[number // 12 % 12]


class Scenes:
    """What is written and ordered in one household, with a mark in every piece.

    Args:
        system: Where.
        household: By whom.
        marks: Where what is planted is noted.
    """

    def __init__(self, system: str, household: Household, marks: Marks) -> None:
        self._system, self._house, self._marks = system, household, marks

    def tickets(self) -> Iterator[Plan]:
        """Tickets: own ones, with others in them, at the shared mailbox, by number only, and of the neighbours."""
        me, spouse, namesake, heir, friend, twin = self._house.people
        yield self._ticket(me, "own", [self.message(me, "own note"), self._staff("reply"), self._staff("internal")])
        yield self._ticket(
            me, "with the friend", [self.message(friend, "in the subject's"), self.message(me, "last")], cc=[friend]
        )
        yield self._ticket(friend, "own", [self.message(me, "in the friend's")], cc=[me])
        yield self._ticket(spouse, "own", [self.message(spouse, "note")], phone=self._house.landline)
        yield self._ticket(namesake, "own", [self.message(namesake, "note")], phone=self._house.landline)
        yield self._ticket(heir, "own", [self.message(heir, "note")], phone=self._house.mobile)
        yield self._ticket(twin, "own", [self.message(twin, "note")], phone=twin.phones[0])
        yield self.unclear("at the shared mailbox", email=self._house.mailbox)
        # As an erasure of before left it: no one is named any more, the family's number still stands there.
        yield self.unclear("whose writer was erased", phone=self._house.landline)

    def orders(self) -> Iterator[Plan]:
        """Orders: own ones, as a guest, a present, at the shared number, and of the neighbours."""
        me, spouse, namesake, heir, friend, twin = self._house.people
        yield self._order(me, "own")
        yield self._order(me, "as a guest", guest=me.emails[0])
        yield self._order(me, "a present", to=friend)
        yield self._order(spouse, "own", phone=self._house.landline)
        yield self._order(spouse, "as a guest", guest=spouse.emails[0], phone=self._house.landline)
        yield self._order(namesake, "own", phone=self._house.landline)
        yield self._order(heir, "own", phone=self._house.mobile)
        yield self._order(friend, "a present back", to=me)
        yield self._order(twin, "own")
        family = self._house.family
        yield self._order(me, "at the shared mailbox", guest=self._house.mailbox, owners=family, phone="")
        yield self._order(me, "whose guest was erased", guest="", owners=family, phone=self._house.landline)

    def message(self, person: Person, what: str) -> Plan:
        """What a person writes, with a file.

        Args:
            person: Who writes.
            what: What it is, unique for this person in the household.
        """
        return {
            "author": person.number,
            "text": f"My kettle leaks, {self.own(person, f'{what}: text')}.",
            "file": {
                "name": f"{what.replace(' ', '-')}.txt",
                "content": f"A receipt, {self.own(person, f'{what}: file')}",
            },
        }

    def unclear(self, what: str, *, email: str = "", phone: str = "") -> Plan:
        """A ticket of someone of the family, no one can say of whom."""
        text, file = (self._plant(self._house.family, f"{what}: {part}", unclear=True) for part in ("text", "file"))
        content = {"name": "unclear.txt", "content": f"A picture, {file}"}
        message = {"author": None, "text": "And again.", "file": content}
        return {
            "author": None,
            "email": email,
            "phone": phone,
            "born": "",
            "cc": [],
            "subject": what,
            "text": text,
            "messages": [message],
        }

    def own(self, person: Person, what: str) -> str:
        """A mark of one person's."""
        return self._plant([person.number], f"{person.number}: {what}")

    def _plant(self, owners: Iterable[int], what: str, *, unclear: bool = False) -> str:
        none: dict[str, Any] = {"given": [], "erased": []} if unclear else {}
        return self._marks.plant(self._system, f"{what}, street {self._house.street}", owners, **none)

    def _staff(self, what: str) -> Plan:
        me = self._house.people[Role.SUBJECT].number
        mark = self._marks.plant(self._system, f"staff's {what} to {me}", [], may_see=[me])
        return {"author": AGENT, "text": f"We looked into it, {mark}.", "internal": what == "internal"}

    def _ticket(
        self, person: Person, what: str, messages: list[Plan], *, cc: Iterable[Person] = (), phone: str = ""
    ) -> Plan:
        return {
            "author": person.number,
            "email": person.emails[0],
            "phone": phone,
            "born": person.born,
            "cc": [one.number for one in cc],
            "subject": f"Kettle {self.own(person, f'{what}: title')}",
            "text": self.own(person, f"{what}: text of the ticket"),
            "messages": messages,
        }

    def _order(
        self,
        person: Person,
        what: str,
        *,
        guest: str | None = None,
        to: Person | None = None,
        phone: str | None = None,
        owners: list[int] | None = None,
    ) -> Plan:
        receiver = to or person

        def mark(part: str, *whose: int) -> str:
            return self._plant(owners or whose, f"{person.number} {what}: {part}", unclear=owners is not None)

        return {
            "account": person.number if guest is None else None,
            "guest": guest or "",
            "first": receiver.first,
            "last": receiver.last,
            "phone": receiver.phones[0] if phone is None else phone,
            "street": f"Street {mark('street', receiver.number)}",
            "note": mark("delivery note", receiver.number),
            "line": mark("engraving", person.number),
            "remark": mark("remark", person.number),
            "payment": mark("payment", person.number),
        }
