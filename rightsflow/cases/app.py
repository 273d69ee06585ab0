"""The application that every act on a case works with: settings, case store, connectors and clock, injected."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from rightsflow.config.sections.inbound_settings import InboundDrp, InboundOpenDsr
from rightsflow.config.sections.mail_server import MailServer, Seals
from rightsflow.config.sections.processor_settings import OpenDsrSettings
from rightsflow.config.sections.system_settings import SystemSettings
from rightsflow.config.settings import Settings
from rightsflow.domain.connector import Capabilities, Connector, Sample
from rightsflow.domain.disclosure.file_texts import FileReader
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.mail import MailTransport
from rightsflow.domain.orders.order import Order
from rightsflow.domain.processors.opendsr import OpenDsrProcessor
from rightsflow.domain.publication import PublicationPlace
from rightsflow.domain.request import Reading
from rightsflow.domain.vocabulary.records import KindAt
from rightsflow.domain.work_list import Present
from rightsflow.files.kinds.reader import ChildReader
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile, Store

VALID_FOR: Final = timedelta(hours=1)
"""The time for which a system's proven mappings are trusted."""


@dataclass(frozen=True, slots=True)
class _Proof:
    connector: Connector
    at: datetime
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class Mappings:
    """The mappings that this process has proven. Thread-safe."""

    _proofs: dict[str, _Proof] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, connector: Connector, now: datetime) -> tuple[Sample, ...]:
        """Return the samples of a system, of which none is wrong.

        Args:
            connector: The system.
            now: The present instant (aware).

        Raises:
            Misconfigured: A mapping reads nothing of what is there.
            ConnectorError: The system did not answer.
        """
        with self._lock:
            proof = self._proofs.get(connector.system)
        # A clock that was set back makes it older than it is, never younger.
        if proof and proof.connector is connector and timedelta() <= now - proof.at < VALID_FOR:
            return proof.samples
        samples = tuple(connector.samples())
        if wrong := next((sample for sample in samples if sample.is_wrong), None):
            raise Misconfigured(wrong_sentence(connector.system, wrong))
        if not any(sample.is_unproven for sample in samples):
            with self._lock:
                self._proofs[connector.system] = _Proof(connector, now, samples)
        return samples


def wrong_sentence(system: str, sample: Sample) -> str:
    """Return the advice on a mapping that reads none of the stored values."""
    return f"{str(sample).rstrip('.')}; correct what [systems.{system}] in rightsflow.toml says of them."


def unproven_sentence(systems: Sequence[str]) -> str:
    """Return the advice for a search that found nothing and had no stored value to be checked with.

    Args:
        systems: The systems; at least one.
    """
    sections = ", ".join(f"[systems.{system}]" for system in systems)
    return (
        f"Nothing is stored where {sections} in rightsflow.toml looks for identifiers, so a search that finds nothing "
        "proves nothing; correct the section, or set may_be_empty = true there once a person has checked it."
    )


