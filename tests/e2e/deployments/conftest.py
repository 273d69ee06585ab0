"""Homes for the tests of the command line."""

from __future__ import annotations

import pytest

from tests.support.homes import BY, living_in


@pytest.fixture
def empty_home(tmp_path):
    """A home that ``init`` has not seen yet."""
    with living_in(tmp_path) as home:
        yield home


@pytest.fixture
def home(empty_home):
    """A home with one system."""
    return empty_home.set_up()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory):
    """One home with a case at each stage; the tests of faults leave it as it is."""
    with living_in(tmp_path_factory.mktemp("home")) as home:
        home.set_up()
        cases = {"case": home.open()}
        for number, stage in enumerate(("waiting", "approved", "refused")):
            cases[stage] = home.open(email=f"other-{number}@example.org")
        home.wait_for_approval(cases["waiting"])
        home.wait_for_approval(cases["approved"])
        assert home.run("decide", cases["approved"], "--approve", *BY).status == 0
        home.refuse_identity(cases["refused"])
        yield home, cases
