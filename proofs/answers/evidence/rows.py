"""What the evidence says in numbers and dates, against the case file: what its rows and sentences have to be."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

from proofs.answers.facts import MONTHS, Facts, Plain, counted
from proofs.answers.letters.frame import read_day
from proofs.answers.package.contents import left_out, masked_by_people
from proofs.answers.rules import Place

_CAME_TO = {"seen": "still seen after the erasure"}
"""The fates that the evidence names in other words than the file."""
_ANSWERS = {"L7", "L8", "L9", "L10", "L11", "L17", "L22", "L23", "L25"}


def utc_day(when: str) -> str:
    """A day as the evidence page writes it."""
    at = datetime.fromisoformat(when)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def outcomes(facts: Facts, system: str = "") -> Counter[str]:
    """How many records have each fate, of those that have an outcome."""
    return Counter(
        _CAME_TO.get(one["fate"], one["fate"])
        for one in facts.records
        if one["outcome"] is not None and system in {"", one["system"]}
    )


def tallied(counts: Counter[str]) -> list[str]:
    """Counts as "2 erased"."""
    return [f"{number:,} {name}" for name, number in sorted(counts.items())]


def sent(facts: Facts) -> str:
    """When the answer was sent; empty where it was not."""
    return min(
        (one["sent_at"] for one in facts.case["letters"] if one["id"] in _ANSWERS and one["sent_at"]), default=""
    )


def headline(at: Place) -> bool:
    """Where the case stands, as the page begins with."""
    facts, text = at.facts, at["T"]
    case = facts.case
    if at["D"] != utc_day(case["received_at"]) and at["D"] != facts.received_on:
        return False
    if case["state"] == "stopped":
        return text.startswith(f"stopped on {utc_day(case['closed_at'])}")
    if not case["closed_at"] or case["state"] == "withdrawn":
        return text.startswith(case["state"])
    if not text.startswith(f"{case['state']}, by an answer"):
        return False
    if not sent(facts):
        return "of which no sending is noted" in text
    return f"sent on {utc_day(sent(facts))}" in text and on_time(facts, text)


def on_time(facts: Facts, text: str) -> bool:
    """How the day of the answer lies to the last day of the law."""
    left = (facts.date(facts.case["due_on"]) - datetime.fromisoformat(sent(facts)).date()).days
    if left == 0:
        return "on the last day of the law" in text
    return f"{counted(abs(left), 'day')} {'before' if left > 0 else 'after'} the last day of the law" in text


def identity(at: Place) -> bool:
    """Who confirmed the identity, when and how."""
    decision = at.facts.decision("identity")
    method = decision["method"] or ""
    method = "another way" if method.startswith("another way") else method
    said = (at["verdict"], at["who"], at["at"], at["T"])
    return said == (decision["verdict"], decision["by"], at.facts.utc(decision["decided_at"]), method) and check(at)


def check(at: Place) -> bool:
    """What was done is told as it was stated: when, against what, where that is on file and since when."""
    check = at.facts.decision("identity")["check"]
    if not check:
        return not at["done"]
    where = " elsewhere" if check["held_by"] == "elsewhere" else f" in {check['held_by']}"
    said = (at["done"], at["against"], at["where"], at["since"])
    return said == (at.facts.utc(check["at"]), check["against"], where, at.facts.day(check["on_file_since"]))


def four_eyes(at: Place) -> bool:
    """Who opened the case, and who decided on it."""
    decision = at.facts.decision("approval")
    return (at["opener"], at["verdict"], at["who"]) == (at.facts.case["opened_by"], decision["verdict"], decision["by"])


def decision_row(at: Place) -> bool:
    """A row of the table of decisions."""
    decision = at.facts.decision(at["gate"])
    return (at["verdict"], at["who"], at["code"], at["at"]) == (
        decision["verdict"],
        decision["by"],
        decision["code"] or "–",
        at.facts.utc(decision["decided_at"]),
    )


def found_parts(facts: Facts, system: str) -> set[str]:
    """What a system's row has to say was found."""
    found = Counter(one["category"] for one in facts.of(system=system, attribution="subject"))
    unclear = len(facts.of(system=system, attribution="unclear"))
    parts = {f"{name}: {number:,}" for name, number in found.items()} or {"nothing noted"}
    return parts | ({f"{unclear} not attributable"} if unclear else set())


