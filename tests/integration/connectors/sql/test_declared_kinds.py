"""Columns that hold identifiers of declared kinds, in whatever spelling they are stored."""

from __future__ import annotations

from typing import Any

import pytest

from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.testing.bench import find
from tests.integration.connectors.sql.peer import Peer
from tests.support.kinds import RMA, SERIAL, imei

ANNA = identifier(IdentifierKind.EMAIL, "anna@example.com")
DEVICE, SERIES, REPAIR = imei(1), Identifier(SERIAL, "C02XL0ABJGH5"), Identifier(RMA, "RMA-2026-00417")
TABLE: dict[str, Any] = {
    "name": "repairs",
    "key": ["id"],
    "identities": [
        {"column": "rma", "kind": "rma"},
        {"column": "imei", "kind": "imei"},
        {"column": "serial", "kind": "serial"},
        {"column": "whole", "kind": "imei"},
        {"column": "email", "kind": "email"},
    ],
    "occurred_at": "happened",
}
_COLUMNS = ("id", "rma", "imei", "serial", "whole", "email", "happened")


@pytest.fixture
def repairs(peer: Peer) -> Peer:
    columns = "id INTEGER PRIMARY KEY, rma TEXT, imei TEXT, serial TEXT, whole BIGINT, email TEXT, happened DATE"
    peer.run(f"CREATE TABLE repairs ({columns})")
    spelt = f"{DEVICE.value[:2]}-{DEVICE.value[2:8]} {DEVICE.value[8:14]}/{DEVICE.value[14]}"
    rows: list[tuple[Any, ...]] = [
        (1, " rma-2026-00417", None, None, None, "anna@example.com", "2024-01-01"),
        (2, None, spelt, None, None, None, "2024-01-01"),
        (3, None, None, "c02-xl0 abjgh5", None, None, "2024-01-01"),
        (4, None, None, None, int(DEVICE.value), None, "2024-01-01"),
        (5, None, DEVICE.value, None, None, "ben@example.com", "2025-01-01"),
        (6, "RMA-2026-004170", imei(2).value, "C02XL0ABJGH55", int(imei(3).value), "n@example.com", "2024-01-01"),
        (7, "x", "no number", "-", None, "", None),
    ]
    peer.insert("repairs", [dict(zip(_COLUMNS, row, strict=True)) for row in rows])
    return peer


def test_every_spelling_is_found_and_no_longer_one(repairs: Peer) -> None:
    connector = repairs.connector([TABLE])
    known = frozenset({DEVICE, SERIES, REPAIR})
    assert sorted(item.record.ref for item in connector.locate(known)) == ["[1]", "[2]", "[3]", "[4]", "[5]"]
    assert connector.capabilities.searches == {"rma", "imei", "serial", "email"}
    found = find(connector, frozenset({REPAIR}))
    assert [item.record.ref for item in found.subject] == ["[1]"]
    assert ANNA in found.known


def test_an_address_is_found_where_a_program_has_escaped_signs_of_it(peer: Peer) -> None:
    peer.run("CREATE TABLE forms (id INTEGER PRIMARY KEY, content TEXT)")
    written = [
        r'{"mail":"anna\u002Bshop@example.com"}',
        r'{"mail":"o\u0027hara@example.com"}',
        '{"mail":"x@example.com"}',
    ]
    peer.insert("forms", [{"id": number, "content": text} for number, text in enumerate(written)])
    table = {"name": "forms", "key": ["id"], "identities": [{"column": "content", "path": "mail", "kind": "email"}]}
    for number, address in enumerate(("anna+shop@example.com", "o'hara@example.com")):
        found = find(peer.connector([table]), frozenset({identifier(IdentifierKind.EMAIL, address)}))
        assert [item.record.ref for item in found.subject] == [f"[{number}]"]


def test_a_row_of_one_person_teaches_the_device_in_it(repairs: Peer) -> None:
    found = find(repairs.connector([TABLE]), frozenset({identifier(IdentifierKind.EMAIL, "ben@example.com")}))
    assert DEVICE in found.known
    assert [item.record.ref for item in found.subject] == ["[5]"]


def test_the_doctor_counts_what_can_be_read(repairs: Peer) -> None:
    counted = {item.what: (item.readable, item.looked_at) for item in repairs.connector([TABLE]).samples()}
    assert counted["values in the column imei of repairs that should be a valid IMEI"] == (3, 4)


def test_an_unknown_kind_is_refused_with_its_mend(peer: Peer) -> None:
    table = {"name": "repairs", "key": ["id"], "identities": [{"column": "vin", "kind": "vehicle"}]}
    with pytest.raises(Misconfigured) as caught:
        peer.connector([table])
    assert "tables.0.identities.0.kind is wrong: this kind of identifier is not declared" in str(caught.value)
    assert "or declare it in [identifiers.NAME]" in str(caught.value)
