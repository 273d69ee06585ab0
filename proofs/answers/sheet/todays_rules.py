"""What is put before a person since the rules have changed, against a table of the laws of its own."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from proofs.answers.facts import Facts, Plain
from proofs.answers.letters.frame import read_day

_YEARS: Mapping[str, Mapping[str, int]] = {
    "voucher": {
        "DE": 8,
        "AT": 7,
        "CH": 10,
        "FR": 10,
        "ES": 6,
        "IT": 10,
        "NL": 7,
        "PL": 6,
        "IE": 6,
        "SE": 7,
        "GB": 6,
    },
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
    rf"(?P<said>{_DAY}|an earlier end)\. Keep them longer with a ground, and tell the person \(rightsflow keep-longer\), or correct the rule in "
    r"rightsflow\.toml\."
)
_TELL = re.compile(
    r"Tell the person that we keep (\d+) records? of theirs longer than the letter said, until (?P<until>.+), and why; of a legal claim without details\."
)


def by_law(facts: Facts, one: Plain) -> date | None:
    """The last day on which the law orders a record to be kept, by the class that the controller gives to its kind.

    Args:
        facts: The case.
        one: The record.
    """
    document = facts.case["systems"][one["system"]]["classes"].get(one["kind"], "none")
    document = document.replace("_", " ")
    years = _YEARS.get(document, {}).get(facts.case["country"])
    if years is None or not one["occurred_on"]:
        return None
    if document == "voucher" and facts.case["country"] == "DE" and facts.case["sector"] in _SUPERVISED:
        years = 10
    return date(facts.date(one["occurred_on"]).year + years, 12, 31)


def untrue_tasks(facts: Facts) -> Iterator[str]:
    """The open tasks whose words are not so: the number of records, the day of the letter, or the days of the law.

    Args:
        facts: The case.
    """
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
    (_GOES, _goes),
    (_EARLIER, _earlier),
    (_LATER, _later),
    (_TELL, _tell),
)
