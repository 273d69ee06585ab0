"""The answers to the rights beside access and erasure: objection, restriction, consent, rectification (L17, L22, L23, L25, L26)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from proofs.answers.facts import Check, Facts, Lines, Place, Plain, Rule, exact, listed, whole
from proofs.answers.letters_asking import lines_of, of_right
from proofs.answers.letters_ending import SEARCHED
from proofs.answers.letters_erasing import (
    AFTER,
    DONE,
    ELSEWHERE,
    KEEPING,
    OURS,
    WHAT_BECAME,
    WORDS,
    checked,
    open_by_hand,
    ours_alone,
)


def is_left_out(one: Plain) -> bool:
    is_theirs = one["fate"] == "not concerned" and one["attribution"] == "subject"
    return bool(is_theirs and one["decided"] and one["decided"]["act"] == "leave out")


def _decided_out(at: Place) -> bool:
    these = [one["decided"] for one in at.of(system=at.here(), category=at["what"]) if is_left_out(one)]
    alike = [one for one in these if one["ground"].rstrip(".") == at["ground"] and at["T"].startswith(one["provision"])]
    return at.number() == len(alike) > 0


def _not_about(facts: Facts) -> list[dict[str, Any]]:
    return [one for one in facts.of("not concerned", attribution="subject") if not is_left_out(one)]


def _concerned(facts: Facts) -> list[dict[str, Any]]:
    return [one for one in facts.records if one["fate"] != "not concerned"]


def _says_elsewhere(at: Place) -> bool:
    return bool(at["elsewhere"]) == ours_alone(at.facts)


def _of_right_elsewhere(right: str) -> Check:
    return lambda at: at.right == right and _says_elsewhere(at)


# fmt: off
_LEFT = [
    exact("We leave these as they are:", lambda at: any(map(is_left_out, at.records))),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: It was decided for this record alone that your request does not concern it\. The ground: (?P<ground>.+?)\. Provision: {T}", _decided_out),
    Rule(r"Of {N} further records? we cannot tell whether (?:it is|they are) yours; your request does not concern (?:it|them) either\.", lambda at: at.number() == len(at.of("not concerned", attribution="unclear")) > 0),
]
# fmt: on

# -- the suppression list, and what ends (L17, L23) ----------------------------------------------------------------------------
_LISTED = {"email": "e-mail address", "phone": "phone number"}
_WHY = {
    "objection": "because you objected to direct marketing (Art. 21(3) {law})",
    "consent withdrawn": "because you withdrew your consent (Art. 7(3) {law})",
    "erasure": "so that an import from another source does not bring your data back (Art. 6(1)(f) {law})",
}
_AFTER_REMOVAL = ("an import can then bring your data back", "advertising of ours can then reach you again")


def _list(facts: Facts) -> Iterator[str]:
    """Check the line on the suppression list: the entries of the person, and who asks it."""
    said = []
    for reason, why in _WHY.items():
        if these := [one for one in facts.listed if one["reason"] == reason]:
            counts = Counter(one["kind"] for one in these)
            several = {
                kind: f"{counts[kind]} {word}{'es' if word.endswith('s') else 's'}" for kind, word in _LISTED.items()
            }
            named = [
                f"your {word if counts[kind] == 1 else several[kind]}" for kind, word in _LISTED.items() if counts[kind]
            ]
            ends = [one["until"] for one in these if one["until"]]
            until = f"until {facts.day(max(ends))}" if len(ends) == len(these) else "without an end"
            said.append(f"keyed codes of {listed(named)}, {why.format(law=facts.law)}, {until}.")
    removed = {one["reason"] == "erasure" for one in facts.listed}
    after = listed(
        [text for text, is_import in zip(_AFTER_REMOVAL, (True, False), strict=True) if is_import in removed]
    )
    if said:
        text = " ".join([*said, f"If you wish, we remove them; {after}."])
        yield from (f"We keep {text}", f"Our decision does not touch this: we keep {text}")
    if asks := list(facts.asks_list):
        yield f"{listed(asks)} ask{'s' if len(asks) == 1 else ''} this list before sending advertising."


def _otherwise(at: Place) -> bool:
    count, law = len(at.of("not concerned", attribution="subject")), at.law
    they, are, do = ("It stays", "is", "does") if count == 1 else ("They stay", "are", "do")
    if at.right == "objection":
        said = f"{are} not kept for direct marketing alone. {they} and may no longer be used for it (Art. 21(3) {law})."
    else:
        as_they = "as it is" if count == 1 else "as they are"
        said = f"{do} not rest on your consent alone. {they} {as_they}."
    return at.number() == count and at["T"] == said


def _became(at: Place) -> bool:
    is_ours = bool(at["ours"]) == ours_alone(at.facts)
    return bool(_concerned(at.facts)) and is_ours and (not at["checked"] or checked(at))


# fmt: off
LIST = [
    Lines(_list, "ADVERTISING"),
    exact("The list has no postal addresses. If advertising of ours still reaches you, tell us how.", lambda at: at.listed and at.kind in {"L17", "L23"}, "ADVERTISING"),
    exact("We know no e-mail address and no telephone number that is yours alone, so we could put none on our suppression list. If advertising of ours reaches you, tell us at which address or number.", lambda at: not at.listed, "ADVERTISING"),
]
_ENDED = [
    *LIST,
    exact("We looked for them as described below and found none.", lambda at: not _concerned(at.facts), *WHAT_BECAME),
    Rule(r"This became of them" + OURS + r"(?:; we checked the result on {D:checked})?:", _became, *WHAT_BECAME),
    Rule(r"{N} other records? of yours {T} You can ask for a copy or for erasure at any time \(Art\. 15 and 17 {law}\)\.", _otherwise, *WHAT_BECAME),
    *_LEFT[2:], *KEEPING, *AFTER, *SEARCHED,
]
L17 = [
    Rule(r"On {received_on} you objected to the use of your personal data for direct marketing\. We follow your objection and have not weighed it against anything \(Art\. 21\(2\) and \(3\) {law}\)\." + ELSEWHERE, _of_right_elsewhere("objection")),
    *_ENDED,
]
L23 = [
    Rule(r"On {received_on} you withdrew your consent to the processing of your personal data\. Whether what was done before was lawful does not change by that \(Art\. 7\(3\) {law}\)\." + ELSEWHERE, _of_right_elsewhere("consent-withdrawal")),
    *_ENDED,
]
# fmt: on

# -- restriction (L22) -----------------------------------------------------------------------------------------------------------
_GROUNDS = {
    "accuracy": ("you contest that they are accurate", "a", "we have checked whether they are accurate"),
    "unlawful": ("you hold their processing to be unlawful and prefer that to their erasure", "b", "you ask for their erasure or agree that the restriction ends"),
    "claim": ("you need them for legal claims", "c", "you do not need them for your claims any more"),
    "objection": ("you objected to their processing", "d", "it is decided whether our legitimate grounds override yours"),
}  # fmt: skip


def _restricted(at: Place) -> bool:
    concerned, marked = _concerned(at.facts), at.of("restricted")
    is_whole = len(marked) == len(concerned) and not open_by_hand(at.facts)
    as_done = bool(at["part"]) != is_whole and bool(at["ours"]) == ours_alone(at.facts)
    return (
        (at["because"], at["letter"]) == _GROUNDS[at.ground][:2]
        and (bool(at["done"]), bool(at["nothing"])) == (bool(marked), not concerned)
        and _says_elsewhere(at)
        and (not at["done"] or as_done)
    )


def _unmarked(at: Place) -> bool:
    gone = "no longer there when we came to mark it."
    these = (one for one in _concerned(at.facts) if (one["system"], one["category"]) == (at.here(), at["what"]))
    why = [
        gone if one["fate"] == "not held" and not one["reason"] else one["reason"]
        for one in these
        if one["fate"] != "restricted"
    ]
    return 0 < at.number() <= sum(at["T"].startswith(one) for one in why)


# fmt: off
L22 = [
    Rule(r"On {received_on} you asked us to restrict the use of your personal data, since (?P<because>.+?) \(Art\. 18\(1\)\((?P<letter>[a-d])\) {law}\)\. (?:(?P<done>We have carried this out)(?P<part> in part)?(?P<ours> in our own systems)?\.|Our programs could not carry this out; below you find why\.|(?P<nothing>We restrict nothing of what we found; below you find why\.))" + ELSEWHERE, _restricted),
    Rule(r"- (?P<what>.+?) \({S}\): {N} records?, marked in the system to be stored only", lambda at: 0 < at.number() <= len(at.of("restricted", system=at.here(), category=at["what"])), "WHAT IS RESTRICTED"),
    exact("Data that are restricted may be used only with your consent, for legal claims, to protect the rights of another person, or for reasons of important public interest (Art. 18(2) {law}), until {T}. Before we lift the mark, we tell you (Art. 18(3) {law}).", lambda at: at["T"] == _GROUNDS[at.ground][2]),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", _unmarked, "WHAT IS NOT MARKED"),
    Rule(r"{N} other records? of yours (?:is|are) not concerned by your request and stays? as before\.", lambda at: at.number() == len(_not_about(at.facts)) > 0),
    *_LEFT, *AFTER, *SEARCHED,
]
# fmt: on
_ALONE = "decided for this record alone"


def counted_as_asked(name: str, body: str, facts: Facts) -> Iterator[str]:
    """Check the numbers of an answer against the case."""
    told = Counter[str]()
    for section, line in lines_of(body):
        found = re.fullmatch(rf"- .+: ([\d,]+) records? ({WORDS})(?: \(why.*|\..*)", line)
        if section.startswith(WHAT_BECAME) and found:
            told[DONE[found[2]]] += whole(found[1])
        if section.startswith("WHAT IS RESTRICTED") and (found := re.search(r": ([\d,]+) records?, marked", line)):
            told["restricted"] += whole(found[1])
        is_row = _ALONE in line or section.startswith("WHAT IS NOT MARKED")
        if name == "L22" and is_row and (found := re.search(r"\), ([\d,]+) records?: ", line)):
            told["left out" if _ALONE in line else "unmarked"] += whole(found[1])
    if name == "L22" and told.pop("left out", 0) != facts.count(is_left_out):
        yield f"{name}: missing: what was decided to be left as it is"
    if told.total() != len(_concerned(facts)):
        yield f"{name}: another number of records than in the case file"
    if name == "L22" and told["restricted"] != len(facts.of("restricted")):
        yield f"{name}: another number of restricted records than in the case file"


# -- rectification (L25, L26) ----------------------------------------------------------------------------------------------------
_WHERE, _UNALTERED, _STAYS = "WHERE IT WAS CORRECTED", "WHAT COULD NOT BE CHANGED", "WHAT STAYS AS IT IS"
_FIELDS = {"statement": "supplementary statement", "email": "e-mail address", "phone": "telephone number"}


def _rulings(facts: Facts) -> set[str]:
    return {one["ruling"]["kind"] for one in facts.items}


def _followed(at: Place) -> bool:
    rulings = _rulings(at.facts)
    way = "none" if rulings == {"refuse"} else "whole" if rulings == {"accept"} else "part"
    return bool(at[way]) and _says_elsewhere(at) and bool(at.right == "rectification")


def _item(kind: str) -> Check:
    def holds(at: Place) -> bool:
        one = next(one for one in at.items if one["number"] == at.number())
        said = (_FIELDS.get(one["field"], one["field"]), one["ruling"]["kind"], one["ruling"]["text"].rstrip("."))
        return said == (at["what"], kind, at["T"].rstrip("."))

    return holds


def _rows(at: Place, these: list[dict[str, Any]]) -> bool:
    said = (at.here(), at["what"], at["T"])
    return at.number() == sum((one["system"], one["category"], one["reason"]) == said for one in these) > 0


# fmt: off
L25 = [
    Rule(r"On {received_on} you asked us to correct your personal data \(Art\. 16 {law}\)\. (?:(?P<none>We have checked your request and do not correct them; below you find why\.)|(?P<part>We have decided on each item; not all of them we correct as you asked\.)|(?P<whole>We follow your request\.))" + ELSEWHERE, _followed),
    Rule(r"- Item {N}, (?P<what>[a-z -]+): we accept the correction\.", _item("accept"), "WHAT WE DECIDED"),
    Rule(r"- Item {N}, (?P<what>[a-z -]+): it stays as it is, and we put this supplementary statement beside it: “{T}”", _item("complete"), "WHAT WE DECIDED"),
    Rule(r"- Item {N}, (?P<what>[a-z -]+): we do not correct it\. The reason: {T}", _item("refuse"), "WHAT WE DECIDED"),
    exact("You can have a statement of yours added to what we do not correct: send us its text (Art. 16 sentence 2 {law}).", lambda at: "refuse" in _rulings(at.facts), "WHAT WE DECIDED"),
    Rule(r"We read these records again on {D:checked}(?P<ours>, in our own systems)?\.", lambda at: checked(at) and bool(at["ours"]) == ours_alone(at.facts), _WHERE),
    exact("We found no record in which our programs could do all of it.", lambda at: not at.of("rectified"), _WHERE),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?\. {T}", lambda at: _rows(at, at.of("rectified")), _WHERE),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", lambda at: _rows(at, [one for one in _concerned(at.facts) if one["fate"] != "rectified"]), _UNALTERED),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", lambda at: _rows(at, _not_about(at.facts)), _STAYS),
    *_LEFT, *AFTER, *SEARCHED,
]
# fmt: on


def _done_by_hand(at: Place) -> list[Plain]:
    told = next((one for one in at.before if one.startswith("In one system")), "") or at["S"]
    done = (one for one in at.tasks if one["what"].startswith(_CORRECTING) and one["done_on"])
    return [one for one in done if at.title(one["system"]) in told]


def _is_answer(at: Place) -> bool:
    named = any(one["what"].startswith(_CORRECTING) for one in at.tasks)
    return named and at["answered"] == at.day(at.letter("L25")["written_at"])


_CORRECTING = ("Look at what is to be corrected", "Look where this stands, which no program of ours corrects")
# fmt: off
L26 = [
    exact("On {received_on} you asked us to correct your personal data (Art. 16 {law}). Our answer of {D:answered} named what a person still had to look at and correct by hand.", lambda at: _is_answer(at) and of_right("rectification")(at)),
    exact("In one system that is done: {S}. The person responsible for it has noted that this was put right there on {D}:", lambda at: at["D"] in {at.day(one["done_on"]) for one in _done_by_hand(at)}),
    Rule(r"- (?P<what>[a-z -]+)", lambda at: any(re.search(rf"[ (]{at['what']}[,). ]", one["what"]) for one in _done_by_hand(at))),
    exact("We tell those to whom we had disclosed these data, and who do not know it yet, what is right (Art. 19 {law}): {T}.", lambda at: set(re.split(", | and ", at["T"])) <= {one["name"] for one in at.instructions}),
]
# fmt: on


def counted_items(body: str, facts: Facts) -> Iterator[str]:
    """Check that each item is told once, with each record that it concerned."""
    told = Counter[str]()
    for section, line in lines_of(body):
        told["items"] += section.startswith("WHAT WE DECIDED") and line.startswith("- Item")
        found, is_alone = re.search(r"\), ([\d,]+) records?[.:] ", line), _ALONE in line
        if found and section.startswith((_WHERE, _UNALTERED)):
            told["left out" if is_alone else "records"] += whole(found[1])
        if found and section.startswith(_STAYS):
            told["unaltered"] += 0 if is_alone else whole(found[1])
    changes = _rulings(facts) != {"refuse"}
    if changes and facts.of("not concerned", attribution="unclear") and "we cannot tell whether" not in body:
        yield "L25: missing: what no one can attribute"
    if told["items"] != len(facts.items):
        yield "L25: another number of items than in the case file"
    if changes and told["left out"] != facts.count(is_left_out):
        yield "L25: missing: what was decided to be left as it is"
    if changes and told["unaltered"] != len(_not_about(facts)):
        yield "L25: another number of unaltered records than in the case file"
    if told["records"] != len(_concerned(facts)):
        yield "L25: another number of records than in the case file"
