"""The answers to an erasure (L10, L11): what became of records, what is still to be done, what processors proved (L20)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta

from proofs.answers.facts import KEPT, Facts, Place, Plain, Rule, counted, listed
from proofs.answers.letters_asking import ASKED, both, exact, kept_until, law, lines_of, of_what, read_day, received

FOR_A_TASK = ("retained", "restricted")


def promised(kind: str) -> Callable[[Place], bool]:
    """The days on which records are erased are those of open tasks of a kind, with their numbers."""

    def holds(at: Place) -> bool:
        facts, checks = at.facts, bool(at["check"])
        tasks = [one for one in facts.case["tasks"] if one["kind"] == kind and one["check_first"] == checks]
        wanted = Counter[tuple[str, str]]()
        for one in tasks:
            if one["done_on"] is None and one["kept_until"] and _is_due(one, facts, at.kind, checks=checks):
                wanted[one["due_on"], one["system"]] += one["records"]
        told = {
            (read_day(day["on"]).isoformat(), facts.system(system.strip())): int(count.replace(",", ""))
            for day in _DAY.finditer(at["days"])
            for system, count in re.findall(r"([^;(]+?), ([\d,]+) records?", day["what"])
        }
        is_policy = kind == "erase at end of retention by policy"
        # More may be noted after the letter; that each day of a kept record is told, is asked apart.
        return (
            bool(told)
            and told.items() <= wanted.items()
            and (not is_policy or facts.case["follow_up"]["approval"] == "automatic")
        )

    return holds


_DAY = re.compile(r"on (?P<on>\d+ [A-Z][a-z]+ \d{4}) \((?P<what>[^)]+)\)")


def _is_due(task: Plain, facts: Facts, letter: str, *, checks: bool) -> bool:
    """A task is of that many records, and comes the day after the last of them; no day has passed in the letter."""
    written = facts.date(facts.letter(letter)["written_at"])
    until, rule = date.fromisoformat(task["kept_until"]), facts.case["follow_up"]
    is_covered = rule["approval"] == "automatic" and rule["covers_conditions"]
    these = [
        one
        for one in facts.of(system=task["system"])
        if one["fate"] in FOR_A_TASK and one["until"] == until.isoformat()
    ]
    return (
        date.fromisoformat(task["due_on"]) == max(until + timedelta(days=1), written)
        and len(these) == task["records"]
        and checks == (any(one["ends_when"] for one in these) and not is_covered)
    )


def without_task(facts: Facts) -> bool:
    """Whether anything is kept that no task will erase."""
    noted = {(one["system"], one["kept_until"]) for one in facts.case["tasks"]}
    return any(
        one["fate"] in KEPT
        and (one["fate"] not in FOR_A_TASK or not one["until"] or (one["system"], one["until"]) not in noted)
        for one in facts.records
    )


def holds_file(at: Place) -> bool:
    """The file outlives its period while something is kept, unattributable records among it."""
    kept = at.facts.count(lambda one: one["fate"] in {*FOR_A_TASK, "unclear"}) > 0
    return bool(at["longer"]) == kept


def open_by_hand(facts: Facts) -> list[Plain]:
    """The manual steps that are not noted as done, but for recipients whom a person tells."""
    return [
        one
        for one in facts.case["tasks"]
        if one["kind"] == "manual step"
        and one["done_on"] is None
        and not re.match(r"Tell .+, or note why that is impossible", one["what"])
    ]


def says_open(at: Place) -> bool:
    """Where a person still has something to do, the first sentences say so."""
    return bool(at["hand"]) == bool(open_by_hand(at.facts))


def reaches(at: Place) -> bool:
    """Nothing is called carried out without more, while a person still has something to do."""
    return bool(at["far"]) == bool(open_by_hand(at.facts))


def _is_promised(facts: Facts, task: Plain, written: date) -> bool:
    """The day of the acknowledgement, or the day of the letter once that is over; or the end of a retention."""
    days = [facts.date(facts.case[name]) for name in ("work_to_on", "safe_due_on")]
    promised = min((one for one in days if one >= written <= days[1]), default=written)
    ends = {facts.date(one["until"]) + timedelta(days=1) for one in facts.records if one["until"]}
    return facts.date(task["due_on"]) in {promised, *ends}


def _still(at: Place) -> bool:
    """One of the open tasks, word for word, by a day that has not passed when the letter is written."""
    written = at.facts.date(at.facts.letter(at.kind)["written_at"])
    return any(
        (one["system"], one["what"], at.facts.day(one["due_on"])) == (at.facts.system(at["S"]), at["T"], at["D"])
        and at.facts.date(one["due_on"]) >= written
        and _is_promised(at.facts, one, written)
        for one in open_by_hand(at.facts)
    )


# fmt: off
BY_HAND = [
    exact("Our programs do not reach everything. The person responsible for your case does the following by hand, by the day named at the latest; each is noted as a task with its date, in these words:",
         lambda at: open_by_hand(at.facts), "WHAT IS STILL DONE BY HAND"),
    Rule("- {S}, by {D}: “{T}”", _still, ("WHAT IS STILL DONE BY HAND",)),
]
# fmt: on

_SECTION = "AT COMPANIES THAT WORK FOR US"
_KINDS = {
    "email": "e-mail address", "phone": "phone number", "customer_id": "customer number",
    "account_id": "account number",
}  # fmt: skip

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


# fmt: off
PROCESSORS = [
    Rule(r"We have not told {T} about the (?P<matter>erasure|restriction|rectification) yet\. We do so by {D:due} \(Art\. 19 {LAW}\)\.", both(_not_yet, _of_matter), ("WHO WAS TOLD",)),
    Rule(r"We could not tell {S} about the (?P<matter>erasure|restriction|rectification): it finds records by {T} only, and we know none that is yours alone\.", both(_untold, _of_matter), ("WHO WAS TOLD",)),
    Rule(r"We have told {T} about the (?P<matter>erasure|restriction|rectification) \(Art\. 19 {LAW}\)\.", both(_told, _of_matter), ("WHO WAS TOLD",)),
    Rule("- {T}", _is_a_line, (_SECTION,)),
    Rule(r"What is not proved yet we do not call (?P<word>erased|done)\. As soon as each of these companies has answered, we write to you again\.", lambda at: are_open(at.facts) and (at["word"] == "erased") == (at.facts.right == "erasure"), (_SECTION,)),
]
L20 = [
    Rule(r"On {D} you asked us (?:" + ASKED + r"|to erase your personal data)\.", lambda at: received(at) and (not at["what"] or of_what(at)) and _doubted(at.facts)),
    Rule(r"On {D} you asked us " + ASKED + r"\. Our answer of {D:answered} named companies that work for us and had not proved yet what they did\. This is what came of it:", both(of_what, _answered_since)),
    Rule(r"On {D} you asked us to erase your personal data\. Our answer of {D:answered} named companies that work for us and had not proved yet what they did\. This is what came of it:", _answered_since),
    exact("We told you what those named below had answered. Later that had to be doubted, and was checked again. This is how it stands now:", lambda at: at.facts.happened("ProcessorAnswerDoubted") or any("taken back" in str(one) for one in asked(at.facts))),
    Rule("- {T}", _is_a_line),
    exact("If nothing changes, this is our last message to you in this matter.", lambda at: at.facts.right != "rectification"),
]
# fmt: on


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


WHAT_BECAME = (
    "WHAT BECAME OF YOUR DATA", "RECORDS KEPT FOR DIRECT MARKETING", "RECORDS THAT RESTED ON YOUR CONSENT ALONE",
)  # fmt: skip
"""The headings under which the outcomes stand."""
DONE = {
    "erased": "erased", "cleared of your data; what is left of the record is not about you": "redacted",
    "erased as far as the system allows; a part stays there that leads back to you": "residue",
    "in which a code was put in the place of your identity": "pseudonymised",
    "kept and blocked for any other use": "restricted", "kept": "retained",
    "no longer there when we came to erase": "not held", "no longer there": "not held",
    "erased by the company that works for us, which has confirmed it": "delegated", "left unchanged": "unclear",
}  # fmt: skip


def _gone(facts: Facts) -> int:
    return facts.count(lambda one: one["fate"] in {"erased", "redacted", "residue", "pseudonymised", "delegated"})


def checked(at: Place) -> bool:
    """Everything that is called erased was seen to be gone, the last of it on that day."""
    looked = [one["verified_at"] for one in at.facts.records if one["verified_at"]]
    seen = all(one["verified"] == "absent" for one in at.facts.records if one["fate"] in {"erased", "redacted"})
    return bool(looked) and seen and at["checked"] == at.facts.day(max(looked))


def _erased_whole(at: Place) -> bool:
    kept = at.facts.count(lambda one: one["fate"] in KEPT or one["fate"] in {"failed", "found", "seen"})
    return received(at) and not kept and _gone(at.facts) > 0 and (not at["checked"] or checked(at))


def _erased_in_part(at: Place) -> bool:
    kept = at.facts.count(lambda one: one["fate"] in KEPT)
    failed = at.facts.count(lambda one: one["fate"] in {"failed", "found", "seen"})
    return received(at) and kept > 0 and _gone(at.facts) > 0 and not failed and (not at["checked"] or checked(at))


def _nothing_erased(at: Place) -> bool:
    return received(at) and _gone(at.facts) == 0 and at.facts.count(lambda one: one["fate"] in KEPT) > 0


def _none_was_there(at: Place) -> bool:
    return received(at) and all(one["fate"] == "not held" for one in at.facts.records)


def _above(at: Place) -> str:
    """The system under whose name a line of outcomes stands."""
    return next((one for line in reversed(at.before) if (one := at.facts.system(line))), "")


def _outcome(at: Place) -> bool:
    """The line is one of those into which the records of its fate are split by their reasons."""
    fate, reason = DONE[at["what"]], at["reason"].strip()
    these = [
        one
        for one in at.facts.of(system=_above(at), category=at["T"], fate=fate)
        if fate in KEPT or one["reason"] == reason
    ]
    # What is kept is one line here; what is gone is split by its reasons.
    return at.number() == len(these) if fate in KEPT else 0 < at.number() <= len(these)


def _why(at: Place) -> bool:
    """One line for each category and reason, with the number, the provision and every end of its records."""
    facts, text = at.facts, at["T"]
    system = facts.system(at["S"])
    these = [one for one in facts.of(system=system, category=at["what"]) if one["fate"] in KEPT]
    these = [one for one in these if text.startswith(one["reason"])]
    for basis in {one["legal_basis"] for one in these}:
        alike = [one for one in these if one["legal_basis"] == basis]
        for outcome in sorted({one["outcome"] for one in alike}):
            # Of two outcomes with one reason each has its line, for instance what is retained and what is a residue.
            some = [one for one in alike if one["outcome"] == outcome]
            restricted = outcome == "restricted"
            if len(some) == at.number() and bool(at["restricted"]) is restricted and _ends(facts, some, text, basis):
                return True
    return False


def _ends(facts: Facts, these: Sequence[Plain], text: str, basis: str) -> bool:
    if (basis and basis not in text) or ("until the date given" in text and not all(one["until"] for one in these)):
        return False
    due = f"No exception; the erasure is due (Art. 17(1) {facts.law}) as soon as the system allows it"
    if not basis and any(one["fate"] in {"retained", "residue"} for one in these) and due not in text:
        return False
    named = re.findall(r"\d{1,2} [A-Z][a-z]+ \d{4}", text.partition("Kept until")[2])
    wanted = {facts.day(one["until"]) for one in these if one["until"]}
    events = {_event(one) for one in these if one["ends_when"]}
    return set(named) == wanted and all(one in text for one in events)


def _event(one: Plain) -> str:
    """What ends the keeping: the words of the decision on the record where there is one, else those of the rule."""
    decided = one.get("decided") or {}
    return str(decided.get("ends_when") or one["ends_when"])


def _residue(at: Place) -> bool:
    system = at.facts.system(at["S"])
    kinds = at.facts.case["systems"][system]["kinds"]
    done = {one["kind"] for one in at.facts.of(system=system) if one["outcome"] in {"erased", "redacted", "residue"}}
    return any(kinds[kind]["residue"] == at["T"] for kind in done)


def _backups(at: Place) -> bool:
    """The system's back-ups are configured, and the last day counts from the last erasure there."""
    facts, system = at.facts, at.facts.system(at["S"])
    days, contents = facts.case["systems"][system]["backups"]
    done = [one for one in facts.of(system=system) if one["outcome"] in {"erased", "redacted", "residue"}]
    if not done or at["what"] != contents:
        return False
    if not at["until"]:
        return days is None
    last = max(facts.date(one["acted_at"]) for one in done)
    return bool(days) and read_day(at["until"]) == last + timedelta(days=days)


