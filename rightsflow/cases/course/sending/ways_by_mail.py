"""The permission to mail a letter of a case now, and the address to use, or the reason against it.

Acknowledgements, questions and notices are mailed automatically, to the address that the request gave. A person mails
an answer, to the address that a code proved where there is one. A package goes to no other address.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.sending.confirming import refuse_unread_text
from rightsflow.cases.course.sending.lifting_letters import refuse_past_notice
from rightsflow.cases.course.sending.sent import (
    CLOCK_LETTERS,
    QUESTIONS_FOR_PROOF,
    identity_is_open,
    promises_suspension,
)
from rightsflow.cases.facts.deadlines.case_clock import proof_asked, would_stand
from rightsflow.cases.facts.overview.addressing import representative_of
from rightsflow.cases.work.access.copies import package_name
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.delivery import AddressKind
from rightsflow.domain.errors import Conflict
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.request import Channel
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import PACKAGE

MAILED: Final = (
    LetterId.ACKNOWLEDGEMENT,
    LetterId.IDENTITY_REQUEST,
    LetterId.CLARIFICATION,
    LetterId.CANNOT_IDENTIFY,
    LetterId.EXTENSION,
    LetterId.IDENTITY_REMINDER,
    LetterId.BEFORE_ERASURE,
    LetterId.WITHDRAWAL,
    LetterId.CASE_STOPPED,
)
"""The letters mailed automatically: they hold no data of the answer, and are routine or decided by a person."""
CHANNELS: Final = (Channel.EMAIL.value, Channel.WEB_FORM.value)
"""The channels of the requests whose letters are mailed."""
_TO_A_KNOWN_PERSON: Final = frozenset(
    {
        LetterId.CLARIFICATION,
        LetterId.EXTENSION,
        LetterId.NOTHING_HELD,
        LetterId.ACCESS_COVER,
        LetterId.ERASURE_CONFIRMATION,
        LetterId.PARTIAL_ERASURE,
        LetterId.OBJECTION_FOLLOWED,
        LetterId.RESTRICTED,
        LetterId.CONSENT_WITHDRAWN,
        LetterId.RECTIFIED,
        LetterId.PROCESSORS_ANSWERED,
        LetterId.RESTRICTION_LIFTED,
        LetterId.BEFORE_ERASURE,
        LetterId.ERASED_AGAIN,
        LetterId.CORRECTED_BY_HAND,
        LetterId.INTERIM_ANSWER,
        LetterId.RECIPIENTS,
    }
)
"""While identity is not clear, another person may have written: a person then decides whether these letters go out."""
_SAYS_THE_END: Final = frozenset({LetterId.WITHDRAWAL, LetterId.CASE_STOPPED})
"""The letters written as a case ends without an answer; they stay true."""
_MEGABYTE: Final = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class WayByMail:
    """The way in which a letter is mailed.

    Args:
        address: To which address.
        kind: How it is known that it is the person's.
        package_bytes: How large the package is that goes with it; 0 where none does.
    """

    address: str = field(repr=False)
    kind: AddressKind
    package_bytes: int = 0


def way_by_mail(file: CaseFile, letter: str, app: App) -> WayByMail:
    """Return the way in which a letter may be mailed now.

    Args:
        file: The case file.
        letter: Which letter, such as ``L11``.
        app: What it works with.

    Raises:
        Conflict: It may not; the sentence says why.
    """
    if not file.outbox.has(letter):
        raise Conflict(f"{file.case_id} has no letter {letter}.")
    if file.outbox.is_left_to_people(letter):
        raise Conflict("A mail server refused this letter for good, or it came back; send it in another way.")
    if letter.partition(".")[0] in _TO_A_KNOWN_PERSON and not file.identity_is_clear:
        raise Conflict("The person's identity is not clear, so this letter is not mailed; send it in another way.")
    refuse_past_notice(file, letter, app.now(), app.settings.controller.zone)
    refuse_unread_text(file, letter)
    if letter in MAILED:
        _refuse_untrue(file, LetterId(letter), app)
        return _to_representative(file) or _to_given(file)
    if letter == LetterId.ACCESS_COVER:
        return _with_package(file, app)
    return _to_representative(file) or _to_proved(file) or _to_given(file)


def _to_representative(file: CaseFile) -> WayByMail | None:
    """To the address that was given with a mandate that was seen, and to no other of the case then."""
    found = representative_of(file)
    return WayByMail(address=found.address, kind=AddressKind.REPRESENTATIVE) if found and found.address else None


def _to_given(file: CaseFile) -> WayByMail:
    given = next(
        (identifier.value for identifier in file.identifiers.asked_with() if identifier.kind is IdentifierKind.EMAIL),
        "",
    )
    if not given or file.channel not in CHANNELS:
        raise Conflict(
            "The request did not come by e-mail or web form with an address, and none was proved by a code; send the "
            "letter in another way."
        )
    return WayByMail(address=given, kind=AddressKind.GIVEN)


def _to_proved(file: CaseFile) -> WayByMail | None:
    """To the address that a code proved; it is the person's own, and a representative wrote from another one."""
    proved = "" if representative_of(file) else file.identity_codes.proved_address
    return WayByMail(address=proved, kind=AddressKind.VERIFIED) if proved else None


