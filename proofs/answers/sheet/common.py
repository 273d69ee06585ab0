"""What the case sheet and the gates have in common: how they are read, the searches, and the records by their numbers."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from proofs.answers.facts import counted
from proofs.answers.letters.frame import exact
from proofs.answers.rules import Place, Rule

WORDS = {
    "name": "name",
    "birth_date": "date of birth",
    "email": "e-mail address",
    "phone": "phone number",
    "customer_id": "customer number",
    "account_id": "account number",
    "passage": "passage",
    "interval": "muted interval",
}


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


RECORDS = [
    Rule(
        r"\*\*Look at records? (?P<numbers>[\d, –]+):\*\* (The period of .+ (?P<ended>ended on) .+|.+ was not compared with the statute book; .+)",
        _looked_at,
    ),
    exact("### Decided on single records"),
    exact("| decision | records | provision | until | by |"),
    Rule(
        r"\| (?P<act>keep|erase|leave out) \| (?P<numbers>[\d, –]+) \| (?P<basis>[^|]+) \| (?P<until>[^|]+) \| (?P<who>[^|]+) \|",
        _decided_row,
    ),
    exact("**The records by number**, for decisions on single ones:"),
    exact("### Records by number"),
    Rule(r"- (?P<system>[a-z-]+) (?P<what>[a-z]+): (?P<T>\d.*)", _by_number),
]


def same_person(at: Place) -> bool:
    """The other cases of the person, by their ids."""
    return at["cases"].split(", ") == [one["case_id"] for one in at.facts.earlier]


def perhaps_same(at: Place) -> bool:
    """Cases that share too little to tell; those of the same address are among them until it was confirmed who asks."""
    return not {one["case_id"] for one in at.facts.earlier} & set(at["cases"].split(", "))


SEARCH = [
    Rule(rf"- \*\*(?P<system>[a-z-]+)\*\*, (?P<at>{MOMENT}): by (?P<by>.+)\.", _searched),
    Rule(r"- \*\*(?P<system>[a-z-]+)\*\*, not searched to its end: by .+\.", _not_to_its_end),
    Rule(r"- Not searched by: (?P<by>.+)\.", _not_by),
    Rule(r"- Its mappings were not checked with stored values\."),
    exact("- There are no records to check the mapping with.", lambda at: "holds" in at.facts.case),
    Rule(
        r"- Of {N} records, {N:readable} carry a readable identifier\.",
        # Of the double systems' records those name no one from which the only person was taken out.
        lambda at: "holds" in at.facts.case and at.number() >= at.number("readable") > 0,
    ),
    Rule("- Does not find: {T}", _limit),
    Rule(r"No other case of this person is known\.", lambda at: not at.facts.earlier),
    Rule(r"Other cases of this person: (?P<cases>[^.]+)\. .+", same_person),
    Rule(r"Perhaps of the same person: (?P<cases>[^.]+)\. .+", perhaps_same),
]
