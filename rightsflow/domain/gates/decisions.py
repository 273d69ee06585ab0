"""Gates: the decision due at each, its parts, its effect, and what binds it to what the person saw. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Final

from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState


class Gate(StrEnum):
    """A point at which a person decides."""

    IDENTITY = "identity"
    DOSSIER = "dossier"
    """The proposal to refuse a request as manifestly unfounded or excessive, which a second person has to decide on."""
    APPROVAL = "approval"
    """The erasure plan, or the release of the access package."""

    def needs_search(self, state: CaseState, *, is_searched: bool) -> bool:
        """Return whether the systems have to be searched before there is anything to decide on.

        Args:
            state: Where the case stands.
            is_searched: Whether the search ended under the identifiers known now.
        """
        return self is Gate.APPROVAL and state is CaseState.IN_PROGRESS and not is_searched

    def action_on_arrival(self, state: CaseState, *, is_searched: bool) -> CaseAction | None:
        """Return the effect on a case that arrives here undecided; ``None`` if it waits here already, or cannot yet.

        Args:
            state: Where the case stands.
            is_searched: Whether the search ended under the identifiers known now.
        """
        if self is Gate.IDENTITY and state is CaseState.RECEIVED:
            return CaseAction.AWAIT_IDENTITY
        if self is Gate.APPROVAL and state is CaseState.IN_PROGRESS and is_searched:
            return CaseAction.SUBMIT_FOR_APPROVAL
        return None


class Verdict(StrEnum):
    """The result of a decision."""

    CONFIRMED = "confirmed"
    APPROVED = "approved"
    REFUSED = "refused"


class IdentityMethod(StrEnum):
    """The method by which a person's identity was checked, the least intrusive first (Art. 12(6) GDPR)."""

    LOGGED_IN = "logged in to the account"
    CODE = "code sent to the known address"
    CALL_BACK = "call back to the known number"
    SHARED_FACTS = "two facts known to both sides"
    DOCUMENT = "document seen and not kept"
    OTHER = "another way (say which below)"

    @property
    def recorded(self) -> str:
        """Name of the method in the evidence."""
        return "another way" if self is IdentityMethod.OTHER else self.value

    @classmethod
    def read(cls, typed: str) -> tuple[IdentityMethod, str]:
        """Read the method; return it with the typed text if that is no listed method, which is stored sealed.

        Args:
            typed: As a person wrote it.
        """
        given = " ".join(typed.split())
        for item in cls:
            if given.casefold() == item.value.casefold():
                return item, ""
        return cls.OTHER, given


class OnFile(StrEnum):
    """The data on file against which identity was checked; the controller held them before the request arrived."""

    EMAIL = "e-mail address"
    PHONE = "phone number"
    POSTAL = "postal address"
    CUSTOMER = "customer number"
    ACCOUNT = "account"


class Mandate(StrEnum):
    """The authority by which a representative may act for the data subject."""

    POWER_OF_ATTORNEY = "written power of attorney"
    LAWYER = "lawyer's mandate"
    PARENT = "parent or guardian of a child"
    COURT = "guardian appointed by a court"
    ORGANISATION = "organisation mandated under Art. 80(1) GDPR"


ELSEWHERE: Final = "elsewhere"
"""Placeholder for the system if the data checked against are in no configured system; the text names the place."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Representative:
    """A person's representative and mandate; the mandate itself is seen and not kept.

    Args:
        name: Who; a person's name, so that it is encrypted.
        mandate: By what.
        seen_on: The day on which the mandate was seen, in the controller's zone.
        address: The e-mail address at which they receive the letters, as it was given with the mandate; encrypted, and
            empty where none was given.
    """

    name: str
    mandate: Mandate
    seen_on: date
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class IdentityCheck:
    """The check that confirmed identity, with its time and the data on file. The value itself is never asked for.

    Args:
        done: What was done, in words; may name the person, so that it is encrypted.
        at: When it was done (aware).
        against: What it was checked against.
        held_by: The system in which that is on file, by its name in the configuration; or :data:`ELSEWHERE`.
        on_file_since: Since when it is on file there.
        representative: Who asks for the person; ``None`` where the person asks.
    """

    done: str
    at: datetime
    against: OnFile
    held_by: str
    on_file_since: date
    representative: Representative | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A decision at a gate.

    Args:
        gate: Where.
        verdict: What.
        by: Who.
        reason: Why; for identity what else is to be said of the check.
        method: How identity was checked; ``None`` at another gate.
        check: What was done to confirm identity; ``None`` at another gate.
        code: The refusal's code (``rightsflow.domain.gates.refusals``), where there is one.
        details: What the refusal's reason has to say besides, by its labels.
        include_unclear: Whether records that could not be attributed are treated as the subject's.
        records: What is decided on single records, by their number on the sheet or by system and kind. The case file
            keeps it with each record (:attr:`rightsflow.domain.case.findings.Finding.decided`), not with the decision.
        proof_at: When the proof of identity arrived (aware), where the person was asked for it; ``None`` for now. The
            case's clock keeps it, not the decision.
        decided_at: When.
        noted: What the ledger notes of it besides. The case file does not keep it.
    """

    gate: Gate
    verdict: Verdict
    by: str
    reason: str = ""
    method: IdentityMethod | None = None
    check: IdentityCheck | None = None
    code: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    include_unclear: bool = False
    records: Mapping[str, RecordDecision] = field(default_factory=dict)
    proof_at: datetime | None = None
    decided_at: datetime | None = None
    noted: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSearch:
    """The answer that all systems are searched again before anything is decided.

    Args:
        reason: Why, for example that a mapping was corrected; encrypted, since it may name the person.
        by: Who wants it.
    """

    gate: ClassVar[Gate] = Gate.APPROVAL
    reason: str
    by: str


