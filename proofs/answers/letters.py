"""Every letter: its sentences, what must not be missing in it, and the letters of later (L15, L21, L24)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from proofs.answers.facts import Facts, Place, Plain, Rule, counted
from proofs.answers.letters_asking import (
    ASKED,
    DETAILS,
    EVERY,
    L1,
    L2,
    L3,
    L6,
    L7,
    L14,
    REMEDIES,
    both,
    exact,
    law,
    lines_of,
    notes_of,
    of_what,
    read_day,
    received,
)
from proofs.answers.letters_ending import (
    L8,
    L9,
    L18,
    L27,
    SEARCHED,
    limited_systems,
    missing_stopped,
    untrue_of_systems,
)
from proofs.answers.letters_erasing import FOR_A_TASK, L10, L11, L20, totals, unnamed
from proofs.answers.letters_rights import L17, L22, L23, L25, L26, LIST, counted_as_asked, counted_items

# -- before it begins ----------------------------------------------------------------------------------------------------
_LEFT = timedelta(days=7)
_RUNS_ON = {
    "active contract": ("running contract", "running contracts"), "open order": ("open order", "open orders"),
    "open invoice": ("open invoice", "open invoices"), "open dispute": ("disputed payment", "disputed payments"),
    "mandate": ("mandate for collecting money", "mandates for collecting money"),
    "open ticket": ("ticket that is not solved", "tickets that are not solved"),
    "warranty": ("purchase under warranty", "purchases under warranty"),
}  # fmt: skip


def _begins(at: Place) -> bool:
    """So many days after the approval as the controller gives, and early enough for the answer; nothing is done by then."""
    facts, approval = at.facts, at.facts.decision("approval")
    approved = facts.date(approval["decided_at"])
    latest = facts.date(facts.case["work_to_on"]) - _LEFT
    on = max(approved, min(approved + timedelta(days=facts.case["cooling_off_days"]), latest))
    is_untouched = not facts.count(lambda one: one["outcome"] is not None)
    return (
        approval["verdict"] == "approved"
        and is_untouched
        and read_day(at["begins"]) == on > facts.date(facts.letter(at.kind)["written_at"])
    )


def running_on(facts: Facts) -> set[str]:
    """What depends on the person's records, as the letter has to tell it."""
    mine = facts.of(attribution="subject")
    counts = Counter((fact, one["system"]) for one in mine for fact in one["facts"] if fact in _RUNS_ON)
    return {f"{counted(n, *_RUNS_ON[fact])} ({facts.title(system)})" for (fact, system), n in counts.items()}


ACCOUNT_GOES = "An account or customer record of yours is erased. You can then no longer sign in with it, and we no longer know you as a customer."
_GO = {
    "mandate": "Money can no longer be collected by a mandate that is erased; a later direct debit needs a new one.",
    "open ticket": "A service ticket that is not solved ends without an answer.",
    "warranty": "A warranty of yours may still run. We can then no longer look the purchase up: keep your own receipt.",
}
_STAY = {
    "active contract": "A contract is running: the records that it needs stay until it ends.",
    "open order": "An order is not fulfilled yet: the records that it needs stay until it is fulfilled or cancelled.",
    "open invoice": "An invoice is open: its records stay until it is settled, or longer where the law orders that.",
    "open dispute": "A payment is disputed: its records stay until the dispute is settled.",
}


def meant(facts: Facts) -> set[str]:
    """What the erasure means for the person by what is planned of their records."""
    mine = facts.of(attribution="subject")
    goes = [one for one in mine if one["planned"] in {"erased", "redacted"}]
    stays = [one for one in mine if one["planned"] in {"retained", "restricted"}]
    found = {_GO[fact] for one in goes for fact in one["facts"] if fact in _GO}
    found |= {_STAY[fact] for one in stays for fact in one["facts"] if fact in _STAY}
    return found | {ACCOUNT_GOES for one in goes if one["kind"] == "profile"}


