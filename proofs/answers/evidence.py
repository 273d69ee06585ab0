"""The evidence: its page, its certificate and its export, against the case file."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from proofs.answers.facts import MONTHS, TRUE, Facts, Place, Plain, Rule, counted
from proofs.answers.letters_asking import exact, read_day
from proofs.answers.package import left_out, masked_by_people

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


# fmt: off
_REQUEST = [
    Rule("Right: {T}", lambda at: at["T"] == at.facts.right),
    Rule("Arrived by: {T}", lambda at: at["T"] == at.facts.case["channel"]),
    Rule("Received: {D}(?:, {T})?", lambda at: at["D"] == at.facts.received_on),
    # Those who open these cases, and decide on them, are not signed in.
    Rule(r"Case opened: {T:at}, by {T:who} \(name typed, not signed in\)", lambda at: (at["at"], at["who"]) == (at.facts.utc(at.facts.case["opened_at"]), at.facts.case["opened_by"])),
    Rule("Law: {T}", lambda at: at["T"] == at.facts.case["regime"].upper()),
    Rule("Last day of the law: {D}", lambda at: at["D"] == at.facts.day(at.facts.case["due_on"])),
    Rule("State: {T}", lambda at: at["T"] == at.facts.case["state"]),
    Rule("Answer sent: not noted", lambda at: not sent(at.facts)),
    Rule("Answer sent: {D}, {T}", lambda at: at["D"] == utc_day(sent(at.facts)) and on_time(at.facts, at["T"])),
    Rule("Closed: not yet", lambda at: not at.facts.case["closed_at"]),
    Rule("Closed: {T}", lambda at: at["T"] == at.facts.utc(at.facts.case["closed_at"])),
    Rule("Owner of the case: the case owner"),
    Rule("Accountable person: {T}", lambda at: at["T"] == at.facts.case["accountable"]),
    Rule("Data protection officer: {T}", lambda at: at["T"] == at.facts.case["dpo"]),
    Rule("Outcome: {T}", lambda at: set(re.split(", | and ", at["T"])) == set(tallied(outcomes(at.facts)))),
    Rule("Handed over to the person: {T}", lambda at: handed_over(at.facts) and at["T"] == disclosed(at.facts)),
    Rule("Prepared, not handed over: {T}", lambda at: not handed_over(at.facts) and at["T"] == disclosed(at.facts)),
    Rule("Handed over: with the letter sent on {T}", lambda at: at["T"] == at.facts.utc(handed_over(at.facts))),
    Rule("Masked in the copies: {T}", lambda at: set(at["T"].split("; ")) == {f"{name}: {number:,}" for name, number in at.facts.masked.items() if number}),
    Rule("SHA-256 of the encrypted package: [0-9a-f]{64}", lambda at: at.facts.done("assemble")),
    Rule("(Rules it was handled under|Versions of Rightsflow): {T}"),
]

RULES = [
    exact("Skip to the content"),
    Rule(r"Evidence of how a data subject’s request was handled \(Art\. 5\(2\), Art\. 24\(1\) {LAW}\)", lambda at: at["LAW"] == at.facts.law),
    Rule("Controller: {T:who} · Supervisory authority: {T:authority}", lambda at: (at["who"], at["authority"]) == (at.facts.case["controller"], at.facts.case["authority"])),
    Rule("Case {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule(r"(?P<right>[A-Z][a-z-]+) request, received on {D}; {T}\.", lambda at: at["right"].casefold() == at.facts.right and headline(at)),
    exact("All times are in UTC unless another offset is given."),
    *_REQUEST,
    Rule("What is found and what is handed over are counted in records; .+", lambda at: disclosed(at.facts)),
    Rule("Named by keyed hashes only .+"),
    Rule("{N} identifiers?", lambda at: at.number() == len(at.facts.case["identifiers"])),
    Rule(r"Kind \| Learnt from \| Keyed hash"),
    Rule(r"(customer id|account id|email|phone|name|birth date) \| (request|helpdesk|payments|call-store) \| [0-9a-f]{64}"),
    Rule(r"Earlier cases of who gave the same e-mail address, or two of the same identifiers, found by keyed hashes: {N}\.", lambda at: at.number() == len(at.facts.case["earlier"])),
    Rule(r"When \| What \| Last day \| Safe reading \| Work to"),
    Rule(r"{T:at} \| (?P<what>[A-Z][a-z ]+) \| {T:due} \| {T:safe} \| {T:work}", clock_row),
    Rule("How the dates were computed: {T}"),
    Rule("Received .+ Sources: .+"),
    Rule(r"Identity (?P<verdict>\w+) by {T:who} on (?P<at>[^:]+:\d\d UTC)(?:: (?P<T>[^,]+))?(?:, done on (?P<done>[^:]+:\d\d UTC) against the {T:against} on file(?P<where> in \S+| elsewhere) since {D:since})?\.", identity),
    Rule(r"The decision was about the answer \"nothing held\"\. Four eyes: opened by {T:opener} \(name typed, not signed in\), (?P<verdict>\w+) by (?P<who>[\w ]+) \(name typed, not signed in\)\.", lambda at: four_eyes(at) and not at.facts.records),
    Rule(r"Four eyes: opened by {T:opener} \(name typed, not signed in\), (?P<verdict>\w+) by (?P<who>[\w ]+) \(name typed, not signed in\)\.", four_eyes),
    Rule(r"When \| At the gate \| Verdict \| By \| How that is known \| Code \| Bound to"),
    Rule(r"{T:at} \| (?P<gate>\w+) \| (?P<verdict>\w+) \| {T:who} \| name typed, not signed in \| (?P<code>\S+) \| {T}", decision_row),
    Rule("A reason may name the person, .+"),
    exact("No decision is recorded.", lambda at: not [one for one in at.facts.case["decisions"] if one["gate"] != "dossier"]),
    Rule(r"System \| Searched \| For \| Found \| Outcome \| Checked afterwards"),
    Rule(r"(?P<system>[a-z-]+) \| (?P<searched>[^|]+) \| (?P<by>[^|]+) \| (?P<found>[^|]+) \| (?P<outcome>[^|]+) \| (?P<looked>[^|]+)", system_row, ("What was done in each system",)),
    Rule("“Checked afterwards” is a fresh read of each record .+"),
    exact("What the searches could not find"),
    Rule("(?P<system>[a-z-]+): {T}", limit, ("What the searches could not find",)),
    Rule(r"What the searches could not find: not recorded of .+", lambda at: any(not at.facts.done("locate", name) for name in at.facts.case["systems"])),
    exact("What was left out of the access package", lambda at: at.facts.right == "access"),
    Rule(r"System \| What \| Records \| Why, as worded for the person \| Provision"),
    Rule(r"(?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<count>[^|]+) \| “(?P<why>[^|]+)” \| (?P<basis>[^|]+)", left_out_row, ("What was left out",)),
    Rule("A ground that a person gave may name others, .+"),
    exact("No system was searched.", lambda at: not any(one["step"] == "locate" for one in at.facts.case["steps"])),
    exact("Remarks on what was erased"),
    Rule(r"System \| Category \| Records \| Outcome \| Remark, as worded for the letter"),
    Rule(r"(?P<system>[a-z-]+) \| (?P<what>[^|]+) \| {N} \| (?P<outcome>[^|]+) \| “{T}”",
         lambda at: at.number() == len([one for one in at.facts.of(system=at["system"], category=at["what"], reason=at["T"]) if one["fate"] == "erased"]), ("Remarks on what was erased",)),
    Rule("What stands in quotation marks is worded for the letter: .+"),
    Rule("{N} records?, one by one", lambda at: at.number() == at.facts.count(was_dealt_with)),
    Rule(r"Record \| System \| Kind \| Outcome \| When \| Checked afterwards \| Vendor’s reference"),
    Rule(r"[0-9a-f]{16}… \| (?P<system>[a-z-]+) \| (?P<what>[a-z]+) \| (?P<outcome>[^|]+) \| (?P<at>[^|]+) \| (?P<looked>[^|]+) \| \S+", record_row),
    exact("What stays, and why", lambda at: set(outcomes(at.facts)) - {"erased"}),
    Rule(r"System \| Records \| Outcome \| Why, as worded for the letter \| Provision"),
    Rule(r"(?P<system>[a-z-]+) \| (?P<parts>[^|]+) \| (?P<outcome>[^|]+) \| (?P<why>[^|]+) \| (?P<basis>[^|]+)", stays_row, ("What stays",)),
    Rule(r"Letter \| Version \| Written \| Sent \| Sending noted \| By \| How, and proof \| Keyed hash of its text"),
    Rule(r"(?P<name>L\d+(?:\.\d+)?), [^|]+ \| \d+ \| (?P<written>[^|]+) \| (?P<sent>[^|]+) \| (?P<noted>[^|]+) \| (?P<who>[^|]+) \| (?P<how>[^|]+) \| [0-9a-f]{16}…", letter_row, ("Letters",)),
    Rule(r"(The request arrived by (?P<how>[a-z -]+)\. )?Letters with a code of the mail server were handed to the controller’s mail server, at the word of the person named or, by “rightsflow”, by themselves; .+",
         lambda at: (at["how"] or "not stated") == at.facts.case["channel"]),
    Rule("As the controller’s configuration named them at this export"),
    Rule(r"System \| Recipient or processor \| About this request \| Transfers to third countries"),
    Rule(r"(?P<system>[a-z-]+) \| (?P<who>[^|]+) \| (?P<done>[^|]+) \| {T}", recipient_row, ("As the controller’s configuration",)),
    Rule("“Not instructed” says that the entries note no message to them .+"),
    exact("Exports of this evidence"),
    Rule("{T}, by Aud Itor", TRUE, ("Exports of this evidence",)),
    exact("None.", lambda at: not at.facts.case["letters"], "Letters"),
    Rule(r"(?P<at>[^|]+ UTC) \| Delegated \| rightsflow \| (?P<system>[a-z-]+): (?P<what>[a-z]+), {T}", delegated, ("Recipients and processors",)),
    Rule(r"[^|]+ UTC \| (?P<what>Processor asked|Processor confirmed) \| (?P<who>[^|]+) \| [^|]+", act, ("Recipients and processors",)),
    exact("The entries name nothing that was delegated to a processor.", lambda at: not any_at_processors(at.facts)),
    Rule(r"When \| What \| By \| Details"),
    exact("None was raised.", lambda at: not at.facts.happened("AlertRaised") and not at.facts.happened("IncidentRaised")),
    exact("No access is recorded.", lambda at: not at.facts.happened("PersonalDataRevealed")),
    Rule(r"[^|]+ UTC \| (?P<what>[^|]+) \| (?P<who>[^|]+) \| [^|]+", act, ("Alerts", "Everything else")),
    exact("The approval left records out: the package was made again after it, without them, so that it is not the one that was approved.", lambda at: at.facts.of(fate="left out")),
    exact("Nothing."),
    Rule("Roles of those whose names were typed: .+|Version of the retention rules: .+|To which address letters were sent: not recorded; .+"),
    exact("Back-ups: not recorded", lambda at: not at.facts.happened("BackupsNamed")),
    exact("Back-ups: as listed under everything else; others are not recorded", lambda at: at.facts.happened("BackupsNamed")),
    Rule(r"Recipients told \(Art\. 19 {LAW}\): none recorded", lambda at: at["LAW"] == at.facts.law and not any_at_processors(at.facts)),
    Rule(r"Recipients told \(Art\. 19 {LAW}\): as listed under processors; others are not recorded", lambda at: at["LAW"] == at.facts.law and any_at_processors(at.facts)),
    exact("Masking of other people’s data: none recorded", lambda at: not +at.facts.masked),
    Rule("Keep the file as it is and run, .+|rightsflow verify .+|The fingerprint is .+|What it does not show: .+"),
    Rule("Each of the {N} entr(y|ies) carries .+", lambda at: at.number() == len(at.facts.case["events"])),
    Rule("No seal is noted in the entries: .+"),
    Rule(r"Case {T:case} · {N} entr(y|ies) · last entry .+", lambda at: at["case"] == at.facts.case["case_id"] and at.number() == len(at.facts.case["events"])),
    exact("This page needs no network and holds no script."),
    Rule("The request|The person|The clock|Who decided|What was done in each system|Letters|Recipients and processors|Alerts and who took them up|Who looked at personal data|Everything else|What the entries do not say|How to check this"),
]
# fmt: on


def missing(lines: list[tuple[str, str]], facts: Facts) -> Iterator[str]:
    """What the evidence page lacks."""
    text = "\n".join(line for _, line in lines)
    if facts.is_uk and (stray := re.search(r"(?<!UK )GDPR(?!-)", text.replace("UK-GDPR", "").replace("gdpr", ""))):
        yield f"page: law of the Union in British evidence: {stray[0]}"
    rows = [line for section, line in lines if section.startswith("What was done in each system") and " | " in line]
    if len([one for one in rows if re.match(r"[a-z-]+ \| ", one)]) < len({one["system"] for one in facts.records}):
        yield "page: a system is missing"
    staying = [line for section, line in lines if section.startswith("What stays")]
    told = sum(
        int(one.replace(",", "")) for line in staying for one in re.findall(r": ([\d,]+)(?=, until| /| \|)", line)
    )
    if told != facts.count(lambda one: one["outcome"] is not None and one["fate"] != "erased"):
        yield "page: another number of records that stay"


def check_certificate(text: str, facts: Facts) -> Iterator[str]:
    """The numbers of the certificate."""
    said: dict[str, Any] = json.loads(text)
    for name in ("case_id", "right", "state", "regime"):
        if said[name] != facts.case[name]:
            yield f"certificate: another {name} than in the case file"
    for name in ("closed_at",):
        if (said[name] or "")[:16] != (facts.case[name] or "")[:16]:
            yield f"certificate: another {name} than in the case file"
    if said["disclosed"] != dict(Counter(one["category"] for one in facts.records if one["fate"] == "given")):
        yield "certificate: another number of disclosed records than in the case file"
    for one in said["systems"]:
        if Counter(one["outcomes"]) != outcomes(facts, one["system"]):
            yield f"certificate: other outcomes of {one['system']} than in the case file"
        if one["unclear"] != len(facts.of(system=one["system"], attribution="unclear")):
            yield f"certificate: another number of unclear records of {one['system']}"
        if set(one["searched_by"]) - set(facts.case["systems"][one["system"]]["searches"]):
            yield f"certificate: says that {one['system']} was searched by what it cannot be searched by"
    if {name: number for name, number in said["masked"].items() if number} != dict(+facts.masked):
        yield "certificate: another number of masked details"


def check_export(text: str, facts: Facts) -> Iterator[str]:
    """The numbers and the end of the export in the terms of the Data Privacy Vocabulary."""
    nodes = json.loads(text)["@graph"]
    activities = [one for one in nodes if one["@type"] == "dpv:RightExerciseActivity"]
    status = {one.get("dpv:hasStatus", {}).get("@id", "") for one in activities}
    dealt: Counter[str] = Counter()
    fulfilled = 0
    for one in activities:
        if one.get("dpv:hasStatus") and one.get("dpv:hasPersonalData") and one.get("dpv:isImplementedUsingTechnology"):
            for data in one["dpv:hasPersonalData"]:
                dealt[data["dct:title"]] += data["rf:records"]
                fulfilled += data["rf:records"] * one["dpv:hasStatus"]["@id"].endswith("RequestFulfilled")
    concerned = [one for one in facts.records if one["outcome"] is not None and one["fate"] != "not concerned"]
    if dealt != Counter(one["category"] for one in concerned):
        yield "dpv: another number of records than in the case file"
    done = {"erased", "redacted", "not held", "rectified", *({"restricted"} if facts.right == "restriction" else ())}
    if fulfilled != facts.count(lambda one: one["fate"] in done):
        yield "dpv: fulfilled of another number of records than it was carried out on"
    is_done = any(one.endswith("RequestFulfilled") for one in status)
    if is_done and not any(one["fate"] in done for one in facts.records) and not sent(facts):
        yield "dpv: fulfilled, and no answer is noted as sent"
    rulings = {one["ruling"]["kind"] for one in facts.case["items"] if one["ruling"]}
    whole = [one["dpv:hasRequestStatus"] for one in nodes if "dpv:hasRequestStatus" in one]
    if facts.case["state"] == "answered" and rulings:
        said = json.dumps(whole)
        if (rulings != {"accept"}) and "Unfulfilled" not in said:
            yield "dpv: an item is not corrected as the person asked, and nothing is unfulfilled"
        if rulings == {"refuse"} and "RequestFulfilled" in said:
            yield "dpv: every item is refused, and something is fulfilled"
    kept = any(
        one["fate"] in {"retained", "residue", "unclear", "restricted", "pseudonymised", "failed"}
        for one in facts.records
    )
    if (
        facts.right == "erasure"
        and kept
        and facts.case["state"] == "answered"
        and not any(word in one for one in status for word in ("Unfulfilled", "Delayed"))
    ):
        yield "dpv: something is kept, and nothing is unfulfilled"
