"""Phone numbers in fields: each spelling is read back, and nothing is read that is not there."""

from __future__ import annotations

import re
import sys
import unicodedata

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.domain.spellings.fields import phone_spellings, phone_tail, readings, separate_readings
from rightsflow.domain.spellings.phones import other_digits, with_plain_digits

COUNTRIES = ("DE", "AT", "CH", "FR", "IT", "ES", "GB", "NL", "PL", "SE", "DK", "PT", "US", "BR", "IN")
PHONE = IdentifierKind.PHONE


def read(text: str, *countries: str, **how) -> set[str]:
    return {one.value for one in readings(PHONE, text, countries=countries or ("DE",), **how)}


@st.composite
def numbers(draw: st.DrawFn, country: str) -> str:
    """Numbers of a country that are assigned and no longer than people's are."""
    sort = draw(st.sampled_from([phonenumbers.PhoneNumberType.FIXED_LINE, phonenumbers.PhoneNumberType.MOBILE]))
    example = phonenumbers.example_number_for_type(country, sort)
    assert example is not None
    national = phonenumbers.national_significant_number(example)
    last = draw(st.text("0123456789", min_size=5, max_size=5))
    number = f"+{example.country_code}{national[:-5]}{last}"
    parsed = phonenumbers.parse(number)
    assume(phonenumbers.is_valid_number(parsed) and len(phonenumbers.national_significant_number(parsed)) <= 11)
    return number


@st.composite
def clear_spelling(draw: st.DrawFn, number: str) -> str:
    """A spelling that shows that it is a number, with its trunk prefix or its country code marked as such."""
    parsed = phonenumbers.parse(number)
    national = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.NATIONAL)
    international = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
    text = draw(st.sampled_from([number, "00" + number[1:], national, international, international.replace("+", "00")]))
    sign = draw(st.sampled_from([" ", "-", ".", "\u00a0", ""]))
    return re.sub(r"[\s-]+", lambda _: sign, text)


def wrappings() -> st.SearchStrategy[str]:
    """What people and systems write around a number."""
    return st.sampled_from(
        [
            "{}",
            " {} ",
            "{} (privat)",
            "privat: {}",
            "Tel. {} abends",
            "Tel.{}",
            '"Anna Example" <{}>',
            "{}, 201",
            "{} ext. 12",
            "{} seit 2026-01-31",
            "Kunde 1234567: {}",
            "{}\nnur Mobilbox",
            "anonymous; {}",
        ]
    )


@given(data=st.data(), country=st.sampled_from(COUNTRIES))
def test_each_spelling_of_a_number_is_read_back_and_nothing_else(country: str, data: st.DataObject):
    number = data.draw(numbers(country))
    text = data.draw(wrappings()).format(data.draw(clear_spelling(number)))
    assert number in read(text, country)
    # Where no country is given that writes alike, there is one reading.
    assert read(text, country, bare=False) == {number}


@given(data=st.data(), country=st.sampled_from(COUNTRIES))
def test_machine_spellings_are_read_back_whatever_countries_are_declared(country: str, data: st.DataObject):
    """The call servers' spellings: a SIP identity with host, port and parameters gave its port's digits too."""
    number = data.draw(numbers(country))
    digits = number[1:]
    hosts = ["10.0.0.1:5060", "192.168.100.200", "sip.example.com:5061", "[2001:db8::1]:5060"]
    host = data.draw(st.sampled_from(hosts))
    parameters = data.draw(st.sampled_from(["", ";transport=udp;user=phone", ";tag=12345678901", ";lr"]))
    text = data.draw(
        st.sampled_from(
            [
                f"sip:{number}@{host}{parameters}",
                f"sips:{digits}@{host}{parameters}",
                f"<sip:{number};phone-context=+49@{host}>{parameters}",
                f"{number}@{host}",
                f"tel:{number}",
                f"tel:{number};phone-context=+49",
                f"sip:%2B{digits}@{host}",
                digits,
            ]
        )
    )
    other = data.draw(st.sampled_from([(), ("DE",), (country,)]))
    found = {one.value for one in readings(PHONE, text, countries=other)}
    assert number in found
    # A bare number may also be a national one; all else has one reading.
    assert found == {number} or not re.search(r"\+|%2B", text)


@given(data=st.data(), country=st.sampled_from(COUNTRIES))
def test_two_numbers_in_one_value_are_both_read(country: str, data: st.DataObject):
    first, second = data.draw(numbers(country)), data.draw(numbers(country))
    between = data.draw(st.sampled_from([", ", "; ", "\n", " und ", " (privat), ", " or: ", ";"]))
    text = between.join(data.draw(clear_spelling(one)) for one in (first, second))
    assert read(text, country, bare=False) == {first, second}


