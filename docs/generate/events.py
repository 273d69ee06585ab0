"""The page of the ledger's entries; what each says is written here, which there are is in rightsflow.domain.events."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from docs.generate.markdown import code, table
from rightsflow.domain.events import CaseEvent, StoreEvent

CASE: Final[Mapping[CaseEvent, str]] = {
    CaseEvent.CASE_OPENED: "A request became a case: right, channel, days, and the kinds of identifier with their keyed hashes.",
    CaseEvent.EARLIER_CASES_FOUND: "Cases of who gave the same e-mail address, or two of the same identifiers, were there when it was opened; their hashes.",
    CaseEvent.REQUEST_JOINED: "A further request of the person arrived before the answer was sent, and is answered by it: when it arrived, and how. Where that was earlier, the dates count from it.",
    CaseEvent.IDENTITY_REVIEW_AWAITED: "The case waits at the identity gate for a person's decision.",
    CaseEvent.IDENTITY_ASKED: "A letter asks the person for proof of identity; in entries of earlier versions, the case only waited.",
    CaseEvent.IDENTITY_CONFIRMED: "The identity gate was passed.",
    CaseEvent.PROOF_OF_IDENTITY_ASKED: "The letter L2 was written.",
    CaseEvent.ADDRESSES_LOOKED_UP: "The systems were asked which addresses they have on file for who asks: systems, number of addresses.",
    CaseEvent.IDENTITY_CODE_MADE: "A code was made for an address on file: its number and keyed hash, the kind of address, its system, since when, until when it counts.",
    CaseEvent.IDENTITY_CODE_SENT: "The mail server took the code's mail: its number, the server's answer.",
    CaseEvent.IDENTITY_CODE_NOT_SENT: "The mail server did not take the code's mail: its number, the server's answer.",
    CaseEvent.IDENTITY_CODE_REJECTED: "A code was typed that is not the one that was sent: number of the code, and of the attempt.",
    CaseEvent.IDENTITY_CODE_ACCEPTED: "The code was given back: its number, and how. Identity is confirmed by it.",
    CaseEvent.CLARIFICATION_ASKED: "The letter L3 was written; before an erasure, about which records, by their keyed hashes.",
    CaseEvent.GATE_ANSWERED_BY_QUESTION: "At a gate the person was asked something instead of a decision.",
    CaseEvent.GATE_ANSWER_REJECTED: "An answer at a gate could not be accepted, and why.",
    CaseEvent.REFUSAL_PROPOSED: "A refusal as unfounded or excessive was proposed; a second person decides on it.",
    CaseEvent.DECISION_RECORDED: "A decision at a gate: gate, verdict, who decided, code of a refusal; how identity was checked, when, "
    "and against what on file.",
    CaseEvent.RECORDS_DECIDED: "Decisions on single records at the approval gate: keyed hash, what, ground, until; who decided.",
    CaseEvent.CORRECTIONS_DECIDED: "Decisions on items that are to be corrected: their numbers and fields, accept, refuse or complete, the keyed hash of reason or statement; who decided.",
    CaseEvent.COPIES_LEFT_OUT: "Copies of records that a person decided to leave out of the access package.",
    CaseEvent.MASKS_DECIDED: "Decisions on what is masked in the access package: accepted, shown, masked, muted, given as a copy edited by hand, or taken back; keyed hashes of the records, the number, "
    "the ground, the package that was read, the SHA-256 of a copy and of its original; who decided.",
    CaseEvent.RECORD_TAKEN_IN: "A person decided that a record in doubt is given in the access package: keyed hashes of it and of what hangs on it, the doubt, the keyed hash of the reason; who decided.",
    CaseEvent.RECORD_LEFT_AGAIN: "A record that was taken in is left out again, with what hangs on it: taken back by whom, or since it says something else than was looked at, names another person, or is the person's without doubt.",
    CaseEvent.PACKAGE_SENT_BACK: "The access package is made again before its release: masked, copied or searched again; by whom, and the keyed hash of the remark.",
    CaseEvent.IDENTIFIERS_LEARNT: "A system named further identifiers of the person; their keyed hashes.",
    CaseEvent.STEP_DONE: "A step at a system is done, with its counts.",
    CaseEvent.STEP_FAILED: "A step at a system failed, with our sentence.",
    CaseEvent.APPROVAL_AWAITED: "The case waits at the approval gate.",
    CaseEvent.NEW_SEARCH_ORDERED: "A person did not believe what the search found, or that it found nothing, and ordered a new one.",
    CaseEvent.REVIEW_SKIPPED_BY_POLICY: "Nothing was found, and a policy of the controller approved the answer in a person's place: which one in which version with which hash, "
    "what the case drew of how many, which systems had proved their search.",
    CaseEvent.RELEASED_BY_POLICY: "A policy of the controller released the access package in a person's place: which one in which version with which hash, "
    "what the case drew of how many, how many records of which systems, and the package's hash.",
    CaseEvent.REVIEW_DRAWN: "A policy would have approved the answer, and the draw gave the case to a person: the policy, its version, one of how many.",
    CaseEvent.APPROVED: "The plan or the package was approved.",
    CaseEvent.OUTCOME_RECORDED: "What became of one record: its keyed hash, system, outcome, reason, legal basis, end.",
    CaseEvent.RECORDING_MUTED: "Seconds of a recording were silenced at its system: system, record as keyed hash, and the SHA-256 of what is stored in its place.",
    CaseEvent.RECORD_RENAMED: "A record that was gone is back under another name, such as an object's new version: system, and both names as keyed hashes.",
    CaseEvent.OUTCOME_TAKEN_BACK: "An outcome was withdrawn, because a fresh read showed otherwise.",
    CaseEvent.PRESENCE_CHECKED: "What a fresh read after the erasure showed of one record; of a corrected one, that what was wrong is absent.",
    CaseEvent.WORKING_COPIES_LOST: "Working copies are missing, as after the death of a process that had them in memory, and are made again.",
    CaseEvent.WORKING_COPIES_REMOVED: "Working copies and package were removed, and why.",
    CaseEvent.BACKUPS_NAMED: "The answer to an erasure names a system whose back-ups still hold what was erased: until which day, and what is in them.",
    CaseEvent.LETTER_WRITTEN: "A letter was written: its number, the keyed hash of its text and a commitment to it. Once more where an earlier receipt moved the dates that it names before it was sent: then with why.",
    CaseEvent.LETTER_SENT: "A letter was sent, when, by whom and by which channel; the keyed hash of a proof's reference, the mail server's answer, to which kind of address it was mailed, and whether the package went with it.",
    CaseEvent.INTERIM_ANSWER_WRITTEN: "A person let the interim answer be written: which letter, and the systems that fail.",
    CaseEvent.MORE_TO_IDENTIFY_ASKED: "The person was told that they cannot be identified in the data with what they gave, and what they may add (Art. 11(2) GDPR).",
    CaseEvent.RECIPIENTS_ASKED: "The person asked who was told of what was done (Art. 19 s. 2 GDPR): on which day, which letter, and how many are named.",
    CaseEvent.COMPLAINT_RECORDED: "A complaint to the controller about the case (s. 164A Data Protection Act 2018): its number, the day of receipt, the last day for its acknowledgement, and its keyed hash.",
    CaseEvent.LETTER_TEXT_CONFIRMED: "A second person read the free text of a letter beside the list of what is kept, and confirmed it.",
    CaseEvent.LETTER_EDITED: "A person worded the free parts of a letter before it was sent: which, the keyed hash of the new text and a commitment to it.",
    CaseEvent.LETTER_DELIVERED: "A letter reached the person: on which day, who noted it, the keyed hash of a proof's reference.",
    CaseEvent.LETTER_RETURNED: "A letter came back: on which day, who noted it, and when and how it had been sent; it is to be sent again.",
    CaseEvent.LETTER_OVERTAKEN: "A letter that was written and not sent is not to be sent any more, and why.",
    CaseEvent.LETTER_NOT_MAILABLE: "The mail server refused a letter for good; a person has to send it in another way.",
    CaseEvent.CLOCK_MOVED: "The clock was suspended, resumed or extended.",
    CaseEvent.DUE_DATE_MOVED: "The due date moved: before, after, and why.",
    CaseEvent.EXTENSION_DECIDED: "The period is extended; by whom and until when.",
    CaseEvent.CASE_AT_RISK: "The forecast passes the day to work to.",
    CaseEvent.RETENTION_ENDED: "The retention of records is over and they are erased: their keyed hashes, the task, the plan, and who or which policy approved it.",
    CaseEvent.BLANKING_APPROVED: "Of records that are kept on, fields that no law needs any more are to be blanked: their keyed hashes, the task, the digest of the plan, who or what approved it. Which fields, the outcome says.",
    CaseEvent.RETENTION_PROLONGED: "Records are kept longer than was said: their keyed hashes, the task, by whom or by which rule.",
    CaseEvent.RETENTION_SHORTENED: "Records are kept until an earlier day than was said, by rules that have changed since: their keyed hashes, the task, who approved it.",
    CaseEvent.ERASED_RECORDS_RETURNED: "A look days after an erasure showed records again: system and number.",
    CaseEvent.TASK_APPROVED: "A person approved what the follow-up is to do for a task: its number and the digest of the plan.",
    CaseEvent.TASK_NOTED: "A task was noted: its number, kind, system, number of records, day and owner.",
    CaseEvent.TASK_DONE: "A task was done: its number, by whom and on which day; of one by hand also what became of it (done, still needed, not done), the keyed hash of the reason, and of a correction by hand the fields that were put right and those that were not.",
    CaseEvent.TASK_HANDED_OVER: "An open task went to the case's new owner: its number, the owner before and after.",
    CaseEvent.ALERT_RAISED: "An alert was raised, and whom it is for.",
    CaseEvent.ALERT_ACKNOWLEDGED: "A person acknowledged an alert.",
    CaseEvent.INCIDENT_RAISED: "Something went wrong that has to be told, such as a refusal after its last day.",
    CaseEvent.CASE_HANDED_OVER: "The case has another owner.",
    CaseEvent.PERSONAL_DATA_REVEALED: "A person looked at personal data of the case; of single records, their keyed hashes.",
    CaseEvent.EVIDENCE_EXPORTED: "The evidence of the case was exported.",
    CaseEvent.RUN_STARTED_AGAIN: "The case's run in Prefect was cancelled at a gate, or is gone, and was started again: why.",
    CaseEvent.EVIDENCE_HELD: "The evidence is held for a complaint or a claim.",
    CaseEvent.EVIDENCE_RELEASED: "The hold was lifted.",
    CaseEvent.CASE_ANSWERED: "The case has ended as *answered*; it is closed when the answer is recorded as sent.",
    CaseEvent.NOTHING_HELD_REPORTED: "The case is closed as *nothing held*.",
    CaseEvent.CASE_REFUSED: "The case is closed as *refused*.",
    CaseEvent.CASE_WITHDRAWN: "The case is closed as *withdrawn*.",
    CaseEvent.CASE_STOPPED: "The case is closed as *stopped*: why (opened in error, duplicate), the keyed hash of how that is known, and of a duplicate the keyed hash of the case that goes on.",
    CaseEvent.DUPLICATE_STOPPED: "Another case of the same request was stopped as a duplicate of this one: the keyed hash of which one, and when its request was received. Where that was earlier, the dates count from it.",
    CaseEvent.PROCESSOR_ASKED: "An instruction to a processor was written: its number, what is asked, the kinds of identifier told, systems and number of records found there, day, the keyed hash of its text; with `task`, that a restriction has ended which that task lifted.",
    CaseEvent.PROCESSOR_NOT_ASKED: "A processor was not asked, since nothing is known of the person by which it finds records.",
    CaseEvent.INSTRUCTION_SENT: "An instruction went out: its number, when, by whom.",
    CaseEvent.INSTRUCTION_CALLED_OFF: "The request was taken back, or its case stopped: nothing more is wanted of an instruction that was not answered; its number, and whether it had gone out.",
    CaseEvent.INSTRUCTION_NOT_MAILABLE: "The mail server, or the processor over OpenDSR, refused an instruction for good; a person has to send it in another way.",
    CaseEvent.PROCESSOR_REMINDED: "A processor was reminded by mail: the number of the instruction, and whether its management was written to as well.",
    CaseEvent.CONFIRMATION_LINK_MADE: "A one-time link for a processor's answer was made, to be mailed: the number of the instruction, the keyed hash of the link's token, and when it ends.",
    CaseEvent.CONFIRMATION_LINK_USED: "A processor answered by that link, which is over with it.",
    CaseEvent.PROCESSOR_CONFIRMED: "A processor confirmed that it erased, or holds nothing: number of records, day, the SHA-256 of its proof, whether it came late, and why it has to be checked.",
    CaseEvent.PROCESSOR_ANSWERED: "A processor answered otherwise: it cannot, needs more time, has handed it on, or takes an answer back; the day, and the new one.",
    CaseEvent.PROCESSOR_ANSWER_CHECKED: "A person checked an answer that was doubtful, and it holds; the keyed hash of how.",
    CaseEvent.PROCESSOR_ANSWER_DOUBTED: "What an answer proved has to be checked again, since erased records are back in a system where the processor works; which doubt.",
    CaseEvent.KEPT_FROM_ADVERTISING: "At once after an objection the person was put on the suppression list: how many addresses and numbers, and how many of them anew.",
    CaseEvent.PERSON_SUPPRESSED: "The answer names what the suppression list holds of the person: kinds and numbers, why, and until when; no hash.",
    CaseEvent.SAME_PERSON_CONFIRMED: "A person found that the case is of the same person as another one: the keyed hashes of which one and of how that was found out. It knows what that one put right, and names what that one left.",
    CaseEvent.OTHER_PERSON_FOUND: "A person found that another case, which shares something with it, is of another person: the keyed hashes of which one and of how that was found out.",
    CaseEvent.LIFTING_ANNOUNCED: "A restriction is to be lifted on a day, of which L15 tells the person before; the records, and the keyed hash of why.",
    CaseEvent.MARKS_LOST: "Restricted records were found without the mark at their system, for instance after a restored back-up: system, number, and the records as keyed hashes; `copies` where it is a second one of each that lies beside it without a mark.",
    CaseEvent.MARKED_AGAIN: "Restricted records bear their mark again by what their system answered or showed: the same details.",
    CaseEvent.MARKS_RETURNED: "Records whose restriction was lifted bore this case's mark again, for instance after a restored back-up: system, number, and the records as keyed hashes.",
    CaseEvent.LIFTED_AGAIN: "That mark was taken away again, by what their system answered or showed: the same details.",
    CaseEvent.CORRECTIONS_UNDONE: "Corrected records held again what was wrong, for instance after a restored back-up: system, number, and the records as keyed hashes.",
    CaseEvent.CORRECTED_AGAIN: "These records hold what is right again, by what their system answered or showed: the same details.",
    CaseEvent.RESTRICTION_LIFTED: "The restriction of records was lifted at a system, after the person had been told (Art. 18(3) GDPR).",
    CaseEvent.ORDER_TAKEN: "The request is an order of a controller for which we are a processor: which one, its id there, the SHA-256 of what was asked, the systems that are searched, the day, and how many exclusions it names. No letter is written to the person.",
    CaseEvent.ORDER_ANSWERED: "The order's certificate was made, with which the case is closed: its SHA-256, and of how many records it speaks.",
    CaseEvent.ORDER_RESULT_FETCHED: "The controller fetched the certificate or the package.",
    CaseEvent.CONTROLLER_TOLD: "The controller was told where its order stands by a callback, or could not be reached: the status, and how many of its addresses took it.",
    CaseEvent.AGENT_REQUEST_TAKEN: "An authorised agent asked for the person over the Data Rights Protocol: which one, the business, the request's id, the action, the law it names, the keyed hash of the signed message, and what the agent states that it verified. The answer to its call acknowledges the request, in place of a letter.",
    CaseEvent.AGENT_TOLD: "The agent was told where its request stands by a callback, or could not be reached: the status and its reason.",
    CaseEvent.RECIPIENT_NOT_TOLD: "A controller of its own cannot be told of the erasure; the keyed hash of why (Art. 19 GDPR).",
}
"""Entries of a case's own chain, roughly in the order of a case."""

