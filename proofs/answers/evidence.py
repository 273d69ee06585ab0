"""The evidence: its page, its certificate and its export, against the case file."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from proofs.answers.facts import (
    ANSWERS,
    KEPT,
    MONTHS,
    TRUE,
    Facts,
    Lines,
    Place,
    Plain,
    Rule,
    counted,
    exact,
    read_day,
    whole,
)
from proofs.answers.package import left_out, masked_by_people

_CAME_TO = {"seen": "still seen after the erasure"}
"""The fates that the evidence names in other words than the file."""
_FATES = {value: key for key, value in _CAME_TO.items()}
_TYPED = "name typed, not signed in"


def _utc_day(when: str) -> str:
    at = datetime.fromisoformat(when)
    return f"{at.day} {MONTHS[at.month - 1]} {at.year}"


def _outcomes(facts: Facts, system: str = "") -> Counter[str]:
    these = (one for one in facts.records if one["outcome"] is not None and system in {"", one["system"]})
    return Counter(_CAME_TO.get(one["fate"], one["fate"]) for one in these)


def _tallied(counts: Counter[str]) -> list[str]:
    return [f"{number:,} {name}" for name, number in sorted(counts.items())]


def _sent(facts: Facts) -> str:
    sent = (one["sent_at"] for one in facts.letters if one["id"] in {*ANSWERS, "L7"} and one["sent_at"])
    return min(sent, default="")


def _headline(at: Place) -> bool:
    """Return the status of the case, with which the page begins."""
    facts, text = at.facts, at["T"]
    if at["D"] not in {_utc_day(facts.received_at), facts.received_on}:
        return False
    if facts.state == "stopped":
        return text.startswith(f"stopped on {_utc_day(facts.closed_at)}")
    if not facts.closed_at or facts.state == "withdrawn":
        return text.startswith(facts.state)
    sent = _sent(facts)
    told = (
        f"sent on {_utc_day(sent)}" in text and _on_time(facts, text)
        if sent
        else "of which no sending is noted" in text
    )
    return told and text.startswith(f"{facts.state}, by an answer")


def _on_time(facts: Facts, text: str) -> bool:
    left = (facts.date(facts.due_on) - datetime.fromisoformat(_sent(facts)).date()).days
    days = f"{counted(abs(left), 'day')} {'before' if left > 0 else 'after'} the last day of the law"
    return (days if left else "on the last day of the law") in text


def _identity(facts: Facts) -> Iterator[str]:
    if decision := facts.decision("identity"):
        method, check = decision["method"] or "", decision["check"]
        method = "another way" if method.startswith("another way") else method
        said = f"Identity {decision['verdict']} by {decision['by']} on {facts.utc(decision['decided_at'])}"
        said += f": {method}" if method else ""
        if check:
            where = "elsewhere" if check["held_by"] == "elsewhere" else f"in {check['held_by']}"
            on_file = f"against the {check['against']} on file {where} since {facts.day(check['on_file_since'])}"
            said += f", done on {facts.utc(check['at'])} {on_file}"
        yield f"{said}."


def _four_eyes(facts: Facts) -> Iterator[str]:
    if decision := facts.decision("approval"):
        eyes = (
            f"Four eyes: opened by {facts.opened_by} ({_TYPED}), {decision['verdict']} by {decision['by']} ({_TYPED})."
        )
        yield from (eyes, *([] if facts.records else [f'The decision was about the answer "nothing held". {eyes}']))


def _decision(at: Place) -> bool:
    decision = at.decision(at["gate"])
    wanted = (decision["verdict"], decision["by"], decision["code"] or "–", at.utc(decision["decided_at"]))
    return (at["verdict"], at["who"], at["code"], at["at"]) == wanted


def _system(at: Place) -> bool:
    """Check a row of the table of systems: the search, what was found, and the outcome."""
    facts, system = at.facts, at["system"]
    step = facts.done("locate", system)
    searched = Counter(kind for kind, _ in facts.identifiers if kind in facts.systems[system]["searches"])
    found = Counter(one["category"] for one in facts.of(system=system, attribution="subject"))
    unclear = len(facts.of(system=system, attribution="unclear"))
    parts = {f"{name}: {number:,}" for name, number in found.items()} or {"nothing noted"}
    wanted = [
        facts.utc(step["finished_at"]) if step else "never finished",
        {f"{kind.replace('_', ' ')}: {number}" for kind, number in searched.items()} or {"–"},
        parts | ({f"{unclear} not attributable"} if unclear else set()),
        set(_tallied(_outcomes(facts, system))) or {"–"},
    ]
    said = [at["searched"], *({*at[name].split(" / ")} for name in ("by", "found", "outcome"))]
    return said == wanted and _looks(facts, system, at["looked"])


def _looks(facts: Facts, system: str, text: str) -> bool:
    looked = [one for one in facts.of(system=system) if one["verified"]]
    if not looked:
        return re.match(r"–|\d", text) is not None and "absent" not in text
    seen = Counter(one["verified"] for one in looked)
    return {facts.utc(max(one["verified_at"] for one in looked)), *_tallied(seen)} <= set(text.split(" / "))


def _was_dealt_with(one: Plain) -> bool:
    return one["outcome"] is not None or one["acted_at"] is not None


def _record(at: Place) -> bool:
    """Check a row of what is retained, or erased with a reason; what is to be erased again is open."""
    said, _, decider = at["outcome"].partition(" / decided by ")
    outcome, _, again = said.partition(" / ")
    return any(
        _CAME_TO.get(one["fate"], "open" if one["outcome"] is None else one["fate"]) == outcome
        and decider == (one["decided"]["by"] if one["decided"] else "")
        and again == _again(at.facts, one["number"])
        and (one["outcome"] is None or at.utc(one["acted_at"]) == at["at"])
        and (at["looked"] == "–" or at["looked"].startswith(one["verified"] or "none"))
        for one in at.of(system=at["system"], kind=at["what"])
        if _was_dealt_with(one)
    )


def _again(facts: Facts, number: int) -> str:
    back = [one for one in facts.double["returned"] if one["number"] == number and one["began"]]
    gone = " and erased again" if all(one["gone_on"] for one in back) else ""
    return f"seen again {counted(len(back), 'time')}{gone}" if back else ""


def _stays(at: Place) -> bool:
    """Check a group of retained records: the number of each category, the end, the reason and the provision."""
    outcome, _, refused = at["outcome"].partition(" / ")
    reason = at["why"].strip("“”") if at["why"] != "–" else ""
    these = at.of(_FATES.get(outcome, outcome), system=at["system"], reason=reason)
    these = [one for one in these if bool(one["refused"]) is bool(refused)]
    is_due = bool(refused) and outcome in {"retained", "residue"}
    due = f"No exception; the erasure is due (Art. 17(1) {at.law}) as soon as the system allows it" if is_due else "–"
    for given in {one["legal_basis"] for one in these}:
        parts = Counter((one["category"], _until(at.facts, one)) for one in these if one["legal_basis"] == given)
        told = {f"{category}: {number:,}{until}" for (category, until), number in parts.items()}
        if at["basis"] == (given or due) and told == set(at["parts"].split(" / ")):
            return True
    return False


def _until(facts: Facts, one: Plain) -> str:
    is_due = one["refused"] and one["fate"] in {"retained", "residue"}
    ends = one["ends_when"] or ("the system allows it" if is_due else "")
    return f", until {facts.day(one['until'])}" if one["until"] else f", until “{ends}”" if ends else ""


def _letter(at: Place) -> bool:
    """Check a row of the table of letters; of a letter that was replaced before it was sent, the day of writing."""
    letter = at.letter(at["name"])
    unsent = (at["noted"], at["sent"], at["who"], at["how"]) == ("–", "not noted", "–", "–")
    if unsent and at["written"] in _written_before(at.facts, at["name"]):
        return True
    proof = "the reference of a proof is held" if letter["proof"] else "no proof recorded"
    how = (
        (at.utc(letter["sent_at"]), letter["sent_by"], f"{letter['channel'] or 'channel not recorded'}; {proof}")
        if letter["sent_at"]
        else ("not noted", "–", "–")
    )
    noted = not letter["sent_at"] if at["noted"] == "–" else at["noted"][-3:] == "UTC"
    return noted and (at["written"], at["sent"], at["who"], at["how"]) == (at.utc(letter["written_at"]), *how)


def _written_before(facts: Facts, name: str) -> list[str]:
    times = [one["at"] for one in facts.events if one["event"] == "LetterWritten" and one["letter"] == name]
    return [facts.utc(one) for one in times if one != facts.letter(name)["written_at"]]


def _left_out_row(at: Place) -> bool:
    """Check that left-out data is counted and reasoned as in the package, without anyone's own words."""
    number = whole(at["count"]) if at["count"][:1].isdigit() else 0
    by_people = {
        (where, f"{what} ({counted(times, unit)})")
        for (where, what, unit, _), times in masked_by_people(at.facts).items()
    }
    if not left_out(at.facts)[at["system"], at["what"], number] and (
        number or (at["system"], at["what"]) not in by_people
    ):
        return False
    # Of a copy a record is left out on a ground of a list, which is no one's own words.
    grounds = [
        one["decided"]["ground"].rstrip(".") for one in at.records if one["decided"] and one["fate"] != "left out"
    ]
    return not any(ground and ground in at["why"] for ground in grounds)


