"""Terms of the Data Privacy Vocabulary 2.3 (W3C Community Group report) for the export.

The vocabulary's terms for justifications and notices of the GDPR belong to the European law. For the UK GDPR it only
names the law itself, so the broader terms, which belong to no law, are used together with the provision.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum, auto
from itertools import islice
from types import MappingProxyType
from typing import Final

from rightsflow.domain.case.findings import Fate
from rightsflow.domain.deadlines.model import Regime
from rightsflow.domain.gates.refusals import Reason
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

CONTEXT: Final[Mapping[str, object]] = MappingProxyType(
    {
        "dpv": "https://w3id.org/dpv#",
        "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
        "justifications": "https://w3id.org/dpv/justifications#",
        "pd": "https://w3id.org/dpv/pd#",
        "legal-eu": "https://w3id.org/dpv/legal/eu#",
        "legal-gb": "https://w3id.org/dpv/legal/gb#",
        "dct": "http://purl.org/dc/terms/",
        "dcat": "http://www.w3.org/ns/dcat#",
        "foaf": "http://xmlns.com/foaf/0.1/",
        "prov": "http://www.w3.org/ns/prov#",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "rf": "urn:rightsflow:terms#",
        "created": {"@id": "dct:created", "@type": "xsd:dateTime"},
        "issued": {"@id": "dct:issued", "@type": "xsd:dateTime"},
        "modified": {"@id": "dct:modified", "@type": "xsd:dateTime"},
        "validUntil": {"@id": "dct:valid", "@type": "xsd:date"},
        "dueOn": {"@id": "rf:dueOn", "@type": "xsd:date"},
    }
)
"""The whole context, so that no reader has to fetch anything; ``rf`` is ours, for what has no term elsewhere."""

INITIATED: Final = "dpv:RequestInitiated"
ACKNOWLEDGED: Final = "dpv:RequestAcknowledged"
ACCEPTED: Final = "dpv:RequestAccepted"
REJECTED: Final = "dpv:RequestRejected"
REQUIRES_ACTION: Final = "dpv:RequestRequiresAction"
ACTION_PERFORMED: Final = "dpv:RequestRequiredActionPerformed"
DELAYED: Final = "dpv:RequestActionDelayed"
FULFILLED: Final = "dpv:RequestFulfilled"
UNFULFILLED: Final = "dpv:RequestUnfulfilled"

_NON_FULFILMENT_NOTICE = "dpv:RightNonFulfilmentNotice"
_FULFILMENT_NOTICE = "dpv:RightFulfilmentNotice"
_EXERCISE_NOTICE = "dpv:RightExerciseNotice"


@dataclass(frozen=True, slots=True)
class Term:
    """A name in the vocabulary.

    Args:
        general: The term that belongs to no law.
        european: The narrower one of the European law; empty where there is none.
    """

    general: str
    european: str = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason for which something is required, delayed or not done.

    Args:
        term: The justification.
        provision: Where it stands, with ``{law}`` for the name of the law; empty where that is said elsewhere.
    """

    term: Term
    provision: str = ""


@dataclass(frozen=True, slots=True)
class DpvLaw:
    """A law as the vocabulary knows it.

    Args:
        name: As in the letters.
        term: Its own term; empty where the vocabulary has none.
        european: Whether the terms of the European GDPR are its terms.
    """

    name: str
    term: str = ""
    european: bool = False

    def word(self, term: Term) -> str:
        """Return the narrowest term that fits this law."""
        return term.european if self.european and term.european else term.general


_LAWS: Mapping[str, DpvLaw] = MappingProxyType(
    {
        Regime.GDPR.value: DpvLaw("GDPR", "legal-eu:law-GDPR", european=True),
        Regime.UK_GDPR.value: DpvLaw("UK GDPR", "legal-gb:law-GDPR"),
    }
)
RIGHTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "access": ("eu-gdpr:A15", "Art. 15"),
        "erasure": ("eu-gdpr:A17", "Art. 17"),
        "objection": ("eu-gdpr:A21", "Art. 21"),
        "restriction": ("eu-gdpr:A18", "Art. 18"),
        "rectification": ("eu-gdpr:A16", "Art. 16"),
        "consent-withdrawal": ("eu-gdpr:A7-3", "Art. 7(3)"),
    }
)
"""Per right the term of the European law, and the article, which is the same in the law of the United Kingdom."""


