"""``ledger seal``, ``ledger verify`` and ``ledger rotate-key``, and what ``doctor`` says of seals."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta

import pytest

from deployments.cli.commands.ledger import ledger_health
from rightsflow.cases.course.evidence.ledger import publish, seal_now
from rightsflow.config.sections.mail_server import Seals
from tests.support.bench import running_bench
from tests.support.homes import assert_one_sentence


@pytest.fixture
def sealing(home, tmp_path):
    """A home with one case whose seals go into a folder."""
    folder = tmp_path / "seals"
    folder.mkdir()
    home.config.write_text(home.config.read_text() + f'\n[seals]\npublish = ["file:{folder}"]\n')
    return home, folder, home.open()


def change(home, *statements):
    """As a person with all rights at the database does."""
    with closing(sqlite3.connect(home.state / "cases.db")) as database, database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            database.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            database.execute(statement)


@pytest.mark.apart
def test_a_ledger_is_sealed_published_and_found_whole_and_doctor_says_how_old_the_seal_is(sealing):
    home, folder, _ = sealing
    never = home.run("doctor", "--json").document["ledger"]
    assert (never["ok"], never["is_doubtful"]) == (True, True)

    said = home.run("ledger", "seal")
    assert (said.status, said.out.splitlines()[0]) == (0, "Seal 1 covers 2 chains.")
    document = home.run("ledger", "seal", "--json").document
    assert (document["seal"], len(document["digest"]), document["behind"]) == (2, 64, [])
    assert sorted(path.name for path in folder.iterdir()) == ["seal-00000001.json", "seal-00000002.json"]
    said = home.run("ledger", "verify", "--seals", folder)
    assert said.status == 0
    assert said.out.startswith("Whole: ")
    assert "2 chains, 2 seals; the published seals agree up to seal 2.\nSeal 2 is 0 hours old." in said.out
    document = home.run("ledger", "verify", "--json").document
    assert (document["faults"], document["checked"]["seals"], document["published_seals"]) == ([], 2, 0)

    fresh = home.run("doctor", "--json").document["ledger"]
    assert (fresh["ok"], fresh["is_doubtful"], fresh["detail"]) == (True, False, "Seal 2 is 0 hours old.")


@pytest.mark.apart
def test_every_fault_is_a_sentence_and_the_status_is_one(sealing):
    home, _, case_id = sealing
    home.run("ledger", "seal")
    change(home, "DELETE FROM ledger WHERE number = 1 AND chain <> 'LEDGER'", "UPDATE seals SET digest = 'x'")
    said = home.run("ledger", "verify")
    assert (said.status, said.out) == (1, "")
    assert f"Entry 1 of {case_id} is missing." in said.err.splitlines()
    assert "Seal 1 does not have the hash that was kept of it." in said.err.splitlines()
    said = home.run("ledger", "verify", "--json")
    assert said.status == 1
    assert {"kind": "removed", "place": f"entry 1 of {case_id}", "text": f"Entry 1 of {case_id} is missing."} in (
        said.document["faults"]
    )


@pytest.mark.apart
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET number = 'many' WHERE chain <> 'LEDGER' AND number = 1",
        "UPDATE chains SET chain = CAST(x'ff' AS TEXT) WHERE chain <> 'LEDGER'",
        "UPDATE vault_keys SET public = x'00' WHERE name = 'seal/1'",
    ],
)
def test_whatever_stands_in_the_store_is_said_in_sentences(sealing, statement):
    home, _, _ = sealing
    home.run("ledger", "seal")
    change(home, statement)
    said = home.run("ledger", "verify")
    assert (said.status, said.out) == (1, "")
    assert "Traceback" not in said.err
    assert all(line[0].isupper() and line.endswith(".") for line in said.err.splitlines())
    assert home.run("ledger", "verify", "--json").document["faults"]


@pytest.mark.apart
def test_a_published_seal_convicts_a_store_without_it(sealing):
    home, folder, _ = sealing
    home.run("ledger", "seal")
    forgotten = ("DELETE FROM seals", "DELETE FROM seal_proofs", "DELETE FROM publications")
    change(home, *forgotten, "UPDATE chains SET sealed_number = 0")
    said = home.run("ledger", "verify", "--seals", folder)
    assert said.status == 1
    assert "Seal 1 was published, but is missing from the store." in said.err


@pytest.mark.apart
def test_a_folder_without_seals_and_a_file_that_is_none_are_bad_input(sealing, tmp_path):
    home, folder, _ = sealing
    home.run("ledger", "seal")
    empty = tmp_path / "empty"
    empty.mkdir()
    for given in (empty, tmp_path / "nowhere"):
        assert_one_sentence(home.run("ledger", "verify", "--seals", given), 2)
    path = folder / "seal-00000001.json"
    text = path.read_text()
    path.rename(folder / "seal-00000002.json")
    assert_one_sentence(home.run("ledger", "verify", "--seals", folder), 2)
    (folder / "seal-00000002.json").unlink()
    path.write_text(text[:-5])
    assert_one_sentence(home.run("ledger", "verify", "--seals", folder), 2)


@pytest.mark.apart
def test_a_place_that_is_away_is_named_and_the_seal_is_made_all_the_same(sealing):
    home, folder, _ = sealing
    folder.rmdir()
    said = home.run("ledger", "seal")
    assert said.status == 1
    assert said.out.startswith("Seal 1 covers")
    assert said.err.startswith(f"The seals are not all published at file:{folder}: There is no folder")
    health = home.run("doctor", "--json").document["ledger"]
    assert not health["ok"]
    assert f"file:{folder} (1)" in health["detail"]


@pytest.mark.apart
def test_a_new_key_signs_beside_the_old_one(sealing):
    home, folder, _ = sealing
    home.run("ledger", "seal")
    assert home.run("ledger", "rotate-key", "--json").document == {"key": "seal/2", "overlap_days": 30}
    assert "seal/3" in home.run("ledger", "rotate-key", "--by", "Ada Admin").out
    home.run("ledger", "seal")
    last = (folder / "seal-00000002.json").read_text()
    assert all(f"seal/{number}" in last for number in (1, 2, 3))
    assert home.run("ledger", "verify", "--seals", folder).status == 0


def test_a_seal_of_before_the_last_night_is_doubtful(tmp_path):
    settings = Seals(publish=(f"file:{tmp_path}",))
    with running_bench(tmp_path) as bench:
        current = replace(bench.runtime, settings=bench.runtime.settings.model_copy(update={"seals": settings}))
        seal_now(current)
        assert publish(current) == []
        bench.pass_time(timedelta(hours=47))
        assert not ledger_health(current).is_doubtful
        bench.pass_time(timedelta(hours=1))
        health = ledger_health(current)
        assert (health.ok, health.is_doubtful, health.detail) == (True, True, "Seal 1 is 48 hours old.")
        assert "published nowhere" in ledger_health(bench.runtime).detail