def _with_package(file: CaseFile, app: App) -> WayByMail:
    """An access answer with its package: whole, as small as the configuration says, to an address that was proved."""
    most, name, workspace = (
        app.settings.delivery.attach_package_up_to_mb,
        package_name(file.case_id),
        app.workspace(file),
    )
    if not most:
        raise Conflict("Packages are not mailed here ([delivery] attach_package_up_to_mb is 0); hand it out yourself.")
    way = _to_proved(file)
    if way is None:
        raise Conflict(
            "A package is mailed only to an address of the person that a code proved, and there is none; hand it out "
            "in another way."
        )
    if file.state is not CaseState.ANSWERED or not file.outbox.secret(PACKAGE) or not workspace.has_file(name):
        raise Conflict("The package is not among the working copies here, so its letter is not mailed without it.")
    size = workspace.file_size(name)
    if size > most * _MEGABYTE:
        raise Conflict(
            f"The package has {size / _MEGABYTE:.1f} MB, and is mailed up to {most} MB ([delivery] "
            "attach_package_up_to_mb); hand it out in another way."
        )
    return WayByMail(address=way.address, kind=way.kind, package_bytes=size)


def _refuse_untrue(file: CaseFile, letter: LetterId, app: App) -> None:
    """Refuse a question or a notice that does not say any more what is so."""
    # What acknowledges is true until the answer has gone out; what asks, until the answer is written.
    is_over = file.is_closed if letter is LetterId.ACKNOWLEDGEMENT else file.state.is_settled
    if letter not in _SAYS_THE_END and (is_over or _is_untrue(file, letter, app)):
        raise Conflict("The letter does not say any more what is so; it is not mailed.")


def _is_untrue(file: CaseFile, letter: LetterId, app: App) -> bool:
    now, kind = app.now(), CLOCK_LETTERS.get(letter)
    if letter is LetterId.EXTENSION:
        # A late notice extends nothing, and would promise the person a day that is none.
        return file.notice_due_on is None or app.today > file.notice_due_on
    if letter in QUESTIONS_FOR_PROOF and not identity_is_open(file, now):
        return True
    if letter is LetterId.IDENTITY_REMINDER:
        asked, answered = proof_asked(file, app), ClockEventKind.IDENTITY_CONFIRMED in file.clock.events()
        return asked is None or answered or app.today >= asked.answer_by
    controller = app.settings.controller
    return kind is not None and promises_suspension(file, app, kind) != would_stand(file, controller, kind, now)
