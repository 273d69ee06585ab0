"""The letters: their sentences, and what must not be missing in each."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

from proofs.answers.facts import Facts
from proofs.answers.letters.afterwards import FOR_A_TASK
from proofs.answers.letters.answers import L8, L9, L18, SEARCHED, limited_systems
from proofs.answers.letters.as_asked import L17, L22, L23, LIST, counted_as_asked
from proofs.answers.letters.erasure import L10, L11, totals
from proofs.answers.letters.frame import EVERY, REMEDIES, lines_of, notes_of
from proofs.answers.letters.holding import untrue_of_systems
from proofs.answers.letters.later import L15, L21, L24, missing_later
from proofs.answers.letters.processors import L20, unnamed
from proofs.answers.letters.questions import L1, L2, L3, L6, L14
from proofs.answers.letters.rectifying import L25, L26, counted_items
from proofs.answers.letters.refusal import DETAILS, L7
from proofs.answers.letters.stopping import L27, missing_stopped

LETTERS = {
    "L1": [*L1, *EVERY],
    "L2": [*L2, *REMEDIES, *EVERY],
    "L3": [*L3, *REMEDIES, *EVERY],
    "L6": [*L6, *REMEDIES, *EVERY],
    "L7": [*L7, *LIST, *REMEDIES, *EVERY],
    "L8": [*L8, *REMEDIES, *EVERY],
    "L9": [*L9, *REMEDIES, *EVERY],
    "L10": [*L10, *SEARCHED, *REMEDIES, *EVERY],
    "L11": [*L11, *SEARCHED, *REMEDIES, *EVERY],
    "L14": [*L14, *REMEDIES, *EVERY],
    "L15": [*L15, *REMEDIES, *EVERY],
    "L21": [*L21, *REMEDIES, *EVERY],
    "L24": [*L24, *REMEDIES, *EVERY],
    "L18": [*L18, *EVERY],
    "L17": [*L17, *SEARCHED, *REMEDIES, *EVERY],
    "L20": [*L20, *REMEDIES, *EVERY],
    "L22": [*L22, *SEARCHED, *REMEDIES, *EVERY],
    "L23": [*L23, *SEARCHED, *REMEDIES, *EVERY],
    "L25": [*L25, *SEARCHED, *REMEDIES, *EVERY],
    "L26": [*L26, *REMEDIES, *EVERY],
    "L27": [*L27, *REMEDIES, *EVERY],
}


def missing(name: str, body: str, facts: Facts) -> Iterator[str]:
    """The mandatory content that a letter lacks.

    Args:
        name: Which letter.
        body: Its text.
        facts: The case.
    """
    needed = [facts.case["case_id"], facts.case["controller"], facts.case["contact_email"], "free of charge"]
    needed += notes_of(facts)
    if name not in {"L1", "L18"}:
        needed += [facts.case["authority"], facts.case["authority_url"], "court"]
        needed += ["s. 164A Data Protection Act 2018"] if facts.hears_complaints else []
    if facts.is_uk and (stray := re.search(r"(?<!UK )GDPR|Art\. 77|European", body)):
        yield f"{name}: law of the Union in a British letter: {stray[0]}"
    if not facts.is_uk and (stray := re.search(r"UK GDPR|Data Protection Act|ICO\b", body)):
        yield f"{name}: British law in a letter of the Union: {stray[0]}"
    needed += list(_needed(name, facts))
    for one in needed:
        if one not in body:
            yield f"{name}: missing: {one}"
    if name in {"L8", "L10", "L11", "L17", "L22", "L23", "L25"}:
        yield from _not_told_of_search(name, body, facts)
    if name.startswith("L20"):
        yield from unnamed(name, body, facts)
    if name.startswith(("L15", "L21", "L24")):
        yield from missing_later(name, body, facts)
    if name in {"L17", "L22", "L23"}:
        yield from counted_as_asked(name, body, facts)
    if name == "L25":
        yield from unnamed(name, body, facts)
        yield from counted_items(body, facts)
    if name in {"L10", "L11"}:
        yield from totals(name, body, facts)
    if name == "L27":
        yield from missing_stopped(body, facts)
    yield from untrue_of_systems(name, body, facts)


def _not_told_of_search(name: str, body: str, facts: Facts) -> Iterator[str]:
    """Each system with what it was searched by and cannot find, or that it could not be searched."""
    for system in facts.case["systems"]:
        title = facts.title(system)
        told = f"- {title}: it can be searched by" if facts.not_searchable(system) else f"- {title}, by your"
        if told not in body:
            yield f"{name}: missing: {told}"
    if limited_systems(facts) and "Such a search does not find everything. In " not in body:
        yield f"{name}: missing: what the search cannot find"


def _needed(name: str, facts: Facts) -> Iterator[str]:
    match name:
        case "L1":
            yield facts.received_on
            yield "You will get our answer"
            if facts.right == "rectification":
                yield "While we check what is right"
        case "L6":
            yield "- 140 hours"
        case "L2" | "L14":
            yield "Art. 12(6)"
            yield "The request came from an address that was not used before."
            yield from ("- Log in", "- Code", "- Call-back", "- Two facts", "Please answer by", "our answer")
        case "L3" if facts.right == "erasure":
            yield from ("which other people used as well", "without an answer these records stay", "our answer")
        case "L3":
            yield from ("- service tickets", "- payments", "you can have everything", "our answer")
        case "L18":
            yield {"access": "for access", "erasure": "for erasure"}.get(facts.right, "withdraw your request")
            nothing = {"rectification": "corrected", "restriction": "restricted"}.get(facts.right, "erased")
            yield "No copy of data was sent to you." if facts.right == "access" else f"Nothing was {nothing}."
            yield from ("You can make the request again", "We keep your request", "please tell us at once")
        case "L7":
            code = facts.refusal["code"]
            yield facts.refusal["reason"]
            yield "The reason is that"
            yield from DETAILS[code]
        case "L9":
            yield "enclosed, printed" if facts.on_paper else "passphrase"
            yield "Art. 16 to 18 and 21"
        case "L17" | "L22" | "L23" | "L25":
            yield "A record of this request"
        case "L10" | "L11":
            yield from _of_an_erasure(facts)


def _of_an_erasure(facts: Facts) -> Iterator[str]:
    yield "A record of this erasure"
    for one in facts.records:
        if one["fate"] in FOR_A_TASK and one["until"]:
            # No day is promised that has passed when the letter is written.
            written = facts.date(facts.letter_of_answer["written_at"])
            erased_on = max(facts.date(one["until"]) + timedelta(days=1), written)
            yield f"on {facts.day(erased_on.isoformat())} ("
    yield from (one["decided"]["ground"] for one in facts.records if one["decided"] and one["fate"] == "retained")
    for system, about in facts.case["systems"].items():
        days, _ = about["backups"]
        done = [one for one in facts.of(system=system) if one["outcome"] in {"erased", "redacted", "residue"}]
        if days and done:
            yield f"- {facts.title(system)}: Back-ups of it"
        for one in facts.of(system=system):
            residue = about["kinds"][one["kind"]]["residue"]
            if residue and one["outcome"] in {"erased", "redacted", "residue"}:
                yield f"- {facts.title(system)}: {residue}"
            step = about["kinds"][one["kind"]]["by_hand"]
            if step and one["fate"] not in {*FOR_A_TASK, "unclear"}:
                yield f"“{step}”"


__all__ = ["LETTERS", "lines_of", "missing"]
