"""The sentences of the evidence page, each with what has to be true of the case."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections.abc import Iterator

from proofs.answers.evidence import rows
from proofs.answers.facts import Facts
from proofs.answers.letters.frame import exact
from proofs.answers.rules import TRUE, Rule

_REQUEST = [
    Rule("Right: {T}", lambda at: at["T"] == at.facts.right),
    Rule("Arrived by: {T}", lambda at: at["T"] == at.facts.case["channel"]),
    Rule("Received: {D}(?:, {T})?", lambda at: at["D"] == at.facts.received_on),
    Rule(
        # Those who open these cases, and decide on them, are not signed in.
        r"Case opened: {T:at}, by {T:who} \(name typed, not signed in\)",
        lambda at: (at["at"], at["who"]) == (at.facts.utc(at.facts.case["opened_at"]), at.facts.case["opened_by"]),
    ),
    Rule("Law: {T}", lambda at: at["T"] == at.facts.case["regime"].upper()),
    Rule("Last day of the law: {D}", lambda at: at["D"] == at.facts.day(at.facts.case["due_on"])),
    Rule("State: {T}", lambda at: at["T"] == at.facts.case["state"]),
    Rule("Answer sent: not noted", lambda at: not rows.sent(at.facts)),
    Rule(
        "Answer sent: {D}, {T}",
        lambda at: at["D"] == rows.utc_day(rows.sent(at.facts)) and rows.on_time(at.facts, at["T"]),
    ),
    Rule("Closed: not yet", lambda at: not at.facts.case["closed_at"]),
    Rule("Closed: {T}", lambda at: at["T"] == at.facts.utc(at.facts.case["closed_at"])),
    Rule("Owner of the case: the case owner"),
    Rule("Accountable person: {T}", lambda at: at["T"] == at.facts.case["accountable"]),
    Rule("Data protection officer: {T}", lambda at: at["T"] == at.facts.case["dpo"]),
    Rule(
        "Outcome: {T}",
        lambda at: set(re.split(", | and ", at["T"])) == set(rows.tallied(rows.outcomes(at.facts))),
    ),
    Rule(
        "Handed over to the person: {T}", lambda at: rows.handed_over(at.facts) and at["T"] == rows.disclosed(at.facts)
    ),
    Rule(
        "Prepared, not handed over: {T}",
        lambda at: not rows.handed_over(at.facts) and at["T"] == rows.disclosed(at.facts),
    ),
    Rule("Handed over: with the letter sent on {T}", lambda at: at["T"] == at.facts.utc(rows.handed_over(at.facts))),
    Rule(
        "Masked in the copies: {T}",
        lambda at: (
            set(at["T"].split("; ")) == {f"{name}: {number:,}" for name, number in at.facts.masked.items() if number}
        ),
    ),
    Rule("SHA-256 of the encrypted package: [0-9a-f]{64}", lambda at: at.facts.done("assemble")),
    Rule("(Rules it was handled under|Versions of Rightsflow): {T}"),
]

RULES = [
    exact("Skip to the content"),
    Rule(
        r"Evidence of how a data subject’s request was handled \(Art\. 5\(2\), Art\. 24\(1\) {LAW}\)",
        lambda at: at["LAW"] == at.facts.law,
    ),
    Rule(
        "Controller: {T:who} · Supervisory authority: {T:authority}",
        lambda at: (at["who"], at["authority"]) == (at.facts.case["controller"], at.facts.case["authority"]),
    ),
    Rule("Case {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule(
        r"(?P<right>[A-Z][a-z-]+) request, received on {D}; {T}\.",
        lambda at: at["right"].casefold() == at.facts.right and rows.headline(at),
    ),
    exact("All times are in UTC unless another offset is given."),
    *_REQUEST,
    Rule("What is found and what is handed over are counted in records; .+", lambda at: rows.disclosed(at.facts)),
    Rule("Named by keyed hashes only .+"),
    Rule("{N} identifiers?", lambda at: at.number() == len(at.facts.case["identifiers"])),
    Rule(r"Kind \| Learnt from \| Keyed hash"),
    Rule(
        r"(customer id|account id|email|phone|name|birth date) \| (request|helpdesk|payments|call-store) \| [0-9a-f]{64}"
    ),
    Rule(
        r"Earlier cases of who gave the same e-mail address, or two of the same identifiers, found by keyed hashes: {N}\.",
        lambda at: at.number() == len(at.facts.case["earlier"]),
    ),
    Rule(r"When \| What \| Last day \| Safe reading \| Work to"),
    Rule(r"{T:at} \| (?P<what>[A-Z][a-z ]+) \| {T:due} \| {T:safe} \| {T:work}", rows.clock_row),
    Rule("How the dates were computed: {T}"),
    Rule("Received .+ Sources: .+"),
    Rule(
        r"Identity (?P<verdict>\w+) by {T:who} on (?P<at>[^:]+:\d\d UTC)(?:: (?P<T>[^,]+))?(?:, done on (?P<done>[^:]+:\d\d UTC) against the "
        r"{T:against} on file(?P<where> in \S+| elsewhere) since {D:since})?\.",
        rows.identity,
    ),
    Rule(
        r"The decision was about the answer \"nothing held\"\. Four eyes: opened by {T:opener} \(name typed, not signed in\), (?P<verdict>\w+) by (?P<who>[\w ]+) \(name typed, not signed in\)\.",
        lambda at: rows.four_eyes(at) and not at.facts.records,
    ),
    Rule(
        r"Four eyes: opened by {T:opener} \(name typed, not signed in\), (?P<verdict>\w+) by (?P<who>[\w ]+) \(name typed, not signed in\)\.",
        rows.four_eyes,
    ),
    Rule(r"When \| At the gate \| Verdict \| By \| How that is known \| Code \| Bound to"),
    Rule(
        r"{T:at} \| (?P<gate>\w+) \| (?P<verdict>\w+) \| {T:who} \| name typed, not signed in \| (?P<code>\S+) \| {T}",
        rows.decision_row,
    ),
    Rule("A reason may name the person, .+"),
    exact(
        "No decision is recorded.",
        lambda at: not [one for one in at.facts.case["decisions"] if one["gate"] != "dossier"],
    ),
    Rule(r"System \| Searched \| For \| Found \| Outcome \| Checked afterwards"),
    Rule(
        r"(?P<system>[a-z-]+) \| (?P<searched>[^|]+) \| (?P<by>[^|]+) \| (?P<found>[^|]+) \| (?P<outcome>[^|]+) \| (?P<looked>[^|]+)",
        rows.system_row,
        ("What was done in each system",),
    ),
    Rule("“Checked afterwards” is a fresh read of each record .+"),
    exact("What the searches could not find"),
    Rule("(?P<system>[a-z-]+): {T}", rows.limit, ("What the searches could not find",)),
    Rule(
        r"What the searches could not find: not recorded of .+",
        lambda at: any(not at.facts.done("locate", name) for name in at.facts.case["systems"]),
    ),
    exact("What was left out of the access package", lambda at: at.facts.right == "access"),
    Rule(r"System \| What \| Records \| Why, as worded for the person \| Provision"),
    Rule(
        r"(?P<system>[a-z-]+) \| (?P<what>[^|]+) \| (?P<count>[^|]+) \| “(?P<why>[^|]+)” \| (?P<basis>[^|]+)",
        rows.left_out_row,
        ("What was left out",),
    ),
    Rule("A ground that a person gave may name others, .+"),
    exact("No system was searched.", lambda at: not any(one["step"] == "locate" for one in at.facts.case["steps"])),
    exact("Remarks on what was erased"),
    Rule(r"System \| Category \| Records \| Outcome \| Remark, as worded for the letter"),
    Rule(
        r"(?P<system>[a-z-]+) \| (?P<what>[^|]+) \| {N} \| (?P<outcome>[^|]+) \| “{T}”",
        lambda at: (
            at.number()
            == len(
                [
                    one
                    for one in at.facts.of(system=at["system"], category=at["what"], reason=at["T"])
                    if one["fate"] == "erased"
                ]
            )
        ),
        ("Remarks on what was erased",),
    ),
    Rule("What stands in quotation marks is worded for the letter: .+"),
    Rule("{N} records?, one by one", lambda at: at.number() == at.facts.count(rows.was_dealt_with)),
    Rule(r"Record \| System \| Kind \| Outcome \| When \| Checked afterwards \| Vendor’s reference"),
    Rule(
        r"[0-9a-f]{16}… \| (?P<system>[a-z-]+) \| (?P<what>[a-z]+) \| (?P<outcome>[^|]+) \| (?P<at>[^|]+) \| (?P<looked>[^|]+) \| \S+",
        rows.record_row,
    ),
    exact("What stays, and why", lambda at: set(rows.outcomes(at.facts)) - {"erased"}),
    Rule(r"System \| Records \| Outcome \| Why, as worded for the letter \| Provision"),
    Rule(
        r"(?P<system>[a-z-]+) \| (?P<parts>[^|]+) \| (?P<outcome>[^|]+) \| (?P<why>[^|]+) \| (?P<basis>[^|]+)",
        rows.stays_row,
        ("What stays",),
    ),
    Rule(r"Letter \| Version \| Written \| Sent \| Sending noted \| By \| How, and proof \| Keyed hash of its text"),
    Rule(
        r"(?P<name>L\d+(?:\.\d+)?), [^|]+ \| \d+ \| (?P<written>[^|]+) \| (?P<sent>[^|]+) \| (?P<noted>[^|]+) \| (?P<who>[^|]+) \| (?P<how>[^|]+) \| [0-9a-f]{16}…",
        rows.letter_row,
        ("Letters",),
    ),
    Rule(
        r"(The request arrived by (?P<how>[a-z -]+)\. )?Letters with a code of the mail server were handed to the controller’s mail server, at the word of the person named or, by “rightsflow”, by themselves; .+",
        lambda at: (at["how"] or "not stated") == at.facts.case["channel"],
    ),
    Rule("As the controller’s configuration named them at this export"),
    Rule(r"System \| Recipient or processor \| About this request \| Transfers to third countries"),
    Rule(
        r"(?P<system>[a-z-]+) \| (?P<who>[^|]+) \| (?P<done>[^|]+) \| {T}",
        rows.recipient_row,
        ("As the controller’s configuration",),
    ),
    Rule("“Not instructed” says that the entries note no message to them .+"),
    exact("Exports of this evidence"),
    Rule("{T}, by Aud Itor", TRUE, ("Exports of this evidence",)),
    exact("None.", lambda at: not at.facts.case["letters"], "Letters"),
    Rule(
        r"(?P<at>[^|]+ UTC) \| Delegated \| rightsflow \| (?P<system>[a-z-]+): (?P<what>[a-z]+), {T}",
        rows.delegated,
        ("Recipients and processors",),
    ),
    Rule(
        r"[^|]+ UTC \| (?P<what>Processor asked|Processor confirmed) \| (?P<who>[^|]+) \| [^|]+",
        rows.act,
        ("Recipients and processors",),
    ),
    exact(
        "The entries name nothing that was delegated to a processor.",
        lambda at: not rows.any_at_processors(at.facts),
    ),
    Rule(r"When \| What \| By \| Details"),
    exact(
        "None was raised.", lambda at: not at.facts.happened("AlertRaised") and not at.facts.happened("IncidentRaised")
    ),
    exact("No access is recorded.", lambda at: not at.facts.happened("PersonalDataRevealed")),
    Rule(r"[^|]+ UTC \| (?P<what>[^|]+) \| (?P<who>[^|]+) \| [^|]+", rows.act, ("Alerts", "Everything else")),
    exact(
        "The approval left records out: the package was made again after it, without them, so that it is not the one that was approved.",
        lambda at: at.facts.of(fate="left out"),
    ),
    exact("Nothing."),
    Rule(
        "Roles of those whose names were typed: .+|Version of the retention rules: .+|To which address letters were sent: not recorded; .+"
    ),
    exact("Back-ups: not recorded", lambda at: not at.facts.happened("BackupsNamed")),
    exact(
        "Back-ups: as listed under everything else; others are not recorded",
        lambda at: at.facts.happened("BackupsNamed"),
    ),
    Rule(
        r"Recipients told \(Art\. 19 {LAW}\): none recorded",
        lambda at: at["LAW"] == at.facts.law and not rows.any_at_processors(at.facts),
    ),
    Rule(
        r"Recipients told \(Art\. 19 {LAW}\): as listed under processors; others are not recorded",
        lambda at: at["LAW"] == at.facts.law and rows.any_at_processors(at.facts),
    ),
    exact("Masking of other people’s data: none recorded", lambda at: not +at.facts.masked),
    Rule("Keep the file as it is and run, .+|rightsflow verify .+|The fingerprint is .+|What it does not show: .+"),
    Rule("Each of the {N} entr(y|ies) carries .+", lambda at: at.number() == len(at.facts.case["events"])),
    Rule("No seal is noted in the entries: .+"),
    Rule(
        r"Case {T:case} · {N} entr(y|ies) · last entry .+",
        lambda at: at["case"] == at.facts.case["case_id"] and at.number() == len(at.facts.case["events"]),
    ),
    exact("This page needs no network and holds no script."),
    Rule(
        "The request|The person|The clock|Who decided|What was done in each system|Letters|Recipients and processors|Alerts and who took them up|Who looked at "
        "personal data|Everything else|What the entries do not say|How to check this"
    ),
]


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