def law_of(regime: str) -> DpvLaw:
    """Return the law of a regime; an unknown one has its name only."""
    return _LAWS.get(regime, DpvLaw(regime))


IDENTITY_REQUIRED: Final = Cause(
    Term("justifications:IdentityVerificationRequired", "eu-gdpr:JustificationA12IdentityRequired"), "Art. 12(6) {law}"
)
INFORMATION_REQUIRED: Final = Cause(
    Term("justifications:InformationRequired", "eu-gdpr:JustificationA12InformationRequired")
)
EXTENDED: Final = Cause(Term("justifications:DelayJustification", "eu-gdpr:JustificationA12Delay"), "Art. 12(3) {law}")
"""The broader term of complexity and of number: the ledger does not hold which of the two it was."""
POSTPONED: Final = Cause(Term("justifications:DelayJustification"))
NOT_DONE: Final = Cause(Term("justifications:NonFulfilmentJustification"))
NOT_APPLICABLE: Final = Term("justifications:NotRequiredJustification")
UNANSWERED: Final[Mapping[str, tuple[Cause, str]]] = MappingProxyType(
    {
        CaseState.WITHDRAWN: (Cause(NOT_APPLICABLE), "The data subject withdrew the request."),
        CaseState.STOPPED: (
            Cause(NOT_APPLICABLE),
            "The case was stopped: it was opened in error, or another case answers the same request.",
        ),
    }
)
"""The reason for the end of a case without an answer, by its state."""
_EXEMPTED = Term("justifications:LegallyExempted")
_OTHERS = Term("justifications:ThirdPartyRightsImpaired")

REFUSALS: Mapping[str, tuple[str, Cause]] = MappingProxyType(
    {
        Reason.NOT_IDENTIFIED: (
            REJECTED,
            Cause(
                Term("justifications:IdentityVerificationFailure", "eu-gdpr:JustificationA12IdentityFailure"),
                "Art. 11(2) and 12(6) {law}",
            ),
        ),
        # The broader term of unfounded and of excessive: the code does not tell which of the two it was.
        Reason.UNFOUNDED_OR_EXCESSIVE: (
            REJECTED,
            Cause(Term("justifications:ProcessRejected"), "Art. 12(5)(b) {law}"),
        ),
        Reason.NO_GROUND: (UNFULFILLED, Cause(NOT_APPLICABLE, "Art. 17(1) {law}")),
        Reason.EXCEPTION: (UNFULFILLED, Cause(_EXEMPTED, "Art. 17(3) {law}")),
        Reason.RIGHTS_OF_OTHERS: (UNFULFILLED, Cause(_OTHERS, "Art. 15(4) {law}")),
        Reason.NATIONAL_RESTRICTION: (UNFULFILLED, Cause(_EXEMPTED, "Art. 23 {law}")),
        Reason.NOT_CONTROLLER: (REJECTED, Cause(NOT_APPLICABLE, "Art. 4(7) {law}")),
        Reason.NO_AUTHORITY: (REJECTED, INFORMATION_REQUIRED),
        Reason.LAW_NOT_APPLICABLE: (REJECTED, Cause(NOT_APPLICABLE, "Art. 2 and 3 {law}")),
        Reason.CANNOT_TELL: (REJECTED, INFORMATION_REQUIRED),
    }
)
"""Per code of a refusal the status and its justification."""

