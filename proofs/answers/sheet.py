"""The lines of the case sheet, and tasks that follow from changed rules, against the case file."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from proofs.answers.facts import (
    DATE,
    IDS,
    KEPT,
    TRUE,
    Check,
    Facts,
    Lines,
    Place,
    Plain,
    Rule,
    counted,
    exact,
    read_day,
)
from proofs.answers.letters_erasing import standing

_KINDS = IDS | {"name": "name", "birth_date": "date of birth", "passage": "passage", "interval": "muted interval"}
DAY = r"[A-Z][a-z]{2} \d{2} [A-Z][a-z]{2} \d{4}"
MOMENT = rf"{DAY}(?:, \d\d:\d\d)?"
"""An instant; the day alone stands for midnight, which is where a day without a time is put."""


def kinds_of(told: Mapping[str, int]) -> set[str]:
    return {counted(number, word, _several(word)) for kind, number in told.items() if (word := _KINDS[kind])}


def _several(word: str) -> str:
    first, *rest = word.split(" of ")
    return " of ".join([f"{first}{'es' if first.endswith('s') else 's'}", *rest])


def lines_of(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in filter(None, (one.strip() for one in text.splitlines())):
        section = line.strip("# ") if line.startswith("#") else section
        yield section, line


def numbers(text: str) -> set[int]:
    parts = (part.partition("–") for part in text.split(", "))
    return {number for first, _, last in parts for number in range(int(first), int(last or first) + 1)}


def named(at: Place) -> list[dict[str, Any]]:
    return [one for one in at.records if one["number"] in numbers(at["numbers"])]


def row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


# -- the search, and single records ------------------------------------------------------------------------------------------
_BY_NOTHING = "nothing that is known of the person, so that it was not searched"


def _known(facts: Facts, system: str, *, searched: bool) -> Counter[str]:
    searches = facts.systems[system]["searches"]
    return Counter(kind for kind, _ in facts.identifiers if (kind in searches) is searched)


def _searched(at: Place) -> bool:
    told = set() if at["by"] == _BY_NOTHING else set(at["by"].split(", "))
    is_then = at["at"] == at.instant(at.done("locate", at["system"])["finished_at"])
    return is_then and told == kinds_of(_known(at.facts, at["system"], searched=True))


def _above(at: Place) -> str:
    return next(found[1] for line in reversed(at.before) if (found := re.match(r"- \*\*([a-z-]+)\*\*", line)))


def _by_number(at: Place) -> bool:
    these = at.of(system=at["system"], kind=at["what"])
    dates = {
        one["number"]: f"{at.date(one['occurred_on']):%d %b %Y}" if one["occurred_on"] else "no date" for one in these
    }
    told = re.findall(r"(\d+)(?:–(\d+))?(?: \(([^)]+)\))?", at["T"])
    said = {number for first, last, _ in told for number in range(int(first), int(last or first) + 1)}
    return said == set(dates) and all(not when or dates[int(first)] == when for first, _, when in told)


def _decided_row(at: Place) -> bool:
    said = {
        (one["act"], one["provision"] or "–", at.short(one["until"]) if one["until"] else "–", one["by"])
        for one in (each["decided"] for each in named(at))
    }
    return said == {(at["act"], at["basis"], at["until"], at["who"])}


def _same_person(at: Place) -> bool:
    return at["cases"].split(", ") == [one["case_id"] for one in at.earlier]


def _perhaps_same(at: Place) -> bool:
    return not {one["case_id"] for one in at.earlier} & set(at["cases"].split(", "))


# fmt: off
SEARCH = [
    Rule(rf"- \*\*(?P<system>[a-z-]+)\*\*, (?P<at>{MOMENT}): by (?P<by>.+)\.", _searched),
    Rule(r"- \*\*(?P<system>[a-z-]+)\*\*, not searched to its end: by .+\.", lambda at: not at.done("locate", at["system"])),
    Rule(r"- Not searched by: (?P<by>.+)\.", lambda at: kinds_of(_known(at.facts, _above(at), searched=False)) == set(at["by"].split(", "))),
    exact("- Its mappings were not checked with stored values."),
    exact("- There are no records to check the mapping with.", lambda at: "holds" in at.case),
    # Of the double systems' records those name no one from which the only person was taken out.
    exact("- Of {N} records, {N:readable} carry a readable identifier.", lambda at: "holds" in at.case and at.number() >= at.number("readable") > 0),
    Rule("- Does not find: {T}", lambda at: at["T"] in at.systems[_above(at)]["cannot_find"]),
    exact("No other case of this person is known.", lambda at: not at.earlier),
    Rule(r"Other cases of this person: (?P<cases>[^.]+)\. .+", _same_person),
    Rule(r"Perhaps of the same person: (?P<cases>[^.]+)\. .+", _perhaps_same),
    Rule(r"\*\*Look at records? (?P<numbers>[\d, –]+):\*\* (The period of .+ (?P<ended>ended on) .+|.+ was not compared with the statute book; .+)", lambda at: numbers(at["numbers"]) <= {one["number"] for one in at.records if one["occurred_on"] or not at["ended"]}),
    exact("### Decided on single records"), exact("| decision | records | provision | until | by |"),
    Rule(r"\| (?P<act>keep|erase|leave out) \| (?P<numbers>[\d, –]+) \| (?P<basis>[^|]+) \| (?P<until>[^|]+) \| (?P<who>[^|]+) \|", _decided_row),
    exact("**The records by number**, for decisions on single ones:"), exact("### Records by number"),
    Rule(r"- (?P<system>[a-z-]+) (?P<what>[a-z]+): (?P<T>\d.*)", _by_number),
    Rule(r"\|[-|:]+\|"),
]
# fmt: on

# -- tasks by today's rules ----------------------------------------------------------------------------------------------------
_YEARS: Mapping[str, Mapping[str, int]] = {
    "voucher": {"DE": 8, "AT": 7, "CH": 10, "FR": 10, "ES": 6, "IT": 10, "NL": 7, "PL": 6, "IE": 6, "SE": 7, "GB": 6},
    "trade letter": {"DE": 6, "AT": 7, "ES": 6, "IT": 10},
}
"""For how many years after the end of the year documents are kept that arose in it (Poland: of which the tax fell due)."""
_SUPERVISED = {"supervised_finance", "investment_firm"}


def _by_law(facts: Facts, one: Plain) -> date | None:
    document = facts.systems[one["system"]]["classes"].get(one["kind"], "none").replace("_", " ")
    years = _YEARS.get(document, {}).get(facts.country)
    if years is None or not one["occurred_on"]:
        return None
    is_longer = document == "voucher" and facts.country == "DE" and facts.sector in _SUPERVISED
    return date(facts.date(one["occurred_on"]).year + (10 if is_longer else years), 12, 31)


def _records(facts: Facts, task: Plain) -> list[dict[str, Any]]:
    return [one for one in facts.records if one["number"] in task["numbers"]]


def _goes(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    ends = (_by_law(facts, one) for one in _records(facts, task))
    return found["on"] == facts.answered_on and all(end is None or end < facts.date(facts.today) for end in ends)


def _earlier(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    until, these = read_day(found["until"]), _records(facts, task)
    said = {facts.day(one["until"]) if one["until"] else one["ends_when"] for one in these}
    ends = facts.country == "ES" or all(_ends(facts, one) in {None, until} for one in these)
    return found["on"] == facts.answered_on and ends and set(re.split(", | and ", found["said"])) == said


def _ends(facts: Facts, one: Plain) -> date | None:
    by_person = one["decided"]["until"] if one["decided"] and one["decided"]["act"] == "keep" else None
    return max(filter(None, (_by_law(facts, one), facts.date(by_person) if by_person else None)), default=None)


def _later(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    these = _records(facts, task)
    until = None if found["until"].startswith("a person") else read_day(found["until"])
    said = {facts.day(one["until"]) if one["until"] else "an earlier end" for one in these}
    as_said = found["on"] == facts.answered_on and said == {found["said"]}
    return as_said and all(_by_law(facts, one) == until for one in these)


def _tell(facts: Facts, task: Plain, found: re.Match[str]) -> bool:
    days, written = map(read_day, re.findall(DATE, found["until"])), facts.date(facts.answer["written_at"])
    return len(facts.of(system=task["system"])) >= task["records"] and all(one >= written for one in days)


_LETTER = rf"Our letter of (?P<on>{DATE}) named another end\."
_FORMS: tuple[tuple[str, Callable[[Facts, Plain, re.Match[str]], bool]], ...] = (
    (r"By today's rules nothing keeps (\d+) records? any more; (?:approve what is to go|erase it by hand)\. " + _LETTER, _goes),
    (rf"By today's rules (\d+) records? kept until (?P<said>.+) can go after (?P<until>{DATE}); approve that they end then\. {_LETTER}", _earlier),
    (rf"By today's rules (\d+) records? must be kept until (?P<until>{DATE}|a person says how long); our letter of (?P<on>{DATE}) promised (?P<said>{DATE}|an earlier end)\. Keep them longer with a ground, and tell the person \(rightsflow case keep-longer\), or correct the rule in rightsflow\.toml\.", _later),
    (r"Tell the person that we keep (\d+) records? of theirs longer than the letter said, until (?P<until>.+), and why; of a legal claim without details\.", _tell),
)  # fmt: skip


def untrue_tasks(facts: Facts) -> Iterator[str]:
    for task in (one for one in facts.tasks if one["done_on"] is None):
        found = [(match, is_so) for form, is_so in _FORMS if (match := re.fullmatch(form, task["what"]))]
        if not all(int(match[1]) == task["records"] and is_so(facts, task, match) for match, is_so in found):
            yield f"a task that is not so: {task['what']}"
        if task["what"].startswith("By today's rules") and not found:
            yield f"a task of no known form: {task['what']}"


# -- the sheet ------------------------------------------------------------------------------------------------------------------
_FATES = {"given": "in the package", "gone": "gone before it was copied", "seen": "still seen after the erasure"}
_EVENTS = {
    "The person was asked to prove who they are": "IDENTITY_REQUESTED",
    "The proof of identity arrived": "IDENTITY_CONFIRMED",
    "The person was asked what they mean": "CLARIFICATION_REQUESTED",
    "The person answered what they mean": "CLARIFICATION_RECEIVED",
    "The notice of extension went out": "EXTENSION_NOTICE_SENT",
}
_LANGUAGES = {
    "request": "as the request says", "record": "as the customer records have it on file",
    "country": "that of the country", "": "not known",
}  # fmt: skip
_SETTLED = {"answered", "nothing held", "refused", "withdrawn", "stopped"}


def _outcome_rows(facts: Facts) -> Iterator[str]:
    def word(one: Plain) -> str:
        is_planned = one["fate"] == "found" and one["planned"]
        if is_planned and (one["planned"], one["attribution"]) == ("retained", "unclear"):
            return "unclear whose it is, to be decided"
        return f"planned: {one['planned']}" if is_planned else str(_FATES.get(one["fate"], one["fate"]))

    told = Counter((one["system"], one["category"], word(one)) for one in facts.records)
    yield from (row(*cells, f"{number:,}") for cells, number in told.items())


def _kept_rows(facts: Facts) -> Iterator[str]:
    """Return the end of retention and the provision as the letter states them: never without both."""
    told = Counter[tuple[str, ...]]()
    for one in facts.of(*KEPT):
        basis, ends_when = one["legal_basis"], one["ends_when"]
        if one["fate"] in {"retained", "residue"}:
            basis = (
                basis or f"No exception; the erasure is due (Art. 17(1) {facts.law}) as soon as the system allows it"
            )
            ends_when = ends_when or ("" if one["until"] else "the system allows it")
        until = ", ".join(filter(None, (facts.short(one["until"]) if one["until"] else "", ends_when))) or "open"
        told[one["system"], one["category"], until, basis, one["reason"]] += 1
    for (system, category, *grounds), number in told.items():
        yield row(system, category, f"{number:,}", *grounds)


def _dates(facts: Facts) -> list[str]:
    closed = facts.instant(facts.closed_at) if facts.closed_at else "open"
    return [
        row(facts.instant(facts.received_at), f"**{facts.short(facts.work_to_on)}**", facts.short(facts.due_on), closed)
    ]


def _decisions(facts: Facts) -> Iterator[str]:
    for one in facts.decisions:
        verdict = f"{one['verdict']} {one['code'] or ''}"
        yield row(one["gate"], verdict, one["by"], facts.instant(one["decided_at"]))


def _identity(facts: Facts) -> Iterator[str]:
    decision = facts.decision("identity")
    if check := decision.get("check"):
        where = "elsewhere" if check["held_by"] == "elsewhere" else f"in {check['held_by']}"
        method = "another way" if decision["method"].startswith("another way") else decision["method"]
        on_file = f"against the {check['against']} on file {where} since {facts.day(check['on_file_since'])}"
        yield f"Identity: {method}, {facts.instant(check['at'])}, {on_file}."


def _written(at: Place) -> bool:
    letter = at.letter(at["name"])
    why = [one["because"] for one in at.events if (one["event"], one["letter"]) == ("LetterOvertaken", at["name"])]
    unsent = f"not to be sent any more: {why[-1]}" if why else "not yet recorded"
    sent = f"{at.instant(letter['sent_at'])}, {letter['sent_by']}" if letter["sent_at"] else unsent
    return (at["written"], at["sent"]) == (at.instant(letter["written_at"]), sent)


def _next(at: Place) -> bool:
    refusals_too = {"L7", "L8", "L9", "L10", "L11"}
    unsent = [one["id"] for one in at.letters if one["id"] in refusals_too and not one["sent_at"]]
    if at.state in _SETTLED and unsent:
        return all(one in at["T"] for one in unsent) and at["T"].startswith("Send")
    if at.state == "withdrawn":
        return "withdrawn" in at["T"]
    return not at.closed_at or at["T"].startswith("Nothing")


def _task(at: Place) -> bool:
    task = at.tasks[at.number() - 1]
    days = (at.date(task["due_on"]) - at.date(at.today)).days
    stands = "overdue" if days < 0 else "due soon" if days <= 7 else "open"
    status = f"done on {at.short(task['done_on'])}, {task['done_by']}" if task["done_on"] else stands
    said = (task["number"], task["system"], task["what"], at.short(task["due_on"]), status)
    return said == (at.number(), at["system"], at["what"], at["due"], at["status"])


_STANDS = {"proved": "confirmed", "cannot": "cannot", "not asked": "not asked"}


def _called(one: Plain) -> str:
    return f"{one['name']} (end of the restriction)" if one["action"] == "lift restriction" else str(one["name"])


def _instruction(at: Place) -> bool:
    one = at.instructions[at.number() - 1]
    last = one["answers"][-1] if one["answers"] else None
    if one["is_notice"] and one["is_sent"]:
        return at["status"] == "told"
    claims = last is not None and last["answer"] in {"done", "nothing held"}
    is_open = "answer to be checked" if claims else "waiting for proof" if one["is_sent"] else "not sent"
    status = _STANDS.get(standing(one), is_open) + (f", {at.short(last['on'])}" if last else "")
    told = (_called(one), at.short(one["due_on"]), status, one["is_sent"])
    return told == (at["who"], at["due"], at["status"], at["sent"] != "no")


def _not_extended(at: Place) -> bool:
    return not at.extended


def is_day(name: str) -> Check:
    return lambda at: at["due"] == at.short(at.case[name])


# fmt: off
SHEET = [
    *SEARCH,
    Rule("## How it was searched", lambda at: any(at.done("locate", one) for one in at.systems)),
    exact("# {case_id}: {right} request"),
    Rule(rf"_As of (?P<at>{MOMENT}) \({{zone}}\)_", lambda at: at["at"] == at.instant(at.now)),
    Rule(r"\*\*(?P<light>.+?)\*\* · state \*\*{state}\*\* · owner \*\*.+\*\*", lambda at: ("Closed" in at["light"]) == bool(at.closed_at)),
    Rule(r"\*\*Next:\*\* {T}", _next),
    exact("**Language of the person:** {T}", lambda at: at["T"] == _LANGUAGES[at.language[1]]),
    Rule(r"#+ (Deadline|Steps|Records and their outcomes|Decisions|Letters|Alerts|Kept, and why|Tasks by hand|Processors)"),
    Rule(r"\| (received \| target date|step \| system|system \| category|gate \| decision|letter \| written|raised \| alert|task \| system).+\|"),
    Rule(r"\| instruction \| processor \| sent \| to be proved by \| status \|"),
    Lines(_dates, "Deadline"),
    Rule("_Received .+_"),
    Rule(r"\*\*The evidence is held\*\* until .+, for a complaint or a claim \(Art\. 17\(3\)\(e\) {law}\)\."),
    Rule(rf"- (?P<what>{'|'.join(_EVENTS)}): (?P<at>{MOMENT}) \(.+\)(; no answer noted)?", lambda at: at.instant(at.clock[_EVENTS[at["what"]]]) == at["at"]),
    Rule(rf"- \*\*The period is extended\*\* to (?P<due>{DAY})\.", lambda at: at.extended and is_day("due_on")(at)),
    Rule(rf"- Without the suspension it would be due (?P<due>{DAY})\.", is_day("no_pause_due_on")),
    Rule(r"- \*\*The clock has been suspended since .+\*\* The dates above are those without the suspension\.", lambda at: at.suspended_since),
    Rule(r"- The clock had been suspended since .+ when the case was closed\.", lambda at: at.suspended_since and at.state in _SETTLED),
    Rule(rf"- Last day for the notice of an extension: (?P<due>{DAY})\.", is_day("notice_due_on")),
    Rule(r"- \*\*The notice of extension (came too late and extends nothing|\(L6\) .+)\*?\*?.*", _not_extended),
    Rule("- Whether the notice extends the period is settled by the answer: .+", _not_extended),
    Rule(r"- \*\*The question for proof of identity \(L2\) has not gone out\.\*\* .+", lambda at: not at.letter("L2")["sent_at"]),
    exact("- **The question what is meant (L3) has not gone out.**", lambda at: not at.letter("L3")["sent_at"]),
    Rule("- Expected .+", lambda at: not at.closed_at),
    Rule(r"\| (?P<step>[a-z ]+) \| (?P<system>[a-z–-]+) \| \S+ (?P<state>\w+) \| [^|]+ \| \d+ \|",
         lambda at: any((one["step"], one["system"] or "–", one["state"]) == (at["step"], at["system"], at["state"]) for one in at.steps), "Steps"),
    Lines(_outcome_rows, "Records and their outcomes"),
    Rule(r"In the package beside these records: {N} files?\.", lambda at: at.number() == sum(one["hangs_on"] for one in at.of("given"))),
    Lines(_kept_rows, "Kept, and why"), Lines(_identity), Lines(_decisions, "Decisions"),
    Rule(r"\| (?P<name>L\d+(?:\.\d+)?) [a-z ]+ \| (?P<written>[^|]+) \| (?P<sent>[^|]+) \|", _written, "Letters"),
    exact("**Other cases of this person:** {T:cases}", _same_person),
    exact("**Perhaps of the same person, which a person has to find out:** {T:cases}", _perhaps_same),
    Rule(r"\| {N} \| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<due>[^|]+) \| [^|]+ \| (?P<status>[^|]+) \|", _task, "Tasks by hand"),
    Rule(r"\| {N} \| (?P<who>[^|]+) \| (?P<sent>[^|]+) \| (?P<due>[^|]+) \| (?P<status>[^|]+) \|", _instruction, "Processors"),
    Rule(r"\| [^|]+ \| [^|]+ \| [^|]+ \| [^|]* \|", TRUE, "Alerts"),
]
# fmt: on


def missing(text: str, facts: Facts) -> Iterator[str]:
    rows = [
        line
        for section, line in lines_of(text)
        if section == "Records and their outcomes" and re.search(r"\| \d+ \|$", line)
    ]
    if sum(int(re.findall(r"\d+", line)[-1]) for line in rows) != len(facts.records):
        yield "sheet: another number of records than in the case file"
    needed = [f"| {one['number']} | {_called(one)} |" for one in facts.instructions]
    needed += [f"| {one['number']} | {one['system']} | {one['what']} |" for one in facts.tasks]
    yield from (f"sheet: missing: {one}" for one in needed if one not in text)
