"""The variables of the letters; a letter cannot be built without what it must say.

The numbers are those of the catalogue of letters: L1 acknowledgement, L2 identity request, L3 clarification, L6 notice
of extension, L7 refusal, L8 nothing held, L9 access response, L10 erasure confirmation, L11 partial erasure, L14
reminder of the identity request, L18 withdrawal confirmed.

They are written for the GDPR and the UK GDPR. The clock computes the dates of the Swiss FADP, the CCPA and the LGPD as
well (``rightsflow due-dates``), but the letters of those laws are not written yet.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from rightsflow.config.sections.controller import Controller, Person
from rightsflow.domain.law import LAWS, AnsweredRegime
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import promised_day

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Line = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, pattern=r"^[^\r\n]+$")]
Texts = Annotated[tuple[Text, ...], Field(min_length=1)]


class Frozen(BaseModel):
    """A set of variables; its errors do not quote the values."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Remedies(Frozen):
    """The block on complaint and court (Art. 12(4), 77, 79 GDPR).

    Args:
        authority: The competent authority's name.
        authority_url: Where a complaint is made.
        court: Where the person can go to court; ``None`` for what the law says (``rightsflow.domain.law``).
    """

    authority: Line
    authority_url: Line
    court: Text | None = None


class Sender(Frozen):
    """The sender of a letter.

    Args:
        name: The controller.
        timezone: Its IANA zone, in which instants are written.
        contact: Whom to answer to: the desk or the data protection officer.
        contact_email: The address there.
        address: The postal address; may be empty.
        regime: The law that the letters cite.
    """

    name: Line
    timezone: Line
    contact: Line
    contact_email: Line
    address: str = ""
    regime: AnsweredRegime = "gdpr"

    @property
    def zone(self) -> ZoneInfo:
        """The controller's time zone."""
        return ZoneInfo(self.timezone)

    def day_of(self, instant: datetime) -> date:
        """Return the date of an aware instant at the controller's place, by which a letter is in time or late."""
        return instant.astimezone(self.zone).date()

    @classmethod
    def of(cls, controller: Controller, contact: Person, *, address: str = "") -> Sender:
        """Take it from the configuration."""
        return cls(
            name=controller.name,
            timezone=controller.timezone,
            contact=contact.name,
            contact_email=contact.email,
            address=address,
            regime=controller.regime,
        )


class LetterVariables(Frozen):
    """The variables that every letter needs.

    Args:
        case_id: The case; the only thing about the person in the subject line.
        sender: Who writes.
        written_on: The letter's date in the controller's zone.
        addressee: How to greet the person, or who represents them; empty for a neutral greeting.
        represents: Whom the addressee represents, where a representative is written to; empty otherwise.
        language: ISO 639-1 code of the template.
        language_note: What the letter says, in the person's language, on its own; empty where they read it.
    """

    case_id: Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9-]{2,39}$")]
    sender: Sender
    written_on: date
    addressee: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\r\n]*$")] = ""
    represents: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[^\r\n]*$")] = ""
    language: Literal["en"] = "en"
    language_note: str = ""

    @property
    def law(self) -> str:
        """The name by which the letter cites the law: "GDPR" or "UK GDPR"."""
        return LAWS[self.sender.regime].name

    def __repr_args__(self) -> Iterator[tuple[str, str]]:
        """Return the case only: a repr ends up in logs and tracebacks."""
        yield "case_id", self.case_id


class Contestable(LetterVariables):
    """A letter that names the person's remedies.

    Args:
        remedies: Complaint and court.
    """

    remedies: Remedies

    @property
    def court(self) -> str:
        """The court that the person can turn to."""
        return self.remedies.court or LAWS[self.sender.regime].court

    @property
    def hears_complaints(self) -> bool:
        """True if the controller has to hear complaints itself (s. 164A Data Protection Act 2018)."""
        return LAWS[self.sender.regime].hears_complaints(self.written_on)


class Acknowledgement(LetterVariables):
    """L1. Automatic, before identity is confirmed: greets no one by name and does not reveal whether data are held.

    Args:
        right: What was asked for, as understood.
        received_at: When the request came in.
        due_on: The date of the law, *before* any shift over a weekend or holiday.
        operational_target_on: The day we work towards.
    """

    addressee: Literal[""] = ""
    right: Right
    received_at: AwareDatetime
    due_on: date
    operational_target_on: date

    @property
    def promised_on(self) -> date | None:
        """The day the letter promises: the earlier one that has not passed; ``None`` once the time limit has ended."""
        return promised_day(self.operational_target_on, self.due_on, on=self.written_on)


class Searched(Frozen):
    """A completed search of one system, or the absence of any identifier to search it by.

    Args:
        system: The system, as people call it.
        by: The kinds of identifier that it was searched by, for example "your e-mail address"; none where nothing is
            known by which it can be searched.
        needs: What it can be searched by, in the same words.
    """

    system: Line
    by: tuple[Text, ...] = ()
    needs: tuple[Text, ...] = ()


class FoundRecords(Frozen):
    """The number of records that a search found of one category.

    Args:
        category: In the words of the record of processing.
        count: How many records.
    """

    category: Line
    count: Annotated[int, Field(ge=1)]

    def __str__(self) -> str:
        """Return the line in letters."""
        return f"{self.category} ({self.count:,})"


class Withdrawal(LetterVariables):
    """L18. The person has taken the request back.

    Args:
        right: What had been asked for.
        withdrawn_at: When the withdrawal was noted.
        request_file_until: Until when the file about this request is kept.
        done_already: What had been done before, in full sentences.
        is_untouched: Whether no record was changed, here or by anybody who was asked to.
    """

    right: Right
    withdrawn_at: AwareDatetime
    request_file_until: date
    done_already: tuple[Text, ...] = ()
    is_untouched: bool = False

    @model_validator(mode="after")
    def _kept_after_withdrawal(self) -> Self:
        if self.request_file_until < self.sender.day_of(self.withdrawn_at):
            raise ValueError("request_file_until lies before the withdrawal")
        return self