# fmt: off
L21 = [
    Rule(r"On {D} you asked us to erase your personal data \(Art\. 17 {LAW}\)\. We have looked at your request and begin to erase on {D:begins}\. What is erased then cannot be brought back\.",
         both(received, law, _begins, lambda at: at.facts.right == "erasure")),
    exact("If you stay with your request, you need not do anything: we write to you when it is carried out, and say what was erased and what stays."),
    Rule(r"If you want to take it back, tell us before {D:begins}; a short answer to this letter is enough\.", _begins),
    exact("This depends on your data:", lambda at: running_on(at.facts)),
    exact("This is what the erasure means for you:", lambda at: meant(at.facts)),
    Rule("- {T}", lambda at: at["T"] in running_on(at.facts) | meant(at.facts), ("PLEASE CONSIDER BEFORE",)),
]
# fmt: on


# -- before a restriction ends ---------------------------------------------------------------------------------------------
def _announced(facts: Facts) -> Plain:
    """What the course has announced last: the records, the day and the reason."""
    found: Plain = facts.case["double"]["lifted"][-1]
    return found


def _answered(at: Place) -> bool:
    return at["answered"] == at.facts.answered_on


def _told_of(facts: Facts, system: str, category: str) -> int:
    return sum((one["system"], one["category"]) == (system, category) for one in _announced(facts)["records"])


def _told(facts: Facts) -> list[str]:
    """Those who were told of the restriction: every one that got an instruction or a notice that went out."""
    return sorted({one["name"] for one in facts.case["instructions"] if one["is_sent"]})


# fmt: off
L15 = [
    Rule(r"On {D} you asked us " + ASKED + r"\. Our answer of {D:answered} said that we only store the data named below and use them for nothing else\. We tell you before that ends \(Art\. 18\(3\) {LAW:law}\)\.",
         both(received, of_what, _answered, lambda at: at["law"] == at.facts.law)),
    Rule(r"From {D:on} on we use these data again for what they are kept for:", lambda at: read_day(at["on"]) == at.facts.date(_announced(at.facts)["on"])),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?", lambda at: at.number() == _told_of(at.facts, at.facts.system(at["S"]), at["what"]) > 0),
    Rule("The reason: {T}", lambda at: at["T"].rstrip(".") == _announced(at.facts)["reason"].rstrip(".")),
    Rule("Once it has ended here, we tell those whom we had told of it: {T}\\.", lambda at: at["T"] and set(re.split(", | and ", at["T"])) <= set(_told(at.facts))),
    exact("When they are erased does not change by that.", lambda at: at.facts.right != "restriction"),
    Rule(r"If you do not agree, write to us before {D:on}: you can object, or ask again that their use is restricted \(Art\. 18 and 21 {LAW}\)\.", lambda at: law(at) and read_day(at["on"]) == at.facts.date(_announced(at.facts)["on"])),
]
# fmt: on


# -- what was back and is erased again -------------------------------------------------------------------------------------
def _again(facts: Facts, name: str) -> list[Plain]:
    """What came back and is gone again by the day of the letter."""
    written = facts.date(facts.letter(name)["written_at"]).isoformat()
    return [one for one in facts.case["double"]["returned"] if one["gone_on"] and one["gone_on"] <= written]


def _seen(at: Place) -> bool:
    return at["seen"] in {at.facts.day(one["seen_on"]) for one in _again(at.facts, at.kind)}


def _erased(at: Place) -> bool:
    """The day is that on which the records had gone from the double again; nothing of them is there."""
    these = _again(at.facts, at.kind)
    on = {at["day"]} if at["day"] else {at.facts.day(one["seen_on"]) for one in these}
    return on == {at.facts.day(one["gone_on"]) for one in these}


def _may_be_gone(at: Place, is_gone: bool) -> bool:
    """A blanked record is not called gone: some record that was back was erased whole, or some was blanked."""
    numbers = {one["number"] for one in _again(at.facts, at.kind)}
    whole = {one["outcome"] == "erased" for one in at.facts.records if one["number"] in numbers}
    return is_gone in whole


