"""Rows that name two people by what names one person: sender and recipient, or a list of addresses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.sql.connector import SqlConnector
from connectors.sql.extract import OTHERS_ENTRY
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Document, Fact, Method, OutcomeKind, PresenceState
from rightsflow.testing.bench import find
from tests.integration.connectors.sql.peer import Peer

ANNA = identifier(IdentifierKind.EMAIL, "anna@example.com")
KNOWN = frozenset({ANNA})
MAILS: dict[str, Any] = {
    "name": "mails",
    "kind": "mail",
    "key": ["id"],
    "one_person": False,
    "identities": [{"column": "sender", "kind": "email"}, {"column": "recipients", "kind": "email"}],
    "blank": {"sender": "", "recipients": "", "body": ""},
}
ROWS = [
    (1, "anna@example.com", "ben@example.com", "from Anna to Ben"),
    (2, "ben@example.com", "carl@example.com", "from Ben to Carl"),
    (3, "ben@example.com", "carl@example.com, Anna <anna@example.com>", "from Ben to both"),
]


@pytest.fixture
def mails(peer: Peer) -> Peer:
    peer.run(
        "CREATE TABLE mails (id INTEGER PRIMARY KEY, sender VARCHAR(99), recipients VARCHAR(99), body VARCHAR(99))"
    )
    peer.insert("mails", [dict(zip(("id", "sender", "recipients", "body"), row, strict=True)) for row in ROWS])
    return peer


@pytest.mark.parametrize("says", [True, False])
def test_who_a_person_writes_to_is_not_the_person(says: bool, mails: Peer) -> None:
    """Before, an address beside the subject's was learnt as theirs, and then all that its owner had was theirs too."""
    table = {name: value for name, value in MAILS.items() if says or name != "one_person"}
    found = find(mails.connector([table]), KNOWN)
    assert found.known == KNOWN
    assert sorted(one.record.ref for one in found.subject) == ["[1]", "[3]"]
    assert {one.facts for one in found.subject} == {frozenset({Fact.SHARED})}


def test_the_other_persons_address_is_masked(mails: Peer) -> None:
    connector = mails.connector([MAILS])
    refs = [one.record for one in connector.locate(KNOWN)]
    given = {one.record.ref: one.others for one in connector.extract(refs, KNOWN) if isinstance(one, Document)}
    assert given == {"[1]": frozenset({"ben@example.com"}), "[3]": frozenset({"ben@example.com", "carl@example.com"})}


def test_a_redaction_leaves_the_other_persons_address(mails: Peer) -> None:
    connector = mails.connector([MAILS])
    refs = [one.record for one in connector.locate(KNOWN)]
    outcomes = {one.record.ref: one.kind for one in connector.erase(refs, Method.REDACT, KNOWN)}
    assert outcomes == {"[1]": OutcomeKind.REDACTED, "[3]": OutcomeKind.RESIDUE}
    assert mails.rows("SELECT sender, recipients, body FROM mails ORDER BY id") == [
        ("", "ben@example.com", ""),
        ROWS[1][1:],
        ("ben@example.com", "carl@example.com, Anna <anna@example.com>", ""),
    ]


@pytest.mark.parametrize(
    ("said", "is_asked"), [({}, True), ({"one_person": True}, False), ({"one_person": False}, False)]
)
def test_the_doctor_asks_whether_two_columns_name_one_person(
    said: dict[str, bool], is_asked: bool, mails: Peer
) -> None:
    table = {name: value for name, value in MAILS.items() if name != "one_person"} | said
    health = mails.connector([table]).probe()
    assert (health.ok, health.is_doubtful) == (True, is_asked)
    assert ("the columns sender and recipients, which count as different people's" in health.detail) is is_asked


