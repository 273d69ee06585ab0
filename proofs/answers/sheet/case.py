"""The lines of the case sheet, each with what has to be true of the case."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from proofs.answers.facts import KEPT, Facts, Plain
from proofs.answers.letters.processors import standing
from proofs.answers.rules import TRUE, Place, Rule
from proofs.answers.sheet.common import DAY, MOMENT, RECORDS, SEARCH, lines_of, perhaps_same, same_person

_FATES = {"given": "in the package", "gone": "gone before it was copied", "seen": "still seen after the erasure"}
_EVENTS = {
    "The person was asked to prove who they are": "IDENTITY_REQUESTED",
    "The proof of identity arrived": "IDENTITY_CONFIRMED",
    "The person was asked what they mean": "CLARIFICATION_REQUESTED",
    "The person answered what they mean": "CLARIFICATION_RECEIVED",
    "The notice of extension went out": "EXTENSION_NOTICE_SENT",
}


def _word(facts: Facts, one: Plain) -> str:
    if one["fate"] == "found" and one["planned"]:
        return f"planned: {one['planned']}"
    return str(_FATES.get(one["fate"], one["fate"]))


def _outcome_row(at: Place) -> bool:
    told = Counter((one["system"], one["category"], _word(at.facts, one)) for one in at.facts.records)
    return told[at["system"], at["what"], at["outcome"]] == at.number() > 0


def _kept_row(at: Place) -> bool:
    these = [
        one
        for one in at.facts.of(system=at["system"], category=at["what"])
        if one["fate"] in KEPT and one["reason"] == at["reason"]
    ]
    return at.number() == sum(_grounds(at.facts, one) == (at["until"], at["basis"]) for one in these)


def _grounds(facts: Facts, one: Plain) -> tuple[str, str]:
    """Until when something is kept and on which provision, as the letter has it: never without both."""
    basis, ends_when = one["legal_basis"], one["ends_when"]
    if one["fate"] in {"retained", "residue"}:
        basis = basis or f"No exception; the erasure is due (Art. 17(1) {facts.law}) as soon as the system allows it"
        ends_when = ends_when or ("" if one["until"] else "the system allows it")
    return ", ".join(filter(None, (facts.short(one["until"]) if one["until"] else "", ends_when))) or "open", basis


_LANGUAGES = {
    "request": "as the request says",
    "record": "as the customer records have it on file",
    "country": "that of the country",
    "": "not known",
}
_SETTLED = {"answered", "nothing held", "refused", "withdrawn", "stopped"}


def _light(at: Place) -> bool:
    case = at.facts.case
    return at["state"] == case["state"] and ("closed" in at["light"]) == bool(case["closed_at"])


def _dates(at: Place) -> bool:
    facts, case = at.facts, at.facts.case
    closed = facts.instant(case["closed_at"]) if case["closed_at"] else "open"
    wanted = (facts.instant(case["received_at"]), facts.short(case["work_to_on"]), facts.short(case["due_on"]), closed)
    return (at["received"], at["work"], at["due"], at["closed"]) == wanted


def _happened(at: Place) -> bool:
    return at.facts.instant(at.facts.case["clock"][_EVENTS[at["what"]]]) == at["at"]


def _step(at: Place) -> bool:
    system = "" if at["system"] == "–" else at["system"]
    return any(
        (one["step"], one["system"], one["state"]) == (at["step"], system, at["state"])
        for one in at.facts.case["steps"]
    )


def _decided(at: Place) -> bool:
    decision = at.facts.decision(at["gate"])
    return (at["verdict"], at["code"].strip(), at["who"]) == (
        decision["verdict"],
        decision["code"],
        decision["by"],
    ) and at["at"] == at.facts.instant(decision["decided_at"])


def _identity(at: Place) -> bool:
    decision = at.facts.decision("identity")
    check, method = decision["check"], decision["method"]
    where = "elsewhere" if check["held_by"] == "elsewhere" else f"in {check['held_by']}"
    return (at["method"], at["at"], at["T"], at["D"]) == (
        "another way" if method.startswith("another way") else method,
        at.facts.instant(check["at"]),
        f"{check['against']} on file {where}",
        at.facts.day(check["on_file_since"]),
    )


def _written(at: Place) -> bool:
    letter = at.facts.letter(at["name"])
    sent = f"{at.facts.instant(letter['sent_at'])}, {letter['sent_by']}" if letter["sent_at"] else _unsent(at)
    return at["written"] == at.facts.instant(letter["written_at"]) and at["sent"] == sent


def _unsent(at: Place) -> str:
    events = at.facts.case["events"]
    why = [one["because"] for one in events if (one["event"], one["letter"]) == ("LetterOvertaken", at["name"])]
    return f"not to be sent any more: {why[-1]}" if why else "not yet recorded"


def _next(at: Place) -> bool:
    case, text = at.facts.case, at["T"]
    unsent = [
        one["id"] for one in case["letters"] if one["id"] in {"L7", "L8", "L9", "L10", "L11"} and not one["sent_at"]
    ]
    if case["state"] in _SETTLED and unsent:
        return all(one in text for one in unsent) and text.startswith("Send")
    if case["state"] == "withdrawn":
        return "withdrawn" in text
    return not case["closed_at"] or text.startswith("Nothing")


def _task_row(at: Place) -> bool:
    """A task of the case file with its day; open, unless it is noted as done."""
    task = at.facts.case["tasks"][at.number() - 1]
    days = (at.facts.date(task["due_on"]) - at.facts.date(at.facts.case["today"])).days
    stands = "overdue" if days < 0 else "soon due" if days <= 7 else "open"
    status = f"done on {at.facts.short(task['done_on'])}, {task['done_by']}" if task["done_on"] else stands
    return (task["number"], task["system"], task["what"], at.facts.short(task["due_on"]), status) == (
        *(at.number(), at["system"], at["what"]),
        *(at["due"], at["status"]),
    )


_STANDS = {"proved": "confirmed", "cannot": "cannot", "not asked": "not asked"}


def _called(one: Plain) -> str:
    """Whom an instruction is for; of one that says that a restriction has ended, that it does."""
    return f"{one['name']} (end of the restriction)" if one["action"] == "lift restriction" else str(one["name"])


def _instruction_row(at: Place) -> bool:
    """An instruction of the case file with its day and how it stands; open ones by what is missing."""
    one = at.facts.case["instructions"][at.number() - 1]
    last = one["answers"][-1] if one["answers"] else None
    claims = last is not None and last["answer"] in {"done", "nothing held"}
    if one["is_notice"] and one["is_sent"]:
        return at["status"] == "told"
    is_open = "answer to be checked" if claims else "waiting for proof" if one["is_sent"] else "not sent"
    status = _STANDS.get(standing(one), is_open) + (f", {at.facts.short(last['on'])}" if last else "")
    told = (_called(one), at.facts.short(one["due_on"]), status, one["is_sent"])
    return told == (at["who"], at["due"], at["status"], at["sent"] != "no")


SHEET = [
    *SEARCH,
    *RECORDS,
    Rule("## How it was searched", lambda at: any(at.facts.done("locate", one) for one in at.facts.case["systems"])),
    Rule(
        "# {T:case}: (?P<right>[a-z-]+) request",
        lambda at: (at["case"], at["right"]) == (at.facts.case["case_id"], at.facts.right),
    ),
    Rule(
        rf"_As of (?P<at>{MOMENT}) \({{T}}\)_",
        lambda at: (at["at"], at["T"]) == (at.facts.instant(at.facts.case["now"]), at.facts.case["zone"]),
    ),
    Rule(r"\*\*(?P<light>.+?)\*\* · state \*\*(?P<state>.+?)\*\* · owner \*\*.+\*\*", _light),
    Rule(r"\*\*Next:\*\* {T}", _next),
    Rule(r"\*\*Language of the person:\*\* {T}", lambda at: at["T"] == _LANGUAGES[at.facts.language[1]]),
    Rule(
        r"#+ (Deadline|Steps|Records and their outcomes|Decisions|Letters|Alerts|Kept, and why|Tasks by hand|Processors)"
    ),
    Rule(
        r"\| (received \| work to|step \| system|system \| category|gate \| decision|letter \| written|raised \| alert|task \| system).+\|"
    ),
    Rule(r"\|[-|:]+\|"),
    Rule(
        r"\| (?P<received>[^|]+) \| \*\*(?P<work>[^|]+)\*\* \| (?P<due>[^|]+) \| (?P<closed>[^|]+) \|",
        _dates,
        ("Deadline",),
    ),
    Rule("_Received .+_"),
    Rule(
        r"\*\*The evidence is held\*\* until .+, for a complaint or a claim \(Art\. 17\(3\)\(e\) {LAW}\)\.",
        lambda at: at["LAW"] == at.facts.law,
    ),
    Rule(rf"- (?P<what>{'|'.join(_EVENTS)}): (?P<at>{MOMENT}) \(.+\)(; no answer noted)?", _happened),
    Rule(
        rf"- \*\*The period is extended\*\* to (?P<due>{DAY})\.",
        lambda at: at.facts.case["extended"] and at["due"] == at.facts.short(at.facts.case["due_on"]),
    ),
    Rule(
        rf"- Without the suspension it would be due (?P<due>{DAY})\.",
        lambda at: at["due"] == at.facts.short(at.facts.case["no_pause_due_on"]),
    ),
    Rule(
        r"- \*\*The clock has been suspended since .+\*\* The dates above are those without the suspension\.",
        lambda at: at.facts.case["suspended_since"],
    ),
    Rule(
        r"- The clock had been suspended since .+ when the case was closed\.",
        lambda at: at.facts.case["suspended_since"] and at.facts.case["state"] in _SETTLED,
    ),
    Rule(
        rf"- Last day for the notice of an extension: (?P<due>{DAY})\.",
        lambda at: at["due"] == at.facts.short(at.facts.case["notice_due_on"]),
    ),
    Rule(
        r"- \*\*The notice of extension (came too late and extends nothing|\(L6\) .+)\*?\*?.*",
        lambda at: not at.facts.case["extended"],
    ),
    Rule(
        "- Whether the notice extends the period is settled by the answer: .+", lambda at: not at.facts.case["extended"]
    ),
    Rule(
        r"- \*\*The question for proof of identity \(L2\) has not gone out\.\*\* .+",
        lambda at: not at.facts.letter("L2")["sent_at"],
    ),
    Rule(
        r"- \*\*The question what is meant \(L3\) has not gone out\.\*\*",
        lambda at: not at.facts.letter("L3")["sent_at"],
    ),
    Rule("- Expected .+", lambda at: not at.facts.case["closed_at"]),
    Rule(r"\| (?P<step>[a-z ]+) \| (?P<system>[a-z–-]+) \| \S+ (?P<state>\w+) \| [^|]+ \| \d+ \|", _step, ("Steps",)),
    Rule(
        r"\| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<outcome>[^|]+) \| {N} \|",
        _outcome_row,
        ("Records and their outcomes",),
    ),
    Rule(
        r"In the package beside these records: {N} files?\.",
        lambda at: at.number() == sum(one["hangs_on"] for one in at.facts.records if one["fate"] == "given"),
    ),
    Rule(
        r"\| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| {N} \| (?P<until>[^|]+) \| (?P<basis>[^|]*) \| (?P<reason>[^|]+) \|",
        _kept_row,
        ("Kept, and why",),
    ),
    Rule(rf"Identity: (?P<method>[^,]+), (?P<at>{MOMENT}), against the (?P<T>.+) since {{D}}\.", _identity),
    Rule(
        r"\| (?P<gate>\w+) \| (?P<verdict>\w+) (?P<code>R?\d?) ?\| (?P<who>[^|]+) \| (?P<at>[^|]+) \|",
        _decided,
        ("Decisions",),
    ),
    Rule(r"\| (?P<name>L\d+(?:\.\d+)?) [a-z ]+ \| (?P<written>[^|]+) \| (?P<sent>[^|]+) \|", _written, ("Letters",)),
    Rule(r"\*\*Other cases of this person:\*\* (?P<cases>.+)", same_person),
    Rule(r"\*\*Perhaps of the same person, which a person has to find out:\*\* (?P<cases>.+)", perhaps_same),
    Rule(
        r"\| {N} \| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<due>[^|]+) \| [^|]+ \| (?P<status>[^|]+) \|",
        _task_row,
        ("Tasks by hand",),
    ),
    Rule(r"\| instruction \| processor \| sent \| to be proved by \| status \|"),
    Rule(
        r"\| {N} \| (?P<who>[^|]+) \| (?P<sent>[^|]+) \| (?P<due>[^|]+) \| (?P<status>[^|]+) \|",
        _instruction_row,
        ("Processors",),
    ),
    Rule(r"\| [^|]+ \| [^|]+ \| [^|]+ \| [^|]* \|", TRUE, ("Alerts",)),
]


def missing(text: str, facts: Facts) -> Iterator[str]:
    """What the sheet lacks: every record is counted once."""
    rows = [
        line
        for section, line in lines_of(text)
        if section == "Records and their outcomes" and re.search(r"\| \d+ \|$", line)
    ]
    if sum(int(re.findall(r"\d+", line)[-1]) for line in rows) != len(facts.records):
        yield "sheet: another number of records than in the case file"
    for one in facts.case["instructions"]:
        if f"| {one['number']} | {_called(one)} |" not in text:
            yield f"sheet: missing: instruction {one['number']}"
    for one in facts.case["tasks"]:
        if f"| {one['number']} | {one['system']} | {one['what']} |" not in text:
            yield f"sheet: missing: task {one['number']}"
