"""Normalisation: two spellings of a number, name, date or id are equal, and two things never are."""

from __future__ import annotations

import re
import string
import unicodedata
from dataclasses import replace
from datetime import date
from typing import Any

import phonenumbers
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from rightsflow.domain.birth_dates import (
    PLACEHOLDERS,
    DateOrder,
    born_apart,
    is_unknown,
    looks_like_date,
    read_birth_date,
    spellings,
)
from rightsflow.domain.errors import BadInput, ConnectorError, Permanent, Refused, Transient, safe_request_id
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import Identifier, IdentifierKind, looks_shared, of_kind, parse_leniently, strong
from rightsflow.domain.identifiers import identifier as normalised
from rightsflow.domain.names import Likeness, closest, is_full, likeness
from rightsflow.domain.spellings.wordforms import Own, read_line
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

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


@given(st.sampled_from(declared_kinds()), st.one_of(st.text(max_size=40), st.integers(), st.none(), st.booleans()))
def test_whatever_a_system_has_stored_is_read_or_passed_over(kind: IdentifierKind, raw: Any) -> None:
    found = parse_leniently(kind, raw, country="DE")
    if found is not None:
        assert found.value
        assert identifier(kind, found.value, country="DE") == found


@given(st.lists(usable, max_size=8))
def test_strong_ones_name_one_person(given_ones: list[tuple[IdentifierKind, str]]) -> None:
    every = frozenset(identifier(kind, raw) for kind, raw in given_ones)
    assert strong(every) == {one for one in every if one.kind.is_strong}
    assert {one.kind for one in every - strong(every)} <= {PHONE, NAME}
    for kind in declared_kinds():
        assert of_kind(every, kind, issuer="shop") == sorted({one.value for one in every if one.kind is kind})


@given(usable)
def test_a_repr_shows_the_kind_only(given_one: tuple[IdentifierKind, str]) -> None:
    kind, raw = given_one
    assert repr(identifier(kind, raw)) == f"<Identifier {kind.value}>"


ALLOWED = set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-")
HASHED = re.compile(r"sha256:[0-9a-f]{16}\Z")
TICKET = RecordRef("helpdesk", "ticket", "7")
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=200)
IDS = ANY_TEXT | st.text(sorted(ALLOWED), max_size=80)


@given(IDS)
@example("req_1AbC")
@example("x" * 64)
@example("x" * 65)
@example("req-1\n")
@example("anna.quill@example.com")
@example("+49 30 901820")
@example("\ud800")
def test_what_may_be_kept_is_plain_and_short_or_a_hash(given_id):
    kept = safe_request_id(given_id)
    is_plain = 1 <= len(given_id) <= 64 and set(given_id) <= ALLOWED
    assert (kept == given_id) if is_plain or not given_id else HASHED.match(kept)
    assert safe_request_id(kept) == kept


@given(IDS, IDS)
def test_the_same_id_is_found_again_and_another_is_not(one, other):
    assert (safe_request_id(one) == safe_request_id(other)) is (one == other)


def test_an_id_is_kept_as_a_hash_that_its_vendor_can_compute():
    assert safe_request_id("anna.quill@example.com") == "sha256:f9bd865fa56cd8a1"
    # An error of another's connector is no exception.
    for kind in (ConnectorError, Permanent, Refused):

        class Theirs(kind):
            """What a third party's connector may raise."""

        assert "quill" not in str(Theirs("It failed.", request_id="for anna.quill@example.com"))


@given(IDS)
def test_no_error_and_no_outcome_takes_another(given_id):
    kept = safe_request_id(given_id)
    errors = [kind("It failed.", request_id=given_id) for kind in (ConnectorError, Transient, Permanent, Refused)]
    assert {one.request_id for one in errors} == {kept}
    assert {str(one) for one in errors} == {f"It failed. (request {kept})" if kept else "It failed."}
    made = Outcome(record=TICKET, kind=OutcomeKind.ERASED, request_id=given_id)
    assert made.request_id == kept
    assert replace(Outcome(record=TICKET, kind=OutcomeKind.ERASED), request_id=given_id) == made


SAME, COMPATIBLE, SILENT, RELATED, OTHER = (
    Likeness.SAME,
    Likeness.COMPATIBLE,
    Likeness.SILENT,
    Likeness.RELATED,
    Likeness.OTHER,
)


