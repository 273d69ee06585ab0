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

from proofs.answers.facts import DATE, Facts, Lines, Place, Rule, counted, exact, listed, read_day

_MASKED = {"name": ("name",), "email": ("e-mail address", "e-mail addresses"), "phone": ("phone number",)}
_UNITS = {"hide": "passage", "mute": "muted interval"}
_GROUNDS = {
    "rights of others": "A copy would adversely affect the rights and freedoms of other people.",
    "trade secrets": "A copy would disclose trade secrets or infringe intellectual property.",
    "professional secrecy": "They are subject to a duty of professional secrecy.",
}
_ANOTHER = "and that another person may use as well"
_DOUBTS = {
    "number alone": "nothing but a number that several people used",
    "unconfirmed number": "a customer number that none of your other records bears",
    "another identifier": "an address or customer number that you did not name",
    "another name": "and the names with it do not all agree", "another date of birth": _ANOTHER, "namesake": _ANOTHER,
    "shared mailbox": "that other people seem to use as well", "another person": "a person whom you did not name",
}  # fmt: skip
"""What is said of records that were left out, by what is in doubt."""
_NOT_SEARCHED = "Nothing is known to us by which it can be searched for you."


def _here(at: Place) -> str:
    return str(at.system(at.section.capitalize() if at.section.isupper() else at.section))


def given(facts: Facts) -> dict[str, dict[str, tuple[int, int]]]:
    found: dict[str, dict[str, tuple[int, int]]] = {system: {} for system in facts.systems}
    for one in facts.of("given"):
        records, files = found[one["system"]].get(one["category"], (0, 0))
        found[one["system"]][one["category"]] = (records + 1, files + one["hangs_on"])
    return found


def _amount(records: int, files: int) -> str:
    return counted(records, "record") + (f" with {counted(files, 'file')}" if files else "")


def _amounts(facts: Facts, system: str) -> set[str]:
    return {f"{category} ({_amount(*numbers)})" for category, numbers in given(facts)[system].items()}


def _finding(facts: Facts, system: str) -> str:
    fates = {one["fate"] for one in facts.of(system=system)}
    if not fates:
        return "not searched" if system in facts.unsearched else "nothing"
    return "unclear" if fates == {"unclear"} else "held"


def left_out(facts: Facts) -> Counter[tuple[str, str, int]]:
    found = Counter((one["system"], one["category"], _why(one)) for one in facts.of("unclear", "gone", "left out"))
    told = Counter((system, what, count) for (system, what, _), count in found.items())
    for system, about in facts.systems.items():
        kinds = {one["kind"] for one in facts.of("given", system=system)}
        told.update({(system, what, 0) for kind in kinds for what, _ in about["kinds"][kind]["withheld"]})
    return told


def _why(one: dict[str, Any]) -> str:
    if one["fate"] == "left out":
        return f"{one['decided']['ground']} {one['decided']['provision']}"
    return f"unclear {_DOUBTS[one['doubt']]}" if one["fate"] == "unclear" else "gone"


def masked_by_people(facts: Facts) -> Counter[tuple[str, str, str, str]]:
    given_ones, told = {one["number"]: one for one in facts.of("given")}, Counter[tuple[str, str, str, str]]()
    for mask in facts.masks:
        if mask["act"] in _UNITS and mask["places"] and mask["record"] in given_ones:
            record = given_ones[mask["record"]]
            told[record["system"], record["category"], _UNITS[mask["act"]], mask["ground"]] += mask["places"]
    return told


def _masked_line(at: Place) -> bool:
    word = {"passage": "the mark [masked passage] stands", "muted interval": "silenced in the recordings"}
    said = (at.here(), at["what"], at.number())
    return f"Art. 15(4) {at.law}" in at["T"] and any(
        (where, what, number) == said
        and at["unit"] == (unit if number == 1 else f"{unit}s")
        and word[unit] in at["T"]
        and f"The ground: {ground}." in at["T"]
        for (where, what, unit, ground), number in masked_by_people(at.facts).items()
    )


def _is_complete(at: Place) -> bool:
    return not left_out(at.facts) and not _masked(at.facts) and not masked_by_people(at.facts)