_ACTIONS: Final = {
    (Gate.IDENTITY, Verdict.CONFIRMED): CaseAction.CONFIRM_IDENTITY,
    (Gate.IDENTITY, Verdict.REFUSED): CaseAction.REFUSE,
    (Gate.APPROVAL, Verdict.APPROVED): CaseAction.APPROVE,
    (Gate.APPROVAL, Verdict.REFUSED): CaseAction.REFUSE,
}

ABOUT_NOTHING_HELD: Final = "nothing held"
"""Subject of a decision at the approval gate when the search found nothing."""


def action_of(decision: Decision) -> CaseAction:
    """Return the effect of a decision on the case.

    Args:
        decision: The decision.

    Raises:
        BadInput: Its verdict is none that is given at its gate.
    """
    action = _ACTIONS.get((decision.gate, decision.verdict))
    if action is None:
        raise BadInput(f"At the {decision.gate.value} gate nothing can be {decision.verdict.value}.")
    return action


def waits_on_nothing_held(state: CaseState, *, found_nothing: bool) -> bool:
    """Return whether a case waits for the decision on the answer that nothing is held.

    Args:
        state: Where the case stands.
        found_nothing: Whether the search found nothing.
    """
    return state is CaseState.AWAITING_APPROVAL and found_nothing


def refuse_new_search(case_id: str, right: Right, state: CaseState, reason: str, *, found_nothing: bool) -> None:
    """Refuse a new search unless the case waits for the decision on its plan, or on "nothing held".

    Args:
        case_id: The case.
        right: What was asked for: a plan is sent back, a package that was made is not.
        state: Where the case stands.
        reason: Why a new search is wanted.
        found_nothing: Whether the search found nothing.

    Raises:
        BadInput: The reason is missing.
        Conflict: The case waits for no such decision.
    """
    if not reason:
        raise BadInput("The reason for a new search is missing; say what changed or what looks wrong.")
    is_plan = state is CaseState.AWAITING_APPROVAL and right.has_plan
    if not is_plan and not waits_on_nothing_held(state, found_nothing=found_nothing):
        raise Conflict(
            'Only a case that waits for the decision on its plan, or on "nothing held", can be '
            f"searched again; look at `rightsflow show {case_id}`."
        )


def what_it_is_about(gate: Gate, *, found_nothing: bool) -> dict[str, str]:
    """Return the subject of a decision other than the case's records, in the ledger's form.

    Args:
        gate: Where it is made.
        found_nothing: Whether the search found nothing.
    """
    return {"about": ABOUT_NOTHING_HELD} if gate is Gate.APPROVAL and found_nothing else {}


def package_approved(steps_done: Iterable[Mapping[str, object]], *, found_nothing: bool) -> str:
    """Return the hash that binds the release of an access package: of the last assembled one; empty for none.

    Args:
        steps_done: The details of the ledger's entries of steps that were done, oldest first.
        found_nothing: Whether the last search found nothing; a package that was made before it is not decided on.
    """
    if found_nothing:
        return ""
    packages = [str(item.get("package", "")) for item in steps_done if item.get("step") == StepName.ASSEMBLE]
    return packages[-1] if packages else ""


def found_nothing(counts: Mapping[str, object] | None) -> bool:
    """Return whether a completed search found no record that is, or may be, the person's.

    Args:
        counts: What the end of the search counted; ``None`` if it has not ended.
    """
    return counts is not None and not any(counts.get(key) for key in ("learnt", "subject", "unclear", "taken_in"))
