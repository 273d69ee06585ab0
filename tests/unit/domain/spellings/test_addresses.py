"""E-mail addresses in fields: all of them are read, and none that is not there."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings.fields import (
    callers_in,
    email_spellings,
    in_brackets,
    name_before_brackets,
    readings,
    with_ascii_domain,
)

EMAIL = IdentifierKind.EMAIL
ADDRESSES = st.builds(
    "{}@{}".format,
    st.from_regex(r"[a-z][a-z0-9_+-]{0,12}(\.[a-z0-9]{1,5})?", fullmatch=True),
    st.sampled_from(["example.com", "mail.example.org", "bücher.example", "example.co.uk"]),
)


def read(text: str | None) -> set[str]:
    return {one.value for one in readings(EMAIL, text)}


@given(
    st.lists(ADDRESSES, min_size=1, max_size=4, unique=True),
    st.sampled_from([", ", "; ", " ", "\n", ",", " / ", " | "]),
    st.sampled_from(["{}", "<{}>", '"Anna, Example" <{}>', "mailto:{}", "({})", "{} (privat)", "SMTP:{}"]),
)
def test_every_address_of_a_value_is_read_and_no_other(addresses: list[str], between: str, wrapping: str):
    """Several plain addresses in one column were read as none."""
    assert read(between.join(wrapping.format(one) for one in addresses)) == set(addresses)


@given(ADDRESSES)
def test_a_neighbour_whose_address_ends_or_begins_alike_is_not_the_subject(address: str):
    for other in (f"jo{address}", f"{address}.example", f"x.{address}", address.replace("@", "@sub.")):
        assert address not in read(other)
        assert address not in read(f"{other}, <{other}>")


@given(ADDRESSES)
def test_the_spellings_to_search_for_are_read_back(address: str):
    assert all(read(one) == {address} for one in email_spellings(address))


def test_addresses_seen_in_the_field():
    for text in ("", None, "anna", "anna at example.com", "@", "anna@", "@x.de", "a@b", "anna@@x.de"):
        assert read(text) == set()
    # Addresses seen in the field.
    for text, addresses in (
        ("Anna@Example.COM", {"anna@example.com"}),
        ("anna＠example.com", {"anna@example.com"}),
        ("mailto:anna@example.com?subject=x", {"anna@example.com"}),
        ("anna@example.com/ben@example.com", {"anna@example.com", "ben@example.com"}),
        ("SMTP:anna@example.com;X400:c=US", {"anna@example.com"}),
        ("o'neil@example.com", {"o'neil@example.com"}),
        ("'anna@example.com'", {"anna@example.com"}),
        ("anna@example.com.", {"anna@example.com"}),
        ("sip:anna@example.com:5060", {"anna@example.com"}),
        ("anna%40example.com", {"anna@example.com"}),
        ("\u200banna@example.com\u200b", {"anna@example.com"}),
        ("anna@example.com#1", {"anna@example.com"}),
    ):
        assert read(text) == addresses
    # Comparing without case made one person of two: they are different domains, and different boxes.
    for one, other in (("anna@straße.de", "anna@strasse.de"), ("groß@example.com", "gross@example.com")):
        assert read(one) == {one}
        assert read(one.upper().replace("SS", "\u1e9e")) == {one}
        assert not read(one) & read(other)
    # By the old rules straße.de was strasse.de.
    assert with_ascii_domain("anna@straße.de") == "anna@xn--strae-oqa.de"
    assert read("anna@xn--strae-oqa.de") == {"anna@straße.de"}


def test_ids_names_and_lists_are_read_whole():
    # Ids are read whole.
    kind = IdentifierKind.CUSTOMER_ID
    assert {one.value for one in readings(kind, " C-1001 ")} == {"C-1001"}
    assert readings(kind, "C-1001 C-1002") == frozenset()
    # Names and addresses in caller ids.
    assert name_before_brackets('"Anna Example" <0171>') == "Anna Example"
    assert name_before_brackets("Anna <0171>") == "Anna"
    assert name_before_brackets("0171") == ""
    assert in_brackets("0171") == ["0171"]
    # The entries of a list each have their name.
    for text, entries in (
        ('"Quill, Anna" <030901820>', ['"Quill, Anna" <030901820>']),
        ("Quill, Anna <a@example.com>", ["Quill, Anna <a@example.com>"]),
        ('A <a@example.com>, b@example.com; "C, D" <1>', ["A <a@example.com>", "b@example.com", '"C, D" <1>']),
        ("a@example.com,b@example.com\nc@example.com", ["a@example.com", "b@example.com", "c@example.com"]),
        ("A <a@example.com> B <b@example.com>", ["A <a@example.com>", "B <b@example.com>"]),
        ("(030) 90 18-20, 0171 2345678", ["(030) 90 18-20", "0171 2345678"]),
        (" , ", []),
    ):
        assert callers_in(text) == entries
