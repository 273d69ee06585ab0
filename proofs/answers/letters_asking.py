"""What every letter has, and the sentences of the questions on the way and of the refusal (L1, L2, L3, L6, L7, L14)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count, islice

from proofs.answers.facts import (
    DATE,
    IDS,
    TRUE,
    Check,
    Facts,
    Lines,
    Place,
    Rule,
    exact,
    is_identified,
    listed,
    read_day,
)

UNSEEN = "This message does not say whether there are data about you here."


def lines_of(body: str) -> Iterator[tuple[str, str]]:
    section = ""
    for line in filter(None, (one.strip() for one in body.splitlines())):
        if re.fullmatch(r"[A-Z][A-Z ,'’:?-]+", line) and len(line) > 2:
            section = line
        yield section, line


def of_right(*rights: str) -> Check:
    return lambda at: at.right in rights


def kept_until(at: Place) -> object:
    return at["D"] == at.evidence_until(at.written)


_HEADINGS = {
    "WHAT HAPPENS NEXT", "WHY WE ASK", "WHAT YOU CAN DO", "HOW LONG WE WAIT", "YOUR ANSWER", "YOUR CHOICE", "THE TIME LIMIT", "WHY",
    "WHY IT TAKES LONGER", "HOW WE SEARCHED", "THE FILE ABOUT THIS REQUEST", "HOW YOU GET IT", "HOW YOU OPEN IT",
    "YOUR RIGHTS", "IF YOU DO NOT AGREE", "WHAT BECAME OF YOUR DATA, SYSTEM BY SYSTEM", "WHAT WE KEEP, AND WHY",
    "WHAT ELSE STAYS, AND FOR HOW LONG", "WHAT THIS MEANS FOR YOU", "WHAT IS STILL DONE BY HAND",
    "AT COMPANIES THAT WORK FOR US", "WHO WAS TOLD", "ADVERTISING", "RECORDS KEPT FOR DIRECT MARKETING",
    "RECORDS THAT RESTED ON YOUR CONSENT ALONE", "WHAT IS RESTRICTED", "WHAT IS NOT MARKED, AND WHY",
    "PLEASE CONSIDER BEFORE", "WHAT AN ERASURE MEANS", "WHAT STAYS AS IT IS, AND WHY", "WHAT WE DECIDED", "WHERE IT WAS CORRECTED", "WHAT COULD NOT BE CHANGED, AND WHY",
}  # fmt: skip
NOTES = {
    "de": ("Dieser Brief ist auf Englisch.", "Wir helfen Ihnen in diesen Sprachen: "),
    "fr": ("Cette lettre est en anglais.", "Nous pouvons vous aider dans ces langues: "),
    "pl": ("Ten list jest w języku angielskim.", "Możemy pomóc w następujących językach: "),
    "it": ("Questa lettera è in inglese.", "Possiamo aiutarla in queste lingue: "),
    "nl": ("Deze brief is in het Engels.", "Wij kunnen u helpen in deze talen: "),
    "es": ("Esta carta está en inglés.", "Podemos ayudarle en estos idiomas: "),
    "sv": ("Det här brevet är på engelska.", "Vi kan hjälpa dig på följande språk: "),
    "el": ("Η επιστολή αυτή είναι στα αγγλικά.", "Μπορούμε να σας βοηθήσουμε στις εξής γλώσσες: "),
    "en": ("This letter is in English.", "We can help you in these languages: "),
}
"""What a letter says in the person's language, where that is one of these, since it is in English; and who helps."""
_NAMES = {"de": "Deutsch", "en": "English", "fr": "français", "tr": "tr"}


def notes_of(facts: Facts) -> list[str]:
    language = facts.language[0].partition("-")[0]
    offered = ", ".join(_NAMES[one] for one in facts.help_languages)
    said = [NOTES[one] for one in dict.fromkeys((language, "en")) if one in NOTES]
    return [f"{note} {help_}{offered}." if offered else note for note, help_ in said if language not in {"", "en"}]


