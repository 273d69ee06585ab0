"""The status object of the protocol, in answers and callbacks: nothing of the person is in it. Pure.

Instants have an offset of ``+00:00`` and three digits of a second, which the protocol's own tester can read.
"""

from __future__ import annotations

from datetime import UTC, datetime

from rightsflow.domain.agents.agent_request import AgentRequest
from rightsflow.domain.agents.agent_standing import AgentStanding


def status_object(request: AgentRequest, standing: AgentStanding) -> dict[str, object]:
    """Return the status object of a request; parts that do not apply are left out.

    Args:
        request: The request.
        standing: Where it stands.
    """
    url = f"{standing.verification_url}?request_id={request.request_id}" if standing.verification_url else ""
    said: dict[str, object] = {
        "request_id": request.request_id,
        "agent_request_id": request.agent_request_id,
        "status": standing.status.value,
        "reason": standing.reason.value if standing.reason else "",
        "received_at": drp_instant(standing.received_at),
        "expected_by": drp_instant(standing.expected_by) if standing.expected_by else "",
        "processing_details": standing.details,
        "user_verification_url": url,
        "expires_at": drp_instant(standing.expires_at) if standing.expires_at else "",
    }
    return {name: value for name, value in said.items() if value}


def drp_instant(at: datetime) -> str:
    """An instant as agents can read it.

    Args:
        at: The instant (aware).
    """
    return at.astimezone(UTC).isoformat(timespec="milliseconds")
