"""L6, the notice of extension (Art. 12(3) GDPR), and which reasons the law accepts for it."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated

from pydantic import Field

from rightsflow.documents.letters.variables import Contestable, FoundRecords, Line
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.rights import Right

_LEAST_WORDS = 4
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")

# fmt: off
_EMPTY = frozenset({
    "a", "about", "above", "all", "also", "am", "an", "and", "any", "april", "are", "as", "at", "august", "autumn",
    "be", "because", "been", "being", "both", "but", "by", "can", "cannot", "could", "currently", "december", "do",
    "does", "due", "during", "each", "especially", "extremely", "february", "few", "for", "friday", "from", "further",
    "had", "has", "have", "high", "higher", "highly", "however", "i", "in", "into", "is", "it", "its", "january",
    "july", "june", "just", "large", "larger", "long", "longer", "lot", "lots", "many", "march", "may", "moment",
    "monday", "month", "months", "more", "most", "much", "must", "need", "needed", "needs", "no", "not", "november",
    "now", "numerous", "october", "of", "on", "one", "only", "or", "other", "our", "ourselves", "out", "over", "owing",
    "particularly", "present", "quite", "rather", "really", "reason", "reasons", "september", "several", "since", "so",
    "some", "spring", "such", "summer", "than", "that", "the", "their", "them", "there", "these", "they", "this",
    "those", "time", "to", "too", "under", "until", "unusual", "unusually", "up", "us", "very", "was", "we", "week",
    "weeks", "were", "what", "when", "which", "while", "will", "winter", "with", "within", "without", "would", "year",
    "years", "you", "your",
})
"""Words that tell nothing."""

_GENERIC = frozenset({
    "amount", "answer", "answering", "case", "cases", "complex", "complexity", "complicated", "customers", "data",
    "delay", "delayed", "difficult", "difficulty", "effort", "exceptional", "extend", "extended", "extension",
    "extensive", "great", "handle", "handling", "huge", "information", "inquiries", "level", "load", "number",
    "people", "period", "person", "persons", "process", "processed", "processing", "quantity", "received", "request",
    "requested", "requests", "require", "required", "requires", "respond", "response", "subject", "takes", "taking",
    "volume", "work",
})
"""Words of the law itself, and the like: they name no fact of this request."""

_OWN_HOUSE = frozenset({
    "absence", "absences", "absent", "annual", "away", "backlog", "busy", "capacity", "christmas", "colleague",
    "colleagues", "company", "constraints", "department", "desk", "easter", "employee", "employees", "holiday",
    "holidays", "ill", "illness", "internal", "lack", "leave", "limited", "manager", "office", "officer",
    "organisation", "organization", "overload", "overloaded", "overtime", "overwhelmed", "personnel", "public",
    "reorganisation", "resource", "resources", "responsible", "restructuring", "returns", "season", "short",
    "short-staffed", "shortage", "shortages", "shorthanded", "sick", "sickness", "staff", "staffing", "team",
    "unavailable", "understaffed", "vacation", "vacations", "worker", "workers", "workload", "workloads",
})
"""Words about the controller's own situation: alone they are no reason."""
# fmt: on