_EXCEPTIONS: Mapping[str, Term] = MappingProxyType(
    {
        "a": Term("justifications:FreedomOfExpressionImpaired", "eu-gdpr:JustificationA17FreedomOfExpression"),
        "b": Term("justifications:LegalObligationImpaired", "eu-gdpr:JustificationA17LegallyRequired"),
        "c": Term("justifications:PublicHealthCompromised", "eu-gdpr:JustificationA17PublicHealth"),
        "d": Term("justifications:PublicInterestArchivingImpaired", "eu-gdpr:JustificationA17Archiving"),
        "e": Term("justifications:LegalClaimImpaired", "eu-gdpr:JustificationA17LegalClaims"),
    }
)
"""The exceptions of Art. 17(3) GDPR by their letters."""
_OTHER_BASES: Mapping[str, Cause] = MappingProxyType(
    {
        "6(1)(b)": Cause(Term("justifications:ContractPerformanceNecessity")),
        "11(2)": INFORMATION_REQUIRED,
        "Rights of others": Cause(_OTHERS),
        "No exception": POSTPONED,
    }
)
"""Further causes for which :mod:`rightsflow.domain.erasure.plan` retains a record, by words of its legal basis."""


def causes_of_keeping(legal_basis: str) -> tuple[Cause, ...]:
    """Return the causes for retaining a record, by the provisions that its legal basis names."""
    letters = sorted(set(re.findall(r"17\(3\)\(([a-e])\)", legal_basis)))
    causes = [Cause(_EXCEPTIONS[letter]) for letter in letters]
    causes += [cause for words, cause in _OTHER_BASES.items() if words in legal_basis]
    return tuple(causes) or (NOT_DONE,)


@dataclass(frozen=True, slots=True)
class Ending:
    """An outcome's meaning for the request.

    Args:
        status: How far it fulfils it; empty of what it is not about.
        processing: What was done to the data; empty for nothing.
    """

    status: str
    processing: str = ""


REMOVED_BUT_NOT_SEEN_ABSENT: Final = "dpv:Delete"
"""Erasing means that nothing can be retrieved; it is claimed of what a fresh read showed as absent, no sooner."""

ENDINGS: Mapping[str, Ending] = MappingProxyType(
    {
        Fate.ERASED: Ending(FULFILLED, "dpv:Erase"),
        Fate.REDACTED: Ending(FULFILLED, "dpv:Remove"),
        Fate.RESIDUE: Ending(UNFULFILLED, "dpv:Remove"),
        Fate.PSEUDONYMISED: Ending(UNFULFILLED, "dpv:Pseudonymise"),
        Fate.RESTRICTED: Ending(UNFULFILLED, "dpv:Restrict"),
        Fate.RETAINED: Ending(UNFULFILLED, "dpv:Store"),
        Fate.NOT_HELD: Ending(FULFILLED),
        Fate.NOT_CONCERNED: Ending("", "dpv:Store"),
        Fate.RECTIFIED: Ending(FULFILLED, "dpv:Modify"),
        Fate.UNRECTIFIED: Ending(UNFULFILLED, "dpv:Store"),
        # Passed on is not yet done; what a processor confirms is an activity of its own.
        Fate.DELEGATED: Ending(ACCEPTED),
        Fate.FAILED: Ending(UNFULFILLED),
        Fate.UNCLEAR: Ending(UNFULFILLED, "dpv:Store"),
        Fate.STILL_SEEN: Ending(UNFULFILLED, REMOVED_BUT_NOT_SEEN_ABSENT),
    }
)
"""The fates; redaction has no term of its own, and removing is the broader of erasing and deleting."""
ENDINGS_BY_RIGHT: Mapping[tuple[str, str], Ending] = MappingProxyType(
    {(Right.RESTRICTION, Fate.RESTRICTED): Ending(FULFILLED, "dpv:Restrict")}
)
"""Endings that differ for the right that asks for them: to be restricted fulfils a restriction, not refuses it."""
DISCLOSING: Final = "dpv:MakeAvailable"
LOOKING: Final = "dpv:Query"

