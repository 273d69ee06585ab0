"""Normalisation: two spellings of one thing are equal, and two things never are."""

from __future__ import annotations

import string
import unicodedata
from typing import Any

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import (
    STRONG_KINDS,
    Identifier,
    IdentifierKind,
    of_kind,
    parse_leniently,
    strong,
)
from rightsflow.domain.identifiers import identifier as normalised

EMAIL, PHONE, NAME = IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.NAME
ID_KINDS = (IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID)

local_parts = st.from_regex(r"[A-Za-z0-9_+-]{1,20}(\.[A-Za-z0-9_+-]{1,20}){0,2}", fullmatch=True)
emails = st.builds("{}@{}.example.com".format, local_parts, st.from_regex(r"[a-z][a-z0-9]{0,8}", fullmatch=True))
landlines = st.from_regex(r"30[2-9][0-9]{6,7}", fullmatch=True)
opaque_ids = st.from_regex(r"[A-Za-z0-9.:@/+_-]{1,128}", fullmatch=True)
blanks = st.text(" \t", max_size=3)
usable = st.one_of(
    st.tuples(st.just(EMAIL), emails),
    st.tuples(st.just(PHONE), landlines.map("+49{}".format)),
    st.tuples(st.sampled_from(ID_KINDS), opaque_ids),
    st.tuples(st.just(NAME), st.from_regex(r"[A-Za-zÀ-ÿ]{1,20}( [A-Za-zÀ-ÿ]{1,20}){0,2}", fullmatch=True)),
)


def identifier(kind: IdentifierKind, raw: str, *, country: str = "") -> Identifier:
    """An identifier; account ids are those of one system."""
    return normalised(kind, raw, country=country, issuer="shop")


@given(usable)
def test_normalising_again_changes_nothing(given_one: tuple[IdentifierKind, str]) -> None:
    kind, raw = given_one
    once = identifier(kind, raw)
    assert identifier(kind, once.value) == once


@given(usable, blanks, blanks)
def test_blanks_around_do_not_matter(given_one: tuple[IdentifierKind, str], before: str, after: str) -> None:
    kind, raw = given_one
    assert identifier(kind, f"{before}{raw}{after}") == identifier(kind, raw)


@given(emails)
def test_case_does_not_matter_in_an_email_address(address: str) -> None:
    assert len({identifier(EMAIL, spelling) for spelling in (address, address.upper(), address.title())}) == 1


@given(emails, emails)
def test_two_addresses_stay_two(one: str, other: str) -> None:
    assume(one.casefold() != other.casefold())
    assert identifier(EMAIL, one) != identifier(EMAIL, other)


def test_an_identifier_is_one_by_kind_value_and_system() -> None:
    # Composed and decomposed letters are one.
    composed = "j\N{LATIN SMALL LETTER O WITH DIAERESIS}rg@example.com"
    assert identifier(EMAIL, composed) == identifier(EMAIL, unicodedata.normalize("NFD", composed))
    assert identifier(NAME, "Jörg  Muster") == identifier(NAME, unicodedata.normalize("NFD", "Jörg Muster"))
    # An account id without its system is refused and other kinds have no issuer.
    with pytest.raises(BadInput, match="system that issued it"):
        normalised(IdentifierKind.ACCOUNT_ID, "5")
    assert parse_leniently(IdentifierKind.ACCOUNT_ID, "5") is None
    assert normalised(IdentifierKind.CUSTOMER_ID, "5", issuer="shop").issuer == ""
    assert not Identifier(IdentifierKind.ACCOUNT_ID, "5").is_searchable
    assert len({identifier(kind, "C-1") for kind in ID_KINDS}) == 2
    # Identifiers sort and hash by value.
    letters = [Identifier(IdentifierKind.CUSTOMER_ID, letter) for letter in string.ascii_letters]
    assert sorted(letters) == sorted(letters, key=lambda one: one.value)
    assert len(set(letters + letters)) == len(letters)


