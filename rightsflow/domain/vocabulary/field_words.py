"""The words in which a record's fields and codes are shown to the person (Art. 12(1) GDPR: intelligible).

A connector declares the words of its vendor for each kind of record; what it does not name is shown by rules that hold
for every system. The files for programs keep the vendor's own names and codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_NONE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentFields:
    """The fields by which a record of a payment identifies it, so that each payment is reported once.

    Args:
        key: The field with the record's own key.
        links: The fields with the keys of other records that tell of the same payment.
        is_payment: Whether such a record is a payment by itself; a refund or a dispute only belongs to one.
        rank: Which record names date, amount and status where several tell of one payment: the lowest.
        when: The fields with the date, the first that has a value.
        amount: The fields with the amount and its currency.
        status: The fields with the state.
        what: The fields with a description.
    """

    key: str = "id"
    links: frozenset[str] = frozenset()
    is_payment: bool = True
    rank: int = 0
    when: tuple[str, ...] = ("created",)
    amount: tuple[str, ...] = ("amount_readable",)
    status: tuple[str, ...] = ("status",)
    what: tuple[str, ...] = ("description",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldWords:
    """The words for the fields and codes of one kind of record.

    Args:
        labels: The label by the field's name in the record, for example ``{"last4": "Last four digits"}``.
        codes: What the codes of a field mean: field → code → words.
        payment: How the record tells of a payment; ``None`` where it tells of none.
    """

    labels: Mapping[str, str] = field(default_factory=lambda: _NONE)
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=lambda: MappingProxyType({}))
    payment: PaymentFields | None = None

    def label(self, name: str) -> str:
        """Return the label of a field; empty where none is declared."""
        return self.labels.get(name, "")

    def code_label(self, name: str, code: str) -> str:
        """Return a code in words, with the code itself where it differs; empty where no words are declared.

        Args:
            name: The field's name in the record.
            code: Its value.
        """
        key, common = code.casefold(), _COMMON.get(name, _NONE)
        words = self.codes.get(name, common).get(key, "")
        if not words or words.casefold() == key.replace("_", " "):
            return words
        return f"{words} ({code.upper() if name in _COMMON else code})"

    def meanings(self) -> frozenset[str]:
        """Return the words of all codes that are declared, as :meth:`code_label` gives them."""
        declared = {**_COMMON, **self.codes}
        return frozenset(self.code_label(name, code) for name, codes in declared.items() for code in codes)


PLAIN = FieldWords()
"""Words for a kind whose connector declares none."""

# ISO 4217 and ISO 3166-1: the currencies and countries of Europe, and the most frequent others.
_CURRENCIES = {
    "eur": "euro",
    "gbp": "pound sterling",
    "usd": "US dollar",
    "chf": "Swiss franc",
    "pln": "Polish zloty",
    "czk": "Czech koruna",
    "dkk": "Danish krone",
    "sek": "Swedish krona",
    "nok": "Norwegian krone",
    "huf": "Hungarian forint",
    "ron": "Romanian leu",
    "bgn": "Bulgarian lev",
    "isk": "Icelandic króna",
    "try": "Turkish lira",
    "uah": "Ukrainian hryvnia",
    "jpy": "Japanese yen",
    "cny": "Chinese yuan",
    "cad": "Canadian dollar",
    "aud": "Australian dollar",
}
_COUNTRIES = {
    "at": "Austria",
    "be": "Belgium",
    "bg": "Bulgaria",
    "ch": "Switzerland",
    "cy": "Cyprus",
    "cz": "Czechia",
    "de": "Germany",
    "dk": "Denmark",
    "ee": "Estonia",
    "es": "Spain",
    "fi": "Finland",
    "fr": "France",
    "gb": "United Kingdom",
    "gr": "Greece",
    "hr": "Croatia",
    "hu": "Hungary",
    "ie": "Ireland",
    "is": "Iceland",
    "it": "Italy",
    "li": "Liechtenstein",
    "lt": "Lithuania",
    "lu": "Luxembourg",
    "lv": "Latvia",
    "mt": "Malta",
    "nl": "Netherlands",
    "no": "Norway",
    "pl": "Poland",
    "pt": "Portugal",
    "ro": "Romania",
    "se": "Sweden",
    "si": "Slovenia",
    "sk": "Slovakia",
    "us": "United States",
}
_COMMON: Mapping[str, Mapping[str, str]] = {"currency": _CURRENCIES, "country": _COUNTRIES}
