"""The sentences of the acknowledgement and of what the person is asked and told on the way (L1, L2, L3, L6, L14)."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from itertools import count, islice

from proofs.answers.facts import is_identified, listed
from proofs.answers.letters.frame import ASKED, UNSEEN, both, exact, law, of_right, of_what, read_day, received
from proofs.answers.rules import TRUE, Place, Rule

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
L1 = [
    Rule(
        "We received your message on {T} and understand it as follows:",
        lambda at: at["T"] == at.facts.spoken(at.facts.case["received_at"]),
    ),
    Rule(
        r"You want to know whether personal data about you are processed here, and if so, to get a copy of them \(right of "
        r"access, Art\. 15 {LAW}\)\.",
        both(of_right("access"), law),
    ),
    Rule(
        r"You want personal data about you to be erased, if there are any here \(right to erasure, Art\. 17 {LAW}\)\.",
        both(of_right("erasure"), law),
    ),
    Rule(
        r"You object to the use of personal data about you for direct marketing, if there are any here \(Art\. 21\(2\) {LAW}\)\.",
        both(of_right("objection"), law),
    ),
    Rule(
        r"You want personal data about you, if there are any here, to be stored and used for nothing else \(right to restriction, Art\. 18 {LAW}\)\.",
        both(of_right("restriction"), law),
    ),
    Rule(
        r"You withdraw consent to the processing of personal data about you, if there are any here \(Art\. 7\(3\) {LAW}\)\.",
        both(of_right("consent-withdrawal"), law),
    ),
    Rule(
        r"You want personal data about you that are wrong or incomplete, if there are any here, to be corrected or completed \(right to rectification, Art\. 16 {LAW}\)\.",
        both(of_right("rectification"), law),
    ),
    Rule(
        r"While we check what is right, you can ask that the data, if there are any, are stored and used for nothing else \(Art\. 18\(1\)\(a\) {LAW}\)\.",
        both(of_right("rectification"), law),
    ),
    exact("If you meant something else, please tell us."),
    Rule(r"You will get our answer by {D} at the latest\.", _promised),
    Rule(
        r"You will get our answer as soon as possible\. The time limit for it ended on {D}\.",
        lambda at: at.facts.date(at.facts.letter("L1")["written_at"]) > read_day(at["D"]) and _is_last(at),
    ),
    Rule(
        r"1\. We check that the request really comes from the person it concerns, so that no one else gets or erases data\. If we "
        r"need something from you for that, we ask\."
    ),
    exact("2. We search our systems."),
    exact("3. We write to you with the result, even if we find nothing."),
    exact(UNSEEN),
    *(exact(one, of_right("erasure")) for one in MEANT),
    exact(
        "Please do not send copies of identity documents, passwords or card numbers by e-mail. If you want to add something, "
        "write to the address below, give the case number only, and we agree on a safe way."
    ),
]

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
_UNCHANGED = [
    Rule(
        r"Our question does not change the day by which you get our answer: {D} at the latest\.",
        lambda at: _told(at) and _suspends(at, said=False),
    ),
    Rule(
        r"The time limit for our answer (?P<ended>ended) on {D}; our question does not change that\.",
        lambda at: _told(at) and _suspends(at, said=False),
    ),
]
_L2 = [
    Rule(
        r"On {D} we received a request " + ASKED + r"\. "
        r"Before we act on it we have to be sure that it comes from the person it concerns \(Art\. 12\(6\) {LAW:law}\)\. Could you "
        r"please help us with that\?",
        lambda at: received(at) and law(at) and at["law"] == at["LAW"] and of_what(at),
    ),
]
_IDENTITY = [
    exact("The request came from an address that was not used before.", TRUE, "WHY WE ASK"),
    Rule(
        r"Please choose one of these ways; one is enough\. Write to {T} with the case number and say which\.",
        lambda at: at["T"] == at.facts.case["contact_email"],
    ),
    Rule("- (Log in|Code|Call-back|Two facts): {T}", TRUE, ("WHAT YOU CAN DO",)),
    exact(
        "We use what you tell us for this check only. In the file about your request we note how it was checked, when, and with which result."
    ),
    exact("You need not give us any new data. Please do not send copies of identity documents."),
    Rule(
        r"Please answer by {D}\. If we cannot be sure by then who made the request, we have to close it, and we tell you so with the "
        r"reasons\. You can make it again at any time; that has no disadvantage for you\.",
        _wait,
    ),
    *_UNCHANGED,
    Rule(
        r"The month that the law gives us for our answer starts on the day on which we have what we ask you for \(Art\. 12A UK GDPR\)\. "
        r"Without our question you would get our answer by {D} at the latest\.",
        lambda at: at.facts.is_uk and _told(at),
    ),
    Rule(
        r"The time limit for our answer is suspended from (?:{D:asked}|the day on which we send you this question) until we have what we ask you for\. Without our question you "
        r"would get our answer by {D} at the latest; now the time limit ends later by as many days as we wait for you\.",
        lambda at: (
            _suspends(at, said=True)
            and not at.facts.is_uk
            and _told(at)
            # A question does not know on which day it goes out; its reminder does.
            and at["asked"] == (at.facts.day(at.facts.letter("L2")["sent_at"]) if at.kind == "L14" else "")
        ),
    ),
    exact(
        "No one gets data, and nothing is erased, before it is clear who made the request. " + UNSEEN,
        lambda at: at.facts.decision("identity") == {},
    ),
]


def _is_two_weeks_later(at: Place) -> bool:
    """Whether the question went out two weeks before, and no answer is in the file."""
    sent, written = (
        at.facts.date(at.facts.letter(one)[when]) for one, when in (("L2", "sent_at"), ("L14", "written_at"))
    )
    return (written - sent).days >= 14 and at.facts.decision("identity") == {}


_L14 = [
    Rule(
        r"On {D} we received a request " + ASKED + r"\. On "
        r"{D:asked} we asked you to help us to be sure that it comes from the person it concerns \(Art\. 12\(6\) {LAW:law}\)\. We have noted "
        r"no answer so far, so we ask you once more\.",
        lambda at: (
            received(at)
            and _is_two_weeks_later(at)
            and law(at)
            and at["law"] == at["LAW"]
            and at["asked"] == at.facts.day(at.facts.letter("L2")["sent_at"])
            and of_what(at)
        ),
    ),
    exact("If you have answered already, or do not want to go on with the request, please tell us in a line."),
]


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
L3 = [
    Rule(
        r"On {D} you asked us to erase your personal data \(Art\. 17 {LAW}\)\. We found records that carry a number of yours, "
        r"which other people used as well, and nothing else that says whose they are\. So we cannot tell whether they are about you "
        r"\(Art\. 11\(2\) {LAW:law}\):",
        lambda at: (
            received(at) and law(at) and at["law"] == at["LAW"] and at.facts.right == "erasure" and bool(_unclear(at))
        ),
    ),
    Rule(
        r"- (?P<what>[a-z ]+): {N}",
        lambda at: at.facts.right == "erasure" and 0 < at.number() <= _unclear(at),
    ),
    exact(
        "If some of them are about you, write to the address below with the case number and what shows it, such as the date and time of a "
        "call of yours. You need not answer, and need not give reasons: without an answer these records stay as they are, our answer says "
        "so, and you can still tell us later."
    ),
    Rule(
        r"On {D} you asked us which personal data we process about you \(Art\. 15 {LAW}\)\.( Our search found these records about you: (?P<found>.+?)\.)? So "
        r"that you get what matters to you, we would like to know which data you mean(?P<recital> \(recital 63 GDPR\))?\.",
        lambda at: (
            received(at)
            and law(at)
            and bool(at["recital"]) != at.facts.is_uk
            and at.facts.right == "access"
            and (not at["found"] or _found(at))
        ),
    ),
    exact("Which of these areas do you mean?"),
    Rule("- (service tickets|payments)", TRUE, ("YOUR CHOICE",)),
    exact("And for which period: from when until when?"),
    Rule(
        r"Write to the address below with the case number, the areas and the period\. You need not choose, and need not give reasons: you "
        r"can have everything\. If you do not choose(?: by {D})?, we give you all of it\.",
        lambda at: not at["D"] or _wait(at),
    ),
    Rule(
        r"The time limit for our answer is paused from the day on which we send you this question until the day on which your answer arrives, both days included, and goes on "
        r"afterwards \(Art\. 12A UK GDPR\)\. If you do not choose by {D:wait}, it goes on after that day; a line that you want everything is "
        r"an answer, too\. Without our question you would get our answer by {D} at the latest\.",
        lambda at: at.facts.is_uk and _told(at),
    ),
    *_UNCHANGED,
    Rule(r"We go on with the search meanwhile\.", lambda at: at.facts.right == "access"),
]


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


L6 = [
    FOUND,
    Rule(
        r"On {D} you asked us " + ASKED + r"\. We are working on "
        r"it, but need longer than the first time limit allows\. For requests that are complex or numerous the law lets us "
        r"extend it once \((?P<art>Art\. 12A|Art\. 12\(3\)) {LAW:law}\)\.",
        lambda at: (
            received(at)
            and law(at)
            and at["law"] == at["LAW"]
            and ("12A" in at["art"]) == at.facts.is_uk
            and of_what(at)
        ),
    ),
    Rule(
        r"You will get our answer as soon as it is ready, and by {D} at the latest\. You need not do anything\.",
        lambda at: _later(at) and not _open_question(at),
    ),
    Rule(
        r"You will get our answer as soon as it is ready, and by {D} at the latest(?P<waits>; the time for which we wait for your answer to our "
        r"question of {D:day} does not count)?\. Apart from your answer to our question of {D:asked} you need not do anything\.",
        lambda at: (
            _later(at)
            and at["asked"] == _open_question(at)
            and at["day"] in {"", at["asked"]}
            and bool(at["waits"]) == bool(at.facts.case["suspended_since"])
        ),
    ),
    exact(
        "- 140 hours of recordings in three systems have to be screened.",
        lambda at: at.facts.happened("ExtensionDecided"),
    ),
]
