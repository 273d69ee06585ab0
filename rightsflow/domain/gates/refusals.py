"""Refusals: on which grounds a request can be refused, and what each has to say and to prove (Art. 12(4), (5) GDPR).

The burden of proof is the controller's, so a ground is chosen by a person, never by default, and none is complete
without its details. Pure.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from rightsflow.domain.erasure.plan_rules import Use
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate
from rightsflow.domain.identifiers import IdentifierKind, kind_words
from rightsflow.domain.vocabulary.rights import Right


class Reason(StrEnum):
    """The reason why a request is refused."""

    NOT_IDENTIFIED = "R1"
    UNFOUNDED_OR_EXCESSIVE = "R2"
    NO_GROUND = "R3"
    EXCEPTION = "R4"
    RIGHTS_OF_OTHERS = "R5"
    NATIONAL_RESTRICTION = "R6"
    NOT_CONTROLLER = "R7"
    NO_AUTHORITY = "R8"
    LAW_NOT_APPLICABLE = "R9"
    CANNOT_TELL = "R10"

    @property
    def number(self) -> int:
        """Its number, by which the reasons are listed."""
        return int(self.value[1:])


ASKED = "What we asked you for and when"
"""The detail of R1, which is taken from the case file."""
WOULD_SHOW = "What would show it"
"""The detail of R10, which follows from what the person has not given yet."""

REASONS: Mapping[Reason, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        Reason.NOT_IDENTIFIED: (
            "we could not confirm that the person concerned made the request (Art. 11(2) and 12(6) {law})",
            (ASKED,),
        ),
        # C-416/23: numbers alone prove nothing, the intention counts; C-526/24: objective and subjective element.
        Reason.UNFOUNDED_OR_EXCESSIVE: (
            "the request is manifestly unfounded or excessive (Art. 12(5)(b) {law})",
            ("Circumstances", "Intention and what shows it", "Why a fee or a part would not do"),
        ),
        Reason.NO_GROUND: (
            "none of the grounds for erasure applies (Art. 17(1) {law})",
            ("Purpose that goes on", "Legal basis"),
        ),
        Reason.EXCEPTION: (
            "the law excepts these data from erasure (Art. 17(3) {law})",
            ("Exception and provision", "Data that are kept", "Kept until"),
        ),
        Reason.RIGHTS_OF_OTHERS: (
            "a copy of this part would harm the rights of others (Art. 15(4) {law})",
            ("What was left out",),
        ),
        Reason.NATIONAL_RESTRICTION: ("national law restricts the right", ("Provision",)),
        Reason.NOT_CONTROLLER: (
            "we are not the controller of these data (Art. 4(7) {law})",
            ("Who is the controller", "What we did with your request"),
        ),
        Reason.NO_AUTHORITY: (
            "we have no proof that you may act for the person concerned",
            ("What proof is needed",),
        ),
        Reason.LAW_NOT_APPLICABLE: ("the law you rely on does not apply here", ("Law that we checked",)),
        Reason.CANNOT_TELL: (
            "by what you gave us alone we cannot tell which data, if any, are about you (Art. 11(2) {law})",
            (WOULD_SHOW,),
        ),
    }
)
"""The sentence of each reason, with ``{law}`` for the law's name, and the labels of what else must be said."""


def sentence_of(reason: Reason, right: Right, law: str) -> str:
    """Return the reason for refusing a request, to follow "since".

    Args:
        reason: The reason.
        right: What was asked for.
        law: The law's name, as it is cited.
    """
    if reason is Reason.NO_GROUND and right is Right.RESTRICTION:
        return f"none of the grounds for a restriction applies (Art. 18(1) {law})"
    if reason is Reason.NO_GROUND and right is Right.RECTIFICATION:
        return f"the data are accurate and complete, as far as we can establish (Art. 5(1)(d) and 16 {law})"
    return REASONS[reason][0].format(law=law)


_ANYWHERE = frozenset(
    {
        Reason.UNFOUNDED_OR_EXCESSIVE,
        Reason.NATIONAL_RESTRICTION,
        Reason.NOT_CONTROLLER,
        Reason.NO_AUTHORITY,
        Reason.LAW_NOT_APPLICABLE,
    }
)
_AFTER_THE_SEARCH: Mapping[Right, frozenset[Reason]] = MappingProxyType(
    {
        Right.ERASURE: frozenset({Reason.NO_GROUND, Reason.EXCEPTION}),
        Right.RESTRICTION: frozenset({Reason.NO_GROUND}),
        Right.RECTIFICATION: frozenset({Reason.NO_GROUND}),
    }
)


def would_show(given: Collection[IdentifierKind]) -> str:
    """Return what would show which data are a person's: only what they have not given yet.

    Args:
        given: What the request gave, by its kinds.
    """
    missing = [f"your {kind_words(kind)[0]}" for kind in _SHOWING if kind not in given]
    return " or ".join(missing) or "the number of an order, a bill or a ticket of yours"


_SHOWING: Final = (IdentifierKind.EMAIL, IdentifierKind.CUSTOMER_ID)


def reasons_for(
    right: Right, gate: Gate, *, nothing_held: bool = False, whose_is_open: bool = False
) -> frozenset[Reason]:
    """Return the reasons for which a whole request can be refused at a gate.

    Not R5: the rights of others limit the copy and never the whole answer (Art. 15(4), Recital 63 GDPR); the package
    leaves such a part out. R1 is a matter of the identity gate alone.

    Args:
        right: What was asked for.
        gate: Where it is decided.
        nothing_held: Whether nothing was found, so that nothing can be kept against the request.
        whose_is_open: Whether another case may be of the same person and holds something, and no one knows it.
    """
    if gate is Gate.IDENTITY:
        return _ANYWHERE | {Reason.NOT_IDENTIFIED}
    if nothing_held and whose_is_open:
        return _ANYWHERE | {Reason.CANNOT_TELL}
    return _ANYWHERE if nothing_held else _ANYWHERE | _AFTER_THE_SEARCH.get(right, frozenset())


