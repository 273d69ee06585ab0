"""Makes the telephone calls, as people had them and as the telephone system wrote the numbers down."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

import phonenumbers

from rightsflow_sandbox.world.chance import Chance
from rightsflow_sandbox.world.model import Agent, Customer, PhoneCall

FIRST_COUNTER = 10240
_CALLS = (0, 0, 1, 1, 1, 2, 2, 3)
_RECORDED = 0.9
_STEREO = 0.2
_RECOGNISED = 0.75
_PASSED_ON = 0.15
_NAMED = 0.4


def written(number: str, random: Random) -> str:
    """Return a number as a telephone system stores it, which depends on the call's trunk."""
    parsed = phonenumbers.parse(number)
    ways = [number, "00" + number[1:]]
    if parsed.country_code == 49:
        ways += ["0" + str(parsed.national_number)] * 2
    return random.choice(ways)


def make_call(
    random: Random,
    person: Customer,
    agents: tuple[Agent, ...],
    started_at: datetime,
    *,
    number: str = "",
    recognised: bool | None = None,
    recorded: bool | None = None,
) -> PhoneCall:
    """Make one call.

    Args:
        random: Decides the rest.
        person: Who spoke.
        agents: All agents.
        started_at: When.
        number: From or to which number; by default the person's own.
        recognised: Whether the telephone system noted the customer id; by default by chance.
        recorded: Whether there is a recording; by default by chance.
    """
    number = number or person.phone
    team = random.sample(agents, 2 if random.random() < _PASSED_ON else 1)
    is_recorded = random.random() < _RECORDED if recorded is None else recorded
    known = random.random() < _RECOGNISED if recognised is None else recognised
    return PhoneCall(
        owner=person.customer_id,
        account_code=person.customer_id if known else "",
        direction=random.choice(("in", "in", "out")),
        number=number,
        shown_as=written(number, random),
        caller_name=person.name if known and random.random() < _NAMED else "",
        agents=tuple(agent.extension for agent in team),
        started_at=started_at,
        seconds=random.randint(2, 6),
        counter=0,
        recorded=is_recorded,
        stereo=is_recorded and random.random() < _STEREO,
    )


def everyday_calls(
    chance: Chance, person: Customer, agents: tuple[Agent, ...], *, always_recognised: bool
) -> Iterator[PhoneCall]:
    """Yield the calls a person has in the course of things.

    Args:
        chance: Where the randomness comes from.
        person: Who calls and is called.
        agents: All agents.
        always_recognised: For numbers that others use as well, where a call with no one's id would be no one's; the
            crossings make such calls on purpose.
    """
    random = chance.stream("calls", person.customer_id)
    for _ in range(random.choice(_CALLS)):
        started_at = chance.moment(random, chance.days_since(person.since), 3)
        yield make_call(random, person, agents, started_at, recognised=True if always_recognised else None)