# fmt: off
EVERY = [
    Lines(notes_of),
    exact("{controller}"), exact("{address}"), exact("Case number: {case_id}"), exact("Good day,"), exact("Yours sincerely"),
    Rule("{D}", lambda at: at["D"] == at.day(at.letter(at.kind)["written_at"])),
    # By name only once identity was confirmed, or by the letters that are written after it.
    Rule("Dear {T},", lambda at: at.kind not in {"L1", "L2", "L14"} and at["T"] in at.names and is_identified(at.case)),
    exact("If you have questions, write to {contact}, {contact_email}, and give the case number {case_id}. Answering you is free of charge."),
    Rule("[A-Z][A-Z ,'’:?-]+", lambda at: at.section in _HEADINGS),
]
REMEDIES = [
    exact("You can complain to a supervisory authority (Art. 77 GDPR). The one competent for us is {authority}, {authority_url}; you can also choose the authority where you live, where you work or where the infringement was.", lambda at: not at.is_uk),
    exact("You can complain to us first: write to {T:who}, {contact_email}, and say what you think is wrong. We confirm within 30 days that we have your complaint, look into it without undue delay and tell you the outcome (s. 164A Data Protection Act 2018).", lambda at: at.hears_complaints),
    Rule(r"You can complain to the supervisory authority, which is {authority}, {authority_url} \(s\. 165 Data Protection Act 2018\)\.(?P<before> In most cases it expects that you have complained to us before\.)?",
         lambda at: at.is_uk and bool(at["before"]) == at.hears_complaints),
    exact("You can also go to court: the courts of the country where we are established, or of the country where you live (Art. 79 GDPR); a complaint to an authority is not needed first.", lambda at: not at.is_uk),
    exact("You can also go to court: the High Court or a county court in England and Wales or in Northern Ireland, the Court of Session or the sheriff court in Scotland (Art. 79 UK GDPR, s. 180 Data Protection Act 2018); a complaint is not needed first.", lambda at: at.is_uk),
]
# fmt: on


# -- L1 ----------------------------------------------------------------------------------------------------------------
def limits(facts: Facts) -> tuple[date, date]:
    return date.fromisoformat(facts.work_to_on), date.fromisoformat(facts.safe_due_on)


_UNDERSTOOD = {
    "access": "You want to know whether personal data about you are processed here, and if so, to get a copy of them (right of access, Art. 15 {law}).",
    "erasure": "You want personal data about you to be erased, if there are any here (right to erasure, Art. 17 {law}).",
    "objection": "You object to the use of personal data about you for direct marketing, if there are any here (Art. 21(2) {law}).",
    "restriction": "You want personal data about you, if there are any here, to be stored and used for nothing else (right to restriction, Art. 18 {law}).",
    "consent-withdrawal": "You withdraw consent to the processing of personal data about you, if there are any here (Art. 7(3) {law}).",
    "rectification": "You want personal data about you that are wrong or incomplete, if there are any here, to be corrected or completed (right to rectification, Art. 16 {law}).",
}
_MEANT = (
    "This is true of every erasure, whether there are data about you here or not:",
    "- What is erased cannot be brought back.",
    "- If you have an account, you may no longer be able to sign in to it.",
    "- If a warranty runs, keep your own receipt: we may no longer be able to look the purchase up.",
    "- A service ticket that is not solved may end without an answer.",
    "- What an open order or a running contract needs is kept until that has ended.",
    "You can take your request back until the erasure begins; a short answer to this letter is enough.",
)
# fmt: off
L1 = [
    Rule("We received your message on {T} and understand it as follows:", lambda at: at["T"] == at.spoken(at.received_at)),
    *(exact(text, of_right(right)) for right, text in _UNDERSTOOD.items()),
    exact("While we check what is right, you can ask that the data, if there are any, are stored and used for nothing else (Art. 18(1)(a) {law}).", of_right("rectification")),
    exact("If you meant something else, please tell us."),
    exact("You will get our answer by {D} at the latest.", lambda at: read_day(at["D"]) == min(one for one in limits(at.facts) if one >= at.written)),
    exact("You will get our answer as soon as possible. The time limit for it ended on {D}.", lambda at: at.written > read_day(at["D"]) == limits(at.facts)[1]),
    exact("1. We check that the request really comes from the person it concerns, so that no one else gets or erases data. If we need something from you for that, we ask."),
    exact("2. We search our systems."), exact("3. We write to you with the result, even if we find nothing."), exact(UNSEEN),
    *(exact(one, of_right("erasure")) for one in _MEANT),
    exact("Please do not send copies of identity documents, passwords or card numbers by e-mail. If you want to add something, write to the address below, give the case number only, and we agree on a safe way."),
]
# fmt: on


