"""What must not be sent: rules over the variables before, and over the finished text after rendering.

The second look is there because templates are edited by people who do not read code.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from rightsflow.errors import Conflict
from rightsflow.letters.erasure import ErasureConfirmation, PartialErasure, erasure_letter_id
from rightsflow.letters.refusal import Refusal
from rightsflow.letters.variables import Acknowledgement, LetterId, LetterVariables, NothingHeld, Remedies

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
_CUSTOMER = re.compile(r"\b(?:customers?|your (?:account|order|orders|contract)|we hold|you bought)\b", re.IGNORECASE)


def check_variables(letter_id: LetterId, variables: LetterVariables) -> None:
    """Refuse what the facts do not allow.

    Raises:
        Conflict: The letter would say something that is not so.
    """
    if isinstance(variables, NothingHeld):
        _check_nothing_held(variables)
    if isinstance(variables, ErasureConfirmation):
        fitting = erasure_letter_id(variables.rows)
        if fitting is not letter_id:
            raise Conflict(
                f"The outcomes call for letter {fitting.value} and not {letter_id.value}; render the one that fits."
            )


def _check_nothing_held(variables: NothingHeld) -> None:
    if variables.still_held:
        raise Conflict("Something of the person is still held, so the answer is not a no; answer with what is held.")
    if variables.not_searched:
        raise Conflict("Not every system has been searched; nothing is written on an unknown.")


def check_body(letter_id: LetterId, variables: LetterVariables, body: str) -> None:
    """Look at the finished text.

    Raises:
        Conflict: The text leaves out what it must say, or says what it must not.
    """
    for check in _BODY_CHECKS.get(letter_id, ()):
        check(variables, body)


def _has_remedies(variables: LetterVariables, body: str) -> None:
    remedies = getattr(variables, "remedies", None)
    if not isinstance(remedies, Remedies):
        raise Conflict("The letter needs the block on complaint and court.")
    for needed in (remedies.authority, remedies.authority_url, remedies.court):
        if needed not in body:
            raise Conflict("The letter leaves out the authority or the court; put the block back into the template.")


def _claims_not_too_much(_: LetterVariables, body: str) -> None:
    if _ALL_DATA.search(body):
        raise Conflict("The letter says that all data are gone, which is not so; name what was erased instead.")


def _names_what_stays(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, PartialErasure):
        missing = [row for row in variables.kept if row.legal_basis not in body or row.category not in body]
        if missing:
            raise Conflict("The letter leaves out a retained category or its legal basis; put the table back.")


def _confirms_nobody(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, Acknowledgement):
        sender, own_words = variables.sender, body
        for line in (sender.contact_email, *sender.address.splitlines(), sender.name, sender.contact):
            own_words = own_words.replace(line, "") if line else own_words
        if _CUSTOMER.search(own_words):
            raise Conflict("The acknowledgement confirms that the sender is known here; identity is not yet clear.")


def _states_facts(variables: LetterVariables, body: str) -> None:
    if isinstance(variables, Refusal) and not all(fact in body for fact in variables.facts):
        raise Conflict("The refusal leaves out the facts it rests on; put them back into the template.")


_BODY_CHECKS: Mapping[LetterId, tuple[Callable[[LetterVariables, str], None], ...]] = {
    LetterId.ACKNOWLEDGEMENT: (_confirms_nobody,),
    LetterId.REFUSAL: (_has_remedies, _states_facts),
    LetterId.NOTHING_HELD: (_has_remedies,),
    LetterId.ACCESS_COVER: (_has_remedies,),
    LetterId.ERASURE_CONFIRMATION: (_has_remedies, _claims_not_too_much),
    LetterId.PARTIAL_ERASURE: (_has_remedies, _claims_not_too_much, _names_what_stays),
}