@dataclass(frozen=True, slots=True)
class ProofAsked:
    """A request to the person for proof of identity.

    Args:
        sent_on: The day on which the letter went out.
        answer_by: The last day that the letter gave for the answer.
    """

    sent_on: date
    answer_by: date


def read_details(lines: Iterable[str]) -> dict[str, str]:
    """Return the details of a refusal from lines like ``Provision: § 29 BDSG``.

    Args:
        lines: One detail to the line; empty lines are passed over.

    Raises:
        BadInput: A line has no label, or no text after it.
    """
    labels = {label.casefold(): label for _, needed in REASONS.values() for label in needed}
    details: dict[str, str] = {}
    for line in filter(None, (" ".join(line.split()) for line in lines)):
        label, _, text = line.partition(":")
        known = labels.get(label.strip().casefold())
        if known is None or not text.strip():
            raise BadInput(
                "A detail of the refusal is not readable; write each on a line of its own as its label, a colon and "
                "the text, such as Provision: § 29 BDSG."
            )
        details[known] = text.strip()
    return details


def check_refusal(
    refusal: Decision,
    proposal: Decision | None = None,
    *,
    right: Right,
    asked: ProofAsked | None,
    today: date,
    nothing_held: bool = False,
    whose_is_open: bool = False,
) -> Reason:
    """Refuse a refusal that says too little, or that comes too early; returns its reason.

    Args:
        refusal: The refusal. There is no default for its code; its details are by the labels of :data:`REASONS`.
        proposal: The same as another person proposed it, whose details count where none are given again.
        right: What was asked for.
        asked: That the person was asked for proof of identity, if they were.
        today: The present day in the controller's time zone.
        nothing_held: Whether nothing was found.
        whose_is_open: Whether another case may be of the same person and holds something, and no one knows it.

    Raises:
        BadInput: The reason in words, which the person is told (Art. 12(4) GDPR), or its code is missing, the code does
            not fit, or a detail is missing.
        Conflict: Identity is said to be unproved, and the person was not asked or still has time.
    """
    if not refusal.reason:
        raise BadInput("A refusal needs its reason (Art. 12(4) GDPR); give it.")
    fitting = reasons_for(right, refusal.gate, nothing_held=nothing_held, whose_is_open=whose_is_open)
    if refusal.code not in fitting:
        raise BadInput(_not_fitting(refusal.code, right, fitting))
    reason = Reason(refusal.code)
    if reason is Reason.NOT_IDENTIFIED:
        _check_was_asked(asked, today)
        return reason
    if reason is Reason.CANNOT_TELL:
        return reason
    details = refusal.details or (proposal.details if proposal else {})
    missing = [label for label in REASONS[reason][1] if not details.get(label, "").strip()]
    if missing:
        raise BadInput(
            f"A refusal with {reason.value} has to say besides: {'; '.join(missing)}. Give each on a line of its own "
            "as its label, a colon and the text."
        )
    return reason


_ENDED_BY_REQUEST: Mapping[Use, str] = MappingProxyType(
    {
        Use.CONSENT: "rest on the person's consent alone, which a request to erase them withdraws (Art. 17(1)(b) GDPR)",
        Use.MARKETING: "are kept for direct marketing alone, and a request to erase them objects (Art. 17(1)(c) GDPR)",
    }
)


def refuse_false_lack_of_ground(reason: Reason, right: Right, used: Mapping[Use, Collection[str]]) -> None:
    """Refuse to say that no ground for erasure applies, where the controller states one for the person's records.

    Args:
        reason: The reason of the refusal.
        right: What was asked for.
        used: The systems with records of the person that serve one use alone, by that use, as the controller states.

    Raises:
        Conflict: A ground applies to some of the records.
    """
    if reason is not Reason.NO_GROUND or right is not Right.ERASURE:
        return
    for use, why in _ENDED_BY_REQUEST.items():
        if systems := sorted(used.get(use, ())):
            raise Conflict(
                f"Records in {', '.join(systems)} {why}, so R3 is no reason; approve the plan, and leave out by a "
                "decision on them only the records to which no ground applies."
            )


def _not_fitting(code: str, right: Right, fitting: frozenset[Reason]) -> str:
    codes = ", ".join(reason.value for reason in sorted(fitting, key=lambda reason: reason.number))
    if not code:
        return f"The reason code of the refusal is missing; give one of {codes}."
    if code == Reason.RIGHTS_OF_OTHERS:
        return (
            "The rights of others limit the copy, never the whole answer (Art. 15(4) GDPR); release the package, in "
            "which what is theirs is masked or left out."
        )
    if code == Reason.NOT_IDENTIFIED:
        return f"The identity was confirmed before, so R1 is not a reason here; use one of {codes}."
    return f"That reason code does not fit a refused {right.value} request; use one of {codes}."


def _check_was_asked(asked: ProofAsked | None, today: date) -> None:
    if asked is None:
        raise Conflict(
            "The person has not been asked for proof of identity, so its lack is no reason to refuse (Art. 12(6) "
            "GDPR); ask first (letter L2), and record when it went out."
        )
    if today <= asked.answer_by:
        raise Conflict(
            f"The person was given until {asked.answer_by:%a %d %b %Y} to prove their identity; wait until that day is "
            "over."
        )
