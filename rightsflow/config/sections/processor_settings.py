"""The section of a processor: who works with the data for the controller, and how it is asked to erase them."""

from __future__ import annotations

from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, EmailStr, Field, model_validator

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.asked_settings import AskedSettings
from rightsflow.config.sections.revocation_settings import ChecksCertificates
from rightsflow.config.sections.section import Strict
from rightsflow.domain.processors.opendsr import IDENTITY_TYPES, OpenDsrDialect
from rightsflow.domain.processors.terms import Action, ProcessorChannel, ProcessorRole


class SubProcessor(Strict):
    """A company that a processor has engaged itself (Art. 28(4) GDPR).

    Args:
        name: Its name, as the access answer names it.
        contact: Where it is written to; may be empty, since the processor instructs it.
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
        base_url: Where its interface lies, with the major version, such as ``https://dsr.example.com/v2``.
        domain: The domain that its signing certificate is for.
        controller_id: What it calls you; an answer to another controller is refused.
        dialect: How it speaks: ``2.0``, as the specification says, or ``mparticle-v3``, as mParticle does. What it says
            of a request counts only with its signature in each dialect.
        token: The bearer token by which it knows you, by reference; ``None`` where it asks for none. For mParticle the
            key and secret of the workspace, as ``key:secret``.
        certificate_host: The host from which its certificate is fetched, where that is not its own, such as
            ``static.mparticle.com``.
        ca_file: A file of the certificate authorities that are trusted for it, PEM; by default those of the internet.
        revocation: ``required``: a certificate counts only if the revocation lists (CRL) that it and those above it
            name say that none was revoked; one that names none, or whose lists do not answer, is refused until they do.
            ``off``: that is not looked at. By default ``required`` for the authorities of the internet, and ``off``
            with a `ca_file`.
        revocation_hosts: The hosts that publish those lists, with those below them, such as ``c.lencr.org``; by default
            any on the internet. One that is named as it is may also lie in a network of your own.
        is_rightsflow: Whether another Rightsflow answers there. Then requests are signed, access requests go there too,
            and the certificate of what was done is fetched, checked and kept as the proof.
        own_domain: The domain of your own certificate, by which it knows you; needed with `is_rightsflow`.
        certificate: A file with your own certificate, PEM, which it has registered; likewise.
        key: Its private key, RSA, PEM, by reference; likewise.
        calls_back: Whether it is to tell you of changes at the address of your `[inbound.opendsr]`. Without that its
            status is read in each round of the watch.
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
        name: Its name, as letters and the access answer name it.
        role: ``processor``, ``joint controller``, or ``controller`` for one that answers for itself. The last is told
            of the erasure (Art. 19 GDPR) and not instructed.
        contract: The reference of the contract (Art. 28(3) GDPR), which each instruction names.
        contact: Where instructions go.
        management_contact: Whom to write to where it stays silent.
        systems: Your systems in which it works, or whose records it holds copies of. It is instructed where records of
            the person were found in one of them.
        categories: Which data it holds, in the words of your record of processing.
        holds_own_records: Whether it holds records outside of your systems. Then access requests are instructed to it
            too; where it works in your systems alone, they are not, since what lies there you give yourself.
        identifiers: By which kinds of identifier it finds a person, the best one first: ``email``, ``phone``,
            ``customer_id``, ``account_id``. It is told those of the first kind that is known of the person, and no
            others.
        channel: How instructions reach it: ``manual``, where a person sends the text; ``email``, where the mail server
            of ``[delivery.mail]`` does, and reminds it. The mail holds what it is told of the person, and where
            ``[desk] address`` is set a one-time link to a page on which it answers; ``opendsr``, where erasures
            are asked for over OpenDSR 2.0, of another Rightsflow access requests as well, and all else is sent by a
            person.
        opendsr: How it is asked, with ``channel = "opendsr"``.
        answers_within_days: Within how many days it has agreed to prove what it did.
        proof: What it has to return: ``counts``, how many records; ``file``, a document such as a log.
        sub_processors: Whom it has engaged itself.
        transfers: Transfers to third countries and their safeguard; ``"none"`` where there are none.
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
