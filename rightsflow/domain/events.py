"""The vocabulary of the ledger: what can have happened to a case and to the store, and the steps of a case.

Their texts are signed and verified years later: a text is never changed, and what is not written any more stays, since
old entries have it.
"""

from __future__ import annotations

from enum import StrEnum


class CaseEvent(StrEnum):
    """What an entry of a case's own chain says; what each means is in docs/reference/ledger-events.md."""

    CASE_OPENED = "CaseOpened"
    EARLIER_CASES_FOUND = "EarlierCasesFound"
    REQUEST_JOINED = "RequestJoined"
    IDENTITY_REVIEW_AWAITED = "IdentityReviewAwaited"
    IDENTITY_ASKED = "IdentityAsked"
    IDENTITY_CONFIRMED = "IdentityConfirmed"
    PROOF_OF_IDENTITY_ASKED = "ProofOfIdentityAsked"
    ADDRESSES_LOOKED_UP = "AddressesLookedUp"
    IDENTITY_CODE_MADE = "IdentityCodeMade"
    IDENTITY_CODE_SENT = "IdentityCodeSent"
    IDENTITY_CODE_NOT_SENT = "IdentityCodeNotSent"
    IDENTITY_CODE_REJECTED = "IdentityCodeRejected"
    IDENTITY_CODE_ACCEPTED = "IdentityCodeAccepted"
    CLARIFICATION_ASKED = "ClarificationAsked"
    GATE_ANSWERED_BY_QUESTION = "GateAnsweredByQuestion"
    GATE_ANSWER_REJECTED = "GateAnswerRejected"
    REFUSAL_PROPOSED = "RefusalProposed"
    DECISION_RECORDED = "DecisionRecorded"
    RECORDS_DECIDED = "RecordsDecided"
    COPIES_LEFT_OUT = "CopiesLeftOut"
    IDENTIFIERS_LEARNT = "IdentifiersLearnt"
    STEP_DONE = "StepDone"
    STEP_FAILED = "StepFailed"
    APPROVAL_AWAITED = "ApprovalAwaited"
    NEW_SEARCH_ORDERED = "NewSearchOrdered"
    REVIEW_SKIPPED_BY_POLICY = "ReviewSkippedByPolicy"
    APPROVED = "Approved"
    OUTCOME_RECORDED = "OutcomeRecorded"
    OUTCOME_TAKEN_BACK = "OutcomeTakenBack"
    PRESENCE_CHECKED = "PresenceChecked"
    WORKING_COPIES_LOST = "WorkingCopiesLost"
    WORKING_COPIES_REMOVED = "WorkingCopiesRemoved"
    BACKUPS_NAMED = "BackupsNamed"
    LETTER_WRITTEN = "LetterWritten"
    LETTER_SENT = "LetterSent"
    LETTER_EDITED = "LetterEdited"
    LETTER_DELIVERED = "LetterDelivered"
    LETTER_RETURNED = "LetterReturned"
    LETTER_NOT_MAILABLE = "LetterNotMailable"
    CLOCK_MOVED = "ClockMoved"
    DUE_DATE_MOVED = "DueDateMoved"
    EXTENSION_DECIDED = "ExtensionDecided"
    CASE_AT_RISK = "CaseAtRisk"
    TASK_NOTED = "TaskNoted"
    TASK_DONE = "TaskDone"
    TASK_HANDED_OVER = "TaskHandedOver"
    TASK_APPROVED = "TaskApproved"
    RETENTION_ENDED = "RetentionEnded"
    RETENTION_PROLONGED = "RetentionProlonged"
    ERASED_RECORDS_RETURNED = "ErasedRecordsReturned"
    ALERT_RAISED = "AlertRaised"
    ALERT_ACKNOWLEDGED = "AlertAcknowledged"
    INCIDENT_RAISED = "IncidentRaised"
    CASE_HANDED_OVER = "CaseHandedOver"
    PERSONAL_DATA_REVEALED = "PersonalDataRevealed"
    EVIDENCE_EXPORTED = "EvidenceExported"
    RUN_STARTED_AGAIN = "RunStartedAgain"
    EVIDENCE_HELD = "EvidenceHeld"
    EVIDENCE_RELEASED = "EvidenceReleased"
    CASE_ANSWERED = "CaseAnswered"
    NOTHING_HELD_REPORTED = "NothingHeldReported"
    CASE_REFUSED = "CaseRefused"
    CASE_WITHDRAWN = "CaseWithdrawn"
    PROCESSOR_ASKED = "ProcessorAsked"
    PROCESSOR_CONFIRMED = "ProcessorConfirmed"


class StoreEvent(StrEnum):
    """What an entry of the store's own chain says."""

    CASES_LISTED = "CasesListed"
    CASE_PURGED = "CasePurged"
    PERSON_LOOKED_UP = "PersonLookedUp"
    SEAL_KEY_MADE = "SealKeyMade"
    SEAL_KEY_RETIRED = "SealKeyRetired"
    MASTER_KEY_ROTATED = "MasterKeyRotated"
    BRAKE_SET = "BrakeSet"
    BRAKE_RELEASED = "BrakeReleased"
    PERSON_INVITED = "PersonInvited"
    ACCOUNT_MADE = "AccountMade"
    SIGNED_IN = "SignedIn"
    SIGNED_OUT = "SignedOutEverywhere"
    LEGAL_HOLD_PLACED = "LegalHoldPlaced"
    LEGAL_HOLD_APPROVED = "LegalHoldApproved"
    LEGAL_HOLD_REVIEWED = "LegalHoldReviewed"
    LEGAL_HOLD_RELEASED = "LegalHoldReleased"


class StepName(StrEnum):
    """What is done for a case, at one system or once; the details of `StepDone` and `StepFailed` name it."""

    LOCATE = "locate"
    RESOLVE = "resolve"
    PLAN = "plan"
    SETTLE_PLAN = "settle plan"
    EXTRACT = "extract"
    REDACT = "redact"
    ASSEMBLE = "assemble"
    ERASE = "erase"
    VERIFY = "verify"
    ANSWER = "answer"
    PLAN_KEPT = "plan at end of retention"
    ERASE_KEPT = "erase at end of retention"
    VERIFY_AGAIN = "verify again"

    @property
    def is_follow_up(self) -> bool:
        """Whether it is done after the answer, by the follow-up."""
        return self in {StepName.PLAN_KEPT, StepName.ERASE_KEPT, StepName.VERIFY_AGAIN}