# -- L2, L14, L3, L6 -----------------------------------------------------------------------------------------------------
def _wait(at: Place) -> bool:
    return 0 <= (read_day(at["D"]) - at.written).days <= 30


def _told(at: Place) -> bool:
    work_to_on, last_on = limits(at.facts)
    told = work_to_on if at.written <= work_to_on else last_on
    return (at.written > last_on) == bool(at["ended"]) and read_day(at["D"]) == told


def _suspends(at: Place, *, said: bool) -> bool:
    """Check whether a text may say that the question suspends the clock, or that it does not.

    In the United Kingdom it always does, else that for identity, if it was prompt: within three working days. Which of
    the records that were found are the person's is no question about what the request means.
    """
    if any("whether they are about you" in line for line in at.before):
        return not said
    if at.is_uk:
        return said
    if at.kind == "L3" or not at.letter("L2"):
        return not said
    asked_on, received_on = at.written_on("L2"), at.date(at.received_at)
    if asked_on <= _weekday_after(received_on, _PROMPT_DAYS):
        return said
    # Up to three holidays, which the judge does not know, can lie between.
    return not said or asked_on <= _weekday_after(received_on, 2 * _PROMPT_DAYS)


def _weekday_after(on: date, number: int) -> date:
    days = (on + timedelta(days=one) for one in count(1))
    return next(islice((one for one in days if one.weekday() < _SATURDAY), number - 1, None))


_PROMPT_DAYS, _SATURDAY = 3, 5


def _two_weeks_later(at: Place) -> object:
    waited = (at.written_on("L14") - at.date(at.letter("L2")["sent_at"])).days
    return waited >= 14 and at.decision("identity") == {} and at["asked_on"] == at.day(at.letter("L2")["sent_at"])


def _unclear(at: Place) -> int:
    return len(at.of(attribution="unclear", names_person=False))


def _found(at: Place) -> bool:
    mine = Counter(one["category"] for one in at.of(attribution="subject"))
    told = listed([f"{category} ({count:,})" for category, count in sorted(mine.items())])
    return at["found"] == told and is_identified(at.case)


def _open_question(at: Place) -> str:
    if at.letter("L2") and not at.decision("identity") and "IDENTITY_CONFIRMED" not in at.clock:
        return str(at.day(at.letter("L2")["written_at"]))
    is_open = at.letter("L3") and "CLARIFICATION_RECEIVED" not in at.clock
    return str(at.day(at.letter("L3")["written_at"])) if is_open else ""


def _later(at: Place) -> object:
    return read_day(at["D"]) > at.date(at.notice_due_on)