@given(landlines, st.data())
def test_every_way_of_writing_a_number_is_one(digits: str, data: st.DataObject) -> None:
    area, rest = digits[:2], digits[2:]
    separator = data.draw(st.sampled_from(["", " ", "-", "/", " / ", "."]))
    spaced = separator.join([area, rest[:3], rest[3:]])
    spellings = [f"+49 {spaced}", f"+49 (0){spaced}", f"0049 {spaced}", f"0{spaced}", f"(0{area}) {rest}"]
    assert {identifier(PHONE, spelling, country="DE").value for spelling in spellings} == {f"+49{digits}"}


@given(landlines)
def test_a_national_number_is_read_in_its_country_only(digits: str) -> None:
    austrian = parse_leniently(PHONE, f"0{digits}", country="AT")
    assert austrian is None or austrian.value == f"+43{digits}"
    with pytest.raises(BadInput, match="country code"):
        identifier(PHONE, f"0{digits}")


@given(landlines)
def test_a_number_in_any_countrys_digits_is_e164(digits: str) -> None:
    value = identifier(PHONE, f"+49{digits}").value
    parsed = phonenumbers.parse(value)
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == value


@given(opaque_ids, opaque_ids)
def test_ids_keep_their_case(one: str, other: str) -> None:
    for kind in ID_KINDS:
        assert (identifier(kind, one) == identifier(kind, other)) == (one == other)


@given(opaque_ids)
def test_account_ids_are_equal_only_within_their_system(text: str) -> None:
    """Account 5 of the helpdesk claimed the records of account 5 of the shop."""
    of_shop, of_desk = (normalised(IdentifierKind.ACCOUNT_ID, text, issuer=system) for system in ("shop", "helpdesk"))
    assert of_shop != of_desk
    assert of_kind({of_shop, of_desk}, IdentifierKind.ACCOUNT_ID, issuer="shop") == [of_shop.value]
    assert of_kind({of_shop, of_desk}, IdentifierKind.ACCOUNT_ID) == []
    assert len({one.realm for one in (of_shop, of_desk, normalised(IdentifierKind.CUSTOMER_ID, text))}) == 3


def test_what_cannot_be_used_is_refused_without_quoting_it() -> None:
    for kind, raw in (
        (EMAIL, "marta"),
        (EMAIL, "marta@"),
        (EMAIL, "anna@example.com, eve@example.com"),
        (EMAIL, "Anna <anna@example.com>"),
        (PHONE, "anonymous"),
        (PHONE, "+49 1"),
        (PHONE, "030 901820"),
        (PHONE, "+4930901820" * 3),
        *((kind, raw) for kind in ID_KINDS for raw in ("", "two words", "x" * 129, "a\nb", "a;b", "a*")),
        (NAME, " "),
        (NAME, "x" * 201),
        (NAME, "Anna\x1b[31m"),
    ):
        with pytest.raises(BadInput) as caught:
            identifier(kind, raw)
        sentence = str(caught.value)
        assert sentence.endswith(".")
        assert len(raw.strip()) < 5 or raw.strip() not in sentence
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__ or caught.value.__context__ is None
        assert parse_leniently(kind, raw) is None


@given(st.sampled_from(list(IdentifierKind)), st.one_of(st.text(max_size=40), st.integers(), st.none(), st.booleans()))
def test_whatever_a_system_has_stored_is_read_or_passed_over(kind: IdentifierKind, raw: Any) -> None:
    found = parse_leniently(kind, raw, country="DE")
    if found is not None:
        assert found.value
        assert identifier(kind, found.value, country="DE") == found


@given(st.lists(usable, max_size=8))
def test_strong_ones_name_one_person(given_ones: list[tuple[IdentifierKind, str]]) -> None:
    every = frozenset(identifier(kind, raw) for kind, raw in given_ones)
    assert strong(every) == {one for one in every if one.kind in STRONG_KINDS}
    assert {one.kind for one in every - strong(every)} <= {PHONE, NAME}
    for kind in IdentifierKind:
        assert of_kind(every, kind, issuer="shop") == sorted({one.value for one in every if one.kind is kind})


@given(usable)
def test_a_repr_shows_the_kind_only(given_one: tuple[IdentifierKind, str]) -> None:
    kind, raw = given_one
    assert repr(identifier(kind, raw)) == f"<Identifier {kind.value}>"