def _recipient(at: Place) -> bool:
    recipients, transfers = at.systems[at["system"]]["stated"]
    recipients = at.recipients(at["system"]) or recipients
    words = {"": "not stated", "none": "none, as stated"}
    named = {words.get(recipients, recipients)} if isinstance(recipients, str) else set(recipients) or {"not stated"}
    asked = any(at["who"].partition(" (")[0] == one["name"] for one in at.instructions if one["told"])
    done = "–" if at["who"] in words.values() else "as listed above" if asked else "not instructed"
    return at["who"] in named and at["done"] == done and at["T"] == words.get(transfers, transfers)


def _disclosed(facts: Facts) -> str:
    found = Counter(one["category"] for one in facts.of("given"))
    return "; ".join(f"{name}: {number:,}" for name, number in sorted(found.items()))


def _act(at: Place) -> bool:
    event = "".join(word.capitalize() for word in re.sub(r" \(\d+ times\)", "", at["what"]).split())

    def author(one: Plain) -> str:
        known = "signed in" if one["signed_in"] else _TYPED
        return str(one["by"]) if one["by"] in {"", "rightsflow"} else f"{one['by']} ({known})"

    return any(one["event"] == event and author(one) == at["who"] for one in at.events)


def _at_processors(at: Place) -> bool:
    return bool(at.of("delegated") or any(one["told"] for one in at.instructions))


