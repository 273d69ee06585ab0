"""The sections of instructed parties: processors, and colleagues who look in a system without an interface."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, EmailStr, Field, field_validator, model_validator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import ChecksCertificates, Strict
from rightsflow.config.sections.system_settings import Line, SystemSettings
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.processors.opendsr import IDENTITY_TYPES, OpenDsrDialect
from rightsflow.domain.processors.terms import Action, ProcessorChannel, ProcessorRole, ProofKind
from rightsflow.domain.vocabulary.rights import Right


class AskedSettings(Strict):
    """An instructed party: its contact, the identifiers it searches by, and its time to answer."""

    name: str = Field(min_length=1, max_length=120)
    contact: EmailStr
    management_contact: EmailStr | None = None
    categories: tuple[Line, ...] = Field(min_length=1)
    identifiers: tuple[IdentifierKind, ...] = Field(min_length=1)
    answers_within_days: Annotated[int, Field(ge=1, le=90, strict=True)] = 10
    proof: tuple[ProofKind, ...] = (ProofKind.COUNTS,)

    @field_validator("identifiers")
    @classmethod
    def _finds_persons(cls, kinds: tuple[IdentifierKind, ...]) -> tuple[IdentifierKind, ...]:
        if unfit := [kind for kind in kinds if not kind.finds]:
            raise ValueError(f"{unfit[0].value} finds too many people; name email, phone, customer_id or account_id")
        return kinds


class SubProcessor(Strict):
    """A company that a processor has engaged itself (Art. 28(4) GDPR).

    Args:
        name: Its name in the access answer.
        contact: Its contact; may be empty, since the processor instructs it.
        transfers: Transfers to third countries and their safeguard; ``"none"`` where there are none.
    """

    name: str = Field(min_length=1, max_length=120)
    contact: EmailStr | None = None
    transfers: str = Field(default="none", min_length=1)


def _https(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "https" or not parts.hostname or parts.query or "@" in text:
        raise ValueError("give its https address with the major version, such as https://dsr.example.com/v2")
    return text.rstrip("/")


class OpenDsrSettings(ChecksCertificates):
    """The connection to a processor over OpenDSR 2.0.

    Args:
        base_url: The address of its interface, with the major version, such as ``https://dsr.example.com/v2``.
        domain: The domain of its signing certificate.
        controller_id: Its id for you; an answer to another controller is refused.
        dialect: Its dialect: ``2.0``, the specification's, or ``mparticle-v3``, mParticle's. In each dialect, its
            statements on a request are valid only with its signature.
        token: The bearer token that identifies you, by reference; ``None`` if it asks for none. For mParticle the key
            and secret of the workspace, as ``key:secret``.
        certificate_host: The host that serves its certificate, if that is not its own, such as
            ``static.mparticle.com``.
        ca_file: A file with the certificate authorities trusted for it, PEM; by default those of the internet.
        revocation: ``required``: a certificate is valid only if the revocation lists (CRL) named by it and its issuers
            show that none was revoked; a certificate that names no list, or whose lists do not answer, is refused until
            they do. ``off``: no check. By default ``required`` for the authorities of the internet, and ``off`` with a
            `ca_file`.
        revocation_hosts: The hosts that publish those lists, including their subdomains, such as ``c.lencr.org``; by
            default any on the internet. A host in a network of your own must be named exactly.
        is_rightsflow: ``true`` if it is another Rightsflow. Requests are then signed, access requests are sent too, and
            its certificate of the completed work is fetched, checked and stored as the proof.
        own_domain: The domain of your own certificate, which identifies you; needed with `is_rightsflow`.
        certificate: A file with your own certificate, PEM, registered with the processor; likewise.
        key: Its private key, RSA, PEM, by reference; likewise.
        calls_back: ``true`` if it is to report changes at the address of your `[inbound.opendsr]`. Otherwise its status
            is read in each round of the watch.
    """

    base_url: Annotated[str, AfterValidator(_https)]
    domain: str = Field(min_length=1, max_length=253, pattern=r"^[a-zA-Z0-9.-]+$")
    controller_id: str = Field(min_length=1, max_length=200)
    dialect: OpenDsrDialect = OpenDsrDialect.SPECIFICATION
    token: SecretRef | None = None
    certificate_host: str = Field(default="", max_length=253, pattern=r"^[a-zA-Z0-9.-]*$")
    is_rightsflow: bool = Field(default=False, strict=True)
    own_domain: str = Field(default="", max_length=253, pattern=r"^[a-zA-Z0-9.-]*$")
    certificate: str = ""
    key: SecretRef | None = None
    calls_back: bool = Field(default=False, strict=True)

    @model_validator(mode="after")
    def _can_sign(self) -> Self:
        can_sign = bool(self.own_domain and self.certificate and self.key)
        if can_sign is not self.is_rightsflow:
            raise ValueError("is_rightsflow goes with own_domain, certificate and key; give all of them or none")
        if self.dialect is OpenDsrDialect.MPARTICLE_V3 and (self.is_rightsflow or self.token is None):
            raise ValueError('dialect = "mparticle-v3" needs token (key:secret), and is no Rightsflow')
        return self


class ProcessorSettings(AskedSettings):
    """A company that works with the data: it is instructed in each erasure that concerns it, and has to prove it.

    Args:
        name: Its name in letters and in the access answer.
        role: ``processor``, ``joint controller``, or ``controller`` for an independent controller. The last is notified
            of the erasure (Art. 19 GDPR) and not instructed.
        contract: The reference of the contract (Art. 28(3) GDPR), which each instruction names.
        contact: The e-mail address for instructions.
        management_contact: The e-mail address for reminders if it does not answer.
        systems: Your systems that it works in or holds copies from. It is instructed if records of the person were
            found in one of them.
        categories: The categories of data that it holds, in the words of your record of processing.
        holds_own_records: ``true`` if it holds records outside of your systems. It is then instructed about access
            requests too; if it only works in your systems, it is not, since you give those data yourself.
        identifiers: The kinds of identifier by which it searches for a person, the best one first: ``email``,
            ``phone``, ``customer_id``, ``account_id``. It gets the identifiers of the first kind that is known of the
            person, and no others.
        channel: The way in which instructions are sent: ``manual``, by a person; ``email``, by the mail server of
            ``[delivery.mail]``, with reminders: the mail has the necessary data on the person and, if
            ``[desk] address`` is set, a one-time link to a page for the answer; ``opendsr``, over OpenDSR 2.0 for
            erasures, and for access requests to another Rightsflow, while a person sends all others.
        opendsr: The connection, with ``channel = "opendsr"``.
        answers_within_days: The agreed number of days for its proof of the work.
        proof: The required proof: ``counts``, the number of records; ``file``, a document such as a log.
        sub_processors: The companies that it has engaged itself.
        transfers: Transfers to third countries and their safeguard; ``"none"`` if there are none.
    """

    role: Literal[ProcessorRole.PROCESSOR, ProcessorRole.JOINT_CONTROLLER, ProcessorRole.CONTROLLER] = (
        ProcessorRole.PROCESSOR
    )
    contract: str = Field(default="", max_length=120)
    systems: tuple[str, ...] = Field(min_length=1)
    holds_own_records: bool = Field(default=True, strict=True)
    channel: ProcessorChannel = ProcessorChannel.MANUAL
    opendsr: OpenDsrSettings | None = None
    sub_processors: tuple[SubProcessor, ...] = ()
    transfers: str = Field(default="none", min_length=1)

    @model_validator(mode="after")
    def _says_how_it_is_asked(self) -> Self:
        if (self.channel is ProcessorChannel.OPENDSR) is not (self.opendsr is not None):
            raise ValueError('channel = "opendsr" and the section opendsr go together; give both or neither')
        unfit = [kind for kind in self.identifiers if kind not in IDENTITY_TYPES]
        if self.opendsr is not None and unfit:
            raise ValueError(f"OpenDSR has no type for {unfit[0].value}; name email or customer_id")
        return self

    def channel_for(self, action: Action) -> ProcessorChannel:
        """Return the channel of an instruction: OpenDSR for erasures, and for access requests to another Rightsflow.

        Args:
            action: What it is asked to do.
        """
        if self.opendsr is None:
            return self.channel
        takes = action is Action.ERASE or (action is Action.HAND_OVER and self.opendsr.is_rightsflow)
        return self.channel if takes else ProcessorChannel.MANUAL


class ByHandSettings(AskedSettings):
    """A system that no program reaches, such as an archive: its owner is asked in each case, and has to answer.

    Args:
        name: The system, as letters name it.
        owner: The colleague or team that searches it. Tasks and their mails address them by this name; no letter to the
            person names them.
        contact: The e-mail address for tasks.
        management_contact: The e-mail address for reminders if they do not answer.
        purposes: The purposes of the processing, Art. 15(1)(a).
        categories: The categories of data, Art. 15(1)(b).
        source: The source of the data, Art. 15(1)(g).
        recipients: The recipients of the data, by name (Art. 15(1)(c)); ``"none"`` if there are none.
        retention: The period of retention, in words, Art. 15(1)(d).
        transfers: Transfers to third countries and their safeguards, Art. 15(2); ``"none"`` if there are none.
        identifiers: The kinds of identifier by which they search for a person, the best one first: ``email``,
            ``phone``, ``customer_id``, ``account_id``. A task names the identifiers of the first kind that is known of
            the person.
        rights: The requests in which they get a task; all by default.
        channel: The way in which a task is sent: ``manual``, by a person; ``email``, by the mail server of
            ``[delivery.mail]``, with reminders and a one-time link to the page for the answer.
        answers_within_days: The agreed number of days for an answer.
        proof: The required proof: ``counts``, the number of records; ``file``, a document such as a log.
    """

    owner: str = Field(min_length=1, max_length=120)
    purposes: tuple[Line, ...] = Field(min_length=1)
    source: Line
    recipients: tuple[Line, ...] | Literal["none"]
    retention: Line
    transfers: Line
    rights: tuple[Right, ...] = tuple(Right)
    channel: Literal[ProcessorChannel.MANUAL, ProcessorChannel.EMAIL] = ProcessorChannel.MANUAL

    @property
    def role(self) -> ProcessorRole:
        """The owner's role towards the controller: a colleague."""
        return ProcessorRole.COLLEAGUE

    @property
    def contract(self) -> str:
        """No contract: they are of the controller's own house."""
        return ""

    @property
    def systems(self) -> tuple[str, ...]:
        """No systems: no program searches those that the owner looks in."""
        return ()

    @property
    def sub_processors(self) -> tuple[SubProcessor, ...]:
        """No sub-processors."""
        return ()

    @property
    def opendsr(self) -> OpenDsrSettings | None:
        """No interface."""
        return None

    def channel_for(self, _action: Action) -> ProcessorChannel:
        """Return the channel by which a task is sent, the same for every action."""
        return self.channel

    @property
    def processing(self) -> SystemSettings:
        """The record of processing of the system."""
        return SystemSettings(
            connector="by hand",
            purposes=self.purposes,
            categories=self.categories,
            source=self.source,
            recipients=self.recipients,
            retention=self.retention,
            transfers=self.transfers,
        )
