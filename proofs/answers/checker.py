"""The gates' forms, and the checker: it knows the case file as plain data and the texts, and nothing of the code that words them."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from proofs.answers import evidence, letters, package, sheet
from proofs.answers.facts import Check, Facts, Lines, Place, Rule, exact, judge, listed, page_lines, without_section
from proofs.answers.letters import depending, meant
from proofs.answers.letters_asking import lines_of
from proofs.answers.letters_ending import untrue_of_case
from proofs.answers.package import given
from proofs.answers.sheet import DAY, MOMENT, SEARCH, is_day, kinds_of, named, numbers, row

_PLANNED = {
    "Erase": "erased", "Remove only the person's part": "redacted", "Keep": "retained", "Restrict": "restricted",
    "Correct": "rectified", "Leave, a person looks at it": "not rectified",
    "Out of scope, no change": "not concerned", "Leave, not attributable": "not held",
}  # fmt: skip


def _planned(at: Place) -> bool:
    these = at.of(planned=_PLANNED[at["what"]])
    by = Counter((one["system"], one["category"]) for one in these)
    return at.number() == len(these) and all(
        f"{category} ({number:,})" in at["T"] for (_, category), number in by.items()
    )


def _reason(at: Place) -> bool:
    these = [one for one in at.records if one["reason"] and at["T"].startswith(f"{one['reason']}”")]
    for basis in {one["legal_basis"] for one in these}:
        alike = [one for one in these if one["legal_basis"] == basis]
        if at.number() == len(alike) == len(numbers(at["numbers"])) and basis in at["T"]:
            days = sorted({one["until"] for one in alike if one["until"]})
            return all(f"{at.date(one):%d %b %Y}" in at["T"] for one in (*days[:1], *days[-1:]))
    return False


def _package_rows(facts: Facts) -> Iterator[str]:
    for system, told in given(facts).items():
        yield from (row(system, what, f"{records:,}", files or "–") for what, (records, files) in told.items())


def _doubtful(doubt: str) -> Check:
    return lambda at: (
        bool(at["left"]) <= (at.right == "access")
        and len(these := at.of(attribution="unclear", doubt=doubt)) == at.number()
        and {one["number"] for one in these} == numbers(at["numbers"])
    )


_LEAVES = (
    r"Such records are (not touched( unless each is decided on by its number: look at it, and write `erase` if it is the person's"
    r"|\. If they are the person's, ask for what they carry and open a request with it)"
    r"|(?P<left>left out)\. If one is the person's, look at it and take it in before the release, at the desk or with `rightsflow case take-in`)\."
)
_CARRIED = {
    "unconfirmed number": "nothing but a customer number that none of the person's other records bears",
    "another identifier": "a number of the person, and another address or number than is known",
    "another name": "an address or a number of the person, and another name than is known",
    "another date of birth": "an address or a number of the person, and a date of birth that is not the known one or differs between records",
    "namesake": "a name like the person's and an address or a number that a namesake may use as well",
    "shared mailbox": "an address of the person that others seem to use, and nothing that shows whose it is",
    "another person": "the person's number and an address or id that the request does not name",
}


def _to_go(facts: Facts) -> list[dict[str, Any]]:
    return [one for one in facts.records if facts.right == "erasure" or one["planned"] in {"erased", "redacted"}]


def _by_hand(facts: Facts) -> set[str]:
    steps = ((one["system"], facts.systems[one["system"]]["kinds"][one["kind"]]["by_hand"]) for one in _to_go(facts))
    return {f"- {system}: {step}" for system, step in steps if step}


def _unstated(at: Place) -> bool:
    use = {"are kept for direct marketing alone": "marketing", "rest on consent alone": "consent"}[at["use"]]
    return (
        {"objection": "marketing", "consent-withdrawal": "consent"}.get(at.right) == use
        and bool(numbers(at["numbers"]))
        and all(
            at.systems[one["system"]]["uses"][use] is None and one["planned"] == "not concerned" for one in named(at)
        )
    )


_ASKED_TO = {
    "erasure": "erase", "objection": "stop marketing", "restriction": "restrict", "rectification": "rectify",
    "consent-withdrawal": "end consent",
}  # fmt: skip


def _told(facts: Facts) -> Iterator[str]:
    """Return who is asked, notified, or told by hand, by where the person's records are and are changed."""
    mine = {one["system"] for one in facts.of(attribution="subject") if one["planned"] != "not concerned"}
    erases = facts.right in {"erasure", "objection", "consent-withdrawal"}
    changed = {"erased", "redacted"} if erases else {"erased", "redacted", "restricted", "rectified"}
    done = {one["system"] for one in facts.records if one["planned"] in changed}
    for one in facts.register:
        if one["role"] != "controller" and mine & set(one["systems"]):
            yield f"- {one['name']} is asked to {_ASKED_TO[facts.right]}."
        if one["role"] == "controller" and done & set(one["systems"]):
            yield f"- {one['name']} gets a notice (Art. 19)."
    for system in done:
        if names := without_section(facts, system):
            yield f"- {listed(names)}, by hand: no section of the register tells them (Art. 19)."


