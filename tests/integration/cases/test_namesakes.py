"""Whole cases on a clinic's PostgreSQL: father and son with one name, one mailbox and one telephone.

Their patient numbers and dates of birth tell them apart, and in what the son wrote nothing does. The father asks for a
copy and then to be erased: of every other row no byte changes, and no word of theirs goes out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proofs.strangers import operator
from proofs.strangers.cases import Office, by_steps, office
from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.rounds import replay_system
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import IdentifierKind, of_kind
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.postgres import PostgresDatabase, PostgresServer

_SCHEMA = """
CREATE TABLE patients (id INT PRIMARY KEY, number TEXT, name TEXT, born DATE, mail TEXT, phone TEXT, note TEXT);
CREATE TABLE visits (id INT PRIMARY KEY, patient INT REFERENCES patients, what TEXT);
CREATE TABLE portal (id INT PRIMARY KEY, mail TEXT, name TEXT, born TEXT, what TEXT);
CREATE TABLE bills (id INT PRIMARY KEY, number TEXT, what TEXT);
INSERT INTO patients VALUES
  (1, 'P-1', 'Karl Weber', '1956-03-14', 'weber@example.net', '030 901820', 'his own'),
  (2, 'P-2', 'Karl Weber', '1981-05-26', 'weber@example.net', '030 901820', 'secret of the son'),
  (3, 'P-3', 'Karl Weber jun.', NULL, 'weber@example.net', '030 901820', 'secret of the grandson'),
  (4, 'P-4', 'Karl Weber', '1900-01-01', 'weber@example.net', '030 901820', 'secret of whom?'),
  (5, 'P-5', 'Berta Kern', '1956-03-14', 'berta@example.net', '030 901899', 'secret of Berta');
INSERT INTO visits VALUES (1, 1, 'his own'), (2, 2, 'secret of the son'), (3, 3, 'secret of the grandson');
INSERT INTO portal VALUES
  (1, 'weber@example.net', 'Karl Weber', '14.03.1956', 'his own'),
  (2, 'weber@example.net', 'Karl Weber', '26.05.1981', 'secret of the son'),
  (3, 'weber@example.net', 'Karl Weber', '', 'secret of whom?'),
  (4, 'weber@example.net', '', '01.01.1970', 'secret of whom?'),
  (5, 'berta@example.net', 'Berta Kern', '14.03.1956', 'secret of Berta');
INSERT INTO bills VALUES (1, 'P-1', 'his own'), (2, 'P-2', 'secret of the son'), (5, 'P-5', 'secret of Berta')"""
_KEY_USED_AGAIN = "UPDATE portal SET born = '26.05.1981', what = 'secret of the son' WHERE id = 1"
_TABLES = """
[[systems.clinic.tables]]
document_class = "none"
name       = "patients"
key        = ["id"]
identities = [
  { column = "number", kind = "customer_id" },
  { column = "mail", kind = "email" },
  { column = "phone", kind = "phone" },
  { column = "name", kind = "name" },
  { column = "born", kind = "birth_date" },
]
rectify = { "date of birth" = "born" }

[[systems.clinic.tables]]
document_class = "none"
name       = "visits"
key        = ["id"]
references = [{ column = "patient", table = "patients", to = "id" }]

[[systems.clinic.tables]]
document_class = "none"
name       = "portal"
key        = ["id"]
identities = [
  { column = "mail", kind = "email" },
  { column = "name", kind = "name" },
  { column = "born", kind = "birth_date", date_order = "day-first" },
]

