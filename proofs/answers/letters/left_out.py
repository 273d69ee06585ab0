"""What an answer says of records of which a person decided that the request is not about them."""
# ruff: noqa: E501 - a sentence is looked for as it stands

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proofs.answers.facts import Facts
from proofs.answers.letters.frame import exact
from proofs.answers.rules import Place, Rule


def is_left_out(one: Mapping[str, Any]) -> bool:
    """Whether a person decided of a record of theirs that the request is not about it."""
    is_theirs = one["fate"] == "not concerned" and one["attribution"] == "subject"
    return bool(is_theirs and one["decided"] and one["decided"]["act"] == "leave out")


def _decided_out(at: Place) -> bool:
    """Records that were left out, all that there are with that ground and provision."""
    these = [
        one["decided"] for one in at.facts.of(system=at.facts.system(at["S"]), category=at["what"]) if is_left_out(one)
    ]
    alike = [one for one in these if one["ground"].rstrip(".") == at["ground"] and at["T"].startswith(one["provision"])]
    return at.number() == len(alike) > 0


def not_about(facts: Facts) -> int:
    """How many of their records the request is not about, but for those of which a person decided that."""
    return sum(not is_left_out(one) for one in facts.of(fate="not concerned", attribution="subject"))


LEFT_OUT = [
    exact("We leave these as they are:", lambda at: any(map(is_left_out, at.facts.records))),
    Rule(
        r"- (?P<what>.+?) \({S}\), {N} records?: It was decided for this record alone that your request does not concern it\. The ground: (?P<ground>.+?)\. Provision: {T}",
        _decided_out,
    ),
]