STORE: Final[Mapping[StoreEvent, str]] = {
    StoreEvent.CASES_LISTED: "Which new cases a daily seal covers first.",
    StoreEvent.CASE_PURGED: "A case was purged: the number of its entries and the hash of the last one.",
    StoreEvent.PERSON_LOOKED_UP: "A person's cases were looked for: kinds of identifier and number of hits, no values.",
    StoreEvent.SEAL_KEY_MADE: "A signing key was made; its public half.",
    StoreEvent.SEAL_KEY_RETIRED: "A signing key was retired.",
    StoreEvent.MASTER_KEY_ROTATED: "The master key was replaced and all case keys were wrapped again.",
    StoreEvent.BRAKE_SET: "Erasing was stopped, at a system, in a case or everywhere, by whom and why.",
    StoreEvent.LEGAL_HOLD_PLACED: "A legal hold was placed: its number, what its scope names, its owner and the day of its review; the matter is encrypted.",
    StoreEvent.LEGAL_HOLD_APPROVED: "A second person approved a legal hold.",
    StoreEvent.LEGAL_HOLD_REVIEWED: "A legal hold was reviewed and stays; the day of the next review.",
    StoreEvent.SUPPRESSION_ADDED: "Addresses of a person were put on the suppression list: kinds, why, and until when; no hash.",
    StoreEvent.SUPPRESSION_REMOVED: "Addresses of a person were taken off the suppression list; the keyed hash of why.",
    StoreEvent.AGENT_PAIRED: "An authorised agent got a token for its calls: which one, for which business, and whether it ends one before; never the token.",
    StoreEvent.LEGAL_HOLD_RELEASED: "A legal hold was released; what it kept is decided anew.",
    StoreEvent.BRAKE_RELEASED: "Erasing goes on; who released it.",
    StoreEvent.LEDGER_REPAIR_PROPOSED: "A person proposed to seal the ledger in spite of its faults: where they are, and a digest of each.",
    StoreEvent.LEDGER_FAULTS_ACCEPTED: "A second person accepted the same faults, so that sealing goes on; `ledger verify` still names them.",
    StoreEvent.PERSON_INVITED: "A person was invited to the desk: whom, by their key, and who invited.",
    StoreEvent.INVITATION_APPROVED: "A second admin let an invitation replace the sign-in that a person has; `alone` where there is no other admin.",
    StoreEvent.ACCOUNT_MADE: "An invitation was redeemed; an earlier account of the person has ended.",
    StoreEvent.PASSKEY_ADDED: "A person added a passkey of their own.",
    StoreEvent.PASSKEY_REMOVED: "A person removed a passkey of their own.",
    StoreEvent.SIGNED_IN: "A person signed in at the desk, and how; by an identity provider, its words for class and means (`acr`, `amr`).",
    StoreEvent.PROVED_AFRESH: "A person proved anew at the identity provider who they are; its words for class and means.",
    StoreEvent.SIGNED_OUT: "All sessions of a person were ended: by whom, and how many there were.",
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
    """The entries that the page does not explain."""
    return sorted({*CaseEvent, *StoreEvent} - {*CASE, *STORE})
