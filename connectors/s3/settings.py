"""Section ``[systems.…]`` with ``connector = "s3"``, above all the matching of a person's objects (``match``).

```toml
[systems.recordings]
connector = "s3"
bucket = "example-recordings"
prefix = "calls/"
match = { by = "metadata", keys = { caller = "phone", customer-id = "customer_id" } }
# or: match = { by = "tags", keys = { customer = "customer_id" } }
# or: match = { by = "key", template = "{date}/{phone}_" }
# or: match = { by = "contact", alias = "example", since = 2024-01-01 }
```
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Annotated, Literal, Self
from urllib.parse import quote, unquote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.settings import HttpSystemSettings, Issuer, OwnLine, Searchable, SecretRef, encrypted_endpoint
from rightsflow.domain.identifier_kinds import LetterCase
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, of_kind
from rightsflow.domain.spellings.fields import phone_spellings, readings
from rightsflow.domain.vocabulary.records import DocumentClass

_TOKEN = re.compile(r"\{(\w*)\}|(\*\*|…)|(\*)")
_DATE = re.compile(r"(\d{4})[-/]?(\d{2})[-/]?(\d{2})")
_PATTERNS = {"**": ".*?", "*": "[^/]*?", "date": r"(?:\d{8}|\d{4}-\d{2}-\d{2}|\d{4}/\d{2}/\d{2})"}
_SCHEMES = ("sip:", "sips:", "tel:")
# A number as it is dialled, or an address whose user it is.
_PHONE_PATTERN = r"(?:(?:sips?|tel)(?::|%3[Aa]))?(?:\+|%2[Bb])?\d+(?:(?:[@;]|%40|%3[Bb])[^/]*?)?"


class KeyTemplate:
    """A template, ready to search by and to read keys with.

    Args:
        text: The template.
        issuer: The system that issued the account ids in the keys.

    Raises:
        ValueError: It names no identifier, or one could not be told from a longer one that begins alike.
    """

    def __init__(self, text: str, issuer: str = "") -> None:
        self._issuer = issuer
        self._pieces = list(_tokens(text.rstrip("*…")))
        self.kinds = frozenset(kind for piece in self._pieces if (kind := _kind(piece)))
        if not self.kinds:
            raise ValueError("name an identifier in the template, like {customer_id}/ or calls/{phone}/")
        self._refuse_open_ends()
        self._groups: list[IdentifierKind | None] = []
        self._pattern = re.compile("".join(self._regex(piece) for piece in self._pieces), re.DOTALL)

    @property
    def beginning(self) -> str:
        """The fixed text that every key of this form begins with."""
        sort, text = self._pieces[0]
        return text if sort == "text" else ""

    def read(self, key: str, country: str) -> tuple[Identifiers, date | None] | None:
        """The identifiers and the day in a key, or ``None`` where the key is not of this form.

        Args:
            key: The key without the configured prefix.
            country: ISO 3166-1 alpha-2 code in which national numbers are read.
        """
        match = self._pattern.match(key)
        if match is None:
            return None
        named, day = set[Identifier](), None
        for kind, text in zip(self._groups, match.groups(), strict=True):
            if kind is None:
                day = day or _day(text)
            else:
                named |= readings(kind, unquote(text), countries=(country,), issuer=self._issuer)
        return frozenset(named), day

    def prefixes(self, known: Identifiers, country: str) -> list[str]:
        """Return the prefixes of all keys that name one of the identifiers, none inside another.

        Args:
            known: The identifiers.
            country: ISO 3166-1 alpha-2 code whose national spelling of a number is looked for too.
        """
        every = {
            prefix
            for kind in self.kinds
            for value in of_kind(known, kind, issuer=self._issuer)
            for prefix in self._prefixes_for(kind, value, country)
        }
        return _outermost(every)

    def _prefixes_for(self, kind: IdentifierKind, value: str, country: str) -> Iterator[str]:
        """Yield the fixed text at the beginning, extended by the identifier if that comes next."""
        head = self.beginning
        rest = self._pieces[1:] if head else self._pieces
        if _kind(rest[0]) is not kind or not _is_filled_in(kind):
            yield head
            return
        tail = rest[1][1] if len(rest) > 1 and rest[1][0] == "text" else ""
        if kind is not IdentifierKind.PHONE:
            yield from (f"{head}{spelling}{tail}" for spelling in _spellings_of_id(value))
            return
        for spelling in _in_keys(value, country):
            yield f"{head}{spelling}{tail}"
            yield from (f"{head}{address}" for address in _addresses(spelling))

    def _regex(self, piece: tuple[str, str]) -> str:
        sort, text = piece
        if sort == "text":
            return re.escape(text)
        if sort == "field":
            kind = _kind(piece)
            self._groups.append(kind)
            return f"({_PHONE_PATTERN if kind is IdentifierKind.PHONE else '[^/]+'})"
        if text == "date":
            self._groups.append(None)
            return f"({_PATTERNS[text]})"
        return _PATTERNS[text]

    def _refuse_open_ends(self) -> None:
        for piece, after in zip(self._pieces, [*self._pieces[1:], ("end", "")], strict=True):
            kind = _kind(piece)
            if kind and kind is not IdentifierKind.PHONE and not (after[0] == "text" and after[1].startswith("/")):
                raise ValueError(f"put a / after {{{kind}}}, or C-1 could not be told from C-12")
            if kind is IdentifierKind.PHONE and not (after[0] == "text" and not after[1][0].isdigit()):
                raise ValueError("put a character that is no digit after {phone}, such as / or _")


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Cut a template into (``text`` | ``field`` | ``any``, value)."""
    end = 0
    for found in _TOKEN.finditer(text):
        if found.start() > end:
            yield "text", text[end : found.start()]
        end = found.end()
        name, deep, _ = found.groups()
        if name is None:
            yield "any", "**" if deep else "*"
        elif name == "date":
            yield "any", name
        elif IdentifierKind.stored(name).finds:
            yield "field", name
        else:
            raise ValueError(
                "use {customer_id}, {account_id}, {email}, {phone}, {date} or a kind of [identifiers] in the template"
            )
    if end < len(text):
        yield "text", text[end:]


