"""An access answer says until when each category is kept, where a rule gives the end, on a real database."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.work.access.package_info import package_info
from rightsflow.documents.package.package_pages import Pages
from tests.support.own_databases import copy, searched, with_databases

SHOP = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, mail TEXT);
INSERT INTO customer VALUES (1, 'anna.quill@example.com'), (2, 'boris.other@example.org');
CREATE TABLE sale (id INTEGER PRIMARY KEY, customer INTEGER, at DATE, state TEXT);
INSERT INTO sale VALUES (1, 1, '2024-03-15', 'paid'), (2, 1, '2020-03-15', 'paid'), (3, 2, '2019-01-01', 'paid');
"""
CUSTOMER = {"name": "customer", "key": ["id"], "identities": [{"column": "mail", "kind": "email"}]}
SALE = {
    "name": "sale",
    "key": ["id"],
    "references": [{"column": "customer", "table": "customer", "to": "id"}],
    "occurred_at": "at",
    "preflight": {"open_when": {"state": "new"}},
}


def letters(bench, folder, monkeypatch, document, change=""):
    """The system's end dates, and the letter as page and as text."""
    tables = [{**CUSTOMER, "document_class": "none"}, {**SALE, "document_class": document}]
    with_databases(bench, folder, monkeypatch, {"shop": (f"{SHOP}{change};", {"tables": tables})})
    with installed(bench.runtime):
        case_id = searched(bench, "access")
        copy(case_id)
        with bench.file(case_id) as file:
            info = package_info(file, current_app())
    systems = [{"info": one, "given": [], "left_out": []} for one in info.systems]
    return info.systems[0].ends, [Pages(info).letter(kind, systems).decode() for kind in ("html", "txt")]


def test_vouchers_are_told_with_the_days_that_the_plan_of_an_erasure_would_give(bench, tmp_path, monkeypatch):
    ends, texts = letters(bench, tmp_path, monkeypatch, "voucher")
    (line,) = ends
    assert line.startswith("sale (2 records): until 31 December 2028 (1 record) and 31 December 2032 (1 record)")
    assert "§ 147" in line
    for text in texts:
        assert "End dates" in text
        assert "31 December 2032" in text


def test_an_open_order_is_told_with_what_ends_it_and_no_date(bench, tmp_path, monkeypatch):
    ends, texts = letters(bench, tmp_path, monkeypatch, "none", "UPDATE sale SET state = 'new' WHERE id = 1")
    assert "until the order is fulfilled or cancelled" in ends[0]
    assert all("the order is fulfilled or cancelled" in one for one in texts)


@pytest.mark.parametrize("document", ["none"])
def test_where_no_rule_gives_an_end_the_criterion_stands_alone(bench, tmp_path, monkeypatch, document):
    ends, texts = letters(bench, tmp_path, monkeypatch, document)
    assert ends == ()
    assert not any("End dates" in one for one in texts)
    assert all("24 months" in one for one in texts)
