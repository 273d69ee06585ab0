"""The answers to the rights beside access and erasure: objection (L17), restriction (L22), consent (L23)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from proofs.answers.facts import Facts, listed
from proofs.answers.letters.afterwards import BY_HAND, open_by_hand
from proofs.answers.letters.erasure import CARRIED_OUT, DONE, KEEPING, WHAT_BECAME, checked, says_elsewhere
from proofs.answers.letters.frame import both, exact, law, lines_of, received
from proofs.answers.letters.left_out import LEFT_OUT, is_left_out, not_about
from proofs.answers.letters.processors import PROCESSORS, ours_alone, unnamed
from proofs.answers.rules import Place, Rule

_ELSEWHERE = r"(?P<elsewhere> How it stands at companies that work for us stands below\.)?"

# -- the suppression list ----------------------------------------------------------------------------------------------

_KINDS = {"email": ("e-mail address", "e-mail addresses"), "phone": ("phone number", "phone numbers")}
_WHY = {
    "objection": ("because you objected to direct marketing (Art. 21(3) {law})", "advertising"),
    "consent withdrawn": ("because you withdrew your consent (Art. 7(3) {law})", "advertising"),
    "erasure": (
        "so that an import from another source does not bring your data back (Art. 6(1)(f) {law})",
        "import",
    ),
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


LIST = [
    Rule("We keep {T}", _list, ("ADVERTISING",)),
    Rule("Our decision does not touch this: we keep {T}", _list, ("ADVERTISING",)),
    Rule(
        "(?P<who>.+) (?P<asks>asks?) this list before sending advertising\\.",
        lambda at: (
            at["who"] == listed(at.facts.case["asks_list"])
            and at["asks"] == ("asks" if len(at.facts.case["asks_list"]) == 1 else "ask")
            and at.kind in {"L17", "L23"}
        ),
        ("ADVERTISING",),
    ),
    exact(
        "The list has no postal addresses. If advertising of ours still reaches you, tell us how.",
        lambda at: bool(at.facts.case["listed"]) and at.kind in {"L17", "L23"},
        "ADVERTISING",
    ),
    exact(
        "We know no e-mail address and no telephone number that is yours alone, so we could put none on our suppression list. "
        "If advertising of ours reaches you, tell us at which address or number.",
        lambda at: not at.facts.case["listed"],
        "ADVERTISING",
    ),
]

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
_ENDED = [
    *LIST,
    exact("We looked for them as described below and found none.", lambda at: _concerned(at.facts) == 0, *WHAT_BECAME),
    Rule(
        r"This became of them(?P<ours> in our own systems)?(?:; we checked the result on {D:checked})?:",
        _became,
        WHAT_BECAME,
    ),
    Rule(
        r"{N} other records? of yours {T} You can ask for a copy or for erasure at any time \(Art\. 15 and 17 {LAW}\)\.",
        _is_others,
        WHAT_BECAME,
    ),
    UNATTRIBUTED,
    *KEEPING,
    *BY_HAND,
    *PROCESSORS,
    *CARRIED_OUT,
]
L17 = [
    Rule(
        r"On {D} you objected to the use of your personal data for direct marketing\. We follow your objection and have not weighed it against "
        r"anything \(Art\. 21\(2\) and \(3\) {LAW}\)\." + _ELSEWHERE,
        both(received, law, says_elsewhere, lambda at: at.facts.right == "objection"),
    ),
    *_ENDED,
]
L23 = [
    Rule(
        r"On {D} you withdrew your consent to the processing of your personal data\. Whether what was done before was lawful does not change by that \(Art\. 7\(3\) {LAW}\)\."
        + _ELSEWHERE,
        both(received, law, says_elsewhere, lambda at: at.facts.right == "consent-withdrawal"),
    ),
    *_ENDED,
]

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


L22 = [
    Rule(
        r"On {D} you asked us to restrict the use of your personal data, since (?P<because>.+?) \(Art\. 18\(1\)\((?P<letter>[a-d])\) {LAW}\)\. "
        r"(?:(?P<done>We have carried this out)(?P<part> in part)?(?P<ours> in our own systems)?\.|Our programs could not carry this out; below you "
        r"find why\.|(?P<nothing>We restrict nothing of what we found; below you find why\.))" + _ELSEWHERE,
        _restricted,
    ),
    Rule(
        r"- (?P<what>.+?) \({S}\): {N} records?, marked in the system to be stored only",
        _marked,
        ("WHAT IS RESTRICTED",),
    ),
    Rule(
        r"Data that are restricted may be used only with your consent, for legal claims, to protect the rights of another person, or for reasons of "
        r"important public interest \(Art\. 18\(2\) {LAW}\), until {T}\. Before we lift the mark, we tell you \(Art\. 18\(3\) (?:UK )?GDPR\)\.",
        lambda at: law(at) and at["T"] == _GROUNDS[at.facts.case["ground"]][2],
    ),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?: {T}", _unmarked, ("WHAT IS NOT MARKED",)),
    Rule(
        r"{N} other records? of yours (?:is|are) not concerned by your request and stays? as before\.",
        lambda at: at.number() == not_about(at.facts) > 0,
    ),
    *LEFT_OUT,
    UNATTRIBUTED,
    *BY_HAND,
    *PROCESSORS,
    *CARRIED_OUT,
]


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