def _is_filled_in(kind: IdentifierKind) -> bool:
    """Return whether a prefix can be built of an identifier: its spelling is known, also its case.

    An e-mail address, or a code of which letters and signs vary, may be in a key in many ways: such keys are read.
    """
    form = kind.declaration.form
    varies = form is not None and (form.case is not LetterCase.KEEP or form.separators or form.prefix)
    return kind is not IdentifierKind.EMAIL and not varies


def _kind(piece: tuple[str, str]) -> IdentifierKind | None:
    return IdentifierKind(piece[1]) if piece[0] == "field" else None


def _day(text: str) -> date | None:
    match = _DATE.fullmatch(text)
    try:
        return date(*map(int, match.groups())) if match else None
    except ValueError:
        return None


def _spellings_of_id(value: str) -> Iterator[str]:
    """An id as keys have it: as it is and percent-encoded, its accents composed and, as macOS writes names, apart."""
    for form in ("NFC", "NFD"):
        spelling = unicodedata.normalize(form, value)
        yield from (spelling, quote(spelling, safe=""))


def _in_keys(number: str, country: str) -> Iterator[str]:
    """The spellings of one number that file names have: digits, and a plus sign that may be percent-encoded."""
    compact = [
        phone_spelling
        for phone_spelling in phone_spellings(number, (country,))
        if phone_spelling.removeprefix("+").isdigit()
    ]
    yield from (*compact, *(f"%2B{phone_spelling[1:]}" for phone_spelling in compact if phone_spelling.startswith("+")))


def _addresses(number: str) -> Iterator[str]:
    """Return the beginnings of the addresses whose user is a number, plain and percent-encoded."""
    for scheme in _SCHEMES:
        yield f"{scheme}{number}"
        yield quote(f"{scheme}{unquote(number)}", safe="")


