"""Mail letters of the outbox: acknowledgements, questions and notices automatically, answers when a person says so.

The mail goes from this process to the mail server and never through Prefect. Automatic mail goes to the address that
the request gave; an answer to the address that a code proved where there is one, a package to no other.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.sending.delivery import (
    CLOCK_LETTERS,
    QUESTIONS_FOR_PROOF,
    identity_is_open,
    mark_sent,
    promises_suspension,
    refuse_past_notice,
)
from rightsflow.cases.course.sending.text_review import refuse_unread_text
from rightsflow.cases.facts.deadlines.clock import proof_asked, would_stand
from rightsflow.cases.facts.opened_texts import openers
from rightsflow.cases.facts.overview.personal_data import representative_of
from rightsflow.cases.facts.people import acting
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.cases.work.access.package import package_name
from rightsflow.domain import delivery
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.delivery import AddressKind
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured, Permanent, Transient
from rightsflow.domain.gates.decisions import Gate, IdentityMethod
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.letter_rules import needs_opening, refuse_unopened
from rightsflow.domain.mail import Attachment, Mail, MailTransport
from rightsflow.domain.request import Channel
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import PACKAGE
from rightsflow.store.case.outbox import StoredLetter

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


def way_by_mail(file: CaseFile, letter: str, app: App, *, again: bool = False) -> WayByMail:
    """Return the way in which a letter may be mailed now.

    Args:
        file: The case file.
        letter: Which letter, such as ``L11``.
        app: What it works with.
        again: Whether a person wants to mail it again after a mail server refused it.

    Raises:
        Conflict: It may not; the sentence says why.
    """
    if not file.outbox.has(letter):
        raise Conflict(f"{file.case_id} has no letter {letter}.")
    if file.outbox.is_left_to_people(letter) and not (again and _was_refused(file, letter)):
        raise Conflict("A mail server refused this letter for good, or it came back; send it in another way.")
    if letter.partition(".")[0] in _TO_A_KNOWN_PERSON and not file.identity_is_clear:
        raise Conflict("The person's identity is not clear, so this letter is not mailed; send it in another way.")
    refuse_past_notice(file, letter, app.now(), app.settings.controller.zone)
    refuse_unread_text(file, letter)
    way = _found_way(file, letter, app)
    if needs_opening(is_routine=letter in MAILED, is_worded=file.outbox.is_worded(letter)):
        refuse_unopened(letter, is_opened=bool(openers(file, letter, file.outbox.text(letter).text_hash)))
    return way


def _was_refused(file: CaseFile, letter: str) -> bool:
    """Return whether a mail server refused a letter, and it did not come back afterwards."""
    entries = file.ledger.entries(CaseEvent.LETTER_NOT_MAILABLE, CaseEvent.LETTER_RETURNED)
    last = [entry.event for entry in entries if entry.details.get("letter") == letter][-1:]
    return last == [CaseEvent.LETTER_NOT_MAILABLE]


def _found_way(file: CaseFile, letter: str, app: App) -> WayByMail:
    if letter in MAILED:
        _refuse_untrue(file, LetterId(letter), app)
        return _to_representative(file) or _to_given(file)
    if letter == LetterId.ACCESS_COVER:
        return _with_package(file, app)
    return _to_representative(file) or _to_proved(file) or _to_given(file)


def _to_representative(file: CaseFile) -> WayByMail | None:
    """Return the address given with a mandate that was seen; no other address of the case is used then."""
    agent = representative_of(file)
    return WayByMail(address=agent.address, kind=AddressKind.REPRESENTATIVE) if agent and agent.address else None


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
    """Return the address that a code proved: the person's own, since a representative wrote from another one."""
    proved = "" if representative_of(file) else file.identity_codes.proved_address
    return WayByMail(address=proved, kind=AddressKind.VERIFIED) if proved else None


def _to_called_back(file: CaseFile, app: App) -> WayByMail | None:
    """To the address of the request, where the policy says so and its person was called back at the number on file."""
    identity = file.decisions.at(Gate.IDENTITY)
    is_called_back = identity is not None and identity.method is IdentityMethod.CALL_BACK
    if not (app.settings.delivery.package_after_call_back and is_called_back) or representative_of(file):
        return None
    return replace(_to_given(file), kind=AddressKind.CALLED_BACK)


