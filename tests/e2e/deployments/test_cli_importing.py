"""``import``: many requests from one file, all or none, and nothing of them on the screen."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from deployments.cli.parts import CommandParts
from tests.support.homes import BY, VALUES

GOOD = "right,email,received\naccess,anna.quill@example.com,2026-03-01\naccess,anna.quill@example.com,2026-03-01\n"


def file_in(home, text, name="requests.csv"):
    path = home.folder / name
    path.write_text(text, encoding="utf-8-sig")
    return path


@pytest.mark.apart
def test_import_opens_a_case_for_each_and_the_file_goes(home):
    path = file_in(home, GOOD)
    tried = home.run("case", "import", path, *BY, "--dry-run")
    assert (tried.status, path.exists()) == (0, True)
    assert "would be opened: 1" in tried.out
    kept = home.run("case", "import", path, *BY, "--keep", "--json").document
    assert (kept["opened"], kept["file_removed"], kept["duplicates"]) == (
        1,
        False,
        [{"row": 3, "of_row": 2, "of_case": ""}],
    )
    again = home.run("case", "import", path, *BY)
    assert (again.status, path.exists()) == (0, False)
    assert "imported before: 1" in again.out
    assert len(home.run("list", "--json").document) == 1


def test_a_bad_row_is_named_without_a_cell_and_nothing_is_imported(home):
    before = home.rows()
    path = file_in(home, f"{GOOD}access,quill@,2026-03-01\naccess,{VALUES[0]},0000-not-a-phone\n")
    said = home.run("case", "import", path, *BY)
    assert (said.status, said.err.count("\n"), path.exists()) == (2, 1, True)
    assert "nothing was imported" in said.err
    document = home.run("case", "import", path, *BY, "--json")
    assert document.status == 2
    assert [(one["row"], one["column"]) for one in document.document["faults"]] == [(4, "email"), (5, "received")]
    assert not [value for value in VALUES if value in said.out + said.err + document.out + document.err]
    assert home.rows() == before


def test_a_file_that_is_not_there_and_a_missing_name_are_bad_input(home):
    assert home.run("case", "import", home.folder / "gone.csv", *BY).status == 2
    assert home.run("case", "import", file_in(home, GOOD), "--by", " ").status == 2


@pytest.mark.apart
def test_keep_needs_a_server_and_one_that_is_away_is_no_fault(home):
    said = home.run("service", "keep")
    assert said.status == 2
    assert "PREFECT_API_URL" in said.err
    kept = []
    keeper = SimpleNamespace(run=lambda *_: kept.append("kept"))
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        assert home.run("service", "keep", parts=CommandParts(keeper=lambda *_: keeper)).status == 0
    assert kept == ["kept"]
