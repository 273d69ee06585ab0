"""Whose cases are worked on while processes are killed: people who have nothing to do with each other.

Where a record of one names another, the end depends on whose case came first: who is named in a ticket that has been
erased has one record less. Two sessions could then not be compared.
"""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice

from rightsflow_sandbox.inspection.ownership import text_of, words_of
from rightsflow_sandbox.world.model import Customer
from rightsflow_sandbox.world.world import World


def unrelated(world: World, count: int) -> list[Customer]:
    """People whose cases cannot meet: none of them stands in a record of anybody else's.

    Args:
        world: The sandbox's.
        count: How many.

    Raises:
        ValueError: There are fewer.
    """
    related = {one for pair in meetings(world) for one in pair}
    cast = {world.access_subject.customer_id, world.erasure_subject.customer_id}
    alone = (one for one in world.people if len(one.customer_ids) == 1 and one.customer_id not in related | cast)
    chosen = list(islice(alone, count))
    if len(chosen) < count:
        raise ValueError(f"Only {len(chosen)} people of the sandbox have nothing to do with others; ask for fewer.")
    return chosen


def meetings(world: World) -> set[tuple[str, str]]:
    """Which two people stand in one record, by their customer ids: as its owners, by a key of theirs or by a word.

    Args:
        world: The sandbox's.
    """
    marks = {one.customer_id: _marks(one, world) for one in world.people}
    # In the owner's stead where the record itself does not name them.
    owned = [
        *((one.owner, asdict(one)) for one in world.accounts),
        *((one.owner, asdict(one)) for one in world.calls),
    ]
    written = [*(("", asdict(one)) for one in world.people), *(("", asdict(one)) for one in world.tickets)]
    met = set()
    for owner, record in owned + written:
        text = text_of(record)
        named = {who for who, words in marks.items() if any(word in text for word in words)}
        found = sorted(named | ({owner} & marks.keys()))
        met |= {(one, other) for place, one in enumerate(found) for other in found[place + 1 :]}
    return met


def _marks(person: Customer, world: World) -> tuple[str, ...]:
    """All by which a person is found: what names them in a text, and their keys in each system."""
    return (*words_of(person, world), str(person.user_id), *person.customer_ids, *person.accounts)
