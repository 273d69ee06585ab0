"""The lines of the case sheet and of the gates' forms, each with what has to be true of the case."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from tests.proofs.answers.facts import Facts
from tests.proofs.answers.package_rules import given
from tests.proofs.answers.rules import TRUE, Place, Rule, plain

_WORDS = {
    "name": "name",
    "email": "e-mail address",
    "phone": "phone number",
    "customer_id": "customer number",
    "account_id": "account number",
}
_FATES = {"given": "in the package", "gone": "gone before it was copied", "seen": "still seen after the erasure"}
_EVENTS = {
    "The person was asked to prove who they are": "IDENTITY_REQUESTED",
    "The proof of identity arrived": "IDENTITY_CONFIRMED",
    "The person was asked what they mean": "CLARIFICATION_REQUESTED",
    "The person answered what they mean": "CLARIFICATION_RECEIVED",
    "The notice of extension went out": "EXTENSION_NOTICE_SENT",
}
_DAY = r"[A-Z][a-z]{2} \d{2} [A-Z][a-z]{2} \d{4}"


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a text in Markdown, each with the heading above it."""
    section = ""
    for line in filter(None, (one.strip() for one in text.splitlines())):
        if line.startswith("#"):
            section = line.strip("# ")
        yield section, line


def _exact(text: str, holds=TRUE, *sections: str) -> Rule:
    return Rule(plain(text), holds, sections)


def _word(facts: Facts, one: dict) -> str:
    if one["fate"] == "found" and one["planned"]:
        return f"planned: {one['planned']}"
    return _FATES.get(one["fate"], one["fate"])


def _outcome_row(at: Place) -> bool:
    told = Counter((one["system"], one["category"], _word(at.facts, one)) for one in at.facts.records)
    return told[at["system"], at["what"], at["outcome"]] == at.number() > 0


def _kept_row(at: Place) -> bool:
    these = [
        one
        for one in at.facts.of(system=at["system"], category=at["what"])
        if one["fate"] in {"retained", "residue", "unclear"} and one["reason"] == at["reason"]
    ]
    ends = [one for one in these if (at.facts.short(one["until"]) if one["until"] else "open") == at["until"]]
    return at.number() == len([one for one in ends if one["legal_basis"] == at["basis"] or not one["legal_basis"]])


_SETTLED = {"answered", "nothing held", "refused", "withdrawn"}


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
    sent = f"{at.facts.instant(letter['sent_at'])}, {letter['sent_by']}" if letter["sent_at"] else "not yet recorded"
    return at["written"] == at.facts.instant(letter["written_at"]) and at["sent"] == sent


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


def _searched(at: Place) -> bool:
    facts, system = at.facts, at["system"]
    step, about = facts.done("locate", system), facts.case["systems"][system]
    by = Counter(_WORDS[kind] for kind, _ in facts.case["identifiers"] if kind in about["searches"])
    return at["at"] == facts.instant(step["finished_at"]) and set(at["by"].split(", ")) == {
        f"{number} × {word}" for word, number in by.items()
    }


def _not_by(at: Place) -> bool:
    system = re.search(r"\*\*([a-z-]+)\*\*", at.before[-1])[1]  # type: ignore[index]
    searches = at.facts.case["systems"][system]["searches"]
    told = Counter(_WORDS[kind] for kind, _ in at.facts.case["identifiers"] if kind not in searches)
    return {f"{number} × {word}" for word, number in told.items()} == set(at["by"].split(", "))


def _limit(at: Place) -> bool:
    system = next(found[1] for line in reversed(at.before) if (found := re.match(r"- \*\*([a-z-]+)\*\*", line)))
    return at["T"] in at.facts.case["systems"][system]["cannot_find"]


def _looked_at(at: Place) -> bool:
    """Only of a record with a date can it be said that a period has ended; its provision can be unproven without one."""
    return _numbers(at["numbers"]) <= {
        one["number"] for one in at.facts.records if one["occurred_on"] or not at["ended"]
    }


def _numbers(text: str) -> set[int]:
    """The numbers of a list like "1, 3–5"."""
    found: set[int] = set()
    for part in text.split(", "):
        first, _, last = part.partition("–")
        found |= set(range(int(first), int(last or first) + 1))
    return found


def _by_number(at: Place) -> bool:
    """Every record of the system and kind by its number and date, or with no date where there are none."""
    these = at.facts.of(system=at["system"], kind=at["what"])
    dates = {
        one["number"]: f"{at.facts.date(one['occurred_on']):%d %b %Y}" if one["occurred_on"] else "no date"
        for one in these
    }
    told = re.findall(r"(\d+)(?:–(\d+))?(?: \(([^)]+)\))?", at["T"])
    numbers = {number for first, last, _ in told for number in range(int(first), int(last or first) + 1)}
    return numbers == set(dates) and all(not when or dates[int(first)] == when for first, _, when in told)


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


