"""The gates' forms, and the checker: it knows the case file as plain data and the texts, and nothing of the code that words them."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from proofs.answers import evidence, letters, package, sheet
from proofs.answers.facts import Facts, Place, Rule, judge, listed, page_lines
from proofs.answers.letters import meant, undone
from proofs.answers.letters_asking import Check, exact, lines_of
from proofs.answers.letters_ending import unjoined, untold
from proofs.answers.package import given
from proofs.answers.sheet import DAY, MOMENT, RECORDS, SEARCH, WORDS, kinds, numbers, untrue_tasks

_PLANNED = {
    "Erase": "erased", "Remove only the person's part": "redacted", "Keep": "retained", "Restrict": "restricted",
    "Correct": "rectified", "Leave, a person looks at it": "not rectified",
    "Out of scope, no change": "not concerned", "Leave, not attributable": "not held",
}  # fmt: skip


def _gives(at: Place) -> bool:
    told = Counter(WORDS[kind] for kind, _ in at.facts.case["identifiers"])
    return kinds(told) == set(at["T"].split(", "))


def _planned(at: Place) -> bool:
    these = at.facts.of(planned=_PLANNED[at["what"]])
    by = Counter((one["system"], one["category"]) for one in these)
    return at.number() == len(these) and all(
        f"{category} ({number:,})" in at["T"] for (_, category), number in by.items()
    )


def _reason(at: Place) -> bool:
    these = [one for one in at.facts.records if one["reason"] and at["T"].startswith(f"{one['reason']}”")]
    for basis in {one["legal_basis"] for one in these}:
        alike = [one for one in these if one["legal_basis"] == basis]
        if at.number() == len(alike) and basis in at["T"]:
            days = sorted({one["until"] for one in alike if one["until"]})
            return not days or all(f"{at.facts.date(one):%d %b %Y}" in at["T"] for one in (days[0], days[-1]))
    return False


def _package_row(at: Place) -> bool:
    records, files = given(at.facts)[at["system"]][at["what"]]
    return (at.number(), at["files"]) == (records, str(files) if files else "–")


def _doubtful(doubt: str) -> Check:
    """As many records as are in that doubt, and they alone, by their numbers."""
    return lambda at: (
        bool(at["left"]) <= (at.facts.right == "access")
        and len(these := at.facts.of(attribution="unclear", doubt=doubt)) == at.number()
        and {one["number"] for one in these} == numbers(at["numbers"])
    )


_ALONE = r"unless each is decided on by its number: look at it, and write `erase` if it is the person's"
_TAKE_IN = r"If one is the person's, look at it and take it in before the release, at the desk or with `rightsflow case take-in`"
_NEVER = r"If they are the person's, ask for what they carry and open a request with it"
_DOUBTS = {
    "unconfirmed number": r"nothing but a customer number that none of the person's other records bears",
    "another identifier": r"a number of the person, and another address or customer number than is known",
    "another name": r"an address or a number of the person, and another name than is known",
    "another date of birth": (
        r"an address or a number of the person, and a date of birth that is not the known one or differs between records"
    ),
    "namesake": r"a name like the person's and an address or a number that a namesake may use as well",
    "shared mailbox": r"an address of the person that others seem to use, and nothing that shows whose it is",
    "another person": r"the person's number and an address or id that the request does not name",
}


def _in_doubt() -> Iterator[Rule]:
    for doubt, carried in _DOUBTS.items():
        yield Rule(
            rf"\*\*{{N}} records? (carries|carry) {carried}\*\* \((?P<numbers>[\d, –]+)\)\. "
            rf"Such records are (not touched( {_ALONE}|\. {_NEVER})|(?P<left>left out)\. {_TAKE_IN})\.",
            _doubtful(doubt),
        )


def _masked(at: Place) -> bool:
    told = kinds({WORDS[kind]: number for kind, number in at.facts.masked.items()}) or {"nothing"}
    return set(at["T"].split(", ")) == told


def _by_hand(at: Place) -> bool:
    """A step that the system's connector declares for a kind of which there are records."""
    kinds = at.facts.case["systems"][at["system"]]["kinds"]
    return any(kinds[one["kind"]]["by_hand"] == at["T"] for one in _to_go(at.facts) if one["system"] == at["system"])


