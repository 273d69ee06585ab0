"""The facts about a case that another organisation sent, for its deciders. No personal data."""

from __future__ import annotations

from collections.abc import Iterator

from rightsflow.cases.app import App
from rightsflow.domain.agents.requests import AgentRequest
from rightsflow.domain.orders.order import Order
from rightsflow.domain.processors.instructions import Exclusion
from rightsflow.domain.wording import day, listed


def sent_lines(order: Order | None, agent: AgentRequest | None) -> Iterator[str]:
    """Yield the facts about an order or an agent's request, a sentence each; none for the person's own request.

    Args:
        order: The order of a controller, or ``None``.
        agent: The request of an authorised agent, or ``None``.
    """
    if order:
        yield from _order_lines(order)
    if agent:
        yield from _agent_lines(agent)


def _order_lines(order: Order) -> Iterator[str]:
    yield (
        f"This is an order of {order.name}, which has identified the person and writes to them itself. It has to be "
        f"proved by {day(order.due_on)}."
    )
    for exclusion in order.exclusions:
        yield (
            f"The controller has to keep {exclusion.category} ({exclusion.provision}){_until(exclusion)}: do "
            "not erase them."
        )


def _agent_lines(agent: AgentRequest) -> Iterator[str]:
    law = ", under the CCPA" if agent.regime else ""
    yield (
        f"The authorised agent {agent.name} asks for the person over the Data Rights Protocol ({agent.exercise.value}"
        f"{law}). Who the person is and the agent's mandate have to be checked by a person, as of any representative."
    )
    said = [_CLAIMED[item] for item in agent.claims.verified]
    stated = f"says that it verified {listed(said)}" if said else "says of no contact data that it verified them"
    attorney = "a power of attorney" if agent.claims.has_attorney else "no power of attorney"
    yield f"The agent {stated}, and sent {attorney}. That is its statement, and proves nothing by itself."


_CLAIMED = {"email": "the e-mail address", "phone_number": "the phone number", "address": "the postal address"}


def sent_lines_of(app: App, case_id: str) -> list[str]:
    """The same of a case that is not read yet.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        return list(sent_lines(file.orders.present, file.agents.present))


def _until(exclusion: Exclusion) -> str:
    ends = [f"until {day(exclusion.until)}" if exclusion.until else "", exclusion.ends_when]
    said = ", ".join(filter(None, ends))
    return f", {said}" if said else ""
