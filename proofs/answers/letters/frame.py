"""What every letter has: head, greeting, language, remedies; and how a letter is read."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date

from proofs.answers.facts import MONTHS, Facts, is_identified
from proofs.answers.rules import TRUE, Place, Rule, plain

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
    "access": ("for access to personal data", "15"),
    "erasure": ("to erase personal data", "17"),
    "objection": ("not to use personal data for direct marketing", "21(2)"),
    "restriction": ("to restrict the use of personal data", "18"),
    "rectification": ("to correct personal data", "16"),
    "consent-withdrawal": ("to end what rests on consent to the processing of personal data", "7(3)"),
}
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
    "de": "Dieser Brief ist auf Englisch.",
    "fr": "Cette lettre est en anglais.",
    "pl": "Ten list jest w języku angielskim.",
    "it": "Questa lettera è in inglese.",
    "nl": "Deze brief is in het Engels.",
    "es": "Esta carta está en inglés.",
    "sv": "Det här brevet är på engelska.",
    "el": "Η επιστολή αυτή είναι στα αγγλικά.",
}
"""What a letter says in the person's language, where that is one of these, since it is in English."""
ENGLISH_NOTE = "This letter is in English."
HELP = {
    "de": "Wir helfen Ihnen in diesen Sprachen: ",
    "fr": "Nous pouvons vous aider dans ces langues: ",
    "pl": "Możemy pomóc w następujących językach: ",
    "it": "Possiamo aiutarla in queste lingue: ",
    "el": "Μπορούμε να σας βοηθήσουμε στις εξής γλώσσες: ",
    "nl": "Wij kunnen u helpen in deze talen: ",
    "es": "Podemos ayudarle en estos idiomas: ",
    "sv": "Vi kan hjälpa dig på följande språk: ",
    "en": "We can help you in these languages: ",
}
_NAMES = {"de": "Deutsch", "en": "English", "fr": "français", "tr": "tr"}


def notes_of(facts: Facts) -> list[str]:
    """The lines that a reader of another language than English is owed: in theirs where it is one of the list, and in English."""
    language = facts.language[0].partition("-")[0]
    if language in {"", "en"}:
        return []
    offered = ", ".join(_NAMES[one] for one in facts.case["help_languages"])
    said = [(HELP[one], note) for one, note in ((language, NOTES.get(language)), ("en", ENGLISH_NOTE)) if note]
    return [f"{note} {help_}{offered}." if offered else note for help_, note in said]


EVERY = [
    Rule(rf"(?P<T>(?:{'|'.join([*NOTES.values(), ENGLISH_NOTE])}).*)", lambda at: at["T"] in notes_of(at.facts)),
    Rule("{T}", lambda at: at["T"] == at.facts.case["controller"]),
    Rule("{T}", lambda at: at["T"] == at.facts.case["address"]),
    Rule("{D}", lambda at: at["D"] == at.facts.day(at.facts.letter(at.kind)["written_at"])),
    Rule("Case number: {T}", lambda at: at["T"] == at.facts.case["case_id"]),
    Rule("Dear {T},", _greeted),
    exact("Good day,"),
    Rule(
        r"If you have questions, write to {T:who}, {T:mail}, and give the case number {T:case}\. Answering you is free of charge\.",
        lambda at: (at["who"], at["mail"], at["case"])
        == tuple(at.facts.case[name] for name in ("contact", "contact_email", "case_id")),
    ),
    exact("Yours sincerely"),
    Rule("[A-Z][A-Z ,'’:?-]+", lambda at: at.section in _HEADINGS),
]  # fmt: skip


def _authority(at: Place) -> bool:
    return (at["who"], at["url"]) == (at.facts.case["authority"], at.facts.case["authority_url"])


REMEDIES = [
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
    exact(
        "You can also go to court: the courts of the country where we are established, or of the country where you live "
        "(Art. 79 GDPR); a complaint to an authority is not needed first.",
        lambda at: not at.facts.is_uk,
    ),
    exact(
        "You can also go to court: the High Court or a county court in England and Wales or in Northern Ireland, the Court of "
        "Session or the sheriff court in Scotland (Art. 79 UK GDPR, s. 180 Data Protection Act 2018); a complaint is not "
        "needed first.",
        lambda at: at.facts.is_uk,
    ),
]
