"""Tables with a row for each field: whose the rows are, what is given, and what stays byte for byte."""

from __future__ import annotations

import pytest

from connectors.sql import SqlConnector
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, identifier
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.records import Document, Method, Outcome, OutcomeKind, PresenceState, RecordRef
from rightsflow.testing.bench import Found, by_kind, find, may_go
from tests.integration.connectors.sql import shop
from tests.integration.connectors.sql.peer import Peer


def known(email: str) -> Identifiers:
    return frozenset({identifier(IdentifierKind.EMAIL, email)})


ANNA = known("anna@example.com")


@pytest.fixture(params=["sqlite_peer", "postgres_peer", pytest.param("mariadb_peer", marks=pytest.mark.apart)])
def filled(request: pytest.FixtureRequest) -> Peer:
    peer: Peer = request.getfixturevalue(request.param)
    shop.fill(peer)
    return peer


def erase(connector: SqlConnector, found: Found) -> dict[RecordRef, Outcome]:
    """Erase what may go, in the order of the connector; the rest is redacted where that is possible."""
    done: dict[RecordRef, Outcome] = {}
    facts = {one.record: one for one in found.subject}
    for kind, refs in by_kind(connector, found.refs):
        declared = connector.capabilities.kind(kind).methods
        for ref in refs:
            method = Method.ERASE if Method.ERASE in declared and may_go(facts[ref], Method.ERASE) else Method.REDACT
            if method in declared:
                done |= {one.record: one for one in connector.erase([ref], method, found.known)}
    return done


def keys(found: Found, kind: str) -> set[int]:
    return {int(ref.ref.strip("[]")) for ref in found.refs if ref.kind == kind}


@pytest.mark.apart
def test_whom_a_field_names_the_row_names_that_it_is_a_part_of(filled: Peer):
    connector = filled.connector(shop.TABLES)
    anna = find(connector, ANNA)
    assert keys(anna, "users") == {1}
    assert keys(anna, "usermeta") == {101, 102, 103, 104, 105, 106}
    assert keys(anna, "order") == {11, 12}, "one with her account, one by an address that her account told"
    assert keys(anna, "postmeta") == {*range(1100, 1107), *range(1200, 1207), 1501}
    carl = find(connector, known("carl@example.com"))
    assert (keys(carl, "users"), keys(carl, "usermeta")) == ({3}, {121, 122, 123})
    dora = find(connector, known("dora@example.com"))
    assert keys(dora, "order") == {14}, "the account 0 is no one's"
    assert not find(connector, known("nobody@example.com")).refs


def test_each_field_is_given_and_what_is_hidden_inside_it_is_not(filled: Peer):
    connector = filled.connector(shop.TABLES)
    found = find(connector, ANNA)
    parts = {part.record: part for part in connector.extract(found.refs, found.known)}
    assert set(parts) == set(found.refs)
    basket = parts[RecordRef("telephone", "usermeta", "[105]")]
    assert isinstance(basket, Document)
    assert basket.content["meta_value"] == {"buyer": {"name": "Anna Müller ", "mail": "anna.shop@example.com"}}
    gateway = parts[RecordRef("telephone", "postmeta", "[1105]")]
    assert isinstance(gateway, Document)
    assert gateway.content["meta_value"]["payer"]["mail"] == "anna@example.com"