def test_spellings_of_other_keyboards_are_found(peer: Peer) -> None:
    """The database was asked for plain digits and a plain @ only."""
    peer.run("CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(99), phone VARCHAR(99))")
    texts = [
        ("", "０１７１３９２００１２"),
        ("", "491713920012.0"),
        ("anna＠example.com", ""),
        ("anna%40example.com", ""),
    ]
    peer.insert("people", [{"id": n, "email": email, "phone": phone} for n, (email, phone) in enumerate(texts)])
    identities = [{"column": "email", "kind": "email"}, {"column": "phone", "kind": "phone"}]
    connector = peer.connector([{"name": "people", "key": ["id"], "identities": identities}])
    who = KNOWN | {identifier(IdentifierKind.PHONE, "+491713920012")}
    assert [one.record.ref for one in connector.locate(who)] == ["[0]", "[1]", "[2]", "[3]"]


LISTS: dict[str, Any] = {
    "name": "mails",
    "kind": "mail",
    "key": ["id"],
    "identities": [{"column": "recipients", "kind": "email", "form": "caller_id"}],
    "blank": {"recipients": "", "body": ""},
}


@pytest.fixture
def lists(peer: Peer) -> Peer:
    """Anna and Andreas read one mailbox, and write to others."""
    peer.run("CREATE TABLE mails (id INTEGER PRIMARY KEY, recipients VARCHAR(199), body VARCHAR(99))")
    written = {
        1: '"Quill, Anna" <house@example.com>',
        2: "Andreas Quill <house@example.com>; Anna Quill <house@example.com>",
        3: "Andreas Quill <house@example.com>",
        4: "Ben Kern <ben@example.com>, house@example.com, desk@shop.example",
        5: "Ben Kern <ben@example.com>",
        6: "Carl Stein <carl@example.com>, desk@shop.example",
    }
    peer.insert("mails", [{"id": key, "recipients": text, "body": "a secret"} for key, text in written.items()])
    return peer


@pytest.mark.parametrize("says", [True, False])
def test_addresses_in_one_column_are_different_peoples_unless_it_is_said(says: bool, lists: Peer) -> None:
    """The address of whom they wrote to, and the shop's own, were learnt as the person's."""
    house = frozenset({identifier(IdentifierKind.EMAIL, "house@example.com")})
    found = find(lists.connector([LISTS | ({"one_person": False} if says else {})]), house)
    assert {one.value for one in found.known if one.kind is IdentifierKind.EMAIL} == {"house@example.com"}
    assert {"[5]", "[6]"}.isdisjoint(one.record.ref for one in found.subject)


def test_the_names_of_two_who_share_a_mailbox_are_not_put_together(lists: Peer) -> None:
    """ "Andreas Anna Quill" was learnt, with which the name of Andreas agreed, and with that all that is his."""
    anna = frozenset(
        {identifier(IdentifierKind.EMAIL, "house@example.com"), identifier(IdentifierKind.NAME, "Anna Quill")}
    )
    found = find(lists.connector([LISTS]), anna)
    assert {one.value for one in found.known if one.kind is IdentifierKind.NAME} <= {"Anna Quill", "Quill, Anna"}
    assert sorted(one.record.ref for one in found.subject) == ["[1]", "[2]"]


def test_an_address_without_a_name_is_another_persons_too(lists: Peer) -> None:
    connector = lists.connector([LISTS])
    ben = frozenset({identifier(IdentifierKind.EMAIL, "ben@example.com")})
    others = {
        one.record.ref: one.others for one in connector.extract([one.record for one in connector.locate(ben)], ben)
    }
    assert others == {"[4]": frozenset({"house@example.com", "desk@shop.example"}), "[5]": frozenset()}
    (kept,) = connector.erase([one.record for one in connector.locate(ben)][:1], Method.REDACT, ben)
    assert kept.kind is OutcomeKind.RESIDUE


def test_the_doctor_asks_whose_several_addresses_in_a_column_are(lists: Peer) -> None:
    asked = "The column recipients of mails holds several e-mail addresses in one row"
    assert asked in lists.connector([LISTS]).probe().detail
    assert asked not in lists.connector([LISTS | {"one_person": True}]).probe().detail


