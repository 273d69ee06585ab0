"""The sentences of the access package, each with what has to be true of the case, and what must not be missing."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.proofs.answers.facts import Facts, counted, listed
from tests.proofs.answers.rules import TRUE, Place, Rule, plain

_WORDS = {
    "name": ("name", "names"),
    "email": ("e-mail address", "e-mail addresses"),
    "phone": ("phone number", "phone numbers"),
}


def _exact(text: str, holds=TRUE, *sections: str) -> Rule:
    return Rule(plain(text), holds, sections)


def _law(at: Place) -> bool:
    return at["LAW"] == at.facts.law


def _here(at: Place) -> str:
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


def _finding(facts: Facts, system: str) -> str:
    fates = {one["fate"] for one in facts.of(system=system)}
    if not fates:
        return "nothing"
    return "unclear" if fates == {"unclear"} else "held"


def _found(at: Place) -> bool:
    told = given(at.facts)[_here(at)]
    wanted = {f"{category} ({amount(*numbers)})" for category, numbers in told.items()}
    if not wanted:
        return "What was left out" in at["T"] and _finding(at.facts, _here(at)) == "held"
    return set(at["T"].split("; ")) == wanted


def _about(name: str):
    def holds(at: Place) -> bool:
        value = at.facts.case["systems"][_here(at)][name]
        return at["T"] == (value if isinstance(value, str) else "; ".join(value))

    return holds


def _recipients(at: Place) -> bool:
    named = at.facts.case["systems"][_here(at)]["recipients"]
    return at["T"].casefold() == ("; ".join(named) or f"none outside {at.facts.case['controller']}").casefold()


def _transfers(at: Place) -> bool:
    named = at.facts.case["systems"][_here(at)]["transfers"]
    where = "the United Kingdom" if at.facts.is_uk else "the European Economic Area"
    return at["T"].casefold() == (named or f"no transfer outside {where}").casefold()


def left_out(facts: Facts) -> Counter[tuple[str, str, int]]:
    """What is found and not given: system, what and how many records; 0 for a part of records that are given."""
    found: Counter[tuple[str, str, str]] = Counter()
    for one in facts.records:
        if one["fate"] in {"unclear", "gone"}:
            found[
                one["system"],
                one["category"],
                f"{one['fate']} {one['names_somebody']}" if one["fate"] == "unclear" else "",
            ] += 1
    told = Counter((system, what, count) for (system, what, _), count in found.items())
    for system, about in facts.case["systems"].items():
        kinds = {one["kind"] for one in facts.of(system=system, fate="given")}
        withheld = {what for kind in kinds for what, _ in about["kinds"][kind]["withheld"]}
        told.update((system, what, 0) for what in withheld)
    return told


def _left(at: Place) -> bool:
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
    if "no longer there" in text:
        return any(one["fate"] == "gone" for one in these)
    named = "somebody whom you did not name" in text
    bare = "nothing but a telephone number that several people used" in text
    unclear = [one for one in these if one["fate"] == "unclear"]
    return (named or bare) and any(one["names_somebody"] is named for one in unclear) and "Art. 15(4)" in text


def masked(facts: Facts) -> str:
    """What was masked, in words."""
    return listed([counted(number, *_WORDS[kind]) for kind, number in sorted(facts.masked.items()) if number])


def _held(at: Place) -> bool:
    return any(_finding(at.facts, system) == "held" for system in at.facts.case["systems"])


def _asked_on(at: Place) -> bool:
    return at["D"] == at.facts.received_on


def _none(at: Place) -> bool:
    return _asked_on(at) and not _held(at)


def _assembled(facts: Facts) -> str:
    return str(facts.done("assemble")["finished_at"])


def _made_on(at: Place) -> bool:
    return at["D"] == at.facts.day(_assembled(at.facts))


def _authority(at: Place) -> bool:
    return (at["who"], at["url"]) == (at.facts.case["authority"], at.facts.case["authority_url"])


_RIGHTS = [
    Rule(r"You can have wrong data corrected and incomplete data completed \(Art\. 16 {LAW}\)\.", _law),
    Rule(
        r"You can ask us to erase data \(Art\. 17 {LAW}\) or to restrict their use \(Art\. 18 {LAW:law}\)\.",
        lambda at: _law(at) and at["law"] == at["LAW"],
    ),
    Rule(
        r"You can object to processing for reasons of your particular situation, and to direct marketing at any time \(Art\. 21 {LAW}\)\.",
        _law,
    ),
    _exact(
        "You can ask for a copy of the guarantees for transfers to third countries that are named above.",
        lambda at: any(one["transfers"] for one in at.facts.case["systems"].values()),
    ),
    Rule(
        r"You can complain to us first: write to {T:who}, {T:mail}, and say what you think is wrong\. We confirm within 30 days that we have "
        r"your complaint, look into it without undue delay and tell you the outcome \(s\. 164A Data Protection Act 2018\)\.",
        lambda at: at.facts.hears_complaints and at["mail"] == at.facts.case["contact_email"],
    ),
    Rule(
        r"You can complain to the supervisory authority \(s\. 165 Data Protection Act 2018\)\. The one competent for us is {T:who}, (?P<url>\S+)\.",
        lambda at: at.facts.is_uk and _authority(at),
    ),
    Rule(
        r"You can complain to a supervisory authority, in particular where you live, where you work or where the infringement was \(Art\. 77 "
        r"GDPR\)\. The one competent for us is {T:who}, (?P<url>\S+)\.",
        lambda at: not at.facts.is_uk and _authority(at),
    ),
    Rule(
        r"You can go to court: .+ \(Art\. 79 GDPR\); a complaint to an authority is not needed first\.",
        lambda at: not at.facts.is_uk,
    ),
    Rule(
        r"You can go to court: .+ \(Art\. 79 UK GDPR, s\. 180 Data Protection Act 2018\); a complaint is not needed first\.",
        lambda at: at.facts.is_uk,
    ),
]

_SYSTEM = [
    Rule("Purposes: {T}", _about("purposes")),
    Rule("Categories of data: {T}", _about("categories")),
    Rule("Recipients: {T}", _recipients),
    Rule("(How long|Kept): {T}", _about("retention")),
    Rule("(Where from|Source): {T}", _about("source")),
    Rule("Third countries: {T}", _transfers),
]
_LETTER = [
    Rule("{T}", lambda at: at["T"] == f"{at.facts.case['controller']}, {at.facts.case['address']}"),
    Rule(
        "{T}",
        lambda at: (
            at["T"] in {at.facts.case["controller"], at.facts.case["controller"] + " / " + at.facts.case["address"]}
        ),
    ),
    Rule("{D}", _made_on),
    Rule("Case {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule("{D} · Case {T} · To your data", lambda at: _made_on(at) and at["T"] == at.facts.case["case_id"]),
    _exact("Our answer to your request"),
    Rule("(Dear (?P<T>.+)|Good day),", lambda at: not at["T"] or at["T"] in at.facts.case["names"]),
    Rule(
        r"You asked us on {D} which personal data we process about you\. Yes, we process personal data about you\. A copy is in this package; "
        r"(index\.html|the overview) leads to all of it\. It is free of charge\.",
        lambda at: _asked_on(at) and _held(at),
    ),
    Rule(
        r"You asked us on {D} which personal data we process about you\. In the systems named below we found none\.",
        lambda at: _none(at) and not at.facts.records,
    ),
    Rule(
        r"You asked us on {D} which personal data we process about you\. In the systems named below we found none that we can attribute to you\.",
        lambda at: _none(at) and bool(at.facts.records),
    ),
    Rule(
        r"For each of our systems you find below why we process the data, which data they are, where they come from, who receives them and how "
        r"long they are kept \(Art\. 15\(1\) and \(2\) {LAW}\)\.",
        _law,
    ),
    Rule(
        "[A-Z][A-Za-z ]+", lambda at: at.facts.system(at.section.capitalize() if at.section.isupper() else at.section)
    ),
    _exact(
        "We searched this system and found no data about you in it.",
        lambda at: _finding(at.facts, _here(at)) == "nothing",
    ),
    _exact(
        "We searched this system and found nothing that we can attribute to you; see what was left out.",
        lambda at: _finding(at.facts, _here(at)) == "unclear",
    ),
    Rule("Found about you: {T}", _found),
    *_SYSTEM,
    Rule(
        "Our search here does not find: {T}",
        lambda at: at["T"] == " ".join(at.facts.case["systems"][_here(at)]["cannot_find"]),
    ),
    Rule("(?i)automated decisions|what was left out(?: and why)?|the file about this request|your rights"),
    Rule("{T}", lambda at: at.section.casefold() == "automated decisions" and at["T"] == at.facts.case["automated"]),
    Rule(
        r"To protect other people \(Art\. 15\(4\) {LAW}\) we masked {T} of theirs\.",
        lambda at: _law(at) and at["T"] == masked(at.facts),
    ),
    Rule(r"{S}: (?P<what>.+?)(?: \({N} records?\))?\. {T}", _left, ("What was left out", "WHAT WAS LEFT OUT")),
    _exact("Nothing was left out.", lambda at: not left_out(at.facts) and not masked(at.facts)),
    Rule(
        r"To be able to prove that we answered you in time and completely, we keep the file about this request \(not its contents\) until {D}\.",
        lambda at: at["D"] == at.facts.evidence_until(at.facts.date(_assembled(at.facts))),
    ),
    *_RIGHTS,
    Rule(
        r"Questions: {T:who}, {T:mail}\. Please give the case number {T:case}\.",
        lambda at: (
            (at["who"], at["mail"], at["case"])
            == tuple(at.facts.case[name] for name in ("contact", "contact_email", "case_id"))
        ),
    ),
]

_PAGE = [
    _exact("Skip to the content"),
    Rule("{T}", lambda at: at["T"] == at.facts.case["controller"]),
    Rule(
        r"{T:who} · Case {T:case} · Made on {T:at}",
        lambda at: (
            at["who"].startswith(at.facts.case["controller"])
            and at["case"] == at.facts.case["case_id"]
            and at["at"] == at.facts.spoken(_assembled(at.facts))
        ),
    ),
    Rule(
        r"These pages work without the internet and send nothing anywhere\. Times are shown in the zone {T}\.",
        lambda at: at["T"] == at.facts.case["zone"],
    ),
]


def _row(at: Place) -> bool:
    facts = at.facts
    system = facts.system(at["S"])
    told = given(facts)[system]
    if at.number() != sum(records for records, _ in told.values()):
        return False
    match _finding(facts, system):
        case "nothing":
            return at["T"] == "We found no data about you here"
        case "unclear":
            return at["T"] == "Nothing that we can attribute to you: see below"
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


def payments(facts: Facts, system: str) -> int:
    """How many payments are in the package; the invented records name no other, so each is one."""
    kinds = {name for name, about in facts.case["systems"][system]["kinds"].items() if about["is_payment"]}
    return sum(one["kind"] in kinds for one in facts.of(system=system, fate="given"))


_INDEX = [
    _exact("Payments, each told once", lambda at: payments(at.facts, _system_of(at)) > 0),
    Rule(
        r"{N} payments?, open and failed ones included: each is one line here, and the records below tell of it in detail\.",
        lambda at: at.number() == payments(at.facts, _system_of(at)),
    ),
    _exact("Your personal data"),
    Rule("Our answer to your request {T} of {D}", lambda at: at["T"] == at.facts.case["case_id"] and _asked_on(at)),
    _exact("What you find here"),
    Rule(
        r"(Dear {T:name}, this|This) package holds the personal data that {T} processes about you, in a form to read and in a form that other "
        r"programs can use\.",
        lambda at: at["T"] == at.facts.case["controller"] and (not at["name"] or at["name"] in at.facts.case["names"]),
    ),
    _exact(
        "If the players or links do not work, unpack the whole archive into a folder first and open index.html there."
    ),
    _exact("Where | What we hold about you | Records"),
    Rule(r"{S} \| {T} \| {N}", _row, ("What you find here",)),
    Rule("Read our letter: purposes, recipients, your rights|What was left out and why|List of all files"),
    Rule("{S}", lambda at: at.facts.system(at["S"])),
    _exact("We searched here and found no data about you.", lambda at: _finding(at.facts, _here(at)) == "nothing"),
    _exact(
        "We searched here and found nothing that we can attribute to you.",
        lambda at: _finding(at.facts, _here(at)) == "unclear",
    ),
    _exact("Why we have these data, who gets them and how long we keep them"),
    Rule("{T}", lambda at: any(at["T"].casefold() == name for told in given(at.facts).values() for name in told)),
    Rule(r"{T} · Table for spreadsheets \(CSV\) · Everything, for programs \(JSON\)", _group),
    Rule(
        "Left out here: {T}\\. Why",
        lambda at: any(what == at["T"] for system, what, _ in left_out(at.facts) if system == _system_of(at)),
    ),
    Rule(
        r"Your records also mention other people\. The copy you get must not harm their rights \(Art\. 15\(4\) {LAW}\), so we put a mark such as "
        r"\[other person’s name\] in the place of {T}\. Everything else in these records is as we hold it\.",
        lambda at: (
            _law(at) and at["T"] == masked(at.facts) and not any(not number for _, _, number in left_out(at.facts))
        ),
    ),
    Rule(
        r"Your records also mention other people\. The copy you get must not harm their rights \(Art\. 15\(4\) {LAW}\), so we put a mark such as "
        r"\[other person’s name\] in the place of {T}\.",
        lambda at: _law(at) and at["T"] == masked(at.facts),
    ),
    _exact("Where | What | Why | Legal basis"),
    Rule(r"{S} \| (?P<what>.+?)(?: \({N} records?\))? \| {T}", _left, ("What was left out",)),
    _exact("Nothing was left out.", lambda at: not left_out(at.facts) and not masked(at.facts)),
    _exact("If something is wrong or missing"),
    Rule(
        r"Write to {T:who}, {T:mail}, and give the case number {T:case}\. You can have wrong data corrected, ask for erasure or restriction, and "
        r"object; you can complain to {T:authority}\. Our letter explains how\.",
        lambda at: at["authority"] == at.facts.case["authority"] and at["case"] == at.facts.case["case_id"],
    ),
]


def _system_of(at: Place) -> str:
    """The system of the section, though a category's heading may stand between."""
    for line in reversed(at.before):
        if system := at.facts.system(line):
            return system
    return ""


