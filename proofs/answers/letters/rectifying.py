"""The answer to a rectification (L25): what was decided on each item, where it was corrected, and what was not."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from proofs.answers.facts import Facts
from proofs.answers.letters.afterwards import BY_HAND
from proofs.answers.letters.as_asked import UNATTRIBUTED
from proofs.answers.letters.erasure import CARRIED_OUT, checked, says_elsewhere
from proofs.answers.letters.frame import Check, both, exact, law, lines_of, received
from proofs.answers.letters.left_out import LEFT_OUT, is_left_out, not_about
from proofs.answers.letters.processors import PROCESSORS, ours_alone
from proofs.answers.rules import Place, Rule

_WHERE, _WHY, _STAYS = "WHERE IT WAS CORRECTED", "WHAT COULD NOT BE CHANGED", "WHAT STAYS AS IT IS"
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
    alike = [one for one in these if one["reason"] == at["T"]]
    return at.number() == len(alike) > 0


def _has(facts: Facts, *, done: bool) -> bool:
    return any(one["fate"] != "not concerned" and (one["fate"] == "rectified") is done for one in facts.records)


def _unaltered(at: Place) -> bool:
    """Records of the person that the request does not change, all that there are with that reason."""
    these = [
        one
        for one in at.facts.of(system=at.facts.system(at["S"]), category=at["what"], fate="not concerned")
        if one["attribution"] == "subject" and not is_left_out(one) and one["reason"] == at["T"]
    ]
    return at.number() == len(these) > 0


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
        r"You can have a statement of yours added to what we do not correct: send us its text \(Art\. 16 sentence 2 {LAW}\)\.",
        lambda at: (
            law(at) and any(one["ruling"]["kind"] == "refuse" for one in at.facts.case["items"] if one["ruling"])
        ),
        ("WHAT WE DECIDED",),
    ),
    Rule(
        r"We read these records again on {D:checked}(?P<ours>, in our own systems)?\.",
        lambda at: checked(at) and bool(at["ours"]) == ours_alone(at.facts),
        (_WHERE,),
    ),
    exact(
        "We found no record in which our programs could do all of it.", lambda at: not _has(at.facts, done=True), _WHERE
    ),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?\. {T}", lambda at: _rows(at, done=True), (_WHERE,)),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", lambda at: _rows(at, done=False), (_WHY,)),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", _unaltered, (_STAYS,)),
    *LEFT_OUT,
    UNATTRIBUTED,
    *BY_HAND,
    *PROCESSORS,
    *CARRIED_OUT,
]


def _done_by_hand(at: Place) -> list[Mapping[str, Any]]:
    """The tasks to correct something in the system that the letter names, which are done."""
    told = next((one for one in at.before if one.startswith("In one system")), "") or at["S"]
    return [
        one
        for one in at.facts.case["tasks"]
        if one["what"].startswith(_CORRECTING) and one["done_on"] and at.facts.title(one["system"]) in told
    ]


def _is_answer(at: Place) -> bool:
    """The day of the answer, whose letter named such a task."""
    named = any(one["what"].startswith(_CORRECTING) for one in at.facts.case["tasks"])
    return received(at) and named and at["answered"] == at.facts.day(at.facts.letter("L25")["written_at"])


_CORRECTING = ("Look at what is to be corrected", "Look where this stands, which no program of ours corrects")
L26 = [
    Rule(
        r"On {D} you asked us to correct your personal data \(Art\. 16 {LAW}\)\. Our answer of {D:answered} named what a person still had to "
        r"look at and correct by hand\.",
        both(law, _is_answer, lambda at: at.facts.right == "rectification"),
    ),
    Rule(
        r"In one system that is done: {S}\. The person responsible for it has noted that this was put right there on {D}:",
        lambda at: at["D"] in {at.facts.day(one["done_on"]) for one in _done_by_hand(at)},
    ),
    Rule(
        r"- (?P<what>[a-z -]+)",
        lambda at: any(re.search(rf"[ (]{at['what']}[,). ]", one["what"]) for one in _done_by_hand(at)),
    ),
    Rule(
        r"We tell those to whom we had disclosed these data, and who do not know it yet, what is right \(Art\. 19 {LAW}\): {T}\.",
        lambda at: (
            law(at) and set(re.split(", | and ", at["T"])) <= {one["name"] for one in at.facts.case["instructions"]}
        ),
    ),
]


def counted_items(body: str, facts: Facts) -> Iterator[str]:
    """Each item is told once, and each record that it concerned."""
    told: Counter[str] = Counter()
    for section, line in lines_of(body):
        if section.startswith("WHAT WE DECIDED") and line.startswith("- Item"):
            told["items"] += 1
        if section.startswith(_STAYS) and (found := re.search(r"\), ([\d,]+) records?: ", line)):
            told["unaltered"] += "decided for this record alone" not in line and int(found[1].replace(",", ""))
        if section.startswith((_WHERE, _WHY)) and (found := re.search(r"\), ([\d,]+) records?[.:] ", line)):
            what = "left out" if "decided for this record alone" in line else "records"
            told[what] += int(found[1].replace(",", ""))
    rulings = _rulings(facts)
    others = len(facts.of(fate="not concerned", attribution="unclear"))
    if others and set(rulings) != {"refuse"} and not re.search(r"further records? we cannot tell whether", body):
        yield "L25: missing: what no one can attribute"
    if told["items"] != len(facts.case["items"]):
        yield "L25: another number of items than in the case file"
    if set(rulings) != {"refuse"} and told["left out"] != facts.count(is_left_out):
        yield "L25: missing: what was decided to be left as it is"
    if set(rulings) != {"refuse"} and told["unaltered"] != not_about(facts):
        yield "L25: another number of unaltered records than in the case file"
    if told["records"] != facts.count(lambda one: one["fate"] != "not concerned"):
        yield "L25: another number of records than in the case file"
