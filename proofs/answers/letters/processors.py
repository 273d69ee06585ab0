"""What the letters say of processors: by their instructions and answers alone."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date

from proofs.answers.facts import Facts, Plain, counted, listed
from proofs.answers.letters.afterwards import open_by_hand
from proofs.answers.letters.frame import ASKED, both, exact, law, of_what, read_day, received
from proofs.answers.rules import Place, Rule

_SECTION = "AT COMPANIES THAT WORK FOR US"
_KINDS = {
    "email": "e-mail address",
    "phone": "phone number",
    "customer_id": "customer number",
    "account_id": "account number",
}


_DONE = {
    "erase": "has erased what it held of you for us",
    "stop marketing": "uses nothing of you for our direct marketing any more",
    "restrict": "only stores what it holds of you for us",
    "rectify": "has corrected what it holds of you for us",
    "end consent": "has ended what rested on your consent",
}
_TO_DO = {
    "erase": "erase what it holds of you for us",
    "stop marketing": "use nothing of you for our direct marketing any more",
    "restrict": "store what it holds of you for us without using it",
    "rectify": "correct what it holds of you for us",
    "end consent": "end what rests on your consent",
}


def standing(one: Plain) -> str:
    """The state of an instruction: proved, cannot, not asked, or open."""
    if not one["told"]:
        return "not asked"
    last = one["answers"][-1] if one["answers"] else {"answer": ""}
    if last["answer"] == "cannot":
        return "cannot"
    if last["answer"] not in {"done", "nothing held"}:
        return "open"
    return "proved" if last["is_checked"] or not last["is_doubtful"] else "to be checked"


def asked(facts: Facts) -> list[Plain]:
    """The instructions, without the notices to controllers of their own."""
    return [one for one in facts.case["instructions"] if not one["is_notice"]]


def are_open(facts: Facts) -> bool:
    """Whether a processor has still to prove what it did."""
    return any(standing(one) in {"open", "to be checked"} for one in asked(facts))


def ours_alone(facts: Facts) -> bool:
    """Whether it is not proved at every processor."""
    return any(standing(one) != "proved" for one in asked(facts))


def line_of(one: Plain, facts: Facts) -> str:
    """The line that belongs to an instruction."""
    name, last = one["name"], one["answers"][-1] if one["answers"] else {}
    match standing(one):
        case "proved" if last["answer"] == "nothing held" or last["records"] == 0:
            return f"- {name}: confirmed on {facts.day(last['on'])} that it holds nothing of you for us."
        case "proved":
            number = f" ({counted(last['records'], 'record')})" if last["records"] else ""
            return f"- {name}: confirmed on {facts.day(last['on'])} that it {_DONE[one['action']]}{number}."
        case "cannot":
            return f"- {name}: told us on {facts.day(last['on'])} that it cannot {_TO_DO[one['action']]}: {one['note']}"
        case "not asked":
            kinds = listed([_KINDS[kind] for kind in one["finds_by"]])
            return f"- {name}: it finds records by {kinds} only. We know none that is yours alone, so we could not have it {'erase anything' if one['action'] == 'erase' else _TO_DO[one['action']]}."
        case "to be checked":
            return f"- {name}: it answered on {facts.day(last['on'])}, and we check that answer before we rely on it."
        case _:
            has = "had" if one["due_on"] < facts.case["today"] else "has"
            return (
                f"- {name}: it {has} to {_TO_DO[one['action']]} and to prove that by {facts.day(one['due_on'])}. "
                "It has not proved it yet."
            )


def _doubted(facts: Facts) -> list[Plain]:
    """Those whose word had to be doubted since, as what they had proved to be erased was there again."""
    return [one for one in asked(facts) if "back" in one["doubts"]]


def _is_a_line(at: Place) -> bool:
    return f"- {at['T']}" in {line_of(one, at.facts) for one in asked(at.facts)}


def _answered_since(at: Place) -> bool:
    """Some were named as open in the answer of that day, and none is open any more."""
    facts = at.facts
    answers = (facts.letter(name) for name in ("L10", "L11", "L17", "L22", "L23", "L25"))
    answer = next(one for one in answers if one)
    promised = any(one["is_promised"] for one in asked(facts))
    day = facts.day(answer["written_at"])
    return bool(received(at) and promised and not are_open(facts) and at["answered"] == day)


def _told(at: Place) -> bool:
    """All who answer for themselves and were told, and no one else."""
    told = [one["name"] for one in at.facts.case["instructions"] if one["is_notice"] and one["is_sent"]]
    return bool(told) and at["T"] == listed(told) and law(at)


def _of_matter(at: Place) -> bool:
    return bool(at["matter"] == (at.facts.right if at.facts.right in {"restriction", "rectification"} else "erasure"))


def _untold(at: Place) -> bool:
    """One who answers for itself, of whom nothing is known by which it finds the person."""
    return any(
        one["name"] == at["S"] and at["T"] == listed([_KINDS[kind] for kind in one["finds_by"]])
        for one in at.facts.case["instructions"]
        if one["is_notice"] and not one["told"]
    )


def to_tell(facts: Facts) -> list[Plain]:
    """The open tasks by which a person tells a recipient that no section of the register tells."""
    return [one for one in facts.case["tasks"] if re.match(r"Tell .+, or note why that is impossible", one["what"])]


def _not_yet(at: Place) -> bool:
    """A notice that is not sent, or a person's task, and its day; no day is named that has passed."""
    facts, due = at.facts, read_day(at["due"])
    written = next((facts.date(one["written_at"]) for one in facts.case["letters"] if one["id"] == at.kind), due)
    notices = [(one["name"], one["due_on"]) for one in facts.case["instructions"] if one["is_notice"] and one["told"]]
    tasks = [(one["what"][len("Tell ") :].partition(" of the ")[0], one["due_on"]) for one in to_tell(facts)]
    days = [date.fromisoformat(on) for name, on in (*notices, *tasks) if name == at["T"]]
    return bool(days) and due == max(*days, written) and law(at)


