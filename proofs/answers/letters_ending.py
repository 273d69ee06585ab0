"""Nothing held, the package's cover, withdrawal, a stopped case (L8, L9, L18, L27), and what the doubles truly held."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from proofs.answers.facts import KEPT, TRUE, Facts, Place, Plain, Rule, listed
from proofs.answers.letters_asking import Check, both, exact, kept_until, law, of_what, received


# -- L8 ----------------------------------------------------------------------------------------------------------------
def _nothing_is_held(at: Place) -> bool:
    facts = at.facts
    searched = all(facts.done("locate", system) for system in facts.case["systems"])
    decided = [facts.decision(gate).get("verdict") for gate in ("identity", "approval")]
    reviewed = decided == ["confirmed", "approved"]
    left = any(_left_behind(one) for one in facts.earlier)
    return bool(received(at) and not facts.records and searched and reviewed and not left)


def _left_behind(earlier: Mapping[str, Any]) -> bool:
    """Whether an earlier case of the person left something in a system, or something that no one could attribute."""
    facts = Facts(earlier)
    unclear = facts.count(lambda one: one["attribution"] == "unclear")
    return bool(
        unclear or (facts.right == "erasure" and facts.count(lambda one: one["fate"] in {*KEPT, "failed", "seen"}))
    )


def _last_search(at: Place) -> bool:
    done = (at.facts.done("locate", system) for system in at.facts.case["systems"])
    ended = [step["finished_at"] for step in done if step]
    return at["D"] == at.facts.day(max(ended))


def _searched(at: Place) -> bool:
    return at["by"] == listed(at.facts.searched_by(at.facts.system(at["S"])))


def _limited(at: Place) -> bool:
    return at["T"] == listed(limited_systems(at.facts))


def limited_systems(facts: Facts) -> list[str]:
    """The systems that were searched and whose search cannot find everything."""
    systems = facts.case["systems"].items()
    return [facts.title(one) for one, about in systems if about["cannot_find"] and not facts.not_searchable(one)]


def _unsearched(at: Place) -> bool:
    """Nothing is known of the person by which the system can be searched, and what would be is what it can take."""
    facts, system = at.facts, at.facts.system(at["S"])
    kinds = [one for one in _KINDS if one in facts.case["systems"][system]["searches"]]
    return facts.not_searchable(system) and at["by"] == listed([_KINDS[one] for one in kinds])


_KINDS = {
    "email": "your e-mail address", "phone": "your phone number", "customer_id": "your customer number",
    "account_id": "your account number",
}  # fmt: skip
_HOW = ("HOW WE SEARCHED",)
# fmt: off
SEARCHED = [
    Rule("We searched these systems, the last of them on {D}:", _last_search),
    Rule("- {S}, by (?P<by>your .+)", _searched, _HOW),
    exact("We could not search these, since nothing is known to us by which they can be searched for you:", lambda at: any(at.facts.not_searchable(one) for one in at.facts.case["systems"])),
    Rule("- {S}: it can be searched by (?P<by>your .+) only", _unsearched, _HOW),
    Rule(r"Such a search does not find everything\. In {T} it may pass over unusual spellings, free text, or data without any of these identifiers; if you ask, we send you the details\.", _limited, _HOW),
    exact("If you have used another e-mail address, telephone number or customer number with us, tell us and we search again."),
]
# fmt: on
"""How every system was searched, as L8, L10 and L11 say it."""


def _apart(at: Place) -> bool:
    """Where other files about the person are kept, the letter names them."""
    return (at["apart"] == "what is named below") == bool(at.facts.earlier)


def _names(at: Place) -> bool:
    """Which systems were searched, and which could not be."""
    systems = list(at.facts.case["systems"])
    unsearched = [at.facts.title(one) for one in systems if at.facts.not_searchable(one)]
    searched = [at.facts.title(one) for one in systems if not at.facts.not_searchable(one)]
    said = " or ".join(filter(None, (", ".join(unsearched[:-1]), *unsearched[-1:])))
    return bool(unsearched) and at["found"] == listed(searched) and at["not"] == said


def _complete(at: Place) -> bool:
    """A no without a but is said only where every system could be searched."""
    return not any(at.facts.not_searchable(one) for one in at.facts.case["systems"])


_ASKED_FOR = {
    "access": "whether we process personal data about you", "erasure": "to erase your personal data",
    "restriction": "to restrict the use of your personal data", "rectification": "to correct your personal data",
}  # fmt: skip

# fmt: off
L8 = [
    Rule(r"On {D} you asked us (?P<asked>whether we process personal data about you|to (?:erase|restrict the use of|correct) your personal data)\. In (?P<found>.+?) we found none, apart from (?P<apart>the file about this request|what is named below)\. We could not search (?P<not>.+?): we know nothing of you by which that is possible\.",
         lambda at: at["asked"] == _ASKED_FOR[at.facts.right] and _nothing_is_held(at) and _apart(at) and _names(at)),
    Rule(r"On {D} you asked us whether we process personal data about you\. Our answer is: no\. We searched for personal data about you as described below and found none, apart from (?P<apart>the file about this request|what is named below)\.",
         lambda at: at.facts.right == "access" and _nothing_is_held(at) and _apart(at) and _complete(at)),
    Rule(r"On {D} you asked us to erase your personal data\. We found nothing to erase: we searched for personal data about you as described below and found none, apart from (?P<apart>the file about this request|what is named below)\.",
         lambda at: at.facts.right == "erasure" and _nothing_is_held(at) and _apart(at) and _complete(at)),
    Rule(r"On {D} you asked us to restrict the use of your personal data\. We found none that could be restricted: we searched for personal data about you as described below and found none, apart from (?P<apart>the file about this request|what is named below)\.",
         lambda at: at.facts.right == "restriction" and _nothing_is_held(at) and _apart(at) and _complete(at)),
    Rule(r"On {D} you asked us to correct your personal data\. We found none that could be corrected: we searched for personal data about you as described below and found none, apart from (?P<apart>the file about this request|what is named below)\.",
         lambda at: at.facts.right == "rectification" and _nothing_is_held(at) and _apart(at) and _complete(at)),
    *SEARCHED,
    Rule(r"We keep your request and this answer until {D}, so that we can prove that we answered it \(Art\. 5\(2\) {LAW}\)\.", both(kept_until, law)),
    Rule(r"For the same purpose we keep the files about earlier requests of yours \({N}\), each until its own period has ended\.", lambda at: at.number() == len(at.facts.earlier) > 0),
]
# fmt: on


# -- L9 ----------------------------------------------------------------------------------------------------------------
def given_and_gone(facts: Facts) -> int:
    """How many records of the package are not in the systems any more; where nothing is known of these, none."""
    held = facts.case.get("holds", {"records": {}})["records"]
    return sum(
        one["fate"] == "given" and not held.get(str(one["number"]), {"there": True})["there"] for one in facts.records
    )


# fmt: off
L9 = [
    Rule(r"On {D} you asked us which personal data we process about you\. Our answer is ready\.", lambda at: received(at) and at.facts.right == "access" and at.facts.done("assemble") and at.facts.decision("approval")["verdict"] == "approved"),
    exact("The package comes with this letter as one encrypted file.", lambda at: at.facts.done("assemble") and not at.facts.on_paper),
    Rule("(?P<copy>A copy of your data|What we found out) is enclosed, printed\\.", lambda at: at.facts.done("assemble") and at.facts.on_paper and (at["copy"][0] == "A") == bool(at.facts.of(fate="given"))),
    exact("It begins with a letter that tells you why we process the data, who gets them, how long they are kept and where they come from. It also says what was left out and why.", lambda at: at.facts.on_paper),
    exact("Recordings and other files that cannot be printed are listed at its end. If you wish, we send them to you on a data carrier, free of charge.", lambda at: at.facts.on_paper and any(one["files"] for one in at.facts.records)),
    Rule(r"You get the passphrase {T}, and never together with the package\. It has letters and digits; the letters I, L, O and U do not occur in it\.", lambda at: at["T"] == at.facts.case["passphrase_channel"] and not at.facts.on_paper),
    Rule(r"[123]\. (Save the package|Enter the passphrase|Open the file \"index\.html\") .+", TRUE, ("HOW YOU OPEN IT",)),
    exact('The file "letter.html" in it tells you why we process the data, who gets them, how long they are kept and where they come from. It also ' "says what was left out and why."),
    Rule(r"{N} records? in the package (was|were) erased after we had copied (it|them), as another request of yours asked\.", lambda at: at.number() == given_and_gone(at.facts) > 0),
    Rule(r"You can have wrong data corrected, ask for erasure or restriction, and object to the processing \(Art\. 16 to 18 and 21 {LAW}\)\.", law),
]
# fmt: on


# -- L18 ---------------------------------------------------------------------------------------------------------------
def of_withdrawn(at: Place) -> bool:
    """Access and erasure are named by their own words, the other rights by what was asked."""
    own = {"access": "for access (Art. 15", "erasure": "for erasure (Art. 17"}.get(at.facts.right)
    return at["what"] == own and law(at) if own else of_what(at)


def _withdrawn(at: Place) -> bool:
    """The moment is that of the entry that notes the withdrawal, and nothing had been done before."""
    [when] = [one["at"] for one in at.facts.case["events"] if one["event"] == "CaseWithdrawn"]
    return at.facts.case["state"] == "withdrawn" and at["T"] == at.facts.spoken(when) and of_withdrawn(at)


_LISTED = frozenset({"objection", "consent-withdrawal"})
WITHDRAWN = r"(?P<what>for access \(Art\. 15|for erasure \(Art\. 17|[a-z ]+ \(Art\. (?:21\(2\)|18|16|7\(3\)))"
# fmt: off
ASKED_BEFORE = [
    exact("This had been done before:", lambda at: at.facts.right in _LISTED or at.facts.case["instructions"] != []),
    exact("- What you gave us with the request is on our list of addresses and telephone numbers to which we send no advertising, and stays there until you ask us to take it off.", lambda at: at.facts.right in _LISTED),
    Rule(r"- We had asked {T:whom} (?P<what>for a copy|to erase what is there of you)( of what is there of you)?\.",
         lambda at: at["whom"].removeprefix("who looks after ") in {one["name"] for one in at.facts.case["instructions"] if one["is_sent"]} and (at["what"] == "for a copy") == (at.facts.right == "access")),
]
"""What had been done when a request ended without an answer."""
L18 = [
    Rule(r"You have told us that you withdraw your request (?:" + WITHDRAWN + r") {LAW}\)\. We noted that on {T}, and have stopped working on it\.", _withdrawn),
    exact("No copy of data was sent to you.", lambda at: at.facts.right == "access" and not at.facts.letter("L9").get("sent_at")),
    Rule(r"Nothing was (?P<done>erased|corrected|restricted)\.",
         lambda at: at.facts.right != "access" and at["done"] == {"rectification": "corrected", "restriction": "restricted"}.get(at.facts.right, "erased") and not at.facts.count(lambda one: one["outcome"] is not None) and not any(one["is_sent"] for one in at.facts.case["instructions"])),
    *ASKED_BEFORE,
    exact("You can make the request again at any time; it is free of charge and has no disadvantage for you."),
    Rule(r"We keep your request, the withdrawal and this message until {D}, so that we can prove what you wished \(Art\. 5\(2\) {LAW}\)\.", both(kept_until, law)),
    exact("If you did not withdraw the request yourself, please tell us at once."),
]
# fmt: on

ANSWERS = frozenset({"L8", "L9", "L10", "L11", "L22"})
_GONE = frozenset({"erased", "redacted", "not held", "gone"})
_STAYS = frozenset({"retained", "restricted", "residue", "unclear", "not concerned"})


def unjoined(facts: Facts) -> Iterator[str]:
    """Whether each further request that joined the case while it was not answered is noted, and none besides."""
    noted = sum(one["event"] == "RequestJoined" for one in facts.case["events"])
    if noted != facts.case.get("joined", 0):
        yield f"{noted} further requests are noted that joined the case, and {facts.case.get('joined', 0)} came"
    earliest = facts.case.get("received_on", "")
    if earliest and facts.date(facts.case["received_at"]).isoformat() != earliest:
        yield f"the case counts from {facts.date(facts.case['received_at'])}, and its first receipt was on {earliest}"


def untrue_of_systems(name: str, body: str, facts: Facts) -> Iterator[str]:
    """What the letter's account of the records says and the systems do not bear out."""
    holds: Mapping[str, Any] | None = facts.case.get("holds")
    if holds is None:
        return
    if not holds["is_stranger_unharmed"]:
        yield f"{name}: what a stranger wrote is not there as it was"
    if name not in ANSWERS:
        return
    there = [*holds["beside"], *(number for number, one in holds["records"].items() if one["there"])]
    if name == "L8" and there:
        yield f"L8: nothing is said to be held, and {len(there)} records are"
    if holds["beside"]:
        yield f"{name}: {len(holds['beside'])} records of the person are there that the case does not know"
    if name == "L9" and ("as another request of yours asked" in body) != (given_and_gone(facts) > 0):
        yield "L9: records of the package were erased since they were copied, and the letter says otherwise"
    for one in facts.records:
        held = holds["records"][str(one["number"])]
        if one["fate"] in _GONE and held["there"]:
            yield f"{name}: record {one['number']} is called {one['fate']}, and is there"
        if one["fate"] in _STAYS and not held["there"]:
            yield f"{name}: record {one['number']} is called {one['fate']}, and is not there any more"
        if one["fate"] == "restricted" and held["there"] and not held["marked"]:
            yield f"{name}: record {one['number']} is called restricted, and bears no mark"


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


