"""What is left of a record leads back to the person, or it does not."""

from __future__ import annotations

from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, in_words, left
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import PresenceState, RecordRef

KNOWN = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.PHONE, "+4930901820"),
        identifier(IdentifierKind.CUSTOMER_ID, "K-10432"),
        identifier(IdentifierKind.ACCOUNT_ID, "4711123", issuer="helpdesk"),
        identifier(IdentifierKind.NAME, "Anna Beispiel"),
    }
)
TRAIL = ResidueTrail(
    known=KNOWN,
    country="DE",
    id_fields=frozenset({"requester_id"}),
    linking=(("fingerprint",), ("brand", "last4")),
    structure=frozenset({"id"}),
    blanks=frozenset({"[redacted]"}),
)


def test_what_leads_back_is_found_and_named_shortly() -> None:
    # Fields that lead back are found whatever the spelling.
    for tree, fields in (
        ({"details": {"email": "ANNA@example.com"}}, ["details.email"]),
        ({"text": "to dora.anna@example.com or anna@example.com.au"}, []),
        ({"text": "write to <anna@example.com>."}, ["text"]),
        ({"text": "for anna beispiel, please"}, ["text"]),
        ({"text": "Dear BEISPIEL, Anna"}, ["text"]),
        ({"text": "for Joanna Beispielhaft"}, []),
        ({"text": "Anna Becker's order"}, []),
        ({"phone": "(030) 90-1820"}, ["phone"]),
        ({"text": "call 0049 30 901820 or 030/901820"}, ["text"]),
        ({"text": "order 1930901820199"}, []),
        ({"text": "customer K-10432 called"}, ["text"]),
        ({"text": "K-104321"}, []),
        # A bare number counts where ids of persons stand, and nowhere else.
        ({"requester_id": 4711123}, ["requester_id"]),
        ({"requester_id": 47111234}, []),
        ({"text": "order 4711123", "order": "4711123"}, []),
        # Text as its readers see it.
        ({"meta": '{"to": "Anna B\\u0065ispiel"}'}, ["meta.to"]),
        ({"meta": '[{"a": {"b": "anna\\u0040example.com"}}]'}, ["meta.a.b"]),
        ({"note": "for Anna&nbsp;Beispiel"}, ["note"]),
        ({"link": "https://example.com/?to=anna%40example.com"}, ["link"]),
        ({"note": b"for Anna Beispiel"}, ["note"]),
        ({"note": memoryview("an Anna Beispiel, schön".encode("cp1252"))}, ["note"]),
        ({"photo": b"\0Anna Beispiel"}, []),
        ({"note": "{no JSON, 100%, &c"}, []),
        # A key that is personal data is not named.
        ({"seen": {"anna@example.com": True, "x": 1}}, ["seen"]),
        # A name in parts, and a first or last name alone.
        ({"first": "ANNA", "last": "Beispiel", "town": "Berlin"}, ["first", "last"]),
        ({"first": "Anna", "last": "Becker"}, []),
        ({"last": "Beispiel", "text": "for Anna"}, []),
        ({"order": {"first": "Anna"}, "invoice": {"last": "Beispiel"}}, []),
        # Keys that are the same in other records of the person.
        ({"card": {"fingerprint": "Xt5EWLLD"}}, ["card.fingerprint"]),
        ({"card": {"fingerprint": "[redacted]", "brand": "visa", "last4": ""}}, []),
        ({"card": {"brand": "visa", "last4": "4242"}}, ["card.brand", "card.last4"]),
        ({"id": "K-10432", "rows": [{"id": "K-10432"}, {"x": ["K-10432"]}]}, ["rows.x"]),
        ({"amount": 7, "none": None, "flag": True, "empty": ""}, []),
    ):
        assert list(fields_left(tree, TRAIL)) == fields
    trail = ResidueTrail(known=frozenset({Identifier(IdentifierKind.NAME, "Anna")}))
    assert fields_left({"name": "ANNA", "text": "Anna Becker wrote"}, trail) == ("name",)
    # A bare customer number counts where it is said to be one.
    for tree, fields in (
        ({"customer_no": 10432, "order_no": 10432, "kundennr": "10432"}, ["customer_no", "kundennr"]),
        ({"text": "customer no. 10432 called", "other": "Kundennummer: 10432"}, ["text", "other"]),
        ({"text": "order 10432, customer 104321", "customer_no": 104321}, []),
        ({"customer_no": 1043, "text": "customer 1043"}, []),
    ):
        known = frozenset(identifier(IdentifierKind.CUSTOMER_ID, one) for one in ("10432", "1043"))
        assert list(fields_left(tree, ResidueTrail(known=known))) == fields
    # Nothing left is absent and what is left is named.
    assert left(RECORD, ()).state is PresenceState.ABSENT
    seen = left(RECORD, ("card.last4", "card.exp_year"), {"last4": "the last four digits"})
    assert (seen.state, seen.fields) == (PresenceState.RESIDUE, ("card.last4", "card.exp_year"))
    assert seen.detail == "The system keeps a part that leads back to you: the last four digits and exp year."
    assert left(RECORD, ("email",), may_go=True).state is PresenceState.PRESENT
    assert in_words([f"field_{number}" for number in range(9)]).endswith("field 4, field 5 and 3 more.")
    # A bare number is not unmistakable.
    for kind, value, is_unmistakable in (
        ("email", "anna@example.com", True),
        ("phone", "+4930901820", True),
        ("customer_id", "K-10432", True),
        ("customer_id", "10432", False),
        ("account_id", "4711123", False),
        ("account_id", "1234-5678", False),
        ("account_id", "a1", False),
        ("name", "Anna Beispiel", False),
    ):
        assert Identifier(IdentifierKind(kind), value).is_unmistakable is is_unmistakable


RECORD = RecordRef("payments", "card", "1")
