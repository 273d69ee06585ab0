"""The configuration file ``rightsflow.toml``: who answers for what, which systems there are, why they hold data.

It is validated as a whole before anything starts, with messages that name the key and the mend. What a connector
needs beyond :class:`SystemSettings` is validated by the connector itself (``connectors.registry``).
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import (
    AfterValidator,
    AnyHttpUrl,
    BaseModel,
    ConfigDict,
    EmailStr,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
    model_validator,
)

from rightsflow.config.secret_references import SecretRef
from rightsflow.domain.deadlines.alerts.ladder import Audience, DueSoon, Ladder
from rightsflow.domain.deadlines.forecast import Expectation, Part
from rightsflow.domain.deadlines.working_days import Place, holiday_names
from rightsflow.domain.erasure.brakes import BrakeRule
from rightsflow.domain.erasure.retention import DocumentClass, FinancialYear, Sector
from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.languages import read_language
from rightsflow.domain.law import LAWS, AnsweredRegime, Law
from rightsflow.domain.own_lines import own_line, read_line
from rightsflow.domain.people import folded

M = TypeVar("M", bound=BaseModel)


def _known_timezone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("use a name of the IANA time zone database, like Europe/Berlin")
    return name


def _day_of_year(text: str) -> str:
    try:
        date.fromisoformat(f"2023-{text}")
    except ValueError:
        raise ValueError("give the day on which the financial year begins as MM-DD, such as 04-01") from None
    return text


class Strict(BaseModel):
    """A section that refuses keys it does not know, so that a typing error is found."""

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


def _language(text: str) -> str:
    try:
        return read_language(text)
    except BadInput as error:
        raise ValueError(str(error)) from None


Language = Annotated[str, AfterValidator(_language)]
"""The type of a language in the configuration: a BCP 47 tag."""


class Authority(Strict):
    """The supervisory authority the letters name (Art. 13(2)(d), 15(1)(f) GDPR).

    Args:
        name: Its name.
        url: Where complaints are made.
    """

    name: str
    url: AnyHttpUrl


class Controller(Strict):
    """The controller (Art. 4(7) GDPR) who answers the requests.

    Args:
        name: As it stands in the letters.
        address: The postal address, for the letters; may be empty.
        phones: Its own lines in any spelling, a block of them as ``+4930901*``. They name no person: connectors do not
            take them for a customer's, and they stay readable in an access package.
        help_languages: The languages in which it helps people who ask, as codes like ``de``: letters are in English so
            far, and say so in the person's language with this offer. Without any, no help is offered.
        domains: Its own mail domains, beside those of the owners' addresses; addresses there stay readable.
        names: Further names of its own (brands, call centres, bots) that are nobody's personal data.
        country: ISO 3166-1 alpha-2 code; its holidays and retention laws apply.
        subdivision: ISO 3166-2 code without the country; empty for none.
        timezone: IANA name; it fixes on which day a request was received.
        regime: The law that the requests come under. The clock knows the dates of further laws, for
            `rightsflow due-dates`, but their letters are not written yet.
        authority: The supervisory authority that the letters name.
        automated_decisions: The statement of Art. 15(1)(h): that no decision is made by automated means alone, or the
            logic, significance and consequences of those that are. It has no default, since the controller alone
            knows; access requests cannot be answered without it.
        review_nothing_held: Whether a person decides before the answer "we hold no data about you" goes out. ``false``
            lets it go out without one where every system proved that its mappings find identifiers.
        sector: Whether stricter rules of retention apply: ``supervised_finance`` (in Germany under BaFin) or
            ``investment_firm`` (records client orders under MiFID II); ``general`` otherwise.
        financial_year: The day on which the financial year begins, as MM-DD; ``01-01`` for the calendar year.
        oss: Whether sales are declared through the Union's One Stop Shop: vouchers are then records of such sales too
            (10 years), unless ``document_classes`` or a rule of the system says ``voucher`` of them.
    """

    name: str
    address: str = ""
    phones: tuple[str, ...] = ()
    help_languages: tuple[Language, ...] = ()
    domains: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]
    subdivision: str = ""
    timezone: Annotated[str, AfterValidator(_known_timezone)]
    regime: AnsweredRegime = "gdpr"
    authority: Authority
    automated_decisions: str = ""
    review_nothing_held: bool = True
    sector: Sector = Sector.GENERAL
    financial_year: Annotated[str, AfterValidator(_day_of_year)] = "01-01"
    oss: bool = Field(default=False, strict=True)

    @property
    def bookkeeping_year(self) -> FinancialYear:
        """When the financial year ends."""
        month, _, day = self.financial_year.partition("-")
        return FinancialYear.from_start(int(month), int(day))

    @field_validator("country", "subdivision")
    @classmethod
    def _has_holidays(cls, code: str, info: ValidationInfo) -> str:
        country, subdivision = (code, "") if info.field_name == "country" else (info.data.get("country", ""), code)
        try:
            holiday_names(Place(country, subdivision), 2018)  # any year tells whether there is a table
        except BadInput as error:
            raise ValueError(str(error)) from None
        return code

    @model_validator(mode="after")
    def _has_readable_lines(self) -> Self:
        for one in self.phones:
            read_line(one, self.country)
        return self

    @property
    def lines(self) -> tuple[str, ...]:
        """Its own lines in E.164; a trailing ``*`` stands for a block."""
        return tuple(read_line(one, self.country) for one in self.phones)

    @property
    def law(self) -> Law:
        """The law that the requests come under, as it is cited."""
        return LAWS[self.regime]

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that fixes on which day a request was received."""
        return ZoneInfo(self.timezone)


