"""X"""

from __future__ import annotations

import phonenumbers
import sqlalchemy as sa
from hypothesis import assume, given
from hypothesis import strategies as st

from connectors.sql.persons import PhoneReader
from connectors.sql.search import holds_number, number_patterns
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, identifier

READER = PhoneReader(country="DE", own_numbers=("+4930901000", "+49309011*"))


def phone(text: str) -> Identifier:
    return identifier(IdentifierKind.PHONE, text)


ENGINE = sa.create_engine("sqlite://", poolclass=sa.pool.StaticPool)


def matches(text: str, known: Identifiers, **how) -> bool:
    """As the connector decides: the database's condition first, then the reading."""
    conditions = holds_number(sa.literal(text), number_patterns(READER.tails(known), lambda texts: texts))
    with ENGINE.connect() as database:
        found = database.scalar(sa.select(sa.or_(*conditions)))
    return bool(found) and any(one.may_be & known for one in READER.read(text, **how))


@st.composite
def numbers(draw: st.DrawFn) -> Identifier:
    """German numbers that exist, of every length."""
    area = draw(st.sampled_from(["30", "89", "171", "176", "4931", "33203"]))
    rest = draw(st.text("0123456789", min_size=4, max_size=11 - len(area)))
    text = f"+49{area}{rest}"
    assume(phonenumbers.is_valid_number(phonenumbers.parse(text)))
    number = phone(text)
    assume(READER.is_somebodys(number))
    return number


@st.composite
def clear_spellings(draw: st.DrawFn, number: Identifier) -> str:
    """A number as systems store it, with its trunk prefix or its country code marked as such."""
    national = number.value.removeprefix("+49")
    text = draw(st.sampled_from(["+49", "0049", "0", "+49(0)", "+49 0"])) + national
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(4, len(text)))
        text = text[:at] + draw(st.sampled_from([" ", "-", "/", ".", "  "])) + text[at:]
    return text.rstrip(" -/.")


@given(st.data())
def test_no_spelling_of_the_number_is_missed(data: st.DataObject):
    number = data.draw(numbers())
    assert matches(data.draw(clear_spellings(number)), frozenset({number}))


@given(numbers())
def test_a_number_as_trunks_deliver_it_is_not_missed(number: Identifier):
    assert matches(number.value.removeprefix("+"), frozenset({number}))


@given(st.data())
def test_another_number_never_matches(data: st.DataObject):
    known = data.draw(numbers())
    # Near misses too: longer by a digit at either end, shorter by one, or another last digit.
    national = known.value.removeprefix("+49")
    near = st.sampled_from([national + "1", "1" + national, national[:-1], national[:-1] + str(9 - int(national[-1]))])
    other = data.draw(st.one_of(numbers(), near.map(lambda text: Identifier(IdentifierKind.PHONE, f"+49{text}"))))
    assume(other != known)
    assert not matches(data.draw(clear_spellings(other)), frozenset({known}))


def test_spellings_seen_in_the_field():
    # Spellings seen in the field.
    for text in (
        "0171 39 200 12",
        "0171/3920012",
        "+49 (0)171 3920012",
        "00491713920012",
        "4901713920012",
        "49-171-3920012",
    ):
        assert matches(text, frozenset({phone("+491713920012")}))
    for text in ("", " ", "anonymous", "unknown", "s", "201", "60012", "+4930901000", "030 901 1234"):
        assert READER.read(text) == ()
    assert READER.tails(frozenset({phone("+4930901000"), phone("+49309011201")})) == []
    # Forms that hold a number among other things.
    for form, text in (
        ("caller_id", '"Anna Example" <01713920012>'),
        ("caller_id", "01713920012"),
        ("embedded", "PJSIP/+491713920012-00000012"),
        ("embedded", "SIP/trunk/00491713920012,300,T"),
    ):
        assert matches(text, frozenset({phone("+491713920012")}), form=form)
    assert not matches("PJSIP/+4917139200123-00000012", frozenset({phone("+491713920012")}), form="embedded")
    # National spellings of several countries.
    vienna = phone("+43 1 5125252")
    assert not matches("01 5125252", frozenset({vienna}))
    assert matches("01 5125252", frozenset({vienna}), countries=("DE", "AT"))
    assert matches("14155552671", frozenset({phone("+14155552671")}))
    assert not matches("14155552671", frozenset({phone("+14155552671")}), bare=False)
