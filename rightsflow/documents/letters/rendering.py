"""Renders a letter from its template, proves with which variables that was done, and commits to the text in the ledger.

With the commitment's salt and text anyone computes it by SHA-256 alone, so that an authority can check a text without
the controller's key; alone it says nothing.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from jinja2 import Environment, PackageLoader, StrictUndefined

from rightsflow.documents.letters import rules
from rightsflow.documents.letters.access import AccessCover, NothingHeld
from rightsflow.documents.letters.erasure import ErasureConfirmation, PartialErasure
from rightsflow.documents.letters.extension import ExtensionNotice
from rightsflow.documents.letters.notices import (
    BeforeErasure,
    ComplaintReceived,
    CorrectedByHand,
    ErasedAgain,
    InterimAnswer,
    LiftingNotice,
)
from rightsflow.documents.letters.objection import (
    ConsentWithdrawn,
    ObjectionFollowed,
    RectifiedOnRequest,
    RestrictedOnRequest,
)
from rightsflow.documents.letters.processors import ProcessorsAnswered
from rightsflow.documents.letters.questions import (
    CannotIdentify,
    Clarification,
    FeeNotice,
    IdentityReminder,
    IdentityRequest,
    RecipientsNamed,
)
from rightsflow.documents.letters.refusal import Refusal, StopNotice
from rightsflow.documents.letters.variables import Acknowledgement, LetterVariables, Withdrawal
from rightsflow.domain import wording
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.rights import asked, understood


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """A letter of the catalogue.

    Args:
        version: Goes up with every change of the text.
        subject_line: By language; the case id is the only variable in it, since it travels in clear.
        variables: What the letter needs.
    """

    version: int
    subject_line: Mapping[str, str]
    variables: type[LetterVariables]


_CATALOGUE: Mapping[LetterId, _Template] = MappingProxyType(
    {
        LetterId.ACKNOWLEDGEMENT: _Template(
            version=4, subject_line={"en": "We have received your request ({case_id})"}, variables=Acknowledgement
        ),
        LetterId.IDENTITY_REQUEST: _Template(
            version=5, subject_line={"en": "A question about your request ({case_id})"}, variables=IdentityRequest
        ),
        LetterId.CLARIFICATION: _Template(
            version=5, subject_line={"en": "A question about your request ({case_id})"}, variables=Clarification
        ),
        LetterId.CANNOT_IDENTIFY: _Template(
            version=1, subject_line={"en": "A question about your request ({case_id})"}, variables=CannotIdentify
        ),
        LetterId.FEE: _Template(
            version=1, subject_line={"en": "A question about your request ({case_id})"}, variables=FeeNotice
        ),
        LetterId.RECIPIENTS: _Template(
            version=1, subject_line={"en": "More on your request ({case_id})"}, variables=RecipientsNamed
        ),
        LetterId.EXTENSION: _Template(
            version=4, subject_line={"en": "Our answer takes longer ({case_id})"}, variables=ExtensionNotice
        ),
        LetterId.REFUSAL: _Template(
            version=4, subject_line={"en": "Our decision on your request ({case_id})"}, variables=Refusal
        ),
        LetterId.NOTHING_HELD: _Template(
            version=5, subject_line={"en": "Our answer to your request ({case_id})"}, variables=NothingHeld
        ),
        LetterId.ACCESS_COVER: _Template(
            version=7, subject_line={"en": "Our answer to your request ({case_id})"}, variables=AccessCover
        ),
        LetterId.ERASURE_CONFIRMATION: _Template(
            version=7, subject_line={"en": "Our answer to your request ({case_id})"}, variables=ErasureConfirmation
        ),
        LetterId.PARTIAL_ERASURE: _Template(
            version=7, subject_line={"en": "Our answer to your request ({case_id})"}, variables=PartialErasure
        ),
        LetterId.IDENTITY_REMINDER: _Template(
            version=6, subject_line={"en": "Our question about your request ({case_id})"}, variables=IdentityReminder
        ),
        LetterId.BEFORE_ERASURE: _Template(
            version=2, subject_line={"en": "More on your request ({case_id})"}, variables=BeforeErasure
        ),
        LetterId.RESTRICTION_LIFTED: _Template(
            version=3, subject_line={"en": "More on your request ({case_id})"}, variables=LiftingNotice
        ),
        LetterId.ERASED_AGAIN: _Template(
            version=3, subject_line={"en": "More on your request ({case_id})"}, variables=ErasedAgain
        ),
        LetterId.CORRECTED_BY_HAND: _Template(
            version=1, subject_line={"en": "More on your request ({case_id})"}, variables=CorrectedByHand
        ),
        LetterId.OBJECTION_FOLLOWED: _Template(
            version=4, subject_line={"en": "Our answer to your request ({case_id})"}, variables=ObjectionFollowed
        ),
        LetterId.RESTRICTED: _Template(
            version=4, subject_line={"en": "Our answer to your request ({case_id})"}, variables=RestrictedOnRequest
        ),
        LetterId.CONSENT_WITHDRAWN: _Template(
            version=5, subject_line={"en": "Our answer to your request ({case_id})"}, variables=ConsentWithdrawn
        ),
        LetterId.RECTIFIED: _Template(
            version=4, subject_line={"en": "Our answer to your request ({case_id})"}, variables=RectifiedOnRequest
        ),
        LetterId.WITHDRAWAL: _Template(
            version=3, subject_line={"en": "You have withdrawn your request ({case_id})"}, variables=Withdrawal
        ),
        LetterId.CASE_STOPPED: _Template(
            version=1, subject_line={"en": "More on your request ({case_id})"}, variables=StopNotice
        ),
        LetterId.INTERIM_ANSWER: _Template(
            version=1, subject_line={"en": "Our answer takes longer ({case_id})"}, variables=InterimAnswer
        ),
        LetterId.COMPLAINT_RECEIVED: _Template(
            version=1, subject_line={"en": "We have received your complaint ({case_id})"}, variables=ComplaintReceived
        ),
        LetterId.PROCESSORS_ANSWERED: _Template(
            version=6, subject_line={"en": "More on your request ({case_id})"}, variables=ProcessorsAnswered
        ),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A letter ready to be sent.

    Args:
        template_id: Which letter, for example ``"L10"``.
        version: The version of its template.
        language: ISO 639-1 code.
        subject_line: Holds the case id and nothing else of the person.
        body: The text.
        variables_hash: SHA-256 over template, version, language and variables, for the case file.
    """

    template_id: str
    version: int
    language: str
    subject_line: str
    body: str
    variables_hash: str

    def __repr__(self) -> str:
        """Return the template only, never the text."""
        return f"<Letter {self.template_id} v{self.version} {self.language}>"