def _of_request(at: Place) -> bool:
    return bool((at["matter"] == "erasure") == (at.facts.right == "erasure"))


def _of_what_is_erased(at: Place) -> bool:
    """Only what can erase something speaks of erased contents."""
    return bool(at["erased"]) == (at.facts.right not in {"restriction", "rectification"})


def says_elsewhere(at: Place) -> bool:
    """Where it is not proved at every processor, the first sentences say so."""
    return bool(at["elsewhere"]) == ours_alone(at.facts)


def _is_ours(at: Place) -> bool:
    """Nothing is called carried out without more, while it is not proved at every processor."""
    return bool(at["ours"]) == ours_alone(at.facts)


_OURS = "(?P<ours> in our own systems)?"
_HAND = (
    r"(?P<hand> The remaining manual steps are listed below\.)?"
    r"(?P<elsewhere> The companies that work for us are listed below, with the status at each\.)?"
)
# fmt: off
_L10 = [
    Rule(r"On {D} you asked us to erase your personal data\. We have carried this out" + _OURS + r"(?P<far> as far as our programs reach)?(?: and checked the result on {D:checked})?\." + _HAND,
         both(_erased_whole, reaches, says_open, _is_ours, says_elsewhere)),
    Rule(r"On {D} you asked us to erase your personal data\. What we had found was no longer there when we came to erase it\." + _HAND, both(_none_was_there, says_open, says_elsewhere)),
]
_IN_PART = [
    Rule(r"On {D} you asked us to erase your personal data\. We have carried this out in part" + _OURS + r"(?: and checked the result on {D:checked})?\. A part stays for now; below you find which part, and why\." + _HAND,
         both(_erased_in_part, says_open, _is_ours, says_elsewhere)),
    Rule(r"On {D} you asked us to erase your personal data\. We could not erase what we found: it stays for now; below you find why\." + _HAND, both(_nothing_erased, says_open, says_elsewhere)),
]
KEEPING = [
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?(?P<restricted>, restricted to being stored \(Art\. 18\(2\) (?:UK )?GDPR\))?: {T}", _why, ("WHAT WE KEEP",)),
    exact("When the period has ended:", lambda at: any(one["kept_until"] for one in at.facts.case["tasks"])),
    exact("Each of these days is noted as a task.", lambda at: any(one["kept_until"] for one in at.facts.case["tasks"])),
    Rule(r"- The person responsible for your case erases the records by hand(?P<check>, unless they have to be kept longer)?: (?P<days>.+)\.", promised("erase at end of retention"), ("WHAT WE KEEP",)),
    Rule(r"- Our software reads the records afresh, erases them once a person has approved it(?P<check> and has checked that they need not be kept longer)?, and checks that they are gone: (?P<days>.+)\.",
         promised("approve erasure at end of retention"), ("WHAT WE KEEP",)),
    Rule(r"- Our software erases the records and checks that they are gone(?P<check>): (?P<days>.+)\.", promised("erase at end of retention by policy"), ("WHAT WE KEEP",)),
    Rule("As soon as the reason for keeping the (?P<other>other )?records no longer holds, you can ask us to erase them as well\\.",
         lambda at: without_task(at.facts) and bool(at["other"]) == any(one["kept_until"] for one in at.facts.case["tasks"]), ("WHAT WE KEEP",)),
]
CARRIED_OUT = [
    Rule("{S}", lambda at: at.facts.system(at["S"]) != "", WHAT_BECAME),
    Rule(rf"- {{T}}: {{N}} records? (?P<what>{'|'.join(re.escape(one) for one in sorted(DONE, key=len, reverse=True))})(?: \(why: below\))?\." "(?P<reason>.*)", _outcome, WHAT_BECAME),
    Rule(r"- A record of this (?P<matter>erasure|request): your request, this answer, and what was done where and when(?P<erased>, without the erased contents)?\. We keep it until {D}(?P<longer>, and longer while records of this request are kept and until their erasure is checked,)? to prove what we did and when \(Art\. 5\(2\) {LAW}\)\.",
         both(kept_until, law, holds_file, _of_request, _of_what_is_erased)),
    Rule(r"- {S}: Back-ups of it still hold what was erased, until {D:until} at the latest\.(?: They hold (?P<what>.+)\.)?", _backups, ("WHAT ELSE STAYS",)),
    Rule(r"- {S}: If there are back-ups of it, they may still hold what was erased\. Until when is not known to us\.(?: They hold (?P<what>.+)\.)?(?P<until>)", _backups, ("WHAT ELSE STAYS",)),
    Rule("- {S}: (?!Back-ups of it|If there are back-ups){T}", _residue, ("WHAT ELSE STAYS",)),
    exact("- What was erased can no longer be looked up in our systems, by you or by us.", lambda at: at.facts.count(lambda one: one["fate"] in {"erased", "redacted"}) > 0),
    exact("- An account or customer record of yours was erased. You can no longer sign in with it, and we no longer know you as a customer.", lambda at: at.facts.count(lambda one: one["fate"] in {"erased", "redacted"} and one["kind"] == "profile") > 0),
    exact("If nothing changes, this is our last message to you in this matter.", lambda at: not are_open(at.facts) and not (at.facts.right == "rectification" and open_by_hand(at.facts))),
]
# fmt: on