LETTERS: Mapping[str, tuple[Term, ...]] = MappingProxyType(
    {
        LetterId.REFUSAL: (Term(_NON_FULFILMENT_NOTICE),),
        LetterId.NOTHING_HELD: (Term(_FULFILMENT_NOTICE),),
        LetterId.ACCESS_COVER: (Term(_FULFILMENT_NOTICE, "eu-gdpr:SARNotice"),),
        LetterId.ERASURE_CONFIRMATION: (Term(_FULFILMENT_NOTICE),),
        LetterId.OBJECTION_FOLLOWED: (Term(_FULFILMENT_NOTICE),),
        LetterId.RESTRICTED: (Term(_FULFILMENT_NOTICE),),
        LetterId.CONSENT_WITHDRAWN: (Term(_FULFILMENT_NOTICE),),
        LetterId.RECTIFIED: (Term(_FULFILMENT_NOTICE),),
        LetterId.PARTIAL_ERASURE: (Term(_FULFILMENT_NOTICE), Term(_NON_FULFILMENT_NOTICE)),
    }
)
"""The kind of notice that a letter is; any other letter is a notice on the course of the request."""
OTHER_LETTER: Final = (Term(_EXERCISE_NOTICE),)
TO_RECIPIENTS: Final = Term(_FULFILMENT_NOTICE, "eu-gdpr:RightsRecipientsNotice")
"""Art. 19 GDPR."""


_CATEGORIES = (
    ("pd:VoiceCommunicationRecording", r"recording"),
    ("pd:CallLog", r"call"),
    ("pd:Communication", r"(ticket|message|comment|conversation|chat|e-mail)"),
    ("pd:FinancialAccount", r"(payment method|bank|card)"),
    ("pd:Transaction", r"(payment|refund|charge|transaction)"),
    ("pd:Purchase", r"(purchase|order|invoice|subscription)"),
    ("pd:Contact", r"contact"),
    ("pd:Profile", r"(profile|customer|account)"),
)


def category_types(category: str) -> list[str]:
    """Return the classes of a data category by its name; an unknown one is personal data only."""
    named = (term for term, words in _CATEGORIES if re.search(rf"\b{words}", category.casefold()))
    return ["dpv:PersonalData", *islice(named, 1)]


class About(Enum):
    """The matter of the case that an activity belongs to."""

    RECEIPT = auto()
    IDENTITY = auto()
    CLARIFICATION = auto()
    EXTENSION = auto()
    APPROVAL = auto()
    WORK = auto()
    """Work at a system; its status is that of a part of the request."""
    RECIPIENTS = auto()
    """Telling those who received the data (Art. 19 GDPR)."""
    CONFIRMATION = auto()
    """Their answers."""
    ANSWER = auto()


class ActingParty(Enum):
    """The acting party; people are not named."""

    SUBJECT = auto()
    CONTROLLER = auto()
    PROCESSOR = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """A step of the exercise of a right.

    Args:
        at: When (aware).
        about: Which matter it belongs to.
        status: The status of the request, or of a part of it; empty for what was completed and changed none.
        actor: Who acted.
        causes: Why, where that has to be said.
        basis: The provision, in the words of the rule.
        reason: The reason, in the words of the rule.
        method: How identity was checked.
        due_on: The last day of the law from then on.
        system: The system it was done at.
        processing: What was done to the data.
        data: How many records of each category.
        counts: Further counts, by their names in our own namespace.
        until: The last day on which the data are kept.
        ends_when: What ends the keeping where no day is known.
        package: The SHA-256 of what was handed out.
        text: What there is no term for, in words.
    """

    at: datetime
    about: About
    status: str = ""
    actor: ActingParty = ActingParty.CONTROLLER
    causes: tuple[Cause, ...] = ()
    basis: str = ""
    reason: str = ""
    method: str = ""
    due_on: date | None = None
    system: str = ""
    processing: str = ""
    data: Mapping[str, int] = field(default_factory=dict, hash=False)
    counts: Mapping[str, int] = field(default_factory=dict, hash=False)
    until: date | None = None
    ends_when: str = ""
    package: str = ""
    text: str = ""
