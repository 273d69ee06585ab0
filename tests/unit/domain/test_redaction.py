"""Other people's data go, the subject's stay (Art. 15(4) GDPR)."""

from __future__ import annotations

import base64
import json
import quopri
import re
import unicodedata
from collections import Counter
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rightsflow.domain.disclosure.mask_choices import Interval
from rightsflow.domain.disclosure.mask_rules import MaskMemory, contradicting
from rightsflow.domain.disclosure.passages import read_passage
from rightsflow.domain.disclosure.recordings import read_wave, refuse_interval
from rightsflow.domain.disclosure.redaction import hits_in, mask_part, mask_third_parties
from rightsflow.domain.disclosure.texts import MARKS
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.spellings.wordforms import Own, fold, name_forms, phone_pattern
from rightsflow.domain.vocabulary.records import Blob, Document, RecordRef
from tests.support.kinds import IBAN, imei
from tests.support.waves import wave

DEVICE = imei(1)

NAME, MAIL, PHONE = MARKS[IdentifierKind.NAME], MARKS[IdentifierKind.EMAIL], MARKS[IdentifierKind.PHONE]
SUBJECT = frozenset(
    {
        identifier(IdentifierKind.EMAIL, "anna.schmidt@example.com"),
        identifier(IdentifierKind.PHONE, "+49 30 901820"),
        identifier(IdentifierKind.NAME, "Anna Schmidt"),
        identifier(IdentifierKind.CUSTOMER_ID, "4930123456789"),
    }
)
OTHERS = frozenset({"Bob Müller", "José Núñez", "+49 171 2345678", "agent@own.example"})


def masked(text: str, **more: object) -> str:
    values: dict[str, object] = {"subject": SUBJECT, "others": OTHERS, "own": Own(domains=frozenset({"Own.example"}))}
    result, _ = mask_third_parties(text, **(values | more))  # type: ignore[arg-type]
    assert isinstance(result, str)
    return result


@pytest.mark.parametrize("nought", "٠۰०০๐０𝟎", ids=lambda one: f"{ord(one):x}")
def test_a_number_is_one_in_the_digits_of_every_script(nought: str):
    """Another person's in digits of Arabic stood there, and the subject's own was masked as another's."""

    def written(number: str) -> str:
        return number.translate({ord("0") + each: chr(ord(nought) + each) for each in range(10)})

    text = f"Call {written('+49 171 2345678')}, {written('0160 9012345')} or me: {{}}. Price {written('12')}²."
    own = written("030 901820")
    expected = text.replace(written("+49 171 2345678"), PHONE).replace(written("0160 9012345"), PHONE)
    assert masked(text.format(own), country="DE") == expected.format(own)
    hidden = written("030 90")[:-2] + "\u200e" + written("90 7654")
    assert masked(f"Tel. {hidden}, please", country="DE") == f"Tel. {PHONE}, please"


