"""The sections about authorised agents, who ask for persons over the Data Rights Protocol 1.0; off by default."""

from __future__ import annotations

import base64
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.limits import Key
from rightsflow.config.sections.section import Strict

_KEY_BYTES = 32
_PARTY = r"^[A-Z_]{1,64}$"


def https_address(text: str) -> str:
    """Return an https address without query, fragment and login; refuse any other.

    Args:
        text: As it was written.

    Raises:
        ValueError: It is none.
    """
    try:
        parts = urlsplit(text)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or parts.scheme != "https" or parts.query or parts.fragment or "@" in text:
        raise ValueError("give an https address, such as https://dsr.example.com/drp")
    return text.rstrip("/")


def _page(text: str) -> str:
    return https_address(text) if text else ""


def _verify_key(text: str) -> str:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ValueError("give the agent's Ed25519 verify key in base64, as its directory entry has it")
    return text


class AuthorisedAgent(Strict):
    """An agent whose requests are accepted; an unregistered agent gets no answer.

    Args:
        agent_id: Its id in the directory, such as ``EXAMPLE_AGENT``.
        name: Its name, as the case and its evidence name it.
        verify_key: Its Ed25519 verify key in base64, as the directory has it. Another key ends its token.
        callback_hosts: The hosts at which it may request callbacks, such as ``agent.example.com`` or
            ``agent.example.com:8443``; none by default. Addresses in a network of your own are refused.
        per_minute: The number of its calls that are answered per minute.
    """

    agent_id: str = Field(pattern=_PARTY)
    name: str = Field(min_length=1, max_length=120)
    verify_key: Annotated[str, AfterValidator(_verify_key)]
    callback_hosts: tuple[str, ...] = ()
    per_minute: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 120

    @property
    def binding(self) -> str:
        """The binding of this agent's tokens: its id, with its present key."""
        return f"{self.agent_id}/{self.verify_key}"


class InboundDrp(Strict):
    """Takes requests of authorised agents over the Data Rights Protocol 1.0, with `rightsflow service listen`.

    Args:
        base_url: The https address at which agents reach it; their calls go to ``/v1/…`` below it. Its path differs
            from that of `[inbound.opendsr]`.
        business_id: Your id in the directory, such as ``EXAMPLE_BUSINESS``; messages to another id are refused.
        verification_url: Your page for identity verification, if there is one; agents send the person there while proof
            is awaited, with `request_id` as its query.
        ca_file: A file with the certificate authorities trusted for callbacks, PEM; by default those of the internet.
        certificate: A file with the certificate for TLS, PEM, where `[inbound.opendsr]` is not filled in. Without one
            a proxy in front of the listener speaks TLS.
        key: Its private key, PEM, by reference.
        per_minute: The number of calls answered per minute from each address of unknown callers.
        agents: The agents whose requests are accepted, each under a key of its own.
    """

    base_url: Annotated[str, AfterValidator(https_address)]
    business_id: str = Field(pattern=_PARTY)
    verification_url: Annotated[str, AfterValidator(_page)] = ""
    ca_file: str = ""
    certificate: str = ""
    key: SecretRef | None = None
    per_minute: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 120
    agents: dict[Key, AuthorisedAgent] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _key_of_the_certificate(self) -> Self:
        if bool(self.certificate) is not bool(self.key):
            raise ValueError("certificate and key go together; give both or neither")
        return self

    @field_validator("agents")
    @classmethod
    def _agents_are_told_apart(cls, agents: dict[str, AuthorisedAgent]) -> dict[str, AuthorisedAgent]:
        for what in ("name", "agent_id", "verify_key"):
            given = [getattr(agent, what) for agent in agents.values()]
            if len(set(given)) < len(given):
                raise ValueError(f"two agents have the same {what}; give each its own")
        return agents