def system_row(at: Place) -> bool:
    """A row of the table of systems."""
    facts, system = at.facts, at["system"]
    step = facts.done("locate", system)
    searched = Counter(
        kind for kind, _ in facts.case["identifiers"] if kind in facts.case["systems"][system]["searches"]
    )
    wanted = [
        facts.utc(step["finished_at"]) if step else "never finished",
        {f"{kind.replace('_', ' ')}: {number}" for kind, number in searched.items()} or {"–"},
        found_parts(facts, system),
        set(tallied(outcomes(facts, system))) or {"–"},
    ]
    said = [at["searched"], *({*at[name].split(" / ")} for name in ("by", "found", "outcome"))]
    return said == wanted and looks(facts, system, at["looked"])


def looks(facts: Facts, system: str, text: str) -> bool:
    """What the fresh reads of a system's records saw."""
    looked = [one for one in facts.of(system=system) if one["verified"]]
    if not looked:
        return re.match(r"–|\d", text) is not None and "absent" not in text
    last = max(one["verified_at"] for one in looked)
    seen = Counter(one["verified"] for one in looked)
    return {facts.utc(last), *tallied(seen)} <= set(text.split(" / "))


def was_dealt_with(one: Plain) -> bool:
    """Whether a record has an outcome, or had one that was taken back since it was there again."""
    return one["outcome"] is not None or one["acted_at"] is not None


def record_row(at: Place) -> bool:
    """A row of what stays, or of what is gone with a reason; what is to be erased again is open."""
    these = [one for one in at.facts.of(system=at["system"], kind=at["what"]) if was_dealt_with(one)]
    said, _, decider = at["outcome"].partition(" / decided by ")
    outcome, _, again = said.partition(" / ")
    return any(
        _CAME_TO.get(one["fate"], "open" if one["outcome"] is None else one["fate"]) == outcome
        and decider == (one["decided"]["by"] if one["decided"] else "")
        and again == _again(at.facts, one["number"])
        and (one["outcome"] is None or at.facts.utc(one["acted_at"]) == at["at"])
        and (at["looked"] == "–" or at["looked"].startswith(one["verified"] or "none"))
        for one in these
    )


def _again(facts: Facts, number: int) -> str:
    """How often a record was back, and whether it is gone again, as the double has it."""
    back = [one for one in facts.case["double"]["returned"] if one["number"] == number and one["began"]]
    gone = " and erased again" if all(one["gone_on"] for one in back) else ""
    return f"seen again {counted(len(back), 'time')}{gone}" if back else ""


def stays_row(at: Place) -> bool:
    """A group of records that stay: how many of each category until when, why and on which provision."""
    fates = {value: key for key, value in _CAME_TO.items()}
    outcome, _, refused = at["outcome"].partition(" / ")
    these = at.facts.of(system=at["system"], fate=fates.get(outcome, outcome))
    reason = at["why"].strip("“”") if at["why"] != "–" else ""
    these = [one for one in these if one["reason"] == reason and bool(one["refused"]) is bool(refused)]
    basis = at["basis"]
    for given in {one["legal_basis"] for one in these}:
        alike = [one for one in these if one["legal_basis"] == given]
        law = f"No exception; the erasure is due (Art. 17(1) {at.facts.law}) as soon as the system allows it"
        shown = given or (law if refused and outcome in {"retained", "residue"} else "–")
        if basis == shown and parts(at, alike) == set(at["parts"].split(" / ")):
            return True
    return False


def parts(at: Place, alike: list[dict[str, Any]]) -> set[str]:
    """What such a row has to count, by category and end."""
    parts: Counter[tuple[str, str]] = Counter()
    for one in alike:
        ends = one["ends_when"] or (
            "the system allows it" if one["refused"] and one["fate"] in {"retained", "residue"} else ""
        )
        until = f", until {at.facts.day(one['until'])}" if one["until"] else f", until “{ends}”" if ends else ""
        parts[one["category"], until] += 1
    return {f"{category}: {number:,}{until}" for (category, until), number in parts.items()}


