"""Declared kinds of identifier: the included ones, their forms, and what a wrong declaration says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from rightsflow.config.sections.identifier_settings import Identifying, enter, included_kinds
from rightsflow.config.sections.section import Strict, validate
from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.identifier_kinds import IdentifierKind, KindRole
from rightsflow.domain.identifiers import Identifier, identifier, insist_on_declared, parse_leniently
from tests.support.kinds import IBAN, IMEI, ORDER, RMA, SERIAL

ANY = {
    "title": {"en": ["badge", "badges"], "de": ["Ausweis", "Ausweise"]},
    "example": "B-77",
    "pattern": r"B\d+",
    "separators": "-",
    "strength": "one_person",
}


class _Section(Strict):
    identifiers: Identifying


def declared(**sections: Any) -> tuple[IdentifierKind, ...]:
    return enter(validate(_Section, {"identifiers": sections}, "rightsflow.toml").identifiers)


def test_an_included_kind_is_used_by_naming_it_and_each_of_its_keys_can_be_replaced() -> None:
    (kind,) = declared(imei={})
    assert kind is IMEI
    assert kind.role is KindRole.TURN
    sections = TypeAdapter(Identifying).validate_python({"imei": {"searched": False}})
    declaration = sections["imei"].declaration("imei")
    assert (declaration.searched, declaration.learnt, declaration.thing) == (False, True, "device")
    for name, keys in included_kinds().items():
        section = TypeAdapter(Identifying).validate_python({name: {}})[name]
        assert {"en", "de"} <= section.title.keys()
        assert identifier(IdentifierKind(name), str(keys["example"])).value


def test_titles_are_by_language() -> None:
    (badge,) = declared(badge=ANY)
    assert badge.words == ("badge", "badges")
    assert badge.declaration.words("de-AT") == ("Ausweis", "Ausweise")
    assert badge.declaration.words("fr") == ("badge", "badges")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ((IMEI, "49-015420-323751-8"), "490154203237518"),
        ((IBAN, "de89 3704 0044 0532 0130 00"), "DE89370400440532013000"),
        ((SERIAL, "c02-xl0abjgh5"), "C02XL0ABJGH5"),
        ((ORDER, "#a-2026-31337 "), "A-2026-31337"),
    ],
)
def test_two_spellings_are_one(written: tuple[IdentifierKind, str], value: str) -> None:
    kind, raw = written
    assert identifier(kind, raw) == Identifier(kind, value)
    assert all(identifier(kind, spelling) == Identifier(kind, value) for spelling in kind.spellings(value))


def test_letters_in_front_may_be_left_out() -> None:
    (kind,) = declared(badge_no=ANY | {"prefix": "B", "case": "upper"})
    assert identifier(kind, "77") == identifier(kind, "b-77")
    assert kind.declaration.form is not None
    assert kind.declaration.form.compared("B77") == ["b77", "77"]
    # As people write them in the configuration, with separators and in the other case.
    (kind,) = declared(
        case_no=ANY
        | {"prefix": "case-", "case": "upper", "separators": "-", "pattern": "CASE[0-9]+", "example": "CASE-77"}
    )
    assert identifier(kind, "77") == identifier(kind, "case-77") == identifier(kind, "CASE77")


@given(st.sampled_from([IMEI, IBAN]), st.data())
def test_no_digit_can_be_mistyped(kind: IdentifierKind, data: st.DataObject) -> None:
    value = identifier(kind, kind.declaration.example).value
    at = data.draw(st.integers(4 if kind is IBAN else 0, len(value) - 1))
    other = data.draw(st.sampled_from([digit for digit in "0123456789" if digit != value[at]]))
    with pytest.raises(BadInput, match=kind.words[0]) as caught:
        identifier(kind, value[:at] + other + value[at + 1 :])
    assert value[:at] + other + value[at + 1 :] not in str(caught.value)
    assert parse_leniently(kind, value[:at] + other + value[at + 1 :]) is None


@pytest.mark.parametrize(
    ("sections", "sentence"),
    [
        ({"email": {}}, "email is built in"),
        ({"received": ANY}, "received is built in"),
        ({"licence": {}}, "licence is not included"),
        ({"Badge": ANY}, "String should match pattern"),
        ({"plate": ANY | {"pattern": "("}}, "this is no regular expression"),
        ({"plate": ANY | {"example": "x"}}, "the example does not fulfil pattern and check"),
        ({"plate": ANY | {"check": "luhn"}}, "the example does not fulfil pattern and check"),
        ({"plate": ANY | {"title": {"de": ["a", "b"]}}}, "give the English title too"),
        ({"plate": ANY | {"strength": "many"}}, "Input should be"),
        ({"plate": ANY | {"lifetime": "open"}}, 'lifetime is for strength = "several_in_turn"'),
        ({"plate": ANY | {"spelt": ["x"]}}, "String should match pattern"),
        ({"plate": ANY | {"colour": "red"}}, "the key identifiers.plate.colour is not known"),
    ],
)
def test_a_wrong_declaration_is_refused_with_its_mend(sections: dict[str, Any], sentence: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        declared(**sections)
    assert sentence in str(caught.value)
    assert "plate" not in {kind.value for kind in map(IdentifierKind.stored, ["plate"]) if kind.finds}


def test_a_kind_is_declared_once_in_a_process() -> None:
    declared(seat=ANY)
    declared(seat=ANY)
    with pytest.raises(Misconfigured, match="restart"):
        declared(seat=ANY | {"separators": " -"})


def test_an_unknown_kind_is_refused_and_a_stored_one_is_read() -> None:
    with pytest.raises(ValueError, match=r"declare it in \[identifiers.NAME\]"):
        IdentifierKind("never_declared")
    stored = Identifier(IdentifierKind.stored("never_declared"), "4711")
    assert (stored.is_searchable, stored.is_strong, stored.finds) == (False, False, False)
    # An open case is not searched without it, which would look as if nothing were found by it.
    with pytest.raises(Misconfigured, match=r"declare \[identifiers.never_declared\] again"):
        insist_on_declared([stored])
    assert stored.kind.words == ("identifier “never_declared”", "identifiers “never_declared”")


def test_the_table_of_kinds_has_the_built_in_ones_too() -> None:
    assert IdentifierKind("phone") is IdentifierKind.PHONE
    assert (IdentifierKind.PHONE.role, IdentifierKind.EMAIL.role, RMA.role) == (
        KindRole.LINE,
        KindRole.ADDRESS,
        KindRole.NUMBER,
    )
    assert not IdentifierKind.NAME.finds
