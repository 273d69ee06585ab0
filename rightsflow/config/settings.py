"""The configuration file ``rightsflow.toml``: who answers for what, which systems there are, why they hold data.

It is validated as a whole before anything starts, with messages that name the key and how to fix it. What a connector
needs beyond :class:`SystemSettings` is validated by the connector itself (``connectors.registry``).
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from rightsflow.config.sections.controller import Controller, Owners, Person
from rightsflow.config.sections.desk_settings import DeskSettings
from rightsflow.config.sections.identifier_settings import IdentifierSettings, Identifying, enter
from rightsflow.config.sections.inbound_settings import Inbound
from rightsflow.config.sections.limits import (
    BrakeSettings,
    Expectations,
    FollowUpSettings,
    Imports,
    KeepingSettings,
    Key,
    WatchRules,
)
from rightsflow.config.sections.mail_server import DeliverySettings, Notifications, Seals
from rightsflow.config.sections.policy_settings import PolicySettings, SuppressionSettings
from rightsflow.config.sections.processor_settings import ByHandSettings, ProcessorSettings
from rightsflow.config.sections.section import Strict, validate
from rightsflow.config.sections.system_settings import STEPS_AT_ONCE
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.identifier_kinds import BUILT_IN, IdentifierKind
from rightsflow.domain.people import folded


class Settings(Strict):
    """The whole configuration file.

    Args:
        identifiers: Kinds of identifier beside the built-in ones, each under its name; the other sections use them.
        controller: The controller that answers to the data subject.
        owners: The people who answer for a case, and those who are notified next.
        people: Further people, who can own cases or act as a deputy.
        notifications: The delivery of alerts to people.
        watch: The times at which alerts are raised.
        expectations: The durations of a case's parts while too few cases were measured.
        delivery: The delivery of answers to the data subject.
        retention: The retention of a closed case's own data.
        follow_up: The follow-up of an erasure after the answer.
        suppression: The list of addresses that no import may bring back.
        seals: The daily seal of the ledger, and its publication.
        imports: Imports of many requests.
        brakes: The amounts above which erasing stops automatically.
        desk: The desk, at which people work signed in.
        policies: Written rules that replace a person's decision; none by default.
        systems: The systems with data; each connector validates its own section.
        processors: Companies that work with the data, each under a key of its own.
        by_hand: Systems without an interface, which a colleague searches by hand.
        inbound: The interfaces for others, such as for orders of controllers for which we are a processor.
    """

    identifiers: Identifying = Field(default_factory=dict)
    controller: Controller
    owners: Owners
    people: dict[Key, Person] = Field(default_factory=dict)
    notifications: Notifications = Notifications()
    watch: WatchRules = WatchRules()
    expectations: Expectations = Expectations()
    delivery: DeliverySettings = DeliverySettings()
    retention: KeepingSettings = KeepingSettings()
    follow_up: FollowUpSettings = FollowUpSettings()
    suppression: SuppressionSettings = SuppressionSettings()
    seals: Seals = Seals()
    imports: Imports = Imports()
    brakes: BrakeSettings = BrakeSettings()
    desk: DeskSettings = DeskSettings()
    policies: tuple[PolicySettings, ...] = ()
    systems: dict[Key, dict[str, object]] = Field(min_length=1)
    processors: dict[Key, ProcessorSettings] = Field(default_factory=dict)
    by_hand: dict[Key, ByHandSettings] = Field(default_factory=dict)
    inbound: Inbound = Inbound()

    @field_validator("identifiers")
    @classmethod
    def _are_known_from_here(cls, sections: dict[str, IdentifierSettings]) -> dict[str, IdentifierSettings]:
        enter(sections)
        return sections

    @model_validator(mode="after")
    def _members_have_names_of_their_own(self) -> Self:
        seen: dict[str, str] = {}
        for key, person in self.members.items():
            other = seen.setdefault(folded(person.own_name), key)
            if other != key:
                raise ValueError(
                    f"{other} and {key} both have roles and the same name, so that four eyes could not be told; "
                    "give each the name of another person, or the roles to one of them"
                )
        return self

    @model_validator(mode="after")
    def _processors_work_in_systems(self) -> Self:
        for key, processor in self.processors.items():
            if unknown := [name for name in processor.systems if name not in self.systems]:
                raise ValueError(
                    f"processors.{key}.systems names {unknown[0]}, which is not among [systems]; correct the name"
                )
            if key in self.systems:
                raise ValueError(f"{key} is both a system and a processor; give one of them another key")
        for key in self.by_hand:
            if key in self.systems or key in self.processors:
                raise ValueError(f"by_hand.{key} is the key of a system or processor too; give it another one")
        return self

    @model_validator(mode="after")
    def _orders_concern_systems(self) -> Self:
        served = self.inbound.opendsr.controllers if self.inbound.opendsr else {}
        for key, controller in served.items():
            if unknown := [
                name for name in controller.systems if name not in self.systems and name not in self.by_hand
            ]:
                raise ValueError(
                    f"inbound.opendsr.controllers.{key}.systems names {unknown[0]}, which is not among [systems] or "
                    "[by_hand]; correct the name"
                )
        return self

    @model_validator(mode="after")
    def _policies_name_systems(self) -> Self:
        for policy in self.policies:
            if unknown := sorted({kind.split("/")[0] for kind in policy.fields} - set(self.systems)):
                raise ValueError(
                    f"policy {policy.name} names the system {unknown[0]}, which is not among [systems]; correct "
                    "the name"
                )
        return self

    @field_validator("policies")
    @classmethod
    def _policies_are_told_apart(cls, policies: tuple[PolicySettings, ...]) -> tuple[PolicySettings, ...]:
        names = [policy.name for policy in policies]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"two policies are called {twice[0]}; give each a name of its own")
        return policies

    @field_validator("systems")
    @classmethod
    def _brakes_are_on_systems(cls, systems: dict[str, object], info: ValidationInfo) -> dict[str, object]:
        brakes: BrakeSettings | None = info.data.get("brakes")
        unknown = sorted(set(brakes.systems) - set(systems)) if brakes else []
        if unknown:
            raise ValueError(f"[brakes.systems] names {unknown[0]}, which is not among them; correct the name there")
        return systems

    @property
    def kinds(self) -> tuple[IdentifierKind, ...]:
        """The kinds of identifier of this configuration, the built-in ones first."""
        return tuple(map(IdentifierKind, (*(declaration.name for declaration in BUILT_IN), *self.identifiers)))

    @property
    def further_kinds(self) -> tuple[IdentifierKind, ...]:
        """The kinds of identifier that this configuration declares."""
        return tuple(map(IdentifierKind, self.identifiers))

    @property
    def asked(self) -> Mapping[str, ProcessorSettings | ByHandSettings]:
        """The instructed parties by their keys: processors, and owners of systems without an interface."""
        return {**self.processors, **self.by_hand}

    @property
    def people_by_key(self) -> Mapping[str, Person]:
        """All people who can be notified, the roles first."""
        return {**{role: getattr(self.owners, role) for role in Owners.model_fields}, **self.people}

    @property
    def members(self) -> Mapping[str, Person]:
        """The people who may sign in at the desk, by their keys."""
        return {key: person for key, person in self.people_by_key.items() if person.roles}

    @property
    def has_desk(self) -> bool:
        """True if there is a desk: as soon as a person may sign in there."""
        return bool(self.members)

    @property
    def refuses_typed_names(self) -> bool:
        """True if only people who are signed in decide at gates."""
        return self.has_desk and self.desk.typed_names == "refused"

    @property
    def names(self) -> frozenset[str]:
        """The names of all configured people, as names are compared; only these are shown in Prefect."""
        given = [
            text for person in self.people_by_key.values() for text in (person.name, person.held_by, person.full_name)
        ]
        return frozenset(folded(text) for text in given if text)

    @property
    def steps_at_once(self) -> Mapping[str, int]:
        """The number of steps that may work at each system at a time; each connector validates its own section."""
        limits = {name: section.get("steps_at_once") for name, section in self.systems.items()}
        return {name: number if isinstance(number, int) else STEPS_AT_ONCE for name, number in limits.items()}

    @property
    def reachable(self) -> frozenset[str]:
        """The recipients of alerts with a means of delivery: people by mail, channels by their block."""
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
