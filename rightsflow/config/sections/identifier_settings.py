"""The section ``[identifiers]``: the kinds of identifier that people are known by, beside the built-in ones."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from rightsflow.config.sections.section import Strict
from rightsflow.domain.check_digits import CheckDigits
from rightsflow.domain.disclosure.texts import EDITED, IDENTIFIER, INTERVAL, PASSAGE
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifier_kinds import (
    BUILT_IN,
    IdentifierForm,
    IdentifierKind,
    KindDeclaration,
    LetterCase,
    Lifetime,
    Strength,
    declare_kinds,
)
from rightsflow.domain.import_file import COLUMNS

KindName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]{0,19}$")]
_RESERVED: Final = frozenset({"date", *COLUMNS, IDENTIFIER, PASSAGE, INTERVAL, EDITED})
"""Columns of an import, placeholders of a template and kinds of masks, with which a kind would be confused."""


class IdentifierSettings(Strict):
    """One kind of identifier, under its name: ``[identifiers.imei]``.

    Kinds that are included (``imei``, ``serial``, ``rma``, ``order``, ``invoice``, ``contract``, ``ticket``,
    ``loyalty_card``, ``iban``) need no key; each key that is given replaces the included one.

    Args:
        title: By language, its name in the singular and in the plural: ``{ en = ["IMEI", "IMEIs"] }``. English is
            needed; another language without a title uses it.
        example: A made-up one, as people write it. It is shown where one is asked for.
        strength: What it proves of a record that bears it. ``one_person``: the record is that person's, as with a
            customer number. ``several_in_turn``: people have it one after the other, as a device. ``only_together``:
            it counts only beside a second, independent identifier of the person.
        lifetime: Of ``several_in_turn``: ``dated``, a record that bears nothing else is the person's within the time in
            which their other records, or the request, show it theirs, and in doubt otherwise; ``open``, it is theirs
            until another person is seen to use it, as with a telephone number.
        of: What bears it, such as ``device``, if two kinds are of one thing: they do not confirm each other.
        one_each: ``true`` if a person mostly has one, so that two different ones show two people.
        pattern: The regular expression that the whole identifier fulfils after normalisation.
        check: Its check digits: ``luhn``, ``mod97`` or ``none``.
        case: ``upper`` or ``lower`` if letters are compared without case, else ``keep``.
        separators: Signs without meaning that may stand anywhere in it.
        prefix: Letters in front that people leave out; they are added where they are missing.
        spelt: Further usual spellings, for systems that compare whole values. ``#`` stands for a character.
        searched: ``false`` if systems are not searched by it.
        learnt: ``false`` if it is not learnt from records of the person.
        shown: ``false`` if only its last four characters are shown.
    """

    title: dict[Annotated[str, Field(pattern="^[a-z]{2,3}$")], tuple[str, str]]
    example: str = Field(min_length=1, max_length=64)
    strength: Literal[Strength.ONE_PERSON, Strength.IN_TURN, Strength.TOGETHER]
    lifetime: Lifetime = Lifetime.DATED
    of: str = ""
    one_each: bool = False
    pattern: str
    check: CheckDigits = CheckDigits.NONE
    case: LetterCase = LetterCase.KEEP
    separators: str = ""
    prefix: str = ""
    spelt: tuple[Annotated[str, Field(pattern="#")], ...] = ()
    searched: bool = True
    learnt: bool = True
    shown: bool = True

    @field_validator("title")
    @classmethod
    def _is_in_english(cls, title: dict[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
        if "en" not in title:
            raise ValueError('give the English title too, like en = ["serial number", "serial numbers"]')
        return title

    @field_validator("pattern")
    @classmethod
    def _is_a_pattern(cls, pattern: str) -> str:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ValueError(f"this is no regular expression ({error.msg}); correct it") from None
        return pattern

    @model_validator(mode="after")
    def _has_a_valid_example(self) -> IdentifierSettings:
        if not _reads(self.form, self.example):
            raise ValueError("the example does not fulfil pattern and check; correct one of them")
        if self.lifetime is Lifetime.OPEN and self.strength is not Strength.IN_TURN:
            raise ValueError('lifetime is for strength = "several_in_turn"; remove it')
        return self

    @property
    def form(self) -> IdentifierForm:
        """How one is read."""
        return IdentifierForm(
            pattern=self.pattern,
            check=self.check,
            case=self.case,
            separators=self.separators,
            prefix=self.prefix,
            sentence=f"The {self.title['en'][0]} is not valid; give one like {self.example}.",
        )

    def declaration(self, name: str) -> KindDeclaration:
        """Return the declaration of the kind.

        Args:
            name: Its name.
        """
        return KindDeclaration(
            name=name,
            titles=self.title,
            strength=self.strength,
            read=self.form,
            lifetime=self.lifetime,
            one_each=self.one_each,
            thing=self.of,
            searched=self.searched,
            learnt=self.learnt,
            shown=self.shown,
            spelt=self.spelt,
            example=self.example,
        )


def _reads(form: IdentifierForm, example: str) -> bool:
    try:
        return bool(form(example, ""))
    except BadInput:
        return False


@cache
def included_kinds() -> Mapping[str, Mapping[str, Any]]:
    """Return the included declarations by their names."""
    text = files("rightsflow.config").joinpath("identifiers.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _with_included(value: object) -> object:
    """Put the included declarations below those that only name them or replace some of their keys.

    Raises:
        ValueError: A built-in kind is declared again, or a name has another meaning.
    """
    if not isinstance(value, dict):
        return value
    for name in value:
        if name in {declaration.name for declaration in BUILT_IN} | _RESERVED:
            raise ValueError(f"{name} is built in; remove the section, or give the kind another name")
        if name not in included_kinds() and not value[name]:
            raise ValueError(f"{name} is not included; give its keys, or use one of {', '.join(included_kinds())}")
    return {name: {**included_kinds().get(name, {}), **section} for name, section in value.items()}


Identifying = Annotated[dict[KindName, IdentifierSettings], BeforeValidator(_with_included)]
"""The section, with the included declarations that it names."""


def included_declarations() -> tuple[KindDeclaration, ...]:
    """Return the declarations of the included kinds, which a configuration may use by naming them."""
    return tuple(
        IdentifierSettings.model_validate(section).declaration(name) for name, section in included_kinds().items()
    )


def enter(sections: Mapping[str, IdentifierSettings]) -> tuple[IdentifierKind, ...]:
    """Enter the declared kinds into the table of this process, and return them.

    Args:
        sections: The sections by their names.

    Raises:
        Misconfigured: A kind is declared otherwise than when this process began.
    """
    declare_kinds(section.declaration(name) for name, section in sections.items())
    return tuple(map(IdentifierKind, sections))
