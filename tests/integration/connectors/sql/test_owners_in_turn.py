"""A device with a row for each owner, one after the other: the dates of the turns tell whose its records are."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Document, Method, RecordRef
from rightsflow.testing.bench import by_kind, find
from tests.integration.connectors.sql.peer import Peer
from tests.support.kinds import imei

_DAY = {"occurred_at": "day"}
_OF_DEVICE = {"column": "device_id", "table": "devices", "to": "id"}
TABLES: list[dict[str, Any]] = [
    {"name": "devices", "key": ["id"], "identities": [{"column": "imei", "kind": "imei"}]},
    {
        "name": "device_owners",
        "key": ["id"],
        "references": [_OF_DEVICE | {"part": True}],
        "identities": [{"column": "email", "kind": "email"}],
        **_DAY,
    },
    {"name": "repairs", "key": ["id"], "references": [_OF_DEVICE], **_DAY},
    {"name": "logs", "key": ["id"], "identities": [{"column": "imei", "kind": "imei"}], **_DAY},
]
_OWNERS = [
    (10, "anna", 2020),
    (11, "anna", 2022),
    (12, "ben", 2023),
    (13, "ben", 2025),
]
_RECORDS = [(0, "hers", 2021), (1, "his", 2024), (2, "between", 2022), (3, "earlier", 2019), (4, "later", 2026)]


@pytest.fixture(
    params=["sqlite_peer", pytest.param("postgres_peer", marks=pytest.mark.apart),
            pytest.param("mariadb_peer", marks=pytest.mark.apart)]
)  # fmt: skip
def devices(request: pytest.FixtureRequest) -> Peer:
    peer: Peer = request.getfixturevalue(request.param)
    peer.run(
        "CREATE TABLE devices (id INTEGER PRIMARY KEY, imei VARCHAR(20))",
        "CREATE TABLE device_owners (id INTEGER PRIMARY KEY, device_id INTEGER, email VARCHAR(40), day DATE)",
        "CREATE TABLE repairs (id INTEGER PRIMARY KEY, device_id INTEGER, said VARCHAR(40), day DATE)",
        "CREATE TABLE logs (id INTEGER PRIMARY KEY, imei VARCHAR(20), said VARCHAR(40), day DATE)",
    )
    peer.insert("devices", [{"id": 1, "imei": imei(1).value}])
    owners = [(key, f"{who}@example.com", date(year, 3, 1)) for key, who, year in _OWNERS]
    peer.insert("device_owners", [{"id": key, "device_id": 1, "email": who, "day": on} for key, who, on in owners])
    for key, said, year in _RECORDS:
        day = date(year, 9, 1)
        peer.insert("repairs", [{"id": 20 + key, "device_id": 1, "said": said, "day": day}])
        peer.insert("logs", [{"id": 30 + key, "imei": imei(1).value, "said": said, "day": day}])
    return peer


@pytest.mark.parametrize("also_given", [frozenset(), frozenset({imei(1)})], ids=["by address", "by address and device"])
@pytest.mark.parametrize(("who", "own"), [("anna", {10, 11, 20, 30}), ("ben", {12, 13, 21, 31})])
def test_each_owner_gets_and_loses_what_is_of_their_time(
    devices: Peer, who: str, own: set[int], also_given: frozenset[Any]
) -> None:
    """Before, all of the device's records were both owners' by its parts, whatever their dates."""
    connector = devices.connector(TABLES)
    found = find(connector, frozenset({identifier(IdentifierKind.EMAIL, f"{who}@example.com")}) | also_given)
    assert {_key(ref) for ref in found.refs} == own
    # The others are told to exist, so that a person can be asked about them.
    assert {1, 22, 23, 24, 32} <= {_key(one.record) for one in found.everything}
    texts = str([part.content for part in connector.extract(found.refs, found.known) if isinstance(part, Document)])
    assert not [said for _, said, _ in _RECORDS if f"'{said}'" in texts and said != {"anna": "hers", "ben": "his"}[who]]
    for _, refs in by_kind(connector, found.refs):
        list(connector.erase(refs, Method.ERASE, found.known))
    left = {row[0] for table in TABLES for row in devices.rows(f"SELECT id FROM {table['name']}")}
    assert left == {1, *range(10, 14), *range(20, 25), *range(30, 35)} - own


def test_owners_are_erased_after_what_hangs_on_the_device(sqlite_peer: Peer) -> None:
    """Without their dates a run that was killed after them could not tell whose the rest is."""
    kinds = [kind.name for kind in sqlite_peer.connector(TABLES).capabilities.kinds]
    assert kinds.index("repairs") < kinds.index("device_owners") < kinds.index("devices")


@pytest.mark.parametrize(("who", "own"), [("anna", {10, 11}), ("ben", {1, 12, 13, 21, 31})])
def test_a_device_that_names_its_present_owner_as_well_makes_nothing_of_another_time_theirs(
    devices: Peer, who: str, own: set[int]
) -> None:
    """Before, all repairs counted as the present owner's. The owner before is asked, since no one dated the address."""
    devices.run("ALTER TABLE devices ADD COLUMN email VARCHAR(40)", "UPDATE devices SET email = 'ben@example.com'")
    address = {"column": "email", "kind": "email"}
    tables = [TABLES[0] | {"identities": [*TABLES[0]["identities"], address]}, *TABLES[1:]]
    connector = devices.connector(tables)
    found = find(connector, frozenset({identifier(IdentifierKind.EMAIL, f"{who}@example.com")}))
    assert {_key(ref) for ref in found.refs} == own
    assert {20, 30, 22, 23, 24, 32} <= {_key(one.record) for one in found.everything}
    given = str([part.content for part in connector.extract(found.refs, found.known) if isinstance(part, Document)])
    assert [said for _, said, _ in _RECORDS if f"'{said}'" in given] == ([] if who == "anna" else ["his"])
    for _, refs in by_kind(connector, [ref for ref in found.refs if _key(ref) != 1]):
        list(connector.erase(refs, Method.ERASE, found.known))
    left = {row[0] for table in TABLES for row in devices.rows(f"SELECT id FROM {table['name']}")}
    assert left == {1, *range(10, 14), *range(20, 25), *range(30, 35)} - (own - {1})


def _key(ref: RecordRef) -> int:
    return int(ref.ref.strip("[]"))
