"""The letters to the data subject: what each must say, from variables alone.

``render`` is pure: the same variables give the same text and the same hash. What may not be sent does not render.
"""

from rightsflow.letters.erasure import (
    BackUps,
    ErasureConfirmation,
    OutcomeRow,
    PartialErasure,
    Residue,
    erasure_letter_id,
    outcome_rows,
)
from rightsflow.letters.refusal import Reason, Refusal
from rightsflow.letters.rendering import Letter, render
from rightsflow.letters.variables import (
    AccessCover,
    Acknowledgement,
    LetterId,
    LetterVariables,
    NothingHeld,
    Remedies,
    Sender,
    Withdrawal,
)

__all__ = [
    "AccessCover",
    "Acknowledgement",
    "BackUps",
    "ErasureConfirmation",
    "Letter",
    "LetterId",
    "LetterVariables",
    "NothingHeld",
    "OutcomeRow",
    "PartialErasure",
    "Reason",
    "Refusal",
    "Remedies",
    "Residue",
    "Sender",
    "Withdrawal",
    "erasure_letter_id",
    "outcome_rows",
    "render",
]