def _request(facts: Facts) -> Iterator[str]:
    """Check the lines on the request."""
    yield from (
        f"Right: {facts.right}",
        f"Arrived by: {facts.channel}",
        f"Law: {facts.regime.upper()}",
        f"State: {facts.state}",
    )
    # Those who open these cases, and decide on them, are not signed in.
    yield f"Case opened: {facts.utc(facts.opened_at)}, by {facts.opened_by} ({_TYPED})"
    yield f"Last day of the law: {facts.day(facts.due_on)}"
    yield f"Closed: {facts.utc(facts.closed_at) if facts.closed_at else 'not yet'}"
    yield from [] if _sent(facts) else ["Answer sent: not noted"]
    yield from (
        f"Accountable person: {facts.accountable}",
        f"Data protection officer: {facts.dpo}",
        f"Case {facts.case_id}",
    )
    sent = facts.letter("L9").get("sent_at")
    yield f"{'Handed over to the person' if sent else 'Prepared, not handed over'}: {_disclosed(facts)}"
    yield from [f"Handed over: with the letter sent on {facts.utc(sent)}"] if sent else []
    yield f"Controller: {facts.controller} · Supervisory authority: {facts.authority}"
    yield from (
        counted(len(facts.identifiers), "identifier"),
        f"{counted(facts.count(_was_dealt_with), 'record')}, one by one",
    )


