"""The conformance suite on call detail records and on a ticket database, on SQLite and on PostgreSQL."""

from __future__ import annotations

import pytest

from rightsflow.domain.vocabulary.records import Method
from rightsflow.testing.bench import Bench
from rightsflow.testing.conformance import ConnectorConformance
from tests.integration.connectors.sql import cdr, tickets
from tests.integration.connectors.sql.peer import Peer


class TestCallDetailRecords(ConnectorConformance):
    @pytest.fixture
    def bench(self, peer: Peer) -> Bench:
        return cdr.bench(peer, cdr.CDR, Method.ERASE)


@pytest.mark.apart
class TestCallDetailRecordsThatAreBlanked(ConnectorConformance):
    @pytest.fixture
    def bench(self, sqlite_peer: Peer) -> Bench:
        return cdr.bench(sqlite_peer, cdr.BLANKED, Method.REDACT)


class TestTickets(ConnectorConformance):
    @pytest.fixture
    def bench(self, peer: Peer) -> Bench:
        return tickets.bench(peer)
