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

from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, field_validator, model_validator

from connectors.s3.template import KeyTemplate
from connectors.settings import HttpSystemSettings, Issuer, OwnLine, SecretRef, encrypted_endpoint
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.records import DocumentClass

Searchable = Literal[IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID]


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
            they name no person. A trailing ``*`` stands for a block. A
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