CASE_OWNER = "case_owner"
"""The role that answers for a case until it is handed over."""


class Person(Strict):
    """Somebody who answers for cases or is told of them.

    Args:
        name: The role or the person, as letters and alerts name it.
        email: Where alerts go.
        held_by: The person behind a role, where ``name`` is a role's.
    """

    name: str = Field(min_length=1)
    email: EmailStr
    held_by: str = ""

    @property
    def full_name(self) -> str:
        """The role with the person behind it."""
        return f"{self.name} ({self.held_by})" if self.held_by else self.name


class Owners(Strict):
    """Who answers for a case and who is told next.

    Args:
        case_owner: Owns every case until it is handed over.
        dpo: The data protection officer.
        management: Who is told when a date is about to be missed.
    """

    case_owner: Person
    dpo: Person
    management: Person


class MailServer(Strict):
    """An SMTP server to send through.

    Args:
        host: Its name.
        port: Its port.
        security: ``starttls``, ``tls`` from the first byte, or ``none`` on a machine's own loopback.
        username: For its login; empty for none.
        password: A reference to it.
        sender: The address that mails come from.
    """

    host: str = Field(min_length=1)
    port: Annotated[int, Field(ge=1, le=65535)] = 587
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: SecretRef | None = None
    sender: EmailStr

    @field_validator("security")
    @classmethod
    def _keeps_secrets(cls, security: str, info: ValidationInfo) -> str:
        if security == "none" and not _is_this_machine(info.data.get("host", "")):
            raise ValueError(
                "without encryption anybody on the way could read the mail and the login; use starttls or tls "
                "(none is for a server on this machine, such as localhost)"
            )
        return security


