"""The page of the ledger's entries; what each says is written here, which there are is in rightsflow.domain.vocabulary.events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from docs.generate.markdown import code, table
from rightsflow.domain.vocabulary.events import CaseEvent, StoreEvent

CASE: Final[Mapping[CaseEvent, str]] = {
    CaseEvent.CASE_OPENED: "A case was opened: right, channel, days, kinds of identifier with keyed hashes.",
    CaseEvent.EARLIER_CASES_FOUND: "Earlier cases with the same e-mail address or two of the same identifiers: hashes.",
    CaseEvent.REQUEST_JOINED: "A further request is answered by this case: arrival and channel. An earlier arrival moves the dates.",
    CaseEvent.IDENTITY_REVIEW_AWAITED: "The case waits at the identity gate.",
    CaseEvent.IDENTITY_ASKED: "The case waits for proof of identity.",
    CaseEvent.IDENTITY_CONFIRMED: "The identity gate was passed.",
    CaseEvent.PROOF_OF_IDENTITY_ASKED: "Letter L2 was written.",
    CaseEvent.ADDRESSES_LOOKED_UP: "The addresses on file were looked up: systems, count.",
    CaseEvent.IDENTITY_CODE_MADE: "A code for an address on file: number, keyed hash, kind of address, system, on file since, expiry.",
    CaseEvent.IDENTITY_CODE_SENT: "The mail server accepted the code's mail: number, reply.",
    CaseEvent.IDENTITY_CODE_NOT_SENT: "The mail server rejected the code's mail: number, reply.",
    CaseEvent.IDENTITY_CODE_REJECTED: "A wrong code was entered: number of code and attempt.",
    CaseEvent.IDENTITY_CODE_ACCEPTED: "The code was returned, which confirms identity: number, way.",
    CaseEvent.CLARIFICATION_ASKED: "Letter L3 was written; before an erasure with the records' keyed hashes.",
    CaseEvent.MESSAGE_RECEIVED: "A message of the person was recorded: number, keyed hash, SHA-256 of its files.",
    CaseEvent.MESSAGE_TAKEN_AS_ANSWER: "A message was recorded as the answer to a question: number.",
    CaseEvent.MESSAGE_REMOVED: "The content of a message or note was removed: number, keyed hash of the reason.",
    CaseEvent.NOTE_WRITTEN: "A note to colleagues: number, keyed hash, the colleagues whom it names.",
    CaseEvent.REQUEST_NARROWED: "The request concerns some categories and a period only: author.",
    CaseEvent.REFUSAL_PROPOSED: "A refusal as unfounded or excessive was proposed; a second person decides.",
    CaseEvent.DECISION_RECORDED: "A gate's decision: gate, verdict, author, refusal code; identity check with method, time and basis.",
    CaseEvent.RECORDS_DECIDED: "Decisions on single records: keyed hash, decision, ground, end, author.",
    CaseEvent.CORRECTIONS_DECIDED: "Decisions on correction items: numbers, fields, decision, keyed hash of the reason, author.",
    CaseEvent.COPIES_LEFT_OUT: "Records that a person left out of the access package.",
    CaseEvent.MASKS_DECIDED: "Decisions on redactions: kind, keyed hashes of records, count, ground, package, SHA-256 of edited copy and original, author.",
    CaseEvent.RECORD_TAKEN_IN: "A doubtful record was included in the package: keyed hashes of record, linked records and reason; doubt, author.",
    CaseEvent.RECORD_LEFT_AGAIN: "An included record was left out again: undone, changed, another person's, or no longer in doubt.",
    CaseEvent.PACKAGE_SENT_BACK: "The package is rebuilt (masked, copied or searched again): author, keyed hash of the remark.",
    CaseEvent.RECORDS_READ: "A person noted records of the package as read: their numbers, count, package's hash.",
    CaseEvent.PERSON_CHANGE_PROPOSED: "A change of the person's identifiers or address waits for a second person: act, kind, keyed hashes.",
    CaseEvent.PERSON_CHANGE_DECLINED: "A second person declined the change: act, kind, keyed hashes.",
    CaseEvent.PERSON_DETAILS_CHANGED: "An identifier or the postal address was added, corrected or removed: act, kind, keyed hashes.",
    CaseEvent.IDENTIFIERS_LEARNT: "A system named further identifiers: keyed hashes.",
    CaseEvent.STEP_DONE: "A step at a system ended: counts.",
    CaseEvent.STEP_FAILED: "A step at a system failed: our error sentence.",
    CaseEvent.APPROVAL_AWAITED: "The case waits at the approval gate.",
    CaseEvent.NEW_SEARCH_ORDERED: "A person ordered a new search.",
    CaseEvent.REVIEW_SKIPPED_BY_POLICY: "A policy approved “nothing held”: name, version, hash, draw, systems that proved their search.",
    CaseEvent.RELEASED_BY_POLICY: "A policy released the package: name, version, hash, draw, records per system, package's hash.",
    CaseEvent.REVIEW_DRAWN: "The draw gave a case of a policy to a person: policy, version, rate.",
    CaseEvent.APPROVED: "Plan or package was approved.",
    CaseEvent.OUTCOME_RECORDED: "A record's outcome: keyed hash, system, outcome, reason, legal basis, end.",
    CaseEvent.RECORDING_MUTED: "Seconds of a recording were silenced: system, keyed hash, SHA-256 of the new content.",
    CaseEvent.SYSTEM_JOB_BEGUN: "A system began a job that erases records: system, kind, job's id, count, day on which a person looks at it.",
    CaseEvent.SYSTEM_JOB_ENDED: "The job of a system ended: system, job's id.",
    CaseEvent.RECORD_RENAMED: "A record is back under another name: system, keyed hashes of both names.",
    CaseEvent.OUTCOME_TAKEN_BACK: "An outcome was withdrawn after a fresh read.",
    CaseEvent.PRESENCE_CHECKED: "A fresh read after an erasure or correction: result per record.",
    CaseEvent.WORKING_COPIES_LOST: "Working copies are missing and are made again.",
    CaseEvent.WORKING_COPIES_REMOVED: "Working copies and package were removed: reason.",
    CaseEvent.BACKUPS_NAMED: "A system's back-ups still contain erased data: last day, contents.",
    CaseEvent.LETTER_WRITTEN: "A letter was written: number, keyed hash and commitment of its text; for a rewritten letter the reason.",
    CaseEvent.LETTER_SENT: "A letter was sent: time, author, channel, keyed hash of the proof, mail server's reply, kind of address, package.",
    CaseEvent.INTERIM_ANSWER_WRITTEN: "An interim answer was written: letter, failing systems.",
    CaseEvent.MORE_TO_IDENTIFY_ASKED: "Letter L4 was written: nothing can be attributed to the person with what they gave.",
    CaseEvent.FEE_ANNOUNCED: "Letter L5 was written: ground, amount, day by which the person chooses.",
    CaseEvent.RECIPIENTS_ASKED: "The person asked for the recipients (Art. 19 s. 2 GDPR): day, letter, count.",
    CaseEvent.COMPLAINT_RECORDED: "A complaint (s. 164A Data Protection Act 2018): number, receipt, last day for the acknowledgement, keyed hash.",
    CaseEvent.LETTER_TEXT_CONFIRMED: "A second person confirmed the free text of a letter beside the retained records.",
    CaseEvent.LETTER_EDITED: "Free parts of a letter were edited: letter, keyed hash and commitment of the new text.",
    CaseEvent.LETTER_OPENED: "A person opened a letter: number, keyed hash of its text; of the one in a package, its hash.",
    CaseEvent.LETTER_DELIVERED: "A letter arrived: day, author, keyed hash of the proof.",
    CaseEvent.LETTER_RETURNED: "A letter came back: day, author, its sending; it must be sent again.",
    CaseEvent.LETTER_OVERTAKEN: "An unsent letter became void: reason.",
    CaseEvent.LETTER_NOT_MAILABLE: "The mail server rejected a letter permanently; a person sends it.",
    CaseEvent.CLOCK_MOVED: "The clock was suspended, resumed or extended.",
    CaseEvent.DUE_DATE_MOVED: "The due date moved: before, after, reason.",
    CaseEvent.EXTENSION_DECIDED: "The period was extended: author, end.",
    CaseEvent.CASE_AT_RISK: "The forecast passes the target date.",
    CaseEvent.RETENTION_ENDED: "A retention ended and its records are erased: keyed hashes, task, plan, approval.",
    CaseEvent.BLANKING_APPROVED: "Unneeded fields of retained records are blanked: keyed hashes, task, plan's digest, approval.",
    CaseEvent.RETENTION_PROLONGED: "Records are retained longer: keyed hashes, task, author or rule.",
    CaseEvent.RETENTION_SHORTENED: "Records are retained until an earlier day: keyed hashes, task, approval.",
    CaseEvent.ERASED_RECORDS_RETURNED: "Erased records are back: system, count.",
    CaseEvent.TASK_APPROVED: "A task of the follow-up was approved: number, plan's digest.",
    CaseEvent.TASK_NOTED: "A task was created: number, kind, system, count, day, owner.",
    CaseEvent.TASK_DONE: "A task ended: number, author, day; for a manual one its result, keyed hash of the reason, corrected and uncorrected fields.",
    CaseEvent.TASK_HANDED_OVER: "An open task changed owner: number, both owners.",
    CaseEvent.ALERT_RAISED: "An alert was raised: recipients.",
    CaseEvent.ALERT_ACKNOWLEDGED: "An alert was acknowledged.",
    CaseEvent.INCIDENT_RAISED: "An incident to be reported, such as a late refusal.",
    CaseEvent.CASE_HANDED_OVER: "The case changed owner.",
    CaseEvent.PERSONAL_DATA_REVEALED: "A person viewed personal data; for single records their keyed hashes.",
    CaseEvent.EVIDENCE_EXPORTED: "The case's evidence was exported.",
    CaseEvent.RUN_STARTED_AGAIN: "The case's run was started again: reason.",
    CaseEvent.EVIDENCE_HELD: "The evidence is held for a complaint or claim.",
    CaseEvent.EVIDENCE_RELEASED: "The evidence hold was lifted.",
    CaseEvent.CASE_ANSWERED: "The case is *answered*; it closes when the answer is recorded as sent.",
    CaseEvent.NOTHING_HELD_REPORTED: "The case closed as *nothing held*.",
    CaseEvent.CASE_REFUSED: "The case closed as *refused*.",
    CaseEvent.CASE_WITHDRAWN: "The case closed as *withdrawn*.",
    CaseEvent.CASE_STOPPED: "The case closed as *stopped*: reason, keyed hashes of its basis and of the continuing case.",
    CaseEvent.DUPLICATE_STOPPED: "A duplicate of this case was stopped: keyed hash, its receipt. An earlier receipt moves the dates.",
    CaseEvent.PROCESSOR_ASKED: "An instruction was written: number, task, kinds of identifier, systems, count, day, keyed hash of its text; `task` names a lifted restriction.",
    CaseEvent.PROCESSOR_NOT_ASKED: "A processor was not asked, for lack of an identifier it can use.",
    CaseEvent.INSTRUCTION_SENT: "An instruction was sent: number, time, author.",
    CaseEvent.INSTRUCTION_CALLED_OFF: "An unanswered instruction was cancelled with the request: number, whether it was sent.",
    CaseEvent.INSTRUCTION_NOT_MAILABLE: "Mail server or processor rejected an instruction permanently; a person sends it.",
    CaseEvent.PROCESSOR_REMINDED: "A processor was reminded: number, whether its management too.",
    CaseEvent.CONFIRMATION_LINK_MADE: "A one-time link was made: instruction, keyed hash of the token, expiry.",
    CaseEvent.CONFIRMATION_LINK_USED: "A processor answered by the link, which ends it.",
    CaseEvent.PROCESSOR_CONFIRMED: "A processor confirmed the erasure or holds nothing: count, day, proof's SHA-256, lateness, doubts.",
    CaseEvent.PROCESSOR_ANSWERED: "Another answer of a processor: cannot, more time, handed on or withdrawn; day, new day.",
    CaseEvent.PROCESSOR_ANSWER_CHECKED: "A person confirmed a doubtful answer: keyed hash of the reason.",
    CaseEvent.PROCESSOR_ANSWER_DOUBTED: "An answer must be checked again, since erased records are back: doubt.",
    CaseEvent.KEPT_FROM_ADVERTISING: "The person was put on the suppression list: count, new entries.",
    CaseEvent.PERSON_SUPPRESSED: "The answer names the suppression entries: kinds, counts, reason, end; no hash.",
    CaseEvent.SAME_PERSON_CONFIRMED: "A person decided that another case is the same person's: keyed hashes of case and reason.",
    CaseEvent.OTHER_PERSON_FOUND: "A person decided that another case is another person's: keyed hashes of case and reason.",
    CaseEvent.LIFTING_ANNOUNCED: "A restriction will be lifted, announced by L15: records, keyed hash of the reason.",
    CaseEvent.MARKS_LOST: "Restriction marks are missing: system, count, keyed hashes; `copies` for unmarked second versions.",
    CaseEvent.MARKED_AGAIN: "Missing marks were restored: the same details.",
    CaseEvent.MARKS_RETURNED: "Marks of lifted restrictions are back: system, count, keyed hashes.",
    CaseEvent.LIFTED_AGAIN: "Returned marks were removed: the same details.",
    CaseEvent.CORRECTIONS_UNDONE: "Corrected records have the wrong value again: system, count, keyed hashes.",
    CaseEvent.CORRECTED_AGAIN: "These records were corrected again: the same details.",
    CaseEvent.RESTRICTION_LIFTED: "A restriction was lifted at a system (Art. 18(3) GDPR).",
    CaseEvent.ORDER_TAKEN: "A controller's order: controller, its id, SHA-256 of the order, systems, day, exclusions. No letter is written.",
    CaseEvent.ORDER_ANSWERED: "The order's certificate was made and the case closed: SHA-256, count.",
    CaseEvent.ORDER_RESULT_FETCHED: "The controller fetched certificate or package.",
    CaseEvent.CONTROLLER_TOLD: "A callback to the controller: status, addresses that accepted it.",
    CaseEvent.AGENT_REQUEST_TAKEN: "An authorised agent's request: agent, business, id, action, law, keyed hash of the message, the agent's statements. No acknowledgement is written.",
    CaseEvent.AGENT_TOLD: "A callback to the agent: status, reason.",
    CaseEvent.RECIPIENT_NOT_TOLD: "A recipient cannot be told (Art. 19 GDPR): keyed hash of the reason.",
}
"""Entries of a case's own chain, roughly in the order of a case."""

