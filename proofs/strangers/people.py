"""Invented people who are made to be mistaken for each other: neighbourhoods of ten, and towns drawn by a seed."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from random import Random

NEIGHBOURHOODS = 20
OWN_NUMBER = "+4930901000"
"""The line that customers call."""

FIRST = ("Anna", "Bela", "Clara", "Dario", "Elif", "Frida", "Goran", "Hanna", "Iwo", "Jana")
HEADS = ("Quill", "Bram", "Zell", "Wick", "Fenn", "Mohr", "Tann", "Lerch", "Holz", "Garn", "Dorn", "Esch")
TAILS = ("feather", "stetter", "brook", "acker", "winter", "hauser", "lund", "mann", "berg", "rode", "thal", "kamp")
_LETTERS = "bcdfghjklmnpqrst"


class Neighbour(IntEnum):
    """Who lives in a neighbourhood, by what they have in common with the one who asks."""

    SUBJECT = 0
    FAMILY = 1
    """Is copied on tickets, and in every other neighbourhood has used the same mobile number in turn."""
    LONGER = 2
    """Has a phone number, an address and a customer number that contain the subject's."""
    SHORTER = 3
    """Has a phone number and an address that the subject's contain."""
    NAMESAKE = 4
    TWIN = 5
    """Attached the same files, stored once, and has versions under the same keys."""
    SUCCESSOR = 6
    """Has versions under the same keys, older and newer ones."""
    NUMBERED = 7
    """Has an account number in the shop that is the subject's number in the ticket system."""
    CALLER = 8
    """Has talked with the subject on the phone."""
    TAGGED = 9
    """Has the same name before the @, at another domain."""


@dataclass(frozen=True, slots=True)
class Person:
    """One of them."""

    number: int
    first: str
    last: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    customer: str
    in_turn: tuple[str, ...] = ()
    born: str = ""

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def words(self) -> frozenset[str]:
        """Everything by which the person can be named in a text, in every spelling that is used."""
        numbers = {spelled for phone in self.phones for spelled in spellings(phone)}
        return frozenset({*self.emails, *numbers, self.customer, self.name, self.first, self.last})

    @property
    def role(self) -> Neighbour:
        return Neighbour(self.number % len(Neighbour))

    @property
    def street(self) -> int:
        return self.number // len(Neighbour)


@dataclass(frozen=True, slots=True)
class Population:
    """Everybody."""

    people: tuple[Person, ...]
    by_email: dict[str, int] = field(default_factory=dict)
    asking: tuple[int, ...] = ()

    @property
    def subjects(self) -> list[Person]:
        if self.asking:
            return [self.people[number] for number in self.asking]
        return [one for one in self.people if one.role is Neighbour.SUBJECT]

    def beside(self, person: Person, role: Neighbour) -> Person:
        return self.people[person.street * len(Neighbour) + role]


def populate(neighbourhoods: int = NEIGHBOURHOODS) -> Population:
    people = tuple(one for street in range(neighbourhoods) for one in _neighbourhood(street))
    return Population(people, {email: one.number for one in people for email in one.emails})


def word(what: str) -> str:
    return "zq" + "".join(_LETTERS[int(digit, 16)] for digit in hashlib.sha256(what.encode()).hexdigest()[:12])


def national(phone: str) -> str:
    return "0" + phone.removeprefix("+49")


def bare(phone: str) -> str:
    return phone.removeprefix("+")


def spaced(phone: str) -> str:
    digits = national(phone)
    return f"{digits[:4]} {digits[4:8]} {digits[8:]} (privat)"


