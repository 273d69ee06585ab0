"""The sentences of the overview in the access package (``index.html``)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from proofs.answers.letters.frame import exact, law
from proofs.answers.package.contents import (
    amount,
    asked_on,
    finding,
    given,
    here,
    is_complete,
    left,
    left_out,
    masked,
    masked_by_people,
    masked_line,
    payments,
    system_of,
)
from proofs.answers.rules import Place, Rule


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


INDEX = [
    exact("Payments, each told once", lambda at: payments(at.facts, system_of(at)) > 0),
    Rule(
        r"{N} payments?, open and failed ones included: each is one line here, and the records below tell of it in detail\.",
        lambda at: at.number() == payments(at.facts, system_of(at)),
    ),
    exact("Your personal data"),
    Rule("Our answer to your request {T} of {D}", lambda at: at["T"] == at.facts.case["case_id"] and asked_on(at)),
    exact("What you find here"),
    Rule(
        r"(Dear {T:name}, this|This) package holds what {T} found about you, except for what was left out, in a form to read and in a form that other "
        r"programs can use\.",
        lambda at: at["T"] == at.facts.case["controller"] and (not at["name"] or at["name"] in at.facts.case["names"]),
    ),
    exact(
        "If the players or links do not work, unpack the whole archive into a folder first and open index.html there."
    ),
    exact("Where | What we hold about you | Records"),
    Rule(r"{S} \| {T} \| {N}", _row, ("What you find here",)),
    Rule("Read our letter: purposes, recipients, your rights|What was left out and why|List of all files"),
    Rule("{S}", lambda at: at.facts.system(at["S"])),
    exact("We searched here and found no data about you.", lambda at: finding(at.facts, here(at)) == "nothing"),
    exact(
        "We searched here and found nothing that we can attribute to you.",
        lambda at: finding(at.facts, here(at)) == "unclear",
    ),
    exact(
        "This system was not searched: Nothing is known to us by which it can be searched for you.",
        lambda at: finding(at.facts, here(at)) == "not searched",
    ),
    exact("Why we have these data, who gets them and how long we keep them"),
    Rule("{T}", lambda at: any(at["T"].casefold() == name for told in given(at.facts).values() for name in told)),
    Rule(r"{T} · Table for spreadsheets \(CSV\) · Everything, for programs \(JSON\)", _group),
    Rule(
        r"Left out here: {T} \({N} (?P<unit>passage|muted interval)s?\)\. Why",
        lambda at: any(
            (system, what, unit, number) == (system_of(at), at["T"], at["unit"], at.number())
            for (system, what, unit, _), number in masked_by_people(at.facts).items()
        ),
    ),
    Rule(
        "Left out here: {T}\\. Why",
        lambda at: any(what == at["T"] for system, what, _ in left_out(at.facts) if system == system_of(at)),
    ),
    Rule(
        r"Your records also mention other people\. The copy you get must not harm their rights \(Art\. 15\(4\) {LAW}\), so we put a mark such as "
        r"\[other person’s name\] in the place of {T}\. Everything else in these records is as we hold it\.",
        lambda at: (
            law(at)
            and at["T"] == masked(at.facts)
            and not any(not number for _, _, number in left_out(at.facts))
            and not masked_by_people(at.facts)
        ),
    ),
    Rule(
        r"Your records also mention other people\. The copy you get must not harm their rights \(Art\. 15\(4\) {LAW}\), so we put a mark such as "
        r"\[other person’s name\] in the place of {T}\.",
        lambda at: law(at) and at["T"] == masked(at.facts),
    ),
    exact("Where | What | Why | Legal basis"),
    Rule(
        r"{S} \| (?P<what>.+?) \({N} (?P<unit>passages?|muted intervals?)\) \| {T}",
        masked_line,
        ("What was left out",),
    ),
    Rule(r"{S} \| (?P<what>.+?)(?: \({N} records?\))? \| {T}", left, ("What was left out",)),
    exact("Nothing was left out.", lambda at: is_complete(at.facts)),
    exact("If something is wrong or missing"),
    Rule(
        r"Write to {T:who}, {T:mail}, and give the case number {T:case}\. You can have wrong data corrected, ask for erasure or restriction, and "
        r"object; you can complain to {T:authority}\. Our letter explains how\.",
        lambda at: at["authority"] == at.facts.case["authority"] and at["case"] == at.facts.case["case_id"],
    ),
]