_INSTANT = r"(?P<at>[^|]+ UTC)"
_SYSTEM = r"(?P<system>[a-z-]+)"
# fmt: off
RULES = [
    Lines(_request), Lines(_identity), Lines(_four_eyes),
    exact("Skip to the content"), exact("All times are in UTC unless another offset is given."), exact("This page needs no network and holds no script."),
    exact("Evidence of how a data subject’s request was handled (Art. 5(2), Art. 24(1) {law})"),
    Rule(r"(?P<right>[A-Z][a-z-]+) request, received on {D}; {T}\.", lambda at: at["right"].casefold() == at.right and _headline(at)),
    Rule("Received: {received_on}(?:, {T})?"),
    Rule("Answer sent: {D}, {T}", lambda at: at["D"] == _utc_day(_sent(at.facts)) and _on_time(at.facts, at["T"])),
    exact("Owner of the case: the case owner"),
    Rule("Outcome: {T}", lambda at: set(re.split(", | and ", at["T"])) == set(_tallied(_outcomes(at.facts)))),
    Rule("Masked in the copies: {T}", lambda at: set(at["T"].split("; ")) == {f"{name}: {number:,}" for name, number in at.masked.items() if number}),
    Rule("SHA-256 of the encrypted package: [0-9a-f]{64}", lambda at: at.done("assemble")),
    Rule("(Rules it was handled under|Versions of Rightsflow): {T}"),
    Rule("What is found and what is handed over are counted in records; .+", lambda at: _disclosed(at.facts)),
    Rule("Named by keyed hashes only .+|A reason may name the person, .+|A ground that a person gave may name others, .+|How the dates were computed: .+|Received .+ Sources: .+"),
    Rule(r"(customer id|account id|email|phone|name|birth date) \| (request|helpdesk|payments|call-store) \| [0-9a-f]{64}"),
    Rule(r"Earlier cases of who gave the same e-mail address, or two of the same identifiers, found by keyed hashes: {N}\.", lambda at: at.number() == len(at.case["earlier"])),
    # The heads of tables.
    Rule(r"Kind \| Learnt from \| Keyed hash|When \| What \| Last day \| Safe reading \| Target date|When \| At the gate \| Verdict \| By \| How that is known \| Code \| Bound to|When \| What \| By \| Details"
         r"|System \| (Searched \| For \| Found \| Outcome \| Checked afterwards|What \| Records \| Why, as worded for the person \| Provision|Category \| Records \| Outcome \| Remark, as worded for the letter"
         r"|Records \| Outcome \| Why, as worded for the letter \| Provision|Recipient or processor \| About this request \| Transfers to third countries)|Record \| System \| Kind \| Outcome \| When \| Checked afterwards \| Vendor’s reference"
         r"|Letter \| Version \| Written \| Sent \| Sending noted \| By \| How, and proof \| Keyed hash of its text"),
    Rule(r"{T:at} \| (?P<what>[A-Z][a-z ]+) \| {T:due} \| {T:safe} \| {T:work}", lambda at: read_day(at["due"]) >= read_day(at["work"])),
    Rule(r"{T:at} \| (?P<gate>\w+) \| (?P<verdict>\w+) \| {T:who} \| name typed, not signed in \| (?P<code>\S+) \| {T}", _decision),
    exact("No decision is recorded.", lambda at: not [one for one in at.decisions if one["gate"] != "dossier"]),
    Rule(rf"{_SYSTEM} \| (?P<searched>[^|]+) \| (?P<by>[^|]+) \| (?P<found>[^|]+) \| (?P<outcome>[^|]+) \| (?P<looked>[^|]+)", _system, "What was done in each system"),
    Rule("“Checked afterwards” is a fresh read of each record .+"),
    exact("What the searches could not find"),
    Rule(rf"{_SYSTEM}: {{T}}", lambda at: at["T"] in at.systems[at["system"]]["cannot_find"] and at.done("locate", at["system"]), "What the searches could not find"),
    Rule(r"What the searches could not find: not recorded of .+", lambda at: any(not at.done("locate", name) for name in at.systems)),
    exact("What was left out of the access package", lambda at: at.right == "access"),
    Rule(rf"{_SYSTEM} \| (?P<what>[^|]+) \| (?P<count>[^|]+) \| “(?P<why>[^|]+)” \| (?P<basis>[^|]+)", _left_out_row, "What was left out"),
    exact("No system was searched.", lambda at: not any(one["step"] == "locate" for one in at.steps)),
    exact("Remarks on what was erased"),
    Rule(rf"{_SYSTEM} \| (?P<what>[^|]+) \| {{N}} \| (?P<outcome>[^|]+) \| “{{T}}”", lambda at: at.number() == len(at.of("erased", system=at["system"], category=at["what"], reason=at["T"])), "Remarks on what was erased"),
    Rule("What stands in quotation marks is worded for the letter: .+|What is in quotation marks is worded for the letter: .+"),
    Rule(rf"[0-9a-f]{{16}}… \| {_SYSTEM} \| (?P<what>[a-z]+) \| (?P<outcome>[^|]+) \| (?P<at>[^|]+) \| (?P<looked>[^|]+) \| \S+", _record),
    exact("What stays, and why", lambda at: set(_outcomes(at.facts)) - {"erased"}),
    Rule(rf"{_SYSTEM} \| (?P<parts>[^|]+) \| (?P<outcome>[^|]+) \| (?P<why>[^|]+) \| (?P<basis>[^|]+)", _stays, "What stays"),
    Rule(r"(?P<name>L\d+(?:\.\d+)?), [^|]+ \| \d+ \| (?P<written>[^|]+) \| (?P<sent>[^|]+) \| (?P<noted>[^|]+) \| (?P<who>[^|]+) \| (?P<how>[^|]+) \| [0-9a-f]{16}…", _letter, "Letters"),
    Rule(r"(The request arrived by (?P<how>[a-z -]+)\. )?Letters with a code of the mail server were handed to the controller’s mail server, at the word of the person named or, by “rightsflow”, by themselves; .+", lambda at: (at["how"] or "not stated") == at.channel),
    exact("As the controller’s configuration named them at this export"),
    Rule(rf"{_SYSTEM} \| (?P<who>[^|]+) \| (?P<done>[^|]+) \| {{T}}", _recipient, "As the controller’s configuration"),
    Rule("“Not instructed” says that the entries note no message to them .+"),
    exact("Exports of this evidence"),
    Rule("{T}, by Aud Itor", TRUE, "Exports of this evidence"),
    exact("None.", lambda at: not at.letters, "Letters"),
    Rule(rf"{_INSTANT} \| Delegated \| rightsflow \| {_SYSTEM}: (?P<what>[a-z]+), {{T}}", lambda at: any(at.utc(one["acted_at"]) == at["at"] for one in at.of("delegated", system=at["system"], kind=at["what"], category=at["T"])), "Recipients and processors"),
    Rule(rf"{_INSTANT} \| (?P<what>Processor asked|Processor confirmed) \| (?P<who>[^|]+) \| [^|]+", _act, "Recipients and processors"),
    exact("The entries name nothing that was delegated to a processor.", lambda at: not _at_processors(at)),
    exact("None was raised.", lambda at: not at.happened("AlertRaised") and not at.happened("IncidentRaised")),
    exact("No access is recorded.", lambda at: not at.happened("PersonalDataRevealed")),
    Rule(rf"{_INSTANT} \| (?P<what>[^|]+) \| (?P<who>[^|]+) \| [^|]+", _act, "Alerts", "Everything else"),
    exact("The approval left records out: the package was made again after it, without them, so that it is not the one that was approved.", lambda at: at.of("left out")),
    exact("Nothing."),
    Rule("Roles of those whose names were typed: .+|Version of the retention rules: .+|To which address letters were sent: not recorded; .+"),
    exact("Back-ups: not recorded", lambda at: not at.happened("BackupsNamed")),
    exact("Back-ups: as listed under everything else; others are not recorded", lambda at: at.happened("BackupsNamed")),
    exact("Recipients told (Art. 19 {law}): none recorded", lambda at: not _at_processors(at)),
    exact("Recipients told (Art. 19 {law}): as listed under processors; others are not recorded", _at_processors),
    exact("Masking of other people’s data: none recorded", lambda at: not +at.masked),
    Rule("Keep the file as it is and run, .+|rightsflow verify .+|The fingerprint is .+|What it does not show: .+"),
    Rule("Each of the {N} entr(y|ies) carries .+", lambda at: at.number() == len(at.events)),
    Rule("No seal is noted in the entries: .+"),
    Rule(r"Case {case_id} · {N} entr(y|ies) · last entry .+", lambda at: at.number() == len(at.events)),
    Rule("The request|The person|The clock|Who decided|What was done in each system|Letters|Recipients and processors|Alerts and who took them up|Who looked at personal data|Everything else|What the entries do not say|How to check this"),
]
# fmt: on