# fmt: off
_UNCHANGED = [
    exact("Our question does not change the day by which you get our answer: {D} at the latest.", lambda at: _told(at) and _suspends(at, said=False)),
    Rule(r"The time limit for our answer (?P<ended>ended) on {D}; our question does not change that\.", lambda at: _told(at) and _suspends(at, said=False)),
]
_IDENTITY = [
    exact("The request came from an address that was not used before.", TRUE, "WHY WE ASK"),
    exact("Please choose one of these ways; one is enough. Write to {contact_email} with the case number and say which."),
    Rule("- (Log in|Code|Call-back|Two facts): {T}", TRUE, "WHAT YOU CAN DO"),
    exact("We use what you tell us for this check only. In the file about your request we note how it was checked, when, and with which result."),
    exact("You need not give us any new data. Please do not send copies of identity documents."),
    exact("Please answer by {D}. If we cannot be sure by then who made the request, we have to close it, and we tell you so with the reasons. You can make it again at any time; that has no disadvantage for you.", _wait),
    *_UNCHANGED,
    exact("The month that the law gives us for our answer starts on the day on which we have what we ask you for (Art. 12A UK GDPR). Without our question you would get our answer by {D} at the latest.", lambda at: at.is_uk and _told(at)),
    # A question does not know on which day it goes out; its reminder does.
    Rule(r"The time limit for our answer is suspended from (?:{D:asked_on}|the day on which we send you this question) until we have what we ask you for\. Without our question you would get our answer by {D} at the latest; now the time limit ends later by as many days as we wait for you\.",
         lambda at: _suspends(at, said=True) and not at.is_uk and _told(at) and at["asked_on"] == (at.day(at.letter("L2")["sent_at"]) if at.kind == "L14" else "")),
    exact("No one gets data, and nothing is erased, before it is clear who made the request. " + UNSEEN, lambda at: at.decision("identity") == {}),
]
L2 = [
    exact("On {received_on} we received a request {asked}. Before we act on it we have to be sure that it comes from the person it concerns (Art. 12(6) {law}). Could you please help us with that?"),
    *_IDENTITY,
]
L14 = [
    exact("On {received_on} we received a request {asked}. On {D:asked_on} we asked you to help us to be sure that it comes from the person it concerns (Art. 12(6) {law}). We have noted no answer so far, so we ask you once more.", _two_weeks_later),
    exact("If you have answered already, or do not want to go on with the request, please tell us in a line."),
    *_IDENTITY,
]
FOUND = Rule(r"Our search found these records about you: (?P<found>.+)\.", _found, "WHY IT TAKES LONGER")
L3 = [
    exact("On {received_on} you asked us to erase your personal data (Art. 17 {law}). We found records that carry a number of yours, which other people used as well, and nothing else that says whose they are. So we cannot tell whether they are about you (Art. 11(2) {law}):", lambda at: at.right == "erasure" and _unclear(at)),
    Rule(r"- (?P<what>[a-z ]+): {N}", lambda at: at.right == "erasure" and 0 < at.number() <= _unclear(at)),
    exact("If some of them are about you, write to the address below with the case number and what shows it, such as the date and time of a call of yours. You need not answer, and need not give reasons: without an answer these records stay as they are, our answer says so, and you can still tell us later."),
    Rule(r"On {received_on} you asked us which personal data we process about you \(Art\. 15 {law}\)\.( Our search found these records about you: (?P<found>.+?)\.)? So that you get what matters to you, we would like to know which data you mean(?P<recital> \(recital 63 GDPR\))?\.",
         lambda at: bool(at["recital"]) != at.is_uk and at.right == "access" and (not at["found"] or _found(at))),
    exact("Which of these areas do you mean?"),
    Rule("- (service tickets|payments)", TRUE, "YOUR CHOICE"),
    exact("And for which period: from when until when?"),
    Rule(r"Write to the address below with the case number, the areas and the period\. You need not choose, and need not give reasons: you can have everything\. If you do not choose(?: by {D})?, we give you all of it\.", lambda at: not at["D"] or _wait(at)),
    exact("The time limit for our answer is paused from the day on which we send you this question until the day on which your answer arrives, both days included, and goes on afterwards (Art. 12A UK GDPR). If you do not choose by {D:wait}, it goes on after that day; a line that you want everything is an answer, too. Without our question you would get our answer by {D} at the latest.", lambda at: at.is_uk and _told(at)),
    *_UNCHANGED,
    exact("We go on with the search meanwhile.", lambda at: at.right == "access" and not at.done("resolve")),
]
L6 = [
    FOUND,
    Rule(r"On {received_on} you asked us {asked}\. We are working on it, but need longer than the first time limit allows\. For requests that are complex or numerous the law lets us extend it once \((?P<art>Art\. 12A|Art\. 12\(3\)) {law}\)\.", lambda at: ("12A" in at["art"]) == at.is_uk),
    exact("You will get our answer as soon as it is ready, and by {D} at the latest. You need not do anything.", lambda at: _later(at) and not _open_question(at)),
    Rule(r"You will get our answer as soon as it is ready, and by {D} at the latest(?P<waits>; the time for which we wait for your answer to our question of {D:day} does not count)?\. Apart from your answer to our question of {D:asked_on} you need not do anything\.",
         lambda at: _later(at) and at["asked_on"] == _open_question(at) and at["day"] in {"", at["asked_on"]} and bool(at["waits"]) == bool(at.suspended_since)),
    exact("- 140 hours of recordings in three systems have to be screened.", lambda at: at.happened("ExtensionDecided")),
]
# fmt: on