_PEOPLE = r"(?:staff|team|colleagues?|employees?|personnel|department|office|desk|officer|manager|company|worker|we)"
_STATE = (
    r"(?:busy|overloaded|overwhelmed|understaffed|short(?:-| )?(?:staffed|handed)|ill|sick|absent|away(?! from)|"
    r"unavailable|on (?:sick |annual |parental |maternity )?(?:leave|holidays?|vacation))"
)
_EXCUSE = (
    r"(?:work ?loads?|staff(?:ing)? shortages?|shortages? of staff|lack of (?:staff|personnel|resources|capacity)|"
    r"(?:staff |sick|annual )?(?:absences?|illness|sickness|leave)|(?:public |summer |bank )?holidays?|"
    r"(?:holiday|vacation) (?:season|period)|vacations?|backlogs?|overload|christmas|reorgani[sz]ation)"
)
_BETWEEN = r"(?: (?!(?:about|of|on|\d+)\b)[\w-]+){0,3}"
# Followed by a noun, such a word is a part of something else: "due to workload reports that name others".
_ALONE = (
    r"(?=\s*(?:$|[^\w\s])"
    r"| (?:and|or|in|at|of (?:the|our|staff)|over|during|this|there|we|it|until|among|on|has|have|is|are)\b)"
)
_STATED = re.compile(
    rf"\b{_PEOPLE}\b[ \w'’-]{{0,40}} (?:is|are|was|were|has been|have been|will be)(?: \w+){{0,2}} {_STATE}\b"
    rf"|\b(?:because of|due to|owing to|as a result of|caused by|given){_BETWEEN} {_EXCUSE}\b{_ALONE}"
    rf"|\b(?:we|they) (?:have|had|suffer from|face){_BETWEEN} {_EXCUSE}\b{_ALONE}",
    re.IGNORECASE,
)
"""The own situation, stated as a cause or of people of the house."""


def check_reason(text: str) -> str:
    """Refuse a reason for an extension that the law does not accept.

    The period may be extended "where necessary, taking into account the complexity and number of the requests", and
    the person is told the reasons (Art. 12(3) GDPR). So a reason has to name facts of this request: how much has to be
    screened, in which systems, for what. Repeating the law ("the request is complex") names none. The controller's
    own situation is no reason: workload, holidays, shortage or illness of staff (EDPB Guidelines 01/2022, 5.3).

    Refused is therefore a reason that

    * is empty or has fewer than four words (a figure is one),
    * has nothing left once words that tell nothing, words of the law and words about the controller's own situation
      are left out, or
    * states that situation as the cause ("because of our workload", "the team is on leave"), even beside facts: what
      the person is told must not rest on it.

    Such a word in passing does no harm: "recordings of 14 staff members must be masked" is accepted. The check knows
    words and not truth; a person still decides.

    Args:
        text: The reason as a person typed it.

    Returns:
        The reason on one line.

    Raises:
        BadInput: The reason is none that the law accepts; the text of the error does not quote it.
    """
    reason = " ".join(text.split())
    words = [word.lower() for word in _WORD.findall(reason)]
    if not words:
        raise BadInput("No reason is given; name what makes this request take longer, with figures.")
    telling = [word for word in words if word not in _EMPTY and not word.isdigit()]
    if _STATED.search(reason) or (_OWN_HOUSE & set(telling) and not set(telling) - _GENERIC - _OWN_HOUSE):
        raise BadInput(
            "The reason is the controller's own situation (workload, holidays, staff), which the law does not accept; "
            "name facts of this request instead."
        )
    if len(words) < _LEAST_WORDS or not set(telling) - _GENERIC - _OWN_HOUSE:
        raise BadInput(
            "The reason is too general; name facts of this request, like 140 hours of call recordings in three systems "
            "that have to be screened for the voices of others."
        )
    return reason


class ExtensionNotice(Contestable):
    """L6. Inside the first period, once, and with concrete reasons; else it does not render.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        reasons: Why it takes longer, each accepted by :func:`check_reason`.
        first_due_on: The last day of the unextended period, and so for this notice.
        extended_until: The day the answer is promised by, before any shift over a weekend or holiday.
        question_of: The day of a question to the person that is still open; ``None`` if none is.
        clock_stands: Whether the clock is suspended until that is answered.
        found: How many records of the person the search found, where it has ended and identity is clear.
        partial_results: What the person gets already, in full sentences; empty if that is nothing.
    """

    right: Right
    received_on: date
    reasons: Annotated[tuple[Line, ...], Field(min_length=1)]
    first_due_on: date
    extended_until: date
    question_of: date | None = None
    clock_stands: bool = False
    found: tuple[FoundRecords, ...] = ()
    partial_results: str = ""