def _to_go(facts: Facts) -> list[dict[str, Any]]:
    """The records that an erasure is about, or of another right those that are planned to go."""
    gone = [*facts.of(planned="erased"), *facts.of(planned="redacted")]
    return facts.records if facts.right == "erasure" else gone


def _unstated(at: Place) -> bool:
    """Records that are left since their system says nothing of that use, and all of them that are the person's."""
    use = {"are kept for direct marketing alone": "marketing", "rest on consent alone": "consent"}[at["use"]]
    said = numbers(at["numbers"])
    of_right = {"objection": "marketing", "consent-withdrawal": "consent"}
    return (
        bool(said)
        and of_right.get(at.facts.right) == use
        and all(
            at.facts.case["systems"][one["system"]]["uses"][use] is None and one["planned"] == "not concerned"
            for one in at.facts.records
            if one["number"] in said
        )
    )


def _has_to_block(at: Place) -> bool:
    """In Spain what is erased is blocked before; of these records a program cannot do that, and they are planned to go."""
    these = [one for one in at.facts.records if one["number"] in numbers(at["numbers"])]
    return (
        at.facts.case["country"] == "ES" and bool(these) and {one["planned"] for one in these} <= {"erased", "redacted"}
    )


_RUNS_ON = {
    "running contract": "active contract", "open order": "open order", "open invoice": "open invoice",
    "disputed payment": "open dispute", "mandate for collecting money": "mandate",
    "ticket that is not solved": "open ticket", "purchase under warranty": "warranty",
}  # fmt: skip


def _runs_on(at: Place) -> bool:
    """What depends on the person's own records at one system, and on how many."""
    words = at["what"] if at.number() == 1 else _SINGULAR.get(at["what"], "")
    mine = at.facts.of(attribution="subject", system=at["system"])
    return at.number() == sum(_RUNS_ON[words] in one["facts"] for one in mine) > 0


_SINGULAR = {
    "running contracts": "running contract", "open orders": "open order", "open invoices": "open invoice",
    "disputed payments": "disputed payment", "mandates for collecting money": "mandate for collecting money",
    "tickets that are not solved": "ticket that is not solved", "purchases under warranty": "purchase under warranty",
}  # fmt: skip

_ASKED_TO = {
    "erasure": "erase", "objection": "stop marketing", "restriction": "restrict", "rectification": "rectify",
    "consent-withdrawal": "end consent",
}  # fmt: skip


def _processors(facts: Facts) -> set[str]:
    """The companies that are instructed: those that work where records of the person were found."""
    mine = {one["system"] for one in facts.of(attribution="subject") if one["planned"] != "not concerned"}
    return {one["name"] for one in facts.case["register"] if one["role"] != "controller" and mine & set(one["systems"])}


def _systems_told_of(facts: Facts) -> set[str]:
    """The systems in which something is done of which recipients are told."""
    erases = facts.right in {"erasure", "objection", "consent-withdrawal"}
    wanted = {"erased", "redacted", *(() if erases else ("restricted", "rectified"))}
    return {one["system"] for one in facts.records if one["planned"] in wanted}


def _gets_notice(at: Place) -> bool:
    done = _systems_told_of(at.facts)
    return any(
        one["name"] == at["T"] and one["role"] == "controller" and done & set(one["systems"])
        for one in at.facts.case["register"]
    )


def _without_section(facts: Facts, system: str) -> list[str]:
    working = [one["name"] for one in facts.case["register"] if system in one["systems"]]
    named = facts.case["systems"][system]["recipients"]
    return [
        one
        for one in named
        if "(" not in one and not any(one == name or one.startswith(f"{name} (") for name in working)
    ]


def _told_by_hand(at: Place) -> bool:
    return any(listed(_without_section(at.facts, one)) == at["T"] for one in _systems_told_of(at.facts))


