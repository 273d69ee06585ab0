"""What is still to be done once an erasure is answered: what is promised in the answer, and what a person does by hand."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta

from proofs.answers.facts import KEPT, Facts, Plain
from proofs.answers.letters.frame import exact, read_day
from proofs.answers.rules import Place, Rule

FOR_A_TASK = ("retained", "restricted")


def promised(kind: str) -> Callable[[Place], bool]:
    """The days on which records are erased are those of open tasks of a kind, with their numbers.

    Args:
        kind: The kind of the tasks.
    """

    def holds(at: Place) -> bool:
        facts, checks = at.facts, bool(at["check"])
        tasks = [one for one in facts.case["tasks"] if one["kind"] == kind and one["check_first"] == checks]
        wanted = Counter[tuple[str, str]]()
        for one in tasks:
            if one["done_on"] is None and one["kept_until"] and _is_due(one, facts, at.kind, checks=checks):
                wanted[one["due_on"], one["system"]] += one["records"]
        told = {
            (read_day(day["on"]).isoformat(), facts.system(system.strip())): int(count.replace(",", ""))
            for day in _DAY.finditer(at["days"])
            for system, count in re.findall(r"([^;(]+?), ([\d,]+) records?", day["what"])
        }
        is_policy = kind == "erase at end of retention by policy"
        # More may be noted after the letter; that each day of a kept record is told, is asked apart.
        return (
            bool(told)
            and told.items() <= wanted.items()
            and (not is_policy or facts.case["follow_up"]["approval"] == "automatic")
        )

    return holds


_DAY = re.compile(r"on (?P<on>\d+ [A-Z][a-z]+ \d{4}) \((?P<what>[^)]+)\)")


def _is_due(task: Plain, facts: Facts, letter: str, *, checks: bool) -> bool:
    """A task is of that many records, and comes the day after the last of them; no day has passed in the letter."""
    written = facts.date(facts.letter(letter)["written_at"])
    until, rule = date.fromisoformat(task["kept_until"]), facts.case["follow_up"]
    is_covered = rule["approval"] == "automatic" and rule["covers_conditions"]
    these = [
        one
        for one in facts.of(system=task["system"])
        if one["fate"] in FOR_A_TASK and one["until"] == until.isoformat()
    ]
    return (
        date.fromisoformat(task["due_on"]) == max(until + timedelta(days=1), written)
        and len(these) == task["records"]
        and checks == (any(one["ends_when"] for one in these) and not is_covered)
    )


def without_task(facts: Facts) -> bool:
    """Whether anything is kept that no task will erase."""
    noted = {(one["system"], one["kept_until"]) for one in facts.case["tasks"]}
    return any(
        one["fate"] in KEPT
        and (one["fate"] not in FOR_A_TASK or not one["until"] or (one["system"], one["until"]) not in noted)
        for one in facts.records
    )


def holds_file(at: Place) -> bool:
    """The file outlives its period while something is kept, unattributable records among it."""
    kept = at.facts.count(lambda one: one["fate"] in {*FOR_A_TASK, "unclear"}) > 0
    return bool(at["longer"]) == kept


def open_by_hand(facts: Facts) -> list[Plain]:
    """The manual steps that are not noted as done, but for recipients whom a person tells."""
    return [
        one
        for one in facts.case["tasks"]
        if one["kind"] == "manual step"
        and one["done_on"] is None
        and not re.match(r"Tell .+, or note why that is impossible", one["what"])
    ]


def says_open(at: Place) -> bool:
    """Where a person still has something to do, the first sentences say so."""
    return bool(at["hand"]) == bool(open_by_hand(at.facts))


def reaches(at: Place) -> bool:
    """Nothing is called carried out without more, while a person still has something to do."""
    return bool(at["far"]) == bool(open_by_hand(at.facts))


def _is_promised(facts: Facts, task: Plain, written: date) -> bool:
    """The day of the acknowledgement, or the day of the letter once that is over; or the end of a retention."""
    days = [facts.date(facts.case[name]) for name in ("work_to_on", "safe_due_on")]
    promised = min((one for one in days if one >= written <= days[1]), default=written)
    ends = {facts.date(one["until"]) + timedelta(days=1) for one in facts.records if one["until"]}
    return facts.date(task["due_on"]) in {promised, *ends}


def _still(at: Place) -> bool:
    """One of the open tasks, word for word, by a day that has not passed when the letter is written."""
    written = at.facts.date(at.facts.letter(at.kind)["written_at"])
    return any(
        (one["system"], one["what"], at.facts.day(one["due_on"])) == (at.facts.system(at["S"]), at["T"], at["D"])
        and at.facts.date(one["due_on"]) >= written
        and _is_promised(at.facts, one, written)
        for one in open_by_hand(at.facts)
    )


BY_HAND = [
    exact(
        "Our programs do not reach everything. The person responsible for your case does the following by hand, by the day named at the latest; "
        "each is noted as a task with its date, in these words:",
        lambda at: open_by_hand(at.facts),
        "WHAT IS STILL DONE BY HAND",
    ),
    Rule("- {S}, by {D}: “{T}”", _still, ("WHAT IS STILL DONE BY HAND",)),
]
