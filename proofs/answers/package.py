"""The access package: the sentences of its files, and what must not be missing in them."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import json
import re
import struct
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from proofs.answers.facts import Facts, Place, Rule, counted, listed
from proofs.answers.letters_asking import Check, authority, exact, law, read_day

_WORDS = {"name": ("name",), "email": ("e-mail address", "e-mail addresses"), "phone": ("phone number",)}


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
    "another name": "and the names with it do not all agree", "another date of birth": _ANOTHER, "namesake": _ANOTHER,
    "shared mailbox": "that other people seem to use as well", "another person": "a person whom you did not name",
}  # fmt: skip
"""What is said of records that were left out, by what is in doubt."""


def masked(facts: Facts) -> str:
    """What was masked, in words."""
    return listed(
        [counted(number, *_WORDS[kind]) for kind, number in sorted(facts.masked.items()) if number and kind in _WORDS]
    )


def assembled(facts: Facts) -> str:
    """When the package was put together."""
    step = facts.done("assemble")
    assert step is not None
    return str(step["finished_at"])


# fmt: off
def held(at: Place) -> bool: return any(finding(at.facts, system) == "held" for system in at.facts.case["systems"])
def asked_on(at: Place) -> bool: return at["D"] == at.facts.received_on
def none(at: Place) -> bool: return asked_on(at) and not held(at)
def made_on(at: Place) -> bool: return at["D"] == at.facts.day(assembled(at.facts))
# fmt: on


def payments(facts: Facts, system: str) -> int:
    """How many payments are in the package; the invented records name no other, so each is one."""
    kinds = {name for name, about in facts.case["systems"][system]["kinds"].items() if about["is_payment"]}
    return sum(one["kind"] in kinds for one in facts.of(system=system, fate="given"))


def system_of(at: Place) -> str:
    """The system of the section, though a category's heading may stand between."""
    return next((system for line in reversed(at.before) if (system := at.facts.system(line))), "")


_RATE, _HEAD = 8000, 44
SOUND = b"RIFF" + struct.pack("<I", 36 + _RATE) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, _RATE, _RATE, 1, 8)
SOUND += b"data" + struct.pack("<I", _RATE) + b"\x40" * _RATE
"""A second of eight bits without a sign, of which silence is the middle."""


