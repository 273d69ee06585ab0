"""Authorised agents: the request of one in a case with its callbacks, and the tokens by which agents are known."""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select

from rightsflow.domain.agents.requests import AgentClaims, AgentRequest, AgentStanding, Exercise, NewAgentRequest
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.events import CaseEvent, StoreEvent
from rightsflow.store.core.case_ledger import CasePart, append_own
from rightsflow.store.tables import AgentRequestRow, AgentTokenRow
from rightsflow.store.vault_keys import KeyedPart

MOST_TRIES: Final = 12
"""The number of attempts to deliver a callback that the agent's server refuses; the status can be read at any time."""
_SAID: Final = "agent/said"
_ENVELOPE: Final = "agent/envelope"


class AgentRequests(CasePart):
    """The agent's request of one case; most cases have none."""

    @property
    def is_one(self) -> bool:
        """True if an agent made the request for the person."""
        return self._row is not None

    @property
    def present(self) -> AgentRequest | None:
        """The request, or ``None``."""
        row = self._row
        if row is None:
            return None
        fields = json.loads(self._context.key.open_bytes(_SAID, row.sealed_said))
        return AgentRequest(
            case_id=row.case_id,
            agent=row.agent,
            name=row.name,
            request_id=row.request_id,
            agent_request_id=fields["agent_request_id"],
            exercise=Exercise(row.exercise),
            regime=row.regime,
            claims=AgentClaims(verified=tuple(fields["verified"]), has_attorney=fields["has_attorney"]),
            received_at=row.received_at,
            callback=fields["callback"],
            told=row.told,
        )

    @property
    def demanded(self) -> AgentRequest:
        """The request of a case that has one.

        Raises:
            Conflict: No agent asked.
        """
        request = self.present
        if request is None:
            raise Conflict(f"No agent asked in {self._context.row.id}.")
        return request

    def envelope(self) -> bytes:
        """Return the signed message as received.

        Raises:
            Conflict: No agent asked.
        """
        row = self._demanded_row
        return self._context.key.open_bytes(_ENVELOPE, row.sealed_envelope)

    def put(self, new: NewAgentRequest) -> None:
        """Store the request of a case that is being opened."""
        asked, context = new.asked, self._context
        fields = {
            "agent_request_id": asked.agent_request_id,
            "callback": asked.callback,
            "relationships": list(asked.relationships),
            "verified": list(asked.claims.verified),
            "has_attorney": asked.claims.has_attorney,
        }
        context.session.add(
            AgentRequestRow(
                case_id=context.row.id,
                request_id=new.request_id,
                agent=new.agent,
                name=new.name,
                exercise=asked.exercise.value,
                regime=asked.regime,
                received_at=context.now,
                sealed_said=context.key.seal_bytes(_SAID, json.dumps(fields).encode()),
                sealed_envelope=context.key.seal_bytes(_ENVELOPE, new.envelope),
                wants_callbacks=bool(asked.callback),
                told="",
            )
        )
        context.session.flush()
        context.puts_in(AgentRequestRow)
        self._ledger.append(
            CaseEvent.AGENT_REQUEST_TAKEN,
            actor=context.row.opened_by,
            agent=new.name,
            agent_id=new.agent_id,
            business=new.business_id,
            request=new.request_id,
            exercise=asked.exercise.value,
            regime=asked.regime,
            message=context.text_hash("agent message", asked.digest),
            verified=list(asked.claims.verified),
            attorney=asked.claims.has_attorney,
        )

    def note_answered(self, standing: AgentStanding) -> None:
        """Note the status in the answer to the agent's own call, so that no callback repeats it.

        Args:
            standing: Where the request stands.
        """
        self._demanded_row.told = standing.mark

    def note_told(self, standing: AgentStanding, *, is_taken: bool) -> None:
        """Note that a callback was made; a callback that was refused is retried a few times.

        Args:
            standing: What the agent was told.
            is_taken: Whether it took it.

        Raises:
            Conflict: No agent asked.
        """
        row = self._demanded_row
        row.tries += 1
        if not is_taken and row.tries < MOST_TRIES:
            return
        row.told, row.tries = standing.mark, 0
        row.wants_callbacks = not standing.is_final
        self._context.session.flush()
        reason = standing.reason.value if standing.reason else ""
        self._ledger.append(CaseEvent.AGENT_TOLD, status=standing.status.value, reason=reason, taken=is_taken)

    @property
    def _row(self) -> AgentRequestRow | None:
        return next(iter(self._context.rows(AgentRequestRow)), None)

    @property
    def _demanded_row(self) -> AgentRequestRow:
        row = self._row
        if row is None:
            raise Conflict(f"No agent asked in {self._context.row.id}.")
        return row


_TOKEN_BYTES: Final = 32
_LONGEST: Final = 100


class AgentTokens(KeyedPart):
    """The tokens of agents: one per agent and business; a new token replaces the one before."""

    def give(self, agent: str, business_id: str, binding: str, issued_at: datetime, *, name: str) -> str | None:
        """Make a token for an agent; ``None`` for a message that is not newer than the one that got the last.

        Args:
            agent: The agent's key in the configuration.
            business_id: For which business.
            binding: What the token counts for, such as the agent's id with its verify key.
            issued_at: When the agent signed the message that asks for it (aware).
            name: The agent's name, for the ledger.
        """
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        with self._database.transaction() as session:
            row = session.get(AgentTokenRow, (agent, business_id), with_for_update=True)
            if row is not None and row.issued_at >= issued_at:
                return None
            digest = self._keyring(session).blind_index(_what(agent, business_id, binding), token)
            made = {"token_hash": digest, "issued_at": issued_at, "made_at": self._now()}
            session.merge(AgentTokenRow(agent=agent, business_id=business_id, **made))
            details = {"agent": agent, "business": business_id, "renewed": row is not None}
            append_own(session, self._now(), StoreEvent.AGENT_PAIRED, actor=name, details=details)
        return token

    def agent_of(self, token: str, business_id: str, bindings: Mapping[str, str]) -> str | None:
        """Return the key of the agent that a token belongs to, or ``None``; in the same time for any token.

        Args:
            token: What a call shows.
            business_id: For which business.
            bindings: What a token of each agent counts for, by the agent's key.
        """
        if not token.isascii() or len(token) > _LONGEST:
            return None
        query = select(AgentTokenRow.agent, AgentTokenRow.token_hash).where(AgentTokenRow.business_id == business_id)
        with self._database.reading() as session:
            known = {row.agent: row.token_hash for row in session.execute(query)}
            if not known:
                return None  # And no key may be made here for nothing but a question.
            keyring = self._keyring(session)
        agents = [
            agent
            for agent, binding in bindings.items()
            if hmac.compare_digest(keyring.blind_index(_what(agent, business_id, binding), token), known.get(agent, ""))
        ]
        return agents[0] if agents else None

    def paired(self, business_id: str) -> frozenset[str]:
        """Return the agents that got a token, by their keys.

        Args:
            business_id: For which business.
        """
        query = select(AgentTokenRow.agent).where(AgentTokenRow.business_id == business_id)
        with self._database.reading() as session:
            return frozenset(session.scalars(query))


def _what(agent: str, business_id: str, binding: str) -> str:
    return f"agent-token/{business_id}/{agent}/{binding}"
