"""Nothing held, the package's cover, withdrawal, a stopped case (L8, L9, L18, L27), and what the doubles truly held."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from collections.abc import Iterator

from proofs.answers.facts import ANSWERS, IDS, KEPT, TRUE, Check, Facts, Lines, Place, Plain, Rule, exact, listed
from proofs.answers.letters_asking import kept_until, limits, of_right


# -- nothing held (L8), and how everything was searched ------------------------------------------------------------------
def _nothing_is_held(at: Place) -> bool:
    reviewed = [at.decision(gate).get("verdict") for gate in ("identity", "approval")] == ["confirmed", "approved"]
    searched = all(at.done("locate", system) for system in at.systems)
    # Where other files about the person are kept, the letter names them.
    names_them = (at["apart"] == "what is named below") == bool(at.earlier)
    return not at.records and searched and reviewed and names_them and not any(map(_left_behind, at.earlier))


def _left_behind(earlier: Plain) -> bool:
    facts = Facts(earlier)
    left = facts.of(*KEPT, "failed", "seen") if facts.right == "erasure" else []
    return bool(left or facts.of(attribution="unclear"))


def _held_nowhere(right: str) -> Check:
    return lambda at: at.right == right and _nothing_is_held(at) and not at.unsearched


def _names_unsearched(at: Place) -> bool:
    names = [at.title(one) for one in at.unsearched]
    said = " or ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))
    searched = [at.title(one) for one in at.systems if one not in at.unsearched]
    return bool(names) and at["found"] == listed(searched) and at["not"] == said


def _held_in_part(right: str) -> Check:
    return lambda at: at.right == right and _nothing_is_held(at) and _names_unsearched(at)


def limited_systems(facts: Facts) -> list[str]:
    limited = (one for one, about in facts.systems.items() if about["cannot_find"] and one not in facts.unsearched)
    return [facts.title(one) for one in limited]


def _how_searched(facts: Facts) -> Iterator[str]:
    for system, about in facts.systems.items():
        if by := facts.searched_by(system):
            yield f"- {facts.title(system)}, by {listed(by)}"
        else:
            kinds = [f"your {word}" for kind, word in IDS.items() if kind in about["searches"]]
            yield f"- {facts.title(system)}: it can be searched by {listed(kinds)} only"


_HOW = "HOW WE SEARCHED"
_APART = r"apart from (?P<apart>the file about this request|what is named below)"
_AND_FOUND = rf"we searched for personal data about you as described below and found none, {_APART}\."
_ASKED_FOR = {
    "access": "whether we process personal data about you", "erasure": "to erase your personal data",
    "restriction": "to restrict the use of your personal data", "rectification": "to correct your personal data",
}  # fmt: skip
# fmt: off
SEARCHED = [
    exact("We searched these systems, the last of them on {D}:", lambda at: at["D"] == at.day(max(step["finished_at"] for one in at.systems if (step := at.done("locate", one))))),
    Lines(_how_searched, _HOW),
    exact("We could not search these, since nothing is known to us by which they can be searched for you:", lambda at: at.unsearched),
    exact("Such a search does not find everything. In {T} it may pass over unusual spellings, free text, or data without any of these identifiers; if you ask, we send you the details.", lambda at: at["T"] == listed(limited_systems(at.facts)), _HOW),
    exact("If you have used another e-mail address, telephone number or customer number with us, tell us and we search again."),
]
L8 = [
    *(Rule(rf"On {{received_on}} you asked us {text}\. In (?P<found>.+?) we found none, {_APART}\. We could not search (?P<not>.+?): we know nothing of you by which that is possible\.",
           _held_in_part(right)) for right, text in _ASKED_FOR.items()),
    Rule(r"On {received_on} you asked us whether we process personal data about you\. Our answer is: no\. W" + _AND_FOUND[1:], _held_nowhere("access")),
    Rule(r"On {received_on} you asked us to erase your personal data\. We found nothing to erase: " + _AND_FOUND, _held_nowhere("erasure")),
    Rule(r"On {received_on} you asked us to restrict the use of your personal data\. We found none that could be restricted: " + _AND_FOUND, _held_nowhere("restriction")),
    Rule(r"On {received_on} you asked us to correct your personal data\. We found none that could be corrected: " + _AND_FOUND, _held_nowhere("rectification")),
    *SEARCHED,
    exact("We keep your request and this answer until {D}, so that we can prove that we answered it (Art. 5(2) {law}).", kept_until),
    exact("For the same purpose we keep the files about earlier requests of yours ({N}), each until its own period has ended.", lambda at: at.number() == len(at.earlier) > 0),
]
# fmt: on


# -- the package's cover (L9) ----------------------------------------------------------------------------------------------
def given_and_gone(facts: Facts) -> int:
    held = facts.case.get("holds", {"records": {}})["records"]
    return sum(not held.get(str(one["number"]), {"there": True})["there"] for one in facts.of("given"))


# fmt: off
L9 = [
    exact("On {received_on} you asked us which personal data we process about you. Our answer is ready.", lambda at: at.right == "access" and at.done("assemble") and at.decision("approval")["verdict"] == "approved"),
    exact("The package comes with this letter as one encrypted file.", lambda at: at.done("assemble") and not at.on_paper),
    Rule("(?P<copy>A copy of your data|What we found out) is enclosed, printed\\.", lambda at: at.done("assemble") and at.on_paper and (at["copy"][0] == "A") == bool(at.of("given"))),
    exact("It begins with a letter that tells you why we process the data, who gets them, how long they are kept and where they come from. It also says what was left out and why.", lambda at: at.on_paper),
    exact("Recordings and other files that cannot be printed are listed at its end. If you wish, we send them to you on a data carrier, free of charge.", lambda at: at.on_paper and any(one["files"] for one in at.records)),
    exact("You get the passphrase {passphrase_channel}, and never together with the package. It has letters and digits; the letters I, L, O and U do not occur in it.", lambda at: not at.on_paper),
    Rule(r"[123]\. (Save the package|Enter the passphrase|Open the file \"index\.html\") .+", TRUE, "HOW YOU OPEN IT"),
    exact('The file "letter.html" in it tells you why we process the data, who gets them, how long they are kept and where they come from. It also says what was left out and why.'),
    Rule(r"{N} records? in the package (was|were) erased after we had copied (it|them), as another request of yours asked\.", lambda at: at.number() == given_and_gone(at.facts) > 0),
    exact("You can have wrong data corrected, ask for erasure or restriction, and object to the processing (Art. 16 to 18 and 21 {law})."),
]
# fmt: on


# -- a request that is taken back (L18), and a case that is stopped (L27) --------------------------------------------------
def _ends(at: Place, event: str, state: str) -> object:
    [when] = [one["at"] for one in at.events if one["event"] == event]
    own = {"access": f"for access (Art. 15 {at.law})", "erasure": f"for erasure (Art. 17 {at.law})"}
    return at.state == state and at["T"] == at.spoken(when) and at["what"] == own.get(at.right, at.asked)


def _undone(right: str) -> str:
    return {"rectification": "corrected", "restriction": "restricted"}.get(right, "erased")


def _was_asked(at: Place) -> bool:
    named = {one["name"] for one in at.instructions if one["is_sent"]}
    is_copy = at["what"] == "for a copy"
    return at["whom"].removeprefix("who looks after ") in named and is_copy == (at.right == "access")


_LISTED = frozenset({"objection", "consent-withdrawal"})
_WHAT = r"(?P<what>(?:for access|for erasure|[a-z ]+) \(Art\. (?:15|17|21\(2\)|18|16|7\(3\)) (?:UK )?GDPR\))"
# fmt: off
_BEFORE = [
    exact("This had been done before:", lambda at: at.right in _LISTED or at.instructions != []),
    exact("- What you gave us with the request is on our list of addresses and telephone numbers to which we send no advertising, and stays there until you ask us to take it off.", of_right(*_LISTED)),
    Rule(r"- We had asked {T:whom} (?P<what>for a copy|to erase what is there of you)( of what is there of you)?\.", _was_asked),
]
"""What had been done when a request ended without an answer."""
L18 = [
    Rule(rf"You have told us that you withdraw your request {_WHAT}\. We noted that on {{T}}, and have stopped working on it\.", lambda at: _ends(at, "CaseWithdrawn", "withdrawn")),
    exact("No copy of data was sent to you.", lambda at: at.right == "access" and not at.letter("L9").get("sent_at")),
    Rule(r"Nothing was (?P<done>erased|corrected|restricted)\.",
         lambda at: at.right != "access" and at["done"] == _undone(at.right) and not at.count(lambda one: one["outcome"] is not None) and not any(one["is_sent"] for one in at.instructions)),
    *_BEFORE,
    exact("You can make the request again at any time; it is free of charge and has no disadvantage for you."),
    exact("We keep your request, the withdrawal and this message until {D}, so that we can prove what you wished (Art. 5(2) {law}).", kept_until),
    exact("If you did not withdraw the request yourself, please tell us at once."),
]
# fmt: on


def instead(facts: Facts) -> Facts | None:
    return Facts(facts.case["earlier"][0]) if facts.is_duplicate else None


def _other(at: Place) -> Facts:
    found = instead(at.facts)
    assert found is not None, "it is no duplicate"
    return found


def _stopped(because: str) -> Check:
    return lambda at: (
        _ends(at, "CaseStopped", "stopped")
        and [one["because"] for one in at.events if one["event"] == "CaseStopped"] == [because]
        and (at["other"] == _other(at).case_id if because == "duplicate" else not at.decision("identity"))
    )


def _counts(at: Place) -> bool:
    other, mine = _other(at), at.facts
    first = min(mine.date(mine.received_at), mine.date(other.received_at))
    is_open = not other.closed_at and other.state not in {"withdrawn", "stopped"}
    return at["other"] == other.case_id and is_open and at["D"] == other.day(first.isoformat())


def _due(at: Place) -> bool:
    work_to_on, last_on = limits(other := _other(at))
    told = work_to_on if at.written <= work_to_on else last_on
    return not other.suspended_since and at.written <= last_on and at["by"] == other.day(told.isoformat())


def _is_answered(at: Place) -> bool:
    other = _other(at)
    sent = [one["sent_at"] for one in other.letters if one["id"] in {*ANSWERS, "L7"} and one["sent_at"]]
    is_so = other.state in {"answered", "nothing held", "refused"} and at["other"] == other.case_id
    return is_so and bool(sent) and at["D"] == other.day(min(sent))


_FROM = "Your request is answered under the number {T:other}, and counts from {D}. "
# fmt: off
L27 = [
    Rule(rf"We wrote to you about a request {_WHAT}, which reached us on {{received_on}}, under the number {{case_id}}\. It is the same request as the one with the number {{T:other}}\. So on {{T}} we closed {{case_id}}, which gets no answer of its own\.", _stopped("duplicate")),
    exact("We answered your request on {D}, under the number {T:other}. If you do not have that answer, please tell us.", _is_answered),
    exact(_FROM + "Its time limit is suspended until we have your answer to our question.", lambda at: _counts(at) and _other(at).suspended_since),
    exact(_FROM + "You will get our answer by {D:by} at the latest.", lambda at: _counts(at) and _due(at)),
    exact(_FROM + "The time limit for our answer has ended; you still get it.", lambda at: _counts(at) and not _other(at).suspended_since and at.written > limits(_other(at))[1]),
    exact("If you meant something else with one of the two, please tell us: it is then a request of its own, which counts from the day on which it reached us.", lambda at: instead(at.facts)),
    Rule(rf"We wrote to you about a request {_WHAT}, which we noted as received on {{received_on}}, under the number {{case_id}}\. That case was opened in error: as far as we know you did not make this request\. So on {{T}} we closed it, and do nothing more on it\.", _stopped("opened in error")),
    exact("If you did make this request, please tell us. It then counts from the day on which it reached us.", lambda at: not instead(at.facts)),
    *_BEFORE,
    exact("No copy of data was sent to you under the number {case_id}.", lambda at: at.right == "access" and not at.letter("L9").get("sent_at")),
    Rule(r"Nothing was (?P<done>erased|restricted|corrected) under the number {case_id}\.", lambda at: at["done"] == _undone(at.right) and (not at.count(lambda one: one["outcome"] not in {None, "retained", "not held", "not concerned"}))),
    exact("We keep what we noted under this number, and this message, until {D}, so that we can prove what was done (Art. 5(2) {law}).", kept_until),
]
# fmt: on

# -- what holds of the whole case, and is looked for once --------------------------------------------------------------------
_STAYS = ("retained", "restricted", "residue", "unclear", "not concerned")


def untrue_of_systems(name: str, body: str, facts: Facts) -> Iterator[str]:
    """Return the letter's statements on records that the systems do not bear out."""
    if (holds := facts.case.get("holds")) is None:
        return
    if not holds["is_stranger_unharmed"]:
        yield f"{name}: what a stranger wrote is not there as it was"
    if name not in {"L8", "L9", "L10", "L11", "L22"}:
        return
    there = [*holds["beside"], *(number for number, one in holds["records"].items() if one["there"])]
    if name == "L8" and there:
        yield f"L8: nothing is said to be held, and {len(there)} records are"
    if holds["beside"]:
        yield f"{name}: {len(holds['beside'])} records of the person are there that the case does not know"
    if name == "L9" and ("as another request of yours asked" in body) != (given_and_gone(facts) > 0):
        yield "L9: records of the package were erased since they were copied, and the letter says otherwise"
    for one in facts.records:
        held, called = holds["records"][str(one["number"])], f"{name}: record {one['number']} is called {one['fate']}"
        if one["fate"] in {"erased", "redacted", "not held", "gone"} and held["there"]:
            yield f"{called}, and is there"
        if one["fate"] in _STAYS and not held["there"]:
            yield f"{called}, and is not there any more"
        if one["fate"] == "restricted" and held["there"] and not held["marked"]:
            yield f"{called}, and bears no mark"


