"""The part of a gate's page by which a request is refused: reasons, and what each has to say besides."""

from __future__ import annotations

from dataclasses import dataclass

from deployments.desk.visit import Visit
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.gates.refusals import ASKED, REASONS, WOULD_SHOW, Reason, reasons_for, sentence_of
from rightsflow.domain.vocabulary.rights import Right


@dataclass(frozen=True, slots=True)
class RefusalChoice:
    """A reason that can be chosen.

    Args:
        code: Its code, such as ``R7``.
        words: What it says.
        details: What it has to say besides: the name of each field, and its label.
    """

    code: str
    words: str
    details: tuple[tuple[str, str], ...]


def refusal_choices(
    right: Right, gate: Gate, law: str, *, nothing_held: bool = False, whose_is_open: bool = False
) -> list[RefusalChoice]:
    """The reasons for which a request can be refused at a gate.

    Args:
        right: What was asked for.
        gate: Where.
        law: The law's name.
        nothing_held: Whether nothing was found.
        whose_is_open: Whether another case may be of the same person and holds something.
    """
    fitting = sorted(
        reasons_for(right, gate, nothing_held=nothing_held, whose_is_open=whose_is_open),
        key=lambda reason: reason.number,
    )
    return [RefusalChoice(reason.value, sentence_of(reason, right, law), _fields(reason)) for reason in fitting]


def typed_refusal(visit: Visit, gate: Gate) -> Decision:
    """The refusal that was typed.

    Args:
        visit: The request.
        gate: Where.

    Raises:
        Wrong: The reason or its code is missing.
    """
    visit.needed(
        {"refusal": "Choose why the request is refused.", "refusal_reason": "Give the reason, in words for the person."}
    )
    code = visit.typed("refusal")
    fields = _fields(Reason(code)) if code in set(Reason) else ()
    return Decision(
        gate=gate,
        verdict=Verdict.REFUSED,
        by=visit.actor,
        reason=visit.typed("refusal_reason").strip(),
        code=code,
        details={label: visit.typed(name).strip() for name, label in fields if visit.typed(name).strip()},
    )


def _fields(reason: Reason) -> tuple[tuple[str, str], ...]:
    labels = (label for label in REASONS[reason][1] if label not in {ASKED, WOULD_SHOW})
    return tuple((f"{reason.value}-{number}", label) for number, label in enumerate(labels, start=1))