def test_a_name_goes_in_every_form_and_whole() -> None:
    # The name before another person's address goes with it.
    for text, expected in (
        ('"frida fennberg" <frida@example.org>', f'"{NAME}" <{MAIL}>'),
        ("Frida Fennberg <frida@example.org>, Anna", f"{NAME} <{MAIL}>, Anna"),
        ("a mail of Frida O'Fenn-Berg <frida@example.org>", f"a mail of {NAME} <{MAIL}>"),
        ("write to <frida@example.org>", f"write to <{MAIL}>"),
        ('"Anna Schmidt" <familie@example.org>', f'"Anna Schmidt" <{MAIL}>'),
        ('"Agnes Care" <agnes@Own.example>', '"Agnes Care" <agnes@Own.example>'),
        ("<p>&quot;Frida Fennberg&quot; &lt;frida@example.org&gt;</p>", f"<p>&quot;{NAME}&quot; &lt;{MAIL}&gt;</p>"),
    ):
        assert masked(text) == expected
    assert masked("12 m² 030 907654, ① 030 907655", country="DE") == f"12 m² {PHONE}, ① {PHONE}"
    # A listed name goes in every form.
    for written in (
        "Bob Müller",
        "BOB MÜLLER",
        "bob mueller",
        "Bob Muller",
        "Müller, Bob",
        "Bob\u00a0\nMüller",
        "Bob_Müller",
        "Bob M\u0075\u0308ller",
        "Herr Müller",
        "Mr. MÜLLER",
        "Jose Nunez",
        "Jose\u0301 Nu\u0301n\u0303ez",
        "JOSÉ NÚÑEZ",
    ):
        assert masked(f"Yes, {written}'s cable.") == f"Yes, {NAME}'s cable."
    # A name is a whole word and the whole name.
    for text in (
        "Bob Müllersen",
        "Müllers, Bob",
        "Jakob Müller",
        "Bob",
        "the mueller report",
        "Bob is not Müller",
        "Núñezia José",
    ):
        assert masked(text) == text
    # Names of many scripts.
    for given_name, text, expected in (
        ("O'Brien, Siobhán", "Siobhan O’Brien rang", f"{NAME} rang"),
        ("Straßer Ute", "UTE STRASSER rang", f"{NAME} rang"),
        ("山田太郎", "山田太郎さんは", f"{NAME}さんは"),
        ("김철수", "김철수는", f"{NAME}는"),
        ("Łukasz Żak", "lukasz zak", NAME),
        ("Anna Maria Berg", "Anna Berg", NAME),
        ("Meyer", "Meyer, not Meyers", f"{NAME}, not Meyers"),
    ):
        assert masked(text, others=frozenset({given_name})) == expected
    # A genitive goes with the name.
    for written in ("Bob Müllers", "Herrn Muellers"):
        assert masked(f"{written} Kabel") == f"{NAME} Kabel"
        assert masked("Anna Schmidts Kabel", others=frozenset({"Anna Schmidts"})) == f"{NAME} Kabel"
        assert masked("Anna Schmidt kabelt", others=frozenset({"Anna Schmid"})) == "Anna Schmidt kabelt"


def test_what_a_reader_sees_of_html_goes_as_well() -> None:
    # What a reader sees of HTML goes as well.
    for written, expected in (
        ("Bob M&uuml;ller", NAME),
        ("Bob&nbsp;Müller", NAME),
        ("Bob M&#252;ller", NAME),
        ("Bob <b>Müller</b>", f"{NAME}</b>"),
        ("<td>Bob</td><td>Müller</td>", f"<td>{NAME}</td>"),
        ("Bob<!-- x --> Müller", NAME),
        ("Bob Mül\u00adler", NAME),
        ("<img alt='Bob&nbsp;Müller'>", f"<img alt='{NAME}'>"),
        ("0171&nbsp;2345678", PHONE),
        ("<b>+44</b> 20 7946 0958", f"<b>{PHONE}"),
        ("b&#111;b@example.org", MAIL),
        ("<a href='mailto:bob@example.org'>write</a>", f"<a href='mailto:{MAIL}'>write</a>"),
    ):
        assert masked(f"Yes, {written} says.", country="DE") == f"Yes, {expected} says."
    # Of HTML the subject's own and what is no number stay.
    for text in (
        "Anna&nbsp;Schmidt and <b>Anna</b> Schmidt",
        "anna.schmidt&#64;example.com, <i>anna</i>.schmidt@example.com",
        "+49&nbsp;30 901820",
        "<td>0302</td><td>3125099</td>",
        "a < b &amp; c &co; <3",
    ):
        assert masked(text, country="DE") == text
    # A number of the subject's that was learnt since must not move a place that a person decided to show.
    tree = {"caller": 491712345678, "left": "Bob Müller", "right": "Bob Müller"}
    ref = RecordRef("helpdesk", "ticket", "1")
    part = Document(record=ref, category="service tickets", content=tree, others=OTHERS)
    before = [one.place for one in hits_in(part, subject=SUBJECT) if one.kind == "name"]
    more = SUBJECT | {identifier(IdentifierKind.PHONE, "+49 171 2345678")}
    assert [one.place for one in hits_in(part, subject=more)] == before