def _left(at: Place) -> bool:
    """Check that left-out records are left out in that number and for a reason that holds for their kind."""
    system, text, number = at.here(), at["T"], at.number() if at["N"] else 0
    next_item = re.search(r"[.)]- [A-Z]", text)  # has a line of its own
    stray = at.is_uk and re.search(r"(?<!UK )GDPR", text)
    if next_item or stray or not left_out(at.facts)[system, at["what"], number]:
        return False
    if not number:
        withheld = [one for kind in at.systems[system]["kinds"].values() for one in kind["withheld"]]
        return any(what == at["what"] and reason in text for what, reason in withheld)
    these = at.of(system=system, category=at["what"])
    if text.startswith(tuple(_GROUNDS.values())):
        return any(_decided(at, one["decided"]) for one in these if one["fate"] == "left out")
    if "no longer there" in text:
        return any(one["fate"] == "gone" for one in these)
    said = {doubt for doubt, words in _DOUBTS.items() if words in text}
    alike = any(one["fate"] == "unclear" and one["doubt"] in said for one in these)
    return alike and len({_DOUBTS[doubt] for doubt in said}) == 1 and "Art. 15(4)" in text


def _decided(at: Place, decided: dict[str, Any]) -> bool:
    provision = decided["provision"]
    cited = f"{provision} {at.law}" if re.fullmatch(r"Art\. \d+\(\d\)", provision) else provision
    return at["T"].startswith(_GROUNDS.get(decided["ground"], " ")) and cited in at["T"]


def _masked(facts: Facts) -> str:
    found = ((kind, number) for kind, number in sorted(facts.masked.items()) if number and kind in _MASKED)
    return listed([counted(number, *_MASKED[kind]) for kind, number in found])


def _assembled(facts: Facts) -> str:
    step = facts.done("assemble")
    assert step is not None
    return str(step["finished_at"])


def _held(at: Place) -> bool:
    return any(_finding(at.facts, system) == "held" for system in at.systems)


def _made_on(at: Place) -> object:
    return at["D"] == at.day(_assembled(at.facts))


def payments(facts: Facts, system: str) -> int:
    kinds = {name for name, about in facts.systems[system]["kinds"].items() if about["is_payment"]}
    return sum(one["kind"] in kinds for one in facts.of("given", system=system))


def _above(at: Place) -> str:
    return next((system for line in reversed(at.before) if (system := at.system(line))), "")


_RATE, _HEAD = 8000, 44
SOUND = b"RIFF" + struct.pack("<I", 36 + _RATE) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, _RATE, _RATE, 1, 8)
SOUND += b"data" + struct.pack("<I", _RATE) + b"\x40" * _RATE
"""A second of eight bits without a sign, of which silence is the middle."""


