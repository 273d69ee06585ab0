"""The letters to the data subject: what each must say, from variables alone.

``render`` is pure: the same variables give the same text and the same hash. What may not be sent does not render.
"""

from rightsflow.documents.letters.access import AccessCover, NothingHeld
from rightsflow.documents.letters.erasure import (
    DoneByHand,
    ErasedBy,
    ErasedLater,
    ErasureConfirmation,
    OutcomeRow,
    PartialErasure,
    Residue,
    erasure_letter_id,
)
from rightsflow.documents.letters.extension import ExtensionNotice, check_reason
from rightsflow.documents.letters.notices import (
    BeforeErasure,
    ComplaintReceived,
    CorrectedByHand,
    ErasedAgain,
    InterimAnswer,
    LiftingNotice,
    NotYet,
    RecordsLine,
)
from rightsflow.documents.letters.objection import (
    ConsentWithdrawn,
    CorrectionLine,
    ObjectionFollowed,
    RectifiedOnRequest,
    RestrictedOnRequest,
)
from rightsflow.documents.letters.processors import AtProcessor, NotInformed, ProcessorsAnswered, ToInform
from rightsflow.documents.letters.questions import (
    CannotIdentify,
    Clarification,
    FeeNotice,
    IdentityReminder,
    IdentityRequest,
    OfferedMethod,
    RecipientsNamed,
)
from rightsflow.documents.letters.refusal import AnsweredElsewhere, Refusal, StopNotice
from rightsflow.documents.letters.rendering import Letter, render
from rightsflow.documents.letters.variables import (
    Acknowledgement,
    Contestable,
    FoundRecords,
    LetterVariables,
    Remedies,
    Searched,
    Sender,
    Withdrawal,
)
from rightsflow.domain.vocabulary.letter_ids import LetterId

__all__ = [
    "AccessCover",
    "Acknowledgement",
    "AnsweredElsewhere",
    "AtProcessor",
    "BeforeErasure",
    "CannotIdentify",
    "Clarification",
    "ComplaintReceived",
    "ConsentWithdrawn",
    "Contestable",
    "CorrectedByHand",
    "CorrectionLine",
    "DoneByHand",
    "ErasedAgain",
    "ErasedBy",
    "ErasedLater",
    "ErasureConfirmation",
    "ExtensionNotice",
    "FeeNotice",
    "FoundRecords",
    "IdentityReminder",
    "IdentityRequest",
    "InterimAnswer",
    "Letter",
    "LetterId",
    "LetterVariables",
    "LiftingNotice",
    "NotInformed",
    "NotYet",
    "NothingHeld",
    "ObjectionFollowed",
    "OfferedMethod",
    "OutcomeRow",
    "PartialErasure",
    "ProcessorsAnswered",
    "RecipientsNamed",
    "RecordsLine",
    "RectifiedOnRequest",
    "Refusal",
    "Remedies",
    "Residue",
    "RestrictedOnRequest",
    "Searched",
    "Sender",
    "StopNotice",
    "ToInform",
    "Withdrawal",
    "check_reason",
    "erasure_letter_id",
    "render",
]
