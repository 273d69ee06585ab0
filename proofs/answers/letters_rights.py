"""The answers to the rights beside access and erasure: objection, restriction, consent, rectification."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from proofs.answers.facts import Facts, Place, Rule, listed
from proofs.answers.letters_asking import Check, both, exact, law, lines_of, received
from proofs.answers.letters_erasing import (
    BY_HAND,
    CARRIED_OUT,
    DONE,
    KEEPING,
    PROCESSORS,
    WHAT_BECAME,
    checked,
    open_by_hand,
    ours_alone,
    says_elsewhere,
    unnamed,
)


def is_left_out(one: Mapping[str, Any]) -> bool:
    """Whether a person decided of a record of theirs that the request is not about it."""
    is_theirs = one["fate"] == "not concerned" and one["attribution"] == "subject"
    return bool(is_theirs and one["decided"] and one["decided"]["act"] == "leave out")


def _decided_out(at: Place) -> bool:
    """Records that were left out, all that there are with that ground and provision."""
    these = [
        one["decided"] for one in at.facts.of(system=at.facts.system(at["S"]), category=at["what"]) if is_left_out(one)
    ]
    alike = [one for one in these if one["ground"].rstrip(".") == at["ground"] and at["T"].startswith(one["provision"])]
    return at.number() == len(alike) > 0


def not_about(facts: Facts) -> int:
    """How many of their records the request is not about, but for those of which a person decided that."""
    return sum(not is_left_out(one) for one in facts.of(fate="not concerned", attribution="subject"))


# fmt: off
LEFT_OUT = [
    exact("We leave these as they are:", lambda at: any(map(is_left_out, at.facts.records))),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: It was decided for this record alone that your request does not concern it\. The ground: (?P<ground>.+?)\. Provision: {T}", _decided_out),
]
# fmt: on

_ELSEWHERE = r"(?P<elsewhere> The companies that work for us are listed below, with the status at each\.)?"

# -- the suppression list ----------------------------------------------------------------------------------------------
_KINDS = {"email": ("e-mail address", "e-mail addresses"), "phone": ("phone number", "phone numbers")}
_WHY = {
    "objection": ("because you objected to direct marketing (Art. 21(3) {law})", "advertising"),
    "consent withdrawn": ("because you withdrew your consent (Art. 7(3) {law})", "advertising"),
    "erasure": ("so that an import from another source does not bring your data back (Art. 6(1)(f) {law})", "import"),
}
_AFTER = {
    "import": "an import can then bring your data back",
    "advertising": "advertising of ours can then reach you again",
}


def list_in_words(facts: Facts) -> str:
    """What the suppression list holds of the person."""
    entries, said = facts.case["listed"], []
    for reason, (why, _) in _WHY.items():
        these = [one for one in entries if one["reason"] == reason]
        if these:
            counts = Counter(one["kind"] for one in these)
            named = [
                f"your {_KINDS[kind][0] if counts[kind] == 1 else f'{counts[kind]} {_KINDS[kind][1]}'}"
                for kind in _KINDS
                if counts[kind]
            ]
            ends = [one["until"] for one in these if one["until"]]
            until = f"until {facts.day(max(ends))}" if len(ends) == len(these) else "without an end"
            said.append(f"keyed codes of {listed(named)}, {why.format(law=facts.law)}, {until}.")
    removed = {_WHY[one["reason"]][1] for one in entries}
    after = listed([text for what, text in _AFTER.items() if what in removed])
    return " ".join([*said, f"If you wish, we remove them; {after}."]) if said else ""


def _list(at: Place) -> bool:
    return at["T"] == list_in_words(at.facts)


# fmt: off
LIST = [
    Rule("We keep {T}", _list, ("ADVERTISING",)),
    Rule("Our decision does not touch this: we keep {T}", _list, ("ADVERTISING",)),
    Rule("(?P<who>.+) (?P<asks>asks?) this list before sending advertising\\.",
         lambda at: at["who"] == listed(at.facts.case["asks_list"]) and at["asks"] == ("asks" if len(at.facts.case["asks_list"]) == 1 else "ask") and at.kind in {"L17", "L23"}, ("ADVERTISING",)),
    exact("The list has no postal addresses. If advertising of ours still reaches you, tell us how.", lambda at: bool(at.facts.case["listed"]) and at.kind in {"L17", "L23"}, "ADVERTISING"),
    exact("We know no e-mail address and no telephone number that is yours alone, so we could put none on our suppression list. If advertising of ours reaches you, tell us at which address or number.", lambda at: not at.facts.case["listed"], "ADVERTISING"),
]
# fmt: on


# -- what the request is about -----------------------------------------------------------------------------------------
def _concerned(facts: Facts) -> int:
    return facts.count(lambda one: one["fate"] != "not concerned")


def _others(facts: Facts, attribution: str) -> int:
    return facts.count(lambda one: one["fate"] == "not concerned" and one["attribution"] == attribution)


def _became(at: Place) -> bool:
    """Something was concerned, and what is called checked was."""
    is_ours = bool(at["ours"]) == ours_alone(at.facts)
    return _concerned(at.facts) > 0 and is_ours and (not at["checked"] or checked(at))


_OTHERWISE = {
    "objection": (
        "is not kept for direct marketing alone. It stays and may no longer be used for it (Art. 21(3) {law}).",
        "are not kept for direct marketing alone. They stay and may no longer be used for it (Art. 21(3) {law}).",
    ),
    "consent-withdrawal": (
        "does not rest on your consent alone. It stays as it is.",
        "do not rest on your consent alone. They stay as they are.",
    ),
}


def _is_others(at: Place) -> bool:
    one, several = _OTHERWISE[at.facts.right]
    said = (one if at.number() == 1 else several).format(law=at.facts.law)
    return at.number() == _others(at.facts, "subject") and at["T"] == said and law(at)


UNATTRIBUTED = Rule(
    r"Of {N} further records? we cannot tell whether (?:it is|they are) yours; your request does not concern (?:it|them) either\.",
    lambda at: at.number() == _others(at.facts, "unclear") > 0,
)
# fmt: off
_ENDED = [
    *LIST,
    exact("We looked for them as described below and found none.", lambda at: _concerned(at.facts) == 0, *WHAT_BECAME),
    Rule(r"This became of them(?P<ours> in our own systems)?(?:; we checked the result on {D:checked})?:", _became, WHAT_BECAME),
    Rule(r"{N} other records? of yours {T} You can ask for a copy or for erasure at any time \(Art\. 15 and 17 {LAW}\)\.", _is_others, WHAT_BECAME),
    UNATTRIBUTED,
    *KEEPING,
    *BY_HAND,
    *PROCESSORS,
    *CARRIED_OUT,
]
L17 = [
    Rule(r"On {D} you objected to the use of your personal data for direct marketing\. We follow your objection and have not weighed it against anything \(Art\. 21\(2\) and \(3\) {LAW}\)\." + _ELSEWHERE,
         both(received, law, says_elsewhere, lambda at: at.facts.right == "objection")),
    *_ENDED,
]
L23 = [
    Rule(r"On {D} you withdrew your consent to the processing of your personal data\. Whether what was done before was lawful does not change by that \(Art\. 7\(3\) {LAW}\)\." + _ELSEWHERE,
         both(received, law, says_elsewhere, lambda at: at.facts.right == "consent-withdrawal")),
    *_ENDED,
]
# fmt: on

# -- restriction -------------------------------------------------------------------------------------------------------
_GROUNDS = {
    "accuracy": ("you contest that they are accurate", "a", "we have checked whether they are accurate"),
    "unlawful": (
        "you hold their processing to be unlawful and prefer that to their erasure",
        "b",
        "you ask for their erasure or agree that the restriction ends",
    ),
    "claim": ("you need them for legal claims", "c", "you do not need them for your claims any more"),
    "objection": (
        "you objected to their processing",
        "d",
        "it is decided whether our legitimate grounds override yours",
    ),
}


def _restricted(at: Place) -> bool:
    """Carried out as far as records are marked; in part while others are not, or a person has still to do something."""
    facts = at.facts
    because, letter, _ = _GROUNDS[facts.case["ground"]]
    marked = facts.count(lambda one: one["fate"] == "restricted")
    is_whole = marked == _concerned(facts) and not open_by_hand(facts)
    said = (at["because"], at["letter"]) == (because, letter) and bool(at["done"]) == (marked > 0)
    return bool(
        received(at)
        and law(at)
        and said
        and says_elsewhere(at)
        and bool(at["nothing"]) == (_concerned(facts) == 0)
        and (not at["done"] or (bool(at["part"]) != is_whole and bool(at["ours"]) == ours_alone(facts)))
    )


def _marked(at: Place) -> bool:
    these = at.facts.of(system=at.facts.system(at["S"]), category=at["what"], fate="restricted")
    return 0 < at.number() <= len(these)


def _unmarked(at: Place) -> bool:
    """Records of that system and category that are not marked, with why."""
    these = [
        one
        for one in at.facts.of(system=at.facts.system(at["S"]), category=at["what"])
        if one["fate"] not in {"restricted", "not concerned"} and at["T"].startswith(_why(one))
    ]
    return 0 < at.number() <= len(these)


def _why(one: dict[str, object]) -> str:
    if one["fate"] == "not held" and not one["reason"]:
        return "no longer there when we came to mark it."
    return str(one["reason"])


# fmt: off
L22 = [
    Rule(r"On {D} you asked us to restrict the use of your personal data, since (?P<because>.+?) \(Art\. 18\(1\)\((?P<letter>[a-d])\) {LAW}\)\. (?:(?P<done>We have carried this out)(?P<part> in part)?(?P<ours> in our own systems)?\.|Our programs could not carry this out; below you find why\.|(?P<nothing>We restrict nothing of what we found; below you find why\.))" + _ELSEWHERE,
         _restricted),
    Rule(r"- (?P<what>.+?) \({S}\): {N} records?, marked in the system to be stored only", _marked, ("WHAT IS RESTRICTED",)),
    Rule(r"Data that are restricted may be used only with your consent, for legal claims, to protect the rights of another person, or for reasons of important public interest \(Art\. 18\(2\) {LAW}\), until {T}\. Before we lift the mark, we tell you \(Art\. 18\(3\) (?:UK )?GDPR\)\.",
         lambda at: law(at) and at["T"] == _GROUNDS[at.facts.case["ground"]][2]),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", _unmarked, ("WHAT IS NOT MARKED",)),
    Rule(r"{N} other records? of yours (?:is|are) not concerned by your request and stays? as before\.", lambda at: at.number() == not_about(at.facts) > 0),
    *LEFT_OUT,
    UNATTRIBUTED,
    *BY_HAND,
    *PROCESSORS,
    *CARRIED_OUT,
]
# fmt: on


def counted_as_asked(name: str, body: str, facts: Facts) -> Iterator[str]:
    """The numbers of an answer, which have to be those of the case."""
    yield from unnamed(name, body, facts)
    for one in open_by_hand(facts):
        if f"- {facts.title(one['system'])}, by {facts.day(one['due_on'])}: “{one['what']}”" not in body:
            yield f"{name}: missing: task {one['number']}"
    told: Counter[str] = Counter()
    words = "|".join(re.escape(one) for one in sorted(DONE, key=len, reverse=True))
    for section, line in lines_of(body):
        if section in WHAT_BECAME and (
            found := re.fullmatch(rf"- .+: ([\d,]+) records? ({words})(?: \(why.*|\..*)", line)
        ):
            told[DONE[found[2]]] += int(found[1])
        if section.startswith("WHAT IS RESTRICTED") and (found := re.search(r": ([\d,]+) records?, marked", line)):
            told["restricted"] += int(found[1])
        if name == "L22" and (found := re.search(r"\), ([\d,]+) records?: ", line)):
            what = "left out" if "decided for this record alone" in line else "unmarked"
            told[what] += int(found[1]) if what == "left out" or section.startswith("WHAT IS NOT MARKED") else 0
    if name == "L22" and told.pop("left out", 0) != facts.count(is_left_out):
        yield f"{name}: missing: what was decided to be left as it is"
    if sum(told.values()) != _concerned(facts):
        yield f"{name}: another number of records than in the case file"
    if name == "L22" and told["restricted"] != facts.count(lambda one: one["fate"] == "restricted"):
        yield f"{name}: another number of restricted records than in the case file"


_WHERE, _UNALTERED, _STAYS = "WHERE IT WAS CORRECTED", "WHAT COULD NOT BE CHANGED", "WHAT STAYS AS IT IS"
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


# fmt: off
L25 = [
    Rule(r"On {D} you asked us to correct your personal data \(Art\. 16 {LAW}\)\. (?:(?P<none>We have checked your request and do not correct them; below you find why\.)|(?P<part>We have decided on each item; not all of them we correct as you asked\.)|(?P<whole>We follow your request\.))(?P<elsewhere> The companies that work for us are listed below, with the status at each\.)?",
         both(received, law, says_elsewhere, _followed, lambda at: at.facts.right == "rectification")),
    Rule(r"- Item {N}, (?P<what>[a-z -]+): we accept the correction\.", _item("accept"), ("WHAT WE DECIDED",)),
    Rule(r"- Item {N}, (?P<what>[a-z -]+): it stays as it is, and we put this supplementary statement beside it: “{T}”", _item("complete"), ("WHAT WE DECIDED",)),
    Rule(r"- Item {N}, (?P<what>[a-z -]+): we do not correct it\. The reason: {T}", _item("refuse"), ("WHAT WE DECIDED",)),
    Rule(r"You can have a statement of yours added to what we do not correct: send us its text \(Art\. 16 sentence 2 {LAW}\)\.",
         lambda at: law(at) and any(one["ruling"]["kind"] == "refuse" for one in at.facts.case["items"] if one["ruling"]), ("WHAT WE DECIDED",)),
    Rule(r"We read these records again on {D:checked}(?P<ours>, in our own systems)?\.", lambda at: checked(at) and bool(at["ours"]) == ours_alone(at.facts), (_WHERE,)),
    exact("We found no record in which our programs could do all of it.", lambda at: not _has(at.facts, done=True), _WHERE),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?\. {T}", lambda at: _rows(at, done=True), (_WHERE,)),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", lambda at: _rows(at, done=False), (_UNALTERED,)),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", _unaltered, (_STAYS,)),
    *LEFT_OUT,
    UNATTRIBUTED,
    *BY_HAND,
    *PROCESSORS,
    *CARRIED_OUT,
]
# fmt: on


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
# fmt: off
L26 = [
    Rule(r"On {D} you asked us to correct your personal data \(Art\. 16 {LAW}\)\. Our answer of {D:answered} named what a person still had to look at and correct by hand\.", both(law, _is_answer, lambda at: at.facts.right == "rectification")),
    Rule(r"In one system that is done: {S}\. The person responsible for it has noted that this was put right there on {D}:", lambda at: at["D"] in {at.facts.day(one["done_on"]) for one in _done_by_hand(at)}),
    Rule(r"- (?P<what>[a-z -]+)", lambda at: any(re.search(rf"[ (]{at['what']}[,). ]", one["what"]) for one in _done_by_hand(at))),
    Rule(r"We tell those to whom we had disclosed these data, and who do not know it yet, what is right \(Art\. 19 {LAW}\): {T}\.", lambda at: law(at) and set(re.split(", | and ", at["T"])) <= {one["name"] for one in at.facts.case["instructions"]}),
]
# fmt: on


def counted_items(body: str, facts: Facts) -> Iterator[str]:
    """Each item is told once, and each record that it concerned."""
    told: Counter[str] = Counter()
    for section, line in lines_of(body):
        if section.startswith("WHAT WE DECIDED") and line.startswith("- Item"):
            told["items"] += 1
        if section.startswith(_STAYS) and (found := re.search(r"\), ([\d,]+) records?: ", line)):
            told["unaltered"] += "decided for this record alone" not in line and int(found[1].replace(",", ""))
        if section.startswith((_WHERE, _UNALTERED)) and (found := re.search(r"\), ([\d,]+) records?[.:] ", line)):
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