def recordings(facts: Facts) -> dict[str, str]:
    """The SHA-256 of a recording as it is, and as it is with each interval that a person muted, by the interval."""
    found = {"": sha256(SOUND).hexdigest()}
    for mask in facts.case["masks"]:
        if mask["act"] == "mute":
            first, last = (_HEAD + one * _RATE // 1000 for one in mask["interval"])
            silent = SOUND[:first] + b"\x80" * (last - first) + SOUND[last:]
            found[str(mask["interval"])] = sha256(silent).hexdigest()
    return found


def _found(at: Place) -> bool:
    told = given(at.facts)[here(at)]
    wanted = {f"{category} ({amount(*numbers)})" for category, numbers in told.items()}
    if not wanted:
        return "What was left out" in at["T"] and finding(at.facts, here(at)) == "held"
    return set(at["T"].split("; ")) == wanted


_END = re.compile(r"(?P<category>.+?) \((?P<number>\d+) records?\): until (?P<end>.+)")


def _end_dates(at: Place) -> bool:
    """A part for each category that is given, with no more records than are, and no day that has passed."""
    told = given(at.facts)[here(at)]
    parts = [_END.fullmatch(one) for one in re.split(r"; (?=[^;]+ \(\d+ records?\): until )", at["T"])]
    if not all(parts):
        return False
    days = [read_day(one) for one in re.findall(r"\d{1,2} [A-Z][a-z]+ \d{4}", at["T"])]
    return all(one >= at.facts.date(at.facts.case["received_at"]) for one in days) and all(
        int(one["number"]) <= told.get(one["category"], (0,))[0] for one in parts if one
    )


def _about(name: str) -> Check:
    def holds(at: Place) -> bool:
        value = at.facts.case["systems"][here(at)][name]
        return bool(at["T"] == (value if isinstance(value, str) else "; ".join(value)))

    return holds


def _source(at: Place) -> bool:
    """Where the data come from; whom the configuration calls the data subject reads "you"."""
    stated = at.facts.case["systems"][here(at)]["source"]
    return bool(at["T"] == stated.replace("the data subject", "you"))


def _recipients(at: Place) -> bool:
    named = at.facts.recipients(here(at))
    return at["T"].casefold() == ("; ".join(named) or f"none outside {at.facts.case['controller']}").casefold()


def _transfers(at: Place) -> bool:
    named = at.facts.case["systems"][here(at)]["transfers"]
    where = "the United Kingdom" if at.facts.is_uk else "the European Economic Area"
    return at["T"].casefold() == (named or f"no transfer outside {where}").casefold()


def _all_searched(at: Place) -> bool:
    return bool(at["far"]) == any(finding(at.facts, one) == "not searched" for one in at.facts.case["systems"])


# fmt: off
_RIGHTS = [
    Rule(r"You can have wrong data corrected and incomplete data completed \(Art\. 16 {LAW}\)\.", law),
    Rule(r"You can ask us to erase data \(Art\. 17 {LAW}\) or to restrict their use \(Art\. 18 {LAW:law}\)\.", lambda at: law(at) and at["law"] == at["LAW"]),
    Rule(r"You can object to processing for reasons of your particular situation, and to direct marketing at any time \(Art\. 21 {LAW}\)\.", law),
    exact("You can ask for a copy of the guarantees for transfers to third countries that are named above.", lambda at: any(one["transfers"] for system, one in at.facts.case["systems"].items() if finding(at.facts, system) == "held")),
    Rule(r"You can complain to us first: write to {T:who}, {T:mail}, and say what you think is wrong\. We confirm within 30 days that we have your complaint, look into it without undue delay and tell you the outcome \(s\. 164A Data Protection Act 2018\)\.",
         lambda at: at.facts.hears_complaints and at["mail"] == at.facts.case["contact_email"]),
    Rule(r"You can complain to the supervisory authority \(s\. 165 Data Protection Act 2018\)\. The one competent for us is {T:who}, (?P<url>\S+)\.", lambda at: at.facts.is_uk and authority(at)),
    Rule(r"You can complain to a supervisory authority, in particular where you live, where you work or where the infringement was \(Art\. 77 GDPR\)\. The one competent for us is {T:who}, (?P<url>\S+)\.", lambda at: not at.facts.is_uk and authority(at)),
    Rule(r"You can go to court: .+ \(Art\. 79 GDPR\); a complaint to an authority is not needed first\.", lambda at: not at.facts.is_uk),
    Rule(r"You can go to court: .+ \(Art\. 79 UK GDPR, s\. 180 Data Protection Act 2018\); a complaint is not needed first\.", lambda at: at.facts.is_uk),
]

SYSTEM = [
    Rule("Purposes: {T}", _about("purposes")),
    Rule("Categories of data: {T}", _about("categories")),
    Rule("Recipients: {T}", _recipients),
    Rule("(How long|Kept): {T}", _about("retention")),
    Rule("End dates: {T}", _end_dates),
    Rule("(Where from|Source): {T}", _source),
    Rule("Third countries: {T}", _transfers),
]
LETTER = [
    Rule("{T}", lambda at: at["T"] == f"{at.facts.case['controller']}, {at.facts.case['address']}"),
    Rule("{T}", lambda at: at["T"] in {at.facts.case["controller"], at.facts.case["controller"] + " / " + at.facts.case["address"]}),
    Rule("{D}", made_on),
    Rule("Case {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule("{D} · Case {T} · To your data", lambda at: made_on(at) and at["T"] == at.facts.case["case_id"]),
    exact("Our answer to your request"),
    Rule("(Dear (?P<T>.+)|Good day),", lambda at: not at["T"] or at["T"] in at.facts.case["names"]),
    Rule(r"You asked us on {D} which personal data we process about you\. Yes, we process personal data about you\. (A copy is in this package; (index\.html|the overview) leads to all of it|(?P<paper>A copy follows this letter))\. It is free of charge\.",
         lambda at: asked_on(at) and held(at) and bool(at["paper"]) == at.facts.on_paper),
    Rule(r"You asked us on {D} which personal data we process about you\. In the systems named below we found none(?P<far> as far as they were searched)?\.", lambda at: none(at) and not at.facts.records and _all_searched(at)),
    Rule(r"You asked us on {D} which personal data we process about you\. In the systems named below we found none that we can attribute to you(?P<far> as far as they were searched)?\.", lambda at: none(at) and bool(at.facts.records) and _all_searched(at)),
    Rule(r"For each system that holds data about you, you find below why we process them, which they are, where they come from, who receives them and how long they are kept \(Art\. 15\(1\) and \(2\) {LAW}\)\.", lambda at: law(at) and held(at)),
    Rule("[A-Z][A-Za-z ]+", lambda at: at.facts.system(at.section.capitalize() if at.section.isupper() else at.section)),
    exact("We searched this system and found no data about you in it.", lambda at: finding(at.facts, here(at)) == "nothing"),
    exact("We searched this system and found nothing that we can attribute to you; see what was left out.", lambda at: finding(at.facts, here(at)) == "unclear"),
    exact("We did not search this system: Nothing is known to us by which it can be searched for you.", lambda at: finding(at.facts, here(at)) == "not searched"),
    Rule("We searched (here )?by: {T}", lambda at: at["T"].split("; ") == at.facts.searched_by(here(at)) and finding(at.facts, here(at)) != "not searched"),
    Rule("Found about you: {T}", _found),
    *SYSTEM,
    Rule("Our search here does not find:", lambda at: at.facts.case["systems"][here(at)]["cannot_find"] and finding(at.facts, here(at)) != "not searched"),
    Rule("(- )?{T}", lambda at: here(at) and at["T"] in at.facts.case["systems"][here(at)]["cannot_find"]),
    Rule("(?i)automated decisions|what was left out(?: and why)?|the file about this request|your rights"),
    Rule("{T}", lambda at: at.section.casefold() == "automated decisions" and at["T"] == at.facts.case["automated"]),
    Rule(r"To protect other people \(Art\. 15\(4\) {LAW}\) we masked {T} of theirs\.", lambda at: law(at) and at["T"] == masked(at.facts)),
    Rule(r"{S}: (?P<what>.+?) \({N} (?P<unit>passages?|muted intervals?)\)\. {T}", masked_line, ("What was left out", "WHAT WAS LEFT OUT")),
    Rule(r"{S}: (?P<what>.+?)(?: \({N} records?\))?\. {T}", left, ("What was left out", "WHAT WAS LEFT OUT")),
    exact("Nothing was left out.", lambda at: is_complete(at.facts)),
    Rule(r"To be able to prove that we answered you in time and completely, we keep your request, our letters and the record of what we did until {D}\. The data in this (package|answer) are not part of that file\.",
         lambda at: at["D"] == at.facts.evidence_until(at.facts.date(assembled(at.facts)))),
    *_RIGHTS,
    Rule(r"Questions: {T:who}, {T:mail}\. Please give the case number {T:case}\.", lambda at: (at["who"], at["mail"], at["case"]) == tuple(at.facts.case[name] for name in ("contact", "contact_email", "case_id"))),
]

PAGE = [
    exact("Skip to the content"),
    Rule("{T}", lambda at: at["T"] == at.facts.case["controller"]),
    Rule(r"{T:who} · Case {T:case} · Made on {T:at}", lambda at: at["who"].startswith(at.facts.case["controller"]) and at["case"] == at.facts.case["case_id"] and at["at"] == at.facts.spoken(assembled(at.facts))),
    Rule(r"These pages work without the internet and send nothing anywhere\. Times are shown in the zone {T}\.", lambda at: at["T"] == at.facts.case["zone"]),
]
# fmt: on


def text_lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines of ``letter.txt``, as those of the page."""
    section = ""
    for line in filter(None, (one.strip() for one in text.splitlines())):
        if line.isupper() and not any(mark in line for mark in ".:"):
            section = line
        yield section, line.removeprefix("- ")


def _row(at: Place) -> bool:
    facts = at.facts
    system = facts.system(at["S"])
    told = given(facts)[system]
    if at.number() != sum(records for records, _ in told.values()):
        return False
    match finding(facts, system):
        case "nothing":
            return at["T"] == "We found no data about you here"
        case "unclear":
            return at["T"] == "Nothing that we can attribute to you: see below"
        case "not searched":
            return at["T"] == "Not searched: Nothing is known to us by which it can be searched for you."
    if not told:
        return at["T"] == "Held, but left out: see below"
    return {one.casefold() for one in at["T"].split(" / ")} == {
        f"{name} ({amount(*numbers)})".casefold() for name, numbers in told.items()
    }


def _group(at: Place) -> bool:
    """The amount above the records of a category, which is the heading."""
    amounts = [
        amount(*numbers)
        for told in given(at.facts).values()
        for name, numbers in told.items()
        if name.casefold() == at.section.casefold()
    ]
    return at["T"] in amounts


# fmt: off
INDEX = [
    exact("Payments, each told once", lambda at: payments(at.facts, system_of(at)) > 0),
    Rule(r"{N} payments?, open and failed ones included: each is one line here, and the records below tell of it in detail\.", lambda at: at.number() == payments(at.facts, system_of(at))),
    exact("Your personal data"),
    Rule("Our answer to your request {T} of {D}", lambda at: at["T"] == at.facts.case["case_id"] and asked_on(at)),
    exact("What you find here"),
    Rule(r"(Dear {T:name}, this|This) package holds what {T} found about you, except for what was left out, in a form to read and in a form that other programs can use\.",
         lambda at: at["T"] == at.facts.case["controller"] and (not at["name"] or at["name"] in at.facts.case["names"])),
    exact("If the players or links do not work, unpack the whole archive into a folder first and open index.html there."),
    exact("Where | What we hold about you | Records"),
    Rule(r"{S} \| {T} \| {N}", _row, ("What you find here",)),
    Rule("Read our letter: purposes, recipients, your rights|What was left out and why|List of all files"),
    Rule("{S}", lambda at: at.facts.system(at["S"])),
    exact("We searched here and found no data about you.", lambda at: finding(at.facts, here(at)) == "nothing"),
    exact("We searched here and found nothing that we can attribute to you.", lambda at: finding(at.facts, here(at)) == "unclear"),
    exact("This system was not searched: Nothing is known to us by which it can be searched for you.", lambda at: finding(at.facts, here(at)) == "not searched"),
    exact("Why we have these data, who gets them and how long we keep them"),
    Rule("{T}", lambda at: any(at["T"].casefold() == name for told in given(at.facts).values() for name in told)),
    Rule(r"{T} · Table for spreadsheets \(CSV\) · Everything, for programs \(JSON\)", _group),
    Rule(r"Left out here: {T} \({N} (?P<unit>passage|muted interval)s?\)\. Why", lambda at: any((system, what, unit, number) == (system_of(at), at["T"], at["unit"], at.number()) for (system, what, unit, _), number in masked_by_people(at.facts).items())),
    Rule("Left out here: {T}\\. Why", lambda at: any(what == at["T"] for system, what, _ in left_out(at.facts) if system == system_of(at))),
    Rule(r"Your records also mention other people\. The copy you get must not harm their rights \(Art\. 15\(4\) {LAW}\), so we put a mark such as \[other person’s name\] in the place of {T}\. Everything else in these records is as we hold it\.",
         lambda at: law(at) and at["T"] == masked(at.facts) and not any(not number for _, _, number in left_out(at.facts)) and not masked_by_people(at.facts)),
    Rule(r"Your records also mention other people\. The copy you get must not harm their rights \(Art\. 15\(4\) {LAW}\), so we put a mark such as \[other person’s name\] in the place of {T}\.", lambda at: law(at) and at["T"] == masked(at.facts)),
    exact("Where | What | Why | Legal basis"),
    Rule(r"{S} \| (?P<what>.+?) \({N} (?P<unit>passages?|muted intervals?)\) \| {T}", masked_line, ("What was left out",)),
    Rule(r"{S} \| (?P<what>.+?)(?: \({N} records?\))? \| {T}", left, ("What was left out",)),
    exact("Nothing was left out.", lambda at: is_complete(at.facts)),
    exact("If something is wrong or missing"),
    Rule(r"Write to {T:who}, {T:mail}, and give the case number {T:case}\. You can have wrong data corrected, ask for erasure or restriction, and object; you can complain to {T:authority}\. Our letter explains how\.",
         lambda at: at["authority"] == at.facts.case["authority"] and at["case"] == at.facts.case["case_id"]),
]
# fmt: on

RULES = {
    "package/letter.txt": LETTER,
    "package/letter.html": [*PAGE, *LETTER],
    "package/index.html": [*INDEX, *SYSTEM, *PAGE],
}


def missing(name: str, text: str, facts: Facts) -> Iterator[str]:
    """The mandatory content (Art. 15(1)(a)-(h), 15(2) GDPR) that a page of the package lacks."""
    case = facts.case
    if facts.is_uk and (stray := re.search(r"(?<!UK )GDPR|Art\. 77|European", text)):
        yield f"{name}: law of the Union in a British package: {stray[0]}"
    if not facts.is_uk and (stray := re.search(r"UK GDPR|Data Protection Act", text)):
        yield f"{name}: British law in a package of the Union: {stray[0]}"
    needed = [case["case_id"], case["controller"], case["authority"], case["contact_email"]]
    for system, what, number in left_out(facts):
        needed.append(what)
        if number and f"{what} ({counted(number, 'record')})" not in text:
            yield f"{name}: missing: {number} left out of {system}: {what}"
    needed += [f"{what} ({counted(number, unit)})" for (_, what, unit, _), number in masked_by_people(facts).items()]
    needed += [masked(facts)] if "manifest" not in name else []
    if "letter" in name:
        needed += ["court", case["automated"], "free of charge" if _any_held(facts) else "none"]
        needed += [f"(Art. {article} {facts.law})" for article in (16, 17, 18, 21)]
        needed += ["s. 164A Data Protection Act 2018"] if facts.hears_complaints else []
        for system, about in case["systems"].items():
            searched = finding(facts, system) != "not searched"
            needed += (
                about["cannot_find"] if searched else ["Nothing is known to us by which it can be searched for you."]
            )
            if searched and facts.searched_by(system):
                needed.append(f"by: {'; '.join(facts.searched_by(system))}")
            if finding(facts, system) == "held":
                needed += [
                    *about["purposes"],
                    *about["categories"],
                    about["source"].replace("the data subject", "you"),
                    about["retention"],
                ]
                needed += facts.recipients(system) + ([about["transfers"]] if about["transfers"] else [])
    if "index" in name:
        needed += [f"{counted(number, 'payment')}, open" for one in case["systems"] if (number := payments(facts, one))]
    for told in given(facts).values():
        needed += [f"({amount(*numbers)})" for numbers in told.values()]
    for one in needed:
        if one not in text:
            yield f"{name}: missing: {one}"


def _any_held(facts: Facts) -> bool:
    return any(finding(facts, system) == "held" for system in facts.case["systems"])


def check_manifest(text: str, facts: Facts) -> Iterator[str]:
    """The numbers of ``manifest.json``."""
    said: dict[str, Any] = json.loads(text)
    told = {system: {name: one["records"] for name, one in found.items()} for system, found in said["counts"].items()}
    wanted = {system: {name: records for name, (records, _) in found.items()} for system, found in given(facts).items()}
    if told != wanted:
        yield "package/manifest.json: another number of records than in the case file"
    words = {"held": "held", "nothing": "nothing held", "unclear": "nothing that can be attributed"}
    words["not searched"] = "not searched"
    if said["findings"] != {system: words[finding(facts, system)] for system in facts.case["systems"]}:
        yield "package/manifest.json: another finding than in the case file"
    known, muted = recordings(facts), muted_intervals(facts)
    heard = Counter(one["sha256"] for one in said["files"] if one["path"].startswith("recordings/"))
    if +Counter({known[interval]: number for interval, number in muted.items()}) != heard - Counter({known[""]: 10**6}):
        yield "package/manifest.json: a muted interval is heard, or another one is silent"


def check_data(text: str, facts: Facts) -> Iterator[str]:
    """A file of data: it holds no record that is not given, and no passage that a person masked."""
    given_ones = {one["number"] for one in facts.records if one["fate"] == "given"}
    hidden = [one for one in facts.case["masks"] if one["act"] == "hide"]
    for one in json.loads(text):
        numbered = re.search(r"[0-9]+$", one.get("number", ""))
        if numbered is None:
            continue
        number, said = int(numbered[0]), _read(json.dumps(one, ensure_ascii=False))
        if number not in given_ones:
            yield f"package/data: record {number} is in it, and is not to be given"
        if any(mask["record"] == number and _read(mask["passage"]) in said for mask in hidden):
            yield f"package/data: what a person masked in record {number} stands there"


def _read(text: str) -> str:
    return " ".join(text.casefold().split())