def test_the_subjects_own_name_stays() -> None:
    # The longer of two overlapping names wins.
    others = frozenset({"Anna Schmidt-Meyer", "Schmidt Weber"})
    assert masked("Anna Schmidt and Anna Schmidt-Meyer", others=others) == f"Anna Schmidt and {NAME}"
    assert masked("Anna Schmidt Weber", others=others) == f"Anna Schmidt{NAME}", "the subject's part stays"
    # A name that is the subject's stays even if listed.
    for shared in ("Anna Schmidt", "SCHMIDT, Anna", "Anna", "schmidt"):
        assert masked("Dear Anna Schmidt, dear Anna, Frau Schmidt", others=frozenset({shared})) == (
            "Dear Anna Schmidt, dear Anna, Frau Schmidt"
        )
    assert masked("Frau Schmidt and Bob Schmidt", others=frozenset({"Bob Schmidt"})) == f"Frau Schmidt and {NAME}"


def test_another_address_and_number_go_and_the_subjects_stay() -> None:
    # Another address goes.
    for address in (
        "bob@example.org",
        "BOB+tag@Sub.Example.ORG",
        "bob%40example.org",
        "bob&#64;example.org",
        "bösch@exämple.org",
        "o.b_c-d!x@example.co.uk",
        "bounce=bob=x.example@mail.example",
        "agent@own.example",
        "anna.schmidt@example.com.other.example",
        "x-anna.schmidt@example.com",
        "joanna.schmidt@example.com",
    ):
        assert masked(f"From <{address}>, yesterday") == f"From <{MAIL}>, yesterday"
    # The subjects and the controller's addresses stay.
    for text in (
        "anna.schmidt@example.com",
        "mail=anna.schmidt@example.com",
        "mailto:Anna.Schmidt@EXAMPLE.com?subject=x",
        "<anna.schmidt+shop@example.com>",
        "anna.schmidt%40example.com",
        "help@own.example or help@mail.own.example",
        "no@address, 5 @ 3, @handle, a@b",
    ):
        assert masked(text) == text
    # Another number goes in every form.
    for number in (
        "+44 20 7946 0958",
        "0044 20 7946 0958",
        "+49 171 2345678",
        "0171/2345678",
        "+49 (0)171 234-5678",
        "00491712345678",
    ):
        assert masked(f"ring {number} today") == f"ring {PHONE} today"
        assert masked(f"ring {number} 4711") == f"ring {PHONE} 4711", "whatever follows it"
    # The subject's numbers and what is no number stay.
    for text in (
        "+49 30 901820, 030 901820, 030/901820, 0049 30 901820, (030) 90 18 20",
        "customer 4930123456789",
        "order 4711081512 of 2026-11-24 10:00:00, total 1299.00",
        "1732442400",
        "on 05.03.2026, 24.11.2026 and 5. 3. 2026, 01/02/2026",
        "+49 30 901820 4711, 0049 30 901820 05.03.2026",
    ):
        assert masked(text, country="DE") == text
    # National numbers are read in the given country only.
    text = "ring 089 1234567 or 4711081512"
    assert masked(text) == text
    assert masked(text, country="de") == f"ring {PHONE} or 4711081512"


def test_nothing_of_the_controllers_own_is_masked_or_counted() -> None:
    # The brand's own line was masked as another person's number, 32 times in one package.
    own = Own(
        lines=frozenset({"+4930901*", "+442079460958"}), domains=frozenset({"own.example"}), names=frozenset({"ACME"})
    )
    text = "Acme, 030 901000 or +49 30 901-123, (020) 7946 0958 is +44 20 7946 0958, help@desk.own.example"
    others = frozenset({"Acme", "+4930901123"})
    result, counts = mask_third_parties(text, subject=SUBJECT, others=others, own=own, country="DE")
    assert (result, counts) == (text, Counter())
    text = "our line +44 20 7946 0958"
    assert masked(text, own=Own(lines=frozenset({"+442079460958"}))) == text


