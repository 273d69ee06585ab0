"""Information in the cover letter and overview besides the data: Art. 15(1)(a)-(h) and 15(2) GDPR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.config.sections.controller import Controller, Person
from rightsflow.config.sections.system_settings import UNDECIDED, SystemSettings
from rightsflow.domain.connector import ENTRY
from rightsflow.domain.disclosure.texts import MASKED_WORDS
from rightsflow.domain.law import Law
from rightsflow.domain.vocabulary.field_words import FieldWords
from rightsflow.domain.wording import counted

_UNITS: Final = {**MASKED_WORDS, ENTRY: ("entry", "entries")}
_DECIDED: Final = ("purposes", "categories", "source", "retention")
NONE: Final = "none"
"""The configuration's statement that there is nothing to name."""


def missing_statements(controller: Controller, systems: Mapping[str, SystemSettings]) -> list[str]:
    """Return the keys that an access answer needs and that are empty or undecided (Art. 15(1), 15(2) GDPR).

    Args:
        controller: Who answers.
        systems: The record of processing of each system.
    """
    missing = [] if controller.automated_decisions.strip() else ["[controller] automated_decisions"]
    for name, section in systems.items():
        keys = {"recipients": section.recipients, "transfers": section.transfers.strip()}
        missing += [f"[systems.{name}] {key}" for key, value in keys.items() if not value]
        missing += [f"[systems.{name}] {key}" for key in _DECIDED if UNDECIDED in getattr(section, key)]
    return missing


