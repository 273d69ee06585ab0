"""What every letter has, and the sentences of the questions on the way and of the refusal (L1, L2, L3, L6, L7, L14)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import count, islice

from proofs.answers.facts import MONTHS, TRUE, Facts, Place, Rule, is_identified, listed, plain

Check = Callable[[Place], object]
"""Whether what a sentence says is true of the case."""

UNSEEN = "This message does not say whether there are data about you here."


def lines_of(body: str) -> Iterator[tuple[str, str]]:
    """The lines of a letter, each with the heading above it; a heading is a line of its own in capitals."""
    section = ""
    for line in filter(None, (one.strip() for one in body.splitlines())):
        if re.fullmatch(r"[A-Z][A-Z ,'’:?-]+", line) and len(line) > 2:
            section = line
        yield section, line


def exact(text: str, holds: Check = TRUE, *sections: str) -> Rule:
    """A sentence that stands word for word."""
    return Rule(plain(text), holds, sections)


def says(slot: str, value: Callable[[Facts], object]) -> Callable[[Place], bool]:
    """Whether a slot holds what a value of the facts is."""
    return lambda at: at[slot] == value(at.facts)


def read_day(text: str) -> date:
    """A day as the letters write it."""
    number, month, year = text.split()
    return date(int(year), MONTHS.index(month) + 1, int(number))


# -- what every letter has ---------------------------------------------------------------------------------------------
def law(at: Place) -> bool:
    """Whether the text names the law of the case."""
    return at["LAW"] == at.facts.law


def both(*checks: Check) -> Check:
    """Whether all of several checks hold."""
    return lambda at: all(check(at) for check in checks)


def of_right(right: str) -> Check:
    """Whether the case is about that right."""
    return lambda at: at.facts.right == right


_ASKED = {
    "access": ("for access to personal data", "15"), "erasure": ("to erase personal data", "17"),
    "objection": ("not to use personal data for direct marketing", "21(2)"),
    "restriction": ("to restrict the use of personal data", "18"), "rectification": ("to correct personal data", "16"),
    "consent-withdrawal": ("to end what rests on consent to the processing of personal data", "7(3)"),
}  # fmt: skip
"""What each right asks for, and by which article."""
ASKED = "(?P<what>" + "|".join(re.escape(f"{what} (Art. {article}") for what, article in _ASKED.values()) + r") {LAW}\)"


def of_what(at: Place) -> bool:
    """Whether the text names the right of the case, by its article."""
    what, article = _ASKED[at.facts.right]
    return at["what"] == f"{what} (Art. {article}" and law(at)


received = says("D", lambda facts: facts.received_on)


def kept_until(at: Place) -> bool:
    """Whether the text names the last day of the evidence."""
    return at["D"] == at.facts.evidence_until(at.facts.date(at.facts.letter(at.kind)["written_at"]))


_HEADINGS = {
    "WHAT HAPPENS NEXT", "WHY WE ASK", "WHAT YOU CAN DO", "HOW LONG WE WAIT", "YOUR ANSWER", "YOUR CHOICE", "THE TIME LIMIT", "WHY",
    "WHY IT TAKES LONGER", "HOW WE SEARCHED", "THE FILE ABOUT THIS REQUEST", "HOW YOU GET IT", "HOW YOU OPEN IT",
    "YOUR RIGHTS", "IF YOU DO NOT AGREE", "WHAT BECAME OF YOUR DATA, SYSTEM BY SYSTEM", "WHAT WE KEEP, AND WHY",
    "WHAT ELSE STAYS, AND FOR HOW LONG", "WHAT THIS MEANS FOR YOU", "WHAT IS STILL DONE BY HAND",
    "AT COMPANIES THAT WORK FOR US", "WHO WAS TOLD", "ADVERTISING", "RECORDS KEPT FOR DIRECT MARKETING",
    "RECORDS THAT RESTED ON YOUR CONSENT ALONE", "WHAT IS RESTRICTED", "WHAT IS NOT MARKED, AND WHY",
    "PLEASE CONSIDER BEFORE", "WHAT AN ERASURE MEANS", "WHAT STAYS AS IT IS, AND WHY", "WHAT WE DECIDED", "WHERE IT WAS CORRECTED", "WHAT COULD NOT BE CHANGED, AND WHY",
}  # fmt: skip


def _greeted(at: Place) -> bool:
    """By name only once identity was confirmed, or by the letters that are written after it."""
    if at.kind in {"L1", "L2", "L14"}:
        return False
    return at["T"] in at.facts.case["names"] and is_identified(at.facts.case)


NOTES = {
    "de": "Dieser Brief ist auf Englisch.", "fr": "Cette lettre est en anglais.",
    "pl": "Ten list jest w języku angielskim.", "it": "Questa lettera è in inglese.",
    "nl": "Deze brief is in het Engels.", "es": "Esta carta está en inglés.", "sv": "Det här brevet är på engelska.",
    "el": "Η επιστολή αυτή είναι στα αγγλικά.",
}  # fmt: skip
"""What a letter says in the person's language, where that is one of these, since it is in English."""
ENGLISH_NOTE = "This letter is in English."
HELP = {
    "de": "Wir helfen Ihnen in diesen Sprachen: ", "fr": "Nous pouvons vous aider dans ces langues: ",
    "pl": "Możemy pomóc w następujących językach: ", "it": "Possiamo aiutarla in queste lingue: ",
    "el": "Μπορούμε να σας βοηθήσουμε στις εξής γλώσσες: ", "nl": "Wij kunnen u helpen in deze talen: ",
    "es": "Podemos ayudarle en estos idiomas: ", "sv": "Vi kan hjälpa dig på följande språk: ",
    "en": "We can help you in these languages: ",
}  # fmt: skip
_NAMES = {"de": "Deutsch", "en": "English", "fr": "français", "tr": "tr"}


