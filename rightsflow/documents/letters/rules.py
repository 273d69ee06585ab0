"""Rules against wrong letters: over the variables before rendering, and over the finished text after it.

The second check exists because templates are edited by people who do not read code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rightsflow.documents.letters.access import AccessCover, NothingHeld
from rightsflow.documents.letters.erasure import ErasureConfirmation, OutcomeRow, PartialErasure, erasure_letter_id
from rightsflow.documents.letters.extension import ExtensionNotice, check_reason
from rightsflow.documents.letters.notices import CorrectedByHand, InterimAnswer, LiftingNotice
from rightsflow.documents.letters.objection import (
    ConsentWithdrawn,
    ObjectionFollowed,
    RectifiedOnRequest,
    RestrictedOnRequest,
)
from rightsflow.documents.letters.processors import ProcessorsAnswered
from rightsflow.documents.letters.questions import Clarification, FeeNotice, IdentityRequest, RecipientsNamed
from rightsflow.documents.letters.refusal import Refusal
from rightsflow.documents.letters.variables import Contestable, LetterVariables
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.wording import day

# "All your data have been deleted" is wrong whenever evidence, suppression, invoices or back-ups exist, and the
# evidence of the erasure itself always does.
_GONE = r"(?:erased|deleted|removed|destroyed|wiped)"
_ALL_YOUR_DATA = r"(?:all (?:of )?|every )(?:your |the |these |personal |stored )*(?:data|records?|information)"
_ALL_DATA = re.compile(
    rf"\b{_ALL_YOUR_DATA}\b[^.\n]{{0,60}}\b(?:{_GONE}|gone)\b"
    rf"|\b{_GONE}\s+{_ALL_YOUR_DATA}\b"
    rf"|\beverything\b[^.\n]{{0,60}}\b{_GONE}\b|\b{_GONE}\s+everything\b"
    rf"|\b(?:completely|entirely|fully|totally) {_GONE}\b"
    r"|\b(?:no longer|do not|don't) (?:hold|have|store|keep|process) (?:any|your) (?:personal )?data\b"
    r"|\bno (?:personal )?data (?:about you )?(?:remains?|is left|are left)\b",
    re.IGNORECASE,
)
# A customer number is a thing one asks for; a customer is a person who is known here.
_CUSTOMER = re.compile(
    r"\b(?:customers?(?! (?:number|id)s?\b)|your (?:account|order|orders|contract)|we hold|you bought|on file"
    r"|in our records|known to us)\b",
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    r"\b(?:passports?|(?:identity|ID) (?:cards?|documents?|papers)|driving licen[cs]es?"
    r"|(?:copy|scan|photo) of (?:your|an|the) ID)\b",
    re.IGNORECASE,
)
_PROCESSORS = "The companies that work for us are listed below"
_BY_HAND = "The systems that people search by hand are listed below"
_DECLINED = re.compile(r"Please do not send [^.]*\.")


def check_variables(letter_id: LetterId, variables: LetterVariables) -> None:
    """Refuse variables that the facts do not allow.

    Raises:
        BadInput: A reason is none that the law accepts.
        Conflict: The letter would say something that is not so.
    """
    match variables:
        case NothingHeld():
            _check_nothing_held(variables)
        case ObjectionFollowed() | ConsentWithdrawn() | RestrictedOnRequest() | RectifiedOnRequest():
            _check_all_is_settled(variables)
        case ErasureConfirmation():
            _check_outcomes_fit(letter_id, variables)
        case IdentityRequest():
            _check_mildest_means(variables)
        case Clarification():
            _check_pause_is_known(variables)
        case ExtensionNotice():
            _check_extension(variables)
        case Refusal():
            _check_refusal_in_time(variables)


def _check_nothing_held(variables: NothingHeld) -> None:
    if variables.still_held:
        raise Conflict("Something of the person is still held, so the answer is not a no; answer with what is held.")
    if variables.not_searched:
        raise Conflict("Not every system has been searched; nothing is written on an unknown.")
    if any(processor.standing.is_open or processor.records for processor in variables.processors):
        raise Conflict("A system that is searched by hand is open, or something was there; the answer is not a no.")


def _check_outcomes_fit(letter_id: LetterId, variables: ErasureConfirmation) -> None:
    fitting = erasure_letter_id(
        variables.rows, erased_by_hand=variables.has_erased_by_hand, is_narrowed=bool(variables.about)
    )
    if fitting is not letter_id:
        raise Conflict(
            f"The outcomes call for letter {fitting.value} and not {letter_id.value}; render the one that fits."
        )


def _check_all_is_settled(variables: ErasureConfirmation) -> None:
    if any(row.outcome is OutcomeKind.FAILED for row in variables.rows):
        raise Conflict("Not every record has reached its outcome; finish the work before the answer is written.")


def _check_mildest_means(variables: IdentityRequest) -> None:
    if variables.copy_of_document and not variables.milder_means_failed:
        raise Conflict("A copy of an identity document is asked for only once milder means failed; try those first.")


def _check_pause_is_known(variables: Clarification) -> None:
    if variables.clock_stands and variables.sender.regime == "gdpr":
        raise Conflict("Under the GDPR a clarification stops no clock; write the letter with the clock running.")


def _check_extension(variables: ExtensionNotice) -> None:
    if variables.written_on > variables.first_due_on:
        raise Conflict(
            "The first period is over, and a late notice extends nothing; answer at once and raise the lateness as an "
            "incident."
        )
    if variables.extended_until <= variables.first_due_on:
        raise Conflict("The extended period ends no later than the first one; take its end from the clock.")
    for reason in variables.reasons:
        check_reason(reason)


def _check_refusal_in_time(variables: Refusal) -> None:
    if variables.due_on and variables.written_on > variables.due_on and not variables.incident_raised:
        raise Conflict("The last day for a refusal is over; raise the lateness as an incident before it is sent.")


def check_body(letter_id: LetterId, variables: LetterVariables, body: str) -> None:
    """Look at the finished text.

    Raises:
        Conflict: The text leaves out what it must say, or says what it must not.
    """
    for check in _BODY_CHECKS.get(letter_id, ()):
        check(variables, body)


def _has_remedies(variables: LetterVariables, body: str) -> None:
    if not isinstance(variables, Contestable):
        raise Conflict("The letter needs the block on complaint and court.")
    for needed in (variables.remedies.authority, variables.remedies.authority_url, variables.court):
        if needed not in body:
            raise Conflict("The letter leaves out the authority or the court; put the block back into the template.")
    if variables.hears_complaints and "s. 164A" not in body:
        raise Conflict("The letter leaves out how to complain to the controller; put the block back into the template.")


def _claims_not_too_much(variables: LetterVariables, body: str) -> None:
    own_words = body
    for statement in variables.statements if isinstance(variables, RectifiedOnRequest) else ():
        own_words = own_words.replace(statement, "")
    if claims_too_much(own_words):
        raise Conflict("The letter says that all data are gone, which is not so; name what was erased instead.")


def claims_too_much(text: str) -> bool:
    """Return whether a text claims that all data are gone, which no letter of ours may claim.

    Args:
        text: What we write in our own words.
    """
    return _ALL_DATA.search(text) is not None


def _names_what_stays(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, PartialErasure):
        missing = [row for row in variables.kept if row.legal_basis not in body or row.category not in body]
        if missing:
            raise Conflict("The letter leaves out a retained category or its legal basis; put the table back.")


def _names_what_is_unmarked(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, RestrictedOnRequest) and any(
        (not row.is_gone and row.reason not in body) or row.category not in body for row in variables.unmarked
    ):
        raise Conflict("The letter leaves out what is not marked, or why; put the lines back into the template.")


def _names_the_items(variables: LetterVariables, body: str) -> None:
    if not isinstance(variables, RectifiedOnRequest):
        return
    if not all(item.what in body and item.text in body for item in variables.items):
        raise Conflict("The letter leaves out an item, the reason of a refusal or a statement; put it back.")
    if any(row.reason not in body or row.category not in body for row in (*variables.uncorrected, *_stays(variables))):
        raise Conflict("The letter leaves out what could not be corrected, or why; put it back into the template.")


def _stays(variables: RectifiedOnRequest) -> tuple[OutcomeRow, ...]:
    return variables.unaltered if variables.followed else ()


def _names_the_list(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, ErasureConfirmation) and variables.suppression not in body:
        raise Conflict("The letter leaves out the entry on the suppression list; put it back into the template.")


def _names_what_is_open(variables: LetterVariables, body: str) -> None:
    """Refuse a letter that does not say at which system a step is left, and until when; a correction in its words."""
    if isinstance(variables, ErasureConfirmation) and not all(
        step.what in body or (f"- {step.system}: " in body and day(step.due_on) in body) for step in variables.by_hand
    ):
        raise Conflict("The letter leaves out what a person still does by hand; put it back into the template.")


def _names_what_fails(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, InterimAnswer) and not all(
        f"- {item.system}: we could not {item.what}." in body for item in variables.not_yet
    ):
        raise Conflict("The letter leaves out what is not done yet; put it back into the template.")


def _names_recipients(variables: LetterVariables, body: str) -> None:
    if not isinstance(variables, RecipientsNamed):
        return
    later = (
        *(to_inform.name for to_inform in variables.to_inform),
        *(not_informed.name for not_informed in variables.not_informed),
    )
    named = (*variables.informed, *later)
    if not all(f"- {name}" in body for name in named):
        raise Conflict("The letter leaves out a recipient; put it back into the template.")


def _names_processors(variables: LetterVariables, body: str) -> None:
    if not isinstance(variables, ErasureConfirmation | ProcessorsAnswered | AccessCover | NothingHeld):
        return
    again = variables.again if isinstance(variables, ProcessorsAnswered) else ()
    named = (*variables.processors, *again)
    if not all(
        f"- {processor.name}: " in body and (not processor.reason or processor.reason in body) for processor in named
    ):
        raise Conflict("The letter leaves out a processor or its reason; put it back into the template.")
    if isinstance(variables, ErasureConfirmation) and variables.is_ours_alone and _PROCESSORS not in body:
        raise Conflict("The letter leaves out that a processor has not proved its part; put it back into the template.")
    if isinstance(variables, ErasureConfirmation) and variables.is_open_by_hand and _BY_HAND not in body:
        raise Conflict("The letter leaves out what is open in a system that is searched by hand; put it back.")


def _confirms_nobody(variables: LetterVariables, body: str) -> None:
    sender, own_words = variables.sender, body
    for line in (sender.contact_email, *sender.address.splitlines(), sender.name, sender.contact):
        own_words = own_words.replace(line, "") if line else own_words
    if _CUSTOMER.search(own_words):
        raise Conflict("The letter confirms that the sender is known here; identity is not yet clear.")


def _asks_for_no_document(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, IdentityRequest) and not variables.copy_of_document:
        own_words = _DECLINED.sub("", body.replace(variables.doubt, ""))
        if _DOCUMENT.search(own_words):
            raise Conflict("The letter asks for an identity document though milder means are open; take that out.")


def _states_facts(variables: LetterVariables, body: str) -> None:
    if not all(fact in body for fact in _facts(variables)):
        raise Conflict("The letter leaves out the facts it rests on; put them back into the template.")


def _facts(variables: LetterVariables) -> tuple[str, ...]:
    match variables:
        case Refusal(facts=facts):
            return facts
        case ExtensionNotice(reasons=facts) | Clarification(areas=facts):
            return facts
        case FeeNotice(facts=shown, amount=amount, costs=costs):
            return shown, amount, costs
        case IdentityRequest(doubt=reason) | LiftingNotice(reason=reason):
            return (reason,)
        case CorrectedByHand(corrected=corrected, left=left):
            return (*corrected, *left)
    return ()


_IDENTITY_CHECKS = (_has_remedies, _confirms_nobody, _asks_for_no_document, _states_facts)
_ERASURE_CHECKS = (_has_remedies, _claims_not_too_much, _names_what_is_open, _names_processors)
_BODY_CHECKS: Mapping[LetterId, tuple[Callable[[LetterVariables, str], None], ...]] = {
    LetterId.ACKNOWLEDGEMENT: (_confirms_nobody,),
    LetterId.IDENTITY_REQUEST: _IDENTITY_CHECKS,
    LetterId.IDENTITY_REMINDER: _IDENTITY_CHECKS,
    LetterId.CLARIFICATION: (_has_remedies, _states_facts),
    LetterId.EXTENSION: (_has_remedies, _states_facts),
    LetterId.CANNOT_IDENTIFY: (_has_remedies, _confirms_nobody),
    LetterId.FEE: (_has_remedies, _states_facts),
    LetterId.RECIPIENTS: (_has_remedies, _claims_not_too_much, _names_recipients),
    LetterId.REFUSAL: (_has_remedies, _states_facts),
    LetterId.NOTHING_HELD: (_has_remedies, _names_processors),
    LetterId.ACCESS_COVER: (_has_remedies, _names_processors),
    LetterId.ERASURE_CONFIRMATION: _ERASURE_CHECKS,
    LetterId.PARTIAL_ERASURE: (*_ERASURE_CHECKS, _names_what_stays),
    LetterId.OBJECTION_FOLLOWED: (*_ERASURE_CHECKS, _names_what_stays, _names_the_list),
    LetterId.CONSENT_WITHDRAWN: (*_ERASURE_CHECKS, _names_what_stays, _names_the_list),
    LetterId.RESTRICTED: (*_ERASURE_CHECKS, _names_what_is_unmarked),
    LetterId.RECTIFIED: (*_ERASURE_CHECKS, _names_the_items),
    LetterId.BEFORE_ERASURE: (_has_remedies, _claims_not_too_much),
    LetterId.RESTRICTION_LIFTED: (_has_remedies, _states_facts),
    LetterId.ERASED_AGAIN: (_has_remedies,),
    LetterId.CORRECTED_BY_HAND: (_has_remedies, _states_facts),
    LetterId.INTERIM_ANSWER: (_has_remedies, _claims_not_too_much, _names_what_fails),
    LetterId.COMPLAINT_RECEIVED: (_has_remedies,),
    LetterId.CASE_STOPPED: (_has_remedies, _claims_not_too_much),
    LetterId.PROCESSORS_ANSWERED: (_has_remedies, _claims_not_too_much, _names_processors),
}


_BEFORE_IDENTITY = frozenset(
    {LetterId.ACKNOWLEDGEMENT, LetterId.IDENTITY_REQUEST, LetterId.IDENTITY_REMINDER, LetterId.CANNOT_IDENTIFY}
)


def check_remark(letter_id: LetterId, text: str) -> None:
    """Check a person's words for a letter.

    Args:
        letter_id: Which letter.
        text: The person's words.

    Raises:
        Conflict: They say what the letter must not say.
    """
    if _ALL_DATA.search(text):
        raise Conflict("The remark says that all data are gone, which is not so; name what was erased instead.")
    if letter_id in _BEFORE_IDENTITY and _CUSTOMER.search(text):
        raise Conflict("The remark confirms that the sender is known here; identity is not yet clear.")
    if letter_id in _BEFORE_IDENTITY and _DOCUMENT.search(text):
        raise Conflict("The remark asks for an identity document; milder means are open. Take that out.")