def missing(lines: list[tuple[str, str]], facts: Facts) -> Iterator[str]:
    text = "\n".join(line for _, line in lines)
    if facts.is_uk and (stray := re.search(r"(?<!UK )GDPR(?!-)", text.replace("UK-GDPR", "").replace("gdpr", ""))):
        yield f"page: law of the Union in British evidence: {stray[0]}"
    rows = [line for section, line in lines if section.startswith("What was done in each system")]
    if sum(bool(re.match(r"[a-z-]+ \| ", one)) for one in rows) < len({one["system"] for one in facts.records}):
        yield "page: a system is missing"
    staying = "\n".join(line for section, line in lines if section.startswith("What stays"))
    told = sum(map(whole, re.findall(r": ([\d,]+)(?=, until| /| \|)", staying)))
    if told != facts.count(lambda one: one["outcome"] is not None and one["fate"] != "erased"):
        yield "page: another number of records that stay"


def check_certificate(text: str, facts: Facts) -> Iterator[str]:
    """Check the numbers of the certificate."""
    said: dict[str, Any] = json.loads(text)
    said["closed_at"], closed_at = (said["closed_at"] or "")[:16], (facts.closed_at or "")[:16]
    wanted = {name: facts.case[name] for name in ("case_id", "right", "state", "regime")} | {"closed_at": closed_at}
    wanted["disclosed"] = dict(Counter(one["category"] for one in facts.of("given")))
    said["masked"] = {name: number for name, number in said["masked"].items() if number}
    wanted["masked"] = dict(+facts.masked)
    yield from (f"certificate: another {name} than in the case file" for name in wanted if said[name] != wanted[name])
    for one in said["systems"]:
        if Counter(one["outcomes"]) != _outcomes(facts, one["system"]):
            yield f"certificate: other outcomes of {one['system']} than in the case file"
        if one["unclear"] != len(facts.of(system=one["system"], attribution="unclear")):
            yield f"certificate: another number of unclear records of {one['system']}"
        if set(one["searched_by"]) - set(facts.systems[one["system"]]["searches"]):
            yield f"certificate: says that {one['system']} was searched by what it cannot be searched by"