def _is_this_machine(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


class Notifications(Strict):
    """How alerts reach people.

    Args:
        mail: The mail server; without one nobody is told by e-mail.
        channels: Notification blocks of Prefect as ``<type>/<name>``, such as ``slack-webhook/privacy-team``; every
            alert goes there too.
        link_base: The address of Prefect's UI as people reach it; empty for the one that Prefect's settings name.
    """

    mail: MailServer | None = None
    channels: tuple[Annotated[str, Field(pattern="^[a-z0-9-]+/[a-z0-9-]+$")], ...] = ()
    link_base: str = ""


class WatchRules(Strict):
    """The ladder of alerts.

    Args:
        due_soon: The alerts before the date to work to, the earliest first.
        missed: Who is told each day after the date to work to, and after the law's last day.
        at_risk: Who is told when the forecast passes the date to work to.
        extension_notice_days: How many days before the last day for an extension's notice, or for a refusal of an
            extended case, the owner is asked.
        extension_notice: Who is asked.
        gate_working_days: After how many whole working days without a decision a gate is reported.
        gate: Who is told of it.
        acknowledgement_working_days: After how many whole working days a missing acknowledgement is reported.
        acknowledgement: Who is told of it.
        letter_working_days: After how many whole working days a letter that was not sent is reported.
        letter: Who is told of it.
        step_hours: After how many hours of failing a step is reported.
        step: Who is told of it.
        task: Who is told of a task by hand that is overdue, besides the task's owner, who is told of each.
        remind_hours: After how many hours an alert that was not acknowledged is sent again; 0 for never.
    """

    due_soon: tuple[DueSoon, ...] = Ladder().due_soon
    missed: tuple[Audience, ...] = Ladder().missed
    at_risk: tuple[Audience, ...] = Ladder().at_risk
    extension_notice_days: int = Ladder().extension_notice_days
    extension_notice: tuple[Audience, ...] = Ladder().extension_notice
    gate_working_days: int = Ladder().gate_working_days
    gate: tuple[Audience, ...] = Ladder().gate
    acknowledgement_working_days: int = Ladder().acknowledgement_working_days
    acknowledgement: tuple[Audience, ...] = Ladder().acknowledgement
    letter_working_days: int = Ladder().letter_working_days
    letter: tuple[Audience, ...] = Ladder().letter
    step_hours: int = Ladder().step_hours
    step: tuple[Audience, ...] = Ladder().step
    task: tuple[Audience, ...] = Ladder().task
    remind_hours: int = Ladder().remind_hours

    @model_validator(mode="after")
    def _climbs(self) -> WatchRules:
        try:
            _ = self.ladder
        except BadInput as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def ladder(self) -> Ladder:
        """The ladder these rules make."""
        return Ladder(**{name: getattr(self, name) for name in type(self).model_fields})


_Days = Annotated[float, Field(gt=0, le=366)]


class PartDays(Strict):
    """How long one part of a case takes, in days.

    Args:
        typical: Half of the cases take no longer.
        at_most: Nine in ten take no longer.
    """

    typical: _Days
    at_most: _Days

    @model_validator(mode="after")
    def _grows(self) -> PartDays:
        try:
            _ = self.expectation
        except BadInput as error:
            raise ValueError(str(error)) from None
        return self

    @property
    def expectation(self) -> Expectation:
        """The same for the forecast."""
        return Expectation(timedelta(days=self.typical), timedelta(days=self.at_most))


class Expectations(Strict):
    """How long the parts of a case take, for the forecast while too few cases were measured.

    Args:
        identity: The identity gate, the person's own time to answer included.
        search: Finding the records, at each system.
        preparation: Copying and masking, at each system, then the package; of an erasure, its plan.
        approval: The gate before the plan is carried out or the package released.
        execution: Erasing and looking again, at each system.
        processor: Waiting for each processor.
        answer: Writing the answer.
    """

    identity: PartDays = PartDays(typical=3, at_most=10)
    search: PartDays = PartDays(typical=0.02, at_most=0.25)
    preparation: PartDays = PartDays(typical=0.02, at_most=0.25)
    approval: PartDays = PartDays(typical=1, at_most=3)
    execution: PartDays = PartDays(typical=0.05, at_most=0.5)
    processor: PartDays = PartDays(typical=5, at_most=10)
    answer: PartDays = PartDays(typical=0.01, at_most=0.1)

    @property
    def by_part(self) -> Mapping[Part, Expectation]:
        """The expectation of each part."""
        return {part: getattr(self, part.value).expectation for part in Part}


Line = Annotated[str, Field(min_length=1)]

STEPS_AT_ONCE: Final = 4
"""How many steps may work at one system at a time where its section says nothing."""


OwnLine = Annotated[str, AfterValidator(own_line)]
"""The type of a line of the controller in a connector's settings."""

Issuer = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,31}$")]
"""The system that issued account ids, as it is called in the file."""