def test_spellings_seen_in_the_field():
    # Two numbers with nothing but blanks and dashes between.
    for first, second, numbers in (
        ("030 901820", "0171 3920012", {"+4930901820", "+491713920012"}),
        ("+49 30 901820", "0171/3920012", {"+4930901820", "+491713920012"}),
        ("0171 39 200 12", "004930901820", {"+4930901820", "+491713920012"}),
        ("4915112345678", "4930901820", {"+4915112345678", "+4930901820"}),
    ):
        for between in (" / ", " ", "/", "-", " - "):
            found = separate_readings(PHONE, f"{first}{between}{second}", countries=("DE",))
            assert [{one.value for one in each.may_be} & numbers for each in found] == [
                {one} for one in sorted(numbers, key=lambda one: one[-4:] not in first.replace(" ", ""))
            ]
    # What is no number is not read.
    for text in (
        "",
        "anonymous",
        "anonymous@192.168.100.200:5060",
        "sip:201@192.168.100.200",
        "550e8400-e29b-41d4-a716-446655440000",
        "sip:550e8400-e29b-41d4-a716-446655440000@example.com",
        "Kunde 1234567",
        "seit 2026-01-31",
        "am 31.01.2026",
        "60012",
        None,
    ):
        assert readings(PHONE, text, countries=("DE",)) == frozenset()
    # ``4915112345678`` was read as a number of the area code 04915, so that nothing was found by it.
    for text, number in (
        ("0151 12345678 (privat)", "+4915112345678"),
        ("4915112345678", "+4915112345678"),
        ("0171 / 39 200 12", "+491713920012"),
        ("+49 (0)171 3920012", "+491713920012"),
        ("0171 3920012", "+491713920012"),
        ("01713920012@sip.example.com:5060", "+491713920012"),
        ("a@example.com;01713920012", "+491713920012"),
        ("T0171 3920012", "+491713920012"),
        ("1713920012", "+491713920012"),
    ):
        assert read(text) == {number}
    assert readings(PHONE, "030 901820, +49 171 3920012") == {identifier(PHONE, "+491713920012")}
    text = " ".join(["12 34"] * 5000)
    assert all(isinstance(one, Identifier) for one in readings(PHONE, text, countries=("DE", "AT", "CH")))
    # The spellings to search for.
    assert phone_spellings("+491713920012") == [
        "+491713920012",
        "491713920012",
        "00491713920012",
        "+49 171 3920012",
        "0171 3920012",
        "01713920012",
    ]
    assert "01713920012" not in phone_spellings("+491713920012", ("AT",))
    (one,) = separate_readings(PHONE, "0171 3920012", countries=("DE",))
    assert "3920012" not in repr(one)
    assert read("491713920012.0", "DE") == {"+491713920012"}
    assert read("030.901820.0", "DE") == {"+49309018200"}


@given(data=st.data(), country=st.sampled_from(COUNTRIES))
def test_a_neighbours_number_with_a_digit_more_or_less_is_never_read_as_the_subjects(country: str, data: st.DataObject):
    """One number is contained in the other's digits: at the beginning, at the end or within."""
    subject = data.draw(numbers(country))
    code = str(phonenumbers.parse(subject).country_code)
    national = subject[1 + len(code) :]
    near = [national + "1", "1" + national, national[:-1], national[1:], "1" + national + "1", national[:-1] + "x"]
    changed = data.draw(st.sampled_from(near)).replace("x", str(9 - int(national[-1])))
    neighbour = f"+{code}{changed}"
    # In North America "+1 1 201 …" is a way of writing "+1 201 …".
    assume(neighbour != subject and not neighbour.startswith("+11"))
    spellings = [neighbour, "00" + neighbour[1:], f"sip:{neighbour}@10.0.0.1:5060", f"{neighbour} (privat)"]
    spelled = data.draw(st.sampled_from(spellings))
    assert subject not in read(spelled, country)


@given(st.text(alphabet="+0123456789 /-().,;abx@:<>\n", max_size=60), st.sampled_from(COUNTRIES))
def test_no_reading_invents_digits(text: str, country: str):
    """Whatever the text is: the digits of each number that is read stand in the text in one row."""
    plain = re.sub(r"[\s().,/:<>@;x-]", "", text)
    for one in read(text, country):
        assert phone_tail(one) in plain


@pytest.mark.apart
def test_every_digit_and_country_is_known():
    # Guernsey's six digits stand for ten; in Argentina 15 is dialled before the last six.
    dialled = {("GG", "712345"), ("SM", "886377"), ("AR", "02223 15 412345"), ("KY", "945 1234")}
    for country, text in dialled:
        (number,) = read(text, country, bare=False)
        assert text.replace(" ", "").endswith(phone_tail(number))
    # A country that is not among them, in a later version of the library's data, would have its numbers missed.
    rules = {one: phonenumbers.PhoneMetadata.metadata_for_region(one) for one in phonenumbers.SUPPORTED_REGIONS}
    completed = {one for one, data in rules.items() if data and data.national_prefix_transform_rule}
    seven = {*re.findall("..", "AGAIASBBBMBSCCCXDMGDGUKNKYLCMGMPMSSXTCTTVCVGVI")}
    before_the_rest = {"BR", "GA", "JP"}
    assert completed - seven - before_the_rest == {"AR", "GG", "IM", "JE", "NF", "SM"}
    # No digit of unicode is left out.
    every = {chr(one) for one in range(sys.maxunicode + 1) if chr(one).isdecimal() and not chr(one).isascii()}
    other = other_digits()
    assert every <= {*"".join(other.single.values()), *other.rest}
    assert all(with_plain_digits(one) == str(unicodedata.decimal(one)) for one in every)
    assert all(with_plain_digits(one) == digit for digit, written in other.single.items() for one in written)


@given(data=st.data(), country=st.sampled_from(COUNTRIES))
def test_what_is_searched_for_is_read_back(country: str, data: st.DataObject):
    number = data.draw(numbers(country))
    assert all(number in read(one, country) for one in phone_spellings(number))