STORE: Final[Mapping[StoreEvent, str]] = {
    StoreEvent.CASES_LISTED: "New cases under their first daily seal.",
    StoreEvent.CASE_PURGED: "A case was purged: number of entries, last hash.",
    StoreEvent.PERSON_LOOKED_UP: "A person's cases were looked up: kinds of identifier, hits.",
    StoreEvent.SEAL_KEY_MADE: "A signing key was made: public key.",
    StoreEvent.SEAL_KEY_RETIRED: "A signing key was retired.",
    StoreEvent.MASTER_KEY_ROTATED: "The master key was replaced and all keys rewrapped.",
    StoreEvent.BRAKE_SET: "Erasing was stopped: system, case or all; author, reason.",
    StoreEvent.LEGAL_HOLD_PLACED: "A legal hold was placed: number, scope, owner, review; the matter is encrypted.",
    StoreEvent.LEGAL_HOLD_APPROVED: "A second person approved a legal hold.",
    StoreEvent.LEGAL_HOLD_REVIEWED: "A legal hold was reviewed and stays: next review.",
    StoreEvent.CALENDAR_ADDRESS_MADE: "A colleague's calendar got an address: key. An earlier address ended.",
    StoreEvent.CALENDAR_ADDRESS_ENDED: "The address of a colleague's calendar ended: key.",
    StoreEvent.SUPPRESSION_ADDED: "Addresses were put on the suppression list: kinds, reason, end; no hash.",
    StoreEvent.SUPPRESSION_REMOVED: "Addresses were removed from the list: keyed hash of the reason.",
    StoreEvent.COVERAGE_PLACES_FOUND: "Places of a system that are not configured were found: system, count.",
    StoreEvent.UNOPENED_REQUESTS_FOUND: "Texts of a system were read, and requests found in them: system, count.",
    StoreEvent.UNOPENED_REQUEST_READ: "A person read the text of a found request in its system: number, system.",
    StoreEvent.UNOPENED_REQUEST_ENDED: "A found request became a case, joined one, or is none: number, system, right, end, case, keyed hash of the reason.",
    StoreEvent.COVERAGE_PLACE_ACCEPTED: "A person accepted that a place is not configured: number, system, kind, keyed hashes of name and reason.",
    StoreEvent.AGENT_PAIRED: "An agent got a token: agent, business, whether an earlier token ended.",
    StoreEvent.LEGAL_HOLD_RELEASED: "A legal hold was released; its records are decided again.",
    StoreEvent.BRAKE_RELEASED: "Erasing resumed: author.",
    StoreEvent.LEDGER_REPAIR_PROPOSED: "A person proposed to seal a ledger with faults: places, digests.",
    StoreEvent.LEDGER_FAULTS_ACCEPTED: "A second person accepted these faults; `ledger verify` still names them.",
    StoreEvent.PERSON_INVITED: "A person was invited to the desk: key, inviter.",
    StoreEvent.INVITATION_APPROVED: "A second admin approved the replacement of an account; `alone` without another admin.",
    StoreEvent.ACCOUNT_MADE: "An invitation was redeemed; an earlier account ended.",
    StoreEvent.PASSWORD_CHANGED: "A person changed their password: key, sessions that ended.",
    StoreEvent.AUTHENTICATOR_CHANGED: "A person changed their authenticator app: key, sessions that ended.",
    StoreEvent.PASSKEY_ADDED: "A person added a passkey.",
    StoreEvent.PASSKEY_REMOVED: "A person removed a passkey.",
    StoreEvent.SIGNED_IN: "A person signed in: method; for an identity provider its `acr` and `amr`.",
    StoreEvent.PROVED_AFRESH: "A person signed in again at the identity provider: `acr`, `amr`.",
    StoreEvent.SIGNED_OUT: "All sessions of a person ended: author, count.",
}
"""Entries of the chain of the store itself."""

_INTRODUCTION: Final = """# Ledger entries

```console
$ rightsflow evidence DSR-2026-7K3M9Q -o case.zip --by "Your Name"     # contains the entries of a case
$ rightsflow ledger verify
```

Every entry has a number, a time, an actor, the versions of code and rules, and details in counts, names of systems and keyed hashes,
never content. Chains and signatures: [ledger and signatures](../explanation/ledger-and-signatures.md).

"""


def page() -> str:
    """The page."""
    head = ("Entry", "Meaning: details")
    case = table(head, ((code(name), text) for name, text in CASE.items()))
    store = table(head, ((code(name), text) for name, text in STORE.items()))
    return f"{_INTRODUCTION}## Of a case\n\n{case}\n## Of the store\n\n{store}"


def not_explained() -> list[str]:
    """The entries that the page does not explain."""
    return sorted({*CaseEvent, *StoreEvent} - {*CASE, *STORE})
