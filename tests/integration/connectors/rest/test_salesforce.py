"""Salesforce's description, on a double written from its REST guide."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import pytest

from rightsflow.domain.requesters import WhyNot
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from rightsflow.testing.bench import Bench
from tests.integration.connectors.rest import salesforce as world
from tests.integration.connectors.rest import worlds
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.conformance import ConformanceInWalks

LISTS = (r"GET .*/query", "GET .*/Cases$", "GET .*/EmailMessages$", "GET .*/CaseComments$")
READS = tuple(rf"GET .*/sobjects/{name}/\w+$" for name in ("Contact", "Case", "CaseComment"))


@pytest.fixture
def site(monkeypatch):
    monkeypatch.setenv("VENDOR_KEY", world.KEY)
    monkeypatch.setenv("WRONG_KEY", "wrong")
    site = world.Salesforce()
    with site.double.running():
        yield site


def connector(site, secret="env:VENDOR_KEY"):
    address = site.double.address
    values = {"domain": "example", "login": address}
    return connector_on(f"{address}/services/data/v62.0", "salesforce", secret, user=world.USER, values=values)


def give_to_ben(site) -> RecordRef:
    site.rows["EmailMessage"] = {
        k: row for k, row in site.rows["EmailMessage"].items() if row["ParentId"] != world.LATER
    }
    site.rows["Case"][world.LATER] |= {"ContactId": world.BEN, "Subject": "Ben's oven"}
    return RecordRef("desk", "case", world.LATER)


def add_many(site):
    site.contact(world.IDA, "Ida Busy", "ida@example.com")
    for number in range(5):
        site.case(f"501{number}", world.IDA, "Again", "It leaks again.")
    return known(email="ida@example.com"), {"contact": 1, "case": 5}


def bench_on(site) -> Bench:
    return worlds.bench_on(
        site,
        partial(connector, site),
        expected={"contact": 1, "case": 3, "comment": 1},
        lists=LISTS,
        reads=READS,
        method_for=dict.fromkeys(("contact", "case", "comment"), Method.ERASE),
        beyond_a_page=partial(add_many, site),
        change_hands=partial(give_to_ben, site),
        first=(("comment", "case"), ("case", "contact")),
        tickets={
            "00001026": next(iter(known(email=worlds.EMAIL))),
            "00001028": next(iter(known(email=worlds.BEN_EMAIL))),
            "00009999": WhyNot.NO_TICKET,
        },
        given=frozenset({"It hums in A flat.", "Thank you for the parcel.", "She is right."}),
        withheld=frozenset({"Mine fell off.", "My stove stays cold."}),
    )


class TestDeleting(ConformanceInWalks):
    """What goes to the recycle bin is blanked before."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        site.rows["Case"].pop(world.SHARED)
        mails = site.rows["EmailMessage"]
        site.rows["EmailMessage"] = {key: row for key, row in mails.items() if row["ParentId"] != world.SHARED}
        bench = bench_on(site)
        return replace(
            bench,
            expected={**bench.expected, "case": 2},
            never_shared="The case of several people is taken out.",
            withheld=bench.withheld - {"Mine fell off."},
        )


class TestRedacting(ConformanceInWalks):
    """A case in which another customer wrote keeps their words and loses hers."""

    @pytest.fixture
    def bench(self, site) -> Bench:
        shared = frozenset({RecordRef("desk", "case", world.SHARED)})
        return replace(
            bench_on(site), method_for={"case": Method.REDACT}, shared=shared, residue=frozenset({"case"}), first=()
        )


def test_a_quote_in_an_address_ends_no_text_of_the_query(site):
    """Without the backslash the query would find everybody, or be refused."""
    site.contact("003Z", "Zoe Oneil", "o'neil@example.com")
    found = [item for item in connector(site).locate(known(email="o'neil@example.com")) if not item.is_context]
    assert [item.record.ref for item in found] == ["003Z"]
    assert list(connector(site).locate(known(email="x'or'1'='1@example.com"))) == []


def test_a_refusal_names_its_reason(site):
    """What depends on a profile was added by another program after the cases had gone."""
    subject = known(email=worlds.EMAIL)
    site.double.routes.insert(
        0, ("DELETE", r".*/sobjects/Contact/(\w+)", lambda asked: world._refused(400, "ENTITY_IS_LOCKED"))
    )
    site.rows["Case"].clear()
    (outcome,) = connector(site).erase([RecordRef("desk", "contact", world.ANNA)], Method.ERASE, subject)
    assert (outcome.kind, outcome.refused) == (OutcomeKind.RETAINED, True)
    assert outcome.reason == "Salesforce keeps it because other records there depend on it, or it is locked."
