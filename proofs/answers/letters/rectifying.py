"""The answer to a rectification (L25): what was decided on each item, where it was corrected, and what was not."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from proofs.answers.facts import Facts
from proofs.answers.letters.afterwards import BY_HAND
from proofs.answers.letters.as_asked import UNATTRIBUTED
from proofs.answers.letters.erasure import CARRIED_OUT, checked, says_elsewhere
from proofs.answers.letters.frame import Check, both, exact, law, lines_of, received
from proofs.answers.letters.processors import PROCESSORS, ours_alone
from proofs.answers.rules import Place, Rule

_WHERE, _WHY = "WHERE IT WAS CORRECTED", "WHAT COULD NOT BE CHANGED"
_WORDS = {"statement": "supplementary statement", "email": "e-mail address", "phone": "telephone number"}


def _rulings(facts: Facts) -> Counter[str]:
    return Counter(one["ruling"]["kind"] for one in facts.case["items"])


def _followed(at: Place) -> bool:
    """Whether all, some or none of the items are corrected as the person asked."""
    rulings = _rulings(at.facts)
    if set(rulings) == {"refuse"}:
        return bool(at["none"])
    return bool(at["whole"]) if set(rulings) == {"accept"} else bool(at["part"])


def _item(kind: str) -> Check:
    def holds(at: Place) -> bool:
        one = next(one for one in at.facts.case["items"] if one["number"] == at.number())
        named = _WORDS.get(one["field"], one["field"]) == at["what"]
        return bool(
            named and one["ruling"]["kind"] == kind and at["T"].rstrip(".") == one["ruling"]["text"].rstrip(".")
        )

    return holds


def _rows(at: Place, *, done: bool) -> bool:
    """Records of that system and category with that reason, all that there are."""
    these = [
        one
        for one in at.facts.of(system=at.facts.system(at["S"]), category=at["what"])
        if one["fate"] != "not concerned" and (one["fate"] == "rectified") is done
    ]
    return at.number() == sum(_why(one) == at["T"] for one in these) > 0


def _why(one: dict[str, object]) -> str:
    return "No longer there when we came to correct it." if one["fate"] == "not held" else str(one["reason"])


def _has(facts: Facts, *, done: bool) -> bool:
    return any(one["fate"] != "not concerned" and (one["fate"] == "rectified") is done for one in facts.records)


L25 = [
    Rule(
        r"On {D} you asked us to correct your personal data \(Art\. 16 {LAW}\)\. (?:(?P<none>We have checked your request and do not correct them; below you find why\.)|"
        r"(?P<part>We have decided on each item; not all of them we correct as you asked\.)|(?P<whole>We follow your request\.))"
        r"(?P<elsewhere> How it stands at companies that work for us stands below\.)?",
        both(received, law, says_elsewhere, _followed, lambda at: at.facts.right == "rectification"),
    ),
    Rule(r"- Item {N}, (?P<what>[a-z -]+): we accept the correction\.", _item("accept"), ("WHAT WE DECIDED",)),
    Rule(
        r"- Item {N}, (?P<what>[a-z -]+): it stays as it is, and we put this supplementary statement beside it: “{T}”",
        _item("complete"),
        ("WHAT WE DECIDED",),
    ),
    Rule(
        r"- Item {N}, (?P<what>[a-z -]+): we do not correct it\. The reason: {T}",
        _item("refuse"),
        ("WHAT WE DECIDED",),
    ),
    Rule(
        r"We read these records again on {D:checked}(?P<ours>; they lie in our own systems)?\.",
        lambda at: checked(at) and bool(at["ours"]) == ours_alone(at.facts),
        (_WHERE,),
    ),
    exact(
        "We found no record in which our programs could do all of it.", lambda at: not _has(at.facts, done=True), _WHERE
    ),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?\. {T}", lambda at: _rows(at, done=True), (_WHERE,)),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", lambda at: _rows(at, done=False), (_WHY,)),
    Rule(
        r"{N} other records? of yours holds? nothing that was to be corrected, or keeps? what was said and written as it was\.",
        lambda at: at.number() == len(at.facts.of(fate="not concerned", attribution="subject")) > 0,
    ),
    UNATTRIBUTED,
    *BY_HAND,
    *PROCESSORS,
    *CARRIED_OUT,
]


def counted_items(body: str, facts: Facts) -> Iterator[str]:
    """Each item is told once, and each record that it concerned."""
    told: Counter[str] = Counter()
    for section, line in lines_of(body):
        if section.startswith("WHAT WE DECIDED") and line.startswith("- Item"):
            told["items"] += 1
        if section.startswith((_WHERE, _WHY)) and (found := re.search(r"\), ([\d,]+) records?[.:] ", line)):
            told["records"] += int(found[1].replace(",", ""))
    rulings = _rulings(facts)
    others = len(facts.of(fate="not concerned", attribution="unclear"))
    if others and set(rulings) != {"refuse"} and "we cannot tell whether" not in body:
        yield "L25: missing: what no one can attribute"
    if told["items"] != len(facts.case["items"]):
        yield "L25: another number of items than in the case file"
    if told["records"] != facts.count(lambda one: one["fate"] != "not concerned"):
        yield "L25: another number of records than in the case file"