# fmt: off
L24 = [
    Rule(r"On {D} you asked us " + ASKED + r"\. Our answer of {D:answered} told you what had become of your data\. Of what (?P<gone>was gone|we had erased or blanked) then, this was there again later: we saw it on {D:seen}\.",
         both(received, of_what, _answered, _seen, lambda at: _may_be_gone(at, at["gone"] == "was gone"))),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?", lambda at: at.number() == sum((one["system"], one["category"]) == (at.facts.system(at["S"]), at["what"]) for one in _again(at.facts, at.kind)) > 0),
    Rule(r"(?:On the same day|On {D:day}) we erased that again, and read it afresh(?: since)?: (?P<gone>it is gone|your data can no longer be read there)\.", both(_erased, lambda at: _may_be_gone(at, at["gone"] == "it is gone"))),
    exact("We are sorry about this. If you want to know how it came to be there again, ask us."),
]
# fmt: on


def missing_later(name: str, body: str, facts: Facts) -> Iterator[str]:
    """What the letters of later lack: each record is told, and no more than the doubles hold or have lost."""
    told = sum(int(found[1]) for _, line in lines_of(body) if (found := re.search(r"\), ([\d,]+) records?$", line)))
    kind = name.partition(".")[0]
    if kind == "L21":
        yield from (f"L21: missing: {one}" for one in running_on(facts) | meant(facts) if f"- {one}" not in body)
    if kind == "L15" and told != len(_announced(facts)["records"]):
        yield "L15: another number of records than was decided"
    if kind == "L24":
        system = {facts.system(one) for one in re.findall(r"^- .+? \((.+?)\), \d", body, re.MULTILINE)}
        again = [one for one in _again(facts, name) if one["system"] in system]
        if told != len(again):
            yield "L24: another number of records than the double had again and lost again"


def undone(facts: Facts) -> Iterator[str]:
    """What the follow-up did against what letters said: a mark that is gone before its day, or without its letter."""
    told = any(letter["id"].startswith("L24") for letter in facts.case["letters"])
    returned = [one for one in facts.case["double"]["returned"] if one["gone_on"]]
    if (
        returned
        and not told
        and not any(one["done_on"] is None for one in facts.case["tasks"] if "back" in one["kind"])
    ):
        yield "what was told to be gone was back and is gone again, and the person is not told"
    if facts.right in {"restriction", "rectification"} and any(one["kept_until"] for one in facts.case["tasks"]):
        yield "something is to be erased of who asked for no erasure"
    for one in facts.case["double"]["lifted"]:
        sent = [letter for letter in facts.case["letters"] if letter["id"].startswith("L15") and letter["sent_at"]]
        if one["gone_on"] and (one["gone_on"] < one["on"] or not sent):
            yield "a mark is gone before the day that the person was told, or without that letter"


LETTERS = {
    "L1": [*L1, *EVERY], "L2": [*L2, *REMEDIES, *EVERY], "L3": [*L3, *REMEDIES, *EVERY], "L6": [*L6, *REMEDIES, *EVERY],
    "L7": [*L7, *LIST, *REMEDIES, *EVERY], "L8": [*L8, *REMEDIES, *EVERY], "L9": [*L9, *REMEDIES, *EVERY],
    "L10": [*L10, *SEARCHED, *REMEDIES, *EVERY], "L11": [*L11, *SEARCHED, *REMEDIES, *EVERY],
    "L14": [*L14, *REMEDIES, *EVERY], "L15": [*L15, *REMEDIES, *EVERY], "L21": [*L21, *REMEDIES, *EVERY],
    "L24": [*L24, *REMEDIES, *EVERY], "L18": [*L18, *EVERY], "L17": [*L17, *SEARCHED, *REMEDIES, *EVERY],
    "L20": [*L20, *REMEDIES, *EVERY], "L22": [*L22, *SEARCHED, *REMEDIES, *EVERY],
    "L23": [*L23, *SEARCHED, *REMEDIES, *EVERY], "L25": [*L25, *SEARCHED, *REMEDIES, *EVERY],
    "L26": [*L26, *REMEDIES, *EVERY], "L27": [*L27, *REMEDIES, *EVERY],
}  # fmt: skip


def missing(name: str, body: str, facts: Facts) -> Iterator[str]:
    """The mandatory content that a letter lacks."""
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
