"""People drawn by a seed, who share telephone numbers, names and parts of their addresses and customer numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from proofs.strangers.people import bare, national, spaced

OWN_LINE = "+4930901000"
"""The line that customers call."""

_FIRST = ("Anna", "Bela", "Clara", "Dario", "Elif", "Frida", "Goran", "Hanna", "Iwo", "Jana", "Ann", "Han")
_LAST = ("Quill", "Bram", "Zell", "Wick", "Fenn", "Mohr", "Tann", "Lerch", "Holz", "Garn", "Quillfeather", "Mohrin")
_DOMAINS = ("example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class Resident:
    """One of the people.

    Args:
        number: Counts from 0.
        first: The first name.
        last: The last name.
        emails: All addresses, the main one first.
        phones: All numbers in E.164, the main one first.
        customer: The controller's customer number.
    """

    number: int
    first: str
    last: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    customer: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"

    @property
    def words(self) -> frozenset[str]:
        """Everything by which the person can be named in a text, in every spelling that is used."""
        numbers = {spelled for phone in self.phones for spelled in spellings(phone)}
        return frozenset({*self.emails, *numbers, self.customer, self.name, self.first, self.last})


@dataclass(frozen=True, slots=True)
class Town:
    """Everybody, and the chance by which all that they have is drawn.

    Args:
        people: By number.
        dice: The chance.
    """

    people: tuple[Resident, ...]
    dice: Random = field(repr=False)

    def having(self, phone: str) -> frozenset[int]:
        """Who uses a number."""
        return frozenset(one.number for one in self.people if phone in one.phones)

    def some(self, most: int, *, least: int = 0, but: frozenset[Resident] = frozenset()) -> list[Resident]:
        """A few people, each once."""
        others = [one for one in self.people if one not in but]
        return self.dice.sample(others, min(self.dice.randint(least, most), len(others)))


def settle(seed: int, count: int) -> Town:
    """Draw everybody.

    Args:
        seed: Decides all that chance decides.
        count: How many people.
    """
    dice = Random(f"neighbours/{seed}")
    phones = _phones(dice, count)
    taken: Counter[str] = Counter()
    people = []
    for number, customer in enumerate(_customers(dice, count)):
        first, last = dice.choice(_FIRST), dice.choice(_LAST)
        emails = tuple(_address(dice, first, last, taken) for _ in range(dice.choice((1, 1, 2))))
        people.append(Resident(number, first, last, emails, phones[number], customer))
    return Town(tuple(people), dice)


def spellings(phone: str) -> list[str]:
    """A number as systems and people write it, the longest first."""
    written = [spaced(phone).removesuffix(" (privat)"), phone, f"00{bare(phone)}", bare(phone), national(phone)]
    return sorted(written, key=len, reverse=True)


def _phones(dice: Random, count: int) -> list[tuple[str, ...]]:
    """Numbers of their own for most, one of a household beside it or in its place for many, some a digit longer."""
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
    """Customer numbers of which many contain another one."""
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
