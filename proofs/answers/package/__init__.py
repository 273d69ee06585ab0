"""The access package: the sentences of its files, and what must not be missing in them."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from proofs.answers.facts import Facts, counted
from proofs.answers.package.contents import (
    amount,
    finding,
    given,
    hidden,
    left_out,
    masked,
    masked_by_people,
    muted_intervals,
    payments,
)
from proofs.answers.package.letter import LETTER, PAGE, SYSTEM, text_lines
from proofs.answers.package.overview import INDEX
from proofs.answers.package.recordings import recordings

RULES = {
    "package/letter.txt": LETTER,
    "package/letter.html": [*PAGE, *LETTER],
    "package/index.html": [*INDEX, *SYSTEM, *PAGE],
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
    """A file of data: it holds no record that is not given, and no passage that a person masked.

    Args:
        text: The file.
        facts: The case.
    """
    given_ones = {one["number"] for one in facts.records if one["fate"] == "given"}
    for one in json.loads(text):
        numbered = re.search(r"[0-9]+$", one.get("number", ""))
        if numbered is None:
            continue
        number, said = int(numbered[0]), _read(json.dumps(one, ensure_ascii=False))
        if number not in given_ones:
            yield f"package/data: record {number} is in it, and is not to be given"
        if any(mask["record"] == number and _read(mask["passage"]) in said for mask in hidden(facts)):
            yield f"package/data: what a person masked in record {number} stands there"


def _read(text: str) -> str:
    return " ".join(text.casefold().split())


__all__ = ["RULES", "check_data", "check_manifest", "missing", "text_lines"]