def test_how_two_names_agree() -> None:
    # How two names agree.
    for one, other, expected in (
        ("Anna Weber", "weber, ANNA", SAME),
        ("Müller, Jürgen", "Juergen Mueller", SAME),
        ("José García", "Jose Garcia", SAME),
        ("Łukasz Żak", "Lukasz Zak", SAME),
        ("Jørgen Åberg", "Joergen Aaberg", SAME),
        ("Anna Weber", "Анна Вебер", SAME),
        ("Юлия Щербакова", "Julia Shcherbakova", SAME),
        ("Γιώργος Παπαδόπουλος", "Giorgos Papadopoulos", SAME),
        ("Dr. Anna M. Weber", "Anna Maria Weber", SAME),
        ("Anna-Lena Weber", "Anna Weber", SAME),
        ("Anna O'Neil", "ONeil Anna", SAME),
        ("Herr Do Le", "Le Do", SAME),
        ("A. Weber", "Anna Weber", COMPATIBLE),
        ("Frau Weber", "Anna Weber", COMPATIBLE),
        ("Familie Weber", "Anna Weber", COMPATIBLE),
        ("aweber", "Anna Weber", COMPATIBLE),
        ("weberanna", "Anna Weber", COMPATIBLE),
        ("Weber GmbH", "Anna Weber", COMPATIBLE),
        ("Anna Weber", "Andreas Weber", RELATED),
        ("Anna Weber", "Annalena Weber", RELATED),
        ("Maria Weber", "Mario Weber", RELATED),
        ("B. Weber", "Anna Weber", RELATED),
        ("E. Weber", "Anna Weber", RELATED),
        ("Anna Weber", "Anna Schmidt", RELATED),
        ("Hans Weber sen.", "Hans Weber jun.", RELATED),
        ("Hans Weber Sr.", "Hans Weber Jr.", RELATED),
        ("Hans Weber Snr", "Hans Weber III", RELATED),
        ("Sr. Juan Weber", "Juan Weber Jr.", SAME),
        ("Berta", "Anna Weber", OTHER),
        ("Weber, Anna", "Karl Schmidt", OTHER),
        ("Anna", "Andreas", OTHER),
        ("Example Devices GmbH", "Anna Weber", SILENT),
        ("Unknown Caller", "Anna Weber", SILENT),
        ("customer 4711", "Anna Weber", SILENT),
        ("anna@example.com", "Berta Weber", SILENT),
        ("王小明", "Wang Xiaoming", SILENT),
        ("", "Anna Weber", SILENT),
    ):
        assert likeness(one, other) is likeness(other, one) is expected
    assert {one for one in Likeness if one.contradicts} == {RELATED, OTHER}
    # Else a record that says A. Weber would let in another one that says Andreas Weber.
    assert closest(["Andreas Weber"], ["Anna Weber", "A. Weber"]) is RELATED
    assert closest(["Andreas Weber"], ["A. Weber"]) is COMPATIBLE
    assert closest(["Anna Schmidt"], ["Anna Weber", "Anna Schmidt"]) is SAME
    assert closest([], ["Anna Weber"]) is closest(["Anna Weber"], []) is SILENT
    assert [is_full(one) for one in ("Anna Weber", "A. Weber", "Dr. Weber")] == [True, False, False]


words = st.text("abcdefghijklmnoprstuvwzäöüßéñжия", min_size=2, max_size=8)
full_names = st.lists(words, min_size=2, max_size=3).map(" ".join)


@given(full_names, full_names, st.randoms())
def test_order_and_case_never_matter(one: str, other: str, dice: object) -> None:
    parts = one.split()
    dice.shuffle(parts)  # type: ignore[attr-defined]
    again = ", ".join(parts).upper()
    assert not likeness(one, again).contradicts
    assert likeness(again, other).contradicts is likeness(one, other).contradicts


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_compared_the_same_both_ways(one: str, other: str) -> None:
    assert likeness(one, other) is likeness(other, one)


@given(full_names)
def test_an_abbreviation_fits(name: str) -> None:
    first, *rest = name.split()
    assert not likeness(name, " ".join([f"{first[0]}.", *rest])).contradicts


def test_mailboxes_that_are_named_like_shared_ones() -> None:
    for address in ("family@example.com", "familie.weber@example.com", "info@example.com", "büro@x.de"):
        assert looks_shared(address)
    for address in ("anna@example.com", "anna.weber@info.example", "informatik@example.com"):
        assert not looks_shared(address)


