"""The strangers' world where neither Redmine nor Kamailio is installed: their tables, filled as both fill them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from proofs.strangers import mails, operator, tables, tickets
from proofs.strangers.people import populate
from proofs.strangers.planted import Marks
from proofs.strangers.world import World, accounts_of, add_store, client_of
from tests.support.peers.postgres import PostgresServer
from tests.support.peers.redmine_tables import Tickets, fill_calls
from tests.support.peers.seaweedfs import S3Peer

_BUCKETS = count(1)


@contextmanager
def small_world(
    folder: Path, server: PostgresServer, peer: S3Peer, neighbourhoods: int = 2, ticket_tables: str = tables.TICKETS
) -> Iterator[World]:
    """The ticket system's and the proxy's tables, filled as both fill them, and one store.

    Args:
        folder: An empty folder.
        server: The PostgreSQL server.
        peer: The store.
        neighbourhoods: How many times ten people.
        ticket_tables: How the operator describes the ticket system's tables.
    """
    population, marks, stored = populate(neighbourhoods), Marks(), folder / "attachments"
    stored.mkdir()
    with server.database() as redmine, server.database() as kamailio:
        users = Tickets(redmine, stored).fill(tickets.plan(population, marks))
        fill_calls(kamailio, mails.plan_calls(population, marks))
        store = ("archive", peer, client_of(peer), f"calls-{next(_BUCKETS)}")
        archive, section = add_store(store, folder, population, accounts_of(users), marks)
        sections = (
            operator.sql_section(tickets.NAME, ticket_tables, redmine, folder, stored, tables.PEOPLE_VIEW),
            operator.sql_section(mails.TELEPHONE, tables.TELEPHONE, kamailio, folder),
            section,
        )
        systems = (tickets.held(redmine, stored, users, marks), mails.held_calls(kamailio, marks), archive)
        clients = {"archive": store[2]}
        yield World(population, marks, systems, clients, operator.head() + "".join(sections))