def test_every_text_of_a_document_is_masked_and_counted() -> None:
    # Every text of a tree is masked and counted.
    tree = {
        "cc": ["bob@example.org", {"name": "Bob Müller", "active": True, "seen": None, "ratio": 0.5}],
        "caller": 491712345678,
        "order": 491712345679,
        "bob@example.org": 1,
        "carl@example.org": ("x",),
    }
    result, counts = mask_third_parties(tree, subject=SUBJECT, others=OTHERS)
    assert result == {
        "cc": [MAIL, {"name": NAME, "active": True, "seen": None, "ratio": 0.5}],
        "caller": PHONE,
        "order": 491712345679,
        MAIL: 1,
        f"{MAIL} (2)": ["x"],
    }
    assert counts == Counter(email=3, name=1, phone=1)
    assert tree["cc"][0] == "bob@example.org", "the original is not changed"
    # A document loses its list of others and a blob is masked in its name.
    document = Document(
        record=RecordRef("helpdesk", "ticket", "1"),
        category="service tickets",
        content={"body": "Eve Example says hello"},
        others=frozenset({"Eve Example"}),
    )
    given_document, counts = mask_part(document, subject=SUBJECT)
    assert isinstance(given_document, Document)
    assert given_document.content == {"body": f"{NAME} says hello"}
    assert (given_document.others, counts) == (frozenset(), Counter(name=1))
    blob = Blob(
        record=RecordRef("recordings", "call", "1"),
        category="call recordings",
        name="call_Bob_Müller.wav",
        media_type="audio/wav",
        open=lambda: iter([b"x"]),
        metadata={"from": "+44 20 7946 0958"},
    )
    given_blob, counts = mask_part(blob, subject=SUBJECT, others=OTHERS)
    assert isinstance(given_blob, Blob)
    assert (given_blob.name, given_blob.metadata) == (f"call_{NAME}.wav", {"from": PHONE})
    assert counts == Counter(name=1, phone=1)


@pytest.mark.apart
@pytest.mark.long
def test_large_texts_are_read_to_their_end() -> None:
    """The library's matcher gives up after 65,535 tries, and patterns that start with a long word go quadratic."""
    numbers = " ".join(str(1000000 + at * 7919) for at in range(9000))
    text = f"{numbers} +44 20 7946 0958 {'a.' * 200_000}@ {'x ' * 100_000} bob@example.org Bob Müller"
    result, counts = mask_third_parties(text, subject=SUBJECT, others=OTHERS)
    assert counts == Counter(phone=1, email=1, name=1)
    assert isinstance(result, str)
    assert result.endswith(f"{MAIL} {NAME}")


WORDS = st.sampled_from(
    [
        "hello",
        "Bob Müller",
        "bob@example.org",
        "+44 20 7946 0958",
        "Anna Schmidt",
        "anna.schmidt@example.com",
        "né",
        "4711",
    ]
)
SEPARATORS = st.sampled_from([" ", ", ", "\n", " (", ") ", "; ", " | "])


@given(st.lists(st.tuples(WORDS, SEPARATORS), max_size=12))
def test_mixed_texts_lose_the_others_and_nothing_of_the_subject(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + separator for word, separator in pieces)
    result = masked(text)
    for own in ("Anna Schmidt", "anna.schmidt@example.com"):
        assert result.count(own) == text.count(own)
    for other in ("Bob Müller", "bob@example.org", "7946"):
        assert other not in result
    assert masked(result) == result, "masking again changes nothing"


@given(st.text(max_size=60), st.text(max_size=60))
def test_the_subjects_address_survives_in_any_surroundings(before: str, after: str) -> None:
    text = unicodedata.normalize("NFC", f"{before} anna.schmidt@example.com {after}")
    assert "anna.schmidt@example.com" in masked(text)


