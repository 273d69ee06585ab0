"""Reading a form, its day, language and letter: one sentence for each thing that is wrong with it."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.languages import (
    NOTICES,
    KnownLanguage,
    LanguageSource,
    agreed,
    language_known,
    language_name,
    language_of,
    language_on_file,
    notice_in,
    primary_of,
    read_language,
)
from rightsflow.domain.request import Channel, Reading, Request, RequestForm, read_form
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.rights import Right

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
SHOP = {"shop"}
FORM = RequestForm(right="access", email="anna@example.com", opened_by="Olga Opener")


def read(
    *, now: datetime = NOW, zone: ZoneInfo = BERLIN, at: str = "DE", issuers: set[str] = SHOP, **fields: str
) -> Request:
    """Read the form with some fields filled in otherwise, at a controller in Germany or elsewhere."""
    return read_form(replace(FORM, **fields), Reading(now=now, zone=zone, country=at, issuers=issuers))


def received(text: str, *, now: datetime = NOW, zone: ZoneInfo = BERLIN) -> datetime:
    moment = read(received=text, now=now, zone=zone).received_at
    assert moment.tzinfo is not None
    # Times in the hours that come twice or never equal none of another zone, so they are compared in UTC.
    return moment.astimezone(UTC) if moment.year > 1 else moment


def test_a_request_is_whole_or_one_sentence() -> None:
    # A whole form.
    request = read(
        right=" Erasure ",
        email=" Anna@Example.com ",
        phone="030 901820",
        customer_id=" C-1001 ",
        account_id="cus_A1",
        name="  Anna   Quill ",
        birth_date=" 13.02.1980 ",
        received="2026-11-20",
        channel="Web Form",
        country=" de ",
        opened_by="  Olga   Opener ",
    )
    assert request.right is Right.ERASURE
    assert request.channel is Channel.WEB_FORM
    assert request.country == "DE"
    assert request.opened_by == "Olga Opener"
    assert request.received_at == datetime(2026, 11, 20, tzinfo=BERLIN)
    assert request.identifiers == {
        identifier(IdentifierKind.EMAIL, "anna@example.com"),
        identifier(IdentifierKind.PHONE, "+4930901820"),
        identifier(IdentifierKind.CUSTOMER_ID, "C-1001"),
        identifier(IdentifierKind.ACCOUNT_ID, "cus_A1", issuer="shop"),
        identifier(IdentifierKind.NAME, "Anna Quill"),
        identifier(IdentifierKind.BIRTH_DATE, "1980-02-13"),
    }
    # One sentence names what is wrong and quotes nothing.
    for fields, named, secret in WRONG.values():
        with pytest.raises(BadInput) as caught:
            read(**fields)
        sentence = str(caught.value)
        assert named in sentence
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert "; " in sentence, "how to fix it stands behind a semicolon"
        assert not any(part in sentence for part in secret)
        assert caught.value.__cause__ is None
        assert caught.value.__context__ is None or caught.value.__suppress_context__


# What is wrong, the word by which the sentence names it, and what of the value may not be in it.
WRONG = {
    "no right": ({"right": ""}, "right", ()),
    "an unknown right": ({"right": "zzgossip"}, "right", ("zzgossip",)),
    "an unknown channel": ({"channel": "zzpigeon"}, "channel", ("zzpigeon",)),
    "no identifier": ({"email": ""}, "identifier", ()),
    "blanks only": ({"email": " \t "}, "identifier", ()),
    "a name only": ({"email": "", "name": "Zzanna"}, "identifier", ("Zzanna",)),
    "a bad e-mail address": ({"email": "zzanna-at-example.com"}, "e-mail address", ("zzanna", "zzanna-at")),
    "two e-mail addresses": ({"email": "zzanna@example.com, zzb@example.com"}, "e-mail address", ("zzanna", "zzb")),
    "a bad number": ({"phone": "zz+x"}, "phone number", ("zz+x",)),
    "a number that is too short": ({"phone": "+49 1"}, "phone number", ("49 1",)),
    "a bad customer id": ({"customer_id": "zz 17 zz"}, "id", ("zz 17",)),
    "a bad account id": ({"account_id": "zz;17"}, "id", ("zz;17",)),
    "no date of birth": ({"birth_date": "zz1981"}, "date of birth", ("1981",)),
    "a date of birth of two days": ({"birth_date": "02/03/1980"}, "date of birth", ("02/03",)),
    "a date of birth to come": ({"birth_date": "25.11.2026"}, "date of birth lies in the future", ("25.11",)),
    "a date of birth alone": ({"email": "", "birth_date": "1980-02-13"}, "identifier", ("1980",)),
    "a bad name": ({"name": "Zz\x00Anna"}, "name", ("Zz", "Anna")),
    "a name that is too long": ({"name": "Zz" * 101}, "name", ("ZzZz",)),
    "a country in words": ({"country": "Zzland"}, "country", ("Zzland",)),
    "a country with a digit": ({"country": "D1"}, "country", ("D1",)),
    "a country in other letters": ({"country": "ДЕ"}, "country", ("ДЕ",)),
    "no opener": ({"opened_by": "  "}, "who opens", ()),
    "an opener that is too long": ({"opened_by": "Zz" * 101}, "name", ("ZzZz",)),
    "an address of an opener": ({"opened_by": "zzolga@example.com"}, "an address or a number", ("zzolga",)),
    "the person as opener": ({"name": "Zzoë Quill", "opened_by": "zzoë  quill"}, "data subject", ("zzoë",)),
    "an unprintable opener": ({"opened_by": "Zzolga\x00"}, "name", ("Zzolga",)),
    "no date": ({"received": "zzyesterday"}, "date of receipt", ("zzyesterday",)),
    "a day that is none": ({"received": "2026-02-30"}, "date of receipt", ("2026-02-30",)),
    "a German date": ({"received": "24.11.2026"}, "date of receipt", ("24.11.2026",)),
    "a time that is none": ({"received": "2026-11-20T25:00"}, "date of receipt", ("25:00",)),
    "a time without a zone": ({"received": "2026-03-07T11:47"}, "no time zone", ("11:47",)),
    "the day before the GDPR": ({"received": "2018-05-24"}, "before 25 May 2018", ("2018-05-24",)),
    "the first day of all": ({"received": "0001-01-01"}, "before 25 May 2018", ("0001",)),
    "the first instant of all": ({"received": "0001-01-01T00:00+14:00"}, "before 25 May 2018", ("0001",)),
    "a day to come": ({"received": "2026-11-25"}, "future", ("2026-11-25",)),
    "an instant to come": ({"received": "2026-11-24T10:00:01+01:00"}, "future", ("10:00:01",)),
}


class TestTheSystemOfAnAccount:
    """A typed account id belongs to one system: helpdesk account 5 and shop account 5 are two people."""

    def test_the_system_of_an_account_is_named_or_the_only_one(self) -> None:
        assert identifier(IdentifierKind.ACCOUNT_ID, "5", issuer="shop") in read(account_id="5").identifiers
        # It is the one that was named.
        for typed in ("payments", " Payments "):
            read_ids = read(account_id="5", account_system=typed, issuers={"shop", "payments"}).identifiers
            assert identifier(IdentifierKind.ACCOUNT_ID, "5", issuer="payments") in read_ids
        # Otherwise the request is refused.
        for typed, issuers, named in (
            ("", {"shop", "payments"}, "name one of payments, shop"),
            ("zzdesk", {"shop", "payments"}, "use one of payments, shop"),
            ("zzdesk", {"shop"}, "use one of shop"),
            ("", set(), "No configured system issues account ids"),
        ):
            with pytest.raises(BadInput, match=named) as caught:
                read(account_id="5", account_system=typed, issuers=issuers)
            assert "zzdesk" not in str(caught.value)
        assert read(account_system="zzdesk").identifiers == {identifier(IdentifierKind.EMAIL, "anna@example.com")}


@given(
    st.builds(
        RequestForm,
        **{
            field: st.one_of(st.just(""), st.text(max_size=40), st.sampled_from(["access", "e-mail", "2026-11-20"]))
            for field in RequestForm.__dataclass_fields__.keys() - {"further"}
        },
        further=st.lists(st.tuples(st.sampled_from(["imei", ""]), st.text(max_size=40)), max_size=2).map(tuple),
    )
)
def test_whatever_is_typed_is_a_request_or_one_sentence(form: RequestForm) -> None:
    try:
        request = read_form(form, Reading(now=NOW, zone=BERLIN, country="DE", issuers=SHOP))
    except BadInput as error:
        assert str(error).endswith(".")
    else:
        assert request.identifiers
        assert request.received_at <= NOW
        assert request.opened_by.strip()


class TestReceipt:
    def test_a_receipt_without_a_zone_is_the_controllers_and_never_in_the_future(self) -> None:
        # Nothing given is now in the controller's zone.
        moment = read(received="").received_at
        assert moment == NOW
        assert moment.utcoffset() == datetime(2026, 11, 24, tzinfo=BERLIN).utcoffset()
        assert received("2026-03-05") == datetime(2026, 3, 4, 23, 0, tzinfo=UTC)
        assert received("2026-07-05") == datetime(2026, 7, 4, 22, 0, tzinfo=UTC)
        # The present day is never in the future.
        for zone in ("Pacific/Auckland", "America/Los_Angeles", "UTC", "Asia/Kathmandu"):
            here = ZoneInfo(zone)
            today = NOW.astimezone(here).date()
            assert received(today.isoformat(), zone=here).astimezone(here).date() == today
        assert received("2026-03-05T10:00+05:30") == datetime(2026, 3, 5, 4, 30, tzinfo=UTC)
        assert received("2026-03-05T10:00Z") == datetime(2026, 3, 5, 10, 0, tzinfo=UTC)
        assert received("2026-11-24T10:00+01:00") == NOW
        with pytest.raises(BadInput, match="future"):
            received("9999-12-31T23:59-14:00")
        # The first day of the GDPR begins in the controller's zone.
        for text in ("2018-05-25", "2018-05-24T22:00Z"):
            assert received(text) == datetime(2018, 5, 24, 22, tzinfo=UTC)
            with pytest.raises(BadInput, match="before 25 May 2018"):
                received("2018-05-24T21:59:59Z")


class TestPhone:
    def test_a_national_number_is_read_in_the_persons_country_or_else_the_controllers(self) -> None:
        for typed, person, controller, normal in (
            ("030 901820", "", "DE", "+4930901820"),
            ("030 901820", "DE", "PT", "+4930901820"),
            ("21 344 5678", "PT", "DE", "+351213445678"),
            ("21 344 5678", "", "PT", "+351213445678"),
            ("+351 21 344 5678", "", "DE", "+351213445678"),
            ("00351 21 344 5678", "DE", "DE", "+351213445678"),
        ):
            request = read(email="", phone=typed, country=person, at=controller)
            assert [one.value for one in request.identifiers] == [normal]


def test_a_request_knows_its_language_and_shows_nothing() -> None:
    # A request knows whether its language is the person's or the country's.
    for typed, country, language, source in (
        ("pl", "DE", "pl", LanguageSource.REQUEST),
        ("", "GR", "el", LanguageSource.COUNTRY),
    ):
        request = read(language=typed, country=country)
        assert (request.language, request.language_source) == (language, source)
    # A request does not show what it holds.
    form = replace(FORM, name="Anna Quill", phone="+49 30 901820")
    shown = repr(form) + repr(read_form(form, Reading(now=NOW, zone=BERLIN, country="DE", issuers=SHOP)))
    assert not any(part in shown for part in ("anna", "Anna", "901820"))
    # Else the record that holds the wrong one would be in doubt, and nothing of it corrected.
    request = read(right="rectification", corrections="date of birth | 1981-02-13 | 1980-02-13\nname | Ana | Anna")
    born = {one.value for one in request.identifiers if one.kind is IdentifierKind.BIRTH_DATE}
    assert born == {"1980-02-13", "1981-02-13"}


TAGS = st.sampled_from(["", "de", "de-AT", "de-at", "fr", "fr-BE", "en", "pt-BR"])


def test_who_does_not_read_english_is_told_so_in_their_language() -> None:
    # People who wrote German got English letters without a word.
    assert notice_in("de-AT", ("de", "en")) == (
        "Dieser Brief ist auf Englisch. Wir helfen Ihnen in diesen Sprachen: Deutsch, English.\n"
        "This letter is in English. We can help you in these languages: Deutsch, English."
    )
    assert notice_in("fr", ()) == "Cette lettre est en anglais.\nThis letter is in English."
    assert notice_in("tr", ("de",)) == "This letter is in English. We can help you in these languages: Deutsch."
    for language in ("", "en", "en-GB"):
        assert notice_in(language, ("de",)) == ""
    assert len(NOTICES) == 24
    assert all(one.in_english.endswith(".") and one.help for one in NOTICES.values())


def test_a_language_is_a_tag_and_the_request_counts_first() -> None:
    # The request counts before the countries.
    for typed, countries, language in (
        ("fr", ("DE",), "fr"),
        ("", ("AT", "GB"), "de"),
        ("", ("", "GR"), "el"),
        ("", ("IN", "US"), "en"),
        ("", (), ""),
    ):
        assert language_of(typed, *countries) == language
    # A language is a tag.
    assert read_language(" PT_br ") == "pt-br"
    for wrong in ("Deutsch bitte", "d", "anna@example.com"):
        with pytest.raises(BadInput, match="like de"):
            read_language(wrong)
    for value in ("", None, 7, ["de"], "Deutsch bitte", "English", "und", "mul-DE", "a@example.com"):
        assert language_on_file(value) == ""
    for value, tag in (("de", "de"), (" DE_at ", "de-at"), ("pt-BR", "pt-BR"), ("fil", "fil")):
        assert language_on_file(value) == tag
    for tag, name in (("de", "German"), ("de-AT", "German (de-AT)"), ("EN", "English"), ("tlh", "tlh")):
        assert language_name(tag) == name


@given(st.lists(TAGS))
def test_records_count_only_where_all_that_name_a_language_name_the_same(tags: list[str]) -> None:
    named = [tag for tag in tags if tag]
    found = agreed(tags)
    if found:
        assert {primary_of(tag) for tag in named} == {primary_of(found)}
        assert found in {*named, primary_of(found)}
    else:
        assert len({primary_of(tag) for tag in named}) != 1


@given(st.lists(TAGS), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_the_records_counts(tags: list[str], dice: random.Random) -> None:
    """Which was updated last is not known, so that the first or last of them is no better than another."""
    other = [*tags, *tags[:2], ""]
    dice.shuffle(other)
    assert agreed(other) == agreed(tags)


@given(TAGS, st.sampled_from(LanguageSource), st.lists(TAGS))
def test_the_request_counts_before_the_records_and_they_before_the_country(
    tag: str, source: LanguageSource, tags: list[str]
) -> None:
    noted = KnownLanguage(tag, source)
    known = language_known(noted, tags)
    if tag and source is not LanguageSource.COUNTRY:
        assert known == noted
    elif agreed(tags):
        assert known == KnownLanguage(agreed(tags), LanguageSource.RECORD)
    else:
        assert known == noted


def test_a_day_is_read_or_refused_by_the_name_of_its_field() -> None:
    assert read_day(" 2026-12-21\n", "The option --until") == date(2026, 12, 21)
    # What is not a day is refused by the name of the field and not quoted.
    for typed in ("", "21.12.2026", "2026-02-30", "tomorrow"):
        with pytest.raises(BadInput) as raised:
            read_day(typed, "The option --until")
        assert str(raised.value) == "The option --until is not a date; use YYYY-MM-DD, such as 2026-12-21."
