"""The answers to an erasure (L10, L11): what became of records, what is still to be done, what processors proved (L20)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from proofs.answers.facts import (
    DATE,
    IDS,
    KEPT,
    Check,
    Facts,
    Lines,
    Place,
    Plain,
    Rule,
    counted,
    exact,
    listed,
    read_day,
    whole,
)
from proofs.answers.letters_asking import kept_until, limits, lines_of
from proofs.answers.letters_ending import SEARCHED

FOR_A_TASK = ("retained", "restricted")
GONE = ("erased", "redacted", "residue", "pseudonymised", "delegated")
_FAILED = ("failed", "found", "seen")
_DAY = re.compile(r"on (?P<on>\d+ [A-Z][a-z]+ \d{4}) \((?P<what>[^)]+)\)")


# -- what is promised: erasures at the end of a retention, and what a person does by hand --------------------------------
def _promised(kind: str) -> Check:
    """Check that the promised days of erasure are those of open tasks of a kind, with their numbers."""

    def holds(at: Place) -> bool:
        wanted = Counter[tuple[str, str]]()
        for one in at.tasks:
            is_it = one["kind"] == kind and one["check_first"] == bool(at["check"])
            if is_it and one["done_on"] is None and one["kept_until"] and _is_due(one, at):
                wanted[one["due_on"], one["system"]] += one["records"]
        told = {
            (read_day(day["on"]).isoformat(), at.system(system.strip())): whole(count)
            for day in _DAY.finditer(at["days"])
            for system, count in re.findall(r"([^;(]+?), ([\d,]+) records?", day["what"])
        }
        # More may be noted after the letter; that each day of a kept record is told, is asked apart.
        is_allowed = not kind.endswith("by policy") or at.follow_up["approval"] == "automatic"
        return bool(told) and told.items() <= wanted.items() and is_allowed

    return holds


def _is_due(task: Plain, at: Place) -> bool:
    until, rule = date.fromisoformat(task["kept_until"]), at.follow_up
    these = at.of(*FOR_A_TASK, system=task["system"], until=until.isoformat())
    is_covered = rule["approval"] == "automatic" and rule["covers_conditions"]
    return (
        date.fromisoformat(task["due_on"]) == max(until + timedelta(days=1), at.written)
        and len(these) == task["records"]
        and bool(at["check"]) == (any(one["ends_when"] for one in these) and not is_covered)
    )


def _has_task(at: Place) -> bool:
    return any(one["kept_until"] for one in at.tasks)


def _without_task(at: Place) -> bool:
    noted = {(one["system"], one["kept_until"]) for one in at.tasks}
    return any(
        one["fate"] not in FOR_A_TASK or not one["until"] or (one["system"], one["until"]) not in noted
        for one in at.of(*KEPT)
    )


_TELL = re.compile(r"Tell (.+), or note why that is impossible")


def open_by_hand(facts: Facts) -> list[Plain]:
    by_hand = (one for one in facts.tasks if one["kind"] == "manual step" and one["done_on"] is None)
    return [one for one in by_hand if not _TELL.match(one["what"])]


def by_hand_lines(facts: Facts) -> list[str]:
    """What a letter says: how many steps are left at which system, and until when."""
    counts = Counter((facts.title(one["system"]), facts.day(one["due_on"])) for one in open_by_hand(facts))
    return [f"- {title}: {n} manual step{'' if n == 1 else 's'}, by {by}." for (title, by), n in counts.items()]


def _corrections(facts: Facts) -> list[str]:
    """What the answer to a rectification says: each step in its words, since the person asked for it."""
    return [
        f"- {facts.title(one['system'])}, by {facts.day(one['due_on'])}: “{one['what']}”" for one in open_by_hand(facts)
    ]


def _still(at: Place) -> bool:
    by, last = read_day(at["D"]), limits(at.facts)
    promised = min((one for one in last if one >= at.written <= last[1]), default=at.written)
    ends = {at.date(one["until"]) + timedelta(days=1) for one in at.records if one["until"]}
    return (
        f"- {at['T']}" in [*by_hand_lines(at.facts), *_corrections(at.facts)]
        and by >= at.written
        and by in {promised, *ends}
    )


_HAND = "WHAT IS STILL DONE BY HAND"
# fmt: off
BY_HAND = [
    exact("Our programs do not reach everything. The person responsible for your case does the following by hand, by the day named at the latest; each is noted as a task with its date, in these words:", lambda at: open_by_hand(at.facts), _HAND),
    Rule("- (?P<T>[A-Z].*?, by {D}: “.+”)", _still, _HAND),
    exact("Our programs do not reach everything. The person responsible for your case does the rest by hand, by the day named at the latest:", lambda at: open_by_hand(at.facts), _HAND),
    Rule(r"- (?P<T>[A-Z].*?: \d+ manual steps?, by {D}\.)", _still, _HAND),
]
# fmt: on

# -- processors and recipients ---------------------------------------------------------------------------------------------
_DO: dict[str, tuple[str, str]] = {
    "erase": ("has erased what it held of you for us", "erase what it holds of you for us"),
    "stop marketing": ("uses nothing of you for our direct marketing any more", "use nothing of you for our direct marketing any more"),
    "restrict": ("only stores what it holds of you for us", "store what it holds of you for us without using it"),
    "rectify": ("has corrected what it holds of you for us", "correct what it holds of you for us"),
    "end consent": ("has ended what rested on your consent", "end what rests on your consent"),
}  # fmt: skip
"""What was done, and what is to be done, by what was asked."""


def standing(one: Plain) -> str:
    last = one["answers"][-1] if one["answers"] else {"answer": ""}
    if not one["told"] or last["answer"] == "cannot":
        return "cannot" if one["told"] else "not asked"
    if last["answer"] not in {"done", "nothing held"}:
        return "open"
    return "proved" if last["is_checked"] or not last["is_doubtful"] else "to be checked"


def asked(facts: Facts) -> list[Plain]:
    return [one for one in facts.instructions if not one["is_notice"]]


def are_open(facts: Facts) -> bool:
    return any(standing(one) in {"open", "to be checked"} for one in asked(facts))


def ours_alone(facts: Facts) -> bool:
    return any(standing(one) != "proved" for one in asked(facts))


def _finds_by(one: Plain) -> str:
    return listed([IDS[kind] for kind in one["finds_by"]])


def line_of(one: Plain, facts: Facts) -> str:
    """Return the line of an instruction."""
    last, (has_done, to_do) = one["answers"][-1] if one["answers"] else {}, _DO[one["action"]]
    on = facts.day(last["on"]) if last else ""
    match standing(one):
        case "proved" if last["answer"] == "nothing held" or last["records"] == 0:
            said = f"confirmed on {on} that it holds nothing of you for us."
        case "proved":
            number = f" ({counted(last['records'], 'record')})" if last["records"] else ""
            said = f"confirmed on {on} that it {has_done}{number}."
        case "cannot":
            said = f"told us on {on} that it cannot {to_do}: {one['note']}"
        case "not asked":
            to_do = "erase anything" if one["action"] == "erase" else to_do
            said = f"it finds records by {_finds_by(one)} only. We know none that is yours alone, so we could not have it {to_do}."
        case "to be checked":
            said = f"it answered on {on}, and we check that answer before we rely on it."
        case _:
            has = "had" if one["due_on"] < facts.today else "has"
            said = f"it {has} to {to_do} and to prove that by {facts.day(one['due_on'])}. It has not proved it yet."
    return f"- {one['name']}: {said}"


def _lines(facts: Facts) -> list[str]:
    return [line_of(one, facts) for one in asked(facts)]


def _doubted(facts: Facts) -> list[Plain]:
    return [one for one in asked(facts) if "back" in one["doubts"]]


def _matter(facts: Facts) -> str:
    return facts.right if facts.right in {"restriction", "rectification"} else "erasure"


def _told(facts: Facts) -> Iterator[str]:
    notices = [one for one in facts.instructions if one["is_notice"]]
    if told := listed([one["name"] for one in notices if one["is_sent"]]):
        yield f"We have told {told} about the {_matter(facts)} (Art. 19 {facts.law})."
    for one in notices:
        if not one["told"]:
            yield f"We could not tell {one['name']} about the {_matter(facts)}: it finds records by {_finds_by(one)} only, and we know none that is yours alone."


def to_tell(facts: Facts) -> list[tuple[str, str]]:
    found = ((_TELL.match(one["what"]), one["due_on"]) for one in facts.tasks)
    return [(told[1].partition(" of the ")[0], on) for told, on in found if told]


def _not_yet(at: Place) -> bool:
    due = read_day(at["due"])
    written = at.written if at.letter(at.kind) else due
    notices = [(one["name"], one["due_on"]) for one in at.instructions if one["is_notice"] and one["told"]]
    days = [date.fromisoformat(on) for name, on in (*notices, *to_tell(at.facts)) if name == at["T"]]
    return bool(days) and due == max(*days, written) and at["matter"] == _matter(at.facts)


_SECTION = "AT COMPANIES THAT WORK FOR US"
# fmt: off
PROCESSORS = [
    Rule(r"We have not told {T} about the (?P<matter>erasure|restriction|rectification) yet\. We do so by {D:due} \(Art\. 19 {law}\)\.", _not_yet, "WHO WAS TOLD"),
    Lines(_told, "WHO WAS TOLD"), Lines(_lines, _SECTION),
    Rule(r"What is not proved yet we do not call (?P<word>erased|done)\. As soon as each of these companies has answered, we write to you again\.", lambda at: are_open(at.facts) and (at["word"] == "erased") == (at.right == "erasure"), _SECTION),
]
L20 = [
    *(exact(f"On {{received_on}} you asked us {text}.", lambda at: _doubted(at.facts)) for text in ("{asked}", "to erase your personal data")),
    *(exact(f"On {{received_on}} you asked us {text}. Our answer of {{answered_on}} named companies that work for us and had not proved yet what they did. This is what came of it:", lambda at: any(one["is_promised"] for one in asked(at.facts)) and not are_open(at.facts))
      for text in ("{asked}", "to erase your personal data")),
    exact("We told you what those named below had answered. Later that had to be doubted, and was checked again. This is how it stands now:", lambda at: at.happened("ProcessorAnswerDoubted") or any("taken back" in str(one) for one in asked(at.facts))),
    Lines(_lines),
    exact("If nothing changes, this is our last message to you in this matter.", lambda at: at.right != "rectification"),
]
# fmt: on


def unnamed(name: str, body: str, facts: Facts) -> Iterator[str]:
    """Return the processors and recipients that a letter leaves out."""
    second = name.startswith("L20")
    for one in asked(facts):
        is_due = not second or (name == "L20" and one["is_promised"]) or one in _doubted(facts)
        if is_due and line_of(one, facts) not in body:
            yield f"{name}: missing: processor {one['number']}"
    if second:
        return
    told = [one["name"] for one in facts.instructions if one["is_notice"] and one["told"]]
    yield from (
        f"{name}: missing: the recipient {one}"
        for one in (*told, *(who for who, _ in to_tell(facts)))
        if one not in body
    )
    if _follows(facts) == ("If nothing changes, this is our last message" in body):
        yield f"{name}: the last message, or not, against what is open at a processor"


def _follows(facts: Facts) -> bool:
    return are_open(facts) or (facts.right == "rectification" and bool(open_by_hand(facts)))


# -- what became of each record ----------------------------------------------------------------------------------------------
WHAT_BECAME = (
    "WHAT BECAME OF YOUR DATA",
    "RECORDS KEPT FOR DIRECT MARKETING",
    "RECORDS THAT RESTED ON YOUR CONSENT ALONE",
)
DONE = {
    "erased": "erased", "cleared of your data; what is left of the record is not about you": "redacted",
    "erased as far as the system allows; a part stays there that leads back to you": "residue",
    "in which a code was put in the place of your identity": "pseudonymised",
    "kept and blocked for any other use": "restricted", "kept": "retained",
    "no longer there when we came to erase": "not held", "no longer there": "not held",
    "erased by the company that works for us, which has confirmed it": "delegated", "left unchanged": "unclear",
}  # fmt: skip
WORDS = "|".join(re.escape(one) for one in sorted(DONE, key=len, reverse=True))


def checked(at: Place) -> bool:
    looked = [one["verified_at"] for one in at.records if one["verified_at"]]
    seen = all(one["verified"] == "absent" for one in at.of("erased", "redacted"))
    return bool(looked) and seen and at["checked"] == at.day(max(looked))


def _opening(is_so: Callable[[Place], object], *, ours: bool = True, far: bool = False) -> Check:
    return lambda at: (
        is_so(at)
        and (not at["checked"] or checked(at))
        and bool(at["hand"]) == bool(open_by_hand(at.facts))
        and bool(at["elsewhere"]) == ours_alone(at.facts)
        and (not ours or bool(at["ours"]) == ours_alone(at.facts))
        and (not far or bool(at["far"]) == bool(open_by_hand(at.facts)))
    )


def _outcome(at: Place) -> object:
    fate = DONE[at["what"]]
    these = at.of(
        fate, system=next((one for line in reversed(at.before) if (one := at.system(line))), ""), category=at["T"]
    )
    if fate in KEPT:
        return at.number() == len(these)
    return 0 < at.number() <= sum(one["reason"] == at["reason"].strip() for one in these)


def _why(at: Place) -> bool:
    these = [one for one in at.of(*KEPT, system=at.here(), category=at["what"]) if at["T"].startswith(one["reason"])]
    for basis, outcome in {(one["legal_basis"], one["outcome"]) for one in these}:
        some = [one for one in these if (one["legal_basis"], one["outcome"]) == (basis, outcome)]
        is_marked = bool(at["restricted"]) is (outcome == "restricted")
        if len(some) == at.number() and is_marked and _tells_ends(at, some, basis):
            return True
    return False


def _tells_ends(at: Place, these: list[Plain], basis: str) -> bool:
    text = at["T"]
    due = f"No exception; the erasure is due (Art. 17(1) {at.law}) as soon as the system allows it"
    is_due = not basis and any(one["fate"] in {"retained", "residue"} for one in these)
    dated = "until the date given" not in text or all(one["until"] for one in these)
    days = {at.day(one["until"]) for one in these if one["until"]}
    # The words of the decision on the record where there is one, else those of the rule.
    events = {(one["decided"] or {}).get("ends_when") or one["ends_when"] for one in these if one["ends_when"]}
    said = dated and (basis or "") in text and (due in text or not is_due) and all(one in text for one in events)
    return said and set(re.findall(DATE, text.partition("Kept until")[2])) == days


def cleared(facts: Facts, system: str) -> list[dict[str, Any]]:
    return [one for one in facts.of(system=system) if one["outcome"] in {"erased", "redacted", "residue"}]


def residues(facts: Facts) -> set[str]:
    return {
        f"- {facts.title(system)}: {residue}"
        for system, about in facts.systems.items()
        for one in cleared(facts, system)
        if (residue := about["kinds"][one["kind"]]["residue"])
    }


def _backups(facts: Facts) -> Iterator[str]:
    for system, about in facts.systems.items():
        days, contents = about["backups"]
        holds = f" They hold {contents}." if contents else ""
        if done := cleared(facts, system):
            last = max(facts.date(one["acted_at"]) for one in done) + timedelta(days=days or 0)
            until = facts.day(last.isoformat())
            said = "If there are back-ups of it, they may still hold what was erased. Until when is not known to us."
            said = f"Back-ups of it still hold what was erased, until {until} at the latest." if days else said
            yield from [f"- {facts.title(system)}: {said}{holds}"] if days != 0 else []


OURS = "(?P<ours> in our own systems)?"
_BELOW = (
    r"(?P<hand> The remaining manual steps are listed below\.)?"
    r"(?P<elsewhere> The companies that work for us are listed below, with the status at each\.)?"
)
ELSEWHERE = r"(?P<elsewhere> The companies that work for us are listed below, with the status at each\.)?"
CHECKED = r"(?: and checked the result on {D:checked})?"
_ERASE = r"On {received_on} you asked us to erase your personal data\. "
_KEEP, _STAYS_TOO = "WHAT WE KEEP", "WHAT ELSE STAYS"
# fmt: off
KEEPING = [
    Rule(r"- (?P<what>.+?) \({S}\), {N} records?(?P<restricted>, restricted to being stored \(Art\. 18\(2\) {law}\))?: {T}", _why, _KEEP),
    exact("When the period has ended:", _has_task), exact("Each of these days is noted as a task.", _has_task),
    Rule(r"- The person responsible for your case erases the records by hand(?P<check>, unless they have to be kept longer)?: (?P<days>.+)\.", _promised("erase at end of retention"), _KEEP),
    Rule(r"- Our software reads the records afresh, erases them once a person has approved it(?P<check> and has checked that they need not be kept longer)?, and checks that they are gone: (?P<days>.+)\.",
         _promised("approve erasure at end of retention"), _KEEP),
    Rule(r"- Our software erases the records and checks that they are gone(?P<check>): (?P<days>.+)\.", _promised("erase at end of retention by policy"), _KEEP),
    Rule("As soon as the reason for keeping the (?P<other>other )?records no longer holds, you can ask us to erase them as well\\.", lambda at: _without_task(at) and bool(at["other"]) == _has_task(at), _KEEP),
]
CARRIED_OUT = [
    Rule("{S}", lambda at: at.system(at["S"]) != "", *WHAT_BECAME),
    Rule(rf"- {{T}}: {{N}} records? (?P<what>{WORDS})(?: \(why: below\))?\.(?P<reason>.*)", _outcome, *WHAT_BECAME),
    # The file outlives its period while something is kept; only what can erase something speaks of erased contents.
    Rule(r"- A record of this (?P<matter>erasure|request): your request, this answer, and what was done where and when(?P<erased>, without the erased contents)?\. We keep it until {D}(?P<longer>, and longer while records of this request are kept and until their erasure is checked,)? to prove what we did and when \(Art\. 5\(2\) {law}\)\.",
         lambda at: kept_until(at) and bool(at["longer"]) == bool(at.of(*FOR_A_TASK, "unclear")) and (at["matter"] == "erasure") == (at.right == "erasure") and bool(at["erased"]) == (at.right not in {"restriction", "rectification"})),
    Lines(_backups, _STAYS_TOO), Lines(residues, _STAYS_TOO),
    exact("- What was erased can no longer be looked up in our systems, by you or by us.", lambda at: at.of("erased", "redacted")),
    exact("- An account or customer record of yours was erased. You can no longer sign in with it, and we no longer know you as a customer.", lambda at: at.of("erased", "redacted", kind="profile")),
    exact("If nothing changes, this is our last message to you in this matter.", lambda at: not _follows(at.facts)),
]
AFTER = [*BY_HAND, *PROCESSORS, *CARRIED_OUT]
L10 = [
    Rule(_ERASE + r"We have carried this out" + OURS + r"(?P<far> as far as our programs reach)?" + CHECKED + r"\." + _BELOW, _opening(lambda at: at.of(*GONE) and not at.of(*KEPT, *_FAILED), far=True)),
    Rule(_ERASE + r"What we had found was no longer there when we came to erase it\." + _BELOW, _opening(lambda at: len(at.of("not held")) == len(at.records), ours=False)),
    *AFTER, *SEARCHED,
]
L11 = [
    Rule(_ERASE + r"We have carried this out in part" + OURS + CHECKED + r"\. A part stays for now; below you find which part, and why\." + _BELOW, _opening(lambda at: at.of(*KEPT) and at.of(*GONE) and not at.of(*_FAILED))),
    Rule(_ERASE + r"We could not erase what we found: it stays for now; below you find why\." + _BELOW, _opening(lambda at: at.of(*KEPT) and not at.of(*GONE), ours=False)),
    *KEEPING, *AFTER, *SEARCHED,
]
# fmt: on


def totals(name: str, body: str, facts: Facts) -> Iterator[str]:
    """Check the numbers of the outcomes and of retained records against the case."""
    told, system = Counter[tuple[str, str, str]](), ""
    for section, line in lines_of(body):
        system = facts.system(line) or system
        found = re.fullmatch(rf"- (.+): ([\d,]+) records? ({WORDS})(?: \(why: below\))?\..*", line)
        if found and section.startswith(WHAT_BECAME[0]):
            told[system, found[1], DONE[found[3]]] += whole(found[2])
    if told != facts.fates:
        yield f"{name}: another number of records than in the case file"
    kept = sum(map(whole, re.findall(r"^- .+? \(.+?\), ([\d,]+) records?", body, re.MULTILINE)))
    if name == "L11" and kept != len(facts.of(*KEPT)):
        yield f"{name}: another number of kept records than in the case file"