def letter_row(at: Place) -> bool:
    """A row of the table of letters."""
    letter = at.facts.letter(at["name"])
    unsent = (at["noted"], at["sent"], at["who"], at["how"]) == ("–", "not noted", "–", "–")
    if unsent and at["written"] in _written_before(at.facts, at["name"]):
        # Its dates moved before it was sent, and another text took its place.
        return True
    sent = at.facts.utc(letter["sent_at"]) if letter["sent_at"] else "not noted"
    noted = not letter["sent_at"] if at["noted"] == "–" else at["noted"][-3:] == "UTC"
    proof = "the reference of a proof is held" if letter["proof"] else "no proof recorded"
    how = f"{letter['channel'] or 'channel not recorded'}; {proof}" if letter["sent_at"] else "–"
    return noted and (at["written"], at["sent"], at["who"], at["how"]) == (
        at.facts.utc(letter["written_at"]),
        sent,
        letter["sent_by"] or "–",
        how,
    )


def _written_before(facts: Facts, name: str) -> list[str]:
    """When the texts of a letter were written that another one replaced."""
    written = [one for one in facts.case["events"] if one["event"] == "LetterWritten" and one["letter"] == name]
    times, last = [one["at"] for one in written], facts.letter(name)["written_at"]
    if last in times:
        times.remove(last)
    return [facts.utc(one) for one in times]


def limit(at: Place) -> bool:
    """A limit of a search is one that the system declares, and the system was searched."""
    system = at["system"]
    return at["T"] in at.facts.case["systems"][system]["cannot_find"] and bool(at.facts.done("locate", system))


def left_out_row(at: Place) -> bool:
    """What was left out is counted and reasoned as in the package, and no one's own words stand there."""
    facts, system, count = at.facts, at["system"], at["count"]
    number = int(count.replace(",", "")) if count[:1].isdigit() else 0
    by_people = {
        (where, f"{what} ({counted(times, unit)})") for (where, what, unit, _), times in masked_by_people(facts).items()
    }
    if not left_out(facts)[system, at["what"], number] and (number or (system, at["what"]) not in by_people):
        return False
    # Of a copy a record is left out on a ground of a list, which is no one's own words.
    own = (one["decided"] for one in facts.records if one["decided"] and one["fate"] != "left out")
    grounds = [one["ground"].rstrip(".") for one in own]
    return not any(ground and ground in at["why"] for ground in grounds)


def recipient_row(at: Place) -> bool:
    """Each system's recipients and transfers are those of the configuration; instructed is who was asked something."""
    recipients, transfers = at.facts.case["systems"][at["system"]]["stated"]
    recipients = at.facts.recipients(at["system"]) or recipients
    words = {"": "not stated", "none": "none, as stated"}
    named = {words.get(recipients, recipients)} if isinstance(recipients, str) else set(recipients) or {"not stated"}
    asked = any(at["who"].partition(" (")[0] == one["name"] for one in at.facts.case["instructions"] if one["told"])
    done = "–" if at["who"] in words.values() else "as listed above" if asked else "not instructed"
    return at["who"] in named and at["done"] == done and at["T"] == words.get(transfers, transfers)


def disclosed(facts: Facts) -> str:
    """What was handed over, by category."""
    found = Counter(one["category"] for one in facts.records if one["fate"] == "given")
    return "; ".join(f"{name}: {number:,}" for name, number in sorted(found.items()))


def handed_over(facts: Facts) -> str:
    """When the package was sent; empty where it was not."""
    return str(facts.letter("L9").get("sent_at") or "")


def clock_row(at: Place) -> bool:
    """The last row has to have the dates that the case has now."""
    return read_day(at["due"]) >= read_day(at["work"])


def act(at: Place) -> bool:
    """A line of what else happened, and who did it."""
    event = "".join(word.capitalize() for word in re.sub(r" \(\d+ times\)", "", at["what"]).split())
    return any(one["event"] == event and _author(one) == at["who"] for one in at.facts.case["events"])


def _author(event: Plain) -> str:
    """Who did it; of a person also how that is known."""
    if event["by"] in {"", "rightsflow"}:
        return str(event["by"])
    return f"{event['by']} (name typed, not signed in)" if not event["signed_in"] else f"{event['by']} (signed in)"


def any_at_processors(facts: Facts) -> bool:
    """Whether something is noted of a processor: a record that it erased, or an instruction."""
    return bool(facts.of(fate="delegated") or any(one["told"] for one in facts.case["instructions"]))


def delegated(at: Place) -> bool:
    """A record that a processor erased, at the moment at which that was noted."""
    these = at.facts.of(system=at["system"], kind=at["what"], category=at["T"], fate="delegated")
    return any(at.facts.utc(one["acted_at"]) == at["at"] for one in these)
