"""The systems with everything in them, and the configuration that an operator wrote for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config

from proofs.strangers import calls, mails, operator, stores, tickets
from proofs.strangers.people import Population, populate
from proofs.strangers.planted import Held, Marks
from tests.support.peers.helpdesk import running_helpdesk
from tests.support.peers.kamailio import running_kamailio
from tests.support.peers.postgres import PostgresServer, running_postgres
from tests.support.peers.radosgw import running_radosgw
from tests.support.peers.redmine import running_redmine
from tests.support.peers.seaweedfs import S3Peer, running_seaweedfs

Say = Callable[[str], None]


@dataclass(frozen=True)
class World:
    """Everything that the proof is held in.

    Args:
        population: Everybody.
        marks: Everything that was planted.
        systems: The systems.
        clients: Clients of boto3 that may do everything, by store.
        configuration: The whole ``rightsflow.toml``.
    """

    population: Population
    marks: Marks
    systems: tuple[Held, ...]
    clients: Mapping[str, Any]
    configuration: str


@contextmanager
def whole_world(folder: Path, say: Say, neighbourhoods: int) -> Iterator[World]:
    """Start all peers and fill them by their own means.

    Args:
        folder: An empty folder.
        say: Writes a line.
        neighbourhoods: How many times ten people.
    """
    population, marks = populate(neighbourhoods), Marks()
    with ExitStack() as stack:
        server = stack.enter_context(running_postgres())
        systems, sections = [], []
        accounts: dict[int, str] = {}
        clients: dict[str, Any] = {}
        for add in (_add_tickets, _add_telephone, _add_helpdesk):
            one, section, numbers = add(stack, _below(folder, add.__name__), server, population, marks)
            say(f"{one.name}: filled")
            systems.append(one)
            sections.append(section)
            accounts |= numbers
        for name, peer in _running_stores(stack, folder):
            clients[name] = client_of(peer)
            store = (name, peer, clients[name], "recordings")
            one, section = add_store(store, folder, population, accounts, marks)
            say(f"{name}: filled")
            systems.append(one)
            sections.append(section)
        yield World(population, marks, tuple(systems), clients, operator.head() + "".join(sections))


def accounts_of(users: dict[str, int]) -> dict[int, str]:
    """The account numbers of the people, by their numbers.

    Args:
        users: The numbers that Redmine gave to the people, by login.
    """
    return {int(login[1:]): str(number) for login, number in users.items() if login not in tickets.AGENTS}


def _below(folder: Path, name: str) -> Path:
    below = folder / name.removeprefix("_add_")
    below.mkdir()
    return below


Added = tuple[Held, str, dict[int, str]]


def _add_tickets(stack: ExitStack, folder: Path, server: PostgresServer, population: Population, marks: Marks) -> Added:
    redmine = stack.enter_context(running_redmine(folder, server))
    users = redmine.run("fill.rb", tickets.plan(population, marks))
    section = operator.sql_section(
        tickets.NAME, operator.TICKETS, redmine.database, folder, redmine.files, operator.PEOPLE_VIEW
    )
    return tickets.held(redmine.database, redmine.files, users, marks), section, accounts_of(users)


def _add_telephone(
    stack: ExitStack, folder: Path, server: PostgresServer, population: Population, marks: Marks
) -> Added:
    kamailio = stack.enter_context(running_kamailio(folder, server))
    kamailio.make(calls.plan(population, marks))
    section = operator.sql_section(calls.NAME, operator.TELEPHONE, kamailio.database, folder)
    return calls.held(kamailio.database, marks), section, {}


def _add_helpdesk(
    stack: ExitStack, folder: Path, server: PostgresServer, population: Population, marks: Marks
) -> Added:
    helpdesk = stack.enter_context(running_helpdesk(folder, server))
    helpdesk.fill(mails.plan(population, marks))
    section = operator.sql_section(mails.NAME, operator.HELPDESK, helpdesk.database, folder, helpdesk.files)
    return mails.held(helpdesk, population, marks), section, {}


def _running_stores(stack: ExitStack, folder: Path) -> Iterator[tuple[str, S3Peer]]:
    for name, running in (("archive", running_seaweedfs), ("recordings", running_radosgw)):
        below = folder / name
        below.mkdir()
        yield name, stack.enter_context(running(below))


def add_store(
    store: tuple[str, S3Peer, Any, str], folder: Path, population: Population, accounts: dict[int, str], marks: Marks
) -> tuple[Held, str]:
    """Fill a store of recordings; gives it, and its section of the configuration.

    Args:
        store: Its name, the peer, a client that may do everything, and the bucket.
        folder: Where the secrets go.
        population: Everybody.
        accounts: The account numbers of the people in the ticket system.
        marks: Where what is planted is noted.
    """
    name, peer, client, bucket = store
    stores.fill(client, bucket, stores.plan(name, population, accounts, marks))
    section = operator.store_section(name, peer, bucket, folder)
    return stores.held(name, client, bucket, marks), section


def client_of(peer: S3Peer) -> Any:
    """A client of boto3 that may do everything.

    Args:
        peer: The store.
    """
    return boto3.client(
        "s3",
        endpoint_url=peer.endpoint,
        region_name="us-east-1",
        aws_access_key_id=peer.access_key,
        aws_secret_access_key=peer.secret_key,
        config=Config(s3={"addressing_style": "path"}, connect_timeout=5, read_timeout=60),
    )
