"""The sentences of the refusal (L7), with what each of its reasons has to say besides."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

import re
from datetime import date

from proofs.answers.facts import is_identified
from proofs.answers.letters.frame import ASKED, Check, exact, law, of_what, read_day, received
from proofs.answers.rules import Place, Rule

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
    "R4": ("Exception and provision", "Data that are kept", "Kept until"),
    "R6": ("Provision",),
    "R7": ("Who is the controller", "What we did with your request"),
    "R8": ("What proof is needed",),
    "R9": ("Law that we checked",),
    "R10": ("What would show it",),
}
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


L7 = [
    Rule(
        r"On {D} (?P<who>you asked us|we received a request) "
        + ASKED
        + r"\. We cannot (?P<do>do what you asked|act on it)\.",
        lambda at: (
            received(at)
            and law(at)
            and of_what(at)
            and at.facts.case["state"] == "refused"
            and (at["who"] == "you asked us") == (at["do"] == "do what you asked") == is_identified(at.facts.case)
        ),
    ),
    *(Rule(rf"The reason is that {reason}\.", _because(code)) for code, reason in _REASONS.items()),
    Rule(r"- (?P<label>[A-Z][a-z ]+): {T}", _detail, ("WHY",)),
    Rule("- {T}", lambda at: at["T"] == at.facts.refusal["reason"], ("WHY",)),
    exact(
        "You can make the request again at any time, with something by which we can recognise you, such as a ticket number, an order number, "
        "or the telephone number and date of a call.",
        lambda at: at.facts.refusal["code"] == "R1",
    ),
    Rule(
        r"If the processing rests on our legitimate interests, you can object to it for reasons of your particular situation \(Art\. 21\(1\) "
        r"{LAW}\)\.",
        lambda at: at.facts.refusal["code"] == "R3" and law(at) and at.facts.right != "rectification",
    ),
    Rule(
        r"You can have a statement of yours added to the data: send us its text \(Art\. 16 sentence 2 {LAW}\)\.",
        lambda at: at.facts.refusal["code"] == "R3" and law(at) and at.facts.right == "rectification",
    ),
    exact(
        "You can make the request again with that at any time, and we search again.",
        lambda at: at.facts.refusal["code"] == "R10",
    ),
    exact("The person concerned can also write to us directly.", lambda at: at.facts.refusal["code"] == "R8"),
]
