"""A strange schema, that of an after-sales database, on SQLite: what a row hangs on decides whose it is."""

from __future__ import annotations

import pytest

from proofs.strangers.cases import by_steps, office
from proofs.strangers.strange import strange_world
from proofs.strangers.world import Proof
from rightsflow.domain.vocabulary.rights import Right

pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("strangers")]


@pytest.fixture(scope="module")
def answered(tmp_path_factory):
    """Two people have been answered; one has a namesake whose date of birth is known, one has not."""
    folder = tmp_path_factory.mktemp("after-sales")
    for name in ("systems", "home"):
        (folder / name).mkdir()
    with (
        strange_world(folder / "systems", lambda _: None, 2, ("asdb",), server="sqlite") as world,
        office(folder / "home", world.configuration, by_steps) as desk,
    ):
        proof = Proof(world, lambda _: None)
        proof.hold(desk)
        return proof


def test_nothing_of_the_household_or_of_later_owners_is_given_or_changed(answered):
    """Before, a telephone of three, a device with two owners and a contract of two went with one person's erasure."""
    assert answered.handed_out_or_changed("asdb") == (0, 0)


def test_nearly_everything_that_is_the_persons_is_given_and_erased(answered):
    access, erasure = answered.verdicts[Right.ACCESS, "asdb"], answered.verdicts[Right.ERASURE, "asdb"]
    assert access.given >= 15 * access.withheld
    assert erasure.erased >= 15 * erasure.left
