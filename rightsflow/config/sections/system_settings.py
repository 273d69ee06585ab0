"""The section of a system: what the record of processing says of it; connectors extend it by their own keys."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from rightsflow.domain.erasure.plan_rules import Statement, Use
from rightsflow.domain.spellings.wordforms import own_line
from rightsflow.domain.vocabulary.records import DocumentClass

Line = Annotated[str, Field(min_length=1)]

STEPS_AT_ONCE: Final = 4
"""The number of steps that may work at one system at a time, unless its section says otherwise."""


UNDECIDED: Final = "to be decided"
"""The text in a proposed section where a person has to decide; no access request can be answered with it."""

OwnLine = Annotated[str, AfterValidator(own_line)]
"""The type of a line of the controller in a connector's settings."""

Issuer = Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,31}$")]
"""The system that issued account ids, as it is called in the file."""


class KindStatement(BaseModel):
    """What the record of processing says of one kind of record, where it is more exact than of its system.

    Args:
        purposes: As of the system; empty where it is no other.
        categories: As of the system.
        source: As of the system.
        recipients: As of the system, of whose recipients they are.
        retention: As of the system.
        kept_for: For what its records are kept once a law or a claim keeps them from being erased, such as "the tax
            office's audits"; the answer to an erasure says it.
        seen_by: Who can see them then, such as "the accounting department"; the answer says it too.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    purposes: tuple[Line, ...] = ()
    categories: tuple[Line, ...] = ()
    source: str = ""
    recipients: tuple[Line, ...] = ()
    retention: str = ""
    kept_for: str = ""
    seen_by: str = ""

    @property
    def parts(self) -> tuple[str, ...]:
        """What is said of it in an access answer, each with its name."""
        said = {
            "purposes": ", ".join(self.purposes),
            "data": ", ".join(self.categories),
            "recipients": ", ".join(self.recipients),
            "how long": self.retention,
            "where from": self.source.replace("the data subject", "you"),
        }
        return tuple(f"{name}: {text}" for name, text in said.items() if text)


class SystemSettings(BaseModel):
    """A system's record of processing (Art. 15(1), 30 GDPR); connectors extend it by their own keys.

    Args:
        connector: The connector's name in the entry-point group ``rightsflow.connectors``.
        purposes: The purposes of the processing, Art. 15(1)(a).
        categories: The categories of data, Art. 15(1)(b).
        source: The source of the data, Art. 15(1)(g).
        recipients: The recipients of the data, by name (Art. 15(1)(c); CJEU C-154/21), including processors; ``"none"``
            if there are none. It has no default: access requests cannot be answered without it.
        retention: The period of retention, in words, Art. 15(1)(d).
        transfers: Transfers to third countries and their safeguards, Art. 15(2); ``"none"`` if there are none. It has
            no default: access requests cannot be answered without it.
        kinds: The same of single kinds of record, if that is more exact:
            ``{ invoices = { purposes = ["bookkeeping"], kept_for = "tax audits", seen_by = "accounting" } }``.
        steps_at_once: The number of steps that may work at the system at a time, over all workers: the load that it
            bears besides its other work.
        may_be_empty: ``true`` if a person has checked that the system has no data yet where its settings look for
            identifiers. Without it no case reports "nothing held" for a system in which there are no data to check its
            settings with.
        document_classes: The class of document of each kind of record: ``{ ticket = "none" }``;
            ``recording`` is one of a client order. If a class is stated neither here nor by the connector
            or its rules, the plan of an erasure asks for it at the approval gate.
        marketing: The kinds of record that are held only for direct marketing, such as ``["newsletter"]``; an empty
            list if there are none. An objection (Art. 21(2) GDPR) ends these. If it is not stated, the plan tells the
            person who approves it.
        consent: The kinds of record whose only legal basis is the person's consent; an empty list if there are none. A
            withdrawal of consent (Art. 7(3) GDPR) ends these; if not stated, as above.
        backup_days: The number of days for which the system's back-ups hold erased data; 0 if it has none that are
            yours. It has no default: if not stated, the answer says that the period is not known, and ``doctor`` asks
            for it. The answer to an erasure names the last day; the erased records are read once more on the day after
            it, and the case is not purged before.
        backup_contents: The content of these back-ups, in words for the person, such as "the whole database,
            encrypted".
    """

    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)

    connector: str
    purposes: tuple[str, ...] = Field(min_length=1)
    categories: tuple[str, ...] = Field(min_length=1)
    source: str
    recipients: tuple[Line, ...] | Literal["none"] = ()
    retention: str = Field(min_length=1)
    transfers: str = ""
    kinds: dict[str, KindStatement] = Field(default_factory=dict)
    steps_at_once: int = Field(default=STEPS_AT_ONCE, ge=1, le=100, strict=True)
    may_be_empty: bool = Field(default=False, strict=True)
    document_classes: dict[str, DocumentClass] = Field(default_factory=dict)
    marketing: tuple[str, ...] | None = None
    consent: tuple[str, ...] | None = None
    backup_days: int | None = Field(default=None, ge=0, le=3660, strict=True)
    backup_contents: str = Field(default="", max_length=200)

    @model_validator(mode="after")
    def _names_its_recipients(self) -> Self:
        others = {recipient for kind in self.kinds.values() for recipient in kind.recipients} - {*self.recipients}
        if others:
            raise ValueError(
                "a recipient of kinds is none of the system; add it to recipients, so that it is told of erasures"
            )
        return self

    @property
    def uses(self) -> Statement:
        """The kinds of record by their use; ``None`` for a use that is not stated."""
        return {Use.MARKETING: self.marketing, Use.CONSENT: self.consent}