def _decided_row(at: Place) -> bool:
    """What was decided on single records, by whom and until when."""
    these = [one for one in at.facts.records if one["number"] in _numbers(at["numbers"])]
    for one in these:
        decided = one["decided"]
        until = at.facts.short(decided["until"]) if decided["until"] else "–"
        if (at["act"], at["basis"], at["until"], at["who"]) != (
            decided["act"],
            decided["provision"],
            until,
            decided["by"],
        ):
            return False
    return bool(these)


_RECORDS = [
    Rule(
        r"\*\*Look at records (?P<numbers>[\d, –]+):\*\* (The period of .+ (?P<ended>ended on) .+|.+ was not compared with the statute book; .+)",
        _looked_at,
    ),
    _exact("### Decided on single records"),
    _exact("| decision | records | provision | until | by |"),
    Rule(
        r"\| (?P<act>keep|erase|leave out) \| (?P<numbers>[\d, –]+) \| (?P<basis>[^|]+) \| (?P<until>[^|]+) \| (?P<who>[^|]+) \|",
        _decided_row,
    ),
    _exact("**The records by number**, for decisions on single ones:"),
    _exact("### Records by number"),
    Rule(r"- (?P<system>[a-z-]+) (?P<what>[a-z]+): (?P<T>\d.*)", _by_number),
]
_SEARCH = [
    Rule(r"- \*\*(?P<system>[a-z-]+)\*\*, (?P<at>[^:]+:\d\d): by (?P<by>.+)\.", _searched),
    Rule(r"- Not searched by: (?P<by>.+)\.", _not_by),
    Rule(r"- Its mappings were not checked with stored values\."),
    Rule("- Does not find: {T}", _limit),
    Rule("No other case of this person is known\\."),
    Rule("Other cases of this person: .+"),
]

