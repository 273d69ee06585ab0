"""The sort of data that a field has by its name: a column, a ticket field, a metadata key. Pure.

A name is a hint. It is read by its words (``billing_email``, ``eMailAddress``, ``cust-no``), in English and in the
languages of the neighbours, and by the long ones also where they are written together (``contactemail``). Words such as
*verified* or *count* show that the field is about a datum and does not hold it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rightsflow.domain.spellings.wordforms import fold

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\W\d_A-Za-z]+")


class FieldSort(StrEnum):
    """A sort of data; the value is the word for people."""

    SECRET = "password or key"  # noqa: S105 - the word for people
    EMAIL = "e-mail address"
    PHONE = "phone number"
    BIRTH_DATE = "date of birth"
    CUSTOMER_NUMBER = "customer number"
    NAME = "name of a person"
    LOGIN = "login name"
    NETWORK = "network address"
    ADDRESS = "postal address"
    FREE_TEXT = "free text"
    FILE = "file"
    LANGUAGE = "language"
    OTHER = ""
    """No sort that is known by name."""


IDENTITIES: Final = frozenset(
    {FieldSort.EMAIL, FieldSort.PHONE, FieldSort.BIRTH_DATE, FieldSort.CUSTOMER_NUMBER, FieldSort.NAME}
)
"""The sorts that name a person."""
PERSONAL: Final = IDENTITIES | {FieldSort.LOGIN, FieldSort.NETWORK, FieldSort.ADDRESS, FieldSort.FREE_TEXT}
"""The sorts that are about a person, or may be."""


def word_set(text: str) -> frozenset[str]:
    """Return the words of a vocabulary.

    Args:
        text: Words, with blanks between them.
    """
    return frozenset(text.split())


_ABOUT: Final = word_set(
    "verified verification confirmed confirmation validated valid enabled disabled active activated sent send count "
    "counter status state type types kind id ids at on until expires expiry time template subject format notify "
    "notification notifications opt optin optout consent consents subscribed required visible hidden hide show allow "
    "allowed is has can use used port host server provider quota limit max min failed bounced bounces error queue "
    "batch frequency settings setting preference preferences prefs index length size version hash digest domain flag"
)
"""Words by which a field is about a datum."""
_Phrases = tuple[tuple[frozenset[str], frozenset[str]], ...]


@dataclass(frozen=True, slots=True)
class _Rule:
    """How fields of a sort are called.

    Args:
        sort: The sort.
        parts: Texts that are of the sort wherever they occur in a word.
        words: Words that are, alone.
        phrases: Two words that are, one after the other.
        never: Words beside which the field is of another sort.
    """

    sort: FieldSort
    parts: tuple[str, ...]
    words: frozenset[str]
    phrases: _Phrases = ()
    never: frozenset[str] = _ABOUT

    def fits(self, words: tuple[str, ...]) -> bool:
        """Return True if a field of these words is of the sort."""
        if self.never.intersection(words):
            return False
        if self.words.intersection(words) or any(part in word for part in self.parts for word in words):
            return True
        return any(word in first and after in then for first, then in self.phrases for word, after in pairwise(words))


_PEOPLE: Final = word_set(
    "first last full given family middle maiden real display contact customer client billing bill shipping ship "
    "recipient guest person sender requester requestor submitter caller owner member patient birth christian "
    "cardholder holder account payer payee author reporter delivery invoice legal preferred cid comment"
)
NUMBERS: Final = word_set("no nr num number nummer code ref reference numero nbr")
"""Words by which fields with a number are called."""
_CLIENTS: Final = word_set(
    "customer client cust kunde kunden member membership debtor debitor debitoren patient cliente"
)
_SECRET_PARTS: Final = ("password", "passwd", "passwort", "secret", "passphrase")
_FIRST_NAMES: Final = (
    *("firstname", "lastname", "fullname", "surname", "vorname", "nachname", "realname", "displayname", "forename"),
    *("middlename", "givenname", "familyname", "contactname"),
)
_NUMBER_PARTS: Final = ("kundennr", "kundennummer", "custno", "customerno", "customernumber", "membernumber")
_RULES: Final = (
    _Rule(
        FieldSort.SECRET,
        _SECRET_PARTS,
        word_set("pwd pass salt token tokens otp apikey totp csrf nonce"),
        ((word_set("api access private public encryption activation reset auth session"), word_set("key code hash")),),
        word_set("changed expires expiry at on count date time"),
    ),
    _Rule(
        FieldSort.FILE,
        ("filename", "filepath", "recordingfile"),
        word_set("recording"),
        ((word_set("file disk image attachment document audio"), word_set("name path file filename location url")),),
        word_set("id ids size type count"),
    ),
    _Rule(
        FieldSort.EMAIL,
        ("email", "mailaddress", "mailadresse"),
        word_set("mail mails courriel correo"),
        ((word_set("e"), word_set("mail mails")),),
        _ABOUT | word_set("box folder dir imap pop smtp"),
    ),
    _Rule(
        FieldSort.PHONE,
        ("phone", "telefon", "mobil", "msisdn", "callerid", "whatsapp", "handynummer"),
        word_set("tel cell fax handy gsm sms caller callee calling called clid ani dnis telno telnr cellular"),
        phrases=((word_set("sender destination recipient contact remote"), word_set("number nr no nummer")),),
        never=_ABOUT | word_set("name model brand os app country area prefix zone extension minutes"),
    ),
    _Rule(
        FieldSort.BIRTH_DATE,
        ("birthd", "geburtsdat", "geburtstag", "dateofbirth"),
        word_set("dob born"),
        (
            (word_set("birth naissance nacimiento"), word_set("date day dt")),
            (word_set("of date de"), word_set("birth naissance nacimiento")),
        ),
        _ABOUT - {"on", "at"} | word_set("place country city name year"),
    ),
    _Rule(FieldSort.CUSTOMER_NUMBER, _NUMBER_PARTS, word_set("kdnr"), ((_CLIENTS, NUMBERS),)),
    _Rule(
        FieldSort.NAME,
        _FIRST_NAMES,
        word_set("fname lname prenom apellido apellidos cognome payer payee cardholder achternaam voornaam"),
        ((_PEOPLE, word_set("name names")),),
    ),
    _Rule(
        FieldSort.LOGIN,
        ("username", "loginname", "nickname"),
        word_set("login userid uid nick screenname"),
        ((word_set("user login screen"), word_set("name")),),
        _ABOUT - {"id"} | word_set("last date attempts ip"),
    ),
    _Rule(
        FieldSort.NETWORK,
        ("ipaddr", "useragent"),
        word_set("ip ipv ipaddress"),
        ((word_set("remote client user mac"), word_set("addr address agent host")),),
        word_set("count allowed allow"),
    ),
    _Rule(
        FieldSort.ADDRESS,
        ("street", "strasse", "postcode", "zipcode", "postalcode", "hausnr", "address"),
        word_set("addr zip plz adresse anschrift postal house city town locality rue"),
        never=_ABOUT | word_set("mac"),
    ),
    _Rule(
        FieldSort.FREE_TEXT,
        ("comment", "remark", "description", "bemerkung", "beschreibung"),
        word_set(
            "note notes text body message content contents memo notiz notizen feedback transcript summary reply "
            "question answer statement biography bio about subject title"
        ),
        never=_ABOUT - {"subject"},
    ),
    _Rule(FieldSort.LANGUAGE, (), word_set("language lang locale sprache langue")),
)


@lru_cache(maxsize=8192)
def words_of(name: str) -> tuple[str, ...]:
    """Return the words of a field's name, folded: ``cust_eMail2`` gives ``cust``, ``e``, ``mail``.

    Args:
        name: The name, in any of the usual styles.
    """
    return tuple(fold(word) for word in _WORD.findall(name))


@lru_cache(maxsize=8192)
def sort_of(name: str) -> FieldSort:
    """Return the sort of data that a field has by its name.

    Args:
        name: The name.
    """
    words = words_of(name)
    return next((rule.sort for rule in _RULES if rule.fits(words)), FieldSort.OTHER)


_ENDINGS: Final = (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh"))
_SHORTEST_PLURAL: Final = 4


def singular(word: str) -> str:
    """Return a folded English noun in the singular, as names of tables and of columns need to be compared.

    Args:
        word: The noun.
    """
    if word == "people":
        return "person"
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) > len(ending) + 1:
            return word[: -len(ending)] + instead
    is_plural = word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) >= _SHORTEST_PLURAL
    return word[:-1] if is_plural else word


def nouns_of(name: str) -> tuple[str, ...]:
    """Return the words of a name, each in the singular.

    Args:
        name: The name.
    """
    return tuple(map(singular, words_of(name)))
