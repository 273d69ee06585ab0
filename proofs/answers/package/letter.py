"""The sentences of the letter in the access package (Art. 15(1) and (2) GDPR), as page and as text."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections.abc import Iterator

from proofs.answers.letters.frame import Check, exact, law, read_day
from proofs.answers.package.contents import (
    amount,
    asked_on,
    assembled,
    authority,
    finding,
    given,
    held,
    here,
    is_complete,
    left,
    made_on,
    masked,
    masked_line,
    none,
)
from proofs.answers.rules import Place, Rule


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


_RIGHTS = [
    Rule(r"You can have wrong data corrected and incomplete data completed \(Art\. 16 {LAW}\)\.", law),
    Rule(
        r"You can ask us to erase data \(Art\. 17 {LAW}\) or to restrict their use \(Art\. 18 {LAW:law}\)\.",
        lambda at: law(at) and at["law"] == at["LAW"],
    ),
    Rule(
        r"You can object to processing for reasons of your particular situation, and to direct marketing at any time \(Art\. 21 {LAW}\)\.",
        law,
    ),
    exact(
        "You can ask for a copy of the guarantees for transfers to third countries that are named above.",
        lambda at: any(
            one["transfers"] for system, one in at.facts.case["systems"].items() if finding(at.facts, system) == "held"
        ),
    ),
    Rule(
        r"You can complain to us first: write to {T:who}, {T:mail}, and say what you think is wrong\. We confirm within 30 days that we have "
        r"your complaint, look into it without undue delay and tell you the outcome \(s\. 164A Data Protection Act 2018\)\.",
        lambda at: at.facts.hears_complaints and at["mail"] == at.facts.case["contact_email"],
    ),
    Rule(
        r"You can complain to the supervisory authority \(s\. 165 Data Protection Act 2018\)\. The one competent for us is {T:who}, (?P<url>\S+)\.",
        lambda at: at.facts.is_uk and authority(at),
    ),
    Rule(
        r"You can complain to a supervisory authority, in particular where you live, where you work or where the infringement was \(Art\. 77 "
        r"GDPR\)\. The one competent for us is {T:who}, (?P<url>\S+)\.",
        lambda at: not at.facts.is_uk and authority(at),
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
    Rule(
        "{T}",
        lambda at: (
            at["T"] in {at.facts.case["controller"], at.facts.case["controller"] + " / " + at.facts.case["address"]}
        ),
    ),
    Rule("{D}", made_on),
    Rule("Case {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule("{D} · Case {T} · To your data", lambda at: made_on(at) and at["T"] == at.facts.case["case_id"]),
    exact("Our answer to your request"),
    Rule("(Dear (?P<T>.+)|Good day),", lambda at: not at["T"] or at["T"] in at.facts.case["names"]),
    Rule(
        r"You asked us on {D} which personal data we process about you\. Yes, we process personal data about you\. "
        r"(A copy is in this package; (index\.html|the overview) leads to all of it|(?P<paper>A copy follows this letter))\. It is free of charge\.",
        lambda at: asked_on(at) and held(at) and bool(at["paper"]) == at.facts.on_paper,
    ),
    Rule(
        r"You asked us on {D} which personal data we process about you\. In the systems named below we found none(?P<far> as far as they were searched)?\.",
        lambda at: none(at) and not at.facts.records and _all_searched(at),
    ),
    Rule(
        r"You asked us on {D} which personal data we process about you\. In the systems named below we found none that we can attribute to you"
        r"(?P<far> as far as they were searched)?\.",
        lambda at: none(at) and bool(at.facts.records) and _all_searched(at),
    ),
    Rule(
        r"For each system that holds data about you, you find below why we process them, which they are, where they come from, who receives "
        r"them and how long they are kept \(Art\. 15\(1\) and \(2\) {LAW}\)\.",
        lambda at: law(at) and held(at),
    ),
    Rule(
        "[A-Z][A-Za-z ]+", lambda at: at.facts.system(at.section.capitalize() if at.section.isupper() else at.section)
    ),
    exact(
        "We searched this system and found no data about you in it.",
        lambda at: finding(at.facts, here(at)) == "nothing",
    ),
    exact(
        "We searched this system and found nothing that we can attribute to you; see what was left out.",
        lambda at: finding(at.facts, here(at)) == "unclear",
    ),
    exact(
        "We did not search this system: Nothing is known to us by which it can be searched for you.",
        lambda at: finding(at.facts, here(at)) == "not searched",
    ),
    Rule(
        "We searched (here )?by: {T}",
        lambda at: (
            at["T"].split("; ") == at.facts.searched_by(here(at)) and finding(at.facts, here(at)) != "not searched"
        ),
    ),
    Rule("Found about you: {T}", _found),
    *SYSTEM,
    Rule(
        "Our search here does not find:",
        lambda at: at.facts.case["systems"][here(at)]["cannot_find"] and finding(at.facts, here(at)) != "not searched",
    ),
    Rule("(- )?{T}", lambda at: here(at) and at["T"] in at.facts.case["systems"][here(at)]["cannot_find"]),
    Rule("(?i)automated decisions|what was left out(?: and why)?|the file about this request|your rights"),
    Rule("{T}", lambda at: at.section.casefold() == "automated decisions" and at["T"] == at.facts.case["automated"]),
    Rule(
        r"To protect other people \(Art\. 15\(4\) {LAW}\) we masked {T} of theirs\.",
        lambda at: law(at) and at["T"] == masked(at.facts),
    ),
    Rule(
        r"{S}: (?P<what>.+?) \({N} (?P<unit>passages?|muted intervals?)\)\. {T}",
        masked_line,
        ("What was left out", "WHAT WAS LEFT OUT"),
    ),
    Rule(r"{S}: (?P<what>.+?)(?: \({N} records?\))?\. {T}", left, ("What was left out", "WHAT WAS LEFT OUT")),
    exact("Nothing was left out.", lambda at: is_complete(at.facts)),
    Rule(
        r"To be able to prove that we answered you in time and completely, we keep your request, our letters and the record of what we did until {D}\. The data in this (package|answer) are not part of that file\.",
        lambda at: at["D"] == at.facts.evidence_until(at.facts.date(assembled(at.facts))),
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

PAGE = [
    exact("Skip to the content"),
    Rule("{T}", lambda at: at["T"] == at.facts.case["controller"]),
    Rule(
        r"{T:who} · Case {T:case} · Made on {T:at}",
        lambda at: (
            at["who"].startswith(at.facts.case["controller"])
            and at["case"] == at.facts.case["case_id"]
            and at["at"] == at.facts.spoken(assembled(at.facts))
        ),
    ),
    Rule(
        r"These pages work without the internet and send nothing anywhere\. Times are shown in the zone {T}\.",
        lambda at: at["T"] == at.facts.case["zone"],
    ),
]


def text_lines(text: str) -> Iterator[tuple[str, str]]:
    """The lines of ``letter.txt``, as those of the page."""
    section = ""
    for line in filter(None, (one.strip() for one in text.splitlines())):
        if line.isupper() and not any(mark in line for mark in ".:"):
            section = line
        yield section, line.removeprefix("- ")