def _recorded(interval: list[int]) -> str:
    first, last = (_HEAD + one * _RATE // 1000 for one in interval or (0, 0))
    return sha256(SOUND[:first] + b"\x80" * (last - first) + SOUND[last:]).hexdigest()


def _found(at: Place) -> bool:
    wanted = _amounts(at.facts, _here(at))
    if not wanted:
        return "What was left out" in at["T"] and _finding(at.facts, _here(at)) == "held"
    return set(at["T"].split("; ")) == wanted


def _end_dates(at: Place) -> bool:
    told = given(at.facts)[_here(at)]
    form = r"(?P<what>.+? \(\d+ records?\)): until .+"
    parts = [re.fullmatch(form, one) for one in re.split(r"; (?=[^;]+ \(\d+ records?\): until )", at["T"])]
    counts = [one for part in parts if part for one in re.findall(r"(?:^|, )(.+?) \((\d+) records?\)", part["what"])]
    days = map(read_day, re.findall(DATE, at["T"]))
    numbers = [int(number) <= told.get(category, (0,))[0] for category, number in counts]
    return all(parts) and all(numbers) and all(one >= at.date(at.received_at) for one in days)


def _about(facts: Facts, system: str) -> Iterator[str]:
    """Return the statements of the configuration on a system; the data subject reads "you"."""
    about = facts.systems[system]
    area = "the United Kingdom" if facts.is_uk else "the European Economic Area"
    recipients = "; ".join(facts.recipients(system)) or f"none outside {facts.controller}"
    for label in ("How long", "Kept"):
        yield f"{label}: {about['retention']}"
    for label in ("Where from", "Source"):
        yield f"{label}: {about['source'].replace('the data subject', 'you')}"
    yield f"Purposes: {'; '.join(about['purposes'])}"
    yield f"Categories of data: {'; '.join(about['categories'])}"
    yield f"Recipients: {recipients}"
    yield f"Third countries: {about['transfers'] or f'no transfer outside {area}'}"


def _is_here(*findings: str) -> Any:
    return lambda at: _finding(at.facts, _here(at)) in findings


_LEFT_OUT = ("What was left out", "WHAT WAS LEFT OUT")
_WE_MASKED = r"Your records also mention other people\. The copy you get must not harm their rights \(Art\. 15\(4\) {law}\), so we put a mark such as \[other person’s name\] in the place of (?P<T>[^.]+)\."
_ASKED = r"You asked us on {received_on} which personal data we process about you\. "
# fmt: off
_RIGHTS = [
    exact("You can have wrong data corrected and incomplete data completed (Art. 16 {law})."),
    exact("You can ask us to erase data (Art. 17 {law}) or to restrict their use (Art. 18 {law})."),
    exact("You can object to processing for reasons of your particular situation, and to direct marketing at any time (Art. 21 {law})."),
    exact("You can ask for a copy of the guarantees for transfers to third countries that are named above.", lambda at: any(one["transfers"] for system, one in at.systems.items() if _finding(at.facts, system) == "held")),
    exact("You can complain to us first: write to {T:who}, {contact_email}, and say what you think is wrong. We confirm within 30 days that we have your complaint, look into it without undue delay and tell you the outcome (s. 164A Data Protection Act 2018).", lambda at: at.hears_complaints),
    exact("You can complain to the supervisory authority (s. 165 Data Protection Act 2018). The one competent for us is {authority}, {authority_url}.", lambda at: at.is_uk),
    exact("You can complain to a supervisory authority, in particular where you live, where you work or where the infringement was (Art. 77 GDPR). The one competent for us is {authority}, {authority_url}.", lambda at: not at.is_uk),
    exact("You can go to court: {T} (Art. 79 GDPR); a complaint to an authority is not needed first.", lambda at: not at.is_uk),
    exact("You can go to court: {T} (Art. 79 UK GDPR, s. 180 Data Protection Act 2018); a complaint is not needed first.", lambda at: at.is_uk),
]
_SYSTEM = [
    Rule("(?P<T>(?:Purposes|Categories of data|Recipients|How long|Kept|Where from|Source|Third countries): .+)", lambda at: at["T"].casefold() in {one.casefold() for one in _about(at.facts, _here(at))}),
    Rule("End dates: {T}", _end_dates),
]
_LETTER = [
    Lines(lambda facts: [facts.controller, f"{facts.controller}, {facts.address}", f"{facts.controller} / {facts.address}"]),
    exact("{D}", _made_on), exact("Case {case_id}"), exact("{D} · Case {case_id} · To your data", _made_on), exact("Our answer to your request"),
    Rule("(Dear (?P<T>.+)|Good day),", lambda at: not at["T"] or at["T"] in at.names),
    Rule(_ASKED + r"Yes, we process personal data about you\. (A copy is in this package; (index\.html|the overview) leads to all of it|(?P<paper>A copy follows this letter))\. It is free of charge\.", lambda at: _held(at) and bool(at["paper"]) == at.on_paper),
    Rule(_ASKED + r"In the systems named below we found none(?P<some> that we can attribute to you)?(?P<far> as far as they were searched)?\.", lambda at: (not _held(at) and bool(at["far"]) == any(_finding(at.facts, one) == "not searched" for one in at.systems)) and bool(at["some"]) == bool(at.records)),
    exact("For each system that holds data about you, you find below why we process them, which they are, where they come from, who receives them and how long they are kept (Art. 15(1) and (2) {law}).", _held),
    Rule("[A-Z][A-Za-z ]+", _here),
    exact("We searched this system and found no data about you in it.", _is_here("nothing")),
    exact("We searched this system and found nothing that we can attribute to you; see what was left out.", _is_here("unclear")),
    exact(f"We did not search this system: {_NOT_SEARCHED}", _is_here("not searched")),
    Rule("We searched (here )?by: {T}", lambda at: at["T"].split("; ") == at.searched_by(_here(at)) and _finding(at.facts, _here(at)) != "not searched"),
    Rule("Found about you: {T}", _found),
    *_SYSTEM,
    exact("Our search here does not find:", lambda at: at.systems[_here(at)]["cannot_find"] and _finding(at.facts, _here(at)) != "not searched"),
    Rule("(- )?{T}", lambda at: _here(at) and at["T"] in at.systems[_here(at)]["cannot_find"]),
    Rule("(?i)automated decisions|what was left out(?: and why)?|the file about this request|your rights"),
    exact("{automated}", lambda at: at.section.casefold() == "automated decisions"),
    exact("To protect other people (Art. 15(4) {law}) we masked {T} of theirs.", lambda at: at["T"] == _masked(at.facts)),
    Rule(r"{S}: (?P<what>.+?) \({N} (?P<unit>passages?|muted intervals?)\)\. {T}", _masked_line, *_LEFT_OUT),
    Rule(r"{S}: (?P<what>.+?)(?: \({N} records?\))?\. {T}", _left, *_LEFT_OUT),
    exact("Nothing was left out.", _is_complete),
    Rule(r"To be able to prove that we answered you in time and completely, we keep your request, our letters and the record of what we did until {D}\. The data in this (package|answer) are not part of that file\.", lambda at: at["D"] == at.evidence_until(at.date(_assembled(at.facts)))),
    *_RIGHTS,
    exact("Questions: {contact}, {contact_email}. Please give the case number {case_id}."),
]
_PAGE = [
    exact("Skip to the content"), exact("{controller}"),
    Rule(r"{T:who} · Case {case_id} · Made on {T:at}", lambda at: at["who"].startswith(at.controller) and at["at"] == at.spoken(_assembled(at.facts))),
    exact("These pages work without the internet and send nothing anywhere. Times are shown in the zone {zone}."),
]
# fmt: on


def text_lines(text: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in filter(None, (one.strip() for one in text.splitlines())):
        section = line if line.isupper() and not any(mark in line for mark in ".:") else section
        yield section, line.removeprefix("- ")


_ROWS = {
    "nothing": "We found no data about you here", "unclear": "Nothing that we can attribute to you: see below",
    "not searched": f"Not searched: {_NOT_SEARCHED}",
}  # fmt: skip


def _row(at: Place) -> bool:
    told, wanted = given(at.facts)[at.here()], {one.casefold() for one in _amounts(at.facts, at.here())}
    said = _ROWS.get(_finding(at.facts, at.here()), "" if told else "Held, but left out: see below")
    is_so = at["T"] == said if said else {one.casefold() for one in at["T"].split(" / ")} == wanted
    return is_so and at.number() == sum(records for records, _ in told.values())


def _group(at: Place) -> bool:
    told = (pair for one in given(at.facts).values() for pair in one.items())
    return at["T"] in [_amount(*numbers) for name, numbers in told if name.casefold() == at.section.casefold()]


# fmt: off
_INDEX = [
    exact("Payments, each told once", lambda at: payments(at.facts, _above(at)) > 0),
    Rule(r"{N} payments?, open and failed ones included: each is one line here, and the records below tell of it in detail\.", lambda at: at.number() == payments(at.facts, _above(at))),
    exact("Your personal data"), exact("What you find here"), exact("Where | What we hold about you | Records"), exact("Where | What | Why | Legal basis"),
    exact("Our answer to your request {case_id} of {received_on}"), exact("Why we have these data, who gets them and how long we keep them"),
    exact("If the players or links do not work, unpack the whole archive into a folder first and open index.html there."), exact("If something is wrong or missing"),
    Rule(r"(Dear {T:name}, this|This) package holds what {controller} found about you, except for what was left out, in a form to read and in a form that other programs can use\.", lambda at: not at["name"] or at["name"] in at.names),
    exact("{S} | {T} | {N}", _row, "What you find here"),
    Rule("Read our letter: purposes, recipients, your rights|What was left out and why|List of all files"),
    Rule("{S}", lambda at: at.here()),
    exact("We searched here and found no data about you.", _is_here("nothing")),
    exact("We searched here and found nothing that we can attribute to you.", _is_here("unclear")),
    exact(f"This system was not searched: {_NOT_SEARCHED}", _is_here("not searched")),
    Rule("{T}", lambda at: any(at["T"].casefold() == name for told in given(at.facts).values() for name in told)),
    exact("{T} · Table for spreadsheets (CSV) · Everything, for programs (JSON)", _group),
    Rule(r"Left out here: {T} \({N} (?P<unit>passage|muted interval)s?\)\. Why", lambda at: any((system, what, unit, number) == (_above(at), at["T"], at["unit"], at.number()) for (system, what, unit, _), number in masked_by_people(at.facts).items())),
    exact("Left out here: {T}. Why", lambda at: any((system, what) == (_above(at), at["T"]) for system, what, _ in left_out(at.facts))),
    Rule(_WE_MASKED + r"(?P<all> Everything else in these records is as we hold it\.)?",
         lambda at: at["T"] == _masked(at.facts) and not (at["all"] and (masked_by_people(at.facts) or any(not number for _, _, number in left_out(at.facts))))),
    Rule(r"{S} \| (?P<what>.+?) \({N} (?P<unit>passages?|muted intervals?)\) \| {T}", _masked_line, _LEFT_OUT[0]),
    Rule(r"{S} \| (?P<what>.+?)(?: \({N} records?\))? \| {T}", _left, _LEFT_OUT[0]),
    exact("Nothing was left out.", _is_complete),
    exact("Write to {T:who}, {T:mail}, and give the case number {case_id}. You can have wrong data corrected, ask for erasure or restriction, and object; you can complain to {authority}. Our letter explains how."),
]
# fmt: on
RULES = {
    "package/letter.txt": _LETTER,
    "package/letter.html": [*_PAGE, *_LETTER],
    "package/index.html": [*_INDEX, *_SYSTEM, *_PAGE],
}  # fmt: skip


def missing(name: str, text: str, facts: Facts) -> Iterator[str]:
    """Return the mandatory content (Art. 15(1)(a)-(h), 15(2) GDPR) that a page of the package lacks."""
    if facts.is_uk and (stray := re.search(r"(?<!UK )GDPR|Art\. 77|European", text)):
        yield f"{name}: law of the Union in a British package: {stray[0]}"
    if not facts.is_uk and (stray := re.search(r"UK GDPR|Data Protection Act", text)):
        yield f"{name}: British law in a package of the Union: {stray[0]}"
    needed = [facts.case_id, facts.controller, facts.authority, facts.contact_email, _masked(facts)]
    for _, what, number in left_out(facts):
        needed.append(f"{what} ({counted(number, 'record')})" if number else what)
    needed += [f"{what} ({counted(number, unit)})" for (_, what, unit, _), number in masked_by_people(facts).items()]
    needed += [f"({_amount(*numbers)})" for told in given(facts).values() for numbers in told.values()]
    if "letter" in name:
        needed += _needed(facts)
    if "index" in name:
        needed += [f"{counted(number, 'payment')}, open" for one in facts.systems if (number := payments(facts, one))]
    yield from (f"{name}: missing: {one}" for one in needed if one not in text)


def _needed(facts: Facts) -> Iterator[str]:
    findings = {system: _finding(facts, system) for system in facts.systems}
    yield from ("court", facts.automated, "free of charge" if "held" in findings.values() else "none")
    yield from (f"(Art. {article} {facts.law})" for article in (16, 17, 18, 21))
    yield from ["s. 164A Data Protection Act 2018"] if facts.hears_complaints else []
    for system, about in facts.systems.items():
        yield from [_NOT_SEARCHED] if findings[system] == "not searched" else about["cannot_find"]
        if findings[system] != "not searched" and (by := facts.searched_by(system)):
            yield f"by: {'; '.join(by)}"
        if findings[system] == "held":
            yield from (*about["purposes"], *about["categories"], *facts.recipients(system), about["transfers"])
            yield from (about["source"].replace("the data subject", "you"), about["retention"])


def check_manifest(text: str, facts: Facts) -> Iterator[str]:
    """Check the numbers of ``manifest.json``."""
    said: dict[str, Any] = json.loads(text)
    told = {system: {name: one["records"] for name, one in found.items()} for system, found in said["counts"].items()}
    if told != {system: {name: records for name, (records, _) in of.items()} for system, of in given(facts).items()}:
        yield "package/manifest.json: another number of records than in the case file"
    words = {"nothing": "nothing held", "unclear": "nothing that can be attributed"}
    findings = {system: _finding(facts, system) for system in facts.systems}
    if said["findings"] != {system: words.get(one, one) for system, one in findings.items()}:
        yield "package/manifest.json: another finding than in the case file"
    numbers = {one["number"] for one in facts.of("given")}
    muted = {
        (one["record"], _recorded(one["interval"])) for one in facts.masks if one["act"] == "mute" and one["places"]
    }
    heard = Counter(one["sha256"] for one in said["files"] if one["path"].startswith("recordings/"))
    del heard[_recorded([])]
    # A record of the cases has one recording at most.
    if Counter(sound for record, sound in muted if record in numbers) != heard:
        yield "package/manifest.json: a muted interval is heard, or another one is silent"


def check_data(text: str, facts: Facts) -> Iterator[str]:
    numbers = {one["number"] for one in facts.of("given")}
    hidden = [(one["record"], _read(one["passage"])) for one in facts.masks if one["act"] == "hide"]
    for one in json.loads(text):
        if numbered := re.search(r"[0-9]+$", one.get("number", "")):
            number, said = int(numbered[0]), _read(json.dumps(one, ensure_ascii=False))
            if number not in numbers:
                yield f"package/data: record {number} is in it, and is not to be given"
            if any(record == number and passage in said for record, passage in hidden):
                yield f"package/data: what a person masked in record {number} stands there"


def _read(text: str) -> str:
    return " ".join(text.casefold().split())