def notes_of(facts: Facts) -> list[str]:
    """The lines that a reader of another language than English is owed: in theirs where it is one of the list, and in English."""
    language = facts.language[0].partition("-")[0]
    if language in {"", "en"}:
        return []
    offered = ", ".join(_NAMES[one] for one in facts.case["help_languages"])
    said = [(HELP[one], note) for one, note in ((language, NOTES.get(language)), ("en", ENGLISH_NOTE)) if note]
    return [f"{note} {help_}{offered}." if offered else note for help_, note in said]


# fmt: off
EVERY = [
    Rule(rf"(?P<T>(?:{'|'.join([*NOTES.values(), ENGLISH_NOTE])}).*)", lambda at: at["T"] in notes_of(at.facts)),
    Rule("{T}", lambda at: at["T"] == at.facts.case["controller"]),
    Rule("{T}", lambda at: at["T"] == at.facts.case["address"]),
    Rule("{D}", lambda at: at["D"] == at.facts.day(at.facts.letter(at.kind)["written_at"])),
    Rule("Case number: {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule("Dear {T},", _greeted),
    exact("Good day,"),
    Rule(r"If you have questions, write to {T:who}, {T:mail}, and give the case number {T:case}\. Answering you is free of charge\.",
         lambda at: (at["who"], at["mail"], at["case"]) == tuple(at.facts.case[name] for name in ("contact", "contact_email", "case_id"))),
    exact("Yours sincerely"),
    Rule("[A-Z][A-Z ,'’:?-]+", lambda at: at.section in _HEADINGS),
]
# fmt: on


def authority(at: Place) -> bool:
    return (at["who"], at["url"]) == (at.facts.case["authority"], at.facts.case["authority_url"])


# fmt: off
REMEDIES = [
    Rule(r"You can complain to a supervisory authority \(Art\. 77 GDPR\)\. The one competent for us is {T:who}, {T:url}; you can also choose the authority where you live, where you work or where the infringement was\.",
         lambda at: not at.facts.is_uk and authority(at)),
    Rule(r"You can complain to us first: write to {T:who}, {T:mail}, and say what you think is wrong\. We confirm within 30 days that we have your complaint, look into it without undue delay and tell you the outcome \(s\. 164A Data Protection Act 2018\)\.",
         lambda at: at.facts.hears_complaints and at["mail"] == at.facts.case["contact_email"]),
    Rule(r"You can complain to the supervisory authority, which is {T:who}, (?P<url>\S+) \(s\. 165 Data Protection Act 2018\)\.(?P<before> In most cases it expects that you have complained to us before\.)?",
         lambda at: at.facts.is_uk and authority(at) and bool(at["before"]) == at.facts.hears_complaints),
    exact("You can also go to court: the courts of the country where we are established, or of the country where you live (Art. 79 GDPR); a complaint to an authority is not needed first.", lambda at: not at.facts.is_uk),
    exact("You can also go to court: the High Court or a county court in England and Wales or in Northern Ireland, the Court of Session or the sheriff court in Scotland (Art. 79 UK GDPR, s. 180 Data Protection Act 2018); a complaint is not needed first.",
         lambda at: at.facts.is_uk),
]
# fmt: on


# -- L1 ----------------------------------------------------------------------------------------------------------------
def _promised(at: Place) -> bool:
    facts, written = at.facts, at.facts.date(at.facts.letter("L1")["written_at"])
    days = [facts.date(facts.case[name]) for name in ("safe_due_on", "work_to_on")]
    return read_day(at["D"]) == min(one for one in days if one >= written)


def _is_last(at: Place) -> bool:
    return read_day(at["D"]) == at.facts.date(at.facts.case["safe_due_on"])


MEANT = (
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
    Rule("We received your message on {T} and understand it as follows:", lambda at: at["T"] == at.facts.spoken(at.facts.case["received_at"])),
    Rule(r"You want to know whether personal data about you are processed here, and if so, to get a copy of them \(right of access, Art\. 15 {LAW}\)\.", both(of_right("access"), law)),
    Rule(r"You want personal data about you to be erased, if there are any here \(right to erasure, Art\. 17 {LAW}\)\.", both(of_right("erasure"), law)),
    Rule(r"You object to the use of personal data about you for direct marketing, if there are any here \(Art\. 21\(2\) {LAW}\)\.", both(of_right("objection"), law)),
    Rule(r"You want personal data about you, if there are any here, to be stored and used for nothing else \(right to restriction, Art\. 18 {LAW}\)\.", both(of_right("restriction"), law)),
    Rule(r"You withdraw consent to the processing of personal data about you, if there are any here \(Art\. 7\(3\) {LAW}\)\.", both(of_right("consent-withdrawal"), law)),
    Rule(r"You want personal data about you that are wrong or incomplete, if there are any here, to be corrected or completed \(right to rectification, Art\. 16 {LAW}\)\.", both(of_right("rectification"), law)),
    Rule(r"While we check what is right, you can ask that the data, if there are any, are stored and used for nothing else \(Art\. 18\(1\)\(a\) {LAW}\)\.", both(of_right("rectification"), law)),
    exact("If you meant something else, please tell us."),
    Rule(r"You will get our answer by {D} at the latest\.", _promised),
    Rule(r"You will get our answer as soon as possible\. The time limit for it ended on {D}\.", lambda at: at.facts.date(at.facts.letter("L1")["written_at"]) > read_day(at["D"]) and _is_last(at)),
    Rule(r"1\. We check that the request really comes from the person it concerns, so that no one else gets or erases data\. If we need something from you for that, we ask\."),
    exact("2. We search our systems."),
    exact("3. We write to you with the result, even if we find nothing."),
    exact(UNSEEN),
    *(exact(one, of_right("erasure")) for one in MEANT),
    exact("Please do not send copies of identity documents, passwords or card numbers by e-mail. If you want to add something, write to the address below, give the case number only, and we agree on a safe way."),
]
# fmt: on


# -- L2, L3, L6 --------------------------------------------------------------------------------------------------------
def _wait(at: Place) -> bool:
    written = at.facts.date(at.facts.letter(at.kind)["written_at"])
    return 0 <= (read_day(at["D"]) - written).days <= 30


def _told(at: Place) -> bool:
    """The day that the acknowledgement promises and the sheet works to; once it is too late, the end of the limit."""
    facts, written = at.facts, at.facts.date(at.facts.letter(at.kind)["written_at"])
    work_to_on, last_on = (facts.date(facts.case[name]) for name in ("work_to_on", "safe_due_on"))
    told = work_to_on if written <= work_to_on else last_on
    return (written > last_on) == bool(at["ended"]) and read_day(at["D"]) == told


def _suspends(at: Place, *, said: bool) -> bool:
    """Whether a text may say that the question suspends the clock, or that it does not.

    In the United Kingdom it always does, else that for identity, if it was prompt: within three working days. Which of
    the records that were found are the person's is no question about what the request means.
    """
    if any("whether they are about you" in line for line in at.before):
        return not said
    if at.facts.is_uk:
        return said
    if at.kind == "L3" or not at.facts.letter("L2"):
        return not said
    asked_on = at.facts.date(at.facts.letter("L2")["written_at"])
    received_on = at.facts.date(at.facts.case["received_at"])
    if asked_on <= _weekday_after(received_on, _PROMPT_DAYS):
        return said
    # Up to three holidays, which the judge does not know, can lie between.
    return not said or asked_on <= _weekday_after(received_on, 2 * _PROMPT_DAYS)


def _weekday_after(on: date, number: int) -> date:
    """The first, second or later day after another that is no Saturday and no Sunday."""
    days = (on + timedelta(days=one) for one in count(1))
    return next(islice((one for one in days if one.weekday() < _SATURDAY), number - 1, None))


_PROMPT_DAYS = 3
_SATURDAY = 5
# fmt: off
_UNCHANGED = [
    Rule(r"Our question does not change the day by which you get our answer: {D} at the latest\.", lambda at: _told(at) and _suspends(at, said=False)),
    Rule(r"The time limit for our answer (?P<ended>ended) on {D}; our question does not change that\.", lambda at: _told(at) and _suspends(at, said=False)),
]
_L2 = [
    Rule(r"On {D} we received a request " + ASKED + r"\. Before we act on it we have to be sure that it comes from the person it concerns \(Art\. 12\(6\) {LAW:law}\)\. Could you please help us with that\?",
         lambda at: received(at) and law(at) and at["law"] == at["LAW"] and of_what(at)),
]
_IDENTITY = [
    exact("The request came from an address that was not used before.", TRUE, "WHY WE ASK"),
    Rule(r"Please choose one of these ways; one is enough\. Write to {T} with the case number and say which\.", lambda at: at["T"] == at.facts.case["contact_email"]),
    Rule("- (Log in|Code|Call-back|Two facts): {T}", TRUE, ("WHAT YOU CAN DO",)),
    exact("We use what you tell us for this check only. In the file about your request we note how it was checked, when, and with which result."),
    exact("You need not give us any new data. Please do not send copies of identity documents."),
    Rule(r"Please answer by {D}\. If we cannot be sure by then who made the request, we have to close it, and we tell you so with the reasons\. You can make it again at any time; that has no disadvantage for you\.", _wait),
    *_UNCHANGED,
    Rule(r"The month that the law gives us for our answer starts on the day on which we have what we ask you for \(Art\. 12A UK GDPR\)\. Without our question you would get our answer by {D} at the latest\.", lambda at: at.facts.is_uk and _told(at)),
    # A question does not know on which day it goes out; its reminder does.
    Rule(r"The time limit for our answer is suspended from (?:{D:asked}|the day on which we send you this question) until we have what we ask you for\. Without our question you would get our answer by {D} at the latest; now the time limit ends later by as many days as we wait for you\.",
         lambda at: _suspends(at, said=True) and not at.facts.is_uk and _told(at) and at["asked"] == (at.facts.day(at.facts.letter("L2")["sent_at"]) if at.kind == "L14" else "")),
    exact("No one gets data, and nothing is erased, before it is clear who made the request. " + UNSEEN, lambda at: at.facts.decision("identity") == {}),
]
# fmt: on


def _is_two_weeks_later(at: Place) -> bool:
    """Whether the question went out two weeks before, and no answer is in the file."""
    sent, written = (
        at.facts.date(at.facts.letter(one)[when]) for one, when in (("L2", "sent_at"), ("L14", "written_at"))
    )
    return (written - sent).days >= 14 and at.facts.decision("identity") == {}


# fmt: off
_L14 = [
    Rule(r"On {D} we received a request " + ASKED + r"\. On {D:asked} we asked you to help us to be sure that it comes from the person it concerns \(Art\. 12\(6\) {LAW:law}\)\. We have noted no answer so far, so we ask you once more\.",
         lambda at: received(at) and _is_two_weeks_later(at) and law(at) and at["law"] == at["LAW"] and at["asked"] == at.facts.day(at.facts.letter("L2")["sent_at"]) and of_what(at)),
    exact("If you have answered already, or do not want to go on with the request, please tell us in a line."),
]
# fmt: on


def _unclear(at: Place) -> int:
    """How many records carry nothing of the person but a number that others used too."""
    return at.facts.count(lambda one: one["attribution"] == "unclear" and not one["names_person"])


L2 = [*_L2, *_IDENTITY]
L14 = [*_L14, *_IDENTITY]


def _found(at: Place) -> bool:
    """The records of each category that the search attributed to the person, once it is known who asks."""
    mine = Counter(one["category"] for one in at.facts.of(attribution="subject"))
    told = listed([f"{category} ({count:,})" for category, count in sorted(mine.items())])
    return at["found"] == told and is_identified(at.facts.case)


FOUND = Rule(r"Our search found these records about you: (?P<found>.+)\.", _found, ("WHY IT TAKES LONGER",))
# fmt: off
L3 = [
    Rule(r"On {D} you asked us to erase your personal data \(Art\. 17 {LAW}\)\. We found records that carry a number of yours, which other people used as well, and nothing else that says whose they are\. So we cannot tell whether they are about you \(Art\. 11\(2\) {LAW:law}\):",
         lambda at: received(at) and law(at) and at["law"] == at["LAW"] and at.facts.right == "erasure" and bool(_unclear(at))),
    Rule(r"- (?P<what>[a-z ]+): {N}", lambda at: at.facts.right == "erasure" and 0 < at.number() <= _unclear(at)),
    exact("If some of them are about you, write to the address below with the case number and what shows it, such as the date and time of a call of yours. You need not answer, and need not give reasons: without an answer these records stay as they are, our answer says so, and you can still tell us later."),
    Rule(r"On {D} you asked us which personal data we process about you \(Art\. 15 {LAW}\)\.( Our search found these records about you: (?P<found>.+?)\.)? So that you get what matters to you, we would like to know which data you mean(?P<recital> \(recital 63 GDPR\))?\.",
         lambda at: received(at) and law(at) and bool(at["recital"]) != at.facts.is_uk and at.facts.right == "access" and (not at["found"] or _found(at))),
    exact("Which of these areas do you mean?"),
    Rule("- (service tickets|payments)", TRUE, ("YOUR CHOICE",)),
    exact("And for which period: from when until when?"),
    Rule(r"Write to the address below with the case number, the areas and the period\. You need not choose, and need not give reasons: you can have everything\. If you do not choose(?: by {D})?, we give you all of it\.", lambda at: not at["D"] or _wait(at)),
    Rule(r"The time limit for our answer is paused from the day on which we send you this question until the day on which your answer arrives, both days included, and goes on afterwards \(Art\. 12A UK GDPR\)\. If you do not choose by {D:wait}, it goes on after that day; a line that you want everything is an answer, too\. Without our question you would get our answer by {D} at the latest\.",
         lambda at: at.facts.is_uk and _told(at)),
    *_UNCHANGED,
    Rule(r"We go on with the search meanwhile\.", lambda at: at.facts.right == "access"),
]
# fmt: on


def _later(at: Place) -> bool:
    return read_day(at["D"]) > at.facts.date(at.facts.case["notice_due_on"])


def _open_question(at: Place) -> str:
    """The day of a question that the person has not answered; who they are comes before what they mean."""
    facts, clock = at.facts, at.facts.case["clock"]
    if facts.letter("L2") and not facts.decision("identity") and "IDENTITY_CONFIRMED" not in clock:
        return facts.day(facts.letter("L2")["written_at"])
    if facts.letter("L3") and "CLARIFICATION_RECEIVED" not in clock:
        return facts.day(facts.letter("L3")["written_at"])
    return ""


# fmt: off
L6 = [
    FOUND,
    Rule(r"On {D} you asked us " + ASKED + r"\. We are working on it, but need longer than the first time limit allows\. For requests that are complex or numerous the law lets us extend it once \((?P<art>Art\. 12A|Art\. 12\(3\)) {LAW:law}\)\.",
         lambda at: received(at) and law(at) and at["law"] == at["LAW"] and ("12A" in at["art"]) == at.facts.is_uk and of_what(at)),
    Rule(r"You will get our answer as soon as it is ready, and by {D} at the latest\. You need not do anything\.", lambda at: _later(at) and not _open_question(at)),
    Rule(r"You will get our answer as soon as it is ready, and by {D} at the latest(?P<waits>; the time for which we wait for your answer to our question of {D:day} does not count)?\. Apart from your answer to our question of {D:asked} you need not do anything\.",
         lambda at: _later(at) and at["asked"] == _open_question(at) and at["day"] in {"", at["asked"]} and bool(at["waits"]) == bool(at.facts.case["suspended_since"])),
    exact("- 140 hours of recordings in three systems have to be screened.", lambda at: at.facts.happened("ExtensionDecided")),
]
# fmt: on

_REASONS = {
    "R1": r"we could not confirm that the person concerned made the request \(Art\. 11\(2\) and 12\(6\) {LAW}\)",
    "R2": r"the request is manifestly unfounded or excessive \(Art\. 12\(5\)\(b\) {LAW}\)",
    "R3": r"none of the grounds for erasure applies \(Art\. 17\(1\) {LAW}\)",
    "R4": r"the law excepts these data from erasure \(Art\. 17\(3\) {LAW}\)",
    "R6": r"national law restricts the right",
    "R7": r"we are not the controller of these data \(Art\. 4\(7\) {LAW}\)",
    "R8": r"we have no proof that you may act for the person concerned",
    "R9": r"the law you rely on does not apply here",
    "R10": r"by what you gave us alone we cannot tell which data, if any, are about you \(Art\. 11\(2\) {LAW}\)",
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

_SHOWING = {"email": "e-mail address", "customer_id": "customer number"}


def _because(code: str) -> Check:
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
    if code == "R10":
        given = {one.partition("/")[0] for one in at.facts.case["own"]}
        missing = [f"your {words}" for kind, words in _SHOWING.items() if kind not in given]
        return at["T"] == (" or ".join(missing) or "the number of an order, a bill or a ticket of yours")
    told = [one["details"].get(at["label"]) for one in at.facts.case["decisions"] if one["verdict"] == "refused"]
    return at["T"] in told


# fmt: off
L7 = [
    Rule(r"On {D} (?P<who>you asked us|we received a request) " + ASKED + r"\. We cannot (?P<do>do what you asked|act on it)\.",
         lambda at: received(at) and law(at) and of_what(at) and at.facts.case["state"] == "refused" and (at["who"] == "you asked us") == (at["do"] == "do what you asked") == is_identified(at.facts.case)),
    *(Rule(rf"The reason is that {reason}\.", _because(code)) for code, reason in _REASONS.items()),
    Rule(r"- (?P<label>[A-Z][a-z ]+): {T}", _detail, ("WHY",)),
    Rule("- {T}", lambda at: at["T"] == at.facts.refusal["reason"], ("WHY",)),
    exact("You can make the request again at any time, with something by which we can recognise you, such as a ticket number, an order number, or the telephone number and date of a call.", lambda at: at.facts.refusal["code"] == "R1"),
    Rule(r"If the processing rests on our legitimate interests, you can object to it for reasons of your particular situation \(Art\. 21\(1\) {LAW}\)\.", lambda at: at.facts.refusal["code"] == "R3" and law(at) and at.facts.right != "rectification"),
    Rule(r"You can have a statement of yours added to the data: send us its text \(Art\. 16 sentence 2 {LAW}\)\.", lambda at: at.facts.refusal["code"] == "R3" and law(at) and at.facts.right == "rectification"),
    exact("You can make the request again with that at any time, and we search again.", lambda at: at.facts.refusal["code"] == "R10"),
    exact("The person concerned can also write to us directly.", lambda at: at.facts.refusal["code"] == "R8"),
]
# fmt: on
