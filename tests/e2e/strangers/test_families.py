"""Whole cases on a real MariaDB: a family that shares mailbox, telephone and surname, and a number given again.

One of them asks for a copy, or to be erased. Of the others' rows no byte changes, and no word of theirs goes out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from proofs.strangers import operator
from proofs.strangers.cases import by_steps, office
from rightsflow.app import current_app
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.mariadb import MariaDatabase, running_mariadb

pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("mariadb")]

_SCHEMA = """
CREATE TABLE customer (id INT PRIMARY KEY, number VARCHAR(20), first VARCHAR(40), last VARCHAR(40), mail VARCHAR(80),
  phone VARCHAR(40), note VARCHAR(80));
CREATE TABLE orders (id INT PRIMARY KEY, number VARCHAR(20), mail VARCHAR(80), what VARCHAR(80));
CREATE TABLE subscriber (id INT PRIMARY KEY, mail VARCHAR(80), what VARCHAR(80));
CREATE TABLE calls (id INT PRIMARY KEY, caller VARCHAR(80), what VARCHAR(80));
INSERT INTO customer VALUES
  (1, 'C-1001', 'Änna', 'Quill', 'quill@example.net', '030 901820', 'hers'),
  (2, 'C-2002', 'Andreas', 'Quill', 'quill@example.net', '030 901820', 'secret of Andreas'),
  (3, 'C-9009', 'Berta', 'Kern', 'berta@example.net', '030 901899', 'secret of Berta'),
  (4, 'C-1001', 'Cara', 'Holt', 'cara@example.net', '030 901877', 'secret of Cara'),
  (5, '', 'A.', 'Quill', 'annas.own@example.net', '', 'another mailbox');
INSERT INTO orders VALUES (1, 'C-1001', '', 'whose?'), (2, 'C-2002', '', 'secret of Andreas'),
  (3, 'C-9009', '', 'secret of Berta'), (4, 'C-1001', 'cara@example.net', 'secret of Cara');
INSERT INTO subscriber VALUES (1, 'quill@example.net', 'whose?'), (2, 'berta@example.net', 'secret of Berta');
INSERT INTO calls VALUES (1, '"Quill, Anna" <030901820>', 'whose?'),
  (2, '"Andreas Quill" <030901820>', 'secret of Andreas'), (3, '<030901820>', 'whose?'),
  (4, '"Dora Quill" <030901820>', 'secret of Dora')"""
_TABLES = """
[[systems.shop.tables]]
document_class = "none"
name       = "customer"
title      = "customers"
key        = ["id"]
identities = [
  { column = "number", kind = "customer_id" },
  { column = "mail", kind = "email" },
  { column = "phone", kind = "phone" },
  { column = "first", kind = "name" },
  { column = "last", kind = "name" },
]

[[systems.shop.tables]]
document_class = "none"
name       = "orders"
title      = "orders"
key        = ["id"]
identities = [{ column = "number", kind = "customer_id" }, { column = "mail", kind = "email" }]

[[systems.shop.tables]]
document_class = "none"
name       = "subscriber"
title      = "subscribers"
key        = ["id"]
identities = [{ column = "mail", kind = "email" }]

[[systems.shop.tables]]
document_class = "none"
name       = "calls"
title      = "calls"
key        = ["id"]
identities = [{ column = "caller", kind = "phone", form = "caller_id" }]
"""
_RECORD = """purposes   = ["customer care"]
categories = ["service data"]
source     = "the data subject"
recipients = ["Callhouse Lisbon (processor)"]
transfers  = "none"
backup_days = 0
retention  = "24 months"
"""


@dataclass(frozen=True)
class Asking:
    """Who asks.

    Args:
        emails: The addresses.
        customer: The number that the request gives.
        name: The name as it is written in the request.
        phones: The numbers.
    """

    emails: tuple[str, ...] = ("quill@example.net",)
    customer: str = "C-1001"
    name: str = "Anna Quill"
    phones: tuple[str, ...] = ("+4930901820",)


RIGHT_NUMBER, TYPED_WRONG = Asking(), Asking(customer="C-9009")


@pytest.fixture(scope="module")
def server():
    with running_mariadb() as one:
        yield one


@pytest.fixture
def shop(server):
    with server.database() as one:
        one.run(*_SCHEMA.split(";"))
        one.allow("rightsflow", ["SELECT", "UPDATE", "DELETE"])
        yield one


@pytest.fixture
def desk(shop, tmp_path):
    (tmp_path / "url").write_text(shop.url("rightsflow"), encoding="utf-8")
    section = f'\n[systems.shop]\nconnector = "sql"\nurl = "file:{tmp_path}/url"\n{_RECORD}{_TABLES}'
    (tmp_path / "home").mkdir()
    with office(tmp_path / "home", operator.head() + section, by_steps) as one:
        yield one


def held(shop: MariaDatabase) -> dict[tuple[str, int], tuple[Any, ...]]:
    tables = ("customer", "orders", "subscriber", "calls")
    return {(table, row[0]): row for table in tables for row in shop.rows(f"SELECT * FROM {table}")}


def doubts_of(case_id: str) -> dict[str, RecordDoubt | None]:
    with current_app().store.case_file(case_id) as file:
        return {f"{one.ref.kind} {one.ref.ref}": one.doubt for one in file.findings.all()}


@pytest.mark.parametrize("asking", [RIGHT_NUMBER, TYPED_WRONG], ids=["right", "typed wrong"])
def test_one_is_erased_and_of_the_others_no_byte_changes(shop, desk, asking):
    before = held(shop)
    case_id = desk.answer(Right.ERASURE, asking)
    after = held(shop)
    assert before.keys() - after.keys() == {("customer", 1)}
    assert {place: row for place, row in before.items() if place in after} == after
    with current_app().store.case_file(case_id) as file:
        letter = next(one.body for one in file.outbox.letters() if one.template_id == "L11")
        known = {one.value for one in file.identifiers.known()}
    assert "cannot tell whether it is yours and left it unchanged" in letter
    assert not {"berta@example.net", "cara@example.net", "C-2002"} & known


def test_why_each_of_the_others_is_left_is_told(shop, desk):
    doubts = doubts_of(desk.answer(Right.ERASURE, RIGHT_NUMBER))
    assert {key: doubt for key, doubt in doubts.items() if doubt} == {
        "customer [2]": RecordDoubt.SHARED_MAILBOX,
        "customer [4]": RecordDoubt.OTHER_NAME,
        "orders [1]": RecordDoubt.NUMBER_ALONE,
        "orders [4]": RecordDoubt.OTHER_IDENTIFIER,
        "subscriber [1]": RecordDoubt.SHARED_MAILBOX,
        "calls [1]": RecordDoubt.NUMBER_ALONE,
        "calls [2]": RecordDoubt.OTHER_NAME,
        "calls [3]": RecordDoubt.NUMBER_ALONE,
        "calls [4]": RecordDoubt.OTHER_NAME,
    }
    assert set(doubts) - {"customer [1]"} == {key for key, doubt in doubts.items() if doubt}


@pytest.mark.parametrize("asking", [RIGHT_NUMBER, TYPED_WRONG], ids=["right", "typed wrong"])
def test_a_copy_has_nothing_of_the_others(shop, desk, asking):
    before = held(shop)
    files = desk.package(desk.answer(Right.ACCESS, asking))
    text = "\n".join(one.decode("latin-1") for one in files.values())
    assert "hers" in text
    for word in ("secret of", "Andreas", "Berta", "Cara", "Dora", "berta@", "cara@", "C-2002"):
        assert word not in text
    assert held(shop) == before