PROCESSORS = [
    Rule(
        r"We have not told {T} about the (?P<matter>erasure|restriction|rectification) yet\. We do so by {D:due} \(Art\. 19 {LAW}\)\.",
        both(_not_yet, _of_matter),
        ("WHO WAS TOLD",),
    ),
    Rule(
        r"We could not tell {S} about the (?P<matter>erasure|restriction|rectification): it finds records by {T} only, and we know none that is yours alone\.",
        both(_untold, _of_matter),
        ("WHO WAS TOLD",),
    ),
    Rule(
        r"We have told {T} about the (?P<matter>erasure|restriction|rectification) \(Art\. 19 {LAW}\)\.",
        both(_told, _of_matter),
        ("WHO WAS TOLD",),
    ),
    Rule("- {T}", _is_a_line, (_SECTION,)),
    Rule(
        r"What is not proved yet we do not call (?P<word>erased|done)\. As soon as each of these companies has answered, we write to you again\.",
        lambda at: are_open(at.facts) and (at["word"] == "erased") == (at.facts.right == "erasure"),
        (_SECTION,),
    ),
]
L20 = [
    Rule(
        r"On {D} you asked us (?:" + ASKED + r"|to erase your personal data)\.",
        lambda at: received(at) and (not at["what"] or of_what(at)) and _doubted(at.facts),
    ),
    Rule(
        r"On {D} you asked us "
        + ASKED
        + r"\. Our answer of {D:answered} named companies that work for us and had not proved yet what they did\. "
        "This is what came of it:",
        both(of_what, _answered_since),
    ),
    Rule(
        r"On {D} you asked us to erase your personal data\. Our answer of {D:answered} named companies that work for us and had not proved yet "
        r"what they did\. This is what came of it:",
        _answered_since,
    ),
    exact(
        "We told you what those named below had answered. Later that had to be doubted, and was checked again. This is how it stands now:",
        lambda at: (
            at.facts.happened("ProcessorAnswerDoubted") or any("taken back" in str(one) for one in asked(at.facts))
        ),
    ),
    Rule("- {T}", _is_a_line),
    exact(
        "If nothing changes, this is our last message to you in this matter.",
        lambda at: at.facts.right != "rectification",
    ),
]


def unnamed(name: str, body: str, facts: Facts) -> Iterator[str]:
    """The processors and recipients that a letter leaves out; the second one has those that the answer named as open, or were doubted."""
    for one in asked(facts):
        is_due = not name.startswith("L20") or (name == "L20" and one["is_promised"]) or one in _doubted(facts)
        if is_due and line_of(one, facts) not in body:
            yield f"{name}: missing: processor {one['number']}"
    untold = [one["name"] for one in facts.case["instructions"] if one["is_notice"] and one["told"]]
    if not name.startswith("L20"):
        for each in (*untold, *(one["what"][len("Tell ") :].partition(" of the ")[0] for one in to_tell(facts))):
            if each not in body:
                yield f"{name}: missing: the recipient {each}"
    last = "If nothing changes, this is our last message"
    follows = are_open(facts) or (facts.right == "rectification" and bool(open_by_hand(facts)))
    if not name.startswith("L20") and follows == (last in body):
        yield f"{name}: the last message, or not, against what is open at a processor"