_OF_NOTHING = {"objection": "L17", "consent-withdrawal": "L23"}
"""The letters of what is followed also where nothing is held."""
# fmt: off
GATE = [
    Rule(r"\*\*Look at records? (?P<numbers>[\d, –]+):\*\* The configuration does not say which records of this system (?P<use>are kept for direct marketing alone|rest on consent alone); make sure that these (are|do) not, or decide that they are erased\.",
         _unstated),
    Rule(r"\*\*Look at records? (?P<numbers>[\d, –]+):\*\* Art\. 32 LOPDGDD has erased data blocked first, which this system cannot do; before you approve, see to a secure copy with dated evidence, or establish that none is needed\.", _has_to_block),
    *SEARCH,
    *RECORDS,
    Rule(r"\*\*The search found nothing\.\*\* If you approve, the person is told so \(letter (?P<letter>L\d+)\)\.",
         lambda at: not at.facts.records and all(at.facts.done("locate", one) for one in at.facts.case["systems"]) and at["letter"] == _OF_NOTHING.get(at.facts.right, "L8")),
    exact("How each system was searched:"),
    exact("**How each system was searched:**"),
    Rule("Check whether each identifier is spelt as the person spells it, .+"),
    Rule(r"{T} opened the request and cannot approve \(four eyes\)\.", lambda at: at["T"] == at.facts.case["opened_by"]),
    Rule(r"\*\*{T:case}\*\* · (?P<right>[a-z-]+) request · opened by {T}", lambda at: at["right"] == at.facts.right and at["T"] == at.facts.case["opened_by"]),
    Rule(rf"(Target date \*\*(?P<work>{DAY})\*\*, s|S)tatutory deadline (?P<due>{DAY})\. Dates as of {MOMENT}; the case sheet is current\.",
         lambda at: at["due"] == at.facts.short(at.facts.case["due_on"]) and at["work"] in {"", at.facts.short(at.facts.case["work_to_on"])}),
    Rule(r"The request gives: {T}\. The values are in the vault: .+", _gives),
    Rule("The person was asked .+ on .+; no answer is noted\\.", lambda at: at.facts.case["clock"]),
    Rule(r"Confirm that the requester is the person the data are about, and say what was done, when, and against which address or number that was on file before the request\. Nothing is searched until identity is confirmed\.",
         lambda at: not at.facts.records and at.facts.decision("identity") == {}),
    Rule(r"\*\*The package is ready\. It holds:\*\*", lambda at: at.facts.done("assemble")),
    Rule(r"\| system \| data \| records \| files beside them \|"),
    Rule(r"\|[-|:]+\|"),
    Rule(r"\| (?P<system>[a-z-]+) \| (?P<what>[^|]+) \| {N} \| (?P<files>[^|]+) \|", _package_row),
    Rule(r"{N} (record was gone from its system before it was|records were gone from the systems before they were) copied\.", lambda at: at.number() == len(at.facts.of(fate="gone"))),
    Rule(r"Masked because they are other people's \(Art\. 15\(4\)\): {T}\.", _masked),
    Rule(r"\*\*{N} records? (is|are) unclear\*\* \((?P<numbers>[\d, –]+)\): no one is named there except by a number that several people used\. .+", _doubtful("number alone")),
    *_in_doubt(),
    Rule(r"\*\*The plan for {N} records?:\*\*", lambda at: at.number() == len(at.facts.records)),
    Rule(rf"- \*\*(?P<what>{'|'.join(_PLANNED)}): {{N}} records?\.\*\* {{T}}", _planned),
    Rule(r"- {N} records? \((?P<numbers>[\d, –]+)\): “{T}", lambda at: _reason(at) and len(numbers(at["numbers"])) == at.number()),
    exact("**Other processes depend on these records:**", lambda at: any(set(one["facts"]) & set(_RUNS_ON.values()) for one in at.facts.of(attribution="subject"))),
    Rule(f"- (?P<system>[a-z-]+): {{N}} (?P<what>{'|'.join((*_RUNS_ON, *_SINGULAR))})", _runs_on),
    exact("**What it means for the person, as letters say it:**", lambda at: meant(at.facts)),
    Rule("- {T}", lambda at: at["T"] in meant(at.facts)),
    exact("**Once you approve, others are told:**"),
    Rule(r"- {T} is asked to (?P<action>[a-z ]+)\.", lambda at: at["T"] in _processors(at.facts) and at["action"] == _ASKED_TO[at.facts.right]),
    Rule(r"- {T} gets a notice \(Art\. 19\)\.", _gets_notice),
    Rule(r"- {T}, by hand: no section of the register tells them \(Art\. 19\)\.", _told_by_hand),
    exact("**To be done by hand at the systems, since they offer no other way:**"),
    Rule("- (?P<system>[a-z-]+): {T}", _by_hand),
    exact("An approved erasure cannot be undone.", lambda at: at.facts.right == "erasure" or at.facts.of(planned="erased") or at.facts.of(planned="redacted")),
]
# fmt: on


