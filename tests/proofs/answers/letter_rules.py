"""The sentences of the letters, each with what has to be true of the case."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta

from tests.proofs.answers.facts import KEPT, MONTHS, Facts, counted, listed
from tests.proofs.answers.rules import TRUE, Place, Rule, plain

_UNSEEN = "This message does not say whether there are data about you here."


def lines_of(body: str) -> Iterator[tuple[str, str]]:
    """The lines of a letter, each with the heading above it; a heading is a line of its own in capitals."""
    section = ""
    for line in filter(None, (one.strip() for one in body.splitlines())):
        if re.fullmatch(r"[A-Z][A-Z ,'’:?-]+", line) and len(line) > 2:
            section = line
        yield section, line


def _exact(text: str, holds=TRUE, *sections: str) -> Rule:
    return Rule(plain(text), holds, sections)


def _is(slot: str, value):
    return lambda at: at[slot] == value(at.facts)


def read_day(text: str) -> date:
    """A day as the letters write it."""
    number, month, year = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(number))


# -- what every letter has ---------------------------------------------------------------------------------------------


def _law(at: Place) -> bool:
    return at["LAW"] == at.facts.law


def _all(*checks):
    return lambda at: all(check(at) for check in checks)


def _right(right: str):
    return lambda at: at.facts.right == right


_received = _is("D", lambda facts: facts.received_on)
_HEADINGS = {
    "WHAT HAPPENS NEXT", "WHY WE ASK", "WHAT YOU CAN DO", "HOW LONG WE WAIT", "YOUR CHOICE", "THE TIME LIMIT", "WHY",
    "WHY IT TAKES LONGER", "HOW WE SEARCHED", "THE FILE ABOUT THIS REQUEST", "HOW YOU GET IT", "HOW YOU OPEN IT",
    "YOUR RIGHTS", "IF YOU DO NOT AGREE", "WHAT WE DID, SYSTEM BY SYSTEM", "WHAT WE KEEP, AND WHY",
    "WHAT ELSE STAYS, AND FOR HOW LONG", "WHAT THIS MEANS FOR YOU",
}  # fmt: skip


def _greeted(at: Place) -> bool:
    """By name only once identity was confirmed, or by the letters that are written after it."""
    if at.kind in {"L1", "L2", "L14"}:
        return False
    return at["T"] in at.facts.case["names"] and at.facts.decision("identity") != {}


_IN_ENGLISH = {"DE": "Dieser Brief ist auf Englisch.", "FR": "Cette lettre est en anglais."}
"""What a letter says in the language of the country, since it is in English."""


def _in_english(at: Place) -> bool:
    own = _IN_ENGLISH.get(at.facts.case["country"])
    return (
        own is not None
        and at["note"] in {own, "This letter is in English."}
        and bool(at["help"]) == bool(at.facts.case["help_languages"])
    )


_EVERY = [
    Rule(r"(?P<note>Dieser Brief ist auf Englisch\.|Cette lettre est en anglais\.|This letter is in English\.)(?P<help> .+)?", _in_english),
    Rule("{T}", lambda at: at["T"] == at.facts.case["controller"]),
    Rule("{T}", lambda at: at["T"] == at.facts.case["address"]),
    Rule("{D}", lambda at: at["D"] == at.facts.day(at.facts.letter(at.kind)["written_at"])),
    Rule("Case number: {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule("Dear {T},", _greeted),
    _exact("Good day,"),
    Rule(
        r"If you have questions, write to {T:who}, {T:mail}, and give the case number {T:case}\. Answering you is free of charge\.",
        lambda at: (at["who"], at["mail"], at["case"])
        == tuple(at.facts.case[name] for name in ("contact", "contact_email", "case_id")),
    ),
    _exact("Yours sincerely"),
    Rule("[A-Z][A-Z ,'’:?-]+", lambda at: at.section in _HEADINGS),
]  # fmt: skip


def _authority(at: Place) -> bool:
    return (at["who"], at["url"]) == (at.facts.case["authority"], at.facts.case["authority_url"])


_REMEDIES = [
    Rule(
        r"You can complain to a supervisory authority \(Art\. 77 GDPR\)\. The one competent for us is {T:who}, {T:url}; you can "
        r"also choose the authority where you live, where you work or where the infringement was\.",
        lambda at: not at.facts.is_uk and _authority(at),
    ),
    Rule(
        r"You can complain to us first: write to {T:who}, {T:mail}, and say what you think is wrong\. We confirm within 30 days "
        r"that we have your complaint, look into it without undue delay and tell you the outcome \(s\. 164A Data Protection "
        r"Act 2018\)\.",
        lambda at: at.facts.hears_complaints and at["mail"] == at.facts.case["contact_email"],
    ),
    Rule(
        r"You can complain to the supervisory authority, which is {T:who}, (?P<url>\S+) \(s\. 165 Data Protection Act 2018\)\."
        r"(?P<before> In most cases it expects that you have complained to us before\.)?",
        lambda at: at.facts.is_uk and _authority(at) and bool(at["before"]) == at.facts.hears_complaints,
    ),
    _exact(
        "You can also go to court: the courts of the country where we are established, or of the country where you live "
        "(Art. 79 GDPR); a complaint to an authority is not needed first.",
        lambda at: not at.facts.is_uk,
    ),
    _exact(
        "You can also go to court: the High Court or a county court in England and Wales or in Northern Ireland, the Court of "
        "Session or the sheriff court in Scotland (Art. 79 UK GDPR, s. 180 Data Protection Act 2018); a complaint is not "
        "needed first.",
        lambda at: at.facts.is_uk,
    ),
]

# -- L1 ----------------------------------------------------------------------------------------------------------------


def _promised(at: Place) -> bool:
    facts, written = at.facts, at.facts.date(at.facts.letter("L1")["written_at"])
    days = [facts.date(facts.case[name]) for name in ("safe_due_on", "work_to_on")]
    return read_day(at["D"]) == min(one for one in days if one >= written)


_L1 = [
    Rule(
        "We received your message on {T} and understand it as follows:",
        lambda at: at["T"] == at.facts.spoken(at.facts.case["received_at"]),
    ),
    Rule(
        r"You want to know whether personal data about you are processed here, and if so, to get a copy of them \(right of "
        r"access, Art\. 15 {LAW}\)\.",
        _all(_right("access"), _law),
    ),
    Rule(
        r"You want personal data about you to be erased, if there are any here \(right to erasure, Art\. 17 {LAW}\)\.",
        _all(_right("erasure"), _law),
    ),
    _exact("If you meant something else, please tell us."),
    Rule(r"You will get our answer by {D} at the latest\.", _promised),
    Rule(
        r"1\. We check that the request really comes from the person it concerns, so that nobody else gets or erases data\. If we "
        r"need something from you for that, we ask\."
    ),
    _exact("2. We search our systems."),
    _exact("3. We write to you with the result, also if it is that there is nothing."),
    _exact(_UNSEEN),
    _exact(
        "Please do not send copies of identity documents, passwords or card numbers by e-mail. If you want to add something, "
        "answer to the address below with the case number only and we agree on a safe way."
    ),
]

# -- L2, L3, L6 --------------------------------------------------------------------------------------------------------


def _asked(name: str):
    """The day of the question is the day on which it is written."""
    return lambda at: at["D"] == at.facts.day(at.facts.letter(name)["written_at"])


def _wait(at: Place) -> bool:
    written = at.facts.date(at.facts.letter(at.kind)["written_at"])
    return 0 <= (read_day(at["D"]) - written).days <= 30


_due = _is("D", lambda facts: facts.day(facts.case["due_on"]))
_L2 = [
    Rule(
        r"On {D} we received a request (?P<what>for access to personal data \(Art\. 15|to erase personal data \(Art\. 17) {LAW}\)\. "
        r"Before we act on it we have to be sure that it comes from the person it concerns \(Art\. 12\(6\) {LAW:law}\)\. Could you "
        r"please help us with that\?",
        lambda at: (
            _received(at)
            and _law(at)
            and at["law"] == at["LAW"]
            and ("15" in at["what"]) == (at.facts.right == "access")
        ),
    ),
    _exact("The request came from an address that was not used before.", TRUE, "WHY WE ASK"),
    Rule(
        r"Please choose one of these ways; one is enough\. Write to {T} with the case number and say which\.",
        lambda at: at["T"] == at.facts.case["contact_email"],
    ),
    Rule("- (Log in|Code|Call-back|Two facts): {T}", TRUE, ("WHAT YOU CAN DO",)),
    _exact("We use what you tell us for this check only, and keep no more of it than the result."),
    _exact("You need not give us any new data. Please do not send copies of identity documents."),
    Rule(
        r"Please answer by {D}\. If we cannot be sure by then who made the request, we have to close it, and we tell you so with the "
        r"reasons\. You can make it again at any time; that has no disadvantage for you\.",
        _wait,
    ),
    Rule(r"Our question does not change the time limit for our answer: it (ended|ends) on {D}\.", _due),
    Rule(
        r"The month that the law gives us for our answer starts on the day on which we have what we ask you for \(Art\. 12A UK GDPR\)\. "
        r"Without our question it would end on {D}\.",
        lambda at: at.facts.is_uk and _due(at),
    ),
    Rule(
        r"The time limit for our answer is suspended from {D:asked} until we have what we ask you for\. Without our question it would "
        r"end on {D}; now it ends later by as many days as we wait for you\.",
        lambda at: not at.facts.is_uk and _due(at) and at["asked"] == at.facts.day(at.facts.letter("L2")["written_at"]),
    ),
    _exact(
        "Nobody gets data, and nothing is erased, before it is clear who made the request. " + _UNSEEN,
        lambda at: at.facts.decision("identity") == {},
    ),
]
_L3 = [
    Rule(
        r"On {D} you asked us which personal data we process about you \(Art\. 15 {LAW}\)\. A complete answer can become very long\. So "
        r"that you get what matters to you, we would like to know which data you mean(?P<recital> \(recital 63 GDPR\))?\.",
        lambda at: _received(at) and _law(at) and bool(at["recital"]) != at.facts.is_uk and at.facts.right == "access",
    ),
    _exact("Which of these areas do you mean?"),
    Rule("- (service tickets|payments)", TRUE, ("YOUR CHOICE",)),
    _exact("And for which period: from when until when?"),
    Rule(
        r"Write to the address below with the case number, the areas and the period\. You need not choose, and need not give reasons: you "
        r"can have everything\. If you do not choose(?: by {D})?, we give you all of it\.",
        lambda at: not at["D"] or _wait(at),
    ),
    Rule(
        r"The time limit for our answer is paused from {D:asked} until the day on which your answer arrives, both days included, and goes on "
        r"afterwards \(Art\. 12A UK GDPR\)\. If you do not choose by {D:wait}, it goes on after that day; a line that you want everything is "
        r"an answer, too\. Without our question it would end on {D}\.",
        lambda at: at.facts.is_uk and at["asked"] == at.facts.day(at.facts.letter("L3")["written_at"]),
    ),
    Rule(r"Our question does not change the time limit for our answer: it (ended|ends) on {D}\.", _due),
    _exact("We go on with the search meanwhile."),
]
_L6 = [
    Rule(
        r"On {D} you asked us (?P<what>for access to personal data \(Art\. 15|to erase personal data \(Art\. 17) {LAW}\)\. We are working on "
        r"it, but need longer than the first time limit, which ends on {D:first}\. For requests that are complex or numerous the law lets us "
        r"extend it once \((?P<art>Art\. 12A|Art\. 12\(3\)) {LAW:law}\)\.",
        lambda at: (
            _received(at)
            and _law(at)
            and at["law"] == at["LAW"]
            and at["first"] == at.facts.day(at.facts.case["notice_due_on"])
            and ("12A" in at["art"]) == at.facts.is_uk
            and ("15" in at["what"]) == (at.facts.right == "access")
        ),
    ),
    Rule(
        r"You will get our answer as soon as it is ready, and by {D} at the latest\. You need not do anything\.",
        lambda at: read_day(at["D"]) > at.facts.date(at.facts.case["notice_due_on"]),
    ),
    _exact(
        "- 140 hours of recordings in three systems have to be screened.",
        lambda at: at.facts.happened("ExtensionDecided"),
    ),
]

# -- L7 ----------------------------------------------------------------------------------------------------------------

_REASONS = {
    "R1": r"we could not confirm that the person concerned made the request \(Art\. 11\(2\) and 12\(6\) {LAW}\)",
    "R2": r"the request is manifestly unfounded or excessive \(Art\. 12\(5\)\(b\) {LAW}\)",
    "R3": r"none of the grounds for erasure applies \(Art\. 17\(1\) {LAW}\)",
    "R4": r"the law excepts these data from erasure \(Art\. 17\(3\) {LAW}\)",
    "R6": r"national law restricts the right",
    "R7": r"we are not the controller of these data \(Art\. 4\(7\) {LAW}\)",
    "R8": r"we have no proof that you may act for the person concerned",
    "R9": r"the law you rely on does not apply here",
}
DETAILS = {
    "R1": ("What we asked you for and when",),
    "R2": ("Circumstances", "Intention and what shows it", "Why a fee or a part would not do"),
    "R3": ("Purpose that goes on", "Legal basis"),
    "R4": ("Exception and provision", "Data that are kept", "Kept until"),
    "R6": ("Provision",),
    "R7": ("Who is the controller", "What we did with your request"),
    "R8": ("What proof is needed",),
    "R9": ("Law that we checked",),
}
"""What a refusal has to say besides, by its code."""


def _because(code: str):
    return lambda at: at.facts.refusal.get("code") == code and at["LAW"] in {"", at.facts.law}


def _detail(at: Place) -> bool:
    code = at.facts.refusal["code"]
    if at["label"] not in DETAILS[code]:
        return False
    if code == "R1":
        asked = at.facts.letter("L2")
        days = re.findall(r"\d{1,2} [A-Z][a-z]+ \d{4}", at["T"])
        until = at.facts.date(asked["written_at"]).toordinal() + 30
        return [read_day(one) for one in days] == [at.facts.date(asked["sent_at"]), date.fromordinal(until)]
    told = [one["details"].get(at["label"]) for one in at.facts.case["decisions"] if one["verdict"] == "refused"]
    return at["T"] in told


_L7 = [
    Rule(
        r"On {D} you asked us (?P<what>for access to personal data \(Art\. 15|to erase personal data \(Art\. 17) {LAW}\)\. We cannot do what "
        r"you asked\.",
        lambda at: (
            _received(at)
            and _law(at)
            and ("15" in at["what"]) == (at.facts.right == "access")
            and at.facts.case["state"] == "refused"
        ),
    ),
    *(Rule(rf"The reason is that {reason}\.", _because(code)) for code, reason in _REASONS.items()),
    Rule(r"- (?P<label>[A-Z][a-z ]+): {T}", _detail, ("WHY",)),
    Rule("- {T}", lambda at: at["T"] == at.facts.refusal["reason"], ("WHY",)),
    _exact(
        "You can make the request again at any time, with something by which we can recognise you, such as a ticket number, an order number, "
        "or the telephone number and date of a call.",
        lambda at: at.facts.refusal["code"] == "R1",
    ),
    Rule(
        r"If the processing rests on our legitimate interests, you can object to it for reasons of your particular situation \(Art\. 21\(1\) "
        r"{LAW}\)\.",
        lambda at: at.facts.refusal["code"] == "R3" and _law(at),
    ),
    _exact("The person concerned can also write to us directly.", lambda at: at.facts.refusal["code"] == "R8"),
]

# -- L8 ----------------------------------------------------------------------------------------------------------------


def _nothing_is_held(at: Place) -> bool:
    facts = at.facts
    searched = all(facts.done("locate", system) for system in facts.case["systems"])
    decided = [facts.decision(gate).get("verdict") for gate in ("identity", "approval")]
    reviewed = decided == ["confirmed", "approved"]
    return _received(at) and not facts.records and searched and reviewed


def _last_search(at: Place) -> bool:
    ended = [at.facts.done("locate", system)["finished_at"] for system in at.facts.case["systems"]]
    return at["D"] == at.facts.day(max(ended))


def _searched(at: Place) -> bool:
    return at["by"] == listed(at.facts.searched_by(at.facts.system(at["S"])))


def _limit(at: Place) -> bool:
    return at["T"] in at.facts.case["systems"][at.facts.system(at["S"])]["cannot_find"]


def _kept_until(at: Place) -> bool:
    return at["D"] == at.facts.evidence_until(at.facts.date(at.facts.letter(at.kind)["written_at"]))


_L8 = [
    Rule(
        r"On {D} you sent us your request\. Our answer is: no\. We searched for personal data about you as described below and found none, apart "
        r"from the file about this request\.",
        _nothing_is_held,
    ),
    Rule("We searched these systems, the last of them on {D}:", _last_search),
    Rule("- {S}, by (?P<by>your .+)", _searched, ("HOW WE SEARCHED",)),
    _exact(
        "Such a search does not find everything. It passes over:",
        lambda at: any(one["cannot_find"] for one in at.facts.case["systems"].values()),
    ),
    Rule("- {S}: {T}", _limit, ("HOW WE SEARCHED",)),
    _exact(
        "If you have used another e-mail address, telephone number or customer number with us, tell us and we search again."
    ),
    Rule(
        r"We keep your request and this answer until {D}, so that we can prove that we answered it \(Art\. 5\(2\) {LAW}\)\.",
        _all(_kept_until, _law),
    ),
]

# -- L9 ----------------------------------------------------------------------------------------------------------------

_L9 = [
    Rule(
        r"On {D} you asked us which personal data we process about you\. Our answer is ready\.",
        lambda at: (
            _received(at)
            and at.facts.right == "access"
            and at.facts.done("assemble")
            and at.facts.decision("approval")["verdict"] == "approved"
        ),
    ),
    _exact("The package comes with this letter as one encrypted file.", lambda at: at.facts.done("assemble")),
    Rule(
        r"The answer is an encrypted archive\. You get the passphrase {T}, and never together with the archive\. It has letters and digits; the "
        r"letters I, L, O and U do not occur in it\.",
        lambda at: at["T"] == at.facts.case["passphrase_channel"],
    ),
    Rule(
        r"[123]\. (Save the archive|Enter the passphrase|Open the file \"index\.html\") .+", TRUE, ("HOW YOU OPEN IT",)
    ),
    _exact(
        'The file "letter.html" in it tells you why we process the data, who gets them, how long they are kept and where they come from. It also '
        "says what was left out and why."
    ),
    Rule(
        r"You can have wrong data corrected, ask for erasure or restriction, and object to the processing \(Art\. 16 to 18 and 21 {LAW}\)\.",
        _law,
    ),
]

# -- L10, L11 ----------------------------------------------------------------------------------------------------------

_DONE = {
    "erased": "erased",
    "cleared of your data; what is left of the record is not about you": "redacted",
    "erased as far as the system allows; a part stays there that leads back to you": "residue",
    "in which a code was put in the place of your identity": "pseudonymised",
    "kept and blocked for any other use": "restricted",
    "kept": "retained",
    "no longer there when we came to erase": "not held",
    "erased by the company that works for us, which has confirmed it": "delegated",
    "left alone": "unclear",
}


def _gone(facts: Facts) -> int:
    return facts.count(lambda one: one["fate"] in {"erased", "redacted", "residue", "pseudonymised", "delegated"})


def _checked(at: Place) -> bool:
    """Everything that is called erased was seen to be gone, the last of it on that day."""
    looked = [one["verified_at"] for one in at.facts.records if one["verified_at"]]
    seen = all(one["verified"] == "absent" for one in at.facts.records if one["fate"] in {"erased", "redacted"})
    return bool(looked) and seen and at["checked"] == at.facts.day(max(looked))


def _erased_whole(at: Place) -> bool:
    kept = at.facts.count(lambda one: one["fate"] in KEPT or one["fate"] in {"failed", "found", "seen"})
    return _received(at) and not kept and _gone(at.facts) > 0 and (not at["checked"] or _checked(at))


def _erased_in_part(at: Place) -> bool:
    kept = at.facts.count(lambda one: one["fate"] in KEPT)
    failed = at.facts.count(lambda one: one["fate"] in {"failed", "found", "seen"})
    return _received(at) and kept > 0 and _gone(at.facts) > 0 and not failed and (not at["checked"] or _checked(at))


def _nothing_erased(at: Place) -> bool:
    return _received(at) and _gone(at.facts) == 0 and at.facts.count(lambda one: one["fate"] in KEPT) > 0


def _above(at: Place) -> str:
    """The system under whose name a line of outcomes stands."""
    return next((one for line in reversed(at.before) if (one := at.facts.system(line))), "")


def _outcome(at: Place) -> bool:
    """The line is one of those into which the records of its fate are split by their reasons."""
    fate, reason = _DONE[at["what"]], at["reason"].strip()
    these = [
        one
        for one in at.facts.of(system=_above(at), category=at["T"], fate=fate)
        if fate in KEPT or one["reason"] == reason
    ]
    return 0 < at.number() <= len(these)


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


def _ends(facts: Facts, these: list, text: str, basis: str) -> bool:
    if basis and basis not in text:
        return False
    due = f"No exception; the erasure is due (Art. 17(1) {facts.law}) as soon as the system allows it"
    if not basis and any(one["fate"] in {"retained", "residue"} for one in these) and due not in text:
        return False
    named = re.findall(r"\d{1,2} [A-Z][a-z]+ \d{4}", text.partition("Kept until")[2])
    wanted = {facts.day(one["until"]) for one in these if one["until"]}
    events = {_event(one) for one in these if one["ends_when"]}
    return set(named) == wanted and all(one in text for one in events)


def _event(one: dict) -> str:
    """What ends the keeping: the words of the decision on the record where there is one, else those of the rule."""
    decided = one.get("decided") or {}
    return decided.get("ends_when") or one["ends_when"]


def _residue(at: Place) -> bool:
    system = at.facts.system(at["S"])
    kinds = at.facts.case["systems"][system]["kinds"]
    done = {one["kind"] for one in at.facts.of(system=system) if one["outcome"] in {"erased", "redacted", "residue"}}
    return any(kinds[kind]["residue"] == at["T"] for kind in done)


def _promised_by_hand(at: Place) -> bool:
    """A task of the case file, of that system, number and day, is open, and comes the day after the last of the records."""
    facts, system = at.facts, at.facts.system(at["S"])
    until = read_day(at["until"])
    checks = at["check"].startswith("checks")
    these = [one for one in facts.of(system=system) if one["fate"] in _FOR_A_TASK and one["until"] == until.isoformat()]
    return (
        read_day(at["on"]) == until + timedelta(days=1)
        and len(these) == at.number()
        and checks == bool(at["otherwise"]) == any(one["ends_when"] for one in these)
        and any(
            (one["system"], one["kept_until"], one["due_on"], one["records"], one["done_on"], one["check_first"])
            == (system, until.isoformat(), read_day(at["on"]).isoformat(), len(these), None, checks)
            for one in facts.case["tasks"]
        )
    )


_FOR_A_TASK = ("retained", "restricted")


def _without_task(facts: Facts) -> bool:
    """Whether anything is kept that no task will erase."""
    noted = {(one["system"], one["kept_until"]) for one in facts.case["tasks"]}
    return any(
        one["fate"] in KEPT
        and (one["fate"] not in _FOR_A_TASK or not one["until"] or (one["system"], one["until"]) not in noted)
        for one in facts.records
    )


def _holds_file(at: Place) -> bool:
    """The file outlives its period while something is kept, unattributable records among it."""
    kept = at.facts.count(lambda one: one["fate"] in {*_FOR_A_TASK, "unclear"}) > 0
    return bool(at["longer"]) == kept


_L10 = [
    Rule(
        r"On {D} you asked us to erase your personal data\. We have carried this out(?: and checked the result on {D:checked})?\.",
        _erased_whole,
    ),
    Rule(
        r"On {D} you asked us to erase your personal data\. What we had found was no longer there when we came to erase it\.",
        lambda at: _received(at) and all(one["fate"] == "not held" for one in at.facts.records),
    ),
]
_L11 = [
    Rule(
        r"On {D} you asked us to erase your personal data\. We have carried this out in part(?: and checked the result on {D:checked})?\. A part "
        r"stays for now; you find below which and why\.",
        _erased_in_part,
    ),
    Rule(
        r"On {D} you asked us to erase your personal data\. We could not erase what we found: it stays for now; you find below why\.",
        _nothing_erased,
    ),
    Rule(
        r"- (?P<what>.+?) \({S}\), {N} records?(?P<restricted>, restricted to being stored \(Art\. 18\(2\) (?:UK )?GDPR\))?: {T}",
        _why,
        ("WHAT WE KEEP",),
    ),
    Rule(
        r"- On {D:on} the person responsible for your case (?P<check>checks whether what|erases by hand what) is kept in {S} until {D:until} "
        r"\({N} records?\)(?P<otherwise> has to be kept longer, and otherwise erases it by hand)?; the task is noted with its date\.",
        _promised_by_hand,
        ("WHAT WE KEEP",),
    ),
    Rule(
        "When what keeps the (?P<other>other )?records has ended, you can ask us to erase them as well\\.",
        lambda at: (
            _without_task(at.facts) and bool(at["other"]) == any(one["kept_until"] for one in at.facts.case["tasks"])
        ),
        ("WHAT WE KEEP",),
    ),
]
_ERASURE = [
    Rule("{S}", lambda at: at.facts.system(at["S"]) != "", ("WHAT WE DID",)),
    Rule(
        rf"- {{T}}: {{N}} records? (?P<what>{'|'.join(re.escape(one) for one in sorted(_DONE, key=len, reverse=True))})(?: \(why: below\))?\."
        "(?P<reason>.*)",
        _outcome,
        ("WHAT WE DID",),
    ),
    Rule(
        r"- A record of this erasure: your request, this answer, and what was done where and when, without the erased contents\. We keep it until "
        r"{D}(?P<longer>, and longer while records of this request are kept,)? to prove what we did and when \(Art\. 5\(2\) {LAW}\)\.",
        _all(_kept_until, _law, _holds_file),
    ),
    Rule("- {S}: {T}", _residue, ("WHAT ELSE STAYS",)),
    _exact(
        "- What was erased can no longer be looked up, by you or by us.",
        lambda at: at.facts.count(lambda one: one["fate"] in {"erased", "redacted"}) > 0,
    ),
    _exact(
        "If nothing changes, this is our last message to you in this matter.",
        lambda at: at.facts.count(lambda one: one["fate"] in KEPT) > 0,
    ),
    _exact(
        "This is our last message to you in this matter: afterwards we no longer have the address we are writing to, except in the record of this "
        "erasure.",
        lambda at: at.facts.count(lambda one: one["fate"] in KEPT) == 0,
    ),
]

LETTERS = {
    "L1": [*_L1, *_EVERY],
    "L2": [*_L2, *_REMEDIES, *_EVERY],
    "L3": [*_L3, *_REMEDIES, *_EVERY],
    "L6": [*_L6, *_REMEDIES, *_EVERY],
    "L7": [*_L7, *_REMEDIES, *_EVERY],
    "L8": [*_L8, *_REMEDIES, *_EVERY],
    "L9": [*_L9, *_REMEDIES, *_EVERY],
    "L10": [*_L10, *_ERASURE, *_REMEDIES, *_EVERY],
    "L11": [*_L11, *_ERASURE, *_REMEDIES, *_EVERY],
}

# -- what must not be missing ------------------------------------------------------------------------------------------


def missing(name: str, body: str, facts: Facts) -> Iterator[str]:
    """The mandatory content that a letter lacks.

    Args:
        name: Which letter.
        body: Its text.
        facts: The case.
    """
    needed = [facts.case["case_id"], facts.case["controller"], facts.case["contact_email"], "free of charge"]
    needed += [_IN_ENGLISH[facts.case["country"]]] if facts.case["country"] in _IN_ENGLISH else []
    if name != "L1":
        needed += [facts.case["authority"], facts.case["authority_url"], "court"]
        needed += ["s. 164A Data Protection Act 2018"] if facts.hears_complaints else []
    if facts.is_uk and (stray := re.search(r"(?<!UK )GDPR|Art\. 77|European", body)):
        yield f"{name}: law of the Union in a British letter: {stray[0]}"
    if not facts.is_uk and (stray := re.search(r"UK GDPR|Data Protection Act|ICO\b", body)):
        yield f"{name}: British law in a letter of the Union: {stray[0]}"
    needed += list(_needed(name, facts))
    for one in needed:
        if one not in body:
            yield f"{name}: missing: {one}"
    if name in {"L10", "L11"}:
        yield from _totals(name, body, facts)


def _needed(name: str, facts: Facts) -> Iterator[str]:
    match name:
        case "L1":
            yield facts.received_on
            yield "at the latest"
        case "L6":
            yield "- 140 hours"
        case "L7":
            code = facts.refusal["code"]
            yield facts.refusal["reason"]
            yield "The reason is that"
            yield from DETAILS[code]
        case "L8":
            yield from (f"- {facts.title(system)}, by" for system in facts.case["systems"])
            for system, about in facts.case["systems"].items():
                yield from (f"- {facts.title(system)}: {limit}" for limit in about["cannot_find"])
        case "L9":
            yield "passphrase"
            yield "Art. 16 to 18 and 21"
        case "L10" | "L11":
            yield "A record of this erasure"
            for one in facts.records:
                if one["fate"] in _FOR_A_TASK and one["until"]:
                    erased_on = facts.date(one["until"]) + timedelta(days=1)
                    yield f"On {facts.day(erased_on.isoformat())} the person responsible"
            yield from (
                one["decided"]["ground"] for one in facts.records if one["decided"] and one["fate"] == "retained"
            )
            for system, about in facts.case["systems"].items():
                for one in facts.of(system=system):
                    residue = about["kinds"][one["kind"]]["residue"]
                    if residue and one["outcome"] in {"erased", "redacted", "residue"}:
                        yield f"- {facts.title(system)}: {residue}"


def _totals(name: str, body: str, facts: Facts) -> Iterator[str]:
    """The numbers of the outcomes and of what is kept, which have to come to those of the case."""
    told: Counter[tuple[str, str, str]] = Counter()
    system = ""
    words = "|".join(re.escape(one) for one in sorted(_DONE, key=len, reverse=True))
    for section, line in lines_of(body):
        if section == "WHAT WE DID, SYSTEM BY SYSTEM":
            system = facts.system(line) or system
            if found := re.fullmatch(rf"- (.+): ([\d,]+) records? ({words})(?: \(why: below\))?\..*", line):
                told[system, found[1], _DONE[found[3]]] += int(found[2].replace(",", ""))
    if told != facts.fates:
        yield f"{name}: another number of records than in the case file"
    kept = sum(int(one) for one in re.findall(r"^- .+? \(.+?\), (\d+) records?", body, re.MULTILINE))
    if name == "L11" and kept != facts.count(lambda one: one["fate"] in KEPT):
        yield f"{name}: another number of kept records than in the case file"


__all__ = ["LETTERS", "counted", "datetime", "lines_of", "missing"]
