"""Inputs of an erasure plan besides the records, and the records within a limited request. Pure.

The controller states the use of each kind of record. Where it states none, the plan leaves the records unchanged, and
the approver is asked to review them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.holds import HoldScope
from rightsflow.domain.connector import Capabilities
from rightsflow.domain.erasure.retention_duties import CALENDAR_YEAR, FinancialYear, Sector
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.law import Law
from rightsflow.domain.rectification.changes import FieldOf
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, Method, RecordRef
from rightsflow.domain.vocabulary.rights import RestrictionGround, Right


class Use(StrEnum):
    """A use of records that a request can end by itself."""

    MARKETING = "direct marketing"
    CONSENT = "consent"


USE_OF: Final[Mapping[Right, Use]] = MappingProxyType({Right.OBJECTION: Use.MARKETING, Right.CONSENT: Use.CONSENT})
"""The use that each request is about; one that is not named here is about every record."""

Statement = Mapping[Use, Sequence[str] | None]
"""The kinds of a system's records by what they are used for; ``None`` where nothing is stated."""

_NOT_USED: Final = MappingProxyType(
    {
        Use.MARKETING: "It is not kept for direct marketing alone; it stays, and may no longer be used for that.",
        Use.CONSENT: "It rests on another legal basis than your consent; it stays as it is.",
    }
)
_NOT_STATED: Final = MappingProxyType(
    {
        Use.MARKETING: (
            "The configuration does not say which records of this system are kept for direct marketing alone; make "
            "sure that these are not, or decide that they are erased."
        ),
        Use.CONSENT: (
            "The configuration does not say which records of this system rest on consent alone; make sure that these "
            "do not, or decide that they are erased."
        ),
    }
)


GROUNDS: Final = MappingProxyType(
    {
        Right.OBJECTION: ("You objected to direct marketing.", "Art. 17(1)(c)"),
        Right.CONSENT: ("You withdrew the consent on which alone it rests.", "Art. 17(1)(b)"),
    }
)
"""Reason for erasing a record, for the person, and the provision without the law's name, by right."""


@dataclass(frozen=True, slots=True)
class Unconcerned:
    """The reason why a record is outside the request.

    Args:
        reason: In one sentence for the person.
        note: What the approver has to look at; empty for nothing.
    """

    reason: str
    note: str


def _left_out(right: Right, kind: str, stated: Statement) -> Unconcerned | None:
    """Return why a record is outside the request; ``None`` for a record within it."""
    use = USE_OF.get(right)
    if use is None:
        return None
    kinds = stated.get(use)
    if kinds is not None and kind in kinds:
        return None
    return Unconcerned(_NOT_USED[use], _NOT_STATED[use] if kinds is None else "")


