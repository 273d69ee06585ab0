"""The lines of the case sheet, and tasks that follow from changed rules, against the case file."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from proofs.answers.facts import KEPT, TRUE, Facts, Place, Plain, Rule, counted
from proofs.answers.letters_asking import exact, read_day
from proofs.answers.letters_erasing import standing

WORDS = {
    "name": "name", "birth_date": "date of birth", "email": "e-mail address", "phone": "phone number",
    "customer_id": "customer number", "account_id": "account number", "passage": "passage",
    "interval": "muted interval",
}  # fmt: skip

DAY = r"[A-Z][a-z]{2} \d{2} [A-Z][a-z]{2} \d{4}"
MOMENT = rf"{DAY}(?:, \d\d:\d\d)?"
"""An instant; the day alone stands for midnight, which is where a day without a time is put."""


def kinds(told: Mapping[str, int]) -> set[str]:
    """Kinds of identifier with their numbers, as in "1 name, 2 e-mail addresses"."""
    return {counted(number, word, _several(word)) for word, number in told.items()}


def _several(word: str) -> str:
    first, *rest = word.split(" of ")
    return " of ".join([f"{first}{'es' if first.endswith('s') else 's'}", *rest])


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    """The lines of a text in Markdown, each with the heading above it."""
    section = ""
    for line in filter(None, (one.strip() for one in text.splitlines())):
        if line.startswith("#"):
            section = line.strip("# ")
        yield section, line


def _searched(at: Place) -> bool:
    facts, system = at.facts, at["system"]
    step, about = facts.done("locate", system), facts.case["systems"][system]
    assert step is not None
    by = Counter(WORDS[kind] for kind, _ in facts.case["identifiers"] if kind in about["searches"])
    told = set() if at["by"] == _BY_NOTHING else set(at["by"].split(", "))
    return at["at"] == facts.instant(step["finished_at"]) and told == kinds(by)


_BY_NOTHING = "nothing that is known of the person, so that it was not searched"


def _not_to_its_end(at: Place) -> bool:
    return not at.facts.done("locate", at["system"])


def _not_by(at: Place) -> bool:
    system = re.match(r"- \*\*([a-z-]+)\*\*", at.before[-1])[1]  # type: ignore[index]
    searches = at.facts.case["systems"][system]["searches"]
    told = Counter(WORDS[kind] for kind, _ in at.facts.case["identifiers"] if kind not in searches)
    return kinds(told) == set(at["by"].split(", "))


def _limit(at: Place) -> bool:
    system = next(found[1] for line in reversed(at.before) if (found := re.match(r"- \*\*([a-z-]+)\*\*", line)))
    return at["T"] in at.facts.case["systems"][system]["cannot_find"]


def _looked_at(at: Place) -> bool:
    """Only of a record with a date can it be said that a period has ended; its provision can be unproven without one."""
    return numbers(at["numbers"]) <= {
        one["number"] for one in at.facts.records if one["occurred_on"] or not at["ended"]
    }


def numbers(text: str) -> set[int]:
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


def _decided_row(at: Place) -> bool:
    """What was decided on single records, by whom and until when."""
    these = [one for one in at.facts.records if one["number"] in numbers(at["numbers"])]
    for one in these:
        decided = one["decided"]
        until = at.facts.short(decided["until"]) if decided["until"] else "–"
        if (at["act"], at["basis"], at["until"], at["who"]) != (
            decided["act"],
            decided["provision"] or "–",
            until,
            decided["by"],
        ):
            return False
    return bool(these)


# fmt: off
RECORDS = [
    Rule(r"\*\*Look at records? (?P<numbers>[\d, –]+):\*\* (The period of .+ (?P<ended>ended on) .+|.+ was not compared with the statute book; .+)", _looked_at),
    exact("### Decided on single records"),
    exact("| decision | records | provision | until | by |"),
    Rule(r"\| (?P<act>keep|erase|leave out) \| (?P<numbers>[\d, –]+) \| (?P<basis>[^|]+) \| (?P<until>[^|]+) \| (?P<who>[^|]+) \|", _decided_row),
    exact("**The records by number**, for decisions on single ones:"),
    exact("### Records by number"),
    Rule(r"- (?P<system>[a-z-]+) (?P<what>[a-z]+): (?P<T>\d.*)", _by_number),
]
# fmt: on


def same_person(at: Place) -> bool:
    """The other cases of the person, by their ids."""
    return at["cases"].split(", ") == [one["case_id"] for one in at.facts.earlier]


def perhaps_same(at: Place) -> bool:
    """Cases that share too little to tell; those of the same address are among them until it was confirmed who asks."""
    return not {one["case_id"] for one in at.facts.earlier} & set(at["cases"].split(", "))


# fmt: off
SEARCH = [
    Rule(rf"- \*\*(?P<system>[a-z-]+)\*\*, (?P<at>{MOMENT}): by (?P<by>.+)\.", _searched),
    Rule(r"- \*\*(?P<system>[a-z-]+)\*\*, not searched to its end: by .+\.", _not_to_its_end),
    Rule(r"- Not searched by: (?P<by>.+)\.", _not_by),
    Rule(r"- Its mappings were not checked with stored values\."),
    exact("- There are no records to check the mapping with.", lambda at: "holds" in at.facts.case),
    # Of the double systems' records those name no one from which the only person was taken out.
    Rule(r"- Of {N} records, {N:readable} carry a readable identifier\.", lambda at: "holds" in at.facts.case and at.number() >= at.number("readable") > 0),
    Rule("- Does not find: {T}", _limit),
    Rule(r"No other case of this person is known\.", lambda at: not at.facts.earlier),
    Rule(r"Other cases of this person: (?P<cases>[^.]+)\. .+", same_person),
    Rule(r"Perhaps of the same person: (?P<cases>[^.]+)\. .+", perhaps_same),
]
# fmt: on

_YEARS: Mapping[str, Mapping[str, int]] = {
    "voucher": {"DE": 8, "AT": 7, "CH": 10, "FR": 10, "ES": 6, "IT": 10, "NL": 7, "PL": 6, "IE": 6, "SE": 7, "GB": 6},
    "trade letter": {"DE": 6, "AT": 7, "ES": 6, "IT": 10},
}
"""For how many years after the end of the year documents are kept that arose in it (Poland: of which the tax fell due)."""
_SUPERVISED = {"supervised_finance", "investment_firm"}
_DAY = r"\d{1,2} [A-Z][a-z]+ \d{4}"
_GOES = re.compile(
    rf"By today's rules nothing keeps (\d+) records? any more; (?:approve what is to go|erase it by hand)\. Our letter of (?P<on>{_DAY}) named another end\."
)
_EARLIER = re.compile(
    rf"By today's rules (\d+) records? kept until (?P<said>.+) can go after (?P<until>{_DAY}); approve that they end then\. "
    rf"Our letter of (?P<on>{_DAY}) named another end\."
)
_LATER = re.compile(
    rf"By today's rules (\d+) records? must be kept until (?P<until>{_DAY}|a person says how long); our letter of (?P<on>{_DAY}) promised "
    rf"(?P<said>{_DAY}|an earlier end)\. Keep them longer with a ground, and tell the person \(rightsflow case keep-longer\), or correct the rule in "
    r"rightsflow\.toml\."
)
_TELL = re.compile(
    r"Tell the person that we keep (\d+) records? of theirs longer than the letter said, until (?P<until>.+), and why; of a legal claim without details\."
)


def by_law(facts: Facts, one: Plain) -> date | None:
    """The last day on which the law orders a record to be kept, by the class that the controller gives to its kind."""
    document = facts.case["systems"][one["system"]]["classes"].get(one["kind"], "none")
    document = document.replace("_", " ")
    years = _YEARS.get(document, {}).get(facts.case["country"])
    if years is None or not one["occurred_on"]:
        return None
    if document == "voucher" and facts.case["country"] == "DE" and facts.case["sector"] in _SUPERVISED:
        years = 10
    return date(facts.date(one["occurred_on"]).year + years, 12, 31)


def untrue_tasks(facts: Facts) -> Iterator[str]:
    """The open tasks whose words are not so: the number of records, the day of the letter, or the days of the law."""
    for task in facts.case["tasks"]:
        if task["done_on"] is not None:
            continue
        for form, is_so in _FORMS:
            found = form.fullmatch(task["what"])
            if found and not (int(found[1]) == task["records"] and is_so(facts, task, found)):
                yield f"a task that is not so: {task['what']}"
        if task["what"].startswith("By today's rules") and not any(one.fullmatch(task["what"]) for one, _ in _FORMS):
            yield f"a task of no known form: {task['what']}"


def _records(facts: Facts, task: Plain) -> list[dict[str, Any]]:
    return [one for one in facts.records if one["number"] in task["numbers"]]


def _is_of_letter(facts: Facts, found: re.Match[str]) -> bool:
    return found["on"] == facts.answered_on


def _goes(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    today = facts.date(facts.case["today"])
    ends = (by_law(facts, one) for one in _records(facts, task))
    return _is_of_letter(facts, found) and all(end is None or end < today for end in ends)


def _earlier(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    """In Spain what has to go is blocked for some years before, which no table of vouchers has."""
    until = read_day(found["until"])
    these = _records(facts, task)
    said = {facts.day(one["until"]) if one["until"] else one["ends_when"] for one in these}
    return (
        _is_of_letter(facts, found)
        and all(_ends(facts, one) in {None, until} or facts.case["country"] == "ES" for one in these)
        and set(re.split(", | and ", found["said"])) == said
    )


def _ends(facts: Facts, one: Plain) -> date | None:
    """The last day by the law, or that until which a person has decided to keep it, if that is later."""
    by_person = one["decided"]["until"] if one["decided"] and one["decided"]["act"] == "keep" else None
    days = [by_law(facts, one), facts.date(by_person) if by_person else None]
    return max(filter(None, days), default=None)


def _later(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    these = _records(facts, task)
    until = None if found["until"].startswith("a person") else read_day(found["until"])
    said = {facts.day(one["until"]) if one["until"] else "an earlier end" for one in these}
    return _is_of_letter(facts, found) and said == {found["said"]} and all(by_law(facts, one) == until for one in these)


def _tell(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    """There are so many records, and no day that is named had passed when the answer was written."""
    days = map(read_day, re.findall(_DAY, found["until"]))
    written = facts.date(facts.letter_of_answer["written_at"])
    return len(facts.of(system=task["system"])) >= task["records"] and all(one >= written for one in days)


_FORMS: tuple[tuple[re.Pattern[str], Callable[[Facts, Plain, re.Match[str]], bool]], ...] = (
    (_GOES, _goes), (_EARLIER, _earlier), (_LATER, _later), (_TELL, _tell),
)  # fmt: skip

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
    "request": "as the request says", "record": "as the customer records have it on file",
    "country": "that of the country", "": "not known",
}  # fmt: skip
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


# fmt: off
SHEET = [
    *SEARCH,
    *RECORDS,
    Rule("## How it was searched", lambda at: any(at.facts.done("locate", one) for one in at.facts.case["systems"])),
    Rule("# {T:case}: (?P<right>[a-z-]+) request", lambda at: (at["case"], at["right"]) == (at.facts.case["case_id"], at.facts.right)),
    Rule(rf"_As of (?P<at>{MOMENT}) \({{T}}\)_", lambda at: (at["at"], at["T"]) == (at.facts.instant(at.facts.case["now"]), at.facts.case["zone"])),
    Rule(r"\*\*(?P<light>.+?)\*\* · state \*\*(?P<state>.+?)\*\* · owner \*\*.+\*\*", _light),
    Rule(r"\*\*Next:\*\* {T}", _next),
    Rule(r"\*\*Language of the person:\*\* {T}", lambda at: at["T"] == _LANGUAGES[at.facts.language[1]]),
    Rule(r"#+ (Deadline|Steps|Records and their outcomes|Decisions|Letters|Alerts|Kept, and why|Tasks by hand|Processors)"),
    Rule(r"\| (received \| work to|step \| system|system \| category|gate \| decision|letter \| written|raised \| alert|task \| system).+\|"),
    Rule(r"\|[-|:]+\|"),
    Rule(r"\| (?P<received>[^|]+) \| \*\*(?P<work>[^|]+)\*\* \| (?P<due>[^|]+) \| (?P<closed>[^|]+) \|", _dates, ("Deadline",)),
    Rule("_Received .+_"),
    Rule(r"\*\*The evidence is held\*\* until .+, for a complaint or a claim \(Art\. 17\(3\)\(e\) {LAW}\)\.", lambda at: at["LAW"] == at.facts.law),
    Rule(rf"- (?P<what>{'|'.join(_EVENTS)}): (?P<at>{MOMENT}) \(.+\)(; no answer noted)?", _happened),
    Rule(rf"- \*\*The period is extended\*\* to (?P<due>{DAY})\.", lambda at: at.facts.case["extended"] and at["due"] == at.facts.short(at.facts.case["due_on"])),
    Rule(rf"- Without the suspension it would be due (?P<due>{DAY})\.", lambda at: at["due"] == at.facts.short(at.facts.case["no_pause_due_on"])),
    Rule(r"- \*\*The clock has been suspended since .+\*\* The dates above are those without the suspension\.", lambda at: at.facts.case["suspended_since"]),
    Rule(r"- The clock had been suspended since .+ when the case was closed\.", lambda at: at.facts.case["suspended_since"] and at.facts.case["state"] in _SETTLED),
    Rule(rf"- Last day for the notice of an extension: (?P<due>{DAY})\.", lambda at: at["due"] == at.facts.short(at.facts.case["notice_due_on"])),
    Rule(r"- \*\*The notice of extension (came too late and extends nothing|\(L6\) .+)\*?\*?.*", lambda at: not at.facts.case["extended"]),
    Rule("- Whether the notice extends the period is settled by the answer: .+", lambda at: not at.facts.case["extended"]),
    Rule(r"- \*\*The question for proof of identity \(L2\) has not gone out\.\*\* .+", lambda at: not at.facts.letter("L2")["sent_at"]),
    Rule(r"- \*\*The question what is meant \(L3\) has not gone out\.\*\*", lambda at: not at.facts.letter("L3")["sent_at"]),
    Rule("- Expected .+", lambda at: not at.facts.case["closed_at"]),
    Rule(r"\| (?P<step>[a-z ]+) \| (?P<system>[a-z–-]+) \| \S+ (?P<state>\w+) \| [^|]+ \| \d+ \|", _step, ("Steps",)),
    Rule(r"\| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<outcome>[^|]+) \| {N} \|", _outcome_row, ("Records and their outcomes",)),
    Rule(r"In the package beside these records: {N} files?\.", lambda at: at.number() == sum(one["hangs_on"] for one in at.facts.records if one["fate"] == "given")),
    Rule(r"\| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| {N} \| (?P<until>[^|]+) \| (?P<basis>[^|]*) \| (?P<reason>[^|]+) \|", _kept_row, ("Kept, and why",)),
    Rule(rf"Identity: (?P<method>[^,]+), (?P<at>{MOMENT}), against the (?P<T>.+) since {{D}}\.", _identity),
    Rule(r"\| (?P<gate>\w+) \| (?P<verdict>\w+) (?P<code>R?\d?) ?\| (?P<who>[^|]+) \| (?P<at>[^|]+) \|", _decided, ("Decisions",)),
    Rule(r"\| (?P<name>L\d+(?:\.\d+)?) [a-z ]+ \| (?P<written>[^|]+) \| (?P<sent>[^|]+) \|", _written, ("Letters",)),
    Rule(r"\*\*Other cases of this person:\*\* (?P<cases>.+)", same_person),
    Rule(r"\*\*Perhaps of the same person, which a person has to find out:\*\* (?P<cases>.+)", perhaps_same),
    Rule(r"\| {N} \| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<due>[^|]+) \| [^|]+ \| (?P<status>[^|]+) \|", _task_row, ("Tasks by hand",)),
    Rule(r"\| instruction \| processor \| sent \| to be proved by \| status \|"),
    Rule(r"\| {N} \| (?P<who>[^|]+) \| (?P<sent>[^|]+) \| (?P<due>[^|]+) \| (?P<status>[^|]+) \|", _instruction_row, ("Processors",)),
    Rule(r"\| [^|]+ \| [^|]+ \| [^|]+ \| [^|]* \|", TRUE, ("Alerts",)),
]
# fmt: on


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
