"""The sections about what others send to us: controllers' orders (OpenDSR 2.0), agents (Data Rights Protocol 1.0)."""

from __future__ import annotations

import base64
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, field_validator, model_validator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.limits import Key
from rightsflow.config.sections.section import ChecksCertificates, Strict

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


_SHORTEST_TOKEN = 32


def _address(text: str) -> str:
    try:
        return https_address(text)
    except ValueError:
        raise ValueError("give the https address with the major version, such as https://dsr.example.com/v2") from None


class OrderingController(Strict):
    """A controller whose orders are accepted; an unregistered controller gets no answer.

    Args:
        name: Its name, as the case and its evidence name it.
        controller_id: The id that both sides use for it; each answer has it.
        token: The bearer token that identifies it, of 32 characters or more, by reference.
        systems: Your systems that hold data for it and for no other controller. Its orders search no other system, so
            that no data of another controller are touched or disclosed.
        certificate: A file with its certificate, PEM. Each of its requests must then be signed with its key, as another
            Rightsflow does, and packages of access requests are encrypted for it. Without a certificate only the token
            identifies it, and only erasures are accepted.
        domain: The domain that its certificate is for; needed with `certificate`.
        callback_hosts: The hosts at which it may request callbacks, such as ``dsr.example.com`` or
            ``dsr.example.com:8443``; none by default. Addresses in a network of your own are refused.
        answers_within_days: The agreed number of days for your proof of the work.
        per_minute: The number of its calls that are answered per minute.
    """

    name: str = Field(min_length=1, max_length=120)
    controller_id: str = Field(min_length=1, max_length=200)
    token: SecretRef
    systems: tuple[str, ...] = Field(min_length=1)
    certificate: str = ""
    domain: str = Field(default="", max_length=253, pattern=r"^[a-zA-Z0-9.-]*$")
    callback_hosts: tuple[str, ...] = ()
    answers_within_days: Annotated[int, Field(ge=1, le=30, strict=True)] = 10
    per_minute: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 120

    @model_validator(mode="after")
    def _is_signed_by_a_domain(self) -> Self:
        if bool(self.certificate) is not bool(self.domain):
            raise ValueError("certificate and domain go together; give both or neither")
        return self

    def known_token(self) -> str:
        """Return the token.

        Raises:
            Misconfigured: It is missing.
            ValueError: It is too short.
        """
        token = self.token.reveal()
        if len(token) < _SHORTEST_TOKEN:
            raise ValueError(f"the token of {self.name} is too short; use {_SHORTEST_TOKEN} characters or more")
        return token


class InboundOpenDsr(ChecksCertificates):
    """Takes orders of controllers over OpenDSR 2.0, on a listener of its own (`rightsflow service listen`).

    Args:
        base_url: The address at which controllers reach it, with the major version, such as
            ``https://dsr.example.com/v2``.
        certificate: A file with the certificate for that address's domain, PEM, from a certificate authority, followed
            by the intermediate certificates. Answers are signed with its key.
        key: Its private key, RSA, PEM, by reference.
        ca_file: A file with the certificate authorities trusted for certificates of controllers and for callbacks, PEM;
            by default those of the internet.
        revocation: ``required``: a certificate is valid only if the revocation lists (CRL) named by it and its issuers
            show that none was revoked; a certificate that names no list, or whose lists do not answer, is refused until
            they do. ``off``: no check. By default ``required`` for the authorities of the internet, and ``off`` with a
            `ca_file`.
        revocation_hosts: The hosts that publish those lists, including their subdomains, such as ``c.lencr.org``; by
            default any on the internet. A host in a network of your own must be named exactly.
        serves_tls: ``true`` if the listener itself serves TLS with this certificate; ``false`` behind a proxy that
            does.
        per_minute: The number of calls answered per minute from each address of unknown callers.
        controllers: The controllers whose orders are accepted, each under a key of its own.
    """

    base_url: Annotated[str, AfterValidator(_address)]
    certificate: str = Field(min_length=1)
    key: SecretRef
    serves_tls: bool = Field(default=True, strict=True)
    per_minute: Annotated[int, Field(ge=1, le=10_000, strict=True)] = 120
    controllers: dict[Key, OrderingController] = Field(default_factory=dict)

    @property
    def domain(self) -> str:
        """The domain that the certificate is for, and that each answer names."""
        return (urlsplit(self.base_url).hostname or "").lower()

    @field_validator("controllers")
    @classmethod
    def _controllers_are_told_apart(cls, controllers: dict[str, OrderingController]) -> dict[str, OrderingController]:
        for what in ("name", "controller_id"):
            given = [getattr(controller, what) for controller in controllers.values()]
            if len(set(given)) < len(given):
                raise ValueError(f"two controllers have the same {what}; give each its own")
        named = [system for controller in controllers.values() for system in controller.systems]
        if shared := sorted({controller for controller in named if named.count(controller) > 1}):
            raise ValueError(
                f"{shared[0]} is named for two controllers, whose data could not be told apart; give each a system of "
                "its own"
            )
        return controllers


class Inbound(Strict):
    """The interfaces by which others send requests to us; none by default.

    Args:
        host: The address of this machine on which `rightsflow up` and `rightsflow service listen` listen; the default
            accepts calls from this machine only, such as from a proxy.
        port: The port.
        opendsr: Orders of controllers over OpenDSR 2.0.
        drp: Requests of authorised agents over the Data Rights Protocol 1.0.
    """

    host: str = Field(default="127.0.0.1", min_length=1, max_length=253)
    port: Annotated[int, Field(ge=1, le=65535, strict=True)] = 8472
    opendsr: InboundOpenDsr | None = None
    drp: InboundDrp | None = None

    @property
    def is_listened_to(self) -> bool:
        """True if there is an interface to serve."""
        return self.opendsr is not None or self.drp is not None

    @model_validator(mode="after")
    def _paths_are_told_apart(self) -> Self:
        if self.opendsr and self.drp and _path(self.opendsr.base_url) == _path(self.drp.base_url):
            raise ValueError(
                "opendsr.base_url and drp.base_url have the same path, so that their calls could not be told apart; "
                "give each its own, such as /v2 and /drp"
            )
        return self


def _path(url: str) -> str:
    return urlsplit(url).path.rstrip("/")