def _outermost(prefixes: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for prefix in sorted(prefixes):
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept


class _Match(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    issuer: Issuer | Literal[""] = ""


class MatchByMetadata(_Match):
    """The objects' user metadata (``x-amz-meta-…``) name the person; every object under the prefix is looked at.

    Args:
        by: ``"metadata"``.
        keys: The metadata keys (without ``x-amz-meta-``) with the kinds of identifier that they hold.
        companions: ``true`` if an object that differs from a person's object only in its ending, and names no one
            itself (a transcript beside its recording), belongs to the person too.
        issuer: The system that issued the account ids, by its name in the configuration; by default this one.
    """

    by: Literal["metadata"]
    keys: dict[str, Searchable] = Field(min_length=1)
    companions: bool = True

    @field_validator("keys")
    @classmethod
    def _as_sent(cls, keys: dict[str, Searchable]) -> dict[str, Searchable]:
        # Header names have no case, and S3 gives them back in small letters.
        return {name.lower().removeprefix("x-amz-meta-"): kind for name, kind in keys.items()}


class MatchByTags(_Match):
    """The objects' tags name the person; every object under the prefix is looked at.

    Args:
        by: ``"tags"``.
        keys: The tags (with their case) with the kinds of identifier that they hold.
        companions: ``true`` if an object that differs from a person's object only in its ending belongs to the person
            too.
        issuer: The system that issued the account ids, by its name in the configuration; by default this one.
    """

    by: Literal["tags"]
    keys: dict[str, Searchable] = Field(min_length=1)
    companions: bool = True


class MatchByKey(_Match):
    """The objects' keys name the person.

    Args:
        by: ``"key"``.
        template: The beginning of the keys after ``prefix``, such as ``calls/{date}/{phone}_``: ``{customer_id}``,
            ``{account_id}``, ``{email}`` and ``{phone}`` stand for identifiers, ``{date}`` for a day, ``*`` for
            anything within one folder, ``**`` for anything at all.
        issuer: The system that issued the account ids, by its name in the configuration; by default this one.
    """

    by: Literal["key"]
    template: str

    @field_validator("template")
    @classmethod
    def _readable(cls, template: str) -> str:
        KeyTemplate(template)
        return template


class MatchByContact(_Match):
    """Amazon Connect's layout: folders by day, file names that begin with the contact id.

    The contact ids come from another system (a helpdesk's user field, a call-detail record) as account ids that this
    system issued; Amazon Connect's own search knows no telephone number.

    Args:
        by: ``"contact"``.
        alias: The instance's alias, as in the keys after ``connect/``.
        folders: The folders above ``YYYY/MM/DD``, ``{alias}`` filled in. The defaults are those Amazon documents
            for calls and chats; the storage settings of the instance say where screen recordings really lie, and
            files whose names begin with another id (attachments, e-mail bodies) are not found this way.
        since: The first day to search; by default all days.
        issuer: The system whose account ids the contact ids are, by default this one. A column or field elsewhere that
            holds contact ids names this system as its ``issuer``.
    """

    by: Literal["contact"]
    alias: Annotated[str, Field(pattern="^[A-Za-z0-9-]{1,62}$")]
    folders: tuple[str, ...] = (
        "connect/{alias}/CallRecordings",
        "connect/{alias}/CallRecordings/ivr",
        "connect/{alias}/ChatTranscripts",
        "connect/{alias}/ScreenRecordings",
        "Analysis/Voice",
        "Analysis/Voice/Redacted",
        "Analysis/Voice/ivr",
        "Analysis/Chat",
        "Analysis/Chat/Redacted",
        "Analysis/Email",
        "Analysis/Email/Redacted",
    )
    since: date | None = None


Match = Annotated[MatchByMetadata | MatchByTags | MatchByKey | MatchByContact, Field(discriminator="by")]


class DocumentRule(BaseModel):
    """The class of document of some objects; every given condition must hold.

    Args:
        prefix: The beginning of their keys.
        metadata: A metadata key (without ``x-amz-meta-``), with ``value``.
        tag: A tag (with its case), with ``value``.
        value: The value of that metadata key or tag.
        document_class: ``recording`` for client orders under MiFID II, ``trade_letter``, ``none``, …
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    prefix: str = ""
    metadata: str = ""
    tag: str = ""
    value: str = ""
    document_class: DocumentClass

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if bool(self.metadata) + bool(self.tag) != bool(self.value):
            raise ValueError("value belongs to metadata or to tag; give one of them with it")
        if not (self.prefix or self.value):
            raise ValueError("give a condition: prefix, or metadata or tag with value")
        return self


class S3Settings(HttpSystemSettings):
    """The section of one bucket.

    Args:
        bucket: The name of the bucket.
        match: The way in which a person's objects are found.
        prefix: The beginning of the keys to search; others are ignored.
        own_numbers: Lines of the controller that stand in this system only, beside those of ``[controller]``, in E.164;
            they name no person. A trailing ``*`` means a block. A
            version that names two other numbers is a recording of two people: it is not touched, and that is said.
        endpoint_url: The server, if it is not Amazon's.
        region: Its region; by default what boto3 finds in the environment.
        access_key_id: The id of a key; without it boto3's usual sources apply (environment, profile, role).
        secret_access_key: The key's secret.
        document_rules: The class of document of objects, by the beginning of their keys, their metadata or their tags;
            the first matching rule decides. Without a matching rule ``document_classes`` decides for its kind.
        restricted_tag: The tag's key that marks versions as restricted (Art. 18 GDPR); empty if none can be.
        card_code_tag: The tag's key by which a recorder or a person marks the seconds in which a card's security number
            was recorded, such as ``12.5-18.25 40-43@1`` (``@1`` for a channel): where a recording is kept they are
            muted in the store for good. Empty where nothing is marked.
    """

    bucket: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$")]
    match: Match
    prefix: str = ""
    own_numbers: tuple[OwnLine, ...] = ()
    endpoint_url: Annotated[str, AfterValidator(encrypted_endpoint)] | None = None
    region: str | None = None
    access_key_id: SecretRef | None = None
    secret_access_key: SecretRef | None = None
    document_rules: tuple[DocumentRule, ...] = ()
    restricted_tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9 _.:/=+@-]{0,128}$")] = ""
    card_code_tag: Annotated[str, Field(pattern=r"^[A-Za-z0-9 _.:/=+@-]{0,128}$")] = ""

    @model_validator(mode="after")
    def _key_and_secret(self) -> Self:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("give both access_key_id and secret_access_key, or neither")
        return self