@given(st.text(max_size=80))
def test_a_text_without_others_comes_back_as_it_was(text: str) -> None:
    if "@" not in text and not any(letter.isdigit() for letter in text):
        assert masked(text, others=frozenset({"Zzyzx Qwertz"})) == text


def _percent(text: str) -> str:
    return quote(text, safe="")


def _plus(text: str) -> str:
    return quote_plus(text)


def _every_byte(text: str) -> str:
    return "".join(f"%{byte:02x}" for byte in text.encode())


def _quoted_printable(text: str) -> str:
    return quopri.encodestring(text.encode(), quotetabs=True).decode()


def _quoted_latin(text: str) -> str:
    return quopri.encodestring(text.encode("cp1252")).decode()


def _broken_within_a_letter(text: str) -> str:
    return re.sub("(=C3)", "\\1=\r\n", _quoted_printable(text))


def _quoted_word(text: str) -> str:
    return f"=?utf-8?Q?{quopri.encodestring(text.encode(), header=True).decode()}?="


def _base64_word(text: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(text.encode()).decode()}?="


def _named(text: str) -> str:
    return text.encode("ascii", "xmlcharrefreplace").decode()


def _all_entities(text: str) -> str:
    return "".join(f"&#x{ord(letter):x};" for letter in text)


def _escaped(text: str) -> str:
    return json.dumps(text)[1:-1]


def _apart(text: str) -> str:
    return unicodedata.normalize("NFD", text)


SPELLINGS = (_percent, _plus, _every_byte, _quoted_printable, _quoted_latin, _broken_within_a_letter, _quoted_word)
SPELLINGS += (_base64_word, _named, _all_entities, _escaped)
LETTERS = st.text(alphabet="abdefghijklnoprstuvzäöüéñç", min_size=3, max_size=8)


@given(LETTERS, LETTERS, st.sampled_from(SPELLINGS), st.booleans())
def test_a_name_goes_in_every_spelling_that_programs_use(given: str, last: str, spell, is_apart: bool) -> None:
    name = f"{given.title()} {last.title()}"
    written = spell(_apart(name) if is_apart and spell is not _quoted_latin else name)
    result = masked(f"Yes: {written} called.", others=frozenset({name}))
    assert result.replace("=?utf-8?Q?", "").replace("?=", "") == f"Yes: {NAME} called."


@given(st.sampled_from(SPELLINGS), st.sampled_from(SPELLINGS))
def test_a_name_goes_where_one_spelling_stands_in_another_and_the_subjects_stays(inner, outer) -> None:
    own, other = outer(inner("Anna Schmidt")), outer(inner("Bob Müller"))
    result = masked(f"<p>{own} | {other}</p>")
    assert NAME in result
    assert (other in result, result.count(own)) == (False, 1)


def test_addresses_and_numbers_go_in_such_spellings_too() -> None:
    # Addresses and numbers go in such spellings too.
    for written, mark in (
        ("mailto:bob%40example.org", f"mailto:{MAIL}"),
        ("<a href='mailto:bob%40example%2Eorg'>write</a>", f"<a href='mailto:{MAIL}'>write</a>"),
        ("tel:%2B49%20171%20234%205678", f"tel:{PHONE}"),
        ("bob=40example.org", MAIL),
        ("call +49 171=\r\n 2345678 now", f"call {PHONE} now"),
    ):
        assert masked(written) == mark
    # What only looks like a spelling stays.
    for written in (
        "https://own.example/?id=3412345678&x=de",
        "100%25 sure",
        "a=b=\nc",
        "=?x?B?!!?=",
        "50 % of =?",
        r"C:\new\table",
    ):
        assert masked(written) == written
    for nothing in ("", "-", "1", "x", "12 34"):
        assert name_forms(nothing) is None
    assert phone_pattern("99999").search("ext 9-9999 please")


@given(st.text(max_size=200))
def test_folding_keeps_the_length(text: str) -> None:
    assert len(fold(text)) == len(text)