def _because(reason: str) -> Check:
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
# fmt: off
L27 = [
    Rule(r"We wrote to you about a request " + WITHDRAWN + r" {LAW}\), which reached us on {D}, under the number {T:case}\. It is the same request as the one with the number {T:other}\. So on {T} we closed {T:closed}, which gets no answer of its own\.",
         both(_is_own, _because("duplicate"), lambda at: at["other"] == _other(at).case["case_id"])),
    Rule(r"We answered your request on {D}, under the number {T:other}\. If you do not have that answer, please tell us\.", _is_answered),
    Rule(_FROM + r"Its time limit is suspended until we have your answer to our question\.", lambda at: _counts(at) and bool(_other(at).case["suspended_since"])),
    Rule(_FROM + r"You will get our answer by {D:by} at the latest\.", both(_counts, _due)),
    Rule(_FROM + r"The time limit for our answer has ended; you still get it\.", both(_counts, _over)),
    exact("If you meant something else with one of the two, please tell us: it is then a request of its own, which counts from the day on which it reached us.", lambda at: instead(at.facts)),
    Rule(r"We wrote to you about a request " + WITHDRAWN + r" {LAW}\), which we noted as received on {D}, under the number {T:case}\. That case was opened in error: as far as we know you did not make this request\. So on {T} we closed it, and do nothing more on it\.",
         both(_is_own, _because("opened in error"), lambda at: not at.facts.decision("identity"))),
    exact("If you did make this request, please tell us. It then counts from the day on which it reached us.", lambda at: not instead(at.facts)),
    *ASKED_BEFORE,
    Rule(r"No copy of data was sent to you under the number {T:case}\.", lambda at: at.facts.right == "access" and at["case"] == at.facts.case["case_id"] and not at.facts.letter("L9").get("sent_at")),
    Rule(r"Nothing was (?P<done>erased|restricted|corrected) under the number {T:case}\.", lambda at: at["done"] == {"restriction": "restricted", "rectification": "corrected"}.get(at.facts.right, "erased") and _untouched(at)),
    Rule(r"We keep what we noted under this number, and this message, until {D}, so that we can prove what was done \(Art\. 5\(2\) {LAW}\)\.", both(kept_until, law)),
]
# fmt: on


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
