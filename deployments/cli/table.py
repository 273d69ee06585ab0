"""The table of commands: names, where each is, and its first line of help. It imports none of them.

A command that scripts use every day is at the top; every other one is in a group. Help shows the lines in this order.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from deployments.cli.added import START
from deployments.cli.lazy import CommandEntry, GroupEntry, TableEntry

_CASES: Final = "Cases"
_PROOF: Final = "Dates, evidence and figures"
_GROUPS: Final = "Groups of commands"
_COURSE: Final = "Course of a case"
_DECISIONS: Final = "Contents of an answer"
_PERSONS: Final = "Cases of one person"
_TASKS: Final = "Tasks"
_MANY: Final = "Many cases"
_SENT: Final = "After writing"
_WRITTEN: Final = "Writing"
_LIST: Final = "Suppression list (Art. 21(3) GDPR)"
_SYSTEMS: Final = "Systems"
_INSTRUCTIONS: Final = "Instructions"
_ANSWERS: Final = "Answers"
_PARTS: Final = "Parts of `rightsflow up`, for a cluster"
_ROUNDS: Final = "What the flows do on a schedule, now"
_UPGRADE: Final = "Upgrade and restore"

_CASE: Final[Mapping[str, TableEntry]] = {
    "find": CommandEntry("case_acts:find", "List a person's cases, closed ones too.", _PERSONS),
    "same-person": CommandEntry("case_acts:same_person", "Record that two cases are of the same person.", _PERSONS),
    "other-person": CommandEntry("case_acts:other_person", "Record that two cases are of two people.", _PERSONS),
    "import": CommandEntry("cases:import_file", "Open a case for each row of a CSV file.", _MANY),
    "orders": CommandEntry("listing:orders", "List the orders that controllers gave us as their processor.", _MANY),
    "export": CommandEntry("evidence:export", "Export a case for other programs, without personal data.", _MANY),
    "acknowledge": CommandEntry("case_acts:acknowledge_alerts", "Acknowledge a case's alerts.", _COURSE),
    "hand-over": CommandEntry("case_acts:hand_over_case", "Give a case to another owner.", _COURSE),
    "withdraw": CommandEntry("case_acts:withdraw_request", "Record that the person withdrew the request.", _COURSE),
    "stop": CommandEntry("case_acts:stop", "Stop a case that is a mistake or a duplicate.", _COURSE),
    "record-complaint": CommandEntry("case_acts:complaint", "Record a complaint about a case.", _COURSE),
    "add-message": CommandEntry("case_acts:add_message", "Add a person's message or a note to a case.", _COURSE),
    "clarify": CommandEntry("case_acts:clarified", "Record what the person means by the request.", _DECISIONS),
    "narrow": CommandEntry("case_acts:narrow_case", "Narrow a request to categories or a period.", _DECISIONS),
    "decide-corrections": CommandEntry(
        "decisions:decide_items", "Decide on the corrections that a person asks for (Art. 16 GDPR).", _DECISIONS
    ),
    "take-in": CommandEntry("decisions:take", "Add a record of doubtful ownership to an access package.", _DECISIONS),
    "send-back": CommandEntry("decisions:send", "Rebuild an access package before its release.", _DECISIONS),
    "lift-restriction": CommandEntry(
        "case_acts:lift", "Announce that a restriction will be lifted (L15, Art. 18(3) GDPR).", _DECISIONS
    ),
    "tasks": CommandEntry("case_acts:tasks", "List the open tasks of all cases, the soonest due first.", _TASKS),
    "task-done": CommandEntry("case_acts:task_done", "Record that a manual task was done, or not.", _TASKS),
    "approve-task": CommandEntry("case_acts:approve", "Approve the erasure that a task names.", _TASKS),
    "keep-longer": CommandEntry("case_acts:prolong", "Retain the records of a task longer.", _TASKS),
}
_LETTER: Final[Mapping[str, TableEntry]] = {
    "list": CommandEntry("case_letters:to_send", "List the letters to be sent, the soonest due first.", _WRITTEN),
    "ask": CommandEntry("case_letters:ask", "Ask the person for proof of identity or for clarification.", _WRITTEN),
    "interim-answer": CommandEntry(
        "case_letters:interim", "Write the interim answer (L28) when a system fails.", _WRITTEN
    ),
    "cannot-identify": CommandEntry(
        "case_letters:cannot_identify",
        "Ask for details to find the person's records (L4, Art. 11(2) GDPR).",
        _WRITTEN,
    ),
    "announce-fee": CommandEntry("case_letters:fee", "Announce a fee (L5, Art. 12(5) GDPR).", _WRITTEN),
    "name-recipients": CommandEntry(
        "case_letters:recipients", "Name the recipients who were notified (L16, Art. 19 GDPR).", _WRITTEN
    ),
    "read": CommandEntry("case_letters:read", "Print a letter before it goes out, and record who read it.", _SENT),
    "edit": CommandEntry("case_letters:edit", "Edit the salutation or the remark of a letter.", _SENT),
    "confirm": CommandEntry(
        "case_letters:confirm", "Confirm the free text of a letter that another person edited.", _SENT
    ),
    "mark-sent": CommandEntry("case_letters:sent", "Record that a letter was sent.", _SENT),
    "mark-delivered": CommandEntry("case_letters:delivered", "Record that a letter was delivered.", _SENT),
    "mark-returned": CommandEntry("case_letters:returned", "Record that a letter came back.", _SENT),
}
_HOLD: Final[Mapping[str, TableEntry]] = {
    "list": CommandEntry("holds:show", "List the legal holds in force, the soonest review first."),
    "add": CommandEntry("holds:add", "Place a legal hold on records."),
    "approve": CommandEntry("holds:approve", "Approve a legal hold as a second person."),
    "review": CommandEntry("holds:review", "Record that a legal hold was reviewed and is still needed."),
    "release": CommandEntry("holds:release", "Release a legal hold."),
    "evidence": CommandEntry("holds:hold_case", "Hold the evidence of a closed case during a complaint or a claim."),
}
_PEOPLE: Final[Mapping[str, TableEntry]] = {
    "list": CommandEntry("colleagues:list_people", "List the people who may sign in at the desk, and their roles."),
    "invite": CommandEntry("colleagues:invite", "Print a one-time link by which a person sets up an account."),
    "sign-out": CommandEntry("colleagues:sign_out", "End all sessions of a person."),
    "absence": CommandEntry("colleagues:absence", "Record an absence and the deputy, or withdraw it."),
    "absences": CommandEntry("colleagues:absences", "List present and future absences."),
}
_CONNECTED: Final[Mapping[str, TableEntry]] = {
    "list": CommandEntry("systems:list_systems", "List the connected systems.", _SYSTEMS),
    "propose": CommandEntry(
        "systems:propose_section",
        "Propose the section of a database, or of CSV files and recordings, from the schema and from samples.",
        _SYSTEMS,
    ),
    "check": CommandEntry("systems:check_description", "Check the description of a REST system, offline.", _SYSTEMS),
    "pause": CommandEntry("systems:pause", "Pause deletion at a system, in a case or everywhere.", _SYSTEMS),
    "resume": CommandEntry("systems:resume", "Resume deletion at a system, in a case or everywhere.", _SYSTEMS),
    "replay": CommandEntry("services:replay", "Erase again after a system was restored from its backup.", _SYSTEMS),
    "suppress": CommandEntry("systems:put_on", "Add a person to the suppression list.", _LIST),
    "unsuppress": CommandEntry("systems:take_off", "Remove a person from the suppression list.", _LIST),
    "suppressed": CommandEntry("systems:suppressed", "Check addresses against the suppression list.", _LIST),
    "suppression-list": CommandEntry("systems:count_suppressed", "Count the entries of the suppression list.", _LIST),
}
_PROCESSORS: Final[Mapping[str, TableEntry]] = {
    "list": CommandEntry("processors:processors", "List the processors and their open instructions."),
    "scorecard": CommandEntry("processors:scores", "Show how fast and how reliably each processor answers."),
    "instructions": CommandEntry("processors:instructions", "List the instructions without proof.", _INSTRUCTIONS),
    "instruction": CommandEntry("processors:instruction", "Print the text of an instruction.", _INSTRUCTIONS),
    "mark-sent": CommandEntry("processors:instruction_sent", "Record that an instruction was sent.", _INSTRUCTIONS),
    "record-answer": CommandEntry("processors:processor_answer", "Record a processor's answer and proof.", _ANSWERS),
    "read-answer": CommandEntry("processors:read_answer", "Print a processor's answer and save its proof.", _ANSWERS),
    "check-answer": CommandEntry("processors:checked", "Record that a doubtful answer was checked.", _ANSWERS),
    "record-not-told": CommandEntry(
        "processors:not_told", "Record that a recipient cannot be notified of the erasure (Art. 19 GDPR).", _ANSWERS
    ),
}
_LEDGER: Final[Mapping[str, TableEntry]] = {
    "verify": CommandEntry("ledger:verify", "Verify every chain, seal and proof of the ledger."),
    "seal": CommandEntry("ledger:seal", "Seal the ledger now and publish the seals."),
    "rotate-key": CommandEntry("ledger:rotate", "Create the next key that signs seals."),
    "repair": CommandEntry("ledger:repair", "Accept the faults of a damaged ledger, as two people."),
}
_KEYS: Final[Mapping[str, TableEntry]] = {
    "show": CommandEntry("keys:show", "Show the fingerprints and ages of the keys."),
    "rotate": CommandEntry("keys:rotate", "Replace the master key."),
}
_SERVICE: Final[Mapping[str, TableEntry]] = {
    "deploy": CommandEntry("services:deploy", "Create or update deployments and automations in Prefect.", _PARTS),
    "keep": CommandEntry("services:keep", "Start waiting cases and restart interrupted runs.", _PARTS, is_lasting=True),
    "listen": CommandEntry(
        "services:serve", "Receive orders, callbacks and agents' requests over HTTPS.", _PARTS, is_lasting=True
    ),
    "suppression": CommandEntry(
        "services:answer", "Answer over HTTP if an address is on the suppression list.", _PARTS, is_lasting=True
    ),
    "metrics": CommandEntry("services:metrics", "Print metrics, or serve them to Prometheus.", _PARTS, is_lasting=True),
    "watch": CommandEntry("services:watch", "Check all deadlines once and raise alerts.", _ROUNDS),
    "follow-up": CommandEntry("services:follow_up_now", "Verify erasures again, and erase released records.", _ROUNDS),
    "purge": CommandEntry("services:purge_expired", "Purge closed cases and copies whose period is over.", _ROUNDS),
    "migrate": CommandEntry("setup:migrate", "Migrate the case store to this version.", _UPGRADE),
    "replay-erasures": CommandEntry(
        "services:replay_erasures", "Purge cases again after the case store was restored from a backup.", _UPGRADE
    ),
}

TABLE: Final[Mapping[str, TableEntry]] = {
    "init": CommandEntry("setup:init", "Create rightsflow.toml, the master key and the case store.", START),
    "doctor": CommandEntry("doctor:doctor", "Check the keys, the stores, Prefect and every system.", START),
    "up": CommandEntry("setup:up", "Start Prefect, the desk and a worker on this machine.", START, is_lasting=True),
    # "demo" comes from another distribution, and is listed here.
    "open": CommandEntry("cases:open_case", "Open a case for a person's request.", _CASES),
    "find-requests": CommandEntry("finding:find", "Find requests in texts that are no case yet.", _CASES),
    "run": CommandEntry("services:run", "Run a case's flow in this process, as far as it can go.", _CASES),
    "list": CommandEntry("case_list:list_cases", "List the cases, the soonest due first.", _CASES),
    "show": CommandEntry("cases:show", "Show one case, without personal data by default.", _CASES),
    "board": CommandEntry("listing:board", "Show the open cases by urgency, with owner and next step.", _CASES),
    "identity": CommandEntry("decisions:identity", "Record how the person's identity was confirmed.", _CASES),
    "decide": CommandEntry("decisions:decide", "Approve or refuse at the approval gate.", _CASES),
    "extend": CommandEntry("case_acts:extend_period", "Extend the period by two months (Art. 12(3) GDPR).", _CASES),
    "due-dates": CommandEntry("dates:compute", "Compute statutory due dates from JSON lines.", _PROOF),
    "evidence": CommandEntry("evidence:evidence", "Write the evidence bundle of a case.", _PROOF),
    "verify": CommandEntry("evidence:verify", "Verify an evidence bundle.", _PROOF),
    "report": CommandEntry("listing:report", "Show the figures: cases, alerts and the last seal.", _PROOF),
    "case": GroupEntry("Find, import, hand over and stop cases; complete their tasks.", _CASE, _GROUPS),
    "letter": GroupEntry("Write letters, edit them and record that they were sent.", _LETTER, _GROUPS),
    "hold": GroupEntry("Place, review and release legal holds (Art. 17(3)(e) GDPR).", _HOLD, _GROUPS),
    "people": GroupEntry("Invite colleagues to the desk, and record their absences.", _PEOPLE, _GROUPS),
    "systems": GroupEntry("List systems, pause deletion there, keep the suppression list.", _CONNECTED, _GROUPS),
    "processors": GroupEntry("Instruct processors, and record what they answer.", _PROCESSORS, _GROUPS),
    "ledger": GroupEntry("Seal and verify the ledger.", _LEDGER, _GROUPS),
    "keys": GroupEntry("Show the vault's keys, and replace the master key.", _KEYS, _GROUPS),
    "service": GroupEntry("Deploy, upgrade, and run single parts on a cluster.", _SERVICE, _GROUPS),
}
"""Every command of this distribution, by name."""