UNKNOWN, DAY, MONTH = DateOrder.UNKNOWN, DateOrder.DAY_FIRST, DateOrder.MONTH_FIRST
days = st.dates(date(1890, 1, 1), date(2099, 12, 31)).map(date.isoformat).filter(lambda one: one not in PLACEHOLDERS)


def test_only_what_can_be_read_in_one_way_is_a_day() -> None:
    # What can be read in one way alone.
    for text in (
        "1980-02-13",
        " 1980-02-13 ",
        "1980-2-13",
        "1980/02/13",
        "1980.02.13",
        "19800213",
        "1980-02-13 00:00:00",
        "1980-02-13T00:00:00Z",
        "1980-02-13 00:00:00.000000+00:00",
        "13.02.1980",
        "13. 2. 1980",
        "13/02/1980",
        "02/13/1980",
        "2-13-1980",
    ):
        assert read_birth_date(text) == "1980-02-13"
        assert looks_like_date(text) or text == "19800213"
        assert not is_unknown(text)
    # What cannot is not guessed.
    for text in (
        "",
        "unknown",
        "1980",
        "1980-02",
        "02/1980",
        "13.02.80",
        "1980-02-30",
        "02/03/1980",
        "2.3.1980",
        "318211200",
        "1980-02-12 23:00:00",
        "1980-02-12T22:00:00Z",
        "13/02-1980",
        "about 1980-02-13",
        "1980-02-13 or 14",
        "13021980",
        "1879-03-14",
        "9999-12-31",
        "0001-01-01",
    ):
        assert read_birth_date(text) == ""
    # What says that none is known.
    for text in (*sorted(PLACEHOLDERS), "0000-00-00", "00.00.0000", "", "01.01.1970", "1/1/1900"):
        assert read_birth_date(text) == ""
        assert is_unknown(text)
    # The order of a column tells day from month.
    assert (read_birth_date("02.03.1980", DAY), read_birth_date("02/03/1980", MONTH)) == ("1980-03-02", "1980-02-03")
    assert (read_birth_date("02.13.1980", DAY), read_birth_date("13/02/1980", MONTH)) == ("", "")
    assert read_birth_date("03.03.1980") == "1980-03-03"
    # The first of January stands for its year.
    assert not born_apart(["1980-01-01"], ["1980-05-06"])
    assert born_apart(["1956-01-01"], ["1980-05-06"])
    assert born_apart(["1980-07-08"], ["1980-01-01", "1980-05-06"])
    assert born_apart(["1980-05-06", "1956-03-04"], [])


@given(days, st.sampled_from([*DateOrder]))
def test_however_it_is_written_it_is_never_read_as_another_day(day: str, order: DateOrder) -> None:
    assert read_birth_date(day, order) == day
    for one in spellings(day):
        meant = {read_birth_date(one), read_birth_date(one, DAY), read_birth_date(one, MONTH)} - {""}
        assert read_birth_date(one) in {day, ""}
        assert day in meant


@given(st.text(max_size=24))
def test_any_text_is_a_day_or_none(text: str) -> None:
    if read := read_birth_date(text):
        assert read_birth_date(read) == read


@given(st.sets(days, max_size=3), st.sets(days, max_size=3))
def test_dates_contradict_in_both_directions_and_none_contradicts_nothing(one: set[str], other: set[str]) -> None:
    assert not born_apart([], one)
    if one & other:
        assert not born_apart(one, other)
    if len(one) == len(other) == 1:
        assert born_apart(one, other) is born_apart(other, one)


def test_a_line_is_read_in_any_spelling_and_counts_for_what_is_below() -> None:
    # A line is read in any spelling.
    for written, line in (
        ("+49 30 901000", "+4930901000"),
        ("030 901 000", "+4930901000"),
        ("0049 (0)30 901000", "+4930901000"),
        ("+49 30 901000 ext. 12", "+4930901000"),
        ("+49 30 901*", "+4930901*"),
    ):
        assert read_line(written, "DE") == line
    # What is no line is refused.
    for written in ("", "hotline", "030 901*"):
        with pytest.raises(ValueError, match=r"\+4930901"):
            read_line(written, "DE")
    # A domain counts with those below it and a name in any case.
    own = Own(domains=frozenset({"Own.example"}), names=frozenset({"Callhouse  Lisbon"}))
    assert own.has_domain("desk.OWN.example")
    assert not own.has_domain("disown.example")
    assert own.has_name("CALLHOUSE lisbon")
    assert not own.has_name("Lisbon")