class SystemSettings(BaseModel):
    """What the record of processing says of one system (Art. 15(1), 30 GDPR); connectors extend it by their own keys.

    Args:
        connector: The connector's name in the entry-point group ``rightsflow.connectors``.
        purposes: Why the data are processed, Art. 15(1)(a).
        categories: Which data, Art. 15(1)(b).
        source: Where they come from, Art. 15(1)(g).
        recipients: Who gets them, by name (Art. 15(1)(c); CJEU C-154/21); processors too; ``"none"`` where there are
            none. It has no default: access requests cannot be answered without it.
        retention: How long they are kept, in words, Art. 15(1)(d).
        transfers: Transfers to third countries and their safeguards, Art. 15(2); ``"none"`` where there are none. It
            has no default: access requests cannot be answered without it.
        steps_at_once: How many steps may work at it at a time, over all workers: what it bears beside its other work.
        may_be_empty: Whether a person has checked that the system holds nothing yet where its settings look for
            identifiers. Without it no case reports "nothing held" on a system in which there is nothing to check its
            settings with.
        document_classes: Which class of document the records of each kind are: ``{ ticket = "none" }``. The classes are
            ``voucher``, ``book``, ``trade_letter``, ``recording`` (of a client order), ``complaint_file``,
            ``consumer_contract``, ``oss_record`` and ``none``. Where a class is stated neither here nor by the
            connector or its rules, the plan of an erasure asks for it at the approval gate.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    connector: str
    purposes: tuple[str, ...] = Field(min_length=1)
    categories: tuple[str, ...] = Field(min_length=1)
    source: str
    recipients: tuple[Line, ...] | Literal["none"] = ()
    retention: str = Field(min_length=1)
    transfers: str = ""
    steps_at_once: int = Field(default=STEPS_AT_ONCE, ge=1, le=100, strict=True)
    may_be_empty: bool = Field(default=False, strict=True)
    document_classes: dict[str, DocumentClass] = Field(default_factory=dict)


class DeliverySettings(Strict):
    """How an answer reaches the person.

    Args:
        passphrase_channel: The channel by which the package's passphrase is told, other than the package's own.
        mail: The mail server for acknowledgements, questions and notices to people who wrote by e-mail or web form;
            without one somebody sends them by hand. Answers and refusals are always sent by hand.
    """

    passphrase_channel: str = "by telephone from the case owner"  # noqa: S105 - a channel, not a passphrase
    mail: MailServer | None = None


class KeepingSettings(Strict):
    """How long what belongs to a closed case is kept.

    Args:
        evidence_months: For how many months after the answer the evidence is kept, from there to the end of the year;
            by default what :func:`rightsflow.domain.erasure.retention.evidence_until` has for the controller's country.
        copies_days: For how many days after its delivery the access package is kept.
    """

    evidence_months: Annotated[int, Field(ge=1, le=600)] | None = None
    copies_days: Annotated[int, Field(ge=0, le=30)] = 30


def encrypted_endpoint(url: str) -> str:
    """Accept https anywhere and plain http on this machine only: nothing crosses a network in clear.

    Raises:
        ValueError: The address is another, or holds credentials.
    """
    parts = urlsplit(url)
    if not parts.hostname or parts.query or parts.fragment or parts.username:
        raise ValueError("give a URL like https://s3.example.com, without credentials or query")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_this_machine(parts.hostname)):
        raise ValueError("use https (http is accepted for this machine's own address only)")
    return url.rstrip("/")


class SealBucket(Strict):
    """How the store of a bucket is reached that seals are published in.

    Args:
        endpoint_url: The server, where it is not Amazon's.
        region: Its region; by default what boto3 finds in the environment.
        access_key_id: A key's id; without it boto3's usual places are asked (environment, profile, role).
        secret_access_key: The key's secret.
    """

    endpoint_url: Annotated[str, AfterValidator(encrypted_endpoint)] | None = None
    region: str | None = None
    access_key_id: SecretRef | None = None
    secret_access_key: SecretRef | None = None

    @model_validator(mode="after")
    def _key_and_secret(self) -> SealBucket:
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("give both access_key_id and secret_access_key, or neither")
        return self


def _known_place(place: str) -> str:
    kinds = r"file:/.+|mailto:[^@\s]+@[^@\s]+|s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/.*)?"
    if not re.fullmatch(kinds, place):
        raise ValueError("name places like file:/srv/seals, mailto:auditor@example.com or s3://bucket/prefix")
    return place


class Seals(Strict):
    """The daily seal of the ledger.

    Args:
        publish: Where each seal goes, best out of reach of whoever rules over the case store: ``file:`` a folder,
            ``mailto:`` a mailbox, ``s3://`` a bucket with Object Lock.
        mail: The mail server; by default that of the notifications.
        s3: How the buckets are reached.
        keep_years: For how many years nobody can remove a seal from a bucket.
        overlap_days: For how many days an old signing key signs together with its successor.
    """

    publish: tuple[Annotated[str, Field(max_length=200), AfterValidator(_known_place)], ...] = ()
    mail: MailServer | None = None
    s3: SealBucket = SealBucket()
    keep_years: Annotated[int, Field(ge=1, le=100)] = 10
    overlap_days: Annotated[int, Field(ge=1, le=366)] = 30


class Imports(Strict):
    """Many requests at once.

    Args:
        folder: Where files to be imported lie for the form *import-requests*: a folder, or an ``fsspec`` location such
            as ``s3://bucket/imports`` that workers on other machines reach too; by default ``imports`` in the home.
        runs_waiting: How many runs of imported cases wait in Prefect at a time, about four for each run that the
            workers execute at a time. The others wait in the case store, where a more urgent one can overtake them.
    """

    folder: str = ""
    runs_waiting: Annotated[int, Field(ge=1, le=1000)] = 24


Key = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,31}$")]
"""How a system or a person is called in the file."""

_AtLeastOne = Annotated[int, Field(ge=1, strict=True)]


class SystemBrake(Strict):
    """What is given for one system differently; what is not given is as for all.

    Args:
        factor: How many times the usual amount is accepted.
        case_floor: Up to so many records a case is never stopped.
        day_floor: Up to so many records in a day no case is stopped for the day's total.
    """

    factor: Annotated[float, Field(ge=1, le=1000)] | None = None
    case_floor: _AtLeastOne | None = None
    day_floor: _AtLeastOne | None = None


class BrakeSettings(Strict):
    """From which amount on erasing at a system stops by itself until a second person releases it.

    Args:
        factor: How many times the usual amount is accepted, of a case and of a day.
        case_floor: Up to so many records to be erased or redacted at a system a case is never stopped.
        day_floor: Up to so many records in a day at a system no case is stopped for the day's total.
        cases: Of how many of the last cases the largest is the usual one.
        days: Of how many of the last days the largest is the usual one.
        systems: What holds for one system instead.
    """

    factor: Annotated[float, Field(ge=1, le=1000)] = BrakeRule().factor
    case_floor: _AtLeastOne = BrakeRule().case_floor
    day_floor: _AtLeastOne = BrakeRule().day_floor
    cases: _AtLeastOne = BrakeRule().cases
    days: _AtLeastOne = BrakeRule().days
    systems: dict[Key, SystemBrake] = {}

    def rule(self, system: str) -> BrakeRule:
        """The rule for one system.

        Args:
            system: The system's name.
        """
        own = self.systems.get(system, SystemBrake()).model_dump(exclude_none=True)
        return BrakeRule(**(self.model_dump(exclude={"systems"}) | own))


class Settings(Strict):
    """The whole configuration file.

    Args:
        controller: Who answers to the data subject.
        owners: Who answers for a case and who is told next.
        people: Further people, who can own cases or stand in for somebody.
        notifications: How alerts reach people.
        watch: When they are raised.
        expectations: How long the parts of a case take while too few cases were measured.
        delivery: How answers reach the data subject.
        retention: How long what belongs to a closed case is kept.
        seals: The daily seal of the ledger, and where it is published.
        imports: Many requests at once.
        brakes: From which amount on erasing stops by itself.
        systems: Where the data lie; each connector validates its own.
    """

    controller: Controller
    owners: Owners
    people: dict[Key, Person] = {}
    notifications: Notifications = Notifications()
    watch: WatchRules = WatchRules()
    expectations: Expectations = Expectations()
    delivery: DeliverySettings = DeliverySettings()
    retention: KeepingSettings = KeepingSettings()
    seals: Seals = Seals()
    imports: Imports = Imports()
    brakes: BrakeSettings = BrakeSettings()
    systems: dict[Key, dict[str, Any]] = Field(min_length=1)

    @field_validator("systems")
    @classmethod
    def _brakes_are_on_systems(cls, systems: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        brakes: BrakeSettings | None = info.data.get("brakes")
        unknown = sorted(set(brakes.systems) - set(systems)) if brakes else []
        if unknown:
            raise ValueError(f"[brakes.systems] names {unknown[0]}, which is not among them; correct the name there")
        return systems

    @property
    def people_by_key(self) -> Mapping[str, Person]:
        """Everybody who can be told something, the roles first."""
        return {**{role: getattr(self.owners, role) for role in Owners.model_fields}, **self.people}

    @property
    def names(self) -> frozenset[str]:
        """The names of all configured people, as names are compared; only these are shown in Prefect."""
        given = [text for one in self.people_by_key.values() for text in (one.name, one.held_by, one.full_name)]
        return frozenset(folded(text) for text in given if text)

    @property
    def steps_at_once(self) -> Mapping[str, int]:
        """How many steps may work at each system at a time; each connector validates its own section."""
        return {name: section.get("steps_at_once", STEPS_AT_ONCE) for name, section in self.systems.items()}

    @property
    def reachable(self) -> frozenset[str]:
        """The recipients of alerts for whom there is a means: people by mail, channels by their block."""
        people = self.people_by_key if self.notifications.mail else ()
        channels = (channel.partition("/")[2] for channel in self.notifications.channels)
        return frozenset({f"person.{key}" for key in people} | {f"channel.{name}" for name in channels})


def load_settings(path: Path) -> Settings:
    """Read and validate the configuration file.

    Args:
        path: The file.

    Raises:
        Misconfigured: The file is missing, is not TOML, or a key is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        raise Misconfigured(f"There is no configuration at {path}; run `rightsflow init` there first.") from None
    except UnicodeDecodeError:
        raise Misconfigured(f"{path.name} is not text in UTF-8; save it as UTF-8.") from None
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise Misconfigured(f"{path.name} is not valid TOML: {error}.") from None
    return validate(Settings, raw, path.name)


def validate(model: type[M], raw: Mapping[str, Any], where: str) -> M:
    """Validate a section and turn the first fault into a sentence.

    Args:
        model: What it has to be.
        raw: The section.
        where: How to name it in the message, for example ``"rightsflow.toml [systems.helpdesk]"``.

    Raises:
        Misconfigured: A key is missing, unknown or wrong.
    """
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise Misconfigured(_sentence(where, first, model)) from None


def _sentence(where: str, fault: Mapping[str, Any], model: type[BaseModel]) -> str:
    key = ".".join(str(part) for part in fault["loc"]) or "the section"
    if fault["type"] == "missing":
        return f"{where}: the key {key} is missing; add it."
    if fault["type"] == "extra_forbidden":
        known = ", ".join(sorted(model.model_fields)) if len(fault["loc"]) == 1 else ""
        return f"{where}: the key {key} is not known; remove it" + (f" or use one of {known}." if known else ".")
    return f"{where}: the key {key} is wrong: {fault['msg'].removeprefix('Value error, ').rstrip('.')}."