[[systems.clinic.tables]]
document_class = "none"
name       = "bills"
key        = ["id"]
identities = [{ column = "number", kind = "customer_id" }]
"""
_RECORD = """purposes   = ["care"]
categories = ["patient files"]
source     = "the data subject"
recipients = ["Lab Lisbon (processor)"]
transfers  = "none"
backup_days = 0
retention  = "24 months"
"""
_MINE = {("patients", 1), ("visits", 1), ("portal", 1), ("bills", 1)}


@dataclass(frozen=True)
class Father:
    """Who asks, by what the son has as well."""

    emails: tuple[str, ...] = ("weber@example.net",)
    phones: tuple[str, ...] = ("+4930901820",)
    customer: str = ""
    name: str = "Karl Weber"


@pytest.fixture
def clinic(postgres_server: PostgresServer) -> Iterator[PostgresDatabase]:
    with postgres_server.database() as one:
        with postgres_server.admin(one.name) as admin:
            admin.execute(_SCHEMA)
        yield one


@pytest.fixture
def desk(clinic: PostgresDatabase, tmp_path: Path) -> Iterator[Office]:
    (tmp_path / "url").write_text(clinic.url(), encoding="utf-8")
    section = f'\n[systems.clinic]\nconnector = "sql"\nurl = "file:{tmp_path}/url"\n{_RECORD}{_TABLES}'
    (tmp_path / "home").mkdir()
    with office(tmp_path / "home", operator.head() + section, by_steps) as one:
        yield one


def held(clinic: PostgresDatabase) -> dict[tuple[str, int], Any]:
    with clinic.server.admin(clinic.name) as admin:
        return {
            (table, key): row
            for table in ("patients", "visits", "portal", "bills")
            for key, row in admin.execute(f"SELECT id, {table}::text FROM {table}").fetchall()  # type: ignore[call-overload]
        }


@pytest.mark.apart
def test_a_copy_has_nothing_of_the_others(clinic: PostgresDatabase, desk: Office) -> None:
    before = held(clinic)
    files = desk.package(desk.answer(Right.ACCESS, Father(), birth_date="1956-03-14"))
    text = "\n".join(one.decode("latin-1") for one in files.values())
    assert text.count("his own") >= len(_MINE)
    assert not [word for word in ("secret of", "1981", "26.05", "P-2", "P-3", "Berta") if word in text]
    assert held(clinic) == before


def test_the_father_is_erased_again_after_a_restore_and_of_the_others_no_byte_changes(
    clinic: PostgresDatabase, desk: Office
) -> None:
    before = held(clinic)
    case_id = desk.answer(Right.ERASURE, Father(), birth_date="1956-03-14")
    assert held(clinic) == {place: row for place, row in before.items() if place not in _MINE}
    with current_app().store.case_file(case_id) as file:
        found = {f"{one.ref.kind} {one.ref.ref}": one.doubt for one in file.findings.all()}
        known = file.identifiers.known()
        letter = next(one.body for one in file.outbox.letters() if one.template_id == "L11")
    assert {place: doubt for place, doubt in found.items() if doubt} == {
        "patients [2]": RecordDoubt.OTHER_BIRTH_DATE,
        "visits [2]": RecordDoubt.OTHER_BIRTH_DATE,
        "patients [3]": RecordDoubt.NAMESAKE,
        "visits [3]": RecordDoubt.NAMESAKE,
        "patients [4]": RecordDoubt.NAMESAKE,
        "portal [2]": RecordDoubt.OTHER_BIRTH_DATE,
        "portal [3]": RecordDoubt.NAMESAKE,
        "portal [4]": RecordDoubt.SHARED_MAILBOX,
    }
    assert of_kind(known, IdentifierKind.BIRTH_DATE) == ["1956-03-14"]
    assert of_kind(known, IdentifierKind.CUSTOMER_ID) == ["P-1"]
    assert "and that another person may use as well" in letter
    assert "date of birth" not in letter, "he gave it, and most of these records bear none"
    assert not [day for day in ("1956", "1981", "14.03") if day in letter]

    # Restored, and the number of one of his rows was given to the son meanwhile.
    left = held(clinic)
    with clinic.server.admin(clinic.name) as admin:
        admin.execute("DROP TABLE visits, patients, portal, bills")
        admin.execute(_SCHEMA)
        admin.execute(_KEY_USED_AGAIN)
    restored = held(clinic)
    again = replay_system(current_app(), "clinic", by="Dana Decider")
    assert (again.erased, again.failed) == (1, [])
    assert held(clinic) == left | {("portal", 1): restored["portal", 1]}


@pytest.mark.apart
def test_a_date_of_birth_that_was_wrong_is_corrected_where_it_stands_and_nowhere_else(
    clinic: PostgresDatabase, desk: Office
) -> None:
    """The record bears another date than is right, and is the one to correct; the son's bears neither."""
    before = held(clinic)
    case_id = desk.answer(
        Right.RECTIFICATION,
        Father(),
        corrections="date of birth | 1956-03-14 | 1956-04-13 | two digits | passport seen",
    )
    after = held(clinic)
    changed = {place for place, row in before.items() if after[place] != row}
    assert changed == {("patients", 1)}
    assert "1956-04-13" in after["patients", 1]
    with current_app().store.case_file(case_id) as file:
        known = of_kind(file.identifiers.known(), IdentifierKind.BIRTH_DATE)
    assert known == ["1956-03-14", "1956-04-13"]
