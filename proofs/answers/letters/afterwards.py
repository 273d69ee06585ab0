"""What is still to be done once an erasure is answered: what is promised in the answer, and what a person does by hand."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from datetime import date, timedelta

from proofs.answers.facts import KEPT, Facts, Plain
from proofs.answers.letters.frame import exact, read_day
from proofs.answers.rules import Place, Rule

FOR_A_TASK = ("retained", "restricted")


def promised_by_hand(at: Place) -> bool:
    """A person erases: the task is one by hand."""
    checks = at["check"].startswith("checks")
    return checks == bool(at["otherwise"]) and _promised(at, "erase at end of retention", checks=checks)


def promised_on_approval(at: Place) -> bool:
    """The software erases what a person approves; a condition of the period is checked by that person."""
    return _promised(at, "approve erasure at end of retention", checks=bool(at["check"]))


def promised_by_policy(at: Place) -> bool:
    """The software erases by itself: the controller has written that down, and no one has to check a condition."""
    return at.facts.case["follow_up"]["approval"] == "automatic" and _promised(
        at, "erase at end of retention by policy", checks=False
    )


def _promised(at: Place, kind: str, *, checks: bool) -> bool:
    """A task of the case file, of that system, number and day, is open, and comes the day after the last of the records.

    No day is promised that has passed when the letter is written.
    """
    facts, system = at.facts, at.facts.system(at["S"])
    written = facts.date(facts.letter(at.kind)["written_at"])
    until, rule = read_day(at["until"]), facts.case["follow_up"]
    is_covered = rule["approval"] == "automatic" and rule["covers_conditions"]
    these = [one for one in facts.of(system=system) if one["fate"] in FOR_A_TASK and one["until"] == until.isoformat()]
    return (
        read_day(at["on"]) == max(until + timedelta(days=1), written)
        and len(these) == at.number()
        and checks == (any(one["ends_when"] for one in these) and not is_covered)
        and any(
            one["kind"] == kind
            and (one["system"], one["kept_until"], one["due_on"], one["records"], one["done_on"], one["check_first"])
            == (system, until.isoformat(), read_day(at["on"]).isoformat(), len(these), None, checks)
            for one in facts.case["tasks"]
        )
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