_REASONS = {
    "R1": "we could not confirm that the person concerned made the request (Art. 11(2) and 12(6) {law})",
    "R2": "the request is manifestly unfounded or excessive (Art. 12(5)(b) {law})",
    "R3": "none of the grounds for erasure applies (Art. 17(1) {law})",
    "R4": "the law excepts these data from erasure (Art. 17(3) {law})",
    "R6": "national law restricts the right",
    "R7": "we are not the controller of these data (Art. 4(7) {law})",
    "R8": "we have no proof that you may act for the person concerned",
    "R9": "the law you rely on does not apply here",
    "R10": "by what you gave us alone we cannot tell which data, if any, are about you (Art. 11(2) {law})",
}
DETAILS = {
    "R1": ("What we asked you for and when",),
    "R2": ("Circumstances", "Intention and what shows it", "Why a fee or a part would not do"),
    "R3": ("Purpose that goes on", "Legal basis"),
    "R4": ("Exception and provision", "Data that are kept", "Kept until"), "R6": ("Provision",),
    "R7": ("Who is the controller", "What we did with your request"), "R8": ("What proof is needed",),
    "R9": ("Law that we checked",), "R10": ("What would show it",),
}  # fmt: skip
"""What a refusal has to say besides, by its code."""


def refused_by(code: str) -> Check:
    return lambda at: at.refusal.get("code") == code


def _detail(at: Place) -> bool:
    code = at.refusal["code"]
    if at["label"] not in DETAILS[code]:
        return False
    if code == "R1":
        asked = at.letter("L2")
        until = at.date(asked["written_at"]) + timedelta(days=30)
        return [read_day(one) for one in re.findall(DATE, at["T"])] == [at.date(asked["sent_at"]), until]
    if code == "R10":
        given = {one.partition("/")[0] for one in at.own}
        missing = [f"your {IDS[kind]}" for kind in ("email", "customer_id") if kind not in given]
        return at["T"] == (" or ".join(missing) or "the number of an order, a bill or a ticket of yours")
    return at["T"] in [one["details"].get(at["label"]) for one in at.decisions if one["verdict"] == "refused"]


# fmt: off
L7 = [
    Rule(r"On {received_on} (?P<who>you asked us|we received a request) {asked}\. We cannot (?P<do>do what you asked|act on it)\.",
         lambda at: at.state == "refused" and (at["who"] == "you asked us") == (at["do"] == "do what you asked") == is_identified(at.case)),
    *(exact(f"The reason is that {reason}.", refused_by(code)) for code, reason in _REASONS.items()),
    Rule(r"- (?P<label>[A-Z][a-z ]+): {T}", _detail, "WHY"),
    Lines(lambda facts: [f"- {facts.refusal['reason']}"], "WHY"),
    exact("You can make the request again at any time, with something by which we can recognise you, such as a ticket number, an order number, or the telephone number and date of a call.", refused_by("R1")),
    exact("If the processing rests on our legitimate interests, you can object to it for reasons of your particular situation (Art. 21(1) {law}).", lambda at: refused_by("R3")(at) and at.right != "rectification"),
    exact("You can have a statement of yours added to the data: send us its text (Art. 16 sentence 2 {law}).", lambda at: refused_by("R3")(at) and at.right == "rectification"),
    exact("You can make the request again with that at any time, and we search again.", refused_by("R10")),
    exact("The person concerned can also write to us directly.", refused_by("R8")),
]
# fmt: on