def check_export(text: str, facts: Facts) -> Iterator[str]:
    """Check the numbers and the end of the export in the terms of the Data Privacy Vocabulary."""
    nodes = json.loads(text)["@graph"]
    activities = [one for one in nodes if one["@type"] == "dpv:RightExerciseActivity"]
    status = " ".join(one.get("dpv:hasStatus", {}).get("@id", "") + ";" for one in activities)
    dealt, fulfilled = Counter[str](), 0
    for one in activities:
        if one.get("dpv:hasStatus") and one.get("dpv:hasPersonalData") and one.get("dpv:isImplementedUsingTechnology"):
            for data in one["dpv:hasPersonalData"]:
                dealt[data["dct:title"]] += data["rf:records"]
                fulfilled += data["rf:records"] * one["dpv:hasStatus"]["@id"].endswith("RequestFulfilled")
    concerned = [one for one in facts.records if one["outcome"] is not None and one["fate"] != "not concerned"]
    if dealt != Counter(one["category"] for one in concerned):
        yield "dpv: another number of records than in the case file"
    marks = ["restricted"] if facts.right == "restriction" else []
    done = facts.of("erased", "redacted", "not held", "rectified", *marks)
    if fulfilled != len(done):
        yield "dpv: fulfilled of another number of records than it was carried out on"
    if "RequestFulfilled;" in status and not done and not _sent(facts):
        yield "dpv: fulfilled, and no answer is noted as sent"
    rulings = {one["ruling"]["kind"] for one in facts.items if one["ruling"]} if facts.state == "answered" else set()
    whole_status = json.dumps([one["dpv:hasRequestStatus"] for one in nodes if "dpv:hasRequestStatus" in one])
    if rulings - {"accept"} and "Unfulfilled" not in whole_status:
        yield "dpv: an item is not corrected as the person asked, and nothing is unfulfilled"
    if rulings == {"refuse"} and "RequestFulfilled" in whole_status:
        yield "dpv: every item is refused, and something is fulfilled"
    is_kept = facts.right == "erasure" and facts.state == "answered" and facts.of(*KEPT, "failed")
    if is_kept and not any(word in status for word in ("Unfulfilled", "Delayed")):
        yield "dpv: something is kept, and nothing is unfulfilled"
