"""What the letter in an access package says of the processing, where a real database holds nothing of the person."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.work.access.package_info import package_info
from rightsflow.documents.package.package_pages import Pages
from tests.support.own_databases import copy, searched, with_databases

TABLES = """
CREATE TABLE customer (id INTEGER PRIMARY KEY, mail TEXT);
INSERT INTO customer VALUES (1, '{mail}');
"""
TABLE = {"name": "customer", "key": ["id"], "identities": [{"column": "mail", "kind": "email"}]}
ABROAD = "United States, standard contractual clauses"
BELOW = "you find below why we process them"
GUARANTEES = "a copy of the guarantees for transfers"


def letters(bench, folder, monkeypatch, shop, crm):
    """The letter as page and as text, where each of two systems holds this address."""
    systems = {
        "shop": (TABLES.format(mail=shop), {"tables": [TABLE]}),
        "crm": (TABLES.format(mail=crm), {"tables": [TABLE], "transfers": ABROAD}),
    }
    with_databases(bench, folder, monkeypatch, systems)
    with installed(bench.runtime):
        case_id = searched(bench, "access")
        copy(case_id)
        with bench.file(case_id) as file:
            info = package_info(file, current_app())
    systems = [{"info": one, "given": [], "left_out": []} for one in info.systems]
    return [Pages(info).letter(kind, systems).decode() for kind in ("html", "txt")]


@pytest.mark.parametrize(
    ("shop", "crm", "below", "guarantees"),
    [
        ("anna.quill@example.com", "boris.other@example.org", True, False),
        ("boris.other@example.org", "anna.quill@example.com", True, True),
        ("boris.other@example.org", "boris.other@example.org", False, False),
    ],
)
def test_what_is_said_to_be_named_is_named(bench, tmp_path, monkeypatch, shop, crm, below, guarantees):
    for text in letters(bench, tmp_path, monkeypatch, shop, crm):
        assert (BELOW in text, GUARANTEES in text) == (below, guarantees)
        assert (ABROAD in text) == guarantees
