"""Every letter: its sentences, what must not be missing in it, and the letters of later (L15, L21, L24)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from proofs.answers import letters_asking as asking
from proofs.answers import letters_ending as ending
from proofs.answers import letters_erasing as erasing
from proofs.answers import letters_rights as rights
from proofs.answers.facts import Facts, Lines, Place, Plain, Rule, counted, exact, read_day, whole

_RUNS_ON = {
    "active contract": ("running contract", "running contracts"), "open order": ("open order", "open orders"),
    "open invoice": ("open invoice", "open invoices"), "open dispute": ("disputed payment", "disputed payments"),
    "mandate": ("mandate for collecting money", "mandates for collecting money"),
    "open ticket": ("ticket that is not solved", "tickets that are not solved"),
    "warranty": ("purchase under warranty", "purchases under warranty"),
}  # fmt: skip


def _begins(at: Place) -> bool:
    approval, latest = at.decision("approval"), at.date(at.work_to_on) - timedelta(days=7)
    approved = at.date(approval["decided_at"])
    on = max(approved, min(approved + timedelta(days=at.cooling_off_days), latest))
    is_untouched = not at.count(lambda one: one["outcome"] is not None)
    return approval["verdict"] == "approved" and is_untouched and read_day(at["begins"]) == on > at.written


def depending(facts: Facts) -> Iterator[tuple[str, str]]:
    mine = facts.of(attribution="subject")
    counts = Counter((fact, one["system"]) for one in mine for fact in one["facts"] if fact in _RUNS_ON)
    yield from ((counted(n, *_RUNS_ON[fact]), system) for (fact, system), n in counts.items())


def _running_on(facts: Facts) -> set[str]:
    return {f"- {what} ({facts.title(system)})" for what, system in depending(facts)}


_ACCOUNT = "An account or customer record of yours is erased. You can then no longer sign in with it, and we no longer know you as a customer."
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
    found = set[str]()
    for one in facts.of(attribution="subject"):
        goes, stays = one["planned"] in {"erased", "redacted"}, one["planned"] in {"retained", "restricted"}
        said = _GO if goes else _STAY if stays else {}
        found |= {said[fact] for fact in one["facts"] if fact in said} | (
            {_ACCOUNT} if goes and one["kind"] == "profile" else set()
        )
    return {f"- {one}" for one in found}


def _announced(facts: Facts) -> Plain:
    found: Plain = facts.double["lifted"][-1]
    return found


def _ends_on(at: Place) -> object:
    return read_day(at["on"]) == at.date(_announced(at.facts)["on"])


def _counted_in(at: Place, these: list[Plain]) -> bool:
    return at.number() == sum((one["system"], one["category"]) == (at.here(), at["what"]) for one in these) > 0


def _again(facts: Facts, name: str) -> list[Plain]:
    written = facts.written_on(name).isoformat()
    return [one for one in facts.double["returned"] if one["gone_on"] and one["gone_on"] <= written]


def _erased_again(at: Place) -> bool:
    these = _again(at.facts, at.kind)
    on = {at["day"]} if at["day"] else {at.day(one["seen_on"]) for one in these}
    return on == {at.day(one["gone_on"]) for one in these} and _may_be_gone(at, at["gone"] == "it is gone")


def _may_be_gone(at: Place, is_gone: bool) -> bool:
    numbers = {one["number"] for one in _again(at.facts, at.kind)}
    return is_gone in {one["outcome"] == "erased" for one in at.records if one["number"] in numbers}


# fmt: off
_L21 = [
    exact("On {received_on} you asked us to erase your personal data (Art. 17 {law}). We have looked at your request and begin to erase on {D:begins}. What is erased then cannot be brought back.", lambda at: at.right == "erasure" and _begins(at)),
    exact("If you stay with your request, you need not do anything: we write to you when it is carried out, and say what was erased and what stays."),
    exact("If you want to take it back, tell us before {D:begins}; a short answer to this letter is enough.", _begins),
    exact("This depends on your data:", lambda at: _running_on(at.facts)),
    exact("This is what the erasure means for you:", lambda at: meant(at.facts)),
    Lines(_running_on, "PLEASE CONSIDER BEFORE"), Lines(meant, "PLEASE CONSIDER BEFORE"),
]
_L15 = [
    exact("On {received_on} you asked us {asked}. Our answer of {answered_on} said that we only store the data named below and use them for nothing else. We tell you before that ends (Art. 18(3) {law})."),
    exact("From {D:on} on we use these data again for what they are kept for:", _ends_on),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?", lambda at: _counted_in(at, _announced(at.facts)["records"])),
    Rule("The reason: {T}", lambda at: at["T"].rstrip(".") == _announced(at.facts)["reason"].rstrip(".")),
    # Every one who got an instruction or a notice that went out.
    exact("Once it has ended here, we tell those whom we had told of it: {T}.", lambda at: set(re.split(", | and ", at["T"])) <= {one["name"] for one in at.instructions if one["is_sent"]}),
    exact("When they are erased does not change by that.", lambda at: at.right != "restriction"),
    exact("If you do not agree, write to us before {D:on}: you can object, or ask again that their use is restricted (Art. 18 and 21 {law}).", _ends_on),
]
_L24 = [
    Rule(r"On {received_on} you asked us {asked}\. Our answer of {answered_on} told you what had become of your data\. Of what (?P<gone>was gone|we had erased or blanked) then, this was there again later: we saw it on {D:seen}\.",
         lambda at: at["seen"] in {at.day(one["seen_on"]) for one in _again(at.facts, at.kind)} and _may_be_gone(at, at["gone"] == "was gone")),
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?", lambda at: _counted_in(at, _again(at.facts, at.kind))),
    Rule(r"(?:On the same day|On {D:day}) we erased that again, and read it afresh(?: since)?: (?P<gone>it is gone|your data can no longer be read there)\.", _erased_again),
    exact("We are sorry about this. If you want to know how it came to be there again, ask us."),
]
_OWN = {
    "L1": asking.L1, "L2": asking.L2, "L3": asking.L3, "L6": asking.L6, "L7": [*asking.L7, *rights.LIST], "L8": ending.L8, "L9": ending.L9,
    "L10": erasing.L10, "L11": erasing.L11, "L14": asking.L14, "L15": _L15, "L17": rights.L17, "L18": ending.L18, "L20": erasing.L20,
    "L21": _L21, "L22": rights.L22, "L23": rights.L23, "L24": _L24, "L25": rights.L25, "L26": rights.L26, "L27": ending.L27,
}
# fmt: on
LETTERS = {
    name: [*own, *([] if name in {"L1", "L18"} else asking.REMEDIES), *asking.EVERY] for name, own in _OWN.items()
}


def _missing_later(kind: str, name: str, body: str, facts: Facts) -> Iterator[str]:
    """Return what later letters lack: each record is told, and no more than the doubles hold or have lost."""
    told = sum(
        whole(found[1]) for _, line in asking.lines_of(body) if (found := re.search(r"\), ([\d,]+) records?$", line))
    )
    if kind == "L21":
        yield from (f"L21: missing: {one}" for one in _running_on(facts) | meant(facts) if one not in body)
    if kind == "L15" and told != len(_announced(facts)["records"]):
        yield "L15: another number of records than was decided"
    if kind == "L24":
        systems = {facts.system(one) for one in re.findall(r"^- .+? \((.+?)\), \d", body, re.MULTILINE)}
        if told != len([one for one in _again(facts, name) if one["system"] in systems]):
            yield "L24: another number of records than the double had again and lost again"


def undone(facts: Facts) -> Iterator[str]:
    told = any(letter["id"].startswith("L24") for letter in facts.letters)
    is_open = any(one["done_on"] is None for one in facts.tasks if "back" in one["kind"])
    if any(one["gone_on"] for one in facts.double["returned"]) and not told and not is_open:
        yield "what was told to be gone was back and is gone again, and the person is not told"
    if facts.right in {"restriction", "rectification"} and any(one["kept_until"] for one in facts.tasks):
        yield "something is to be erased of who asked for no erasure"
    sent = any(letter["id"].startswith("L15") and letter["sent_at"] for letter in facts.letters)
    if any(one["gone_on"] and (one["gone_on"] < one["on"] or not sent) for one in facts.double["lifted"]):
        yield "a mark is gone before the day that the person was told, or without that letter"


def missing(name: str, body: str, facts: Facts) -> Iterator[str]:
    """Return the mandatory content that a letter lacks; a second letter of a kind is called L26.2."""
    kind = name.partition(".")[0]
    if facts.is_uk and (stray := re.search(r"(?<!UK )GDPR|Art\. 77|European", body)):
        yield f"{name}: law of the Union in a British letter: {stray[0]}"
    if not facts.is_uk and (stray := re.search(r"UK GDPR|Data Protection Act|ICO\b", body)):
        yield f"{name}: British law in a letter of the Union: {stray[0]}"
    yield from (f"{name}: missing: {one}" for one in _needed(name, facts) if one not in body)
    if kind == "L20" or name in {"L10", "L11", "L17", "L22", "L23", "L25"}:
        yield from erasing.unnamed(name, body, facts)
    if kind in {"L15", "L21", "L24"}:
        yield from _missing_later(kind, name, body, facts)
    if name in {"L17", "L22", "L23"}:
        yield from rights.counted_as_asked(name, body, facts)
    if name == "L25":
        yield from rights.counted_items(body, facts)
    if name in {"L10", "L11"}:
        yield from erasing.totals(name, body, facts)
    if name == "L27":
        yield from ending.missing_stopped(body, facts)
    yield from ending.untrue_of_systems(name, body, facts)


def _needed(name: str, facts: Facts) -> Iterator[str]:
    yield from (facts.case_id, facts.controller, facts.contact_email, "free of charge", *asking.notes_of(facts))
    if name not in {"L1", "L18"}:
        yield from (facts.authority, facts.authority_url, "court")
        yield from ["s. 164A Data Protection Act 2018"] if facts.hears_complaints else []
    if name in {"L8", "L10", "L11", "L17", "L22", "L23", "L25"}:
        yield from _of_search(facts)
    if name in {"L10", "L11", "L17", "L22", "L23"}:
        yield from erasing.by_hand_lines(facts)
    match name:
        case "L1":
            yield from (facts.received_on, "You will get our answer")
            yield from ["While we check what is right"] if facts.right == "rectification" else []
        case "L6":
            yield "- 140 hours"
        case "L2" | "L14":
            yield from (
                "Art. 12(6)",
                "The request came from an address that was not used before.",
                "Please answer by",
                "our answer",
            )
            yield from ("- Log in", "- Code", "- Call-back", "- Two facts")
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
            yield from (facts.refusal["reason"], "The reason is that", *asking.DETAILS[facts.refusal["code"]])
        case "L9":
            yield from ("enclosed, printed" if facts.on_paper else "passphrase", "Art. 16 to 18 and 21")
        case "L17" | "L22" | "L23" | "L25":
            yield "A record of this request"
        case "L10" | "L11":
            yield from _of_an_erasure(facts)


def _of_search(facts: Facts) -> Iterator[str]:
    for system in facts.systems:
        by = ", by your" if facts.searched_by(system) else ": it can be searched by"
        yield f"- {facts.title(system)}{by}"
    if ending.limited_systems(facts):
        yield "Such a search does not find everything. In "


def _of_an_erasure(facts: Facts) -> Iterator[str]:
    yield "A record of this erasure"
    yield from erasing.residues(facts)
    written = facts.date(facts.answer["written_at"])
    for one in facts.of(*erasing.FOR_A_TASK):
        if one["until"]:
            # No day is promised that has passed when the letter is written.
            yield f"on {facts.day(max(facts.date(one['until']) + timedelta(days=1), written).isoformat())} ("
    yield from (one["decided"]["ground"] for one in facts.of("retained") if one["decided"])
    for system, about in facts.systems.items():
        if about["backups"][0] and erasing.cleared(facts, system):
            yield f"- {facts.title(system)}: Back-ups of it"
        for one in facts.of(system=system):
            step = about["kinds"][one["kind"]]["by_hand"]
            is_due = bool(step) and one["fate"] not in {*erasing.FOR_A_TASK, "unclear"}
            if is_due and not any(step in task["what"] for task in facts.tasks):
                yield f"a task “{step}”"
