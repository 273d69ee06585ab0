"""Makes the service tickets: conversations in writing, and those a telephone call opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from rightsflow_sandbox.world.attachments import attachment
from rightsflow_sandbox.world.chance import Chance
from rightsflow_sandbox.world.model import Agent, Attachment, Comment, Customer, PhoneCall, Ticket, Voice
from rightsflow_sandbox.world.names import HOTLINE
from rightsflow_sandbox.world.words import Script, words

_TICKETS = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6, 8)
_TICKET_OF_CALL = 0.35
_RATED = 0.3
_CLOSED_AFTER_DAYS = 90
_SOLVED_AFTER_DAYS = 10
_NEWEST_DAYS = 7
"""A conversation takes some days; it has to end before today."""


def everyday_tickets(
    chance: Chance, person: Customer, agents: tuple[Agent, ...], calls: list[PhoneCall]
) -> Iterator[Ticket]:
    """Yield the tickets a person has in the course of things.

    Args:
        chance: Where the randomness comes from.
        person: Whose they are.
        agents: All agents.
        calls: The person's calls, some of which open a ticket.
    """
    random = chance.stream("tickets", person.customer_id)
    for _ in range(random.choice(_TICKETS)):
        opened_at = chance.moment(random, chance.days_since(person.since), _NEWEST_DAYS)
        yield written_ticket(chance, random, person, random.choice(agents), opened_at)
    for call in calls:
        if call.recorded and call.account_code and random.random() < _TICKET_OF_CALL:
            agent = next(one for one in agents if one.extension == call.agents[0])
            yield voice_ticket(chance, random, person, agent, call)


def written_ticket(chance: Chance, random: Random, person: Customer, agent: Agent, opened_at: datetime) -> Ticket:
    """Return a conversation in writing.

    Args:
        chance: Knows today, which decides how far the ticket has come.
        random: Decides the rest.
        person: Who asks.
        agent: Who answers.
        opened_at: When it began.
    """
    script = random.choice(words(person.language).scripts)
    order = f"ED-{random.randint(100000, 999999)}"
    fill = _fill(person, agent, order)
    comments = list(_conversation(random, script, (person.user_id, agent.user_id), opened_at, fill))
    status = _status(chance.days_since(opened_at), random)
    rating, rating_comment = _rating(random, person, status)
    return Ticket(
        id=0,
        subject=script.subject.format(**fill),
        status=status,
        requester_id=person.user_id,
        assignee_id=agent.user_id,
        comments=tuple(comments),
        tags=random.choice(((), ("warranty",), ("billing",), ("delivery", "vip"))),
        order=order,
        rating=rating,
        rating_comment=rating_comment,
    )


def voice_ticket(chance: Chance, random: Random, person: Customer, agent: Agent, call: PhoneCall) -> Ticket:
    """Return the ticket of a telephone call.

    Args:
        chance: Knows today, which decides how far the ticket has come.
        random: Decides the rest.
        person: Who spoke.
        agent: Who spoke for the brand.
        call: The call.
    """
    texts, fill = words(person.language), _fill(person, agent, "")
    caller, called = (call.number, HOTLINE) if call.direction == "in" else (HOTLINE, call.number)
    voice = Voice(
        caller=caller,
        called=called,
        seconds=call.seconds,
        transcript=random.choice(texts.transcripts).format(**fill),
        call_id=0,
    )
    body = texts.voice_body.format(**{**fill, "phone": caller, "seconds": call.seconds})
    at = call.started_at + timedelta(seconds=call.seconds + 30)
    return Ticket(
        id=0,
        subject=texts.voice_subject.format(**fill),
        status=_status(chance.days_since(call.started_at), random),
        requester_id=person.user_id,
        assignee_id=agent.user_id,
        comments=(Comment(id=0, author_id=person.user_id, body=body, created_at=at, voice=voice),),
        tags=("phone",),
    )


def comment(author_id: int, body: str, created_at: datetime, *, ip_address: str = "", public: bool = True) -> Comment:
    """Return an entry without files; it gets its key when all tickets are numbered."""
    return Comment(id=0, author_id=author_id, body=body, created_at=created_at, ip_address=ip_address, public=public)


def ip_address(random: Random) -> str:
    """Return an address of the networks reserved for documentation (RFC 5737)."""
    return f"{random.choice(('192.0.2', '198.51.100', '203.0.113'))}.{random.randint(1, 254)}"


def _fill(person: Customer, agent: Agent, order: str) -> dict[str, str]:
    return {
        "name": person.name,
        "phone": person.phone,
        "email": person.email,
        "order": order,
        "agent": agent.name.split()[0],
    }


def _conversation(
    random: Random, script: Script, ids: tuple[int, int], at: datetime, fill: dict[str, str]
) -> Iterator[Comment]:
    """Return the entries, written by the customer and the agent with the keys ``ids``."""
    (customer, agent), address = ids, ip_address(random)
    files: tuple[Attachment, ...] = ()
    if script.attachment:
        kind, content = attachment(script.attachment, f"{fill['name']} {fill['order']}", random)
        files = (Attachment(id=0, file_name=script.attachment, content_type=kind, content=content),)
    yield Comment(
        id=0,
        author_id=customer,
        body=script.opening.format(**fill),
        created_at=at,
        ip_address=address,
        attachments=files,
    )
    for place, turn in enumerate(script.turns):
        at += timedelta(minutes=random.randint(20, 1000))
        is_agent = place % 2 == 0
        author, origin = (agent, "") if is_agent else (customer, address)
        yield comment(author, turn.format(**fill), at, ip_address=origin)
    if script.note:
        yield comment(agent, script.note.format(**fill), at + timedelta(minutes=5), public=False)


def _status(age_days: int, random: Random) -> str:
    if age_days > _CLOSED_AFTER_DAYS:
        return "closed"
    return "solved" if age_days > _SOLVED_AFTER_DAYS else random.choice(("open", "pending"))


def _rating(random: Random, person: Customer, status: str) -> tuple[str, str]:
    """Score and comment; both empty where the customer was not asked or did not answer."""
    if status not in {"solved", "closed"} or random.random() > _RATED:
        return "", ""
    return random.choice(("good", "good", "bad")), random.choice(words(person.language).rating_comments)
