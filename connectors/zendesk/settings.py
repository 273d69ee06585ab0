"""Section of a Zendesk account in the configuration."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import EmailStr, Field, field_validator, model_validator

from connectors.http import ServiceUrl
from connectors.settings import FieldName, HttpSystemSettings, Issuer, Searchable, SecretRef, Strict
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.vocabulary.records import DocumentClass


class TicketRule(Strict):
    """The class of document of some tickets; every given condition must hold.

    Args:
        form: The id of the ticket form.
        brand: The id of the brand.
        tag: A tag of the ticket.
        field: The id of a custom field, with ``value``.
        value: The value of that field; for a multi-select field one of its values.
        document_class: ``trade_letter``, ``voucher``, ``complaint_file``, ``none``, …
    """

    form: int | None = None
    brand: int | None = None
    tag: str = ""
    field: int | None = None
    value: str = ""
    document_class: DocumentClass

    @model_validator(mode="after")
    def _has_a_condition(self) -> Self:
        if (self.field is None) != (not self.value):
            raise ValueError("field and value belong together; give both or neither")
        if self.form is None and self.brand is None and not self.tag and self.field is None:
            raise ValueError("give a condition: form, brand, tag, or field with value")
        return self


class ZendeskSettings(HttpSystemSettings):
    """The settings of one Zendesk account.

    Args:
        base_url: ``https://{subdomain}.zendesk.com``.
        client_id: The OAuth client's name (Admin Center, Apps and integrations, OAuth clients); its client
            credentials act as the administrator it belongs to.
        client_secret: The OAuth client's secret.
        scope: The scopes to ask for, separated by spaces.
        api_user: E-mail address of the administrator as whom a legacy API token acts.
        api_token: A legacy API token; Zendesk switches them off on 2027-04-30.
        customer_id_field: The field with the controller's customer id: ``external_id``, or the key of a user field.
        account_id_fields: The keys of user fields that hold the person's account ids in other systems, each with the
            system that issued them: ``{ payment_customer = "payments" }``.
        identifier_fields: The keys of user fields that hold identifiers that ``[identifiers]`` declares, each with its
            kind: ``{ device = "imei" }``.
        birth_date_field: The key of the user field (of type date) with the date of birth: a profile with another date
            than the person's is left to an officer. Empty if there is none.
        default_locale: The language that the account gives to profiles by default (Admin Center, Account,
            Localization), such as ``en-US``. A profile with another language shows the person's language; without this
            setting none does.
        search_deleted: ``true`` to search the list of deleted users for soft-deleted profiles of the person. It has no
            search of its own, so in accounts with very many deletions this takes minutes.
        calls_per_minute: The account's limit by its plan (Suite Team 200, Professional 400, Enterprise 700). Zendesk's
            own limit in each answer takes precedence (:mod:`connectors.pacing`).
        attachment_hosts: Further hosts for attachments and recordings, including their subdomains; Zendesk serves files
            from its own. A host in a network of your own must be named exactly.
        document_rules: The class of document of tickets, by form, brand, tag or custom field; the first matching rule
            decides. Without a matching rule ``document_classes = { ticket = … }`` decides.
        restricted_tag: The tag of tickets and profiles that are restricted (Art. 18 GDPR); empty if none can be.
        rectify: Further fields of a profile that a rectification may write (Art. 16 GDPR), beside ``name``, ``email``
            and ``phone``, by the words of a correction: keys of user fields, or ``notes``, ``details``, ``alias``.
            ``statement`` names where supplementary statements are added: ``{ statement = "notes" }``.
        ticket_fields: Ticket fields by their content, ``{ "date of birth" = 360001 }``: if a ticket is retained by law,
            the fields that the law does not need are emptied ([retention] needed).
        ticket_identifier_fields: Ticket fields that hold identifiers, by the field's id with the kind:
            ``{ 360002 = "imei", 360003 = "customer_id" }``. Tickets are searched by them, own tickets teach
            them, and a redaction empties them.
        restricted_group: The id of the group that restricted tickets are moved to.
        timeout: Seconds without a byte of an answer.
        job_poll_seconds: Seconds between two looks at a background job.
        job_wait_seconds: Seconds after which a background job is left to a later run.
    """

    base_url: ServiceUrl
    client_id: str = ""
    client_secret: SecretRef | None = None
    scope: str = "read write"
    api_user: EmailStr | None = None
    api_token: SecretRef | None = None
    customer_id_field: str = "external_id"
    account_id_fields: dict[str, Issuer] = Field(default_factory=dict)
    identifier_fields: dict[str, Searchable] = Field(default_factory=dict)
    birth_date_field: str = ""
    default_locale: str = ""
    search_deleted: bool = True
    calls_per_minute: int = Field(default=200, ge=1)
    attachment_hosts: tuple[str, ...] = ("zdusercontent.com",)
    document_rules: tuple[TicketRule, ...] = ()
    restricted_tag: Annotated[str, Field(pattern=r"^[a-z0-9_/-]{0,60}$")] = ""
    rectify: dict[FieldName, str] = Field(default_factory=dict)
    ticket_fields: dict[FieldName, int] = Field(default_factory=dict)
    ticket_identifier_fields: dict[int, Searchable] = Field(default_factory=dict)
    restricted_group: int | None = None
    timeout: float = Field(default=30.0, gt=0, le=300)
    job_poll_seconds: float = Field(default=2.0, gt=0, le=60)
    job_wait_seconds: float = Field(default=120.0, gt=0, le=1800)

    @field_validator("account_id_fields", mode="before")
    @classmethod
    def _says_who_issued_them(cls, fields: object) -> object:
        if not isinstance(fields, dict):
            example = 'like { payment_customer = "payments" }'
            raise ValueError(f"name the system that issued the ids of each field, {example}")  # noqa: TRY004 - pydantic's
        return fields

    @field_validator("ticket_identifier_fields")
    @classmethod
    def _no_account_ids(cls, fields: dict[int, IdentifierKind]) -> dict[int, IdentifierKind]:
        if IdentifierKind.ACCOUNT_ID in fields.values():
            raise ValueError("account ids of other systems are read from profiles: use account_id_fields")
        return fields

    @field_validator("default_locale")
    @classmethod
    def _is_a_language(cls, tag: str) -> str:
        if tag.strip() and not language_on_file(tag):
            raise ValueError("give the language as its code, like de or en-US")
        return language_on_file(tag)

    @model_validator(mode="after")
    def _has_one_way_to_sign_in(self) -> Self:
        oauth = bool(self.client_id and self.client_secret)
        token = bool(self.api_user and self.api_token)
        if oauth == token:
            raise ValueError("give client_id and client_secret (or, until 2027-04-30, api_user and api_token)")
        return self