def test_whole_names_in_two_columns_are_not_put_together(peer: Peer) -> None:
    peer.run("CREATE TABLE buyers (id INTEGER PRIMARY KEY, mail VARCHAR(99), bills VARCHAR(99), ships VARCHAR(99))")
    rows = [(1, "Anna Quill", "Andreas Quill"), (2, "Andreas Quill", ""), (3, "Anna", "Quill")]
    peer.insert(
        "buyers", [{"id": key, "mail": "house@example.com", "bills": one, "ships": two} for key, one, two in rows]
    )
    identities = [{"column": "mail", "kind": "email"}]
    identities += [{"column": name, "kind": "name"} for name in ("bills", "ships")]
    known = frozenset(
        {identifier(IdentifierKind.EMAIL, "house@example.com"), identifier(IdentifierKind.NAME, "Anna Quill")}
    )
    found = find(peer.connector([{"name": "buyers", "key": ["id"], "identities": identities}]), known)
    assert sorted(one.record.ref for one in found.subject) == ["[1]", "[3]"]


def test_whose_the_date_of_birth_in_a_row_of_several_people_is_cannot_be_told(peer: Peer) -> None:
    """It contradicts nothing there, and is masked unless it is the subject's."""
    peer.run(
        "CREATE TABLE visits (id INTEGER PRIMARY KEY, patient VARCHAR(99), payer VARCHAR(99), born DATE)",
        "INSERT INTO visits VALUES (1, 'anna@example.com', 'ben@example.com', '1981-05-26'), "
        "(2, 'anna@example.com', 'ben@example.com', '1956-03-14')",
    )
    identities = [{"column": name, "kind": "email"} for name in ("patient", "payer")]
    identities += [{"column": "born", "kind": "birth_date"}]
    connector = peer.connector([{"name": "visits", "key": ["id"], "identities": identities}])
    anna = frozenset(
        {identifier(IdentifierKind.EMAIL, "anna@example.com"), identifier(IdentifierKind.BIRTH_DATE, "1956-03-14")}
    )
    found = list(connector.locate(anna))
    assert {one for each in found for one in each.owner} == {identifier(IdentifierKind.EMAIL, "anna@example.com")}
    others = {one.record.ref: one.others for one in connector.extract([one.record for one in found], anna)}
    assert others == {"[1]": {"ben@example.com", "1981-05-26"}, "[2]": {"ben@example.com"}}
    assert list(connector.locate(frozenset({identifier(IdentifierKind.BIRTH_DATE, "1956-03-14")}))) == []


def test_what_is_beside_another_person_in_a_list_stays_and_data_of_another_form_is_named(sqlite_peer: Peer) -> None:
    anna, ben = ({"name": name, "mail": f"{name.lower()}@example.com"} for name in ("Anna", "Ben"))
    held = [{"people": [anna, ben]}, {"people": [anna]}, {"people": anna}, "anna@example.com"]
    sqlite_peer.run("CREATE TABLE forms (id INTEGER PRIMARY KEY, data TEXT)")
    sqlite_peer.insert("forms", [{"id": number, "data": json.dumps(data)} for number, data in enumerate(held, 1)])
    paths = [{"column": "data", "path": f"people.*.{name}", "value": ""} for name in ("name", "mail")]
    identity = {"column": "data", "path": "people.*.mail", "kind": "email"}
    connector = sqlite_peer.connector([{"name": "forms", "key": ["id"], "identities": [identity], "blank": paths}])
    assert "in 2 of 4 rows" in connector.probe().detail
    outcomes = connector.erase([one.record for one in connector.locate(KNOWN)], Method.REDACT, KNOWN)
    kinds = {one.record.ref: one.kind for one in outcomes}
    assert kinds == {
        "[1]": OutcomeKind.RESIDUE,
        "[2]": OutcomeKind.REDACTED,
        "[3]": OutcomeKind.FAILED,
        "[4]": OutcomeKind.FAILED,
    }
    left = [json.loads(data) for (data,) in sqlite_peer.rows("SELECT data FROM forms ORDER BY id")]
    assert left == [held[0], {"people": [{"name": "", "mail": ""}]}, *held[2:]]