L10 = [*_L10, *BY_HAND, *PROCESSORS, *CARRIED_OUT]
L11 = [*_IN_PART, *KEEPING, *BY_HAND, *PROCESSORS, *CARRIED_OUT]


def totals(name: str, body: str, facts: Facts) -> Iterator[str]:
    """The numbers of the outcomes and of what is kept, which have to be those of the case."""
    yield from unnamed(name, body, facts)
    for one in open_by_hand(facts):
        if f"- {facts.title(one['system'])}, by {facts.day(one['due_on'])}: “{one['what']}”" not in body:
            yield f"{name}: missing: task {one['number']}"
    told: Counter[tuple[str, str, str]] = Counter()
    system = ""
    words = "|".join(re.escape(one) for one in sorted(DONE, key=len, reverse=True))
    for section, line in lines_of(body):
        if section == "WHAT BECAME OF YOUR DATA, SYSTEM BY SYSTEM":
            system = facts.system(line) or system
            if found := re.fullmatch(rf"- (.+): ([\d,]+) records? ({words})(?: \(why: below\))?\..*", line):
                told[system, found[1], DONE[found[3]]] += int(found[2].replace(",", ""))
    if told != facts.fates:
        yield f"{name}: another number of records than in the case file"
    kept = sum(int(one) for one in re.findall(r"^- .+? \(.+?\), (\d+) records?", body, re.MULTILINE))
    if name == "L11" and kept != facts.count(lambda one: one["fate"] in KEPT):
        yield f"{name}: another number of kept records than in the case file"
