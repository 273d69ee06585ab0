"""Mail what may be mailed of the outbox: acknowledgements, questions and notices, to people who wrote electronically.

The mail goes from this process to the mail server and never through Prefect. Answers and refusals are not mailed: a
person sends them, to a verified address.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from rightsflow.cases.app import App
from rightsflow.cases.deadlines.case_clock import would_stand
from rightsflow.cases.outbox.sending import CLOCK_LETTERS, identity_is_open, mark_sent, promises_suspension
from rightsflow.cases.people import acting
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.documents.letters import LetterId
from rightsflow.domain import delivery
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured, Permanent, Transient
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.mail import Mail, MailTransport
from rightsflow.domain.request import Channel
from rightsflow.store import CaseFile
from rightsflow.store.case.outbox import StoredLetter

logger = logging.getLogger(__name__)

MAILED = (
    LetterId.ACKNOWLEDGEMENT,
    LetterId.IDENTITY_REQUEST,
    LetterId.CLARIFICATION,
    LetterId.EXTENSION,
)
"""What is mailed: it holds no data of the answer, and a person has decided on it or it is automatic by nature."""
NOT_MAILABLE = CaseEvent.LETTER_NOT_MAILABLE
"""The ledger's word for a letter that the mail server will never take: a person has to send it in another way."""
_TO_A_KNOWN_PERSON = (LetterId.CLARIFICATION, LetterId.EXTENSION)
"""While identity is not clear, another person may have written: a person then decides whether these letters go out."""
_CHANNELS = (Channel.EMAIL.value, Channel.WEB_FORM.value)
_AT_ONCE = 200
_FAULTS_IN_A_ROW = 3
"""After how many faults of the server, with no mail taken in between, a round ends: one mail does not hold it up."""
_BY = "rightsflow"


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


def is_mailable(case_id: str, letter: str, app: App) -> bool:
    """Whether a letter of a case may be mailed now: there is a mail server, and it is one that goes out so.

    Args:
        case_id: The case.
        letter: Which letter, such as ``L2``.
        app: What it works with.

    Raises:
        BadInput: There is no such case.
    """
    if app.settings.delivery.mail is None or letter not in MAILED:
        return False
    with app.store.case_file(case_id) as file:
        return bool(_address(file)) and not file.outbox.is_left_to_people(letter) and _may_be_mailed(file, letter, app)


def mail_letter(app: App, case_id: str, letter: str, *, by: str) -> str:
    """Mail one letter now, as a person wants it; returns that in a sentence. The ledger names the person.

    Args:
        app: What it works with.
        case_id: The case.
        letter: Which letter, such as ``L2``.
        by: Who sends it.

    Raises:
        BadInput: There is no such case.
        Conflict: It may not be mailed, is being mailed, or the mail server did not take it.
    """
    sender = acting(app, by, case_id)
    server = _server(app) if is_mailable(case_id, letter, app) else None
    try:
        if server and _mail_one(case_id, letter, server, app, by=sender):
            return f"Letter {letter} has gone out by mail."
    except Transient as error:
        raise Conflict(f"{error} The letter is mailed by itself when it does.") from None
    raise Conflict("The letter cannot be mailed; send it in another way, and note that.")


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
    while case_ids := app.store.rounds.cases_to_mail(letters, _CHANNELS, last, _AT_ONCE):
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
        to = _address(file)
        if not to:
            file.outbox.leave_to_people(letter)
        stored = file.outbox.claim(letter) if to and _may_be_mailed(file, letter, app) else None
    if stored is None:
        return False
    try:
        taken = server.send(_mail_of(case_id, stored, to, app))
    except ConnectorError as error:
        _give_back(case_id, letter, error, app)
        if isinstance(error, Transient):
            raise
        return False
    # This machine's clock may be behind that of the one that wrote the letter.
    sent_at = max(app.now(), stored.written_at)
    try:
        with app.store.case_file(case_id) as file:
            mark_sent(file, app, letter, sent_at, by=by, how=delivery.mailed(taken.code, taken.text))
    except Conflict:
        logger.warning("letter %s of %s was mailed and was noted as sent by another person meanwhile", letter, case_id)
    return True


def _address(file: CaseFile) -> str:
    """The address that the request itself gave; empty if it gave none."""
    return next((one.value for one in file.identifiers.asked_with() if one.kind is IdentifierKind.EMAIL), "")


def _may_be_mailed(file: CaseFile, letter: str, app: App) -> bool:
    """Whether the person wrote electronically, and the letter still says what is so."""
    if file.channel not in _CHANNELS or file.state.is_settled or not file.outbox.has(letter):
        return False
    if letter in _TO_A_KNOWN_PERSON and not file.identity_is_clear:
        return False
    now, kind = app.now(), CLOCK_LETTERS.get(letter)
    if letter == LetterId.EXTENSION:
        # A late notice extends nothing, and would promise the person a day that is none.
        return file.notice_due_on is not None and app.today <= file.notice_due_on
    if letter == LetterId.IDENTITY_REQUEST and not identity_is_open(file, now):
        return False
    controller = app.settings.controller
    return kind is None or promises_suspension(file, app, kind) == would_stand(file, controller, kind, now)


def _mail_of(case_id: str, letter: StoredLetter, to_email: str, app: App) -> Mail:
    return Mail(
        to_email=to_email,
        subject=letter.subject_line,
        body=letter.body,
        # The letters ask to write to the owner; an answer to the mail has to arrive there too.
        headers={"Reply-To": app.settings.owners.case_owner.email},
        message_id=f"{case_id}.{letter.template_id}".lower(),
    )


def _give_back(case_id: str, letter: str, error: ConnectorError, app: App) -> None:
    logger.warning("letter %s of %s could not be mailed: %s", letter, case_id, error)
    with app.store.case_file(case_id) as file:
        if isinstance(error, Permanent):
            file.outbox.leave_to_people(letter)
            file.ledger.append(NOT_MAILABLE, letter=letter, status=error.status)
        else:
            file.outbox.give_back(letter)
