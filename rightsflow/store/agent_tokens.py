"""The tokens by which authorised agents are known: given for a signed message, kept as keyed hashes alone."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select

from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.keyed_part import KeyedPart
from rightsflow.store.tables import AgentTokenRow

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
        found = [
            agent
            for agent, binding in bindings.items()
            if hmac.compare_digest(keyring.blind_index(_what(agent, business_id, binding), token), known.get(agent, ""))
        ]
        return found[0] if found else None

    def paired(self, business_id: str) -> frozenset[str]:
        """The agents that got a token, by their keys.

        Args:
            business_id: For which business.
        """
        query = select(AgentTokenRow.agent).where(AgentTokenRow.business_id == business_id)
        with self._database.reading() as session:
            return frozenset(session.scalars(query))


def _what(agent: str, business_id: str, binding: str) -> str:
    return f"agent-token/{business_id}/{agent}/{binding}"