def untrue_of_case(facts: Facts) -> Iterator[str]:
    """Requests that joined the case while it was not answered, and what is written once it is stopped."""
    events = [one["event"] for one in facts.events]
    noted, came = events.count("RequestJoined"), facts.case.get("joined", 0)
    if noted != came:
        yield f"{noted} further requests are noted that joined the case, and {came} came"
    earliest, counts_from = facts.case.get("received_on", ""), facts.date(facts.received_at).isoformat()
    if earliest and counts_from != earliest:
        yield f"the case counts from {counts_from}, and its first receipt was on {earliest}"
    if facts.state == "stopped":
        # In the order of the entries, since a letter can go out at the same instant.
        end = events.index("CaseStopped")
        if ("LetterSent" in events[:end]) != bool(facts.letter("L27")):
            yield "a stopped case: the person is told although nothing was written to them, or is not told"
        if events[end:].count("LetterWritten") > 1:
            yield "a stopped case: something else than that was written after its end"


def missing_stopped(body: str, facts: Facts) -> Iterator[str]:
    other = instead(facts)
    needed = ["We keep what we noted", f"under the number {facts.case_id}.", "please tell us"]
    needed += [other.case_id, "If you meant something else"] if other else ["opened in error"]
    yield from (f"L27: missing: {one}" for one in needed if one not in body)
    if other and not any(one in body for one in ("Your request is answered under", "We answered your request")):
        yield "L27: missing: where the request is answered"
