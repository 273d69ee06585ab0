"""The page of the ledger's entries; what each says is written here, that none is missing is read from the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from docs.generate.markdown import code, table

_ROOT: Final = Path(__file__).parent.parent.parent
_WRITERS: Final = (
    "rightsflow/store/**/*.py",
    "rightsflow/domain/case/states.py",
    "rightsflow/cases/**/*.py",
    "tasks/**/*.py",
)
_EVENT: Final = re.compile(r"[A-Z][a-z]+(?:[A-Z][a-z]+)+|Approved")
_NO_EVENTS: Final = frozenset({"CaseFile"})

CASE: Final = {
    "CaseOpened": "A request became a case: right, channel, days, and the kinds of identifier with their keyed hashes.",
    "EarlierCasesFound": "The same person has other cases; their hashes.",
    "RequestJoined": "A further request of the person arrived before the answer was sent, and is answered by it: when it arrived, and how.",
    "IdentityReviewAwaited": "The case waits at the identity gate for a person's decision.",
    "IdentityAsked": "A letter asks the person for proof of identity; in entries of earlier versions, the case only waited.",
    "IdentityConfirmed": "The identity gate was passed.",
    "ProofOfIdentityAsked": "The letter L2 was written.",
    "ClarificationAsked": "The letter L3 was written.",
    "GateAnsweredByQuestion": "At a gate the person was asked something instead of a decision.",
    "GateAnswerRejected": "An answer at a gate could not be accepted, and why.",
    "RefusalProposed": "A refusal as unfounded or excessive was proposed; a second person decides on it.",
    "DecisionRecorded": "A decision at a gate: gate, verdict, who decided, code of a refusal; how identity was checked, when, "
    "and against what on file.",
    "RecordsDecided": "Decisions on single records at the approval gate: keyed hash, what, ground, until; who decided.",
    "CopiesLeftOut": "Copies of records that a person decided to leave out of the access package.",
    "IdentifiersLearnt": "A system named further identifiers of the person; their keyed hashes.",
    "StepDone": "A step at a system is done, with its counts.",
    "StepFailed": "A step at a system failed, with our sentence.",
    "ApprovalAwaited": "The case waits at the approval gate.",
    "NewSearchOrdered": "Nothing was found, and a person ordered a new search.",
    "ReviewSkippedByPolicy": "Nothing was found, and the controller's policy let the answer go out without a person's decision.",
    "Approved": "The plan or the package was approved.",
    "OutcomeRecorded": "What became of one record: its keyed hash, system, outcome, reason, legal basis, end.",
    "OutcomeTakenBack": "An outcome was withdrawn, because a fresh read showed otherwise.",
    "PresenceChecked": "What a fresh read after the erasure showed of one record.",
    "WorkingCopiesLost": "Working copies are missing and are made again.",
    "WorkingCopiesRemoved": "Working copies and package were removed, and why.",
    "LetterWritten": "A letter was written: its number, the keyed hash of its text and a commitment to it.",
    "LetterSent": "A letter was sent, when, by whom and by which channel; the keyed hash of a proof's reference, the mail server's answer.",
    "LetterNotMailable": "The mail server refused a letter for good; somebody has to send it in another way.",
    "ClockMoved": "The clock was suspended, resumed or extended.",
    "DueDateMoved": "The due date moved: before, after, and why.",
    "ExtensionDecided": "The period is extended; by whom and until when.",
    "CaseAtRisk": "The forecast passes the day to work to.",
    "TaskNoted": "A task by hand was noted: its number, kind, system, number of records, day and owner.",
    "TaskDone": "A task by hand was done: its number, by whom and on which day.",
    "TaskHandedOver": "An open task by hand went to the case's new owner: its number, the owner before and after.",
    "AlertRaised": "An alert was raised, and whom it is for.",
    "AlertAcknowledged": "A person acknowledged an alert.",
    "IncidentRaised": "Something went wrong that has to be told, such as a refusal after its last day.",
    "CaseHandedOver": "The case has another owner.",
    "PersonalDataRevealed": "A person looked at personal data of the case.",
    "EvidenceExported": "The evidence of the case was exported.",
    "EvidenceHeld": "The evidence is held for a complaint or a claim.",
    "EvidenceReleased": "The hold was lifted.",
    "CaseAnswered": "The case has ended as *answered*; it is closed when the answer is recorded as sent.",
    "NothingHeldReported": "The case is closed as *nothing held*.",
    "CaseRefused": "The case is closed as *refused*.",
    "CaseWithdrawn": "The case is closed as *withdrawn*.",
}
"""Entries of a case's own chain, roughly in the order of a case."""

STORE: Final = {
    "CasesListed": "Which new cases a daily seal covers first.",
    "CasePurged": "A case was purged: the number of its entries and the hash of the last one.",
    "PersonLookedUp": "Somebody looked for a person's cases: kinds of identifier and number of hits, no values.",
    "SealKeyMade": "A signing key was made; its public half.",
    "SealKeyRetired": "A signing key was retired.",
    "MasterKeyRotated": "The master key was replaced and all case keys were wrapped again.",
    "BrakeSet": "Erasing was stopped, at a system or everywhere, by whom and why.",
    "BrakeReleased": "Erasing goes on; who released it.",
}
"""Entries of the chain of the store itself."""

_INTRODUCTION: Final = """# Ledger entries

Every entry holds its number, its time, the actor, the version of the code and of the rules of law, and details in counts, names of systems
and keyed hashes, never content. How entries are chained and signed: [ledger and signatures](../explanation/ledger-and-signatures.md).

"""


def page() -> str:
    """The page."""
    head = ("Entry", "Meaning")
    case = table(head, ((code(name), text) for name, text in CASE.items()))
    store = table(head, ((code(name), text) for name, text in STORE.items()))
    return f"{_INTRODUCTION}## Of a case\n\n{case}\n## Of the store\n\n{store}"


def not_explained() -> list[str]:
    """The entries that the code writes and the page does not explain, or the other way round."""
    return sorted(frozenset(_written()) ^ {*CASE, *STORE})


def _written() -> Iterator[str]:
    for pattern in _WRITERS:
        for path in sorted(_ROOT.glob(pattern)):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            texts = {
                one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            yield from sorted(text for text in texts - _NO_EVENTS if _EVENT.fullmatch(text))