def _neighbourhood(street: int) -> Iterator[Person]:
    lasts = _last_names()
    family, first = lasts[street], FIRST[street % len(FIRST)]
    mobile, landline = f"+4917139200{street + 10:02}", f"+493023125{103 + 10 * street}"
    address, customer = f"{first}.{family}".lower(), f"C-{40 + street}07"
    turn = (mobile,) if street % 2 == 0 else ()
    names = [(first, family)] * len(Neighbour)
    for role in (Neighbour.LONGER, Neighbour.SHORTER, Neighbour.TWIN, Neighbour.SUCCESSOR, Neighbour.NUMBERED):
        names[role] = (FIRST[(street + role) % len(FIRST)], lasts[NEIGHBOURHOODS + (5 * street + role) % 90])
    names[Neighbour.FAMILY] = (FIRST[(street + 1) % len(FIRST)], family)
    names[Neighbour.CALLER] = (FIRST[(street + 2) % len(FIRST)], lasts[NEIGHBOURHOODS + (5 * street + 9) % 90])
    emails = {
        Neighbour.SUBJECT: (f"{address}@example.com", f"{family.lower()}{street}@example.net"),
        Neighbour.LONGER: (f"mc{address}@example.com",),
        Neighbour.SHORTER: (f"{address[1:]}@example.com",),
        Neighbour.NAMESAKE: (f"{address}.2@example.com",),
        Neighbour.TAGGED: (f"{address}@example.org",),
    }
    phones = {
        Neighbour.SUBJECT: (mobile, landline),
        Neighbour.LONGER: (f"{mobile}7", f"{landline}4"),
        Neighbour.SHORTER: (landline[:-1],),
        Neighbour.TAGGED: (f"+441632960{100 + street}",),
    }
    customers = {Neighbour.SUBJECT: customer, Neighbour.LONGER: f"{customer}1", Neighbour.SHORTER: customer[2:]}
    for role in Neighbour:
        number = street * len(Neighbour) + role
        given, last = names[role]
        own = phones.get(role, (f"+496990009{number:03}",))
        yield Person(
            number=number,
            first=given,
            last=last,
            emails=emails.get(role, (f"{given}.{last}.{number}@example.org".lower(),)),
            phones=(*turn, *own) if role is Neighbour.FAMILY else own,
            customer=customers.get(role, f"C-{7000 + number}"),
            in_turn=turn if role in {Neighbour.SUBJECT, Neighbour.FAMILY} else (),
        )


@cache
def _last_names() -> list[str]:
    return [head + tail for tail in TAILS for head in HEADS]


_GIVEN = ("Anna", "Bela", "Clara", "Dario", "Elif", "Frida", "Goran", "Hanna", "Iwo", "Jana", "Ann", "Han")
_LAST = ("Quill", "Bram", "Zell", "Wick", "Fenn", "Mohr", "Tann", "Lerch", "Holz", "Garn", "Quillfeather", "Mohrin")
_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody, and the chance by which all that they have is drawn."""

    people: tuple[Person, ...]
    dice: Random = field(repr=False)

    def having(self, phone: str) -> frozenset[int]:
        return frozenset(one.number for one in self.people if phone in one.phones)

    def some(self, most: int, *, least: int = 0, but: frozenset[Person] = frozenset()) -> list[Person]:
        others = [one for one in self.people if one not in but]
        return self.dice.sample(others, min(self.dice.randint(least, most), len(others)))


def settle(seed: int, count: int) -> Town:
    dice = Random(f"neighbours/{seed}")
    phones = _phones(dice, count)
    taken: Counter[str] = Counter()
    people = []
    for number, customer in enumerate(_customers(dice, count)):
        first, last = dice.choice(_GIVEN), dice.choice(_LAST)
        emails = tuple(_address(dice, first, last, taken) for _ in range(dice.choice((1, 1, 2))))
        people.append(Person(number, first, last, emails, phones[number], customer))
    return Town(tuple(people), dice)


def spellings(phone: str) -> list[str]:
    written = [spaced(phone).removesuffix(" (privat)"), phone, f"00{bare(phone)}", bare(phone), national(phone)]
    return sorted(written, key=len, reverse=True)


def _phones(dice: Random, count: int) -> list[tuple[str, ...]]:
    own = iter(dice.sample([f"+496990009{number:03}" for number in range(1000)], count))
    households = [f"+493023125{number:03}" for number in dice.sample(range(1000), max(1, count // 4))]
    drawn: list[tuple[str, ...]] = []
    for _ in range(count):
        chance, mine, shared = dice.random(), next(own), dice.choice(households)
        longer = f"{shared}{dice.randint(0, 9)}"
        drawn.append(
            (mine,) if chance < 0.4 else (mine, shared) if chance < 0.7 else (shared,) if chance < 0.9 else (longer,)
        )
    return drawn


def _customers(dice: Random, count: int) -> Iterator[str]:
    drawn = dice.sample(range(10, 10 + 20 * count), count)
    yield from (f"C-{number}" for number in drawn)


def _address(dice: Random, first: str, last: str, taken: Counter[str]) -> str:
    local = dice.choice((f"{first}.{last}", f"{first[0]}.{last}", f"{last}", f"mc{first}.{last}", f"{first}+{last}"))
    while True:
        address = f"{local}{taken[local] or ''}@{dice.choice(_DOMAINS)}".lower()
        taken[local] += 1
        if not taken[address]:
            taken[address] += 1
            return address