class PackageFinding(StrEnum):
    """The result of the search in one system; an unknown is never shown as an empty one."""

    HELD = "held"
    NOTHING = "nothing held"
    NOT_ATTRIBUTABLE = "nothing that can be attributed"
    """Only records that cannot be attributed to the person, which are named among what was left out."""
    NOT_SEARCHED = "not searched"
    """With the reason in ``SystemInfo.finding_reason``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """A system, as the letter describes it to this person.

    Args:
        name: Its name in the configuration, as in ``RecordRef.system``.
        title: The same for people, for example ``"Helpdesk"``.
        finding: The result of the search.
        purposes: Why the data are processed, Art. 15(1)(a).
        categories: Which data, Art. 15(1)(b).
        source: Where they come from, Art. 15(1)(g).
        recipients: Who gets them, by name, Art. 15(1)(c); empty where the controller states that there are none.
        retention: How long they are kept, in words, Art. 15(1)(d).
        transfers: Transfers to third countries and their safeguards, Art. 15(2); empty where the controller states
            that there are none.
        finding_reason: Why the system was not searched; needed with ``Finding.NOT_SEARCHED``.
        searched_by: What it was searched by, for example "your e-mail address".
        cannot_find: What its search cannot find, a sentence for each.
        words: The words for the fields and codes of its records, by kind.
        ends: Until when a law or a contract has its records kept, a part for each category; none where no rule gives
            an end, so that ``retention`` is the criterion.
        kinds: What is said of single kinds of its records that were found, where that is more exact.
    """

    name: str
    title: str
    finding: PackageFinding
    purposes: tuple[str, ...]
    categories: tuple[str, ...]
    source: str
    recipients: tuple[str, ...]
    retention: str
    transfers: str
    finding_reason: str = ""
    searched_by: tuple[str, ...] = ()
    cannot_find: tuple[str, ...] = ()
    words: Mapping[str, FieldWords] = field(default_factory=lambda: MappingProxyType({}))
    ends: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.finding is PackageFinding.NOT_SEARCHED and not self.finding_reason:
            raise ValueError("a system that was not searched needs the reason")

    @classmethod
    def of(
        cls,
        name: str,
        settings: SystemSettings,
        finding: PackageFinding,
        *,
        title: str = "",
        finding_reason: str = "",
        searched_by: tuple[str, ...] = (),
        cannot_find: tuple[str, ...] = (),
        words: Mapping[str, FieldWords] = MappingProxyType({}),
        recipients: tuple[str, ...] | None = None,
        transfers: str | None = None,
        ends: tuple[str, ...] = (),
        kinds: tuple[str, ...] = (),
    ) -> SystemInfo:
        """Take the description from the record of processing.

        Args:
            name: The system's name in the configuration.
            settings: Its section; who is "the data subject" there reads "you" in the answer.
            finding: The result of the search.
            title: For people; by default the name with a capital letter.
            finding_reason: Why it was not searched, if it was not.
            searched_by: What it was searched by.
            cannot_find: What its search cannot find.
            words: The words for the fields and codes of its records, by kind.
            recipients: Who gets its data, where more are known than the section names.
            transfers: Transfers to third countries, where more are known than the section names; empty for none.
            ends: Until when a law or a contract has its records kept.
            kinds: What is said of single kinds of its records.
        """
        named = () if settings.recipients == NONE else settings.recipients
        stated = "" if settings.transfers.strip().casefold() == NONE else settings.transfers
        return cls(
            name=name,
            title=title or name.replace("-", " ").capitalize(),
            finding=finding,
            purposes=settings.purposes,
            categories=settings.categories,
            source=settings.source.replace("the data subject", "you"),
            recipients=named if recipients is None else recipients,
            retention=settings.retention,
            transfers=stated if transfers is None else transfers,
            finding_reason=finding_reason if finding is PackageFinding.NOT_SEARCHED else "",
            searched_by=searched_by,
            cannot_find=cannot_find,
            words=words,
            ends=ends,
            kinds=kinds,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Data that are held and left out.

    Args:
        system: The system's name in the configuration.
        what: Which data, without revealing them, for example ``"the other caller's channel of 1 recording"``.
        reason: Why, in one sentence for the person.
        legal_basis: The provision, for example ``"Art. 15(4) GDPR"``; empty where none is needed.
        count: How many records, passages, intervals or files it concerns; 0 for another part of records that are given.
        unit: What is counted: ``record``, or of records that are given ``passage``, ``interval``, ``edited`` (files),
            or the unit of what their system left out.
        ground: The ground in the words of the person who decided so, which may name another person; empty for none.
    """

    system: str
    what: str
    reason: str
    legal_basis: str
    count: int = 1
    unit: str = "record"
    ground: str = ""

    @property
    def is_part(self) -> bool:
        """True if the data left out are a part of records that are given."""
        return self.unit != "record" or not self.count

    @property
    def amount(self) -> str:
        """The amount of data, in words; empty if it is not counted."""
        return counted(self.count, *_UNITS.get(self.unit, (self.unit,))) if self.count else ""

    @property
    def full_reason(self) -> str:
        """The reason with the ground, for the person alone."""
        return f"{self.reason} The ground: {self.ground.rstrip('.')}." if self.ground else self.reason


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageInfo:
    """A package's information on the case and the processing.

    Args:
        case_id: The case.
        controller: Who answers, with the authority that is competent and the time zone that dates are written in.
        controller_address: The controller's postal address; may be empty.
        contact: Whom to write to about the answer: the data protection officer or the desk.
        received_at: When the request was received; aware.
        answered_at: When the package was made; aware. It is also the time stamp of the files.
        systems: All systems of the controller that were to be searched, those without data as well.
        automated_decisions: The statement of Art. 15(1)(h): that there are none, or their logic, significance and
            consequences.
        addressee: How to greet the person, or who represents them, for example ``"Anna Schmidt"``; may be empty.
        represents: Whom the addressee represents, where a representative is written to; empty otherwise.
        left_out: What is held and not given.
        masked: How often other people's data were masked, by kind (the counts of
            ``rightsflow.domain.disclosure.redaction``).
        suppression: What the suppression list holds of the person, in words; empty if nothing.
        request_file_until: The last day on which the file about this request is kept.
        purge_package_on: The day by which the controller's own copy of the package is gone.
        is_for_controller: Whether it goes to a controller on whose behalf the case is handled: then it holds the data
            and their manifest, and no letter to the person.
        about: What a request for a part is about, in words; empty where it is about everything.
        on_paper: Whether the person asked by letter, so that the answer is printed (Art. 12(1), (3) GDPR).
    """

    case_id: str
    controller: Controller
    contact: Person
    received_at: datetime
    answered_at: datetime
    systems: tuple[SystemInfo, ...]
    automated_decisions: str
    controller_address: str = ""
    addressee: str = ""
    represents: str = ""
    left_out: tuple[LeftOut, ...] = ()
    masked: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    suppression: str = ""
    request_file_until: date | None = None
    purge_package_on: date | None = None
    is_for_controller: bool = False
    about: str = ""
    on_paper: bool = False

    def __post_init__(self) -> None:
        if self.received_at.tzinfo is None or self.answered_at.tzinfo is None:
            raise ValueError("received_at and answered_at need a time zone")
        if not self.automated_decisions.strip():
            raise ValueError("say whether there are automated decisions, Art. 15(1)(h) GDPR")
        if len({system.name for system in self.systems}) < len(self.systems):
            raise ValueError("each system may be described once only")
        if not {left.system for left in self.left_out} <= {system.name for system in self.systems}:
            raise ValueError("something was left out of a system that is not described")

    @property
    def law(self) -> Law:
        """The law of the request, as it is cited."""
        return self.controller.law

    @property
    def answered_on(self) -> date:
        """The day of the answer in the controller's zone."""
        return self.answered_at.astimezone(self.controller.zone).date()

    def __repr__(self) -> str:
        """Return the case only."""
        return f"<PackageInfo {self.case_id}>"