def render(letter_id: LetterId | str, variables: LetterVariables) -> Letter:
    """Render a letter.

    Args:
        letter_id: Which one.
        variables: Of the class that belongs to it.

    Raises:
        BadInput: There is no such letter, the variables belong to another one, or a reason is none that the law
            accepts.
        Conflict: The letter would say what is not so, or leave out what it must say.
    """
    wanted = _known(letter_id)
    template = _CATALOGUE[wanted]
    if type(variables) is not template.variables:
        raise BadInput(f"Letter {wanted.value} needs {template.variables.__name__}, not {type(variables).__name__}.")
    rules.check_variables(wanted, variables)
    text = _environment().get_template(f"{variables.language}/{wanted.value}.txt.j2").render(letter=variables)
    body = _tidied(text)
    rules.check_body(wanted, variables, body)
    return Letter(
        template_id=wanted.value,
        version=template.version,
        language=variables.language,
        subject_line=template.subject_line[variables.language].format(case_id=variables.case_id),
        body=body,
        variables_hash=_hash(wanted, template.version, variables),
    )


def _known(letter_id: LetterId | str) -> LetterId:
    try:
        return LetterId(letter_id)
    except ValueError:
        known = ", ".join(item.value for item in LetterId)
        raise BadInput(f"There is no such letter; use one of {known}.") from None


def _hash(letter_id: LetterId, version: int, variables: LetterVariables) -> str:
    facts = [letter_id.value, version, variables.language, variables.model_dump(mode="json")]
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _tidied(text: str) -> str:
    lines = "\n".join(line.rstrip() for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("rightsflow.documents.letters"),
        autoescape=False,  # noqa: S701 - plain text, where escaping would spoil names
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "day": wording.day,
        "moment": wording.moment,
        "counted": wording.counted,
        "listed": wording.listed,
        "sentence": wording.sentence,
        "asked": asked,
        "understood": understood,
    }
    return environment


def commitment(salt: str, subject_line: str, body: str) -> str:
    """SHA-256, hexadecimal, over salt, subject line and body, each on a line of its own.

    Args:
        salt: 64 hexadecimal digits that only the controller can make.
        subject_line: The subject line.
        body: The text.
    """
    return hashlib.sha256(f"{salt}\n{subject_line}\n{body}".encode("utf-8", "surrogatepass")).hexdigest()
