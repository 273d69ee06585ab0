"""The short proof: twenty people, access and erasure of two, in a store, Redmine's tables and Kamailio's.

The long one, in the real systems with two hundred people, is ``make proof-strangers``.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest

from proofs.strangers import tables
from proofs.strangers.cases import TakesTheKey, by_steps, mutated, office
from proofs.strangers.people import Neighbour
from proofs.strangers.world import Proof, table
from rightsflow.app import current_app
from rightsflow.domain.vocabulary.rights import Right
from tests.e2e.strangers.small_world import small_world

pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("strangers")]


@pytest.fixture(scope="module")
def answered(tmp_path_factory, postgres_server, store):
    """Everybody who asked has been answered."""
    with beginning(tmp_path_factory.mktemp("answered"), postgres_server, store, neighbourhoods=2) as (proof, desk):
        proof.hold(desk)
        yield proof, desk


@contextmanager
def beginning(folder, server, store, neighbourhoods, **described):
    for name in ("systems", "home"):
        (folder / name).mkdir()
    with (
        small_world(folder / "systems", server, store, neighbourhoods, **described) as world,
        office(folder / "home", world.configuration, by_steps) as desk,
    ):
        yield Proof(world, lambda _: None), desk


def total(proof, name):
    return sum(getattr(verdict, name) for verdict in proof.verdicts.values())


def test_everything_of_the_person_and_nothing_of_the_neighbours(answered):
    """Before, a neighbour lost a file and rows, and recordings of others were handed out and destroyed."""
    proof, _ = answered
    assert proof.faults == []
    assert (total(proof, "disclosed"), total(proof, "changed"), total(proof, "left")) == (0, 0, 0)
    assert total(proof, "given") > 50
    assert total(proof, "erased") > 90
    assert len(list(table(proof))) == 6


def test_versions_of_neighbours_that_a_connector_takes_are_seen(answered):
    """A violation that is put in on purpose: a connector that takes all versions of a key for one person's."""
    before, desk = answered
    proof = Proof(before.world, lambda _: None)
    mutant = TakesTheKey(current_app().connectors["archive"], proof.world.clients["archive"])
    with mutated("archive", mutant):
        proof.hold_one(desk, proof.world.population.people[Neighbour.SUCCESSOR])
    assert all(proof.handed_out_or_changed("archive"))
    assert not any(proof.handed_out_or_changed("tickets"))


def test_rows_of_neighbours_that_a_configuration_takes_are_seen(tmp_path, postgres_server, store):
    """The operator forgot that the numbers of accounts and of issues are two things."""
    without = tables.TICKETS.replace(
        """, where = { customized_type = "Principal" } },
  { column = "customized_id", table = "issues", to = "id", where = { customized_type = "Issue" } },""",
        " },",
    )
    assert without != tables.TICKETS
    with beginning(tmp_path, postgres_server, store, neighbourhoods=1, ticket_tables=without) as (proof, desk):
        proof.hold(desk)
    assert proof.verdicts[Right.ERASURE, "tickets"].changed
