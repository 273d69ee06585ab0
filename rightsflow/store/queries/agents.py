"""Agents' requests over all cases: the case of one, and those whose agents have still to be told something."""

from __future__ import annotations

from sqlalchemy import select

from rightsflow.store.database import Database
from rightsflow.store.tables import AgentRequestRow


def case_of_agent_request(database: Database, request_id: str) -> tuple[str, str] | None:
    """The case of an agent's request, and the agent's key in the configuration; ``None`` where there is none.

    Args:
        database: The database of the cases.
        request_id: By which both sides know the request.
    """
    query = select(AgentRequestRow.case_id, AgentRequestRow.agent).where(AgentRequestRow.request_id == request_id)
    with database.reading() as session:
        row = session.execute(query).one_or_none()
    return (row.case_id, row.agent) if row else None


def agent_requests_to_tell(database: Database) -> list[str]:
    """The cases of agents that want callbacks and may not know all.

    Args:
        database: The database of the cases.
    """
    query = select(AgentRequestRow.case_id).where(AgentRequestRow.wants_callbacks).order_by(AgentRequestRow.case_id)
    with database.reading() as session:
        return list(session.scalars(query))