def counts_of(samples: Sequence[Sample]) -> list[dict[str, str | int]]:
    """Return the samples as the ledger stores them: numbers, and settings by name."""
    return [{"what": sample.what, "looked_at": sample.looked_at, "readable": sample.readable} for sample in samples]


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The composition root of one process.

    Args:
        settings: The configuration.
        store: The case store.
        connectors: One connector per configured system.
        systems: What the record of processing says of each system.
        work_location: An ``fsspec`` location for working copies.
        now: Gives the present instant (aware).
        import_location: An ``fsspec`` location for files that are to be imported.
        open_mail: Gives the mail server that a section of the settings describes, with the name of its sender.
        open_place: Gives a place of publication by its name in the settings, the section of the seals, what gives the
            mail server, and the present instant.
        scratch: A folder of this machine for what lasts as long as one command; ``None`` for the system's own.
        erasure_journal: Where it is written down what is purged; ``None``: nowhere but where seals are published.
        mappings: What is known of the systems' mappings.
        desk_address: The address of the server with the desk, for sentences that name it; empty where it is not known.
        open_opendsr: Gives a processor that speaks OpenDSR by its key in the register, its section and what gives the
            present instant; ``None`` where nothing is asked over it.
        call_back: Tells a controller where its order stands, at an address, by the section about orders; ``None`` where
            no one is told.
        tell_agent: Tells an authorised agent where its request stands, by the section about agents, the address and
            what is said; ``None`` where no one is told.
        file_reader: Opens files, and masks them.
        slot_seconds: For how many seconds a case that is one of many waits for one of a system's slots.
    """

    settings: Settings
    store: Store
    connectors: Mapping[str, Connector]
    systems: Mapping[str, SystemSettings]
    work_location: str
    now: Callable[[], datetime]
    import_location: str
    open_mail: Callable[[MailServer, str], MailTransport]
    open_place: Callable[[str, Seals, Callable[[], MailTransport], Callable[[], datetime]], PublicationPlace]
    scratch: Path | None = None
    erasure_journal: Path | None = None
    mappings: Mappings = field(default_factory=Mappings, repr=False, compare=False)
    desk_address: str = ""
    file_reader: FileReader = field(default_factory=ChildReader, repr=False, compare=False)
    slot_seconds: float = 20.0
    open_opendsr: Callable[[str, OpenDsrSettings, Callable[[], datetime]], OpenDsrProcessor] | None = None
    call_back: Callable[[InboundOpenDsr, Order, str], None] | None = None
    tell_agent: Callable[[InboundDrp, str, bytes], None] | None = None

    @property
    def present(self) -> Present:
        """The moment, for the work that waits for people."""
        return Present(today=self.today, now=self.now(), has_mail=self.settings.delivery.mail is not None)

    @property
    def today(self) -> date:
        """The present day in the controller's time zone."""
        return self.day_of(self.now())

    def day_of(self, instant: datetime) -> date:
        """Return the day of an instant in the controller's time zone.

        Args:
            instant: The instant (aware).
        """
        return instant.astimezone(self.settings.controller.zone).date()

    @property
    def capabilities(self) -> dict[str, Capabilities]:
        """The capabilities that each system's connector declares, in the order of the configuration."""
        return {system: connector.capabilities for system, connector in self.connectors.items()}

    @property
    def profiles(self) -> frozenset[KindAt]:
        """The kinds of records that are a person's profile (an account, a customer)."""
        kinds = ((system, kind) for system, capability in self.capabilities.items() for kind in capability.kinds)
        return frozenset(KindAt(system, kind.name) for system, kind in kinds if kind.is_profile)

    def desk_page(self, case_id: str = "") -> str:
        """Return the address of a case's page at the desk; empty where there is no desk, or no one knows its address.

        Args:
            case_id: The case; empty for the page of what waits.
        """
        if not (self.desk_address and self.settings.has_desk):
            return ""
        return f"{self.desk_address}/desk/{f'cases/{case_id}' if case_id else ''}"

    def confirmation_page(self, case_id: str, number: int, token: str) -> str:
        """Return the address for the answer of a processor by a one-time link; empty where the desk has no own address.

        An address that the configuration does not name is one of this machine, which a processor cannot reach.

        Args:
            case_id: The case.
            number: The instruction's number within the case.
            token: The link's token.
        """
        address = self.settings.desk.address
        if not (address and self.settings.has_desk):
            return ""
        return f"{address}/desk/confirm/{case_id}/{number}/{token}"

    @property
    def account_issuers(self) -> frozenset[str]:
        """The systems whose account ids can be searched for, by their names in the configuration."""
        return frozenset[str]().union(
            *(connector.capabilities.account_issuers for connector in self.connectors.values())
        )

    @property
    def reading(self) -> Reading:
        """The settings for reading a form that arrives now."""
        controller = self.settings.controller
        return Reading(
            now=self.now(),
            zone=controller.zone,
            country=controller.country,
            issuers=self.account_issuers,
            systems=tuple(self.settings.systems),
            kinds=self.settings.further_kinds,
        )

    def workspace(self, file: CaseFile) -> Workspace:
        """Return the working copies of a case."""
        return Workspace(self.work_location, file.key)
