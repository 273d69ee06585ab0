"""The sentences of the answers to an erasure request (L10, L11), and their numbers."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import timedelta

from proofs.answers.facts import KEPT, Facts, Plain
from proofs.answers.letters.afterwards import (
    BY_HAND,
    holds_file,
    open_by_hand,
    promised,
    reaches,
    says_open,
    without_task,
)
from proofs.answers.letters.frame import both, exact, kept_until, law, lines_of, read_day, received
from proofs.answers.letters.processors import PROCESSORS, are_open, ours_alone, unnamed
from proofs.answers.rules import Place, Rule

WHAT_BECAME = (
    "WHAT BECAME OF YOUR DATA",
    "RECORDS KEPT FOR DIRECT MARKETING",
    "RECORDS THAT RESTED ON YOUR CONSENT ALONE",
)
"""The headings under which the outcomes stand."""
DONE = {
    "erased": "erased",
    "cleared of your data; what is left of the record is not about you": "redacted",
    "erased as far as the system allows; a part stays there that leads back to you": "residue",
    "in which a code was put in the place of your identity": "pseudonymised",
    "kept and blocked for any other use": "restricted",
    "kept": "retained",
    "no longer there when we came to erase": "not held",
    "no longer there": "not held",
    "erased by the company that works for us, which has confirmed it": "delegated",
    "left unchanged": "unclear",
}


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


def _of_matter(at: Place) -> bool:
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
    r"(?P<hand> What a person still does by hand stands below(?: as well)?\.)?"
    r"(?P<elsewhere> How it stands at companies that work for us stands below\.)?"
)
_L10 = [
    Rule(
        r"On {D} you asked us to erase your personal data\. We have carried this out"
        + _OURS
        + r"(?P<far> as far as our programs reach)?"
        r"(?: and checked the result on {D:checked})?\." + _HAND,
        both(_erased_whole, reaches, says_open, _is_ours, says_elsewhere),
    ),
    Rule(
        r"On {D} you asked us to erase your personal data\. What we had found was no longer there when we came to erase it\."
        + _HAND,
        both(_none_was_there, says_open, says_elsewhere),
    ),
]
_IN_PART = [
    Rule(
        r"On {D} you asked us to erase your personal data\. We have carried this out in part"
        + _OURS
        + r"(?: and checked the result on {D:checked})?\. A part "
        r"stays for now; below you find which part, and why\." + _HAND,
        both(_erased_in_part, says_open, _is_ours, says_elsewhere),
    ),
    Rule(
        r"On {D} you asked us to erase your personal data\. We could not erase what we found: it stays for now; below you find why\."
        + _HAND,
        both(_nothing_erased, says_open, says_elsewhere),
    ),
]
KEEPING = [
    Rule(
        r"- (?P<what>.+?) \({S}\), {N} records?(?P<restricted>, restricted to being stored \(Art\. 18\(2\) (?:UK )?GDPR\))?: {T}",
        _why,
        ("WHAT WE KEEP",),
    ),
    exact("When the period has ended:", lambda at: any(one["kept_until"] for one in at.facts.case["tasks"])),
    exact(
        "Each of these days is noted as a task.", lambda at: any(one["kept_until"] for one in at.facts.case["tasks"])
    ),
    Rule(
        r"- The person responsible for your case erases the records by hand(?P<check>, unless they have to be kept longer)?: (?P<days>.+)\.",
        promised("erase at end of retention"),
        ("WHAT WE KEEP",),
    ),
    Rule(
        r"- Our software reads the records afresh, erases them once a person has approved it"
        r"(?P<check> and has checked that they need not be kept longer)?, and checks that they are gone: (?P<days>.+)\.",
        promised("approve erasure at end of retention"),
        ("WHAT WE KEEP",),
    ),
    Rule(
        r"- Our software erases the records and checks that they are gone(?P<check>): (?P<days>.+)\.",
        promised("erase at end of retention by policy"),
        ("WHAT WE KEEP",),
    ),
    Rule(
        "As soon as the reason for keeping the (?P<other>other )?records no longer holds, you can ask us to erase them as well\\.",
        lambda at: (
            without_task(at.facts) and bool(at["other"]) == any(one["kept_until"] for one in at.facts.case["tasks"])
        ),
        ("WHAT WE KEEP",),
    ),
]
CARRIED_OUT = [
    Rule("{S}", lambda at: at.facts.system(at["S"]) != "", WHAT_BECAME),
    Rule(
        rf"- {{T}}: {{N}} records? (?P<what>{'|'.join(re.escape(one) for one in sorted(DONE, key=len, reverse=True))})(?: \(why: below\))?\."
        "(?P<reason>.*)",
        _outcome,
        WHAT_BECAME,
    ),
    Rule(
        r"- A record of this (?P<matter>erasure|request): your request, this answer, and what was done where and when(?P<erased>, without the erased contents)?\. We keep it until "
        r"{D}(?P<longer>, and longer while records of this request are kept and until their erasure is checked,)? to prove what we did and when \(Art\. 5\(2\) {LAW}\)\.",
        both(kept_until, law, holds_file, _of_matter, _of_what_is_erased),
    ),
    Rule(
        r"- {S}: Back-ups of it still hold what was erased, until {D:until} at the latest\.(?: They hold (?P<what>.+)\.)?",
        _backups,
        ("WHAT ELSE STAYS",),
    ),
    Rule(
        r"- {S}: If there are back-ups of it, they may still hold what was erased\. Until when is not known to us\.(?: They hold (?P<what>.+)\.)?(?P<until>)",
        _backups,
        ("WHAT ELSE STAYS",),
    ),
    Rule("- {S}: (?!Back-ups of it|If there are back-ups){T}", _residue, ("WHAT ELSE STAYS",)),
    exact(
        "- What was erased can no longer be looked up in our systems, by you or by us.",
        lambda at: at.facts.count(lambda one: one["fate"] in {"erased", "redacted"}) > 0,
    ),
    exact(
        "- An account or customer record of yours was erased. You can no longer sign in with it, and we no longer know you as a customer.",
        lambda at: at.facts.count(lambda one: one["fate"] in {"erased", "redacted"} and one["kind"] == "profile") > 0,
    ),
    exact(
        "If nothing changes, this is our last message to you in this matter.",
        lambda at: not are_open(at.facts) and not (at.facts.right == "rectification" and open_by_hand(at.facts)),
    ),
]

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
