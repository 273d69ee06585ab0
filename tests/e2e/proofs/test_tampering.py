"""A sample of the tamper test; the whole of it is ``python -m proofs.tampering``."""

from __future__ import annotations

import pytest

from proofs.tampering import bundles, stores
from proofs.tampering.__main__ import made
from proofs.tampering.changes import Change, Table, Tally, markdown, merged, note

pytestmark = pytest.mark.apart

BUNDLES, STORES = range(120), range(80)


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    return made(tmp_path_factory.mktemp("tampering"))


def left(table: Table) -> list[str]:
    return [one for tally in table.values() for one in tally.missed]


def test_whatever_is_done_to_a_bundle_is_caught_and_named(originals):
    table = bundles.tamper(originals[1], BUNDLES)
    assert left(table) == []
    assert sum(tally.caught for tally in table.values()) == len(BUNDLES)


def test_whatever_is_done_to_a_store_is_caught_and_named(originals, tmp_path):
    table = stores.tamper(originals[0], tmp_path, STORES)
    assert left(table) == []
    assert sum(tally.caught for tally in table.values()) == len(STORES)


@pytest.mark.parametrize("changes", [bundles.CHANGES, stores.CHANGES], ids=["bundle", "store"])
def test_each_change_is_made_some_time(changes):
    assert all(weight > 0 for weight, _ in changes)
    assert len({make for _, make in changes}) == len(changes)


def test_what_is_not_caught_or_not_named_is_told():
    table: Table = {}
    change = Change("flip", "seals", ("seal 3",))
    note(table, change, ["Seal 3 is missing."], 1)
    note(table, change, ["Something is wrong."], 2)
    note(table, change, [], 3)
    (tally,) = table.values()
    assert (tally.tried, tally.caught, tally.named) == (3, 2, 1)
    assert [one.rpartition("(")[2] for one in tally.missed] == ["seed 2): Something is wrong.", "seed 3): nothing"]
    told = markdown("store", table).splitlines()
    assert told[2:4] == ["| seals | flip | 3 | 2 | 1 |", "| **all** | | **3** | **2** | **1** |"]
    assert len(told) == 6


def test_tables_of_several_processes_become_one():
    parts = [{("seals", "flip"): Tally(2, 2, 1, ["a"])}, {("seals", "flip"): Tally(1, 1, 1), ("x", "y"): Tally(1)}]
    assert merged(parts) == {("seals", "flip"): Tally(3, 3, 2, ["a"]), ("x", "y"): Tally(1)}
    assert parts[1]["seals", "flip"] == Tally(1, 1, 1)
