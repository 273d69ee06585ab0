"""Makes the customers and the agents."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Any

from rightsflow_sandbox.world.chance import Chance, token
from rightsflow_sandbox.world.model import Agent, Customer
from rightsflow_sandbox.world.names import CAST, full_names, phones, plain
from rightsflow_sandbox.world.words import words

OLDEST_DAYS = 900
"""The oldest age of the world's data, in days."""

FEWEST = len(CAST)
"""The crossings need so many people."""

_DOMAINS = ("example.com", "example.net", "example.org")
_FIRST_USER = 9_100_000_000_000_017  # beyond 2**53, as a real account's keys may be
_FIRST_AGENT = 9_099_000_000_000_003
_SECOND_ID = 60000
_AGENTS = ("Miriam Falk", "Tiago Almeida", "Svenja Petersen", "Rui Carvalho", "Hanna Liebig", "Inês Moreira")


@dataclass(frozen=True, slots=True)
class People:
    """Everybody.

    Args:
        everyone: All customers, by customer id.
        cast: Those who play a part in the crossings, by part.
    """

    everyone: tuple[Customer, ...]
    cast: dict[str, Customer]


def make_agents() -> tuple[Agent, ...]:
    """Return the agents, always the same."""
    return tuple(
        Agent(
            name=name,
            email=f"{plain(name)}@agents.example.com",
            user_id=_FIRST_AGENT + place,
            extension=str(3201 + place),
        )
        for place, name in enumerate(_AGENTS)
    )


def make_people(chance: Chance, number: int) -> People:
    """Make the customers.

    Args:
        chance: Where the randomness comes from.
        number: How many, at least :data:`FEWEST`.

    Raises:
        ValueError: Too few for the crossings.
    """
    if number < FEWEST:
        raise ValueError(f"The sandbox needs at least {FEWEST} customers; ask for more.")
    people = list(islice(_people(chance), number))
    cast = _dressed(chance, dict(zip(CAST, people, strict=False)))
    return People(everyone=(*cast.values(), *people[len(cast) :]), cast=cast)


def _people(chance: Chance) -> Iterator[Customer]:
    numbers = {language: phones(chance.stream("phones", language), language) for language in ("de", "en")}
    taken = {name for name, _ in CAST.values()}
    others = (named for named in full_names(chance.stream("names")) if named[0] not in taken)
    for place, (name, language) in enumerate(chain(CAST.values(), others), start=1):
        yield _person(chance, place, name, language, next(numbers[language]))


def _person(chance: Chance, place: int, name: str, language: str, phone: str) -> Customer:
    random = chance.stream("person", place)
    return Customer(
        customer_ids=(f"C-{10000 + place}",),
        name=name,
        language=language,
        emails=(f"{plain(name)}{'' if place <= len(CAST) else place}@{random.choice(_DOMAINS)}",),
        phone=phone,
        user_id=_FIRST_USER + place * 7919 + random.randint(0, 999),
        accounts=(token(random, "cus_"),),
        since=chance.moment(random, OLDEST_DAYS, 200),
        notes=random.choice(("", "", *words(language).profile_notes)),
    )


def _dressed(chance: Chance, cast: dict[str, Customer]) -> dict[str, Customer]:
    """Give the cast the attributes that their parts need."""
    mobiles = phones(chance.stream("phones", "mobile"), "mobile")
    since = chance.moment(chance.stream("since"), OLDEST_DAYS, OLDEST_DAYS - 100)
    twice, landline = cast["signed up twice"], cast["family 1"].phone
    changes: dict[str, dict[str, Any]] = {
        "access": {"other_phones": (next(mobiles),), "since": since},
        "erasure": {"other_phones": (next(mobiles),), "since": since},
        # Two numbers that changed hands: the later holder's number still stands in the earlier one's calls.
        "earlier holder": {"other_phones": (cast["erasure"].phone,), "since": since},
        "gave up a number": {"other_phones": (cast["took over a number"].phone,), "since": since},
        "signed up twice": {
            "customer_ids": (twice.customer_id, f"C-{_SECOND_ID + int(twice.customer_id[2:])}"),
            "accounts": (twice.account, token(chance.stream("second account"), "cus_")),
        },
        "has two addresses": {"emails": (cast["has two addresses"].email, "bjork.alt@example.org")},
    }
    changes |= {f"family {member}": {"phone": landline, "phone_is_shared": True} for member in (1, 2, 3)}
    return {part: replace(person, **changes.get(part, {})) for part, person in cast.items()}
