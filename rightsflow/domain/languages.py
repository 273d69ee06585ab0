"""The languages of the people who ask: until letters are translated, each says in theirs that it is in English."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.errors import BadInput

ENGLISH: Final = "en"
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_OF_NOBODY: Final = frozenset({"mul", "und", "zxx"})
"""Subtags that name no language: several, undetermined, no linguistic content (ISO 639-2)."""


class LanguageSource(StrEnum):
    """The source of a person's language; the first source with an answer counts."""

    REQUEST = "request"
    RECORD = "record"
    """The language that the systems have on file for the person."""
    COUNTRY = "country"
    OPENING = ""
    """The request or the country: a case that was opened before it was noted which."""


@dataclass(frozen=True, slots=True)
class KnownLanguage:
    """A person's language.

    Args:
        tag: A BCP 47 tag; empty where it is not known.
        source: From what it is known.
    """

    tag: str
    source: LanguageSource


@dataclass(frozen=True, slots=True)
class LanguageNotice:
    """A letter's notice in one language.

    Args:
        name: The language's own name for itself.
        in_english: That the letter is in English.
        help: In which languages help is given; ends before their list.
    """

    name: str
    in_english: str
    help: str


NOTICES: Mapping[str, LanguageNotice] = MappingProxyType(
    {
        "bg": LanguageNotice("български", "Това писмо е на английски език.", "Можем да Ви помогнем на следните езици"),
        "cs": LanguageNotice("čeština", "Tento dopis je v angličtině.", "Pomůžeme Vám v těchto jazycích"),
        "da": LanguageNotice("dansk", "Dette brev er på engelsk.", "Vi kan hjælpe dig på følgende sprog"),
        "de": LanguageNotice("Deutsch", "Dieser Brief ist auf Englisch.", "Wir helfen Ihnen in diesen Sprachen"),
        "el": LanguageNotice(
            "ελληνικά", "Η επιστολή αυτή είναι στα αγγλικά.", "Μπορούμε να σας βοηθήσουμε στις εξής γλώσσες"
        ),
        "en": LanguageNotice("English", "This letter is in English.", "We can help you in these languages"),
        "es": LanguageNotice("español", "Esta carta está en inglés.", "Podemos ayudarle en estos idiomas"),
        "et": LanguageNotice("eesti keel", "See kiri on inglise keeles.", "Saame teid aidata järgmistes keeltes"),
        "fi": LanguageNotice("suomi", "Tämä kirje on englanniksi.", "Voimme auttaa teitä seuraavilla kielillä"),
        "fr": LanguageNotice("français", "Cette lettre est en anglais.", "Nous pouvons vous aider dans ces langues"),
        "ga": LanguageNotice("Gaeilge", "Tá an litir seo i mBéarla.", "Is féidir linn cabhrú leat sna teangacha seo"),
        "hr": LanguageNotice(
            "hrvatski", "Ovo je pismo na engleskom jeziku.", "Možemo Vam pomoći na sljedećim jezicima"
        ),
        "hu": LanguageNotice("magyar", "Ez a levél angol nyelvű.", "Az alábbi nyelveken tudunk segíteni"),
        "it": LanguageNotice("italiano", "Questa lettera è in inglese.", "Possiamo aiutarla in queste lingue"),
        "lt": LanguageNotice("lietuvių", "Šis laiškas yra anglų kalba.", "Galime jums padėti šiomis kalbomis"),
        "lv": LanguageNotice("latviešu", "Šī vēstule ir angļu valodā.", "Varam jums palīdzēt šādās valodās"),
        "mt": LanguageNotice("Malti", "Din l-ittra hija bl-Ingliż.", "Nistgħu ngħinuk f'dawn il-lingwi"),
        "nl": LanguageNotice("Nederlands", "Deze brief is in het Engels.", "Wij kunnen u helpen in deze talen"),
        "pl": LanguageNotice("polski", "Ten list jest w języku angielskim.", "Możemy pomóc w następujących językach"),
        "pt": LanguageNotice("português", "Esta carta está em inglês.", "Podemos ajudar nas seguintes línguas"),
        "ro": LanguageNotice(
            "română", "Această scrisoare este în limba engleză.", "Vă putem ajuta în următoarele limbi"
        ),
        "sk": LanguageNotice("slovenčina", "Tento list je v angličtine.", "Môžeme Vám pomôcť v týchto jazykoch"),
        "sl": LanguageNotice("slovenščina", "To pismo je v angleščini.", "Pomagamo vam lahko v naslednjih jezikih"),
        "sv": LanguageNotice("svenska", "Det här brevet är på engelska.", "Vi kan hjälpa dig på följande språk"),
    }
)
"""The 24 official languages of the European Union (Reg. 1/1958)."""

_OF_COUNTRIES: Mapping[str, str] = MappingProxyType(
    {
        **{code.upper(): code for code in ("bg", "de", "es", "fi", "fr", "hr", "hu", "it", "lt", "lv", "mt", "nl")},
        **{code.upper(): code for code in ("pl", "pt", "ro", "sk")},
        "AT": "de",
        "BE": "nl",
        "CY": "el",
        "CZ": "cs",
        "DK": "da",
        "EE": "et",
        "GR": "el",
        "LI": "de",
        "LU": "fr",
        "SE": "sv",
        "SI": "sl",
        "CH": "de",
        "GB": "en",
        "IE": "en",
        "US": "en",
        "AU": "en",
        "NZ": "en",
    }
)
"""The language that most people of a country read; where there are several official ones, the request's counts."""