def _with_package(file: CaseFile, app: App) -> WayByMail:
    """Return an access answer with its whole package, if it is small enough and the address was proved."""
    most, name, workspace = (
        app.settings.delivery.attach_package_up_to_mb,
        package_name(file.case_id),
        app.workspace(file),
    )
    if not most:
        raise Conflict("Packages are not mailed here ([delivery] attach_package_up_to_mb is 0); hand it out yourself.")
    way = _to_proved(file) or _to_called_back(file, app)
    if way is None:
        raise Conflict(
            "A package is mailed only to an address of the person that a code proved, and there is none; hand it out "
            "in another way. ([delivery] package_after_call_back lets a call back stand for the code.)"
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


logger = logging.getLogger(__name__)

NOT_MAILABLE = CaseEvent.LETTER_NOT_MAILABLE
"""The ledger's word for a letter that the mail server will never take: a person has to send it in another way."""
_AT_ONCE = 200
_NO_SERVER: Final = "There is no mail server for letters ([delivery.mail] in rightsflow.toml); send it in another way."
_FAULTS_IN_A_ROW = 3
"""After how many faults of the server, with no mail taken in between, a round ends: one mail does not hold it up."""
_BY = "rightsflow"
_ZIP: Final = "application/zip"


def mail_letters(app: App) -> int:
    """Mail what has not gone out, of all open cases; returns how many letters went out.

    A mail server that fails again and again, or is set up wrongly, ends the round; what is left goes with the next one.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    try:
        server = _server(app)
    except Misconfigured as error:
        logger.warning("letters are mailed later: %s", error)
        return 0
    return _mail_all(server, app) if server else 0


def try_to_mail(case_id: str, app: App) -> frozenset[LetterId]:
    """Mail at once what was just written; what does not go out now goes with the watch's next round.

    Args:
        case_id: The case.
        app: What it works with.

    Returns:
        The letters that went out.
    """
    mailed: set[LetterId] = set()
    try:
        with one_case_of_many(case_id):
            if server := _server(app):
                mailed.update(_mail(case_id, server, app))
    except Transient as error:
        logger.warning("letters of %s are mailed later: %s", case_id, error)
    return frozenset(mailed)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailView:
    """The options for mailing a letter, as a page shows them; no address.

    Args:
        way: How it may be mailed now; ``None`` if it may not.
        why_not: Why it may not; empty if it may.
    """

    way: WayByMail | None = None
    why_not: str = ""


def mail_view(app: App, case_id: str, letter: str, *, again: bool = False) -> MailView:
    """Return the way in which a letter of a case may be mailed now, or the reason it may not.

    Args:
        app: What it works with.
        case_id: The case.
        letter: Which letter, such as ``L2``.
        again: Whether a person wants to mail it again after a mail server refused it.

    Raises:
        BadInput: There is no such case.
    """
    if app.settings.delivery.mail is None:
        return MailView(why_not=_NO_SERVER)
    with app.store.case_file(case_id) as file:
        try:
            return MailView(way=way_by_mail(file, letter, app, again=again))
        except Conflict as error:
            return MailView(why_not=str(error))


def mail_letter(app: App, case_id: str, letter: str, *, by: str, again: bool = False) -> str:
    """Mail one letter now, as a person wants it; returns that in a sentence. The ledger names the person.

    Args:
        app: What it works with.
        case_id: The case.
        letter: Which letter, such as ``L2``.
        by: Who sends it.
        again: Whether it is mailed also after a mail server refused it.

    Raises:
        BadInput: There is no such case.
        Conflict: It may not be mailed, no one has read it as it is now, it is being mailed, or the mail server did not
            take it.
    """
    sender, view = acting(app, by, case_id), mail_view(app, case_id, letter, again=again)
    server = _server(app)
    if view.way is None or server is None:
        raise Conflict(view.why_not)
    if again:
        with app.store.case_file(case_id) as file:
            if _was_refused(file, letter):
                file.outbox.offer_again(letter)
    try:
        if _mail_one(case_id, letter, server, app, by=sender):
            return _sentence(letter, view.way, app)
    except Transient as error:
        later = "is mailed by itself when it does" if letter in MAILED else "has not gone out; try again later"
        raise Conflict(f"{error} The letter {later}.") from None
    raise Conflict("The letter was not mailed: it is being mailed by another person, or the mail server refused it.")


def _sentence(letter: str, way: WayByMail, app: App) -> str:
    if not way.package_bytes:
        return f"Letter {letter} has gone out by mail."
    return (
        f"Letter {letter} has gone out by mail with its package. Tell the person the passphrase "
        f"{app.settings.delivery.passphrase_channel}, and never in a mail; the case's page shows it."
    )


def _server(app: App) -> MailTransport | None:
    config = app.settings.delivery.mail
    return app.open_mail(config, app.settings.controller.name) if config else None


def _mail_all(server: MailTransport, app: App) -> int:
    mailed = faults = 0
    for case_id in _cases(app):
        try:
            with one_case_of_many(case_id):
                for _ in _mail(case_id, server, app):
                    mailed, faults = mailed + 1, 0
        except Transient as error:
            if error.system != "mail":
                raise
            logger.warning("letters of %s are mailed later: %s", case_id, error)
            faults += 1
            if faults == _FAULTS_IN_A_ROW:
                break
    return mailed


def _cases(app: App) -> Iterator[str]:
    last, letters = "", [letter.value for letter in MAILED]
    while case_ids := app.store.rounds.cases_to_mail(letters, CHANNELS, last, _AT_ONCE):
        yield from case_ids
        last = case_ids[-1]


def _mail(case_id: str, server: MailTransport, app: App) -> Iterator[LetterId]:
    """Mail what may be mailed of one case; gives each letter that went out.

    Raises:
        Transient: The mail server or the case store does not answer.
    """
    yield from (letter for letter in MAILED if _mail_one(case_id, letter.value, server, app))


def _mail_one(case_id: str, letter: str, server: MailTransport, app: App, *, by: str = _BY) -> bool:
    with app.store.case_file(case_id) as file:
        way = _way(file, letter, app)
        stored = file.outbox.claim(letter) if way else None
        if way is None or stored is None:
            return False
        package = _package(file, app) if way.package_bytes else None
    try:
        taken = server.send(_mail_of(case_id, stored, way.address, app, package))
    except ConnectorError as error:
        _give_back(case_id, letter, error, app)
        if isinstance(error, Transient):
            raise
        return False
    # This machine's clock may be behind that of the one that wrote the letter.
    sent_at = max(app.now(), stored.written_at)
    how = delivery.mailed(taken.code, taken.text, way.kind, PACKAGE if package else "")
    try:
        with app.store.case_file(case_id) as file:
            mark_sent(file, app, letter, sent_at, by=by, how=how)
    except Conflict:
        logger.warning("letter %s of %s was mailed and was noted as sent by another person meanwhile", letter, case_id)
    return True


def _package(file: CaseFile, app: App) -> Attachment:
    """Return the encrypted package; it is small enough to be read whole, or it would not be mailed."""
    name = package_name(file.case_id)
    return Attachment(name=name, media_type=_ZIP, content=b"".join(app.workspace(file).read_file(name)))


def _way(file: CaseFile, letter: str, app: App) -> WayByMail | None:
    """Return the way to mail a letter; leave the letter to people if the request gave no address."""
    if letter in MAILED and not any(
        identifier.kind is IdentifierKind.EMAIL for identifier in file.identifiers.asked_with()
    ):
        file.outbox.leave_to_people(letter)
        return None
    try:
        return way_by_mail(file, letter, app)
    except Conflict:
        return None


def _mail_of(case_id: str, letter: StoredLetter, to_email: str, app: App, attachment: Attachment | None) -> Mail:
    return Mail(
        to_email=to_email,
        subject=letter.subject_line,
        body=letter.body,
        # The letters ask to write to the owner; an answer to the mail has to arrive there too.
        headers={"Reply-To": app.settings.owners.case_owner.email},
        message_id=f"{case_id}.{letter.template_id}".lower(),
        attachment=attachment,
    )


def _give_back(case_id: str, letter: str, error: ConnectorError, app: App) -> None:
    logger.warning("letter %s of %s could not be mailed: %s", letter, case_id, error)
    with app.store.case_file(case_id) as file:
        if isinstance(error, Permanent):
            file.outbox.leave_to_people(letter)
            file.ledger.append(NOT_MAILABLE, letter=letter, status=error.status)
        else:
            file.outbox.give_back(letter)
