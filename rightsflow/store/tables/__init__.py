"""The tables. Whatever may be personal data stands in a ``sealed_…`` column, encrypted under the case's key."""

from rightsflow.store.tables.account_rows import (
    AccountRow,
    ChallengeRow,
    FailedAttemptRow,
    InvitationRow,
    PasskeyRow,
    SessionRow,
)
from rightsflow.store.tables.agent_rows import AgentRequestRow, AgentTokenRow
from rightsflow.store.tables.base import REVISION, Base, Instant, table_of
from rightsflow.store.tables.case_parts import (
    AlertRow,
    CaseTaskRow,
    ClockEventRow,
    DecisionRow,
    DurationRow,
    FindingRow,
    HandoverRow,
    IdentifierRow,
    LetterRow,
    MaskChoiceRow,
    SecretRow,
    StepRow,
)
from rightsflow.store.tables.case_row import CaseRow
from rightsflow.store.tables.coordination_rows import (
    AbsenceRow,
    BrakeRow,
    BreakerRow,
    ErasedAmountRow,
    LeaseRow,
    LegalHoldRow,
    RoleRow,
    SlotRow,
    SuppressionRow,
)
from rightsflow.store.tables.ledger_rows import ChainRow, LedgerRow, PublicationRow, SealProofRow, SealRow, VaultKeyRow
from rightsflow.store.tables.order_rows import OrderRow
from rightsflow.store.tables.processor_rows import InstructionRow, ProcessorAnswerRow, ProcessorDocumentRow

__all__ = [
    "REVISION",
    "AbsenceRow",
    "AccountRow",
    "AgentRequestRow",
    "AgentTokenRow",
    "AlertRow",
    "Base",
    "BrakeRow",
    "BreakerRow",
    "CaseRow",
    "CaseTaskRow",
    "ChainRow",
    "ChallengeRow",
    "ClockEventRow",
    "DecisionRow",
    "DurationRow",
    "ErasedAmountRow",
    "FailedAttemptRow",
    "FindingRow",
    "HandoverRow",
    "IdentifierRow",
    "Instant",
    "InstructionRow",
    "InvitationRow",
    "LeaseRow",
    "LedgerRow",
    "LegalHoldRow",
    "LetterRow",
    "MaskChoiceRow",
    "OrderRow",
    "PasskeyRow",
    "ProcessorAnswerRow",
    "ProcessorDocumentRow",
    "PublicationRow",
    "RoleRow",
    "SealProofRow",
    "SealRow",
    "SecretRow",
    "SessionRow",
    "SlotRow",
    "StepRow",
    "SuppressionRow",
    "VaultKeyRow",
    "table_of",
]
