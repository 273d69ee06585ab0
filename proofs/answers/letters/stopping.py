"""The word that a case was stopped (L27): against why it was, and how the case stands that answers the request."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from proofs.answers.facts import Facts, Plain
from proofs.answers.letters.answers import ASKED_BEFORE, WITHDRAWN, of_withdrawn
from proofs.answers.letters.frame import both, exact, kept_until, law
from proofs.answers.rules import Place, Rule

_ANSWERED = {"answered", "nothing held", "refused"}
_ANSWERS = {"L7", "L8", "L9", "L10", "L11", "L17", "L22", "L23", "L25"}


def instead(facts: Facts) -> Facts | None:
    """The case that answers the request in place of this one; ``None`` where it was opened in error."""
    return Facts(facts.case["earlier"][0]) if facts.case["is_duplicate"] else None


def _other(at: Place) -> Facts:
    found = instead(at.facts)
    assert found is not None, "it is no duplicate"
    return found


def _is_own(at: Place) -> bool:
    """The case's own number and receipt, its right, and the moment of the entry that notes the end."""
    facts = at.facts
    [when] = [one["at"] for one in facts.case["events"] if one["event"] == "CaseStopped"]
    return (
        facts.case["state"] == "stopped"
        and at["D"] == facts.received_on
        and {at["case"], at["closed"] or at["case"]} == {facts.case["case_id"]}
        and at["T"] == facts.spoken(when)
        and of_withdrawn(at)
    )


def _because(reason: str) -> object:
    return lambda at: [one["because"] for one in at.facts.case["events"] if one["event"] == "CaseStopped"] == [reason]


def _counts(at: Place) -> bool:
    """It counts from the earlier receipt of both, and is not answered yet."""
    other, mine = _other(at), at.facts
    first = min(mine.date(mine.case["received_at"]), mine.date(other.case["received_at"]))
    is_open = not other.case["closed_at"] and other.case["state"] not in {"withdrawn", "stopped"}
    return at["other"] == other.case["case_id"] and is_open and at["D"] == other.day(first.isoformat())


def _days(other: Plain) -> tuple[date, date]:
    return date.fromisoformat(other["work_to_on"]), date.fromisoformat(other["safe_due_on"])


def _due(at: Place) -> bool:
    """The day to work to; once that is over the last day, and neither while the clock is suspended or both are over."""
    other, today = _other(at), at.facts.date(at.facts.letter(at.kind)["written_at"])
    work_to_on, last_on = _days(other.case)
    told = work_to_on if today <= work_to_on else last_on
    return not other.case["suspended_since"] and today <= last_on and at["by"] == other.day(told.isoformat())


def _over(at: Place) -> bool:
    other, today = _other(at), at.facts.date(at.facts.letter(at.kind)["written_at"])
    return not other.case["suspended_since"] and today > _days(other.case)[1]


def _is_answered(at: Place) -> bool:
    """The other case's answer has gone out, on that day."""
    other = _other(at)
    sent = [one["sent_at"] for one in other.case["letters"] if one["id"] in _ANSWERS and one["sent_at"]]
    return (
        other.case["state"] in _ANSWERED
        and at["other"] == other.case["case_id"]
        and bool(sent)
        and at["D"] == other.day(min(sent))
    )


def _untouched(at: Place) -> bool:
    facts = at.facts
    return at["case"] == facts.case["case_id"] and not facts.count(
        lambda one: one["outcome"] not in {None, "retained", "not held", "not concerned"}
    )


_FROM = r"Your request is answered under the number {T:other}, and counts from {D}\. "
L27 = [
    Rule(
        r"We wrote to you about a request "
        + WITHDRAWN
        + r" {LAW}\), which reached us on {D}, under the number {T:case}\. It is the same request as the one with the "
        r"number {T:other}\. So on {T} we closed {T:closed}, which gets no answer of its own\.",
        both(_is_own, _because("duplicate"), lambda at: at["other"] == _other(at).case["case_id"]),  # type: ignore[arg-type]
    ),
    Rule(
        r"We answered your request on {D}, under the number {T:other}\. If you do not have that answer, please tell us\.",
        _is_answered,
    ),
    Rule(
        _FROM + r"Its time limit is suspended until we have your answer to our question\.",
        lambda at: _counts(at) and bool(_other(at).case["suspended_since"]),
    ),
    Rule(_FROM + r"You will get our answer by {D:by} at the latest\.", both(_counts, _due)),
    Rule(_FROM + r"The time limit for our answer has ended; you still get it\.", both(_counts, _over)),
    exact(
        "If you meant something else with one of the two, please tell us: it is then a request of its own, which counts from the day on which it "
        "reached us.",
        lambda at: instead(at.facts),
    ),
    Rule(
        r"We wrote to you about a request "
        + WITHDRAWN
        + r" {LAW}\), which we noted as received on {D}, under the number {T:case}\. That case was opened in error: as far as "
        r"we know you did not make this request\. So on {T} we closed it, and do nothing more on it\.",
        both(_is_own, _because("opened in error"), lambda at: not at.facts.decision("identity")),  # type: ignore[arg-type]
    ),
    exact(
        "If you did make this request, please tell us. It then counts from the day on which it reached us.",
        lambda at: not instead(at.facts),
    ),
    *ASKED_BEFORE,
    Rule(
        r"No copy of data was sent to you under the number {T:case}\.",
        lambda at: (
            at.facts.right == "access"
            and at["case"] == at.facts.case["case_id"]
            and not at.facts.letter("L9").get("sent_at")
        ),
    ),
    Rule(
        r"Nothing was (?P<done>erased|restricted|corrected) under the number {T:case}\.",
        lambda at: (
            at["done"] == {"restriction": "restricted", "rectification": "corrected"}.get(at.facts.right, "erased")
            and _untouched(at)
        ),
    ),
    Rule(
        r"We keep what we noted under this number, and this message, until {D}, so that we can prove what was done \(Art\. 5\(2\) {LAW}\)\.",
        both(kept_until, law),
    ),
]


def untold(facts: Facts) -> Iterator[str]:
    """Who was written to is told that the case was stopped, and no one else; nothing more is written in it after that."""
    if facts.case["state"] != "stopped":
        return
    # In the order of the entries, since a letter can go out at the same instant.
    events = [one["event"] for one in facts.case["events"]]
    end = events.index("CaseStopped")
    if ("LetterSent" in events[:end]) != bool(facts.letter("L27")):
        yield "a stopped case: the person is told although nothing was written to them, or is not told"
    if events[end:].count("LetterWritten") > 1:
        yield "a stopped case: something else than that was written after its end"


def missing_stopped(body: str, facts: Facts) -> Iterator[str]:
    """What the letter lacks: which case answers, and how it stands."""
    other = instead(facts)
    needed = ["We keep what we noted", f"under the number {facts.case['case_id']}.", "please tell us"]
    needed += [other.case["case_id"], "If you meant something else"] if other else ["opened in error"]
    yield from (f"L27: missing: {one}" for one in needed if one not in body)
    if other and not any(one in body for one in ("Your request is answered under", "We answered your request")):
        yield "L27: missing: where the request is answered"