def test_the_only_number_beside_two_people_is_learnt_of_neither(sqlite_peer: Peer) -> None:
    """Before, it was learnt as the subject's and given, and who was asked for by it alone got both people's data."""
    sqlite_peer.run(
        "CREATE TABLE sent (id INTEGER PRIMARY KEY, sender TEXT, recipient TEXT, tel TEXT)",
        "CREATE TABLE account (id INTEGER PRIMARY KEY, mail TEXT)",
        "INSERT INTO sent VALUES (1, 'anna@example.com', 'ben@example.com', '030 771234')",
        "INSERT INTO account VALUES (1, 'anna@example.com'), (2, 'ben@example.com')",
    )
    kinds = {"sender": "email", "recipient": "email", "tel": "phone"}
    sent = [{"column": name, "kind": kind} for name, kind in kinds.items()]
    connector = sqlite_peer.connector(
        [
            {"name": "sent", "key": ["id"], "identities": sent},
            {"name": "account", "key": ["id"], "identities": [{"column": "mail", "kind": "email"}]},
        ]
    )
    found = find(connector, KNOWN)
    assert found.known == KNOWN
    (given, _) = connector.extract(found.refs, found.known)
    assert "030 771234" in given.others
    number = frozenset({identifier(IdentifierKind.PHONE, "+4930771234")})
    by_number = find(connector, number)
    assert (by_number.known, by_number.refs) == (number, [])


def test_an_object_inside_a_column_with_another_person_alone_is_theirs(sqlite_peer: Peer) -> None:
    """Before, the street beside the other person's address was given and blanked."""
    sqlite_peer.run("CREATE TABLE orders (id INTEGER PRIMARY KEY, data TEXT)")
    hers = {"contact": {"mail": "anna@example.com"}, "street": "Weg 5"}
    his = {"contact": {"mail": "ben@example.com"}, "street": "Weg 7"}
    for key, data in ((1, {"payer": hers, "to": his}), (2, {"payer": his, "to": hers})):
        sqlite_peer.insert("orders", [{"id": key, "data": json.dumps(data)}])
    places = ("payer", "to")
    connector = sqlite_peer.connector([
        {"name": "orders", "key": ["id"],
         "identities": [{"column": "data", "path": f"{place}.contact.mail", "kind": "email"} for place in places],
         "blank": [{"column": "data", "path": f"{place}.{of}", "value": ""}
                   for place in places for of in ("contact.mail", "street")]},
    ])  # fmt: skip
    refs = find(connector, KNOWN).refs
    given = [one for one in connector.extract(refs, KNOWN) if isinstance(one, Document)]
    assert [one.content["data"] for one in given] == [
        {"payer": hers, "to": OTHERS_ENTRY}, {"payer": OTHERS_ENTRY, "to": hers}
    ]  # fmt: skip
    assert [sum(one.withheld.values()) for one in given] == [1, 1]
    assert "what is of other people in the orders" in str(connector.capabilities.kind("orders").withheld)
    list(connector.erase(refs, Method.REDACT, KNOWN))
    gone = {"contact": {"mail": ""}, "street": ""}
    assert [json.loads(data) for (data,) in sqlite_peer.rows("SELECT data FROM orders ORDER BY id")] == [
        {"payer": gone, "to": his}, {"payer": his, "to": gone}
    ]  # fmt: skip