@dataclass(frozen=True, slots=True)
class Completed:
    """A document that refers to a record which may hold what a law wants in the document.

    Args:
        document: Its class.
        occurred_on: Its date.
        is_stated: Whether the configuration says that only the record holds that; else the approver is asked.
    """

    document: DocumentClass
    occurred_on: date | None
    is_stated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRules:
    """The inputs of a plan besides the records.

    Args:
        country: The controller's country, whose retention laws bind it.
        law: The law that the request comes under, as it is cited.
        today: The day of the plan, in the controller's time zone.
        include_unclear: Whether the approver treats records of unclear attribution as the subject's.
        capabilities: What each system's connector declares.
        sector: Whether stricter rules for a sector apply to the controller.
        financial_year: When its financial year ends.
        oss: Whether it declares sales through the One Stop Shop, so that its vouchers are records of them too.
        classes: Which class of document the configuration says that a system's kinds are, before the connector's word.
        holds: The scopes of the legal holds in force that cover the case.
        right: What was asked for: not every request is about every record.
        ground: On which ground a restriction was asked for; ``None`` of any other request.
        corrected: The fields that a rectification is about, as far as they are not refused.
        without_room: The fields at each system that have no room for a value that is right, as the search found.
        needed: Which fields each class of document needs; of a class that is not named, everything.
        is_followed_up: Whether it is asked of what was kept before what can be blanked of it by now.
        uses: What the configuration says that each system's records are used for.
        blocked_until: The last day on which what is to be erased is blocked before, where the law has that (Spain).
        needed_by_orders: The records to which an open order of the person refers, such as the account with the address.
        blocked_before: Until when another case of the person has records blocked already.
        completes: The documents that refer to a record, where it may hold what a law wants in them.
        given: What is known of the person, by its kinds, so that no one is asked for what they have given.
    """

    country: str
    law: Law
    today: date
    include_unclear: bool
    capabilities: Mapping[str, Capabilities]
    sector: Sector = Sector.GENERAL
    financial_year: FinancialYear = CALENDAR_YEAR
    oss: bool = False
    classes: Mapping[str, Mapping[str, DocumentClass]] = field(default_factory=dict)
    holds: tuple[HoldScope, ...] = ()
    blocked_until: date | None = None
    right: Right = Right.ERASURE
    ground: RestrictionGround | None = None
    corrected: frozenset[str] = frozenset()
    without_room: Mapping[str, frozenset[FieldOf]] = field(default_factory=dict)
    needed: Mapping[DocumentClass, frozenset[str]] = field(default_factory=dict)
    is_followed_up: bool = False
    uses: Mapping[str, Statement] = field(default_factory=dict)
    needed_by_orders: frozenset[RecordRef] = frozenset()
    blocked_before: Mapping[RecordRef, date] = field(default_factory=dict)
    completes: Mapping[RecordRef, frozenset[Completed]] = field(default_factory=dict)
    given: frozenset[IdentifierKind] = frozenset()

    def methods(self, finding: Finding) -> frozenset[Method]:
        """Return the methods that a record's system allows for its kind."""
        return self.capabilities[finding.ref.system].kind(finding.ref.kind).methods

    def left_out(self, finding: Finding) -> Unconcerned | None:
        """Return why a record is outside the request; ``None`` for a record within it."""
        return _left_out(self.right, finding.ref.kind, self.uses.get(finding.ref.system, {}))

    def stated_class(self, finding: Finding) -> DocumentClass | None:
        """Return the class of document that the configuration or the connector states for a record."""
        system, kind = finding.ref.system, finding.ref.kind
        explicit = finding.document or self.classes.get(system, {}).get(kind)
        return explicit or self.capabilities[system].kind(kind).document

    def classes_of(self, finding: Finding) -> frozenset[DocumentClass] | None:
        """Return every document class of a record; ``None`` where no one has stated it."""
        stated = self.stated_class(finding) or (finding.decided.document if finding.decided else None)
        classes = {stated} if stated else set()
        if Fact.ACCOUNTING in finding.facts:
            classes |= {DocumentClass.VOUCHER}
        explicit = finding.document or self.classes.get(finding.ref.system, {}).get(finding.ref.kind)
        if self.oss and DocumentClass.VOUCHER in classes and explicit is not DocumentClass.VOUCHER:
            classes |= {DocumentClass.OSS_RECORD}
        return frozenset(classes) or None

    def completed_by(self, referred: Mapping[RecordRef, Sequence[Finding]]) -> dict[RecordRef, frozenset[Completed]]:
        """Return the documents that records complete, or may complete, with what a law wants in them.

        Args:
            referred: The records to which others refer, each with these.
        """
        by_record: dict[RecordRef, frozenset[Completed]] = {}
        for ref, documents in referred.items():
            for item in documents:
                stated = self.capabilities[item.ref.system].kind(item.ref.kind).completed_by.get(ref.kind, False)
                if stated is not False and item.ref.system == ref.system and item.attribution is Attribution.SUBJECT:
                    classes = (self.classes_of(item) or frozenset()) - {DocumentClass.NONE}
                    completed = {Completed(document, item.occurred_on, bool(stated)) for document in classes}
                    by_record[ref] = by_record.get(ref, frozenset()) | completed
        return by_record
