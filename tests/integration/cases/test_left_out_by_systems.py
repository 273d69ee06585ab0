"""What other people wrote is said to be left out only where there is something, and how much (Art. 15(4) GDPR)."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.work.access.package import assemble_package
from rightsflow.cases.work.access.package_info import package_info
from tests.support.own_databases import copy, searched, with_databases

DESK = {
    "tables": [
        {"name": "ticket", "key": ["id"], "identities": [{"column": "mail", "kind": "email"}]},
        {
            "name": "note",
            "key": ["id"],
            "identities": [{"column": "writer", "kind": "email"}],
            "author": "writer",
            "references": [{"column": "ticket", "table": "ticket", "to": "id"}],
        },
    ]
}
TABLES = """
CREATE TABLE ticket (id INTEGER PRIMARY KEY, mail TEXT, about TEXT);
CREATE TABLE note (id INTEGER PRIMARY KEY, ticket INTEGER, writer TEXT, said TEXT);
INSERT INTO ticket VALUES (1, 'anna.quill@example.com', 'kettle');
INSERT INTO note VALUES (1, 1, 'anna.quill@example.com', 'it leaks');
"""
TWO_OTHERS = """
INSERT INTO note VALUES (2, 1, 'boris@example.org', 'mine leaks as well');
INSERT INTO note VALUES (3, 1, 'carla@example.org', 'and mine');
"""


def left_out(bench, folder, monkeypatch, script):
    with_databases(bench, folder, monkeypatch, {"desk": (script, DESK)})
    with installed(bench.runtime):
        case_id = searched(bench, "access")
        copy(case_id)
        assemble_package(current_app(), case_id)
        with bench.file(case_id) as file:
            return package_info(file, current_app()).left_out


@pytest.mark.apart
def test_nothing_is_said_where_nobody_else_wrote(bench, tmp_path, monkeypatch):
    assert left_out(bench, tmp_path, monkeypatch, TABLES) == ()


def test_what_two_others_wrote_is_counted_and_its_basis_given_once(bench, tmp_path, monkeypatch):
    (one,) = left_out(bench, tmp_path, monkeypatch, TABLES + TWO_OTHERS)
    assert one.what == "what other people wrote in the note"
    assert one.amount == "2 entries"
    assert one.legal_basis == "Art. 15(4) GDPR"
    assert "Art." not in one.full_reason