def _booked(peer: Peer, rows: list[tuple[str | None, dict[str, Any]]]) -> SqlConnector:
    """A connector to bookings: the booker's address and a remark in columns, all else in JSON; and their payments."""
    peer.run(
        "CREATE TABLE bookings (id INTEGER PRIMARY KEY, email VARCHAR(99), card VARCHAR(99), data TEXT, remark TEXT)",
        "CREATE TABLE payments (id INTEGER PRIMARY KEY, booking INTEGER, sum VARCHAR(99))",
        "CREATE TABLE accounts (id INTEGER PRIMARY KEY, card VARCHAR(99))",
        "INSERT INTO accounts VALUES (1, 'K1'), (2, 'K2')",
    )
    for key, (email, data) in enumerate(rows, 1):
        row = {"id": key, "email": email, "card": f"K{key}" if email else None, "data": json.dumps(data)}
        peer.insert("bookings", [row | {"remark": "a secret"}])
        peer.insert("payments", [{"id": key, "booking": key, "sum": "12"}])
    mails = ("guest.email", "trip.pax[*].email", "trip.booker", "guest.contact.email")
    paths = (*mails, "room", "trip.room", "guest.diet.kind", "guest.contact.street", "trip.pax[*].seat")
    return peer.connector([
        {"name": "bookings", "key": ["id"],
         "identities": [{"column": "email", "kind": "email"}, {"column": "card", "kind": "customer_id"},
                        *({"column": "data", "path": path, "kind": "email"} for path in mails)],
         "blank": [{"column": name, "value": ""} for name in ("email", "card", "remark")]
         + [{"column": "data", "path": path, "value": ""} for path in paths]},
        {"name": "payments", "key": ["id"], "references": [{"column": "booking", "table": "bookings", "to": "id"}]},
        {"name": "accounts", "key": ["id"], "identities": [{"column": "card", "kind": "customer_id"}]},
    ])  # fmt: skip


def _guest(of: str) -> dict[str, Any]:
    return {"guest": {"email": f"{of}@example.com", "diet": {"kind": "none"}}, "room": "7"}


def test_of_a_row_whose_columns_name_the_booker_the_guest_has_only_their_object(peer: Peer) -> None:
    """Before, the room and the remark of the booker were given to the guest and blanked, and his number was learnt."""
    gone = {"email": "", "diet": {"kind": ""}}
    connector = _booked(peer, [("ben@example.com", _guest("anna")), ("anna@example.com", _guest("ben"))])
    found = find(connector, KNOWN)
    assert sorted(ref.kind + ref.ref for ref in found.refs) == [
        "accounts[2]", "bookings[1]", "bookings[2]", "payments[2]"
    ]  # fmt: skip
    refs = [ref for ref in found.refs if ref.kind == "bookings"]
    hers, booked = (one.content for one in connector.extract(refs, found.known) if isinstance(one, Document))
    assert hers["data"] == {"guest": _guest("anna")["guest"], "room": OTHERS_ENTRY}
    assert {hers[name] for name in ("email", "card", "remark")} == {OTHERS_ENTRY}
    assert booked["data"] == {"guest": OTHERS_ENTRY, "room": "7"}
    assert (booked["card"], booked["remark"]) == ("K2", "a secret")
    assert {one.kind for one in connector.erase(refs, Method.REDACT, found.known)} == {OutcomeKind.REDACTED}
    rows = [(*row[:3], json.loads(row[3])) for row in peer.rows("SELECT email, card, remark, data FROM bookings "
                                                                "ORDER BY id")]  # fmt: skip
    assert rows == [
        ("ben@example.com", "K1", "a secret", {"guest": gone, "room": "7"}),
        ("", "", "", {"guest": _guest("ben")["guest"], "room": ""}),
    ]
    assert {one.state for one in connector.presence(refs, found.known)} == {PresenceState.ABSENT}


def test_an_object_that_names_the_booker_by_itself_is_theirs_around_the_passengers(sqlite_peer: Peer) -> None:
    """In a row without an owner too; what stands beside passengers of one list stays, and a person has to look."""
    pax = [{"email": f"{name}@example.com", "seat": name} for name in ("anna", "carl")]
    data = {"trip": {"booker": "ben@example.com", "pax": pax, "room": "7"}, "room": "8"}
    connector = _booked(sqlite_peer, [(None, data), (None, _guest("anna"))])
    refs = [ref for ref in find(connector, KNOWN).refs if ref.kind == "bookings"]
    trip, alone = (one.content for one in connector.extract(refs, KNOWN) if isinstance(one, Document))
    assert trip["data"] == {
        "trip": {"booker": OTHERS_ENTRY, "pax": [pax[0], OTHERS_ENTRY], "room": OTHERS_ENTRY}, "room": "8"
    }  # fmt: skip
    assert alone["data"] == _guest("anna")
    outcomes = {one.record.ref: one.kind for one in connector.erase(refs, Method.REDACT, KNOWN)}
    assert outcomes == {"[1]": OutcomeKind.RESIDUE, "[2]": OutcomeKind.REDACTED}
    left = [json.loads(text) for (text,) in sqlite_peer.rows("SELECT data FROM bookings ORDER BY id")]
    assert left == [data | {"room": ""}, {"guest": {"email": "", "diet": {"kind": ""}}, "room": ""}]


