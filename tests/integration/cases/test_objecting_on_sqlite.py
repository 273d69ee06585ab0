"""What the answer to an objection says of what stays, by what a real shop's database and its configuration say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import installed
from tests.support.own_databases import answer, letter, rows, searched, with_databases

SHOP = {
    "marketing": ["subscriber"],
    "tables": [
        {
            "name": "subscriber",
            "document_class": "none",
            "key": ["id"],
            "identities": [{"column": "mail", "kind": "email"}],
        },
        {"name": "orders", "key": ["id"], "identities": [{"column": "mail", "kind": "email"}]},
    ],
}
TABLES = """
CREATE TABLE subscriber (id INTEGER PRIMARY KEY, mail TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, mail TEXT, sent_catalogue INTEGER);
INSERT INTO subscriber VALUES (1, 'anna.quill@example.com'), (2, 'boris.other@example.org');
INSERT INTO orders VALUES (1, 'anna.quill@example.com', 1), (2, 'anna.quill@example.com', 0);
"""


def objected(bench, folder, monkeypatch, **suppression):
    files = with_databases(bench, folder, monkeypatch, {"shop": (TABLES, SHOP)})
    settings = bench.runtime.settings
    stated = settings.suppression.model_copy(update=suppression)
    bench.runtime = replace(bench.runtime, settings=settings.model_copy(update={"suppression": stated}))
    with installed(bench.runtime):
        case_id = searched(bench, "objection")
        answer(bench, case_id, "objection")
        return files["shop"], letter(bench, case_id, "L17")


def test_what_stays_is_not_said_to_be_unused_for_marketing(bench, tmp_path, monkeypatch):
    """The controller states what is kept for marketing alone, and not what its programs use besides."""
    shop, body = objected(bench, tmp_path, monkeypatch)
    assert rows(shop, "SELECT id FROM subscriber") == [(2,)]
    assert rows(shop, "SELECT count(*) FROM orders") == [(2,)]
    assert (
        "2 other records of yours are not kept for direct marketing alone. They stay and may no longer be used for it"
    ) in body
    assert "not used for direct marketing" not in body


@pytest.mark.apart
def test_the_list_promises_no_more_than_it_can(bench, tmp_path, monkeypatch):
    _, body = objected(bench, tmp_path, monkeypatch)
    assert "you get no advertising" not in body
    assert "The list has no postal addresses. If advertising of ours still reaches you, tell us how." in body
    assert "this list before sending" not in body


@pytest.mark.apart
def test_the_programs_that_ask_the_list_are_those_that_are_stated(bench, tmp_path, monkeypatch):
    _, body = objected(bench, tmp_path, monkeypatch, asked_by=("Our newsletter program",))
    assert "Our newsletter program asks this list before sending advertising." in body