@settings(deadline=None)
@given(st.text(alphabet=st.characters(categories=["Lu", "Ll"]), min_size=2, max_size=20))
def test_every_name_of_letters_is_found_as_it_was_given(name: str) -> None:
    forms = name_forms(name)
    assert forms is not None
    folded = fold(unicodedata.normalize("NFC", f"by {name}!"))
    assert forms.pattern.search(folded)
    assert forms.literal in folded


def test_another_persons_date_of_birth_is_masked_in_every_spelling() -> None:
    # Another person's date of birth is masked in every spelling and the subjects is not.
    others = frozenset({"1956-03-14", "1980-02-13", "01/02/1999"})
    subject = SUBJECT | {identifier(IdentifierKind.BIRTH_DATE, "1980-02-13")}
    text = "geb. 14.03.1956, 3/14/1956, 1956-03-14; hers: 13.02.1980; 01/02/1999; 11956-03-14; order of 1957-03-14"
    born = MARKS[IdentifierKind.BIRTH_DATE]
    said = masked(text, subject=subject, others=others, country="DE")
    assert said == f"geb. {born}, {born}, {born}; hers: 13.02.1980; {born}; 11956-03-14; order of 1957-03-14"
    # Another date of birth in a record that was taken in is masked.
    known = frozenset({identifier(IdentifierKind.BIRTH_DATE, "1980-02-13")})
    named = known | {identifier(IdentifierKind.BIRTH_DATE, "1956-03-14"), identifier(IdentifierKind.CUSTOMER_ID, "C-1")}
    assert contradicting(named, known) == {"1956-03-14"}


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Bob Müller rief an", "note", "+49 171 2345678", "anna.schmidt@example.com", "Eva Kurz"]),
            st.sampled_from([frozenset(), OTHERS, frozenset({"Eva Kurz"})]),
        ),
        max_size=8,
    )
)
def test_what_is_masked_does_not_depend_on_the_parts_before(parts: list[tuple[str, frozenset[str]]]) -> None:
    memory = MaskMemory()
    for text, others in parts:
        part = Document(record=RecordRef("a", "b", "c"), category="d", content={"note": text, "more": [text, text]})
        assert mask_part(part, subject=SUBJECT, others=others, memory=memory) == mask_part(
            part, subject=SUBJECT, others=others
        )


def test_a_passage_and_an_interval_that_cannot_be_masked_are_refused():
    for typed in ("x", "[other person's e-mail]", "y" * 6000):
        with pytest.raises(BadInput):
            read_passage(typed)
    recording = wave(seconds=3)
    for interval in (Interval(2000, 1000), Interval(1000, 1000), Interval(2000, 9000), Interval(1000, 2000, 3)):
        with pytest.raises(BadInput):
            refuse_interval(interval, read_wave([recording]), len(recording))


def test_another_persons_iban_is_masked_in_whatever_spelling_and_the_subjects_stays() -> None:
    hers, his = "DE89 3704 0044 0532 0130 00", "GB29 NWBK 6016 1331 9268 19"
    subject = frozenset({identifier(IBAN, hers)})
    spellings = (his, his.replace(" ", ""), his.lower(), his.replace(" ", "\N{NO-BREAK SPACE}"))
    for spelling in spellings:
        text = f"From {hers} to {spelling}, invoice 2026 0815 4711, DE89370400440532013000."
        masked, counts = mask_third_parties(text, subject=subject)
        assert masked == text.replace(spelling, "[other person's number]")
        assert counts == {"identifier": 1}
    # A device of another person is masked where a connector lists it.
    listed = f"IMEI {DEVICE.value[:8]}-{DEVICE.value[8:]}, order {DEVICE.value}0"
    masked, counts = mask_third_parties(listed, subject=subject, others=frozenset({DEVICE.value}), country="DE")
    assert (masked, counts["identifier"]) == (f"IMEI [other person's number], order {DEVICE.value}0", 1)
    # A wrong digit is no IBAN.
    assert mask_third_parties("GB29 NWBK 6016 1331 9268 18", subject=subject)[1] == {}
