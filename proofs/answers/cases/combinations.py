"""The combinations: which right, under which law, how the case ends and why, extended or not, suspended or not.

Each case is played towards one of them; which one it became is read from its file afterwards, so that a combination
that the product does not reach is seen as missing.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ANYWHERE = ("R2", "R6", "R7", "R8", "R9")
"""The codes for which a request can be refused at either gate."""
_REFUSED = ("R1 at identity", *(f"{code} at {gate}" for code in ANYWHERE for gate in ("identity", "approval")))
ENDS: Mapping[str, tuple[str, ...]] = {
    "access": ("L9", "L8", "withdrawn", "waiting", *_REFUSED),
    "erasure": (
        *("L10", "L11", "failed", "L8", "withdrawn", "waiting"),
        *_REFUSED,
        *("R3 at approval", "R4 at approval"),
    ),
}
BESIDE: Mapping[str, tuple[str, ...]] = {
    right: (letter, "failed", "withdrawn", "waiting", *_REFUSED)
    for right, letter in (("objection", "L17"), ("consent-withdrawal", "L23"))
} | {
    right: (letter, "L8", "failed", "withdrawn", "waiting", *_REFUSED)
    for right, letter in (("restriction", "L22"), ("rectification", "L25"))
}
"""The same of the rights beside access and erasure."""
BESIDE_FROM = 1_000_000
"""From which number on cases are of those, so that the others keep their course."""
TOGETHER_FROM = 10_000_000
"""From which number on two requests of a person are open side by side, or a case is stopped."""
LAWS = ("gdpr", "uk-gdpr")


@dataclass(frozen=True, slots=True, order=True)
class Combination:
    """One combination.

    Args:
        right: What was asked for.
        law: The regime.
        end: The letter of the answer, a refusal's code with its gate, or where the case stands.
        extended: Whether the period was extended.
        suspended: Whether the clock was suspended at any time.
    """

    right: str
    law: str
    end: str
    extended: bool
    suspended: bool


def _declared(of: Mapping[str, tuple[str, ...]]) -> Iterator[Combination]:
    for right, ends in of.items():
        for law in LAWS:
            for end in ends:
                for extended in (False, True):
                    yield from (Combination(right, law, end, extended, suspended) for suspended in (False, True))


def _is_possible(one: Combination) -> bool:
    """Under the UK GDPR a question for identity always moves the period, and R1 has to have been asked for."""
    return not (one.end.startswith("R1") and not one.suspended and one.law == "uk-gdpr")


DECLARED = tuple(one for one in _declared(ENDS) if _is_possible(one))
"""Every combination of access and erasure that the product has."""
DECLARED_BESIDE = tuple(one for one in _declared(BESIDE) if _is_possible(one))
"""Every combination of the rights beside them."""
DECLARED_TOGETHER = tuple(
    Combination(right, law, "together", extended=False, suspended=False)
    for right in ("access", "erasure", "restriction")
    for law in LAWS
)
"""Every combination of those that have another case beside them."""
_ORDER = random.Random(15).sample(DECLARED, len(DECLARED))
_ORDER_BESIDE = random.Random(15).sample(DECLARED_BESIDE, len(DECLARED_BESIDE))
_ANSWERS = ("L8", "L9", "L10", "L11", "L17", "L22", "L23", "L25")


def _answered(order: Sequence[Combination]) -> Sequence[Combination]:
    return tuple(one for one in order if one.end in {*_ANSWERS, "failed"})


_DRAWN = {False: (_ORDER, _answered(_ORDER)), True: (_ORDER_BESIDE, _answered(_ORDER_BESIDE))}


def target_of(number: int) -> Combination:
    """The combination that a case is played towards: in every other case any, in the rest one in which systems answer.

    Args:
        number: Which case.
    """
    if number >= TOGETHER_FROM:
        return DECLARED_TOGETHER[number % len(DECLARED_TOGETHER)]
    order = _DRAWN[number >= BESIDE_FROM][number % 2]
    return order[number % BESIDE_FROM // 2 % len(order)]


def reached(case: Mapping[str, Any]) -> Combination:
    """The combination that a case became, from its file.

    Args:
        case: The case file as plain data.
    """
    if "holds" in case:
        return Combination(case["right"], case["regime"], "together", extended=False, suspended=False)
    return Combination(case["right"], case["regime"], _end(case), bool(case["extended"]), _is_suspended(case))


def _is_suspended(case: Mapping[str, Any]) -> bool:
    """Whether a question stopped the clock, or let it begin anew with the answer (identity in the United Kingdom)."""
    begins_anew = case["regime"] == "uk-gdpr" and "IDENTITY_REQUESTED" in case["clock"]
    return bool(begins_anew or case["no_pause_due_on"] or case["suspended_since"])


def _end(case: Mapping[str, Any]) -> str:
    written = {one["id"] for one in case["letters"]}
    match case["state"]:
        case "refused":
            [decision] = [one for one in case["decisions"] if one["verdict"] == "refused" and one["gate"] != "dossier"]
            return f"{decision['code']} at {decision['gate']}"
        case "answered" | "nothing held":
            return next(one for one in _ANSWERS if one in written)
        case "withdrawn":
            return "withdrawn"
    return "failed" if any(one["outcome"] == "failed" for one in case["records"]) else "waiting"
