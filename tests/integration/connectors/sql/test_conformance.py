"""The conformance suite on call detail records and on a ticket database.

Each on another database; on the other one they are apart.
"""

from __future__ import annotations

import pytest

from rightsflow.domain.vocabulary.records import Method
from rightsflow.testing.bench import Bench
from tests.integration.connectors.sql import cdr, tickets, vendors
from tests.integration.connectors.sql.peer import Peer
from tests.support.conformance import ConformanceInWalks
from tests.support.peers.sftp import SftpPeer


class TestCallDetailRecords(ConformanceInWalks):
    @pytest.fixture
    def bench(self, peer: Peer) -> Bench:
        return cdr.bench(peer, cdr.CDR, Method.ERASE)


@pytest.mark.apart
class TestCallDetailRecordsThatAreBlanked(ConformanceInWalks):
    @pytest.fixture
    def bench(self, sqlite_peer: Peer) -> Bench:
        return cdr.bench(sqlite_peer, cdr.BLANKED, Method.REDACT)


class TestTickets(ConformanceInWalks):
    @pytest.fixture
    def bench(self, postgres_peer: Peer) -> Bench:
        return tickets.bench(postgres_peer)


@pytest.mark.apart
class TestTicketsInSqlite(ConformanceInWalks):
    @pytest.fixture
    def bench(self, sqlite_peer: Peer) -> Bench:
        return tickets.bench(sqlite_peer)


@pytest.mark.apart
class TestContactsInCsvFiles(ConformanceInWalks):
    @pytest.fixture
    def bench(self, sqlite_peer: Peer) -> Bench:
        return vendors.connect_bench(sqlite_peer)


@pytest.mark.apart
class TestRecordingsUnderVendorsIds(ConformanceInWalks):
    @pytest.fixture
    def bench(self, sqlite_peer: Peer) -> Bench:
        vendors.fill(sqlite_peer)
        return vendors.twilio_bench(sqlite_peer, vendors.twilio(sqlite_peer))


@pytest.mark.apart
class TestRecordingsOnAnSftpServer(ConformanceInWalks):
    @pytest.fixture
    def bench(self, sqlite_peer: Peer, sftp: SftpPeer) -> Bench:
        vendors.fill(sqlite_peer)
        more = {"files": sftp.url(sqlite_peer.folder), "files_options": sftp.options}
        return vendors.twilio_bench(sqlite_peer, vendors.twilio(sqlite_peer, **more))