@pytest.mark.apart
def test_an_erasure_is_right_to_the_row_and_blanks_inside_what_stays(filled: Peer):
    connector, before = filled.connector(shop.TABLES), shop.dump(filled)
    found = find(connector, ANNA)
    for _ in range(2):
        done = erase(connector, found)
        assert {one.kind for one in done.values()} == {OutcomeKind.ERASED, OutcomeKind.REDACTED}
    after = shop.dump(filled)
    assert before.keys() - after.keys() == {"users 1", *(f"usermeta {number}" for number in range(101, 107))}
    changed = {place for place, row in after.items() if row != before[place]}
    blanked = {f"postmeta {number}{at}" for number in (110, 120) for at in range(6)} - {"postmeta 1202"}
    assert changed == {"posts 11", "posts 12", *blanked, "postmeta 1501"}, "also where the post is no order"
    left = '{"payer": {"mail": "", "phone": ""},  "paid" : 12.50, "tries": [1, 2.0]}'
    assert after["postmeta 1105"][3] == after["postmeta 1205"][3] == left
    assert {one.state for one in connector.presence(found.refs, found.known)} == {PresenceState.ABSENT}
    assert not find(connector, ANNA).refs
    carl = find(connector, known("carl@example.com"))
    assert {one.kind for one in erase(connector, carl).values()} == {OutcomeKind.ERASED}
    assert after.keys() - shop.dump(filled).keys() == {"users 3", "usermeta 121", "usermeta 122", "usermeta 123"}


@pytest.mark.apart
def test_a_field_is_corrected_and_blanked_inside_its_column(filled: Peer):
    connector, before = filled.connector(shop.TABLES), shop.dump(filled)
    found = find(connector, ANNA)
    change = Change("phone", "030 901820", "+4930901829")
    refs = [RecordRef("telephone", "usermeta", "[102]"), RecordRef("telephone", "postmeta", "[1105]")]
    assert [one.kind for one in connector.rectify(refs, [change], found.known)] == [OutcomeKind.RECTIFIED] * 2
    after = shop.dump(filled)
    assert after["usermeta 102"][3] == "+4930901829"
    assert after["postmeta 1105"][3] == before["postmeta 1105"][3].replace("+49 30 901820", "+4930901829")
    (kept,) = connector.blank(refs[1:], {"phone"}, found.known)
    assert kept.reason == ""
    assert shop.dump(filled)["postmeta 1105"][3] == before["postmeta 1105"][3].replace("+49 30 901820", "")
    assert {place for place, row in shop.dump(filled).items() if row != before[place]} == {
        "usermeta 102",
        "postmeta 1105",
    }


@pytest.mark.apart
def test_the_doctor_names_a_field_that_blanking_forgets(filled: Peer):
    seen = filled.connector(shop.TABLES).probe()
    assert "_billing_address_index" not in seen.detail
    forgetful = [*shop.TABLES]
    blank = [dict(forgetful[3]["blank"][0]), forgetful[3]["blank"][1]]
    blank[0]["where"] = {"meta_key": [key for key in blank[0]["where"]["meta_key"] if not key.endswith("_index")]}
    forgetful[3] = forgetful[3] | {"blank": blank}
    seen = filled.connector(forgetful).probe()
    assert "The rows meta_value of postmeta where meta_key = _billing_address_index hold" in seen.detail
    assert not [one.what for one in filled.connector(shop.TABLES).samples() if one.readable < one.looked_at]


DAMAGED = {
    "cut off": '{"payer": {"mail": "anna@example.com"',
    "a wrong length": 'a:1:{s:5:"payer";a:1:{s:4:"mail";s:3:"anna@example.com";}}',
    "with references": 'a:2:{s:5:"payer";a:1:{s:4:"mail";s:16:"anna@example.com";}s:4:"copy";R:3;}',
}


@pytest.mark.apart
@pytest.mark.parametrize("given", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_value_is_refused_by_name_and_not_skipped(filled: Peer, given: str):
    damaged = given
    filled.run(f"UPDATE postmeta SET meta_value = '{damaged}' WHERE meta_id = 1105".replace("%", "%%"))
    connector = filled.connector(shop.TABLES)
    assert "What is in meta_value of postmeta can be read neither as JSON" in connector.probe().detail
    found = find(connector, ANNA)
    done = erase(connector, found)[RecordRef("telephone", "postmeta", "[1105]")]
    assert (done.kind, done.refused) == (OutcomeKind.FAILED, True)
    assert "meta_value" in done.reason
    assert shop.dump(filled)["postmeta 1105"][3] == damaged
    (seen,) = connector.presence([done.record], found.known)
    assert seen.state is PresenceState.PRESENT
