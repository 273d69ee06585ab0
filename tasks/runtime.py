"""What the steps work with in this process: the settings, the case store, the connectors and the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import cast

from prefect.blocks.system import Secret

from connectors.registry import connectors_for, system_settings
from rightsflow.environment import Environment
from rightsflow.errors import Misconfigured
from rightsflow.ports import Capabilities, Connector
from rightsflow.request import Reading
from rightsflow.secrets import register_scheme
from rightsflow.settings import Settings, SystemSettings, load_settings
from rightsflow.store import CaseFile, Database, Store
from rightsflow.vault import load_master_key
from rightsflow.workspace import Workspace
from tasks.mapping import Mappings


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime:
    """The composition root of one process.

    Args:
        settings: The configuration.
        store: The case store.
        connectors: One connector per configured system.
        systems: What the record of processing says of each system.
        work_location: An ``fsspec`` location for working copies.
        now: Gives the present instant (aware).
        import_location: An ``fsspec`` location for files that are to be imported.
        scratch: A folder of this machine for what lasts as long as one command; ``None`` for the system's own.
        erasure_journal: Where it is written down what is purged; ``None``: nowhere but where seals are published.
        mappings: What is known of the systems' mappings.
    """

    settings: Settings
    store: Store
    connectors: Mapping[str, Connector]
    systems: Mapping[str, SystemSettings]
    work_location: str
    now: Callable[[], datetime]
    import_location: str
    scratch: Path | None = None
    erasure_journal: Path | None = None
    mappings: Mappings = field(default_factory=Mappings, repr=False, compare=False)

    @property
    def today(self) -> date:
        """The present day in the controller's time zone."""
        return self.now().astimezone(self.settings.controller.zone).date()

    @property
    def capabilities(self) -> dict[str, Capabilities]:
        """What each system's connector declares, in the order of the configuration."""
        return {system: connector.capabilities for system, connector in self.connectors.items()}

    @property
    def account_issuers(self) -> frozenset[str]:
        """The systems whose account ids can be searched for, by their names in the configuration."""
        return frozenset[str]().union(*(one.capabilities.account_issuers for one in self.connectors.values()))

    @property
    def reading(self) -> Reading:
        """What a form that arrives now is read with."""
        controller = self.settings.controller
        return Reading(
            now=self.now(),
            zone=controller.zone,
            country=controller.country,
            issuers=self.account_issuers,
            systems=tuple(self.settings.systems),
        )

    def workspace(self, file: CaseFile) -> Workspace:
        """The working copies of a case."""
        return Workspace(self.work_location, file.key)


def utc_now() -> datetime:
    """The present instant."""
    return datetime.now(UTC)


def open_store() -> Store:
    """The case store of this process, for what needs no system.

    Raises:
        Misconfigured: The master key or the database URL is wrong, or ``rightsflow init`` was not run.
        Transient: The database does not answer.
    """
    return _installed[-1].store if _installed else _store_of_environment()


def runtime() -> Runtime:
    """The runtime of this process, built once from the environment.

    Raises:
        Misconfigured: The configuration, a secret or a connector's section is wrong.
        Transient: The database does not answer.
    """
    return _installed[-1] if _installed else _runtime_of_environment()


def forget() -> None:
    """Let what was read from the environment be read again at its next use."""
    _runtime_of_environment.cache_clear()
    _store_of_environment.cache_clear()


@contextmanager
def installed(other: Runtime) -> Iterator[None]:
    """Work with another runtime for the duration of the block: other systems, another clock."""
    _installed.append(other)
    try:
        yield
    finally:
        _installed.remove(other)


_installed: list[Runtime] = []


@cache
def _store_of_environment() -> Store:
    environment = Environment()
    database = Database(environment.case_store_url)
    if not database.is_current():
        raise Misconfigured(
            database.why_not_ours() or "The case store is not set up for this version; run `rightsflow init`."
        )
    master = load_master_key(environment.master_key_reference, environment.master_key_before)
    store = Store(database, master, utc_now, time.monotonic)
    store.check_key()
    return store


@cache
def _runtime_of_environment() -> Runtime:
    register_scheme("block", _secret_block)
    environment = Environment()
    settings = load_settings(environment.config_path)
    return Runtime(
        settings=settings,
        store=_store_of_environment(),
        connectors=connectors_for(settings),
        systems=system_settings(settings),
        work_location=environment.work_location,
        now=utc_now,
        import_location=settings.imports.folder or environment.import_location,
        scratch=environment.folder,
        erasure_journal=environment.erasures,
    )


def _secret_block(name: str) -> str:
    try:
        block = cast("Secret[str]", Secret.load(name))
    except ValueError:
        raise Misconfigured(f"There is no Prefect Secret block {name}; create it in the UI under Blocks.") from None
    return str(block.get())
