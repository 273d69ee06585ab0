"""Invented variables for every letter."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from rightsflow.documents.letters import (
    AccessCover,
    Acknowledgement,
    AtProcessor,
    BeforeErasure,
    CannotIdentify,
    Clarification,
    ComplaintReceived,
    ConsentWithdrawn,
    CorrectedByHand,
    CorrectionLine,
    ErasedAgain,
    ErasedLater,
    ErasureConfirmation,
    ExtensionNotice,
    FeeNotice,
    IdentityReminder,
    IdentityRequest,
    InterimAnswer,
    LetterId,
    LetterVariables,
    LiftingNotice,
    NothingHeld,
    NotInformed,
    NotYet,
    ObjectionFollowed,
    OfferedMethod,
    OutcomeRow,
    PartialErasure,
    ProcessorsAnswered,
    RecipientsNamed,
    RecordsLine,
    RectifiedOnRequest,
    Refusal,
    Remedies,
    Residue,
    RestrictedOnRequest,
    Searched,
    Sender,
    StopNotice,
    ToInform,
    Withdrawal,
)
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.processors.terms import InstructionStanding
from rightsflow.domain.rectification.corrections import RulingKind
from rightsflow.domain.vocabulary.records import OutcomeKind

SENDER = Sender(
    name="Example Devices GmbH",
    timezone="Europe/Berlin",
    contact="Subject rights desk",
    contact_email="rights@example.com",
    address="Musterstr. 1, 91052 Erlangen",
)
BRITISH = SENDER.model_copy(update={"regime": "uk-gdpr"})
REMEDIES = Remedies(authority="Example Data Protection Authority", authority_url="https://authority.example")
COMMON: dict[str, Any] = {"case_id": "DSR-2026-7K3M9Q", "sender": SENDER, "written_on": date(2026, 11, 24)}
ERASED = (
    OutcomeRow(system="Helpdesk", category="service tickets", outcome=OutcomeKind.ERASED, count=4),
    OutcomeRow(
        system="Helpdesk",
        category="notes in tickets of others",
        outcome=OutcomeKind.REDACTED,
        count=1,
        reason="The ticket is another person's; only your name stood in it.",
    ),
    OutcomeRow(system="Call centre", category="call notes", outcome=OutcomeKind.DELEGATED, count=2),
    OutcomeRow(system="Online shop", category="customer profiles", outcome=OutcomeKind.NOT_HELD, count=1),
)
RESTRICTED = OutcomeRow(
    system="Helpdesk",
    category="service tickets",
    outcome=OutcomeKind.RESTRICTED,
    count=2,
    reason="You asked that it is stored and used for nothing else.",
    legal_basis="Art. 18(1)(a) GDPR",
    ends_when="we have checked whether they are accurate",
)
RETAINED = OutcomeRow(
    system="Payments",
    category="invoices",
    outcome=OutcomeKind.RESTRICTED,
    count=3,
    reason="Tax law obliges us to keep vouchers.",
    legal_basis="Art. 17(3)(b) GDPR with § 147(1) no. 4 and (3) AO",
    until=date(2034, 12, 31),
    purpose="tax audit",
    access_by="two people in accounting",
)
ERASURE: dict[str, Any] = {
    **COMMON,
    "received_on": date(2026, 11, 2),
    "checked_on": date(2026, 11, 23),
    "evidence_until": date(2029, 12, 31),
    "searched_on": date(2026, 11, 20),
    "searched": (
        Searched(system="Helpdesk", by=("your e-mail address",)),
        Searched(system="Recordings", needs=("your phone number",)),
    ),
    "cannot_find": ("Helpdesk",),
    "remedies": REMEDIES,
    "residue": (Residue(system="Payments", text="Log lines with the request number stay for 13 months."),),
    "suppression": "your e-mail address as a code, so that no advertising is sent to you again (Art. 21(3) GDPR).",
    "informed": ("our call centre", "the carrier"),
    "consequences": ("We can no longer look up your warranty; please keep your receipt.",),
}


LATER = ErasedLater(system="Payments", records=3, kept_until=date(2034, 12, 31), due_on=date(2035, 1, 1))
"""The task for what is kept in RETAINED."""


PROVED = AtProcessor(name="Callhouse Lisbon", standing=InstructionStanding.CONFIRMED, on=date(2026, 11, 23), records=4)
UNABLE = AtProcessor(
    name="Paywell plc",
    standing=InstructionStanding.CANNOT,
    on=date(2026, 11, 22),
    reason="A court has sealed its archive.",
)
OPEN = AtProcessor(name="Subcalls SA", standing=InstructionStanding.WAITING, due_on=date(2026, 11, 30))


UK_SENDER = SENDER.model_copy(
    update={"name": "Example Devices Ltd", "timezone": "Europe/London", "address": "1 Sample Road, Leeds LS1 1AA"}
    | {"regime": "uk-gdpr"}
)
ICO = Remedies(authority="the Information Commission", authority_url="https://ico.example")
UK: dict[str, Any] = {"sender": UK_SENDER, "remedies": ICO}
IDENTITY: dict[str, Any] = {
    **COMMON,
    "right": "access",
    "received_on": date(2026, 11, 23),
    "doubt": "The message came from an e-mail address that names nobody, and gives a name only.",
    "methods": tuple(OfferedMethod),
    "wait_until": date(2026, 12, 24),
    "clock_stands": True,
    "promised_on": date(2026, 12, 23),
    "remedies": REMEDIES,
}


def variables(letter_id: LetterId, **changes: Any) -> LetterVariables:
    """Variables with which the letter renders."""
    model, values = _SAMPLES[letter_id]
    return model(**(values | changes))


_SAMPLES: dict[LetterId, tuple[type[LetterVariables], dict[str, Any]]] = {
    LetterId.ACKNOWLEDGEMENT: (
        Acknowledgement,
        {
            **COMMON,
            "right": "access",
            "received_at": datetime(2026, 11, 2, 23, 30, tzinfo=UTC),
            "due_on": date(2026, 12, 3),
            "operational_target_on": date(2026, 11, 26),
        },
    ),
    LetterId.IDENTITY_REQUEST: (IdentityRequest, IDENTITY),
    LetterId.IDENTITY_REMINDER: (
        IdentityReminder,
        {**IDENTITY, "asked_on": date(2026, 11, 24), "written_on": date(2026, 12, 8)},
    ),
    LetterId.CLARIFICATION: (
        Clarification,
        {
            **COMMON,
            "received_on": date(2026, 11, 23),
            "areas": ("service tickets", "payments", "call recordings", "advertising"),
            "is_searched": False,
            "promised_on": date(2026, 12, 23),
            "remedies": REMEDIES,
        },
    ),
    LetterId.EXTENSION: (
        ExtensionNotice,
        {
            **COMMON,
            "right": "access",
            "received_on": date(2026, 11, 2),
            "reasons": (
                "140 hours of call recordings in three systems have to be screened for the voices of others.",
                "412 service tickets hold attachments that name other persons and have to be masked.",
            ),
            "first_due_on": date(2026, 12, 2),
            "extended_until": date(2027, 2, 2),
            "partial_results": "The data of the helpdesk and the payments come with a separate letter this week.",
            "remedies": REMEDIES,
        },
    ),
    LetterId.REFUSAL: (
        Refusal,
        {
            **COMMON,
            "right": "erasure",
            "received_on": date(2026, 11, 2),
            "reason": Reason.NO_GROUND,
            "facts": ("The contract of 3 May 2025 still runs.",),
            "details": {"Purpose that goes on": "performing the contract", "Legal basis": "Art. 6(1)(b) GDPR"},
            "remedies": REMEDIES,
        },
    ),
    LetterId.NOTHING_HELD: (
        NothingHeld,
        {
            **COMMON,
            "right": "access",
            "received_on": date(2026, 11, 2),
            "searched_on": date(2026, 11, 20),
            "searched": (
                {"system": "Helpdesk", "by": ("your e-mail address", "your telephone number")},
                {"system": "Payments", "by": ("your e-mail address",)},
                {"system": "Call recordings", "by": ("your telephone number",)},
            ),
            "request_file_until": date(2029, 12, 31),
            "remedies": REMEDIES,
        },
    ),
    LetterId.ACCESS_COVER: (
        AccessCover,
        {
            **COMMON,
            "received_on": date(2026, 11, 2),
            "delivery": "You can fetch it at https://answers.example.com after logging in.",
            "available_until": date(2026, 12, 24),
            "passphrase_channel": "by telephone, from our case owner",
            "remedies": REMEDIES,
        },
    ),
    LetterId.ERASURE_CONFIRMATION: (ErasureConfirmation, {**ERASURE, "rows": ERASED}),
    LetterId.PARTIAL_ERASURE: (PartialErasure, {**ERASURE, "rows": (*ERASED, RETAINED)}),
    LetterId.OBJECTION_FOLLOWED: (ObjectionFollowed, {**ERASURE, "rows": (*ERASED, RETAINED), "not_concerned": 3}),
    LetterId.RESTRICTED: (
        RestrictedOnRequest,
        {**ERASURE, "rows": (RESTRICTED, RETAINED), "not_concerned": 1, "ground": "accuracy"},
    ),
    LetterId.RECTIFIED: (
        RectifiedOnRequest,
        {
            **ERASURE,
            "rows": (
                OutcomeRow(
                    system="Helpdesk",
                    category="customer profiles",
                    outcome=OutcomeKind.RECTIFIED,
                    count=1,
                    reason="Corrected: telephone number.",
                ),
                OutcomeRow(
                    system="Payments",
                    category="invoices",
                    outcome=OutcomeKind.UNRECTIFIED,
                    count=1,
                    reason="It is a voucher, which is not altered once it is issued.",
                ),
            ),
            "items": (
                CorrectionLine(number=1, what="telephone number", ruling=RulingKind.ACCEPTED),
                CorrectionLine(number=2, what="name", ruling=RulingKind.REFUSED, text="The contract shows this name."),
                CorrectionLine(number=3, what="note", ruling=RulingKind.COMPLETED, text="She did not call."),
            ),
            "not_concerned": 2,
        },
    ),
    LetterId.CONSENT_WITHDRAWN: (ConsentWithdrawn, {**ERASURE, "rows": (*ERASED, RETAINED)}),
    LetterId.PROCESSORS_ANSWERED: (
        ProcessorsAnswered,
        {
            **COMMON,
            "received_on": date(2026, 11, 2),
            "answered_on": date(2026, 11, 20),
            "right": "erasure",
            "processors": (PROVED, UNABLE),
            "remedies": REMEDIES,
        },
    ),
    LetterId.INTERIM_ANSWER: (
        InterimAnswer,
        {
            **COMMON,
            "right": "erasure",
            "received_on": date(2026, 10, 2),
            "due_on": date(2026, 11, 2),
            "erased": (ERASED[0],),
            "not_yet": (NotYet(system="Payments", what="carry out there what you asked", since=date(2026, 10, 20)),),
            "remedies": REMEDIES,
        },
    ),
    LetterId.CANNOT_IDENTIFY: (
        CannotIdentify,
        {
            **COMMON,
            "right": "access",
            "received_on": date(2026, 11, 2),
            "given": ("your telephone number",),
            "would_show": "your e-mail address or your customer number",
            "remedies": REMEDIES,
        },
    ),
    LetterId.FEE: (
        FeeNotice,
        {
            **COMMON,
            "right": "access",
            "received_on": date(2026, 11, 2),
            "ground": "it is manifestly excessive",
            "article": "Art. 12(5)(a)",
            "facts": "You asked for the same copy on each of the last nine Mondays.",
            "amount": "12.50 EUR",
            "costs": "half an hour of a clerk's work",
            "answer_by": date(2026, 12, 1),
            "promised_on": date(2026, 12, 30),
            "remedies": REMEDIES,
        },
    ),
    LetterId.RECIPIENTS: (
        RecipientsNamed,
        {
            **COMMON,
            "right": "erasure",
            "received_on": date(2026, 10, 2),
            "asked_on": date(2026, 11, 20),
            "informed": ("Paketdienst AG",),
            "to_inform": (ToInform(name="Factoring KG", due_on=date(2026, 12, 1)),),
            "not_informed": (NotInformed(name="Umfrage GmbH", reason="it has been wound up"),),
            "remedies": REMEDIES,
        },
    ),
    LetterId.COMPLAINT_RECEIVED: (
        ComplaintReceived,
        {
            **COMMON,
            "sender": BRITISH,
            "complained_on": date(2026, 11, 20),
            "about_on": date(2026, 10, 2),
            "remedies": REMEDIES,
        },
    ),
    LetterId.BEFORE_ERASURE: (
        BeforeErasure,
        {
            **COMMON,
            "received_on": date(2026, 11, 2),
            "begins_on": date(2026, 12, 4),
            "remedies": REMEDIES,
            "runs_on": ("1 ticket that is not solved (Helpdesk)",),
            "consequences": ("A service ticket that is not solved ends without an answer.",),
        },
    ),
    LetterId.RESTRICTION_LIFTED: (
        LiftingNotice,
        {
            **COMMON,
            "received_on": date(2026, 11, 2),
            "answered_on": date(2026, 11, 20),
            "lifted_on": date(2026, 12, 20),
            "reason": "The claim for which you needed them is settled.",
            "lines": (RecordsLine(system="Helpdesk", category="service tickets", count=2),),
            "remedies": REMEDIES,
        },
    ),
    LetterId.ERASED_AGAIN: (
        ErasedAgain,
        {
            **COMMON,
            "received_on": date(2026, 10, 2),
            "answered_on": date(2026, 10, 20),
            "seen_on": date(2026, 10, 27),
            "erased_on": date(2026, 10, 28),
            "lines": (RecordsLine(system="Helpdesk", category="service tickets", count=2),),
            "remedies": REMEDIES,
        },
    ),
    LetterId.CORRECTED_BY_HAND: (
        CorrectedByHand,
        {
            **COMMON,
            "received_on": date(2026, 10, 2),
            "answered_on": date(2026, 10, 20),
            "system": "Helpdesk",
            "done_on": date(2026, 10, 28),
            "corrected": ("telephone number",),
            "left": ("date of birth",),
            "told": ("Carrier",),
            "remedies": REMEDIES,
        },
    ),
    LetterId.CASE_STOPPED: (
        StopNotice,
        {
            **COMMON,
            "right": "erasure",
            "received_on": date(2026, 10, 2),
            "stopped_at": datetime(2026, 11, 10, 9, 0, tzinfo=UTC),
            "request_file_until": date(2029, 12, 31),
            "remedies": REMEDIES,
        },
    ),
    LetterId.WITHDRAWAL: (
        Withdrawal,
        {
            **COMMON,
            "right": "erasure",
            "withdrawn_at": datetime(2026, 11, 10, 9, 0, tzinfo=UTC),
            "is_untouched": True,
            "request_file_until": date(2029, 12, 31),
        },
    ),
}