def missing(text: str, facts: Facts) -> Iterator[str]:
    """What a form lacks: how each system was searched and, before an erasure, each step that a person does by hand."""
    if not facts.decision("identity") and not any(facts.done("locate", one) for one in facts.case["systems"]):
        return
    for system, about in facts.case["systems"].items():
        needed = [f"- **{system}**, ", *(f"- Does not find: {limit}" for limit in about["cannot_find"])]
        yield from (f"gate: missing: {one}" for one in needed if one not in text)
    if facts.right == "access" or "The plan for" not in text:
        return
    for name in _processors(facts):
        if f"- {name} is asked to " not in text:
            yield f"gate: missing: {name}"
    for system in _systems_told_of(facts):
        if (names := _without_section(facts, system)) and listed(names) not in text:
            yield f"gate: missing: recipients of {system}"
    for one in _to_go(facts):
        step = facts.case["systems"][one["system"]]["kinds"][one["kind"]]["by_hand"]
        if step and f"- {one['system']}: {step}" not in text:
            yield f"gate: missing: {step}"


def check(kind: str, text: str, file: Mapping[str, Any]) -> list[str]:
    """What is wrong with one text: unproved sentences, contradictions, missing content."""
    return list(_check(kind, text, Facts(file)))


def _check(kind: str, text: str, facts: Facts) -> Iterator[str]:
    # A second letter of a kind is called L26.2.
    if (letter := kind.partition(".")[0]) in letters.LETTERS:
        yield from judge(lines_of(text), letters.LETTERS[letter], facts, kind)
        yield from letters.missing(kind, text, facts)
    elif kind in package.RULES:
        is_page = kind.endswith(".html")
        lines = list(page_lines(text) if is_page else package.text_lines(text))
        yield from judge(lines, package.RULES[kind], facts, kind)
        yield from package.missing(kind, "\n".join(line for _, line in lines), facts)
    elif kind == "package/paper.html":
        says_what_is_held = "A copy follows this letter." in text or "In the systems named below we found none" in text
        if not facts.on_paper or not says_what_is_held:
            yield f"{kind}: not so: a print of what was not asked by letter, or that is no answer"
    elif kind == "package/manifest.json":
        yield from package.check_manifest(text, facts)
    elif kind == "package/data":
        yield from package.check_data(text, facts)
    elif kind == "page":
        lines = list(page_lines(text))
        yield from judge(lines, evidence.RULES, facts, kind)
        yield from evidence.missing(lines, facts)
    elif kind == "sheet":
        yield from undone(facts)
        yield from untold(facts)
        yield from unjoined(facts)
        yield from untrue_tasks(facts)
        yield from judge(sheet.lines_of(text), sheet.SHEET, facts, kind)
        yield from sheet.missing(text, facts)
    elif kind == "gate":
        yield from judge(sheet.lines_of(text), GATE, facts, kind)
        yield from missing(text, facts)
    elif kind == "certificate":
        yield from evidence.check_certificate(text, facts)
    elif kind == "dpv":
        yield from evidence.check_export(text, facts)
    else:
        yield f"{kind}: nothing judges this"