def test_what_is_around_the_guest_in_an_object_that_names_no_one_else_is_in_doubt(sqlite_peer: Peer) -> None:
    """Beside the nearest object with the guest's address it may be the booker's: it is neither given nor blanked."""
    data = {"guest": {"contact": {"email": "anna@example.com", "street": "Weg 5"}, "diet": {"kind": "none"}}}
    connector = _booked(sqlite_peer, [("ben@example.com", data)])
    refs = [ref for ref in find(connector, KNOWN).refs if ref.kind == "bookings"]
    (given,) = connector.extract(refs, KNOWN)
    assert isinstance(given, Document)
    assert given.content["data"] == {"guest": {"contact": data["guest"]["contact"], "diet": OTHERS_ENTRY}}
    assert [one.kind for one in connector.erase(refs, Method.REDACT, KNOWN)] == [OutcomeKind.RESIDUE]
    ((left,),) = sqlite_peer.rows("SELECT data FROM bookings")
    assert json.loads(left) == {"guest": {"contact": {"email": "", "street": ""}, "diet": {"kind": "none"}}}


def test_of_a_list_inside_a_column_each_member_is_one_persons(sqlite_peer: Peer) -> None:
    """Before, what stood beside the other person's address in the list was given."""
    sqlite_peer.run("CREATE TABLE calls (id INTEGER PRIMARY KEY, data TEXT)")
    hers, his = {"mail": "anna@example.com", "said": "yes"}, {"mail": "ben@example.com", "said": "no"}
    sqlite_peer.insert("calls", [{"id": 1, "data": json.dumps({"people": [his, hers]})}])
    mail = {"column": "data", "path": "people[*].mail", "kind": "email"}
    connector = sqlite_peer.connector([{"name": "calls", "key": ["id"], "identities": [mail]}])
    (given,) = connector.extract(find(connector, KNOWN).refs, KNOWN)
    assert isinstance(given, Document)
    assert given.content["data"] == {"people": [OTHERS_ENTRY, hers]}
    assert sum(given.withheld.values()) == 1


def test_the_file_of_a_record_of_two_people_keeps_its_name_there(sqlite_peer: Peer) -> None:
    """Before, its name was blanked, and no one found the other person's recording any more."""
    sqlite_peer.run("CREATE TABLE calls (id INTEGER PRIMARY KEY, a TEXT, b TEXT, file TEXT)")
    sqlite_peer.run("INSERT INTO calls VALUES (1, 'anna@example.com', 'ben@example.com', 'c1.wav'), "
                    "(2, 'anna@example.com', 'ben@example.com', '')")  # fmt: skip
    (sqlite_peer.folder / "c1.wav").write_text("both")
    connector = sqlite_peer.connector([
        {"name": "calls", "key": ["id"], "identities": [{"column": name, "kind": "email"} for name in "ab"],
         "file": {"column": "file", "kind": "recording"}, "blank": {"a": "", "b": "", "file": ""}},
    ])  # fmt: skip
    rows = [ref for ref in find(connector, KNOWN).refs if ref.kind == "calls"]
    assert {one.kind for one in connector.erase(rows, Method.REDACT, KNOWN)} == {OutcomeKind.REDACTED}
    assert sqlite_peer.rows("SELECT a, b, file FROM calls ORDER BY id") == [
        ("", "ben@example.com", "c1.wav"), ("", "ben@example.com", ""),
    ]  # fmt: skip
    assert {one.state for one in connector.presence(rows, KNOWN)} == {PresenceState.ABSENT}