def text_lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines of ``letter.txt``, as those of the page."""
    section = ""
    for line in filter(None, (one.strip() for one in text.splitlines())):
        if line.isupper() and not any(mark in line for mark in ".:"):
            section = line
        yield section, line.removeprefix("- ")


RULES = {
    "package/letter.txt": _LETTER,
    "package/letter.html": [*_PAGE, *_LETTER],
    "package/index.html": [*_INDEX, *_SYSTEM, *_PAGE],
}


def missing(name: str, text: str, facts: Facts) -> Iterator[str]:
    """The mandatory content (Art. 15(1)(a)-(h), 15(2) GDPR) that a page of the package lacks.

    Args:
        name: Which.
        text: Its lines, joined.
        facts: The case.
    """
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
    if "letter" in name:
        needed += ["court", case["automated"], "free of charge" if _any_held(facts) else "none"]
        needed += [f"(Art. {article} {facts.law})" for article in (16, 17, 18, 21)]
        needed += ["s. 164A Data Protection Act 2018"] if facts.hears_complaints else []
        for system, about in case["systems"].items():
            needed += about["cannot_find"]
            if _finding(facts, system) == "held":
                needed += [*about["purposes"], *about["categories"], about["source"], about["retention"]]
                needed += about["recipients"] + ([about["transfers"]] if about["transfers"] else [])
    if "index" in name:
        needed += [f"{counted(number, 'payment')}, open" for one in case["systems"] if (number := payments(facts, one))]
    for told in given(facts).values():
        needed += [f"({amount(*numbers)})" for numbers in told.values()]
    for one in needed:
        if one not in text:
            yield f"{name}: missing: {one}"


def _any_held(facts: Facts) -> bool:
    return any(_finding(facts, system) == "held" for system in facts.case["systems"])


def check_manifest(text: str, facts: Facts) -> Iterator[str]:
    """The numbers of ``manifest.json``."""
    said: dict[str, Any] = json.loads(text)
    told = {system: {name: one["records"] for name, one in found.items()} for system, found in said["counts"].items()}
    wanted = {system: {name: records for name, (records, _) in found.items()} for system, found in given(facts).items()}
    if told != wanted:
        yield "package/manifest.json: another number of records than in the case file"
    words = {"held": "held", "nothing": "nothing held", "unclear": "nothing that can be attributed"}
    if said["findings"] != {system: words[_finding(facts, system)] for system in facts.case["systems"]}:
        yield "package/manifest.json: another finding than in the case file"
