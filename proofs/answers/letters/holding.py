"""What an answer says of records, against what the double systems truly held at the moment at which it was written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from proofs.answers.facts import Facts
from proofs.answers.letters.answers import given_and_gone

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
    """What the letter's account of the records says and the systems do not bear out.

    Args:
        name: Which letter.
        body: Its text.
        facts: The case; with what the systems hold, where two cases of a person are played side by side.
    """
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
