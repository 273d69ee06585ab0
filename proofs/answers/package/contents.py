"""What is in an access package, what was left out and what was masked, from the case file."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

from proofs.answers.facts import Facts, counted, listed
from proofs.answers.rules import Place

_WORDS = {
    "name": ("name", "names"),
    "email": ("e-mail address", "e-mail addresses"),
    "phone": ("phone number", "phone numbers"),
}


def here(at: Place) -> str:
    """The system whose heading stands above."""
    return at.facts.system(at.section.capitalize() if at.section.isupper() else at.section)


def given(facts: Facts) -> dict[str, dict[str, tuple[int, int]]]:
    """What is in the package: system → category → records and files beside them."""
    found: dict[str, dict[str, tuple[int, int]]] = {system: {} for system in facts.case["systems"]}
    for one in facts.records:
        if one["fate"] == "given":
            records, files = found[one["system"]].get(one["category"], (0, 0))
            found[one["system"]][one["category"]] = (records + 1, files + one["hangs_on"])
    return found


def amount(records: int, files: int) -> str:
    """A number of records with the files beside them, in words."""
    return counted(records, "record") + (f" with {counted(files, 'file')}" if files else "")


def finding(facts: Facts, system: str) -> str:
    """The result of the search of a system, in a word."""
    fates = {one["fate"] for one in facts.of(system=system)}
    if not fates:
        return "not searched" if facts.not_searchable(system) else "nothing"
    return "unclear" if fates == {"unclear"} else "held"


def left_out(facts: Facts) -> Counter[tuple[str, str, int]]:
    """What is found and not given: system, what and how many records; 0 for a part of records that are given."""
    found: Counter[tuple[str, str, str]] = Counter()
    for one in facts.records:
        if one["fate"] in {"unclear", "gone", "left out"}:
            found[one["system"], one["category"], _why(one)] += 1
    told = Counter((system, what, count) for (system, what, _), count in found.items())
    for system, about in facts.case["systems"].items():
        kinds = {one["kind"] for one in facts.of(system=system, fate="given")}
        withheld = {what for kind in kinds for what, _ in about["kinds"][kind]["withheld"]}
        told.update((system, what, 0) for what in withheld)
    return told


def masked_by_people(facts: Facts) -> Counter[tuple[str, str, str, str]]:
    """What people masked and muted in what is given: system, category, unit and ground, with how often."""
    units = {"hide": "passage", "mute": "muted interval"}
    given_ones = {one["number"]: one for one in facts.records if one["fate"] == "given"}
    told: Counter[tuple[str, str, str, str]] = Counter()
    for mask in facts.case["masks"]:
        if mask["act"] in units and mask["places"] and mask["record"] in given_ones:
            record = given_ones[mask["record"]]
            told[record["system"], record["category"], units[mask["act"]], mask["ground"]] += mask["places"]
    return told


def hidden(facts: Facts) -> list[dict[str, Any]]:
    """The passages that people masked."""
    return [one for one in facts.case["masks"] if one["act"] == "hide"]


def muted_intervals(facts: Facts) -> Counter[str]:
    """In how many recordings each interval is muted; a record of the cases has one at most."""
    given_ones = {one["number"] for one in facts.records if one["fate"] == "given"}
    muted = {
        (one["record"], str(one["interval"]))
        for one in facts.case["masks"]
        if one["act"] == "mute" and one["places"] and one["record"] in given_ones
    }
    return Counter(interval for _, interval in muted)


def masked_line(at: Place) -> bool:
    """A line of what people masked or muted: how often, by which ground, on which provision."""
    word = {"passage": "the mark [masked passage] stands", "muted interval": "silenced in the recordings"}
    system = at.facts.system(at["S"])
    return any(
        (where, what, number) == (system, at["what"], at.number())
        and at["unit"] == (unit if number == 1 else f"{unit}s")
        and word[unit] in at["T"]
        and f"The ground: {ground}." in at["T"]
        and f"Art. 15(4) {at.facts.law}" in at["T"]
        for (where, what, unit, ground), number in masked_by_people(at.facts).items()
    )


def is_complete(facts: Facts) -> bool:
    """Whether nothing was left out and nothing masked."""
    return not left_out(facts) and not masked(facts) and not masked_by_people(facts)


def _why(one: dict[str, Any]) -> str:
    """What tells apart the lines of records that were left out: each reason has one."""
    match one["fate"]:
        case "unclear":
            return f"unclear {_DOUBTS[one['doubt']]}"
        case "left out":
            return f"{one['decided']['ground']} {one['decided']['provision']}"
    return "gone"


def _decided(facts: Facts, one: dict[str, Any], text: str) -> bool:
    """The sentence and the provision are of the ground that was chosen, an article of the law with the law's name."""
    decided = one["decided"] or {"ground": " ", "provision": " "}
    provision = decided["provision"]
    cited = f"{provision} {facts.law}" if re.fullmatch(r"Art\. \d+\(\d\)", provision) else provision
    return one["fate"] == "left out" and text.startswith(_GROUNDS.get(decided["ground"], " ")) and cited in text