def read_language(text: str) -> str:
    """Read a language as a BCP 47 tag; empty for none.

    Args:
        text: As it was typed.

    Raises:
        BadInput: It is no such tag.
    """
    tag = text.strip().replace("_", "-")
    if tag and (len(tag) > 35 or not _TAG.fullmatch(tag)):
        raise BadInput("The language is not valid; give its code, like de or pt-BR.")
    primary, _, rest = tag.partition("-")
    return f"{primary.lower()}-{rest}" if rest else primary.lower()


def language_on_file(value: object) -> str:
    """Read a language as a system has it on file; empty for no language, which is no mistake of a person here.

    Args:
        value: What stands in the field, such as ``de``, ``pt-BR`` or ``de_AT``.
    """
    try:
        tag = read_language(value) if isinstance(value, str) else ""
    except BadInput:
        return ""
    return "" if primary_of(tag) in _OF_NOBODY else tag


def primary_of(tag: str) -> str:
    """Return the primary subtag: ``de`` of ``de-AT``."""
    return tag.partition("-")[0]


def agreed(tags: Iterable[str]) -> str:
    """Return the language of which all records that name one agree; empty if none does, or if they disagree.

    Which record is the most recent is not known, so none of several counts before the others.

    Args:
        tags: What each record has on file, a BCP 47 tag; empty where it has nothing.

    Returns:
        The tag where it is the same everywhere, else the primary subtag that all share.
    """
    named = {tag for tag in tags if tag}
    primaries = {primary_of(tag) for tag in named}
    if len(primaries) != 1:
        return ""
    return next(iter(named if len(named) == 1 else primaries))


def language_known(noted: KnownLanguage, on_file: Iterable[str]) -> KnownLanguage:
    """Return the person's language: that of the request, else what their records agree on, else that of the country.

    Args:
        noted: What was noted when the case was opened.
        on_file: What each of the person's records has on file, as for :func:`agreed`.
    """
    if noted.tag and noted.source is not LanguageSource.COUNTRY:
        return noted
    tag = agreed(on_file)
    return KnownLanguage(tag, LanguageSource.RECORD) if tag else noted


def language_of(given: str, *countries: str) -> str:
    """Return the language of a person: the given one, else that of the first country that has one here.

    Args:
        given: A BCP 47 tag; empty where it is not known.
        countries: ISO 3166-1 alpha-2 codes, the person's first; empty ones are passed over.

    Returns:
        A BCP 47 tag, or nothing.
    """
    return given or next((_OF_COUNTRIES[country] for country in countries if country in _OF_COUNTRIES), "")


_ENGLISH_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "ar": "Arabic",
        "bg": "Bulgarian",
        "cs": "Czech",
        "da": "Danish",
        "de": "German",
        "el": "Greek",
        "en": "English",
        "es": "Spanish",
        "et": "Estonian",
        "fi": "Finnish",
        "fr": "French",
        "ga": "Irish",
        "hr": "Croatian",
        "hu": "Hungarian",
        "is": "Icelandic",
        "it": "Italian",
        "ja": "Japanese",
        "ko": "Korean",
        "lt": "Lithuanian",
        "lv": "Latvian",
        "mt": "Maltese",
        "nb": "Norwegian",
        "nl": "Dutch",
        "no": "Norwegian",
        "pl": "Polish",
        "pt": "Portuguese",
        "ro": "Romanian",
        "ru": "Russian",
        "sk": "Slovak",
        "sl": "Slovenian",
        "sr": "Serbian",
        "sv": "Swedish",
        "tr": "Turkish",
        "uk": "Ukrainian",
        "zh": "Chinese",
    }
)


def language_name(tag: str) -> str:
    """Return the English name of a language, such as ``German (de-AT)``; the tag alone if the language is not listed.

    Args:
        tag: A BCP 47 tag.
    """
    primary = primary_of(tag).lower()
    name = _ENGLISH_NAMES.get(primary, "")
    if not name:
        return tag
    return name if tag.lower() == primary else f"{name} ({tag})"


def notice_in(language: str, helped_in: Sequence[str]) -> str:
    """Return an English letter's notice to a reader of another language, in theirs if it is an EU one, and in English.

    Args:
        language: The reader's, a BCP 47 tag; empty where it is not known.
        helped_in: The languages in which the controller gives help, BCP 47 tags; nothing is offered where it has none.
    """
    primary = primary_of(language)
    if primary in {"", ENGLISH}:
        return ""
    codes = [primary_of(tag) for tag in helped_in]
    named = ", ".join(NOTICES[item].name if item in NOTICES else item for item in codes)
    notices = [NOTICES[item] for item in (primary, ENGLISH) if item in NOTICES]
    return "\n".join(f"{item.in_english} {item.help}: {named}." if named else item.in_english for item in notices)