SHEET = [
    *_SEARCH,
    *_RECORDS,
    Rule("## How it was searched", lambda at: not at.facts.records),
    Rule(
        "# {T:case}: (?P<right>access|erasure) request",
        lambda at: (at["case"], at["right"]) == (at.facts.case["case_id"], at.facts.right),
    ),
    Rule(r"\*\*(?P<light>.+?)\*\* · state \*\*(?P<state>.+?)\*\* · owner \*\*.+\*\*", _light),
    Rule(r"\*\*Next:\*\* {T}", _next),
    Rule(r"#+ (Deadline|Steps|Records and their outcomes|Decisions|Letters|Alerts|Kept, and why|Tasks by hand)"),
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
    Rule(rf"- (?P<what>{'|'.join(_EVENTS)}): (?P<at>{_DAY}, \d\d:\d\d) \(.+\)(; no answer noted)?", _happened),
    Rule(
        rf"- \*\*The period is extended\*\* to (?P<due>{_DAY})\.",
        lambda at: at.facts.case["extended"] and at["due"] == at.facts.short(at.facts.case["due_on"]),
    ),
    Rule(
        rf"- Without the suspension it would be due (?P<due>{_DAY})\.",
        lambda at: at["due"] == at.facts.short(at.facts.case["no_pause_due_on"]),
    ),
    Rule(
        r"- \*\*The clock stands since .+\*\* The dates above are those without the suspension\.",
        lambda at: at.facts.case["suspended_since"],
    ),
    Rule(
        r"- The clock stood since .+ when the case was closed\.",
        lambda at: at.facts.case["suspended_since"] and at.facts.case["state"] in _SETTLED,
    ),
    Rule(
        rf"- Last day for the notice of an extension: (?P<due>{_DAY})\.",
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
    Rule(r"Identity: (?P<method>[^,]+), (?P<at>.+?\d\d:\d\d), against the (?P<T>.+) since {D}\.", _identity),
    Rule(
        r"\| (?P<gate>\w+) \| (?P<verdict>\w+) (?P<code>R?\d?) ?\| (?P<who>[^|]+) \| (?P<at>[^|]+) \|",
        _decided,
        ("Decisions",),
    ),
    Rule(r"\| (?P<name>L\d+) [a-z ]+ \| (?P<written>[^|]+) \| (?P<sent>[^|]+) \|", _written, ("Letters",)),
    Rule(r"\*\*Other cases of this person:\*\* .+"),
    Rule(
        r"\| {N} \| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<due>[^|]+) \| [^|]+ \| (?P<status>[^|]+) \|",
        _task_row,
        ("Tasks by hand",),
    ),
    Rule(r"\| [^|]+ \| [^|]+ \| [^|]+ \| [^|]* \|", TRUE, ("Alerts",)),
]


def missing_sheet(text: str, facts: Facts) -> Iterator[str]:
    """What the sheet lacks: every record is counted once."""
    rows = [
        line
        for section, line in lines_of(text)
        if section == "Records and their outcomes" and re.search(r"\| \d+ \|$", line)
    ]
    if sum(int(re.findall(r"\d+", line)[-1]) for line in rows) != len(facts.records):
        yield "sheet: another number of records than in the case file"


# -- gates -------------------------------------------------------------------------------------------------------------

_PLANNED = {
    "Erase": "erased",
    "Remove only the person's part": "redacted",
    "Keep": "retained",
    "Leave, not attributable": "not held",
}


def _gives(at: Place) -> bool:
    told = Counter(_WORDS[kind] for kind, _ in at.facts.case["identifiers"])
    return {f"{number} × {word}" for word, number in told.items()} == set(at["T"].split(", "))


def _planned(at: Place) -> bool:
    these = at.facts.of(planned=_PLANNED[at["what"]])
    by = Counter((one["system"], one["category"]) for one in these)
    return at.number() == len(these) and all(f"{number} {category}" in at["T"] for (_, category), number in by.items())


def _reason(at: Place) -> bool:
    these = [one for one in at.facts.records if one["reason"] and at["T"].startswith(one["reason"])]
    for basis in {one["legal_basis"] for one in these}:
        alike = [one for one in these if one["legal_basis"] == basis]
        if at.number() == len(alike) and basis in at["T"]:
            days = sorted({one["until"] for one in alike if one["until"]})
            return not days or all(f"{at.facts.date(one):%d %b %Y}" in at["T"] for one in (days[0], days[-1]))
    return False


def _package_row(at: Place) -> bool:
    records, files = given(at.facts)[at["system"]][at["what"]]
    return (at.number(), at["files"]) == (records, str(files) if files else "–")


def _unclear(named: bool):
    return lambda at: (
        at.number() == at.facts.count(lambda one: one["attribution"] == "unclear" and one["names_somebody"] is named)
    )


def _masked(at: Place) -> bool:
    told = {f"{number} × {_WORDS[kind]}" for kind, number in at.facts.masked.items()} or {"nothing"}
    return set(at["T"].split(", ")) == told


GATE = [
    *_SEARCH,
    *_RECORDS,
    Rule(
        r"\*\*The search found nothing\.\*\* If you approve, the person reads that you hold no data about them \(letter L8\)\.",
        lambda at: not at.facts.records and all(at.facts.done("locate", one) for one in at.facts.case["systems"]),
    ),
    _exact("How each system was searched:"),
    Rule("Check whether each identifier is spelt as the person spells it, .+"),
    Rule(
        r"{T} opened the request and cannot approve \(four eyes\)\.", lambda at: at["T"] == at.facts.case["opened_by"]
    ),
    Rule(
        r"\*\*{T:case}\*\* · (?P<right>access|erasure) request · opened by {T}",
        lambda at: at["right"] == at.facts.right and at["T"] == at.facts.case["opened_by"],
    ),
    Rule(
        rf"(Work to \*\*(?P<work>{_DAY})\*\*, due|Due) at the latest (?P<due>{_DAY})\. Dates as of {_DAY}, \d\d:\d\d; the case sheet is current\.",
        lambda at: (
            at["due"] == at.facts.short(at.facts.case["due_on"])
            and at["work"] in {"", at.facts.short(at.facts.case["work_to_on"])}
        ),
    ),
    Rule(r"The request gives: {T}\. The values are in the vault: .+", _gives),
    Rule("The person was asked .+ on .+; no answer is noted\\.", lambda at: at.facts.case["clock"]),
    Rule(
        r"Confirm that the requester is the person the data are about, and say what was done, when, and against which address or number that was on "
        r"file before the request\. Nothing is searched before\.",
        lambda at: not at.facts.records and at.facts.decision("identity") == {},
    ),
    Rule(r"\*\*The package is ready\. It holds:\*\*", lambda at: at.facts.done("assemble")),
    Rule(r"\| system \| data \| records \| files beside them \|"),
    Rule(r"\|[-|:]+\|"),
    Rule(r"\| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| {N} \| (?P<files>[^|]+) \|", _package_row),
    Rule(
        r"{N} records? (was|were) gone from the systems before they were copied\.",
        lambda at: at.number() == len(at.facts.of(fate="gone")),
    ),
    Rule(r"Masked because they are other people's \(Art\. 15\(4\)\): {T}\.", _masked),
    Rule(
        r"\*\*{N} records? (is|are) unclear\*\* \((?P<T>[\d, –]+)\): nobody is named there but by a number that several people used\. .+",
        _unclear(named=False),
    ),
    Rule(
        r"\*\*{N} records? (carries|carry) the person's number and somebody's address or id\.\*\* They are left alone\. .+",
        _unclear(named=True),
    ),
    Rule(r"\*\*The plan for {N} records?:\*\*", lambda at: at.number() == len(at.facts.records)),
    Rule(rf"- \*\*(?P<what>{'|'.join(_PLANNED)}): {{N}}\*\* \({{T}}\)", _planned),
    Rule(
        r"- {N} × {T} Records (?P<numbers>[\d, –]+)\.",
        lambda at: _reason(at) and len(_numbers(at["numbers"])) == at.number(),
    ),
    _exact("An approved erasure cannot be undone."),
]