_OF_NOTHING = {"objection": "L17", "consent-withdrawal": "L23"}
"""The letters of what is followed also where nothing is held."""
# fmt: off
_GATE = [
    Rule(r"\*\*Look at records? (?P<numbers>[\d, –]+):\*\* The configuration does not say which records of this system (?P<use>are kept for direct marketing alone|rest on consent alone); make sure that these (are|do) not, or decide that they are erased\.", _unstated),
    Rule(r"\*\*Look at records? (?P<numbers>[\d, –]+):\*\* Art\. 32 LOPDGDD has erased data blocked first, which this system cannot do; before you approve, see to a secure copy with dated evidence, or establish that none is needed\.", lambda at: at.country == "ES" and bool(named(at)) and {one["planned"] for one in named(at)} <= {"erased", "redacted"}),
    *SEARCH,
    exact("**The search found nothing.** If you approve, the person is told so (letter {T}).", lambda at: not at.records and all(at.done("locate", one) for one in at.systems) and at["T"] == _OF_NOTHING.get(at.right, "L8")),
    exact("How each system was searched:"), exact("**How each system was searched:**"),
    Rule("Check whether each identifier is spelt as the person spells it, .+"),
    exact("{opened_by} opened the request and cannot approve (four eyes)."), exact("**{case_id}** · {right} request · opened by {opened_by}"),
    Rule(rf"(Target date \*\*(?P<work>{DAY})\*\*, s|S)tatutory deadline (?P<due>{DAY})\. Dates as of {MOMENT}; the case sheet is current\.", lambda at: is_day("due_on")(at) and at["work"] in {"", at.short(at.work_to_on)}),
    Rule(r"The request gives: {T}\. The values are in the vault: .+", lambda at: kinds_of(Counter(kind for kind, _ in at.identifiers)) == set(at["T"].split(", "))),
    Rule("The person was asked .+ on .+; no answer is noted\\.", lambda at: at.clock),
    exact("Confirm that the requester is the person the data are about, and say what was done, when, and against which address or number that was on file before the request. Nothing is searched until identity is confirmed.", lambda at: not at.records and at.decision("identity") == {}),
    exact("**The package is ready. It holds:**", lambda at: at.done("assemble")), exact("| system | data | records | files beside them |"),
    Lines(_package_rows),
    Rule(r"{N} (record was gone from its system before it was|records were gone from the systems before they were) copied\.", lambda at: at.number() == len(at.of("gone"))),
    exact("Masked because they are other people's (Art. 15(4)): {T}.", lambda at: set(at["T"].split(", ")) == (kinds_of(at.masked) or {"nothing"})),
    Rule(r"\*\*{N} records? (is|are) unclear\*\* \((?P<numbers>[\d, –]+)\): no one is named there except by a number that several people used\. .+", _doubtful("number alone")),
    *(Rule(rf"\*\*{{N}} records? (carries|carry) {carried}\*\* \((?P<numbers>[\d, –]+)\)\. {_LEAVES}", _doubtful(doubt)) for doubt, carried in _CARRIED.items()),
    Rule(r"\*\*The plan for {N} records?:\*\*", lambda at: at.number() == len(at.records)),
    Rule(rf"- \*\*(?P<what>{'|'.join(_PLANNED)}): {{N}} records?\.\*\* {{T}}", _planned),
    Rule(r"- {N} records? \((?P<numbers>[\d, –]+)\): “{T}", _reason),
    exact("**Other processes depend on these records:**", lambda at: any(depending(at.facts))),
    Lines(lambda facts: (f"- {system}: {what}" for what, system in depending(facts))),
    exact("**What it means for the person, as letters say it:**", lambda at: meant(at.facts)), Lines(meant),
    exact("**Once you approve, others are told:**"), Lines(_told),
    exact("**To be done by hand at the systems, since they offer no other way:**"), Lines(_by_hand),
    exact("An approved erasure cannot be undone.", lambda at: at.right == "erasure" or _to_go(at.facts)),
]
# fmt: on


def _missing(text: str, facts: Facts) -> Iterator[str]:
    needed = list[str]()
    if facts.decision("identity") or any(facts.done("locate", one) for one in facts.systems):
        for system, about in facts.systems.items():
            needed += [f"- **{system}**, ", *(f"- Does not find: {limit}" for limit in about["cannot_find"])]
        if facts.right != "access" and "The plan for" in text:
            needed += [*(one for one in _told(facts) if "gets a notice" not in one), *_by_hand(facts)]
    yield from (f"gate: missing: {one}" for one in needed if one not in text)


def check(kind: str, text: str, file: Mapping[str, Any]) -> list[str]:
    return list(_check(kind, text, Facts(file)))


def _check(kind: str, text: str, facts: Facts) -> Iterator[str]:
    # A second letter of a kind is called L26.2.
    if rules := letters.LETTERS.get(kind.partition(".")[0]):
        yield from judge(lines_of(text), rules, facts, kind)
        yield from letters.missing(kind, text, facts)
    elif kind in package.RULES:
        lines = list(page_lines(text) if kind.endswith(".html") else package.text_lines(text))
        yield from judge(lines, package.RULES[kind], facts, kind)
        yield from package.missing(kind, "\n".join(line for _, line in lines), facts)
    elif kind == "package/paper.html":
        says_what_is_held = "A copy follows this letter." in text or "In the systems named below we found none" in text
        if not facts.on_paper or not says_what_is_held:
            yield f"{kind}: not so: a print of what was not asked by letter, or that is no answer"
    elif kind == "page":
        lines = list(page_lines(text))
        yield from judge(lines, evidence.RULES, facts, kind)
        yield from evidence.missing(lines, facts)
    elif kind in {"sheet", "gate"}:
        is_sheet = kind == "sheet"
        yield from (*letters.undone(facts), *untrue_of_case(facts), *sheet.untrue_tasks(facts)) if is_sheet else ()
        yield from judge(sheet.lines_of(text), sheet.SHEET if is_sheet else _GATE, facts, kind)
        yield from (sheet.missing if is_sheet else _missing)(text, facts)
    else:
        yield from _OTHERS[kind](text, facts)


_OTHERS = {
    "package/manifest.json": package.check_manifest, "package/data": package.check_data,
    "certificate": evidence.check_certificate, "dpv": evidence.check_export,
}  # fmt: skip
