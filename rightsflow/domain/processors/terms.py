"""Terms of the register: the recipients' roles towards the controller, and the channels to reach them."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.vocabulary.rights import Right


class ProcessorRole(StrEnum):
    """The role of a recipient towards the controller, which decides whether it is instructed or notified."""

    PROCESSOR = "processor"
    """It works on instruction (Art. 28 GDPR)."""
    JOINT_CONTROLLER = "joint controller"
    """It answers together with the controller (Art. 26 GDPR)."""
    CONTROLLER = "controller"
    """It is independent: it is notified (Art. 19 GDPR) and not instructed."""
    COLLEAGUE = "colleague"
    """No company but a colleague: the owner of a system that no program reaches, who looks in it by hand."""

    @property
    def is_instructed(self) -> bool:
        """True if the recipient is asked to act and has to prove that it did."""
        return self is not ProcessorRole.CONTROLLER

    @property
    def is_colleague(self) -> bool:
        """True if the recipient is a colleague, and no company."""
        return self is ProcessorRole.COLLEAGUE

    @property
    def asked_by(self) -> str:
        """Noun for its request in mails and alerts: a colleague receives a task."""
        return "task" if self.is_colleague else "instruction"

    def action(self, right: Right) -> Action:
        """Return the action for a recipient in a request.

        Args:
            right: What the person asked for.
        """
        if not self.is_instructed:
            return Action.TAKE_NOTE
        return _ACTIONS[right]


class ProcessorChannel(StrEnum):
    """The channel by which an instruction is sent."""

    MANUAL = "manual"
    """A person sends the text."""
    EMAIL = "email"
    """The watch mails it, and reminds."""
    OPENDSR = "opendsr"
    """The watch asks over OpenDSR 2.0, for erasures and of another Rightsflow for data, and reads there the result."""


class ProofKind(StrEnum):
    """The proof that a processor has to return."""

    COUNTS = "counts"
    """The number of records."""
    FILE = "file"
    """A document, such as a log or a signed certificate."""


class Action(StrEnum):
    """The action that a recipient is asked to take."""

    ERASE = "erase"
    HAND_OVER = "hand over"
    """Give a copy of what it holds of the person (Art. 15 GDPR)."""
    STOP_MARKETING = "stop marketing"
    """Use nothing of the person for direct marketing any more (Art. 21(3) GDPR)."""
    RESTRICT = "restrict"
    """Store what it holds of the person, and use it for nothing else (Art. 18 GDPR)."""
    END_CONSENT = "end consent"
    """End what rests on the person's consent (Art. 7(3) GDPR)."""
    RECTIFY = "rectify"
    """Put right values in the place of wrong ones (Art. 16 GDPR)."""
    LIFT = "lift restriction"
    """Use again what was stored only: the restriction of which it was told has ended (Art. 18(3) GDPR)."""
    CALL_OFF = "call off"
    """Do nothing more: the person has taken the request back."""
    TAKE_NOTE = "take note"
    """For an independent controller: it is notified of the erasure (Art. 19 GDPR), and decides on its own."""


_ACTIONS: Final = MappingProxyType(
    {
        Right.ACCESS: Action.HAND_OVER,
        Right.ERASURE: Action.ERASE,
        Right.OBJECTION: Action.STOP_MARKETING,
        Right.RESTRICTION: Action.RESTRICT,
        Right.CONSENT: Action.END_CONSENT,
        Right.RECTIFICATION: Action.RECTIFY,
    }
)
"""Action of a processor by right."""


class ProcessorAnswer(StrEnum):
    """The answer of a processor."""

    DONE = "done"
    NOTHING_HELD = "nothing held"
    CANNOT = "cannot"
    MORE_TIME = "more time"
    HANDED_ON = "handed on"
    """Its sub-processors act; their proof is to come."""
    TAKEN_BACK = "taken back"
    """An earlier answer does not hold any more."""

    @property
    def claims(self) -> bool:
        """True if the answer states that nothing of the person is left there."""
        return self in {ProcessorAnswer.DONE, ProcessorAnswer.NOTHING_HELD}


class Doubt(StrEnum):
    """The reason why an answer is no proof until a person has checked it."""

    ZERO = "nothing is held there, although the search found records of the person where it works"
    CONTRADICTS = "it contradicts an earlier answer"
    NO_PROOF = "the proof that the register asks for is missing"
    UNREAD = "no program can tell whose records it handed over; they have to be read"
    LATE = "it came when the package was made already, and goes to the person with a letter of its own"
    KEPT = "its certificate says that records are kept there, or that something has still to be done"
    BACK = "records that were erased are back in a system in which it works, after it said that it was done"
    OWN_WORDS = "the reason is in the processor's own words, and the person would read them"

    @property
    def code(self) -> str:
        """The doubt as it is stored and written to the ledger."""
        return self.name.lower()

    @classmethod
    def of_code(cls, code: str) -> Doubt:
        """Return the doubt of a stored code."""
        return cls[code.upper()]


class InstructionStanding(StrEnum):
    """The status of an instruction."""

    NOT_ASKED = "not asked"
    """Nothing is known of the person by which it finds records."""
    UNSENT = "not sent"
    WAITING = "waiting for proof"
    QUESTIONED = "answer to be checked"
    CONFIRMED = "confirmed"
    CANNOT = "cannot"
    TOLD = "told"
    """It was told of the erasure, and has nothing to prove to us."""
    NOT_TOLD = "cannot be told"
    """Telling it is impossible or would take a disproportionate effort (Art. 19 GDPR), for the reason that is noted."""

    CALLED_OFF = "called off"
    """Nothing is wanted any more, since the person has taken the request back."""

    @property
    def is_open(self) -> bool:
        """True if an answer or a check is outstanding."""
        return self in {InstructionStanding.UNSENT, InstructionStanding.WAITING, InstructionStanding.QUESTIONED}