_GROUNDS = {
    "rights of others": "A copy would adversely affect the rights and freedoms of other people.",
    "trade secrets": "A copy would disclose trade secrets or infringe intellectual property.",
    "professional secrecy": "They are subject to a duty of professional secrecy.",
}


def left(at: Place) -> bool:
    """Whether what is said to be left out is, in that number and for that reason."""
    return (at.facts.system(at["S"]), at["what"], at.number() if at["N"] else 0) in left_out(at.facts) and _reasoned(at)


def _reasoned(at: Place) -> bool:
    """The reason is one that holds for a record of that kind, with the law in force."""
    facts, system, text = at.facts, at.facts.system(at["S"]), at["T"]
    if re.search(r"[.)]- [A-Z]", text):  # the next item, which has a line of its own
        return False
    if facts.is_uk and re.search(r"(?<!UK )GDPR", text):
        return False
    if not at["N"]:
        withheld = [one for kind in facts.case["systems"][system]["kinds"].values() for one in kind["withheld"]]
        return any(what == at["what"] and reason in text for what, reason in withheld)
    these = facts.of(system=system, category=at["what"])
    if text.startswith(tuple(_GROUNDS.values())):
        return any(_decided(facts, one, text) for one in these)
    if "no longer there" in text:
        return any(one["fate"] == "gone" for one in these)
    said = {doubt for doubt, words in _DOUBTS.items() if words in text}
    alike = any(one["fate"] == "unclear" and one["doubt"] in said for one in these)
    return alike and len({_DOUBTS[doubt] for doubt in said}) == 1 and "Art. 15(4)" in text


_ANOTHER = "and that another person may use as well"
_DOUBTS = {
    "number alone": "nothing but a number that several people used",
    "unconfirmed number": "a customer number that none of your other records bears",
    "another identifier": "an address or customer number that you did not name",
    "another name": "and the names with it do not all agree",
    "another date of birth": _ANOTHER,
    "namesake": _ANOTHER,
    "shared mailbox": "that other people seem to use as well",
    "another person": "a person whom you did not name",
}
"""What is said of records that were left out, by what is in doubt."""


def masked(facts: Facts) -> str:
    """What was masked, in words."""
    return listed(
        [counted(number, *_WORDS[kind]) for kind, number in sorted(facts.masked.items()) if number and kind in _WORDS]
    )


def held(at: Place) -> bool:
    """Whether anything is held at all."""
    return any(finding(at.facts, system) == "held" for system in at.facts.case["systems"])


def asked_on(at: Place) -> bool:
    """Whether the text names the day of the request."""
    return at["D"] == at.facts.received_on


def none(at: Place) -> bool:
    """The same where nothing is held."""
    return asked_on(at) and not held(at)


def assembled(facts: Facts) -> str:
    """When the package was put together."""
    step = facts.done("assemble")
    assert step is not None
    return str(step["finished_at"])


def made_on(at: Place) -> bool:
    """Whether the text names that day."""
    return at["D"] == at.facts.day(assembled(at.facts))


def authority(at: Place) -> bool:
    """Whether the text names the authority and its address."""
    return (at["who"], at["url"]) == (at.facts.case["authority"], at.facts.case["authority_url"])


def payments(facts: Facts, system: str) -> int:
    """How many payments are in the package; the invented records name no other, so each is one."""
    kinds = {name for name, about in facts.case["systems"][system]["kinds"].items() if about["is_payment"]}
    return sum(one["kind"] in kinds for one in facts.of(system=system, fate="given"))


def system_of(at: Place) -> str:
    """The system of the section, though a category's heading may stand between."""
    for line in reversed(at.before):
        if system := at.facts.system(line):
            return system
    return ""
