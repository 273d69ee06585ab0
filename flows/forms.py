"""The forms of the gates and their choices. Made for readers who do not know Prefect."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from typing import Literal

from prefect.input import RunInput
from pydantic import Field

from rightsflow.app import current_app
from rightsflow.cases.deadlines.case_clock import arrived_on
from rightsflow.cases.gates.gates import confirmation
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.case.stopping import StopReason
from rightsflow.domain.delivery import DeliveryChannel
from rightsflow.domain.gates.decisions import (
    ELSEWHERE,
    Decision,
    Gate,
    GateAnswer,
    IdentityMethod,
    IdentityQuestion,
    NewSearch,
    OnFile,
    Verdict,
)
from rightsflow.domain.gates.identity import StatedCheck
from rightsflow.domain.gates.refusals import read_details


class RefusalCode(StrEnum):
    """The reason for refusing a request (codes of the letters' rule book)."""

    NONE = ""
    R1 = "R1 identity not confirmed, and the time to answer the question is over"
    R2 = "R2 manifestly unfounded or excessive (a second person decides)"
    R3 = "R3 no ground for erasure applies"
    R4 = "R4 an exception covers everything"
    R6 = "R6 national law restricts the right"
    R7 = "R7 we are not the controller"
    R8 = "R8 the representative has no authority"
    R9 = "R9 the law does not apply"
    R10 = "R10 by what was given alone no one can tell whose the data are"


_REFUSAL_CODE: RefusalCode = Field(
    default=RefusalCode.NONE, title="Reason code, if you refuse", description="There is no default for a refusal."
)
_REFUSAL_DETAILS: str = Field(
    default="",
    title="Details, if you refuse",
    description=(
        "One to the line, as its label, a colon and the text. R2: Circumstances; Intention and what shows it; Why "
        "a fee or a part would not do. R3: Purpose that goes on; Legal basis. R4: Exception and provision; Data "
        "that are kept; Kept until. R6: Provision. R7: Who is the controller; What we did with your request. "
        "R8: What proof is needed. R9: Law that we checked."
    ),
    json_schema_extra={"format": "textarea"},
)


class SendableLetter(StrEnum):
    """The letters that a person may send by hand: all that a step writes."""

    L1 = "L1 acknowledgement"
    L2 = "L2 question for proof of identity"
    L3 = "L3 question what is meant"
    L4 = "L4 more is needed to identify"
    L5 = "L5 notice of a fee"
    L6 = "L6 notice of extension"
    L7 = "L7 refusal"
    L8 = "L8 nothing held"
    L9 = "L9 access answer"
    L10 = "L10 erasure answer"
    L11 = "L11 partial erasure answer"
    L14 = "L14 reminder of the question for proof of identity"
    L15 = "L15 notice that a restriction is lifted"
    L16 = "L16 recipients who were told"
    L17 = "L17 objection answer"
    L18 = "L18 withdrawal confirmed"
    L20 = "L20 what processors have answered"
    L21 = "L21 notice before an erasure"
    L22 = "L22 restriction answer"
    L23 = "L23 withdrawal of consent answer"
    L24 = "L24 erased again"
    L25 = "L25 rectification answer"
    L26 = "L26 corrected by hand"
    L27 = "L27 opened in error or twice"
    L28 = "L28 interim answer"
    L29 = "L29 acknowledgement of a complaint"


class SentBy(StrEnum):
    """The channel by which a letter was sent, without a preset."""

    NONE = ""
    POST = DeliveryChannel.POST.value
    REGISTERED_POST = DeliveryChannel.REGISTERED_POST.value
    EMAIL = DeliveryChannel.EMAIL.value
    PORTAL = DeliveryChannel.PORTAL.value
    HANDED_OVER = DeliveryChannel.HANDED_OVER.value


class StopWord(StrEnum):
    """The reason for stopping a case without an answer, without a preset."""

    NONE = ""
    OPENED_IN_ERROR = StopReason.OPENED_IN_ERROR.value
    DUPLICATE = StopReason.DUPLICATE.value


class CheckMethod(StrEnum):
    """The method of an identity check, without a preset."""

    NONE = ""
    LOGGED_IN = IdentityMethod.LOGGED_IN.value
    CODE = IdentityMethod.CODE.value
    CALL_BACK = IdentityMethod.CALL_BACK.value
    SHARED_FACTS = IdentityMethod.SHARED_FACTS.value
    DOCUMENT = IdentityMethod.DOCUMENT.value
    OTHER = IdentityMethod.OTHER.value


class CheckedAgainst(StrEnum):
    """The data on file that identity was checked against, without a preset."""

    NONE = ""
    EMAIL = OnFile.EMAIL.value
    PHONE = OnFile.PHONE.value
    POSTAL = OnFile.POSTAL.value
    CUSTOMER = OnFile.CUSTOMER.value
    ACCOUNT = OnFile.ACCOUNT.value


class IdentityForm(RunInput):
    """The identity gate's form."""

    result: Literal["confirmed", "ask the person for proof", "refuse the request"] = Field(
        title="Identity",
        description=(
            "Is the requester the person the data are about? Asking writes a letter; the clock is suspended from the "
            "day on which it goes out, if that is soon."
        ),
    )
    method: CheckMethod = Field(
        default=CheckMethod.NONE,
        title="How it was checked",
        description="If you confirm: the mildest means that was sufficient. There is no default.",
    )
    what_was_done: str = Field(
        default="",
        title="What was done",
        description="If you confirm: in a sentence, such as: The person read back the code that was sent.",
    )
    checked_at: str = Field(
        default="",
        title="When it was done",
        description="If you confirm: day and time, in the controller's zone or with an offset.",
        examples=["2026-03-05T10:00"],
        json_schema_extra={"format": "date-time"},
    )
    checked_against: CheckedAgainst = Field(
        default=CheckedAgainst.NONE,
        title="Checked against",
        description="If you confirm: what was on file before the request. The value itself is not asked for.",
    )
    held_by: str = Field(
        default="",
        title="System that holds it",
        description=f"If you confirm: its name in rightsflow.toml; or {ELSEWHERE}, then say where in what was done.",
        examples=["helpdesk"],
    )
    on_file_since: str = Field(
        default="",
        title="On file since",
        description="If you confirm: the day on which that address or number came on file.",
        examples=["2024-05-03"],
        json_schema_extra={"format": "date"},
    )
    note: str = Field(
        default="",
        title="Note",
        description=(
            "If you ask: why there is doubt, in words for the person. If you refuse: the reason, which goes into the "
            "letter. Otherwise optional."
        ),
    )
    proof_arrived_on: str = Field(
        default="",
        title="Day on which the proof arrived",
        description="If the person was asked and the proof did not arrive today: the clock runs on from that day.",
        examples=["2026-03-05"],
        json_schema_extra={"format": "date"},
    )
    refusal_code: RefusalCode = _REFUSAL_CODE
    refusal_details: str = _REFUSAL_DETAILS
    decided_by: str = Field(title="Your name", description="Who made the check.", examples=["Ben Example"])

    def to_answer(self) -> GateAnswer:
        """The form as an answer: a decision, or that the person has to be asked first.

        Raises:
            BadInput: A fact of the check is missing, or something cannot be read.
        """
        if self.result == "ask the person for proof":
            return IdentityQuestion(doubt=self.note, by=self.decided_by)
        return replace(self._decision, proof_at=arrived_on(self.proof_arrived_on, current_app()))

    @property
    def _decision(self) -> Decision:
        if self.result == "confirmed":
            return confirmation(current_app(), self._stated, by=self.decided_by, note=self.note)
        return Decision(
            gate=Gate.IDENTITY,
            verdict=Verdict.REFUSED,
            by=self.decided_by,
            reason=self.note.strip(),
            code=self.refusal_code.value.partition(" ")[0],
            details=read_details(self.refusal_details.splitlines()),
        )

    @property
    def _stated(self) -> StatedCheck:
        return StatedCheck(
            method=self.method.value,
            done=self.what_was_done,
            at=self.checked_at,
            against=self.checked_against.value,
            held_by=self.held_by,
            since=self.on_file_since,
        )


class ReleaseForm(RunInput):
    """The approval gate's form for an access request: the release of the package."""

    decision: Literal["approve", "refuse"] = Field(title="Decision", description="Read the summary above first.")
    refusal_code: RefusalCode = _REFUSAL_CODE
    reason: str = Field(
        default="", title="Reason", description="Needed when you refuse; it goes into the letter to the person."
    )
    refusal_details: str = _REFUSAL_DETAILS
    records: str = Field(
        default="",
        title="Decisions on single records",
        description=(
            "Optional, one line each: numbers of the list above (or a system and a kind), a colon, leave out, a "
            "legal ground (rights of others, trade secrets, professional secrecy, investigation of an offence, "
            "national law), and its provision where that is not Art. 15(4). For example: 3-7, 12: leave out | "
            "professional secrecy | § 29 BDSG. What is left out is counted in the answer with its ground."
        ),
        json_schema_extra={"format": "textarea"},
    )
    decided_by: str = Field(
        title="Your name", description="Not the person who opened the request (four eyes).", examples=["Dana Example"]
    )

    def to_answer(self) -> GateAnswer:
        """The form as an answer.

        Raises:
            BadInput: Something cannot be read.
        """
        return self._decision

    @property
    def _decision(self) -> Decision:
        refused = self.decision == "refuse"
        return Decision(
            gate=Gate.APPROVAL,
            verdict=Verdict.REFUSED if refused else Verdict.APPROVED,
            by=self.decided_by,
            reason=self.reason,
            code=self.refusal_code.value.partition(" ")[0] if refused else "",
            details=read_details(self.refusal_details.splitlines()) if refused else {},
            records=read_record_decisions(self.records.splitlines()),
        )


class NothingHeldForm(ReleaseForm):
    """The approval gate's form where the search found nothing: the answer that is wrong most easily."""

    decision: Literal['approve "nothing held"', "search again", "refuse"] = Field(  # type: ignore[assignment]
        title="Decision",
        description=(
            "Read above how the systems were searched. Approve: the person reads that you hold no data about them. "
            "Search again: if a mapping was corrected or a system should know the person. Refuse: the request itself."
        ),
    )
    reason: str = Field(
        default="",
        title="Reason",
        description=(
            "Needed when you search again or refuse. Of a new search it is kept encrypted in the case; of a refusal it "
            "goes into the letter to the person."
        ),
    )

    def to_answer(self) -> GateAnswer:
        """The form as an answer: a decision, or that the systems are to be searched again first.

        Raises:
            BadInput: Something cannot be read.
        """
        if self.decision == "search again":
            return NewSearch(reason=self.reason, by=self.decided_by)
        return self._decision


class ErasureForm(ReleaseForm):
    """The approval gate's form for an erasure request: the plan."""

    decision: Literal["approve", "refuse"] = Field(
        title="Decision", description="Read the summary above first. An approved erasure cannot be undone."
    )
    include_unclear: bool = Field(
        default=False,
        title="Treat unclear records as the person's",
        description="Records that carry nothing but a number which several people used in turn.",
    )
    records: str = Field(
        default="",
        title="Decisions on single records",
        description=(
            "Optional, one line each: numbers of the list above (or a system and a kind), a colon, and erase, or keep "
            "or restrict with its ground for the person, its provision and its end. For example: 3-7, 12: keep | "
            "defence of a claim of 4 May 2026 | Art. 17(3)(e) | until 2027-01-31. Or: helpdesk ticket: keep | "
            "pending lawsuit | Art. 17(3)(e) | ends when the judgment is final. Or: 4: erase. Or, where no document "
            "class is stated: helpdesk ticket: class none (or trade letter, voucher, book, recording, complaint file, "
            "consumer contract, oss record). A number goes before a kind. What a hold, a lock or the law "
            "keeps is kept in any case."
        ),
        json_schema_extra={"format": "textarea"},
    )

    @property
    def _decision(self) -> Decision:
        return replace(super()._decision, include_unclear=self.include_unclear)
