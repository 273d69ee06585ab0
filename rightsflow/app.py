"""The composition root: the one place where a command, a flow or a page finds the application of its process.

It imports no Prefect, and the libraries of a system or a protocol only when one is spoken to: most commands need the
settings and the case store alone.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache, partial
from threading import RLock
from typing import TYPE_CHECKING, Generic, TypeVar
from zoneinfo import ZoneInfo

from rightsflow.config.environment import Environment
from rightsflow.config.secret_references import register_scheme
from rightsflow.config.settings import Settings, load_settings
from rightsflow.domain.errors import Misconfigured
from rightsflow.store.database import Database

if TYPE_CHECKING:
    from connectors.http import Patience
    from connectors.mail import SmtpServer
    from connectors.opendsr import OpenDsrClient, RevocationLists
    from rightsflow.cases.app import App
    from rightsflow.config.sections.inbound_settings import InboundDrp, InboundOpenDsr
    from rightsflow.config.sections.mail_server import MailServer, Seals
    from rightsflow.config.sections.processor_settings import OpenDsrSettings
    from rightsflow.domain.mail import MailTransport
    from rightsflow.domain.orders.order import Order
    from rightsflow.domain.publication import PublicationPlace
    from rightsflow.store import Store

T = TypeVar("T")


class BuiltOnUse(Mapping[str, T], Generic[T]):
    """A mapping that is built when it is first looked into.

    Args:
        build: Builds it.
    """

    def __init__(self, build: Callable[[], Mapping[str, T]]) -> None:
        self._build = build
        self._lock = RLock()
        self._found: Mapping[str, T] | None = None

    @property
    def _built(self) -> Mapping[str, T]:
        # Steps of several threads share what is built, such as the pace of calls to a system.
        with self._lock:
            if self._found is None:
                self._found = self._build()
            return self._found

    def __getitem__(self, key: str) -> T:
        """Return one value."""
        return self._built[key]

    def __iter__(self) -> Iterator[str]:
        """Return the keys."""
        return iter(self._built)

    def __len__(self) -> int:
        """Return their number."""
        return len(self._built)


def utc_now() -> datetime:
    """Return the present instant."""
    return datetime.now(UTC)


def current_database() -> Database:
    """Return a connection to the case store's database, for work that needs no key.

    Raises:
        Misconfigured: The database URL is wrong, or ``rightsflow init`` was not run.
        Transient: The database does not answer.
    """
    database = Database(Environment().case_store_url)
    if not database.is_current():
        raise Misconfigured(
            database.why_not_ours() or "The case store is not set up for this version; run `rightsflow init`."
        )
    return database


def current_store() -> Store:
    """Return the case store of this process, for work that needs no system.

    Raises:
        Misconfigured: The master key or the database URL is wrong, or ``rightsflow init`` was not run.
        Transient: The database does not answer.
    """
    return _installed[-1].store if _installed else _store_of_environment()


def current_app() -> App:
    """Return the application of this process, built once from the environment.

    Raises:
        Misconfigured: The configuration, a secret or a connector's section is wrong.
        Transient: The database does not answer.
    """
    return _installed[-1] if _installed else _app_of_environment()


def forget() -> None:
    """Drop the values read from the environment, so that their next use reads them again."""
    _app_of_environment.cache_clear()
    _store_of_environment.cache_clear()


@contextmanager
def installed(other: App) -> Iterator[None]:
    """Work with another application for the duration of the block: other systems, another clock."""
    _installed.append(other)
    try:
        yield
    finally:
        _installed.remove(other)


_installed: list[App] = []


@cache
def _store_of_environment() -> Store:
    # Late, as each import below: a list of cases needs the database alone, and few processes need all.
    from rightsflow.store import Store  # noqa: PLC0415
    from rightsflow.vault import load_master_key  # noqa: PLC0415

    environment, database = Environment(), current_database()
    master = load_master_key(environment.master_key_reference, environment.master_key_before)
    store = Store(database, master, utc_now, time.monotonic)
    store.check_key()
    return store


@cache
def _app_of_environment() -> App:
    from connectors.registry import connectors_for, system_settings  # noqa: PLC0415
    from rightsflow.cases.app import App  # noqa: PLC0415

    register_scheme("block", _secret_block)
    environment = Environment()
    settings = load_settings(environment.config_path)
    return App(
        settings=settings,
        store=_store_of_environment(),
        connectors=BuiltOnUse(lambda: connectors_for(settings)),
        systems=BuiltOnUse(lambda: system_settings(settings)),
        work_location=environment.work_location,
        now=utc_now,
        import_location=settings.imports.folder or environment.import_location,
        scratch=environment.folder,
        erasure_journal=environment.erasures,
        desk_address=settings.desk.address or environment.desk_address,
        open_mail=mail_server,
        open_place=publication_place,
        open_opendsr=partial(opendsr_processor, callback_url=callback_url(settings)),
        call_back=partial(call_back, zone=settings.controller.zone),
        tell_agent=tell_agent,
    )


def _secret_block(name: str) -> str:
    # Only a configuration that names such a block needs Prefect.
    from tasks.prefect_io.secret_blocks import read_secret_block  # noqa: PLC0415

    return read_secret_block(name)


def opendsr_processor(
    key: str,
    config: OpenDsrSettings,
    now: Callable[[], datetime],
    *,
    callback_url: str = "",
    patience: Patience | None = None,
) -> OpenDsrClient:
    """Return the processor that a section of the register describes.

    Args:
        key: Its key in the register.
        config: The section.
        now: Gives the present instant (aware).
        callback_url: Where it can tell us of changes; empty for nowhere.
        patience: Time limits and retries.

    Raises:
        Misconfigured: Our own certificate or key for it cannot be used.
    """
    from connectors.opendsr import OpenDsrClient, Signer  # noqa: PLC0415

    own = f"[processors.{key}.opendsr]"
    return OpenDsrClient(
        key,
        base_url=config.base_url,
        domain=config.domain,
        controller_id=config.controller_id,
        token=config.token.reveal if config.token else None,
        ca_file=config.ca_file,
        now=now,
        signer=Signer(config.own_domain, config.certificate, config.key.reveal, what=own) if config.key else None,
        callback_url=callback_url if config.calls_back else "",
        dialect=config.dialect,
        certificate_host=config.certificate_host,
        revocation=revocation_lists(config.revocation_hosts) if config.checks_revocation else None,
        patience=patience,
    )


@cache
def revocation_lists(hosts: tuple[str, ...]) -> RevocationLists:
    """Return the revocation lists of this process, which are cached for a while.

    Args:
        hosts: The hosts that publish them; empty for any on the internet.
    """
    from connectors.opendsr import RevocationLists  # noqa: PLC0415

    return RevocationLists(hosts)


def call_back(inbound: InboundOpenDsr, order: Order, url: str, *, zone: ZoneInfo) -> None:
    """Notify a controller of its order's status.

    Args:
        inbound: The section about orders.
        order: The order.
        url: The address, whose host is registered for the controller.
        zone: The zone in which days are counted.

    Raises:
        Misconfigured: Our certificate or key cannot be used.
        Refused: The address lies in a network of our own.
        Transient: It does not answer.
    """
    from connectors.opendsr import Signer, post_callback  # noqa: PLC0415
    from rightsflow.domain.orders.order import OrderWords  # noqa: PLC0415

    body = json.dumps(OrderWords(inbound.base_url, zone).callback(order, url)).encode()
    signer = Signer(inbound.domain, inbound.certificate, inbound.key.reveal, what="[inbound.opendsr]")
    post_callback(url, body, signer.as_processor(body), ca_file=inbound.ca_file)


def tell_agent(section: InboundDrp, url: str, body: bytes) -> None:
    """Notify an authorised agent of its request's status; the protocol has no signature for that.

    Args:
        section: The section about agents.
        url: The address, whose host is registered for the agent.
        body: What is said.

    Raises:
        Refused: The address lies in a network of our own.
        Transient: It does not answer.
    """
    from connectors.opendsr import post_callback  # noqa: PLC0415

    post_callback(url, body, {}, ca_file=section.ca_file)


def callback_url(settings: Settings) -> str:
    """Return the address at which processors report changes; empty if there is no listener."""
    inbound = settings.inbound.opendsr
    return f"{inbound.base_url}/opendsr_callbacks" if inbound else ""


def mail_server(config: MailServer, sender_name: str) -> SmtpServer:
    """Return the server that a section of the settings describes.

    Args:
        config: The section.
        sender_name: Whose name its mails carry.

    Raises:
        Misconfigured: The secret for its login is missing.
    """
    from connectors.mail import SmtpServer  # noqa: PLC0415

    return SmtpServer(
        host=config.host,
        port=config.port,
        security=config.security,
        username=config.username,
        password=config.password.reveal() if config.password else "",
        sender_email=config.sender,
        sender_name=sender_name,
    )


def publication_place(
    place: str, settings: Seals, server: Callable[[], MailTransport], now: Callable[[], datetime]
) -> PublicationPlace:
    """Return the place of publication that the settings name.

    Args:
        place: Its name in the settings.
        settings: The section about seals.
        server: Gives the server that mails go through.
        now: Gives the present instant (aware).

    Raises:
        Misconfigured: A secret or a library is missing.
    """
    from connectors.publishing import place_of  # noqa: PLC0415

    return place_of(place, settings, server, now)
